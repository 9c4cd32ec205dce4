use domain::{room::guard::DriftKind, text::Language};

use super::*;
use crate::{
    alerts::words::Telling,
    content::{Content, Mail},
    words::{Alphabet, Words, segments},
};

/// What the host and an admin are told of this, in this language, by mail and by text message.
async fn told(words: &'static Words, kind: AlertKind, detail: Option<&str>) -> Vec<(bool, Mail, String)> {
    let desk = Desk::new().await;
    let admin = desk.world.staff("Ada Admin", &[Role::Admin]).await;
    let alert = desk.raise_about(desk.world.host, kind, detail).await;
    let mut tx = desk.world.store.read().await.unwrap();
    let clinic = tx.clinic(desk.world.clinic).await.unwrap().unwrap();
    let alert = tx.alert(clinic.id, alert).await.unwrap().unwrap();
    let mut whose = tx.staff_member(clinic.id, desk.world.host).await.unwrap().unwrap();
    whose.name = domain::text::Name::parse("Dr. Amara Osei-Tutu Gyamfi").unwrap();
    let admin = tx.staff_member(clinic.id, admin).await.unwrap().unwrap();
    let mut told = Vec::new();
    for to in [&whose, &admin] {
        let telling = Telling {
            words,
            clinic: &clinic,
            public_url: "https://anteroom.riverside-counseling.example",
            alert: &alert,
            whose: &whose,
            to,
            next_visit: (kind.group() != domain::alert::Group::Now).then(|| alert.raised_at.plus(HOUR)),
            asked: false,
            now: alert.raised_at,
        };
        let Content::Email(mail) = telling.mail().unwrap() else { panic!("an e-mail was asked for") };
        let phone = Phone::parse("+15550123000").unwrap();
        let Content::Sms(text) = telling.sms(&phone).unwrap() else { panic!("a text was asked for") };
        told.push((to.id == whose.id, mail, text.text));
    }
    told
}

#[tokio::test]
async fn every_kind_has_its_words_in_every_language_and_leads_to_where_it_is_put_right() {
    for words in Words::languages() {
        for kind in AlertKind::ALL {
            for (is_own, mail, text) in told(words, kind, None).await {
                let way = match (is_own, kind.group()) {
                    (true, _) => "/room",
                    (false, domain::alert::Group::Now) => "/board",
                    (false, _) => "/connections",
                };
                let link = format!("https://anteroom.riverside-counseling.example{way}");
                let (language, word) = (words.language.as_str(), kind.as_str());
                assert!(mail.text.contains(&format!("\n{link}\n")), "{language} {word}: {}", mail.text);
                assert!(mail.html.contains(&format!("href=\"{link}\"")), "{language} {word}");
                assert!(text.ends_with(&link), "{language} {word}: {text}");
                for said in [&mail.subject, &mail.text, &text] {
                    assert!(!said.contains("{{") && !said.contains("/v/"), "{language} {word}: {said}");
                }
                assert_eq!(mail.text.contains("Osei-Tutu"), !is_own, "{language} {word}: {}", mail.text);
                let parts = segments(&text);
                assert_eq!((parts.encoding, parts.count), (Alphabet::Gsm, 1), "{}: {text}", parts.length);
            }
        }
    }
}

#[tokio::test]
async fn a_mail_says_what_is_the_matter_since_when_what_to_do_and_how_to_choose() {
    let english = Words::of(&Language::english());
    let told = told(english, AlertKind::RoomUnguarded, Some("waiting_room_off")).await;
    let (is_own, mail, text) = &told[0];
    assert!(is_own);
    assert_eq!(mail.subject, "A video room has to be put right");
    assert_eq!(
        mail.text,
        "Your video room is not as visits need it.\n\
         Found: the waiting room is off.\n\
         Noticed on Monday 23 November 2026 at 8:00 AM (CST, Chicago time).\n\
         Next visit by video: Monday 23 November 2026 at 9:00 AM (CST, Chicago time).\n\
         \n\
         Anteroom could not put it right. Your room’s page names Zoom’s setting and says what to do.\n\
         \n\
         https://anteroom.riverside-counseling.example/room\n\
         \n\
         You choose how you are told of this: https://anteroom.riverside-counseling.example/room/told\n"
    );
    assert_eq!(
        text,
        "Riverside: Your video room is not as visits need it. 8:00 AM. https://anteroom.riverside-counseling.example/room"
    );
    assert_eq!(told[1].1.subject, "Dr. Amara Osei-Tutu Gyamfi: A video room has to be put right");
}

#[tokio::test]
async fn a_late_host_is_told_for_how_long_somebody_waits() {
    let english = Words::of(&Language::english());
    let (_, mail, _) = &told(english, AlertKind::HostLate, Some("10")).await[0];
    assert!(mail.text.contains("\nThey have waited for about 10 minutes.\n"), "{}", mail.text);
    assert!(!mail.text.contains("Next visit"), "{}", mail.text);
    let (_, mail, _) = &told(english, AlertKind::HostLate, Some("Rosa Delgado")).await[0];
    assert!(!mail.text.contains("Rosa"), "a detail that is no number is not repeated: {}", mail.text);
}

#[tokio::test]
async fn what_is_wrong_with_a_room_has_words_in_every_language_and_what_is_unknown_is_left_out() {
    for words in Words::languages() {
        for drift in DriftKind::ALL {
            assert!(words.messages.alert.drifts.contains_key(drift), "{} {drift:?}", words.name);
        }
    }
    let english = Words::of(&Language::english());
    let (_, mail, _) = &told(english, AlertKind::RoomUnguarded, Some("<b>new</b>")).await[0];
    assert!(!mail.text.contains("Found") && !mail.html.contains("<b>"), "{}", mail.text);
}

#[tokio::test]
async fn a_text_message_names_the_day_where_it_was_not_today() {
    let desk = Desk::new().await;
    desk.give_number(desk.world.host, "+15550123000").await;
    desk.choose(desk.world.host, Told::Sms, Told::Nothing).await;
    desk.raise(AlertKind::Reconnect).await;
    desk.world.clock.advance(DAY * 3);
    desk.visit_in(HOUR).await;
    desk.tell().await;
    desk.send().await;
    assert_eq!(
        desk.texts.taken()[0].form["Body"],
        "Riverside: Zoom no longer accepts your connection. Mon 23 Nov 8:00 AM. https://anteroom.example/room"
    );
}

#[tokio::test]
async fn a_clinic_speaks_to_its_staff_in_its_own_language() {
    let desk = Desk::new().await;
    let mut tx = desk.world.store.begin().await.unwrap();
    let mut settings = tx.outreach_settings(desk.world.clinic).await.unwrap();
    settings.language = Language::parse("es").unwrap();
    tx.set_outreach_settings(desk.world.clinic, &settings).await.unwrap();
    tx.commit().await.unwrap();
    desk.raise(AlertKind::HostLate).await;
    desk.tell().await;
    desk.send().await;
    let mail = &desk.mail.taken()[0];
    assert!(mail.header("Subject").contains("paciente"), "{}", mail.header("Subject"));
}
