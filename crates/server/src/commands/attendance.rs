//! Making attendance again from the stored deliveries.

use anyhow::Result;
use async_trait::async_trait;
use attendance::{Attendance, Deauthorized};
use domain::{Ambient, ClinicId, Timestamp};
use serde_json::json;

use super::{Outcome, find_clinic, open};
use crate::{cli::Report, output, settings::Settings};

/// `attendance rebuild`.
pub async fn rebuild(
    settings: &Settings,
    clinic: Option<&str>,
    verify: bool,
    report: Report,
) -> Result<Outcome> {
    let store = open(settings).await?;
    let clinic = match clinic {
        Some(wanted) => Some(find_clinic(&*store, wanted).await?.id),
        None => None,
    };
    let attendance = Attendance::new(store.clone(), Ambient::system(), NothingToErase);
    let result = attendance.rebuild(clinic, verify).await;
    store.close().await;
    let found = result?;
    if report.json {
        output::json(&json!({
            "clinics": found.clinics,
            "events": found.events,
            "presences": found.presences,
            "verify": verify,
            "differences": found.differences,
        }))?;
    } else {
        let did = if verify { "Read" } else { "Made again" };
        output::line(format!(
            "{did}: {} clinics, {} events, {} presences.",
            found.clinics, found.events, found.presences
        ));
        for difference in &found.differences {
            output::line(format!("differs: {difference}"));
        }
        if found.differences.is_empty() {
            output::line("What is kept says the same as the stored deliveries.");
        }
    }
    Ok(if verify && !found.differences.is_empty() { Outcome::FoundProblem } else { Outcome::Done })
}

/// A command reads deliveries that were acted on long ago: no connection is ended because of one.
pub(super) struct NothingToErase;

#[async_trait]
impl Deauthorized for NothingToErase {
    async fn deauthorized(&self, _: &str, _: &str, _: Timestamp) -> store::Result<Option<ClinicId>> {
        Ok(None)
    }
}
