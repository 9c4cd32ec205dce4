//! One appointment. The desk sees all of it, its host the links and the attendance, the auditor the attendance alone.

mod history;
mod people;

use attendance::AppointmentAttendance;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    appointment::{Appointment, Kind, Status},
    staff::Role,
};
use outreach::AppointmentLinks;
use serde::Deserialize;

use super::{
    board, booking, draw, frame,
    view::{
        appointment::{AppointmentPage, LinkLine, StayLine},
        booking::BookingForm,
        timeline,
        words::{self, Wall, long_date},
    },
    wall,
};
use crate::{App, Error, SignedIn, guard::ANY_ROLE, guard::Who, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    // Staff see their own appointments only, which the handler holds to.
    vec![Route::get("/appointments/{id}", Who::Staff(ANY_ROLE), show)]
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Asked {
    done: String,
    /// About whom a decision was.
    about: String,
}

fn said(done: &str) -> Option<&'static str> {
    match done {
        "booked" => Some("Booked. The links below are ready to be handed out."),
        "changed" => Some("Saved. The links stay the same."),
        "cancelled" => Some("Cancelled. The links now say so."),
        "restored" => Some("Booked again. The links work again."),
        _ => None,
    }
}

async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let appointment = booking::find(&app, &person, &id).await?;
    let mut page = read(&app, &person, &appointment).await?;
    page.frame.said = said(&asked.done);
    page.decided = board::decide::decided(&asked.done, &asked.about).filter(|_| page.form.is_some());
    Ok(draw(&page)?.into_response())
}

/// The page with a form that was sent and not taken.
pub(super) async fn with_form(
    app: &App,
    person: &SignedIn,
    appointment: &Appointment,
    form: BookingForm,
) -> Result<Response, Error> {
    let status = if form.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = AppointmentPage { form: Some(form), ..read(app, person, appointment).await? };
    Ok((status, draw(&page)?).into_response())
}

async fn read(app: &App, person: &SignedIn, appointment: &Appointment) -> Result<AppointmentPage, Error> {
    let clinic = person.clinic.id;
    let is_desk = person.staff.is(Role::Scheduler);
    let is_host = person.staff.is(Role::Staff) && person.staff.id == appointment.host;
    if !(is_desk || is_host || person.staff.is(Role::Admin)) {
        // As if it were not there: not even that it exists is theirs to know.
        return Err(Error::NotFound);
    }
    let wall = wall(app, &person.clinic);
    let record = app.attendance.appointment(clinic, appointment.id).await?;
    let hands_out = (is_desk || is_host) && appointment.is_expected_in_a_room();
    let links = if hands_out { Some(app.outreach.links(clinic, appointment).await?) } else { None };
    let form = if is_desk {
        let staff = app.store.read().await?.staff(clinic).await?;
        Some(booking::form_of(appointment, &staff, &wall))
    } else {
        None
    };
    let names: Vec<String> = appointment.attendees.iter().map(|one| one.name.to_string()).collect();
    let is_telehealth = appointment.kind == Kind::Telehealth;
    let everybody = people::everybody(&record, appointment);
    let history = history::lines(app, clinic, appointment, &record, &wall).await?;
    let has_stays = everybody.iter().any(|one| !one.stays.is_empty());
    Ok(AppointmentPage {
        frame: frame(person, &words::list(&names), None),
        id: appointment.id.to_string(),
        whom: words::list(&names),
        date: long_date(wall.date(appointment.starts_at)),
        time: format!("{}–{}", wall.time(appointment.starts_at), wall.time(appointment.ends_at)),
        zone: wall.zone_word(appointment.starts_at),
        host: record.host.host.name.to_string(),
        kind: if is_telehealth { "Telehealth" } else { "In person" },
        cancelled: appointment.status == Status::Cancelled,
        external_id: appointment.external_id.to_string(),
        links: links.map_or_else(Vec::new, |links| link_lines(&record, &links, &wall)),
        measured: if is_telehealth {
            record
                .attendees
                .iter()
                .map(|one| people::one_measured(one, appointment, &wall, is_desk))
                .collect()
        } else {
            Vec::new()
        },
        staff: people::staff(&record, appointment, &wall),
        marked: if is_desk { people::marked(&record) } else { Vec::new() },
        history,
        decided: None,
        timeline: has_stays
            .then(|| timeline::draw(appointment.starts_at, appointment.ends_at, &everybody, &wall)),
        stays: everybody
            .iter()
            .flat_map(|one| one.stays.iter().map(|stay| StayLine::of(&one.name, stay, &wall)))
            .collect(),
        nobody: if wall.now < appointment.starts_at {
            "Nobody has been in the room yet."
        } else {
            "Nobody was heard of in the room."
        },
        form,
    })
}

fn link_lines(record: &AppointmentAttendance, links: &AppointmentLinks, wall: &Wall) -> Vec<LinkLine> {
    let host = LinkLine {
        whose: record.host.host.name.to_string(),
        role: "host",
        url: links.host.expose().to_owned(),
        fate: "Asks for sign-in, then leads into the room as host.".to_owned(),
    };
    let attendees = record.attendees.iter().filter_map(|one| {
        let link = links.of(one.id)?;
        let told = |at| wall.time_seen_from(wall.today(), at);
        let opened = link
            .opened_at
            .map_or_else(|| "Not opened yet.".to_owned(), |at| format!("First opened {}.", told(at)));
        let presses: Vec<String> = one.presses.iter().map(|&at| told(at)).collect();
        let joins = match presses.as_slice() {
            [] => String::new(),
            times => format!(" Join pressed {}.", words::list(times)),
        };
        Some(LinkLine {
            whose: one.name.to_string(),
            role: "attendee",
            url: link.url.expose().to_owned(),
            fate: format!("{opened}{joins}"),
        })
    });
    std::iter::once(host).chain(attendees).collect()
}
