//! How often the ladder is right, on simulated days whose truth is known, at the moment before somebody is let in.
//!
//! `docs/matching.md` describes the population and what came out. Words after the command: `tune` takes the seeds that
//! the rules were tuned on instead of those that are reported; `clock` asks as if the clinician had come to the room at
//! that very moment, which tells the room's clock; a number sets the days for each seed.

mod baseline;
mod chance;
mod day;
mod people;
mod table;

use std::io::{self, Write};

use chance::Chance;
use day::{Arrival, Day};
use domain::{
    AttendeeId, DeliveryId,
    attendance::{
        event::{Person, RoomEvent, What},
        fold::{Visit, fold},
        matching::{
            Level, Press,
            ladder::{Answer, Evidence, climb},
        },
        presence::Who,
    },
    clinic::Zone,
    id::Id,
};
use table::{Table, rung};
use uuid::Uuid;

/// Those that are reported are never tuned on.
const REPORTED: std::ops::Range<u64> = 2_000..2_016;
const TUNING: std::ops::Range<u64> = 1..9;
/// So many that more than 20,000 arrivals are reported of either kind of account.
const DAYS: u64 = 110;

#[derive(Default)]
struct Report {
    rows: Table,
    names_only: Table,
    due: Table,
    rungs: Table,
    kinds: Table,
    stories: Vec<String>,
    unheard: u64,
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let clock = words.iter().any(|word| word == "clock");
    let seeds = if words.iter().any(|word| word == "tune") { TUNING } else { REPORTED };
    let days = words.iter().find_map(|word| word.parse().ok()).unwrap_or(DAYS);
    let mut report = Report::default();
    for seed in seeds.clone() {
        for masked in [false, true] {
            let mut chance = Chance::new(seed * 2 + u64::from(masked));
            for number in 0..days {
                let day = day::day(&mut chance, masked);
                judge(&day, masked, clock, &format!("seed {seed}, day {number}"), &mut report);
            }
        }
    }
    print(&report, &seeds, days)
}

fn judge(day: &Day, masked: bool, clock: bool, when: &str, report: &mut Report) {
    let (account, everybody) = if masked {
        ("every name masked", "every name masked")
    } else {
        ("names shown", "names shown, everybody")
    };
    for arrival in &day.arrivals {
        let answer = ask(day, arrival, clock);
        let Some((answer, _)) = answer else {
            report.unheard += 1;
            report.rows.note(everybody, arrival, None);
            continue;
        };
        let said = answer.matched.as_ref().map(|matched| (matched.attendee, matched.level));
        report.rows.note(everybody, arrival, said);
        if arrival.pressed {
            report.rows.note(&format!("{account}, Join pressed"), arrival, said);
        }
        let certain = |attendee: Option<AttendeeId>| attendee.map(|attendee| (attendee, Level::Certain));
        report.names_only.note(
            everybody,
            arrival,
            certain(baseline::by_name(arrival.shown.as_deref(), &day.invited)),
        );
        report.due.note(
            everybody,
            arrival,
            certain(baseline::whoever_is_due(arrival.asked_at, &day.invited)),
        );
        report.kinds.note(&format!("{account}: {}", arrival.kind), arrival, said);
        let by = answer.matched.as_ref().map_or("6 asks the desk", rung);
        report.rungs.note(&format!("{account}: {by}"), arrival, said);
        if let Some((attendee, Level::Certain)) = said
            && !arrival.truth.contains(&attendee)
        {
            report.stories.push(story(day, arrival, &answer, when, account));
        }
    }
}

/// What the ladder says of somebody, by what is known at that moment alone.
fn ask(day: &Day, arrival: &Arrival, clock: bool) -> Option<(Answer, Visit)> {
    let mut known: Vec<RoomEvent> = day
        .heard
        .iter()
        .filter(|heard| heard.at <= arrival.asked_at)
        .map(|heard| heard.event.clone())
        .collect();
    if clock {
        let person = Person { user_id: Some("clock".to_owned()), is_host: true, ..Person::default() };
        known.push(RoomEvent {
            delivery: DeliveryId::from_uuid(Uuid::max()),
            at: arrival.asked_at,
            what: What::Joined,
            instance: Some("A".to_owned()),
            person: Some(person),
        });
    }
    let presses: Vec<Press> =
        day.presses.iter().filter(|press| press.at <= arrival.asked_at).cloned().collect();
    let visits: Vec<(Visit, Who)> = fold(&known, &[])
        .into_iter()
        .map(|visit| {
            let who = if visit.is_host { Who::Staff } else { Who::Visitor };
            (visit, who)
        })
        .collect();
    let zone = Zone::parse("America/Chicago").ok()?;
    let evidence = Evidence {
        visits: &visits,
        invited: &day.invited,
        presses: &presses,
        registrations: &[],
        invites: &[],
        looks: &[],
        decisions: &[],
        zone: &zone,
    };
    let mut answers = climb(&evidence);
    let visit =
        visits.into_iter().map(|(visit, _)| visit).find(|visit| visit.evidence.contains(&arrival.first))?;
    answers.remove(&visit.id).map(|answer| (answer, visit))
}

fn story(day: &Day, arrival: &Arrival, answer: &Answer, when: &str, account: &str) -> String {
    let name = |attendee: &AttendeeId| {
        day.invited.iter().find(|invited| invited.attendee == *attendee).map_or_else(String::new, |invited| {
            format!("{} (due {})", invited.name, invited.starts_at.to_jiff())
        })
    };
    let truth: Vec<String> = arrival.truth.iter().map(name).collect();
    let matched = answer.matched.as_ref();
    format!(
        "{when}, {account}: {}, shown as {:?} at {}, is {}; taken for {}, because {}",
        arrival.kind,
        arrival.shown.as_deref().unwrap_or(""),
        arrival.asked_at.to_jiff(),
        if truth.is_empty() { "nobody's attendee".to_owned() } else { truth.join(", ") },
        matched.map(|matched| name(&matched.attendee)).unwrap_or_default(),
        matched.map(|matched| matched.reasons.join("; ")).unwrap_or_default(),
    )
}

fn print(report: &Report, seeds: &std::ops::Range<u64>, days: u64) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "Seeds {} to {}, {days} days each with names shown and with names masked.",
        seeds.start,
        seeds.end - 1
    )?;
    writeln!(
        out,
        "Shares of right answers are of the attendees who came, shares of wrong ones of all arrivals."
    )?;
    report.rows.print("The ladder", &mut out)?;
    report.names_only.print("Baseline: the likest name, from 60 % on", &mut out)?;
    report.due.print("Baseline: whoever is due", &mut out)?;
    report.rungs.print("By rung", &mut out)?;
    report.kinds.print("By kind of case", &mut out)?;
    writeln!(out, "\nNot heard of yet when asked: {}", report.unheard)?;
    writeln!(out, "Certain and wrong: {}", report.stories.len())?;
    for story in &report.stories {
        writeln!(out, "- {story}")?;
    }
    Ok(())
}
