//! Stays: the states of all of one person's connections laid over one another. In session covers connecting, and
//! connecting covers waiting.

use std::collections::BTreeSet;

use super::{
    super::stay::{Source, Stay, StayKind},
    connection::Connection,
    meeting::Point,
    states::State,
};
use crate::{id::DeliveryId, time::Timestamp};

struct Interval {
    kind: StayKind,
    from: Point,
    to: Option<Point>,
}

impl Interval {
    fn covers(&self, at: Timestamp) -> bool {
        self.from.at <= at && self.to.is_none_or(|to| to.at > at)
    }
}

/// The stays of one person, in order, without overlap; one of no length where nothing lasted.
pub(super) fn stays(person: &[Connection<'_>]) -> Vec<Stay> {
    let intervals: Vec<Interval> = person.iter().flat_map(intervals).collect();
    let times: BTreeSet<Timestamp> = intervals
        .iter()
        .flat_map(|interval| [Some(interval.from.at), interval.to.map(|to| to.at)])
        .flatten()
        .collect();
    let mut stays: Vec<Stay> = Vec::new();
    for at in &times {
        let kind = intervals.iter().filter(|i| i.covers(*at)).map(|i| i.kind).max();
        let last = stays.last_mut().filter(|last| last.to.is_none());
        match (kind, last) {
            (Some(kind), Some(last)) if last.kind == kind => {}
            (kind, last) => {
                if let Some(last) = last {
                    last.to = Some(*at);
                }
                if let Some(kind) = kind {
                    stays.push(open(kind, *at));
                }
            }
        }
    }
    if stays.is_empty()
        && let Some(interval) = intervals.iter().max_by_key(|i| (i.kind, std::cmp::Reverse(i.from.at)))
    {
        let mut stay = open(interval.kind, interval.from.at);
        stay.to = Some(interval.from.at);
        stays.push(stay);
    }
    for stay in &mut stays {
        stay.evidence = evidence(stay, &intervals);
        stay.from_source = source(beginnings(stay, &intervals));
        stay.to_source = stay.to.map(|to| source(endings(stay, to, &intervals)));
    }
    stays
}

fn open(kind: StayKind, from: Timestamp) -> Stay {
    Stay { kind, from, to: None, from_source: Source::Webhook, to_source: None, evidence: Vec::new() }
}

/// What says that it began: its own beginning, or the end of what had covered it.
fn beginnings<'i>(stay: &Stay, intervals: &'i [Interval]) -> impl Iterator<Item = Point> + 'i {
    let (kind, from) = (stay.kind, stay.from);
    intervals.iter().flat_map(move |interval| {
        let own = Some(interval.from).filter(|point| interval.kind == kind && point.at == from);
        let uncovered = interval.to.filter(|point| interval.kind > kind && point.at == from);
        own.into_iter().chain(uncovered)
    })
}

/// What says that it ended: its own end, or the beginning of what covers it.
fn endings<'i>(stay: &Stay, to: Timestamp, intervals: &'i [Interval]) -> impl Iterator<Item = Point> + 'i {
    let kind = stay.kind;
    intervals.iter().flat_map(move |interval| {
        let own = interval.to.filter(|point| interval.kind == kind && point.at == to);
        let covered = Some(interval.from).filter(|point| interval.kind > kind && point.at == to);
        own.into_iter().chain(covered)
    })
}

/// A delivery's word goes before the record's.
fn source(points: impl Iterator<Item = Point>) -> Source {
    let mut points = points.peekable();
    let only_recorded = points.peek().is_some() && points.all(Point::is_recorded);
    if only_recorded { Source::ZoomRecord } else { Source::Webhook }
}

/// What says that it began, changed and ended within.
fn evidence(stay: &Stay, intervals: &[Interval]) -> Vec<DeliveryId> {
    let evidence: BTreeSet<_> = intervals
        .iter()
        .flat_map(|interval| {
            let own = interval.kind == stay.kind;
            let begins = interval.from.at >= stay.from && stay.to.is_none_or(|to| interval.from.at <= to);
            let ends_it = |at: Timestamp| stay.to == Some(at);
            let ends =
                interval.to.filter(|to| own && to.at >= stay.from && stay.to.is_none_or(|end| to.at <= end));
            [
                (own && begins || ends_it(interval.from.at)).then_some(interval.from.delivery),
                ends.map(|to| to.delivery),
                // It came to light when something that covered it ended.
                interval.to.filter(|to| to.at == stay.from).map(|to| to.delivery),
            ]
        })
        .flatten()
        .collect();
    evidence.into_iter().collect()
}

fn intervals(connection: &Connection<'_>) -> Vec<Interval> {
    let marks = &connection.marks;
    marks
        .iter()
        .enumerate()
        .filter_map(|(index, mark)| {
            let kind = match mark.state {
                State::AwaitsHost | State::Waiting | State::PutBack => StayKind::Waiting,
                State::Connecting => StayKind::Connecting,
                State::InSession => StayKind::InSession,
                State::LeftWaiting | State::HostCame | State::Left | State::Over => return None,
            };
            let to = marks.get(index + 1).map(|next| next.point).or(connection.taken_over);
            Some(Interval { kind, from: mark.point, to })
        })
        .collect()
}
