//! A person's decision about who somebody is.

use attendance::DecideError;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    AttendeeId, PresenceId, Timestamp,
    attendance::{
        matching::{Match, Verdict},
        presence::{Whereabouts, Who},
    },
};
use serde::Serialize;

use super::{
    input::{Body, Faults, word},
    json,
};
use crate::{App, Caller, Error};

/// How somebody stands after a decision.
#[derive(Debug, Serialize)]
struct PresenceJson {
    id: PresenceId,
    who: Who,
    status: Whereabouts,
    since: Timestamp,
    attendee: Option<AttendeeId>,
    #[serde(rename = "match")]
    matched: Option<MatchJson>,
}

#[derive(Debug, Serialize)]
struct MatchJson {
    level: domain::attendance::matching::Level,
    reasons: Vec<String>,
    decided_by: domain::attendance::matching::DecidedBy,
}

pub async fn decide(
    State(app): State<App>,
    caller: Caller,
    Path(presence): Path<String>,
    body: Body,
) -> Result<Response, Error> {
    let presence: PresenceId = presence.parse().map_err(|_| Error::NotFound)?;
    let faults = Faults::default();
    let object = body.object(&faults);
    let attendee =
        object.optional("attendee", |text| text.parse::<AttendeeId>().map_err(|error| format!("is {error}")));
    let not =
        object.optional("not", |text| text.parse::<AttendeeId>().map_err(|error| format!("is {error}")));
    let as_what = object.optional("as", |text| {
        let from_word = |text: &str| match text {
            "guest" => Some(Verdict::Guest),
            "interpreter" => Some(Verdict::Interpreter),
            "staff" => Some(Verdict::Staff),
            _ => None,
        };
        word(text, from_word, &["guest", "interpreter", "staff"])
    });
    let said = [attendee.map(Verdict::Attendee), not.map(Verdict::Not), as_what];
    let verdict = match said {
        [None, None, None] => {
            if !["attendee", "not", "as"].iter().any(|&field| object.has(field)) {
                faults.note("attendee", "is missing; null takes an earlier decision back");
            }
            Verdict::Undecided
        }
        [Some(_), Some(_), _] => {
            faults.note("not", "cannot stand beside an attendee");
            Verdict::Undecided
        }
        [Some(_), None, Some(_)] => {
            faults.note("as", "cannot stand beside an attendee");
            Verdict::Undecided
        }
        [None, Some(_), Some(_)] => {
            faults.note("as", "cannot stand beside not");
            Verdict::Undecided
        }
        [Some(verdict), None, None] | [None, Some(verdict), None] | [None, None, Some(verdict)] => verdict,
    };
    faults.check()?;
    let presence = app.attendance.decide(caller.clinic(), presence, verdict, caller.decides_as()).await?;
    let attendee = presence.matched.as_ref().map(|matched| matched.attendee);
    let matched = presence.matched.map(|Match { level, reasons, decided_by, .. }| MatchJson {
        level,
        reasons,
        decided_by,
    });
    Ok(json(
        StatusCode::OK,
        &PresenceJson {
            id: presence.id,
            who: presence.who,
            status: presence.whereabouts,
            since: presence.since,
            attendee,
            matched,
        },
    ))
}

impl From<DecideError> for Error {
    fn from(error: DecideError) -> Self {
        match error {
            DecideError::UnknownPresence => Self::NotFound,
            DecideError::UnknownAttendee => {
                Self::field("attendee", "is nobody who is to attend an appointment")
            }
            DecideError::NotInThisRoom => Self::field("attendee", error.to_string()),
            DecideError::Failed(error) => error.into(),
        }
    }
}
