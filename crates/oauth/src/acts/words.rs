//! What came of an act, in words for whoever pressed the button.

use zoom::api::ApiError;

use super::{ActError, AdoptError, CoverError, NotAtZoom};
use crate::{
    Trouble,
    words::{Words, words},
};

impl ActError {
    /// For the page on which the button stands.
    pub fn words(&self) -> Words {
        match self {
            Self::NoRoom => words("You have no room at Zoom just now.", "Press “Connect Zoom” first."),
            Self::Access(error) => error.words(),
            Self::MissingScope(scope) => Words {
                what: format!(
                    "When you connected Zoom, the permission “{}” ({}) was left out.",
                    scope.purpose, scope.name
                )
                .into(),
                todo: "Press “Disconnect”, then “Connect Zoom”, and leave that permission ticked. If it is not offered, the \
                       person who runs Anteroom has to add it to the Zoom app. Until then do it in Zoom’s own window."
                    .into(),
            },
            Self::Gone => words(
                "Zoom knows your room’s meeting no more.",
                "Press “Check now”: your room is then put right, and patients’ links go on working.",
            ),
            Self::Limit(wait) => Words {
                what: "Zoom takes no more requests from your organisation just now, and nothing was changed there."
                    .into(),
                todo: match wait.as_secs() {
                    0..=90 => "Please try again in a minute, or do it in Zoom’s own window.".into(),
                    seconds => format!(
                        "It takes them again in about {} minutes. Until then do it in Zoom’s own window.",
                        seconds.div_ceil(60)
                    )
                    .into(),
                },
            },
            Self::TooLong => {
                words("The message is longer than Zoom’s waiting room shows.", "Please shorten it.")
            }
            Self::Unsure => words(
                "Zoom’s answer was lost, so it is not known whether it did what you asked for.",
                "Look at Zoom’s own window, and press again if nothing has changed there.",
            ),
            Self::Zoom(ApiError::MissingScope(_)) => Trouble::MissingScopes.words(),
            Self::Zoom(error) if error.is_temporary() => words(
                "Zoom did not answer, and nothing was changed there.",
                "Please try again in a moment, or do it in Zoom’s own window.",
            ),
            Self::Zoom(_) => words("Zoom refused it.", "Please do it in Zoom’s own window."),
            Self::Store(_) => words(
                "Anteroom’s database did not answer.",
                "Please try again in a minute. If it stays, tell the person who runs Anteroom.",
            ),
        }
    }
}

impl CoverError {
    /// For the page on which the colleague was chosen.
    pub fn words(&self) -> Words {
        match self {
            Self::Unknown => {
                words("There is no such colleague who sees patients here.", "Please choose another one.")
            }
            Self::Taken => {
                words("Somebody stands in for you already.", "End that first if somebody else is to do it.")
            }
            Self::Over => words("The day is over.", "Choose somebody tomorrow."),
            Self::Store(_) => words(
                "Anteroom’s database did not answer.",
                "Please try again in a minute. If it stays, tell the person who runs Anteroom.",
            ),
        }
    }
}

impl AdoptError {
    /// For the page on which the meeting was chosen.
    pub fn words(&self) -> Words {
        match self {
            Self::Act(error) => error.words(),
            Self::Room(error) => error.words(),
            Self::NoPersonal => words("Zoom tells no personal meeting of yours.", "Choose another meeting."),
            Self::NotYours => words(
                "That is no meeting of your own Zoom user: its events would not reach this clinic.",
                "Choose one of your own.",
            ),
            Self::NotLasting => words(
                "That meeting has fixed times or happens once, so that its number does not last.",
                "Choose a recurring meeting without a fixed time, or make one in Zoom.",
            ),
            Self::Registration => words(
                "One has to register for that meeting, so that patients’ links would lead to a form of Zoom’s.",
                "Switch registration off for it in Zoom, and choose it again.",
            ),
            Self::Runs => words("That meeting is running.", "End it first."),
            Self::InUse => words(
                "Somebody is in your room, or on the way there: they would be in one meeting and you in another.",
                "Try again when your room is empty and nobody has pressed Join for ten minutes.",
            ),
            Self::Covered => words(
                "A colleague stands in for you, and Zoom lets them start the meeting that is your room now.",
                "End that first.",
            ),
            Self::Taken => words("That meeting is a colleague’s room already.", "Choose another one."),
        }
    }
}

impl NotAtZoom {
    /// Why the colleague cannot start the meeting, for its host.
    pub fn words(self) -> Words {
        let hand_over = "Start the meeting yourself and hand it over in Zoom’s own window: Participants, More beside the \
                         colleague’s name, Make Host. Then leave without ending it.";
        let what = match self {
            Self::NoRoom => "You have no room at Zoom just now.",
            Self::ColleagueNotConnected => {
                "Your colleague has not connected Zoom here, so Zoom could not be told to let them start your meeting."
            }
            Self::OtherAccount => {
                "Your colleague’s Zoom account is of another organisation, and Zoom lets only users of your own start your \
                 meeting."
            }
            Self::Refused => {
                "Zoom does not let your colleague start your meeting: they may have no Zoom licence, or your organisation \
                 does not allow it."
            }
            Self::Unavailable => {
                "Zoom did not answer when it was told to let your colleague start your meeting. Pressing once more tries \
                 again."
            }
        };
        words(what, hand_over)
    }
}
