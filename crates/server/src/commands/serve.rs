//! Running the service until somebody asks it to stop.

use anyhow::{Context, Result};
use domain::Ambient;
use store::Options;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Outcome;
use crate::{
    cli, monitor,
    service::{self, Service, Wiring},
    settings::{Engine, Settings},
};

/// `serve`.
pub async fn serve(settings: Settings, arguments: &cli::Serve) -> Result<Outcome> {
    let metrics = monitor::install()?;
    for variable in &settings.unknown_variables {
        tracing::warn!(variable, "no setting has this name; is it misspelt?");
    }
    if settings.sso.is_some() {
        tracing::warn!("single sign-on is set up, but not in this version");
    }
    let network = &settings.network;
    let listener = bind("ANTEROOM_LISTEN", network.listen).await?;
    let monitoring = match network.metrics_listen {
        Some(address) => Some(bind("ANTEROOM_METRICS_LISTEN", address).await?),
        None => None,
    };
    let store = store::open(settings.database.url.expose(), Options { migrate: !arguments.no_migrate })
        .await
        .context("the database cannot be used")?;
    let ambient = Ambient::system();
    let stop = CancellationToken::new();
    service::stop_on_signal(stop.clone())?;
    let service = Service::start(Wiring {
        store: store.clone(),
        ambient: ambient.clone(),
        keys: settings.keys.ring.clone(),
        oauth: service::zoom_oauth(&settings)?,
        api: service::zoom_api(&settings)?,
        webhook_secrets: settings.zoom.webhook_secrets.clone(),
        join_hosts: settings.zoom.join_hosts.clone(),
        mail: settings.mail.clone(),
        sms: settings.sms.clone(),
        web: service::web_settings(&settings),
        // SQLite has one writer; PostgreSQL commits side by side.
        inbox_writers: if settings.database.engine == Engine::Sqlite { 1 } else { 4 },
        watch_for_outages: true,
        stop: stop.clone(),
    });
    if let Some(listener) = monitoring {
        monitor::serve(listener, metrics, store, ambient, stop.clone());
    }
    let router = web::router(service.app());
    tracing::info!(listen = %network.listen, database = settings.database.engine.name(), "serving");
    service.serve(listener, router).await;
    Ok(Outcome::Done)
}

async fn bind(variable: &str, address: std::net::SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{variable}: cannot listen on {address}"))
}
