//! The page of all visits of one person, and the form for a lost link, in every language.

use askama::Template;
use outreach::words::{Words, filled};

use super::{
    super::{
        lost::{LostPage, LostState},
        portal::{PortalPage, State, Visit},
        visit::PatientFrame,
    },
    HOSTILE,
};

fn visit(words: &'static Words, host: &str, state: State) -> Visit {
    Visit {
        date: words.long_date(jiff::civil::date(2026, 11, 23)),
        is_today: state == State::Open,
        time: "10:00 AM to 10:50 AM".to_owned(),
        with: filled(&words.page.portal.with, &[("host", host)]),
        href: "https://clinic.example/v/7Jq0dK2mXf".to_owned(),
        state,
    }
}

fn portal(words: &'static Words, visits: Vec<Visit>, in_frame: bool) -> String {
    let texts = &words.page.portal;
    let page = PortalPage {
        frame: PatientFrame::new(words, "/p/7Jq0dK2mXf", &texts.title, "Riverside Counseling"),
        words: texts,
        lead: filled(&texts.lead, &[("clinic", "Riverside Counseling")]),
        zone: filled(&texts.zone_hint, &[("zone", "CST, Chicago time")]),
        visits,
        in_frame,
    };
    page.render().unwrap()
}

fn visits(words: &'static Words) -> Vec<Visit> {
    let when = words.long_date(jiff::civil::date(2026, 11, 25));
    let opens = filled(&words.page.portal.opens, &[("when", &when)]);
    vec![
        visit(words, "Dr. Amara Osei", State::Open),
        visit(words, HOSTILE, State::Early { opens }),
        visit(words, "Dr. Nils Lindqvist", State::NotReady),
        visit(words, "Dr. Amara Osei", State::InPerson),
    ]
}

fn lost(words: &'static Words, state: LostState) -> String {
    let texts = &words.page.lost;
    let frame = PatientFrame::new(words, "/lost", &texts.title, "");
    LostPage { frame, words: texts, language: words.language.to_string(), state }.render().unwrap()
}

pub(super) fn pages() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    for words in Words::languages() {
        let wait = filled(&words.page.lost.too_many, &[("minutes", "12")]);
        let asks = |typed: &str, wrong| LostState::Asks { typed: typed.to_owned(), wrong };
        all.extend([
            ("visit-portal", portal(words, visits(words), false)),
            ("visit-portal-in-frame", portal(words, visits(words), true)),
            ("visit-portal-none", portal(words, Vec::new(), false)),
            ("visit-lost", lost(words, asks("", false))),
            ("visit-lost-wrong", lost(words, asks(HOSTILE, true))),
            ("visit-lost-taken", lost(words, LostState::Taken)),
            ("visit-lost-too-many", lost(words, LostState::TooMany { sentence: wait })),
        ]);
    }
    all
}
