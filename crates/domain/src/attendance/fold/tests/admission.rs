//! How somebody comes in: from the waiting room, back to it, and in again.

use super::*;

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
fn who_is_admitted_and_never_arrives_is_connecting_until_the_meeting_is_over() {
    let story = Story::in_meeting("A").says(0, JoinedWaitingRoom, named("1", "Rosa")).says(
        60,
        Admitted,
        named("1", "Rosa"),
    );
    assert_eq!(story.stays(), [vec![(Waiting, 0, Some(60)), (Connecting, 60, None)]]);
    assert_eq!(story.ends(900).stays(), [vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(900))]]);
}

#[test]
fn who_left_the_waiting_room_and_is_heard_of_in_the_meeting_was_let_in() {
    for heard in [Left, What::RoleChanged, PutInWaitingRoom] {
        let story = Story::in_meeting("A")
            .says(0, JoinedWaitingRoom, named("1", "Rosa"))
            .says(60, LeftWaitingRoom, named("1", "Rosa"))
            .says(300, heard, named("1", "Rosa"));
        assert_eq!(story.stays()[0][..2], [(Waiting, 0, Some(60)), (Connecting, 60, Some(300))], "{heard:?}");
    }
}

#[test]
fn an_admission_before_being_sent_back_does_not_count_for_the_next() {
    // The second admission was lost, and comes long after the first.
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(60, Admitted, named("1", "Rosa"))
        .says(63, Joined, named("1", "Rosa"))
        .says(600, PutInWaitingRoom, named("1", "Rosa"))
        .says(640, Joined, named("2", "Rosa"));
    assert_eq!(
        story.stays(),
        [vec![
            (Waiting, 0, Some(60)),
            (Connecting, 60, Some(63)),
            (InSession, 63, Some(600)),
            (Waiting, 600, Some(640)),
            (InSession, 640, None),
        ]]
    );
}

#[test]
fn the_new_ids_of_somebody_who_is_sent_back_may_be_heard_of_first() {
    let story = Story::in_meeting("A")
        .says(100, JoinedWaitingRoom, named("3", "Rosa"))
        .says(101, PutInWaitingRoom, named("2", "Rosa"))
        .says(200, LeftWaitingRoom, named("3", "Rosa"));
    assert_eq!(story.fold().len(), 1);
    assert_eq!(story.fold()[0].whereabouts, Whereabouts::Left);
}
