//! Who was in the room: the attendees with what was measured, the staff, and whoever else.

use std::{ops::Range, time::Duration};

use attendance::{
    AppointmentAttendance,
    board::{AttendeeStatus, MatchCell, NoShowCell},
    sessions::{AttendeeAttendance, StaffAttendance},
};
use domain::{
    Timestamp,
    appointment::Appointment,
    attendance::{
        matching::{DecidedBy, Level},
        no_show::Says,
        presence::Who as WhoIs,
        stay::{Stay, StayKind},
    },
    staff::StaffMember,
};

use super::super::{
    board::{marks, no_show},
    view::{
        appointment::{Marked, Measured, Taken},
        board::State as Standing,
        timeline::Stays,
        words::{self, Wall, isolated, measured, sentence},
    },
};

/// From the first to the last of the visit: its own time, and its attendees'.
fn span(record: &AppointmentAttendance, appointment: &Appointment) -> Range<Timestamp> {
    let own = || record.attendees.iter().flat_map(|one| &one.stays);
    let first = own().map(|stay| stay.from).fold(appointment.starts_at, Timestamp::min);
    let last = own().map(|stay| stay.to.unwrap_or(record.as_of)).fold(appointment.ends_at, Timestamp::max);
    first..last
}

fn touching<'a>(stays: &'a [Stay], span: &Range<Timestamp>) -> Vec<&'a Stay> {
    stays.iter().filter(|stay| stay.from < span.end && stay.to.is_none_or(|to| to > span.start)).collect()
}

/// Everybody whose stays are drawn, the host first.
pub(super) fn everybody<'a>(record: &'a AppointmentAttendance, appointment: &Appointment) -> Vec<Stays<'a>> {
    // The room is the host's all day: of others only what touches this visit.
    let span = span(record, appointment);
    let touching = |stays: &'a [Stay]| touching(stays, &span);
    let host = Stays {
        name: record.host.host.name.to_string(),
        note: "host".to_owned(),
        of_the_visit: false,
        stays: touching(&record.host.stays),
    };
    // The host's colleagues, each with all of their devices.
    let colleagues = record.staff.iter().filter(|one| one.id != Some(record.host.host.id)).map(|one| Stays {
        name: one.name.clone(),
        note: "staff".to_owned(),
        of_the_visit: false,
        stays: touching(&one.stays),
    });
    let attendees = record.attendees.iter().map(|one| Stays {
        name: one.name.to_string(),
        note: match one.matched.as_ref().map(|matched| matched.level) {
            Some(Level::Probable) => "probably".to_owned(),
            Some(Level::Ambiguous) => "perhaps".to_owned(),
            Some(Level::Certain) | None => String::new(),
        },
        of_the_visit: true,
        stays: one.stays.iter().collect(),
    });
    let others = record.others.iter().filter(|other| other.who != WhoIs::Staff).map(|other| Stays {
        name: shown(other.shown_name.as_deref()),
        note: match other.who {
            WhoIs::Staff | WhoIs::Guest => "guest",
            WhoIs::Interpreter => "interpreter",
            WhoIs::Visitor => "nobody has said who this is",
        }
        .to_owned(),
        of_the_visit: false,
        stays: touching(&other.stays),
    });
    let beside = colleagues.chain(others).filter(|other| !other.stays.is_empty());
    std::iter::once(host).chain(attendees).chain(beside).collect()
}

pub(super) fn one_measured(
    one: &AttendeeAttendance,
    appointment: &Appointment,
    wall: &Wall,
    (is_desk, may_mark): (bool, bool),
    staff: &[StaffMember],
) -> Measured {
    let length = |seconds| measured(Duration::from_secs(seconds));
    let standing = one.marking.standing.as_ref();
    let since = one.stays.last().map_or_else(
        || standing.map_or(appointment.starts_at, |mark| mark.at),
        |stay| stay.to.unwrap_or(stay.from),
    );
    let is_over = wall.now >= appointment.ends_at;
    let state = match one.status {
        AttendeeStatus::Waiting => Standing::waiting(since, wall.now),
        AttendeeStatus::Connecting => Standing::running("connecting", "connecting", since, wall.now),
        AttendeeStatus::InSession => Standing::running("in", "in session", since, wall.now),
        AttendeeStatus::Left => Standing::still("left", format!("left {}", wall.time(since))),
        AttendeeStatus::Opened | AttendeeStatus::Expected if is_over => Standing::still("off", "not seen"),
        AttendeeStatus::Opened => Standing::still("opened", "link opened"),
        AttendeeStatus::Expected => Standing::still("expected", "expected"),
        AttendeeStatus::NoShowProposed => Standing::still("proposed", "no-show?"),
        AttendeeStatus::NoShow => Standing::still("absent", "no-show"),
    };
    let mut sure: Vec<String> = one.matched.as_ref().map(told).unwrap_or_default();
    let shown: Vec<String> = one.shown_names.iter().map(|name| format!("“{}”", isolated(name))).collect();
    if !shown.is_empty() {
        sure.push(format!("Shown in Zoom as {}.", words::list(&shown)));
    }
    let back = format!("?appointment={}", appointment.id);
    let marks = marks::buttons(one.id, one.name.as_str(), &one.marking, staff, wall, back);
    sure.extend(marks.iter().map(|marks| marks.told.clone()).filter(|told| !told.is_empty()));
    Measured {
        marks: marks.filter(|_| may_mark),
        name: one.name.to_string(),
        state,
        sure,
        in_doubt: one.matched.as_ref().is_some_and(|matched| matched.level != Level::Certain),
        absence: one.no_show.as_ref().map(told_of_absence).unwrap_or_default(),
        no_show: one
            .no_show
            .as_ref()
            .filter(|_| is_desk)
            .and_then(|cell| no_show::question(one.id, cell, &one.marking, !one.presses.is_empty())),
        doubts: if is_desk { doubts(one) } else { Vec::new() },
        came: one.late_seconds.map_or_else(String::new, came),
        waited: length(one.waited_seconds),
        in_session: length(one.in_session_seconds),
        together: length(one.together_seconds),
    }
}

/// How sure, and why.
fn told(matched: &MatchCell) -> Vec<String> {
    let reasons = matched.reasons.join("; ");
    let doubt = match matched.level {
        Level::Certain => return matched.reasons.iter().map(|reason| sentence(reason)).collect(),
        Level::Probable => "Probably",
        Level::Ambiguous => "Perhaps",
    };
    vec![if reasons.is_empty() { sentence(doubt) } else { sentence(&format!("{doubt}: {reasons}")) }]
}

/// The name shown in Zoom, between marks.
fn shown(name: Option<&str>) -> String {
    name.map_or_else(|| "Somebody without a name".to_owned(), |name| format!("“{}”", isolated(name)))
}

/// Why it is or is not taken for a no-show; nothing where they came as they should.
fn told_of_absence(cell: &NoShowCell) -> Vec<String> {
    if cell.says == Says::No && cell.ruling.is_none() { Vec::new() } else { no_show::told(cell) }
}

/// `8 min early`, `on time`, `12 min late`: against the start.
fn came(late_seconds: i64) -> String {
    let by = measured(Duration::from_secs(late_seconds.unsigned_abs()));
    match late_seconds {
        ..=-60 => format!("{by} early"),
        -59..=59 => "on time".to_owned(),
        60.. => format!("{by} late"),
    }
}

/// Who of those in the room they were taken for.
fn doubts(one: &AttendeeAttendance) -> Vec<Taken> {
    let by_person = one.matched.as_ref().is_some_and(|matched| matched.decided_by == DecidedBy::Person);
    let several = one.presences.len() > 1;
    (1..)
        .zip(&one.presences)
        .map(|(number, presence)| Taken {
            presence: presence.to_string(),
            attendee: one.id.to_string(),
            name: one.name.to_string(),
            number: if several { format!("{number} of {}", one.presences.len()) } else { String::new() },
            decided: by_person,
        })
        .collect()
}

/// Who was marked as nobody to be matched, to be taken back.
pub(super) fn marked(record: &AppointmentAttendance) -> Vec<Marked> {
    let others = record.others.iter();
    others
        .filter_map(|other| {
            let as_what = match other.who {
                WhoIs::Guest => "guest",
                WhoIs::Interpreter => "interpreter",
                WhoIs::Staff if other.staff.is_none() => "one of the staff",
                WhoIs::Staff | WhoIs::Visitor => return None,
            };
            Some(Marked { presence: other.id.to_string(), name: shown(other.shown_name.as_deref()), as_what })
        })
        .collect()
}

/// Each of the staff, as a sentence.
pub(super) fn staff(record: &AppointmentAttendance, appointment: &Appointment, wall: &Wall) -> Vec<String> {
    let span = span(record, appointment);
    let sentence = |one: &StaffAttendance| {
        let in_session: Vec<&Stay> =
            touching(&one.stays, &span).into_iter().filter(|stay| stay.kind == StayKind::InSession).collect();
        if in_session.is_empty() {
            return None;
        }
        let times: Vec<String> = in_session
            .iter()
            .map(|stay| match stay.to {
                Some(to) => format!("{}–{}", wall.time(stay.from), wall.time(to)),
                None => format!("since {}", wall.time(stay.from)),
            })
            .collect();
        let is_host = one.id == Some(record.host.host.id);
        let name = isolated(&one.name);
        Some(format!(
            "{name}{}: in the meeting {}{}, {}.",
            if is_host { ", host" } else { "" },
            words::list(&times),
            if is_host { begun(&in_session, appointment) } else { String::new() },
            if one.together_seconds > 0 {
                format!("{} together with the attendees", measured(Duration::from_secs(one.together_seconds)))
            } else {
                "at no time together with the attendees".to_owned()
            }
        ))
    };
    record.staff.iter().filter_map(sentence).collect()
}

/// Whether the host was there when the visit was to begin, or how long after.
fn begun(in_session: &[&Stay], appointment: &Appointment) -> String {
    let start = appointment.starts_at;
    if in_session.iter().any(|stay| stay.from <= start && stay.to.is_none_or(|to| to > start)) {
        return ", there at the start".to_owned();
    }
    let first = in_session.iter().map(|stay| stay.from).filter(|from| *from > start).min();
    match first.map(|from| from.since(start)) {
        Some(late) if late < Duration::from_mins(1) => ", there at the start".to_owned(),
        Some(late) => format!(", {} after the start", measured(late)),
        None => String::new(),
    }
}
