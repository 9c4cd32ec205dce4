//! Who has visits by video soon and no connection to Zoom: the one alert that nobody else could raise, since nothing
//! happens.

use std::{collections::HashSet, time::Duration};

use domain::{
    ClinicId, StaffId, Timestamp,
    alert::{Alert, AlertKind},
    clinic::Clinic,
    staff::Role,
};
use jiff::civil::Date;
use store::{StoreError, Tx, ports::attendance::Change};

use crate::Outreach;

/// So long before a visit it is raised.
const AHEAD: Duration = Duration::from_hours(48);

/// What has to change.
struct Found {
    raise: Vec<(StaffId, String)>,
    end: Vec<Alert>,
}

/// Names that somebody is not connected, for the next day on which they have visits; none where they have none.
pub(super) fn key(staff: StaffId, date: Option<Date>) -> String {
    date.map_or_else(|| format!("not_connected/{staff}/none"), |date| format!("not_connected/{staff}/{date}"))
}

/// The day that an alert of this kind was raised for; none where it was for none.
pub(super) fn date_of(alert: &Alert) -> Option<Date> {
    alert.key.split('/').nth(2)?.parse().ok()
}

/// An alert that somebody is not connected.
pub(super) fn alert(outreach: &Outreach, clinic: ClinicId, staff: StaffId, key: String) -> Alert {
    Alert {
        id: outreach.ambient.id(),
        clinic_id: clinic,
        staff_id: staff,
        kind: AlertKind::NotConnected,
        appointment_id: None,
        presence_id: None,
        key,
        detail: None,
        raised_at: outreach.ambient.now(),
        ended_at: None,
        told_at: None,
    }
}

/// Whoever is connected, or need not be.
pub(super) async fn in_order(tx: &mut dyn Tx, clinic: ClinicId) -> Result<HashSet<StaffId>, StoreError> {
    let mut in_order: HashSet<StaffId> = tx.hosts_elsewhere(clinic).await?.into_iter().collect();
    in_order.extend(tx.connections(clinic).await?.into_iter().map(|connection| connection.staff_id));
    Ok(in_order)
}

/// Boards show a day, so that it is the host's appointments of today of which they have to hear.
pub(super) async fn redraw(
    tx: &mut dyn Tx,
    clinic: &Clinic,
    host: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let today = clinic.zone.day(clinic.zone.date(now));
    for appointment in tx.appointments(clinic.id, today, Some(host)).await? {
        tx.note_change(clinic.id, Change::Appointment(appointment.id), now).await?;
    }
    Ok(())
}

impl Outreach {
    /// Raises and ends what there is of this kind, in all clinics. What is wrong with one of them is logged and keeps no
    /// other from being looked at.
    pub(super) async fn look_for_unconnected(&self) -> Result<(), StoreError> {
        let clinics = self.store.read().await?.clinics().await?;
        for clinic in clinics {
            if let Err(error) = self.look_for_unconnected_of(&clinic).await {
                tracing::error!(%error, clinic.id = %clinic.id, "who is not connected cannot be told; trying again");
            }
        }
        Ok(())
    }

    async fn look_for_unconnected_of(&self, clinic: &Clinic) -> Result<(), StoreError> {
        let now = self.ambient.now();
        let seen = find(&mut *self.store.read().await?, clinic, now).await?;
        if seen.raise.is_empty() && seen.end.is_empty() {
            return Ok(());
        }
        // Asked again: what was read may be no more.
        let mut tx = self.store.begin().await?;
        let found = find(&mut *tx, clinic, now).await?;
        let mut changed = HashSet::new();
        for (staff, key) in found.raise {
            if tx.raise_alert(&alert(self, clinic.id, staff, key)).await? {
                changed.insert(staff);
            }
        }
        for old in found.end {
            if tx.end_alert(clinic.id, old.id, now).await? {
                changed.insert(old.staff_id);
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        for &staff in &changed {
            redraw(&mut *tx, clinic, staff, now).await?;
        }
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic.id, staff = changed.len(), "noted who is not connected");
        Ok(())
    }
}

async fn find(tx: &mut dyn Tx, clinic: &Clinic, now: Timestamp) -> Result<Found, StoreError> {
    let mut next_visits = tx.next_visits(clinic.id, now).await?;
    next_visits.retain(|(_, next)| *next < now.plus(AHEAD));
    let mut lasting = tx.alerts_lasting(clinic.id).await?;
    // Whoever removed the app at Zoom is told just that.
    let removed: HashSet<StaffId> = (lasting.iter())
        .filter(|alert| alert.kind == AlertKind::AppRemoved)
        .map(|alert| alert.staff_id)
        .collect();
    lasting.retain(|alert| alert.kind == AlertKind::NotConnected);
    if next_visits.is_empty() && lasting.is_empty() {
        return Ok(Found { raise: Vec::new(), end: Vec::new() });
    }
    let in_order = in_order(tx, clinic.id).await?;
    let hosts: HashSet<StaffId> = (tx.staff(clinic.id).await?.into_iter())
        .filter(|member| member.disabled_at.is_none() && member.roles.contains(&Role::Staff))
        .map(|member| member.id)
        .collect();
    let has_to_connect =
        |staff: &StaffId| hosts.contains(staff) && !in_order.contains(staff) && !removed.contains(staff);
    let raise = (next_visits.into_iter())
        .filter(|(staff, _)| has_to_connect(staff))
        .map(|(staff, next)| (staff, key(staff, Some(clinic.zone.date(next)))))
        .filter(|(_, key)| lasting.iter().all(|alert| alert.key != *key))
        .collect();
    let today = clinic.zone.date(now);
    let end = (lasting.into_iter())
        .filter(|alert| !has_to_connect(&alert.staff_id) || date_of(alert).is_some_and(|date| date < today))
        .collect();
    Ok(Found { raise, end })
}
