//! What was asked of the OAuth and REST sides: the last calls one by one, all of them by number, and each one that went
//! beyond a limit. Not part of the saved state.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::rest::Caller;
use crate::rest::routes::{Route, Weight};
use crate::world::Turn;

/// Breaches of limits that are kept one by one.
const BREACHES: usize = 10_000;

/// One call of the program under test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallSeen {
    /// When it was answered, microseconds UTC.
    pub at: i64,
    /// Whose token it carried; empty where that cannot be told.
    pub user_id: String,
    /// The account of that user; empty likewise.
    pub account_id: String,
    /// The method.
    pub method: &'static str,
    /// The path, with `{user}` and `{id}` in place of what was named.
    pub route: &'static str,
    /// How it counts.
    pub weight: Weight,
    /// What was answered; 0 where a fault cut the connection before the act.
    pub status: u16,
}

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Calls of one label in a second, by account. Says nothing on a driven clock that stands still between calls.
    Second,
    /// The same in a minute: resource-intensive calls.
    Minute,
    /// Calls of one label in a UTC day, by account.
    Day,
    /// Meetings made and changed in a UTC day, by host.
    HostWrites,
    /// Registrations in a UTC day, by meeting and e-mail address.
    Registrations,
}

/// A call beyond a limit, whether it was refused for it or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitBroken {
    /// When, microseconds UTC.
    pub at: i64,
    /// Whose token it carried.
    pub user_id: String,
    /// The account of that user.
    pub account_id: String,
    /// The method.
    pub method: &'static str,
    /// The path, as in [`CallSeen`].
    pub route: &'static str,
    /// Which limit.
    pub limit: LimitKind,
    /// How many it allows.
    pub allowed: u32,
    /// The how-manieth this one was.
    pub count: u32,
}

/// How often a call was answered in one way since the start of the simulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallTotal {
    /// The method.
    pub method: &'static str,
    /// The path, as in [`CallSeen`].
    pub route: &'static str,
    /// What was answered.
    pub status: u16,
    /// How often.
    pub count: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    calls: VecDeque<CallSeen>,
    totals: BTreeMap<(&'static str, &'static str, u16), u64>,
    broken: Vec<LimitBroken>,
}

impl Ledger {
    pub(crate) fn calls(&self) -> Vec<CallSeen> {
        self.calls.iter().cloned().collect()
    }

    pub(crate) fn totals(&self) -> Vec<CallTotal> {
        let total = |(&(route, method, status), &count)| CallTotal { method, route, status, count };
        self.totals.iter().map(total).collect()
    }

    pub(crate) fn broken(&self) -> Vec<LimitBroken> {
        self.broken.clone()
    }
}

impl Turn<'_> {
    /// The label of a call: the knob's, else its own.
    pub(crate) fn weight(&self, route: &Route) -> Weight {
        let knobs = &self.state.knobs.weights;
        if knobs.is_empty() {
            route.weight
        } else {
            knobs.get(&route.name()).copied().unwrap_or(route.weight)
        }
    }

    pub(crate) fn note_call(&mut self, route: &'static Route, who: Option<(String, String)>, status: u16) {
        let weight = self.weight(route);
        let (user_id, account_id) = who.unwrap_or_default();
        let Route { method, path, .. } = *route;
        let ledger = &mut self.state.ledger;
        *ledger.totals.entry((path, method, status)).or_default() += 1;
        ledger.calls.push_back(CallSeen {
            at: self.now,
            user_id,
            account_id,
            method,
            route: path,
            weight,
            status,
        });
        while ledger.calls.len() > self.state.knobs.calls_kept {
            ledger.calls.pop_front();
        }
    }

    pub(crate) fn note_breach(
        &mut self,
        route: &Route,
        caller: &Caller,
        limit: LimitKind,
        allowed: u32,
        count: u32,
    ) {
        if self.state.ledger.broken.len() < BREACHES {
            self.state.ledger.broken.push(LimitBroken {
                at: self.now,
                user_id: caller.user_id.clone(),
                account_id: caller.account_id.clone(),
                method: route.method,
                route: route.path,
                limit,
                allowed,
                count,
            });
        }
    }
}
