//! The board, and what people decide there.

use utoipa::ToSchema;

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
    /// What whoever lets people in should know now, worst first.
    warnings: Vec<Warning>,
    /// What is the matter in the rooms at this moment, worst first.
    alerts: Vec<RoomAlert>,
    /// Who is in a room now and was marked as nobody to be matched.
    guests: Vec<MarkedGuest>,
}

/// Something that is the matter in a room at this moment. It comes and goes with time too.
#[derive(ToSchema)]
pub struct RoomAlert {
    kind: RoomAlertKind,
    host: Named,
    /// It holds names.
    sentence: String,
    #[schema(format = DateTime)]
    since: String,
    /// `appt_…` of the visit it is about, if about one.
    #[schema(required)]
    appointment: Option<String>,
    /// `pres_…` of whom in the room it is about, if about one person.
    #[schema(required)]
    presence: Option<String>,
}

/// What is the matter: a patient waits and the host is not there; a visit goes on while the next one waits; somebody looks
/// like the host under another Zoom account; patients are without staff; a stranger waits; the meeting still runs after the
/// last patient.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum RoomAlertKind {
    HostLate,
    Overrun,
    OtherAccount,
    NobodyHosting,
    Stranger,
    LeftRunning,
}

/// What whoever lets people into a room should know.
#[derive(ToSchema)]
pub struct Warning {
    kind: WarningKind,
    host: Named,
    sentence: String,
    /// `pres_…` of those whom it is about, those who wait first.
    presences: Vec<String>,
}

/// What may go wrong, in order of how bad it would be.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum WarningKind {
    PreviousStillThere,
    SeveralWaiting,
    UnknownWaiting,
    SameName,
}

/// Somebody who was marked as nobody to be matched.
#[derive(ToSchema)]
pub struct MarkedGuest {
    /// `pres_…`
    id: String,
    host: Named,
    /// As Zoom shows it: typed by anybody at all.
    name: String,
    r#as: DecidedAs,
    status: Whereabouts,
    #[schema(format = DateTime)]
    since: String,
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
    /// Whether they did not come, where that is a question or somebody has answered it.
    #[schema(required)]
    no_show: Option<NoShow>,
    /// How long after the start they were first heard of in the room; negative before it, null where they were not.
    #[schema(required)]
    late_seconds: Option<i64>,
}

/// Whether somebody did not come.
#[derive(ToSchema)]
pub struct NoShow {
    /// What the evidence says.
    says: Says,
    /// Why, each in a few words; what decides comes first.
    reasons: Vec<String>,
    /// What a person said, unless it was withdrawn.
    #[schema(required)]
    ruling: Option<StandingRuling>,
}

/// What the evidence says.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum Says {
    Yes,
    No,
    Unknown,
}

/// A person's word on a no-show.
#[derive(ToSchema)]
pub struct StandingRuling {
    ruling: RulingWord,
    #[schema(format = DateTime)]
    at: String,
}

/// A person's word on a no-show, as it is sent.
#[derive(ToSchema)]
pub struct Ruling {
    /// `withdrawn` takes an earlier word back.
    ruling: RulingWord,
}

/// What a person says of a no-show.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum RulingWord {
    Accepted,
    Refused,
    Withdrawn,
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
    /// `att_…` of whom a person said that it is not they.
    not: Vec<String>,
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
    /// All warnings as they are now, changed or not.
    warnings: Vec<Warning>,
    /// All that is the matter now, changed or not.
    alerts: Vec<RoomAlert>,
    /// All who are marked and there now, changed or not.
    guests: Vec<MarkedGuest>,
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
    /// `att_…` whom it is not, whatever the rules say; in place of an attendee. Several of these hold together, until
    /// something else is said.
    not: Option<String>,
    /// Somebody who is not to be matched; in place of an attendee.
    r#as: Option<DecidedAs>,
}

/// Who it is, if no attendee.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
pub enum DecidedAs {
    Guest,
    Interpreter,
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
    Interpreter,
}
