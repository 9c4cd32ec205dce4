//! `anteroom demo`: a clinic, its people, a day of appointments and a simulated Zoom, with nothing to set up.
//!
//! Anteroom itself is the real one, on SQLite. What belongs to the demo alone: a clock that can run faster, the player
//! who plays patients and clinicians, and the page that signs in with one click.

mod cast;
mod clinic;
mod clock;
mod day;
mod files;
mod panel;
mod patient;
mod player;
mod post;
mod reach;
#[cfg(test)]
mod tests;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use domain::{Ambient, Timestamp, ambient::SystemRandomness, clinic::Zone};
use outreach::JoinHosts;
use store::Options;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;
use vault::{KeyRing, SecretText};
use web::WebSettings;
use zoom::{
    api::{Api, ApiBase},
    http::{Limits, client},
    oauth::OAuth,
    webhook::Secrets,
};
use zoomsim::{Config, Sim};

use crate::{
    cli, output,
    service::{self, Service, Wiring},
};
use clinic::DemoClinic;
use clock::DemoClock;
use files::Files;
use panel::Panel;
use patient::Browser;
use player::{Player, Stage, opening};
use post::PostOffice;

/// Where the demo keeps its files.
const FOLDER: &str = "data/demo";
/// The simulated app's public name.
const CLIENT_ID: &str = "rT6yU8iO0pQwErTyUiOpAs";
/// Nobody is to be signed out while they look around, at whatever speed.
const SESSIONS_LAST: Duration = Duration::from_hours(365 * 24);

/// `demo`.
pub async fn run(arguments: cli::Demo) -> Result<()> {
    let anteroom = bind(arguments.port).await?;
    let zoom = bind(arguments.port.saturating_add(1)).await?;
    let stop = CancellationToken::new();
    service::stop_on_signal(stop.clone())?;
    output::aside("Getting the clinic's day ready …");
    let now = Ambient::system().now();
    let demo = Demo::start(Path::new(FOLDER), arguments.fresh, now, zone_of_machine()?, anteroom, zoom, stop)
        .await?;
    for line in demo.addresses().await? {
        output::line(line);
    }
    demo.until_stopped().await
}

async fn bind(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
        .await
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}; `--port N` takes N and the next one"))
}

/// The running demo.
struct Demo {
    panel: Panel,
    player: Arc<Player>,
    simulator: Sim,
    serving: tokio::task::JoinHandle<()>,
    stop: CancellationToken,
}

impl Demo {
    /// Starts everything and plays what should have happened by now. The zone counts at the first start alone.
    async fn start(
        folder: &Path,
        fresh: bool,
        now: Timestamp,
        first_zone: Zone,
        anteroom: TcpListener,
        zoom: TcpListener,
        stop: CancellationToken,
    ) -> Result<Self> {
        let public_url: Url = format!("http://{}", anteroom.local_addr()?).parse()?;
        let zoom_url: Url = format!("http://{}", zoom.local_addr()?).parse()?;
        let files = Files::open(folder, fresh)?;
        let secrets = files.secrets()?;
        let kept = files.kept()?;
        let zone = match &kept {
            Some(kept) => Zone::parse(&kept.zone)?,
            None => first_zone,
        };
        let (begins, target, day) = opening(kept.as_ref(), now, &zone);
        let clock = Arc::new(DemoClock::driven_from(begins));
        let ambient = Ambient::new(clock.clone(), Arc::new(SystemRandomness));

        let mut config = Config::new(clock.clone(), secrets.seed, zoom_url.as_str());
        CLIENT_ID.clone_into(&mut config.client_id);
        config.client_secret.clone_from(&secrets.client_secret);
        config.webhook_secret.clone_from(&secrets.webhook_secret);
        config.redirect_uris = vec![public_url.join("zoom/callback")?.into()];
        config.webhook_url = Some(public_url.join("zoom/webhook")?.into());
        config.users = cast::zoom_users();
        config.state_file = Some(files.simulator());
        let simulator = Sim::start(zoom, config);

        let post = PostOffice::open(&public_url, &ambient, stop.clone()).await?;
        let store = store::open(&files.database_url(), Options::default())
            .await
            .context("the demo's database cannot be used; `anteroom demo --fresh` starts over")?;
        let service =
            Service::start(wiring(&public_url, &zoom_url, &secrets, store.clone(), &ambient, &post, &stop)?);
        let clinic = DemoClinic::find_or_make(&*store, &ambient, &zone).await?;
        let today = zone.date(target);
        let stage = Stage {
            clock,
            ambient: ambient.clone(),
            simulator: simulator.handle(),
            store: store.clone(),
            outreach: service.outreach.clone(),
            attendance: service.app().attendance.clone(),
            clinic: clinic.clone(),
            browser: Browser::new(&public_url)?,
            files,
        };
        let player = Arc::new(Player::new(stage, kept.map(|kept| kept.days).unwrap_or_default(), today));
        let panel = Panel::new(service.app(), player.clone(), clinic.clone(), post, public_url, zoom_url);
        let oauth = service.oauth.clone();
        let router = web::router(service.app()).merge(panel.router());
        let serving = tokio::spawn(service.serve(anteroom, router));

        let demo = Self { panel, player, simulator, serving, stop };
        let ready = async {
            clinic.renew_rooms(&*store, &oauth).await?;
            clinic.connect(&*store, &ambient, &oauth, &demo.simulator.handle()).await?;
            if zone.date(begins) != today {
                demo.player.send_everybody_home();
                demo.player.play_until(day.begins().max(begins)).await;
            }
            demo.player.add_day(day).await?;
            demo.player.play_until(target).await;
            demo.player.keep()
        };
        tokio::select! {
            done = ready => done?,
            () = demo.stop.cancelled() => {}
        }
        Ok(demo)
    }

    /// The address of every face.
    async fn addresses(&self) -> Result<Vec<String>> {
        self.panel.addresses().await
    }

    /// Plays the day until somebody asks the demo to stop, then stops in order.
    async fn until_stopped(self) -> Result<()> {
        self.player.run(self.stop.clone()).await;
        self.player.keep_exactly()?;
        self.serving.await.context("Anteroom ended in disorder")?;
        self.simulator.shutdown().await;
        Ok(())
    }
}

fn wiring(
    public_url: &Url,
    zoom_url: &Url,
    secrets: &files::Secrets,
    store: Arc<dyn store::Store>,
    ambient: &Ambient,
    post: &PostOffice,
    stop: &CancellationToken,
) -> Result<Wiring> {
    let oauth_url = zoom_url.join("oauth")?;
    let redirect_url = public_url.join("zoom/callback")?;
    let client_secret = SecretText::from(secrets.client_secret.as_str());
    let host = zoom_url.authority().to_owned();
    let mut web = WebSettings::new(public_url.clone(), oauth_url.clone());
    web.session_idle = SESSIONS_LAST;
    web.session_idle_admin = SESSIONS_LAST;
    web.session_absolute = SESSIONS_LAST;
    web.join_hosts = vec![host.clone()];
    Ok(Wiring {
        store,
        ambient: ambient.clone(),
        keys: Arc::new(KeyRing::parse(&secrets.keys)?),
        oauth: OAuth::new(
            client(Limits::default())?,
            oauth_url.as_str(),
            CLIENT_ID,
            client_secret,
            redirect_url.as_str(),
        )?,
        api: Api::new(client(Limits::default())?, ApiBase::parse(zoom_url.join("v2")?.as_str())?),
        webhook_secrets: Secrets::parse(&secrets.webhook_secret)?,
        join_hosts: JoinHosts::parse(&host)?,
        mail: Some(post.mail()),
        sms: Some(post.texts()),
        web,
        inbox_writers: 1,
        watch_for_outages: false,
        stop: stop.clone(),
    })
}

/// The machine's own time zone, where it has a better one than UTC.
fn zone_of_machine() -> Result<Zone> {
    let name = jiff::tz::TimeZone::try_system().ok().and_then(|zone| zone.iana_name().map(str::to_owned));
    let own = name.filter(|name| !matches!(name.as_str(), "UTC" | "Etc/UTC" | "Etc/Unknown"));
    Ok(Zone::parse(own.as_deref().unwrap_or(cast::ZONE)).or_else(|_| Zone::parse(cast::ZONE))?)
}
