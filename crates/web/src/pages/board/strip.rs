//! Which of today's hosts are not ready, for the top of the board: before the day starts, and as long as they have a visit
//! to come.

use std::time::Duration;

use domain::StaffId;
use oauth::{Standing, Stands, Weight};

use super::build::Facts;
use crate::pages::{
    connections::build::weight_of,
    view::{
        board::{Strip, StripLine},
        words::{capitalised, count},
    },
};

/// So many stand there; the page behind it has them all.
const MOST: usize = 4;
/// A room that nobody looked at is worth a word when its visit is so near: the guard has looked by then.
const NEAR: Duration = Duration::from_hours(1);

/// The strip; none where all who are still to have visits are ready.
pub(super) fn strip(facts: &Facts<'_>, host: Option<StaffId>) -> Option<Strip> {
    if !facts.board.is_today {
        return None;
    }
    let has_begun =
        facts.standings.iter().filter_map(|one| one.today).any(|today| today.first <= facts.wall.now);
    let mut unready: Vec<&Standing> = facts
        .standings
        .iter()
        .filter(|one| host.is_none_or(|host| one.member.id == host))
        .filter(|one| one.next_visit.is_some() && is_worth_a_word(one))
        .collect();
    unready.sort_by_key(|one| (weight_of(one), one.next_visit, one.member.name.to_string()));
    let unchecked: Vec<&Standing> =
        unready.iter().copied().filter(|one| weight_of(one) == Weight::Unchecked).collect();
    let mut lines: Vec<StripLine> = Vec::new();
    if unchecked.len() > 1 {
        // Nothing is known against any of them, and it is one thing that is the matter.
        unready.retain(|one| weight_of(one) != Weight::Unchecked);
    }
    lines.extend(unready.iter().map(|one| line(one, facts)));
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    if unchecked.len() > 1 {
        lines.push(StripLine {
            look: "unchecked",
            word: "Not checked",
            host: String::new(),
            sentence: format!("{} not checked today.", count(unchecked.len(), "room was", "rooms were")),
        });
    }
    let title = if has_begun { "Not ready" } else { "Before the day starts" };
    (!lines.is_empty()).then_some(Strip { title, lines, more })
}

fn is_worth_a_word(standing: &Standing) -> bool {
    match weight_of(standing) {
        Weight::Blocks => true,
        Weight::Note => false,
        Weight::Unchecked => {
            standing.guarded.trouble.is_some()
                || standing.next_visit.is_some_and(|at| at <= standing.as_of.plus(NEAR))
        }
    }
}

fn line(standing: &Standing, facts: &Facts<'_>) -> StripLine {
    let (look, word, what) = match standing.stands {
        Stands::NeedsReconnect(_) => ("broken", "Connect again", "Zoom has to be connected again".to_owned()),
        Stands::PausedByAdmin => {
            ("paused", "Paused", "an administrator of the Zoom account switched Anteroom off".to_owned())
        }
        Stands::MissingScopes => {
            ("broken", "Permissions", "Zoom was connected without permissions that are needed".to_owned())
        }
        Stands::NotConnected => ("unconnected", "Not connected", "Zoom is not connected".to_owned()),
        Stands::Elsewhere { .. } => {
            ("unconnected", "Links missing", "the links of their room are missing".to_owned())
        }
        Stands::NoLongerHere => ("broken", "No longer here", "can no longer sign in here".to_owned()),
        Stands::Connected if standing.room.is_none() => {
            ("broken", "No room", "Zoom is connected, and there is no room yet".to_owned())
        }
        Stands::Connected => of_room(standing),
    };
    let when = standing.today.map_or_else(String::new, |today| match today.next {
        Some(next) if next <= facts.wall.now => format!("visit since {}", facts.wall.time(next)),
        Some(next) if next == today.first => format!("first visit {}", facts.wall.time(next)),
        Some(next) => format!("next visit {}", facts.wall.time(next)),
        None => String::new(),
    });
    StripLine {
        look,
        word,
        host: standing.member.name.to_string(),
        sentence: format!("{} ({when}).", capitalised(&what)),
    }
}

fn of_room(standing: &Standing) -> (&'static str, &'static str, String) {
    let Some(worst) = standing.lasting.first() else {
        return ("unchecked", "Not checked", "the room was not checked today".to_owned());
    };
    if weight_of(standing) == Weight::Unchecked {
        return ("unchecked", "Not checked", "the room was not checked today".to_owned());
    }
    let what = oauth::drift_in_short(worst.kind).to_lowercase();
    match standing.lasting.len() {
        1 => ("broken", "Room at fault", what),
        all => ("broken", "Room at fault", format!("{what}, and {} more", all - 1)),
    }
}

#[cfg(test)]
mod tests;
