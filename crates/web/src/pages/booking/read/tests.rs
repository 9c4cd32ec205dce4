//! What was typed, what it means, and what is told of what is wrong.

use std::time::Duration;

use domain::clinic::Zone;

use super::*;

const HOST: &str = "staff_01935a5a70007000800000000000002a";

fn wall() -> Wall {
    Wall { zone: Zone::parse("America/Chicago").unwrap(), now: "2026-11-23T16:07:31Z".parse().unwrap() }
}

fn sent(changes: &[(&str, &str)]) -> Sent {
    let mut fields: BTreeMap<String, String> = [
        ("date", "2026-11-23"),
        ("start", "14:30"),
        ("minutes", "50"),
        ("host", HOST),
        ("kind", "telehealth"),
        ("attendee-0-external", ""),
        ("attendee-0-name", "Rosa Delgado"),
        ("attendee-0-email", ""),
        ("attendee-0-phone", ""),
        ("attendee-1-name", ""),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    for (name, value) in changes {
        fields.insert((*name).to_owned(), (*value).to_owned());
    }
    Sent(fields)
}

fn faults(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    sent(changes).booking(&wall(), None, &Language::english()).unwrap_err().faults
}

#[test]
fn what_was_typed_is_meant_on_the_clinics_wall() {
    let booking = sent(&[]).booking(&wall(), None, &Language::english()).unwrap();
    assert_eq!(booking.starts_at.to_string(), "2026-11-23T20:30:00Z");
    assert_eq!(booking.ends_at.to_string(), "2026-11-23T21:20:00Z");
    assert_eq!(booking.attendees.len(), 1, "an empty row is nobody");
}

#[test]
fn a_time_that_the_clocks_skip_is_refused_with_its_neighbours() {
    let faults = faults(&[("date", "2026-03-08"), ("start", "02:30")]);
    assert_eq!(faults.len(), 1);
    assert_eq!(
        faults[0],
        (
            "start".to_owned(),
            "02:30 does not exist on Sunday 8 March 2026 in Chicago time: the clocks are put forward over it. \
             Choose 01:30 or 03:30."
                .to_owned()
        )
    );
}

#[test]
fn a_time_that_comes_twice_is_asked_about_and_never_guessed() {
    let twice = [("date", "2026-11-01"), ("start", "01:30")];
    let wrong = sent(&twice).booking(&wall(), None, &Language::english()).unwrap_err();
    assert!(wrong.faults[0].1.starts_with("01:30 comes twice on Sunday 1 November 2026"));
    assert_eq!(wrong.which[0].1, "the first, 01:30 CDT");
    assert_eq!(wrong.which[1].1, "the second, 01:30 CST");
    let at = |which| {
        sent(&[twice[0], twice[1], ("which", which)])
            .booking(&wall(), None, &Language::english())
            .unwrap()
            .starts_at
    };
    assert_eq!(at("first").to_string(), "2026-11-01T06:30:00Z");
    assert_eq!(at("second").to_string(), "2026-11-01T07:30:00Z");
    assert!(which(&wall(), at("second"))[1].chosen);
}

#[test]
fn a_length_counts_real_minutes_over_a_change_of_clocks() {
    let booking = sent(&[("date", "2026-03-08"), ("start", "01:30"), ("minutes", "60")])
        .booking(&wall(), None, &Language::english())
        .unwrap();
    assert_eq!(booking.ends_at.since(booking.starts_at), Duration::from_hours(1));
}

#[test]
fn everything_that_is_wrong_is_told_at_once_beside_its_field() {
    let faults = faults(&[
        ("date", "tomorrow"),
        ("start", "25:00"),
        ("minutes", "0"),
        ("host", ""),
        ("attendee-0-email", "rosa@"),
        ("attendee-0-by-sms", "on"),
    ]);
    let fields: Vec<&str> = faults.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["date", "start", "minutes", "host", "attendee-0-email", "attendee-0-phone"]);
}

#[test]
fn somebody_has_to_attend() {
    let faults = faults(&[("attendee-0-name", " ")]);
    assert_eq!(faults[0].1, "Somebody has to attend: give a name.");
}

#[test]
fn nothing_that_was_typed_is_lost() {
    let typed = [("attendee-0-name", "x"), ("attendee-0-email", "not an address"), ("minutes", "soon")];
    let form = sent(&typed).form(&BookingForm::default(), &[], None);
    assert_eq!(form.attendees[0].email, "not an address");
    assert_eq!(form.minutes, "soon");
    assert_eq!(form.attendees.len(), 2);
}

#[test]
fn a_row_more_or_less_changes_nothing_else() {
    let more = sent(&[("more", "1")]);
    let form = more.form(&BookingForm::default(), &[], None);
    assert_eq!(more.another_row(&form).unwrap().attendees.len(), 3);
    let less = sent(&[("remove", "0")]);
    let rows = less.another_row(&form).unwrap().attendees;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].is_empty());
    assert!(sent(&[]).another_row(&form).is_none());
}
