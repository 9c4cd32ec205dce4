//! The program itself: built once, started on a free port with settings of the test's, stopped or killed.

use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::PathBuf,
    process::{Output, Stdio},
    sync::OnceLock,
    time::Duration,
};

use tokio::process::{Child, Command};

use crate::eventually;

/// A key ring of the tests' own.
pub const KEYS: &str = "test:zU8vZ/BjUGDF5d910O+i2nCqt0tfgvdrq5Bk5y9GUr8=";
/// The secret that signs deliveries to a started program.
pub const WEBHOOK_SECRET: &str = "zN4pQ7rT2vX5yB8dF1hJ3k";

/// The binary, built before it is first used.
pub fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT
        .get_or_init(|| {
            let built = std::process::Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--package", "server", "--bin", "anteroom"])
                .status()
                .expect("cargo runs");
            assert!(built.success(), "the binary does not build");
            // target/<profile>/deps/<this test> -> target/debug/anteroom
            let test = std::env::current_exe().expect("a test knows where it is");
            let target = test.ancestors().nth(3).expect("tests stand in target/<profile>/deps");
            target.join("debug/anteroom")
        })
        .clone()
}

/// A port that is free now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a bound listener has an address").port()
}

/// What the program is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the program listens.
    pub port: u16,
    variables: BTreeMap<String, String>,
}

impl Settings {
    /// Everything that is needed, for a database and a (simulated) Zoom at an address such as
    /// `http://127.0.0.1:9999`.
    pub fn new(database_url: &str, zoom: &str) -> Self {
        let port = free_port();
        let variables = [
            ("ANTEROOM_PUBLIC_URL", format!("http://127.0.0.1:{port}")),
            ("ANTEROOM_LISTEN", format!("127.0.0.1:{port}")),
            ("ANTEROOM_DATABASE_URL", database_url.to_owned()),
            ("ANTEROOM_KEYS", KEYS.to_owned()),
            ("ANTEROOM_ZOOM_CLIENT_ID", "client".to_owned()),
            ("ANTEROOM_ZOOM_CLIENT_SECRET", "client-secret-for-tests".to_owned()),
            ("ANTEROOM_ZOOM_WEBHOOK_SECRETS", WEBHOOK_SECRET.to_owned()),
            ("ANTEROOM_ZOOM_OAUTH_URL", format!("{zoom}/oauth")),
            ("ANTEROOM_ZOOM_API_URL", format!("{zoom}/v2")),
            ("ANTEROOM_ZOOM_JOIN_HOSTS", zoom.trim_start_matches("http://").to_owned()),
            ("ANTEROOM_LOG", "warn".to_owned()),
        ];
        Self { port, variables: variables.map(|(name, value)| (name.to_owned(), value)).into() }
    }

    /// The same with these variables too.
    #[must_use]
    pub fn with(mut self, variables: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.variables.extend(variables.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// The address that the program answers at.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(arguments).env_clear().envs(&self.variables).kill_on_drop(true).stdin(Stdio::null());
        command
    }

    /// Runs a command of the program to its end.
    pub async fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().await.expect("the program runs")
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub async fn succeed(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "anteroom {arguments:?} failed: {errors}");
        String::from_utf8(output.stdout).expect("the program prints UTF-8")
    }

    /// Starts the service and waits until it is ready.
    pub async fn serve(&self) -> Serving {
        let child = self.command(&["serve"]).spawn().expect("the program starts");
        let mut serving = Serving { settings: self.clone(), child };
        let client = client();
        let ready = format!("{}/readyz", self.address());
        eventually("the service to be ready", async || {
            assert!(serving.child.try_wait().expect("a child can be asked").is_none(), "the service stopped");
            client.get(&ready).send().await.ok().filter(|answer| answer.status() == 200)
        })
        .await;
        serving
    }
}

/// The service while it runs. Killed when dropped.
#[derive(Debug)]
pub struct Serving {
    /// What it was started with.
    pub settings: Settings,
    child: Child,
}

impl Serving {
    /// The operating system's number for it.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the service runs")
    }

    /// Kills it at once, as the operating system would (SIGKILL).
    pub async fn kill(mut self) {
        self.child.kill().await.expect("a running service can be killed");
    }

    /// Asks it to stop (SIGTERM) and returns its exit code.
    pub async fn stop(mut self) -> Option<i32> {
        let asked = std::process::Command::new("kill").arg(self.pid().to_string()).status();
        assert!(asked.expect("kill runs").success());
        let ended = tokio::time::timeout(Duration::from_secs(15), self.child.wait()).await;
        ended.expect("the service stops within its time").expect("a child can be awaited").code()
    }
}

/// A client that follows no redirect, so that a test sees each answer.
pub fn client() -> reqwest::Client {
    zoomsim::install_tls();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .expect("a client builds")
}
