//! What went wrong, in words for the person whom it stopped: what it means, and what to do.

mod drift;
mod kind;

use std::borrow::Cow;

use domain::room::Connection;
use zoom::api::{ApiError, Deviation};

use crate::guard::drift_of;
use crate::{AccessError, ConnectError, How, RoomError, SecretError, Trouble};

pub use drift::{of_drift, of_look_trouble};
pub use kind::of_kind_change;

/// What something means, and what to do about it. Plain sentences for a clinician, without names or secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened.
    pub what: Cow<'static, str>,
    /// What to do.
    pub todo: Cow<'static, str>,
}

pub(crate) fn words(what: &'static str, todo: &'static str) -> Words {
    Words { what: what.into(), todo: todo.into() }
}

const KEYS: (&str, &str) = (
    "A stored secret cannot be read with the keys that Anteroom was started with.",
    "Please tell the person who runs Anteroom: ANTEROOM_KEYS must still hold the key that sealed it.",
);
const STORE: (&str, &str) = (
    "Anteroom's database did not answer.",
    "Please try again in a minute. If it stays, tell the person who runs Anteroom.",
);
const APP: (&str, &str) = (
    "Zoom does not accept this installation of Anteroom.",
    "Nothing is wrong with your account. Please tell the person who runs Anteroom: Zoom refuses the client id, the client \
     secret or the redirect address.",
);
const ZOOM_AWAY: (&str, &str) = (
    "Zoom did not answer.",
    "Please try again in a few minutes. Zoom tells how it is doing on status.zoom.us.",
);
const MADE_AGAIN: &str =
    "Press “Connect Zoom” and sign in as the same Zoom user. Your room and your links stay as they are.";

impl ConnectError {
    /// For the page that Zoom's redirect ends on.
    pub fn words(&self) -> Words {
        match self {
            Self::Denied => words(
                "Zoom was not connected, because consent was not given.",
                "If that was a mistake, press “Connect Zoom” again and choose “Allow”. If Zoom did not let you, an \
                 administrator of your Zoom account has to approve the app first.",
            ),
            Self::UnknownState => words(
                "This answer from Zoom does not belong to any attempt of yours.",
                "Please start again with “Connect Zoom” on your room's page.",
            ),
            Self::Expired => words(
                "The attempt took longer than ten minutes.",
                "Nothing was changed. Please press “Connect Zoom” again.",
            ),
            Self::AlreadyUsed => words(
                "This answer from Zoom was used before, perhaps because the page was loaded twice.",
                "Look at your room's page: you may be connected already. If not, press “Connect Zoom” again.",
            ),
            Self::OtherBrowser => words(
                "This attempt was started in another browser, or by somebody else.",
                "Please sign in here, and start with “Connect Zoom” in this same browser.",
            ),
            Self::MissingScopes(missing) => {
                let list: Vec<String> =
                    missing.iter().map(|need| format!("{} ({})", need.purpose, need.name)).collect();
                Words {
                    what: format!("Zoom did not give the permissions that are needed: {}.", list.join("; "))
                        .into(),
                    todo: "Press “Connect Zoom” again and leave every permission ticked. If none can be ticked, please \
                           tell the person who runs Anteroom: the permissions are missing from the Zoom app."
                        .into(),
                }
            }
            Self::ConnectedElsewhere => words(
                "This Zoom user is already connected at another clinic, and goes on working there.",
                "A Zoom user can be connected in one place only. Disconnect it there first, or connect another Zoom user \
                 here.",
            ),
            Self::ConnectedToColleague => words(
                "This Zoom user is already connected for a colleague of yours, and goes on working for them.",
                "Everybody needs a Zoom user of their own. Sign out of Zoom in this browser, sign in as your own Zoom \
                 user, and press “Connect Zoom” again.",
            ),
            Self::OtherZoomUser => words(
                "You are connected as another Zoom user, to whom your room belongs.",
                "To change to this Zoom user, press “Disconnect” first and then connect again. You then get a new room: \
                 links that Anteroom gave out keep working, copies of Zoom's own join link do not.",
            ),
            Self::ZoomRefused => words(
                "Zoom did not accept the answer that your browser brought back.",
                "Please press “Connect Zoom” again. Its answer is good for five minutes only.",
            ),
            Self::Misconfigured => words(APP.0, APP.1),
            Self::ZoomUnavailable => words(ZOOM_AWAY.0, ZOOM_AWAY.1),
            Self::Secret(_) => words(KEYS.0, KEYS.1),
            Self::Store(_) => words(STORE.0, STORE.1),
        }
    }
}

impl Trouble {
    /// For the staff member's own page, and for `anteroom check`.
    pub fn words(self) -> Words {
        match self {
            Self::Refused => words(
                "Zoom no longer accepts your connection. That happens after a change of password, after a long pause, and \
                 when the connection was lost just while it was being renewed.",
                MADE_AGAIN,
            ),
            Self::OwnerGone => words(
                "Zoom says that the Zoom user of your connection exists no more.",
                "If your Zoom account was changed, press “Disconnect”, and then “Connect Zoom” with your new Zoom user.",
            ),
            Self::NoRecord => words("Zoom has no record of your consent.", MADE_AGAIN),
            Self::DisabledByAdmin => words(
                "An administrator of your Zoom account has switched the app off.",
                "Please ask them to approve it again. Your connection then works again by itself within three hours, or at \
                 once if you press “Connect Zoom”.",
            ),
            Self::Revoked => words(
                "Your consent was taken back at Zoom, or was given anew from another installation of Anteroom.",
                MADE_AGAIN,
            ),
            Self::MissingScopes => words(
                "Permissions that are needed are missing: they were left out when Zoom was last connected, or taken back since.",
                "Press “Connect Zoom” again and leave every permission ticked.",
            ),
            Self::RoomWaitingRoomOff => words(
                "The waiting room of your room is off, and Zoom did not let Anteroom switch it on: patients would walk in \
                 on each other.",
                "Switch it on in Zoom, in the settings of the meeting “Visits with …”. If you cannot, an administrator of \
                 your Zoom account has locked it.",
            ),
            Self::RoomSomeBypass => words(
                "Some people walk past the waiting room of your room, such as other users of your Zoom account.",
                "In Zoom's settings, under Security, let “everyone” go into the waiting room. If you cannot, an \
                 administrator of your Zoom account has locked it.",
            ),
            Self::RoomDiffers => words(
                "Your room is set otherwise than visits need it.",
                "Open the meeting “Visits with …” in Zoom and look at recording, summaries, entering before the host and \
                 signing in: all of them should be off. If you cannot change one, an administrator has locked it.",
            ),
        }
    }
}

/// What it means that nobody knows what came of the last renewal of a connection.
pub fn of_doubt() -> Words {
    words(
        "Zoom did not answer when Anteroom last renewed your connection.",
        "There is nothing to do. Anteroom asks again within minutes, and says so here if you have to connect again.",
    )
}

/// What a room's deviation means.
pub fn of_deviation(deviation: Deviation) -> Words {
    of_drift(drift_of(deviation), None)
}

/// What it means where a room comes from, if somebody must know.
pub fn of_how(how: How) -> Option<Words> {
    match how {
        How::Kept | How::Found | How::Made => None,
        How::Changed => Some(words(
            "Your room is of another kind now, and has another number.",
            "Links that Anteroom gave out lead to the new one. Copies of Zoom's own join link lead to the room before, which \
             nobody looks into: please replace them where you have written them down.",
        )),
        How::Replaced => Some(words(
            "Your room is a new one: the one before is gone, or belongs to another Zoom user.",
            "Links that Anteroom gave out lead to the new one. Copies of Zoom's own join link no longer work: please \
             replace them where you have written them down.",
        )),
    }
}

/// What a connection's Zoom plan means for visits, where it falls short.
pub fn of_plan(connection: &Connection) -> Option<Words> {
    match connection.zoom_plan {
        2 => None,
        1 => Some(words(
            "Your Zoom account is a free one: Zoom ends every meeting after 40 minutes and keeps no record of who came.",
            "Ask for a Zoom licence if your visits last longer, or if attendance must be proved.",
        )),
        _ => Some(words(
            "Zoom does not say that your account may hold meetings.",
            "If patients cannot join, ask the administrator of your Zoom account for a licence.",
        )),
    }
}

impl AccessError {
    /// For pages, and for `anteroom check`.
    pub fn words(&self) -> Words {
        match self {
            Self::NotConnected => words("Zoom is not connected.", "Press “Connect Zoom”."),
            Self::NeedsReconnect(Some(trouble)) => trouble.words(),
            Self::NeedsReconnect(None) => words("The connection to Zoom has to be made again.", MADE_AGAIN),
            Self::Busy => {
                words("Your connection to Zoom is being renewed just now.", "Please try again in a minute.")
            }
            Self::Unavailable => words(ZOOM_AWAY.0, ZOOM_AWAY.1),
            Self::Misconfigured(_) => words(APP.0, APP.1),
            Self::Secret(error) => error.words(),
            Self::Store(_) => words(STORE.0, STORE.1),
        }
    }
}

impl SecretError {
    /// For pages, and for `anteroom check`.
    pub fn words(&self) -> Words {
        words(KEYS.0, KEYS.1)
    }
}

impl RoomError {
    /// For pages.
    pub fn words(&self) -> Words {
        match self {
            Self::Access(error) => error.words(),
            Self::Zoom(ApiError::MissingScope(_)) => Trouble::MissingScopes.words(),
            Self::Zoom(ApiError::RateLimited { daily: true, .. }) => words(
                "Your Zoom account has reached Zoom's limit for today.",
                "Your room is made by itself tomorrow. Nothing needs to be done.",
            ),
            Self::Zoom(ApiError::NotAllowed { .. }) => words(
                "Zoom does not let this Zoom user hold meetings of this kind.",
                "Please ask the administrator of your Zoom account whether your user may schedule meetings.",
            ),
            Self::Zoom(ApiError::Invalid { .. }) => words(
                "Zoom did not understand what Anteroom asked for.",
                "Please tell the person who runs Anteroom; its log has the details.",
            ),
            Self::Zoom(error) if error.is_temporary() => words(
                "Zoom did not answer, so your room is not ready yet.",
                "It is tried again by itself. You can also open this page again in a few minutes.",
            ),
            Self::Zoom(_) | Self::ListIncomplete | Self::NoJoinLink => words(
                "Zoom's answer was not complete, so your room is not ready yet.",
                "It is tried again by itself. You can also open this page again in a few minutes.",
            ),
            Self::NotAKind => words(
                "Anteroom cannot make a room of this kind.",
                "Please choose an open or a registered room.",
            ),
            Self::Secret(error) => error.words(),
            Self::Store(_) => words(STORE.0, STORE.1),
        }
    }
}

#[cfg(test)]
mod tests {
    use zoom::oauth::REQUIRED_SCOPES;

    use super::*;

    #[test]
    fn missing_permissions_are_named_with_what_they_are_for() {
        let missing: Vec<_> = REQUIRED_SCOPES.iter().take(2).collect();
        let words = ConnectError::MissingScopes(missing).words();
        assert!(words.what.contains("user:read:user") && words.what.contains("user:read:settings"));
        assert!(words.what.contains("to see which Zoom user connected"));
    }

    #[test]
    fn every_trouble_says_what_to_do_in_words_of_its_own() {
        let all: std::collections::HashSet<_> =
            Trouble::ALL.into_iter().map(|trouble| trouble.words().what.into_owned()).collect();
        assert_eq!(all.len(), Trouble::ALL.len());
    }

    #[test]
    fn only_a_room_that_took_anothers_place_needs_a_word() {
        assert!(of_how(How::Replaced).is_some_and(|words| words.todo.contains("no longer work")));
        assert!([How::Kept, How::Found, How::Made].into_iter().all(|how| of_how(how).is_none()));
    }

    #[test]
    fn a_free_account_is_told_of_the_forty_minutes() {
        let connection = |zoom_plan| {
            let ambient = domain::Ambient::manual(domain::Timestamp::from_seconds(0), 1).0;
            Connection {
                id: ambient.id(),
                clinic_id: ambient.id(),
                staff_id: ambient.id(),
                zoom_user_id: String::new(),
                zoom_account_id: String::new(),
                zoom_email: String::new(),
                zoom_plan,
                state: domain::room::ConnectionState::Connected,
                trouble: None,
                checked_at: ambient.now(),
                created_at: ambient.now(),
            }
        };
        assert!(of_plan(&connection(1)).unwrap().what.contains("40 minutes"));
        assert_eq!(of_plan(&connection(2)), None);
        assert!(of_plan(&connection(99)).is_some());
    }
}
