use proptest::prelude::*;

use super::*;

mod tricks;

fn zoom() -> JoinHosts {
    JoinHosts::parse("zoom.us,zoomgov.com").unwrap()
}

#[test]
fn zooms_own_links_are_taken_as_they_are() {
    for address in [
        "https://zoom.us/j/86720014455?pwd=q7YcT1mZQ0WnHk2Jv.1",
        "https://us02web.zoom.us/j/86720014455?pwd=q7YcT1mZQ0WnHk2Jv.1",
        "https://clinic-x.zoom.us/j/86720014455",
        "https://clinic-x.zoom.us/j/86720014455?pwd=a&uname=%C3%A9",
        "https://a.b.c.zoom.us/j/1",
        "https://www.zoomgov.com/j/1612345678?pwd=x",
        "https://zoom.us/w/1?tk=abc.DEF-_~#success",
        "https://xn--mnchen-3ya.zoom.us/j/1",
    ] {
        assert_eq!(
            zoom().allow(address).map(|redirect| redirect.location().to_owned()),
            Ok(address.to_owned())
        );
    }
    let shouted = zoom().allow("https://US02web.Zoom.US/j/1").unwrap();
    assert_eq!(shouted.location(), "https://us02web.zoom.us/j/1");
}

#[test]
fn a_simulated_zoom_on_this_machine_is_allowed_only_where_it_is_listed() {
    let hosts = JoinHosts::parse("127.0.0.1:8081, [::1]:8081, localhost:8081").unwrap();
    for address in [
        "http://127.0.0.1:8081/j/86720014455?pwd=x",
        "http://[::1]:8081/j/1",
        "http://localhost:8081/j/1",
        "https://127.0.0.1:8081/j/1",
    ] {
        assert!(hosts.allow(address).is_ok(), "{address}");
    }
    for trick in [
        "http://127.0.0.1:8082/j/1",
        "http://127.0.0.1/j/1",
        "http://127.0.0.1:08081/j/1",
        "http://127.1:8081/j/1",
        "http://2130706433:8081/j/1",
        "http://0x7f000001:8081/j/1",
        "http://127.0.0.2:8081/j/1",
        "http://a@127.0.0.1:8081/j/1",
        "http://127.0.0.1:8081@evil.example/j/1",
        "http://127.0.0.1:8081.evil.example/j/1",
        "http://a.localhost:8081/j/1",
        "http://[0:0:0:0:0:0:0:1]:8081/j/1",
        "http://[::ffff:127.0.0.1]:8081/j/1",
        "ftp://127.0.0.1:8081/j/1",
        "https://zoom.us/j/1",
    ] {
        assert_eq!(hosts.allow(trick), Err(NotAllowed), "{trick}");
    }
    assert!(zoom().allow("http://127.0.0.1:8081/j/1").is_err());
}

#[test]
fn a_list_that_would_allow_too_much_is_refused_with_a_reason() {
    assert_eq!(JoinHosts::parse(" , ,"), Err(BadJoinHost::Empty));
    for bad in [
        "https://zoom.us",
        "zoom.us/",
        "*.zoom.us",
        ".zoom.us",
        "zoom..us",
        "zoom.us.",
        "zöom.us",
        "a@zoom.us",
        "zoom.us:443",
        "zoom us",
        "zoom.us?x",
        "zoom.us#x",
        "-zoom.us",
        "127.1:8081",
        "%7aoom.us",
    ] {
        assert!(matches!(JoinHosts::parse(bad), Err(BadJoinHost::NotAHost(_))), "{bad}");
    }
    for wide in ["us", "com"] {
        assert!(matches!(JoinHosts::parse(wide), Err(BadJoinHost::TooWide(_))), "{wide}");
    }
    for elsewhere in ["10.0.0.5:8081", "10.0.0.5", "zoom.us:8443", "[2001:db8::1]:80", "169.254.169.254"] {
        assert!(matches!(JoinHosts::parse(elsewhere), Err(BadJoinHost::OnlyOnLoopback(_))), "{elsewhere}");
    }
    assert!(JoinHosts::parse("Zoom.us, ZOOMGOV.com").is_ok());
}

#[test]
fn a_redirect_does_not_show_in_debug_output() {
    let redirect = zoom().allow("https://zoom.us/j/1?pwd=secret").unwrap();
    assert_eq!(format!("{redirect:?}"), "Redirect(redacted)");
}

#[test]
fn another_path_on_the_same_host_has_no_passcode() {
    let redirect = zoom().allow("https://us02web.zoom.us/j/1?pwd=secret#x").unwrap();
    assert_eq!(redirect.at("/s/1").location(), "https://us02web.zoom.us/s/1");
}

/// What a browser would do with the address, judged without the code under test.
fn leads_to_zoom(location: &str) -> bool {
    let Some(rest) = location.strip_prefix("https://") else { return false };
    let authority: String = rest.chars().take_while(|c| !"/?#".contains(*c)).collect();
    let plain = authority.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c));
    let host = format!(".{authority}");
    plain
        && (host.ends_with(".zoom.us") || host.ends_with(".zoomgov.com"))
        && location.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn whatever_is_let_through_leads_to_zoom(address in ".{0,60}") {
        if let Ok(redirect) = zoom().allow(&address) {
            prop_assert!(leads_to_zoom(redirect.location()), "{}", redirect.location());
        }
    }

    #[test]
    fn whatever_is_let_through_leads_to_zoom_when_put_together_from_tricks(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "https", "http", ":", "/", "//", "://", "\\", "@", ".", "..", "zoom.us", "zoom", "us", "evil.example",
                "zoomgov.com", "?", "#", "%2e", "%40", "%00", "\t", "\r\n", " ", ":443", ":80", "[::1]", "127.0.0.1", "xn--",
                "。", "ｚ", "о", "-", "a", "A", "j/1", "\u{ad}", "&", ";", ",", "user:pw@", "javascript:",
            ]),
            0..9,
        ),
        begins_well in any::<bool>(),
    ) {
        let address = format!("{}{}", if begins_well { "https://" } else { "" }, pieces.concat());
        if let Ok(redirect) = zoom().allow(&address) {
            prop_assert!(leads_to_zoom(redirect.location()), "{} from {:?}", redirect.location(), address);
            prop_assert!(begins_well || address.starts_with("https://"));
        }
    }

    #[test]
    fn every_plain_link_below_zoom_is_let_through(
        labels in prop::collection::vec("[a-z0-9]{1,10}", 0..4),
        number in 1_i64..99_999_999_999,
        passcode in "[A-Za-z0-9._-]{0,40}",
    ) {
        let host = labels.iter().map(String::as_str).chain(["zoom.us"]).collect::<Vec<_>>().join(".");
        let address = format!("https://{host}/j/{number}?pwd={passcode}");
        prop_assume!(!labels.iter().any(|label| label.starts_with("xn--")));
        prop_assert_eq!(
            zoom().allow(&address).map(|redirect| redirect.location().to_owned()),
            Ok(address)
        );
    }
}
