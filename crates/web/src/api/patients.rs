//! One person's visits, for a patient portal of the clinic's own: what it shows, and when it shows Join.

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
    portal_link: String,
    items: Vec<VisitJson>,
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
    // Nobody is called what cannot be an id.
    let person = ExternalId::parse(&person).map_err(|_| Error::NotFound)?;
    let clinic = caller.clinic();
    let visits = app.outreach.visits_of(clinic, &person).await.map_err(known)?;
    let portal_link = app.outreach.portal_link(clinic, &person).await.map_err(known)?;
    let shown = Visits {
        portal_link: portal_link.expose().to_owned(),
        items: visits.into_iter().map(visit_json).collect(),
    };
    Ok(json(StatusCode::OK, &shown))
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
