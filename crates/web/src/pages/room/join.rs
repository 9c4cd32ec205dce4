//! Join as host: notes the press, so that somebody who then does not come in as host can be told, and leads to Zoom.

use axum::{Form, extract::State, response::Response};
use domain::{StaffId, staff::Role};
use serde::Deserialize;
use vault::SecretText;

use super::{super::see_other, cover::stands_in};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/room/join", Who::Staff(&[Role::Staff]), join)]
}

/// Which room is meant.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    /// Whose, where it is a colleague's; empty for one's own.
    pub room: String,
}

impl Which {
    /// Its host, where the person may act there: in their own room, or where they stand in now.
    pub(super) async fn host(&self, app: &App, person: &SignedIn) -> Result<StaffId, Error> {
        if self.room.is_empty() {
            return Ok(person.staff.id);
        }
        let host: StaffId = self.room.parse().map_err(|_| Error::NotFound)?;
        if host == person.staff.id || stands_in(app, person, host).await?.is_some() {
            return Ok(host);
        }
        Err(Error::NotFound)
    }
}

async fn join(State(app): State<App>, person: SignedIn, Form(which): Form<Which>) -> Result<Response, Error> {
    let clinic = person.clinic.id;
    let host = which.host(&app, &person).await?;
    let page = app.zoom.room_page(clinic, host).await.map_err(Error::internal)?;
    let elsewhere = app.outreach.other_room(clinic, host).await?.is_some_and(|room| room.in_use);
    let (Some(room), Some(way), false) = (&page.room, &page.host_way, elsewhere) else {
        return Err(Error::Conflict(
            "There is no room at Zoom to enter. Connect Zoom on the room’s page first.".into(),
        ));
    };
    if host == person.staff.id {
        let mut tx = app.store.begin().await?;
        tx.note_host_press(clinic, room.id, app.ambient.now()).await?;
        tx.commit().await?;
    } else if !stands_in(&app, &person, host).await?.is_some_and(|cover| cover.at_zoom) {
        // Zoom lets nobody else start it: through the waiting room, like everybody who comes by the guest link.
        return Ok(see_other(app.outreach.guest_link(clinic, host).await?.expose()));
    }
    tracing::info!(clinic.id = %clinic, staff.id = %person.staff.id, room.id = %room.id, "a host pressed Join");
    let way = app.outreach.allow(&SecretText::from(way.as_str())).ok_or_else(|| {
        Error::Unavailable(
            "The room’s address is on no host that this installation allows. Tell the person who runs it."
                .into(),
        )
    })?;
    Ok(see_other(way.location()))
}
