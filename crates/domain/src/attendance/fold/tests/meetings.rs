//! Before a meeting has its uuid, when it is over, and which one it was.

use super::*;

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
