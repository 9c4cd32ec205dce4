//! What staff are told of a connection, a room, or what goes on in one. Not for a clinic to reword.

use std::collections::BTreeMap;

use domain::{alert::AlertKind, room::guard::DriftKind};
use serde::Deserialize;

/// What stands in such a message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertWords {
    /// The button of an e-mail.
    pub button: String,
    /// A text message.
    pub sms: String,
    /// When it was noticed.
    pub noticed: String,
    /// For how long a patient waits.
    pub waited: String,
    /// What is wrong with a room.
    pub found: String,
    /// When the next visit is.
    pub next_visit: String,
    /// That somebody asked to remind them.
    pub asked: String,
    /// Where they choose how they are told.
    pub choose: String,
    /// What can be wrong with a room, each as part of a sentence.
    pub drifts: BTreeMap<DriftKind, String>,
    /// What there is to be told.
    pub kinds: Kinds,
}

/// What one kind of alert says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindWords {
    /// The subject of the e-mail.
    pub subject: String,
    /// What is the matter, to whose connection or room it is. One short sentence: text messages say it too.
    pub own: String,
    /// The same to others.
    pub others: String,
    /// What to do, to whose it is.
    pub own_do: String,
    /// The same to others.
    pub others_do: String,
}

/// Each [`AlertKind`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kinds {
    reconnect: KindWords,
    paused: KindWords,
    missing_scopes: KindWords,
    app_removed: KindWords,
    not_connected: KindWords,
    room_unguarded: KindWords,
    room_replaced: KindWords,
    room_unused: KindWords,
    host_late: KindWords,
    overrun: KindWords,
    other_account: KindWords,
    nobody_hosting: KindWords,
    stranger: KindWords,
    left_running: KindWords,
}

impl Kinds {
    /// What this kind says.
    pub fn of(&self, kind: AlertKind) -> &KindWords {
        match kind {
            AlertKind::Reconnect => &self.reconnect,
            AlertKind::Paused => &self.paused,
            AlertKind::MissingScopes => &self.missing_scopes,
            AlertKind::AppRemoved => &self.app_removed,
            AlertKind::NotConnected => &self.not_connected,
            AlertKind::RoomUnguarded => &self.room_unguarded,
            AlertKind::RoomReplaced => &self.room_replaced,
            AlertKind::RoomUnused => &self.room_unused,
            AlertKind::HostLate => &self.host_late,
            AlertKind::Overrun => &self.overrun,
            AlertKind::OtherAccount => &self.other_account,
            AlertKind::NobodyHosting => &self.nobody_hosting,
            AlertKind::Stranger => &self.stranger,
            AlertKind::LeftRunning => &self.left_running,
        }
    }
}
