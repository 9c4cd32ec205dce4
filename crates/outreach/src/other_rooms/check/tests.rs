use proptest::prelude::*;

use super::*;

const GUEST: &str = "https://doxy.me/dr-osei";
const HOST: &str = "https://doxy.me/provider/dr-osei";

fn own() -> Url {
    Url::parse("https://anteroom.example/").unwrap()
}

fn as_guest(link: &str) -> Result<Url, WrongLinkKind> {
    let read = both(HOST, link, Some(&own()));
    read.map(|(_, guest)| guest).map_err(|wrong| {
        assert!(wrong.iter().all(|one| one.side == Side::Guest), "{link}: {wrong:?}");
        wrong[0].kind.clone()
    })
}

fn kinds(host: &str, guest: &str) -> Vec<DoubtKind> {
    let (host, guest) = both(host, guest, Some(&own())).unwrap();
    doubts(&host, &guest).into_iter().map(|doubt| doubt.kind).collect()
}

#[test]
fn links_of_well_known_products_are_taken_without_a_doubt() {
    for link in [
        GUEST,
        "https://doxy.me/sign/dr-osei-room",
        "https://riverside.doxy.me/dr-osei",
        "https://meet.google.com/abc-defg-hij",
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_ZZ%40thread.v2/0?context=%7b%22Tid%22%3a%221%22%7d",
        "https://clinic.webex.com/meet/dr.osei",
        "https://whereby.com/dr-osei",
        "https://meet.jit.si/RiversideOsei",
        "https://video.riverside.example:8443/room/osei",
        "https://vsee.me/u/osei",
        "  https://doxy.me/dr-osei \n",
        "HTTPS://Doxy.me/dr-osei",
        "https://dr-osei.rooms.example/",
        "https://rooms.example/#/room/42",
    ] {
        assert!(as_guest(link).is_ok(), "{link}: {:?}", as_guest(link));
        assert_eq!(kinds(link, link), [], "{link}");
    }
}

#[test]
fn hostile_and_broken_links_are_refused_for_what_is_wrong_with_them() {
    use WrongLinkKind as Wrong;
    let tricks = [
        ("", Wrong::Empty),
        (" \t\n", Wrong::Empty),
        ("doxy.me/dr-osei", Wrong::NotALink),
        ("www.doxy.me", Wrong::NotALink),
        ("dr osei's room", Wrong::NotALink),
        ("Join: https://doxy.me/dr-osei", Wrong::NotALink),
        ("https://doxy.me/dr-osei and call me", Wrong::NotALink),
        ("<https://doxy.me/dr-osei>", Wrong::NotALink),
        ("https://doxy.me/<script>alert(1)</script>", Wrong::NotALink),
        ("https://doxy.me/\" onload=\"x", Wrong::NotALink),
        ("https://doxy.me/dr-osei\r\nSet-Cookie: a=b", Wrong::NotALink),
        ("https://doxy.me/dr\u{0}osei", Wrong::NotALink),
        ("https://doxy.me\\@evil.example/", Wrong::NotALink),
        ("https:\\\\doxy.me\\dr-osei", Wrong::NotALink),
        ("https:/doxy.me/dr-osei", Wrong::NotALink),
        ("https:doxy.me/dr-osei", Wrong::NotALink),
        ("https:///doxy.me/dr-osei", Wrong::NotALink),
        ("//doxy.me/dr-osei", Wrong::NotALink),
        ("/room", Wrong::NotALink),
        ("javascript:alert(1)", Wrong::NotALink),
        ("javascript://doxy.me/%0aalert(1)", Wrong::NotALink),
        ("data:text/html,hello", Wrong::NotALink),
        ("file:///etc/passwd", Wrong::NotALink),
        ("ftp://doxy.me/room", Wrong::NotALink),
        ("mailto:osei@clinic.example", Wrong::NotALink),
        ("tel:+15550100123", Wrong::NotALink),
        ("zoommtg://zoom.us/join?confno=86720014455", Wrong::NotALink),
        ("https://döxy.me/dr-osei", Wrong::NotALink),
        ("https://doxy。me/dr-osei", Wrong::NotALink),
        ("https://doxy%2eme/dr-osei", Wrong::NotALink),
        ("https://doxy.me:99999/room", Wrong::NotALink),
        ("https://doxy.me:/room", Wrong::NotALink),
        ("https://", Wrong::NotALink),
        ("https://?x", Wrong::NotALink),
        ("https://room", Wrong::NotALink),
        ("https://0x7f.1/", Wrong::NotALink),
        ("https://2130706433/", Wrong::NotALink),
        ("https://127.1/", Wrong::NotALink),
        ("https://0177.0.0.1/", Wrong::NotALink),
        ("http://doxy.me/dr-osei", Wrong::NotHttps),
        ("HTTP://doxy.me/dr-osei", Wrong::NotHttps),
        ("ws://doxy.me/dr-osei", Wrong::NotHttps),
        ("http://127.0.0.1/", Wrong::NotHttps),
        ("https://osei:secret@doxy.me/room", Wrong::Credentials),
        ("https://osei@doxy.me/room", Wrong::Credentials),
        ("https://@doxy.me/room", Wrong::Credentials),
        ("https://doxy.me@evil.example/room", Wrong::Credentials),
        ("https://doxy.me%40evil.example@evil.example/", Wrong::Credentials),
        ("https://127.0.0.1/room", Wrong::Private),
        ("https://10.0.0.1/room", Wrong::Private),
        ("https://192.168.1.10:8443/room", Wrong::Private),
        ("https://169.254.169.254/latest/meta-data/", Wrong::Private),
        ("https://8.8.8.8/room", Wrong::Private),
        ("https://[::1]/room", Wrong::Private),
        ("https://[fd00::1]/room", Wrong::Private),
        ("https://[::ffff:10.0.0.1]/room", Wrong::NotALink),
        ("https://localhost/room", Wrong::Private),
        ("https://localhost:8080/room", Wrong::Private),
        ("https://video.localhost/room", Wrong::Private),
        ("https://printer.local/room", Wrong::Private),
        ("https://video.corp/room", Wrong::Private),
        ("https://db.internal/room", Wrong::Private),
        ("https://router.home.arpa/", Wrong::Private),
        ("https://doxy.me./room", Wrong::Private),
        ("https://a..example/room", Wrong::Private),
        ("https://anteroom.example/h/Zr1xY0", Wrong::Own),
        ("https://ANTEROOM.example:443/g/Zr1xY0", Wrong::Own),
        ("https://us02web.zoom.us/s/86720014455?zak=eyJ0eXAi", Wrong::StartUrl),
        ("https://zoom.us/s/86720014455?ZAK=eyJ0eXAi", Wrong::StartUrl),
        ("https://us02web.zoom.us/j/86720014455?pwd=a&zak=eyJ0eXAi", Wrong::StartUrl),
        ("https://us02web.zoom.us/wc/86720014455/start?z%61k=eyJ0eXAi", Wrong::StartUrl),
        ("https://go.example/?to=https://zoom.us/s/1?zak=eyJ0", Wrong::StartUrl),
        ("https://us02web.zoom.us/s/86720014455", Wrong::HostsRights),
        ("https://zoomgov.com/s/86720014455?pwd=1", Wrong::HostsRights),
        ("https://us02web.zoom.us/wc/86720014455/start", Wrong::HostsRights),
        ("https://zoom.us/start/videomeeting", Wrong::HostsRights),
        ("https://video.example/osei?role=host", Wrong::HostsRights),
        ("https://video.example/osei?Role=Moderator", Wrong::HostsRights),
        ("https://video.example/osei?moderator=true", Wrong::HostsRights),
        ("https://clinic.whereby.com/osei?roomKey=eyJhbGciOi", Wrong::HostsRights),
        ("https://video.example/bbb?moderatorPW=s3cret", Wrong::HostsRights),
        ("https://us02web.zoom.us/w/86720014455?tk=personal", Wrong::OneGuests),
        ("https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fdoxy.me", Wrong::Wrapped),
        ("https://urldefense.com/v3/__https://doxy.me/dr-osei__;!!x", Wrong::Wrapped),
        ("https://www.google.com/url?q=https://doxy.me/dr-osei", Wrong::Wrapped),
    ];
    assert!(tricks.len() >= 60);
    for (link, expected) in tricks {
        assert_eq!(as_guest(link), Err(expected), "{link:?}");
    }
    assert_eq!(as_guest(&format!("https://doxy.me/{}", "x".repeat(2_000))), Err(Wrong::TooLong));
}

#[test]
fn everything_that_is_wrong_with_either_link_is_told_at_once() {
    let wrong = both("http://doxy.me/host", "", Some(&own())).unwrap_err();
    assert_eq!(
        wrong,
        [
            WrongLink { side: Side::Host, kind: WrongLinkKind::NotHttps },
            WrongLink { side: Side::Guest, kind: WrongLinkKind::Empty },
        ]
    );
}

#[test]
fn links_that_were_pasted_the_wrong_way_round_are_told_from_a_host_link_alone() {
    let swapped = both("https://zoom.us/j/86720014455?pwd=x", "https://zoom.us/s/86720014455", Some(&own()))
        .unwrap_err();
    assert_eq!(swapped, [WrongLink { side: Side::Guest, kind: WrongLinkKind::Swapped }]);
    let by_role =
        both("https://v.example/o?role=guest", "https://v.example/o?role=host", Some(&own())).unwrap_err();
    assert_eq!(by_role[0].kind, WrongLinkKind::Swapped);
    assert_eq!(as_guest("https://v.example/o?role=host"), Err(WrongLinkKind::HostsRights));
    assert!(both("https://v.example/o?role=host", "https://v.example/o", Some(&own())).is_ok());
}

#[test]
fn what_is_only_doubtful_is_kept_and_said() {
    use DoubtKind as D;
    let zoom = "https://us02web.zoom.us/j/86720014455?pwd=x";
    assert_eq!(kinds(zoom, zoom), [D::Zoom]);
    assert_eq!(kinds(zoom, "https://zoom.us/my/osei"), [D::GuestsLink, D::Zoom]);
    assert_eq!(kinds(HOST, "https://v.example/r?jwt=ey"), [D::Token]);
    assert_eq!(kinds(HOST, "https://bit.ly/3xYz"), [D::Shortened]);
    assert_eq!(kinds(HOST, "https://doxy.me"), [D::FrontPage]);
    assert_eq!(kinds(HOST, "https://www.doxy.me/"), [D::FrontPage]);
    assert_eq!(kinds("https://doxy.me/sign-in", "https://doxy.me/Sign-In"), [D::SignIn]);
}

#[test]
fn one_room_is_known_as_one_in_all_its_spellings() {
    let same = |a: &str, b: &str| normalised(&Url::parse(a).unwrap()) == normalised(&Url::parse(b).unwrap());
    for (a, b) in [
        ("https://doxy.me/dr-osei", "https://DOXY.me/Dr-Osei/"),
        ("https://doxy.me/dr-osei", "https://www.doxy.me/dr-osei?utm_source=mail"),
        ("https://doxy.me/dr-osei", "https://doxy.me:443/dr-osei"),
        ("https://v.example/r?a=1&b=2", "https://v.example/r?b=2&a=1"),
        ("https://us02web.zoom.us/j/86720014455?pwd=x", "https://zoom.us/s/86720014455"),
        ("https://zoom.us/wc/join/86720014455", "https://zoom.us/j/86720014455"),
    ] {
        assert!(same(a, b), "{a} {b}");
    }
    for (a, b) in [
        ("https://doxy.me/dr-osei", "https://doxy.me/dr-haddad"),
        ("https://v.example/r?room=1", "https://v.example/r?room=2"),
        ("https://v.example/#/1", "https://v.example/#/2"),
        ("https://zoom.us/j/86720014455", "https://zoom.us/j/86720014456"),
        ("https://v.example:8443/r", "https://v.example/r"),
    ] {
        assert!(!same(a, b), "{a} {b}");
    }
}

#[test]
fn every_fault_and_doubt_says_what_to_do_in_words_of_its_own() {
    let name = Name::parse("Dr Haddad").unwrap();
    let words = WrongLinkKind::SomebodyElses(name).to_string();
    assert!(words.contains("Dr Haddad") && words.contains("room of your own"));
    assert!(DoubtKind::Answered(404).to_string().contains("does not answer (404)"));
}

proptest! {
    #[test]
    fn nothing_that_is_taken_leads_anywhere_but_where_it_says(link in "[ -~]{0,40}", rest in "[!-~]{0,30}") {
        for text in [link.clone(), format!("https://{link}"), format!("https://doxy.me/{rest}"), format!("https://doxy.me{rest}")] {
            if let Ok((_, guest)) = both(HOST, &text, Some(&own())) {
                prop_assert_eq!(guest.scheme(), "https");
                prop_assert!(guest.username().is_empty() && guest.password().is_none());
                let written = text.trim().to_ascii_lowercase();
                let authority = written.strip_prefix("https://").unwrap().split(['/', '?', '#']).next().unwrap();
                prop_assert!(authority.starts_with(guest.host_str().unwrap()), "{}", text);
                prop_assert!(guest.as_str().is_ascii());
                prop_assert!(crate::Redirect::pasted(guest.as_str(), false).is_ok());
            }
        }
    }
}
