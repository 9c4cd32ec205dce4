//! A connection breaks, and works again: its state and the alert about it, in one unit of work.

use domain::{
    Ambient, Timestamp,
    alert::AlertKind,
    room::{Connection, ConnectionState},
};
use store::{StoreError, Tx};

use crate::{Trouble, alerts};

/// What is told of a connection that does not work. One that was never made is told of elsewhere, and ends with it too.
pub(crate) const TOLD: [AlertKind; 5] = [
    AlertKind::Reconnect,
    AlertKind::Paused,
    AlertKind::MissingScopes,
    AlertKind::AppRemoved,
    AlertKind::NotConnected,
];

/// Zoom does not take the connection, which stood like this before. What is known already is not told again.
pub(crate) async fn note_broken(
    tx: &mut dyn Tx,
    ambient: &Ambient,
    before: &Connection,
    trouble: Trouble,
) -> Result<(), StoreError> {
    let (clinic, staff, now) = (before.clinic_id, before.staff_id, ambient.now());
    let (broken, code) = (ConnectionState::NeedsReconnect, trouble.as_str());
    tx.set_connection_state(clinic, before.id, broken, Some(code), now).await?;
    if before.state == broken && before.trouble.as_deref() == Some(code) {
        return Ok(());
    }
    let kind = match trouble {
        Trouble::DisabledByAdmin => AlertKind::Paused,
        Trouble::MissingScopes => AlertKind::MissingScopes,
        _ => AlertKind::Reconnect,
    };
    alerts::end(tx, clinic, staff, &TOLD, now).await?;
    let key = key(kind, before, now);
    alerts::raise(tx, ambient, clinic, staff, kind, key, Some(code)).await?;
    Ok(())
}

/// The connection works again: nobody need be told any more, and its room is looked at, since for a while nobody could.
pub(crate) async fn note_mended(
    tx: &mut dyn Tx,
    before: &Connection,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (clinic, staff) = (before.clinic_id, before.staff_id);
    if let Some(room) = tx.room_of(clinic, staff).await? {
        tx.want_look(clinic, room.id, now).await?;
    }
    alerts::end(tx, clinic, staff, &TOLD, now).await
}

/// Names this break, so that it is told once.
pub(crate) fn key(kind: AlertKind, connection: &Connection, at: Timestamp) -> String {
    format!("{}/{}/{}", kind.as_str(), connection.id, at.as_micros())
}
