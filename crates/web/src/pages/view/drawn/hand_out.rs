//! The ways to hand out links, what would be sent, and what became of it.

use askama::Template;

use super::super::{
    appointment::{LinkLine, LinksPart, LinksView, NoticeLine},
    hand_out::{Copied, Does, Entry, LeftOut, Menu, Outgoing, RenewPage, RowMenu, Section, SendPage},
    ledger::{Fate, MessageLine},
    tell::TellPage,
};
use super::{HOSTILE, frame};

const APPOINTMENT: &str = "appt_01935a5a70007000800000000000002a";

fn entry(word: &'static str, note: &str, does: Does) -> Entry {
    Entry { word, about: HOSTILE.to_owned(), note: note.to_owned(), does }
}

fn copied(to: &str) -> Copied {
    Copied {
        text: format!("{HOSTILE}: https://clinic.example/v/7Jq0dK2mXf8sPz4LhT1vB6nYw3cR5gE9uA0i"),
        to: to.to_owned(),
        said: format!("Copied: {HOSTILE}’s link"),
    }
}

fn menu() -> Menu {
    let send = Does::Go(format!("/appointments/{APPOINTMENT}/send?to=patients&by=sms"));
    Menu {
        appointment: APPOINTMENT.to_owned(),
        note: HOSTILE.to_owned(),
        sections: vec![Section {
            title: format!("To {HOSTILE}"),
            entries: vec![
                entry("Copy Patient Join Link to Clipboard", "", Does::Copy(copied("patients"))),
                entry("Send Patient Join Link by SMS", "Not to Rosa Delgado.", send),
                entry("Send Patient Join Link by E-mail", "They have not agreed to it.", Does::Not),
            ],
        }],
    }
}

pub(super) fn notices() -> Vec<NoticeLine> {
    vec![NoticeLine {
        id: "ntc_01935a5a70007000800000000000002a".to_owned(),
        host: "Dr. Amara Osei".to_owned(),
        whom: "all of Dr. Amara Osei’s patients still to come".to_owned(),
        words: format!("Wait for {HOSTILE}."),
        by: "Priya Shah at 09:58".to_owned(),
        until: "18:00".to_owned(),
    }]
}

fn message(look: &'static str, state: &'static str, resend: bool, why: &str) -> MessageLine {
    MessageLine {
        resend: resend.then(|| "msg_01935a5a70007000800000000000002a".to_owned()),
        look,
        state,
        at: "09:58".to_owned(),
        what: "E-mail with the link".to_owned(),
        by: format!("by {HOSTILE}"),
        why: why.to_owned(),
    }
}

pub(super) fn links() -> LinksView {
    let url = "https://clinic.example/v/7Jq0dK2mXf8sPz4LhT1vB6nYw3cR5gE9uA0i";
    let line = |key: &str, whose: &str, role, messages| LinkLine {
        key: key.to_owned(),
        whose: whose.to_owned(),
        role,
        url: url.to_owned(),
        copied: copied(key),
        menu: menu(),
        fate: Fate { look: "sent", words: "e-mail sent 09:58".to_owned() },
        told: "First opened 09:58. Join pressed 09:59.".to_owned(),
        messages,
        portal: String::new(),
        renew: format!("/appointments/{APPOINTMENT}/links/renew?to={key}"),
    };
    let messages = vec![
        message("queued", "queued", false, ""),
        message("failed", "failed", true, "The mailbox is full (552)."),
    ];
    LinksView {
        id: APPOINTMENT.to_owned(),
        now: 0,
        rate: 1,
        note: String::new(),
        icon: menu(),
        people: vec![
            line("staff", "Dr. Amara Osei", "host", Vec::new()),
            line("att_01935a5a70007000800000000000002a", HOSTILE, "patient", messages),
        ],
    }
}

fn send(by: &'static str) -> SendPage {
    let is_email = by == "email";
    let only = |text: &str| if is_email { text.to_owned() } else { String::new() };
    SendPage {
        frame: frame("Send the patient’s link", None),
        appointment: APPOINTMENT.to_owned(),
        visit: format!("{HOSTILE} with Dr. Amara Osei"),
        when: "Monday 23 November 2026, 10:00–10:50 CST".to_owned(),
        to: "patients".to_owned(),
        by,
        changed: String::new(),
        seen: "4.a.b.c".to_owned(),
        nonce: "0a1b".to_owned(),
        title: "Send the patient’s link by e-mail".to_owned(),
        others: vec![(
            "By text message instead",
            format!("/appointments/{APPOINTMENT}/send?to=patients&by=sms"),
        )],
        messages: vec![Outgoing {
            name: HOSTILE.to_owned(),
            address: "rosa@example.org".to_owned(),
            from: only("Riverside Counseling"),
            subject: only(HOSTILE),
            text: format!("Hello {HOSTILE},\n\nhttps://clinic.example/v/7Jq0dK2mXf"),
            html: only("<p>Hello</p><script>alert(1)</script>"),
            size: if is_email { String::new() } else { "2 segments, 171 characters".to_owned() },
            is_long: !is_email,
            has_calendar: is_email,
        }],
        left_out: vec![LeftOut { name: HOSTILE.to_owned(), why: "They have not agreed to it.".to_owned() }],
        obstacle: String::new(),
        submit: "Send the e-mail".to_owned(),
        may_change: true,
    }
}

fn tell(nobody: bool) -> TellPage {
    TellPage {
        frame: frame("Tell the patients", None),
        host: HOSTILE.to_owned(),
        id: "staff_01935a5a70007000800000000000002a".to_owned(),
        audience: vec!["3 patients are still to come today.".to_owned()],
        nobody,
        minutes: vec![5, 10, 15, 20, 30],
        notices: notices(),
        is_late: true,
        back: "/board".to_owned(),
        query: String::new(),
        fault: if nobody { "What is said is empty.".to_owned() } else { String::new() },
        words: HOSTILE.to_owned(),
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let mut nobody = send("email");
    nobody.messages.clear();
    nobody.obstacle = "Nobody can be sent anything this way.".to_owned();
    vec![
        ("send-email", send("email").render().unwrap()),
        ("send-sms", send("sms").render().unwrap()),
        ("send-nobody", nobody.render().unwrap()),
        (
            "renew",
            RenewPage {
                frame: frame("Renew a link", None),
                appointment: APPOINTMENT.to_owned(),
                to: "staff".to_owned(),
                whose: HOSTILE.to_owned(),
                fate: "e-mail sent 09:58".to_owned(),
            }
            .render()
            .unwrap(),
        ),
        ("tell", tell(false).render().unwrap()),
        ("tell-nobody", tell(true).render().unwrap()),
    ]
}

/// What scripts put into a page is made of the same pieces, and bound by the same rules.
#[test]
fn the_parts_that_scripts_fetch_hold_no_script_and_no_name_that_breaks_out() {
    for html in [RowMenu { menu: menu() }.render().unwrap(), LinksPart { links: links() }.render().unwrap()] {
        for forbidden in ["<script", "<img", "<style", " style=", "javascript:"] {
            assert!(!html.contains(forbidden), "{forbidden}: {html}");
        }
        assert!(html.contains("&#60;script&#62;alert(1)"), "the hostile name stands there");
    }
}

#[test]
fn what_is_copied_stands_whole_in_its_attribute() {
    let html = RowMenu { menu: menu() }.render().unwrap();
    let text = html.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(text.ends_with("https://clinic.example/v/7Jq0dK2mXf8sPz4LhT1vB6nYw3cR5gE9uA0i"), "{text}");
    assert!(!text.contains('<') && !text.contains('>'), "{text}");
}

#[test]
fn what_cannot_be_done_is_there_with_its_reason_and_can_be_reached_by_keyboard() {
    let html = RowMenu { menu: menu() }.render().unwrap();
    let off = html.split("aria-disabled=\"true\">").nth(1).unwrap().split("</button>").next().unwrap();
    assert!(off.contains("Send Patient Join Link by E-mail") && off.contains("They have not agreed to it."));
    assert!(!html.contains(" disabled"), "what is disabled for good cannot be focused");
}

#[test]
fn the_preview_shows_html_as_source_and_runs_none_of_it() {
    let html = send("email").render().unwrap();
    assert!(html.contains("&#60;p&#62;Hello&#60;/p&#62;"), "{html}");
    assert!(!html.contains("<p>Hello</p>"), "{html}");
}
