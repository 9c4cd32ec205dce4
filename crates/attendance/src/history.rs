//! What was shown of somebody, and since when.

use std::collections::BTreeSet;

use domain::{ClinicId, PresenceId, attendance::fold::fold};
use store::ports::evidence::MatchChange;

use crate::{
    Attendance, Result,
    recompute::{Around, Ground},
};

impl Attendance {
    /// Every change of who somebody was shown to be, oldest first; also what was shown while less was known, and they
    /// were taken for several people or known from Zoom's record alone. Empty where nothing was ever said.
    pub async fn history(&self, clinic: ClinicId, presence: PresenceId) -> Result<Vec<MatchChange>> {
        let mut tx = self.store.read().await?;
        let mut names = BTreeSet::from([presence]);
        if let Some(kept) = tx.presence(clinic, presence).await?
            && let Some(room) = tx.room(clinic, kept.room_id).await?
        {
            let zone = Ground::load(&mut *tx, clinic).await?.clinic.zone;
            let around = Around::load(&mut *tx, &room, &zone.day(zone.date(kept.first_at))).await?;
            let visits = fold(&around.events, &around.record);
            let visit = visits.into_iter().find(|visit| visit.id == presence);
            names.extend(visit.into_iter().flat_map(|visit| visit.known_as));
        }
        let mut changes = Vec::new();
        for name in names {
            changes.extend(tx.match_changes(clinic, name).await?);
        }
        changes.sort_by_key(|change| change.at);
        // Whoever gets another name goes on being shown as before.
        changes.dedup_by(|later, earlier| {
            later.who == earlier.who
                && match (&later.matched, &earlier.matched) {
                    (Some(a), Some(b)) => {
                        (a.attendee, a.level, a.decided_by) == (b.attendee, b.level, b.decided_by)
                    }
                    (None, None) => true,
                    _ => false,
                }
        });
        Ok(changes)
    }
}
