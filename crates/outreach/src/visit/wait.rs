//! "Your clinician is with another patient": only where that is known, and nothing of whom.

use std::time::Duration;

use domain::{
    Timestamp,
    appointment::{Appointment, Attendee},
    attendance::{
        matching::Level,
        presence::{Presence, Whereabouts, Who},
    },
    room::Room,
};
use store::{StoreError, Tx};

/// From when on before the start it is told: earlier it says nothing about one's own visit.
const TOLD_FROM: Duration = Duration::from_mins(30);
/// How far back somebody may have come who is still there.
const LONGEST_STAY: Duration = Duration::from_hours(12);
/// A visit that lasts so long past its end has more likely ended unheard.
const LONGEST_OVERRUN: Duration = Duration::from_hours(1);
/// Of somebody unknown nobody can say when they should have left.
const LONGEST_UNKNOWN: Duration = Duration::from_hours(2);
/// A visit that begins later than this tells nothing by its end.
const BEGUN_EARLY: Duration = Duration::from_mins(30);

/// The host is with another patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// For about so many minutes, at least one; none where nobody can say.
    pub minutes: Option<i64>,
}

/// Whether the host is with another patient, for whoever waits for this appointment.
pub(super) async fn of(
    tx: &mut dyn Tx,
    room: &Room,
    own: &Appointment,
    attendee: &Attendee,
    now: Timestamp,
) -> Result<Option<Wait>, StoreError> {
    if now < own.starts_at.minus(TOLD_FROM) {
        return Ok(None);
    }
    let range = now.minus(LONGEST_STAY)..now.plus(Duration::from_mins(1));
    let mut there = tx.presences_in_room(room.clinic_id, room.id, range).await?;
    there.retain(|presence| presence.whereabouts == Whereabouts::InSession);
    let host_is_there =
        there.iter().any(|presence| presence.who == Who::Staff && presence.staff_id == Some(room.staff_id));
    if !host_is_there || there.iter().any(|presence| may_be_own(presence, own)) {
        return Ok(None);
    }
    let mut minutes = None;
    let mut is_with_another = false;
    for presence in there.iter().filter(|presence| presence.who == Who::Visitor) {
        let matched = presence.matched.as_ref().filter(|matched| matched.level != Level::Ambiguous);
        let Some(matched) = matched else {
            is_with_another |= now.since(presence.since) < LONGEST_UNKNOWN;
            continue;
        };
        let Some(other) = tx.appointment(room.clinic_id, matched.appointment).await? else { continue };
        if other.attendee(matched.attendee).is_some_and(|one| one.external_id == attendee.external_id) {
            return Ok(None);
        }
        if now >= other.ends_at.plus(LONGEST_OVERRUN) {
            continue;
        }
        is_with_another = true;
        if other.starts_at <= now.plus(BEGUN_EARLY) && now < other.ends_at {
            minutes = minutes.max(Some(minutes_until(other.ends_at, now)));
        }
    }
    Ok(is_with_another.then_some(Wait { minutes }))
}

/// Whether this is, or may be, somebody of one's own appointment: then nothing is said of another.
fn may_be_own(presence: &Presence, own: &Appointment) -> bool {
    presence.matched.as_ref().is_some_and(|matched| matched.appointment == own.id)
        || presence.matched.is_none()
            && presence.candidates.iter().any(|candidate| candidate.appointment == own.id)
}

fn minutes_until(end: Timestamp, now: Timestamp) -> i64 {
    let minutes = end.since(now).as_secs().div_ceil(60);
    i64::try_from(minutes).unwrap_or(i64::MAX).max(1)
}
