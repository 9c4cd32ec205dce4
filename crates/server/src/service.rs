//! The wiring: every part of the program put together, its background loops started, and all of it stopped in order.

use std::{sync::Arc, time::Duration};

use ::zoom::{
    api::{Api, ApiBase},
    http::{self, Limits},
    oauth::OAuth,
    webhook::Secrets,
};
use anyhow::{Context, Result};
use attendance::{Attendance, outage::Watch, reconcile::Reconciler};
use axum::Router;
use domain::Ambient;
use outreach::{JoinHosts, MailSettings, Outreach, SmsSettings};
use store::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    time::{Instant, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use vault::KeyRing;
use web::{App, Parts, WebSettings};
use webhook::Receiver;

use crate::{connections, settings::Settings, tally};

/// Stopping takes so long at most, whatever hangs.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// The parts of that time which the steps may use, counted from the start of stopping.
const ANSWER_UNTIL: Duration = Duration::from_secs(6);
const WORK_UNTIL: Duration = Duration::from_secs(7);
const WRITE_UNTIL: Duration = Duration::from_secs(8);
const LOOPS_UNTIL: Duration = Duration::from_secs(9);

/// How often leftovers are removed.
const CLEAN_EVERY: Duration = Duration::from_hours(1);
/// Boards that were away for longer read everything anew.
const CHANGES_LIVE: Duration = Duration::from_hours(24);

/// What the service is made of.
pub struct Wiring {
    /// Where data is kept.
    pub store: Arc<dyn Store>,
    /// The clock and the randomness.
    pub ambient: Ambient,
    /// What seals secrets.
    pub keys: Arc<KeyRing>,
    /// The Zoom app's side of OAuth.
    pub oauth: OAuth,
    /// Where calls to Zoom go.
    pub api: Api,
    /// What signs webhooks.
    pub webhook_secrets: Secrets,
    /// Where patients may be sent.
    pub join_hosts: JoinHosts,
    /// What mail leaves by; none where it is off.
    pub mail: Option<MailSettings>,
    /// What text messages leave by; none where they are off.
    pub sms: Option<SmsSettings>,
    /// How the web layer behaves.
    pub web: WebSettings,
    /// Commits of the inbox that may be under way at once.
    pub inbox_writers: usize,
    /// Whether a gap on the clock means that nothing could be received. Not where the clock is moved by hand.
    pub watch_for_outages: bool,
    /// Cancelled when the service is to stop.
    pub stop: CancellationToken,
}

/// The running program, but for the listener.
pub struct Service {
    app: App,
    /// Connections to Zoom.
    pub oauth: oauth::Zoom,
    /// Appointments and links.
    pub outreach: Outreach,
    receiver: Arc<Receiver>,
    store: Arc<dyn Store>,
    loops: TaskTracker,
    stop: CancellationToken,
}

impl Service {
    /// Puts everything together and starts the background loops.
    pub fn start(wiring: Wiring) -> Self {
        let Wiring {
            store,
            ambient,
            keys,
            oauth,
            api,
            webhook_secrets,
            join_hosts,
            mail,
            sms,
            web,
            inbox_writers,
            watch_for_outages,
            stop,
        } = wiring;
        let oauth = oauth::Zoom::new(store.clone(), ambient.clone(), keys.clone(), oauth, api);
        tracing::info!(mail = mail.is_some(), text_messages = sms.is_some(), "what messages leave by");
        let outreach =
            Outreach::new(store.clone(), ambient.clone(), keys.clone(), &web.public_url, join_hosts)
                .sending_by(mail, sms);
        let attendance = Attendance::new(store.clone(), ambient.clone(), oauth.clone());
        let limits = webhook::Limits { writers: inbox_writers, ..webhook::Limits::default() };
        let receiver = Arc::new(Receiver::start(&store, ambient.clone(), webhook_secrets, limits));
        let app = App::new(Parts {
            store: store.clone(),
            ambient: ambient.clone(),
            keyring: keys,
            zoom: oauth.clone(),
            outreach: outreach.clone(),
            attendance: attendance.clone(),
            receiver: receiver.clone(),
            settings: web,
            stop: stop.clone(),
        });

        let loops = TaskTracker::new();
        loops.spawn(tally::write_down(receiver.clone(), store.clone(), ambient.clone(), stop.clone()));
        {
            let (attendance, stop) = (attendance.clone(), stop.clone());
            loops.spawn(async move { attendance.run(stop).await });
        }
        {
            let (attendance, stop) = (attendance.clone(), stop.clone());
            loops.spawn(async move { attendance.watch_no_shows(stop).await });
        }
        {
            let (attendance, stop) = (attendance.clone(), stop.clone());
            loops.spawn(async move { attendance.watch_rooms(stop).await });
        }
        {
            let (reconciler, stop) = (Reconciler::new(attendance, oauth.clone()), stop.clone());
            loops.spawn(async move { reconciler.run(stop).await });
        }
        {
            let (outreach, stop) = (outreach.clone(), stop.clone());
            loops.spawn(async move { outreach.run_outbox(stop).await });
        }
        {
            let (outreach, stop) = (outreach.clone(), stop.clone());
            loops.spawn(async move { outreach.run_other_rooms(stop).await });
        }
        if watch_for_outages {
            let (watch, stop) = (Watch::new(store.clone(), ambient), stop.clone());
            loops.spawn(async move { watch.run(stop).await });
        }
        {
            let (oauth, stop) = (oauth.clone(), stop.clone());
            loops.spawn(async move { oauth.run(stop).await });
        }
        {
            let (outreach, stop) = (outreach.clone(), stop.clone());
            loops.spawn(async move { outreach.run_reminders(stop).await });
        }
        {
            let (outreach, stop) = (outreach.clone(), stop.clone());
            loops.spawn(async move { outreach.run_alerts(stop).await });
        }
        loops.spawn(clean_up(app.clone(), stop.clone()));
        Self { app, oauth, outreach, receiver, store, loops, stop }
    }

    /// What the web layer works with.
    pub fn app(&self) -> App {
        self.app.clone()
    }

    /// Answers requests until the service is to stop, then stops in order: no new requests, streams ended, requests
    /// answered, deliveries written, loops ended, store closed. Ten seconds at most.
    pub async fn serve(self, listener: TcpListener, router: Router) {
        let mut server = tokio::spawn(connections::serve(listener, router, self.stop.clone()));
        tokio::select! {
            // Being told to stop also ends the listener; which of the two is seen first is chance.
            biased;
            () = self.stop.cancelled() => {}
            ended = &mut server => {
                tracing::error!(?ended, "the listener ended by itself");
                self.stop.cancel();
            }
        }

        let begun = Instant::now();
        tracing::info!("stopping");
        let mut in_time = true;
        if !server.is_finished() {
            in_time &= timeout_at(begun + ANSWER_UNTIL, &mut server).await.is_ok();
            server.abort();
        }
        self.app.tasks.close();
        in_time &= timeout_at(begun + WORK_UNTIL, self.app.tasks.wait()).await.is_ok();
        in_time &= timeout_at(begun + WRITE_UNTIL, self.receiver.shutdown()).await.is_ok();
        self.loops.close();
        in_time &= timeout_at(begun + LOOPS_UNTIL, self.loops.wait()).await.is_ok();
        in_time &= timeout_at(begun + STOP_WITHIN, self.store.close()).await.is_ok();
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        if in_time {
            tracing::info!(millis, "stopped");
        } else {
            tracing::warn!(millis, "stopped before everything had ended");
        }
    }
}

/// Removes sessions, links, flows and notices that lead nowhere any more.
async fn clean_up(app: App, stop: CancellationToken) {
    let mut every = tokio::time::interval(CLEAN_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = every.tick() => {}
        }
        if let Err(error) = web::session::purge(&app).await {
            tracing::warn!(?error, "sessions could not be cleaned up");
        }
        let before = app.ambient.now().minus(CHANGES_LIVE);
        let cleaned = async {
            let mut tx = app.store.begin().await?;
            tx.purge_changes(before).await?;
            tx.commit().await
        };
        if let Err(error) = cleaned.await {
            tracing::warn!(%error, "changes could not be cleaned up");
        }
    }
}

/// Cancels the token at SIGTERM or Ctrl-C; a second signal ends the process at once.
pub fn stop_on_signal(stop: CancellationToken) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("SIGTERM cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C cannot be heard")?;
    tokio::spawn(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        stop.cancel();
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::warn!("a second signal: stopping at once");
        std::process::exit(1);
    });
    Ok(())
}

/// The Zoom app's side of OAuth, from the settings.
pub fn zoom_oauth(settings: &Settings) -> Result<OAuth> {
    let redirect = settings.network.public_url.join("zoom/callback").context("the redirect address")?;
    let app = &settings.zoom;
    let http = http::client(Limits::default())?;
    let oauth = OAuth::new(
        http,
        app.oauth_url.as_str(),
        &app.client_id,
        app.client_secret.clone(),
        redirect.as_str(),
    );
    oauth.context("ANTEROOM_ZOOM_OAUTH_URL")
}

/// Where calls to Zoom go, from the settings.
pub fn zoom_api(settings: &Settings) -> Result<Api> {
    let base = ApiBase::parse(settings.zoom.api_url.as_str()).context("ANTEROOM_ZOOM_API_URL")?;
    Ok(Api::new(http::client(Limits::default())?, base))
}

/// How the web layer behaves, from the settings.
pub fn web_settings(settings: &Settings) -> WebSettings {
    let mut web = WebSettings::new(settings.network.public_url.clone(), settings.zoom.oauth_url.clone());
    web.join_hosts.clone_from(&settings.zoom.join_host_names);
    web.proxy_hops = settings.network.proxy_hops;
    web
}
