//! People: connections tied together where one person goes on under other ids.
//!
//! Ids change when somebody is let in from the waiting room, is sent back to it, or had waited for the host to
//! start. What ties is, from strong to weak: the registrant, the SDK's key, the signed-in user, the participant's
//! uuid, the telephone number, the name. The last two tie only where nobody else can be meant.

mod departure;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    super::{
        event::{Person, RoomEvent, What},
        names,
    },
    connection::{AROUND_ADMISSION, Connection, Mark, State},
    meeting::Point,
};
use crate::time::Timestamp;

/// Who was let in joins within seconds; this long is allowed on a weak tie.
const LET_IN_WITHIN: Duration = Duration::from_mins(2);
/// Two arrivals of the same name within this time compete for one who waited.
const COMPETE_WITHIN: Duration = Duration::from_secs(30);
/// Who waited for the host goes on within this time after the start.
const AFTER_THE_START: Duration = Duration::from_mins(2);
/// The new ids of somebody who is sent back are told at once, if at all.
const ANNOUNCED_WITHIN: Duration = Duration::from_secs(10);
/// How much later than the first word under new ids the old ids may be heard of.
const SKEW: Duration = Duration::from_secs(5);

/// What ties, from strong to weak.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tie {
    Registrant,
    CustomerKey,
    ZoomUser,
    Uuid,
    Phone,
    Name,
}

impl Tie {
    const ALL: [Self; 6] =
        [Self::Registrant, Self::CustomerKey, Self::ZoomUser, Self::Uuid, Self::Phone, Self::Name];

    const fn is_weak(self) -> bool {
        matches!(self, Self::Phone | Self::Name)
    }

    fn of(self, person: &Person) -> Option<String> {
        match self {
            Self::Registrant => person.registrant_id.clone(),
            Self::CustomerKey => person.customer_key.clone(),
            Self::ZoomUser => person.zoom_user_id.clone(),
            Self::Uuid => person.participant_uuid.clone(),
            Self::Phone => person.phone.clone(),
            Self::Name => Some(person.name.as_deref().map(names::key).unwrap_or_default()),
        }
    }

    fn all_of(self, connection: &Connection<'_>) -> BTreeSet<String> {
        let mut values: BTreeSet<String> = connection.people().filter_map(|person| self.of(person)).collect();
        // A name that came or went within the connection does not make it nameless.
        if self == Self::Name && values.len() > 1 {
            values.remove("");
        }
        if self == Self::Name && values.is_empty() {
            values.insert(String::new());
        }
        values
    }
}

/// Groups connections by person. The connections are in order of their first event.
pub(super) fn people<'a>(mut connections: Vec<Connection<'a>>) -> Vec<Vec<Connection<'a>>> {
    let mut ties = Ties::new(&connections);
    for tie in Tie::ALL {
        ties.tie(&mut connections, tie);
    }
    ties.bind(&connections);
    for (before, after) in &ties.successor {
        let point = connections.get(*after).and_then(Connection::first).map(Point::of);
        if let (Some(connection), Some(point)) = (connections.get_mut(*before), point) {
            take_over(connection, point);
        }
    }
    let mut groups: BTreeMap<usize, Vec<Connection<'a>>> = BTreeMap::new();
    for (index, connection) in connections.into_iter().enumerate() {
        groups.entry(ties.root(index)).or_default().push(connection);
    }
    groups.into_values().collect()
}

/// Ends the connection where its successor begins, instead of wherever it was thought to.
fn take_over(connection: &mut Connection<'_>, point: Point) {
    connection.marks.retain(|mark| mark.point.at <= point.at && !mark.state.is_gone());
    connection.taken_over = Some(point);
}

struct Ties {
    parent: Vec<usize>,
    /// Who goes on as whom.
    successor: BTreeMap<usize, usize>,
    has_predecessor: BTreeSet<usize>,
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
            facts: connections
                .iter()
                .map(|connection| Facts {
                    values: Tie::ALL.into_iter().map(|tie| tie.all_of(connection)).collect(),
                    is_host: connection.people().any(|person| person.is_host),
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
        [Tie::Registrant, Tie::CustomerKey, Tie::ZoomUser, Tie::Phone].into_iter().any(|tie| {
            match (self.values(a, tie), self.values(b, tie)) {
                (Some(a), Some(b)) => !a.is_empty() && !b.is_empty() && a.is_disjoint(b),
                _ => false,
            }
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
                let entry = connections.get(after).and_then(Connection::first);
                if let Some(entry) = entry.filter(|entry| entry.what == What::LeftWaitingRoom) {
                    self.tie_departure(connections, tie, &value, &group, after, entry);
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
        let fits = |after: usize| {
            group
                .iter()
                .take_while(move |before| **before < after)
                .filter(|before| !self.successor.contains_key(before))
                .filter_map(move |before| self.fit(connections, tie, value, *before, after))
        };
        if !tie.is_weak() {
            return fits(after).max_by_key(|fit| (fit.takes_over, fit.admitted, fit.index));
        }
        let first_at = connections.get(after)?.first()?.at;
        let mut found: Vec<Fit> = fits(after).collect();
        // Who is gone for some seconds without having arrived anywhere left; then whoever still waits is meant.
        if found.iter().any(|fit| fit.gone_for <= SKEW) {
            found.retain(|fit| fit.gone_for <= SKEW);
        }
        let [fit] = found.as_slice() else { return None };
        let competes = group.iter().copied().any(|other| {
            other != after
                && other != fit.index
                && !self.has_predecessor.contains(&other)
                && connections
                    .get(other)
                    .and_then(Connection::first)
                    .is_some_and(|first| first.at.distance(first_at) <= COMPETE_WITHIN)
                && self.fit(connections, tie, value, fit.index, other).is_some()
                && self.fit(connections, tie, value, after, other).is_none()
        });
        (!competes).then_some(*fit)
    }

    /// Whether `before` may go on as `after`.
    fn fit(
        &self,
        connections: &[Connection<'_>],
        tie: Tie,
        value: &str,
        before: usize,
        after: usize,
    ) -> Option<Fit> {
        if before >= after || self.contradict(before, after) {
            return None;
        }
        let index = before;
        let (before_facts, after_facts) = (self.facts.get(before)?, self.facts.get(after)?);
        let (before, after) = (connections.get(before)?, connections.get(after)?);
        let entry = after.first()?;
        let state = whereabouts(before, entry)?;
        let gone_for = before
            .state_at(entry.at)
            .filter(|mark| mark.state.is_gone())
            .map_or(Duration::ZERO, |mark| entry.at.since(mark.point.at));
        // The same participant is in the meeting under another id, as after a breakout room.
        if tie == Tie::Uuid && state == State::InSession && is_in_meeting(entry.what) {
            return Some(Fit { index, gone_for, takes_over: false, admitted: false });
        }
        if tie.is_weak() && before_facts.is_host != after_facts.is_host {
            return None;
        }
        let admitted = before.admitted_at().filter(|at| *at <= entry.at);
        if tie.is_weak()
            && is_in_meeting(entry.what)
            && entry.what != What::Left
            && admitted.is_some_and(|at| entry.at.since(at) > LET_IN_WITHIN)
        {
            return None;
        }
        let fits = match entry.what {
            What::Joined => state.is_waiting() || state == State::Connecting,
            What::Admitted => state.is_waiting(),
            What::JoinedWaitingRoom => match state {
                State::AwaitsHost => true,
                State::PutBack => {
                    was_put_back_at(before, entry).is_some_and(|at| at.distance(entry.at) <= ANNOUNCED_WITHIN)
                }
                _ => false,
            },
            What::PutInWaitingRoom => state == State::InSession,
            // "Joined" was lost. On a weak tie only for somebody who had been let in.
            What::Left
            | What::RoleChanged
            | What::Bound
            | What::JoinedBreakoutRoom
            | What::LeftBreakoutRoom
            | What::LeftForBreakoutRoom => {
                state == State::Connecting || (!tie.is_weak() && state.is_waiting())
            }
            What::MeetingStarted
            | What::MeetingEnded
            | What::WaitingForHost
            | What::StoppedWaitingForHost
            | What::LeftWaitingRoom => false,
        };
        // Without a name, only an admission ties at all.
        let tied =
            tie != Tie::Name || !value.is_empty() || admitted.is_some() || entry.what == What::Admitted;
        (fits && tied).then_some(Fit { index, gone_for, takes_over: true, admitted: admitted.is_some() })
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
                    other.first().is_some_and(|first| first.at <= event.at)
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

#[derive(Clone, Copy)]
struct Fit {
    index: usize,
    /// How long the old ids had been gone.
    gone_for: Duration,
    /// False where both go on side by side.
    takes_over: bool,
    admitted: bool,
}

const fn is_in_meeting(what: What) -> bool {
    matches!(
        what,
        What::Joined
            | What::Left
            | What::RoleChanged
            | What::Bound
            | What::JoinedBreakoutRoom
            | What::LeftBreakoutRoom
            | What::LeftForBreakoutRoom
    )
}

fn was_put_back_at(before: &Connection<'_>, entry: &RoomEvent) -> Option<Timestamp> {
    let put_back = |mark: &&Mark| mark.state == State::PutBack;
    before
        .marks
        .iter()
        .rfind(|mark| put_back(mark) && mark.point.at <= entry.at.plus(SKEW))
        .map(|mark| mark.point.at)
}

/// Where `before` was when `entry` was said under other ids; none once it is too long gone.
fn whereabouts(before: &Connection<'_>, entry: &RoomEvent) -> Option<State> {
    let at = if entry.what == What::JoinedWaitingRoom { entry.at.plus(SKEW) } else { entry.at };
    let mark = before.state_at(at)?;
    let was = || before.marks.iter().rev().find(|m| m.point.at <= at && !m.state.is_gone()).map(|m| m.state);
    let gone_for = entry.at.since(mark.point.at);
    match mark.state {
        State::LeftWaiting => was().filter(|_| gone_for <= AROUND_ADMISSION),
        State::HostCame => was().filter(|_| gone_for <= AFTER_THE_START),
        // "Left" may be said of the meeting when somebody is sent back to the waiting room.
        State::Left if entry.what == What::PutInWaitingRoom => was().filter(|_| gone_for <= AROUND_ADMISSION),
        State::Left | State::Over => (mark.point.at >= entry.at).then(was).flatten(),
        // A telephone leg counts as in the meeting once it is let in; it may yet go on under other ids.
        State::InSession if !before.events.iter().any(|event| is_in_meeting(event.what)) => {
            Some(State::Connecting)
        }
        state => Some(state),
    }
}
