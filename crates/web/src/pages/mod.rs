//! The pages that people see. Each file holds the handlers of one page: they ask the crates below for facts, put them
//! into the plain values of [`view`], and draw those.

mod appointment;
pub mod assets;
mod board;
mod booking;
mod connections;
pub(crate) mod feed;
mod files;
mod guest;
mod home;
mod host_way;
mod lost;
mod messages;
mod outreach;
mod portal;
mod readiness;
mod room;
mod room_kind;
mod room_other;
mod room_phone;
mod send;
mod sessions;
mod telehealth;
pub mod view;
mod visit;

use askama::Template;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::{clinic::Clinic, staff::StaffMember};

use crate::{App, Error, SignedIn, error::Problem, routes::Route};
use view::{
    error::ErrorPage,
    frame::{Frame, Place},
    words::{self, Wall},
};

/// The addresses of all pages.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = home::routes();
    routes.extend(files::routes());
    routes.extend(board::routes());
    routes.extend(booking::routes());
    routes.extend(appointment::routes());
    routes.extend(send::routes());
    routes.extend(messages::routes());
    routes.extend(room::routes());
    routes.extend(room_kind::routes());
    routes.extend(room_phone::routes());
    routes.extend(room_other::routes());
    routes.extend(telehealth::routes());
    routes.extend(sessions::routes());
    routes.extend(feed::routes());
    routes.extend(connections::routes());
    routes.extend(readiness::routes());
    routes.extend(visit::routes());
    routes.extend(guest::routes());
    routes.extend(host_way::routes());
    routes.extend(portal::routes());
    routes.extend(lost::routes());
    routes.extend(outreach::routes());
    routes
}

/// A drawn page.
fn draw(page: &impl Template) -> Result<Html<String>, Error> {
    page.render().map(Html).map_err(Error::internal)
}

/// 303: look there for the answer to what was sent.
fn see_other(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// The clinic's wall clock now.
fn wall(app: &App, clinic: &Clinic) -> Wall {
    Wall { zone: clinic.zone.clone(), now: app.ambient.now() }
}

/// The frame of a page for whoever is signed in.
fn frame(person: &SignedIn, title: &str, here: Option<Place>) -> Frame {
    Frame::of(&person.staff, person.clinic.name.as_str(), title, here)
}

/// A query's text, without its question mark; empty values are left out.
fn query(parts: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
        query.append_pair(name, value);
    }
    query.finish()
}

/// The query with its question mark; nothing where there is none.
fn with_mark(query: &str) -> String {
    if query.is_empty() { String::new() } else { format!("?{query}") }
}

/// Those who see patients or still have visits, as choices.
fn host_choices(
    staff: &[StaffMember],
    chosen: Option<domain::StaffId>,
    kept: Option<domain::StaffId>,
) -> Vec<view::board::Choice> {
    staff
        .iter()
        .filter(|member| member.is(domain::staff::Role::Staff) || Some(member.id) == kept)
        .map(|member| view::board::Choice {
            value: member.id.to_string(),
            word: member.name.to_string(),
            chosen: Some(member.id) == chosen,
        })
        .collect()
}

/// The page for a request that was refused or failed; its status is the problem's.
pub(crate) fn refused(problem: &Problem, request_id: &str) -> Response {
    let page = ErrorPage {
        frame: Frame::bare(problem.title),
        title: problem.title.to_owned(),
        detail: problem.detail.to_string(),
        fields: problem
            .errors
            .iter()
            .map(|error| words::sentence(&format!("{} {}", error.field, error.message)))
            .collect(),
        request_id: request_id.to_owned(),
    };
    match draw(&page) {
        Ok(html) => (problem.status, html).into_response(),
        Err(_) => (problem.status, problem.title).into_response(),
    }
}
