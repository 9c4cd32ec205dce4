//! What a room lacks, in words: what it means for patients, what the setting is called in Zoom's web portal, who can change
//! it, and why Anteroom did not. And why a room could not be looked at.

use domain::room::guard::DriftKind;

use super::{Words, words};
use crate::{LookTrouble, Obstacle, Trouble};

/// A setting as Zoom's web portal names it.
struct Setting {
    /// What it is called.
    name: &'static str,
    /// Where a host finds it.
    place: &'static str,
    /// What it should be.
    value: &'static str,
}

const fn setting(name: &'static str, place: &'static str, value: &'static str) -> Setting {
    Setting { name, place, value }
}

/// Of the meeting, which its host may change unless an administrator has locked it.
const MEETING: &str = "in the settings of the room's meeting";
/// Of the host.
const SECURITY: &str = "in Zoom's web portal under Settings, Meeting, Security";

/// The setting in which a drift consists; none where it is no setting.
fn setting_of(kind: DriftKind) -> Option<Setting> {
    Some(match kind {
        DriftKind::WaitingRoomOff => setting("Waiting Room", MEETING, "on"),
        DriftKind::SomeBypass => {
            setting("Waiting Room Options: who should go in the waiting room", MEETING, "set to “Everyone”")
        }
        DriftKind::OthersMayAdmit => setting(
            "Waiting Room Options: users who can admit participants from the waiting room",
            SECURITY,
            "set to “Host and co-hosts only”",
        ),
        DriftKind::JoinBeforeHost => setting("Allow participants to join anytime", MEETING, "off"),
        DriftKind::Recorded => setting("Automatically record meeting", MEETING, "off"),
        DriftKind::Summarised => setting("Automatically start meeting summary", MEETING, "off"),
        DriftKind::NeedsSignIn => setting("Require authentication to join", MEETING, "off"),
        DriftKind::NoPasscodeInLink => {
            setting("Embed passcode in invite link for one-click join", SECURITY, "on")
        }
        DriftKind::PersonalNumber => {
            setting("Meeting ID: Personal Meeting ID", MEETING, "changed to a number of the meeting's own")
        }
        DriftKind::Deleted | DriftKind::NotOwned | DriftKind::NotPermanent | DriftKind::Unused => {
            return None;
        }
    })
}

fn what(kind: DriftKind) -> &'static str {
    match kind {
        DriftKind::Deleted => "The room's meeting was deleted at Zoom.",
        DriftKind::NotOwned => {
            "The room's meeting belongs to another Zoom user now, so that its host cannot start it."
        }
        DriftKind::WaitingRoomOff => "The room's waiting room is off: patients would walk in on each other.",
        DriftKind::SomeBypass => {
            "Some people walk past the room's waiting room, such as other users of the same Zoom account."
        }
        DriftKind::OthersMayAdmit => {
            "While the host is away, others in the meeting may let people in from the waiting room."
        }
        DriftKind::JoinBeforeHost => "Patients can enter the room before its host.",
        DriftKind::Recorded => "The room is recorded by itself.",
        DriftKind::Summarised => "Zoom's assistant writes summaries of what is said in the room by itself.",
        DriftKind::NeedsSignIn => "Patients would have to sign in to Zoom to enter the room.",
        DriftKind::NoPasscodeInLink => {
            "Zoom leaves the passcode out of the room's join link: patients are asked for one that they do not have."
        }
        DriftKind::PersonalNumber => {
            "The room uses its host's personal meeting number, so that private meetings would count as visits."
        }
        DriftKind::NotPermanent => {
            "The room is not a recurring meeting without a fixed time, so that its number will not last."
        }
        DriftKind::Unused => {
            "Nobody has started the room's meeting for eleven months. Zoom forgets a number that is not used for a year."
        }
    }
}

/// What a drift means and what to do about it, by why it was not put right ([`Obstacle`]'s code).
pub fn of_drift(kind: DriftKind, hindrance: Option<&str>) -> Words {
    let obstacle = hindrance.and_then(Obstacle::from_code);
    let todo = match (setting_of(kind), obstacle) {
        (_, Some(Obstacle::Scope)) => Trouble::MissingScopes.words().todo,
        (_, Some(Obstacle::InUse)) => {
            "Somebody is in the room, so that it was left as it is. Anteroom makes another one once it is empty; links \
             that Anteroom gave out then lead there."
                .into()
        }
        (Some(setting), obstacle) => by_setting(kind, &setting, obstacle).into(),
        (None, _) => match kind {
            DriftKind::Unused => {
                "Start the meeting once, by “Join as host” on “My room”, and end it again. Its number and every link then \
                 last for another year."
            }
            DriftKind::NotPermanent => {
                "Delete the meeting in Zoom, and press “Check now” here: Anteroom then makes a new one. Links that Anteroom \
                 gave out lead to it."
            }
            _ => "Anteroom makes another room by itself. Links that it gave out lead there.",
        }
        .into(),
    };
    Words { what: what(kind).into(), todo }
}

fn by_setting(kind: DriftKind, setting: &Setting, obstacle: Option<Obstacle>) -> String {
    let Setting { name, place, value } = setting;
    let oneself = format!("“{name}”, {place}, should be {value}.");
    match obstacle {
        Some(Obstacle::Locked) => format!(
            "Anteroom asked Zoom to change it, and Zoom left it as it is: an administrator of the Zoom account has locked \
             “{name}”. Ask them to unlock it, or to have it {value} for this host: Zoom's web portal, Account Management, \
             Account Settings. Anteroom tries again every day; press “Check now” when it is done."
        ),
        Some(Obstacle::Refused) => format!(
            "Zoom refused to change it. {oneself} If that cannot be changed there, an administrator of the Zoom account \
             has to."
        ),
        Some(Obstacle::Limit) => format!(
            "Zoom allows only so many changes in a day, and they are used up. Anteroom tries again tomorrow. To have it \
             right before: {oneself}"
        ),
        Some(Obstacle::Often) => format!(
            "Anteroom put it right several times today, and each time somebody, or another program, changed it back. \
             Please find out who, and have it stay so: {oneself}"
        ),
        Some(Obstacle::Unavailable) => {
            format!(
                "Zoom did not answer when Anteroom wanted to change it. It is tried again soon. {oneself}"
            )
        }
        Some(Obstacle::Unseen) => format!(
            "Zoom does not tell how the meeting itself is set, and the host's own default is the wrong one. Please look: \
             {oneself}"
        ),
        Some(Obstacle::Scope | Obstacle::InUse) | None => match kind {
            DriftKind::OthersMayAdmit | DriftKind::NoPasscodeInLink => format!(
                "Anteroom may read this setting and not change it. {oneself} If it cannot be changed there, an \
                 administrator of the Zoom account has locked it."
            ),
            _ => oneself,
        },
    }
}

/// Why a room could not be looked at, by [`LookTrouble`]'s code.
pub fn of_look_trouble(code: &str) -> Words {
    match LookTrouble::from_code(code) {
        Some(LookTrouble::Unavailable) | None => words(
            "Zoom did not answer, or not in full.",
            "Anteroom tries again by itself within minutes. Zoom tells how it is doing on status.zoom.us.",
        ),
        Some(LookTrouble::Limit) => words(
            "Zoom asked to be left alone for a moment, because it was asked too much.",
            "Anteroom tries again by itself within minutes.",
        ),
        Some(LookTrouble::LimitOfDay) => words(
            "The Zoom account has reached Zoom's limit for today.",
            "Anteroom looks again by itself tomorrow. Until then, look at the room in Zoom before its first visit.",
        ),
        Some(LookTrouble::Reconnect) => words(
            "The connection to Zoom has to be made again, so that Zoom does not tell how the room is.",
            "Press “Connect Zoom” on “My room”, and sign in as the same Zoom user.",
        ),
        Some(LookTrouble::NotConnected) => {
            words("Zoom is not connected, so that it does not tell how the room is.", "Press “Connect Zoom”.")
        }
        Some(LookTrouble::Scope) => Trouble::MissingScopes.words(),
        Some(LookTrouble::Refused) => words(
            "Zoom refuses to tell how the room is.",
            "Please ask the administrator of the Zoom account whether this user may schedule meetings. Anteroom tries again \
             by itself.",
        ),
        Some(LookTrouble::NotOwned) => words(
            "The room's meeting belongs to another Zoom user now, and somebody is in it.",
            "Anteroom makes another room once it is empty. Links that it gave out then lead there.",
        ),
        Some(LookTrouble::Operator) => words(
            "Zoom does not accept this installation of Anteroom, or a stored secret cannot be read.",
            "Please tell the person who runs Anteroom; its log has the details.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_drift_says_what_it_means_in_words_of_its_own() {
        let all: HashSet<_> = DriftKind::ALL.iter().map(|kind| of_drift(*kind, None).what).collect();
        assert_eq!(all.len(), DriftKind::ALL.len());
    }

    #[test]
    fn whatever_keeps_a_setting_wrong_its_name_and_what_it_should_be_are_said() {
        for kind in DriftKind::ALL.iter().copied() {
            let Some(setting) = setting_of(kind) else { continue };
            let obstacles = Obstacle::ALL
                .into_iter()
                .filter(|obstacle| !matches!(obstacle, Obstacle::Scope | Obstacle::InUse));
            for code in obstacles.map(|obstacle| Some(obstacle.as_str())).chain([None, Some("new")]) {
                let todo = of_drift(kind, code).todo;
                assert!(todo.contains(setting.name) && todo.contains(setting.value), "{kind:?} {code:?}");
            }
        }
    }

    #[test]
    fn what_is_locked_is_a_matter_for_the_accounts_administrator() {
        let words = of_drift(DriftKind::Recorded, Some("locked"));
        assert!(words.todo.contains("administrator of the Zoom account has locked"));
        assert!(words.todo.contains("Automatically record meeting"));
    }

    #[test]
    fn a_room_that_nobody_uses_says_how_it_is_kept() {
        assert!(of_drift(DriftKind::Unused, None).todo.contains("Start the meeting once"));
    }

    #[test]
    fn every_trouble_with_looking_has_words_of_its_own_and_an_unknown_one_has_some() {
        let all: HashSet<_> =
            LookTrouble::ALL.into_iter().map(|trouble| of_look_trouble(trouble.as_str()).what).collect();
        assert_eq!(all.len(), LookTrouble::ALL.len());
        assert!(!of_look_trouble("something_new").todo.is_empty());
    }
}
