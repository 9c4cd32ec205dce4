//! Messages and links: the settings, and the words of messages.

use askama::Template;

use super::super::{
    board::Choice,
    frame::Place,
    outreach::{
        ChannelLine, Length, MessageLine, OutreachForm, OutreachPage, PreviewPart, PreviewView, WordingForm,
        WordingLink, WordingPage, WordingsPage,
    },
};
use super::{HOSTILE, count, frame};

fn form() -> OutreachForm {
    let language =
        |value: &str, word: &str, chosen| Choice { value: value.to_owned(), word: word.to_owned(), chosen };
    OutreachForm {
        opens: Length::of(1440),
        closes: Length::of(240),
        phone: "+15550100123".to_owned(),
        languages: vec![language("en", "English", true), language("es", "Español", false)],
        send_when_booked: false,
        tell_changes: true,
        rungs: Vec::new(),
        is_full: false,
        quiet: true,
        quiet_from: "21:00".to_owned(),
        quiet_to: "08:00".to_owned(),
        zone: "CST, Chicago time".to_owned(),
        portal_origin: String::new(),
        unsaved: false,
        faults: Vec::new(),
    }
}

fn settings(form: OutreachForm, works: bool) -> OutreachPage {
    OutreachPage {
        frame: frame("Messages and links", Some(Place::Outreach)),
        channels: vec![ChannelLine { word: "E-mail", works, sentence: "goes to whoever agreed to e-mail." }],
        form,
        wordings: "3 messages are in your own words.".to_owned(),
    }
}

/// Everything typed wrong.
fn wrong() -> OutreachForm {
    let fields = [
        "opens-number",
        "closes-number",
        "phone",
        "language",
        "rung-0-number",
        "reminders",
        "quiet-from",
        "quiet-to",
        "portal-origin",
    ];
    OutreachForm {
        opens: Length { number: HOSTILE.to_owned(), unit: "days" },
        phone: HOSTILE.to_owned(),
        rungs: vec![Length { number: HOSTILE.to_owned(), unit: "hours" }, Length::of(10)],
        is_full: true,
        portal_origin: HOSTILE.to_owned(),
        faults: fields.map(|field| (field.to_owned(), "Give something else.".to_owned())).to_vec(),
        ..form()
    }
}

fn wordings() -> WordingsPage {
    let link = |own| WordingLink { href: "/outreach/wordings?of=reminder&by=sms&in=en".to_owned(), own };
    WordingsPage {
        frame: frame("What messages say", Some(Place::Outreach)),
        languages: form().languages,
        messages: vec![MessageLine {
            word: "Reminder",
            when: "Before a visit, as often as the settings say.",
            email: link(true),
            sms: link(false),
        }],
    }
}

fn wording(preview: PreviewView, faults: Vec<(String, String)>) -> WordingPage {
    WordingPage {
        frame: frame("Reminder, by e-mail, in English", Some(Place::Outreach)),
        title: "Reminder, by e-mail, in English".to_owned(),
        when: "Before a visit, as often as the settings say.",
        form: WordingForm {
            of: "reminder",
            by: "email",
            language: "en".to_owned(),
            direction: "ltr",
            list: "/outreach/wordings?in=en".to_owned(),
            is_email: true,
            subject: HOSTILE.to_owned(),
            body: format!("</textarea>{HOSTILE}"),
            most: 4_000,
            own: true,
            names: vec![("link", "their own link")],
            faults,
        },
        preview,
    }
}

fn preview() -> PreviewView {
    PreviewView {
        trouble: Vec::new(),
        subject: Some(HOSTILE.to_owned()),
        parts: vec![
            PreviewPart::Paragraph(vec![HOSTILE.to_owned(), "Come in.".to_owned()]),
            PreviewPart::Button("Open your visit".to_owned()),
        ],
        length: "1 text message. It is 120 characters long, and one holds 160.".to_owned(),
        long: "á is not in the alphabet of plain text messages.".to_owned(),
        language: "en".to_owned(),
        direction: "ltr",
    }
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let rungs = vec![Length::of(4320), Length::of(60)];
    let changed = OutreachForm { rungs, unsaved: true, ..form() };
    let troubled =
        PreviewView { trouble: vec![HOSTILE.to_owned()], subject: None, parts: Vec::new(), ..preview() };
    let faults = vec![
        ("subject".to_owned(), "The subject must not be empty.".to_owned()),
        ("body".to_owned(), HOSTILE.to_owned()),
    ];
    vec![
        ("outreach", settings(form(), false).render().unwrap()),
        ("outreach, changed", settings(changed, true).render().unwrap()),
        ("outreach, wrong", settings(wrong(), true).render().unwrap()),
        ("wordings", wordings().render().unwrap()),
        ("wording", wording(preview(), Vec::new()).render().unwrap()),
        ("wording, wrong", wording(troubled, faults).render().unwrap()),
    ]
}

#[test]
fn reminders_that_are_off_are_said_to_be_off() {
    let off = settings(form(), true).render().unwrap();
    assert!(off.contains("Reminders are off."));
    let on = settings(OutreachForm { rungs: vec![Length::of(60)], ..form() }, true).render().unwrap();
    assert!(!on.contains("Reminders are off.") && on.contains("Turn reminders off"));
}

#[test]
fn every_fault_stands_beside_its_field_and_in_the_list() {
    let page = settings(wrong(), true).render().unwrap();
    let (list, form) = page.split_once("<form method=\"post\" action=\"/outreach\"").unwrap();
    assert_eq!(count(list, "Give something else."), 9);
    assert_eq!(count(form, "Give something else."), 9);
    for (field, _) in wrong().faults {
        assert!(form.contains(&format!("id=\"{field}\"")), "{field} can be gone to");
    }
}

#[test]
fn the_enter_key_saves_settings_and_only_previews_words() {
    let first_button = |page: &str, action: &str| {
        let form = page.split_once(&format!("action=\"{action}\"")).unwrap().1;
        let button = form.split_once("<button").unwrap().1;
        button.split('>').next().unwrap().to_owned()
    };
    let page = settings(wrong(), true).render().unwrap();
    assert!(first_button(&page, "/outreach").contains("value=\"save\""));
    let page = wording(preview(), Vec::new()).render().unwrap();
    assert!(first_button(&page, "/outreach/wordings").contains("value=\"preview\""));
}
