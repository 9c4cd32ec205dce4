//! Stories, each told to the fold as Zoom might tell it.

use StayKind::{Connecting, InSession, Waiting};
use uuid::Uuid;

use super::*;
use crate::attendance::stay::StayKind;

pub(super) const START: Timestamp = Timestamp::from_seconds(1_795_442_400);

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(START.as_micros() + seconds * 1_000_000)
}

pub(super) fn delivery(number: u128) -> DeliveryId {
    DeliveryId::from_uuid(Uuid::from_u128(0x0193_5a5a_7000_7000_8000_0000_0000_0000 + number))
}

pub(super) fn named(user_id: &str, name: &str) -> Person {
    Person { user_id: Some(user_id.into()), name: Some(name.into()), ..Person::default() }
}

/// What Zoom tells, in the order that it is written down.
#[derive(Clone, Default)]
pub(super) struct Story {
    pub(super) events: Vec<RoomEvent>,
    uuid: String,
}

impl Story {
    pub(super) fn in_meeting(uuid: &str) -> Self {
        Self { events: Vec::new(), uuid: uuid.into() }
    }

    pub(super) fn then_in(mut self, uuid: &str) -> Self {
        self.uuid = uuid.into();
        self
    }

    pub(super) fn says(mut self, seconds: i64, what: What, person: Person) -> Self {
        self.events.push(RoomEvent {
            delivery: delivery(self.events.len() as u128),
            at: at(seconds),
            what,
            instance: Some(self.uuid.clone()).filter(|uuid| !uuid.is_empty()),
            person: (!matches!(what, What::MeetingStarted | What::MeetingEnded)).then_some(person),
        });
        self
    }

    pub(super) fn starts(self, seconds: i64) -> Self {
        self.says(seconds, What::MeetingStarted, Person::default())
    }

    pub(super) fn ends(self, seconds: i64) -> Self {
        self.says(seconds, What::MeetingEnded, Person::default())
    }

    fn fold(&self) -> Vec<Visit> {
        fold(&self.events, &[])
    }

    /// The stays of everybody, in seconds.
    fn stays(&self) -> Vec<Vec<(StayKind, i64, Option<i64>)>> {
        self.fold().iter().map(|visit| in_seconds(&visit.stays)).collect()
    }
}

pub(super) fn in_seconds(stays: &[Stay]) -> Vec<(StayKind, i64, Option<i64>)> {
    let seconds = |time: Timestamp| time.as_seconds() - START.as_seconds();
    stays.iter().map(|stay| (stay.kind, seconds(stay.from), stay.to.map(seconds))).collect()
}

use What::{
    Admitted, Bound, Joined, JoinedBreakoutRoom, JoinedWaitingRoom, Left, LeftBreakoutRoom,
    LeftForBreakoutRoom, LeftWaitingRoom, PutInWaitingRoom, StoppedWaitingForHost, WaitingForHost,
};

/// Waits from 0, is admitted at 60, joins at 64, leaves at 300: with or without "left the waiting room", and with
/// the ids of the waiting room or of the meeting on the admission.
#[test]
fn one_visit_comes_out_the_same_however_zoom_tells_the_admission() {
    let expected = [vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(64)), (InSession, 64, Some(300))]];
    for left_waiting_room in [None, Some(("1", 60)), Some(("1", 61)), Some(("1", 64))] {
        for admitted_as in ["1", "2"] {
            for joined_as in ["1", "2"] {
                if (admitted_as, joined_as) == ("2", "1") {
                    continue;
                }
                let mut story =
                    Story::in_meeting("A").starts(-30).says(0, JoinedWaitingRoom, named("1", "Rosa"));
                if let Some((user, seconds)) = left_waiting_room {
                    story = story.says(seconds, LeftWaitingRoom, named(user, "Rosa"));
                }
                let story = story
                    .says(60, Admitted, named(admitted_as, "Rosa"))
                    .says(64, Joined, named(joined_as, "Rosa"))
                    .says(300, Left, named(joined_as, "Rosa"));
                assert_eq!(
                    story.stays(),
                    expected,
                    "left {left_waiting_room:?} admitted {admitted_as} joined {joined_as}"
                );
                assert_eq!(story.ends(400).stays(), expected);
            }
        }
    }
}

#[test]
fn somebody_who_leaves_the_waiting_room_unadmitted_is_gone() {
    let story = Story::in_meeting("A").says(0, JoinedWaitingRoom, named("1", "Rosa")).says(
        90,
        LeftWaitingRoom,
        named("1", "Rosa"),
    );
    assert_eq!(story.stays(), [vec![(Waiting, 0, Some(90))]]);
    assert_eq!(story.fold()[0].whereabouts, Whereabouts::Left);
}

#[test]
fn who_is_admitted_but_not_yet_in_the_meeting_is_connecting() {
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(90, Admitted, named("1", "Rosa"))
        .says(91, LeftWaitingRoom, named("1", "Rosa"));
    assert_eq!(story.stays(), [vec![(Waiting, 0, Some(90)), (Connecting, 90, None)]]);
    assert_eq!(story.fold()[0].whereabouts, Whereabouts::Connecting);
    assert_eq!(story.fold()[0].since, at(90));
}

#[test]
fn leaving_and_coming_back_is_two_visits_and_a_late_left_ends_only_its_own() {
    // The app was killed at 100; its "left" comes after the same person's new "joined", with the old ids.
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(10, Admitted, named("1", "Rosa"))
        .says(12, Joined, named("2", "Rosa"))
        .says(130, JoinedWaitingRoom, named("3", "Rosa"))
        .says(140, Admitted, named("3", "Rosa"))
        .says(143, Joined, named("4", "Rosa"))
        .says(190, Left, named("2", "Rosa"))
        .says(600, Left, named("4", "Rosa"));
    assert_eq!(
        story.stays(),
        [
            vec![(Waiting, 0, Some(10)), (Connecting, 10, Some(12)), (InSession, 12, Some(190))],
            vec![(Waiting, 130, Some(140)), (Connecting, 140, Some(143)), (InSession, 143, Some(600))],
        ]
    );
}

#[test]
fn an_id_that_is_used_again_after_leaving_is_another_visit() {
    let story = Story::in_meeting("A")
        .says(0, Joined, named("1", "Rosa"))
        .says(100, Left, named("1", "Rosa"))
        .says(200, Joined, named("1", "Rosa"));
    assert_eq!(story.stays(), [vec![(InSession, 0, Some(100))], vec![(InSession, 200, None)]]);
}

#[test]
fn user_ids_of_another_meeting_are_other_people() {
    let story = Story::in_meeting("A").says(0, Joined, named("1", "Rosa")).ends(100);
    let story = story.then_in("B").says(200, Joined, named("1", "Tom")).says(300, Left, named("1", "Tom"));
    assert_eq!(story.stays(), [vec![(InSession, 0, Some(100))], vec![(InSession, 200, Some(300))]]);
    assert_eq!(story.fold()[1].names, ["Tom"]);
}

#[test]
fn the_end_of_the_meeting_ends_whatever_nobody_said_had_ended() {
    let story = Story::in_meeting("A")
        .starts(0)
        .says(1, Joined, named("1", "Dr Osei"))
        .says(5, JoinedWaitingRoom, named("2", "Rosa"))
        .says(7, JoinedWaitingRoom, named("3", "Tom"))
        .says(20, Admitted, named("3", "Tom"));
    assert!(story.fold().iter().all(|visit| visit.whereabouts != Whereabouts::Left));
    let ended = story.ends(500);
    assert_eq!(
        ended.stays(),
        [
            vec![(InSession, 1, Some(500))],
            vec![(Waiting, 5, Some(500))],
            vec![(Waiting, 7, Some(20)), (Connecting, 20, Some(500))],
        ]
    );
    // A "left" that comes afterwards says it better.
    let corrected = ended.says(480, Left, named("1", "Dr Osei"));
    assert_eq!(corrected.stays()[0], [(InSession, 1, Some(480))]);
    // One that claims to be later than the end of the meeting does not.
    let beyond = corrected.says(510, Left, named("4", "x")).says(400, Joined, named("4", "x"));
    assert_eq!(beyond.stays()[3], [(InSession, 400, Some(500))]);
}

#[test]
fn a_missing_end_is_seen_from_the_next_meeting() {
    let story = Story::in_meeting("A").says(0, Joined, named("1", "Rosa")).then_in("B").starts(600);
    assert_eq!(story.stays(), [vec![(InSession, 0, Some(600))]]);
    // But not believed to have lasted until the next morning.
    let story = Story::in_meeting("A").says(0, Joined, named("1", "Rosa")).then_in("B").starts(60_000);
    assert_eq!(story.stays(), [vec![(InSession, 0, Some(0))]]);
}

#[test]
fn who_waits_before_the_meeting_has_its_uuid_goes_on_into_it() {
    for before in ["", "other"] {
        for admitted_as in ["1", "2"] {
            let story = Story::in_meeting(before)
                .says(0, JoinedWaitingRoom, named("1", "Rosa"))
                .then_in("A")
                .starts(50)
                .says(51, Joined, Person { is_host: true, ..named("1", "Dr Osei") })
                .says(60, Admitted, named("7", "Rosa"))
                .says(63, Joined, named(if admitted_as == "1" { "7" } else { "8" }, "Rosa"))
                .ends(600);
            assert_eq!(
                story.stays(),
                [
                    vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(63)), (InSession, 63, Some(600))],
                    vec![(InSession, 51, Some(600))],
                ],
                "{before:?} {admitted_as}"
            );
        }
    }
}

#[test]
fn who_waits_before_the_start_and_is_never_let_in_is_gone_when_the_meeting_is_over() {
    let story = Story::in_meeting("other")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .then_in("A")
        .starts(50)
        .ends(600);
    assert_eq!(story.stays(), [vec![(Waiting, 0, Some(600))]]);
}

#[test]
fn the_uuid_of_the_meeting_before_does_not_end_who_waits_for_the_next_one() {
    let story = Story::in_meeting("A").starts(0).ends(100).says(160, JoinedWaitingRoom, named("1", "Rosa"));
    assert_eq!(story.stays(), [vec![(Waiting, 160, None)]]);
    let story = story.then_in("B").starts(200).says(210, Admitted, named("5", "Rosa")).says(
        212,
        Joined,
        named("5", "Rosa"),
    );
    assert_eq!(
        story.stays(),
        [vec![(Waiting, 160, Some(210)), (Connecting, 210, Some(212)), (InSession, 212, None)]]
    );
}

#[test]
fn being_sent_back_to_the_waiting_room_is_one_visit_of_several_stays() {
    let expected = [vec![
        (Waiting, 0, Some(10)),
        (Connecting, 10, Some(12)),
        (InSession, 12, Some(100)),
        (Waiting, 100, Some(200)),
        (Connecting, 200, Some(203)),
        (InSession, 203, Some(300)),
    ]];
    for joins_again in [None, Some("2"), Some("3")] {
        for left_too in [false, true] {
            let mut story = Story::in_meeting("A")
                .says(0, JoinedWaitingRoom, named("1", "Rosa"))
                .says(10, Admitted, named("1", "Rosa"))
                .says(12, Joined, named("2", "Rosa"))
                .says(100, PutInWaitingRoom, named("2", "Rosa"));
            if left_too {
                story = story.says(101, Left, named("2", "Rosa"));
            }
            if let Some(user) = joins_again {
                story = story.says(101, JoinedWaitingRoom, named(user, "Rosa"));
            }
            let story = story
                .says(200, Admitted, named(joins_again.unwrap_or("3"), "Rosa"))
                .says(203, Joined, named("4", "Rosa"))
                .says(300, Left, named("4", "Rosa"));
            assert_eq!(story.stays(), expected, "{joins_again:?} {left_too}");
        }
    }
}

#[test]
fn who_is_sent_back_and_leaves_from_there_is_gone_whatever_the_ids() {
    for leaves_as in ["2", "3"] {
        let story = Story::in_meeting("A")
            .says(12, Joined, named("2", "Rosa"))
            .says(100, PutInWaitingRoom, named("2", "Rosa"))
            .says(150, LeftWaitingRoom, named(leaves_as, "Rosa"));
        assert_eq!(story.stays(), [vec![(InSession, 12, Some(100)), (Waiting, 100, Some(150))]]);
    }
}

#[test]
fn a_breakout_room_is_part_of_the_visit() {
    let person = |user: &str| Person { participant_uuid: Some("P".into()), ..named(user, "Rosa") };
    let story = Story::in_meeting("A")
        .says(0, Joined, person("1"))
        .says(100, LeftForBreakoutRoom, person("1"))
        .says(101, JoinedBreakoutRoom, person("2"))
        .says(200, LeftBreakoutRoom, person("2"))
        .says(201, Joined, person("3"))
        .ends(300);
    assert_eq!(story.stays(), [vec![(InSession, 0, Some(300))]]);
    // Without the reason, the entry into the breakout room tells.
    let story = Story::in_meeting("A")
        .says(0, Joined, person("1"))
        .says(100, Left, person("1"))
        .says(101, JoinedBreakoutRoom, person("1"))
        .ends(300);
    assert_eq!(story.stays(), [vec![(InSession, 0, Some(300))]]);
}

#[test]
fn who_waits_for_the_host_by_name_alone_is_found_again_in_the_meeting() {
    let story = Story::in_meeting("A")
        .says(0, WaitingForHost, Person { name: Some("Rosa".into()), ..Person::default() })
        .starts(100)
        .says(101, Joined, Person { is_host: true, ..named("1", "Dr Osei") })
        .says(103, JoinedWaitingRoom, named("2", "ROSA"))
        .says(110, Admitted, named("2", "ROSA"))
        .says(112, Joined, named("2", "ROSA"));
    assert_eq!(
        story.stays(),
        [
            vec![(Waiting, 0, Some(110)), (Connecting, 110, Some(112)), (InSession, 112, None)],
            vec![(InSession, 101, None)],
        ]
    );
}

#[test]
fn who_gives_up_waiting_for_the_host_is_gone_and_nobody_waits_over_the_start() {
    let name = |name: &str| Person { name: Some(name.into()), ..Person::default() };
    let story = Story::in_meeting("A")
        .says(0, WaitingForHost, name("Rosa"))
        .says(10, WaitingForHost, name("Tom"))
        .says(50, StoppedWaitingForHost, name("Rosa"))
        .starts(100);
    assert_eq!(story.stays(), [vec![(Waiting, 0, Some(50))], vec![(Waiting, 10, Some(100))]]);
}

#[test]
fn a_telephone_leg_is_in_session_once_it_is_admitted() {
    let phone = |user: &str| Person { phone: Some("13125550142".into()), ..named(user, "1312555****") };
    let story = Story::in_meeting("A").says(0, JoinedWaitingRoom, phone("1")).says(60, Admitted, phone("1"));
    assert_eq!(story.stays(), [vec![(Waiting, 0, Some(60)), (InSession, 60, None)]]);
    let expected = [vec![(Waiting, 0, Some(60)), (InSession, 60, Some(300))]];
    assert_eq!(story.clone().says(300, Left, phone("2")).stays(), expected);
    assert_eq!(story.clone().says(62, Joined, phone("2")).says(300, Left, phone("2")).stays(), expected);
    assert_eq!(story.ends(300).stays(), expected);
}

#[test]
fn a_telephone_leg_that_is_tied_to_a_computer_is_the_same_person() {
    let leg = |bound_to: Option<&str>| Person {
        phone: Some("13125550142".into()),
        bound_to: bound_to.map(Into::into),
        ..named("9", "13125550142")
    };
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(10, Admitted, named("1", "Rosa"))
        .says(12, Joined, named("2", "Rosa"))
        .says(20, Joined, leg(None))
        .says(30, Bound, leg(Some("2")))
        .says(100, Left, leg(None))
        .says(200, Left, named("2", "Rosa"));
    assert_eq!(
        story.stays(),
        [vec![(Waiting, 0, Some(10)), (Connecting, 10, Some(12)), (InSession, 12, Some(200))]]
    );
}

#[test]
fn two_of_the_same_name_who_wait_at_once_are_never_merged_with_anybody() {
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Maria"))
        .says(5, JoinedWaitingRoom, named("2", "Maria"))
        .says(60, Admitted, named("1", "Maria"))
        .says(63, Joined, named("3", "Maria"));
    assert_eq!(story.fold().len(), 3);
    // An id that Zoom vouches for tells them apart.
    let registered = |user: &str, registrant: &str| Person {
        registrant_id: Some(registrant.into()),
        ..named(user, "Maria")
    };
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, registered("1", "r1"))
        .says(5, JoinedWaitingRoom, registered("2", "r2"))
        .says(60, Admitted, registered("1", "r1"))
        .says(63, Joined, registered("3", "r1"));
    assert_eq!(
        story.stays(),
        [
            vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(63)), (InSession, 63, None)],
            vec![(Waiting, 5, None)],
        ]
    );
}

#[test]
fn two_arrivals_of_one_name_that_compete_for_one_who_waited_are_not_merged_with_him() {
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Maria"))
        .says(60, Admitted, named("1", "Maria"))
        .says(62, Joined, named("2", "Maria"))
        .says(64, Joined, named("3", "Maria"));
    assert_eq!(story.fold().len(), 3);
}

#[test]
fn without_names_one_guest_at_a_time_is_still_followed() {
    let masked = |user: &str| Person { user_id: Some(user.into()), ..Person::default() };
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, masked("1"))
        .says(60, Admitted, masked("1"))
        .says(63, Joined, masked("2"));
    assert_eq!(
        story.stays(),
        [vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(63)), (InSession, 63, None)]]
    );
    let two = story.says(30, JoinedWaitingRoom, masked("3")).says(61, Admitted, masked("3"));
    assert_eq!(two.fold().len(), 3, "two nameless guests at once are not told apart by guessing");
}

#[test]
fn the_host_is_never_taken_for_a_guest_of_the_same_name() {
    let story = Story::in_meeting("A").says(0, JoinedWaitingRoom, named("1", "Alex")).says(
        30,
        Joined,
        Person { is_host: true, ..named("2", "Alex") },
    );
    assert_eq!(story.stays(), [vec![(Waiting, 0, None)], vec![(InSession, 30, None)]]);
    assert!(story.fold()[1].is_host && !story.fold()[0].is_host);
}

#[test]
fn a_departure_alone_proves_that_somebody_was_there() {
    let story = Story::in_meeting("A").says(100, Left, named("1", "Rosa"));
    assert_eq!(story.stays(), [vec![(InSession, 100, Some(100))]]);
}

#[test]
fn what_says_the_same_twice_counts_once_and_names_the_first_delivery() {
    let story = Story::in_meeting("A").says(0, JoinedWaitingRoom, named("1", "Rosa")).says(
        60,
        LeftWaitingRoom,
        named("1", "Rosa"),
    );
    let mut again = story.clone();
    for event in &story.events {
        again
            .events
            .push(RoomEvent { delivery: delivery(100 + again.events.len() as u128), ..event.clone() });
    }
    assert_eq!(again.fold(), story.fold());
    assert_eq!(again.fold()[0].id.uuid(), delivery(0).uuid());
    assert_eq!(again.fold()[0].stays[0].evidence, [delivery(0), delivery(1)]);
}

#[test]
fn the_names_shown_are_kept_from_first_to_last() {
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "iPhone"))
        .says(60, Admitted, named("1", "Rosa"))
        .says(62, Joined, named("1", "Rosa"));
    assert_eq!(story.fold()[0].names, ["iPhone", "Rosa"]);
    assert_eq!(story.fold()[0].shown_name.as_deref(), Some("Rosa"));
}
