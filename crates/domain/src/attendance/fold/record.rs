//! Zoom's own record, laid over what its deliveries said.
//!
//! A row is one telling of a time in the waiting room or in the meeting; a connection is another. Each row is given to
//! the connection that tells of the same time of the same person, if there is one, and adds what that lacks: the
//! beginning, the end, or a better end than was guessed. What a delivery said stands. A row that is nobody's is a
//! connection of its own, and is tied to others as those are. Where a row may be of several people it is nobody's
//! news: it fills in what comes out the same whoever it is, and adds nobody who is there already.
//!
//! What the record leaves out proves nothing, so nothing is done about it.

mod assign;
mod fill;
mod likeness;
mod span;

use std::{cmp::Ordering, collections::BTreeMap, time::Duration};

use super::{super::record::RecordedStay, connection::Connection, meeting::Meetings};

/// The record and the deliveries are stamped by different machines, in whole seconds: what is no further apart is the
/// same time, and what was shown first stays.
pub(super) const AGREES_WITHIN: Duration = Duration::from_secs(5);

/// One of each row, in order: of the copies of a row, the one of the youngest delivery.
pub(super) fn in_order(record: &[RecordedStay]) -> Vec<&RecordedStay> {
    let mut youngest: BTreeMap<_, &RecordedStay> = BTreeMap::new();
    for row in record {
        let known = youngest.entry(row.row).or_insert(row);
        if (known.delivery, known.to).cmp(&(row.delivery, row.to)).then_with(|| by_meaning(known, row))
            == Ordering::Less
        {
            *known = row;
        }
    }
    let mut rows: Vec<&RecordedStay> = youngest.into_values().collect();
    rows.sort_by(|a, b| by_meaning(a, b));
    rows
}

/// In order of time, then of content.
pub(super) fn by_meaning(a: &RecordedStay, b: &RecordedStay) -> Ordering {
    fn meaning(row: &RecordedStay) -> impl Ord + '_ {
        let ids = (&row.user_id, &row.registrant_id, &row.zoom_user_id, &row.name, row.is_host);
        (row.from, row.to, row.kind, &row.instance, ids, row.row, row.delivery)
    }
    meaning(a).cmp(&meaning(b))
}

/// Adds to the connections what the record knows, and the connections that only the record knows. The rows are in
/// order; the connections come out in none.
pub(super) fn lay_over<'a>(
    connections: &mut Vec<Connection<'a>>,
    rows: &[&'a RecordedStay],
    meetings: &Meetings<'_>,
) {
    let spans = span::spans(connections, meetings);
    let assigned = assign::assign(connections, &spans, rows);
    fill::fill(connections, &spans, rows, &assigned);
    for (row, given) in rows.iter().zip(&assigned.given) {
        if *given == assign::Given::ToNobody {
            connections.push(Connection::recorded(row));
        }
    }
}
