//! One room: its past meetings asked for, their records kept and applied, and what that changed.

use std::{collections::BTreeSet, ops::Range, time::Duration};

use domain::{Timestamp, attendance::presence::Presence, room::Room};
use store::ports::recovery::{Reconciliation, Why};
use tokio::time::sleep;

use super::{Found, NotAnswered, PastMeeting, Reconciler, RoomReport, Trouble, due, found};
use crate::{Attendance, Result, derive, record::ZoomRecord};

/// The longest that Zoom lets a meeting run.
const LONGEST_MEETING: Duration = Duration::from_hours(30);
/// How long another instance may take to understand the records before what changed is counted without them.
const SETTLES_IN_STEPS: u32 = 100;
const STEP: Duration = Duration::from_millis(50);

/// What came of it.
pub(super) struct Compared {
    pub found: Found,
    /// Why not all of it was answered.
    pub not: Option<NotAnswered>,
}

impl Reconciler {
    /// Compares a room because somebody asked; what cannot be answered now becomes due for the running service.
    pub(super) async fn compare_now(
        &self,
        room: &Room,
        range: Range<Timestamp>,
        why: Why,
    ) -> Result<RoomReport> {
        let compared = self.compare(room, &range, false).await?;
        let trouble = compared.not.map(|not| not.trouble);
        let mut retry_at = None;
        if let Some(not) = compared.not.filter(|not| not.trouble.may_pass()) {
            let now = self.attendance.ambient.now();
            let due_at = due::retry_at(now, 0, not.until);
            let due = Reconciliation::due(self.attendance.ambient.id(), room, range, why, due_at);
            let mut tx = self.attendance.store.begin().await?;
            tx.put_reconciliation(&due).await?;
            tx.commit().await?;
            retry_at = Some(due_at);
        }
        due::count(why, trouble.map_or("compared", Trouble::as_str));
        let (clinic, host) = (room.clinic_id, room.staff_id);
        Ok(RoomReport { clinic, room: room.id, host, found: compared.found, trouble, retry_at })
    }

    /// Compares a room with the record of every meeting that ran at some time in the range. With `again`, records that
    /// are kept already are not asked for: an earlier try got so far.
    pub(super) async fn compare(
        &self,
        room: &Room,
        range: &Range<Timestamp>,
        again: bool,
    ) -> Result<Compared> {
        let ambient = &self.attendance.ambient;
        let meetings = match self.pace.ask(room, ambient, self.records.instances(room)).await {
            Ok(meetings) => of_range(meetings, range),
            Err(not) => return Ok(Compared { found: Found::default(), not: Some(not) }),
        };
        let around = range.start.minus(LONGEST_MEETING)..range.end.plus(derive::AROUND);
        let kept = if again { self.kept(room, around.clone()).await? } else { BTreeSet::new() };
        let before = self.presences(room, around.clone()).await?;
        let mut found = Found::default();
        let mut not = None;
        for meeting in meetings.iter().filter(|meeting| !kept.contains(&meeting.uuid)) {
            match self.pace.ask(room, ambient, self.records.recorded(room, &meeting.uuid)).await {
                Ok(record) => {
                    let start_time = record.start_time.or(meeting.start);
                    let record = ZoomRecord { start_time, ..record };
                    found.meetings += 1;
                    found.records += usize::from(self.attendance.keep_record(room, &record).await?);
                }
                // The others may be ready nevertheless.
                Err(unready @ NotAnswered { trouble: Trouble::NotReady, .. }) => not = Some(unready),
                Err(answered_no_more) => {
                    not = Some(answered_no_more);
                    break;
                }
            }
        }
        if found.records > 0 {
            settle(&self.attendance).await?;
            let after = self.presences(room, around).await?;
            found = found + found::between(&before, &after);
        }
        Ok(Compared { found, not })
    }

    async fn presences(&self, room: &Room, range: Range<Timestamp>) -> Result<Vec<Presence>> {
        let mut tx = self.attendance.store.read().await?;
        Ok(tx.presences_in_room(room.clinic_id, room.id, range).await?)
    }

    /// The meetings of which rows are kept.
    async fn kept(&self, room: &Room, range: Range<Timestamp>) -> Result<BTreeSet<String>> {
        let mut tx = self.attendance.store.read().await?;
        let stays = tx.recorded_stays(room.clinic_id, room.id, range).await?;
        Ok(stays.into_iter().map(|stay| stay.instance).collect())
    }
}

/// The meetings that may have run in the range: those that began in it, and the last one before. One room runs one
/// meeting at a time. Where Zoom does not say when one began, it may be any.
fn of_range(meetings: Vec<PastMeeting>, range: &Range<Timestamp>) -> Vec<PastMeeting> {
    let earliest = range.start.minus(LONGEST_MEETING);
    let before = meetings
        .iter()
        .filter_map(|meeting| meeting.start)
        .filter(|start| (earliest..range.start).contains(start))
        .max();
    let mut wanted: Vec<PastMeeting> = meetings
        .into_iter()
        .filter(|meeting| match meeting.start {
            Some(start) => range.contains(&start) || Some(start) == before,
            None => true,
        })
        .collect();
    wanted.sort_by(|a, b| (a.start, &a.uuid).cmp(&(b.start, &b.uuid)));
    wanted
}

/// Understands what waits in the inbox. Another instance, or the service beside a command, may have taken some of it:
/// it is waited for a little, since only the count of what changed depends on it.
async fn settle(attendance: &Attendance) -> Result<()> {
    for _ in 0..SETTLES_IN_STEPS {
        if attendance.apply_pending().await? > 0 {
            continue;
        }
        if attendance.store.read().await?.inbox_backlog().await? == 0 {
            break;
        }
        sleep(STEP).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_442_400 + hours * 3_600)
    }

    fn chosen(starts: &[Option<i64>], range: Range<i64>) -> Vec<Option<i64>> {
        let meetings = starts
            .iter()
            .enumerate()
            .map(|(number, start)| PastMeeting { uuid: number.to_string(), start: start.map(at) })
            .collect();
        let seconds = |at: Timestamp| (at.as_seconds() - 1_795_442_400) / 3_600;
        of_range(meetings, &(at(range.start)..at(range.end)))
            .into_iter()
            .map(|meeting| meeting.start.map(seconds))
            .collect()
    }

    #[test]
    fn a_meeting_that_began_before_the_range_may_have_run_into_it() {
        let starts = [Some(30), Some(9), Some(12), Some(10), Some(20)];
        assert_eq!(chosen(&starts, 11..20), [Some(10), Some(12)]);
        assert_eq!(chosen(&starts, 0..9), []);
        assert_eq!(chosen(&starts, 50..60), [Some(30)]);
        assert_eq!(chosen(&starts, 61..70), [], "no meeting lasts for 31 hours");
    }

    #[test]
    fn a_meeting_that_began_nobody_knows_when_may_be_any() {
        assert_eq!(chosen(&[None, Some(3)], 0..2), [None]);
    }
}
