//! The states of a connection: what each of its events does to it, and what the end of the meeting does.

use std::time::Duration;

use super::{
    super::event::{RoomEvent, What},
    meeting::{Meetings, Point},
};
use crate::id::DeliveryId;

/// Leaving the waiting room and being admitted are told apart if this near: whether Zoom says the former upon the
/// latter is unsettled.
pub(super) const AROUND_ADMISSION: Duration = Duration::from_mins(1);
/// "Left" this near to being put into the waiting room is the same fact told twice.
const AROUND_PUTTING_BACK: Duration = Duration::from_mins(1);
/// "Left" this near to entering a breakout room is the way there.
pub(super) const AROUND_BREAKOUT: Duration = Duration::from_secs(10);

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

/// Whether it says that somebody came, to the waiting room or the meeting.
pub(super) const fn is_arrival(what: What) -> bool {
    matches!(what, What::WaitingForHost | What::JoinedWaitingRoom | What::Admitted | What::Joined)
}

/// Whether it can only be said of somebody who is, or was, in the meeting.
pub(super) const fn is_in_meeting(what: What) -> bool {
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

const fn arrives_waiting(what: What) -> bool {
    matches!(what, What::JoinedWaitingRoom | What::WaitingForHost)
}

/// What each event does to the state, if anything.
pub(super) fn walk<'e>(
    events: &'e [&'e RoomEvent],
) -> impl Iterator<Item = (Option<State>, DeliveryId)> + 'e {
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
                // Heard of in the meeting, though neither "admitted" nor "joined" was: this was the admission.
                let went_in = after()
                    .take_while(|e| !arrives_waiting(e.what))
                    .any(|e| is_in_meeting(e.what) || e.what == What::PutInWaitingRoom);
                match (may && !was_admitted && !is_admitted, went_in) {
                    (true, true) => Some(if by_phone { State::InSession } else { State::Connecting }),
                    (true, false) => Some(State::LeftWaiting),
                    (false, _) => None,
                }
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
            What::MeetingStarted | What::MeetingEnded | What::RecordedEnd => None,
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

/// Whether it says that somebody waits from then on.
pub(super) const fn waits(what: What) -> bool {
    arrives_waiting(what) || matches!(what, What::PutInWaitingRoom)
}

pub(super) fn marks(events: &[&RoomEvent]) -> Vec<Mark> {
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
pub(super) fn close(events: &[&RoomEvent], marks: &mut Vec<Mark>, meetings: &Meetings<'_>) {
    let (Some(last), Some(last_event)) = (marks.last().copied(), events.last()) else { return };
    let instance = events.iter().filter_map(|event| event.instance.as_deref()).next_back();
    if last.state == State::Left {
        // A departure told later than the end of the meeting cannot be right.
        if let Some(end) = instance.and_then(|uuid| meetings.end_of_by_deliveries(uuid))
            && let Some(mark) = marks.last_mut()
            && end.at < mark.point.at
        {
            let floor = marks.iter().rev().nth(1).map_or(end.at, |before| before.point.at);
            if let Some(mark) = marks.last_mut() {
                mark.point = Point { at: end.at.max(floor), ..end };
            }
        }
        return;
    }
    if last.state.is_gone() {
        return;
    }
    let own_end = instance.filter(|uuid| meetings.ran(uuid)).map(|uuid| meetings.end_of(uuid));
    let heard_at = last_event.at.max(last.point.at);
    let (end, state) = match (last.state, own_end) {
        (State::AwaitsHost, _) => {
            match (meetings.start_after(last.point.at), meetings.known_end_after(heard_at)) {
                (Some(start), end) if end.is_none_or(|end| start.at <= end.at) => {
                    (Some(start), State::HostCame)
                }
                (_, end) => (end, State::Over),
            }
        }
        // Before the host starts, the waiting room may still carry the uuid of the meeting before.
        (State::Waiting, Some(Some(end))) if end.at < last.point.at => {
            (meetings.known_end_after(heard_at), State::Over)
        }
        (_, Some(end)) => (end, State::Over),
        (_, None) => (meetings.known_end_after(heard_at), State::Over),
    };
    if let Some(end) = end {
        let point = Point { at: end.at.max(last.point.at), ..end };
        marks.push(Mark { point, state });
    }
}
