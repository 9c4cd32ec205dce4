//! The receiver under load: durable events a second and the time to the answer, beside the same without storage.
//!
//! Run by `scripts/bench`, which prepares the databases. Rounds are interleaved over the subjects, so that a
//! machine whose speed drifts is unjust to none of them; figures are medians over the rounds.

mod ceiling;
mod load;
mod process;

use std::time::Duration;

use load::Measured;
use process::{Subject, Usage};

const CONNECTIONS: [usize; 4] = [1, 16, 64, 256];

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn main() {
    if let Some(port) = std::env::args().skip_while(|argument| argument != "--ceiling").nth(1) {
        return ceiling::serve(port.parse().expect("--ceiling takes a port"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(compare());
}

/// What one subject showed in one round.
struct Round {
    started: Duration,
    idle: Usage,
    peak: Usage,
    measured: Vec<Measured>,
    bytes_per_event: Option<f64>,
}

async fn compare() {
    let rounds = number("BENCH_ROUNDS", 3);
    let length = Duration::from_millis(number("BENCH_MILLIS", 3_000));
    let subjects = Subject::from_environment();
    let mut results: Vec<Vec<Round>> = subjects.iter().map(|_| Vec::new()).collect();
    for round in 1..=rounds {
        for (subject, results) in subjects.iter().zip(&mut results) {
            eprintln!("round {round} of {rounds}: {}", subject.name);
            results.push(measure(subject, length).await);
        }
    }
    report(&subjects, &results, rounds, length);
}

async fn measure(subject: &Subject, length: Duration) -> Round {
    let before = subject.stored_bytes();
    let server = subject.start().await;
    let idle = server.usage();
    let mut measured = Vec::new();
    for connections in CONNECTIONS {
        let cpu = server.usage().cpu;
        let mut load = load::run(server.port, connections, length).await;
        load.cpu_per_event =
            server.usage().cpu.saturating_sub(cpu).as_secs_f64() / load.accepted.max(1) as f64;
        measured.push(load);
    }
    let started = server.started;
    let peak = server.usage();
    server.stop().await;
    let accepted: u64 = measured.iter().map(|measured| measured.accepted).sum();
    let bytes_per_event = match (before, subject.stored_bytes()) {
        (Some(before), Some(after)) => Some(after.saturating_sub(before) as f64 / accepted.max(1) as f64),
        _ => None,
    };
    Round { started, idle, peak, measured, bytes_per_event }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn report(subjects: &[Subject], results: &[Vec<Round>], rounds: u64, length: Duration) {
    let of = |results: &[Round], pick: &dyn Fn(&Round) -> f64| median(results.iter().map(pick).collect());
    println!("medians of {rounds} interleaved rounds of {length:?} each\n");
    println!(
        "| subject | connections | events/s | share of ceiling | p50 ms | p99 ms | not accepted | CPU us/event |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let rate =
        |index: usize, results: &[Round]| of(results, &|round: &Round| round.measured[index].per_second());
    for (subject, rounds) in subjects.iter().zip(results) {
        for (index, connections) in CONNECTIONS.iter().enumerate() {
            let share = 100.0 * rate(index, rounds) / rate(index, &results[0]);
            println!(
                "| {} | {connections} | {:.0} | {share:.1} % | {:.2} | {:.2} | {:.0} | {:.0} |",
                subject.name,
                rate(index, rounds),
                of(rounds, &|round| round.measured[index].percentile(0.50)),
                of(rounds, &|round| round.measured[index].percentile(0.99)),
                of(rounds, &|round| round.measured[index].refused as f64),
                of(rounds, &|round| round.measured[index].cpu_per_event * 1e6),
            );
        }
    }
    println!("\n| subject | start-up ms | idle MiB | peak MiB | bytes stored/event |\n|---|---|---|---|---|");
    for (subject, rounds) in subjects.iter().zip(results) {
        println!(
            "| {} | {:.0} | {:.1} | {:.1} | {:.0} |",
            subject.name,
            of(rounds, &|round| round.started.as_secs_f64() * 1e3),
            of(rounds, &|round| round.idle.resident_mib),
            of(rounds, &|round| round.peak.peak_mib),
            of(rounds, &|round| round.bytes_per_event.unwrap_or(f64::NAN)),
        );
    }
}
