//! A board of a made-up day, and how it is drawn.

mod page;
mod people;
mod visits;

use std::collections::HashMap;

use attendance::{
    Board,
    board::{AppointmentRow, AttendeeRow, AttendeeStatus, Feed, Host, MatchCell},
};
use domain::{
    AppointmentId, Timestamp,
    appointment::{Kind, Status},
    attendance::{
        feed::FeedState,
        matching::{DecidedBy, Level},
        stay::Source,
    },
    clinic::{Clinic, Zone},
    text::{ExternalId, Name},
};

use super::{Asked, build};
use crate::pages::view::{
    board::{BoardView, Row},
    words::Wall,
};

const NOW: &str = "16:07:00";

fn at(time: &str) -> Timestamp {
    format!("2026-11-23T{time}Z").parse().unwrap()
}

fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str, number: u32) -> T {
    format!("{prefix}_01935a5a700070008000{number:012}").parse().unwrap()
}

fn osei(present: bool) -> Host {
    Host {
        id: id("staff", 1),
        name: Name::parse("Dr. Osei").unwrap(),
        present,
        present_since: present.then(|| at("15:00:00")),
        elsewhere: None,
    }
}

fn haddad() -> Host {
    Host {
        id: id("staff", 2),
        name: Name::parse("Dr. Haddad").unwrap(),
        present: true,
        present_since: None,
        elsewhere: None,
    }
}

fn attendee(number: u32, name: &str, status: AttendeeStatus, since: &str) -> AttendeeRow {
    let is_there = !matches!(status, AttendeeStatus::Expected | AttendeeStatus::Opened);
    AttendeeRow {
        id: id("att", number),
        external_id: ExternalId::parse("p-1").unwrap(),
        name: Name::parse(name).unwrap(),
        status,
        since: at(since),
        source: Source::Webhook,
        matched: is_there.then(|| MatchCell {
            level: Level::Certain,
            reasons: vec!["pressed Join on this link 12 s before".to_owned()],
            decided_by: DecidedBy::Rule,
        }),
        no_show: None,
        marking: attendance::marks::Marking::default(),
        late_seconds: None,
        presence: is_there.then(|| id("pres", number)),
        shown_name: is_there.then(|| "Rosa’s iPad".to_owned()),
        opened_at: None,
        pressed_at: None,
        waited_seconds: 180,
        in_session_seconds: 0,
        together_seconds: 0,
    }
}

fn row(number: u32, from: &str, to: &str, host: Host, attendees: Vec<AttendeeRow>) -> AppointmentRow {
    AppointmentRow {
        id: id("appt", number),
        external_id: ExternalId::parse("a-1").unwrap(),
        starts_at: at(from),
        ends_at: at(to),
        host,
        attendees,
        kind: Kind::Telehealth,
        status: Status::Booked,
    }
}

fn board(appointments: Vec<AppointmentRow>) -> Board {
    Board {
        date: "2026-11-23".parse().unwrap(),
        as_of: at(NOW),
        feed: Feed { state: FeedState::Live, last_event_at: Some(at("16:06:56")), sentence: String::new() },
        appointments,
        unmatched: Vec::new(),
        alerts: Vec::new(),
        warnings: Vec::new(),
        guests: Vec::new(),
        last_change: 7,
        is_today: true,
    }
}

fn seen_with(board: &Board, asked: &Asked) -> BoardView {
    let clinic = Clinic {
        id: id("clinic", 1),
        name: Name::parse("Riverside").unwrap(),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: at("00:00:00"),
    };
    let wall = Wall { zone: clinic.zone.clone(), now: board.as_of };
    let ledgers = HashMap::new();
    let booked = HashMap::new();
    let zoom_names = HashMap::from([(id("att", 77), "Guest K7QF".to_owned())]);
    let facts = build::Facts {
        clinic: &clinic,
        wall,
        rate: 1,
        board,
        staff: &[],
        connections: &[],
        ledgers: &ledgers,
        booked: &booked,
        channels: &[],
        notices: &[],
        query: String::new(),
        zoom_names: &zoom_names,
        standings: &[],
        is_admin: false,
    };
    build::view(&facts, &asked.understand().unwrap())
}

fn seen(board: &Board) -> BoardView {
    seen_with(board, &Asked::default())
}

/// Which group holds the row of this number, and the row.
fn found(view: &BoardView, key: &str) -> (&'static str, Row) {
    view.groups
        .iter()
        .find_map(|group| group.rows.iter().find(|row| row.key == key).map(|row| (group.id, row.clone())))
        .unwrap()
}

fn appointment_key(number: u32) -> String {
    id::<AppointmentId>("appt", number).to_string()
}

fn one(status: AttendeeStatus, since: &str, host: Host) -> (&'static str, Row) {
    let board =
        board(vec![row(1, "16:00:00", "16:50:00", host, vec![attendee(1, "Rosa Delgado", status, since)])]);
    found(&seen(&board), &appointment_key(1))
}

fn row_of(from: &str, to: &str, one: AttendeeRow) -> AppointmentRow {
    row(1, from, to, osei(true), vec![one])
}
