//! One appointment. The desk sees all of it, its host the links and the attendance, the auditor the attendance alone.

use std::time::Duration;

use attendance::{
    AppointmentAttendance,
    board::{AttendeeStatus, MatchCell},
    sessions::AttendeeAttendance,
};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    Timestamp,
    appointment::{Appointment, Kind, Status},
    attendance::{matching::Level, presence::Who as WhoIs, stay::Stay},
    staff::Role,
};
use outreach::AppointmentLinks;
use serde::Deserialize;

use super::{
    booking, draw, frame,
    view::{
        appointment::{AppointmentPage, LinkLine, Measured, StayLine},
        board::State as Standing,
        booking::BookingForm,
        timeline::{self, Stays},
        words::{self, Wall, isolated, long_date, measured, sentence},
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
    let everybody = everybody(&record, appointment);
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
            record.attendees.iter().map(|one| one_measured(one, appointment, &wall)).collect()
        } else {
            Vec::new()
        },
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

/// Everybody whose stays are drawn, the host first.
fn everybody<'a>(record: &'a AppointmentAttendance, appointment: &Appointment) -> Vec<Stays<'a>> {
    // The room is the host's all day: of others only what touches this visit.
    let own = || record.attendees.iter().flat_map(|one| &one.stays);
    let first = own().map(|stay| stay.from).fold(appointment.starts_at, Timestamp::min);
    let last = own().map(|stay| stay.to.unwrap_or(record.as_of)).fold(appointment.ends_at, Timestamp::max);
    let touching = |stays: &'a [Stay]| -> Vec<&'a Stay> {
        stays.iter().filter(|stay| stay.from < last && stay.to.is_none_or(|to| to > first)).collect()
    };
    let host = Stays {
        name: record.host.host.name.to_string(),
        note: "host".to_owned(),
        of_the_visit: false,
        stays: touching(&record.host.stays),
    };
    let attendees = record.attendees.iter().map(|one| Stays {
        name: one.name.to_string(),
        note: match one.matched.as_ref().map(|matched| matched.level) {
            Some(Level::Probable) => "probably".to_owned(),
            Some(Level::Ambiguous) => "perhaps".to_owned(),
            Some(Level::Certain) | None => String::new(),
        },
        of_the_visit: true,
        stays: one.stays.iter().collect(),
    });
    let others = record.others.iter().map(|other| {
        let shown = other.shown_name.as_ref().map(|name| format!("“{}”", isolated(name)));
        let known = other.staff.as_ref().map(|staff| staff.name.to_string());
        Stays {
            name: known.or(shown).unwrap_or_else(|| "Somebody without a name".to_owned()),
            note: match other.who {
                WhoIs::Staff => "staff",
                WhoIs::Guest => "guest",
                WhoIs::Interpreter => "interpreter",
                WhoIs::Visitor => "nobody has said who this is",
            }
            .to_owned(),
            of_the_visit: false,
            stays: touching(&other.stays),
        }
    });
    let others = others.filter(|other| !other.stays.is_empty());
    std::iter::once(host).chain(attendees).chain(others).collect()
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

fn one_measured(one: &AttendeeAttendance, appointment: &Appointment, wall: &Wall) -> Measured {
    let length = |seconds| measured(Duration::from_secs(seconds));
    let since = one.stays.last().map_or(appointment.starts_at, |stay| stay.to.unwrap_or(stay.from));
    let is_over = wall.now >= appointment.ends_at;
    let state = match one.status {
        AttendeeStatus::Waiting => Standing::waiting(since, wall.now),
        AttendeeStatus::Connecting => Standing::running("connecting", "connecting", since, wall.now),
        AttendeeStatus::InSession => Standing::running("in", "in session", since, wall.now),
        AttendeeStatus::Left => Standing::still("left", format!("left {}", wall.time(since))),
        AttendeeStatus::Opened | AttendeeStatus::Expected if is_over => Standing::still("off", "not seen"),
        AttendeeStatus::Opened => Standing::still("opened", "link opened"),
        AttendeeStatus::Expected => Standing::still("expected", "expected"),
        AttendeeStatus::NoShowProposed => Standing::still("off", "did not come?"),
        AttendeeStatus::NoShow => Standing::still("off", "did not come"),
    };
    let mut sure: Vec<String> = one.matched.as_ref().map(told).unwrap_or_default();
    let shown: Vec<String> = one.shown_names.iter().map(|name| format!("“{}”", isolated(name))).collect();
    if !shown.is_empty() {
        sure.push(format!("Shown in Zoom as {}.", words::list(&shown)));
    }
    Measured {
        name: one.name.to_string(),
        state,
        sure,
        in_doubt: one.matched.as_ref().is_some_and(|matched| matched.level != Level::Certain),
        waited: length(one.waited_seconds),
        in_session: length(one.in_session_seconds),
        together: length(one.together_seconds),
    }
}

/// How sure, and why.
fn told(matched: &MatchCell) -> Vec<String> {
    let reasons = matched.reasons.join("; ");
    let doubt = match matched.level {
        Level::Certain => return matched.reasons.iter().map(|reason| sentence(reason)).collect(),
        Level::Probable => "Probably",
        Level::Ambiguous => "Perhaps",
    };
    vec![if reasons.is_empty() { sentence(doubt) } else { sentence(&format!("{doubt}: {reasons}")) }]
}
