//! What a row adds to the connection that it tells of.

use std::time::Duration;

use super::{
    super::{
        super::{event::What, record::RecordedStay, stay::StayKind},
        connection::{Connection, Entry},
        meeting::Point,
        states::{Mark, State},
    },
    AGREES_WITHIN,
    assign::{Assigned, Given},
    span::{End, Span},
};
use crate::time::Timestamp;

/// Adds the rows to the connections, each to its span.
pub(super) fn fill<'a>(
    connections: &mut [Connection<'a>],
    spans: &[Span],
    rows: &[&'a RecordedStay],
    assigned: &Assigned,
) {
    let mut of_span: Vec<Vec<&'a RecordedStay>> = vec![Vec::new(); spans.len()];
    for (row, given) in rows.iter().zip(&assigned.given) {
        let (Given::To(index) | Given::ToOneAlike(index)) = *given else { continue };
        if let Some(of_span) = of_span.get_mut(index) {
            of_span.push(row);
        }
        let connection = spans.get(index).and_then(|span| connections.get_mut(span.connection));
        if let (Given::To(_), Some(connection)) = (given, connection) {
            connection.rows.push(row);
        }
    }
    // From the last to the first, so that the places of the marks before stay the same.
    for (span, rows) in spans.iter().zip(of_span).rev() {
        let Some(connection) = connections.get_mut(span.connection) else { continue };
        let first = rows.iter().min_by_key(|row| (row.from, row.delivery));
        let last = rows.iter().max_by_key(|row| (row.to, row.delivery));
        if let (Some(first), Some(last)) = (first, last) {
            let begins = begin(connection, span, first);
            end(connection, span, last, begins);
        }
    }
}

/// Gives the span the row's beginning where it lacks one. The place of the mark that begins it.
fn begin<'a>(connection: &mut Connection<'a>, span: &Span, row: &'a RecordedStay) -> usize {
    let Some(since) = span.since else { return span.mark };
    let Some(mark) = connection.marks.get(span.mark).copied() else { return span.mark };
    let at = row.from.min(span.from).max(since);
    let point = Point::of_row(row, at);
    if mark.state == State::Connecting {
        connection.marks.insert(span.mark + 1, Mark { point, state: State::InSession });
        return span.mark + 1;
    }
    // Where only the departure was heard of, nothing was known of the beginning.
    let lasted = connection.marks.get(span.mark + 1).is_none_or(|next| next.point.at > mark.point.at);
    let agrees_within = if lasted { AGREES_WITHIN } else { Duration::ZERO };
    if mark.point.at.since(at) <= agrees_within {
        return span.mark;
    }
    if let Some(mark) = connection.marks.get_mut(span.mark) {
        mark.point = point;
    }
    if span.mark == 0 && at < connection.entry.point.at {
        let what = match span.kind {
            StayKind::Waiting => What::JoinedWaitingRoom,
            StayKind::Connecting | StayKind::InSession => What::Joined,
        };
        connection.entry = Entry { what, point, instance: connection.entry.instance };
    }
    span.mark
}

/// Gives the span the row's end where nobody said one.
fn end(connection: &mut Connection<'_>, span: &Span, row: &RecordedStay, begins: usize) {
    let Some(begun) = connection.marks.get(begins).copied() else { return };
    let state = match begun.state {
        State::InSession => State::Left,
        State::Waiting | State::PutBack => State::LeftWaiting,
        // Who waits for the host goes on under other ids when the host comes.
        _ => return,
    };
    let guess = match span.end {
        End::Said(_) => return,
        End::Guessed(_) => connection.marks.get(begins + 1).copied(),
        End::Open => None,
    };
    let at = row.to.max(begun.point.at).max(span.heard_until);
    let agrees = |guess: &Mark| guess.point.at.distance(at) <= AGREES_WITHIN && !guess.point.is_recorded();
    // A row that ends where a breakout room begins does not tell that anybody went.
    if guess.as_ref().is_some_and(agrees) || span.is_at_breakouts && is_near(span.heard_until, row.to) {
        return;
    }
    connection.marks.truncate(begins + 1);
    connection.marks.push(Mark { point: Point::of_row(row, at), state });
}

fn is_near(one: Timestamp, other: Timestamp) -> bool {
    other <= one.plus(super::super::states::AROUND_BREAKOUT)
}
