//! All coming visits of one person behind one link, on a page of its own or inside a patient portal. Looking at it changes
//! nothing.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::clinic::Zone;
use outreach::{
    LinkError, Portal, PortalVisit, VisitState,
    words::{Words, filled},
};

use super::{
    draw,
    view::{
        portal::{self, PortalPage},
        visit::PatientFrame,
        words::{Wall, isolated},
    },
    visit::{self, language::Asked},
};
use crate::{App, Error, guard::Who, middleware::ShownBy, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/p/{token}", Who::LinkHolder, show)]
}

async fn show(State(app): State<App>, Path(token): Path<String>, asked: Asked) -> Result<Response, Error> {
    let portal = match app.outreach.portal(&token).await {
        Ok(portal) => portal,
        Err(LinkError::Unknown) => return visit::unknown(&asked),
        Err(error) => return Err(error.into()),
    };
    let words = asked.words(portal.language.as_ref(), &portal.settings);
    let mut response = draw(&page(&app, &token, &portal, words))?.into_response();
    if let Some(origin) = portal.shown_by {
        response.extensions_mut().insert(ShownBy(origin));
    }
    Ok(response)
}

fn page(app: &App, token: &str, portal: &Portal, words: &'static Words) -> PortalPage {
    let texts = &words.page.portal;
    let wall = Wall { zone: portal.clinic.zone.clone(), now: app.ambient.now() };
    let clinic = portal.clinic.name.as_str();
    PortalPage {
        frame: PatientFrame::new(words, &format!("/p/{token}"), &texts.title, clinic),
        words: texts,
        lead: filled(&texts.lead, &[("clinic", clinic)]),
        zone: filled(&texts.zone_hint, &[("zone", &words.when(&wall.zone, wall.now).zone)]),
        visits: portal.visits.iter().map(|visit| shown(visit, &wall, words)).collect(),
        in_frame: portal.shown_by.is_some(),
    }
}

fn shown(visit: &PortalVisit, wall: &Wall, words: &'static Words) -> portal::Visit {
    let texts = &words.page.portal;
    let at = |at| words.when(&wall.zone, at);
    let starts = at(visit.starts_at);
    portal::Visit {
        is_today: wall.date(visit.starts_at) == wall.today(),
        time: filled(&words.time.from_to, &[("from", &starts.time), ("to", &at(visit.ends_at).time)]),
        date: starts.date,
        with: filled(&texts.with, &[("host", &isolated(visit.host.name.as_str()))]),
        href: visit.url.expose().to_owned(),
        state: state(visit, &wall.zone, words),
    }
}

fn state(visit: &PortalVisit, zone: &Zone, words: &'static Words) -> portal::State {
    match visit.state {
        VisitState::Open => portal::State::Open,
        VisitState::Early { opens_at } => {
            let when = words.date_and_time(zone, opens_at);
            portal::State::Early { opens: filled(&words.page.portal.opens, &[("when", &when)]) }
        }
        VisitState::InPerson => portal::State::InPerson,
        // The other two are not listed.
        VisitState::HostNotConnected | VisitState::Over | VisitState::Cancelled => portal::State::NotReady,
    }
}
