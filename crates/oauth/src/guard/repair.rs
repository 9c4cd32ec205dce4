//! Putting a room right, in place: which drifts may be tried now, and what came of it. The link, the number and the
//! passcode are never touched.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::{
    Timestamp,
    room::{
        RoomKind,
        guard::{Drift, DriftKind, LookFor},
    },
};
use zoom::api::{ApiError, Deviation, Meeting, MeetingPatch};

use super::{
    Look,
    caller::utc_day,
    find::{deviation_of, is_repairable},
};
use crate::{RoomError, Zoom};

/// Whoever, or whatever, undoes a repair this often in a day is stronger than us, and a person has to look.
const REPAIRS_A_DAY: i64 = 6;
/// What was in vain is tried again after so long: once a day, whenever in the day the look falls.
const AGAIN_AFTER: Duration = Duration::from_hours(20);
/// The same where Zoom did not answer, or says that the meeting was changed.
const SOON_AFTER: Duration = Duration::from_mins(10);
/// Where Zoom refuses to change several things at once, so many are tried one by one, the worst first.
const ONE_BY_ONE: usize = 4;

/// Why a drift was not put right. Kept with it as a code; [`words`](crate::words) says it to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// Zoom said yes and left it as it is: an administrator has locked the setting.
    Locked,
    /// Zoom refused.
    Refused,
    /// The connection lacks the permission.
    Scope,
    /// The limit of changes for today is reached.
    Limit,
    /// It was put right too often today, and undone each time.
    Often,
    /// Zoom did not answer.
    Unavailable,
    /// Zoom does not tell how the room itself is set, and the host's own default is what visits must not have.
    Unseen,
    /// Somebody is in the room, so that its number must not change now.
    InUse,
}

impl Obstacle {
    /// Every one there is.
    pub const ALL: [Self; 8] = [
        Self::Locked,
        Self::Refused,
        Self::Scope,
        Self::Limit,
        Self::Often,
        Self::Unavailable,
        Self::Unseen,
        Self::InUse,
    ];

    /// The code kept in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Refused => "refused",
            Self::Scope => "scope",
            Self::Limit => "limit",
            Self::Often => "often",
            Self::Unavailable => "unavailable",
            Self::Unseen => "unseen",
            Self::InUse => "in_use",
        }
    }

    /// The one that a code names.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|obstacle| obstacle.as_str() == code)
    }

    /// Whether it may be gone soon without anybody doing something.
    pub const fn passes(self) -> bool {
        matches!(self, Self::Unavailable | Self::InUse)
    }

    fn of(error: &ApiError) -> Self {
        match error {
            ApiError::MissingScope(_) => Self::Scope,
            ApiError::RateLimited { daily: true, .. } => Self::Limit,
            ApiError::RateLimited { .. }
            | ApiError::Unavailable { .. }
            | ApiError::Unreadable { .. }
            | ApiError::AccessTokenDead => Self::Unavailable,
            ApiError::NotFound { .. } | ApiError::NotAllowed { .. } | ApiError::Invalid { .. } => {
                Self::Refused
            }
        }
    }
}

/// What was tried in one look: nothing beside a kind means that it was put right.
pub(crate) type Tried = BTreeMap<DriftKind, Option<Obstacle>>;

impl Zoom {
    /// The meeting as Zoom has it now, put right as far as it is due and possible. The answer is read again, for Zoom says
    /// yes to changes that an administrator's lock leaves without effect.
    pub(crate) async fn secured(
        &self,
        look: &mut Look,
        meeting: Meeting,
        kind: RoomKind,
    ) -> Result<Meeting, RoomError> {
        let found = look.findings(&meeting, kind);
        // What is not known to be right is made explicit, but for that alone nothing is written.
        let wrong: Vec<DriftKind> =
            found.lacking.into_iter().filter(|kind| is_repairable(*kind, look.origin)).collect();
        let now = self.0.ambient.now();
        let mut due = Vec::new();
        for kind in wrong {
            match may_try(kind, look.why, &look.owner.history, now) {
                Ok(()) => due.push(kind),
                Err(Some(obstacle)) => {
                    look.put_off.insert(kind, obstacle);
                }
                Err(None) => {}
            }
        }
        let unregistered = kind == RoomKind::Registered && !meeting.registers();
        if due.is_empty() && !unregistered {
            return Ok(meeting);
        }
        let (number, mut failed) = (meeting.number, BTreeMap::new());
        let patch = if unregistered { MeetingPatch::restore_registered_room() } else { put_right(&due) };
        match look.caller.update(number, &patch).await {
            Ok(()) => {}
            Err(error @ ApiError::AccessTokenDead) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "the room's settings could not be put right");
                let one_by_one = Obstacle::of(&error) == Obstacle::Refused && due.len() > 1;
                failed.extend(due.iter().map(|kind| (*kind, Obstacle::of(&error))));
                // One locked setting must not keep the others wrong.
                for kind in due.iter().take(if one_by_one { ONE_BY_ONE } else { 0 }) {
                    match look.caller.update(number, &put_right(&[*kind])).await {
                        Ok(()) => failed.remove(kind),
                        Err(error @ ApiError::AccessTokenDead) => return Err(error.into()),
                        Err(error) => failed.insert(*kind, Obstacle::of(&error)),
                    };
                }
            }
        }
        let meeting = look.caller.meeting(number).await?;
        let left: BTreeSet<DriftKind> = look.findings(&meeting, kind).lacking;
        for kind in due {
            let obstacle = left.contains(&kind).then(|| {
                let unsaid =
                    if says_nothing_of(&meeting, kind) { Obstacle::Unseen } else { Obstacle::Locked };
                failed.get(&kind).copied().unwrap_or(unsaid)
            });
            look.tried.insert(kind, obstacle);
        }
        Ok(meeting)
    }
}

fn put_right(kinds: &[DriftKind]) -> MeetingPatch {
    let deviations: Vec<Deviation> = kinds.iter().copied().filter_map(deviation_of).collect();
    MeetingPatch::put_right(&deviations)
}

/// Whether the drift stands on the host's default alone.
fn says_nothing_of(meeting: &Meeting, kind: DriftKind) -> bool {
    match kind {
        DriftKind::JoinBeforeHost => meeting.settings.join_before_host.is_none(),
        DriftKind::Recorded => meeting.settings.recorded.is_none(),
        _ => false,
    }
}

/// Whether putting it right may be tried now, by what is known of the room: else why not, where that is new to say. A
/// person's asking is always followed; what goes beyond the limit of the day is refused elsewhere.
fn may_try(kind: DriftKind, why: LookFor, history: &[Drift], now: Timestamp) -> Result<(), Option<Obstacle>> {
    if matches!(why, LookFor::Asked | LookFor::Connected) {
        return Ok(());
    }
    let is_today = |at: Timestamp| utc_day(at) == utc_day(now);
    let of_kind = || history.iter().filter(|drift| drift.kind == kind);
    let lasting = of_kind().find(|drift| drift.ended.is_none());
    if let Some(tried_at) = lasting.and_then(|drift| drift.tried_at) {
        let obstacle = lasting.and_then(|drift| Obstacle::from_code(drift.hindrance.as_deref()?));
        let wait = match obstacle {
            Some(Obstacle::Unavailable | Obstacle::InUse) => SOON_AFTER,
            Some(Obstacle::Limit | Obstacle::Often) if is_today(tried_at) => return Err(None),
            Some(Obstacle::Limit | Obstacle::Often) => Duration::ZERO,
            _ if why == LookFor::Changed => SOON_AFTER,
            _ => AGAIN_AFTER,
        };
        if now.since(tried_at) < wait {
            return Err(None);
        }
    }
    let tries: i64 = of_kind()
        .map(|drift| {
            let ended_today = drift.ended.is_some_and(|(at, _)| is_today(at));
            if drift.tried_at.is_some_and(is_today) {
                // One that is older was not tried so often today; too many counted is on the safe side.
                drift.tries.max(1)
            } else {
                i64::from(ended_today)
            }
        })
        .sum();
    if tries >= REPAIRS_A_DAY { Err(Some(Obstacle::Often)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use domain::{Ambient, room::guard::DriftEnd};

    use super::*;

    const KIND: DriftKind = DriftKind::WaitingRoomOff;

    /// A drift of the first day, tried that often, lastly after so many hours.
    fn drift(hindrance: Option<Obstacle>, tries: i64, tried_after: u64) -> Drift {
        let (ambient, _) = Ambient::manual(Timestamp::from_seconds(0), 1);
        Drift {
            id: ambient.id(),
            clinic_id: ambient.id(),
            room_id: ambient.id(),
            kind: KIND,
            found_at: ambient.now(),
            found_for: LookFor::Daily,
            hindrance: hindrance.map(|obstacle| obstacle.as_str().to_owned()),
            tries,
            tried_at: Some(ambient.now().plus(Duration::from_hours(tried_after))),
            ended: None,
        }
    }

    fn after(hours: u64) -> Timestamp {
        Timestamp::from_seconds(0).plus(Duration::from_hours(hours))
    }

    fn may(why: LookFor, history: &[Drift], now: Timestamp) -> bool {
        may_try(KIND, why, history, now).is_ok()
    }

    #[test]
    fn what_is_locked_is_tried_once_a_day_and_whenever_somebody_asks() {
        let locked = [drift(Some(Obstacle::Locked), 1, 0)];
        assert!(!may(LookFor::Daily, &locked, after(19)));
        assert!(!may(LookFor::FirstVisit, &locked, after(19)));
        assert!(may(LookFor::Daily, &locked, after(20)));
        assert!(may(LookFor::Asked, &locked, after(0)));
        assert!(!may(LookFor::Changed, &locked, after(0)), "it may be the echo of our own try");
        assert!(may(LookFor::Changed, &locked, after(1)), "perhaps it was unlocked");
    }

    #[test]
    fn what_zoom_did_not_answer_to_is_tried_again_soon_and_what_a_limit_forbade_tomorrow() {
        let away = [drift(Some(Obstacle::Unavailable), 1, 0)];
        assert!(!may(LookFor::Daily, &away, after(0)));
        assert!(may(LookFor::Daily, &away, after(1)));
        for obstacle in [Obstacle::Limit, Obstacle::Often] {
            let limited = [drift(Some(obstacle), 1, 3)];
            assert!(!may(LookFor::Changed, &limited, after(23)), "{obstacle:?}");
            assert!(may(LookFor::Daily, &limited, after(24)), "{obstacle:?}");
        }
    }

    #[test]
    fn what_is_undone_again_and_again_is_put_right_six_times_a_day_and_then_left_to_a_person() {
        let repaired =
            |hour| Drift { ended: Some((after(hour), DriftEnd::Repaired)), ..drift(None, 1, hour) };
        let five: Vec<_> = (0..5).map(repaired).collect();
        assert!(may(LookFor::Changed, &five, after(6)));
        let six: Vec<_> = (0..6).map(repaired).collect();
        assert_eq!(may_try(KIND, LookFor::Changed, &six, after(6)), Err(Some(Obstacle::Often)));
        assert!(may(LookFor::Asked, &six, after(6)));
        assert!(may(LookFor::Changed, &six, after(24)), "a new day");
        let other = DriftKind::JoinBeforeHost;
        assert!(may_try(other, LookFor::Changed, &six, after(6)).is_ok(), "each kind is counted by itself");
    }

    #[test]
    fn every_obstacle_is_read_back_from_its_code() {
        for obstacle in Obstacle::ALL {
            assert_eq!(Obstacle::from_code(obstacle.as_str()), Some(obstacle));
        }
        assert_eq!(Obstacle::from_code("something_new"), None);
    }
}
