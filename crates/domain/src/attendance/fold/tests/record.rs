//! Zoom's own record beside what deliveries told: what it fills in, what it corrects, and what it leaves alone.

use super::*;
use crate::attendance::{
    fold::record::AGREES_WITHIN,
    stay::Source::{self, Webhook, ZoomRecord},
};

fn stays(visits: &[Visit]) -> Vec<Vec<(StayKind, i64, Option<i64>)>> {
    visits.iter().map(|visit| in_seconds(&visit.stays)).collect()
}

fn sources(visit: &Visit) -> Vec<(Source, Option<Source>)> {
    visit.stays.iter().map(|stay| (stay.from_source, stay.to_source)).collect()
}

fn by(user_id: &str, row: RecordedStay) -> RecordedStay {
    RecordedStay { user_id: Some(user_id.to_owned()), ..row }
}

/// Waits from 0, is admitted at 60, joins at 64, leaves at 300; the meeting ends at 400.
fn visit() -> Story {
    Story::in_meeting("A")
        .starts(-30)
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(60, Admitted, named("1", "Rosa"))
        .says(64, Joined, named("2", "Rosa"))
        .says(300, Left, named("2", "Rosa"))
        .ends(400)
}

/// The record of it.
fn rows() -> Vec<RecordedStay> {
    vec![by("1", row(1, Waiting, "Rosa", 0, 60)), by("2", row(2, InSession, "Rosa", 64, 300))]
}

/// Without the ids of the deliveries.
fn nameless_ids(rows: Vec<RecordedStay>) -> Vec<RecordedStay> {
    rows.into_iter().map(|row| RecordedStay { user_id: None, ..row }).collect()
}

fn masked(rows: Vec<RecordedStay>) -> Vec<RecordedStay> {
    nameless_ids(rows).into_iter().map(|row| RecordedStay { name: None, ..row }).collect()
}

fn without(story: &Story, lost: &[usize]) -> Vec<RoomEvent> {
    let kept = |(number, event): (usize, &RoomEvent)| (!lost.contains(&number)).then(|| event.clone());
    story.events.iter().enumerate().filter_map(kept).collect()
}

#[test]
fn a_record_that_agrees_changes_nothing_however_much_of_it_there_is() {
    let alone = fold(&visit().events, &[]);
    let some_seconds_off = vec![row(1, Waiting, "Rosa", 1, 58), row(2, InSession, "Rosa", 66, 303)];
    for record in
        [rows(), nameless_ids(rows()), masked(rows()), rows()[1..].to_vec(), some_seconds_off, Vec::new()]
    {
        let told = fold(&visit().events, &record);
        assert_eq!(stays(&told), stays(&alone));
        assert_eq!(told[0].stays, alone[0].stays);
        assert_eq!(told[0].evidence, alone[0].evidence);
        assert_eq!(told[0].id, alone[0].id);
        assert_eq!(told[0].names, alone[0].names);
        assert!(sources(&told[0]).iter().all(|source| *source == (Webhook, Some(Webhook))));
        // A decision that was taken while only the record was known is about this visit.
        assert!(record.iter().all(|row| told[0].known_as.contains(&row.row)));
    }
}

#[test]
fn an_end_that_was_lost_is_filled_in() {
    for record in [rows(), nameless_ids(rows())] {
        // Neither "left" nor the end of the meeting were heard of.
        let told = fold(&without(&visit(), &[4, 5]), &record);
        assert_eq!(stays(&told), stays(&fold(&visit().events, &[])));
        assert_eq!(sources(&told[0])[2], (Webhook, Some(ZoomRecord)));
        assert_eq!(told[0].stays[2].evidence, [delivery(3), delivery(1_000_000)]);
        assert!(told[0].evidence.contains(&delivery(1_000_000)));
        assert_eq!(told[0].whereabouts, Whereabouts::Left);
        assert_eq!(told[0].since, at(300));
    }
}

#[test]
fn a_beginning_that_was_lost_is_filled_in() {
    for record in [rows(), nameless_ids(rows())] {
        // "Joined" was lost; with it "left", the admission, or the whole of the waiting room.
        for (lost, source) in [
            (vec![3], (ZoomRecord, Some(Webhook))),
            (vec![3, 4], (ZoomRecord, Some(ZoomRecord))),
            (vec![2, 3], (ZoomRecord, Some(Webhook))),
            (vec![1, 2, 3], (ZoomRecord, Some(Webhook))),
            (vec![1, 2, 3, 4], (ZoomRecord, Some(ZoomRecord))),
        ] {
            let told = fold(&without(&visit(), &lost), &record);
            assert_eq!(stays(&told), stays(&fold(&visit().events, &[])), "{lost:?}");
            assert_eq!(*sources(&told[0]).last().unwrap(), source, "{lost:?}");
        }
    }
}

#[test]
fn whoever_was_let_in_under_the_same_ids_and_heard_of_no_more_was_where_the_record_says() {
    let story = Story::in_meeting("A")
        .says(0, JoinedWaitingRoom, named("1", "Rosa"))
        .says(60, Admitted, named("1", "Rosa"))
        .ends(900);
    let record = [by("1", row(1, InSession, "Rosa", 64, 300))];
    assert_eq!(
        stays(&fold(&story.events, &record)),
        [vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(64)), (InSession, 64, Some(300))]]
    );
}

#[test]
fn a_visit_that_was_wholly_lost_is_known_from_the_record_alone() {
    for record in [rows(), nameless_ids(rows())] {
        let told = fold(&[], &record);
        assert_eq!(
            stays(&told),
            [vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(64)), (InSession, 64, Some(300))]]
        );
        assert!(sources(&told[0]).iter().all(|source| *source == (ZoomRecord, Some(ZoomRecord))));
        assert_eq!(told[0].id, record[0].row);
        assert_eq!(told[0].known_as, record.iter().map(|row| row.row).collect());
        assert_eq!(told[0].names, ["Rosa"]);
        assert_eq!(told[0].first_at, at(0));
        assert!(told[0].was_heard_to_come);
        assert_eq!(told[0].evidence, BTreeSet::from([delivery(1_000_000)]));
    }
}

#[test]
fn rows_of_somebody_who_was_sent_back_are_one_visit_and_a_return_is_another() {
    let record = [
        row(1, Waiting, "Rosa", 0, 10),
        row(2, InSession, "Rosa", 12, 100),
        row(3, Waiting, "Rosa", 101, 200),
        row(4, InSession, "Rosa", 203, 300),
        row(5, InSession, "Rosa", 400, 500),
    ];
    assert_eq!(
        stays(&fold(&[], &record)),
        [
            vec![
                (Waiting, 0, Some(10)),
                (Connecting, 10, Some(12)),
                (InSession, 12, Some(100)),
                (Waiting, 101, Some(200)),
                (Connecting, 200, Some(203)),
                (InSession, 203, Some(300)),
            ],
            vec![(InSession, 400, Some(500))],
        ]
    );
}

#[test]
fn rows_of_one_id_that_touch_are_one_visit() {
    let record = [by("7", row(1, InSession, "Rosa", 0, 100)), by("7", row(2, InSession, "Rosa", 101, 300))];
    assert_eq!(stays(&fold(&[], &record)), [vec![(InSession, 0, Some(100)), (InSession, 101, Some(300))]]);
}

#[test]
fn an_end_that_was_guessed_is_corrected_and_one_that_was_said_stands() {
    let joined = || Story::in_meeting("A").says(0, Joined, named("1", "Rosa"));
    let record = [by("1", row(1, InSession, "Rosa", 0, 300))];
    // By the end of the meeting, and by the start of the next.
    for guessed in [joined().ends(500), joined().then_in("B").starts(600)] {
        let told = fold(&guessed.events, &record);
        assert_eq!(stays(&told), [vec![(InSession, 0, Some(300))]]);
        assert_eq!(sources(&told[0]), [(Webhook, Some(ZoomRecord))]);
    }
    let said = joined().says(290, Left, named("1", "Rosa")).ends(500);
    assert_eq!(stays(&fold(&said.events, &record)), [vec![(InSession, 0, Some(290))]]);
    assert_eq!(sources(&fold(&said.events, &record)[0]), [(Webhook, Some(Webhook))]);
}

#[test]
fn a_guess_that_is_some_seconds_off_does_not_flicker() {
    let story = Story::in_meeting("A").says(0, Joined, named("1", "Rosa")).ends(500);
    for end in [496, 499, 500, 501, 505] {
        let told = fold(&story.events, &[by("1", row(1, InSession, "Rosa", 0, end))]);
        assert_eq!(stays(&told), [vec![(InSession, 0, Some(500))]]);
        assert_eq!(sources(&told[0]), [(Webhook, Some(Webhook))]);
    }
}

#[test]
fn what_the_record_leaves_out_proves_nothing() {
    let story = visit().says(70, Joined, named("5", "Tom")).says(350, Left, named("5", "Tom"));
    // Only Tom is in the record, and it is that of another meeting, or there is none.
    for record in [vec![by("5", row(9, InSession, "Tom", 70, 350))], Vec::new()] {
        assert_eq!(stays(&fold(&story.events, &record)), stays(&story.fold()));
    }
}

#[test]
fn a_record_of_a_meeting_shows_that_it_is_over() {
    // Rosa's own row is missing; the last one who was there left at 500.
    let story = Story::in_meeting("A").says(0, Joined, named("1", "Rosa"));
    let told = fold(&story.events, &[by("9", row(1, InSession, "Dr Osei", 0, 500))]);
    assert_eq!(stays(&told), [vec![(InSession, 0, Some(500))], vec![(InSession, 0, Some(500))]]);
    assert_eq!(sources(&told[0]), [(Webhook, Some(ZoomRecord))]);
    // Not where more was heard of it afterwards: then the record is not the whole of it.
    let story = story.says(600, Joined, named("2", "Tom"));
    let told = fold(&story.events, &[by("9", row(1, InSession, "Dr Osei", 0, 500))]);
    assert_eq!(told.iter().filter(|visit| visit.whereabouts == Whereabouts::InSession).count(), 2);
}

#[test]
fn of_copies_of_a_row_the_youngest_counts() {
    let story = Story::in_meeting("A").says(0, Joined, named("1", "Rosa"));
    let early = by("1", row(1, InSession, "Rosa", 0, 200));
    let late = RecordedStay { delivery: delivery(1_000_001), to: at(300), ..early.clone() };
    for record in [[early.clone(), late.clone()], [late.clone(), early]] {
        let told = fold(&story.events, &record);
        assert_eq!(told, fold(&story.events, std::slice::from_ref(&late)));
        assert_eq!(stays(&told), [vec![(InSession, 0, Some(300))]]);
    }
}

#[test]
fn two_of_one_name_are_told_apart_by_their_ids() {
    let maria = |user: &str| named(user, "Maria");
    let story = Story::in_meeting("A").says(0, Joined, maria("1")).says(1, Joined, maria("2")).ends(900);
    let record = [by("2", row(1, InSession, "Maria", 1, 300)), by("1", row(2, InSession, "Maria", 0, 500))];
    let told = fold(&story.events, &record);
    assert_eq!(stays(&told), [vec![(InSession, 0, Some(500))], vec![(InSession, 1, Some(300))]]);
    // One whose events were all lost is not taken for the other, near as the times are.
    let alone = fold(&story.events[..1], &record);
    assert_eq!(stays(&alone), [vec![(InSession, 0, Some(500))], vec![(InSession, 1, Some(300))]]);
    assert_eq!(alone[1].id, record[0].row);
}

#[test]
fn two_of_one_name_whose_times_do_not_tell_them_apart_are_left_alone_and_not_doubled() {
    let story = Story::in_meeting("A")
        .says(0, Joined, named("1", "Maria"))
        .says(1, Joined, named("2", "Maria"))
        .ends(900);
    let record = [row(1, InSession, "Maria", 1, 300), row(2, InSession, "Maria", 0, 500)];
    for record in [record.to_vec(), masked(record.to_vec())] {
        let told = fold(&story.events, &record);
        assert_eq!(stays(&told), [vec![(InSession, 0, Some(900))], vec![(InSession, 1, Some(900))]]);
        assert!(told.iter().all(|visit| record.iter().all(|row| !visit.known_as.contains(&row.row))));
    }
    // A row for one of two who look alike may be either's.
    assert_eq!(fold(&story.events, &record[..1]), story.fold());
}

#[test]
fn what_comes_out_the_same_whoever_is_meant_is_filled_in() {
    let story = Story::in_meeting("A")
        .says(0, Joined, named("1", "Maria"))
        .says(1, Joined, named("2", "Maria"))
        .ends(900);
    let record = [row(1, InSession, "Maria", 0, 500), row(2, InSession, "Maria", 1, 501)];
    let told = fold(&story.events, &record);
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|visit| visit.since.distance(at(500)) <= AGREES_WITHIN));
}

#[test]
fn a_third_of_one_name_in_the_record_is_a_third_person() {
    let story = Story::in_meeting("A")
        .says(0, Joined, named("1", "Maria"))
        .says(1, Joined, named("2", "Maria"))
        .ends(900);
    let record: Vec<RecordedStay> = (0..3).map(|number| row(number, InSession, "Maria", 1, 500)).collect();
    assert_eq!(fold(&story.events, &record).len(), 3);
}

#[test]
fn a_nameless_row_is_that_of_whoever_was_there_at_its_time() {
    // Names masked in the record, in the deliveries, or in both.
    for told in ["", "Rosa"] {
        for recorded in ["", "Rosa"] {
            let person =
                Person { name: Some(told.to_owned()).filter(|name| !name.is_empty()), ..named("1", "") };
            let story = Story::in_meeting("A").says(0, Joined, person).ends(900);
            let visits = fold(&story.events, &[row(1, InSession, recorded, 1, 300)]);
            assert_eq!(stays(&visits), [vec![(InSession, 0, Some(300))]], "{told:?} {recorded:?}");
            let known = [told, recorded].iter().any(|name| !name.is_empty());
            assert_eq!(visits[0].shown_name.as_deref(), known.then_some("Rosa"));
        }
    }
}

#[test]
fn somebody_who_was_renamed_is_not_a_second_person() {
    let story =
        Story::in_meeting("A").says(0, Joined, named("1", "iPhone")).says(300, Left, named("1", "iPhone"));
    let told = fold(&story.events, &[row(1, InSession, "Rosa Delgado", 0, 301)]);
    assert_eq!(stays(&told), [vec![(InSession, 0, Some(300))]]);
    assert_eq!(told[0].shown_name.as_deref(), Some("iPhone"));
    assert_eq!(told[0].names, ["iPhone", "Rosa Delgado"]);
    // Somebody else who came and went at other times is.
    assert_eq!(fold(&story.events, &[row(1, InSession, "Rosa Delgado", 20, 280)]).len(), 2);
}

#[test]
fn the_hosts_row_is_the_hosts_and_no_guests_of_the_same_name() {
    let host = |row: RecordedStay| RecordedStay { is_host: true, zoom_user_id: Some("z".to_owned()), ..row };
    let story = Story::in_meeting("A")
        .says(0, Joined, Person { is_host: true, ..named("1", "Alex") })
        .says(2, Joined, named("2", "Alex"))
        .ends(900);
    let record = [host(row(1, InSession, "Alex", 1, 800)), row(2, InSession, "Alex", 2, 300)];
    let told = fold(&story.events, &record);
    assert_eq!(stays(&told), [vec![(InSession, 0, Some(800))], vec![(InSession, 2, Some(300))]]);
    assert!(told[0].is_host && !told[1].is_host);
    assert_eq!(told[0].zoom_user_ids, BTreeSet::from(["z".to_owned()]));
    // Wholly lost, the record says who it is.
    assert!(fold(&[], &record[..1])[0].is_host);
}

#[test]
fn a_registrant_is_recognised_whatever_the_name_and_the_ids() {
    let registered =
        |user: &str, id: &str| Person { registrant_id: Some(id.into()), name: None, ..named(user, "") };
    let story = Story::in_meeting("A")
        .says(0, Joined, registered("1", "r1"))
        .says(1, Joined, registered("2", "r2"))
        .ends(900);
    let of = |id: &str, row: RecordedStay| RecordedStay { registrant_id: Some(id.to_owned()), ..row };
    let record = [of("r2", row(1, InSession, "", 0, 300)), of("r1", row(2, InSession, "", 1, 500))];
    assert_eq!(
        stays(&fold(&story.events, &record)),
        [vec![(InSession, 0, Some(500))], vec![(InSession, 1, Some(300))]]
    );
}

#[test]
fn a_row_told_in_parts_does_not_take_a_visit_apart() {
    let story = Story::in_meeting("A")
        .says(0, Joined, named("1", "Rosa"))
        .says(100, LeftForBreakoutRoom, named("1", "Rosa"))
        .says(101, JoinedBreakoutRoom, named("1", "Rosa"))
        .says(200, LeftBreakoutRoom, named("1", "Rosa"))
        .says(201, Joined, named("1", "Rosa"))
        .says(300, Left, named("1", "Rosa"));
    let record = [row(1, InSession, "Rosa", 0, 100), row(2, InSession, "Rosa", 201, 300)];
    for record in [record.to_vec(), record.clone().map(|row| by("1", row)).to_vec()] {
        let told = fold(&story.events, &record);
        assert_eq!(told[0].stays, story.fold()[0].stays);
        assert_eq!(told.len(), 1);
    }
    // Even if nothing was heard of since they went to a breakout room.
    assert_eq!(stays(&fold(&story.events[..2], &record)), [vec![(InSession, 0, Some(300))]]);
}

#[test]
fn a_wait_under_the_uuid_of_another_meeting_is_found_in_the_record() {
    let story = Story::in_meeting("before").says(0, JoinedWaitingRoom, named("1", "Rosa"));
    let record = [row(1, Waiting, "Rosa", 0, 60), row(2, InSession, "Rosa", 64, 300)];
    for record in [record.to_vec(), rows()] {
        assert_eq!(
            stays(&fold(&story.events, &record)),
            [vec![(Waiting, 0, Some(60)), (Connecting, 60, Some(64)), (InSession, 64, Some(300))]]
        );
    }
}
