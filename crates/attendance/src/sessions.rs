//! The record: who attended which appointment, for how long, and what says so.

mod of_appointment;
mod record;

use domain::{
    AppointmentId, AttendeeId, DeliveryId, PresenceId, StaffId, Timestamp,
    appointment::{Kind, Status},
    attendance::{
        presence::{Whereabouts, Who},
        stay::Stay,
    },
    text::{ExternalId, Name},
};
use serde::Serialize;

use crate::{
    board::{AttendeeStatus, MatchCell, Named, NoShowCell},
    marks::Marking,
};

/// The attendance of one appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppointmentAttendance {
    /// Who was to attend.
    pub attendees: Vec<AttendeeAttendance>,
    /// Its host.
    pub host: HostAttendance,
    /// Everybody of the staff who was in the meeting around that time, the host among them: colleagues who covered, and
    /// several devices of one person taken together; by coming.
    pub staff: Vec<StaffAttendance>,
    /// When this was true; what lasts is counted up to here.
    #[serde(skip)]
    pub as_of: Timestamp,
    /// Everybody else in the host's room around that time: other staff, guests, people not (surely) known.
    #[serde(skip)]
    pub others: Vec<Other>,
}

/// The attendance of one attendee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttendeeAttendance {
    /// Which.
    pub id: AttendeeId,
    /// The scheduler's own id for the person.
    pub external_id: ExternalId,
    /// As the clinic knows them.
    pub name: Name,
    /// The least sure of the matches that the stays rest on.
    #[serde(rename = "match")]
    pub matched: Option<MatchCell>,
    /// Where they were, over all of their presences, in order.
    pub stays: Vec<Stay>,
    /// How long they waited.
    pub waited_seconds: u64,
    /// How long they were in the meeting.
    pub in_session_seconds: u64,
    /// How long they and somebody of the staff were in the meeting at once.
    pub together_seconds: u64,
    /// How long after the start they were first heard of, in seconds; negative before it, none where they were not.
    pub late_seconds: Option<i64>,
    /// Whether they did not come, where that is a question or somebody has answered it.
    pub no_show: Option<NoShowCell>,
    /// The presences that the stays are of.
    #[serde(skip)]
    pub presences: Vec<PresenceId>,
    /// The names they showed in Zoom.
    #[serde(skip)]
    pub shown_names: Vec<String>,
    /// When their page was first seen.
    #[serde(skip)]
    pub opened_at: Option<Timestamp>,
    /// When Join was pressed on their page.
    #[serde(skip)]
    pub presses: Vec<Timestamp>,
    /// How it stands.
    #[serde(skip)]
    pub status: AttendeeStatus,
    /// Where somebody of the staff says that they are, for rooms that tell nothing themselves.
    #[serde(skip)]
    pub marking: Marking,
}

/// Where the host was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HostAttendance {
    /// Over all of their presences around the appointment, in order.
    pub stays: Vec<Stay>,
    /// How long after the start they were in the meeting, in seconds; negative where they were in it before. None where
    /// they were not in it from half an hour before the start until half an hour after the end.
    pub late_seconds: Option<i64>,
    /// Who.
    #[serde(skip)]
    pub host: Named<StaffId>,
}

/// Where one of the staff was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StaffAttendance {
    /// Who; none where a person said that it was one of the staff, and not which.
    pub id: Option<StaffId>,
    /// As the clinic knows them, or the name shown in Zoom.
    pub name: String,
    /// Over all of their presences around the appointment, in order; whole, also where they reach into other visits.
    pub stays: Vec<Stay>,
    /// How long they and at least one of the attendees were in the meeting at once, in seconds.
    pub together_seconds: u64,
}

/// Somebody else in the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// Which presence.
    pub id: PresenceId,
    /// What kind of person.
    pub who: Who,
    /// Which of the staff, where that is known.
    pub staff: Option<Named<StaffId>>,
    /// The name shown in Zoom, as typed by anybody at all.
    pub shown_name: Option<String>,
    /// Where they are.
    pub whereabouts: Whereabouts,
    /// Where they were.
    pub stays: Vec<Stay>,
    /// Who it may be.
    pub candidates: Vec<AttendeeId>,
}

/// Which sessions are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionFilter {
    /// Of this host alone.
    pub host: Option<StaffId>,
    /// Only those with a doubt.
    pub only_with_doubts: bool,
}

/// A page of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sessions {
    /// By start.
    pub items: Vec<SessionRow>,
    /// Where the next page goes on; none at the end.
    #[serde(skip)]
    pub next: Option<(Timestamp, AppointmentId)>,
}

/// One appointment in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionRow {
    /// Which appointment.
    pub id: AppointmentId,
    /// The scheduler's own id.
    pub external_id: ExternalId,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Where it takes place.
    pub kind: Kind,
    /// Whether it takes place.
    pub status: Status,
    /// Who hosts it.
    pub host: Named<StaffId>,
    /// Who was to attend.
    pub attendees: Vec<SessionAttendee>,
    /// How long the host was in the meeting between the first and the last that was heard of its attendees, seconds.
    pub host_in_session_seconds: u64,
    /// How long after the start the host was in the meeting, in seconds: see [`HostAttendance::late_seconds`].
    pub host_late_seconds: Option<i64>,
}

/// One attendee in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionAttendee {
    /// Which.
    pub id: AttendeeId,
    /// The scheduler's own id for the person.
    pub external_id: ExternalId,
    /// As the clinic knows them.
    pub name: Name,
    /// How it stands. Never `opened`: opening a page is no attendance. `no_show_proposed` and `no_show` as on the board.
    pub status: AttendeeStatus,
    /// The least sure of the matches that this rests on.
    #[serde(rename = "match")]
    pub matched: Option<MatchCell>,
    /// When they were first heard of in the room.
    pub arrived_at: Option<Timestamp>,
    /// When they were first in the meeting.
    pub joined_at: Option<Timestamp>,
    /// When they were last seen to leave; none while they are there.
    pub left_at: Option<Timestamp>,
    /// How long they waited.
    pub waited_seconds: u64,
    /// How long they were in the meeting.
    pub in_session_seconds: u64,
    /// How long they and somebody of the staff were in the meeting at once.
    pub together_seconds: u64,
    /// How long after the start they were first heard of, in seconds; negative before it, none where they were not.
    pub late_seconds: Option<i64>,
    /// Whether they did not come, where that is a question or somebody has answered it.
    pub no_show: Option<NoShowCell>,
    /// Inbox ids of the deliveries that say so, in order.
    pub evidence: Vec<DeliveryId>,
    /// What somebody should look at, each a sentence.
    pub doubts: Vec<String>,
}

#[cfg(test)]
mod tests;
