//! What its owner, the desk or an admin has to be told about a connection or a room. Raised and ended in the same unit of
//! work as the change that causes it, so that neither is ever there without the other.

use domain::{
    Ambient, ClinicId, StaffId, Timestamp,
    alert::{Alert, AlertKind},
};
use store::{StoreError, Tx, ports::attendance::Change};

/// Raises an alert about this staff member's connection or room. `key` names the same thing whenever it is seen again;
/// false, and nothing is written, where it is or was told already. Call it late in the unit of work: it makes today's
/// boards look again, which holds the clinic's other changes back until the commit.
pub(crate) async fn raise(
    tx: &mut dyn Tx,
    ambient: &Ambient,
    clinic: ClinicId,
    staff: StaffId,
    kind: AlertKind,
    key: String,
    detail: Option<&str>,
) -> Result<bool, StoreError> {
    let now = ambient.now();
    let alert = Alert {
        id: ambient.id(),
        clinic_id: clinic,
        staff_id: staff,
        kind,
        appointment_id: None,
        presence_id: None,
        key,
        detail: detail.map(str::to_owned),
        raised_at: now,
        ended_at: None,
        told_at: None,
    };
    let raised = tx.raise_alert(&alert).await?;
    if raised {
        redraw(tx, clinic, staff, now).await?;
    }
    Ok(raised)
}

/// Ends what lasts of these kinds for this staff member. Likewise to be called late in the unit of work.
pub(crate) async fn end(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    staff: StaffId,
    kinds: &[AlertKind],
    now: Timestamp,
) -> Result<(), StoreError> {
    end_those(tx, clinic, staff, now, |alert| kinds.contains(&alert.kind)).await
}

/// Ends what lasts for this staff member and is over by this question.
pub(crate) async fn end_those(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    staff: StaffId,
    now: Timestamp,
    is_over: impl Fn(&Alert) -> bool + Send,
) -> Result<(), StoreError> {
    let mut ended = false;
    for alert in tx.alerts_lasting(clinic).await? {
        if alert.staff_id == staff && is_over(&alert) {
            ended |= tx.end_alert(clinic, alert.id, now).await?;
        }
    }
    if ended {
        redraw(tx, clinic, staff, now).await?;
    }
    Ok(())
}

/// Boards show a day, so that it is the host's appointments of today of which they have to hear.
async fn redraw(tx: &mut dyn Tx, clinic: ClinicId, host: StaffId, now: Timestamp) -> Result<(), StoreError> {
    let Some(known) = tx.clinic(clinic).await? else { return Ok(()) };
    let today = known.zone.day(known.zone.date(now));
    for appointment in tx.appointments(clinic, today, Some(host)).await? {
        tx.note_change(clinic, Change::Appointment(appointment.id), now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::{
        appointment::{Appointment, Kind, Status},
        telehealth::Booked,
        text::ExternalId,
    };

    use super::*;
    use crate::testing::World;

    async fn raised(world: &World, kind: AlertKind, key: &str) -> bool {
        let mut tx = world.store.begin().await.unwrap();
        let (clinic, staff) = (world.amara.clinic_id, world.amara.staff_id);
        let raised = raise(&mut *tx, &world.ambient, clinic, staff, kind, key.to_owned(), Some("refused"));
        let raised = raised.await.unwrap();
        tx.commit().await.unwrap();
        raised
    }

    async fn last_change(world: &World) -> i64 {
        world.store.read().await.unwrap().last_change(world.amara.clinic_id).await.unwrap()
    }

    async fn lasting(world: &World) -> Vec<AlertKind> {
        let alerts = world.store.read().await.unwrap().alerts_lasting(world.amara.clinic_id).await.unwrap();
        let mut kinds: Vec<_> = alerts.into_iter().map(|alert| alert.kind).collect();
        kinds.sort();
        kinds
    }

    #[tokio::test]
    async fn the_same_thing_is_raised_once_and_the_next_one_anew() {
        let world = World::new().await;
        assert!(raised(&world, AlertKind::Reconnect, "reconnect/1").await);
        assert!(!raised(&world, AlertKind::Reconnect, "reconnect/1").await);
        assert!(raised(&world, AlertKind::Reconnect, "reconnect/2").await);
        assert_eq!(lasting(&world).await.len(), 2);
    }

    #[tokio::test]
    async fn ending_leaves_other_kinds_and_other_people_alone() {
        let world = World::new().await;
        let colleague = world.colleague().await;
        raised(&world, AlertKind::Reconnect, "reconnect/1").await;
        raised(&world, AlertKind::RoomUnguarded, "room/1").await;
        let mut tx = world.store.begin().await.unwrap();
        let (clinic, now) = (world.amara.clinic_id, world.ambient.now());
        let key = "reconnect/theirs".to_owned();
        raise(&mut *tx, &world.ambient, clinic, colleague.staff_id, AlertKind::Reconnect, key, None)
            .await
            .unwrap();
        end(&mut *tx, clinic, world.amara.staff_id, &[AlertKind::Reconnect], now).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(lasting(&world).await, [AlertKind::Reconnect, AlertKind::RoomUnguarded]);
    }

    #[tokio::test]
    async fn todays_boards_of_the_host_hear_of_it_and_only_where_something_changed() {
        let world = World::new().await;
        let now = world.ambient.now();
        let colleague = world.colleague().await;
        let mut tx = world.store.begin().await.unwrap();
        for (host, starts_at) in [
            (world.amara.staff_id, now),
            (world.amara.staff_id, now.plus(Duration::from_hours(72))),
            (colleague.staff_id, now),
        ] {
            let appointment = Appointment {
                id: world.ambient.id(),
                clinic_id: world.amara.clinic_id,
                external_id: ExternalId::parse(&world.ambient.nonce().to_string()).unwrap(),
                starts_at,
                ends_at: starts_at.plus(Duration::from_mins(30)),
                host,
                kind: Kind::Telehealth,
                status: Status::Booked,
                booked_as: Booked::default(),
                attendees: Vec::new(),
                revision: 0,
                created_at: now,
                updated_at: now,
            };
            tx.put_appointment(world.amara.clinic_id, &appointment).await.unwrap();
        }
        tx.commit().await.unwrap();
        let before = last_change(&world).await;
        raised(&world, AlertKind::Reconnect, "reconnect/1").await;
        assert_eq!(last_change(&world).await, before + 1, "one appointment of today");
        raised(&world, AlertKind::Reconnect, "reconnect/1").await;
        assert_eq!(last_change(&world).await, before + 1, "nothing new");
        for _ in 0..2 {
            let mut tx = world.store.begin().await.unwrap();
            let (clinic, staff) = (world.amara.clinic_id, world.amara.staff_id);
            end(&mut *tx, clinic, staff, &[AlertKind::Reconnect], now).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(last_change(&world).await, before + 2, "ended once");
    }
}
