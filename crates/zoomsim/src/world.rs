//! The one place through which state is read and changed: a [`Turn`] holds the state, the time and the configuration
//! for as long as one thing happens.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::config::Config;
use crate::state::{Action, Guest, Meeting, Scheduled, Secrets, State, User};

/// Why something cannot be done in the simulated world.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// No such meeting, or it is deleted or expired.
    #[error("this meeting number is not valid")]
    NoSuchMeeting,
    /// No such guest.
    #[error("no such guest")]
    NoSuchGuest,
    /// No such user.
    #[error("no such user")]
    NoSuchUser,
    /// The meeting does not run.
    #[error("the meeting is not running")]
    NotRunning,
    /// The person is not where that could be done.
    #[error("not possible where this person is now")]
    WrongPlace,
    /// All occurrences of the meeting are over.
    #[error("all occurrences of this meeting are over")]
    SeriesOver,
    /// The meeting asks for registration.
    #[error("this meeting needs registration")]
    RegistrationNeeded,
    /// The registrant's or invited person's link does not work.
    #[error("this personal link is not valid")]
    BadPersonalLink,
    /// A registrant's link is in use by somebody.
    #[error("this personal link is in use on another device")]
    LinkInUse,
    /// Only people signed in to Zoom may join.
    #[error("sign in to Zoom to join this meeting")]
    SignInNeeded,
    /// The passcode is wrong.
    #[error("the passcode is wrong")]
    WrongPasscode,
    /// This user may not start the meeting.
    #[error("only the host or an alternative host can start this meeting")]
    NotTheHost,
    /// What was sent cannot be understood.
    #[error("{0}")]
    BadRequest(String),
}

pub(crate) struct World {
    pub config: Config,
    state: Mutex<State>,
    /// Absent only if the machine's TLS set-up is broken; every delivery then fails.
    pub http: Option<reqwest::Client>,
    pub wake: Notify,
    /// Held while deliveries are under way, so that `tick` returns only when all are done.
    pub delivering: tokio::sync::Mutex<()>,
}

impl World {
    pub(crate) fn new(config: Config) -> Self {
        let now = config.clock.now_micros();
        let mut state =
            config.state_file.as_deref().and_then(load).unwrap_or_else(|| State::new(&config, now));
        state.welcome(&config, now);
        state.secrets =
            Secrets { client: config.client_secret.clone(), webhook: config.webhook_secret.clone() };
        state.subscription.validated = false;
        state.subscription.failures = 0;
        state.subscription.next_challenge = now;
        Self {
            config,
            state: Mutex::new(state),
            http: crate::deliver::client(),
            wake: Notify::new(),
            delivering: tokio::sync::Mutex::new(()),
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.config.clock.now_micros()
    }

    /// Does one thing, after everything that was due by itself.
    pub(crate) fn turn<T>(&self, act: impl FnOnce(&mut Turn<'_>) -> T) -> T {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let mut turn = Turn { now, config: &self.config, state: &mut state };
        turn.run_due();
        let result = act(&mut turn);
        if let Some(file) = &self.config.state_file {
            save(file, &state);
        }
        drop(state);
        self.wake.notify_one();
        result
    }

    /// Looks without changing anything (and without running what is due).
    pub(crate) fn look<T>(&self, see: impl FnOnce(&State) -> T) -> T {
        see(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn load(file: &Path) -> Option<State> {
    let text = std::fs::read_to_string(file).ok()?;
    match serde_json::from_str(&text) {
        Ok(state) => Some(state),
        Err(error) => {
            tracing::warn!(%error, "the simulator's state file cannot be read; kept aside, starting afresh");
            if let Err(error) = std::fs::rename(file, file.with_extension("unreadable")) {
                tracing::warn!(%error, "the unreadable state file cannot be kept aside");
            }
            None
        }
    }
}

/// Writes beside and renames, so that a crash leaves the old or the new state, never half of one.
fn save(file: &Path, state: &State) {
    let beside = file.with_extension("new");
    let written = serde_json::to_vec(state)
        .map_err(std::io::Error::other)
        .and_then(|bytes| std::fs::write(&beside, bytes))
        .and_then(|()| std::fs::rename(&beside, file));
    if let Err(error) = written {
        tracing::error!(%error, "the simulator's state cannot be saved");
    }
}

pub(crate) struct Turn<'a> {
    pub now: i64,
    pub config: &'a Config,
    pub state: &'a mut State,
}

impl Turn<'_> {
    pub(crate) fn schedule(&mut self, at: i64, action: Action) {
        let serial = self.state.next_serial();
        self.state.agenda.push(Scheduled { at, serial, action });
    }

    /// Lets everything happen whose time has come, each at its own time.
    pub(crate) fn run_due(&mut self) {
        let now = self.now;
        loop {
            let next = self
                .state
                .agenda
                .iter()
                .enumerate()
                .filter(|(_, item)| item.at <= now)
                .min_by_key(|(_, item)| (item.at, item.serial))
                .map(|(place, _)| place);
            let Some(place) = next else { break };
            let item = self.state.agenda.swap_remove(place);
            self.now = item.at;
            self.happen(item.action);
        }
        self.now = now;
    }

    /// Everybody, in the order of the configuration.
    pub(crate) fn users_in_order(&self) -> impl Iterator<Item = &User> {
        self.config.users.iter().filter_map(|profile| self.state.users.get(&profile.id))
    }

    pub(crate) fn user(&self, id: &str) -> Result<&User, SimError> {
        self.state.users.get(id).ok_or(SimError::NoSuchUser)
    }

    /// A meeting that still exists, by its number.
    pub(crate) fn meeting(&self, number: i64) -> Result<&Meeting, SimError> {
        let meeting = self.state.meetings.get(&number).ok_or(SimError::NoSuchMeeting)?;
        let running = meeting.running().is_some();
        let used_up = meeting.kind == 1 && !meeting.personal && !running && !meeting.instances.is_empty();
        if meeting.deleted_at.is_some() || used_up || (!running && meeting.expires_at() <= self.now) {
            return Err(SimError::NoSuchMeeting);
        }
        Ok(meeting)
    }

    pub(crate) fn meeting_mut(&mut self, number: i64) -> Result<&mut Meeting, SimError> {
        self.meeting(number)?;
        self.state.meetings.get_mut(&number).ok_or(SimError::NoSuchMeeting)
    }

    pub(crate) fn guest(&self, id: u64) -> Result<&Guest, SimError> {
        self.state.guests.get(&id).ok_or(SimError::NoSuchGuest)
    }

    pub(crate) fn guest_mut(&mut self, id: u64) -> Result<&mut Guest, SimError> {
        self.state.guests.get_mut(&id).ok_or(SimError::NoSuchGuest)
    }
}
