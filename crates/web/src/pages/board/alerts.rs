//! What is the matter in the rooms at this moment.

use attendance::board::BoardAlert;
use domain::{StaffId, alert::AlertKind};

use super::{build::Facts, warnings};
use crate::pages::view::{board::AlertLine, words};

/// What is the matter in the rooms that are looked at, worst first.
pub(super) fn lines(facts: &Facts<'_>, host: Option<StaffId>) -> Vec<AlertLine> {
    (facts.board.alerts.iter())
        .filter(|alert| host.is_none_or(|host| alert.host.id == host))
        .map(|alert| line(facts, alert))
        .collect()
}

fn line(facts: &Facts<'_>, alert: &BoardAlert) -> AlertLine {
    let (look, word) = look(alert.kind);
    let row = alert.presence.and_then(|presence| warnings::row_of(facts, presence));
    let row = row.or_else(|| {
        let visit = alert.appointment?;
        facts.board.appointments.iter().find(|row| row.id == visit).map(|row| row.id.to_string())
    });
    let about = alert.appointment.map(|id| id.to_string()).or(alert.presence.map(|id| id.to_string()));
    AlertLine {
        key: format!("{} {} {}", alert.kind.as_str(), alert.host.id, about.unwrap_or_default()),
        look,
        word,
        host: alert.host.name.to_string(),
        sentence: alert.sentence.clone(),
        since: alert.since.as_millis(),
        length: words::length(facts.wall.now.since(alert.since)),
        href: row.map_or_else(String::new, |row| format!("#{row}")),
    }
}

/// The shape and the word of a kind.
fn look(kind: AlertKind) -> (&'static str, &'static str) {
    match kind {
        AlertKind::HostLate => ("host-late", "Host late"),
        AlertKind::NobodyHosting => ("nobody-hosts", "Nobody hosts"),
        AlertKind::OtherAccount => ("other-account", "Another account"),
        AlertKind::Overrun => ("overrun", "Runs over"),
        AlertKind::Stranger => ("unknown", "Unknown person"),
        AlertKind::LeftRunning => ("left-running", "Still running"),
        // Of connections and rooms, which the strip tells of.
        _ => ("overrun", "Look at this"),
    }
}
