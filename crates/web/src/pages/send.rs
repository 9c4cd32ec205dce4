//! Sending links: first what would be sent, to whom, and who is left out; then, with one press, into the outbox.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    appointment::Appointment,
    attendance::matching::StaffOrToken,
    outreach::message::{Channel, Recipient},
    staff::Role,
};
use outreach::{Confirmed, Content, HandOutError, Preview, PreviewOne, To, words::segments};
use serde::Deserialize;

use super::{
    appointment::{
        acts::{whose, word},
        links::{find, host_of},
        menus::not_sent,
    },
    draw, frame, query, see_other,
    view::{
        hand_out::{LeftOut, Outgoing, SendPage},
        words::{self, long_date, sentence},
    },
    wall,
};
use crate::{App, Error, SignedIn, guard::ANY_ROLE, guard::Who, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    // Staff send the links of their own appointments only, which the handlers hold to.
    let any = Who::Staff(ANY_ROLE);
    vec![
        Route::get("/appointments/{id}/send", any, preview),
        Route::post("/appointments/{id}/send", any, send),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    to: String,
    by: String,
    /// What the page showed, and something that no other page holds.
    seen: String,
    nonce: String,
}

impl Asked {
    fn understand(&self, appointment: &Appointment) -> Result<(To, Channel), Error> {
        let by = Channel::from_word(&self.by).filter(|&by| by != Channel::Copy);
        let by = by.ok_or_else(|| Error::field("by", "must be email or sms"))?;
        Ok((whose(&self.to, appointment)?, by))
    }
}

async fn preview(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let appointment = find(&app, &person, &id).await?;
    let (to, by) = asked.understand(&appointment)?;
    draw(&read(&app, &person, &appointment, (to, by), String::new()).await?)
}

/// What would be sent now; `changed` says why something was not sent.
async fn read(
    app: &App,
    person: &SignedIn,
    appointment: &Appointment,
    (to, by): (To, Channel),
    changed: String,
) -> Result<SendPage, Error> {
    let host = host_of(app, appointment).await?;
    let (preview, obstacle) = match app.outreach.preview(person.clinic.id, appointment, to, by).await {
        Ok(preview) => (preview, String::new()),
        Err(
            error @ (HandOutError::Cancelled
            | HandOutError::InPerson
            | HandOutError::Over
            | HandOutError::Compose(_)),
        ) => (
            Preview { revision: appointment.revision, to: Vec::new(), not: Vec::new() },
            sentence(&error.to_string()),
        ),
        Err(error) => return Err(error.into()),
    };
    let wall = wall(app, &person.clinic);
    let names: Vec<String> = appointment.attendees.iter().map(|one| one.name.to_string()).collect();
    let name = |attendee: Option<_>| match attendee {
        Some(id) => appointment.attendee(id).map(|one| one.name.to_string()).unwrap_or_default(),
        None => host.name.to_string(),
    };
    let nobody = preview.to.is_empty() && obstacle.is_empty();
    let title = title(to, by, appointment);
    Ok(SendPage {
        frame: frame(person, &title, None),
        title,
        appointment: appointment.id.to_string(),
        visit: format!("{} with {}", words::list(&names), host.name),
        when: format!(
            "{}, {}–{} {}",
            long_date(wall.date(appointment.starts_at)),
            wall.time(appointment.starts_at),
            wall.time(appointment.ends_at),
            wall.zone_word(appointment.starts_at)
        ),
        others: others(appointment, to, by),
        changed,
        seen: preview.seen().to_string(),
        nonce: nonce(app),
        left_out: (preview.not.iter())
            .map(|&(attendee, why)| LeftOut { name: name(attendee), why: not_sent(why) })
            .collect(),
        obstacle: if nobody { "Nobody can be sent anything this way.".to_owned() } else { obstacle },
        submit: submit(&preview, by),
        messages: preview.to.into_iter().map(outgoing).collect(),
        to: word(to),
        by: by.as_str(),
        may_change: person.staff.is(Role::Scheduler),
    })
}

fn nonce(app: &App) -> String {
    let random: [u8; 16] = app.ambient.bytes();
    format!("{:032x}", u128::from_be_bytes(random))
}

fn title(to: To, by: Channel, appointment: &Appointment) -> String {
    let by = if by == Channel::Sms { "text message" } else { "e-mail" };
    match (to, appointment.attendees.len()) {
        (To::Staff, _) => format!("Send the staff link by {by}"),
        (To::Patients, 2..) => format!("Send all patients their links by {by}"),
        _ => format!("Send the patient’s link by {by}"),
    }
}

fn submit(preview: &Preview, by: Channel) -> String {
    match (preview.to.len(), by) {
        (1, Channel::Sms) => "Send the text message".to_owned(),
        (1, _) => "Send the e-mail".to_owned(),
        (count, Channel::Sms) => format!("Send {count} text messages"),
        (count, _) => format!("Send {count} e-mails"),
    }
}

/// The same by the other way, and for one of several patients the same to all.
fn others(appointment: &Appointment, to: To, by: Channel) -> Vec<(&'static str, String)> {
    let address = |to: To, by: Channel| {
        format!("/appointments/{}/send?to={}&by={}", appointment.id, word(to), by.as_str())
    };
    let (other, other_word) = match by {
        Channel::Sms => (Channel::Email, "By e-mail instead"),
        _ => (Channel::Sms, "By text message instead"),
    };
    let mut others = vec![(other_word, address(to, other))];
    if matches!(to, To::Attendee(_)) && appointment.attendees.len() > 1 {
        others.push(("To all patients", address(To::Patients, by)));
    }
    others
}

fn outgoing(one: PreviewOne) -> Outgoing {
    let PreviewOne { name, address, content, .. } = one;
    match content {
        Content::Email(mail) => Outgoing {
            name,
            address,
            from: mail.from_name,
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
            size: String::new(),
            is_long: false,
            has_calendar: mail.calendar.is_some(),
        },
        Content::Sms(text) => {
            let parts = segments(&text.text);
            let size = match parts.count {
                1 => format!("one segment, {} of {} characters", parts.length, parts.room),
                count => format!("{count} segments, {} characters", parts.length),
            };
            Outgoing {
                name,
                address,
                from: String::new(),
                subject: String::new(),
                text: text.text,
                html: String::new(),
                size,
                is_long: parts.count > 1,
                has_calendar: false,
            }
        }
    }
}

async fn send(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Error> {
    let appointment = find(&app, &person, &id).await?;
    let (to, by) = asked.understand(&appointment)?;
    let asked_by = StaffOrToken::Staff(person.staff.id);
    let Some(confirmed) = Confirmed::parse(&asked.seen, &asked.nonce) else {
        let why = "Nothing was sent yet: this is what would be sent.".to_owned();
        return shown_again(&app, &person, &appointment, (to, by), why).await;
    };
    let clinic = person.clinic.id;
    let done = match app.outreach.hand_out_seen(clinic, &appointment, to, by, asked_by, &confirmed).await {
        Ok(done) => done,
        Err(HandOutError::Changed(changed)) => {
            let what: Vec<String> = changed.iter().map(ToString::to_string).collect();
            let why = format!(
                "Nothing was sent: since this page was opened, {}. This is what would be sent now.",
                words::list(&what)
            );
            return shown_again(&app, &person, &appointment, (to, by), why).await;
        }
        Err(error) => return Err(error.into()),
    };
    // A second press of the same page is answered like the first, which sent it.
    let about = match to {
        To::Attendee(id) => Some(Recipient::Attendee(appointment.id, id)),
        To::Staff => Some(Recipient::Host(appointment.id, appointment.host)),
        To::Patients => done.messages.first().map(|message| message.to),
    };
    Ok(back_to(&appointment, by, about, done.messages.len() + done.before, done.not.len()))
}

async fn shown_again(
    app: &App,
    person: &SignedIn,
    appointment: &Appointment,
    what: (To, Channel),
    why: String,
) -> Result<Response, Error> {
    // As it stands by now: it may have been changed since it was looked for.
    let appointment = find(app, person, &appointment.id.to_string()).await?;
    let page = read(app, person, &appointment, what, why).await?;
    Ok((StatusCode::CONFLICT, draw(&page)?).into_response())
}

/// To the appointment, which says what was queued and shows what becomes of it.
pub(super) fn back_to(
    appointment: &Appointment,
    by: Channel,
    to: Option<Recipient>,
    count: usize,
    not: usize,
) -> Response {
    let about = match to {
        Some(Recipient::Attendee(_, attendee)) => attendee.to_string(),
        Some(Recipient::Host(..)) => "staff".to_owned(),
        Some(Recipient::Staff(..)) | None => String::new(),
    };
    let (count, not) = (count.to_string(), not.to_string());
    let done = query(&[
        ("done", "queued"),
        ("by", by.as_str()),
        ("about", &about),
        ("count", &count),
        ("not", &not),
    ]);
    see_other(&format!("/appointments/{}?{done}#links", appointment.id))
}
