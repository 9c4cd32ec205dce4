//! Handing links out.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::AttendeeId;
use outreach::LinkError;
use serde::Serialize;

use super::{
    appointments::named,
    input::{Body, Faults, word},
    json,
};
use crate::{App, Caller, Error};

#[derive(Debug, Serialize)]
struct Links {
    links: Vec<LinkJson>,
}

#[derive(Debug, Serialize)]
struct LinkJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    attendee: Option<AttendeeId>,
    url: String,
}

enum To {
    Staff,
    Patients,
    Attendee(AttendeeId),
}

impl To {
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "staff" => Ok(Self::Staff),
            "patients" => Ok(Self::Patients),
            text => text.parse().map(Self::Attendee).map_err(|_| "must be staff, patients or an att_ id"),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum By {
    Copy,
    Message,
}

impl By {
    fn from_word(text: &str) -> Option<Self> {
        match text {
            "copy" => Some(Self::Copy),
            "sms" | "email" => Some(Self::Message),
            _ => None,
        }
    }
}

pub async fn hand_out(
    State(app): State<App>,
    caller: Caller,
    path: Path<String>,
    body: Body,
) -> Result<Response, Error> {
    let appointment = named(&app, caller.clinic(), path).await?;
    let faults = Faults::default();
    let object = body.object(&faults);
    let to = object.required("to", To::parse);
    let by = object.required("by", |text| word(text, By::from_word, &["copy", "sms", "email"]));
    if let Some(To::Attendee(id)) = to
        && appointment.attendee(id).is_none()
    {
        faults.note("to", "is nobody who is to attend this appointment");
    }
    faults.check()?;
    if by == Some(By::Message) {
        return Err(Error::Conflict(
            "Sending is off: this installation has no e-mail and no SMS set up. Ask for the links with \"by\": \
             \"copy\" and hand them out yourself."
                .into(),
        ));
    }
    let links = app.outreach.links(appointment.clinic_id, &appointment).await?;
    let of_attendees = links
        .attendees
        .iter()
        .map(|link| LinkJson { attendee: Some(link.attendee), url: link.url.expose().to_owned() });
    let links = match to {
        Some(To::Staff) => vec![LinkJson { attendee: None, url: links.host.expose().to_owned() }],
        Some(To::Attendee(id)) => of_attendees.filter(|link| link.attendee == Some(id)).collect(),
        Some(To::Patients) | None => of_attendees.collect(),
    };
    Ok(json(StatusCode::OK, &Links { links }))
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Store(error) => error.into(),
            error => Self::internal(error),
        }
    }
}
