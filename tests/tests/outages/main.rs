//! The outage drill: the receiver is down for a minute, an hour, a week, while clinic days go on at Zoom. Zoom tries each
//! delivery again on its own schedule and then gives it up; afterwards what is shown must be what happened, wherever
//! Zoom can know it.
//!
//! By default some seeds of each length are gone through; `ANTEROOM_DRILL=full` takes twenty of each, and `ANTEROOM_DRILL=120,4` one
//! outage of 120 minutes with the seed 4. With `--nocapture` a table is printed.

mod by_hand;
mod days;
mod faults;
mod truth;
mod world;

use std::{collections::BTreeMap, time::Duration};

use domain::Timestamp;
use tokio::task::JoinSet;

use days::{Days, Dice};
use truth::Tally;
use world::World;

/// How long the receiver is down, in minutes, and how many seeds are gone through unless all are asked for.
const OUTAGES: [(u64, u64); 10] = [
    (1, 2),
    (6, 2),
    (26, 2),
    (84, 2),
    (86, 2),
    (120, 2),
    (6 * 60, 2),
    (24 * 60, 1),
    (72 * 60, 1),
    (7 * 24 * 60, 1),
];
const ALL_SEEDS: u64 = 20;
/// Drills under way at once.
const AT_ONCE: usize = 2;

/// A Monday, eight in the morning at the clinic.
fn monday() -> Timestamp {
    "2026-11-23T14:00:00Z".parse().expect("a time")
}

async fn drill(minutes: u64, seed: u64) -> Tally {
    let dice = Dice::new(seed * 1_000_003 + minutes);
    let mut world = World::open(monday(), seed).await;
    world.sim.knobs(|knobs| days::knobs(seed, knobs));
    // Some time between half past nine and four.
    let down = monday().plus(Duration::from_secs(5_400 + dice.below(6 * 3_600 + 1_800)));
    let up = down.plus(Duration::from_mins(minutes));
    let evening = |day: Timestamp| {
        world.clinic.zone.day(world.clinic.zone.date(day)).end.minus(Duration::from_hours(4))
    };
    let end = evening(up).max(up);
    let mut days = Days::plan(&world, monday()..end, &dice).await;
    days.play_to(&world, down).await;
    world.go_down().await;
    days.play_to(&world, up).await;
    world.come_up().await;
    days.play_to(&world, end).await;
    world.settle().await;

    let mut tally = truth::compare(&world, &days).await;
    let differences = world.attendance.rebuild(None, true).await.expect("it can be derived anew").differences;
    tally.wrong.extend(differences.into_iter().map(|difference| format!("a rebuild differs: {difference}")));
    let before = [world.presences(0).await, world.presences(1).await];
    let again = world.reconciler.reconcile(None, monday()..end, store::ports::recovery::Why::Asked, |_| {});
    let again = again.await.expect("rooms are compared");
    if again.found().records > 0 || before != [world.presences(0).await, world.presences(1).await] {
        tally.wrong.push(format!("comparing once more changed something: {:?}", again.found()));
    }
    tally
}

/// The drills to be gone through: minutes and seed of each.
fn wanted() -> Vec<(u64, u64)> {
    let wanted = std::env::var("ANTEROOM_DRILL").unwrap_or_default();
    if let Some((minutes, seed)) = wanted.split_once(',') {
        return vec![(minutes.parse().expect("minutes"), seed.parse().expect("a seed"))];
    }
    let seeds = |some: u64| if wanted == "full" { ALL_SEEDS } else { some };
    OUTAGES.iter().flat_map(|(minutes, some)| (0..seeds(*some)).map(|seed| (*minutes, seed))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_outage_of_any_length_attendance_is_what_zoom_can_know_and_nothing_else() {
    let mut waiting = wanted();
    let mut under_way = JoinSet::new();
    let mut tallies: BTreeMap<u64, Tally> = BTreeMap::new();
    loop {
        while under_way.len() < AT_ONCE
            && let Some((minutes, seed)) = waiting.pop()
        {
            under_way.spawn(async move { (minutes, seed, drill(minutes, seed).await) });
        }
        let Some(done) = under_way.join_next().await else { break };
        let (minutes, seed, mut tally) = done.expect("a drill comes to its end");
        for wrong in &mut tally.wrong {
            *wrong = format!("{minutes} min, seed {seed}: {wrong}");
        }
        *tallies.entry(minutes).or_default() += tally;
    }
    println!(
        "| down | visits | shown to the second | with the record's help | unknown | waits with a guessed end \
         | wrong | appointments kept | certain | comparisons |\n|---|---|---|---|---|---|---|---|---|---|"
    );
    for (minutes, tally) in &tallies {
        let Tally { visits, equal, from_record, unknown, bounded, kept, certain, compared, wrong } = tally;
        let wrong = wrong.len();
        println!(
            "| {minutes} min | {visits} | {equal} | {from_record} | {unknown} | {bounded} | {wrong} | {kept} \
             | {certain} | {compared} |"
        );
    }
    let wrong: Vec<&String> = tallies.values().flat_map(|tally| &tally.wrong).collect();
    assert!(wrong.is_empty(), "{} faults, among them:\n{:#?}", wrong.len(), &wrong[..wrong.len().min(40)]);
    assert!(tallies.values().all(|tally| tally.equal > 0));
    assert!(tallies.iter().all(|(minutes, tally)| *minutes < 24 * 60 || tally.from_record > 0));
}
