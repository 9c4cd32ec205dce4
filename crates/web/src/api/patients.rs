//! One person's visits, for a patient portal of the clinic's own: what it shows, when it shows Join, and the link to
//! Anteroom's own page of them.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{AppointmentId, StaffId, Timestamp, appointment::Kind, text::ExternalId};
use outreach::{LinkError, PortalVisit, VisitState};
use serde::Serialize;

use super::json;
use crate::{App, Caller, Error};

/// The visits of one person.
#[derive(Debug, Serialize)]
struct Visits {
    portal_link: Option<String>,
    items: Vec<VisitJson>,
}

#[derive(Debug, Serialize)]
struct PortalLink {
    portal_link: String,
}

#[derive(Debug, Serialize)]
struct VisitJson {
    id: AppointmentId,
    external_id: ExternalId,
    starts_at: Timestamp,
    ends_at: Timestamp,
    kind: Kind,
    host: HostJson,
    join: Option<JoinJson>,
}

#[derive(Debug, Serialize)]
struct HostJson {
    id: StaffId,
    name: String,
}

#[derive(Debug, Serialize)]
struct JoinJson {
    available: bool,
    opens_at: Timestamp,
    closes_at: Timestamp,
    url: String,
}

/// `GET /api/v1/patients/{external_id}/visits`.
pub async fn visits(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<Response, Error> {
    let person = called(&person)?;
    let clinic = caller.clinic();
    let visits = app.outreach.visits_of(clinic, &person).await.map_err(known)?;
    let portal_link = app.outreach.portal_link(clinic, &person).await.map_err(known)?;
    let shown = Visits {
        portal_link: portal_link.map(|link| link.expose().to_owned()),
        items: visits.into_iter().map(visit_json).collect(),
    };
    Ok(json(StatusCode::OK, &shown))
}

/// `POST /api/v1/patients/{external_id}/portal-link/renew`.
pub async fn renew_portal_link(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<Response, Error> {
    let (person, by) = (called(&person)?, caller.decides_as());
    let link = app.outreach.renew_portal_link(caller.clinic(), &person, by).await.map_err(known)?;
    Ok(json(StatusCode::OK, &PortalLink { portal_link: link.expose().to_owned() }))
}

/// `DELETE /api/v1/patients/{external_id}/portal-link`.
pub async fn revoke_portal_link(
    State(app): State<App>,
    caller: Caller,
    Path(person): Path<String>,
) -> Result<StatusCode, Error> {
    let (person, by) = (called(&person)?, caller.decides_as());
    app.outreach.revoke_portal_link(caller.clinic(), &person, by).await.map_err(known)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Nobody is called what cannot be an id.
fn called(person: &str) -> Result<ExternalId, Error> {
    ExternalId::parse(person).map_err(|_| Error::NotFound)
}

fn known(error: LinkError) -> Error {
    match error {
        LinkError::Unknown => Error::NotFound,
        error => error.into(),
    }
}

fn visit_json(visit: PortalVisit) -> VisitJson {
    let join = (visit.kind == Kind::Telehealth).then(|| JoinJson {
        available: visit.state == VisitState::Open,
        opens_at: visit.opens_at,
        closes_at: visit.closes_at,
        url: visit.url.expose().to_owned(),
    });
    VisitJson {
        id: visit.appointment,
        external_id: visit.external_id,
        starts_at: visit.starts_at,
        ends_at: visit.ends_at,
        kind: visit.kind,
        host: HostJson { id: visit.host.id, name: visit.host.name.to_string() },
        join,
    }
}
