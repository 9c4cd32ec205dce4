use super::*;
use crate::testing::World;

fn english() -> Language {
    Language::english()
}

fn sms(body: &str) -> Wording {
    Wording {
        occasion: Occasion::Link,
        channel: Channel::Sms,
        language: english(),
        subject: None,
        body: body.to_owned(),
    }
}

fn email(subject: &str, body: &str) -> Wording {
    Wording { channel: Channel::Email, subject: Some(subject.to_owned()), ..sms(body) }
}

fn faults(wording: &Wording) -> Vec<(Field, WordingFault)> {
    checked(wording).err().map(|BadWording(faults)| faults).unwrap_or_default()
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_by_its_field() {
    let unknown = |name: &str| {
        let known = placeholders(Occasion::Link).iter().map(|name| format!("{{{{ {name} }}}}")).collect();
        WordingFault::Template(BadTemplate::Unknown { name: name.to_owned(), known })
    };
    assert_eq!(
        faults(&email("", "{{ diagnosis }}")),
        [(Field::Body, unknown("diagnosis")), (Field::Subject, WordingFault::Empty)]
    );
    assert_eq!(faults(&sms("Come!")), [(Field::Body, WordingFault::NoLink)]);
    assert_eq!(
        faults(&sms(&format!("{{{{ link }}}}{}", "x".repeat(500)))),
        [(Field::Body, WordingFault::TooLong { length: 510, most: LONGEST_SMS })]
    );
    assert_eq!(
        faults(&email("Your link {{ link }}", "{{ link }}")),
        [(Field::Subject, WordingFault::LinkInSubject)]
    );
    assert_eq!(
        faults(&email("One\r\nBcc: two@x.example", "{{ link }}")),
        [(Field::Subject, WordingFault::ControlCharacter)]
    );
    assert_eq!(faults(&sms("{{ link }}\u{0}")), [(Field::Body, WordingFault::ControlCharacter)]);
    assert_eq!(
        faults(&sms("{{ link }} {{ host }}{{ host }}{{ host }}")),
        [(Field::Body, WordingFault::TooOften("host".to_owned()))]
    );
    let klingon = Wording { language: Language::parse("tlh").unwrap(), ..sms("{{ link }}") };
    assert_eq!(faults(&klingon), [(Field::Language, WordingFault::UnknownLanguage)]);
}

#[test]
fn what_no_occasion_has_is_unknown_to_it() {
    assert!(!faults(&sms("{{ link }} {{ minutes }}")).is_empty());
    let late = Wording { occasion: Occasion::Late, ..sms("{{ minutes }} minutes late") };
    assert_eq!(faults(&late), []);
    let staff = Wording { occasion: Occasion::StaffLink, ..sms("{{ first_name }} {{ link }}") };
    assert!(!faults(&staff).is_empty(), "the host's message names nobody");
}

#[test]
fn line_ends_become_one_kind_and_margins_go() {
    let kept = checked(&email(" Subject ", "\r\n{{ link }}\r\nB\rC\t\r\n")).unwrap();
    assert_eq!((kept.subject.as_deref(), kept.body.as_str()), (Some("Subject"), "{{ link }}\nB\nC"));
}

#[tokio::test]
async fn a_kept_wording_is_found_again_and_goes_when_it_is_dropped() {
    let world = World::new().await;
    let (clinic, outreach) = (world.clinic, &world.outreach);
    let of = async || {
        outreach.wording_of(clinic, Occasion::Link, Channel::Sms, &english()).await.unwrap().unwrap()
    };
    assert!(!of().await.1);
    outreach.save_wording(clinic, &sms("Hi {{ link }}")).await.unwrap();
    assert_eq!(of().await, (sms("Hi {{ link }}"), true));
    // Another clinic has its own.
    let other = world.other_clinic().await;
    assert!(!outreach.wording_of(other, Occasion::Link, Channel::Sms, &english()).await.unwrap().unwrap().1);
    outreach.drop_wording(clinic, Occasion::Link, Channel::Sms, &english()).await.unwrap();
    assert!(!of().await.1);
}

#[tokio::test]
async fn a_wording_that_is_not_usable_is_not_kept() {
    let world = World::new().await;
    let refused = world.outreach.save_wording(world.clinic, &sms("Hi {{ linx }}")).await;
    assert!(matches!(refused, Err(WordingError::Bad(_))));
    let (_, own) = world
        .outreach
        .wording_of(world.clinic, Occasion::Link, Channel::Sms, &english())
        .await
        .unwrap()
        .unwrap();
    assert!(!own);
}

#[tokio::test]
async fn a_preview_shows_the_message_and_counts_its_parts() {
    let world = World::new().await;
    let preview = |wording: Wording| {
        let outreach = world.outreach.clone();
        let clinic = world.clinic;
        async move { outreach.preview_wording(clinic, &wording).await.unwrap() }
    };
    let one = preview(sms("Hi {{ first_name }} {{ link }}")).await;
    let link = "https://anteroom.example/v/example-of-a-link-that-leads-nowhere-at-all";
    assert_eq!(one.text, format!("Hi Rosa {link}"));
    assert_eq!(one.segments.map(|segments| segments.count), Some(1));
    let two = preview(sms("¿Qué más? {{ link }}")).await.segments.unwrap();
    assert_eq!((two.count, two.foreign), (2, vec!['á']));
    let mail = preview(email("On {{ date }}", "Hello {{ host }}\n\n{{ link }}")).await;
    assert_eq!(mail.subject.as_deref(), Some("On Tuesday 24 November 2026"));
    assert_eq!(mail.parts, [MailPart::Paragraph(vec!["Hello Dr. Example".to_owned()]), MailPart::Button]);
    assert_eq!((mail.button, mail.footer.len()), ("Open your visit", 2));
}
