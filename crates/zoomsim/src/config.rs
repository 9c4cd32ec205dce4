//! What a simulated Zoom is started with: its clock and seed, the app registered in its marketplace, and its users.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::SimClock;

/// The plan that a user's account pays for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Zoom's type 1: no registrants, no past participants, the limits of a free account.
    Basic,
    /// Zoom's type 2.
    Licensed,
}

/// One person with a Zoom account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimUser {
    /// Zoom's user id: 22 characters of base64url.
    pub id: String,
    /// The account (organisation) that the user belongs to.
    pub account_id: String,
    /// Sign-in e-mail.
    pub email: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// The name that meetings show.
    pub display_name: String,
    /// What the account pays for.
    pub plan: Plan,
    /// IANA time zone of the profile.
    pub timezone: String,
    /// Personal meeting number, 10 digits.
    pub pmi: i64,
    /// Whether the app counts as installed before anybody went through consent, so that webhooks flow.
    pub installed: bool,
}

impl SimUser {
    /// A licensed user in New York, whose display name is first and last name.
    pub fn new(id: &str, account_id: &str, email: &str, first_name: &str, last_name: &str) -> Self {
        let digits = id.bytes().fold(7_u64, |sum, byte| (sum * 31 + u64::from(byte)) % 8_999_999_999);
        Self {
            id: id.to_owned(),
            account_id: account_id.to_owned(),
            email: email.to_owned(),
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            display_name: format!("{first_name} {last_name}"),
            plan: Plan::Licensed,
            timezone: "America/New_York".to_owned(),
            pmi: 1_000_000_000 + i64::try_from(digits).unwrap_or_default(),
            installed: false,
        }
    }

    /// The same user on another plan.
    #[must_use]
    pub fn on_plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }
}

/// How to start a simulated Zoom. [`Config::new`] fills everything in; change what matters.
#[derive(Clone)]
pub struct Config {
    /// Where time comes from.
    pub clock: Arc<dyn SimClock>,
    /// Decides every id, token and random loss.
    pub seed: u64,
    /// The app's client id.
    pub client_id: String,
    /// The app's client secret.
    pub client_secret: String,
    /// The app's secret token, with which webhooks are signed.
    pub webhook_secret: String,
    /// The allow list of the app; compared exactly.
    pub redirect_uris: Vec<String>,
    /// The app's event endpoint. `None`: events are kept and can be taken with [`crate::SimHandle::take_due`].
    pub webhook_url: Option<String>,
    /// How this simulator is reached, e.g. `http://127.0.0.1:8081`; join and start links begin with it.
    pub public_url: String,
    /// Scopes set on the app: what consent shows and tokens carry.
    pub scopes: Vec<String>,
    /// Those of `scopes` that a user may untick.
    pub optional_scopes: Vec<String>,
    /// Everybody with a Zoom account.
    pub users: Vec<SimUser>,
    /// Where to keep the state over a restart. `None`: it is forgotten.
    pub state_file: Option<PathBuf>,
}

/// Every user-level scope that the simulator knows, in the granular names.
pub const ALL_SCOPES: [&str; 16] = [
    "user:read:user",
    "user:read:settings",
    "user:update:settings",
    "meeting:write:meeting",
    "meeting:read:meeting",
    "meeting:read:list_meetings",
    "meeting:update:meeting",
    "meeting:delete:meeting",
    "meeting:update:status",
    "meeting:write:invite_links",
    "meeting:write:registrant",
    "meeting:update:in_meeting_controls",
    "meeting:read:list_past_participants",
    "meeting:read:past_meeting",
    "meeting:read:list_past_instances",
    "meeting:read:participant",
];

impl Config {
    /// A simulator with one account of three users (the last on the Basic plan), one user of another account, all
    /// scopes, no event endpoint and no redirect URI.
    pub fn new(clock: Arc<dyn SimClock>, seed: u64, public_url: impl Into<String>) -> Self {
        let clinic = "Kx3mQvTtR5aZ1LwYbN0cGg";
        Self {
            clock,
            seed,
            client_id: "rT6yU8iO0pQwErTyUiOpAs".to_owned(),
            client_secret: "s1mulated-cl1ent-s3cret-0000001".to_owned(),
            webhook_secret: "zN4pQ7rT2vX5yB8dF1hJ3k".to_owned(),
            redirect_uris: Vec::new(),
            webhook_url: None,
            public_url: public_url.into().trim_end_matches('/').to_owned(),
            scopes: ALL_SCOPES.map(str::to_owned).to_vec(),
            optional_scopes: Vec::new(),
            users: vec![
                SimUser::new("pV8sJ2nXQ7m4dT0uHrBkEw", clinic, "amara.osei@clinic.example", "Amara", "Osei"),
                SimUser::new("m0Lk2Qw9TUe5VzRx8sYbAg", clinic, "jonas.berg@clinic.example", "Jonas", "Berg"),
                SimUser::new(
                    "c7HdW4yPRn2eXkU9qLsMtQ",
                    clinic,
                    "nadia.rahman@clinic.example",
                    "Nadia",
                    "Rahman",
                )
                .on_plan(Plan::Basic),
                SimUser::new(
                    "Zq1vB6gFSx8jOaC3iNwKuA",
                    "Wd9fJ1oGQh6kTbE4rPxMyA",
                    "lee.tran@mail.example",
                    "Lee",
                    "Tran",
                ),
            ],
            state_file: None,
        }
    }
}
