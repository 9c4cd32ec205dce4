//! One appointment: its links and what became of each, who was in the room when, and the form to change it.

use askama::Template;
use domain::attendance::stay::Stay;

use super::{
    board::State,
    booking::BookingForm,
    frame::Frame,
    timeline::{Timeline, kind_word, source_word},
    words::{self, Wall},
};

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "appointment.html")]
pub struct AppointmentPage {
    /// The frame.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// Who attends, as a list in words.
    pub whom: String,
    /// `Monday 23 November 2026`.
    pub date: String,
    /// `10:00–10:50`.
    pub time: String,
    /// `CST`.
    pub zone: String,
    /// Who hosts.
    pub host: String,
    /// `Telehealth` or `In person`.
    pub kind: &'static str,
    /// Whether it is cancelled.
    pub cancelled: bool,
    /// The scheduler's own id.
    pub external_id: String,
    /// The links, the host's first; none where there are none to hand out.
    pub links: Vec<LinkLine>,
    /// What was measured, one for each attendee.
    pub measured: Vec<Measured>,
    /// The picture; none where nobody was in the room.
    pub timeline: Option<Timeline>,
    /// The same as lines.
    pub stays: Vec<StayLine>,
    /// What stands in the place of both where nobody was in the room.
    pub nobody: &'static str,
    /// The form to change it, for who may.
    pub form: Option<BookingForm>,
}

/// A link and what became of it.
#[derive(Clone, Debug)]
pub struct LinkLine {
    /// Whose.
    pub whose: String,
    /// What they are in the appointment.
    pub role: &'static str,
    /// The address.
    pub url: String,
    /// What became of it, as sentences.
    pub fate: String,
}

/// What was measured of one attendee.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Who.
    pub name: String,
    /// How they stand.
    pub state: State,
    /// How sure the name is, and why; empty where nobody has to be told.
    pub sure: Vec<String>,
    /// Whether that is short of certain.
    pub in_doubt: bool,
    /// How long they waited.
    pub waited: String,
    /// How long they were in the meeting.
    pub in_session: String,
    /// How long with somebody of the staff.
    pub together: String,
}

/// One stay as a line of the table.
#[derive(Clone, Debug)]
pub struct StayLine {
    /// Who.
    pub who: String,
    /// What.
    pub what: &'static str,
    /// `09:58:12`.
    pub from: String,
    /// What says so.
    pub from_source: &'static str,
    /// `10:01:40`; `still` while it lasts.
    pub to: String,
    /// What says so; empty while it lasts.
    pub to_source: &'static str,
    /// How long.
    pub length: String,
    /// How many deliveries from Zoom say so.
    pub evidence: String,
}

impl StayLine {
    /// A stay in words.
    pub fn of(who: &str, stay: &Stay, wall: &Wall) -> Self {
        Self {
            who: who.to_owned(),
            what: kind_word(stay.kind),
            from: wall.time_to_the_second(stay.from),
            from_source: source_word(stay.from_source),
            to: stay.to.map_or_else(|| "still".to_owned(), |to| wall.time_to_the_second(to)),
            to_source: stay.to_source.map_or("", source_word),
            length: words::measured(stay.to.unwrap_or(wall.now).since(stay.from)),
            evidence: words::count(stay.evidence.len(), "message", "messages"),
        }
    }
}
