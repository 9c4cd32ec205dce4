//! Is everything as it should be? Reads and reaches; changes nothing.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use anyhow::Result;
use attendance::{Attendance, feed_health::RoomFeed};
use domain::{
    Ambient,
    attendance::{feed::FeedState, habits::Habits},
    room::ConnectionState,
};
use serde::Serialize;
use store::{Options, Store, StoreError};
use vault::SecretText;
use zoom::oauth::{OAuth, TokenError};

use super::{Outcome, attendance::NothingToErase};
use crate::{cli::Report, output, service, settings::Settings};

/// What Zoom does is counted over this many days.
const HABITS_OF_DAYS: u64 = 30;

/// How one part stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    /// Works, and may not be what the operator wants.
    Note,
    /// Does not work.
    Problem,
    /// Not set up, or not in this version.
    Off,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Problem => "PROBLEM",
            Self::Off => "off",
        })
    }
}

#[derive(Debug, Serialize)]
struct Finding {
    part: &'static str,
    state: State,
    detail: String,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, part: &'static str, state: State, detail: impl Into<String>) {
        self.0.push(Finding { part, state, detail: detail.into() });
    }
}

/// `check`.
pub async fn check(settings: &Settings, report: Report) -> Result<Outcome> {
    let mut findings = Findings::default();
    let mut habits = Vec::new();
    look_at_settings(settings, &mut findings);
    if let Some(store) = look_at_database(settings, &mut findings).await {
        look_at_clinics(&*store, &mut findings).await;
        habits = look_at_feeds(&store, &mut findings).await;
        store.close().await;
    }
    look_at_zoom(settings, &mut findings).await;
    look_at_outgoing(settings, &mut findings).await;
    let wrong = findings.0.iter().any(|finding| finding.state == State::Problem);
    if report.json {
        output::json(&serde_json::json!({ "ok": !wrong, "findings": findings.0, "habits": habits }))?;
    } else {
        for Finding { part, state, detail } in &findings.0 {
            output::line(format!("{state:<8} {part:<12} {detail}"));
        }
        for Observed { clinic, habits } in &habits {
            output::line(format!("\nWhat Zoom is seen to do for {clinic}, in {HABITS_OF_DAYS} days:"));
            for (what, tally) in habits.statements() {
                output::line(format!("  {what:<64} was so {:>6}  was not {:>6}", tally.yes, tally.no));
            }
        }
    }
    Ok(if wrong { Outcome::FoundProblem } else { Outcome::Done })
}

fn look_at_settings(settings: &Settings, findings: &mut Findings) {
    findings.add("settings", State::Ok, "complete");
    for variable in &settings.unknown_variables {
        findings.add("settings", State::Note, format!("{variable} is no setting; is it misspelt?"));
    }
    let network = &settings.network;
    if network.listen.ip().is_unspecified() {
        findings.add(
            "settings",
            State::Note,
            "ANTEROOM_LISTEN takes plain HTTP from every network; only your TLS proxy should reach it",
        );
    }
    if network.metrics_listen.is_some_and(|address| !address.ip().is_loopback()) {
        findings.add(
            "settings",
            State::Note,
            "ANTEROOM_METRICS_LISTEN can be reached from other machines; it asks nobody for a password",
        );
    }
    findings.add(
        "keys",
        State::Ok,
        format!(
            "sealing with `{}`, {} in the ring",
            settings.keys.ring.current_id(),
            settings.keys.ring.ids().count()
        ),
    );
}

async fn look_at_database(settings: &Settings, findings: &mut Findings) -> Option<Arc<dyn Store>> {
    let engine = settings.database.engine.name();
    if settings.database.unprotected {
        let advice =
            "ANTEROOM_DATABASE_URL reaches another machine without demanding TLS: add ?sslmode=verify-full";
        findings.add("database", State::Note, advice);
    }
    let opened = store::open(settings.database.url.expose(), Options { migrate: false }).await;
    let failed = match opened {
        Ok(store) => match store.ready().await {
            Ok(()) => {
                findings.add("database", State::Ok, format!("{engine} answers, its schema is up to date"));
                return Some(store);
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    findings.add("database", State::Problem, format!("{engine}: {}", in_full(&failed)));
    None
}

fn in_full(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}

async fn look_at_clinics(store: &dyn Store, findings: &mut Findings) {
    if let Err(error) = look_at_each_clinic(store, findings).await {
        findings.add("database", State::Problem, in_full(&error));
    }
}

async fn look_at_each_clinic(store: &dyn Store, findings: &mut Findings) -> store::Result<()> {
    let mut tx = store.read().await?;
    let clinics = tx.clinics().await?;
    if clinics.is_empty() {
        findings.add("clinics", State::Note, "none yet: `anteroom clinic add`");
    }
    for clinic in clinics {
        let staff = tx.staff(clinic.id).await?;
        let connections = tx.connections(clinic.id).await?;
        let connected = connections.iter().filter(|one| one.state == ConnectionState::Connected).count();
        let people = staff.iter().filter(|member| member.disabled_at.is_none()).count();
        let detail = format!("{}: {people} people, {connected} connected to Zoom", clinic.name);
        findings.add("clinics", State::Ok, detail);
        for connection in connections.iter().filter(|one| one.state == ConnectionState::NeedsReconnect) {
            let name = staff.iter().find(|member| member.id == connection.staff_id);
            let detail = format!(
                "{}: {} has to connect to Zoom again (last fine at {})",
                clinic.name,
                name.map_or("somebody", |member| member.name.as_str()),
                connection.checked_at
            );
            findings.add("connections", State::Problem, detail);
        }
    }
    let backlog = tx.inbox_backlog().await?;
    let detail = format!("{backlog} deliveries wait to be understood");
    // A service that is stopped leaves some behind; it catches up when it starts.
    findings.add("inbox", if backlog > 0 { State::Note } else { State::Ok }, detail);
    Ok(())
}

/// What a clinic's Zoom accounts are seen to do.
#[derive(Serialize)]
struct Observed {
    clinic: String,
    #[serde(flatten)]
    habits: Habits,
}

async fn look_at_feeds(store: &Arc<dyn Store>, findings: &mut Findings) -> Vec<Observed> {
    match look_at_each_feed(store, findings).await {
        Ok(observed) => observed,
        Err(error) => {
            findings.add("feed", State::Problem, error.to_string());
            Vec::new()
        }
    }
}

async fn look_at_each_feed(
    store: &Arc<dyn Store>,
    findings: &mut Findings,
) -> attendance::Result<Vec<Observed>> {
    let ambient = Ambient::system();
    let attendance = Attendance::new(store.clone(), ambient.clone(), NothingToErase);
    let since = ambient.now().minus(Duration::from_hours(24 * HABITS_OF_DAYS));
    let mut observed = Vec::new();
    let clinics = store.read().await?.clinics().await?;
    for (index, clinic) in clinics.into_iter().enumerate() {
        let health = attendance.feed_health(clinic.id, &BTreeSet::new()).await?;
        if index == 0 {
            let state = if health.receiver.challenge_overdue { State::Problem } else { State::Ok };
            findings.add("webhook", state, health.receiver.sentence);
        }
        let state = if health.state == FeedState::Stale { State::Problem } else { State::Ok };
        findings.add("feed", state, format!("{}: {}", clinic.name, health.sentence));
        for room in health.rooms.iter().filter(|room| room.state == RoomFeed::Broken) {
            let detail = format!("{}, room of {}: {}", clinic.name, room.host.name, room.sentence);
            findings.add("feed", State::Problem, detail);
        }
        let counts = health.rooms.iter().map(|room| room.counts).chain([health.about_no_room]);
        let (failed, foreign) =
            counts.fold((0, 0), |(failed, foreign), of| (failed + of.failed, foreign + of.foreign));
        if failed + foreign > 0 {
            let detail = format!(
                "{}: in a week {failed} deliveries were not understood and {foreign} named another Zoom account; see `anteroom inbox list`",
                clinic.name
            );
            findings.add("feed", State::Note, detail);
        }
        let habits = attendance.habits(clinic.id, since..ambient.now()).await?;
        observed.push(Observed { clinic: clinic.name.to_string(), habits });
    }
    Ok(observed)
}

/// Asks Zoom to renew a token that does not exist. Zoom looks at the app's credentials first, so that its refusal
/// says whether it knows them; nothing changes.
async fn look_at_zoom(settings: &Settings, findings: &mut Findings) {
    let oauth = match service::zoom_oauth(settings) {
        Ok(oauth) => oauth,
        Err(error) => {
            findings.add("zoom", State::Problem, format!("{error:#}"));
            return;
        }
    };
    let (state, detail) = ask_zoom(&oauth).await;
    findings.add("zoom", state, detail);
}

async fn ask_zoom(oauth: &OAuth) -> (State, &'static str) {
    match oauth.refresh(&SecretText::from("anteroom-check")).await {
        Err(TokenError::InvalidGrant { .. }) => {
            (State::Ok, "answers, and knows the app's client id and secret")
        }
        Err(TokenError::InvalidClient) => (
            State::Problem,
            "answers, but does not know ANTEROOM_ZOOM_CLIENT_ID with ANTEROOM_ZOOM_CLIENT_SECRET",
        ),
        Err(TokenError::Unavailable { .. }) => (State::Problem, "does not answer at ANTEROOM_ZOOM_OAUTH_URL"),
        Err(TokenError::Unreadable) => {
            (State::Problem, "something else than Zoom answers at ANTEROOM_ZOOM_OAUTH_URL")
        }
        Ok(_) | Err(TokenError::Rejected { .. }) => {
            (State::Note, "answers; whether it knows the app's client id and secret could not be told")
        }
    }
}

/// Knocks where messages leave by, and sends none.
async fn look_at_outgoing(settings: &Settings, findings: &mut Findings) {
    match &settings.mail {
        Some(mail) => match mail.reach().await {
            Ok(()) => findings.add("mail", State::Ok, "the mail server answers and lets Anteroom in"),
            Err(trouble) => findings.add("mail", State::Problem, trouble.to_string()),
        },
        None => findings.add("mail", State::Off, "not set up"),
    }
    match &settings.sms {
        Some(sms) => match sms.reach().await {
            Ok(()) => {
                findings.add("sms", State::Ok, "the provider answers and knows the account");
                if settings.network.public_url.scheme() != "https" {
                    let advice = "a provider elsewhere cannot reach ANTEROOM_PUBLIC_URL to tell what became of messages";
                    findings.add("sms", State::Note, advice);
                }
            }
            Err(trouble) => findings.add("sms", State::Problem, trouble.to_string()),
        },
        None => findings.add("sms", State::Off, "not set up"),
    }
    if settings.sso.is_some() {
        findings.add("sso", State::Note, "set up, but this version has no single sign-on");
    } else {
        findings.add("sso", State::Off, "not set up");
    }
}
