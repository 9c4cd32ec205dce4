//! Histories that nobody would think of, found and shrunk by chance.

use proptest::{collection::vec, prelude::*};

use super::{orders::facts, *};

fn text(of: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    proptest::sample::select(of).prop_map(|text| Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn person() -> impl Strategy<Value = Person> {
    (
        text(&["", "1", "2", "3", "4", "5"]),
        text(&["", "", "", "p", "q"]),
        text(&["", "", "", "z"]),
        text(&["", "", "", "r", "s"]),
        text(&["", "Rosa", "ROSA", "Tom", "iPhone"]),
        text(&["", "", "", "13125550142"]),
        proptest::bool::weighted(0.1),
        text(&["", "", "1", "2"]),
    )
        .prop_map(
            |(user_id, participant_uuid, zoom_user_id, registrant_id, name, phone, is_host, bound_to)| {
                Person {
                    user_id,
                    participant_uuid,
                    zoom_user_id,
                    registrant_id,
                    customer_key: None,
                    name,
                    phone,
                    public_ip: None,
                    is_host,
                    bound_to,
                }
            },
        )
}

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

/// Up to 40 events of one room, in three meetings and none, some of them at the same second.
fn history() -> impl Strategy<Value = Vec<RoomEvent>> {
    let event =
        (0_i64..400, proptest::sample::select(&WHATS[..]), text(&["A", "A", "A", "B", "C", ""]), person());
    vec(event, 0..40).prop_map(|events| {
        events
            .into_iter()
            .enumerate()
            .map(|(i, (seconds, what, instance, person))| RoomEvent {
                delivery: delivery(i as u128),
                at: super::at(seconds * 3),
                what,
                instance,
                person: (!matches!(what, What::MeetingStarted | What::MeetingEnded)).then_some(person),
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_repetition_of_any_history_gives_the_same_visits(
        (history, shuffled, again) in history().prop_flat_map(|history| {
            let repeated: Vec<RoomEvent> = history.clone();
            (Just(history), Just(repeated.clone()).prop_shuffle(), proptest::sample::subsequence(repeated.clone(), 0..=repeated.len()))
        })
    ) {
        let once = fold(&history, &[]);
        let mut other = shuffled.clone();
        for (i, event) in again.into_iter().enumerate() {
            other.push(RoomEvent { delivery: delivery(1_000 + i as u128), ..event });
        }
        prop_assert_eq!(&fold(&other, &[]), &once);

        // In another order of arrival the ids differ, and nothing else does.
        let arrived: Vec<RoomEvent> = shuffled
            .into_iter()
            .enumerate()
            .map(|(i, event)| RoomEvent { delivery: delivery(i as u128), ..event })
            .collect();
        prop_assert_eq!(facts(&arrived), facts(&history));
    }

    #[test]
    fn stays_never_overlap_or_run_backwards_and_say_where_they_come_from(history in history()) {
        let deliveries: BTreeSet<DeliveryId> = history.iter().map(|event| event.delivery).collect();
        let mut spoken_of = BTreeSet::new();
        for visit in fold(&history, &[]) {
            prop_assert!(!visit.stays.is_empty());
            let mut end = None;
            for stay in &visit.stays {
                prop_assert!(end.is_none_or(|end: Option<Timestamp>| end.is_some_and(|end| end <= stay.from)));
                prop_assert!(stay.to.is_none_or(|to| stay.from <= to));
                prop_assert_eq!(stay.to.is_some(), stay.to_source.is_some());
                prop_assert!(!stay.evidence.is_empty());
                prop_assert!(stay.evidence.iter().all(|delivery| deliveries.contains(delivery)));
                prop_assert!(stay.evidence.is_sorted());
                end = Some(stay.to);
            }
            let last = visit.stays.last().unwrap();
            prop_assert_eq!(visit.whereabouts == Whereabouts::Left, last.to.is_some());
            prop_assert!(visit.first_at <= visit.stays[0].from);
            prop_assert_eq!(visit.id.uuid(), visit.evidence.first().unwrap().uuid());
            for delivery in visit.evidence {
                prop_assert!(spoken_of.insert(delivery), "no event belongs to two people");
            }
        }
    }

    #[test]
    fn nobody_is_left_in_a_meeting_that_is_over(history in history()) {
        let mut history: Vec<RoomEvent> = history;
        for event in &mut history {
            event.instance = Some("A".into());
        }
        history.retain(|event| event.what != What::MeetingEnded);
        let next = history.len() as u128;
        history.push(RoomEvent {
            delivery: delivery(next),
            at: super::at(4_000),
            what: What::MeetingEnded,
            instance: Some("A".into()),
            person: None,
        });
        for visit in fold(&history, &[]) {
            prop_assert_eq!(visit.whereabouts, Whereabouts::Left);
            prop_assert!(visit.since <= super::at(4_000));
        }
    }
}
