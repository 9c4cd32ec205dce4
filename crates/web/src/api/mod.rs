//! The JSON API, version 1. A change here is additive, or it is another version.
//!
//! Programs come with a token and need the scope that the table names. The board, attendance and decisions are open to
//! the browser of whoever is signed in too, by role, so that a page of ours can use them.

pub(crate) mod appointments;
mod attendance;
mod board;
pub(crate) mod csv_file;
mod docs;
mod feed;
mod input;
mod links;
mod matches;
mod messages;
mod no_shows;
mod paging;
mod patients;

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::staff::Role;
use serde::Serialize;

use crate::{
    guard::{
        Scope::{AppointmentsRead, AppointmentsWrite, AttendanceRead, LinksSend},
        Who,
    },
    routes::Route,
};

const APPOINTMENT: &str = "/api/v1/appointments/{appointment}";

pub(crate) fn routes() -> Vec<Route> {
    let board = Who::ProgramOrStaff(AttendanceRead, &[Role::Scheduler]);
    let record = Who::ProgramOrStaff(AttendanceRead, &[Role::Admin]);
    vec![
        Route::put(APPOINTMENT, Who::Program(AppointmentsWrite), appointments::put),
        Route::get(APPOINTMENT, Who::Program(AppointmentsRead), appointments::get),
        Route::get("/api/v1/appointments", Who::Program(AppointmentsRead), appointments::list),
        Route::post("/api/v1/appointments/{appointment}/links", Who::Program(LinksSend), links::hand_out),
        Route::get(
            "/api/v1/appointments/{appointment}/messages",
            Who::Program(AppointmentsRead),
            messages::of_appointment,
        ),
        Route::get("/api/v1/patients/{external_id}/visits", Who::Program(AppointmentsRead), patients::visits),
        Route::post(
            "/api/v1/patients/{external_id}/portal-link/renew",
            Who::Program(LinksSend),
            patients::renew_portal_link,
        ),
        Route::delete(
            "/api/v1/patients/{external_id}/portal-link",
            Who::Program(LinksSend),
            patients::revoke_portal_link,
        ),
        Route::get("/api/v1/board", board, board::board).in_background(),
        Route::get("/api/v1/board/stream", board, board::stream).in_background(),
        Route::post(
            "/api/v1/presences/{presence}/match",
            Who::ProgramOrStaff(AppointmentsWrite, &[Role::Scheduler]),
            matches::decide,
        ),
        Route::post(
            "/api/v1/attendees/{attendee}/no-show",
            Who::ProgramOrStaff(AppointmentsWrite, &[Role::Scheduler]),
            no_shows::rule,
        ),
        Route::get(
            "/api/v1/appointments/{appointment}/attendance",
            Who::ProgramOrStaff(AttendanceRead, &[Role::Admin, Role::Scheduler]),
            attendance::of_appointment,
        ),
        Route::get("/api/v1/attendance", record, attendance::list),
        Route::get("/api/v1/feed", record, feed::feed).in_background(),
        Route::get("/api/openapi.json", Who::Anyone, docs::openapi),
        Route::get("/api/docs", Who::Anyone, docs::page),
    ]
}

/// JSON with its status.
fn json(status: StatusCode, value: &impl Serialize) -> Response {
    (status, Json(value)).into_response()
}

/// A file to be saved.
fn download(media_type: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}
