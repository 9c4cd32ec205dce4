//! What somebody has to be told: a connection that Zoom no longer takes, a room that is not guarded, a patient who waits
//! and nobody comes. Raised where it is seen, shown at once, and told once by the channel that each person chose.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    id::{AlertId, AppointmentId, ClinicId, PresenceId, StaffId},
    outreach::message::Channel,
    time::Timestamp,
};

/// What is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Zoom no longer takes the connection; its owner has to connect again.
    Reconnect,
    /// An administrator of the Zoom account switched the app off: the connection is paused until they allow it again.
    Paused,
    /// Permissions that are needed were left out when Zoom was last connected.
    MissingScopes,
    /// The app was removed at Zoom.
    AppRemoved,
    /// Somebody who has visits to come never connected Zoom.
    NotConnected,
    /// The room is not as visits need it, and it could not be put right.
    RoomUnguarded,
    /// The room is a new one: copies of Zoom's own join link are dead.
    RoomReplaced,
    /// Zoom forgets the room's number soon, because nobody has used it for nearly a year.
    RoomUnused,
    /// A patient waits, the visit should have begun, and the host is not there.
    HostLate,
    /// A visit goes on past its end while the next one's patient waits.
    Overrun,
    /// Somebody in the room looks like the host, but is signed in to Zoom as somebody else.
    OtherAccount,
    /// Patients are in the meeting and nobody of the staff is.
    NobodyHosting,
    /// Somebody waits of whom nobody can say who it may be.
    Stranger,
    /// The last patient has left and the meeting still runs.
    LeftRunning,
}

impl AlertKind {
    /// Every kind there is.
    pub const ALL: [Self; 14] = [
        Self::Reconnect,
        Self::Paused,
        Self::MissingScopes,
        Self::AppRemoved,
        Self::NotConnected,
        Self::RoomUnguarded,
        Self::RoomReplaced,
        Self::RoomUnused,
        Self::HostLate,
        Self::Overrun,
        Self::OtherAccount,
        Self::NobodyHosting,
        Self::Stranger,
        Self::LeftRunning,
    ];

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reconnect => "reconnect",
            Self::Paused => "paused",
            Self::MissingScopes => "missing_scopes",
            Self::AppRemoved => "app_removed",
            Self::NotConnected => "not_connected",
            Self::RoomUnguarded => "room_unguarded",
            Self::RoomReplaced => "room_replaced",
            Self::RoomUnused => "room_unused",
            Self::HostLate => "host_late",
            Self::Overrun => "overrun",
            Self::OtherAccount => "other_account",
            Self::NobodyHosting => "nobody_hosting",
            Self::Stranger => "stranger",
            Self::LeftRunning => "left_running",
        }
    }

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What it is about.
    pub const fn group(self) -> Group {
        match self {
            Self::Reconnect | Self::Paused | Self::MissingScopes | Self::AppRemoved | Self::NotConnected => {
                Group::Connection
            }
            Self::RoomUnguarded | Self::RoomReplaced | Self::RoomUnused => Group::Room,
            Self::HostLate
            | Self::Overrun
            | Self::OtherAccount
            | Self::NobodyHosting
            | Self::Stranger
            | Self::LeftRunning => Group::Now,
        }
    }
}

/// What an alert is about, which decides when it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// A connection: told the day before its owner's next visit, and at once if that is within the day.
    Connection,
    /// A room: likewise.
    Room,
    /// What goes on in a room at this moment: told at once or never.
    Now,
}

/// Something that somebody has to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Names it.
    pub id: AlertId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Whose connection or room.
    pub staff_id: StaffId,
    /// What is the matter.
    pub kind: AlertKind,
    /// Which visit it is about, if about one.
    pub appointment_id: Option<AppointmentId>,
    /// Who in the room it is about, if about one person.
    pub presence_id: Option<PresenceId>,
    /// Names the same thing whenever it is seen again, so that nobody is told twice: unique in the clinic for ever.
    pub key: String,
    /// More of it, as a short code or a number: why the connection broke, what is wrong with the room, how many minutes
    /// the host is late. Never a name.
    pub detail: Option<String>,
    /// When it was first seen.
    pub raised_at: Timestamp,
    /// When it was over; none while it lasts.
    pub ended_at: Option<Timestamp>,
    /// When people were told of it; none while they are not.
    pub told_at: Option<Timestamp>,
}

/// By what somebody wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// By nothing: the pages show it.
    Nothing,
    /// By e-mail.
    Email,
    /// By text message.
    Sms,
}

impl Told {
    /// Every choice there is.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Email, Self::Sms];

    /// The word in the database and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The choice that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.as_str() == word)
    }

    /// The channel; none where there is to be none.
    pub const fn channel(self) -> Option<Channel> {
        match self {
            Self::Nothing => None,
            Self::Email => Some(Channel::Email),
            Self::Sms => Some(Channel::Sms),
        }
    }
}

/// How a person of the staff wants to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Of their own connection, their own room, and who waits in it.
    pub own: Told,
    /// Of everybody's: for the desk and for admins.
    pub clinic: Told,
}

impl Default for Choice {
    /// Whoever never chose hears of their own by e-mail, and of others on the pages.
    fn default() -> Self {
        Self { own: Told::Email, clinic: Told::Nothing }
    }
}

/// When a clinic wants to be warned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// So many minutes after a patient began to wait for a visit that should have begun, its host counts as late, once for
    /// each number; ascending, 1 to 120, at most [`MOST_STEPS`].
    pub host_late_after: Vec<u32>,
}

/// The most steps of [`Settings::host_late_after`].
pub const MOST_STEPS: usize = 4;
/// The largest number among them, minutes.
pub const LATEST_STEP: u32 = 120;

impl Settings {
    /// The steps as durations, ascending.
    pub fn steps(&self) -> impl Iterator<Item = (u32, Duration)> {
        self.host_late_after.iter().map(|&minutes| (minutes, Duration::from_secs(u64::from(minutes) * 60)))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { host_late_after: vec![5, 10] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_every_choice_is_read_back_from_its_word() {
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::from_word(kind.as_str()), Some(kind));
        }
        for told in Told::ALL {
            assert_eq!(Told::from_word(told.as_str()), Some(told));
        }
        assert_eq!(AlertKind::from_word("something"), None);
    }
}
