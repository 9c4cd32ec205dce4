//! Everything that the simulated Zoom knows: one plain value that can be written to a file and read again.

mod meeting;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::{Config, SimUser};
use crate::dice::Dice;
use crate::knobs::{Fault, Knobs};
use crate::ledger::Ledger;
pub(crate) use crate::visit::{Guest, Ids, Place, Stay};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub dice: Dice,
    pub serial: u64,
    pub users: BTreeMap<String, User>,
    pub codes: BTreeMap<String, Code>,
    pub grants: BTreeMap<u64, Grant>,
    pub access_tokens: BTreeMap<String, AccessToken>,
    pub meetings: BTreeMap<i64, Meeting>,
    pub guests: BTreeMap<u64, Guest>,
    pub agenda: Vec<Scheduled>,
    pub page_tokens: BTreeMap<String, PageToken>,
    pub counters: BTreeMap<String, Counter>,
    pub knobs: Knobs,
    pub faults: Vec<Fault>,
    /// By the time when it is due, then in the order in which it was put in.
    #[serde(with = "as_list")]
    pub outbox: BTreeMap<(i64, u64), Delivery>,
    pub reversing: Vec<Delivery>,
    pub log: VecDeque<Attempt>,
    pub subscription: Subscription,
    /// Of the app, as configured at each start.
    #[serde(skip)]
    pub secrets: Secrets,
    #[serde(skip)]
    pub ledger: Ledger,
}

/// The app's two secrets.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    pub client: String,
    pub webhook: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct User {
    pub profile: SimUser,
    /// The view without `option`: groups of settings.
    pub settings: Value,
    /// The view `option=meeting_security`: what stands under `meeting_security`.
    pub security: Value,
    pub installed: bool,
    /// An administrator keeps the app from this user.
    #[serde(default)]
    pub disabled: bool,
    pub created_at: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Code {
    pub user_id: String,
    pub redirect_uri: String,
    pub scopes: Vec<String>,
    pub challenge: Option<String>,
    pub challenge_is_plain: bool,
    pub expires_at: i64,
    pub used: bool,
}

/// Why a grant no longer works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Death {
    /// A later authorization by the same user, or a call to revoke (4741).
    Revoked,
    /// An administrator withdrew the approval (4738).
    DisabledByAdmin,
    /// The user removed the app.
    Removed,
    /// The user's password changed.
    PasswordChanged,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub user_id: String,
    pub scopes: Vec<String>,
    pub refresh_token: String,
    pub retired: Vec<String>,
    pub dead: Option<Death>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    pub grant: u64,
    pub expires_at: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Meeting {
    pub number: i64,
    /// The current or, when none runs, the next instance.
    pub uuid: String,
    pub host_id: String,
    pub kind: i64,
    pub topic: String,
    pub agenda: String,
    pub start_time: Option<String>,
    pub duration: i64,
    pub timezone: String,
    pub password: String,
    /// What stands after `?pwd=`; new with each passcode.
    pub pwd: String,
    pub settings: Map<String, Value>,
    pub recurrence: Option<Value>,
    pub occurrences: Vec<Value>,
    pub tracking_fields: Value,
    pub created_at: i64,
    pub creation_source: String,
    /// This is a user's personal meeting itself, not one that merely uses its number.
    pub personal: bool,
    pub deleted_at: Option<i64>,
    /// Last start (or creation): from here the number's expiry runs.
    pub last_used_at: i64,
    pub instances: Vec<Instance>,
    pub next_user_id: u64,
    /// Every visit, and those of people who are there now.
    pub visits: Vec<u64>,
    pub present: BTreeSet<u64>,
    /// The waiting room switched inside the running meeting, until it ends.
    pub live_waiting_room: Option<bool>,
    pub waiting_room_title: Option<String>,
    pub waiting_room_description: Option<String>,
    pub registrants: Vec<Registrant>,
    pub invites: BTreeMap<String, Invite>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Instance {
    pub uuid: String,
    pub started_at: i64,
    pub ended_at: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Registrant {
    pub id: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub tk: String,
    pub pin: String,
    pub approved: bool,
}

impl Registrant {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Invite {
    pub name: String,
    pub expires_at: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Scheduled {
    pub at: i64,
    pub serial: u64,
    pub action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Action {
    /// An admitted person arrives in the meeting.
    Join { guest: u64, ids: Ids },
    /// Zoom notices that a connection is gone.
    DropNoticed { guest: u64, meeting: i64, stay: Stay, dropped_at: i64 },
    /// A deleted meeting leaves the trash.
    Purge { meeting: i64 },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PageToken {
    pub of: String,
    pub offset: usize,
    pub expires_at: i64,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Counter {
    /// The second or the day counted.
    pub window: i64,
    pub count: u32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Delivery {
    pub id: u64,
    pub event: String,
    pub body: String,
    pub due: i64,
    pub attempts: u32,
    pub first_stamp: Option<i64>,
    pub tracking_id: String,
}

/// What became of one attempt to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 200 or 204 in time.
    Delivered,
    /// Anything else; it is tried again.
    Failed,
    /// The last attempt failed; it is gone for good.
    GivenUp,
    /// A knob made Zoom lose it: never sent.
    Lost,
    /// Handed to the test with `take_due`.
    Taken,
    /// The challenge was answered rightly.
    Validated,
    /// The challenge was answered wrongly or not in time.
    NotValidated,
}

/// A line of the delivery log.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// When, microseconds UTC.
    pub at: i64,
    /// Which delivery; several attempts may share it, a duplicate has its own.
    pub delivery: u64,
    /// Event name.
    pub event: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// What the endpoint answered, if it did.
    pub status: Option<u16>,
    /// What became of it.
    pub outcome: Outcome,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub validated: bool,
    pub failures: u32,
    pub next_challenge: i64,
}

impl State {
    pub(crate) fn new(config: &Config, now: i64) -> Self {
        let mut state = Self {
            dice: Dice::new(config.seed),
            serial: 0,
            users: BTreeMap::new(),
            codes: BTreeMap::new(),
            grants: BTreeMap::new(),
            access_tokens: BTreeMap::new(),
            meetings: BTreeMap::new(),
            guests: BTreeMap::new(),
            agenda: Vec::new(),
            page_tokens: BTreeMap::new(),
            counters: BTreeMap::new(),
            knobs: Knobs::default(),
            faults: Vec::new(),
            outbox: BTreeMap::new(),
            reversing: Vec::new(),
            log: VecDeque::new(),
            subscription: Subscription::default(),
            secrets: Secrets::default(),
            ledger: Ledger::default(),
        };
        state.welcome(config, now);
        state
    }

    /// Adds the configured users that are not known yet, each with a personal meeting.
    pub(crate) fn welcome(&mut self, config: &Config, now: i64) {
        for profile in &config.users {
            if self.users.contains_key(&profile.id) {
                continue;
            }
            let (settings, security) = crate::rest::settings::defaults();
            let user = User {
                profile: profile.clone(),
                settings,
                security,
                installed: profile.installed,
                disabled: false,
                created_at: now - 400 * crate::clock::DAY,
            };
            let personal = Meeting {
                number: profile.pmi,
                uuid: self.dice.meeting_uuid(false),
                host_id: profile.id.clone(),
                kind: 4,
                topic: format!("{}'s Personal Meeting Room", profile.display_name),
                agenda: String::new(),
                start_time: None,
                duration: 0,
                timezone: profile.timezone.clone(),
                password: self.dice.number(6).to_string(),
                pwd: self.dice.base64url(32),
                settings: crate::rest::body::default_settings(true, 2),
                recurrence: None,
                occurrences: Vec::new(),
                tracking_fields: Value::Array(Vec::new()),
                created_at: user.created_at,
                creation_source: "web_portal".to_owned(),
                personal: true,
                deleted_at: None,
                last_used_at: now,
                instances: Vec::new(),
                next_user_id: FIRST_USER_ID,
                visits: Vec::new(),
                present: BTreeSet::new(),
                live_waiting_room: None,
                waiting_room_title: None,
                waiting_room_description: None,
                registrants: Vec::new(),
                invites: BTreeMap::new(),
            };
            self.meetings.insert(personal.number, personal);
            self.users.insert(profile.id.clone(), user);
        }
    }

    pub(crate) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }
}

/// The first `user_id` of an instance, as captured payloads show it.
pub(crate) const FIRST_USER_ID: u64 = 16_778_240;

/// JSON has only text as keys: the outbox is written as the list of its deliveries.
mod as_list {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Delivery;

    pub(super) fn serialize<S: Serializer>(
        outbox: &BTreeMap<(i64, u64), Delivery>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        outbox.values().collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<BTreeMap<(i64, u64), Delivery>, D::Error> {
        let list = Vec::<Delivery>::deserialize(from)?;
        Ok(list.into_iter().map(|one| ((one.due, one.id), one)).collect())
    }
}
