use std::collections::BTreeSet;

use domain::{
    ambient::{Ambient, ManualClock},
    appointment::{Consent, Kind, Status},
    clinic::Zone,
    staff::Role,
    telehealth::Booked,
    text::{Email, ExternalId, Language, Name, Phone},
};
use proptest::prelude::*;

use super::*;
use crate::words::{Alphabet, Segments};

const HOSTILE: &str = "\"><script>alert('x')</script>&lt;{{ link }}{% raw %}";

/// A visit, to be put in words.
struct Scene {
    clinic: Clinic,
    settings: Settings,
    wordings: Vec<Wording>,
    appointment: Appointment,
    host: StaffMember,
    link: SecretText,
}

impl Scene {
    fn new() -> Self {
        Self::of("Riverside Counseling", "Dr. Amara Osei", "Rosa Delgado")
    }

    fn of(clinic: &str, host: &str, attendee: &str) -> Self {
        let (ambient, _): (Ambient, std::sync::Arc<ManualClock>) =
            Ambient::manual("2026-11-22T16:00:00Z".parse().unwrap(), 3);
        let now = ambient.now();
        let name = |text: &str| Name::parse(text).unwrap();
        let clinic = Clinic {
            id: ambient.id(),
            name: name(clinic),
            zone: Zone::parse("America/Chicago").unwrap(),
            created_at: now,
        };
        let host = StaffMember {
            id: ambient.id(),
            clinic_id: clinic.id,
            name: name(host),
            email: Email::parse("a.osei@clinic.example").unwrap(),
            phone: None,
            external_id: None,
            roles: BTreeSet::from([Role::Staff]),
            disabled_at: None,
            created_at: now,
        };
        let attendee = Attendee {
            id: ambient.id(),
            external_id: ExternalId::parse("P-1").unwrap(),
            name: name(attendee),
            email: Some(Email::parse("rosa@patients.example").unwrap()),
            phone: Some(Phone::parse("+15550100123").unwrap()),
            consent: Consent { email: true, sms: true },
            language: None,
        };
        let appointment = Appointment {
            id: ambient.id(),
            clinic_id: clinic.id,
            external_id: ExternalId::parse("A-1").unwrap(),
            starts_at: "2026-11-25T16:00:00Z".parse().unwrap(),
            ends_at: "2026-11-25T16:50:00Z".parse().unwrap(),
            host: host.id,
            kind: Kind::Telehealth,
            status: Status::Booked,
            booked_as: Booked::default(),
            attendees: vec![attendee],
            revision: 0,
            created_at: now,
            updated_at: now,
        };
        // A public address of 40 characters, and a token of 43.
        let link = SecretText::from(format!(
            "https://anteroom.riverside-group.example/v/{}",
            "Ab3_-".repeat(9).split_at(43).0
        ));
        Self { clinic, settings: Settings::default(), wordings: Vec::new(), appointment, host, link }
    }

    fn reading(mut self, language: &str) -> Self {
        self.appointment.attendees[0].language = Some(Language::parse(language).unwrap());
        self
    }

    fn saying(mut self, occasion: Occasion, channel: Channel, body: &str) -> Self {
        self.wordings.push(Wording {
            occasion,
            channel,
            language: Language::english(),
            subject: (channel == Channel::Email).then(|| "A subject".to_owned()),
            body: body.to_owned(),
        });
        self
    }

    fn compose(&self, occasion: Occasion, channel: Channel) -> Result<Content, ComposeError> {
        let about = About {
            clinic: &self.clinic,
            settings: &self.settings,
            wordings: &self.wordings,
            appointment: &self.appointment,
            host: &self.host,
            attendee: self.appointment.attendees.first().filter(|_| occasion != Occasion::StaffLink),
            link: &self.link,
            minutes_late: (occasion == Occasion::Late).then_some(120),
        };
        compose(&about, occasion, channel)
    }

    fn mail(&self, occasion: Occasion) -> Mail {
        match self.compose(occasion, Channel::Email).unwrap() {
            Content::Email(mail) => mail,
            Content::Sms(_) => panic!("an e-mail was asked for"),
        }
    }

    fn sms(&self, occasion: Occasion) -> String {
        match self.compose(occasion, Channel::Sms).unwrap() {
            Content::Sms(text) => text.text,
            Content::Email(_) => panic!("a text message was asked for"),
        }
    }
}

/// All that is sent to patients.
fn to_patients() -> impl Iterator<Item = Occasion> {
    Occasion::WORDED.iter().copied().filter(|occasion| *occasion != Occasion::StaffLink)
}

#[test]
fn every_built_in_text_message_is_one_part_in_every_language_and_says_how_to_stop() {
    for words in Words::languages() {
        for name in ["Riverside Counseling and Family Health Center of Springfield", "Clínica São João", "R"]
        {
            for phone in [None, Some(Phone::parse("+155501001234567").unwrap())] {
                let mut scene =
                    Scene::of(name, "Dr. Amara Osei", "Rosa Delgado").reading(words.language.as_str());
                // A Wednesday in September at ten to one at night, in a zone without letters: as long as times get.
                scene.clinic.zone = Zone::parse("America/Sao_Paulo").unwrap();
                scene.appointment.starts_at = "2026-09-23T03:50:00Z".parse().unwrap();
                scene.settings.phone = phone;
                for occasion in to_patients() {
                    let text = scene.sms(occasion);
                    let Segments { encoding, count, length, .. } = segments(&text);
                    assert_eq!((encoding, count), (Alphabet::Gsm, 1), "{length}: {text}");
                    assert!(text.contains("STOP"), "{text}");
                    assert_eq!(text.contains(scene.link.expose()), occasion != Occasion::Cancelled, "{text}");
                }
            }
        }
    }
}

#[test]
fn a_staff_members_text_message_is_one_part_too() {
    for words in Words::languages() {
        let mut scene = Scene::new();
        scene.settings.language = words.language.clone();
        scene.host.phone = Some(Phone::parse("+15550100999").unwrap());
        let text = scene.sms(Occasion::StaffLink);
        assert_eq!(segments(&text).count, 1, "{text}");
    }
}

#[test]
fn a_reminder_reads_as_it_should() {
    let scene = Scene::new();
    let link = scene.link.expose().to_owned();
    assert_eq!(
        scene.sms(Occasion::Reminder),
        format!("Riverside Counseling: reminder Wed 25 Nov 10:00 AM CST {link} STOP to end")
    );
    let scene = scene.reading("es");
    assert_eq!(
        scene.sms(Occasion::Reminder),
        format!("Riverside Counseling: recuerde mié 25 nov 10:00 a.m. CST {link} Baja: STOP")
    );
}

#[test]
fn a_clinic_of_another_script_keeps_its_name_and_takes_more_parts() {
    let scene = Scene::of("河畔诊所", "Dr. Amara Osei", "Rosa Delgado");
    let text = scene.sms(Occasion::Link);
    assert!(text.starts_with("河畔诊所: "), "{text}");
    assert!(segments(&text).count > 1);
}

#[test]
fn built_in_messages_name_no_patient() {
    for words in Words::languages() {
        let mut scene = Scene::of("Riverside", "Dr. Amara Osei", "Xylomena Quartzberger")
            .reading(words.language.as_str());
        scene.host.phone = Some(Phone::parse("+15550100999").unwrap());
        scene.settings.language = words.language.clone();
        for &occasion in Occasion::WORDED {
            let mail = scene.mail(occasion);
            for text in [mail.subject, mail.text, mail.html, scene.sms(occasion)] {
                assert!(!text.contains("Xylomena") && !text.contains("Quartzberger"), "{text}");
            }
        }
    }
}

#[test]
fn the_first_name_is_never_the_whole_name() {
    assert_eq!(first_name("Rosa Delgado"), "Rosa");
    assert_eq!(first_name("Delgado, Rosa María"), "Rosa");
    assert_eq!(first_name("Delgado, Rosa"), "Rosa");
    assert_eq!(first_name("李小龙"), "");
    assert_eq!(first_name("Delgado,"), "");
}

#[test]
fn hostile_names_are_text_in_the_html_and_everywhere_else() {
    let scene = Scene::of(HOSTILE, HOSTILE, &format!("<img/src=x> {HOSTILE}")).saying(
        Occasion::Booked,
        Channel::Email,
        "{{ first_name }} {{ clinic }} {{ host }}\n\n{{ link }}\n<b>ours is no html either</b>",
    );
    for occasion in [Occasion::Link, Occasion::Booked] {
        let mail = scene.mail(occasion);
        for bad in ["<script", "<img", "alert('", "<b>", "&amp;amp;"] {
            assert!(!mail.html.contains(bad), "{bad}: {}", mail.html);
        }
        assert!(mail.html.contains("&lt;script&gt;"), "{}", mail.html);
        assert!(mail.text.contains(HOSTILE), "{}", mail.text);
        // What a name says is never taken for a placeholder or a statement.
        assert_eq!(mail.text.matches(scene.link.expose()).count(), 1, "{}", mail.text);
    }
}

#[test]
fn a_subject_is_one_line_whatever_stands_in_it() {
    let scene = Scene::new();
    let mut wording = built_in(Words::of(&Language::english()), Occasion::Link, Channel::Email).unwrap();
    let words = Words::of(&Language::english());
    let values = |clinic| Values {
        clinic,
        when: words.when(&scene.clinic.zone, scene.appointment.starts_at),
        host: "",
        first_name: "",
        link: "https://a.example/v/1",
        minutes: None,
        phone: "",
    };
    wording.subject = Some("From {{ clinic }}".to_owned());
    for name in [
        "R\r\nBcc: all@x.example",
        "R\nBcc: all@x.example",
        "R\u{2028}Bcc: all@x.example",
        "R\u{85}Bcc: all@x.example",
    ] {
        let written = write_mail(words, &wording, &values(name)).unwrap();
        assert_eq!(written.subject, "From R Bcc: all@x.example");
    }
    let long = "long ".repeat(100);
    assert!(write_mail(words, &wording, &values(&long)).unwrap().subject.chars().count() <= LONGEST_SUBJECT);
}

#[test]
fn the_link_in_a_line_of_its_own_is_a_button_and_stands_there_to_be_copied() {
    let scene = Scene::new();
    let mail = scene.mail(Occasion::Link);
    let link = scene.link.expose();
    assert_eq!(mail.html.matches(&format!("href=\"{link}\"")).count(), 2, "{}", mail.html);
    assert!(mail.html.contains("Open your visit"));
    assert!(mail.html.contains("lang=\"en\" dir=\"ltr\""));
    assert!(mail.text.contains(&format!("\n\n{link}\n\n")));
}

#[test]
fn an_email_says_whom_to_call_and_how_to_stop_and_the_hosts_own_does_not() {
    let mut scene = Scene::new();
    let stop = "choose “Stop these messages”";
    let mail = scene.mail(Occasion::Reminder);
    assert!(mail.text.contains("Call the clinic.") && mail.text.contains(stop), "{}", mail.text);
    scene.settings.phone = Some(Phone::parse("+1 555 010 0123").unwrap());
    let mail = scene.mail(Occasion::Reminder);
    assert!(mail.text.contains("Call +15550100123.") && mail.html.contains("Call +15550100123."));
    assert!(!scene.mail(Occasion::StaffLink).text.contains(stop));
}

#[test]
fn the_recipients_language_decides_then_the_clinics_then_english() {
    let subject = |scene: &Scene| scene.mail(Occasion::Link).subject;
    let mut scene = Scene::new();
    assert_eq!(subject(&scene), "Your video visit on Wednesday 25 November 2026 at 10:00 AM");
    scene.settings.language = Language::parse("es").unwrap();
    let spanish = "Su cita por video: miércoles 25 de noviembre de 2026, 10:00 a.m.";
    assert_eq!(subject(&scene), spanish);
    // A language that is not there is as if nobody had said one.
    let scene = scene.reading("pl");
    assert_eq!(subject(&scene), spanish);
    let scene = scene.reading("en");
    assert_eq!(subject(&scene), "Your video visit on Wednesday 25 November 2026 at 10:00 AM");
}

#[test]
fn a_clinics_own_wording_is_used_for_its_language_and_occasion_only() {
    let scene = Scene::new().saying(Occasion::Link, Channel::Sms, "Hi {{ first_name }}: {{ link }}");
    assert_eq!(scene.sms(Occasion::Link), format!("Hi Rosa: {}", scene.link.expose()));
    assert!(scene.sms(Occasion::Reminder).starts_with("Riverside"));
    assert!(scene.reading("es").sms(Occasion::Link).starts_with("Riverside"));
}

#[test]
fn a_kept_wording_that_cannot_be_filled_in_gives_way_to_the_built_in_one() {
    let scene = Scene::new().saying(Occasion::Link, Channel::Sms, "{{ gone }} {{ link }}");
    assert!(scene.sms(Occasion::Link).contains("video visit"));
}

#[test]
fn a_delay_of_unknown_length_is_not_told() {
    let mut scene = Scene::new();
    scene.wordings.clear();
    let about = About {
        clinic: &scene.clinic,
        settings: &scene.settings,
        wordings: &[],
        appointment: &scene.appointment,
        host: &scene.host,
        attendee: scene.appointment.attendees.first(),
        link: &scene.link,
        minutes_late: None,
    };
    assert!(matches!(compose(&about, Occasion::Late, Channel::Sms), Err(ComposeError::NoMinutes)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the page takes can be sent, to anybody, and a text message is none that a provider would refuse.
    #[test]
    fn no_wording_that_was_accepted_can_fail_when_it_is_composed(
        occasion in proptest::sample::select(Occasion::WORDED),
        email in any::<bool>(),
        subject in "(\\PC|\\{\\{ (clinic|date|host|first_name|minutes|phone) \\}\\}){0,30}",
        body in "(\\PC|[\\{\\}%#]|\n|\\{\\{ ?(clinic|date|time|zone|host|first_name|minutes|link|phone|other) ?\\}\\}){0,40}",
        clinic in "\\PC{1,200}",
        name in "\\PC{1,200}",
    ) {
        let channel = if email { Channel::Email } else { Channel::Sms };
        let wording = Wording {
            occasion,
            channel,
            language: Language::english(),
            subject: email.then_some(subject),
            body,
        };
        let (Ok(wording), Ok(clinic), Ok(name)) =
            (words::checked(&wording), Name::parse(&clinic), Name::parse(&name)) else { return Ok(()) };
        let scene = Scene::of(clinic.as_str(), name.as_str(), name.as_str());
        let words = Words::of(&Language::english());
        let values = Values {
            clinic: clinic.as_str(),
            when: words.when(&scene.clinic.zone, scene.appointment.starts_at),
            host: name.as_str(),
            first_name: first_name(name.as_str()),
            link: scene.link.expose(),
            minutes: (occasion == Occasion::Late).then(|| "120".to_owned()),
            phone: "the clinic",
        };
        if email {
            let written = write_mail(words, &wording, &values);
            prop_assert!(written.is_ok(), "{:?}", written.err());
            prop_assert!(!written.unwrap().subject.chars().any(char::is_control));
        } else {
            let written = write_sms(&wording, &values);
            prop_assert!(written.is_ok(), "{:?}", written.err());
            prop_assert!(written.unwrap().chars().count() <= 1_600);
        }
    }
}
