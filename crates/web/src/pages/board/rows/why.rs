//! Why a row stands where it does, in sentences.

use std::time::Duration;

use attendance::board::{AppointmentRow, AttendeeRow, AttendeeStatus};
use domain::{
    appointment::{Kind, Status},
    attendance::matching::Level,
};

use super::{
    super::{
        build::{Facts, Need},
        no_show,
    },
    hand_out,
};
use crate::pages::view::words::{self, isolated, measured, sentence};

/// Why the row stands where it does, in sentences.
pub(super) fn why(
    facts: &Facts<'_>,
    row: &AppointmentRow,
    lead: Option<&AttendeeRow>,
    need: Need,
) -> Vec<String> {
    let wall = &facts.wall;
    let mut why = Vec::new();
    let Some(lead) = lead else { return why };
    if row.status == Status::Cancelled || row.kind == Kind::InPerson {
        return why;
    }
    if let Some(cell) = &lead.no_show
        && (need == Need::Done || lead.status == AttendeeStatus::NoShowProposed)
    {
        return no_show::told(cell);
    }
    match need {
        Need::You | Need::Waiting => {
            why.push(host_is(facts, row));
            if let Some(matched) = lead.matched.as_ref().filter(|matched| matched.level == Level::Certain) {
                why.extend(matched.reasons.first().map(|reason| sentence(reason)));
            } else if let Some(shown) = &lead.shown_name {
                why.push(format!("The name shown in Zoom is “{}”.", isolated(shown)));
            }
            if let Some(name) = facts.zoom_names.get(&lead.id) {
                why.push(format!("By their own link they are “{}” in Zoom.", isolated(name)));
            }
        }
        Need::InSession => {
            let over = wall.now.since(row.ends_at);
            why.push(if wall.now < row.ends_at {
                format!("Ends {}.", wall.time(row.ends_at))
            } else {
                format!("{} over.", measured(over))
            });
            if !row.host.present && row.host.elsewhere.is_none() {
                why.push(format!("{} is not in the room.", row.host.name));
            }
            let waits = waiting_with(facts, row);
            if !waits.is_empty() {
                why.push(format!("{} waits.", words::list(&waits)));
            }
        }
        Need::Unsent | Need::Next => {
            if !facts.is_connected(row.host.id) {
                why.push(format!("{}’s Zoom is not connected: nobody can join yet.", row.host.name));
            }
            if let Some(at) = lead.pressed_at {
                let time = wall.time_seen_from(facts.board.date, at);
                why.push(match &row.host.elsewhere {
                    None => format!("Pressed Join at {time}, not in the room yet."),
                    Some(server) => format!(
                        "Pressed Join at {time} on our page. {server} does not tell who is there: mark them when you know."
                    ),
                });
            }
        }
        Need::Done if lead.in_session_seconds > 0 || lead.waited_seconds > 0 => {
            let length = |seconds| measured(Duration::from_secs(seconds));
            why.push(format!(
                "Waited {}, together {}.",
                length(lead.waited_seconds),
                length(lead.together_seconds)
            ));
        }
        Need::Done => why.push("Nobody was seen in the room.".to_owned()),
    }
    if need < Need::Done {
        why.extend(
            hand_out::notices(facts, row)
                .into_iter()
                .map(|notice| format!("On their page: “{}”", isolated(&notice.words))),
        );
    }
    why
}

/// Where the host is while somebody waits.
fn host_is(facts: &Facts<'_>, row: &AppointmentRow) -> String {
    if let Some(server) = &row.host.elsewhere {
        return format!("The room is at {server}, which tells nothing itself.");
    }
    if !row.host.present {
        return format!("{} is not in the room.", row.host.name);
    }
    let running = facts.board.appointments.iter().find(|other| {
        other.id != row.id
            && other.host.id == row.host.id
            && other.attendees.iter().any(|one| one.status == AttendeeStatus::InSession)
    });
    match running {
        None => format!("{} is in the room and has not let them in yet.", row.host.name),
        Some(other) if facts.wall.now > other.ends_at => format!(
            "The visit before is still in session, {} over.",
            measured(facts.wall.now.since(other.ends_at))
        ),
        Some(_) => "Another visit is in session.".to_owned(),
    }
}

/// Who waits for the same host for another visit, by name where that is certain.
fn waiting_with(facts: &Facts<'_>, row: &AppointmentRow) -> Vec<String> {
    facts
        .board
        .appointments
        .iter()
        .filter(|other| other.id != row.id && other.host.id == row.host.id)
        .flat_map(|other| &other.attendees)
        .filter(|one| one.status == AttendeeStatus::Waiting)
        .map(|one| match &one.matched {
            Some(matched) if matched.level == Level::Certain => isolated(one.name.as_str()),
            _ => "somebody".to_owned(),
        })
        .collect()
}
