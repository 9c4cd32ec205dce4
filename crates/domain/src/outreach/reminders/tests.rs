use std::time::Duration;

use jiff::civil::time;
use proptest::prelude::*;

use super::*;
use crate::{clinic::Zone, time::Timestamp};

fn chicago() -> Zone {
    Zone::parse("America/Chicago").unwrap()
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The moments on the clinic's wall, each with its rung.
fn on_the_wall(starts_at: &str, rungs: &[u32], quiet: Option<QuietHours>, zone: &Zone) -> Vec<(String, u32)> {
    let ladder = Ladder::new(rungs.to_vec()).unwrap();
    plan(instant(starts_at), &ladder, quiet, zone)
        .iter()
        .map(|moment| {
            let wall = moment.at.in_zone(zone.rules());
            (wall.strftime("%d %H:%M").to_string(), moment.minutes_before)
        })
        .collect()
}

fn wall(moments: &[(&str, u32)]) -> Vec<(String, u32)> {
    moments.iter().map(|(wall, rung)| ((*wall).to_owned(), *rung)).collect()
}

const DAY: u32 = 24 * 60;
/// Nine in the evening to eight in the morning.
const NIGHT: Option<QuietHours> =
    Some(QuietHours { from: Time::constant(21, 0, 0, 0), to: Time::constant(8, 0, 0, 0) });

#[test]
fn by_day_each_rung_comes_when_the_clinic_said() {
    // 14:00 in Chicago.
    let moments = on_the_wall("2026-11-24T20:00:00Z", &[10, 60, 3 * DAY, DAY], NIGHT, &chicago());
    assert_eq!(
        moments,
        wall(&[("21 14:00", 3 * DAY), ("23 14:00", DAY), ("24 13:00", 60), ("24 13:50", 10)])
    );
}

#[test]
fn no_ladder_gives_nothing() {
    assert_eq!(on_the_wall("2026-11-24T20:00:00Z", &[], NIGHT, &chicago()), []);
}

#[test]
fn what_falls_into_the_night_waits_for_the_morning() {
    // 10:00, and three hours before is 07:00.
    let moments = on_the_wall("2026-11-24T16:00:00Z", &[180, 10], NIGHT, &chicago());
    assert_eq!(moments, wall(&[("24 08:00", 180), ("24 09:50", 10)]));
}

#[test]
fn ten_minutes_before_five_past_eight_is_as_the_night_ends() {
    // 08:05; the rung is at 07:55.
    assert_eq!(on_the_wall("2026-11-24T14:05:00Z", &[10], NIGHT, &chicago()), wall(&[("24 08:00", 10)]));
    // With an hour before it: that one comes the evening before, not at the same time.
    let moments = on_the_wall("2026-11-24T14:05:00Z", &[DAY, 60, 10], NIGHT, &chicago());
    assert_eq!(moments, wall(&[("23 08:05", DAY), ("23 20:45", 60), ("24 08:00", 10)]));
}

#[test]
fn what_the_morning_would_bring_too_late_comes_the_evening_before() {
    // 08:04, so that the end of the night is four minutes before.
    assert_eq!(on_the_wall("2026-11-24T14:04:00Z", &[10], NIGHT, &chicago()), wall(&[("23 20:45", 10)]));
    // 07:30: both rungs come to be one, named by the nearer.
    assert_eq!(on_the_wall("2026-11-24T13:30:00Z", &[60, 10], NIGHT, &chicago()), wall(&[("23 20:45", 10)]));
}

#[test]
fn a_moved_one_that_comes_close_to_the_next_is_left_to_it() {
    // 08:30: the hour before falls to 08:00, twenty minutes before the next.
    assert_eq!(on_the_wall("2026-11-24T14:30:00Z", &[60, 10], NIGHT, &chicago()), wall(&[("24 08:20", 10)]));
    // 08:40: half an hour is far enough.
    assert_eq!(
        on_the_wall("2026-11-24T14:40:00Z", &[60, 10], NIGHT, &chicago()),
        wall(&[("24 08:00", 60), ("24 08:30", 10)])
    );
    // What the clinic itself put close together stays.
    assert_eq!(
        on_the_wall("2026-11-24T20:00:00Z", &[15, 5], NIGHT, &chicago()),
        wall(&[("24 13:45", 15), ("24 13:55", 5)])
    );
}

#[test]
fn hours_that_are_empty_or_none_are_quiet_never() {
    let empty = Some(QuietHours { from: time(8, 0, 0, 0), to: time(8, 0, 0, 0) });
    for quiet in [None, empty] {
        let moments = on_the_wall("2026-11-24T14:00:00Z", &[720, 1], quiet, &chicago());
        assert_eq!(moments, wall(&[("23 20:00", 720), ("24 07:59", 1)]));
    }
}

#[test]
fn the_clinics_clocks_say_when_it_is_night() {
    // 10:00 in Kiritimati (UTC+14) is 20:00 of the day before in Greenwich.
    let kiritimati = Zone::parse("Pacific/Kiritimati").unwrap();
    assert_eq!(
        on_the_wall("2026-11-23T20:00:00Z", &[180, 60], NIGHT, &kiritimati),
        wall(&[("24 08:00", 180), ("24 09:00", 60)])
    );
    let pago_pago = Zone::parse("Pacific/Pago_Pago").unwrap();
    assert_eq!(
        on_the_wall("2026-11-24T21:00:00Z", &[180, 60], NIGHT, &pago_pago),
        wall(&[("24 08:00", 180), ("24 09:00", 60)])
    );
}

#[test]
fn a_day_before_is_24_hours_also_where_the_clocks_change() {
    // Sunday 1 November 2026, 14:00 in Chicago, on the day that has 25 hours.
    assert_eq!(on_the_wall("2026-11-01T20:00:00Z", &[DAY], NIGHT, &chicago()), wall(&[("31 15:00", DAY)]));
    // Sunday 8 March, 09:00: twelve hours before is 20:00, since the night has an hour less.
    assert_eq!(
        on_the_wall("2026-03-08T14:00:00Z", &[12 * 60], NIGHT, &chicago()),
        wall(&[("07 20:00", 12 * 60)])
    );
}

#[test]
fn quiet_hours_that_end_in_the_skipped_hour_end_with_the_change() {
    let quiet = Some(QuietHours { from: time(22, 0, 0, 0), to: time(2, 30, 0, 0) });
    // 04:00 on 8 March 2026; the clocks went from 02:00 to 03:00. Two hours before is 01:00.
    assert_eq!(on_the_wall("2026-03-08T09:00:00Z", &[120], quiet, &chicago()), wall(&[("08 03:00", 120)]));
}

#[test]
fn quiet_hours_that_come_twice_hold_twice() {
    // 1 November 2026: 01:15 to 01:45 comes twice.
    let quiet = QuietHours { from: time(1, 15, 0, 0), to: time(1, 45, 0, 0) };
    let first = instant("2026-11-01T06:20:00Z");
    for at in [first, first.plus(Duration::from_hours(1))] {
        assert!(quiet.holds(at, &chicago()));
        assert_eq!(quiet.end_after(at, &chicago()), Some(at.plus(Duration::from_mins(25))));
        assert_eq!(quiet.begin_before(at, &chicago()), Some(at.minus(Duration::from_mins(5))));
    }
    assert!(!quiet.holds(first.plus(Duration::from_mins(40)), &chicago()), "between the two");
}

#[test]
fn where_almost_all_day_is_quiet_the_open_minutes_are_used() {
    let quiet = Some(QuietHours { from: time(8, 10, 0, 0), to: time(8, 0, 0, 0) });
    // 14:00: the morning has no end of quiet hours before it but 08:00.
    assert_eq!(on_the_wall("2026-11-24T20:00:00Z", &[60], quiet, &chicago()), wall(&[("24 08:00", 60)]));
}

#[test]
fn after_downtime_only_the_latest_that_is_still_good_goes_out() {
    let start = instant("2026-11-24T20:00:00Z");
    let ladder = Ladder::new(vec![3 * DAY, DAY, 60, 10]).unwrap();
    let moments = plan(start, &ladder, NIGHT, &chicago());
    let before = |minutes: u64| start.minus(Duration::from_mins(minutes));
    let rung = |minutes| due(&moments, before(minutes)).map(|moment| moment.minutes_before);
    let day = u64::from(DAY);
    assert_eq!(rung(4 * day), None, "not yet");
    assert_eq!(rung(3 * day), Some(3 * DAY));
    assert_eq!(rung(2 * day), Some(3 * DAY), "late, and still two days ahead");
    assert_eq!(rung(3 * day / 2), None, "half of its time is gone, and the next one comes");
    assert_eq!(rung(day), Some(DAY));
    assert_eq!(rung(day / 2 + 1), Some(DAY));
    assert_eq!(rung(day / 2), None);
    assert_eq!(rung(59), Some(60));
    assert_eq!(rung(30), None);
    assert_eq!(rung(10), Some(10));
    assert_eq!(rung(1), Some(10), "the last one is good until the start");
    assert_eq!(rung(0), None);
}

fn zone() -> impl Strategy<Value = Zone> {
    prop::sample::select(vec![
        "America/Chicago",
        "America/St_Johns",
        "Europe/London",
        "Asia/Kathmandu",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "Pacific/Kiritimati",
        "Pacific/Pago_Pago",
        "Pacific/Apia",
        "UTC",
    ])
    .prop_map(|name| Zone::parse(name).unwrap())
}

/// Anywhere in two years, or within two days of a night in which Chicago's clocks change.
fn start() -> impl Strategy<Value = Timestamp> {
    let anywhere = 1_767_225_600_i64..1_830_297_600;
    let changes = prop::sample::select(vec![1_772_956_800_i64, 1_793_516_400, 1_804_406_400]);
    let near = (changes, -172_800_i64..172_800).prop_map(|(change, by)| change + by);
    prop_oneof![anywhere, near].prop_map(Timestamp::from_seconds)
}

fn quiet() -> impl Strategy<Value = QuietHours> {
    let minute = || (0_i8..24, 0_i8..60).prop_map(|(hour, minute)| time(hour, minute, 0, 0));
    (minute(), minute()).prop_map(|(from, to)| QuietHours { from, to })
}

fn ladder() -> impl Strategy<Value = Ladder> {
    let rung = prop_oneof![1_u32..=90, 1_u32..=2 * DAY, 1_u32..=EARLIEST];
    prop::collection::vec(rung, 0..=MOST_RUNGS).prop_map(|rungs| Ladder::new(rungs).unwrap())
}

proptest! {
    #[test]
    fn moments_are_in_order_by_day_before_the_start_and_few(
        start in start(), ladder in ladder(), quiet in prop::option::of(quiet()), zone in zone()
    ) {
        let moments = plan(start, &ladder, quiet, &zone);
        prop_assert!(moments.len() <= ladder.rungs().len());
        prop_assert!(moments.iter().all(|moment| ladder.rungs().contains(&moment.minutes_before)));
        for pair in moments.windows(2) {
            prop_assert!(pair[0].at < pair[1].at);
            prop_assert!(pair[0].minutes_before > pair[1].minutes_before);
            prop_assert!(pair[0].good_until <= pair[1].at, "never two at once");
        }
        for moment in &moments {
            prop_assert!(moment.at < start);
            prop_assert!(moment.at < moment.good_until && moment.good_until <= start);
            prop_assert!(quiet.is_none_or(|quiet| !quiet.holds(moment.at, &zone)));
        }
        if quiet.is_none_or(|quiet| quiet.from == quiet.to) {
            prop_assert_eq!(moments.len(), ladder.rungs().len());
        }
        // A ladder has a moment wherever the quiet hours leave a minute of the day.
        prop_assert!(!moments.is_empty() || ladder.is_empty());
    }

    #[test]
    fn quiet_hours_begin_and_end_where_they_say(at in start(), quiet in quiet(), zone in zone()) {
        let minute = Duration::from_mins(1);
        let end = quiet.end_after(at, &zone).unwrap();
        prop_assert!(end >= at && !quiet.holds(end, &zone));
        let mut between = at;
        while between < end {
            prop_assert!(quiet.holds(between, &zone));
            between = between.plus(minute);
        }
        if quiet.holds(at, &zone) {
            let begin = quiet.begin_before(at, &zone).unwrap();
            prop_assert!(begin <= at && !quiet.holds(begin.minus(minute), &zone));
            let mut between = begin;
            while between < at {
                prop_assert!(quiet.holds(between, &zone));
                between = between.plus(minute);
            }
        }
    }

    #[test]
    fn at_each_instant_at_most_one_is_due_and_each_is_due_at_its_own(
        start in start(), ladder in ladder(), zone in zone(), minutes in 0_u64..40 * 24 * 60
    ) {
        let moments = plan(start, &ladder, Some(QuietHours::default()), &zone);
        for moment in &moments {
            prop_assert_eq!(due(&moments, moment.at), Some(*moment));
            prop_assert_ne!(due(&moments, moment.good_until), Some(*moment));
        }
        let now = start.minus(Duration::from_mins(minutes));
        if let Some(moment) = due(&moments, now) {
            prop_assert!(moment.at <= now && now < moment.good_until);
        }
    }
}
