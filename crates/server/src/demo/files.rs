//! What the demo keeps between two starts: its secrets, its clock's reading, its days. All under one folder, readable
//! by its owner only.

use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use domain::{Ambient, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use vault::Token;

use super::day::Day;

/// The demo's folder.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    /// Held as long as the demo runs: two of them in one folder would take the database from under each other.
    _lock: fs::File,
}

/// Made at the first start.
#[derive(Serialize, Deserialize)]
pub struct Secrets {
    /// For the key ring.
    pub keys: String,
    /// The simulated app's.
    pub client_secret: String,
    /// The simulated app's secret token.
    pub webhook_secret: String,
    /// For the simulated Zoom's dice.
    pub seed: u64,
}

/// Written again and again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The clock's reading, a little ahead: it must not go back at the next start, however this run ends.
    pub clock: Timestamp,
    /// The clinic's time zone.
    pub zone: String,
    /// The days that were written into the book.
    pub days: Vec<Day>,
}

impl Files {
    /// The folder, made if it is missing; emptied first where a fresh start is asked for.
    pub fn open(folder: &Path, fresh: bool) -> Result<Self> {
        let lock = lock(folder)?;
        if fresh {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("{} cannot be removed", folder.display()));
                }
                _ => {}
            }
        }
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
        Ok(Self { folder: folder.to_owned(), _lock: lock })
    }

    /// The database's address.
    pub fn database_url(&self) -> String {
        format!("sqlite://{}", self.folder.join("anteroom.db").display())
    }

    /// Where the simulated Zoom keeps its state.
    pub fn simulator(&self) -> PathBuf {
        self.folder.join("zoom.json")
    }

    /// The secrets, made at the first call.
    pub fn secrets(&self) -> Result<Secrets> {
        if let Some(secrets) = self.read("secrets.json")? {
            return Ok(secrets);
        }
        let ambient = Ambient::system();
        let random = || Token::from_random(ambient.bytes()).text().expose().to_owned();
        let secrets = Secrets {
            // The key ring takes the other alphabet of base64.
            keys: format!("demo:{}", random().replace('-', "+").replace('_', "/")),
            client_secret: random(),
            webhook_secret: random(),
            seed: u64::from_le_bytes(ambient.bytes()),
        };
        self.write("secrets.json", &secrets)?;
        Ok(secrets)
    }

    /// What was kept last; none at the first start.
    pub fn kept(&self) -> Result<Option<Kept>> {
        self.read("demo.json")
    }

    /// Keeps it.
    pub fn keep(&self, kept: &Kept) -> Result<()> {
        self.write("demo.json", kept)
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let path = self.folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => {
                let read = serde_json::from_slice(&bytes);
                read.map(Some).with_context(|| {
                    format!("{} cannot be understood; `anteroom demo --fresh` starts over", path.display())
                })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    /// Writes beside and renames, so that a crash leaves the old or the new, never half of one.
    fn write(&self, name: &str, value: &impl Serialize) -> Result<()> {
        let path = self.folder.join(name);
        let beside = path.with_extension("new");
        let written = || -> std::io::Result<()> {
            let mut file =
                fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
            file.write_all(&serde_json::to_vec_pretty(value)?)?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        };
        written().with_context(|| format!("{} cannot be written", path.display()))
    }
}

/// Takes the lock beside the folder, so that a fresh start does not take it away.
fn lock(folder: &Path) -> Result<fs::File> {
    let path = folder.with_extension("lock");
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    }
    let lock = fs::File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => bail!("another demo runs in {} already", folder.display()),
        Err(fs::TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_are_made_once_and_readable_by_their_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::open(&folder.path().join("demo"), false).unwrap();
        let first = files.secrets().unwrap();
        assert!(vault::KeyRing::parse(&first.keys).is_ok());
        assert_eq!(files.secrets().unwrap().keys, first.keys);
        let mode = fs::metadata(folder.path().join("demo/secrets.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_fresh_start_forgets() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("demo");
        let keys = Files::open(&folder, false).unwrap().secrets().unwrap().keys;
        assert_ne!(Files::open(&folder, true).unwrap().secrets().unwrap().keys, keys);
    }

    #[test]
    fn two_demos_do_not_share_a_folder_and_a_fresh_one_does_not_take_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("demo");
        let running = Files::open(&folder, false).unwrap();
        let keys = running.secrets().unwrap().keys;
        assert!(Files::open(&folder, true).unwrap_err().to_string().contains("another demo"));
        assert_eq!(running.secrets().unwrap().keys, keys);
    }
}
