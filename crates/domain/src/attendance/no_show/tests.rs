//! Each thing that could hide a patient, both ways; and what holds whatever happened.

use std::{ops::Range, time::Duration};

use proptest::{collection::vec, option, prelude::*};
use uuid::Uuid;

use super::*;
use crate::{
    appointment::{Kind, Status},
    attendance::{feed::FeedState, matching::Level},
    clinic::Zone,
    id::Id,
};

const START: Timestamp = Timestamp::from_seconds(1_795_449_600);

/// So many minutes from the start of an appointment of 50 minutes, at ten o'clock.
fn at(minutes: i64) -> Timestamp {
    Timestamp::from_seconds(START.as_seconds() + minutes * 60)
}

fn range(from: i64, to: i64) -> Range<Timestamp> {
    at(from)..at(to)
}

/// Everything that [`Facts`] borrows.
#[derive(Clone, Debug)]
struct Story {
    now: i64,
    minutes: i64,
    kind: Kind,
    status: Status,
    arrived: Option<Arrived>,
    opened: Option<i64>,
    pressed: Vec<Timestamp>,
    has_room: bool,
    hosted: Vec<Range<Timestamp>>,
    unsettled: Vec<Unsettled>,
    unanswered: Vec<Timestamp>,
    outages: Vec<Range<Timestamp>>,
    was_lost: bool,
    feed: FeedState,
    compared: Compared,
}

impl Story {
    /// The host was there all the time, everything was heard, and nobody came: as of so many minutes after the start.
    fn nobody_came(now: i64) -> Self {
        Self {
            now,
            minutes: 50,
            kind: Kind::Telehealth,
            status: Status::Booked,
            arrived: None,
            opened: None,
            pressed: Vec::new(),
            has_room: true,
            hosted: vec![range(-2, now)],
            unsettled: Vec::new(),
            unanswered: Vec::new(),
            outages: Vec::new(),
            was_lost: false,
            feed: FeedState::Quiet,
            compared: Compared::Never,
        }
    }

    fn proposed(&self) -> Proposal {
        let zone = Zone::parse("America/Chicago").unwrap();
        propose(&Facts {
            now: at(self.now),
            zone: &zone,
            starts_at: START,
            ends_at: at(self.minutes),
            kind: self.kind,
            status: self.status,
            arrived: self.arrived,
            link_made_at: Some(at(-3 * 24 * 60)),
            opened_at: self.opened.map(at),
            pressed: &self.pressed,
            has_room: self.has_room,
            hosted: &self.hosted,
            unsettled: &self.unsettled,
            unanswered: &self.unanswered,
            outages: &self.outages,
            was_lost: self.was_lost,
            feed: self.feed,
            compared: self.compared,
        })
    }

    fn says(&self) -> Says {
        self.proposed().says
    }
}

fn somebody(from: i64, to: i64, taken_for: Option<&str>) -> Unsettled {
    Unsettled {
        range: range(from, to),
        shown: "iPhone".to_owned(),
        taken_for: taken_for.map(str::to_owned),
        named: false,
    }
}

#[test]
fn who_was_not_seen_while_somebody_hosted_and_everything_was_heard_did_not_come() {
    let proposed = Story::nobody_came(20).proposed();
    assert_eq!(proposed.says, Says::Yes);
    assert_eq!(
        proposed.reasons,
        [
            "was not seen in the room so far",
            "somebody of the staff was in the room from 09:58",
            "the link was made at 10:00 on 2026-11-20 and never opened",
        ]
    );
    let over = Story { opened: Some(-12), compared: Compared::Done(at(70)), ..Story::nobody_came(80) };
    assert_eq!(
        over.proposed().reasons,
        [
            "was not seen in the room",
            "somebody of the staff was in the room from 09:58",
            "opened the link at 09:48 and never pressed Join",
            "Zoom's own record of that time says nothing else",
        ]
    );
}

#[test]
fn nobody_is_absent_within_the_grace_or_before_the_end_of_a_short_visit() {
    assert_eq!(Story::nobody_came(14).says(), Says::No);
    assert_eq!(Story::nobody_came(15).says(), Says::Yes);
    let short = |now| Story { minutes: 10, ..Story::nobody_came(now) }.says();
    assert_eq!((short(9), short(10)), (Says::No, Says::Yes));
}

#[test]
fn a_cancelled_visit_and_one_at_the_clinic_are_never_no_shows() {
    assert_eq!(Story { status: Status::Cancelled, ..Story::nobody_came(60) }.says(), Says::No);
    assert_eq!(Story { kind: Kind::InPerson, ..Story::nobody_came(60) }.says(), Says::No);
}

#[test]
fn whoever_came_certainly_or_probably_is_no_no_show() {
    for (level, reason) in [(Level::Certain, "came at 10:40"), (Level::Probable, "probably came at 10:40")] {
        let arrived = Some(Arrived { at: at(40), level });
        let proposed = Story { arrived, ..Story::nobody_came(60) }.proposed();
        assert_eq!((proposed.says, proposed.reasons), (Says::No, vec![reason.to_owned()]));
    }
}

#[test]
fn without_anybody_to_let_them_in_nobody_is_absent() {
    let hosted = |hosted: Vec<Range<Timestamp>>| Story { hosted, ..Story::nobody_came(60) }.says();
    assert_eq!(hosted(vec![]), Says::Unknown);
    assert_eq!(hosted(vec![range(-30, 0)]), Says::Unknown, "who went before the start has not hosted");
    assert_eq!(hosted(vec![range(10, 14)]), Says::Unknown);
    assert_eq!(hosted(vec![range(10, 14), range(11, 13)]), Says::Unknown, "two at once count once");
    assert_eq!(hosted(vec![range(10, 13), range(40, 42)]), Says::Yes);
    assert_eq!(Story { has_room: false, ..Story::nobody_came(60) }.says(), Says::Unknown);
}

#[test]
fn anybody_in_the_room_who_may_have_been_the_patient_makes_it_unknown() {
    let there = |one: Unsettled| Story { unsettled: vec![one], ..Story::nobody_came(120) }.proposed();
    let stranger = there(somebody(-20, -15, None));
    assert_eq!(stranger.says, Says::Unknown);
    assert_eq!(stranger.reasons[0], "“iPhone” was in the room, and nobody has said who it was");
    let probably = there(somebody(-58, -10, Some("Tom Reyes (09:00)")));
    assert_eq!(probably.says, Says::Unknown);
    assert_eq!(
        probably.reasons[0],
        "“iPhone” was in the room, and it is not certain that it was only Tom Reyes (09:00)"
    );
    assert_eq!(
        there(somebody(79, 90, None)).says,
        Says::Unknown,
        "half an hour after the end is not too late"
    );
    assert_eq!(there(somebody(81, 90, None)).says, Says::Yes);
    assert_eq!(there(somebody(-90, -61, None)).says, Says::Yes);
    let named = Unsettled { named: true, ..somebody(-90, -61, None) };
    assert_eq!(there(named).says, Says::Unknown, "whoever it may be by name counts at any time");
}

#[test]
fn what_may_have_been_lost_makes_it_unknown() {
    let story = Story::nobody_came(60);
    assert_eq!(Story { outages: vec![range(12, 13)], ..story.clone() }.says(), Says::Unknown);
    assert_eq!(Story { outages: vec![range(-300, -61)], ..story.clone() }.says(), Says::Yes);
    assert_eq!(Story { outages: vec![range(51, 55)], ..story.clone() }.says(), Says::Yes);
    assert_eq!(Story { was_lost: true, ..story.clone() }.says(), Says::Unknown);
    assert_eq!(Story { unanswered: vec![at(3)], ..story.clone() }.says(), Says::Unknown);
    assert_eq!(Story { unanswered: vec![at(-90)], ..story.clone() }.says(), Says::Yes);
    assert_eq!(Story { compared: Compared::Due, ..story.clone() }.says(), Says::Unknown);
    assert_eq!(Story { compared: Compared::Done(at(55)), ..story.clone() }.says(), Says::Yes);
    let missing = Story { compared: Compared::Missing, ..story.clone() }.proposed();
    assert_eq!(missing.says, Says::Yes);
    assert_eq!(missing.reasons[3], "Zoom has shown no record of its own of that time so far");
    for feed in [FeedState::Stale, FeedState::Never] {
        assert_eq!(Story { feed, ..story.clone() }.says(), Says::Unknown);
        assert_eq!(Story { feed, ..Story::nobody_came(111) }.says(), Says::Yes, "a feed that fails later");
    }
}

#[test]
fn whoever_pressed_join_and_was_not_heard_of_may_have_tried() {
    assert_eq!(Story { pressed: vec![at(2)], ..Story::nobody_came(60) }.says(), Says::Unknown);
    let the_day_before = Story { pressed: vec![at(-24 * 60)], ..Story::nobody_came(60) }.proposed();
    assert_eq!(the_day_before.says, Says::Yes);
    assert_eq!(the_day_before.reasons[2], "last pressed Join at 10:00 on 2026-11-22");
}

#[test]
fn the_last_word_counts_and_a_withdrawn_one_does_not() {
    let ruling = |number: u128, ruling, minutes| NoShowRuling {
        id: RulingId::from_uuid(Uuid::from_u128(number)),
        clinic_id: ClinicId::from_uuid(Uuid::nil()),
        appointment_id: AppointmentId::from_uuid(Uuid::nil()),
        attendee_id: AttendeeId::from_uuid(Uuid::nil()),
        ruling,
        ruled_by: StaffOrToken::Token(crate::id::ApiTokenId::from_uuid(Uuid::nil())),
        at: at(minutes),
    };
    let said =
        [ruling(1, Ruling::Refused, 16), ruling(2, Ruling::Accepted, 20), ruling(3, Ruling::Withdrawn, 30)];
    let word = |said: &[NoShowRuling]| standing(said).map(|ruling| ruling.ruling);
    assert_eq!(word(&[]), None);
    assert_eq!(word(&said[..1]), Some(Ruling::Refused));
    assert_eq!(word(&said[..2]), Some(Ruling::Accepted));
    assert_eq!(word(&said), None);
}

fn ranges() -> impl Strategy<Value = Vec<Range<Timestamp>>> {
    vec((-150_i64..150, 0_i64..90).prop_map(|(from, length)| range(from, from + length)), 0..3)
}

fn stories() -> impl Strategy<Value = Story> {
    let world = (
        prop_oneof![3 => Just(Kind::Telehealth), 1 => Just(Kind::InPerson)],
        prop_oneof![3 => Just(Status::Booked), 1 => Just(Status::Cancelled)],
        prop_oneof![
            3 => Just(FeedState::Live), 3 => Just(FeedState::Quiet), 1 => Just(FeedState::Stale),
            1 => Just(FeedState::Never)
        ],
        prop_oneof![2 => Just(Compared::Never), 1 => Just(Compared::Due), 1 => Just(Compared::Missing), 2 => Just(Compared::Done(at(70)))],
        prop_oneof![9 => Just(true), 1 => Just(false)],
        prop_oneof![9 => Just(false), 1 => Just(true)],
    );
    let people = (
        option::weighted(0.2, (-60_i64..120, any::<bool>())),
        vec(-120_i64..120, 0..2),
        vec(-120_i64..120, 0..2),
        ranges(),
        vec((ranges(), option::of(Just("Tom Reyes (09:00)".to_owned())), any::<bool>()), 0..2),
        prop_oneof![2 => Just(Vec::new()), 1 => ranges()],
    );
    (-60_i64..200, 1_i64..120, world, people).prop_map(
        |(
            now,
            minutes,
            (kind, status, feed, compared, has_room, was_lost),
            (arrived, pressed, unanswered, hosted, people, outages),
        )| Story {
            now,
            minutes,
            kind,
            status,
            arrived: arrived.map(|(minutes, certain)| Arrived {
                at: at(minutes),
                level: if certain { Level::Certain } else { Level::Probable },
            }),
            opened: None,
            pressed: pressed.into_iter().map(at).collect(),
            has_room,
            hosted,
            unsettled: people
                .into_iter()
                .flat_map(|(ranges, taken_for, named)| {
                    ranges.into_iter().map(move |range| Unsettled {
                        range,
                        shown: "iPhone".to_owned(),
                        taken_for: taken_for.clone(),
                        named,
                    })
                })
                .collect(),
            unanswered: unanswered.into_iter().map(at).collect(),
            outages,
            was_lost,
            feed,
            compared,
        },
    )
}

/// Whether they have a minute in common.
fn meet(a: &Range<Timestamp>, from: i64, to: i64) -> bool {
    a.start < at(to) && at(from) < a.end
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn nobody_is_proposed_whom_anything_could_have_hidden(story in stories()) {
        let proposed = story.proposed();
        prop_assert!(!proposed.reasons.is_empty());
        if proposed.says == Says::Yes {
            let seen_until = story.now.min(story.minutes);
            prop_assert_eq!(story.kind, Kind::Telehealth);
            prop_assert_eq!(story.status, Status::Booked);
            prop_assert!(story.arrived.is_none());
            prop_assert!(story.now >= story.minutes.min(15));
            prop_assert!(story.has_room && !story.was_lost);
            prop_assert!(story.hosted.iter().any(|hosted| meet(hosted, 0, seen_until)));
            prop_assert!(!story.outages.iter().any(|outage| meet(outage, -60, seen_until)));
            prop_assert!(!story.unsettled.iter().any(|one| meet(&one.range, -60, seen_until)));
            prop_assert!(!story.pressed.iter().any(|at| meet(&(*at..at.plus(Duration::from_micros(1))), -60, seen_until)));
            prop_assert_ne!(story.compared, Compared::Due);
            if story.now <= story.minutes {
                prop_assert!(matches!(story.feed, FeedState::Live | FeedState::Quiet));
            }
        }
    }

    #[test]
    fn coming_withdraws_whatever_was_proposed(story in stories(), came in -60_i64..300, certain in any::<bool>()) {
        let level = if certain { Level::Certain } else { Level::Probable };
        let arrived = Some(Arrived { at: at(came), level });
        prop_assert_eq!(Story { arrived, ..story }.says(), Says::No);
    }
}
