//! The record as JSON and as a file.

use attendance::sessions::{SessionFilter, SessionRow};
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::Response,
};
use domain::{ClinicId, clinic::Clinic};

use super::{
    appointments::{Items, named},
    csv_file, download, json,
    paging::{Asked, Cursor, MOST, Page, clinic_of},
};
use crate::{App, Caller, Error};

/// A file holds at most so many appointments; whoever needs more asks for shorter ranges.
const MOST_IN_A_FILE: usize = 20_000;

pub async fn of_appointment(
    State(app): State<App>,
    caller: Caller,
    path: Path<String>,
) -> Result<Response, Error> {
    let appointment = named(&app, caller.clinic(), path).await?;
    let record = app.attendance.appointment(caller.clinic(), appointment.id).await?;
    Ok(json(StatusCode::OK, &record))
}

pub async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut tx = app.store.read().await?;
    let clinic = clinic_of(&mut *tx, caller.clinic()).await?;
    let page = asked.understand(&mut *tx, &clinic, app.ambient.now()).await?;
    drop(tx);
    match asked.format.as_deref().unwrap_or("json") {
        "json" => {
            let sessions = sessions(&app, clinic.id, &page).await?;
            let next_cursor = sessions.next.map(|(at, id)| Cursor(at, id).to_string());
            Ok(json(StatusCode::OK, &Items { items: sessions.items, next_cursor }))
        }
        "csv" => {
            let rows = all_sessions(&app, &clinic, page.clone()).await?;
            let name = format!(
                "attendance-{}-{}.csv",
                clinic.zone.date(page.range.start),
                clinic.zone.date(page.range.end)
            );
            Ok(download("text/csv; charset=utf-8; header=present", &name, csv_file::of(&rows)?))
        }
        "xlsx" => Err(Error::NotAcceptable("There is no xlsx export yet: ask for csv or json.".into())),
        _ => Err(Error::field("format", "must be one of: json, csv, xlsx")),
    }
}

async fn sessions(app: &App, clinic: ClinicId, page: &Page) -> Result<attendance::Sessions, Error> {
    let filter = SessionFilter { host: page.host, ..SessionFilter::default() };
    Ok(app.attendance.sessions(clinic, page.range.clone(), filter, page.after, page.limit).await?)
}

/// Every page, one after the other.
async fn all_sessions(app: &App, clinic: &Clinic, mut page: Page) -> Result<Vec<SessionRow>, Error> {
    page.limit = MOST;
    let mut rows = Vec::new();
    loop {
        let mut sessions = sessions(app, clinic.id, &page).await?;
        rows.append(&mut sessions.items);
        if rows.len() > MOST_IN_A_FILE {
            return Err(Error::field(
                "to",
                format!("leaves more than {MOST_IN_A_FILE} appointments: ask for a shorter time"),
            ));
        }
        match sessions.next {
            Some(next) => page.after = Some(next),
            None => return Ok(rows),
        }
    }
}
