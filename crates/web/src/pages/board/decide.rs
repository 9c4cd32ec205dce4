//! The desk's decisions: who somebody is, and who they are not.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use domain::{
    AttendeeId, PresenceId,
    attendance::matching::{StaffOrToken, Verdict},
};
use serde::Deserialize;

use super::{
    super::{
        query,
        view::board::{Decided, Undo},
    },
    Asked, back_to, marks, no_show,
};
use crate::{App, Error, SignedIn};

/// What a decision said, for the sentence after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Attendee,
    Not,
    Guest,
    Interpreter,
    Staff,
    TakenBack,
}

impl Done {
    const ALL: [Self; 6] =
        [Self::Attendee, Self::Not, Self::Guest, Self::Interpreter, Self::Staff, Self::TakenBack];

    pub fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Attendee(_) => Self::Attendee,
            Verdict::Not(_) => Self::Not,
            Verdict::Guest => Self::Guest,
            Verdict::Interpreter => Self::Interpreter,
            Verdict::Staff => Self::Staff,
            Verdict::Undecided => Self::TakenBack,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Attendee => "attendee",
            Self::Not => "not",
            Self::Guest => "guest",
            Self::Interpreter => "interpreter",
            Self::Staff => "staff",
            Self::TakenBack => "undone",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|done| done.word() == word)
    }

    pub fn sentence(self) -> &'static str {
        match self {
            Self::Attendee => "Noted who it is.",
            Self::Not => "Noted who it is not. The rules look for somebody else.",
            Self::Guest => "Noted as a guest.",
            Self::Interpreter => "Noted as an interpreter.",
            Self::Staff => "Noted as one of the staff.",
            Self::TakenBack => "Taken back. The board decides by its rules again.",
        }
    }
}

/// What was just decided, as it stands in the query of the page after it.
pub fn decided(done: &str, about: &str) -> Option<Decided> {
    if let Some(decided) = no_show::decided(done, about).or_else(|| marks::decided(done, about)) {
        return Some(decided);
    }
    let done = Done::from_word(done)?;
    let undo = about.parse::<PresenceId>().ok().filter(|_| done != Done::TakenBack).map(|id| Undo {
        action: format!("/board/presences/{id}/match"),
        name: "as",
        value: "undecided",
    });
    Some(Decided { sentence: done.sentence().to_owned(), undo })
}

/// The buttons of a question: an attendee, who it is not, or what else somebody is.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Answer {
    pub attendee: Option<String>,
    pub not: Option<String>,
    #[serde(rename = "as")]
    pub as_what: Option<String>,
}

impl Answer {
    pub fn verdict(&self) -> Result<Verdict, Error> {
        let unclear = || Error::BadRequest("The answer is not one of those that were offered.".into());
        let attendee = |text: &str| text.parse::<AttendeeId>().map_err(|_| unclear());
        match (self.attendee.as_deref(), self.not.as_deref(), self.as_what.as_deref()) {
            (Some(text), None, None) => attendee(text).map(Verdict::Attendee),
            (None, Some(text), None) => attendee(text).map(Verdict::Not),
            (None, None, Some("guest")) => Ok(Verdict::Guest),
            (None, None, Some("interpreter")) => Ok(Verdict::Interpreter),
            (None, None, Some("staff")) => Ok(Verdict::Staff),
            (None, None, Some("undecided")) => Ok(Verdict::Undecided),
            _ => Err(unclear()),
        }
    }
}

pub(super) async fn decide(
    State(app): State<App>,
    person: SignedIn,
    Path(presence): Path<String>,
    Query(asked): Query<Asked>,
    Form(answer): Form<Answer>,
) -> Result<Response, Error> {
    let presence: PresenceId = presence.parse().map_err(|_| Error::NotFound)?;
    let wanted = asked.understand()?;
    let verdict = answer.verdict()?;
    app.attendance
        .decide(person.clinic.id, presence, verdict, StaffOrToken::Staff(person.staff.id))
        .await
        .map_err(|error| match error {
            attendance::DecideError::UnknownPresence => Error::Conflict(
                "Whoever that was is no longer on the board: Zoom has told more since. Go back and look again.".into(),
            ),
            error => error.into(),
        })?;
    let done = query(&[("done", Done::of(verdict).word()), ("about", &presence.to_string())]);
    Ok(back_to(&asked, &wanted, &done))
}
