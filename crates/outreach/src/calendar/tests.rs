use proptest::prelude::*;

use super::*;
use crate::testing::World;

const LINK: &str = "https://anteroom.example/v/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_AbCdE";

/// A content line taken apart by this test's own reading of RFC 5545, 3.1: name, parameters, value.
struct Line {
    name: String,
    parameters: String,
    value: String,
}

fn lines(file: &str) -> Vec<Line> {
    let unfolded = file.replace("\r\n ", "");
    assert!(unfolded.ends_with("\r\n"));
    let lines = unfolded.trim_end_matches("\r\n").split("\r\n");
    lines
        .map(|line| {
            assert!(!line.contains(['\r', '\n']), "a bare line break in {line:?}");
            let mut quoted = false;
            let colon = line.char_indices().find(|(_, c)| {
                quoted ^= *c == '"';
                *c == ':' && !quoted
            });
            let (before, value) = line.split_at(colon.expect("a colon").0);
            let (name, parameters) = before.split_once(';').unwrap_or((before, ""));
            Line {
                name: name.into(),
                parameters: parameters.into(),
                value: value.strip_prefix(':').unwrap().into(),
            }
        })
        .collect()
}

fn value<'a>(lines: &'a [Line], name: &str) -> &'a str {
    let found: Vec<_> = lines.iter().filter(|line| line.name == name).collect();
    assert_eq!(found.len(), 1, "{name}");
    &found[0].value
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next().expect("something behind a backslash") {
                'n' | 'N' => '\n',
                other => other,
            },
            c => c,
        });
    }
    plain
}

fn file(method: CalendarMethod, summary: &str, clinic: &str) -> CalendarFile {
    let (from, to) =
        (Email::parse("desk@clinic.example").unwrap(), Email::parse("rosa@mail.example").unwrap());
    visit_file(&CalendarAbout {
        method,
        id: "att_1",
        revision: 3,
        now: Timestamp::from_seconds(1_795_442_400),
        starts_at: Timestamp::from_seconds(1_795_446_000),
        ends_at: Timestamp::from_seconds(1_795_449_600),
        summary,
        label: summary,
        link: &SecretText::from(LINK),
        clinic,
        organizer: Some(&from),
        attendee: Some(&to),
    })
}

#[test]
fn a_request_says_when_where_and_by_whom_and_nothing_else() {
    let file = file(CalendarMethod::Request, "Video visit", "Riverside");
    let lines = lines(&file.file);
    assert_eq!(value(&lines, "METHOD"), "REQUEST");
    assert_eq!(value(&lines, "UID"), "att_1@anteroom.example");
    assert_eq!(value(&lines, "SEQUENCE"), "3");
    assert_eq!(value(&lines, "DTSTAMP"), "20261123T140000Z");
    assert_eq!(value(&lines, "DTSTART"), "20261123T150000Z");
    assert_eq!(value(&lines, "DTEND"), "20261123T160000Z");
    assert_eq!(value(&lines, "STATUS"), "CONFIRMED");
    assert_eq!(value(&lines, "SUMMARY"), "Video visit");
    assert_eq!(value(&lines, "ORGANIZER"), "mailto:desk@clinic.example");
    assert_eq!(value(&lines, "ATTENDEE"), "mailto:rosa@mail.example");
    for name in ["URL", "LOCATION", "CONFERENCE"] {
        assert_eq!(value(&lines, name), LINK);
    }
    let conference = lines.iter().find(|line| line.name == "CONFERENCE").unwrap();
    for parameter in ["VALUE=URI", "FEATURE=", "VIDEO", "AUDIO", "LABEL=Video visit"] {
        assert!(conference.parameters.contains(parameter), "{}", conference.parameters);
    }
    assert!(!lines.iter().any(|line| line.name == "DESCRIPTION" || line.value == "VALARM"));
}

#[test]
fn a_cancellation_names_the_same_entry() {
    let cancelled = file(CalendarMethod::Cancel, "Video visit", "Riverside");
    let cancelled = lines(&cancelled.file);
    assert_eq!(value(&cancelled, "METHOD"), "CANCEL");
    assert_eq!(value(&cancelled, "STATUS"), "CANCELLED");
    assert_eq!(value(&cancelled, "UID"), "att_1@anteroom.example");
}

#[test]
fn what_is_downloaded_names_nobody_who_is_invited() {
    let published = file(CalendarMethod::Publish, "Video visit", "Riverside");
    assert_eq!(value(&lines(&published.file), "METHOD"), "PUBLISH");
    assert!(!published.file.contains("ATTENDEE"));
}

#[test]
fn features_of_the_conference_are_a_list_and_not_one_quoted_word() {
    let file = file(CalendarMethod::Request, "Video visit", "Riverside");
    let conference = lines(&file.file).into_iter().find(|line| line.name == "CONFERENCE").unwrap();
    assert!(conference.parameters.contains("FEATURE=VIDEO,AUDIO"), "{}", conference.parameters);
}

#[test]
fn no_line_is_longer_than_a_calendar_has_to_take() {
    let file = file(CalendarMethod::Request, &"Vidéo, ".repeat(30), &"Río; \"norte\" ".repeat(12));
    for line in file.file.split("\r\n") {
        assert!(line.len() <= 76, "{} octets: {line}", line.len());
    }
}

#[tokio::test]
async fn the_file_behind_a_link_is_the_entry_that_mail_brings_and_changes_with_the_visit() {
    let world = World::new().await;
    let booked = world.booked().await;
    let token = world.token(&booked).await;
    let download = async || {
        let file = world.outreach.calendar_of(&token).await.unwrap();
        lines(&file.file)
    };
    let first = download().await;
    assert_eq!(value(&first, "METHOD"), "PUBLISH");
    assert_eq!(value(&first, "UID"), format!("{}@anteroom.example", booked.attendees[0].id));
    assert_eq!(value(&first, "URL"), format!("https://anteroom.example/v/{token}"));
    assert_eq!(value(&first, "SEQUENCE"), "0");

    let mut booking = world.booking();
    booking.status = Status::Cancelled;
    world.outreach.book(world.clinic, &booking).await.unwrap();
    let second = download().await;
    assert_eq!(value(&second, "UID"), value(&first, "UID"));
    assert_eq!((value(&second, "SEQUENCE"), value(&second, "STATUS")), ("1", "CANCELLED"));
    assert!(matches!(world.outreach.calendar_of("x").await, Err(LinkError::Unknown)));
}

proptest! {
    /// Whatever the clinic is called and the wording says, one entry comes out, with these words in it.
    #[test]
    fn one_entry_comes_back_whatever_the_words_are(summary in any::<String>(), clinic in any::<String>()) {
        let file = file(CalendarMethod::Request, &summary, &clinic);
        let lines = lines(&file.file);
        let of = |value: &str| lines.iter().filter(|line| line.name == "BEGIN" && line.value == value).count();
        prop_assert_eq!((of("VEVENT"), of("VCALENDAR")), (1, 1));
        prop_assert_eq!(lines.iter().filter(|line| line.name == "END").count(), 2);
        prop_assert_eq!(unescaped(value(&lines, "SUMMARY")), one_line(&summary));
        prop_assert_eq!(value(&lines, "ORGANIZER"), "mailto:desk@clinic.example");
        prop_assert_eq!(value(&lines, "UID"), "att_1@anteroom.example");
        prop_assert_eq!(value(&lines, "URL"), LINK);
    }
}
