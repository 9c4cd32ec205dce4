//! What the API takes and answers, as its description tells it. These types are never made: the values come from the
//! crates below, which know nothing of descriptions. A test holds real answers against them.
#![expect(dead_code, reason = "they describe, and are never made")]

use utoipa::ToSchema;

/// An appointment as a scheduler books it. Sent again with the same external id it changes the appointment.
#[derive(ToSchema)]
pub struct Booking {
    /// When it starts: RFC 3339.
    #[schema(format = DateTime)]
    starts_at: String,
    /// When it ends: after the start, within 24 hours.
    #[schema(format = DateTime)]
    ends_at: String,
    /// E-mail address, external id or `staff_…` of a member of the staff.
    host: String,
    kind: Kind,
    status: Status,
    /// Who is to attend: 1 to 50.
    #[schema(min_items = 1, max_items = 50)]
    attendees: Vec<BookedAttendee>,
}

/// Somebody who is to attend.
#[derive(ToSchema)]
pub struct BookedAttendee {
    /// Your own id for the person; at most 128 characters.
    #[schema(max_length = 128)]
    external_id: String,
    /// One line, at most 200 characters.
    #[schema(max_length = 200)]
    name: String,
    email: Option<String>,
    /// E.164: `+15550100123`.
    phone: Option<String>,
    /// What they agreed to; nothing where it is absent.
    consent: Option<Consent>,
}

/// What a person agreed to.
#[derive(ToSchema)]
pub struct Consent {
    /// E-mail about their appointments.
    email: bool,
    /// Text messages about their appointments.
    sms: bool,
}

/// Where it takes place.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Kind {
    Telehealth,
    InPerson,
}

/// Whether it takes place.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Status {
    Booked,
    Cancelled,
}

/// An appointment with the links to hand out.
#[derive(ToSchema)]
pub struct Appointment {
    /// `appt_…`
    id: String,
    external_id: String,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    kind: Kind,
    status: Status,
    host: AppointmentHost,
    /// For the host: leads to their room once they are signed in.
    host_link: String,
    attendees: Vec<AppointmentAttendee>,
}

/// The host of an appointment.
#[derive(ToSchema)]
pub struct AppointmentHost {
    /// `staff_…`
    id: String,
    name: String,
    connection: Connection,
}

/// Whether the host's Zoom account is connected. Patients can join only if it is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Connection {
    Connected,
    NeedsReconnect,
    NotConnected,
}

/// An attendee with their own link.
#[derive(ToSchema)]
pub struct AppointmentAttendee {
    /// `att_…`
    id: String,
    external_id: String,
    name: String,
    /// For this attendee alone. Valid from 24 hours before the start to 4 hours after the end.
    join_link: String,
}

/// A page of appointments.
#[derive(ToSchema)]
pub struct Appointments {
    items: Vec<Appointment>,
    /// Give it back as `cursor` for the next page; null at the end.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// Which links to hand out, and how.
#[derive(ToSchema)]
pub struct HandOut {
    /// `staff`, `patients`, or an `att_…` of this appointment.
    to: String,
    by: By,
}

/// How links are handed out. Only `copy` works until e-mail or SMS is set up.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum By {
    Copy,
    Sms,
    Email,
}

/// Links to hand out.
#[derive(ToSchema)]
pub struct Links {
    links: Vec<Link>,
}

/// A link.
#[derive(ToSchema)]
pub struct Link {
    /// Whose it is; absent for the host's.
    attendee: Option<String>,
    url: String,
}

/// A clinic's day.
#[derive(ToSchema)]
pub struct Board {
    #[schema(format = Date)]
    date: String,
    /// When this was true.
    #[schema(format = DateTime)]
    as_of: String,
    feed: Feed,
    appointments: Vec<BoardAppointment>,
    /// People in rooms of whom nobody can say who they are.
    unmatched: Vec<Unmatched>,
}

/// Whether Zoom is still heard of. With `stale`, what the board shows may be old.
#[derive(ToSchema)]
pub struct Feed {
    state: FeedState,
    #[schema(format = DateTime, required)]
    last_event_at: Option<String>,
}

/// How the feed stands.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum FeedState {
    Live,
    Quiet,
    Stale,
    Never,
}

/// A row of the board.
#[derive(ToSchema)]
pub struct BoardAppointment {
    /// `appt_…`
    id: String,
    external_id: String,
    #[schema(format = DateTime)]
    starts_at: String,
    #[schema(format = DateTime)]
    ends_at: String,
    host: BoardHost,
    attendees: Vec<BoardAttendee>,
}

/// A host on the board.
#[derive(ToSchema)]
pub struct BoardHost {
    /// `staff_…`
    id: String,
    name: String,
    /// Whether the host is in their room now.
    present: bool,
}

/// An attendee on the board.
#[derive(ToSchema)]
pub struct BoardAttendee {
    /// `att_…`
    id: String,
    external_id: String,
    name: String,
    status: AttendeeStatus,
    #[schema(format = DateTime)]
    since: String,
    source: Source,
    #[schema(required)]
    r#match: Option<Match>,
}

/// How it stands with an attendee.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum AttendeeStatus {
    Expected,
    Opened,
    Waiting,
    Connecting,
    InSession,
    Left,
    NoShowProposed,
    NoShow,
}

/// Where a fact comes from: a delivery from Zoom, Zoom's own record, a page of ours, or a person of the staff.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Source {
    Webhook,
    ZoomRecord,
    Page,
    Person,
}

/// How sure it is that somebody in the room is this attendee. Only `certain` may be shown as the patient without a
/// question mark.
#[derive(ToSchema)]
pub struct Match {
    level: Level,
    /// Why, each a sentence.
    reasons: Vec<String>,
    decided_by: DecidedBy,
}

/// How sure.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Level {
    Certain,
    Probable,
    Ambiguous,
}

/// By whom.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum DecidedBy {
    Rule,
    Person,
}

/// Somebody in a room, and nobody can say who.
#[derive(ToSchema)]
pub struct Unmatched {
    /// `pres_…`
    id: String,
    host: Named,
    /// As Zoom shows it: typed by anybody at all.
    name: String,
    status: Whereabouts,
    #[schema(format = DateTime)]
    since: String,
    /// Who it may be, likeliest first.
    candidates: Vec<Candidate>,
}

/// Where somebody is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Whereabouts {
    Waiting,
    Connecting,
    InSession,
    Left,
}

/// A member of the staff.
#[derive(ToSchema)]
pub struct Named {
    /// `staff_…`
    id: String,
    name: String,
}

/// Somebody it may be.
#[derive(ToSchema)]
pub struct Candidate {
    /// `att_…`
    attendee: String,
    level: Level,
    reasons: Vec<String>,
}

/// The data of one event of the stream: the rows that changed, or all of them.
#[derive(ToSchema)]
pub struct BoardEvent {
    /// Whether these are all rows, to be put in place of whatever you have. So it is at first, and after too long an
    /// absence.
    whole: bool,
    #[schema(format = Date)]
    date: String,
    #[schema(format = DateTime)]
    as_of: String,
    feed: Feed,
    /// Rows that are new or different.
    appointments: Vec<BoardAppointment>,
    /// People that are new or different.
    unmatched: Vec<Unmatched>,
    /// People that are unmatched no more. Absent where `whole`.
    gone: Option<Vec<String>>,
    /// Appointments that are no longer on this day. Absent where `whole`.
    moved: Option<Vec<String>>,
}

/// A person's decision about who somebody is. It beats every rule. `attendee: null` alone takes an earlier one back.
#[derive(ToSchema)]
pub struct Decision {
    /// `att_…`, of an appointment whose host's room this is.
    attendee: Option<String>,
    /// Somebody who is not to be matched; in place of an attendee.
    r#as: Option<DecidedAs>,
}

/// Who it is, if no attendee.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum DecidedAs {
    Guest,
    Staff,
}

/// How somebody stands after a decision.
#[derive(ToSchema)]
pub struct Presence {
    /// `pres_…`
    id: String,
    who: Who,
    status: Whereabouts,
    #[schema(format = DateTime)]
    since: String,
    /// `att_…`, where it is one.
    #[schema(required)]
    attendee: Option<String>,
    #[schema(required)]
    r#match: Option<Match>,
}

/// What kind of person it is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Who {
    Visitor,
    Staff,
    Guest,
}

/// Who attended an appointment.
#[derive(ToSchema)]
pub struct AppointmentRecord {
    attendees: Vec<AttendeeRecord>,
    host: HostRecord,
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
}

/// How the host attended.
#[derive(ToSchema)]
pub struct HostRecord {
    stays: Vec<Stay>,
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
    /// Inbox ids of the deliveries that say so.
    evidence: Vec<String>,
    /// What somebody should look at, each a sentence.
    doubts: Vec<String>,
}

/// An error (RFC 9457).
#[derive(ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says of which kind it is.
    r#type: String,
    title: String,
    status: u16,
    /// What happened this time, and what to do.
    detail: String,
    /// Name it when you ask for help.
    request_id: String,
    /// The fields that were refused.
    errors: Option<Vec<FieldError>>,
}

/// One field that was refused.
#[derive(ToSchema)]
pub struct FieldError {
    /// A path such as `attendees[1].email`.
    field: String,
    message: String,
}
