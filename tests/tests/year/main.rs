//! A year of a clinic on a driven clock against the simulated Zoom: tokens renewed day by day, passwords changed, the app's
//! approval taken back and given, meetings deleted, waiting rooms switched off by hand, three secrets rotated, two outages.
//! What happened is written down by the test alone; what the program found, mended and told is compared with it.
//!
//! By default a small clinic has its year; `ANTEROOM_DRILL=full` takes one of 200 clinicians, and `ANTEROOM_DRILL=12,3` one of
//! 12 with the seed 3. With `--nocapture` a report is printed.

mod calendar;
mod dice;
mod misfortune;
mod post;
mod rows;
mod truth;
mod world;
mod year;

use jiff::civil::date;
use year::Year;

/// How many clinicians, and by which seed.
fn wanted() -> (usize, u64) {
    let wanted = std::env::var("ANTEROOM_DRILL").unwrap_or_default();
    match wanted.split_once(',') {
        Some((hosts, seed)) => (hosts.parse().expect("a number"), seed.parse().expect("a seed")),
        None if wanted == "full" => (200, 1),
        None => (6, 1),
    }
}

fn print(year: &Year, judged: &truth::Judged, seconds: u64) {
    let hosts = year.lives.len();
    let counts = &year.counts;
    println!("a year of {hosts} clinicians in {seconds} s");
    println!(
        "\n| what happened | times | found within | with nothing in the way | over within |\n|---|---|---|---|---|"
    );
    for (word, tally) in &judged.by_kind {
        let minutes = |time: std::time::Duration| {
            format!("{} h {:02} min", time.as_secs() / 3600, time.as_secs() / 60 % 60)
        };
        println!(
            "| {word} | {} | {} | {} | {} |",
            tally.happened,
            minutes(tally.found_within),
            minutes(tally.found_within_undisturbed),
            minutes(tally.over_within),
        );
    }
    println!(
        "\nrounds {}, visits {} ({} patients let in), links followed {}, connected again {}, letters {}, alerts {} (told in {} \
         letters), rooms replaced {}",
        counts.rounds,
        counts.visits,
        counts.patients_let_in,
        counts.links_followed,
        counts.reconnected,
        counts.letters,
        judged.alerts,
        judged.letters_about_alerts,
        judged.rooms_replaced,
    );
    println!("drifts by what made the program look, and how they ended: {:?}", judged.drifts);
    println!("\n| call | answered | times |\n|---|---|---|");
    for total in year.world.sim.call_totals() {
        println!("| {} {} | {} | {} |", total.method, total.route, total.status, total.count);
    }
}

#[tokio::test]
async fn in_a_year_everything_is_found_in_its_time_and_no_link_or_token_is_lost() {
    let (hosts, seed) = wanted();
    let began = tokio::time::Instant::now();
    let mut year = Year::begin(date(2026, 1, 5), hosts, seed).await;
    year.pass().await;
    let mut judged = truth::judge(&year).await;
    judged.wrong.extend(year.last_look().await);
    print(&year, &judged, began.elapsed().as_secs());
    let wrong = &judged.wrong;
    assert!(wrong.is_empty(), "{} faults, among them:\n{:#?}", wrong.len(), &wrong[..wrong.len().min(40)]);
}
