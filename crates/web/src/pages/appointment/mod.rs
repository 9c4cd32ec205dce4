//! One appointment: who hosts it, the links with the ways to hand them out and what became of each, and the attendance.
//! The desk may change it besides; of the staff only its host sees it.

pub(super) mod acts;
mod history;
pub(super) mod links;
pub(super) mod menus;
mod people;
mod portal;

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    appointment::{Appointment, Kind, Status},
    staff::Role,
    telehealth::{Offer, Rule, offered},
};
use serde::Deserialize;

use super::{
    board, booking, draw, frame, host_choices, telehealth,
    view::{
        appointment::{AppointmentPage, StayLine},
        booking::BookingForm,
        timeline,
        words::{self, long_date},
    },
    wall,
};
use crate::{App, Error, SignedIn, guard::ANY_ROLE, guard::Who, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    // Staff see their own appointments only, which the handler holds to.
    let any = Who::Staff(ANY_ROLE);
    let mut routes = acts::routes();
    routes.extend(portal::routes());
    routes.extend([
        Route::get("/appointments/{id}", any, show),
        Route::get("/appointments/{id}/links", any, links::part).in_background(),
        Route::get("/appointments/{id}/menu", any, links::menu).in_background(),
    ]);
    routes
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Asked {
    done: String,
    /// About whom a decision was.
    about: String,
    /// By what something was sent.
    by: String,
    /// To how many, and to how many not.
    count: usize,
    not: usize,
}

fn said(asked: &Asked, appointment: &Appointment) -> Option<String> {
    let said = match asked.done.as_str() {
        "booked" => Some("Booked. The links below are ready to be handed out."),
        "changed" => Some("Saved. The links stay the same."),
        "cancelled" => Some("Cancelled. The links now say so."),
        "restored" => Some("Booked again. The links work again."),
        "host" => Some("Saved. The links stay the same and lead to the new host’s room."),
        "same-host" => Some("They already host this visit. Nothing was changed."),
        "renewed" => Some("Renewed. The old link no longer works; hand the new one out."),
        "telehealth" => Some("It is telehealth now. The links are ready to be handed out."),
        "said" => Some("It stands on the page now."),
        "taken-down" => Some("Taken down."),
        "was-down" => Some("It had been taken down already."),
        _ => None,
    };
    let whom = || {
        let attendee = asked.about.parse().ok().and_then(|id| appointment.attendee(id));
        attendee.map_or_else(String::new, |one| words::isolated(one.name.as_str()))
    };
    said.map(str::to_owned).or_else(|| acts::queued(&asked.done, &asked.by, asked.count, asked.not, &whom()))
}

/// Whether the rules do not even offer it as telehealth. Such a visit says nothing of links, unless some were handed out
/// before.
fn is_disabled(rules: &[Rule], appointment: &Appointment) -> bool {
    appointment.kind != Kind::Telehealth && offered(rules, &appointment.booked_as) == Offer::Disabled
}

async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let appointment = booking::find(&app, &person, &id).await?;
    let mut page = read(&app, &person, &appointment).await?;
    page.said = said(&asked, &appointment);
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
    let status = match (form.conflict.is_empty(), form.faults.is_empty()) {
        (false, _) => StatusCode::CONFLICT,
        (true, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (true, true) => StatusCode::OK,
    };
    let page = AppointmentPage { form: Some(form), ..read(app, person, appointment).await? };
    Ok((status, draw(&page)?).into_response())
}

/// The page with words that were to stand on the patient's page and could not, and why.
pub(super) async fn with_unsaid(
    app: &App,
    person: &SignedIn,
    appointment: &Appointment,
    unsaid: String,
    unsaid_why: String,
) -> Result<Response, Error> {
    let page = AppointmentPage { unsaid, unsaid_why, ..read(app, person, appointment).await? };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(&page)?).into_response())
}

async fn read(app: &App, person: &SignedIn, appointment: &Appointment) -> Result<AppointmentPage, Error> {
    let clinic = person.clinic.id;
    let is_desk = person.staff.is(Role::Scheduler);
    let is_host = person.staff.is(Role::Staff) && person.staff.id == appointment.host;
    if !person.sees_to(appointment.host) {
        // As if it were not there: not even that it exists is theirs to know.
        return Err(Error::NotFound);
    }
    let may_change = is_desk || person.staff.is(Role::Admin);
    let wall = wall(app, &person.clinic);
    let record = app.attendance.appointment(clinic, appointment.id).await?;
    let links = links::read(app, person, appointment, &record).await?;
    let is_over = !links.note.is_empty();
    let mut tx = app.store.read().await?;
    let (staff, rules) = (tx.staff(clinic).await?, tx.telehealth_rules(clinic).await?);
    drop(tx);
    let notices =
        board::tell::of_appointment(app, person, appointment.host, appointment.id, &staff, &wall).await?;
    let form = is_desk.then(|| booking::form_of(appointment, &staff, &rules, &wall));
    let names: Vec<String> = appointment.attendees.iter().map(|one| one.name.to_string()).collect();
    let is_telehealth = appointment.kind == Kind::Telehealth;
    let is_hidden =
        is_disabled(&rules, appointment) && links.people.iter().all(|line| line.messages.is_empty());
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
        offers_telehealth: is_desk && telehealth::is_offered(&rules, appointment),
        external_id: appointment.external_id.to_string(),
        said: None,
        users: if may_change && is_telehealth {
            host_choices(&staff, Some(appointment.host), Some(appointment.host))
        } else {
            Vec::new()
        },
        links: (!is_hidden).then_some(links),
        notices: (!is_over).then_some(notices),
        measured: if is_telehealth {
            record
                .attendees
                .iter()
                .map(|one| {
                    let may = (is_desk, is_desk || is_host);
                    people::one_measured(one, appointment, &wall, may, &staff)
                })
                .collect()
        } else {
            Vec::new()
        },
        staff: people::staff(&record, appointment, &wall),
        marked: if is_desk { people::marked(&record) } else { Vec::new() },
        history,
        decided: None,
        unsaid: String::new(),
        unsaid_why: String::new(),
        timeline: has_stays
            .then(|| timeline::draw(appointment.starts_at, appointment.ends_at, &everybody, &wall)),
        stays: everybody
            .iter()
            .flat_map(|one| one.stays.iter().map(|stay| StayLine::of(&one.name, stay, &wall)))
            .collect(),
        nobody: if wall.now < appointment.starts_at {
            "Nobody has been in the room yet."
        } else {
            "Nobody was seen in the room."
        },
        form,
    })
}
