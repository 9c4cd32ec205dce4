//! The patients' pages in every state and every language.

use std::time::Duration;

use askama::Template;
use domain::{
    Ambient, Timestamp,
    appointment::{Appointment, Attendee, Consent, Kind, Status},
    attendance::matching::StaffOrToken,
    clinic::{Clinic, Zone},
    outreach::{
        Settings,
        desk::{Notice, Says},
        message::Channel,
    },
    room::{DialIn, DialInNumber},
    staff::StaffMember,
    telehealth::Booked,
    text::{Email, ExternalId, Name, Note, Phone},
};
use outreach::{MessagesBy, Visit, Wait, words::Words};

use super::super::{
    guest::{GuestPage, GuestState},
    visit::{NowParts, PatientFrame, TroublePage, UnknownLinkPage},
};
use crate::pages::visit::shown::{Said, Scene};

const TOKEN: &str = "7Jq0dK2mXf";

/// A visit of somebody whose clinic, host and notice are all called this.
fn visit(name: &str, state: outreach::VisitState) -> Visit {
    let (ambient, _) = Ambient::manual(Timestamp::from_seconds(1_795_442_400), 5);
    let now = ambient.now();
    let name = Name::parse(name).unwrap();
    let clinic = Clinic {
        id: ambient.id(),
        name: name.clone(),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: now,
    };
    let host = StaffMember {
        id: ambient.id(),
        clinic_id: clinic.id,
        name: name.clone(),
        email: Email::parse("a.osei@clinic.example").unwrap(),
        phone: None,
        external_id: None,
        roles: [domain::staff::Role::Staff].into(),
        disabled_at: None,
        created_at: now,
    };
    let attendee = Attendee {
        id: ambient.id(),
        external_id: ExternalId::parse("P-1").unwrap(),
        name: Name::parse("Rosa Delgado").unwrap(),
        email: Some(Email::parse("rosa@example.org").unwrap()),
        phone: Some(Phone::parse("+15550100199").unwrap()),
        consent: Consent { email: true, sms: false },
        language: None,
    };
    let starts_at = now.plus(Duration::from_mins(20));
    let appointment = Appointment {
        id: ambient.id(),
        clinic_id: clinic.id,
        external_id: ExternalId::parse("A-1").unwrap(),
        starts_at,
        ends_at: starts_at.plus(Duration::from_mins(50)),
        host: host.id,
        kind: Kind::Telehealth,
        status: Status::Booked,
        booked_as: Booked::default(),
        attendees: vec![attendee.clone()],
        revision: 0,
        created_at: now,
        updated_at: now,
    };
    let notice = |says| Notice {
        id: ambient.id(),
        clinic_id: clinic.id,
        host: host.id,
        appointment: None,
        says,
        said_by: StaffOrToken::Staff(host.id),
        at: now,
        until: now.plus(Duration::from_hours(8)),
    };
    let is_open = state == outreach::VisitState::Open;
    Visit {
        notices: vec![notice(Says::Late(20)), notice(Says::Words(Note::parse(name.as_str()).unwrap()))],
        settings: Settings { phone: Some(Phone::parse("+15550100123").unwrap()), ..Settings::default() },
        state,
        wait: is_open.then_some(Wait { minutes: Some(10) }),
        dial_in: is_open.then(|| DialIn {
            numbers: vec![DialInNumber { number: "+16465588656".to_owned(), country: "US".to_owned() }],
            meeting: "86720014455".to_owned(),
            passcode: Some("123456".to_owned()),
        }),
        in_browser: is_open,
        elsewhere: None,
        messages: vec![
            MessagesBy { channel: Channel::Email, given: true },
            MessagesBy { channel: Channel::Sms, given: false },
        ],
        link: ambient.id(),
        clinic,
        appointment,
        attendee,
        host,
    }
}

fn draw(words: &'static Words, visit: &Visit) -> String {
    let scene = Scene {
        words,
        asked: Some(words.language.as_str()),
        token: TOKEN,
        page_token: "page",
        instead: None,
        visit,
    };
    scene.page(Said::from_words("stopped", "sms")).render().unwrap()
}

const STATES: [(&str, outreach::VisitState); 6] = [
    ("visit", outreach::VisitState::Open),
    ("visit-early", outreach::VisitState::Early { opens_at: Timestamp::from_seconds(1_795_442_400) }),
    ("visit-over", outreach::VisitState::Over),
    ("visit-cancelled", outreach::VisitState::Cancelled),
    ("visit-in-person", outreach::VisitState::InPerson),
    ("visit-not-ready", outreach::VisitState::HostNotConnected),
];

fn guest(words: &'static Words, state: GuestState) -> String {
    let texts = &words.page.guest;
    GuestPage {
        frame: PatientFrame::new(words, "/g/7Jq0dK2mXf", &texts.title, "Riverside Counseling"),
        token: TOKEN.to_owned(),
        query: String::new(),
        host: "Dr. Amara Osei".to_owned(),
        state,
        then: texts.then.clone(),
        message: texts.not_ready.clone(),
        help_call: words.page.visit.help_call.clone(),
    }
    .render()
    .unwrap()
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for words in Words::languages() {
        for (name, state) in STATES {
            all.push((name, draw(words, &visit("Dr. Amara Osei", state))));
        }
        all.push(("visit-hostile", draw(words, &visit(super::HOSTILE, outreach::VisitState::Open))));
        for (name, state) in [
            ("visit-guest", GuestState::Open),
            ("visit-guest-not-ready", GuestState::NotReady),
            ("visit-guest-too-many", GuestState::TooMany),
        ] {
            all.push((name, guest(words, state)));
        }
        let frame = PatientFrame::new(words, "", &words.page.unknown.title, "");
        all.push((
            "visit-unknown",
            UnknownLinkPage { frame: frame.clone(), lost_query: String::new() }.render().unwrap(),
        ));
        let message = words.page.trouble.too_often.clone();
        all.push(("visit-trouble", TroublePage { frame, message }.render().unwrap()));
    }
    all
}

/// Every tag of a page, as it stands there.
fn tags(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|rest| rest.split('>').next()).collect()
}

/// Two hundred names that somebody could give a clinic, a clinician, or a notice.
fn hostile_names() -> Vec<String> {
    let payloads = [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)>",
        "<iframe src=javascript:alert(1)>",
        "<body onload=alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<details open ontoggle=alert(1)>",
        "<style>*{display:none}</style>",
        "<link rel=stylesheet href=//evil.example/x>",
        "<base href=//evil.example/>",
        "<meta http-equiv=refresh content=0;url=//evil.example>",
        "<form action=//evil.example><button>Join",
        "<input autofocus onfocus=alert(1)>",
        "<video><source onerror=alert(1)>",
        "<template><script>alert(1)</script></template>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<!--><script>alert(1)</script>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "{{ now.token }}{% include \"x\" %}${7*7}",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "\u{202e}<script>alert(1)</script>",
        "＜script＞alert(1)＜/script＞",
        "%3Cscript%3Ealert(1)%3C/script%3E",
    ];
    let breaks = ["", "\"", "'", "\">", "'>", "</title>", "</bdi>", "\" autofocus onfocus=alert(1) x=\""];
    payloads.iter().flat_map(|payload| breaks.map(|broken| format!("{broken}{payload}"))).collect()
}

#[test]
fn no_name_changes_a_single_tag_of_the_page() {
    let names = hostile_names();
    assert_eq!(names.len(), 200);
    for words in Words::languages() {
        let plain = draw(words, &visit("Dr. Amara Osei", outreach::VisitState::Open));
        for name in &names {
            let html = draw(words, &visit(name, outreach::VisitState::Open));
            assert_eq!(tags(&html), tags(&plain), "{name}");
        }
    }
}

#[test]
fn the_parts_that_change_are_the_same_in_the_page_and_alone() {
    for (name, state) in STATES {
        let words = Words::languages().first().unwrap();
        let visit = visit("Dr. Amara Osei", state);
        let scene = Scene { words, asked: None, token: TOKEN, page_token: "", instead: None, visit: &visit };
        let page = scene.page(None).render().unwrap();
        let alone = NowParts { now: scene.now() }.render().unwrap();
        let parts: Vec<&str> = alone.split("<div data-part=\"").skip(1).collect();
        assert_eq!(parts.len(), page.matches("data-shows=").count(), "{name}");
        for part in parts {
            let (named, rest) = part.split_once('"').unwrap();
            let inside = rest.split_once('>').unwrap().1.trim_end();
            let (_, after) = page.split_once(&format!("data-shows=\"{named}\"")).unwrap();
            assert!(after.split_once('>').unwrap().1.starts_with(inside), "{name}: {named}");
        }
    }
}

#[test]
fn a_page_without_script_looks_again_as_long_as_something_may_change_soon() {
    for (name, state) in STATES {
        let html = draw(Words::languages().first().unwrap(), &visit("Dr. Amara Osei", state));
        let to_come = matches!(name, "visit" | "visit-early" | "visit-not-ready");
        assert_eq!(html.contains("<noscript><meta http-equiv=\"refresh\""), to_come, "{name}");
    }
}

#[test]
fn a_cancelled_visit_is_not_offered_for_the_calendar() {
    let words = Words::languages().first().unwrap();
    let html = draw(words, &visit("Dr. Amara Osei", outreach::VisitState::Cancelled));
    assert!(!html.contains("calendar.ics") && html.contains("please delete it there"), "{html}");
}

#[test]
fn what_was_done_about_messages_is_confirmed_only_where_it_is_so() {
    let words = Words::languages().first().unwrap();
    let visit = visit("Dr. Amara Osei", outreach::VisitState::Open);
    let scene = Scene { words, asked: None, token: TOKEN, page_token: "", instead: None, visit: &visit };
    let said = |said, by| scene.page(Said::from_words(said, by)).said.is_some();
    // E-mails go out, text messages were stopped.
    assert!(said("stopped", "sms") && said("again", "email"));
    assert!(!said("stopped", "email") && !said("again", "sms"));
    assert!(!said("stopped", "pigeon") && !said("stopped", "copy") && !said("done", "sms"));
}

#[test]
fn a_page_for_patients_says_its_language_and_offers_the_others() {
    for (name, html) in pages() {
        let code = html.split("<html lang=\"").nth(1).unwrap().split('"').next().unwrap();
        let chosen = html.split("aria-current=\"true\"").nth(1).unwrap();
        let own_name = chosen.split('>').nth(1).unwrap().split('<').next().unwrap();
        assert_eq!(own_name, if code == "es" { "Español" } else { "English" }, "{name}");
        assert!(html.contains("lang=\"en\" hreflang=\"en\"") && html.contains("lang=\"es\" hreflang=\"es\""));
    }
}
