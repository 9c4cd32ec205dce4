//! Who somebody was shown to be, and until when.

use std::collections::BTreeMap;

use attendance::AppointmentAttendance;
use domain::{
    ClinicId, PresenceId, StaffId, Timestamp,
    appointment::Appointment,
    attendance::{
        matching::{DecidedBy, Decision, Level, StaffOrToken},
        presence::Who,
    },
};
use store::ports::evidence::MatchChange;

use super::super::view::{
    appointment::HistoryLine,
    words::{Wall, isolated, sentence},
};
use crate::{App, Error};

/// More people than these are not looked up: the page is about one visit.
const MOST: usize = 12;

/// What was shown of everybody around the appointment of whom it changed, oldest first for each.
pub(super) async fn lines(
    app: &App,
    clinic: ClinicId,
    appointment: &Appointment,
    record: &AppointmentAttendance,
    wall: &Wall,
) -> Result<Vec<HistoryLine>, Error> {
    let attendees = record
        .attendees
        .iter()
        .flat_map(|one| one.presences.iter().map(|&presence| (presence, isolated(one.name.as_str()))));
    let others = record.others.iter().filter(|other| other.staff.is_none()).map(|other| {
        let name = other.shown_name.as_deref();
        (other.id, name.map_or_else(|| "without a name".to_owned(), |name| format!("“{}”", isolated(name))))
    });
    let people: Vec<(PresenceId, String)> = attendees.chain(others).take(MOST).collect();
    let mut changes = Vec::new();
    for (presence, name) in people {
        let of_them = app.attendance.history(clinic, presence).await?;
        // What never changed stands on the page already, but for whose word it is.
        if of_them.len() > 1 || of_them.iter().any(is_a_persons) {
            changes.push((presence, name, of_them));
        }
    }
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut tx = app.store.read().await?;
    let decisions = match tx.room_of(clinic, appointment.host).await? {
        Some(room) => tx.decisions_in_room(clinic, room.id).await?,
        None => Vec::new(),
    };
    let staff: BTreeMap<StaffId, String> =
        tx.staff(clinic).await?.into_iter().map(|member| (member.id, member.name.to_string())).collect();
    let mut names = BTreeMap::new();
    let matches =
        changes.iter().flat_map(|(_, _, changes)| changes).filter_map(|change| change.matched.as_ref());
    for matched in matches {
        if !names.contains_key(&matched.attendee)
            && let Some(other) = tx.appointment(clinic, matched.appointment).await?
        {
            let of_it = other.attendees.into_iter();
            names.extend(of_it.map(|one| {
                (one.id, format!("{}, {}", isolated(one.name.as_str()), wall.time(other.starts_at)))
            }));
        }
    }
    drop(tx);
    let by = |change: &MatchChange, presence| by_whom(change, presence, &decisions, &staff);
    Ok(changes
        .iter()
        .flat_map(|(presence, name, changes)| {
            let until = changes.iter().skip(1).map(|next| Some(next.at)).chain([None]);
            changes.iter().zip(until).map(|(change, until)| HistoryLine {
                who: name.clone(),
                from: wall.time_to_the_second(change.at),
                until: until.map_or_else(|| "still".to_owned(), |at| wall.time_to_the_second(at)),
                shown_as: shown_as(change, &names),
                by: by(change, *presence),
                why: change.matched.as_ref().map_or_else(String::new, |matched| {
                    matched.reasons.iter().map(|reason| sentence(reason)).collect::<Vec<_>>().join(" ")
                }),
            })
        })
        .collect())
}

fn shown_as(change: &MatchChange, names: &BTreeMap<domain::AttendeeId, String>) -> String {
    match (change.who, &change.matched) {
        (Who::Guest, _) => "a guest".to_owned(),
        (Who::Interpreter, _) => "an interpreter".to_owned(),
        (Who::Staff, _) => "one of the staff".to_owned(),
        (Who::Visitor, None) => "somebody unknown".to_owned(),
        (Who::Visitor, Some(matched)) => {
            let name =
                names.get(&matched.attendee).map_or("somebody who is no longer booked", String::as_str);
            match matched.level {
                Level::Certain => name.to_owned(),
                Level::Probable => format!("probably {name}"),
                Level::Ambiguous => format!("perhaps {name}"),
            }
        }
    }
}

fn is_a_persons(change: &MatchChange) -> bool {
    matches!(change.who, Who::Guest | Who::Interpreter)
        || change.matched.as_ref().is_some_and(|matched| matched.decided_by == DecidedBy::Person)
}

/// By a rule, or by whom.
fn by_whom(
    change: &MatchChange,
    presence: PresenceId,
    decisions: &[Decision],
    staff: &BTreeMap<StaffId, String>,
) -> String {
    if !is_a_persons(change) {
        return "a rule".to_owned();
    }
    let about_them = |decision: &&Decision| {
        (decision.presence_id == presence || decision.presence_id == change.presence)
            && decision.at <= after(change.at)
    };
    match decisions.iter().rfind(about_them).map(|decision| decision.decided_by) {
        Some(StaffOrToken::Staff(id)) => staff.get(&id).cloned().unwrap_or_else(|| "the staff".to_owned()),
        Some(StaffOrToken::Token(_)) => "a program".to_owned(),
        None => "the staff".to_owned(),
    }
}

/// A decision is noted just before what follows from it.
fn after(at: Timestamp) -> Timestamp {
    at.plus(std::time::Duration::from_millis(1))
}
