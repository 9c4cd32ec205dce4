//! One visit and another; what is said twice; what is kept of a visit.

use super::*;

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
