//! Whether somebody did not come: what the evidence says, and a person's word on it.

use attendance::{board::NoShowCell, marks::Marking};
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use domain::{
    AttendeeId,
    attendance::{
        matching::StaffOrToken,
        no_show::{Ruling, Says},
    },
};
use serde::Deserialize;

use super::{
    super::{
        query,
        view::{
            board::{Decided, NoShow, Undo},
            words::sentence,
        },
    },
    Asked, back_to,
};
use crate::{App, Error, SignedIn};

/// What can be answered, or taken back; none where there is neither.
pub fn question(
    attendee: AttendeeId,
    cell: &NoShowCell,
    marking: &Marking,
    has_pressed: bool,
) -> Option<NoShow> {
    let take_back = match cell.ruling.as_ref().map(|ruling| ruling.ruling) {
        Some(Ruling::Accepted) => "Take back: this is not a no-show",
        Some(Ruling::Refused) => "Take back that it was not a no-show",
        Some(Ruling::Withdrawn) | None => "",
    };
    let proposed = cell.is_proposed();
    // Where the room tells nothing itself nothing is proposed, and yet only the desk can say it. Never of somebody of
    // whom our page or a person says that they came, or may have come: they may be in session at this moment.
    let is_unheard_of = !has_pressed && marking.standing.is_none();
    let sayable = marking.open && cell.says == Says::Unknown && cell.ruling.is_none() && is_unheard_of;
    (proposed || sayable || !take_back.is_empty()).then(|| NoShow {
        attendee: attendee.to_string(),
        proposed,
        sayable,
        take_back,
    })
}

/// What is so, and why, as sentences.
pub fn told(cell: &NoShowCell) -> Vec<String> {
    let said = match (cell.says, cell.ruling.as_ref().map(|ruling| ruling.ruling)) {
        (_, Some(Ruling::Accepted)) => Some("Somebody said that it was a no-show."),
        (_, Some(Ruling::Refused)) => Some("Somebody said that it was not a no-show."),
        (Says::Unknown, _) => Some("Nobody can say whether they came."),
        (Says::Yes | Says::No, _) => None,
    };
    said.map(str::to_owned).into_iter().chain(cell.reasons.iter().map(|reason| sentence(reason))).collect()
}

/// A button: what somebody says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    ruling: String,
}

/// Takes a person's word.
pub(super) async fn rule(
    State(app): State<App>,
    person: SignedIn,
    Path(attendee): Path<String>,
    Query(asked): Query<Asked>,
    Form(answer): Form<Answer>,
) -> Result<Response, Error> {
    let attendee: AttendeeId = attendee.parse().map_err(|_| Error::NotFound)?;
    let wanted = asked.understand()?;
    let ruling = Ruling::from_word(&answer.ruling)
        .ok_or_else(|| Error::BadRequest("The answer is not one of those that were offered.".into()))?;
    app.attendance.rule(person.clinic.id, attendee, ruling, StaffOrToken::Staff(person.staff.id)).await?;
    let done = query(&[("done", word(ruling)), ("about", &attendee.to_string())]);
    Ok(back_to(&asked, &wanted, &done))
}

fn word(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Accepted => "no-show",
        Ruling::Refused => "no-no-show",
        Ruling::Withdrawn => "no-show-undone",
    }
}

/// What was just said, as it stands in the query of the page after it.
pub(super) fn decided(done: &str, about: &str) -> Option<Decided> {
    let rulings = [Ruling::Accepted, Ruling::Refused, Ruling::Withdrawn];
    let ruling = rulings.into_iter().find(|&ruling| word(ruling) == done)?;
    let undo = about.parse::<AttendeeId>().ok().filter(|_| ruling != Ruling::Withdrawn).map(|id| Undo {
        action: format!("/board/attendees/{id}/no-show"),
        name: "ruling",
        value: Ruling::Withdrawn.as_str(),
    });
    let sentence = match ruling {
        Ruling::Accepted => "Noted as a no-show. Should they come after all, the board will say so.",
        Ruling::Refused => "Noted that it is not a no-show.",
        Ruling::Withdrawn => "Taken back. The evidence speaks again.",
    };
    Some(Decided { sentence: sentence.to_owned(), undo })
}
