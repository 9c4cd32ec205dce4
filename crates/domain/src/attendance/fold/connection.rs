//! Connections: what happened under one id in one meeting, and what state it was in when.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        event::{Person, RoomEvent, What},
        names,
        record::RecordedStay,
        stay::StayKind,
    },
    link::SKEW,
    meeting::{Meetings, Point},
    states::{Mark, State, close, is_arrival, is_in_meeting, marks, waits, walk},
};
use crate::{
    id::{DeliveryId, PresenceId},
    time::Timestamp,
};

/// One connection, from arriving to leaving.
#[derive(Clone, Debug)]
pub(super) struct Connection<'a> {
    /// What was said of it, in order; empty where only the record tells of it.
    pub events: Vec<&'a RoomEvent>,
    /// The rows of Zoom's record that are about it.
    pub rows: Vec<&'a RecordedStay>,
    /// Its changes of state, in order; never empty.
    pub marks: Vec<Mark>,
    /// What was the first of it.
    pub entry: Entry<'a>,
    /// When a successor with other ids took over.
    pub taken_over: Option<Point>,
}

/// The first that is known of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub what: What,
    pub point: Point,
    pub instance: Option<&'a str>,
}

impl<'a> Connection<'a> {
    /// What the events say; none where there are none.
    fn told(events: Vec<&'a RoomEvent>, meetings: &Meetings<'_>) -> Option<Self> {
        let first = *events.first()?;
        let mut marks = marks(&events);
        close(&events, &mut marks, meetings);
        let entry = Entry { what: first.what, point: Point::of(first), instance: first.instance.as_deref() };
        Some(Self { events, rows: Vec::new(), marks, entry, taken_over: None })
    }

    /// Somebody of whom only this row tells.
    pub(super) fn recorded(row: &'a RecordedStay) -> Self {
        let (what, state, gone) = match row.kind {
            StayKind::Waiting => (What::JoinedWaitingRoom, State::Waiting, State::LeftWaiting),
            StayKind::Connecting | StayKind::InSession => (What::Joined, State::InSession, State::Left),
        };
        let (from, to) = (Point::of_row(row, row.from), Point::of_row(row, row.to.max(row.from)));
        Self {
            events: Vec::new(),
            rows: vec![row],
            marks: vec![Mark { point: from, state }, Mark { point: to, state: gone }],
            entry: Entry { what, point: from, instance: Some(&row.instance) },
            taken_over: None,
        }
    }

    /// Whether only the record tells of it.
    pub(super) fn is_recorded(&self) -> bool {
        self.events.is_empty()
    }

    /// Everything that Zoom's events said of who it is.
    pub(super) fn people(&self) -> impl Iterator<Item = &'a Person> {
        self.events.iter().filter_map(|event| event.person.as_ref())
    }

    /// Whether Zoom says that it is the meeting's owner.
    pub(super) fn is_host(&self) -> bool {
        self.people().any(|person| person.is_host) || self.rows.iter().any(|row| row.is_host)
    }

    /// The state at that time; marks at the very time count.
    pub(super) fn state_at(&self, at: Timestamp) -> Option<Mark> {
        self.marks.iter().take_while(|mark| mark.point.at <= at).last().copied()
    }

    /// When it was admitted under its own ids, by then; not the admission before it was sent back.
    pub(super) fn admitted_before(&self, at: Timestamp) -> Option<Timestamp> {
        let heard = self.events.iter().rev().skip_while(|event| event.at > at);
        heard
            .take_while(|event| !waits(event.what))
            .find(|event| event.what == What::Admitted)
            .map(|event| event.at)
    }

    /// Whether the last that was said of it, up to that time, is about a breakout room: it goes on, maybe under other
    /// ids.
    pub(super) fn is_at_breakouts(&self, until: Timestamp) -> bool {
        self.events
            .iter()
            .take_while(|event| event.at <= until)
            .filter(|event| is_in_meeting(event.what))
            .last()
            .is_some_and(|event| {
                matches!(
                    event.what,
                    What::JoinedBreakoutRoom | What::LeftBreakoutRoom | What::LeftForBreakoutRoom
                )
            })
    }
}

/// In order of what was the first of each; of what says the same, the first delivery is first. Who is sent back is told of
/// under the old ids, though maybe after the first word under the new ones.
pub(super) fn sort(connections: &mut [Connection<'_>]) {
    fn key<'c>(
        connection: &'c Connection<'_>,
    ) -> (Timestamp, What, Option<&'c str>, Option<&'c Person>, Option<PresenceId>, DeliveryId) {
        let Entry { what, point, instance } = connection.entry;
        let row = connection.rows.first().filter(|_| connection.is_recorded()).map(|row| row.row);
        let person = connection.events.first().and_then(|event| event.person.as_ref());
        let at = if what == What::PutInWaitingRoom { point.at.minus(SKEW) } else { point.at };
        (at, what, instance, person, row, point.delivery)
    }
    connections.sort_by(|a, b| key(a).cmp(&key(b)));
}

/// What names a connection. User ids start again in each meeting, so they name nothing without it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    User(Option<&'a str>, &'a str),
    Uuid(&'a str),
    /// No connection id at all: whatever there is, in the end the name.
    Described(Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>, String),
}

/// All connections that events tell of, by their first event.
pub(super) fn connections<'a>(events: &[&'a RoomEvent], meetings: &Meetings<'_>) -> Vec<Connection<'a>> {
    static NOBODY: Person = Person {
        user_id: None,
        participant_uuid: None,
        zoom_user_id: None,
        registrant_id: None,
        customer_key: None,
        name: None,
        phone: None,
        public_ip: None,
        is_host: false,
        bound_to: None,
    };
    let about_people: Vec<(&RoomEvent, &Person)> = events
        .iter()
        .filter(|event| !matches!(event.what, What::MeetingStarted | What::MeetingEnded | What::RecordedEnd))
        .map(|event| (*event, event.person.as_ref().unwrap_or(&NOBODY)))
        .collect();
    let mut users_of_uuid: BTreeMap<&str, BTreeSet<Key<'_>>> = BTreeMap::new();
    for (event, person) in &about_people {
        if let (Some(uuid), Some(user)) = (&person.participant_uuid, &person.user_id) {
            users_of_uuid.entry(uuid).or_default().insert(Key::User(event.instance.as_deref(), user));
        }
    }
    let mut by_key: BTreeMap<Key<'_>, Vec<&RoomEvent>> = BTreeMap::new();
    for (event, person) in about_people {
        let key = match (&person.user_id, &person.participant_uuid) {
            (Some(user), _) => Key::User(event.instance.as_deref(), user),
            (None, Some(uuid)) => match users_of_uuid.get(uuid.as_str()) {
                Some(users) if users.len() == 1 => users.first().cloned().unwrap_or(Key::Uuid(uuid)),
                _ => Key::Uuid(uuid),
            },
            (None, None) => Key::Described(
                person.registrant_id.as_deref(),
                person.customer_key.as_deref(),
                person.zoom_user_id.as_deref(),
                person.phone.as_deref(),
                person.name.as_deref().map(names::key).unwrap_or_default(),
            ),
        };
        by_key.entry(key).or_default().push(event);
    }
    let mut connections: Vec<Connection<'_>> = by_key
        .into_iter()
        .flat_map(|(key, events)| match key {
            Key::Described(..) => split_described(events, meetings),
            Key::User(..) | Key::Uuid(_) => split(&events, meetings),
        })
        .filter_map(|events| Connection::told(events, meetings))
        .collect();
    sort(&mut connections);
    connections
}

/// Where an id is used again after its bearer left, a new connection begins.
fn split<'a>(events: &[&'a RoomEvent], meetings: &Meetings<'_>) -> Vec<Vec<&'a RoomEvent>> {
    let mut runs: Vec<Vec<&RoomEvent>> = Vec::new();
    let mut rest = events;
    while let Some((event, after)) = rest.split_first() {
        let begins = match runs.last() {
            None => true,
            Some(run) if is_arrival(event.what) => {
                // What comes later decides whether a "left" was one, so the run is judged together with it.
                let with_rest: Vec<&RoomEvent> = run.iter().chain(rest).copied().collect();
                let left = marks_of_prefix(&with_rest, run.len());
                let waits_anew = matches!(event.what, What::WaitingForHost | What::JoinedWaitingRoom);
                let last_at = run.last().map_or(event.at, |last| last.at);
                left || waits_anew && meetings.known_end_after(last_at).is_some_and(|end| end.at < event.at)
            }
            Some(_) => false,
        };
        if begins {
            runs.push(vec![event]);
        } else if let Some(run) = runs.last_mut() {
            run.push(event);
        }
        rest = after;
    }
    runs
}

/// Whether the connection was gone after the first `count` of the events, in view of all of them.
fn marks_of_prefix(events: &[&RoomEvent], count: usize) -> bool {
    let boundary = events.get(count.saturating_sub(1)).map(|event| event.delivery);
    let mut gone = false;
    for (mark, delivery) in walk(events) {
        if let Some(state) = mark {
            gone = state.is_gone();
        }
        if Some(delivery) == boundary {
            break;
        }
    }
    gone
}

/// Without any connection id, each arrival is taken for another person, and each departure for that of whoever came
/// first: then nobody is merged with a namesake. Whoever waited for the host has gone on under other ids once the host
/// came.
fn split_described<'a>(events: Vec<&'a RoomEvent>, meetings: &Meetings<'_>) -> Vec<Vec<&'a RoomEvent>> {
    let mut runs: Vec<(bool, Vec<&RoomEvent>)> = Vec::new();
    let went_on = |run: &[&RoomEvent], at: Timestamp| {
        run.last()
            .filter(|last| last.what == What::WaitingForHost)
            .is_some_and(|last| meetings.start_after(last.at).is_some_and(|start| start.at.plus(SKEW) < at))
    };
    for event in events {
        let ends = matches!(event.what, What::StoppedWaitingForHost | What::LeftWaitingRoom | What::Left);
        let begins = matches!(event.what, What::WaitingForHost | What::JoinedWaitingRoom);
        match runs.iter_mut().find(|(open, run)| *open && !begins && !went_on(run, event.at)) {
            Some((open, run)) => {
                run.push(event);
                *open = !ends;
            }
            None => runs.push((!ends, vec![event])),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}
