//! People: connections tied together where one person goes on under other ids.
//!
//! Ids change when somebody is let in from the waiting room, is sent back to it, or had waited for the host to
//! start. What ties is, from strong to weak: the registrant, the SDK's key, the signed-in user, the participant's
//! uuid, the telephone number, the name. The last two tie only where nobody else can be meant.

mod departure;
mod fit;
mod tie;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use fit::{Fit, is_long_gone};
use tie::Tie;

use super::{
    super::event::What,
    connection::{Connection, Entry},
    states::{Mark, State, is_in_meeting},
};

/// Who was let in joins within seconds; this long is allowed on a weak tie.
pub(super) const LET_IN_WITHIN: Duration = Duration::from_mins(2);
/// Two arrivals of the same name within this time compete for one who waited.
const COMPETE_WITHIN: Duration = Duration::from_secs(30);
/// Who waited for the host goes on within this time after the start.
const AFTER_THE_START: Duration = Duration::from_mins(2);
/// The new ids of somebody who is sent back are told at once, if at all.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(10);
/// How much later than the first word under new ids the old ids may be heard of.
pub(super) const SKEW: Duration = Duration::from_secs(5);

/// Groups connections by person. The connections are in order of their first event.
pub(super) fn people<'a>(mut connections: Vec<Connection<'a>>) -> Vec<Vec<Connection<'a>>> {
    let mut ties = Ties::new(&connections);
    for tie in Tie::ALL {
        ties.tie(&mut connections, tie);
    }
    ties.bind(&connections);
    for (before, after) in &ties.successor {
        let entry = connections.get(*after).map(|connection| connection.entry);
        if let (Some(connection), Some(entry)) = (connections.get_mut(*before), entry) {
            take_over(connection, entry);
        }
    }
    let mut groups: BTreeMap<usize, Vec<Connection<'a>>> = BTreeMap::new();
    for (index, connection) in connections.into_iter().enumerate() {
        groups.entry(ties.root(index)).or_default().push(connection);
    }
    groups.into_values().collect()
}

/// Ends the connection where its successor begins, instead of wherever it was thought to.
fn take_over(connection: &mut Connection<'_>, entry: Entry<'_>) {
    let at = entry.point.at;
    let let_in = connection
        .marks
        .iter()
        .copied()
        .find(|mark| mark.state == State::LeftWaiting && mark.point.is_recorded() && mark.point.at < at);
    // By the record somebody is sent back who is gone from the meeting in the same moment: then they were gone.
    let was_gone = |mark: &Mark| entry.point.is_recorded() && mark.state == State::Left;
    connection.marks.retain(|mark| mark.point.at <= at && (!mark.state.is_gone() || was_gone(mark)));
    // By the record they had left the waiting room, and by this they were let in.
    if let Some(mark) = let_in.filter(|_| is_in_meeting(entry.what)) {
        connection.marks.push(Mark { state: State::Connecting, ..mark });
    }
    connection.taken_over = Some(entry.point);
}

struct Ties {
    parent: Vec<usize>,
    /// Who goes on as whom.
    successor: BTreeMap<usize, usize>,
    has_predecessor: BTreeSet<usize>,
    /// Those that are nothing but the departure of another: nobody goes on from them.
    departures: BTreeSet<usize>,
    facts: Vec<Facts>,
}

/// What is looked up again and again.
struct Facts {
    values: Vec<BTreeSet<String>>,
    is_host: bool,
}

impl Ties {
    fn new(connections: &[Connection<'_>]) -> Self {
        Self {
            parent: (0..connections.len()).collect(),
            successor: BTreeMap::new(),
            has_predecessor: BTreeSet::new(),
            departures: BTreeSet::new(),
            facts: connections
                .iter()
                .map(|connection| Facts {
                    values: Tie::ALL.into_iter().map(|tie| tie.all_of(connection)).collect(),
                    is_host: connection.is_host(),
                })
                .collect(),
        }
    }

    fn root(&self, index: usize) -> usize {
        let mut index = index;
        while let Some(parent) = self.parent.get(index)
            && *parent != index
        {
            index = *parent;
        }
        index
    }

    /// The earlier one of two stays the root.
    fn union(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        if let Some(parent) = self.parent.get_mut(a.max(b)) {
            *parent = a.min(b);
        }
    }

    fn values(&self, index: usize, tie: Tie) -> Option<&BTreeSet<String>> {
        self.facts.get(index)?.values.get(Tie::ALL.iter().position(|t| *t == tie)?)
    }

    /// Whether Zoom says that these two are different people.
    fn contradict(&self, a: usize, b: usize) -> bool {
        Tie::TELLING.into_iter().any(|tie| match (self.values(a, tie), self.values(b, tie)) {
            (Some(a), Some(b)) => !a.is_empty() && !b.is_empty() && a.is_disjoint(b),
            _ => false,
        })
    }

    fn groups(&self, connections: &[Connection<'_>], tie: Tie) -> BTreeMap<String, Vec<usize>> {
        let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for index in 0..connections.len() {
            for value in self.values(index, tie).into_iter().flatten() {
                groups.entry(value.clone()).or_default().push(index);
            }
        }
        groups
    }

    fn tie(&mut self, connections: &mut [Connection<'_>], tie: Tie) {
        for (value, group) in self.groups(connections, tie) {
            for after in group.iter().copied() {
                let entry = connections.get(after).map(|connection| connection.entry);
                if let Some(entry) = entry.filter(|entry| entry.what == What::LeftWaitingRoom) {
                    self.tie_departure(connections, tie, &value, &group, after, &entry);
                    continue;
                }
                let Some(fit) = self.predecessor(connections, tie, &value, &group, after) else { continue };
                self.union(fit.index, after);
                if fit.takes_over {
                    self.successor.insert(fit.index, after);
                    self.has_predecessor.insert(after);
                }
            }
        }
    }

    fn predecessor(
        &self,
        connections: &[Connection<'_>],
        tie: Tie,
        value: &str,
        group: &[usize],
        after: usize,
    ) -> Option<Fit> {
        if self.has_predecessor.contains(&after) {
            return None;
        }
        let first_at = connections.get(after)?.entry.point.at;
        let fits = |after: usize| {
            group
                .iter()
                .take_while(move |before| **before < after)
                .filter(|before| connections.get(**before).is_some_and(|one| !is_long_gone(one, first_at)))
                .filter(|before| !self.successor.contains_key(before) && !self.departures.contains(before))
                .filter_map(move |before| self.fit(connections, tie, value, *before, after))
        };
        if !tie.is_weak() {
            return fits(after).max_by_key(|fit| (fit.takes_over, fit.admitted, fit.index));
        }
        let mut found: Vec<Fit> = fits(after).collect();
        // Who is gone for some seconds without having arrived anywhere left; then whoever still waits is meant.
        for moments in [SKEW, ANNOUNCED_WITHIN] {
            if found.iter().any(|fit| fit.gone_for <= moments) {
                found.retain(|fit| fit.gone_for <= moments);
            }
        }
        let [fit] = found.as_slice() else { return None };
        let competes = group.iter().copied().any(|other| {
            let is_near = connections
                .get(other)
                .is_some_and(|other| other.entry.point.at.distance(first_at) <= COMPETE_WITHIN);
            is_near
                && other != after
                && other != fit.index
                && !self.has_predecessor.contains(&other)
                && self.fit(connections, tie, value, fit.index, other).is_some()
                && self.fit(connections, tie, value, after, other).is_none()
        });
        (!competes).then_some(*fit)
    }

    /// A telephone leg and the computer that it was tied to are one person.
    fn bind(&mut self, connections: &[Connection<'_>]) {
        for (leg, connection) in connections.iter().enumerate() {
            for event in connection.events.iter().filter(|event| event.what == What::Bound) {
                let Some(bound_to) = event.person.as_ref().and_then(|person| person.bound_to.as_deref())
                else {
                    continue;
                };
                let computer = connections.iter().rposition(|other| {
                    other.entry.point.at <= event.at
                        && other.events.iter().any(|e| {
                            e.instance == event.instance
                                && e.person.as_ref().and_then(|person| person.user_id.as_deref())
                                    == Some(bound_to)
                        })
                });
                if let Some(computer) = computer {
                    self.union(leg, computer);
                }
            }
        }
    }
}
