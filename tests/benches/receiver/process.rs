//! The subjects: the program on each kind of database, and the ceiling; started, watched through `/proc`, stopped.

use std::{
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use tests::anteroom::{self, KEYS, WEBHOOK_SECRET};
use tokio::process::{Child, Command};

/// Something to be measured.
#[derive(Debug)]
pub struct Subject {
    /// As the report calls it.
    pub name: &'static str,
    database: Option<Database>,
}

#[derive(Debug)]
enum Database {
    /// A directory for the file, and whether each fsync is delayed.
    Sqlite { directory: PathBuf, slow: Option<PathBuf> },
    /// A server, started by the script (with or without the delay).
    Postgres { url: String },
}

/// What a process has used so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Processor time.
    pub cpu: Duration,
    /// Resident memory now.
    pub resident_mib: f64,
    /// The most resident memory so far.
    pub peak_mib: f64,
}

/// A subject while it runs.
#[derive(Debug)]
pub struct Server {
    /// Where it listens.
    pub port: u16,
    /// From the start of the process to its first answer.
    pub started: Duration,
    child: Child,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Subject {
    /// The ceiling first, then whatever the script has prepared.
    pub fn from_environment() -> Vec<Self> {
        let shim = variable("BENCH_SHIM").map(PathBuf::from);
        let sqlite = |name: &str, slow| {
            variable(name).map(|directory| Database::Sqlite { directory: directory.into(), slow })
        };
        let postgres = |name: &str| variable(name).map(|url| Database::Postgres { url });
        let candidates = [
            ("SQLite, tmpfs, fsync 1,000 us", sqlite("BENCH_TMPFS", shim)),
            ("SQLite, real disk", sqlite("BENCH_DISK", None)),
            ("PostgreSQL, tmpfs, fsync 1,000 us", postgres("BENCH_POSTGRES_TMPFS")),
            ("PostgreSQL, real disk", postgres("BENCH_POSTGRES_DISK")),
        ];
        let measured = candidates.into_iter().filter(|(_, database)| database.is_some());
        let ceiling = Self { name: "nothing stored (the ceiling)", database: None };
        std::iter::once(ceiling).chain(measured.map(|(name, database)| Self { name, database })).collect()
    }

    /// Starts it on a free port and waits for its first answer.
    pub async fn start(&self) -> Server {
        let port = anteroom::free_port();
        let listen = format!("127.0.0.1:{port}");
        let mut command = match &self.database {
            None => {
                let mut command = Command::new(std::env::current_exe().expect("the bench knows where it is"));
                command.args(["--ceiling", &port.to_string()]);
                command
            }
            Some(database) => {
                let mut command =
                    Command::new(variable("BENCH_BINARY").expect("BENCH_BINARY names the program"));
                command.arg("serve").env_clear();
                let url = match database {
                    Database::Sqlite { directory, slow } => {
                        if let Some(shim) = slow {
                            command.env("LD_PRELOAD", shim).env("SLOW_FSYNC_MICROS", "1000");
                        }
                        format!("sqlite://{}/bench.db", directory.display())
                    }
                    Database::Postgres { url } => url.clone(),
                };
                command
                    .env("ANTEROOM_PUBLIC_URL", format!("http://{listen}"))
                    .env("ANTEROOM_LISTEN", &listen)
                    .env("ANTEROOM_DATABASE_URL", url)
                    .env("ANTEROOM_KEYS", KEYS)
                    .env("ANTEROOM_ZOOM_CLIENT_ID", "client")
                    .env("ANTEROOM_ZOOM_CLIENT_SECRET", "client-secret-for-benches")
                    .env("ANTEROOM_ZOOM_WEBHOOK_SECRETS", WEBHOOK_SECRET)
                    .env("ANTEROOM_LOG", "error");
                command
            }
        };
        let begun = Instant::now();
        let child = command.kill_on_drop(true).stdout(Stdio::null()).spawn().expect("the subject starts");
        while !answers(port).await {
            assert!(begun.elapsed() < Duration::from_secs(20), "{} does not start", self.name);
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        Server { port, started: begun.elapsed(), child }
    }

    /// The bytes that its database takes, where it has one.
    pub fn stored_bytes(&self) -> Option<u64> {
        match self.database.as_ref()? {
            Database::Sqlite { directory, .. } => {
                let sizes = ["bench.db", "bench.db-wal"].map(|name| std::fs::metadata(directory.join(name)));
                Some(sizes.into_iter().flatten().map(|file| file.len()).sum())
            }
            Database::Postgres { url } => {
                let question = ["-Atc", "CHECKPOINT; SELECT pg_database_size(current_database())"];
                let output = std::process::Command::new("psql").arg(url).args(question).output().ok()?;
                String::from_utf8_lossy(&output.stdout).lines().last()?.trim().parse().ok()
            }
        }
    }
}

async fn answers(port: u16) -> bool {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let asked = async {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with(b"HTTP/1.1 200"))
    };
    asked.await.unwrap_or(false)
}

impl Server {
    /// What it has used so far.
    pub fn usage(&self) -> Usage {
        let pid = self.child.id().expect("the server runs");
        let status =
            std::fs::read_to_string(format!("/proc/{pid}/status")).expect("Linux tells of processes");
        let mib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
            line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN)
                / 1024.0
        };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("Linux tells of processes");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        // utime and stime are fields 14 and 15 of proc(5), in ticks of 10 ms.
        let ticks: u64 = fields[11..13].iter().filter_map(|field| field.parse::<u64>().ok()).sum();
        Usage { cpu: Duration::from_millis(ticks * 10), resident_mib: mib("VmRSS:"), peak_mib: mib("VmHWM:") }
    }

    /// Stops it as an operator would, so that all is written.
    pub async fn stop(mut self) {
        let pid = self.child.id().expect("the server runs").to_string();
        let _ = std::process::Command::new("kill").arg(&pid).status();
        if tokio::time::timeout(Duration::from_secs(15), self.child.wait()).await.is_err() {
            eprintln!("it did not stop within 15 s");
            self.child.kill().await.expect("a process can be killed");
        }
    }
}
