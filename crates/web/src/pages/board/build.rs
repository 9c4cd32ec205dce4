//! From attendance's board to what the desk sees: which row stands in which group, and in which order.

use std::collections::HashMap;

use attendance::Board;
use domain::{
    AppointmentId, AttendeeId, StaffId, Timestamp,
    appointment::Attendee,
    attendance::feed::FeedState,
    clinic::Clinic,
    outreach::{desk::Notice, message::Channel},
    room::Connection,
    room::ConnectionState,
    staff::StaffMember,
};
use oauth::Standing;
use outreach::Ledger;

use super::{Wanted, alerts, rows, strip, tell, warnings};
use crate::pages::{
    host_choices,
    view::{
        board::{BoardView, Empty, Feed, Group, Row},
        words::{Wall, long_date},
    },
    with_mark,
};

/// What the board is made of.
pub(super) struct Facts<'a> {
    /// Whose it is.
    pub clinic: &'a Clinic,
    /// Its clock.
    pub wall: Wall,
    /// How fast that goes.
    pub rate: u32,
    /// Who is where.
    pub board: &'a Board,
    /// Everybody who works there.
    pub staff: &'a [StaffMember],
    /// Their connections.
    pub connections: &'a [Connection],
    /// What became of the links of those still to come.
    pub ledgers: &'a HashMap<AppointmentId, Ledger>,
    /// Where each may be written to, and what they agreed to.
    pub booked: &'a HashMap<AttendeeId, Attendee>,
    /// By what this installation sends.
    pub channels: &'a [Channel],
    /// What stands on patients' pages.
    pub notices: &'a [Notice],
    /// What Zoom calls those who wait in registered rooms, where they come by their own link.
    pub zoom_names: &'a HashMap<AttendeeId, String>,
    /// How the connections and rooms of the day's hosts stand; none on another day than today.
    pub standings: &'a [Standing],
    /// The board as it is looked at, as a query.
    pub query: String,
    /// Whether the reader may see how word comes from Zoom.
    pub is_admin: bool,
}

impl Facts<'_> {
    /// Whether the host's visits take place in a room of another product.
    fn is_elsewhere(&self, host: StaffId) -> bool {
        self.board.appointments.iter().any(|row| row.host.id == host && row.host.elsewhere.is_some())
    }

    /// Whether the host could be joined, as far as the connection goes.
    pub fn is_connected(&self, host: StaffId) -> bool {
        self.is_elsewhere(host)
            || self.connections.iter().any(|connection| {
                connection.staff_id == host && connection.state != ConnectionState::Disconnected
            })
    }
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Only the desk can help.
    You,
    /// Somebody waits.
    Waiting,
    /// A visit runs.
    InSession,
    /// To come today, and somebody has no link for it.
    Unsent,
    /// To come.
    Next,
    /// Over, or not to take place.
    Done,
}

/// Within a group, what comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// Somebody is there.
    Now,
    /// It can be answered later in the day.
    Today,
}

/// A row, where it stands, by what it is put in order there, and in whose room it is.
pub(super) struct Placed {
    pub need: Need,
    pub order: (Urgency, Timestamp),
    pub host: StaffId,
    pub row: Row,
}

/// The board as the desk sees it.
pub(super) fn view(facts: &Facts<'_>, wanted: &Wanted) -> BoardView {
    let (wall, board) = (&facts.wall, facts.board);
    let mut placed = rows::all(facts);
    let had_rows = !placed.is_empty();
    placed.retain(|placed| rows::is_wanted(placed, wanted));
    let groups: Vec<Group> = [
        (Need::You, "needs", "Needs you"),
        (Need::Waiting, "waiting", "Waiting"),
        (Need::InSession, "in", "In session"),
        (Need::Unsent, "unsent", "No link sent yet"),
        (Need::Next, "next", "Next"),
        (Need::Done, "done", "Done"),
    ]
    .into_iter()
    .map(|(need, id, title)| {
        let mut rows: Vec<_> = placed.extract_if(.., |placed| placed.need == need).collect();
        rows.sort_by_key(|placed| placed.order);
        if need == Need::Done {
            rows.reverse();
        }
        Group { id, title, rows: rows.into_iter().map(|placed| placed.row).collect() }
    })
    .collect();
    let nothing = groups.iter().all(|group| group.rows.is_empty());
    let beside = |date: Result<jiff::civil::Date, _>| {
        with_mark(&Wanted { search: String::new(), ..wanted.clone() }.query(date.ok()))
    };
    BoardView {
        clinic: facts.clinic.name.to_string(),
        day: long_date(board.date),
        date: board.date.to_string(),
        is_today: board.is_today,
        before: beside(board.date.yesterday()),
        after: beside(board.date.tomorrow()),
        time: wall.time(wall.now),
        zone: wall.zone_word(wall.now),
        offset: wall.offset(),
        now: wall.now.as_millis(),
        rate: facts.rate,
        feed: feed(facts),
        hosts: host_choices(facts.staff, wanted.host, wanted.host),
        search: wanted.search.clone(),
        query: with_mark(&wanted.query(wanted.date)),
        strip: strip::strip(facts, wanted.host),
        alerts: alerts::lines(facts, wanted.host),
        warnings: warnings::lines(facts, wanted.host),
        notices: tell::lines(facts, wanted.host),
        groups,
        empty: nothing.then(|| empty(facts, wanted, had_rows)),
    }
}

fn empty(facts: &Facts<'_>, wanted: &Wanted, had_rows: bool) -> Empty {
    if had_rows {
        let everything = Wanted { host: None, search: String::new(), ..wanted.clone() };
        let sentence = if wanted.search.is_empty() {
            "Nothing is booked with them on this day.".to_owned()
        } else {
            format!("Nobody on this day is called “{}”.", wanted.search)
        };
        let href = format!("/board{}", with_mark(&everything.query(wanted.date)));
        Empty { sentence, href, action: "Show everybody" }
    } else {
        Empty {
            sentence: "Nothing is booked for this day.".to_owned(),
            href: format!("/appointments/new?date={}", facts.board.date),
            action: "Book an appointment",
        }
    }
}

fn feed(facts: &Facts<'_>) -> Feed {
    let feed = &facts.board.feed;
    let last = feed.last_event_at;
    let ago = last.map(|at| facts.wall.ago(at)).unwrap_or_default();
    let last = last.map(Timestamp::as_millis);
    let (word, sentence, last) = match feed.state {
        FeedState::Live => ("Live", String::new(), last),
        FeedState::Quiet => ("Quiet", feed.sentence.clone(), None),
        FeedState::Stale => ("May be old", feed.sentence.clone(), None),
        FeedState::Never => (
            "Not heard from yet",
            format!("{} Until it does, nobody shows as waiting here.", feed.sentence),
            None,
        ),
    };
    Feed { state: feed.state.as_str(), word, sentence, last, ago, more: facts.is_admin }
}
