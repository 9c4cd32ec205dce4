//! Spans: a time in the waiting room or in the meeting, as the deliveries tell it, and how well they know it.

use std::{cmp::Reverse, time::Duration};

use super::{
    super::{
        super::{
            event::{RoomEvent, What},
            record::RecordedStay,
            stay::StayKind,
        },
        connection::Connection,
        link::LET_IN_WITHIN,
        meeting::Meetings,
        states::State,
    },
    AGREES_WITHIN,
};
use crate::time::Timestamp;

/// How far apart the beginnings may be that two tellings of one stay give.
pub(super) const NEAR: Duration = Duration::from_secs(30);
/// How far apart the ends may be: a broken line is noticed this late, and not everywhere at once.
const NOTICED_WITHIN: Duration = Duration::from_mins(3);

/// How the end of a span is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// A delivery said it of this connection.
    Said(Timestamp),
    /// It was concluded, and cannot have been later than this, if anything is known of that.
    Guessed(Option<Timestamp>),
    /// Nothing is known of it.
    Open,
}

/// How sure it is that the connection's own ids were there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    Heard,
    /// Somebody was sent back, under the ids of the meeting; the waiting room may have given others.
    SentBack,
    /// Somebody left the waiting room, who may have come there under other ids.
    Gone,
    /// Somebody was let in, and nothing more was heard: who is let in goes on under other ids as a rule.
    Expected,
}

/// A time in the waiting room or in the meeting, by the deliveries of one connection.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// Which of the connections.
    pub connection: usize,
    /// Which of its marks begins it; for somebody who was let in and never heard to join, that one.
    pub mark: usize,
    /// Waiting or in session.
    pub kind: StayKind,
    /// When it began; if that was not said, when it was first heard of at the latest.
    pub from: Timestamp,
    /// Where the beginning was not said: not before this.
    pub since: Option<Timestamp>,
    pub end: End,
    /// The last that was heard of it while it lasted.
    pub heard_until: Timestamp,
    pub certainty: Certainty,
    /// Whether it was last heard of on the way to, in or from a breakout room.
    pub is_at_breakouts: bool,
}

/// Every span of every connection.
pub(super) fn spans(connections: &[Connection<'_>], meetings: &Meetings<'_>) -> Vec<Span> {
    let of = |(index, connection): (usize, &Connection<'_>)| {
        (0..connection.marks.len())
            .filter_map(|mark| span(index, connection, mark, meetings))
            .collect::<Vec<_>>()
    };
    connections.iter().enumerate().flat_map(of).collect()
}

fn span(index: usize, connection: &Connection<'_>, mark: usize, meetings: &Meetings<'_>) -> Option<Span> {
    let begins = *connection.marks.get(mark)?;
    let next = connection.marks.get(mark + 1);
    let never = Timestamp::from_micros(i64::MIN);
    let before = mark.checked_sub(1).and_then(|before| connection.marks.get(before));
    let since = before.map_or(never, |before| before.point.at);
    let last_word = connection.events.last().map_or(begins.point.at, |event| event.at);
    let end = match next {
        None => End::Open,
        Some(next) => match next.state {
            State::Over => End::Guessed(Some(next.point.at).filter(|_| meetings.is_stated(next.point))),
            State::HostCame => End::Guessed(Some(next.point.at)),
            _ => End::Said(next.point.at),
        },
    };
    let is_last = !matches!(end, End::Said(_));
    let heard_until = if is_last { last_word.max(begins.point.at) } else { begins.point.at };
    let told = Span {
        connection: index,
        mark,
        kind: StayKind::InSession,
        from: begins.point.at,
        since: None,
        end,
        heard_until,
        certainty: if begins.state == State::PutBack { Certainty::SentBack } else { Certainty::Heard },
        is_at_breakouts: is_last && connection.is_at_breakouts(last_word),
    };
    match begins.state {
        State::AwaitsHost | State::Waiting | State::PutBack => {
            let said = is_said(connection, mark, |what| {
                matches!(what, What::WaitingForHost | What::JoinedWaitingRoom | What::PutInWaitingRoom)
            });
            let certainty = if said { told.certainty } else { Certainty::Gone };
            Some(Span { kind: StayKind::Waiting, since: (!said).then_some(since), certainty, ..told })
        }
        State::InSession => {
            let said = is_said(connection, mark, |what| matches!(what, What::Joined | What::Admitted));
            Some(Span { since: (!said).then_some(since), ..told })
        }
        State::Connecting => {
            // Who waits again without being sent back was not in the meeting; who is heard of in it has a span for that.
            let gone =
                next.is_none_or(|next| matches!(next.state, State::Left | State::Over | State::PutBack));
            let latest = match end {
                End::Said(at) => at,
                End::Guessed(Some(at)) => at.min(begins.point.at.plus(LET_IN_WITHIN)),
                End::Guessed(None) | End::Open => begins.point.at.plus(LET_IN_WITHIN),
            };
            gone.then_some(Span {
                from: latest,
                since: Some(begins.point.at),
                heard_until: begins.point.at,
                certainty: if matches!(end, End::Said(_)) { Certainty::Heard } else { Certainty::Expected },
                ..told
            })
        }
        State::LeftWaiting | State::HostCame | State::Left | State::Over => None,
    }
}

fn is_said(connection: &Connection<'_>, mark: usize, begins: impl Fn(What) -> bool) -> bool {
    let Some(mark) = connection.marks.get(mark) else { return false };
    let at_once = |event: &&&RoomEvent| event.at == mark.point.at && event.delivery == mark.point.delivery;
    connection.events.iter().find(at_once).is_some_and(|event| begins(event.what))
}

/// How well a row's times agree with a span's: the less the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gap {
    pub from: Duration,
    pub to: Duration,
}

impl Gap {
    pub(super) fn whole(self) -> Duration {
        self.from.saturating_add(self.to)
    }
}

impl Span {
    /// How far the row's times are from what the span allows.
    pub(super) fn gap(&self, row: &RecordedStay) -> Gap {
        let from = match self.since {
            None => row.from.distance(self.from),
            Some(since) => outside(row.from, since, self.from),
        };
        let latest = Timestamp::from_micros(i64::MAX);
        let to = match self.end {
            End::Said(to) => row.to.distance(to),
            End::Guessed(Some(to)) => outside(row.to, self.heard_until, to),
            End::Guessed(None) | End::Open => outside(row.to, self.heard_until, latest),
        };
        Gap { from, to }
    }

    /// Whether both may tell of the same stay, by their times alone.
    pub(super) fn may_be(&self, row: &RecordedStay) -> bool {
        let gap = self.gap(row);
        // Where the beginning tells nothing, the end has to.
        let until = match (self.since, self.certainty) {
            (None, _) => NOTICED_WITHIN,
            (Some(_), Certainty::Gone) => AGREES_WITHIN,
            (Some(_), _) => NEAR,
        };
        gap.from <= NEAR && gap.to <= until || self.holds(row)
    }

    /// Whether the row tells of a part of what deliveries vouch for, as of the time before a breakout room.
    pub(super) fn holds(&self, row: &RecordedStay) -> bool {
        let until = match self.end {
            End::Said(to) => to,
            End::Guessed(_) | End::Open => self.heard_until,
        };
        self.since.is_none() && row.from.plus(NEAR) >= self.from && row.to <= until.plus(NEAR)
    }

    /// Whether both were at the same time, at least in part, or no further apart than that.
    pub(super) fn overlaps(&self, row: &RecordedStay, apart: Duration) -> bool {
        let begins = self.since.unwrap_or(self.from);
        let ends = match self.end {
            End::Said(to) | End::Guessed(Some(to)) => to,
            End::Guessed(None) | End::Open => Timestamp::from_micros(i64::MAX),
        };
        row.from <= ends.plus(apart) && begins <= row.to.plus(apart)
    }

    /// Whether deliveries said both the beginning and the end: the row can add nothing.
    pub(super) fn is_whole(&self) -> bool {
        self.since.is_none() && matches!(self.end, End::Said(_))
    }
}

fn outside(at: Timestamp, from: Timestamp, to: Timestamp) -> Duration {
    at.since(to).max(from.since(at))
}

/// The better known first, for where two spans fit a row equally.
pub(super) fn by_knowledge(span: &Span) -> (Reverse<bool>, bool, Timestamp, usize) {
    (Reverse(span.is_whole()), span.since.is_some(), span.from, span.connection)
}
