//! The commands: one module each, all with the same way to fail.

mod attendance;
mod check;
mod inbox;
mod people;
mod ready;
mod reconcile;
mod serve;

use std::{process::ExitCode, sync::Arc};

use anyhow::{Context, Result, bail};
use domain::clinic::Clinic;
use store::{Options, Store};

use crate::{
    cli::{self, Cli, Command},
    demo, output,
    settings::{self, Settings},
    telemetry,
};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did what was asked.
    Done,
    /// It found what it was to look for: a problem.
    FoundProblem,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::FoundProblem => Self::from(1),
        }
    }
}

/// Does what the command line asks for. An error means that it could not be done.
pub async fn run(cli: Cli) -> Result<Outcome> {
    if let Command::Audit(_) = &cli.command {
        bail!("this version keeps no audit log, so there is nothing to verify or to export")
    }
    if let Command::Inbox(cli::Inbox::Read { file, report }) = &cli.command {
        return inbox::read(file, *report);
    }
    if let Command::Demo(arguments) = cli.command {
        // Whoever runs it wants to read the addresses, not every request.
        telemetry::start_logging(&settings::filter_of_environment("warn")?)?;
        demo::run(arguments).await?;
        return Ok(Outcome::Done);
    }
    let settings = Settings::load(cli.config.as_deref())?;
    telemetry::start_logging(&settings.log)?;
    match cli.command {
        Command::Serve(arguments) => serve::serve(settings, &arguments).await,
        Command::Check(report) => check::check(&settings, report).await,
        Command::Ready { clinic, report } => ready::ready(&settings, clinic.as_deref(), report).await,
        Command::Migrate => migrate(&settings).await,
        Command::Clinic(command) => people::clinic(&settings, command).await,
        Command::User(command) => people::user(&settings, command).await,
        Command::Token(command) => people::token(&settings, command).await,
        Command::Attendance(cli::Attendance::Rebuild { clinic, verify, report }) => {
            attendance::rebuild(&settings, clinic.as_deref(), verify, report).await
        }
        Command::Attendance(cli::Attendance::Reconcile { from, to, clinic, report }) => {
            reconcile::reconcile(&settings, from..to, clinic.as_deref(), report).await
        }
        Command::Inbox(command) => inbox::inbox(&settings, command).await,
        // Taken care of above.
        Command::Demo(_) | Command::Audit(_) => Ok(Outcome::Done),
    }
}

async fn migrate(settings: &Settings) -> Result<Outcome> {
    store::migrate(settings.database.url.expose())
        .await
        .context("the database's schema cannot be brought up to date")?;
    output::aside("The database's schema is up to date.");
    Ok(Outcome::Done)
}

/// Opens the store for a command that works on data: its schema must be there already, or is made on a first use.
async fn open(settings: &Settings) -> Result<Arc<dyn Store>> {
    store::open(settings.database.url.expose(), Options::default())
        .await
        .context("the database cannot be used")
}

/// The clinic of this name or id.
async fn find_clinic(store: &dyn Store, wanted: &str) -> Result<Clinic> {
    let clinics = store.read().await?.clinics().await?;
    if let Some(clinic) =
        clinics.iter().find(|clinic| clinic.name.as_str() == wanted || clinic.id.to_string() == wanted)
    {
        return Ok(clinic.clone());
    }
    let names: Vec<&str> = clinics.iter().map(|clinic| clinic.name.as_str()).collect();
    match names.as_slice() {
        [] => bail!("there is no clinic yet: add one with `anteroom clinic add`"),
        names => bail!("there is no clinic `{wanted}`; there are: {}", names.join(", ")),
    }
}
