//! Keeping what came of a look, in one unit of work: the room as it stands, what it lacks, and who has to be told.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    ClinicId, StaffId, Timestamp,
    alert::AlertKind,
    room::{
        Connection, ConnectionState, Room, RoomKind,
        guard::{Drift, DriftEnd, DriftKind, Guarded, LookFor},
    },
};
use store::{StoreError, Tx, ports::rooms::RoomState};
use uuid::Uuid;
use zoom::api::{Deviation, Plan};

use super::{
    Look, LookTrouble, Looked, Obstacle,
    find::deviation_of,
    ledger::{Entry, Found, entries},
};
use crate::{
    AccessError, How, Provisioned, RoomError, Trouble, Zoom, alerts,
    room::{Standing, dial_in, series_ends_at},
};

/// Zoom forgets a number that was not used for 365 days. A month before, somebody is told.
const UNUSED_AFTER: Duration = Duration::from_hours(335 * 24);
/// What Zoom did not answer to is not told to people before it has lasted so long.
const BLIP: Duration = Duration::from_hours(1);
/// That a room was replaced is no news any more so long after it was told, or after so much longer though nobody was.
const NEWS: Duration = Duration::from_hours(7 * 24);
const OLD_NEWS: Duration = Duration::from_hours(30 * 24);

impl Zoom {
    /// Keeps what a look found, and gives the connection's row back that `holder` had.
    pub(crate) async fn keep_look(
        &self,
        look: &Look,
        standing: Standing,
        holder: Uuid,
    ) -> Result<Looked, RoomError> {
        let Standing { meeting, kind, how, trouble } = standing;
        let owner = &look.owner;
        let Connection { id, clinic_id: clinic, staff_id: staff, .. } = owner.connection;
        let join_url = meeting.join_url.as_ref().ok_or(RoomError::NoJoinLink)?;
        let now = self.0.ambient.now();
        let mut found = look.findings(&meeting, kind);
        if look.put_off.contains_key(&DriftKind::NotOwned) {
            found.lacking.insert(DriftKind::NotOwned);
        }
        let mut tx = self.0.store.begin().await?;
        // The connection may have been taken back meanwhile.
        tx.lock_connection(clinic, id).await?;
        tx.release_refresh(clinic, id, holder).await?;
        let connection = tx.connection(clinic, id).await?.ok_or(AccessError::NotConnected)?;
        if connection.state != ConnectionState::Connected {
            return Err(AccessError::NotConnected.into());
        }
        let connection = note_host(&mut *tx, look, connection).await?;
        let before = tx.room_of(clinic, staff).await?;
        let guarded = match &before {
            Some(room) => tx.guarded(clinic, room.id).await?,
            None => Guarded::default(),
        };
        // What Zoom said of invite links was said of the room as it was numbered then.
        let is_same = before.as_ref().is_some_and(|before| before.meeting_number == meeting.number);
        let numbered_at = guarded.numbered_at.or(before.as_ref().map(|room| room.created_at));
        // A start of the meeting before says nothing of this one.
        let used_at = guarded.started_at.max(numbered_at);
        let is_unused = is_same && used_at.is_some_and(|used_at| now.since(used_at) >= UNUSED_AFTER);
        if is_unused {
            found.lacking.insert(DriftKind::Unused);
        }
        let deviations: Vec<Deviation> = found.lacking.iter().copied().filter_map(deviation_of).collect();
        let room = Room {
            id: before.as_ref().map_or_else(|| self.0.ambient.id(), |before| before.id),
            clinic_id: clinic,
            staff_id: staff,
            kind,
            meeting_number: meeting.number,
            zoom_user_id: connection.zoom_user_id.clone(),
            zoom_account_id: connection.zoom_account_id.clone(),
            checked_at: match &before {
                Some(before) if !deviations.is_empty() => before.checked_at,
                _ => now,
            },
            created_at: before.as_ref().map_or(now, |before| before.created_at),
        };
        let sealed = self.seal_join_url(clinic, room.id, join_url)?;
        match &before {
            Some(_) => tx.update_room(clinic, &room, &sealed).await?,
            None => tx.insert_room(&room, &sealed).await?,
        }
        let state = RoomState {
            series_ends_at: series_ends_at(&meeting).filter(|_| room.kind == RoomKind::Registered),
            kind_trouble: trouble.map(|trouble| trouble.as_str().to_owned()),
            invites_refused: owner.state.invites_refused.clone().filter(|_| is_same),
        };
        tx.set_room_state(clinic, room.id, &state).await?;
        let dial_in = dial_in(&meeting).map(|way| self.seal_dial_in(clinic, room.id, &way)).transpose()?;
        tx.set_dial_in(clinic, room.id, dial_in.as_deref()).await?;
        if look.origin != guarded.origin {
            tx.set_origin(clinic, room.id, look.origin).await?;
        }
        let code = Trouble::of_room(&deviations).map(Trouble::as_str);
        if connection.trouble.as_deref() != code {
            tx.set_connection_state(clinic, id, ConnectionState::Connected, code, now).await?;
        }
        tx.note_look(clinic, room.id, look.asked_at, None).await?;
        let replaced = before.is_some() && !is_same;
        if replaced {
            tx.note_number(clinic, room.id, now).await?;
        }
        let ledger = Found {
            clinic,
            room: room.id,
            why: look.why,
            asked_at: look.asked_at,
            lacking: &found.lacking,
            unknown: &found.unknown,
            tried: &look.tried,
            put_off: &look.put_off,
            replaced,
            gone: look.gone.filter(|_| replaced),
            is_new: before.is_none(),
        };
        let lasting = self.note_drifts(&mut *tx, &ledger).await?;
        self.note_alerts(&mut *tx, &room, &lasting, used_at, how, now).await?;
        tx.commit().await?;
        let put_right = look.tried.iter().filter(|(_, left)| left.is_none() && !replaced);
        let repaired = put_right.map(|(kind, _)| *kind).collect();
        let provisioned = Provisioned { room, how, deviations, kind_trouble: trouble };
        Ok(Looked { provisioned, repaired, lasting })
    }

    /// Writes what a look means for the drifts that are kept, and returns those that last.
    async fn note_drifts(&self, tx: &mut dyn Tx, found: &Found<'_>) -> Result<Vec<Drift>, StoreError> {
        let (clinic, now) = (found.clinic, self.0.ambient.now());
        let of_room = |drifts: Vec<Drift>| -> Vec<Drift> {
            drifts.into_iter().filter(|drift| drift.room_id == found.room).collect()
        };
        let lasted = of_room(tx.drifts_lasting(clinic).await?);
        for entry in entries(found, &lasted, &self.0.ambient) {
            match entry {
                Entry::Insert(drift) => tx.insert_drift(&drift).await?,
                Entry::Try(id, obstacle) => tx.note_try(clinic, id, now, obstacle.as_str()).await?,
                Entry::End(id, how) => tx.end_drift(clinic, id, now, how).await?,
            }
        }
        let mut lasting = of_room(tx.drifts_lasting(clinic).await?);
        lasting.sort_by_key(|drift| drift.kind);
        Ok(lasting)
    }

    /// Raises what has to be told of the room, and ends what holds no more.
    async fn note_alerts(
        &self,
        tx: &mut dyn Tx,
        room: &Room,
        lasting: &[Drift],
        used_at: Option<Timestamp>,
        how: How,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (clinic, staff) = (room.clinic_id, room.staff_id);
        let mut holding = BTreeSet::new();
        for drift in lasting {
            let (kind, key) = match (drift.kind, used_at) {
                (DriftKind::Unused, Some(used_at)) => {
                    (AlertKind::RoomUnused, format!("room_unused/{}/{}", room.id, used_at.as_micros()))
                }
                _ => (AlertKind::RoomUnguarded, format!("room_unguarded/{}", drift.id)),
            };
            if is_worth_telling(drift, now) {
                let detail = Some(drift.kind.as_str());
                alerts::raise(tx, &self.0.ambient, clinic, staff, kind, key.clone(), detail).await?;
            }
            holding.insert(key);
        }
        let news = format!("room_replaced/{}/{}", room.id, room.meeting_number);
        if how == How::Replaced {
            let kind = AlertKind::RoomReplaced;
            alerts::raise(tx, &self.0.ambient, clinic, staff, kind, news.clone(), None).await?;
        }
        alerts::end_those(tx, clinic, staff, now, |alert| match alert.kind {
            AlertKind::RoomUnguarded | AlertKind::RoomUnused => !holding.contains(&alert.key),
            AlertKind::RoomReplaced => {
                let is_told = alert.told_at.is_some_and(|told_at| now.since(told_at) >= NEWS);
                alert.key != news || is_told || now.since(alert.raised_at) >= OLD_NEWS
            }
            _ => false,
        })
        .await
    }

    /// Notes why a look came to nothing, where there is a room to note it with.
    pub(super) async fn note_trouble(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        asked_at: Timestamp,
        error: &RoomError,
    ) -> Result<(), StoreError> {
        let Some(trouble) = LookTrouble::of(error) else { return Ok(()) };
        let mut tx = self.0.store.begin().await?;
        let Some(room) = tx.room_of(clinic, staff).await? else { return Ok(()) };
        tx.note_look(clinic, room.id, asked_at, Some(trouble.as_str())).await?;
        tx.commit().await
    }
}

/// Nobody is sent to the staff member's room any more: what it lacked is no matter, and is found anew should it come back.
pub(crate) async fn leave(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    staff: StaffId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(room) = tx.room_of(clinic, staff).await? else { return Ok(()) };
    for drift in tx.drifts_lasting(clinic).await?.into_iter().filter(|drift| drift.room_id == room.id) {
        tx.end_drift(clinic, drift.id, now, DriftEnd::Replaced).await?;
    }
    alerts::end(tx, clinic, staff, &[AlertKind::RoomUnguarded, AlertKind::RoomUnused], now).await
}

/// Keeps what Zoom says of the host now: a plan that changed, another address, another account. Events carry the account,
/// so that the room must follow.
async fn note_host(tx: &mut dyn Tx, look: &Look, before: Connection) -> Result<Connection, StoreError> {
    let Ok(me) = &look.host.me else { return Ok(before) };
    if me.id != before.zoom_user_id {
        return Ok(before);
    }
    let now = Connection {
        zoom_account_id: me.account_id.clone(),
        zoom_email: me.email.clone().unwrap_or_else(|| before.zoom_email.clone()),
        zoom_plan: match me.plan {
            Plan::Basic => 1,
            Plan::Licensed => 2,
            Plan::Other => 99,
        },
        ..before.clone()
    };
    if now != before {
        let moved = now.zoom_account_id != before.zoom_account_id;
        tracing::info!(connection.id = %now.id, plan = now.zoom_plan, moved, "Zoom says something else of a host");
        tx.update_connection(now.clinic_id, &now).await?;
    }
    Ok(now)
}

fn is_worth_telling(drift: &Drift, now: Timestamp) -> bool {
    let obstacle = drift.hindrance.as_deref().and_then(Obstacle::from_code);
    // Whoever asked sees it; others hear of it if it lasts.
    !obstacle.is_some_and(Obstacle::passes)
        || now.since(drift.found_at) >= BLIP
        || drift.found_for == LookFor::FirstVisit
}
