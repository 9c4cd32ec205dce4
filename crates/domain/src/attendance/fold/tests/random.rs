//! Histories at random, with and without rows of a record: what holds of any of them.

use super::{
    chance::{Chance, each_seed},
    orders::{facts, facts_of},
    *,
};

const WHATS: [What; 15] = [
    What::MeetingStarted,
    What::WaitingForHost,
    What::StoppedWaitingForHost,
    What::JoinedWaitingRoom,
    What::Admitted,
    What::LeftWaitingRoom,
    What::Joined,
    What::PutInWaitingRoom,
    What::RoleChanged,
    What::Bound,
    What::JoinedBreakoutRoom,
    What::LeftBreakoutRoom,
    What::Left,
    What::LeftForBreakoutRoom,
    What::MeetingEnded,
];

fn text(chance: &mut Chance, of: &[&str]) -> Option<String> {
    Some((*chance.of(of)).to_owned()).filter(|text| !text.is_empty())
}

fn event(chance: &mut Chance, number: usize) -> RoomEvent {
    let what = *chance.of(&WHATS);
    let person = Person {
        user_id: text(chance, &["", "1", "2", "3", "4"]),
        participant_uuid: text(chance, &["", "", "", "p", "q"]),
        zoom_user_id: text(chance, &["", "", "", "z"]),
        registrant_id: text(chance, &["", "", "", "r", "s"]),
        customer_key: None,
        name: text(chance, &["", "Rosa", "ROSA", "Tom"]),
        phone: text(chance, &["", "", "", "", "13125550142"]),
        public_ip: None,
        is_host: chance.one_in(10),
        bound_to: text(chance, &["", "1", "2"]),
    };
    RoomEvent {
        delivery: delivery(number as u128),
        at: at(chance.within(0..300) * 3),
        what,
        instance: text(chance, &["A", "A", "A", "B", ""]),
        person: (!matches!(what, What::MeetingStarted | What::MeetingEnded)).then_some(person),
    }
}

fn recorded(chance: &mut Chance, number: usize) -> RecordedStay {
    let from = chance.within(0..300) * 3;
    let to = from + chance.within(0..200) * 3;
    let name = text(chance, &["", "Rosa", "ROSA", "Tom"]).unwrap_or_default();
    let kind = if chance.one_in(3) { Waiting } else { InSession };
    RecordedStay {
        delivery: delivery(1_000 + number as u128 % 2),
        instance: (*chance.of(&["A", "A", "B"])).to_owned(),
        user_id: text(chance, &["", "1", "2", "3", "4"]),
        zoom_user_id: text(chance, &["", "", "", "z"]),
        registrant_id: text(chance, &["", "", "", "r", "s"]),
        is_host: chance.one_in(10),
        ..row(chance.below(6) as u128, kind, &name, from, to)
    }
}

/// Stays that follow each other, closed where they are over, and evidence for each of them.
fn holds_together(visits: &[Visit]) {
    for visit in visits {
        assert!(!visit.stays.is_empty());
        let mut until = None;
        for stay in &visit.stays {
            assert!(until.is_none_or(|end: Option<Timestamp>| end.is_some_and(|end| end <= stay.from)));
            assert!(stay.to.is_none_or(|to| stay.from <= to));
            assert_eq!(stay.to.is_some(), stay.to_source.is_some());
            assert!(!stay.evidence.is_empty());
            until = Some(stay.to);
        }
        assert_eq!(visit.whereabouts == Whereabouts::Left, visit.stays.last().unwrap().to.is_some());
        assert!(visit.first_at <= visit.stays[0].from);
        assert!(visit.known_as.contains(&visit.id));
    }
}

#[test]
fn random_histories_come_out_the_same_in_another_order_told_again_and_hold_together() {
    each_seed(50_000, |seed| {
        let mut chance = Chance::new(seed);
        let mut events: Vec<RoomEvent> =
            (0..chance.below(16)).map(|number| event(&mut chance, number)).collect();
        let count = if chance.one_in(2) { 0 } else { chance.below(8) };
        let mut rows: Vec<RecordedStay> = (0..count).map(|number| recorded(&mut chance, number)).collect();
        let once = fold(&events, &rows);
        holds_together(&once);
        let again: Vec<RoomEvent> = events.iter().filter(|_| chance.one_in(3)).cloned().collect();
        let first_of_all = events.len();
        events.extend(again);
        for (number, event) in events.iter_mut().enumerate().skip(first_of_all) {
            event.delivery = delivery(100 + number as u128);
        }
        let same: Vec<RecordedStay> = rows.iter().filter(|_| chance.one_in(3)).cloned().collect();
        rows.extend(same);
        chance.shuffle(&mut events);
        chance.shuffle(&mut rows);
        assert_eq!(fold(&events, &rows), once);

        if rows.is_empty() {
            // In another order of arrival the ids differ, and nothing else does.
            for (number, event) in events.iter_mut().enumerate() {
                event.delivery = delivery(number as u128);
            }
            assert_eq!(facts(&events), facts_of(once));
        }
    });
}

#[test]
fn nobody_is_left_in_any_random_meeting_that_is_over() {
    each_seed(20_000, |seed| {
        let mut chance = Chance::new(seed);
        let mut events: Vec<RoomEvent> =
            (0..chance.below(16)).map(|number| event(&mut chance, number)).collect();
        events.retain(|event| event.what != What::MeetingEnded);
        for event in &mut events {
            event.instance = Some("A".to_owned());
        }
        let end = RoomEvent {
            delivery: delivery(99),
            at: at(4_000),
            what: What::MeetingEnded,
            instance: Some("A".to_owned()),
            person: None,
        };
        events.push(end);
        let rows: Vec<RecordedStay> = (0..chance.below(5))
            .map(|number| RecordedStay { instance: "A".to_owned(), ..recorded(&mut chance, number) })
            .collect();
        let visits = fold(&events, &rows);
        holds_together(&visits);
        for visit in visits {
            assert_eq!(visit.whereabouts, Whereabouts::Left);
            assert!(visit.since <= at(4_000));
        }
    });
}
