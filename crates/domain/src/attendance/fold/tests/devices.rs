//! Breakout rooms, telephones and several devices.

use super::*;

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
fn somebody_who_leaves_after_a_breakout_room_is_gone_whatever_the_ids_in_between() {
    for uuid in [Some("P"), None] {
        let person = |user: &str| Person { participant_uuid: uuid.map(Into::into), ..named(user, "Rosa") };
        let story = Story::in_meeting("A")
            .says(0, Joined, person("1"))
            .says(100, LeftForBreakoutRoom, person("1"))
            .says(101, JoinedBreakoutRoom, person("2"))
            .says(200, LeftBreakoutRoom, person("2"))
            .says(201, Joined, person("3"))
            .says(280, Left, person("3"))
            .ends(500);
        assert_eq!(story.stays(), [vec![(InSession, 0, Some(280))]], "{uuid:?}");
    }
}

#[test]
fn two_devices_of_one_person_are_two_visits_and_each_ends_on_its_own() {
    let device = |user: &str| Person { zoom_user_id: Some("z".into()), ..named(user, "Rosa") };
    let story = Story::in_meeting("A")
        .says(0, Joined, device("1"))
        .says(20, Joined, device("2"))
        .says(300, Left, device("1"))
        .ends(500);
    assert_eq!(story.stays(), [vec![(InSession, 0, Some(300))], vec![(InSession, 20, Some(500))]]);
}
