//! Every order and every repetition of what is told of a visit.

use super::*;

/// Everything about visits that does not depend on the order of arrival.
type Facts = (Vec<(StayKind, i64, Option<i64>)>, Timestamp, Whereabouts, Timestamp, Vec<String>, bool);

pub(super) fn facts(events: &[RoomEvent]) -> Vec<Facts> {
    facts_of(fold(events, &[]))
}

pub(super) fn facts_of(visits: Vec<Visit>) -> Vec<Facts> {
    let mut facts: Vec<Facts> = visits
        .into_iter()
        .map(|v| (in_seconds(&v.stays), v.first_at, v.whereabouts, v.since, v.names, v.is_host))
        .collect();
    facts.sort();
    facts
}

/// Calls with every permutation (Heap's algorithm).
fn each_permutation(events: &mut [RoomEvent], check: &mut impl FnMut(&[RoomEvent])) {
    fn go(size: usize, events: &mut [RoomEvent], check: &mut impl FnMut(&[RoomEvent])) {
        if size <= 1 {
            return check(events);
        }
        for i in 0..size {
            go(size - 1, events, check);
            events.swap(if size.is_multiple_of(2) { i } else { 0 }, size - 1);
        }
    }
    go(events.len(), events, check);
}

/// That eight events come out as these stays in all 40,320 orders of arrival, and in all 6,561 choices of telling each of
/// them once, twice or three times.
fn comes_out(story: &Story, stays: &[Vec<(StayKind, i64, Option<i64>)>]) {
    assert_eq!(story.events.len(), 8);
    assert_eq!(story.stays(), stays);
    let expected = facts(&story.events);
    let mut count = 0;
    each_permutation(&mut story.events.clone(), &mut |events| {
        count += 1;
        // They also arrive in this order, and so have ids in this order.
        let mut arrived = events.to_vec();
        for (number, event) in arrived.iter_mut().enumerate() {
            event.delivery = delivery(number as u128);
        }
        assert_eq!(facts(&arrived), expected);
    });
    assert_eq!(count, 40_320);

    let once = story.fold();
    for times in 0..3_u32.pow(8) {
        let mut events = story.events.clone();
        for (number, event) in story.events.iter().enumerate() {
            for again in 0..times / 3_u32.pow(u32::try_from(number).unwrap()) % 3 {
                events.push(RoomEvent { delivery: delivery(10 + u128::from(again)), ..event.clone() });
            }
        }
        events.reverse();
        assert_eq!(fold(&events, &[]), once);
    }
}

#[test]
fn leaving_and_coming_back_comes_out_the_same_in_every_order() {
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(60, Admitted, named("1", "Rosa"))
        .says(63, Joined, named("2", "Rosa"))
        .says(300, Joined, named("3", "Rosa"))
        .says(390, Left, named("2", "Rosa"))
        .says(900, Left, named("3", "Rosa"))
        .says(901, Left, Person { is_host: true, ..named("9", "Dr Osei") })
        .ends(905);
    comes_out(
        &story,
        &[
            vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(63)), (InSession, 63, Some(390))],
            vec![(InSession, 300, Some(900))],
            vec![(InSession, 901, Some(901))],
        ],
    );
}

#[test]
fn being_sent_back_comes_out_the_same_in_every_order() {
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(10, Admitted, named("1", "Rosa"))
        .says(12, Joined, named("2", "Rosa"))
        .says(100, PutInWaitingRoom, named("2", "Rosa"))
        .says(100, JoinedWaitingRoom, named("3", "Rosa"))
        .says(400, Admitted, named("3", "Rosa"))
        .says(403, Joined, named("4", "Rosa"))
        .ends(900);
    comes_out(
        &story,
        &[vec![
            (Waiting, 0, Some(10)),
            (Connecting, 10, Some(12)),
            (InSession, 12, Some(100)),
            (Waiting, 100, Some(400)),
            (Connecting, 400, Some(403)),
            (InSession, 403, Some(900)),
        ]],
    );
}

#[test]
fn waiting_before_the_start_comes_out_the_same_in_every_order() {
    let story = Story::in_meeting("before")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .then_in("A")
        .starts(50)
        .says(51, Joined, Person { is_host: true, ..named("9", "Dr Osei") })
        .says(60, LeftWaitingRoom, named("1", "Rosa"))
        .says(60, Admitted, named("7", "Rosa"))
        .says(63, Joined, named("8", "Rosa"))
        .says(70, What::RoleChanged, named("8", "Rosa"))
        .ends(600);
    comes_out(
        &story,
        &[
            vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(63)), (InSession, 63, Some(600))],
            vec![(InSession, 51, Some(600))],
        ],
    );
}

#[test]
fn a_telephone_beside_a_computer_comes_out_the_same_in_every_order() {
    let leg = |bound_to: Option<&str>| Person {
        phone: Some("13125550142".into()),
        bound_to: bound_to.map(Into::into),
        ..named("9", "13125550142")
    };
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(10, Admitted, named("1", "Rosa"))
        .says(12, Joined, named("2", "Rosa"))
        .says(20, JoinedWaitingRoom, leg(None))
        .says(25, Admitted, leg(None))
        .says(30, Bound, leg(Some("2")))
        .says(100, Left, leg(None))
        .says(200, Left, named("2", "Rosa"));
    comes_out(
        &story,
        &[vec![(Waiting, 0, Some(10)), (Connecting, 10, Some(12)), (InSession, 12, Some(200))]],
    );
}

#[test]
fn going_to_a_breakout_room_comes_out_the_same_in_every_order() {
    let person = |user: &str| Person { participant_uuid: Some("P".into()), ..named(user, "Rosa") };
    let story = Story::in_meeting("A")
        .says(0, Joined, person("1"))
        .says(100, LeftForBreakoutRoom, person("1"))
        .says(101, JoinedBreakoutRoom, person("2"))
        .says(200, LeftBreakoutRoom, person("2"))
        .says(201, Joined, person("3"))
        .says(210, What::RoleChanged, person("3"))
        .says(280, Left, person("3"))
        .ends(500);
    comes_out(&story, &[vec![(InSession, 0, Some(280))]]);
}

#[test]
fn two_of_one_name_come_out_the_same_in_every_order() {
    let registered = |user: &str, id: &str| Person { registrant_id: Some(id.into()), ..named(user, "Maria") };
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, registered("1", "r1"))
        .says(5, JoinedWaitingRoom, registered("2", "r2"))
        .says(60, Admitted, registered("1", "r1"))
        .says(60, Admitted, registered("2", "r2"))
        .says(63, Joined, registered("3", "r1"))
        .says(63, Joined, registered("4", "r2"))
        .says(300, Left, registered("3", "r1"))
        .says(400, Left, registered("4", "r2"));
    comes_out(
        &story,
        &[
            vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(63)), (InSession, 63, Some(300))],
            vec![(Waiting, 5, Some(60)), (Connecting, 60, Some(63)), (InSession, 63, Some(400))],
        ],
    );
}

#[test]
fn waiting_for_the_host_by_name_comes_out_the_same_in_every_order() {
    let name = |name: &str| Person { name: Some(name.into()), ..Person::default() };
    let story = Story::in_meeting("A")
        .says(0, WaitingForHost, name("Rosa"))
        .says(10, WaitingForHost, name("Tom"))
        .says(50, StoppedWaitingForHost, name("Tom"))
        .starts(100)
        .says(101, Joined, Person { is_host: true, ..named("9", "Dr Osei") })
        .says(103, JoinedWaitingRoom, named("2", "Rosa"))
        .says(110, Admitted, named("2", "Rosa"))
        .says(112, Joined, named("2", "Rosa"));
    comes_out(
        &story,
        &[
            vec![(Waiting, 0, Some(110)), (Connecting, 110, Some(112)), (InSession, 112, None)],
            vec![(Waiting, 10, Some(50))],
            vec![(InSession, 101, None)],
        ],
    );
}
