//! The board of a clinic day with few and with many stored events behind it: history must not slow it down.
//!
//! Run by `scripts/bench`, which prepares the databases. The two are asked in turn, so that a machine whose speed drifts
//! is unjust to neither; figures are medians.

mod dialect;
mod fill;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use attendance::{Attendance, Deauthorized};
use domain::{Ambient, ClinicId, Timestamp};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use store::{Options, StoreError};

const FEW: u64 = 10_000;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether the databases are left for the next run, which then need not fill them.
fn keeps() -> bool {
    variable("BENCH_KEEP").is_some()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(compare());
}

/// Where a database of the bench is.
enum Place {
    File(PathBuf),
    Database { server: String, name: String },
}

impl Place {
    fn all(events: u64) -> Vec<(&'static str, Self)> {
        let file =
            |directory: String| Self::File(PathBuf::from(directory).join(format!("board-{events}.db")));
        let database = |server| Self::Database { server, name: format!("board_{events}") };
        [
            ("SQLite", variable("BENCH_DISK").map(file)),
            ("PostgreSQL", variable("BENCH_POSTGRES_DISK").map(database)),
        ]
        .into_iter()
        .filter_map(|(engine, place)| Some((engine, place?)))
        .collect()
    }

    fn url(&self) -> String {
        match self {
            Self::File(file) => format!("sqlite://{}", file.display()),
            Self::Database { server, name } => {
                let (host, _) = server.rsplit_once('/').expect("an address ends with a database");
                format!("{host}/{name}")
            }
        }
    }

    /// Makes room for it, and takes away what an earlier run left.
    async fn clear(&self) {
        match self {
            Self::File(file) => {
                for suffix in ["", "-wal", "-shm", ".migrating"] {
                    let mut name = file.as_os_str().to_owned();
                    name.push(suffix);
                    let _ = std::fs::remove_file(name);
                }
            }
            Self::Database { server, name } => {
                let mut admin = PgConnection::connect(server).await.expect("the server answers");
                let drop = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
                admin.execute(drop).await.expect("an old database can be dropped");
            }
        }
    }

    /// Whether it is there, whole, from an earlier run that was told to keep it.
    async fn is_kept(&self) -> bool {
        match self {
            Self::File(file) => file.exists(),
            Self::Database { .. } => PgConnection::connect(&self.url()).await.is_ok(),
        }
    }

    async fn make(&self) {
        self.clear().await;
        if let Self::Database { server, name } = self {
            let mut admin = PgConnection::connect(server).await.expect("the server answers");
            let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
            admin.execute(create).await.expect("a new database");
        }
    }

    async fn mib(&self) -> f64 {
        let bytes = match self {
            Self::File(file) => std::fs::metadata(file).map_or(0, |file| file.len()),
            Self::Database { .. } => {
                let mut connection = PgConnection::connect(&self.url()).await.expect("the server answers");
                let size: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
                    .fetch_one(&mut connection)
                    .await
                    .expect("the server knows the size");
                u64::try_from(size).unwrap_or(0)
            }
        };
        bytes as f64 / 1024.0 / 1024.0
    }
}

/// Nobody takes the app away in a bench.
struct Nobody;

#[async_trait]
impl Deauthorized for Nobody {
    async fn deauthorized(&self, _: &str, _: &str, _: Timestamp) -> Result<Option<ClinicId>, StoreError> {
        Ok(None)
    }
}

/// A filled database and what was measured on it.
struct Subject {
    place: Place,
    days: u64,
    filling: Duration,
    clinic: ClinicId,
    attendance: Attendance,
    millis: Vec<f64>,
}

impl Subject {
    async fn fill(place: Place, events: u64) -> Self {
        let begun = Instant::now();
        if !(keeps() && place.is_kept().await) {
            place.make().await;
            fill::fill(&place.url(), events).await;
        }
        let filling = begun.elapsed();
        let store = store::open(&place.url(), Options { migrate: false }).await.expect("it opens once more");
        let attendance = Attendance::new(Arc::clone(&store), Ambient::manual(fill::NOW, 2).0, Nobody);
        Self {
            place,
            days: fill::days(events),
            filling,
            clinic: fill::clinic_id(),
            attendance,
            millis: Vec::new(),
        }
    }

    /// Reads the board once and says how many rows it has, so that the two can be seen to show the same.
    async fn read(&self) -> (usize, usize, usize) {
        let board = self.attendance.board(self.clinic, None).await.expect("the board is read");
        let attendees = board.appointments.iter().flat_map(|row| &row.attendees);
        let present = attendees.filter(|attendee| attendee.presence.is_some()).count();
        (board.appointments.len(), present, board.unmatched.len())
    }

    async fn measure(&mut self) {
        let begun = Instant::now();
        self.read().await;
        self.millis.push(begun.elapsed().as_secs_f64() * 1e3);
    }

    fn percentile(&self, share: f64) -> f64 {
        let mut sorted = self.millis.clone();
        sorted.sort_by(f64::total_cmp);
        let index = (sorted.len() as f64 * share) as usize;
        sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }
}

async fn compare() {
    let (many, times) = (number("BENCH_EVENTS", 5_000_000), number("BENCH_BOARDS", 200));
    println!("medians of {times} boards of {} appointments each, read in turn\n", fill::A_DAY);
    println!(
        "| engine | events | days | filled in s | database MiB | board p50 ms | p95 ms | of the fewer |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for ((engine, few), (_, large)) in Place::all(FEW).into_iter().zip(Place::all(many)) {
        eprintln!("filling {engine}");
        let mut subjects = [Subject::fill(few, FEW).await, Subject::fill(large, many).await];
        let [shown, shown_of_many] = [subjects[0].read().await, subjects[1].read().await];
        assert_eq!(shown, shown_of_many, "both boards show the same day");
        assert_eq!(shown.0, usize::try_from(fill::A_DAY).expect("few"));
        assert!(shown.1 > 250 && shown.2 > 0, "{shown:?}");
        for _ in 0..times {
            for subject in &mut subjects {
                subject.measure().await;
            }
        }
        for (subject, events) in subjects.iter().zip([FEW, many]) {
            println!(
                "| {engine} | {events} | {} | {:.0} | {:.0} | {:.1} | {:.1} | {:.2} |",
                subject.days,
                subject.filling.as_secs_f64(),
                subject.place.mib().await,
                subject.percentile(0.5),
                subject.percentile(0.95),
                subject.percentile(0.5) / subjects[0].percentile(0.5),
            );
        }
        for subject in subjects {
            drop(subject.attendance);
            if !keeps() {
                subject.place.clear().await;
            }
        }
    }
}
