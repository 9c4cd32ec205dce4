//! Days whose truth is known, with the record and with whatever deliveries were lost.

use std::{collections::BTreeMap, time::Duration};

use super::{
    chance::{Chance, each_seed},
    day::Day,
    *,
};
use crate::attendance::fold::record::AGREES_WITHIN;

/// What is said of who was there, but for the ids of rows.
fn but_for_rows(visits: Vec<Visit>) -> Vec<Visit> {
    let told = |visit: &Visit, id: &PresenceId| visit.evidence.contains(&DeliveryId::from_uuid(id.uuid()));
    visits
        .into_iter()
        .map(|visit| Visit {
            known_as: visit.known_as.iter().copied().filter(|id| told(&visit, id)).collect(),
            ..visit
        })
        .collect()
}

fn seconds_since_start(at: Timestamp) -> i64 {
    at.as_seconds() - START.as_seconds()
}

/// When each name was in the meeting, in order.
fn in_session(visits: &[Visit]) -> Vec<(String, i64, i64)> {
    let mut all: Vec<(String, i64, i64)> = Vec::new();
    for visit in visits {
        for stay in visit.stays.iter().filter(|stay| stay.kind == StayKind::InSession) {
            let to = stay.to.map_or(i64::MAX, seconds_since_start);
            all.push((visit.names[0].clone(), seconds_since_start(stay.from), to));
        }
    }
    all.sort();
    all
}

fn agree(one: &[(String, i64, i64)], other: &[(String, i64, i64)]) -> bool {
    let near = |a: i64, b: i64| a.abs_diff(b) <= AGREES_WITHIN.as_secs();
    one.len() == other.len()
        && one.iter().zip(other).all(|(a, b)| a.0 == b.0 && near(a.1, b.1) && near(a.2, b.2))
}

/// What happened, what was heard of it and what was made of it, for whoever has to find out why.
fn in_words(day: &Day, kept: &[RoomEvent], visits: &[Visit]) -> String {
    let mut lines = vec![format!("{:#?}", day.ways)];
    for event in &day.events {
        let heard = if kept.iter().any(|kept| kept.delivery == event.delivery) { "     " } else { "lost " };
        let person = event.person.clone().unwrap_or_default();
        lines.push(format!(
            "{heard}{:>5} {:?} {} {}",
            seconds_since_start(event.at),
            event.what,
            person.user_id.unwrap_or_default(),
            person.name.unwrap_or_default()
        ));
    }
    for row in &day.rows {
        lines.push(format!(
            "row {:?} {:?} {:?} {} {}",
            row.kind,
            row.user_id,
            row.name,
            seconds_since_start(row.from),
            seconds_since_start(row.to)
        ));
    }
    for visit in visits {
        lines.push(format!("visit {:?} {:?}", visit.names, in_seconds(&visit.stays)));
    }
    lines.join("\n")
}

/// Nobody is there twice at once.
fn is_nobody_doubled(visits: &[Visit]) -> bool {
    let mut of_name: BTreeMap<&str, Vec<(Timestamp, Timestamp)>> = BTreeMap::new();
    for visit in visits {
        let end = visit.stays.last().and_then(|stay| stay.to).unwrap_or(Timestamp::from_micros(i64::MAX));
        of_name.entry(visit.names[0].as_str()).or_default().push((visit.stays[0].from, end));
    }
    of_name.values_mut().all(|times| {
        times.sort();
        times.windows(2).all(|pair| pair[0].1 <= pair[1].0.plus(AGREES_WITHIN))
    })
}

#[test]
fn a_record_that_agrees_changes_nothing_of_what_deliveries_told_in_full() {
    each_seed(2_000, |seed| {
        let mut chance = Chance::new(seed);
        let day = Day::new(&mut chance);
        let alone = fold(&day.events, &[]);
        // By other clocks, masked, or both; and in any order.
        let (masked, other_clocks) = (chance.one_in(2), chance.one_in(2));
        let mut rows = day.rows.clone();
        for row in &mut rows {
            row.name = row.name.take().filter(|_| !masked);
            if other_clocks {
                row.from = row.from.plus(Duration::from_secs(chance.below(3) as u64));
                row.to = row.to.plus(Duration::from_secs(chance.below(3) as u64)).max(row.from);
            }
        }
        chance.shuffle(&mut rows);
        let told = fold(&day.events, &rows);
        assert_eq!(but_for_rows(told.clone()), alone, "{}", in_words(&day, &day.events, &told));
    });
}

#[test]
fn rows_told_again_and_in_another_order_change_nothing() {
    each_seed(2_000, |seed| {
        let mut chance = Chance::new(seed);
        let day = Day::new(&mut chance);
        let kept: Vec<RoomEvent> = day.events.iter().filter(|_| chance.one_in(2)).cloned().collect();
        let mut rows: Vec<RecordedStay> = day.rows.iter().filter(|_| !chance.one_in(4)).cloned().collect();
        if chance.one_in(2) {
            for row in &mut rows {
                row.name = None;
            }
        }
        let once = fold(&kept, &rows);
        rows.extend(rows.clone());
        chance.shuffle(&mut rows);
        assert_eq!(fold(&kept, &rows), once, "{}", in_words(&day, &kept, &once));
    });
}

#[test]
fn a_whole_record_makes_up_for_whatever_deliveries_were_lost() {
    each_seed(5_000, |seed| {
        let mut chance = Chance::new(seed);
        let day = Day::new(&mut chance);
        let lost_one_in = 1 + chance.below(4);
        let kept: Vec<RoomEvent> =
            day.events.iter().filter(|_| !chance.one_in(lost_one_in)).cloned().collect();
        let visits = fold(&kept, &day.rows);
        assert!(agree(&in_session(&visits), &day.in_session), "{}", in_words(&day, &kept, &visits));
        // Of somebody who still seems to wait, nothing else tells whether they do.
        if day.ways.waiting_in_record {
            assert!(is_nobody_doubled(&visits), "{}", in_words(&day, &kept, &visits));
            let is_gone = |visit: &Visit| visit.whereabouts == Whereabouts::Left;
            assert!(visits.iter().all(is_gone), "{}", in_words(&day, &kept, &visits));
        }
    });
}
