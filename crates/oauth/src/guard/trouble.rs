//! Why a look came to nothing, as a code kept with the room.

use zoom::api::ApiError;

use crate::{AccessError, RoomError, room::NOT_THE_HOST};

/// Why Zoom could not be asked how a room is. [`words`](crate::words) says it to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LookTrouble {
    /// Zoom did not answer, or not in full.
    Unavailable,
    /// Zoom wants to be left alone for a while.
    Limit,
    /// Zoom wants to be left alone for today.
    LimitOfDay,
    /// The connection has to be made again.
    Reconnect,
    /// There is no connection.
    NotConnected,
    /// The connection lacks a permission.
    Scope,
    /// Zoom refuses.
    Refused,
    /// The room's meeting is another Zoom user's now, and somebody is in it.
    NotOwned,
    /// Zoom does not accept the app, or a secret cannot be opened: a matter for the operator.
    Operator,
}

impl LookTrouble {
    /// Every one there is.
    pub const ALL: [Self; 9] = [
        Self::Unavailable,
        Self::Limit,
        Self::LimitOfDay,
        Self::Reconnect,
        Self::NotConnected,
        Self::Scope,
        Self::Refused,
        Self::NotOwned,
        Self::Operator,
    ];

    /// The code kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unavailable => "unavailable",
            Self::Limit => "limit",
            Self::LimitOfDay => "limit_of_day",
            Self::Reconnect => "reconnect",
            Self::NotConnected => "not_connected",
            Self::Scope => "scope",
            Self::Refused => "refused",
            Self::NotOwned => "not_owned",
            Self::Operator => "operator",
        }
    }

    /// The one that a code names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trouble| trouble.as_str() == code)
    }

    /// What to keep of an error; none where nothing can be kept, or another look is under way.
    pub(super) fn of(error: &RoomError) -> Option<Self> {
        Some(match error {
            RoomError::Store(_)
            | RoomError::NotAKind
            | RoomError::Access(AccessError::Busy | AccessError::Store(_)) => return None,
            RoomError::Access(AccessError::Unavailable)
            | RoomError::ListIncomplete
            | RoomError::NoJoinLink => Self::Unavailable,
            RoomError::Access(AccessError::NotConnected) => Self::NotConnected,
            RoomError::Access(AccessError::NeedsReconnect(_)) => Self::Reconnect,
            RoomError::Access(AccessError::Misconfigured(_) | AccessError::Secret(_))
            | RoomError::Secret(_) => Self::Operator,
            RoomError::Zoom(error) => match error {
                ApiError::RateLimited { daily: true, .. } => Self::LimitOfDay,
                ApiError::RateLimited { .. } => Self::Limit,
                ApiError::MissingScope(_) => Self::Scope,
                ApiError::NotAllowed { code: NOT_THE_HOST } => Self::NotOwned,
                ApiError::NotAllowed { .. } | ApiError::Invalid { .. } | ApiError::NotFound { .. } => {
                    Self::Refused
                }
                ApiError::AccessTokenDead | ApiError::Unavailable { .. } | ApiError::Unreadable { .. } => {
                    Self::Unavailable
                }
            },
        })
    }
}
