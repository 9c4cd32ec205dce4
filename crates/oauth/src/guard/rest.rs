//! When a look that is due is left for later: after looks that came to nothing, and where a room is changed without end.
//! Each instance remembers it for itself; forgetting costs a needless question.

use std::{sync::PoisonError, time::Duration};

use domain::{
    ConnectionId, Timestamp,
    room::{Room, guard::Guarded},
};
use zoom::api::ApiError;

use crate::{RoomError, Zoom};

/// After a look that came to nothing, the next one waits so long; twice as long each further time, up to the longest.
pub(super) const SHORTEST_REST: Duration = Duration::from_mins(1);
const LONGEST_REST: Duration = Duration::from_mins(30);
/// Zoom tells of every change, ours among them, and a program that changes a room every second must not keep us busy: so
/// many looks of an hour are taken for that reason, and no two within the breather.
const CHANGES_AN_HOUR: u32 = 20;
const HOUR: Duration = Duration::from_hours(1);
const BREATHER: Duration = Duration::from_secs(10);
/// After looks that came to nothing: how many in a row, and until when no round takes another one.
pub(crate) struct Rest {
    failures: u32,
    until: Timestamp,
}

/// Looks that were taken because Zoom said that a room was changed.
pub(crate) struct Changes {
    since: Timestamp,
    looks: u32,
}

impl Zoom {
    /// Remembers what came of a look, for the rounds.
    pub(super) fn remember(&self, connection: ConnectionId, error: Option<&RoomError>) {
        let now = self.0.ambient.now();
        let mut rests = self.0.guard.rests.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(error) = error else {
            rests.remove(&connection);
            return;
        };
        let rest = rests.entry(connection).or_insert(Rest { failures: 0, until: now });
        let wait = SHORTEST_REST.saturating_mul(1 << rest.failures.min(10)).min(LONGEST_REST);
        rest.failures = rest.failures.saturating_add(1);
        rest.until = match error {
            // Zoom, or our own count of changes, says when.
            RoomError::Zoom(ApiError::RateLimited { retry: Some(retry), .. }) => {
                now.plus(retry.wait(now.as_micros(), Duration::from_hours(25)).max(wait.min(SHORTEST_REST)))
            }
            error if error.is_temporary() => now.plus(wait),
            _ => now.plus(LONGEST_REST),
        };
    }

    pub(super) fn rests(&self, connection: ConnectionId, now: Timestamp) -> bool {
        let rests = self.0.guard.rests.lock().unwrap_or_else(PoisonError::into_inner);
        rests.get(&connection).is_some_and(|rest| rest.until > now)
    }

    /// Whether a look may be taken now because Zoom said that the room was changed; counts it if so.
    pub(super) fn may_look_for_change(&self, room: &Room, guarded: &Guarded, now: Timestamp) -> bool {
        if guarded.asked_at.is_some_and(|asked_at| asked_at <= now && now.since(asked_at) < BREATHER) {
            return false;
        }
        let mut all = self.0.guard.changes.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, changes| now.since(changes.since) < HOUR);
        let changes = all.entry(room.id).or_insert(Changes { since: now, looks: 0 });
        changes.looks += 1;
        changes.looks <= CHANGES_AN_HOUR
    }
}
