//! Whether one connection may go on as another.

use std::time::Duration;

use super::{
    super::{
        super::event::What,
        connection::{Connection, Entry},
        states::{AROUND_ADMISSION, AROUND_BREAKOUT, Mark, State, is_in_meeting},
    },
    AFTER_THE_START, ANNOUNCED_WITHIN, LET_IN_WITHIN, SKEW, Tie, Ties,
};
use crate::time::Timestamp;

/// Nobody goes on who has been gone for longer; most of a day's people have, so that is asked first.
const LONGEST_ABSENCE: Duration = AFTER_THE_START;

/// That one may go on as the other.
#[derive(Clone, Copy)]
pub(super) struct Fit {
    pub index: usize,
    /// How long the old ids had been gone.
    pub gone_for: Duration,
    /// False where both go on side by side.
    pub takes_over: bool,
    pub admitted: bool,
}

/// Whether somebody had been gone for too long to go on then.
pub(super) fn is_long_gone(connection: &Connection<'_>, at: Timestamp) -> bool {
    let gone = connection.marks.last().filter(|mark| mark.state.is_gone());
    gone.is_some_and(|mark| at.since(mark.point.at) > LONGEST_ABSENCE)
}

impl Ties {
    /// Whether `before` may go on as `after`.
    pub(super) fn fit(
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
        let entry = entry_after(before, after);
        let gone_for = before
            .state_at(entry.point.at)
            .filter(|mark| mark.state.is_gone())
            .map_or(Duration::ZERO, |mark| entry.point.at.since(mark.point.at));
        let beside = Fit { index, gone_for, takes_over: false, admitted: false };
        if tie == Tie::User {
            if !before.is_recorded() && !after.is_recorded() {
                return None;
            }
            if is_beside(before, &entry) {
                return Some(beside);
            }
        }
        let state = whereabouts(before, &entry, tie)?;
        // The same participant is in the meeting under another id.
        if tie == Tie::Uuid && state == State::InSession && is_in_meeting(entry.what) {
            return Some(beside);
        }
        if tie.is_weak() && before_facts.is_host != after_facts.is_host {
            return None;
        }
        let admitted = before.admitted_before(entry.point.at);
        if tie.is_weak()
            && is_in_meeting(entry.what)
            && entry.what != What::Left
            && !before.is_at_breakouts(entry.point.at)
            && admitted.is_some_and(|at| entry.point.at.since(at) > LET_IN_WITHIN)
        {
            return None;
        }
        let fits = match entry.what {
            What::Joined => state.is_waiting() || state == State::Connecting,
            What::Admitted => state.is_waiting(),
            What::JoinedWaitingRoom => match state {
                State::AwaitsHost => true,
                State::PutBack => was_put_back_at(before, entry.point.at)
                    .is_some_and(|at| at.distance(entry.point.at) <= ANNOUNCED_WITHIN),
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
            | What::RecordedEnd
            | What::WaitingForHost
            | What::StoppedWaitingForHost
            | What::LeftWaitingRoom => false,
        };
        // Without a name, only an admission ties at all, and being sent back, which is told at once; in the record, the
        // end of a wait is as good as either.
        let tied = tie != Tie::Name
            || !value.is_empty()
            || admitted.is_some()
            || entry.what == What::Admitted
            || entry.what == What::JoinedWaitingRoom && state == State::PutBack
            || before.is_recorded() && gone_for <= ANNOUNCED_WITHIN;
        (fits && tied).then_some(Fit { index, gone_for, takes_over: true, admitted: admitted.is_some() })
    }
}

/// How `after` begins, seen from `before`. The record has no word for being sent back: who leaves the meeting for the
/// waiting room in the same moment was.
fn entry_after<'a>(before: &Connection<'a>, after: &Connection<'a>) -> Entry<'a> {
    let entry = after.entry;
    let sent_back = entry.what == What::JoinedWaitingRoom
        && before.marks.last().is_some_and(|mark| {
            mark.state == State::Left
                && (after.is_recorded() || mark.point.is_recorded())
                && mark.point.at.distance(entry.point.at) <= SKEW
        });
    if sent_back { Entry { what: What::PutInWaitingRoom, ..entry } } else { entry }
}

/// Whether both are of the same kind, under one id, and overlap or touch: one stay told in parts.
fn is_beside(before: &Connection<'_>, entry: &Entry<'_>) -> bool {
    let Some(mark) = before.state_at(entry.point.at) else { return false };
    let touches = entry.point.at.since(mark.point.at) <= SKEW;
    match mark.state {
        State::InSession => is_in_meeting(entry.what),
        State::Left => is_in_meeting(entry.what) && touches,
        State::Waiting => entry.what == What::JoinedWaitingRoom,
        _ => false,
    }
}

fn was_put_back_at(before: &Connection<'_>, at: Timestamp) -> Option<Timestamp> {
    let put_back = |mark: &&Mark| mark.state == State::PutBack;
    before
        .marks
        .iter()
        .rfind(|mark| put_back(mark) && mark.point.at <= at.plus(SKEW))
        .map(|mark| mark.point.at)
}

/// Where `before` was when `entry` was said under other ids; none once it is too long gone. Who is on the way to or from
/// a breakout room is connecting.
pub(super) fn whereabouts(before: &Connection<'_>, entry: &Entry<'_>, tie: Tie) -> Option<State> {
    let entered_at = entry.point.at;
    let at = if entry.what == What::JoinedWaitingRoom { entered_at.plus(SKEW) } else { entered_at };
    let mark = before.state_at(at)?;
    let was = || before.marks.iter().rev().find(|m| m.point.at <= at && !m.state.is_gone()).map(|m| m.state);
    let gone_for = entered_at.since(mark.point.at);
    match mark.state {
        State::LeftWaiting => was().filter(|_| gone_for <= AROUND_ADMISSION),
        State::HostCame => was().filter(|_| gone_for <= AFTER_THE_START),
        // "Left" may be said of the meeting when somebody is sent back to the waiting room.
        State::Left if entry.what == What::PutInWaitingRoom => was().filter(|_| gone_for <= AROUND_ADMISSION),
        // Or when somebody goes to a breakout room; the participant's uuid stays.
        State::Left
            if tie == Tie::Uuid && entry.what == What::JoinedBreakoutRoom && gone_for <= AROUND_BREAKOUT =>
        {
            Some(State::Connecting)
        }
        State::Left | State::Over => (mark.point.at >= entered_at).then(was).flatten(),
        // A telephone leg counts as in the meeting once it is let in; it may yet go on under other ids.
        State::InSession
            if !before.is_recorded() && !before.events.iter().any(|event| is_in_meeting(event.what)) =>
        {
            Some(State::Connecting)
        }
        State::InSession if is_in_meeting(entry.what) && is_between_rooms(before, entry, tie) => {
            Some(State::Connecting)
        }
        state => Some(state),
    }
}

/// Whether somebody is on the way to or from a breakout room. A weak tie has to do with the moments in between; the record
/// may know nothing of breakout rooms.
fn is_between_rooms(before: &Connection<'_>, entry: &Entry<'_>, tie: Tie) -> bool {
    let at = entry.point.at;
    let is_on_the_way = |what: What| matches!(what, What::LeftForBreakoutRoom | What::LeftBreakoutRoom);
    let just_now = || {
        let last = before.events.iter().rfind(|event| event.at <= at);
        last.is_some_and(|last| is_on_the_way(last.what) && at.since(last.at) <= AROUND_BREAKOUT)
    };
    before.is_at_breakouts(at) && (!tie.is_weak() || entry.point.is_recorded() || just_now())
}
