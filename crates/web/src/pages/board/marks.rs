//! Marks: the staff say where an attendee is, for rooms of other products, which tell nothing themselves.

use attendance::marks::{MarkCell, MarkError, Marking};
use axum::{
    Form,
    extract::{Path, Query, State},
    response::Response,
};
use domain::{
    AttendeeId, StaffId,
    attendance::matching::StaffOrToken,
    outreach::desk::Marked,
    staff::{Role, StaffMember},
};
use serde::Deserialize;

use super::{
    super::{
        query, see_other,
        view::{
            board::{Decided, Undo},
            marks::MarkButtons,
            words::Wall,
        },
    },
    Asked, back_to,
};
use crate::{App, Error, SignedIn};

/// Where an attendee is, as a button says it.
const CHOICES: [(Marked, &str); 3] =
    [(Marked::Waiting, "Waiting"), (Marked::InSession, "In session"), (Marked::Left, "Left")];

/// The mark in a sentence.
pub fn word(marked: Marked) -> &'static str {
    match marked {
        Marked::Waiting => "waiting",
        Marked::InSession => "in session",
        Marked::Left => "left",
        Marked::Withdrawn => "taken back",
    }
}

/// `Marked as waiting at 10:03 by Sid.`
pub fn told(cell: &MarkCell, staff: &[StaffMember], wall: &Wall) -> String {
    let by = match cell.by {
        StaffOrToken::Staff(id) => name(id, staff),
        StaffOrToken::Token(_) => "a program".to_owned(),
    };
    format!("Marked as {} at {} by {by}.", word(cell.marked), wall.time_seen_from(wall.today(), cell.at))
}

fn name(id: StaffId, staff: &[StaffMember]) -> String {
    staff.iter().find(|one| one.id == id).map_or_else(|| "the staff".to_owned(), |one| one.name.to_string())
}

/// The buttons; none where the room tells itself who is there and nothing was marked.
pub fn buttons(
    attendee: AttendeeId,
    whom: &str,
    marking: &Marking,
    staff: &[StaffMember],
    wall: &Wall,
    back: String,
) -> Option<MarkButtons> {
    let standing = marking.standing.as_ref();
    if !marking.open && standing.is_none() {
        return None;
    }
    let holding = standing.map(|cell| cell.marked);
    let choices = CHOICES.into_iter().filter(|(marked, _)| marking.open && Some(*marked) != holding);
    // Nobody leaves who was never there.
    let choices = choices.filter(|(marked, _)| *marked != Marked::Left || holding.is_some());
    Some(MarkButtons {
        attendee: attendee.to_string(),
        name: whom.to_owned(),
        told: standing.map_or_else(String::new, |cell| told(cell, staff, wall)),
        choices: choices.map(|(marked, word)| (marked.as_str(), word)).collect(),
        take_back: holding.map(|marked| (taken_back(marked), format!("Take back “{}”", word(marked)))),
        back,
    })
}

/// What the button that takes it back sends: it names what it takes back, so that pressing twice takes back once.
fn taken_back(marked: Marked) -> String {
    format!("{}:{}", Marked::Withdrawn.as_str(), marked.as_str())
}

/// A button: where somebody is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    marked: String,
}

impl Answer {
    fn read(&self) -> Result<(Marked, Option<Marked>), Error> {
        let unclear = || Error::BadRequest("The answer is not one of those that were offered.".into());
        let (word, seen) = match self.marked.split_once(':') {
            Some((word, seen)) => (word, Some(Marked::from_word(seen).ok_or_else(unclear)?)),
            None => (self.marked.as_str(), None),
        };
        Ok((Marked::from_word(word).ok_or_else(unclear)?, seen))
    }
}

/// Takes a person's word. The desk may mark everybody, a host those of their own visits.
pub(super) async fn mark(
    State(app): State<App>,
    person: SignedIn,
    Path(attendee): Path<String>,
    Query(asked): Query<Asked>,
    Form(answer): Form<Answer>,
) -> Result<Response, Error> {
    let attendee: AttendeeId = attendee.parse().map_err(|_| Error::NotFound)?;
    let wanted = asked.understand()?;
    let (marked, seen) = answer.read()?;
    let is_desk = person.staff.is(Role::Scheduler);
    if !is_desk {
        let appointment = app.store.read().await?.appointment_of_attendee(person.clinic.id, attendee).await?;
        // As if it were not there: not even that it exists is theirs to know.
        if appointment.is_none_or(|appointment| appointment.host != person.staff.id) {
            return Err(Error::NotFound);
        }
    }
    app.attendance
        .mark(person.clinic.id, attendee, marked, seen, StaffOrToken::Staff(person.staff.id))
        .await?;
    let done = query(&[("done", done_word(marked)), ("about", &attendee.to_string())]);
    if is_desk && !asked.from_room || asked.of_appointment().is_some() {
        Ok(back_to(&asked, &wanted, &done))
    } else {
        Ok(see_other("/room?done=marked"))
    }
}

fn done_word(marked: Marked) -> &'static str {
    match marked {
        Marked::Waiting => "marked-waiting",
        Marked::InSession => "marked-in-session",
        Marked::Left => "marked-left",
        Marked::Withdrawn => "mark-undone",
    }
}

/// What was just said, as it stands in the query of the page after it.
pub(super) fn decided(done: &str, about: &str) -> Option<Decided> {
    let all = [Marked::Waiting, Marked::InSession, Marked::Left, Marked::Withdrawn];
    let marked = all.into_iter().find(|&marked| done_word(marked) == done)?;
    let undo = about.parse::<AttendeeId>().ok().and_then(|id| {
        Some(Undo {
            action: format!("/board/attendees/{id}/mark"),
            name: "marked",
            value: match marked {
                Marked::Waiting => "withdrawn:waiting",
                Marked::InSession => "withdrawn:in_session",
                Marked::Left => "withdrawn:left",
                Marked::Withdrawn => return None,
            },
        })
    });
    let sentence = match marked {
        Marked::Waiting => "Marked as waiting.",
        Marked::InSession => "Marked as in session.",
        Marked::Left => "Marked as left.",
        Marked::Withdrawn => "Taken back. What was said before holds again.",
    };
    Some(Decided { sentence: sentence.to_owned(), undo })
}

impl From<MarkError> for Error {
    fn from(error: MarkError) -> Self {
        match error {
            MarkError::UnknownAttendee => Self::NotFound,
            MarkError::NotExpected => {
                Self::Conflict("The visit is cancelled or at the clinic: there is no room to be in.".into())
            }
            MarkError::ToldByZoom => Self::Conflict(
                "The visit is in a room at Zoom, which tells itself who is there. Nothing is marked by hand."
                    .into(),
            ),
            MarkError::TooEarly => {
                Self::Conflict("The visit is not today: there is nothing to mark yet.".into())
            }
            MarkError::Failed(error) => error.into(),
        }
    }
}
