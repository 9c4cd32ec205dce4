//! When the meetings of a room began and ended. Each start of the same room has another uuid.

use std::{collections::BTreeMap, time::Duration};

use super::{
    super::{
        event::{RoomEvent, What},
        record::RecordedStay,
        stay::{Source, StayKind},
    },
    record::AGREES_WITHIN,
};
use crate::{id::DeliveryId, time::Timestamp};

/// Where Zoom never said that a meeting ended, the start of the next one shows that it is over. That start is taken
/// for the end only if the meeting was heard of within this time before; otherwise the last word of it is.
const SILENT_AT_MOST: Duration = Duration::from_hours(4);

/// A point in time, and what says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub at: Timestamp,
    pub delivery: DeliveryId,
    pub source: Source,
}

impl Point {
    pub(super) fn of(event: &RoomEvent) -> Self {
        let source = if event.what == What::RecordedEnd { Source::ZoomRecord } else { Source::Webhook };
        Self { at: event.at, delivery: event.delivery, source }
    }

    /// A point that a row of Zoom's record speaks of.
    pub(super) fn of_row(row: &RecordedStay, at: Timestamp) -> Self {
        Self { at, delivery: row.delivery, source: Source::ZoomRecord }
    }

    pub(super) fn is_recorded(self) -> bool {
        self.source == Source::ZoomRecord
    }
}

/// The meetings of a room.
pub(super) struct Meetings<'a> {
    runs: BTreeMap<&'a str, Run>,
    /// Ends that Zoom stated, or that follow from its record, in order.
    known_ends: Vec<Point>,
    /// Starts, in order.
    starts: Vec<Point>,
}

#[derive(Default)]
struct Run {
    start: Option<Point>,
    last_word: Option<Point>,
    /// The last that was said of somebody within the meeting.
    last_inside: Option<Timestamp>,
    /// As it was stated.
    end: Option<Point>,
    /// As the next start shows it.
    guess: Option<Point>,
    /// When the first one in the record came into the meeting.
    recorded_start: Option<Point>,
    /// By the record: when it was over, or when the last one was gone. There is a record only of what is over.
    recorded_end: Option<Point>,
}

impl Run {
    /// The end by the record, unless the record cannot be the whole of it.
    fn end_by_record(&self) -> Option<Point> {
        let whole = |end: &Point| self.last_inside.is_none_or(|inside| inside <= end.at.plus(AGREES_WITHIN));
        self.recorded_end.filter(|end| self.end.is_none() && whole(end))
    }
}

impl<'a> Meetings<'a> {
    /// Reads events and rows that are in order.
    pub(super) fn of(events: &[&'a RoomEvent], rows: &[&'a RecordedStay]) -> Self {
        let mut runs: BTreeMap<&str, Run> = BTreeMap::new();
        let mut known_ends = Vec::new();
        let mut nameless_ends = Vec::new();
        for event in events {
            let point = Point::of(event);
            let run = event.instance.as_deref().map(|uuid| runs.entry(uuid).or_default());
            match (event.what, run) {
                (What::MeetingEnded, run) => {
                    known_ends.push(point);
                    match run {
                        Some(run) => run.end = Some(point),
                        None => nameless_ends.push(point),
                    }
                }
                (What::RecordedEnd, Some(run)) => {
                    if run.recorded_end.is_none_or(|end| end.at < point.at) {
                        run.recorded_end = Some(point);
                    }
                }
                (what, Some(run)) => {
                    run.last_word = Some(point);
                    // People in the waiting room may carry another uuid than the meeting's; only these prove a start.
                    if matches!(what, What::MeetingStarted | What::Joined) {
                        run.start.get_or_insert(point);
                    }
                    if !is_outside(what) {
                        run.last_inside = Some(point.at);
                    }
                }
                (_, None) => {}
            }
        }
        read_rows(&mut runs, rows);
        for end in nameless_ends {
            let running = runs
                .values_mut()
                .filter(|run| run.start.is_some_and(|s| s.at <= end.at))
                .max_by_key(|run| run.start.map(|s| s.at));
            if let Some(run) = running {
                run.end.get_or_insert(end);
            }
        }
        let mut starts: Vec<Point> = runs.values().filter_map(|run| run.start).collect();
        starts.sort_by_key(|start| (start.at, start.delivery));
        for run in runs.values_mut().filter(|run| run.end.is_none()) {
            let (Some(start), Some(last_word)) = (run.start, run.last_word) else { continue };
            run.guess = starts
                .iter()
                .find(|next| next.at > start.at)
                .map(|next| if next.at.since(last_word.at) <= SILENT_AT_MOST { *next } else { last_word });
        }
        known_ends.extend(runs.values().filter_map(Run::end_by_record));
        known_ends.sort_by_key(|end| (end.at, end.delivery));
        Self { runs, known_ends, starts }
    }

    /// Whether this meeting is known to have run.
    pub(super) fn ran(&self, instance: &str) -> bool {
        self.runs.get(instance).is_some_and(|run| {
            run.start.is_some() || run.end.is_some() || run.guess.is_some() || run.recorded_end.is_some()
        })
    }

    /// When this meeting was over: by Zoom's word, by its record, or because the next one began.
    pub(super) fn end_of(&self, instance: &str) -> Option<Point> {
        let run = self.runs.get(instance)?;
        run.end.or_else(|| run.end_by_record()).or(run.guess)
    }

    /// The same without the record, which is not held against what was said of somebody.
    pub(super) fn end_of_by_deliveries(&self, instance: &str) -> Option<Point> {
        let run = self.runs.get(instance)?;
        run.end.or(run.guess)
    }

    /// The first end at or after that time that Zoom stated or recorded, of whichever meeting: nobody stays in a
    /// room's waiting room over the end of its meeting.
    pub(super) fn known_end_after(&self, at: Timestamp) -> Option<Point> {
        self.known_ends.get(self.known_ends.partition_point(|end| end.at < at)).copied()
    }

    /// Whether Zoom said that a meeting ended then.
    pub(super) fn is_stated(&self, end: Point) -> bool {
        !end.is_recorded() && self.known_end_after(end.at).is_some_and(|known| known.at == end.at)
    }

    /// The first start at or after that time.
    pub(super) fn start_after(&self, at: Timestamp) -> Option<Point> {
        self.starts.get(self.starts.partition_point(|start| start.at < at)).copied()
    }
}

fn read_rows<'a>(runs: &mut BTreeMap<&'a str, Run>, rows: &[&'a RecordedStay]) {
    for row in rows {
        let run = runs.entry(&row.instance).or_default();
        let (from, to) = (Point::of_row(row, row.from), Point::of_row(row, row.to));
        if row.kind == StayKind::InSession && run.recorded_start.is_none_or(|start| from.at < start.at) {
            run.recorded_start = Some(from);
        }
        if run.recorded_end.is_none_or(|end| end.at < to.at) {
            run.recorded_end = Some(to);
        }
    }
    for run in runs.values_mut() {
        if let Some(from) = run.recorded_start
            && run.start.is_none_or(|start| from.at.plus(AGREES_WITHIN) < start.at)
        {
            run.start = Some(from);
        }
    }
}

/// Whether it is about somebody who is not, or need not be, in the meeting yet.
const fn is_outside(what: What) -> bool {
    matches!(
        what,
        What::MeetingStarted
            | What::WaitingForHost
            | What::StoppedWaitingForHost
            | What::JoinedWaitingRoom
            | What::LeftWaitingRoom
            | What::MeetingEnded
            | What::RecordedEnd
    )
}
