//! Not too many questions at once. Zoom counts by account, over all of its users and apps.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{Ambient, Timestamp, room::Room};
use tokio::sync::Semaphore;

use super::{NotAnswered, Trouble};

/// Questions to one account at once: with answers in a fifth of a second about half of what a Pro account may ask.
const AT_ONCE: usize = 2;

/// The accounts that were asked so far. Each instance of the program keeps its own.
#[derive(Default)]
pub(super) struct Pace(Mutex<BTreeMap<String, Arc<Account>>>);

struct Account {
    places: Semaphore,
    quiet_until: Mutex<Option<Timestamp>>,
}

impl Pace {
    /// Asks when it is the room's account's turn; not at all while Zoom wants that account to be quiet.
    pub(super) async fn ask<T>(
        &self,
        room: &Room,
        ambient: &Ambient,
        question: impl Future<Output = Result<T, NotAnswered>>,
    ) -> Result<T, NotAnswered> {
        let account = self.account(&room.zoom_account_id);
        let Ok(_place) = account.places.acquire().await else { return Err(Trouble::Unavailable.into()) };
        if let Some(until) = account.quiet_until().filter(|until| *until > ambient.now()) {
            return Err(NotAnswered { trouble: Trouble::RateLimited, until: Some(until) });
        }
        let answer = question.await;
        if let Err(NotAnswered { trouble: Trouble::RateLimited, until: Some(until) }) = &answer {
            account.be_quiet(*until);
        }
        answer
    }

    fn account(&self, id: &str) -> Arc<Account> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Account { places: Semaphore::new(AT_ONCE), quiet_until: Mutex::default() });
        accounts.entry(id.to_owned()).or_insert_with(new).clone()
    }
}

impl Account {
    fn quiet_until(&self) -> Option<Timestamp> {
        *self.quiet_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn be_quiet(&self, until: Timestamp) {
        let mut quiet = self.quiet_until.lock().unwrap_or_else(PoisonError::into_inner);
        *quiet = (*quiet).max(Some(until));
    }
}
