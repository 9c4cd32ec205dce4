//! Comparing with Zoom's own record of past meetings, because somebody asked.

use std::{collections::BTreeMap, ops::Range};

use anyhow::{Result, ensure};
use attendance::{
    Attendance,
    reconcile::{Found, ReconcileReport, Reconciler, RoomReport, Trouble},
};
use domain::{Ambient, StaffId, Timestamp};
use serde_json::json;
use store::{Store, ports::recovery::Why};

use super::{Outcome, find_clinic, open};
use crate::{cli::Report, output, service, settings::Settings};

/// `attendance reconcile`.
pub async fn reconcile(
    settings: &Settings,
    range: Range<Timestamp>,
    clinic: Option<&str>,
    report: Report,
) -> Result<Outcome> {
    ensure!(range.start < range.end, "`--from` must be earlier than `--to`");
    let (oauth, api) = (service::zoom_oauth(settings)?, service::zoom_api(settings)?);
    let store = open(settings).await?;
    let clinic = match clinic {
        Some(wanted) => Some(find_clinic(&*store, wanted).await?.id),
        None => None,
    };
    let hosts = hosts(&*store).await?;
    let name = |host: &StaffId| hosts.get(host).map_or("a room", String::as_str);
    let ambient = Ambient::system();
    let zoom = oauth::Zoom::new(store.clone(), ambient.clone(), settings.keys.ring.clone(), oauth, api);
    let attendance = Attendance::new(store.clone(), ambient, zoom.clone());
    let reconciler = Reconciler::new(attendance, zoom);
    let mut done = 0;
    let compared = reconciler.reconcile(clinic, range, Why::Asked, |room| {
        done += 1;
        output::aside(format!("{done}. {}: {}", name(&room.host), progress(room)));
    });
    let compared = compared.await;
    store.close().await;
    let compared = compared?;
    let found = compared.found();
    let missed = compared.not_compared().count();
    if report.json {
        output::json(&json!({ "rooms": compared.rooms, "found": found, "not_compared": missed }))?;
    } else {
        tell(&compared, &found, name);
    }
    Ok(if missed > 0 { Outcome::FoundProblem } else { Outcome::Done })
}

async fn hosts(store: &dyn Store) -> Result<BTreeMap<StaffId, String>> {
    let mut tx = store.read().await?;
    let mut hosts = BTreeMap::new();
    for clinic in tx.clinics().await? {
        let staff = tx.staff(clinic.id).await?;
        hosts.extend(staff.into_iter().map(|member| (member.id, member.name.as_str().to_owned())));
    }
    Ok(hosts)
}

fn progress(room: &RoomReport) -> String {
    let Found { meetings, records, .. } = room.found;
    let read = format!("{meetings} meetings read, {records} with something new");
    match room.trouble {
        None => read,
        Some(trouble) => format!("{read}; {}", words(trouble)),
    }
}

fn tell<'a>(compared: &ReconcileReport, found: &Found, name: impl Fn(&StaffId) -> &'a str) {
    let Found { meetings, records, people, stays, ends } = found;
    output::line(format!("Compared {} rooms, {meetings} meetings.", compared.rooms.len()));
    if *records == 0 {
        output::line("Zoom's record says nothing that was not known.");
    } else {
        output::line(format!(
            "From Zoom's record: {people} people of whom nothing was known, {stays} stays filled in, {ends} ends set."
        ));
    }
    for room in compared.not_compared() {
        let Some(trouble) = room.trouble else { continue };
        output::line(format!("not compared: {}: {}", name(&room.host), words(trouble)));
        if let Some(at) = room.retry_at {
            output::line(format!("  the running service tries again at {at}"));
        }
    }
    if compared.rooms.is_empty() {
        output::line("There is no room yet: clinicians get one by connecting to Zoom.");
    }
}

/// What is wrong, and what to do about it.
fn words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::NotReady => {
            "Zoom has not got the record of a meeting ready yet; that takes some minutes after its end"
        }
        Trouble::RateLimited => "Zoom's limit of requests for this account is reached",
        Trouble::Unavailable => "Zoom does not answer, or not in a way that could be understood",
        Trouble::NeedsReconnect => {
            "the connection to Zoom does not work or lacks a permission: the clinician has to connect again"
        }
        Trouble::Misconfigured => "Zoom does not accept the app: run `anteroom check`",
        Trouble::Refused => "Zoom refuses, and gives no reason that is known",
        Trouble::NotConnected => "the clinician is not connected to Zoom",
        Trouble::NotOffered => {
            "the clinician's Zoom plan offers no record of past meetings; a licensed one does"
        }
        Trouble::Gone => "Zoom no longer knows the room",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_was_read_and_what_is_wrong() {
        let (ambient, _) = Ambient::manual(Timestamp::from_seconds(0), 1);
        let found = Found { meetings: 12, records: 3, ..Found::default() };
        let mut room = RoomReport {
            clinic: ambient.id(),
            room: ambient.id(),
            host: ambient.id(),
            found,
            trouble: None,
            retry_at: None,
        };
        assert_eq!(progress(&room), "12 meetings read, 3 with something new");
        room.trouble = Some(Trouble::RateLimited);
        assert!(progress(&room).ends_with("; Zoom's limit of requests for this account is reached"));
    }
}
