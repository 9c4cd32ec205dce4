//! What stands between somebody and their visits, in words for a colleague who reads it: what is so, who can do something
//! about it, and what.

use std::borrow::Cow;

use domain::room::guard::{Drift, DriftKind};

use super::{Standing, Stands};
use crate::{LookTrouble, Obstacle, Trouble, words};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Visits cannot take place, or not as they should.
    Blocks,
    /// Nobody knows whether they can.
    Unchecked,
    /// They can; somebody should know this.
    Note,
}

impl Weight {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Unchecked => "unchecked",
            Self::Note => "note",
        }
    }
}

/// Who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The staff member whose connection or room it is.
    Owner,
    /// An administrator of their Zoom account.
    ZoomAdmin,
    /// Whoever books visits.
    Desk,
    /// Nobody has to: Anteroom does it.
    Anteroom,
}

impl By {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::ZoomAdmin => "zoom_admin",
            Self::Desk => "desk",
            Self::Anteroom => "anteroom",
        }
    }
}

/// Something to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Todo {
    /// How much it matters.
    pub weight: Weight,
    /// Who can do it.
    pub by: By,
    /// What is so, about the staff member, whom it does not name.
    pub what: Cow<'static, str>,
    /// What to do, said to whoever can do it. Empty where there is nothing.
    pub todo: Cow<'static, str>,
}

fn todo(
    weight: Weight,
    by: By,
    what: impl Into<Cow<'static, str>>,
    todo: impl Into<Cow<'static, str>>,
) -> Todo {
    Todo { weight, by, what: what.into(), todo: todo.into() }
}

impl Standing {
    /// What is to be done, worst first. Empty where all is well.
    pub fn todo(&self) -> Vec<Todo> {
        let mut list = match self.stands {
            Stands::Connected => self.of_room(),
            Stands::NeedsReconnect(trouble) => vec![reconnect(trouble)],
            Stands::PausedByAdmin => vec![todo(
                Weight::Blocks,
                By::ZoomAdmin,
                "An administrator of their Zoom account has switched Anteroom off.",
                "Approve the app again for this user, on marketplace.zoom.us under “Manage”. Anteroom tries by itself \
                 every three hours whether the connection works again; “Connect Zoom” on their “My room” is faster.",
            )],
            Stands::MissingScopes => vec![todo(
                Weight::Blocks,
                By::Owner,
                "When Zoom was last connected, permissions that are needed were left out.",
                Trouble::MissingScopes.words().todo,
            )],
            Stands::NotConnected => vec![todo(
                Weight::Blocks,
                By::Owner,
                "Zoom is not connected, so that there is no room for patients to come to.",
                "Sign in to Anteroom, open “My room” and press “Connect Zoom”. That is done once.",
            )],
            Stands::Elsewhere { has_room: true } => Vec::new(),
            Stands::Elsewhere { has_room: false } => vec![todo(
                Weight::Blocks,
                By::Owner,
                "Their visits are to take place in another product, and its links are missing.",
                "Open “My room” and paste both links, the host's and the patients'.",
            )],
            Stands::NoLongerHere => vec![todo(
                Weight::Blocks,
                By::Desk,
                "They can no longer sign in here, and visits are still booked with them.",
                "Book these visits with somebody else, or cancel them.",
            )],
        };
        list.sort_by_key(|one| one.weight);
        list
    }

    fn of_room(&self) -> Vec<Todo> {
        let mut list = Vec::new();
        if self.room.is_none() {
            list.push(todo(
                Weight::Blocks,
                By::Anteroom,
                "Zoom is connected, and there is no room yet.",
                "Anteroom goes on trying to make it. They can also press “Try again” on “My room”, where the reason \
                 stands.",
            ));
            return list;
        }
        list.extend(self.lasting.iter().map(of_drift));
        if !self.is_looked_at() {
            list.push(self.not_looked_at());
        }
        if !self.is_renewed() {
            list.push(todo(
                Weight::Unchecked,
                By::Anteroom,
                "The connection to Zoom has not been renewed for more than a day.",
                "Anteroom goes on trying. If it stays so, look at status.zoom.us.",
            ));
        }
        if self.is_cut_short() {
            list.push(todo(
                Weight::Note,
                By::Owner,
                "Their Zoom account is a free one, which ends every meeting after 40 minutes, and a visit of today is \
                 longer.",
                "Ask for a Zoom licence. Until then patients come back in by the same link when the meeting ended, once \
                 you have started it again.",
            ));
        } else if self.has_unknown_plan() {
            list.push(todo(
                Weight::Note,
                By::Owner,
                "Zoom does not say that their account may hold meetings.",
                "If patients cannot join, ask the administrator of your Zoom account for a licence.",
            ));
        }
        list
    }

    fn not_looked_at(&self) -> Todo {
        let day = if self.today.is_some() { "today" } else { "for more than a day" };
        if self.is_being_looked_at() {
            let what = format!("The room was not checked {day}; a check has been asked for.");
            return todo(Weight::Unchecked, By::Anteroom, what, "It is done within moments.");
        }
        if self.is_overdue() {
            return todo(
                Weight::Unchecked,
                By::Anteroom,
                "A check of the room was asked for, and nobody has taken it.",
                "If that stays so, tell the person who runs Anteroom: its service may not be running.",
            );
        }
        match self.guarded.trouble.as_deref() {
            Some(code) => {
                let words = words::of_look_trouble(code);
                let by = match LookTrouble::from_code(code) {
                    Some(
                        LookTrouble::Reconnect
                        | LookTrouble::NotConnected
                        | LookTrouble::Scope
                        | LookTrouble::Refused,
                    ) => By::Owner,
                    _ => By::Anteroom,
                };
                let what = format!("The last check of the room came to nothing. {}", words.what);
                todo(Weight::Unchecked, by, what, words.todo)
            }
            None => todo(
                Weight::Unchecked,
                By::Desk,
                format!("The room was not checked {day}."),
                "Press “Check now”.",
            ),
        }
    }
}

fn reconnect(trouble: Option<Trouble>) -> Todo {
    let what = match trouble {
        Some(Trouble::OwnerGone) => "Zoom says that the Zoom user whom they connected exists no more.",
        Some(Trouble::NoRecord) => "Zoom has no record of their consent, which has to be given again.",
        Some(Trouble::Revoked) => "Their consent was taken back at Zoom, and has to be given again.",
        _ => {
            "Zoom no longer accepts the connection, as after a change of password. It has to be connected again."
        }
    };
    let words = crate::AccessError::NeedsReconnect(trouble).words();
    todo(Weight::Blocks, By::Owner, what, words.todo)
}

fn of_drift(drift: &Drift) -> Todo {
    let weight = match drift.kind {
        DriftKind::PersonalNumber | DriftKind::NotPermanent | DriftKind::Unused => Weight::Note,
        _ => Weight::Blocks,
    };
    let obstacle = drift.hindrance.as_deref();
    let words = words::of_drift(drift.kind, obstacle);
    let by = match (drift.kind, obstacle.and_then(Obstacle::from_code)) {
        (DriftKind::Deleted | DriftKind::NotOwned, _) | (_, Some(Obstacle::InUse)) => By::Anteroom,
        _ => By::Owner,
    };
    todo(weight, by, words.what, words.todo)
}

/// What a room lacks or lacked, in a few words with a capital, fit to stand before a time.
pub const fn drift_in_short(kind: DriftKind) -> &'static str {
    match kind {
        DriftKind::Deleted => "Room deleted at Zoom",
        DriftKind::NotOwned => "Room belongs to another Zoom user",
        DriftKind::WaitingRoomOff => "Waiting room off",
        DriftKind::SomeBypass => "Waiting room not for everyone",
        DriftKind::OthersMayAdmit => "Others than the host may let people in",
        DriftKind::JoinBeforeHost => "Patients may enter before the host",
        DriftKind::Recorded => "Recorded by itself",
        DriftKind::Summarised => "Summaries written by themselves",
        DriftKind::NeedsSignIn => "Patients have to sign in to Zoom",
        DriftKind::NoPasscodeInLink => "Join link without the passcode",
        DriftKind::PersonalNumber => "Personal meeting number in use",
        DriftKind::NotPermanent => "Number that does not last",
        DriftKind::Unused => "Not used for nearly a year",
    }
}
