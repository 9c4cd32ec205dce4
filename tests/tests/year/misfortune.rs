//! What goes wrong in a year, and how it is brought about at Zoom.

use domain::{Timestamp, alert::AlertKind, room::guard::DriftKind};
use serde_json::{Value, json};

/// What happens to somebody's connection or room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Misfortune {
    /// They change their Zoom password.
    Password,
    /// An administrator of the Zoom account takes the app's approval back; when it is given again the old tokens work or
    /// not.
    Approval { revives: bool },
    /// They take the app off their account.
    Removed,
    /// The answer to a renewal is lost on the way: the new tokens with it.
    LostAnswer,
    /// Somebody changes the room on Zoom's own pages.
    ByHand(Change),
    /// Somebody deletes the room.
    Deleted,
    /// A script switches the waiting room off again and again.
    Flapping,
    /// An administrator of the Zoom account locks the waiting room to off.
    Locked,
    /// The account's plan is cut down to a free one, and paid for again.
    Plan,
    /// The meeting is given to another Zoom user.
    GivenAway,
    /// They move to another Zoom account, with a Zoom user of their own there.
    Moved,
    /// They go on a long leave, change the password and delete the room; Zoom empties its trash meanwhile.
    LongLeave,
    /// Nobody has started the room for nearly a year.
    Unused,
}

/// A change of the saved meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    WaitingRoomOff,
    SomeBypass,
    JoinBeforeHost,
    Recorded,
    NeedsSignIn,
}

impl Change {
    pub const ALL: [Self; 5] =
        [Self::WaitingRoomOff, Self::SomeBypass, Self::JoinBeforeHost, Self::Recorded, Self::NeedsSignIn];

    /// As the meeting is changed at Zoom.
    pub fn body(self) -> Value {
        let settings = match self {
            Self::WaitingRoomOff => json!({ "waiting_room": false }),
            Self::SomeBypass => json!({ "waiting_room_options": {
                "mode": "custom", "who_goes_to_waiting_room": "users_not_in_account",
            } }),
            Self::JoinBeforeHost => json!({ "join_before_host": true, "jbh_time": 10 }),
            Self::Recorded => json!({ "auto_recording": "cloud" }),
            Self::NeedsSignIn => json!({ "meeting_authentication": true }),
        };
        json!({ "settings": settings })
    }

    pub fn drift(self) -> DriftKind {
        match self {
            Self::WaitingRoomOff => DriftKind::WaitingRoomOff,
            Self::SomeBypass => DriftKind::SomeBypass,
            Self::JoinBeforeHost => DriftKind::JoinBeforeHost,
            Self::Recorded => DriftKind::Recorded,
            Self::NeedsSignIn => DriftKind::NeedsSignIn,
        }
    }
}

impl Misfortune {
    /// The word for the report.
    pub fn word(self, heard: bool) -> String {
        let word = match self {
            Self::Password => "password changed",
            Self::Approval { revives: true } => "approval taken, given back with the old tokens",
            Self::Approval { revives: false } => "approval taken, given back without",
            Self::Removed => "app removed",
            Self::LostAnswer => "answer to a renewal lost",
            Self::ByHand(Change::WaitingRoomOff) => "waiting room off by hand",
            Self::ByHand(Change::SomeBypass) => "some bypass, by hand",
            Self::ByHand(Change::JoinBeforeHost) => "join before host, by hand",
            Self::ByHand(Change::Recorded) => "recording, by hand",
            Self::ByHand(Change::NeedsSignIn) => "sign-in needed, by hand",
            Self::Deleted => "meeting deleted",
            Self::Flapping => "waiting room flapping",
            Self::Locked => "waiting room locked off",
            Self::Plan => "plan cut down",
            Self::GivenAway => "meeting given away",
            Self::Moved => "moved to another account",
            Self::LongLeave => "long leave, meeting purged",
            Self::Unused => "room unused for a year",
        };
        let by_event = matches!(
            self,
            Self::Removed | Self::ByHand(_) | Self::Deleted | Self::Flapping | Self::Locked | Self::GivenAway
        );
        match (by_event, heard) {
            (true, true) => format!("{word} (event came)"),
            (true, false) => format!("{word} (event lost)"),
            (false, _) => word.to_owned(),
        }
    }

    /// As what the program must find it.
    pub fn sign(self) -> Sign {
        match self {
            Self::Password | Self::LostAnswer | Self::LongLeave | Self::Moved => {
                Sign::Alert(&[AlertKind::Reconnect])
            }
            Self::Approval { revives: true } => Sign::Alert(&[AlertKind::Paused]),
            // Given back before anybody asked Zoom, it left nothing but tokens that are refused.
            Self::Approval { revives: false } => Sign::Alert(&[AlertKind::Paused, AlertKind::Reconnect]),
            Self::Removed => Sign::Alert(&[AlertKind::AppRemoved, AlertKind::Reconnect]),
            Self::ByHand(change) => Sign::Drift(change.drift()),
            Self::Flapping | Self::Locked => Sign::Drift(DriftKind::WaitingRoomOff),
            Self::Deleted => Sign::Drift(DriftKind::Deleted),
            Self::GivenAway => Sign::Drift(DriftKind::NotOwned),
            Self::Unused => Sign::Drift(DriftKind::Unused),
            Self::Plan => Sign::Nothing,
        }
    }
}

/// What shows that a misfortune was found.
#[derive(Clone, Copy, Debug)]
pub enum Sign {
    /// An alert of one of these kinds.
    Alert(&'static [AlertKind]),
    /// A drift of this kind.
    Drift(DriftKind),
    /// Nothing has to be found: visits go on.
    Nothing,
}

/// A misfortune as it happened: the truth that the program has to find out.
#[derive(Clone, Debug)]
pub struct Happened {
    pub host: usize,
    pub what: Misfortune,
    pub at: Timestamp,
    /// Whether Zoom told of it, at once.
    pub heard: bool,
    /// From when on it can be mended: an administrator has allowed the app again or lifted the lock.
    pub mendable: Timestamp,
    /// When everything was seen to be well again.
    pub over: Option<Timestamp>,
}
