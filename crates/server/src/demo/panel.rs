//! The demo's own page: sign in as anybody with one click, every patient's link, and the controls of the day. It is
//! merged beside Anteroom's addresses by `demo` and by nothing else.

use std::{collections::HashMap, fmt::Write, sync::Arc};

use anyhow::Result;
use askama::Template;
use axum::{
    Form, Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{Timestamp, clinic::Zone};
use serde::{Deserialize, Serialize};
use tower_http::csrf::CsrfLayer;
use url::Url;
use web::App;

use super::{
    cast::{PEOPLE, Person},
    clinic::DemoClinic,
    clock::{DemoClock, Rate},
    player::Player,
    post::{self, PostOffice, Reply},
};

/// The page and what it controls. Cheap to clone.
#[derive(Clone)]
pub struct Panel(Arc<Inner>);

struct Inner {
    app: App,
    player: Arc<Player>,
    clock: Arc<DemoClock>,
    clinic: DemoClinic,
    post: PostOffice,
    public_url: Url,
    zoom_url: Url,
}

/// One of the demo's faces, for the page.
struct Face {
    key: &'static str,
    name: &'static str,
    job: &'static str,
    page: &'static str,
}

impl Face {
    fn of(person: &'static Person) -> Self {
        Self { key: person.key, name: person.name, job: person.job, page: person.face }
    }
}

/// One patient's link, for the page.
struct PatientLink {
    time: String,
    name: String,
    host: String,
    url: String,
    is_yours: bool,
}

/// What moves on the page.
#[derive(Serialize)]
struct Moving {
    clock: String,
    rate: &'static str,
    playing: bool,
    ahead: Vec<String>,
    done: Vec<String>,
}

#[derive(Template)]
#[template(path = "demo/panel.html")]
struct PanelPage {
    clinic: String,
    faces: Vec<Face>,
    links: Vec<PatientLink>,
    zoom_url: String,
    rates: [Rate; 4],
    moving: Moving,
}

#[derive(Template)]
#[template(path = "demo/sign_in.html")]
struct SignInPage {
    face: Face,
}

impl Panel {
    /// A panel over a running demo.
    pub fn new(
        app: App,
        player: Arc<Player>,
        clinic: DemoClinic,
        post: PostOffice,
        public_url: Url,
        zoom_url: Url,
    ) -> Self {
        let clock = player.clock();
        Self(Arc::new(Inner { app, player, clock, clinic, post, public_url, zoom_url }))
    }

    /// What Anteroom's own pages work with.
    #[cfg(test)]
    pub fn app(&self) -> &App {
        &self.0.app
    }

    /// The demo's own addresses.
    pub fn router(&self) -> Router {
        let router = Router::new()
            .route("/demo", get(show))
            .route("/demo/moving", get(moving))
            .route("/demo/as/{key}", get(sign_in_page).post(sign_in))
            .route("/demo/rate", post(set_rate))
            .route("/demo/playing", post(set_playing))
            .route("/demo/skip", post(skip))
            .route("/demo/post", get(show_post))
            .route("/demo/post/reply", axum::routing::post(reply))
            .route("/demo/post/api/2010-04-01/Accounts/{account}", get(account))
            .route(
                "/demo/post/api/2010-04-01/Accounts/{account}/Messages.json",
                axum::routing::post(take_text),
            )
            .route("/demo/assets/demo.css", get(css))
            .route("/demo/assets/demo.js", get(js))
            .layer(CsrfLayer::new())
            .with_state(self.clone());
        web::middleware::around(router, self.0.app.clone())
    }

    /// The address of every face, to be printed.
    pub async fn addresses(&self) -> Result<Vec<String>> {
        let at = |path: &str| self.0.public_url.join(path).map(String::from);
        let now = self.0.app.ambient.now();
        let zone = &self.0.clinic.clinic.zone;
        let mut lines = vec![
            format!("{}, {}", self.0.clinic.clinic.name, on_the_wall(now, zone)),
            String::new(),
            format!("  everything       {}", at("demo")?),
            "                   sign in as anybody with one click, open patients' links, play the day faster"
                .to_owned(),
        ];
        for person in &PEOPLE {
            let label = match person.key {
                "desk" => "desk",
                "admin" => "admin",
                _ => "clinician",
            };
            lines.push(format!(
                "  {label:<16} {}   {}, {}",
                at(&format!("demo/as/{}", person.key))?,
                person.name,
                person.job
            ));
        }
        let patients = self.links().await?;
        if let Some(link) = patients.iter().find(|link| link.is_yours).or_else(|| patients.last()) {
            lines.push(format!("  a patient's link {}", link.url));
            lines.push(format!("                   {}, {} with {}", link.name, link.time, link.host));
        }
        lines.push(format!("  patients' post   {}   mail and text messages", at(post::PATH)?));
        lines.push(format!("  simulated Zoom   {}", self.0.zoom_url));
        lines.push(String::new());
        lines.push(
            "Ctrl-C stops; the next start goes on from here; `anteroom demo --fresh` starts over.".to_owned(),
        );
        Ok(lines)
    }

    /// Who has which address or number.
    async fn names(&self) -> Result<HashMap<String, String>> {
        let mut names = HashMap::new();
        let Some(day) = self.0.player.today() else { return Ok(names) };
        for member in self.0.clinic.everybody() {
            names.insert(member.email.to_string(), member.name.to_string());
        }
        for visit in day.visits(&self.0.clinic.clinic.zone) {
            let Some(found) = self.0.clinic.appointment(&*self.0.app.store, &day, visit).await? else {
                continue;
            };
            for attendee in found.attendees {
                let name = attendee.name.to_string();
                names.extend(attendee.email.map(|email| (email.to_string(), name.clone())));
                names.extend(attendee.phone.map(|phone| (phone.to_string(), name)));
            }
        }
        Ok(names)
    }

    /// Today's patients with their links, in order of time.
    async fn links(&self) -> Result<Vec<PatientLink>> {
        let Some(day) = self.0.player.today() else { return Ok(Vec::new()) };
        let store = &self.0.app.store;
        let clinic = &self.0.clinic;
        let mut found = Vec::new();
        for visit in day.visits(&clinic.clinic.zone) {
            let Some(appointment) = clinic.appointment(&**store, &day, visit).await? else { continue };
            let links = self.0.app.outreach.links(clinic.clinic.id, &appointment).await?;
            for attendee in &appointment.attendees {
                let Some(link) = links.of(attendee.id) else { continue };
                found.push((
                    appointment.starts_at,
                    PatientLink {
                        time: hour(appointment.starts_at, &clinic.clinic.zone),
                        name: attendee.name.to_string(),
                        host: clinic.member(visit.host)?.name.to_string(),
                        url: link.url.expose().to_owned(),
                        is_yours: visit.is_yours(),
                    },
                ));
            }
        }
        found.sort_by_key(|(starts_at, _)| *starts_at);
        Ok(found.into_iter().map(|(_, link)| link).collect())
    }

    fn moving(&self) -> Moving {
        let zone = &self.0.clinic.clinic.zone;
        let shown = self.0.player.shown();
        let lines = |steps: Vec<(Timestamp, String)>| {
            steps.into_iter().map(|(at, words)| format!("{} {words}", hour(at, zone))).collect()
        };
        Moving {
            clock: on_the_wall(self.0.app.ambient.now(), zone),
            rate: self.0.clock.chosen().as_str(),
            playing: shown.playing,
            ahead: lines(shown.ahead),
            done: lines(shown.done),
        }
    }
}

fn hour(at: Timestamp, zone: &Zone) -> String {
    at.in_zone(zone.rules()).strftime("%H:%M").to_string()
}

fn on_the_wall(at: Timestamp, zone: &Zone) -> String {
    at.in_zone(zone.rules()).strftime("%a %-d %b %Y, %H:%M:%S %Z").to_string()
}

/// What went wrong, without a polished page: only whoever runs the demo sees it.
struct Trouble(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let mut text = String::from("The demo has a fault.\n");
        for cause in self.0.chain() {
            let _ = writeln!(text, "{cause}");
        }
        (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
    }
}

async fn show(State(panel): State<Panel>) -> Result<Html<String>, Trouble> {
    let page = PanelPage {
        clinic: panel.0.clinic.clinic.name.to_string(),
        faces: PEOPLE.iter().map(Face::of).collect(),
        links: panel.links().await?,
        zoom_url: panel.0.zoom_url.to_string(),
        rates: Rate::ALL,
        moving: panel.moving(),
    };
    Ok(Html(page.render()?))
}

async fn moving(State(panel): State<Panel>) -> Json<Moving> {
    Json(panel.moving())
}

fn person(key: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.key == key)
}

async fn sign_in_page(Path(key): Path<String>) -> Result<Response, Trouble> {
    let Some(person) = person(&key) else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    Ok(Html(SignInPage { face: Face::of(person) }.render()?).into_response())
}

async fn sign_in(State(panel): State<Panel>, Path(key): Path<String>) -> Result<Response, Trouble> {
    let Some(person) = person(&key) else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let member = panel.0.clinic.member(person.key)?;
    let cookie = web::session::begin(&panel.0.app, member)
        .await
        .map_err(|error| anyhow::anyhow!("no session could be begun: {error:?}"))?;
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Redirect::to(person.face)).into_response())
}

#[derive(Deserialize)]
struct RateForm {
    rate: Rate,
}

async fn set_rate(State(panel): State<Panel>, Form(form): Form<RateForm>) -> Redirect {
    panel.0.clock.choose(form.rate);
    Redirect::to("/demo")
}

#[derive(Deserialize)]
struct PlayingForm {
    playing: bool,
}

async fn set_playing(State(panel): State<Panel>, Form(form): Form<PlayingForm>) -> Redirect {
    panel.0.player.set_playing(form.playing);
    Redirect::to("/demo")
}

async fn skip(State(panel): State<Panel>) -> Redirect {
    panel.0.player.skip().await;
    Redirect::to("/demo")
}

async fn show_post(State(panel): State<Panel>) -> Result<Html<String>, Trouble> {
    let names = panel.names().await?;
    let clinic = &panel.0.clinic.clinic;
    let name_of = |address: &str| names.get(address).cloned();
    Ok(Html(post::show(&panel.0.post, clinic.name.as_str(), &clinic.zone, name_of)?))
}

async fn reply(State(panel): State<Panel>, Form(form): Form<Reply>) -> Result<Redirect, Trouble> {
    post::answer(&panel.0.post, form).await?;
    Ok(Redirect::to("/demo/post"))
}

async fn account(
    State(panel): State<Panel>,
    Path(asked): Path<String>,
    headers: HeaderMap,
) -> impl IntoResponse {
    post::account(&panel.0.post, &asked, &headers)
}

async fn take_text(
    State(panel): State<Panel>,
    account: Path<String>,
    headers: HeaderMap,
    form: Form<HashMap<String, String>>,
) -> impl IntoResponse {
    post::take_text(&panel.0.post, account, &headers, form)
}

async fn css() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../../assets/demo.css"))
}

async fn js() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], include_str!("../../assets/demo.js"))
}
