//! Deliveries: those that nothing came of, handing them over without anybody in them, and reading what was handed over.

use std::{
    fs,
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result, bail};
use attendance::{Attendance, hand_over, scrub::Scrubbed};
use domain::{Ambient, DeliveryId, Timestamp, attendance::presence::Whereabouts};
use serde_json::json;

use super::{Outcome, attendance::NothingToErase, find_clinic, open};
use crate::{
    cli::{Inbox, Report},
    output,
    settings::Settings,
};

/// So many deliveries are listed.
const LISTED: i64 = 200;

/// `inbox`.
pub async fn inbox(settings: &Settings, command: Inbox) -> Result<Outcome> {
    match command {
        Inbox::List { clinic, report } => list(settings, clinic.as_deref(), report).await,
        Inbox::Replay { delivery } => replay(settings, delivery).await,
        Inbox::Export { scrub, clinic, from, to, out } => {
            if !scrub {
                bail!("deliveries name patients: only `--scrub` hands them over");
            }
            export(settings, &clinic, from..to, out.as_deref()).await
        }
        // Needs no settings; taken care of before they are read.
        Inbox::Read { file, report } => read(&file, report),
    }
}

async fn list(settings: &Settings, clinic: Option<&str>, report: Report) -> Result<Outcome> {
    let store = open(settings).await?;
    let clinic = match clinic {
        Some(wanted) => Some(find_clinic(&*store, wanted).await?.id),
        None => None,
    };
    let attendance = Attendance::new(store.clone(), Ambient::system(), NothingToErase);
    let found = attendance.fruitless(clinic, None, LISTED).await;
    store.close().await;
    let found = found?;
    if report.json {
        let rows: Vec<_> = found
            .iter()
            .map(|one| {
                json!({
                    "id": one.id, "received_at": one.received_at, "event": one.event, "late": one.late,
                    "clinic": one.clinic_id, "outcome": one.outcome.as_str(), "bytes": one.bytes,
                })
            })
            .collect();
        output::json(&rows)?;
    } else if found.is_empty() {
        output::line("Something came of every delivery.");
    } else {
        for one in found {
            output::line(format!(
                "{}  {}  {:<9} {}",
                one.id,
                one.received_at,
                one.outcome.as_str(),
                one.event
            ));
        }
    }
    Ok(Outcome::Done)
}

async fn replay(settings: &Settings, delivery: DeliveryId) -> Result<Outcome> {
    let store = open(settings).await?;
    let attendance = Attendance::new(store.clone(), Ambient::system(), NothingToErase);
    let reopened = attendance.replay(None, delivery).await;
    store.close().await;
    if reopened? {
        output::line("It is put back, and understood anew within seconds where the service runs.");
        Ok(Outcome::Done)
    } else {
        output::line("There is no such delivery that nothing came of; `anteroom inbox list` shows them.");
        Ok(Outcome::FoundProblem)
    }
}

async fn export(
    settings: &Settings,
    clinic: &str,
    range: std::ops::Range<Timestamp>,
    out: Option<&Path>,
) -> Result<Outcome> {
    if range.is_empty() {
        bail!("--from must lie before --to");
    }
    let store = open(settings).await?;
    let clinic = find_clinic(&*store, clinic).await?.id;
    let attendance = Attendance::new(store.clone(), Ambient::system(), NothingToErase);
    let mut to: Box<dyn Write> = match out {
        Some(path) => Box::new(BufWriter::new(fs::File::create_new(path).with_context(|| {
            format!("{} cannot be made; a file that is there is not overwritten", path.display())
        })?)),
        None => Box::new(BufWriter::new(io::stdout().lock())),
    };
    let mut written = 0;
    let handed = attendance
        .hand_over(clinic, range, |line: &Scrubbed| -> Result<()> {
            serde_json::to_writer(&mut to, line)?;
            to.write_all(b"\n")?;
            written += 1;
            if written % 10_000 == 0 {
                output::aside(format!("{written} deliveries …"));
            }
            Ok(())
        })
        .await;
    store.close().await;
    let handed = handed??;
    to.flush()?;
    output::aside(format!(
        "{handed} deliveries, without names, addresses, numbers or real times. Look at them before you hand them on."
    ));
    Ok(Outcome::Done)
}

/// `inbox read`: needs neither settings nor a database.
pub fn read(file: &Path, report: Report) -> Result<Outcome> {
    let opened = fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut lines: Vec<Scrubbed> = Vec::new();
    for (line, number) in BufReader::new(opened).lines().zip(1..) {
        let line = line?;
        if !line.trim().is_empty() {
            lines.push(serde_json::from_str(&line).with_context(|| {
                format!("line {number} is none that `anteroom inbox export --scrub` writes")
            })?);
        }
    }
    let retold = hand_over::retell(lines);
    if report.json {
        output::json(&retold)?;
        return Ok(Outcome::Done);
    }
    output::line(format!(
        "{} deliveries, {} about no room, {} unusable.",
        retold.deliveries, retold.of_no_room, retold.unusable
    ));
    for room in &retold.rooms {
        output::line(format!("\nroom {}", room.meeting_number));
        for visit in &room.visits {
            let who = if visit.is_host { "host" } else { "visitor" };
            output::line(format!("  {who} {}", visit.names.join(" / ")));
            for stay in &visit.stays {
                let to = stay.to.map_or_else(|| "…".to_owned(), |to| to.to_string());
                output::line(format!(
                    "    {:<10} {} to {to}",
                    Whereabouts::from(stay.kind).as_str(),
                    stay.from
                ));
            }
        }
        for (what, tally) in room.habits.statements() {
            if tally.yes + tally.no > 0 {
                output::line(format!("  {what}: was so {}, was not {}", tally.yes, tally.no));
            }
        }
    }
    Ok(Outcome::Done)
}
