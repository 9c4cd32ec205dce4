//! The ladder of one visit as instants: moved out of quiet hours, merged where that brings two together, and each good
//! for some time only, so that whoever was down sends no reminder that has been overtaken.

use std::time::Duration;

use super::{Ladder, QuietHours};
use crate::{clinic::Zone, time::Timestamp};

/// A reminder that is moved to the end of quiet hours comes so long before the start at least: time to find a quiet
/// place and open the link. One that would come later comes before the quiet hours.
const LEAST_LEAD: Duration = Duration::from_mins(5);
/// A reminder that comes before quiet hours comes so long before them: time for all of them to be sent, and not the
/// last thing at night.
const BEFORE_QUIET: Duration = Duration::from_mins(15);
/// Two that come closer to each other than this, since one was moved, are one. Two that the clinic itself put so
/// close stay two.
const TOO_CLOSE: Duration = Duration::from_mins(30);

/// When one reminder goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Which rung of the ladder it is: of those that came to be one, the nearest to the start. What it says is not how
    /// long it is before the start, since it may have been moved.
    pub minutes_before: u32,
    /// From when on it is no longer worth sending: the next one, or half the way from it to the start, whichever is
    /// earlier. The last one is worth it until the start.
    pub good_until: Timestamp,
}

/// When the reminders of a visit go out, the earliest first, at most one for each rung, all before the start and outside
/// of quiet hours.
///
/// A rung within quiet hours moves to their end, where that is before the next rung and at least five minutes before
/// the start, and otherwise to a quarter of an hour before they begin. Where quiet hours leave no such moment it is left
/// out. Of two that fall within half an hour since one of them was moved, the one that is nearer to the start stays.
pub fn plan(starts_at: Timestamp, ladder: &Ladder, quiet: Option<QuietHours>, zone: &Zone) -> Vec<Moment> {
    let raw = |minutes: u32| starts_at.minus(Duration::from_secs(u64::from(minutes) * 60));
    let next_rungs = ladder.rungs().iter().skip(1).map(|minutes| raw(*minutes)).chain([starts_at]);
    let mut placed: Vec<Placed> = Vec::new();
    for (minutes, next) in ladder.rungs().iter().zip(next_rungs) {
        let wanted = raw(*minutes);
        let at = match quiet.filter(|quiet| quiet.holds(wanted, zone)) {
            None => Some(wanted),
            Some(quiet) => moved(wanted, next, starts_at, quiet, zone),
        };
        if let Some(at) = at.filter(|at| *at < starts_at) {
            placed.push(Placed { at, minutes: *minutes, moved: at != wanted });
        }
    }
    placed.sort_by_key(|one| (one.at, std::cmp::Reverse(one.minutes)));
    let mut kept: Vec<Placed> = Vec::new();
    for one in placed.into_iter().rev() {
        match kept.last() {
            Some(nearer) if nearer.takes_in(&one) => {}
            _ => kept.push(one),
        }
    }
    kept.reverse();
    let nexts = kept.iter().skip(1).map(|next| Some(next.at)).chain([None]);
    kept.iter()
        .zip(nexts)
        .map(|(one, next)| Moment {
            at: one.at,
            minutes_before: one.minutes,
            good_until: next.map_or(starts_at, |next| next.min(one.at.plus(starts_at.since(one.at) / 2))),
        })
        .collect()
}

/// Which reminder goes out now: the latest whose moment has come, if it is still good. Never an earlier one that was
/// missed.
pub fn due(moments: &[Moment], now: Timestamp) -> Option<Moment> {
    moments.iter().rev().find(|moment| moment.at <= now).filter(|moment| now < moment.good_until).copied()
}

/// A rung and where it came to stand.
struct Placed {
    at: Timestamp,
    minutes: u32,
    moved: bool,
}

impl Placed {
    /// Whether this one makes an earlier one needless.
    fn takes_in(&self, earlier: &Self) -> bool {
        self.at == earlier.at || (self.moved || earlier.moved) && self.at.since(earlier.at) < TOO_CLOSE
    }
}

fn moved(
    wanted: Timestamp,
    next: Timestamp,
    starts_at: Timestamp,
    quiet: QuietHours,
    zone: &Zone,
) -> Option<Timestamp> {
    let end = quiet.end_after(wanted, zone);
    if let Some(end) = end.filter(|end| *end < next && end.plus(LEAST_LEAD) <= starts_at) {
        return Some(end);
    }
    let begin = quiet.begin_before(wanted, zone)?;
    // Where the day between two quiet hours is short, its first instant.
    quiet.end_after(begin.minus(BEFORE_QUIET), zone).filter(|at| *at < begin)
}
