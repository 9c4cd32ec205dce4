//! From how everybody stands to what is shown of it.

use domain::{
    StaffId, Timestamp,
    alert::{Alert, AlertKind, Group},
    outreach::message::{Channel, MessageState},
};
use oauth::{By, Standing, Stands, Todo, Weight};
use outreach::{ToldOf, reason_in_words};

use super::found;
use crate::pages::view::{
    board::State,
    connections::{Clock, ConnectionsList, StandingLine, TodoLine},
    words::{Wall, count, list as listed, long_date, short_date},
};

/// As much of what was found stands with everybody's room; the rest is history.
const MOST_FOUND: usize = 3;

/// The clock of a page.
pub fn clock(wall: &Wall, rate: u32) -> Clock {
    Clock {
        day: long_date(wall.today()),
        time: wall.time(wall.now),
        zone: wall.zone_word(wall.now),
        offset: wall.offset(),
        now: wall.now.as_millis(),
        rate,
    }
}

/// The board of connections.
pub(super) fn list(standings: &[Standing], told: &Told, wall: &Wall, rate: u32) -> ConnectionsList {
    let (ready, mut needy): (Vec<&Standing>, Vec<&Standing>) =
        standings.iter().partition(|standing| standing.is_ready());
    // Those without a visit to come last; of the same visit whoever is worse off first.
    needy.sort_by_key(|standing| {
        (
            standing.next_visit.is_none(),
            standing.next_visit,
            weight_of(standing),
            standing.member.name.to_string(),
        )
    });
    ConnectionsList {
        clock: clock(wall, rate),
        summary: summary(&needy, ready.len(), wall),
        all_well: needy.is_empty(),
        looking: standings.iter().any(Standing::is_being_looked_at),
        needy: needy.into_iter().map(|standing| line(standing, told, wall)).collect(),
        well: ready.into_iter().map(|standing| line(standing, told, wall)).collect(),
    }
}

/// How bad the worst is; nothing is worse than what blocks.
pub fn weight_of(standing: &Standing) -> Weight {
    standing.todo().first().map_or(Weight::Note, |todo| todo.weight)
}

fn summary(needy: &[&Standing], ready: usize, wall: &Wall) -> String {
    let all = needy.len() + ready;
    if all == 0 {
        return "There is nobody whose connection could be shown.".to_owned();
    }
    if needy.is_empty() {
        return match all {
            1 => "The one clinician here is ready.".to_owned(),
            _ => format!("All {all} clinicians are ready."),
        };
    }
    let blocked = needy.iter().filter(|standing| standing.is_blocked()).count();
    let mut parts = vec![match (ready, all) {
        (0, 1) => "The one clinician here is not ready".to_owned(),
        (0, _) => format!("None of the {all} clinicians is ready"),
        (1, _) => format!("1 of {all} clinicians is ready"),
        _ => format!("{ready} of {all} clinicians are ready"),
    }];
    if all > 1 && blocked > 0 {
        parts.push(format!("{} something done", count(blocked, "needs", "need")));
    }
    if all > 1 && needy.len() > blocked {
        parts.push(format!("{} to be checked", count(needy.len() - blocked, "has", "have")));
    }
    let first = needy.iter().find_map(|standing| Some((standing, standing.next_visit?)));
    let next = first.map(|(standing, at)| {
        let name = crate::pages::view::words::isolated(standing.member.name.as_str());
        format!(" The first visit among them: {name}, {}.", day_and_time(wall, at))
    });
    format!("{}.{}", listed(&parts), next.unwrap_or_default())
}

/// `today 09:00`, `Tue 24 Nov 09:00`.
pub fn day_and_time(wall: &Wall, at: Timestamp) -> String {
    let date = wall.date(at);
    if date == wall.today() {
        format!("today {}", wall.time(at))
    } else if wall.today().tomorrow().is_ok_and(|tomorrow| tomorrow == date) {
        format!("tomorrow {}", wall.time(at))
    } else {
        format!("{} {}", short_date(date), wall.time(at))
    }
}

/// How somebody stands, by word, shape and colour.
pub fn state(standing: &Standing) -> State {
    if standing.is_being_looked_at() {
        return State::still("checking", "being checked");
    }
    match standing.stands {
        Stands::NeedsReconnect(_) => State::still("broken", "needs reconnecting"),
        Stands::PausedByAdmin => State::still("paused", "paused at Zoom"),
        Stands::MissingScopes => State::still("broken", "permissions missing"),
        Stands::NotConnected => State::still("unconnected", "not connected"),
        Stands::NoLongerHere => State::still("broken", "no longer here"),
        Stands::Elsewhere { has_room: true } => State::still("ready", "ready, elsewhere"),
        Stands::Elsewhere { has_room: false } => State::still("unconnected", "links missing"),
        Stands::Connected if standing.room.is_none() => State::still("broken", "no room yet"),
        Stands::Connected => match weight_of(standing) {
            Weight::Blocks => State::still("broken", "room not as it should be"),
            Weight::Unchecked => State::still("unchecked", "not checked"),
            Weight::Note => State::still("ready", "ready"),
        },
    }
}

/// What is to be done, with who can do it.
pub fn todo(standing: &Standing) -> Vec<TodoLine> {
    let by = |by: By| match by {
        By::Owner => standing.member.name.to_string(),
        By::ZoomAdmin => "Whoever administers their Zoom account".to_owned(),
        By::Desk => "The front desk".to_owned(),
        By::Anteroom => String::new(),
    };
    let line = |todo: Todo| TodoLine {
        look: match todo.weight {
            Weight::Blocks => "blocks",
            Weight::Unchecked => "unsure",
            Weight::Note => "note",
        },
        what: todo.what.into_owned(),
        by: by(todo.by),
        todo: todo.todo.into_owned(),
    };
    standing.todo().into_iter().map(line).collect()
}

/// One clinician.
pub(super) fn line(standing: &Standing, told: &Told, wall: &Wall) -> StandingLine {
    let looked_at = standing.can_be_looked_at();
    let is_broken = looked_at && standing.is_blocked();
    let ago = |at: Option<Timestamp>| at.map(|at| wall.ago(at));
    StandingLine {
        key: standing.member.id.to_string(),
        name: standing.member.name.to_string(),
        state: state(standing),
        todo: todo(standing),
        email: standing.zoom_email.clone().unwrap_or_default(),
        renewed: match standing.stands {
            Stands::NotConnected | Stands::Elsewhere { .. } | Stands::NoLongerHere => String::new(),
            _ => ago(standing.renewed_at).unwrap_or_else(|| "not yet".to_owned()),
        },
        room: if looked_at {
            ago(standing.guarded.looked_at).unwrap_or_else(|| "not yet".to_owned())
        } else {
            String::new()
        },
        found: standing.recent.iter().take(MOST_FOUND).map(|drift| found::sentence(drift, wall)).collect(),
        more: standing.recent.len().saturating_sub(MOST_FOUND),
        heard: if looked_at {
            ago(standing.heard_at).unwrap_or_else(|| "none yet".to_owned())
        } else {
            String::new()
        },
        next: match standing.next_visit {
            Some(at) if at <= wall.now => format!("a visit began {}", day_and_time(wall, at)),
            Some(at) => format!("next visit {}", day_and_time(wall, at)),
            None => "no visit booked".to_owned(),
        },
        told: told.of(standing.member.id, wall),
        look: match standing.stands {
            Stands::Connected if is_broken => Some("Check now and repair"),
            Stands::Connected if looked_at => Some("Check now"),
            Stands::Connected => Some("Make the room"),
            _ => None,
        },
        remind: can_be_reminded(standing),
    }
}

/// Whether there is something that only they can do.
fn can_be_reminded(standing: &Standing) -> bool {
    match standing.stands {
        Stands::NeedsReconnect(_) | Stands::PausedByAdmin | Stands::MissingScopes | Stands::NotConnected => {
            true
        }
        Stands::Connected => standing.room.is_some() && standing.is_blocked(),
        Stands::Elsewhere { .. } | Stands::NoLongerHere => false,
    }
}

/// Of what people were told.
pub(super) struct Told {
    /// What still lasts.
    pub lasting: Vec<Alert>,
    /// What each was last told.
    pub last: Vec<ToldOf>,
}

impl Told {
    /// When somebody was last told, by what, and what became of it; or that they have not been told of what lasts.
    fn of(&self, staff: StaffId, wall: &Wall) -> String {
        if let Some(last) = self.last.iter().find(|told| told.staff == staff) {
            return sent(last, wall);
        }
        let own =
            self.lasting.iter().filter(|alert| alert.staff_id == staff && alert.kind.group() != Group::Now);
        let first = own.map(|alert| alert.raised_at).min();
        first.map_or_else(String::new, |at| {
            format!("not written to yet; known since {}", day_and_time(wall, at))
        })
    }
}

fn sent(told: &ToldOf, wall: &Wall) -> String {
    let by = match told.channel {
        Channel::Sms => "text message",
        Channel::Email | Channel::Copy => "e-mail",
    };
    let asked = if told.asked_by.is_some() { ", as somebody asked" } else { "" };
    let became = match told.state {
        MessageState::Queued => " (on its way)".to_owned(),
        MessageState::Failed | MessageState::Withdrawn => {
            let why = told.reason.as_deref().map(|code| format!(": {}", reason_in_words(code)));
            format!(" (did not arrive{})", why.unwrap_or_default())
        }
        MessageState::Sent | MessageState::Delivered | MessageState::Copied => String::new(),
    };
    format!("{} by {by}, {}{asked}{became}", day_and_time(wall, told.at), of_what(told.kind))
}

fn of_what(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Reconnect => "to connect again",
        AlertKind::Paused => "that Zoom paused the app",
        AlertKind::MissingScopes => "that permissions are missing",
        AlertKind::AppRemoved => "that the app was removed at Zoom",
        AlertKind::NotConnected => "to connect Zoom",
        AlertKind::RoomUnguarded => "that the room is not as it should be",
        AlertKind::RoomReplaced => "that the room is a new one",
        AlertKind::RoomUnused => "that the room is about to be forgotten",
        _ => "of who waits",
    }
}
