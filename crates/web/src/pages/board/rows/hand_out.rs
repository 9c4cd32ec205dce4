//! What became of the links of a row's visit, and what the desk can do about it.

use attendance::board::{AppointmentRow, AttendeeRow, AttendeeStatus};
use domain::{
    appointment::{Kind, Status},
    outreach::message::Channel,
};
use outreach::LedgerOf;

use super::super::{build::Facts, tell};
use crate::pages::{
    view::{
        appointment::NoticeLine,
        board::Way,
        ledger::{self, Fate},
    },
    with_mark,
};

/// Whether somebody is still to come to it in a room.
fn is_to_come(facts: &Facts<'_>, row: &AppointmentRow) -> bool {
    row.kind == Kind::Telehealth && row.status == Status::Booked && facts.wall.now < row.ends_at
}

fn is_awaited(attendee: &AttendeeRow) -> bool {
    matches!(attendee.status, AttendeeStatus::Expected | AttendeeStatus::Opened)
}

fn ledger_of<'a>(facts: &Facts<'a>, row: &AppointmentRow, attendee: &AttendeeRow) -> Option<&'a LedgerOf> {
    facts.ledgers.get(&row.id)?.of_attendee(attendee.id)
}

/// What became of the attendee's link, as long as they are awaited.
pub(super) fn fate(facts: &Facts<'_>, row: &AppointmentRow, attendee: &AttendeeRow) -> Option<Fate> {
    let of = ledger_of(facts, row, attendee)?;
    (is_to_come(facts, row) && is_awaited(attendee)).then(|| ledger::told(of, &facts.wall, facts.board.date))
}

fn without_a_link<'a>(facts: &Facts<'_>, row: &'a AppointmentRow) -> Vec<&'a AttendeeRow> {
    (row.attendees.iter())
        .filter(|attendee| is_awaited(attendee))
        .filter(|attendee| !ledger_of(facts, row, attendee).is_some_and(ledger::has_link))
        .collect()
}

/// Whether, today and before the start, somebody has no link as far as anybody here knows.
pub(super) fn is_unsent(facts: &Facts<'_>, row: &AppointmentRow) -> bool {
    facts.board.is_today
        && is_to_come(facts, row)
        && facts.wall.now < row.starts_at
        && !without_a_link(facts, row).is_empty()
}

/// Where the link is sent: to whoever has none, else to everybody who is awaited, by what they agreed to. None where
/// there is nobody, or nothing that they agreed to. Whether an address wants nothing more shows on the page that it
/// leads to, where nothing has been sent yet.
pub(super) fn send(facts: &Facts<'_>, row: &AppointmentRow) -> Option<Way> {
    if !is_to_come(facts, row) {
        return None;
    }
    let unsent = without_a_link(facts, row);
    let awaited: Vec<_> = row.attendees.iter().filter(|attendee| is_awaited(attendee)).collect();
    let wanted = if unsent.is_empty() { &awaited } else { &unsent };
    let may = |attendee: &AttendeeRow, by: Channel| {
        let Some(booked) = facts.booked.get(&attendee.id) else { return false };
        match by {
            Channel::Email => booked.email.is_some() && booked.consent.email,
            Channel::Sms => booked.phone.is_some() && booked.consent.sms,
            Channel::Copy => false,
        }
    };
    let reached = |by: Channel| wanted.iter().filter(|attendee| may(attendee, by)).count();
    // The way that reaches most; e-mail where both do, since it also holds the calendar's file.
    let by = facts.channels.iter().copied().filter(|&by| reached(by) > 0);
    let by = by.min_by_key(|&by| (std::cmp::Reverse(reached(by)), by))?;
    let to = match wanted.as_slice() {
        [one] => one.id.to_string(),
        _ => "patients".to_owned(),
    };
    let way = if by == Channel::Sms { "text" } else { "e-mail" };
    Some(Way {
        word: if unsent.is_empty() { format!("Send it again by {way}") } else { format!("Send by {way}") },
        href: format!("/appointments/{}/send?to={to}&by={}", row.id, by.as_str()),
    })
}

/// Where this host's patients are told that the host is late, or something else.
pub(super) fn late(facts: &Facts<'_>, row: &AppointmentRow) -> Option<Way> {
    (facts.board.is_today && is_to_come(facts, row)).then(|| Way {
        word: "Running late, or a word to patients…".to_owned(),
        href: format!("/board/hosts/{}/tell{}", row.host.id, with_mark(&facts.query)),
    })
}

/// What stands on the pages of this visit's patients.
pub(super) fn notices(facts: &Facts<'_>, row: &AppointmentRow) -> Vec<NoticeLine> {
    if !facts.board.is_today || !is_to_come(facts, row) {
        return Vec::new();
    }
    (facts.notices.iter())
        .filter(|notice| notice.host == row.host.id && notice.appointment.is_none_or(|only| only == row.id))
        .map(|notice| tell::line(notice, facts.staff, &facts.wall))
        .collect()
}
