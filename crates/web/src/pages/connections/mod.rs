//! The board of connections and rooms, for the admin: who is connected, how each room is, what was found and put right,
//! and who has to do something before their next visit.

pub(super) mod build;
mod found;
mod settings;

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    StaffId,
    alert::{Choice, Told},
    outreach::message::Channel,
    staff::{Role, StaffMember},
};
use outreach::{NotSent, Reminded, TellError};
use serde::Deserialize;

use super::{
    draw, frame, see_other,
    view::{
        connections::{ChoiceLine, ConnectionsList, ConnectionsPage, HistoryPage, StepsForm},
        frame::Place,
    },
    wall,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const ADMIN: Who = Who::Staff(&[Role::Admin]);
/// As much of a room's history as one page shows.
const HISTORY: i64 = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/connections", ADMIN, page),
        // The same page, fetched again by itself where no script runs: that is nobody's doing.
        Route::get("/connections/watch", ADMIN, page).in_background(),
        Route::get("/connections/rows", ADMIN, part).in_background(),
        Route::post("/connections/settings", ADMIN, keep_steps),
        Route::get("/connections/{staff}", ADMIN, history),
        Route::post("/connections/{staff}/repair", ADMIN, repair),
        Route::post("/connections/{staff}/remind", ADMIN, remind),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    done: String,
}

fn said(done: &str) -> Option<&'static str> {
    match done {
        "wanted" => Some("A look at the room was asked for. What came of it shows here within moments."),
        "saved" => Some("Saved. It holds from now on."),
        "reminded-email" => Some("Reminded by e-mail. What became of it stands with their name."),
        "reminded-sms" => Some("Reminded by text message. What became of it stands with their name."),
        "reminded-both" => {
            Some("Reminded by e-mail and by text message. What became of it stands with their name.")
        }
        "just-now" => Some("They were reminded less than 10 minutes ago."),
        "nothing" => Some("There is nothing to remind them of."),
        "unreachable-channel_off" => {
            Some("They could not be reminded: e-mail is not set up on this installation.")
        }
        "unreachable" => Some("They could not be reminded: nothing more may be sent to their address."),
        _ => None,
    }
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let steps = settings::form_of(&app.store.read().await?.alert_settings(person.clinic.id).await?);
    let mut page = read(&app, &person, steps).await?;
    page.frame.said = said(&asked.done);
    draw(&page)
}

async fn part(State(app): State<App>, person: SignedIn) -> Result<Html<String>, Error> {
    draw(&list(&app, &person).await?)
}

async fn list(app: &App, person: &SignedIn) -> Result<ConnectionsList, Error> {
    let standings = app.zoom.standings(person.clinic.id).await?;
    let told = told(app, person).await?;
    Ok(build::list(&standings, &told, &wall(app, &person.clinic), app.ambient.clock_rate()))
}

/// Of what people were told, and what lasts of which they may not have been.
async fn told(app: &App, person: &SignedIn) -> Result<build::Told, Error> {
    let lasting = app.store.read().await?.alerts_lasting(person.clinic.id).await?;
    Ok(build::Told { lasting, last: app.outreach.told_of(person.clinic.id).await? })
}

async fn read(app: &App, person: &SignedIn, steps: StepsForm) -> Result<ConnectionsPage, Error> {
    let list = list(app, person).await?;
    let mut tx = app.store.read().await?;
    let staff = tx.staff(person.clinic.id).await?;
    let chosen = tx.alert_choices(person.clinic.id).await?;
    drop(tx);
    let choice_of = |member: &StaffMember| {
        chosen.iter().find(|(id, _)| *id == member.id).map(|(_, choice)| *choice).unwrap_or_default()
    };
    let everybody: Vec<(&StaffMember, Choice)> = staff
        .iter()
        .filter(|member| member.disabled_at.is_none() && !member.roles.is_empty())
        .map(|member| (member, choice_of(member)))
        .collect();
    let wants = |by: Told| everybody.iter().any(|(_, choice)| choice.own == by || choice.clinic == by);
    let missing = |by: Told, channel: Channel| wants(by) && !app.outreach.can_send(channel);
    let cannot = match (missing(Told::Email, Channel::Email), missing(Told::Sms, Channel::Sms)) {
        (true, true) => {
            "Neither e-mail nor text messages are set up on this installation, so that nobody is told by them."
        }
        (true, false) => "E-mail is not set up on this installation, so that nobody is told by it.",
        (false, true) => "Text messages are not set up on this installation, so that nobody is told by them.",
        (false, false) => "",
    };
    Ok(ConnectionsPage {
        frame: frame(person, "Connections and rooms", Some(Place::Connections)),
        list,
        choices: everybody.iter().map(|(member, choice)| choice_line(member, *choice)).collect(),
        cannot,
        steps,
    })
}

fn choice_line(member: &StaffMember, choice: Choice) -> ChoiceLine {
    let told = |by: Told| match by {
        Told::Nothing => "on the pages only",
        Told::Email => "by e-mail",
        Told::Sms => "by text message",
    };
    let sees_all = member.is(Role::Admin) || member.is(Role::Scheduler);
    ChoiceLine {
        name: member.name.to_string(),
        own: if member.is(Role::Staff) { told(choice.own) } else { "" },
        clinic: if sees_all { told(choice.clinic) } else { "" },
    }
}

/// Somebody of this clinic.
async fn of_clinic(app: &App, person: &SignedIn, staff: &str) -> Result<StaffId, Error> {
    let id: StaffId = staff.parse().map_err(|_| Error::NotFound)?;
    let member = app.store.read().await?.staff_member(person.clinic.id, id).await?;
    member.map(|member| member.id).ok_or(Error::NotFound)
}

async fn history(
    State(app): State<App>,
    person: SignedIn,
    Path(staff): Path<String>,
) -> Result<Html<String>, Error> {
    let staff = of_clinic(&app, &person, &staff).await?;
    let clinic = person.clinic.id;
    let standings = app.zoom.standings(clinic).await?;
    let standing = standings.iter().find(|one| one.member.id == staff).ok_or(Error::NotFound)?;
    let told = told(&app, &person).await?;
    let mut tx = app.store.read().await?;
    let found = match &standing.room {
        Some(room) => tx.drifts_of(clinic, room.id, HISTORY).await?,
        None => Vec::new(),
    };
    drop(tx);
    let wall = wall(&app, &person.clinic);
    draw(&HistoryPage {
        frame: frame(&person, standing.member.name.as_str(), Some(Place::Connections)),
        line: build::line(standing, &told, &wall),
        found: found.iter().map(|drift| found::line(drift, &wall)).collect(),
        clock: build::clock(&wall, app.ambient.clock_rate()),
    })
}

/// Has somebody, here or in another instance, look at the room as soon as possible.
async fn repair(
    State(app): State<App>,
    person: SignedIn,
    Path(staff): Path<String>,
) -> Result<Response, Error> {
    let staff = of_clinic(&app, &person, &staff).await?;
    want_look(&app, person.clinic.id, staff).await?;
    Ok(see_other(&format!("/connections?done=wanted#{staff}")))
}

/// Wants a look at the staff member's room, if there is one.
pub(super) async fn want_look(app: &App, clinic: domain::ClinicId, staff: StaffId) -> Result<(), Error> {
    Ok(app.zoom.want_look(clinic, staff).await?)
}

/// Writes to them that something is theirs to do.
async fn remind(
    State(app): State<App>,
    person: SignedIn,
    Path(staff): Path<String>,
) -> Result<Response, Error> {
    let staff = of_clinic(&app, &person, &staff).await?;
    let reminded = app.outreach.remind_of(person.clinic.id, staff, person.staff.id).await;
    let done = match reminded {
        Ok(Reminded::Told { by, .. }) => match by.as_slice() {
            [Channel::Sms] => "reminded-sms",
            [_, _, ..] => "reminded-both",
            _ => "reminded-email",
        },
        Ok(Reminded::JustNow(_)) => "just-now",
        Ok(Reminded::Nothing) => "nothing",
        Ok(Reminded::Unreachable(why)) if why.iter().any(|(_, why)| *why == NotSent::ChannelOff) => {
            "unreachable-channel_off"
        }
        Ok(Reminded::Unreachable(_)) => "unreachable",
        Err(TellError::UnknownStaff) => return Err(Error::NotFound),
        Err(error) => return Err(Error::internal(error)),
    };
    Ok(see_other(&format!("/connections?done={done}#{staff}")))
}

async fn keep_steps(
    State(app): State<App>,
    person: SignedIn,
    axum::Form(sent): axum::Form<settings::Sent>,
) -> Result<Response, Error> {
    match sent.understand() {
        Ok(settings) => {
            app.outreach.set_alert_settings(person.clinic.id, settings).await.map_err(Error::internal)?;
            Ok(see_other("/connections?done=saved#warn"))
        }
        Err(steps) => {
            let page = draw(&read(&app, &person, steps).await?)?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}
