//! Handing links out.

use std::borrow::Cow;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    AttendeeId, MessageId,
    appointment::Appointment,
    outreach::message::{Channel, MessageState},
};
use outreach::{HandOutError, LinkError, NotSent, To};
use serde::Serialize;

use super::{
    appointments::named,
    input::{Body, Faults, word},
    json,
};
use crate::{App, Caller, Error, FieldError};

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

#[derive(Debug, Serialize)]
struct Sent {
    messages: Vec<SentJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_sent: Vec<NotSentJson>,
}

#[derive(Debug, Serialize)]
struct SentJson {
    id: MessageId,
    #[serde(skip_serializing_if = "Option::is_none")]
    attendee: Option<AttendeeId>,
    by: Channel,
    state: MessageState,
}

#[derive(Debug, Serialize)]
struct NotSentJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    attendee: Option<AttendeeId>,
    by: Channel,
    reason: &'static str,
    detail: String,
}

fn to(text: &str) -> Result<To, &'static str> {
    match text {
        "staff" => Ok(To::Staff),
        "patients" => Ok(To::Patients),
        text => text.parse().map(To::Attendee).map_err(|_| "must be staff, patients or an att_ id"),
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
    let to = object.required("to", to);
    let by = object.required("by", |text| word(text, Channel::from_word, &["copy", "sms", "email"]));
    if let Some(To::Attendee(id)) = to
        && appointment.attendee(id).is_none()
    {
        faults.note("to", "is nobody who is to attend this appointment");
    }
    faults.check()?;
    let (Some(to), Some(by)) = (to, by) else {
        return Err(Error::internal("a request without faults lacks a field"));
    };
    match by {
        Channel::Copy => copy(&app, &caller, &appointment, to).await,
        Channel::Email | Channel::Sms => send(&app, &caller, &appointment, to, by).await,
    }
}

/// A program that reads links hands them out in its own way: the ledger says so.
async fn copy(app: &App, caller: &Caller, appointment: &Appointment, to: To) -> Result<Response, Error> {
    let links = app.outreach.links(appointment.clinic_id, appointment).await?;
    app.outreach.copied(appointment.clinic_id, appointment, to, caller.decides_as()).await?;
    let of_attendees = links
        .attendees
        .iter()
        .map(|link| LinkJson { attendee: Some(link.attendee), url: link.url.expose().to_owned() });
    let links = match to {
        To::Staff => vec![LinkJson { attendee: None, url: links.host.expose().to_owned() }],
        To::Attendee(id) => of_attendees.filter(|link| link.attendee == Some(id)).collect(),
        To::Patients => of_attendees.collect(),
    };
    Ok(json(StatusCode::OK, &Links { links }))
}

async fn send(
    app: &App,
    caller: &Caller,
    appointment: &Appointment,
    to: To,
    by: Channel,
) -> Result<Response, Error> {
    let clinic = appointment.clinic_id;
    let handed_out = match app.outreach.hand_out(clinic, appointment, to, by, caller.decides_as()).await {
        Ok(handed_out) => handed_out,
        Err(HandOutError::Nobody(why)) => return Err(nobody(appointment, by, &why)),
        Err(error) => return Err(error.into()),
    };
    let messages = handed_out.messages.iter().map(|message| SentJson {
        id: message.id,
        attendee: message.to.attendee(),
        by,
        state: message.state,
    });
    let not_sent = handed_out.not.iter().map(|&(attendee, why)| NotSentJson {
        attendee,
        by,
        reason: why.code(),
        detail: format!("{}.", in_words(appointment, attendee, by, why)),
    });
    Ok(json(StatusCode::ACCEPTED, &Sent { messages: messages.collect(), not_sent: not_sent.collect() }))
}

/// Nobody could be sent anything. Attendees are named by their ids alone: problems end up in logs.
fn nobody(appointment: &Appointment, by: Channel, why: &[(Option<AttendeeId>, NotSent)]) -> Error {
    if why.iter().any(|(_, why)| *why == NotSent::ChannelOff) {
        let what = if by == Channel::Sms { "SMS" } else { "e-mail" };
        let detail = format!(
            "Sending is off: this installation has no {what} set up. Ask for the links with \"by\": \"copy\" and \
             hand them out yourself."
        );
        return Error::Conflict(detail.into());
    }
    let parts: Vec<String> =
        why.iter().map(|&(attendee, why)| in_words(appointment, attendee, by, why)).collect();
    let errors = why.iter().map(|&(attendee, why)| FieldError {
        field: field(appointment, attendee, by, why),
        message: why.to_string(),
    });
    let detail = format!("Nobody was sent anything. {}.", parts.join(". "));
    Error::ConflictOf(detail.into(), errors.collect())
}

fn in_words(appointment: &Appointment, attendee: Option<AttendeeId>, by: Channel, why: NotSent) -> String {
    let whom = match attendee.and_then(|id| appointment.attendee(id)) {
        Some(attendee) if attendee.external_id.as_str() != attendee.id.to_string() => {
            Cow::from(format!("{} ({})", attendee.id, attendee.external_id))
        }
        Some(attendee) => Cow::from(attendee.id.to_string()),
        None => Cow::from("The host"),
    };
    let by = if by == Channel::Sms { "SMS" } else { "e-mail" };
    format!("{whom}, {by}: {why}")
}

/// What would have to be otherwise, as the booking's body names it.
fn field(appointment: &Appointment, attendee: Option<AttendeeId>, by: Channel, why: NotSent) -> String {
    let position = appointment.attendees.iter().position(|one| Some(one.id) == attendee);
    let whose = position.map_or_else(|| "host".to_owned(), |position| format!("attendees[{position}]"));
    let (address, consent) =
        if by == Channel::Sms { ("phone", "consent.sms") } else { ("email", "consent.email") };
    match why {
        NotSent::NoConsent => format!("{whose}.{consent}"),
        NotSent::NoAddress | NotSent::OptedOut | NotSent::ChannelOff => format!("{whose}.{address}"),
    }
}

impl From<LinkError> for Error {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Store(error) => error.into(),
            error => Self::internal(error),
        }
    }
}
