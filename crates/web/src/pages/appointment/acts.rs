//! What can be done from an appointment's page with one press: another host, a note of what was copied, a new link.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, Response},
};
use domain::{AttendeeId, appointment::Appointment, attendance::matching::StaffOrToken, staff::Role};
use outreach::{BookError, Change, HandOutError, NotSent, To};
use serde::Deserialize;

use super::{
    super::{
        booking, draw, frame, see_other,
        view::{
            hand_out::RenewPage,
            ledger,
            words::{self, isolated},
        },
        wall,
    },
    links,
};
use crate::{
    App, Error, SignedIn, api::appointments::look_again, guard::ANY_ROLE, guard::Who, routes::Route,
};

/// Who hosts a visit is the desk's to say.
const DESK: Who = Who::Staff(&[Role::Scheduler, Role::Admin]);

pub(super) fn routes() -> Vec<Route> {
    let any = Who::Staff(ANY_ROLE);
    vec![
        Route::post("/appointments/{id}/host", DESK, set_host),
        Route::post("/appointments/{id}/copied", any, copied),
        Route::get("/appointments/{id}/links/renew", any, ask_to_renew),
        Route::post("/appointments/{id}/links/renew", any, renew),
    ]
}

/// Whose links, as a form or a script says it: `staff`, `patients` or an attendee's id.
pub(in crate::pages) fn whose(text: &str, appointment: &Appointment) -> Result<To, Error> {
    match text {
        "staff" => Ok(To::Staff),
        "patients" => Ok(To::Patients),
        id => {
            let id: AttendeeId = id.parse().map_err(|_| Error::NotFound)?;
            appointment.attendee(id).map(|attendee| To::Attendee(attendee.id)).ok_or(Error::NotFound)
        }
    }
}

/// How [`whose`] reads it.
pub(in crate::pages) fn word(to: To) -> String {
    match to {
        To::Staff => "staff".to_owned(),
        To::Patients => "patients".to_owned(),
        To::Attendee(id) => id.to_string(),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Host {
    host: String,
}

async fn set_host(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<Host>,
) -> Result<Response, Error> {
    let before = booking::find(&app, &person, &id).await?;
    let nobody = || Error::field("host", "is nobody who sees patients here");
    let host = sent.host.parse().map_err(|_| nobody())?;
    let booked = match app.outreach.set_host(person.clinic.id, &before, host).await {
        Ok(booked) => booked,
        Err(BookError::Refused(_)) => return Err(nobody()),
        Err(error) => return Err(error.into()),
    };
    let done = if booked.change == Change::Unchanged {
        "same-host"
    } else {
        look_again(&app, Some(&before), &booked.appointment).await;
        "host"
    };
    Ok(see_other(&format!("/appointments/{}?done={done}", before.id)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ToWhom {
    to: String,
}

/// What the copy button's script says after it has copied.
async fn copied(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<ToWhom>,
) -> Result<StatusCode, Error> {
    let appointment = links::find(&app, &person, &id).await?;
    let to = whose(&sent.to, &appointment)?;
    let by = StaffOrToken::Staff(person.staff.id);
    app.outreach.copied(person.clinic.id, &appointment, to, by).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn ask_to_renew(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<ToWhom>,
) -> Result<Html<String>, Error> {
    let appointment = links::find(&app, &person, &id).await?;
    let to = whose(&asked.to, &appointment)?;
    let wall = wall(&app, &person.clinic);
    let ledgers = app.outreach.ledgers(person.clinic.id, std::slice::from_ref(&appointment)).await?;
    let of = ledgers.get(&appointment.id).and_then(|of_all| match to {
        To::Staff => of_all.of_host(&appointment),
        To::Attendee(id) => of_all.of_attendee(id),
        To::Patients => None,
    });
    let whose = match to {
        To::Staff => links::host_of(&app, &appointment).await?.name.to_string(),
        To::Patients => words::list(
            &appointment.attendees.iter().map(|one| isolated(one.name.as_str())).collect::<Vec<_>>(),
        ),
        To::Attendee(id) => appointment.attendee(id).map(|one| one.name.to_string()).unwrap_or_default(),
    };
    draw(&RenewPage {
        frame: frame(&person, "Renew a link", None),
        appointment: appointment.id.to_string(),
        to: word(to),
        whose,
        fate: of
            .filter(|of| ledger::has_link(of))
            .map(|of| ledger::told(of, &wall, wall.today()).words)
            .unwrap_or_default(),
    })
}

async fn renew(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<ToWhom>,
) -> Result<Response, Error> {
    let appointment = links::find(&app, &person, &id).await?;
    let to = whose(&sent.to, &appointment)?;
    let by = StaffOrToken::Staff(person.staff.id);
    app.outreach.reissue(person.clinic.id, &appointment, to, by).await?;
    Ok(see_other(&format!("/appointments/{}?done=renewed#links", appointment.id)))
}

/// What was queued, as a sentence; what it became since stands below.
pub(super) fn queued(done: &str, by: &str, count: usize, not: usize, whom: &str) -> Option<String> {
    if done != "queued" || count == 0 {
        return None;
    }
    let to = if whom.is_empty() { String::new() } else { format!(" for {whom}") };
    let what = match (by, count) {
        ("email", 1) => format!("An e-mail{to} is queued"),
        ("email", _) => format!("{count} e-mails are queued"),
        ("sms", 1) => format!("A text message{to} is queued"),
        ("sms", _) => format!("{count} text messages are queued"),
        _ => return None,
    };
    let left_out = match not {
        0 => String::new(),
        1 => " One person was left out.".to_owned(),
        _ => format!(" {not} people were left out."),
    };
    Some(format!("{what}. What becomes of it shows below.{left_out}"))
}

impl From<HandOutError> for Error {
    fn from(error: HandOutError) -> Self {
        match error {
            HandOutError::UnknownMessage | HandOutError::UnknownAttendee => Self::NotFound,
            HandOutError::Cancelled
            | HandOutError::NotCancelled
            | HandOutError::NoHost
            | HandOutError::InPerson
            | HandOutError::Over
            | HandOutError::WasCopied
            | HandOutError::StillQueued
            | HandOutError::AnotherHost
            | HandOutError::Changed(_)
            | HandOutError::NotLate => Self::Conflict(words::sentence(&error.to_string()).into()),
            HandOutError::Nobody(not) => Self::Conflict(nobody(&not).into()),
            HandOutError::Links(error) => error.into(),
            HandOutError::Store(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

/// Why nobody was sent anything, with the one reason where there is one.
fn nobody(not: &[(Option<AttendeeId>, NotSent)]) -> String {
    match not {
        [(_, why)] => words::sentence(&format!("nothing was sent: {why}")),
        _ => "Nothing was sent: none of them can be written to by that.".to_owned(),
    }
}
