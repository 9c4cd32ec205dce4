//! Databases for tests: a fresh one of each engine, empty and migrated, gone when its guard is dropped.
//!
//! `PostgreSQL` is a throwaway cluster, started once for each process of tests and stopped when that ends, or the
//! server that `ANTEROOM_TEST_POSTGRES_URL` names, whose user must be allowed to create databases. Where neither is to
//! be had the test fails: one that is skipped without a word proves nothing.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that has no database must fail, and say why")]

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use domain::Ambient;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;
use url::Url;

use crate::{Options, Store, open};

/// Names a server that already runs.
const VARIABLE: &str = "ANTEROOM_TEST_POSTGRES_URL";

/// A database, and a store opened on it.
pub struct Engine {
    /// `sqlite` or `postgres`.
    pub name: &'static str,
    /// Its address, for [`open()`] or for a program's settings.
    pub url: String,
    /// An open store.
    pub store: Arc<dyn Store>,
    kept: Kept,
}

enum Kept {
    Folder { _folder: TempDir },
    Database { name: String },
}

impl Engine {
    /// Opens the same database once more, as another instance of the program would.
    pub async fn another_instance(&self) -> Arc<dyn Store> {
        open(&self.url, Options::default()).await.expect("the database opens once more")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The cluster that the tests started goes away as a whole.
        let Kept::Database { name } = &self.kept else { return };
        if let Server::Given(url) = server() {
            let (url, sql) = (url.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            // A drop cannot wait, and the runtime of the test may be about to end.
            let dropped = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(async {
                    let mut admin =
                        PgConnection::connect(url.as_str()).await.map_err(std::io::Error::other)?;
                    admin.execute(AssertSqlSafe(sql)).await.map_err(std::io::Error::other)
                })
            });
            drop(dropped.join());
        }
    }
}

/// An empty database of each engine.
pub async fn engines() -> Vec<Engine> {
    vec![sqlite().await, postgres().await]
}

/// An empty database in a file of its own.
pub async fn sqlite() -> Engine {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite://{}", folder.path().join("anteroom.db").display());
    let store = open(&url, Options::default()).await.expect("a new file opens");
    Engine { name: "sqlite", url, store, kept: Kept::Folder { _folder: folder } }
}

/// An empty database on a server.
pub async fn postgres() -> Engine {
    let (url, name) = empty_postgres().await;
    let store = open(&url, Options::default()).await.expect("a new database opens");
    Engine { name: "postgres", url, store, kept: Kept::Database { name } }
}

/// The address and the name of a new database without a schema.
async fn empty_postgres() -> (String, String) {
    let server = tokio::task::spawn_blocking(server).await.expect("starting a server does not panic");
    let name = format!("anteroom_test_{}", Ambient::system().nonce().simple());
    let mut admin = PgConnection::connect(server.url().as_str()).await.expect("the server answers");
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.expect("a new database");
    admin.close().await.expect("the connection closes");
    let mut url = server.url().clone();
    url.set_path(&name);
    (url.into(), name)
}

/// Every text of SQL that a unit of work in this process has run so far, of either engine.
pub fn statements() -> BTreeSet<String> {
    noted().clone()
}

/// Notes that a statement runs.
pub(crate) fn note_statement(sql: &str) {
    noted().insert(sql.to_owned());
}

fn noted() -> MutexGuard<'static, BTreeSet<String>> {
    static NOTED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    NOTED.lock().unwrap_or_else(PoisonError::into_inner)
}

enum Server {
    Given(Url),
    /// The cluster stops when the pipe to it is closed, however this process ends.
    Started {
        url: Url,
        _cluster: Child,
    },
}

impl Server {
    fn url(&self) -> &Url {
        match self {
            Self::Given(url) | Self::Started { url, .. } => url,
        }
    }
}

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match std::env::var(VARIABLE) {
        Ok(url) => Server::Given(url.parse().unwrap_or_else(|_| panic!("{VARIABLE} is no address"))),
        Err(_) => start(),
    })
}

/// Makes a cluster that listens on a socket in its own folder, says where that is, and cleans up once its input ends.
/// Interrupting the tests from the keyboard must not keep it from that.
const CLUSTER: &str = r#"
set -eu
trap '' INT TERM HUP
folder=$(mktemp -d /tmp/anteroom-postgres-XXXXXX)
trap 'rm -rf "$folder"' EXIT
"$0/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$folder/log" 2>&1 &&
"$0/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-k $folder -h '' -c max_connections=400" start >/dev/null || {
    cat "$folder/log" >&2
    exit 1
}
echo "$folder"
cat >/dev/null
"$0/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null
"#;

fn start() -> Server {
    let programs = programs();
    let is_root =
        Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let mut command = if is_root {
        // The server refuses to run as root.
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let mut child = command
        .args(["-c", CLUSTER])
        .arg(&programs)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("no throwaway PostgreSQL: {error}; or set {VARIABLE}"));
    let mut folder = String::new();
    let output = child.stdout.take().expect("it was asked for");
    BufReader::new(output).read_line(&mut folder).expect("what the cluster says can be read");
    if folder.is_empty() {
        let mut why = String::new();
        let _ = child.stderr.take().map(|mut errors| errors.read_to_string(&mut why));
        panic!("no throwaway PostgreSQL from {}: {why}; or set {VARIABLE}", programs.display());
    }
    let url =
        format!("postgres://postgres@localhost:5432/postgres?host={}&sslmode=disable", folder.trim_end());
    Server::Started { url: url.parse().expect("the folder's name is plain"), _cluster: child }
}

/// The folder of `initdb` and `pg_ctl`: the newest of Debian's, or one in the search path.
fn programs() -> PathBuf {
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .unwrap_or_else(|| {
            panic!("no PostgreSQL here: install Debian's package postgresql, or set {VARIABLE} to a server's address")
        })
}
