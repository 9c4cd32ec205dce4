//! What became of links: the delivery ledger of an appointment.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    ApiTokenId, AttendeeId, MessageId, StaffId, Timestamp,
    appointment::Appointment,
    attendance::matching::StaffOrToken,
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
    text::ExternalId,
};
use outreach::{Ledger, LedgerOf, reason_in_words};
use serde::Serialize;

use super::{appointments::named, json};
use crate::{App, Caller, Error};

#[derive(Debug, Serialize)]
struct LedgerJson {
    id: domain::AppointmentId,
    external_id: ExternalId,
    attendees: Vec<AttendeeJson>,
    host: HostJson,
    former: Vec<FormerJson>,
}

#[derive(Debug, Serialize)]
struct AttendeeJson {
    id: AttendeeId,
    external_id: ExternalId,
    link_sent: bool,
    opened_at: Option<Timestamp>,
    pressed_at: Option<Timestamp>,
    messages: Vec<MessageJson>,
}

#[derive(Debug, Serialize)]
struct HostJson {
    id: StaffId,
    link_sent: bool,
    messages: Vec<MessageJson>,
}

/// Somebody who attended or hosted it and no longer does.
#[derive(Debug, Serialize)]
struct FormerJson {
    attendee: Option<AttendeeId>,
    host: Option<StaffId>,
    messages: Vec<MessageJson>,
}

#[derive(Debug, Serialize)]
struct MessageJson {
    id: MessageId,
    by: Channel,
    occasion: Occasion,
    state: MessageState,
    reason: Option<String>,
    detail: Option<String>,
    asked_by: Option<AskedByJson>,
    queued_at: Timestamp,
    due_at: Timestamp,
    sent_at: Option<Timestamp>,
    changed_at: Timestamp,
    tries: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum AskedByJson {
    Staff(StaffId),
    Token(ApiTokenId),
}

pub async fn of_appointment(
    State(app): State<App>,
    caller: Caller,
    path: Path<String>,
) -> Result<Response, Error> {
    let appointment = named(&app, caller.clinic(), path).await?;
    let mut ledgers = app.outreach.ledgers(caller.clinic(), std::slice::from_ref(&appointment)).await?;
    let ledger = ledgers.remove(&appointment.id).ok_or(Error::NotFound)?;
    Ok(json(StatusCode::OK, &ledger_json(&appointment, &ledger)))
}

fn ledger_json(appointment: &Appointment, ledger: &Ledger) -> LedgerJson {
    let attendees = appointment.attendees.iter().map(|attendee| {
        let of = ledger.of_attendee(attendee.id);
        AttendeeJson {
            id: attendee.id,
            external_id: attendee.external_id.clone(),
            link_sent: of.is_some_and(LedgerOf::was_sent),
            opened_at: of.and_then(|of| of.opened_at),
            pressed_at: of.and_then(|of| of.pressed_at),
            messages: of.map(messages).unwrap_or_default(),
        }
    });
    let of_host = ledger.of_host(appointment);
    let is_there = |of: &&LedgerOf| match of.recipient {
        Recipient::Attendee(_, attendee) => appointment.attendee(attendee).is_some(),
        Recipient::Host(_, staff) => staff == appointment.host,
        Recipient::Staff(..) => false,
    };
    let former = ledger.of.iter().filter(|of| !is_there(of)).map(|of| {
        let (attendee, host) = match of.recipient {
            Recipient::Attendee(_, attendee) => (Some(attendee), None),
            Recipient::Host(_, staff) | Recipient::Staff(staff, _) => (None, Some(staff)),
        };
        FormerJson { attendee, host, messages: messages(of) }
    });
    LedgerJson {
        id: appointment.id,
        external_id: appointment.external_id.clone(),
        attendees: attendees.collect(),
        host: HostJson {
            id: appointment.host,
            link_sent: of_host.is_some_and(LedgerOf::was_sent),
            messages: of_host.map(messages).unwrap_or_default(),
        },
        former: former.collect(),
    }
}

fn messages(of: &LedgerOf) -> Vec<MessageJson> {
    of.messages.iter().map(message).collect()
}

fn message(message: &Message) -> MessageJson {
    MessageJson {
        id: message.id,
        by: message.channel,
        occasion: message.occasion,
        state: message.state,
        reason: message.reason.clone(),
        detail: message.reason.as_deref().map(|code| reason_in_words(code).into_owned()),
        asked_by: message.asked_by.map(|asked_by| match asked_by {
            StaffOrToken::Staff(staff) => AskedByJson::Staff(staff),
            StaffOrToken::Token(token) => AskedByJson::Token(token),
        }),
        queued_at: message.queued_at,
        due_at: message.due_at,
        sent_at: message.sent_at,
        changed_at: message.changed_at,
        tries: message.tries,
    }
}
