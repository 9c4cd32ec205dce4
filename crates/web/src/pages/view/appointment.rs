//! One appointment: its links and what became of each, who was in the room when, and the form to change it.

use askama::Template;
use domain::attendance::stay::Stay;

use super::{
    board::{Choice, Decided, NoShow, State},
    booking::BookingForm,
    frame::Frame,
    hand_out::{Copied, Does, Menu},
    ledger::{Fate, MessageLine},
    marks::MarkButtons,
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
    /// Whether the clinic's rules let the desk make it telehealth.
    pub offers_telehealth: bool,
    /// The scheduler's own id.
    pub external_id: String,
    /// What has just been done, as a sentence.
    pub said: Option<String>,
    /// Who hosts it, to be changed; empty where the reader may not.
    pub users: Vec<Choice>,
    /// The links and what became of each, for whoever hands them out.
    pub links: Option<LinksView>,
    /// What stands on the patients' pages, and where to say more; for whoever may.
    pub notices: Option<Vec<NoticeLine>>,
    /// What was typed to stand there and could not; may be empty.
    pub unsaid: String,
    /// Why it could not, as a sentence; empty where nothing was refused.
    pub unsaid_why: String,
    /// What was measured, one for each attendee.
    pub measured: Vec<Measured>,
    /// Who of the staff was in the room, each as a sentence.
    pub staff: Vec<String>,
    /// Who was marked as nobody to be matched, for the desk to take back.
    pub marked: Vec<Marked>,
    /// Who somebody was shown to be, where that changed.
    pub history: Vec<HistoryLine>,
    /// What was just decided from here, to be taken back at once if it was a slip.
    pub decided: Option<Decided>,
    /// The picture; none where nobody was in the room.
    pub timeline: Option<Timeline>,
    /// The same as lines.
    pub stays: Vec<StayLine>,
    /// What stands in the place of both where nobody was in the room.
    pub nobody: &'static str,
    /// The form to change it, for who may.
    pub form: Option<BookingForm>,
}

impl AppointmentPage {
    /// Whether there is anything to say otherwise.
    pub fn can_correct(&self) -> bool {
        !self.marked.is_empty()
            || self.measured.iter().any(|one| one.no_show.is_some() || !one.doubts.is_empty())
    }

    /// Whether somebody may be marked.
    pub fn can_mark(&self) -> bool {
        self.measured.iter().any(|one| one.marks.is_some())
    }

    /// The query that leads a decision back here.
    pub fn back(&self) -> String {
        format!("?appointment={}", self.id)
    }
}

/// The part of the page that is fetched again while the page is open.
#[derive(Clone, Debug, Template)]
#[template(path = "appointment/links.html")]
pub struct LinksPart {
    /// It.
    pub links: LinksView,
}

/// The links of an appointment and what became of each.
#[derive(Clone, Debug)]
pub struct LinksView {
    /// The appointment.
    pub id: String,
    /// The server's time, milliseconds since the epoch.
    pub now: i64,
    /// How many seconds of the clinic's clock pass in one second.
    pub rate: u32,
    /// Why nothing can be handed out; empty where something can.
    pub note: String,
    /// The six ways behind the telehealth icon.
    pub icon: Menu,
    /// The host, then each attendee.
    pub people: Vec<LinkLine>,
}

/// A link and what became of it.
#[derive(Clone, Debug, Default)]
pub struct LinkLine {
    /// Names the line in the page: `staff`, or the attendee's id.
    pub key: String,
    /// Whose.
    pub whose: String,
    /// What they are in the appointment.
    pub role: &'static str,
    /// The address; empty where there is none to hand out.
    pub url: String,
    /// What the copy button copies.
    pub copied: Copied,
    /// The ways to hand it out.
    pub menu: Menu,
    /// What became of it, in a few words.
    pub fate: Fate,
    /// What was done with it, as sentences.
    pub told: String,
    /// Each message, the newest first.
    pub messages: Vec<MessageLine>,
    /// Where it is put out of use; empty where there is none.
    pub renew: String,
    /// Where the person's link to all their visits is, for the desk; else empty.
    pub portal: String,
}

/// What stands on patients' pages.
#[derive(Clone, Debug)]
pub struct NoticeLine {
    /// Its id, for taking it down.
    pub id: String,
    /// Whose patients see it.
    pub host: String,
    /// Who of them.
    pub whom: String,
    /// What it says, as it reads there.
    pub words: String,
    /// Who said it, and when.
    pub by: String,
    /// Until when it stands there.
    pub until: String,
}

/// What was measured of one attendee.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The buttons by which the staff say where they are, for rooms that tell nothing themselves.
    pub marks: Option<MarkButtons>,
    /// Who.
    pub name: String,
    /// How they stand.
    pub state: State,
    /// How sure the name is, and why; empty where nobody has to be told.
    pub sure: Vec<String>,
    /// Whether that is short of certain.
    pub in_doubt: bool,
    /// Why it is or is not taken for a no-show, as sentences.
    pub absence: Vec<String>,
    /// The question whether they did not come, for the desk.
    pub no_show: Option<NoShow>,
    /// Those who are taken for them, for the desk to say that they are not.
    pub doubts: Vec<Taken>,
    /// `8 min early`; empty where they were not heard of.
    pub came: String,
    /// How long they waited.
    pub waited: String,
    /// How long they were in the meeting.
    pub in_session: String,
    /// How long with somebody of the staff.
    pub together: String,
}

/// Somebody in the room who is taken for an attendee.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Who is in the room.
    pub presence: String,
    /// Who that is taken for.
    pub attendee: String,
    /// The attendee's name.
    pub name: String,
    /// `2 of 3` where several are taken for the same; else empty.
    pub number: String,
    /// Whether a person decided it, so that it can be taken back.
    pub decided: bool,
}

/// Somebody who was marked as nobody to be matched.
#[derive(Clone, Debug)]
pub struct Marked {
    /// Who was in the room.
    pub presence: String,
    /// The name shown in Zoom, between marks.
    pub name: String,
    /// `guest`, `interpreter` or `one of the staff`.
    pub as_what: &'static str,
}

/// Who somebody was shown to be, and until when.
#[derive(Clone, Debug)]
pub struct HistoryLine {
    /// Of whom.
    pub who: String,
    /// `09:58:12`.
    pub from: String,
    /// `10:01:40`; `still` for what is shown now.
    pub until: String,
    /// As whom.
    pub shown_as: String,
    /// Who says so.
    pub by: String,
    /// Why, as sentences; may be empty.
    pub why: String,
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
