//! Slows down whoever guesses passwords: failures are counted for each account name typed, whether it exists or not,
//! and for each source address. The same for whoever presses Join on a guest link again and again, each time of which may
//! ask Zoom for a registration. In memory: a restart forgets, and instances count apart.

use std::{collections::HashMap, net::IpAddr, sync::Mutex, time::Duration};

use domain::Timestamp;

/// Failures are remembered for so long.
pub const WINDOW: Duration = Duration::from_mins(15);
/// So many failures for one account name, then nothing is tried any more until the first of them is forgotten.
pub const PER_ACCOUNT: usize = 10;
/// So many for one source address: a whole clinic may sit behind one.
pub const PER_ADDRESS: usize = 50;
/// So many names and addresses are remembered at most; the stalest go first.
const MOST_KEYS: usize = 20_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
}

/// So many guests for one room within the window: more than come to the largest family session.
pub const GUESTS_PER_ROOM: usize = 40;
/// So many for one source address.
pub const GUESTS_PER_ADDRESS: usize = 30;

/// So many presses of Join by one link.
pub const PRESSES_PER_LINK: usize = 30;

/// So often a lost link is looked for by the same e-mail address or number.
pub const LOST_PER_TYPED: usize = 5;
/// So often by one source address: patients at home come with one of their own, and telephones share theirs with a town.
pub const LOST_PER_ADDRESS: usize = 20;

/// Counts failures.
#[derive(Debug)]
pub struct Throttle {
    counts: Mutex<HashMap<Key, Vec<Timestamp>>>,
    per_account: usize,
    per_address: usize,
}

impl Default for Throttle {
    /// For passwords.
    fn default() -> Self {
        Self { counts: Mutex::default(), per_account: PER_ACCOUNT, per_address: PER_ADDRESS }
    }
}

impl Throttle {
    /// For guests: the account is the room.
    pub fn of_guests() -> Self {
        Self { per_account: GUESTS_PER_ROOM, per_address: GUESTS_PER_ADDRESS, ..Self::default() }
    }

    /// For presses of Join: the account is the link. Patients share addresses, and none of them presses so often.
    pub fn of_presses() -> Self {
        Self { per_account: PRESSES_PER_LINK, per_address: usize::MAX, ..Self::default() }
    }

    /// For lost links: the account is what was typed, whether anybody is known by it or not.
    pub fn of_lost_links() -> Self {
        Self { per_account: LOST_PER_TYPED, per_address: LOST_PER_ADDRESS, ..Self::default() }
    }

    /// Whether a password may be tried now; else how long to wait. The try is counted as a failure until
    /// [`forgive`](Self::forgive) says otherwise, so that many at once are no way around.
    pub fn admit(&self, account: &str, address: Option<IpAddr>, now: Timestamp) -> Result<(), Duration> {
        let keys = self.keys(account, address);
        let mut failures = self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if failures.len() >= MOST_KEYS {
            drop_stalest(&mut failures, now);
        }
        for (key, most) in &keys {
            if let Some(times) = failures.get_mut(key) {
                times.retain(|&at| now.since(at) < WINDOW);
                if times.len() >= *most {
                    let first = times.first().copied().unwrap_or(now);
                    return Err(first.plus(WINDOW).since(now));
                }
            }
        }
        for (key, _) in keys {
            failures.entry(key).or_default().push(now);
        }
        Ok(())
    }

    /// What is counted for this try. A loopback address is a reverse proxy that we were not told of, or the operator: it
    /// would stand for everybody.
    fn keys(&self, account: &str, address: Option<IpAddr>) -> Vec<(Key, usize)> {
        let address = address.filter(|address| !address.is_loopback());
        std::iter::once((Key::Account(account.to_owned()), self.per_account))
            .chain(address.map(|address| (Key::Address(address), self.per_address)))
            .collect()
    }

    /// The password was right: the account starts anew, and the address gets this try back.
    pub fn forgive(&self, account: &str, address: Option<IpAddr>) {
        let mut failures = self.counts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        failures.remove(&Key::Account(account.to_owned()));
        if let Some(times) = address.and_then(|address| failures.get_mut(&Key::Address(address))) {
            times.pop();
        }
    }
}

fn drop_stalest(failures: &mut HashMap<Key, Vec<Timestamp>>, now: Timestamp) {
    failures.retain(|_, times| times.last().is_some_and(|&at| now.since(at) < WINDOW));
    if failures.len() >= MOST_KEYS {
        let mut last: Vec<Timestamp> = failures.values().filter_map(|times| times.last().copied()).collect();
        last.sort_unstable();
        if let Some(&median) = last.get(last.len() / 2) {
            failures.retain(|_, times| times.last().is_some_and(|&at| at > median));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_795_442_400);

    #[test]
    fn an_account_is_left_alone_after_ten_failures_until_the_first_is_forgotten() {
        let throttle = Throttle::default();
        for _ in 0..PER_ACCOUNT {
            assert_eq!(throttle.admit("a@clinic.example", None, START), Ok(()));
        }
        assert_eq!(throttle.admit("a@clinic.example", None, START), Err(WINDOW));
        assert_eq!(throttle.admit("b@clinic.example", None, START), Ok(()));
        let almost = START.plus(WINDOW).minus(Duration::from_secs(1));
        assert_eq!(throttle.admit("a@clinic.example", None, almost), Err(Duration::from_secs(1)));
        assert_eq!(throttle.admit("a@clinic.example", None, START.plus(WINDOW)), Ok(()));
    }

    #[test]
    fn a_right_password_clears_the_account() {
        let throttle = Throttle::default();
        for _ in 0..PER_ACCOUNT {
            throttle.admit("a@clinic.example", None, START).unwrap();
        }
        throttle.forgive("a@clinic.example", None);
        assert_eq!(throttle.admit("a@clinic.example", None, START), Ok(()));
    }

    #[test]
    fn an_address_that_tries_many_accounts_is_stopped_and_others_are_not() {
        let throttle = Throttle::default();
        let guesser = Some("198.51.100.7".parse().unwrap());
        for n in 0..PER_ADDRESS {
            assert_eq!(throttle.admit(&format!("{n}@clinic.example"), guesser, START), Ok(()));
        }
        assert_eq!(throttle.admit("new@clinic.example", guesser, START), Err(WINDOW));
        let other = Some("198.51.100.8".parse().unwrap());
        assert_eq!(throttle.admit("new@clinic.example", other, START), Ok(()));
    }

    #[test]
    fn guests_are_counted_by_their_own_limits() {
        let throttle = Throttle::of_guests();
        for _ in 0..GUESTS_PER_ROOM {
            assert_eq!(throttle.admit("room", None, START), Ok(()));
        }
        assert_eq!(throttle.admit("room", None, START), Err(WINDOW));
    }

    #[test]
    fn a_flood_of_made_up_accounts_does_not_fill_the_memory() {
        let throttle = Throttle::default();
        for n in 0..MOST_KEYS * 2 {
            let at = START.plus(Duration::from_millis(n as u64));
            throttle.admit(&format!("{n}@made.example"), None, at).unwrap();
        }
        assert!(throttle.counts.lock().unwrap().len() <= MOST_KEYS);
    }
}
