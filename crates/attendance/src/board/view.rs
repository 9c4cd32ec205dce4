//! The shapes of the board. What serialises is the JSON API's; what is marked `skip` is for our own pages alone.

use domain::{
    AppointmentId, AttendeeId, PresenceId, StaffId, Timestamp,
    alert::AlertKind,
    appointment::{Kind, Status},
    attendance::{
        feed::FeedState,
        matching::{DecidedBy, Level, StaffOrToken},
        no_show::{Ruling, Says},
        presence::{Whereabouts, Who},
        stay::Source,
        warnings::WarningKind,
    },
    text::{ExternalId, Name},
};
use jiff::civil::Date;
use serde::Serialize;

use crate::marks::Marking;

/// A clinic's day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Board {
    /// The day, in the clinic's zone.
    pub date: Date,
    /// When this was true.
    pub as_of: Timestamp,
    /// Whether Zoom is still heard of.
    pub feed: Feed,
    /// The day's appointments, by start; in-person and cancelled ones too.
    pub appointments: Vec<AppointmentRow>,
    /// Visitors in rooms of whom nobody can say, certainly or probably, who they are.
    pub unmatched: Vec<UnmatchedRow>,
    /// What whoever lets people in should know now, worst first; none on another day than today.
    pub warnings: Vec<Warning>,
    /// What is the matter in the rooms at this moment, worst first; none on another day than today.
    pub alerts: Vec<BoardAlert>,
    /// Whoever is in a room now of whom a person said that it is nobody to be matched, so that it can be taken back;
    /// longest there first, and none on another day than today.
    pub guests: Vec<GuestRow>,
    /// The number of the last change that this board shows: where a stream goes on from.
    #[serde(skip)]
    pub last_change: i64,
    /// Whether the day is today at the clinic.
    #[serde(skip)]
    pub is_today: bool,
}

/// How the feed from Zoom stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Feed {
    /// In a word.
    pub state: FeedState,
    /// When Zoom was last heard of.
    pub last_event_at: Option<Timestamp>,
    /// In a sentence, for the header.
    #[serde(skip)]
    pub sentence: String,
}

/// Somebody or something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named<I> {
    /// Which.
    pub id: I,
    /// As the clinic knows it.
    pub name: Name,
}

/// The host of an appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Host {
    /// Which of the staff.
    pub id: StaffId,
    /// As the clinic knows them.
    pub name: Name,
    /// Whether the host is in their room's meeting now. Only staff that Zoom vouches for count.
    pub present: bool,
    /// Since when.
    #[serde(skip)]
    pub present_since: Option<Timestamp>,
    /// The server of another product, such as `doxy.me`, where their visits take place there: then nobody tells whether
    /// the host is in the room.
    #[serde(skip)]
    pub elsewhere: Option<String>,
}

/// One appointment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppointmentRow {
    /// Which.
    pub id: AppointmentId,
    /// The scheduler's own id.
    pub external_id: ExternalId,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Who hosts it.
    pub host: Host,
    /// Who is to attend, in the order of booking.
    pub attendees: Vec<AttendeeRow>,
    /// Where it takes place.
    #[serde(skip)]
    pub kind: Kind,
    /// Whether it takes place.
    #[serde(skip)]
    pub status: Status,
}

/// How it stands with an attendee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AttendeeStatus {
    /// Nothing was heard of them.
    Expected,
    /// Their page was opened.
    Opened,
    /// They are in the waiting room.
    Waiting,
    /// They were let in and are not yet in the meeting.
    Connecting,
    /// They are in the meeting.
    InSession,
    /// They were there and are gone.
    Left,
    /// All evidence says that they did not come; nobody has said so yet.
    NoShowProposed,
    /// Somebody said that they did not come, and nothing that was heard of them says otherwise.
    NoShow,
}

impl AttendeeStatus {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Opened => "opened",
            Self::Waiting => "waiting",
            Self::Connecting => "connecting",
            Self::InSession => "in_session",
            Self::Left => "left",
            Self::NoShowProposed => "no_show_proposed",
            Self::NoShow => "no_show",
        }
    }
}

impl From<Whereabouts> for AttendeeStatus {
    fn from(whereabouts: Whereabouts) -> Self {
        match whereabouts {
            Whereabouts::Waiting => Self::Waiting,
            Whereabouts::Connecting => Self::Connecting,
            Whereabouts::InSession => Self::InSession,
            Whereabouts::Left => Self::Left,
        }
    }
}

/// One attendee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AttendeeRow {
    /// Which.
    pub id: AttendeeId,
    /// The scheduler's own id for the person.
    pub external_id: ExternalId,
    /// As the clinic knows them.
    pub name: Name,
    /// How it stands.
    pub status: AttendeeStatus,
    /// Since when. For `expected`: since it was booked. For `no_show_proposed`: since it could be proposed.
    pub since: Timestamp,
    /// Where the status comes from. For `expected`: a person, who booked it. For `no_show_proposed`: from what was heard
    /// of the room while nothing was of the attendee.
    pub source: Source,
    /// Who of those in the room it is, and how sure that is. `ambiguous`: somebody is there who may be this attendee;
    /// the status is then not theirs.
    #[serde(rename = "match")]
    pub matched: Option<MatchCell>,
    /// Whether they did not come, where that is a question or somebody has answered it.
    pub no_show: Option<NoShowCell>,
    /// How long after the start they were first heard of in the room, in seconds; negative before it, none where they
    /// were not.
    pub late_seconds: Option<i64>,
    /// The presence that the status is about (with `ambiguous`: may be about).
    #[serde(skip)]
    pub presence: Option<PresenceId>,
    /// The name last shown in Zoom, as typed by anybody at all.
    #[serde(skip)]
    pub shown_name: Option<String>,
    /// Where somebody of the staff says that they are, for rooms that tell nothing themselves.
    #[serde(skip)]
    pub marking: Marking,
    /// When their page was first seen.
    #[serde(skip)]
    pub opened_at: Option<Timestamp>,
    /// When Join was last pressed on their page.
    #[serde(skip)]
    pub pressed_at: Option<Timestamp>,
    /// How long they have waited, up to [`Board::as_of`], in seconds.
    #[serde(skip)]
    pub waited_seconds: u64,
    /// How long they were in the meeting, likewise.
    #[serde(skip)]
    pub in_session_seconds: u64,
    /// How long they and somebody of the staff were in the meeting at once, likewise.
    #[serde(skip)]
    pub together_seconds: u64,
}

/// How sure a match is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchCell {
    /// How sure.
    pub level: Level,
    /// Why.
    pub reasons: Vec<String>,
    /// By whom.
    pub decided_by: DecidedBy,
}

/// Whether somebody did not come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoShowCell {
    /// What the evidence says.
    pub says: Says,
    /// Why; what decides comes first. Where the evidence contradicts the ruling, the first says so.
    pub reasons: Vec<String>,
    /// What a person said, unless it was withdrawn.
    pub ruling: Option<RulingCell>,
}

impl NoShowCell {
    /// Whether it waits for somebody to accept or refuse it.
    pub fn is_proposed(&self) -> bool {
        self.says == Says::Yes && self.ruling.is_none()
    }
}

/// A person's word on a no-show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RulingCell {
    /// Accepted or refused; never withdrawn.
    pub ruling: Ruling,
    /// When.
    pub at: Timestamp,
    /// By whom.
    #[serde(skip)]
    pub by: StaffOrToken,
}

/// What whoever lets people into a room should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// What may go wrong.
    pub kind: WarningKind,
    /// Whose room.
    pub host: Named<StaffId>,
    /// In a sentence.
    pub sentence: String,
    /// Whom it is about, those who wait first.
    pub presences: Vec<PresenceId>,
}

/// Something that is the matter in a room at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BoardAlert {
    /// What.
    pub kind: AlertKind,
    /// Whose room.
    pub host: Named<StaffId>,
    /// In a sentence. It holds names: for the desk and the host alone.
    pub sentence: String,
    /// Since when.
    pub since: Timestamp,
    /// Which visit it is about, if about one.
    pub appointment: Option<AppointmentId>,
    /// Who in the room it is about, if about one person.
    pub presence: Option<PresenceId>,
}

/// Somebody in a room now of whom a person said that it is nobody to be matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GuestRow {
    /// Which presence: what taking it back is about.
    pub id: PresenceId,
    /// Whose room.
    pub host: Named<StaffId>,
    /// The name shown in Zoom, or "Guest".
    pub name: String,
    /// As what they were marked: `guest`, `interpreter` or `staff`.
    #[serde(rename = "as")]
    pub who: Who,
    /// Where they are.
    pub status: Whereabouts,
    /// Since when.
    pub since: Timestamp,
}

/// Somebody in a room, and nobody can say who.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnmatchedRow {
    /// Which presence: what a decision is about.
    pub id: PresenceId,
    /// Whose room.
    pub host: Named<StaffId>,
    /// The name shown in Zoom; "Guest 1", "Guest 2" by arrival in this room that day, where Zoom shows none.
    pub name: String,
    /// Where they are.
    pub status: Whereabouts,
    /// Since when.
    pub since: Timestamp,
    /// Who it may be, likeliest first.
    pub candidates: Vec<CandidateCell>,
    /// Who a person said that it is not, so that it can be taken back.
    pub not: Vec<AttendeeId>,
    /// When first heard of.
    #[serde(skip)]
    pub first_at: Timestamp,
    /// Whether [`name`](Self::name) is one that Zoom showed.
    #[serde(skip)]
    pub named: bool,
}

/// Somebody it may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CandidateCell {
    /// Who.
    pub attendee: AttendeeId,
    /// How likely.
    pub level: Level,
    /// Why.
    pub reasons: Vec<String>,
    /// As the clinic knows them.
    #[serde(skip)]
    pub name: Name,
    /// Of which appointment.
    #[serde(skip)]
    pub appointment: AppointmentId,
    /// When that starts.
    #[serde(skip)]
    pub starts_at: Timestamp,
}

/// What a stream has to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BoardChanges {
    /// These rows are new or different. With nothing in them, nothing changed.
    Rows(Box<BoardRows>),
    /// Too much happened, or it is no longer known: read the board whole.
    ReadWhole,
}

/// Changed rows, as they are now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BoardRows {
    /// The number of the last change included: the event's id.
    #[serde(skip)]
    pub last: i64,
    /// The day.
    pub date: Date,
    /// When this was true.
    pub as_of: Timestamp,
    /// Whether Zoom is still heard of.
    pub feed: Feed,
    /// Appointments that are new or different.
    pub appointments: Vec<AppointmentRow>,
    /// Unmatched people that are new or different.
    pub unmatched: Vec<UnmatchedRow>,
    /// All warnings as they are now, changed or not.
    pub warnings: Vec<Warning>,
    /// All that is the matter now, changed or not.
    pub alerts: Vec<BoardAlert>,
    /// All marked guests that are there now, changed or not.
    pub guests: Vec<GuestRow>,
    /// Unmatched people that are so no more: matched, settled or merged.
    pub gone: Vec<PresenceId>,
    /// Appointments that are no longer on this day.
    pub moved: Vec<AppointmentId>,
}

impl BoardRows {
    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.appointments.is_empty()
            && self.unmatched.is_empty()
            && self.gone.is_empty()
            && self.moved.is_empty()
    }
}
