//! Whether today's hosts are ready: every room looked at at Zoom, and the list of what is to be done by whom. Safe beside a
//! running service: a look holds the connection's row, as the service's own looks do.

use std::sync::Arc;

use anyhow::Result;
use domain::{Ambient, ClinicId, StaffId, appointment::Appointment, clinic::Clinic, room::guard::LookFor};
use oauth::{By, Standing, Stands, Todo, Zoom};
use serde_json::{Value, json};
use store::Store;
use tokio::{sync::Semaphore, task::JoinSet};

use super::{Outcome, find_clinic, open};
use crate::{cli::Report, output, service, settings::Settings};

/// Looks that are under way at once.
const AT_ONCE: usize = 4;

/// One clinic's hosts of today, after their rooms were looked at.
struct Looked {
    clinic: Clinic,
    hosts: Vec<Standing>,
}

/// `ready`.
pub async fn ready(settings: &Settings, clinic: Option<&str>, report: Report) -> Result<Outcome> {
    let (oauth, api) = (service::zoom_oauth(settings)?, service::zoom_api(settings)?);
    let store = open(settings).await?;
    let ambient = Ambient::system();
    let zoom = Zoom::new(store.clone(), ambient.clone(), settings.keys.ring.clone(), oauth, api);
    let looked = look_everywhere(&store, &zoom, &ambient, clinic).await;
    store.close().await;
    let looked = looked?;
    let is_ready = looked.iter().flat_map(|clinic| &clinic.hosts).all(Standing::is_ready);
    if report.json {
        let clinics: Vec<Value> = looked.iter().map(|clinic| clinic.as_json(&ambient)).collect();
        output::json(&json!({ "ready": is_ready, "clinics": clinics }))?;
    } else {
        for clinic in &looked {
            clinic.tell(&ambient);
        }
    }
    Ok(if is_ready { Outcome::Done } else { Outcome::FoundProblem })
}

async fn look_everywhere(
    store: &Arc<dyn Store>,
    zoom: &Zoom,
    ambient: &Ambient,
    clinic: Option<&str>,
) -> Result<Vec<Looked>> {
    let clinics = match clinic {
        Some(wanted) => vec![find_clinic(&**store, wanted).await?],
        None => store.read().await?.clinics().await?,
    };
    let mut looked = Vec::new();
    for clinic in clinics {
        let day = clinic.zone.day(clinic.zone.date(ambient.now()));
        let visits = store.read().await?.appointments(clinic.id, day, None).await?;
        let before = zoom.standings_of_today(&clinic, &visits).await?;
        let rooms = before.iter().filter(|host| host.stands == Stands::Connected).map(|host| host.member.id);
        look_at(zoom, clinic.id, rooms.collect()).await;
        let hosts = hosts(zoom, &clinic, &visits).await?;
        looked.push(Looked { clinic, hosts });
    }
    Ok(looked)
}

/// Looks at these rooms, a few at a time. What a look comes to, also where it comes to nothing, is kept with the room.
async fn look_at(zoom: &Zoom, clinic: ClinicId, rooms: Vec<StaffId>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut looks = JoinSet::new();
    let all = rooms.len();
    for staff in rooms {
        let (zoom, places) = (zoom.clone(), places.clone());
        looks.spawn(async move {
            let _place = places.acquire_owned().await;
            // Why it failed is logged where it happens.
            drop(zoom.look_after(clinic, staff, LookFor::Asked).await);
        });
    }
    let mut done = 0;
    while looks.join_next().await.is_some() {
        done += 1;
        if output::is_watched() {
            output::aside(format!("{done} of {all} rooms checked"));
        }
    }
}

/// Today's hosts, by their first visit.
async fn hosts(zoom: &Zoom, clinic: &Clinic, visits: &[Appointment]) -> Result<Vec<Standing>> {
    let mut hosts = zoom.standings_of_today(clinic, visits).await?;
    hosts.sort_by_key(|host| (host.today.map(|today| today.first), host.member.name.to_string()));
    Ok(hosts)
}

/// How a host stands, in a word.
fn word(host: &Standing) -> &'static str {
    if host.is_ready() {
        "ready"
    } else if host.is_blocked() {
        "not_ready"
    } else {
        "unknown"
    }
}

impl Looked {
    fn tell(&self, ambient: &Ambient) {
        let zone = &self.clinic.zone;
        let now = ambient.now();
        let date = zone.date(now).strftime("%A %-d %B %Y");
        output::line(format!("{}, {date}, {} {}", self.clinic.name, zone.time(now), zone.name()));
        if self.hosts.is_empty() {
            output::line("  No visit by video is booked for today.");
        }
        for host in &self.hosts {
            lines(host, &self.clinic).iter().for_each(output::line);
        }
        let open = self.hosts.iter().filter(|host| !host.is_ready()).count();
        match (self.hosts.len(), open) {
            (0, _) => {}
            (all, 0) => output::line(format!("  All of today's hosts are ready: {all}.")),
            (all, open) => output::line(format!("  Not ready: {open} of {all}.")),
        }
    }

    fn as_json(&self, ambient: &Ambient) -> Value {
        json!({
            "clinic": { "id": self.clinic.id, "name": self.clinic.name },
            "date": self.clinic.zone.date(ambient.now()),
            "as_of": ambient.now(),
            "ready": self.hosts.iter().all(Standing::is_ready),
            "hosts": self.hosts.iter().map(as_json).collect::<Vec<_>>(),
        })
    }
}

/// One line for a host, and one or two for each thing that is to be done.
fn lines(host: &Standing, clinic: &Clinic) -> Vec<String> {
    let word = match word(host) {
        "ready" => "ready",
        "unknown" => "UNKNOWN",
        _ => "NOT READY",
    };
    let time = host.today.map(|today| clinic.zone.time(today.first)).unwrap_or_default();
    let mut lines = vec![format!("  {word:<10} {time}  {}", host.member.name)];
    for Todo { by, what, todo, .. } in host.todo() {
        lines.push(format!("{:20}{what}", ""));
        let by = match by {
            By::Owner => format!("{}: ", host.member.name),
            By::ZoomAdmin => "Whoever administers their Zoom account: ".to_owned(),
            By::Desk => "The front desk: ".to_owned(),
            By::Anteroom => String::new(),
        };
        if !todo.is_empty() {
            lines.push(format!("{:20}{by}{todo}", ""));
        }
    }
    lines
}

fn as_json(host: &Standing) -> Value {
    let todo: Vec<Value> = host
        .todo()
        .into_iter()
        .map(|Todo { weight, by, what, todo }| {
            json!({ "weight": weight.as_str(), "by": by.as_str(), "what": what, "todo": todo })
        })
        .collect();
    json!({
        "id": host.member.id,
        "name": host.member.name,
        "state": word(host),
        "connection": host.stands.as_str(),
        "first_visit": host.today.map(|today| today.first),
        "visits": host.today.map_or(0, |today| today.visits),
        "renewed_at": host.renewed_at,
        "looked_at": host.guarded.looked_at,
        "todo": todo,
    })
}
