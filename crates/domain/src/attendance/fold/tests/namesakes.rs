//! Who may be taken for whom.

use super::*;

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
