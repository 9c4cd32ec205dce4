//! How fast the guard asks. Zoom's limits of the second hold for a whole account, whose users do other things as well, so
//! the guard keeps to a part of them: in-process, since two instances at work on one account are still within them.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use domain::Timestamp;

use crate::Zoom;

/// What a call costs. Zoom counts light and medium ones apart and allows half as many medium ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Reading or changing one thing.
    Light,
    /// Lists, settings, and making a meeting.
    Medium,
}

impl Weight {
    const fn cost(self) -> u32 {
        match self {
            Self::Light => 1,
            Self::Medium => 2,
        }
    }
}

/// How fast one kind of account may be asked: `burst` at once, and one more whenever `step` has passed.
struct Allowed {
    burst: u32,
    step: Duration,
}

/// Zoom allows a free account 4 light and 2 medium calls a second: never more than 4 units in any second, of which a
/// medium call takes two.
const FREE: Allowed = Allowed { burst: 4, step: Duration::from_millis(1_100) };
/// A paid account may make 30 light and 20 medium ones: never more than 14 units, so that two instances are still within
/// it and other programs of the account have a part.
const PAID: Allowed = Allowed { burst: 10, step: Duration::from_millis(250) };

/// Until when each account's allowance is used up, were its burst nothing. By account, and apart for hosts on the free
/// plan, who may be guests in a paid account or have an account of their own.
#[derive(Default)]
pub(crate) struct Pace {
    used: Mutex<HashMap<(String, bool), Timestamp>>,
    pass: OnceLock<Box<dyn Fn(Duration) + Send + Sync>>,
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pace")
    }
}

impl Pace {
    /// Takes the next turn, and returns how long it is until then.
    pub(crate) fn turn(&self, account: &str, free: bool, weight: Weight, now: Timestamp) -> Duration {
        let Allowed { burst, step } = if free { FREE } else { PAID };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, until| *until > now);
        let until = used.entry((account.to_owned(), free)).or_insert(now);
        *until = until.plus(step * weight.cost());
        until.minus(step * burst).since(now)
    }
}

impl Zoom {
    /// On a driven clock nobody waits for anybody, and calls follow one another without time passing. With this, `pass` is
    /// told instead how long a wait would have been, to move the clock on by it. Once; for tests.
    pub fn pass_time_by(&self, pass: impl Fn(Duration) + Send + Sync + 'static) {
        let _ = self.0.guard.pace.pass.set(Box::new(pass));
    }

    /// Waits for the account's next turn.
    pub(super) async fn wait_for_turn(&self, account: &str, free: bool, weight: Weight) {
        let pace = &self.0.guard.pace;
        let pass = pace.pass.get();
        if self.0.ambient.clock_is_driven() && pass.is_none() {
            return;
        }
        let wait = pace.turn(account, free, weight, self.0.ambient.now());
        match pass {
            _ if wait.is_zero() => {}
            Some(pass) => pass(wait),
            None => tokio::time::sleep(wait / self.0.ambient.clock_rate().max(1)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When calls of that weight may begin that are all wanted at once.
    fn times(free: bool, weight: Weight, calls: usize) -> Vec<Duration> {
        let pace = Pace::default();
        (0..calls).map(|_| pace.turn("account", free, weight, Timestamp::from_seconds(0))).collect()
    }

    /// The most that fall into any second.
    fn most_in_a_second(times: &[Duration]) -> usize {
        let second = Duration::from_secs(1);
        let within = |from: Duration| times.iter().filter(|at| **at >= from && **at < from + second).count();
        times.iter().map(|from| within(*from)).max().unwrap_or_default()
    }

    #[test]
    fn a_free_account_is_never_asked_more_than_zoom_allows_it_in_any_second() {
        assert_eq!(most_in_a_second(&times(true, Weight::Light, 40)), 4);
        assert_eq!(most_in_a_second(&times(true, Weight::Medium, 40)), 2);
    }

    #[test]
    fn a_paid_account_is_asked_less_than_half_of_what_zoom_allows_it() {
        assert!(most_in_a_second(&times(false, Weight::Light, 200)) < 15);
        assert!(most_in_a_second(&times(false, Weight::Medium, 200)) < 10);
    }

    #[test]
    fn one_look_is_not_held_up_and_accounts_do_not_wait_for_each_other() {
        let (pace, now) = (Pace::default(), Timestamp::from_seconds(0));
        for weight in [Weight::Light, Weight::Medium, Weight::Medium, Weight::Light] {
            assert_eq!(pace.turn("one", false, weight, now), Duration::ZERO);
        }
        for _ in 0..20 {
            pace.turn("one", false, Weight::Medium, now);
        }
        assert!(pace.turn("one", false, Weight::Light, now) > Duration::ZERO);
        assert_eq!(pace.turn("two", false, Weight::Light, now), Duration::ZERO);
        let later = now.plus(Duration::from_mins(1));
        assert_eq!(pace.turn("one", false, Weight::Light, later), Duration::ZERO);
    }
}
