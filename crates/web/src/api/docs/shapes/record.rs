//! The record of who attended.

use utoipa::ToSchema;

use super::{
    board::{AttendeeStatus, Match, Named, NoShow, Source},
    booking::{Kind, Status},
};

/// Who attended an appointment.
#[derive(ToSchema)]
pub struct AppointmentRecord {
    attendees: Vec<AttendeeRecord>,
    host: HostRecord,
    /// Everybody of the staff who was in the meeting around that time, the host among them.
    staff: Vec<StaffRecord>,
}

/// How one of the staff attended.
#[derive(ToSchema)]
pub struct StaffRecord {
    /// `staff_…`; null where it was only said that it was one of the staff.
    #[schema(required)]
    id: Option<String>,
    name: String,
    stays: Vec<Stay>,
    together_seconds: u64,
}

/// How one attendee attended.
#[derive(ToSchema)]
pub struct AttendeeRecord {
    /// `att_…`
    id: String,
    external_id: String,
    name: String,
    #[schema(required)]
    r#match: Option<Match>,
    stays: Vec<Stay>,
    waited_seconds: u64,
    /// From Zoom's word that they joined.
    in_session_seconds: u64,
    /// While at least one of the staff was in session too.
    together_seconds: u64,
    /// How long after the start they were first heard of; negative before it, null where they were not.
    #[schema(required)]
    late_seconds: Option<i64>,
    #[schema(required)]
    no_show: Option<NoShow>,
}

/// How the host attended.
#[derive(ToSchema)]
pub struct HostRecord {
    stays: Vec<Stay>,
    /// How long after the start they were in the meeting; negative where they were in it before, null where they were
    /// not around that time.
    #[schema(required)]
    late_seconds: Option<i64>,
}

/// An interval of one kind, and where each of its ends comes from.
#[derive(ToSchema)]
pub struct Stay {
    kind: StayKind,
    #[schema(format = DateTime)]
    from: String,
    /// Null while it lasts.
    #[schema(format = DateTime, required)]
    to: Option<String>,
    from_source: Source,
    #[schema(required)]
    to_source: Option<Source>,
    /// Inbox ids of the deliveries that say so.
    evidence: Vec<String>,
}

/// What somebody did.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum StayKind {
    Waiting,
    Connecting,
    InSession,
}

/// A page of the record.
#[derive(ToSchema)]
pub struct Record {
    items: Vec<Session>,
    /// Give it back as `cursor` for the next page; null at the end.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// One appointment in the record.
#[derive(ToSchema)]
pub struct Session {
    /// `appt_…`
    id: String,
    external_id: String,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    kind: Kind,
    status: Status,
    host: Named,
    attendees: Vec<SessionAttendee>,
    host_in_session_seconds: u64,
    /// How long after the start the host was in the meeting.
    #[schema(required)]
    host_late_seconds: Option<i64>,
}

/// One attendee in the record.
#[derive(ToSchema)]
pub struct SessionAttendee {
    /// `att_…`
    id: String,
    external_id: String,
    name: String,
    status: AttendeeStatus,
    #[schema(required)]
    r#match: Option<Match>,
    #[schema(format = DateTime, required)]
    arrived_at: Option<String>,
    #[schema(format = DateTime, required)]
    joined_at: Option<String>,
    #[schema(format = DateTime, required)]
    left_at: Option<String>,
    waited_seconds: u64,
    in_session_seconds: u64,
    together_seconds: u64,
    /// How long after the start they were first heard of; negative before it, null where they were not.
    #[schema(required)]
    late_seconds: Option<i64>,
    #[schema(required)]
    no_show: Option<NoShow>,
    /// Inbox ids of the deliveries that say so.
    evidence: Vec<String>,
    /// What somebody should look at, each a sentence.
    doubts: Vec<String>,
}
