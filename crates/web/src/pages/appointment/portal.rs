//! A patient's link to all their visits: shown to the desk, made anew, and revoked. The staff who host have no business
//! with it, since it leads to the visits of others too.

use axum::{
    Form,
    extract::{Path, Query, State},
    response::{Html, Response},
};
use domain::{
    AttendeeId,
    appointment::{Appointment, Attendee},
    attendance::matching::StaffOrToken,
    staff::Role,
};
use outreach::PortalLink;
use serde::Deserialize;

use super::super::{
    booking, draw, frame, see_other,
    view::hand_out::{PortalLinkPage, PortalStanding},
    wall,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const DESK: Who = Who::Staff(&[Role::Scheduler, Role::Admin]);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/appointments/{id}/portal", DESK, show),
        Route::post("/appointments/{id}/portal/renew", DESK, renew),
        Route::post("/appointments/{id}/portal/revoke", DESK, revoke),
    ]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Whose: an attendee's id.
    of: String,
    done: String,
}

fn attendee<'a>(appointment: &'a Appointment, asked: &Asked) -> Result<&'a Attendee, Error> {
    let id: AttendeeId = asked.of.parse().map_err(|_| Error::NotFound)?;
    appointment.attendee(id).ok_or(Error::NotFound)
}

async fn show(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let appointment = booking::find(&app, &person, &id).await?;
    let attendee = attendee(&appointment, &asked)?;
    let wall = wall(&app, &person.clinic);
    let date = |at| format!("{} at {}", super::super::view::words::long_date(wall.date(at)), wall.time(at));
    let standing = match app.outreach.portal_link_now(person.clinic.id, &attendee.external_id).await? {
        PortalLink::None => PortalStanding::None,
        PortalLink::Standing { url, since } => {
            PortalStanding::Standing { url: url.expose().to_owned(), since: date(since) }
        }
        PortalLink::Revoked { since } => PortalStanding::Revoked { since: date(since) },
    };
    draw(&PortalLinkPage {
        frame: frame(&person, "A patient’s portal link", None),
        appointment: appointment.id.to_string(),
        of: attendee.id.to_string(),
        whose: attendee.name.to_string(),
        // Anteroom's own id is another one in each appointment.
        of_one_visit: attendee.external_id.as_str() == attendee.id.to_string(),
        standing,
        said: match asked.done.as_str() {
            "renewed" => "This link works now. The one before, if there was one, no longer does.",
            "revoked" => "Revoked. The link no longer works.",
            _ => "",
        },
    })
}

async fn renew(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<Asked>,
) -> Result<Response, Error> {
    let appointment = booking::find(&app, &person, &id).await?;
    let attendee = attendee(&appointment, &sent)?;
    let by = StaffOrToken::Staff(person.staff.id);
    app.outreach.renew_portal_link(person.clinic.id, &attendee.external_id, by).await?;
    Ok(back(&appointment, attendee, "renewed"))
}

async fn revoke(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<Asked>,
) -> Result<Response, Error> {
    let appointment = booking::find(&app, &person, &id).await?;
    let attendee = attendee(&appointment, &sent)?;
    let by = StaffOrToken::Staff(person.staff.id);
    app.outreach.revoke_portal_link(person.clinic.id, &attendee.external_id, by).await?;
    Ok(back(&appointment, attendee, "revoked"))
}

fn back(appointment: &Appointment, attendee: &Attendee, done: &str) -> Response {
    see_other(&format!("/appointments/{}/portal?of={}&done={done}", appointment.id, attendee.id))
}
