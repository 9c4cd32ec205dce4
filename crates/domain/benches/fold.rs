//! What the fold costs: events folded a second, for days of one room that grow.
//!
//! `cargo bench -p domain --bench fold`. Medians of many runs; `FOLD_BENCH_RUNS` (200) sets how many.

#![expect(clippy::print_stdout, reason = "the figures are what it is run for")]

use std::{hint::black_box, time::Instant};

use domain::{
    DeliveryId, PresenceId, Timestamp,
    attendance::{
        event::{Person, RoomEvent, What},
        fold::fold,
        record::RecordedStay,
        stay::StayKind,
    },
    id::Id as _,
};
use uuid::Uuid;

/// A day of so many events: one visit after the other, each waiting, let in, in the meeting and gone; every fourth is sent
/// back once. Names are shown, or the same for all.
fn day(events: usize, names: bool) -> (Vec<RoomEvent>, Vec<RecordedStay>) {
    let mut told: Vec<RoomEvent> = Vec::new();
    let mut rows: Vec<RecordedStay> = Vec::new();
    let mut ids = 16_778_240_u64;
    for visit in 0_i64.. {
        if told.len() >= events {
            break;
        }
        let name = names.then(|| format!("Person {}", visit % 40));
        let start = visit * 600;
        let mut says = |seconds: i64, what: What, user: u64| {
            let number = told.len() as u128;
            told.push(RoomEvent {
                delivery: DeliveryId::from_uuid(Uuid::from_u128(number)),
                at: Timestamp::from_seconds(start + seconds),
                what,
                instance: Some(format!("instance {}", visit / 20)),
                person: Some(Person {
                    user_id: Some(user.to_string()),
                    name: name.clone(),
                    ..Person::default()
                }),
            });
        };
        let mut at = 0;
        for stay in 0..=i64::from(visit % 4 == 0) {
            ids += 2_048;
            says(at, if stay == 0 { What::JoinedWaitingRoom } else { What::PutInWaitingRoom }, ids);
            says(at + 60, What::Admitted, ids);
            says(at + 63, What::Joined, ids + 1_024);
            rows.push(RecordedStay {
                delivery: DeliveryId::from_uuid(Uuid::from_u128(1 << 64)),
                row: PresenceId::from_uuid(Uuid::from_u128((1 << 65) + rows.len() as u128)),
                instance: format!("instance {}", visit / 20),
                kind: StayKind::InSession,
                from: Timestamp::from_seconds(start + at + 63),
                to: Timestamp::from_seconds(start + at + 240),
                user_id: None,
                zoom_user_id: None,
                registrant_id: None,
                name: name.clone(),
                is_host: false,
            });
            at += 240;
        }
        says(at, What::Left, ids + 1_024);
    }
    told.truncate(events);
    (told, rows)
}

fn main() {
    let runs = std::env::var("FOLD_BENCH_RUNS").ok().and_then(|text| text.parse().ok()).unwrap_or(200_usize);
    println!("| a room's day | events | median us | events/s |\n|---|---|---|---|");
    for (kind, names, recorded) in [
        ("names shown", true, false),
        ("names masked", false, false),
        ("names shown, with its record", true, true),
    ] {
        for events in [20, 200, 2_000] {
            let (told, rows) = day(events, names);
            let rows = if recorded { rows } else { Vec::new() };
            let mut micros: Vec<f64> = (0..runs.max(1))
                .map(|_| {
                    let begun = Instant::now();
                    black_box(fold(black_box(&told), black_box(&rows)));
                    begun.elapsed().as_secs_f64() * 1e6
                })
                .collect();
            micros.sort_by(f64::total_cmp);
            let median = micros.get(micros.len() / 2).copied().unwrap_or(f64::NAN);
            let told = f64::from(u32::try_from(told.len()).unwrap_or(u32::MAX));
            println!("| {kind} | {told} | {median:.0} | {:.0} |", told / median * 1e6);
        }
    }
}
