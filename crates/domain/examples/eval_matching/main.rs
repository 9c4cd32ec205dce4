//! How often the ladder is right, on simulated days whose truth is known, at the moment before somebody is let in.
//!
//! `docs/matching.md` describes the population and what came out. Words after the command: `tune` takes the seeds that
//! the rules were tuned on instead of those that are reported; a number sets the days for each seed.

mod ask;
mod baseline;
mod population;
mod report;
mod table;

use std::{io, thread};

use domain::{Timestamp, clinic::Zone};
use population::{Account, Chance, Links, day};
use report::Report;

/// Those that are reported are never tuned on.
const REPORTED: std::ops::Range<u64> = 4_000..4_016;
const TUNING: std::ops::Range<u64> = 1..9;
/// So many that more than 20,000 arrivals are reported of each kind of account.
const DAYS: u64 = 110;
/// 2026-11-23T14:00:00Z
const OPENS: Timestamp = Timestamp::from_seconds(1_795_442_400);

const OPEN: Account = Account { names_shown: true, links: Links::Open, tells_addresses: false };
/// The kinds of account, as the tables call them.
const ACCOUNTS: [(&str, Account); 5] = [
    ("open, names shown", OPEN),
    ("open, every name masked", Account { names_shown: false, ..OPEN }),
    ("registered, names shown", Account { links: Links::Registered, ..OPEN }),
    ("registered, every name masked", Account { links: Links::Registered, names_shown: false, ..OPEN }),
    ("open, names preset by invite links", Account { links: Links::Preset, ..OPEN }),
];

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let seeds = if words.iter().any(|word| word == "tune") { TUNING } else { REPORTED };
    let days = words.iter().find_map(|word| word.parse().ok()).unwrap_or(DAYS);
    let workers: Vec<_> = seeds.clone().map(|seed| thread::spawn(move || of_seed(seed, days))).collect();
    let mut report = Report::default();
    for worker in workers {
        let part = worker.join().map_err(|_| io::Error::other("a seed could not be judged"))?;
        report.add(part?);
    }
    report.print(&format!(
        "Seeds {} to {}, {days} days each of every kind of account.",
        seeds.start,
        seeds.end - 1
    ))
}

/// The days of one seed. Half of them are of accounts that tell where people come from.
fn of_seed(seed: u64, days: u64) -> io::Result<Report> {
    let zone = Zone::parse("America/Chicago").map_err(io::Error::other)?;
    let mut report = Report::default();
    for (index, (name, account)) in (0_u64..).zip(ACCOUNTS) {
        let mut chance = Chance::new(seed * 16 + index);
        for number in 0..days {
            let account = Account { tells_addresses: number % 2 == 0, ..account };
            let phase = chance.within(0, 15);
            let day = day(&mut chance, account, OPENS);
            report.judge(&day, &zone, name, account, phase, &format!("seed {seed}, day {number}"));
        }
    }
    Ok(report)
}
