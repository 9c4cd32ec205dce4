//! What to look out for before somebody is let in.

use attendance::board::Warning;
use domain::{PresenceId, StaffId, alert::AlertKind, attendance::warnings::WarningKind};

use super::build::Facts;
use crate::pages::view::board::WarningLine;

/// The warnings of the rooms that are looked at, worst first.
pub(super) fn lines(facts: &Facts<'_>, host: Option<StaffId>) -> Vec<WarningLine> {
    facts
        .board
        .warnings
        .iter()
        .filter(|warning| host.is_none_or(|host| warning.host.id == host))
        .filter(|warning| !is_said_already(facts, warning))
        .map(|warning| {
            let row = warning.presences.iter().find_map(|&presence| row_of(facts, presence));
            WarningLine { href: row.map_or_else(String::new, |row| format!("#{row}")), ..line(warning) }
        })
        .collect()
}

/// Whether what is the matter now says the same: that somebody waits of whom nobody knows who it is, or that somebody
/// waits while the visit before goes on.
fn is_said_already(facts: &Facts<'_>, warning: &Warning) -> bool {
    let alerts = |kind| facts.board.alerts.iter().filter(move |alert| alert.kind == kind);
    match warning.kind {
        WarningKind::UnknownWaiting => (warning.presences.iter())
            .all(|&one| alerts(AlertKind::Stranger).any(|alert| alert.presence == Some(one))),
        WarningKind::PreviousStillThere => alerts(AlertKind::Overrun)
            .filter(|alert| alert.host.id == warning.host.id)
            .filter_map(|alert| facts.board.appointments.iter().find(|row| Some(row.id) == alert.appointment))
            .flat_map(|row| row.attendees.iter().filter_map(|attendee| attendee.presence))
            .any(|waits| warning.presences.contains(&waits)),
        WarningKind::SeveralWaiting | WarningKind::SameName => false,
    }
}

/// The warning in words, leading nowhere.
pub fn line(warning: &Warning) -> WarningLine {
    let (look, word) = match warning.kind {
        WarningKind::PreviousStillThere => ("stays", "Still in the room"),
        WarningKind::SeveralWaiting => ("several", "Several wait"),
        WarningKind::UnknownWaiting => ("unknown", "Unknown person"),
        WarningKind::SameName => ("same", "Similar names"),
    };
    let about: Vec<String> = warning.presences.iter().map(ToString::to_string).collect();
    WarningLine {
        key: format!("{} {} {}", warning.kind.as_str(), warning.host.id, about.join(" ")),
        look,
        word,
        host: warning.host.name.to_string(),
        sentence: warning.sentence.clone(),
        href: String::new(),
    }
}

/// The row on which somebody stands.
pub(super) fn row_of(facts: &Facts<'_>, presence: PresenceId) -> Option<String> {
    let board = facts.board;
    let unknown = board.unmatched.iter().map(|row| row.id).chain(board.guests.iter().map(|row| row.id));
    if unknown.into_iter().any(|id| id == presence) {
        return Some(presence.to_string());
    }
    let row = board
        .appointments
        .iter()
        .find(|row| row.attendees.iter().any(|attendee| attendee.presence == Some(presence)));
    row.map(|row| row.id.to_string())
}
