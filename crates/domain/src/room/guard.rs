//! How a room is guarded: in what it was found to differ from what visits need, what became of that, and who stands in.

use serde::{Deserialize, Serialize};

use crate::{
    attendance::matching::StaffOrToken,
    id::{ClinicId, CoverId, DriftId, RoomId, StaffId},
    time::Timestamp,
};

macro_rules! words {
    ($name:ident: $($variant:ident $word:literal),* $(,)?) => {
        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in the database and the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The one that a word names.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

/// In what a room differs from what visits need. In order of how bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftKind {
    /// It was deleted at Zoom.
    Deleted,
    /// It no longer belongs to the Zoom user who is connected.
    NotOwned,
    /// The waiting room is off: patients walk in on each other.
    WaitingRoomOff,
    /// Some people are not put into the waiting room.
    SomeBypass,
    /// Others than the host may let people in while the host is away.
    OthersMayAdmit,
    /// Patients may enter before the host.
    JoinBeforeHost,
    /// It is recorded by itself.
    Recorded,
    /// A summary is made by itself.
    Summarised,
    /// Patients would have to sign in to Zoom.
    NeedsSignIn,
    /// The join link does not bring the passcode along: patients would be asked for it.
    NoPasscodeInLink,
    /// It uses the owner's personal number.
    PersonalNumber,
    /// It is not a recurring meeting of the kind that it should be.
    NotPermanent,
    /// Nobody has started it for so long that Zoom forgets its number soon.
    Unused,
}

words!(DriftKind: Deleted "deleted", NotOwned "not_owned", WaitingRoomOff "waiting_room_off", SomeBypass "some_bypass",
    OthersMayAdmit "others_may_admit", JoinBeforeHost "join_before_host", Recorded "recorded", Summarised "summarised",
    NeedsSignIn "needs_sign_in", NoPasscodeInLink "no_passcode_in_link", PersonalNumber "personal_number",
    NotPermanent "not_permanent", Unused "unused");

/// What the guard looked for when it found something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookFor {
    /// Zoom was connected, or connected again.
    Connected,
    /// A day had passed.
    Daily,
    /// The day's first visit came near.
    FirstVisit,
    /// Zoom said that the meeting was changed.
    Changed,
    /// Somebody asked.
    Asked,
}

words!(LookFor: Connected "connected", Daily "daily", FirstVisit "first_visit", Changed "changed", Asked "asked");

/// How a drift ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftEnd {
    /// We put it right.
    Repaired,
    /// It was put right by somebody else.
    Gone,
    /// The room was replaced, or given up.
    Replaced,
}

words!(DriftEnd: Repaired "repaired", Gone "gone", Replaced "replaced");

/// A way in which a room was found not to be as visits need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// Names it.
    pub id: DriftId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Which room.
    pub room_id: RoomId,
    /// In what it differs.
    pub kind: DriftKind,
    /// When it was found.
    pub found_at: Timestamp,
    /// What made us look.
    pub found_for: LookFor,
    /// Why it was not put right, as a short code for `oauth` to put in words; none where it was, or has not been tried.
    pub hindrance: Option<String>,
    /// How often putting it right was tried.
    pub tries: i64,
    /// When it was last tried.
    pub tried_at: Option<Timestamp>,
    /// When it was over, and how; none while it lasts.
    pub ended: Option<(Timestamp, DriftEnd)>,
}

/// Where a room comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// We made it, so that we may rename it and give it up.
    #[default]
    Made,
    /// The staff member's own meeting, adopted: its name and agenda are theirs.
    Adopted,
    /// The staff member's personal meeting.
    Personal,
}

words!(Origin: Made "made", Adopted "adopted", Personal "personal");

/// How the guard stands to a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guarded {
    /// Where the room comes from.
    pub origin: Origin,
    /// When Zoom last told how the room is set.
    pub looked_at: Option<Timestamp>,
    /// When Zoom was last asked, answered or not.
    pub asked_at: Option<Timestamp>,
    /// Why the last look came to nothing, as a short code for `oauth` to put in words.
    pub trouble: Option<String>,
    /// Since when a look is wanted without waiting for the next round; none where nobody asks.
    pub wanted_at: Option<Timestamp>,
    /// Why it is wanted.
    pub wanted_for: Option<LookFor>,
    /// Since when it has its number, where it had another one before.
    pub numbered_at: Option<Timestamp>,
    /// When its meeting last started, as far as we heard.
    pub started_at: Option<Timestamp>,
    /// When its owner last pressed Join as host here.
    pub host_pressed_at: Option<Timestamp>,
}

/// What Zoom was asked to show to everybody in a room's waiting room. Never anything about a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// In large letters.
    pub title: String,
    /// Below it; may be empty.
    pub text: String,
    /// Since when.
    pub at: Timestamp,
}

/// A time in which a colleague stands in for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cover {
    /// Names it.
    pub id: CoverId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Whose room.
    pub host_id: StaffId,
    /// Who stands in.
    pub by_id: StaffId,
    /// From when on.
    pub from: Timestamp,
    /// Until when at most.
    pub until: Timestamp,
    /// When it was ended before that.
    pub ended_at: Option<Timestamp>,
    /// Whether Zoom lets the colleague start the room's meeting: they are its alternative host.
    pub at_zoom: bool,
    /// The e-mail address of the colleague's Zoom account, where we named it an alternative host at Zoom, or tried to: it is
    /// taken back when this ends. None where nothing is to be taken back.
    pub named: Option<String>,
    /// Who said so.
    pub said_by: StaffOrToken,
}

impl Cover {
    /// Whether it holds at that time.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.from <= now && now < self.until && self.ended_at.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for kind in DriftKind::ALL {
            assert_eq!(DriftKind::from_word(kind.as_str()), Some(*kind));
        }
        for look in LookFor::ALL {
            assert_eq!(LookFor::from_word(look.as_str()), Some(*look));
        }
        for end in DriftEnd::ALL {
            assert_eq!(DriftEnd::from_word(end.as_str()), Some(*end));
        }
        for origin in Origin::ALL {
            assert_eq!(Origin::from_word(origin.as_str()), Some(*origin));
        }
    }
}
