//! In what a room differs from what visits need, as far as Zoom tells.

use std::collections::BTreeSet;

use domain::room::{
    RoomKind,
    guard::{DriftKind, Origin},
};
use zoom::api::{ApiError, Deviation, Me, Meeting, MeetingSecurity, UserSettings, WhoWaits};

/// What Zoom told of the host beside the room.
pub(crate) struct HostSays {
    /// Whose token it is. What a failure means depends on who asks.
    pub(crate) me: Result<Me, ApiError>,
    /// The host's defaults; none where Zoom did not tell.
    pub(crate) settings: Option<UserSettings>,
    /// Who waits by the host's settings; none where Zoom did not tell.
    pub(crate) security: Option<MeetingSecurity>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// In what the room differs.
    pub(crate) lacking: BTreeSet<DriftKind>,
    /// What cannot be told this time, since Zoom did not answer in full: neither a drift, nor the end of one.
    pub(crate) unknown: BTreeSet<DriftKind>,
}

impl Findings {
    fn note(&mut self, kind: DriftKind, is_so: Option<bool>) {
        match is_so {
            Some(true) => {
                self.lacking.insert(kind);
            }
            Some(false) => {}
            None => {
                self.unknown.insert(kind);
            }
        }
    }
}

/// Compares the meeting with what visits need of a room of that kind and origin.
///
/// Where the meeting says nothing of a setting, the host's default decides. Where nobody does, it is not held against the
/// room; but for the waiting room itself, without a word for which nobody may rely on it.
pub(crate) fn findings(meeting: &Meeting, kind: RoomKind, origin: Origin, host: &HostSays) -> Findings {
    let deviations = match kind {
        RoomKind::Registered => meeting.deviations_of_registered(),
        RoomKind::Open | RoomKind::Other => meeting.deviations(),
    };
    let mut found =
        Findings { lacking: deviations.into_iter().map(drift_of).collect(), unknown: BTreeSet::new() };
    if origin == Origin::Personal {
        // It is what it is, and its drawbacks were said when it was adopted.
        found.lacking.remove(&DriftKind::PersonalNumber);
        found.lacking.remove(&DriftKind::NotPermanent);
    }
    let (settings, security) = (host.settings.as_ref(), host.security.as_ref());
    if meeting.settings.follows_user {
        let some_bypass = security.map(|security| security.who_waits != Some(WhoWaits::Everyone));
        found.note(DriftKind::SomeBypass, some_bypass);
    }
    if meeting.settings.join_before_host.is_none() {
        let allowed = settings.map(|settings| settings.join_before_host == Some(true));
        found.note(DriftKind::JoinBeforeHost, allowed);
    }
    if meeting.settings.recorded.is_none() {
        let recorded = settings.map(|settings| {
            settings.auto_recording.as_deref().is_some_and(|how| !matches!(how, "none" | ""))
        });
        found.note(DriftKind::Recorded, recorded);
    }
    found.note(DriftKind::OthersMayAdmit, security.map(|security| security.others_may_admit == Some(true)));
    found.note(DriftKind::NoPasscodeInLink, Some(meeting.brings_passcode() == Some(false)));
    found
}

/// The drift that a deviation is.
pub(crate) const fn drift_of(deviation: Deviation) -> DriftKind {
    match deviation {
        Deviation::WaitingRoomOff => DriftKind::WaitingRoomOff,
        Deviation::SomeBypassWaitingRoom => DriftKind::SomeBypass,
        Deviation::JoinBeforeHost => DriftKind::JoinBeforeHost,
        Deviation::Recorded => DriftKind::Recorded,
        Deviation::Summarised => DriftKind::Summarised,
        Deviation::PersonalNumber => DriftKind::PersonalNumber,
        Deviation::NeedsSignIn => DriftKind::NeedsSignIn,
        Deviation::NotPermanent => DriftKind::NotPermanent,
    }
}

/// The meeting's deviation in which a drift consists; none where it is not in the meeting's settings.
pub(crate) const fn deviation_of(kind: DriftKind) -> Option<Deviation> {
    Some(match kind {
        DriftKind::WaitingRoomOff => Deviation::WaitingRoomOff,
        DriftKind::SomeBypass => Deviation::SomeBypassWaitingRoom,
        DriftKind::JoinBeforeHost => Deviation::JoinBeforeHost,
        DriftKind::Recorded => Deviation::Recorded,
        DriftKind::Summarised => Deviation::Summarised,
        DriftKind::PersonalNumber => Deviation::PersonalNumber,
        DriftKind::NeedsSignIn => Deviation::NeedsSignIn,
        DriftKind::NotPermanent => Deviation::NotPermanent,
        DriftKind::Deleted
        | DriftKind::NotOwned
        | DriftKind::OthersMayAdmit
        | DriftKind::NoPasscodeInLink
        | DriftKind::Unused => return None,
    })
}

/// Whether the guard may put it right by changing the settings of a meeting of that origin. Of a meeting that its owner made,
/// the number that its link names may be the personal one on purpose, and the link is not to be changed.
pub(crate) fn is_repairable(kind: DriftKind, origin: Origin) -> bool {
    match deviation_of(kind) {
        Some(Deviation::NotPermanent) | None => false,
        Some(Deviation::PersonalNumber) => origin == Origin::Made,
        Some(_) => true,
    }
}
