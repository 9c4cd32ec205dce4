//! Booking: the form for a new appointment, and what is sent with it, with the one for changes.

mod read;

use std::collections::BTreeMap;

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    AppointmentId,
    appointment::{Appointment, Kind, Status},
    staff::{Role, StaffMember},
    telehealth::{self, Aspect, Rule},
    text::Language,
};
use outreach::{BookError, Booked, Booking, Fault};
use serde::Deserialize;

use super::{
    draw, frame, host_choices, see_other,
    view::{
        booking::{AspectField, AttendeeFields, BookingForm, BookingPage},
        frame::Place,
        words::{self, Wall},
    },
    wall,
};
use crate::{App, Error, SignedIn, api::appointments::look_again, guard::Who, routes::Route};
use read::Sent;

const DESK: Who = Who::Staff(&[Role::Scheduler]);
/// What a visit lasts unless the desk says otherwise.
const USUAL_MINUTES: &str = "50";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/appointments/new", DESK, new),
        Route::post("/appointments", DESK, book),
        Route::post("/appointments/{id}", DESK, change),
        Route::post("/appointments/{id}/cancel", DESK, cancel),
        Route::post("/appointments/{id}/restore", DESK, restore),
    ]
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Asked {
    date: String,
}

async fn new(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let wall = wall(&app, &person.clinic);
    let (staff, rules) = staff_and_rules(&app, &person).await?;
    let date = asked.date.parse().unwrap_or_else(|_| wall.today());
    let form = BookingForm {
        date: date.to_string(),
        minutes: USUAL_MINUTES.to_owned(),
        hosts: host_choices(&staff, None, None),
        attendees: vec![AttendeeFields::default(); 2],
        by_rules: !rules.is_empty(),
        ..empty(&wall, &rules)
    };
    draw(&BookingPage { frame: frame(&person, "Book an appointment", Some(Place::Book)), form })
}

async fn staff_and_rules(app: &App, person: &SignedIn) -> Result<(Vec<StaffMember>, Vec<Rule>), Error> {
    let mut tx = app.store.read().await?;
    Ok((tx.staff(person.clinic.id).await?, tx.telehealth_rules(person.clinic.id).await?))
}

/// The fields that say as what it is booked. A clinic that has no rules is asked only for what was said before.
fn aspects(rules: &[Rule], booked: &telehealth::Booked) -> Vec<AspectField> {
    if rules.is_empty() && *booked == telehealth::Booked::default() {
        return Vec::new();
    }
    Aspect::ALL
        .into_iter()
        .map(|aspect| AspectField {
            name: aspect.as_str(),
            word: super::telehealth::word(aspect),
            value: booked.of(aspect).map(ToString::to_string).unwrap_or_default(),
            known: rules
                .iter()
                .filter(|rule| rule.aspect == aspect)
                .map(|rule| rule.name.to_string())
                .collect(),
        })
        .collect()
}

/// A form for a new appointment with nothing in it.
fn empty(wall: &Wall, rules: &[Rule]) -> BookingForm {
    BookingForm {
        aspects: aspects(rules, &telehealth::Booked::default()),
        action: "/appointments".to_owned(),
        submit: "Book",
        zone: format!("{}, {}", wall.zone_word(wall.now), wall.zone_place()),
        ..BookingForm::default()
    }
}

/// The form with an appointment in it, to be changed.
pub(super) fn form_of(
    appointment: &Appointment,
    staff: &[StaffMember],
    rules: &[Rule],
    wall: &Wall,
) -> BookingForm {
    let starts_at = appointment.starts_at;
    let known = appointment.attendees.iter().map(read::fields_of);
    BookingForm {
        action: format!("/appointments/{}", appointment.id),
        submit: "Save",
        revision: appointment.revision.to_string(),
        date: wall.date(starts_at).to_string(),
        start: wall.time(starts_at),
        minutes: (appointment.ends_at.since(starts_at).as_secs() / 60).to_string(),
        which: read::which(wall, starts_at),
        zone: format!("{}, {}", wall.zone_word(starts_at), wall.zone_place()),
        hosts: host_choices(staff, Some(appointment.host), Some(appointment.host)),
        in_person: appointment.kind == Kind::InPerson,
        aspects: aspects(rules, &appointment.booked_as),
        attendees: known.chain([AttendeeFields::default()]).collect(),
        ..BookingForm::default()
    }
}

async fn book(
    State(app): State<App>,
    person: SignedIn,
    Form(sent): Form<BTreeMap<String, String>>,
) -> Result<Response, Error> {
    let wall = wall(&app, &person.clinic);
    let (staff, rules) = staff_and_rules(&app, &person).await?;
    let sent = Sent::new(sent);
    let form = sent.form(&empty(&wall, &rules), &staff, None);
    let show = |form| {
        let faulty = if form_is_faulty(&form) { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let page = BookingPage { frame: frame(&person, "Book an appointment", Some(Place::Book)), form };
        Ok((faulty, draw(&page)?).into_response())
    };
    if let Some(form) = sent.another_row(&form) {
        return show(form);
    }
    let wanted = match sent.booking(&wall, None, &language_of(&app, &person).await?) {
        Ok(wanted) => Booking { external_id: None, status: Status::Booked, ..wanted },
        Err(wrong) => return show(wrong.into_form(form)),
    };
    match by_hand(&app, &person, &sent, &wanted, None).await {
        Ok(booked) => {
            look_again(&app, None, &booked.appointment).await;
            Ok(see_other(&format!("/appointments/{}?done=booked", booked.appointment.id)))
        }
        Err(BookError::Refused(faults)) => show(refused(form, &faults)),
        Err(error) => Err(error.into()),
    }
}

/// Books what somebody at the desk asks for.
async fn by_hand(
    app: &App,
    person: &SignedIn,
    sent: &Sent,
    wanted: &Booking,
    seen: Option<&Appointment>,
) -> Result<Booked, BookError> {
    if sent.by_rules() {
        app.outreach.book_by_hand_and_rules(person.clinic.id, wanted, seen).await
    } else {
        app.outreach.book_by_hand(person.clinic.id, wanted, seen).await
    }
}

async fn language_of(app: &App, person: &SignedIn) -> Result<Language, Error> {
    Ok(app.store.read().await?.outreach_settings(person.clinic.id).await?.language)
}

/// What to look at before the form is sent once more.
fn changed_meanwhile(now: &Appointment, staff: &[StaffMember], wall: &Wall) -> String {
    let host = staff.iter().find(|member| member.id == now.host);
    format!(
        "Somebody else changed this appointment since you opened it. It is now on {}, {}–{} {}, with {}. Nothing was \
         saved: look at every field below, which holds what you typed, and save again.",
        words::long_date(wall.date(now.starts_at)),
        wall.time(now.starts_at),
        wall.time(now.ends_at),
        wall.zone_word(now.starts_at),
        host.map_or_else(|| "somebody else".to_owned(), |host| words::isolated(host.name.as_str())),
    )
}

fn form_is_faulty(form: &BookingForm) -> bool {
    !form.faults.is_empty()
}

/// What is wrong, beside the fields of the form.
fn refused(mut form: BookingForm, faults: &[Fault]) -> BookingForm {
    form.faults = faults
        .iter()
        .map(|fault| {
            let (field, why) = match fault {
                Fault::Times(_) => {
                    ("minutes", "The length must be between 1 minute and 24 hours.".to_owned())
                }
                Fault::UnknownHost | Fault::NotAHost => {
                    ("host", "Choose somebody who sees patients here.".to_owned())
                }
                Fault::NoAttendees => ("attendees", "Somebody has to attend: give a name.".to_owned()),
                Fault::TooManyAttendees(_) | Fault::SameAttendee { .. } => {
                    ("attendees", format!("The list of attendees {fault}."))
                }
                Fault::NotOurs | Fault::ExternalId(_) => ("attendees", format!("An id {fault}.")),
            };
            (field.to_owned(), why)
        })
        .collect();
    form
}

async fn change(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<BTreeMap<String, String>>,
) -> Result<Response, Error> {
    let wall = wall(&app, &person.clinic);
    let before = find(&app, &person, &id).await?;
    let (staff, rules) = staff_and_rules(&app, &person).await?;
    let sent = Sent::new(sent);
    let form = sent.form(&form_of(&before, &staff, &rules, &wall), &staff, Some(before.host));
    if let Some(form) = sent.another_row(&form) {
        return super::appointment::with_form(&app, &person, &before, form).await;
    }
    if !sent.is_of(&before) {
        let form = Sent::after_a_change(form, &before, changed_meanwhile(&before, &staff, &wall));
        return super::appointment::with_form(&app, &person, &before, form).await;
    }
    let wanted = match sent.booking(&wall, Some(&before), &language_of(&app, &person).await?) {
        Ok(wanted) => {
            Booking { external_id: Some(before.external_id.clone()), status: before.status, ..wanted }
        }
        Err(wrong) => {
            return super::appointment::with_form(&app, &person, &before, wrong.into_form(form)).await;
        }
    };
    match by_hand(&app, &person, &sent, &wanted, Some(&before)).await {
        Ok(booked) => {
            look_again(&app, Some(&before), &booked.appointment).await;
            Ok(see_other(&format!("/appointments/{}?done=changed", before.id)))
        }
        Err(BookError::Refused(faults)) => {
            super::appointment::with_form(&app, &person, &before, refused(form, &faults)).await
        }
        // In the moment between reading it and booking.
        Err(BookError::ChangedMeanwhile) => {
            let now = find(&app, &person, &id).await?;
            let form = Sent::after_a_change(form, &now, changed_meanwhile(&now, &staff, &wall));
            super::appointment::with_form(&app, &person, &now, form).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn cancel(app: State<App>, person: SignedIn, id: Path<String>) -> Result<Response, Error> {
    set_status(&app, &person, &id, Status::Cancelled).await
}

async fn restore(app: State<App>, person: SignedIn, id: Path<String>) -> Result<Response, Error> {
    set_status(&app, &person, &id, Status::Booked).await
}

async fn set_status(app: &App, person: &SignedIn, id: &str, status: Status) -> Result<Response, Error> {
    let before = find(app, person, id).await?;
    let wanted = Booking { status, ..Booking::from(&before) };
    let booked = app.outreach.book(person.clinic.id, &wanted).await?;
    look_again(app, Some(&before), &booked.appointment).await;
    let done = if status == Status::Cancelled { "cancelled" } else { "restored" };
    Ok(see_other(&format!("/appointments/{}?done={done}", before.id)))
}

/// The appointment that an address of ours names.
pub(super) async fn find(app: &App, person: &SignedIn, id: &str) -> Result<Appointment, Error> {
    let id: AppointmentId = id.parse().map_err(|_| Error::NotFound)?;
    app.store.read().await?.appointment(person.clinic.id, id).await?.ok_or(Error::NotFound)
}
