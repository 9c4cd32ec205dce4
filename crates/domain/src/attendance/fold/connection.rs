//! Connections: what happened under one id in one meeting, and what state it was in when.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    super::{
        event::{Person, RoomEvent, What},
        names,
    },
    meeting::{Meetings, Point},
};
use crate::time::Timestamp;

/// Leaving the waiting room and being admitted are told apart if this near: whether Zoom says the former upon the
/// latter is unsettled.
pub(super) const AROUND_ADMISSION: Duration = Duration::from_mins(1);
/// "Left" this near to being put into the waiting room is the same fact told twice.
const AROUND_PUTTING_BACK: Duration = Duration::from_mins(1);
/// "Left" this near to entering a breakout room is the way there.
const AROUND_BREAKOUT: Duration = Duration::from_secs(10);

/// What state a connection is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Waits for the host to start the meeting.
    AwaitsHost,
    /// In the waiting room, having come from outside.
    Waiting,
    /// In the waiting room, having been sent back.
    PutBack,
    Connecting,
    InSession,
    /// Gone from the waiting room.
    LeftWaiting,
    /// Gone because the host started the meeting: the person goes on under other ids.
    HostCame,
    /// Gone from the meeting.
    Left,
    /// The meeting is over.
    Over,
}

impl State {
    pub(super) const fn is_waiting(self) -> bool {
        matches!(self, Self::AwaitsHost | Self::Waiting | Self::PutBack)
    }

    pub(super) const fn is_gone(self) -> bool {
        matches!(self, Self::LeftWaiting | Self::HostCame | Self::Left | Self::Over)
    }
}

/// From here on the connection was in this state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub point: Point,
    pub state: State,
}

/// One connection, from arriving to leaving.
#[derive(Clone, Debug)]
pub(super) struct Connection<'a> {
    /// What was said of it, in order; never empty.
    pub events: Vec<&'a RoomEvent>,
    /// Its changes of state, in order.
    pub marks: Vec<Mark>,
    /// When a successor with other ids took over.
    pub taken_over: Option<Point>,
}

impl<'a> Connection<'a> {
    pub(super) fn first(&self) -> Option<&'a RoomEvent> {
        self.events.first().copied()
    }

    /// Everything that Zoom said of who it is.
    pub(super) fn people(&self) -> impl Iterator<Item = &'a Person> {
        self.events.iter().filter_map(|event| event.person.as_ref())
    }

    /// The state at that time; marks at the very time count.
    pub(super) fn state_at(&self, at: Timestamp) -> Option<Mark> {
        self.marks.iter().take_while(|mark| mark.point.at <= at).last().copied()
    }

    /// When it was admitted under its own ids.
    pub(super) fn admitted_at(&self) -> Option<Timestamp> {
        self.events.iter().rfind(|event| event.what == What::Admitted).map(|event| event.at)
    }
}

/// What names a connection. User ids start again in each meeting, so they name nothing without it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    User(Option<&'a str>, &'a str),
    Uuid(&'a str),
    /// No connection id at all: whatever there is, in the end the name.
    Described(Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>, String),
}

/// All connections, by their first event.
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
        .filter(|event| !matches!(event.what, What::MeetingStarted | What::MeetingEnded))
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
            Key::Described(..) => split_described(events),
            Key::User(..) | Key::Uuid(_) => split(&events, meetings),
        })
        .map(|events| {
            let mut marks = marks(&events);
            close(&events, &mut marks, meetings);
            Connection { events, marks, taken_over: None }
        })
        .collect();
    connections.sort_by(|a, b| match (a.first(), b.first()) {
        (Some(a), Some(b)) => super::by_meaning(a, b).then(a.delivery.cmp(&b.delivery)),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    connections
}

pub(super) const fn is_arrival(what: What) -> bool {
    matches!(what, What::WaitingForHost | What::JoinedWaitingRoom | What::Admitted | What::Joined)
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
                left || waits_anew && meetings.stated_end_after(last_at).is_some_and(|end| end.at < event.at)
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
/// first: then nobody is merged with a namesake.
fn split_described(events: Vec<&RoomEvent>) -> Vec<Vec<&RoomEvent>> {
    let mut runs: Vec<(bool, Vec<&RoomEvent>)> = Vec::new();
    for event in events {
        let ends = matches!(event.what, What::StoppedWaitingForHost | What::LeftWaitingRoom | What::Left);
        let begins = matches!(event.what, What::WaitingForHost | What::JoinedWaitingRoom);
        match runs.iter_mut().find(|(open, _)| *open && !begins) {
            Some((open, run)) => {
                run.push(event);
                *open = !ends;
            }
            None => runs.push((!ends, vec![event])),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}

/// What each event does to the state, if anything.
fn walk<'e>(
    events: &'e [&'e RoomEvent],
) -> impl Iterator<Item = (Option<State>, crate::id::DeliveryId)> + 'e {
    let by_phone =
        events.iter().filter_map(|event| event.person.as_ref()).any(|person| person.phone.is_some());
    let mut state = None;
    events.iter().enumerate().map(move |(index, event)| {
        let before = || events.iter().take(index).rev();
        let after = || events.iter().skip(index + 1);
        let next = match event.what {
            What::WaitingForHost => Some(State::AwaitsHost),
            What::JoinedWaitingRoom if state == Some(State::PutBack) => None,
            What::JoinedWaitingRoom => Some(State::Waiting),
            What::PutInWaitingRoom => Some(State::PutBack),
            What::Admitted if state == Some(State::InSession) => None,
            // For telephone legs "joined" is not reliable: they are in the meeting when they are let in.
            What::Admitted if by_phone => Some(State::InSession),
            What::Admitted => Some(State::Connecting),
            What::Joined => Some(State::InSession),
            What::RoleChanged
            | What::Bound
            | What::JoinedBreakoutRoom
            | What::LeftBreakoutRoom
            | What::LeftForBreakoutRoom => {
                matches!(state, None | Some(State::Connecting)).then_some(State::InSession)
            }
            What::StoppedWaitingForHost => {
                state.is_none_or(|state: State| state == State::AwaitsHost).then_some(State::LeftWaiting)
            }
            What::LeftWaitingRoom => {
                let was_admitted = before()
                    .take_while(|e| !waits(e.what))
                    .any(|e| e.what == What::Admitted && event.at.since(e.at) <= AROUND_ADMISSION);
                let is_admitted = after()
                    .take_while(|e| !waits(e.what))
                    .any(|e| matches!(e.what, What::Admitted | What::Joined));
                let may = state.is_none_or(|s| s.is_waiting() || s == State::Connecting);
                (may && !was_admitted && !is_admitted).then_some(State::LeftWaiting)
            }
            What::Left => {
                let put_back = |e: &&&RoomEvent| e.what == What::PutInWaitingRoom;
                let near = |e: &RoomEvent| e.at.distance(event.at) <= AROUND_PUTTING_BACK;
                let told_twice = before()
                    .take_while(|e| e.what != What::Joined)
                    .find(put_back)
                    .is_some_and(|e| near(e))
                    || after().take_while(|e| !is_arrival(e.what)).find(put_back).is_some_and(|e| near(e));
                let to_breakout = events.iter().any(|e| {
                    e.what == What::JoinedBreakoutRoom && e.at.distance(event.at) <= AROUND_BREAKOUT
                });
                (!told_twice && !to_breakout).then_some(State::Left)
            }
            What::MeetingStarted | What::MeetingEnded => None,
        };
        // Gone is gone, but for an arrival.
        let next = next.filter(|_| {
            !state.is_some_and(State::is_gone)
                || is_arrival(event.what)
                || event.what == What::PutInWaitingRoom
        });
        if next.is_some() {
            state = next;
        }
        (next, event.delivery)
    })
}

const fn waits(what: What) -> bool {
    matches!(what, What::JoinedWaitingRoom | What::PutInWaitingRoom | What::WaitingForHost)
}

fn marks(events: &[&RoomEvent]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for ((state, _), event) in walk(events).zip(events) {
        let Some(state) = state else { continue };
        if marks.is_empty() && state.is_gone() {
            // Only the departure was heard of: somebody was there at that moment, no more is known.
            let was = if event.what == What::Left { State::InSession } else { State::Waiting };
            marks.push(Mark { point: Point::of(event), state: was });
        }
        if marks.last().is_none_or(|last| last.state != state) {
            marks.push(Mark { point: Point::of(event), state });
        }
    }
    if let (true, Some(event)) = (marks.is_empty(), events.first()) {
        marks.push(Mark { point: Point::of(event), state: State::InSession });
    }
    marks
}

/// Ends what nobody said had ended, where the meeting is over, or the host whom it waited for came.
fn close(events: &[&RoomEvent], marks: &mut Vec<Mark>, meetings: &Meetings<'_>) {
    let (Some(last), Some(last_event)) = (marks.last().copied(), events.last()) else { return };
    let instance = events.iter().filter_map(|event| event.instance.as_deref()).next_back();
    let own_end = instance.filter(|uuid| meetings.ran(uuid)).map(|uuid| meetings.end_of(uuid));
    if last.state == State::Left {
        // A departure told later than the end of the meeting cannot be right.
        if let Some(Some(end)) = own_end
            && let Some(mark) = marks.last_mut()
            && end.at < mark.point.at
        {
            let floor = marks.iter().rev().nth(1).map_or(end.at, |before| before.point.at);
            if let Some(mark) = marks.last_mut() {
                mark.point = Point { at: end.at.max(floor), delivery: end.delivery };
            }
        }
        return;
    }
    if last.state.is_gone() {
        return;
    }
    let heard_at = last_event.at.max(last.point.at);
    let (end, state) = match (last.state, own_end) {
        (State::AwaitsHost, _) => {
            match (meetings.start_after(last.point.at), meetings.stated_end_after(heard_at)) {
                (Some(start), end) if end.is_none_or(|end| start.at <= end.at) => {
                    (Some(start), State::HostCame)
                }
                (_, end) => (end, State::Over),
            }
        }
        // Before the host starts, the waiting room may still carry the uuid of the meeting before.
        (State::Waiting, Some(Some(end))) if end.at < last.point.at => {
            (meetings.stated_end_after(heard_at), State::Over)
        }
        (_, Some(end)) => (end, State::Over),
        (_, None) => (meetings.stated_end_after(heard_at), State::Over),
    };
    if let Some(end) = end {
        let point = Point { at: end.at.max(last.point.at), ..end };
        marks.push(Mark { point, state });
    }
}
