//! When the meetings of a room began and ended. Each start of the same room has another uuid.

use std::{collections::BTreeMap, time::Duration};

use super::super::event::{RoomEvent, What};
use crate::{id::DeliveryId, time::Timestamp};

/// Where Zoom never said that a meeting ended, the start of the next one shows that it is over. That start is taken
/// for the end only if the meeting was heard of within this time before; otherwise the last word of it is.
const SILENT_AT_MOST: Duration = Duration::from_hours(4);

/// A point in time, and what says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Point {
    pub at: Timestamp,
    pub delivery: DeliveryId,
}

impl Point {
    pub(super) fn of(event: &RoomEvent) -> Self {
        Self { at: event.at, delivery: event.delivery }
    }
}

/// The meetings of a room.
pub(super) struct Meetings<'a> {
    runs: BTreeMap<&'a str, Run>,
    /// Ends that Zoom stated, in order.
    stated_ends: Vec<Point>,
    /// Starts, in order.
    starts: Vec<Point>,
}

#[derive(Default)]
struct Run {
    start: Option<Point>,
    last_word: Option<Point>,
    end: Option<Point>,
}

impl<'a> Meetings<'a> {
    /// Reads events that are in order.
    pub(super) fn of(events: &[&'a RoomEvent]) -> Self {
        let mut runs: BTreeMap<&str, Run> = BTreeMap::new();
        let mut stated_ends = Vec::new();
        let mut nameless_ends = Vec::new();
        for event in events {
            let point = Point::of(event);
            let run = event.instance.as_deref().map(|uuid| runs.entry(uuid).or_default());
            match (event.what, run) {
                (What::MeetingEnded, run) => {
                    stated_ends.push(point);
                    match run {
                        Some(run) => run.end = Some(point),
                        None => nameless_ends.push(point),
                    }
                }
                // People in the waiting room may carry another uuid than the meeting's; only these prove a start.
                (What::MeetingStarted | What::Joined, Some(run)) => {
                    run.start.get_or_insert(point);
                    run.last_word = Some(point);
                }
                (_, Some(run)) => run.last_word = Some(point),
                (_, None) => {}
            }
        }
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
            run.end = starts
                .iter()
                .find(|next| next.at > start.at)
                .map(|next| if next.at.since(last_word.at) <= SILENT_AT_MOST { *next } else { last_word });
        }
        Self { runs, stated_ends, starts }
    }

    /// Whether this meeting is known to have run.
    pub(super) fn ran(&self, instance: &str) -> bool {
        self.runs.get(instance).is_some_and(|run| run.start.is_some() || run.end.is_some())
    }

    /// When this meeting ended: by Zoom's word, or because the next one began.
    pub(super) fn end_of(&self, instance: &str) -> Option<Point> {
        self.runs.get(instance)?.end
    }

    /// The first end at or after that time that Zoom stated, of whichever meeting: nobody stays in a room's waiting
    /// room over the end of its meeting.
    pub(super) fn stated_end_after(&self, at: Timestamp) -> Option<Point> {
        self.stated_ends.iter().find(|end| end.at >= at).copied()
    }

    /// The first start at or after that time.
    pub(super) fn start_after(&self, at: Timestamp) -> Option<Point> {
        self.starts.iter().find(|start| start.at >= at).copied()
    }
}
