//! What is wrong with a connection or its room, as a code kept beside it.

use zoom::{api::Deviation, oauth::GrantReason};

/// What is wrong. [`words`](crate::words) says it to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Zoom no longer takes the refresh token; it does not say why.
    Refused,
    /// The Zoom user exists no more.
    OwnerGone,
    /// Zoom has no record of the consent.
    NoRecord,
    /// An administrator of the Zoom account switched the app off.
    DisabledByAdmin,
    /// The consent was taken back, or the same Zoom user gave it anew elsewhere.
    Revoked,
    /// Consent was given again without permissions that are needed.
    MissingScopes,
    /// The room works, but its waiting room is off.
    RoomWaitingRoomOff,
    /// The room works, but some people walk past its waiting room.
    RoomSomeBypass,
    /// The room works, but is set otherwise than visits need it.
    RoomDiffers,
}

impl Trouble {
    /// Every trouble there is.
    pub const ALL: [Self; 9] = [
        Self::Refused,
        Self::OwnerGone,
        Self::NoRecord,
        Self::DisabledByAdmin,
        Self::Revoked,
        Self::MissingScopes,
        Self::RoomWaitingRoomOff,
        Self::RoomSomeBypass,
        Self::RoomDiffers,
    ];

    /// The code kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::OwnerGone => "owner_gone",
            Self::NoRecord => "no_record",
            Self::DisabledByAdmin => "disabled_by_admin",
            Self::Revoked => "revoked",
            Self::MissingScopes => "missing_scopes",
            Self::RoomWaitingRoomOff => "room_waiting_room_off",
            Self::RoomSomeBypass => "room_some_bypass",
            Self::RoomDiffers => "room_differs",
        }
    }

    /// The trouble that a code names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.as_str() == code)
    }

    /// Whether it is the room's, so that the connection itself works.
    pub const fn is_of_room(self) -> bool {
        matches!(self, Self::RoomWaitingRoomOff | Self::RoomSomeBypass | Self::RoomDiffers)
    }

    /// Whether Zoom may take the same tokens again later, without the connection being made anew: whoever paused it may
    /// allow it again.
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::DisabledByAdmin)
    }

    /// The worst of a room's deviations.
    pub(crate) fn of_room(deviations: &[Deviation]) -> Option<Self> {
        if deviations.contains(&Deviation::WaitingRoomOff) {
            Some(Self::RoomWaitingRoomOff)
        } else if deviations.contains(&Deviation::SomeBypassWaitingRoom) {
            Some(Self::RoomSomeBypass)
        } else {
            deviations.first().map(|_| Self::RoomDiffers)
        }
    }
}

impl From<GrantReason> for Trouble {
    fn from(reason: GrantReason) -> Self {
        match reason {
            GrantReason::OwnerGone => Self::OwnerGone,
            GrantReason::NoRecord => Self::NoRecord,
            GrantReason::DisabledByAdmin => Self::DisabledByAdmin,
            GrantReason::Revoked => Self::Revoked,
            GrantReason::CodeExpired
            | GrantReason::CodeInvalid
            | GrantReason::PastGrace
            | GrantReason::InvalidToken => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_is_read_back_from_its_code() {
        for trouble in Trouble::ALL {
            assert_eq!(Trouble::from_code(trouble.as_str()), Some(trouble));
        }
        assert_eq!(Trouble::from_code("something_new"), None);
    }

    #[test]
    fn a_waiting_room_that_is_off_is_worse_than_anything_else() {
        let all = [Deviation::Recorded, Deviation::SomeBypassWaitingRoom, Deviation::WaitingRoomOff];
        assert_eq!(Trouble::of_room(&all), Some(Trouble::RoomWaitingRoomOff));
        assert_eq!(Trouble::of_room(&all[..2]), Some(Trouble::RoomSomeBypass));
        assert_eq!(Trouble::of_room(&all[..1]), Some(Trouble::RoomDiffers));
        assert_eq!(Trouble::of_room(&[]), None);
    }
}
