//! What a proposal is made of: the evidence around one attendee of one appointment.

use std::ops::Range;

use crate::{
    appointment::{Kind, Status},
    attendance::{feed::FeedState, matching::Level},
    clinic::Zone,
    time::Timestamp,
};

/// All that speaks for or against a no-show of one attendee.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// As of when.
    pub now: Timestamp,
    /// Where the clinic's clocks hang: reasons tell times as they are read there.
    pub zone: &'a Zone,
    /// When the appointment starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Where it takes place.
    pub kind: Kind,
    /// Whether it takes place.
    pub status: Status,
    /// When the attendee was first heard of in a room, and how sure it is that it was they; none where they were not.
    pub arrived: Option<Arrived>,
    /// When a link of their own was made for them.
    pub link_made_at: Option<Timestamp>,
    /// When its page was first seen.
    pub opened_at: Option<Timestamp>,
    /// When Join was pressed on it.
    pub pressed: &'a [Timestamp],
    /// Whether the host has a room at all: without one, nobody could come.
    pub has_room: bool,
    /// When somebody of the staff was in the room's meeting, whoever it was, in any order; what lasts ends now.
    pub hosted: &'a [Range<Timestamp>],
    /// Everybody in the room around that time of whom it is not certain that it was somebody else; what lasts ends now.
    pub unsettled: &'a [Unsettled],
    /// Presses of Join of anybody that led to this room, which was not heard of after them.
    pub unanswered: &'a [Timestamp],
    /// Times in which nothing could be received.
    pub outages: &'a [Range<Timestamp>],
    /// Whether somebody's coming or going around that time is known from Zoom's own record alone: deliveries were lost.
    pub was_lost: bool,
    /// How the feed stands now.
    pub feed: FeedState,
    /// How it stands with comparing the room with Zoom's own record of that time.
    pub compared: Compared,
}

/// The attendee's coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// When they were first heard of.
    pub at: Timestamp,
    /// How sure it is that it was they.
    pub level: Level,
}

/// Somebody in the room who may have been the attendee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsettled {
    /// From coming to going.
    pub range: Range<Timestamp>,
    /// The name shown in Zoom, or "Guest 1".
    pub shown: String,
    /// Whom they are only probably taken for; none where nobody can say. The same person's other appointment counts
    /// as well, however sure that is.
    pub taken_for: Option<String>,
    /// Whether the ladder or a person's question names the attendee as somebody whom it may be.
    pub named: bool,
}

/// A comparison with Zoom's own record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compared {
    /// None is due, and none was done.
    Never,
    /// One is due and not yet done.
    Due,
    /// One is due, after several tries to which Zoom had nothing to show. A meeting in which the host was alone may have
    /// no record at all, and that is what a no-show leaves behind.
    Missing,
    /// One was done after the appointment, and what it found is understood.
    Done(Timestamp),
}
