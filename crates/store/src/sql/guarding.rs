//! When each room was looked at, and in what it was found to differ.

use async_trait::async_trait;
use domain::{
    ClinicId, ConnectionId, CoverId, DriftId, RoomId, StaffId, Timestamp,
    room::{
        Connection, Room,
        guard::{Cover, Drift, DriftEnd, Guarded, LookFor, Origin, Shown},
    },
};

use super::{
    SqlTx,
    connections::{CONNECTION, ROOM, connection, room},
    statement::{Record, Statement},
};
use crate::{Result, backend::Backend, ports::guarding::Guarding};

const GUARDED: &str = "id, origin, looked_at, asked_at, look_trouble, wanted_at, wanted_for, numbered_at, started_at, host_pressed_at";

fn guarded<DB: Backend>(row: &Record<DB>) -> Result<(RoomId, Guarded)> {
    let guarded = Guarded {
        origin: row.get("origin")?,
        looked_at: row.get("looked_at")?,
        asked_at: row.get("asked_at")?,
        trouble: row.get("look_trouble")?,
        wanted_at: row.get("wanted_at")?,
        wanted_for: row.get("wanted_for")?,
        numbered_at: row.get("numbered_at")?,
        started_at: row.get("started_at")?,
        host_pressed_at: row.get("host_pressed_at")?,
    };
    Ok((row.get("id")?, guarded))
}

const DRIFT: &str =
    "clinic_id, id, room_id, kind, found_at, found_for, hindrance, tries, tried_at, ended_at, ended";

fn drift<DB: Backend>(row: &Record<DB>) -> Result<Drift> {
    let ended_at: Option<Timestamp> = row.get("ended_at")?;
    Ok(Drift {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        room_id: row.get("room_id")?,
        kind: row.get("kind")?,
        found_at: row.get("found_at")?,
        found_for: row.get("found_for")?,
        hindrance: row.get("hindrance")?,
        tries: row.get("tries")?,
        tried_at: row.get("tried_at")?,
        ended: ended_at.zip(row.get::<Option<DriftEnd>>("ended")?),
    })
}

const COVER: &str = "clinic_id, id, host_id, by_id, from_at, until_at, ended_at, at_zoom, named, said_by";

fn cover<DB: Backend>(row: &Record<DB>) -> Result<Cover> {
    Ok(Cover {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        host_id: row.get("host_id")?,
        by_id: row.get("by_id")?,
        from: row.get("from_at")?,
        until: row.get("until_at")?,
        ended_at: row.get("ended_at")?,
        at_zoom: row.get("at_zoom")?,
        named: row.get("named")?,
        said_by: row.get_json("said_by")?,
    })
}

#[async_trait]
impl<DB: Backend> Guarding for SqlTx<DB> {
    async fn guarded(&mut self, clinic: ClinicId, room: RoomId) -> Result<Guarded> {
        let found =
            Statement::<DB>::assembled(&["SELECT ", GUARDED, " FROM rooms WHERE clinic_id = $1 AND id = $2"])
                .bind(&clinic)
                .bind(&room)
                .fetch_optional_as(&mut self.inner, guarded)
                .await?;
        Ok(found.map(|(_, guarded)| guarded).unwrap_or_default())
    }

    async fn guarded_all(&mut self, clinic: ClinicId) -> Result<Vec<(RoomId, Guarded)>> {
        Statement::<DB>::assembled(&["SELECT ", GUARDED, " FROM rooms WHERE clinic_id = $1 ORDER BY id"])
            .bind(&clinic)
            .fetch_all_as(&mut self.inner, guarded)
            .await
    }

    async fn set_origin(&mut self, clinic: ClinicId, room: RoomId, origin: Origin) -> Result<()> {
        Statement::<DB>::new("UPDATE rooms SET origin = $3 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&room)
            .bind(&origin)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn want_look(&mut self, clinic: ClinicId, room: RoomId, now: Timestamp) -> Result<()> {
        self.want_look_for(clinic, room, now, LookFor::Changed).await
    }

    async fn want_look_for(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        now: Timestamp,
        why: LookFor,
    ) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE rooms
             SET wanted_at = COALESCE(wanted_at, $3),
                 wanted_for = CASE WHEN $4 = 'asked' THEN $4 ELSE COALESCE(wanted_for, $4) END
             WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&now)
        .bind(&why)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn note_look(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        asked_at: Timestamp,
        trouble: Option<&str>,
    ) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE rooms
             SET asked_at = $3, look_trouble = $4, looked_at = CASE WHEN $4 IS NULL THEN $3 ELSE looked_at END,
                 wanted_for = CASE WHEN wanted_at <= $3 THEN NULL ELSE wanted_for END,
                 wanted_at = CASE WHEN wanted_at <= $3 THEN NULL ELSE wanted_at END
             WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&asked_at)
        .bind(&trouble.map(str::to_owned))
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn rooms_wanted(&mut self, limit: i64) -> Result<Vec<Room>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            ROOM,
            " FROM rooms WHERE wanted_at IS NOT NULL ORDER BY wanted_at, id LIMIT $1",
        ])
        .bind(&limit)
        .fetch_all_as(&mut self.inner, room)
        .await
    }

    async fn note_number(&mut self, clinic: ClinicId, room: RoomId, at: Timestamp) -> Result<()> {
        Statement::<DB>::new("UPDATE rooms SET numbered_at = $3 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&room)
            .bind(&at)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn note_start(&mut self, clinic: ClinicId, room: RoomId, at: Timestamp) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE rooms SET started_at = $3
             WHERE clinic_id = $1 AND id = $2 AND (started_at IS NULL OR started_at < $3)",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn shown(&mut self, clinic: ClinicId, room: RoomId) -> Result<Option<Shown>> {
        let found = Statement::<DB>::new("SELECT shown FROM rooms WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&room)
            .fetch_optional_as(&mut self.inner, |row| row.get_json_if("shown"))
            .await?;
        Ok(found.flatten())
    }

    async fn set_shown(&mut self, clinic: ClinicId, room: RoomId, shown: Option<&Shown>) -> Result<()> {
        Statement::<DB>::new("UPDATE rooms SET shown = $3 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&room)
            .bind_json_if(shown)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn note_host_press(&mut self, clinic: ClinicId, room: RoomId, at: Timestamp) -> Result<()> {
        Statement::<DB>::new("UPDATE rooms SET host_pressed_at = $3 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&room)
            .bind(&at)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn count_change(&mut self, clinic: ClinicId, connection: ConnectionId, day: i64) -> Result<i64> {
        let counted = Statement::<DB>::new(
            "UPDATE connections
             SET changes = CASE WHEN changes_on = $3 THEN changes + 1 ELSE 1 END, changes_on = $3
             WHERE clinic_id = $1 AND id = $2 RETURNING changes",
        )
        .bind(&clinic)
        .bind(&connection)
        .bind(&day)
        .fetch_optional_as(&mut self.inner, |row| row.get("changes"))
        .await?;
        Ok(counted.unwrap_or_default())
    }

    async fn insert_drift(&mut self, drift: &Drift) -> Result<()> {
        let (ended_at, ended) = drift.ended.unzip();
        Statement::<DB>::new(
            "INSERT INTO drifts
                 (clinic_id, id, room_id, kind, found_at, found_for, hindrance, tries, tried_at, ended_at, ended)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(&drift.clinic_id)
        .bind(&drift.id)
        .bind(&drift.room_id)
        .bind(&drift.kind)
        .bind(&drift.found_at)
        .bind(&drift.found_for)
        .bind(&drift.hindrance)
        .bind(&drift.tries)
        .bind(&drift.tried_at)
        .bind(&ended_at)
        .bind(&ended)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn drifts_lasting(&mut self, clinic: ClinicId) -> Result<Vec<Drift>> {
        let mut drifts = Statement::<DB>::assembled(&[
            "SELECT ",
            DRIFT,
            " FROM drifts WHERE clinic_id = $1 AND ended_at IS NULL ORDER BY room_id, kind",
        ])
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, drift)
        .await?;
        drifts.sort_by_key(|drift| (drift.room_id, drift.kind));
        Ok(drifts)
    }

    async fn drifts_of(&mut self, clinic: ClinicId, room: RoomId, limit: i64) -> Result<Vec<Drift>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            DRIFT,
            " FROM drifts WHERE clinic_id = $1 AND room_id = $2 ORDER BY found_at DESC, id DESC LIMIT $3",
        ])
        .bind(&clinic)
        .bind(&room)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, drift)
        .await
    }

    async fn drifts_since(&mut self, clinic: ClinicId, since: Timestamp) -> Result<Vec<Drift>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            DRIFT,
            " FROM drifts WHERE clinic_id = $1 AND found_at >= $2 ORDER BY found_at DESC, id DESC",
        ])
        .bind(&clinic)
        .bind(&since)
        .fetch_all_as(&mut self.inner, drift)
        .await
    }

    async fn note_try(
        &mut self,
        clinic: ClinicId,
        id: DriftId,
        at: Timestamp,
        hindrance: &str,
    ) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE drifts SET tries = tries + 1, tried_at = $3, hindrance = $4 WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&at)
        .bind_text(hindrance)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn end_drift(&mut self, clinic: ClinicId, id: DriftId, at: Timestamp, how: DriftEnd) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE drifts SET ended_at = $3, ended = $4
             WHERE clinic_id = $1 AND id = $2 AND ended_at IS NULL",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&at)
        .bind(&how)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn insert_cover(&mut self, cover: &Cover) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO covers
                 (clinic_id, id, host_id, by_id, from_at, until_at, ended_at, at_zoom, named, said_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&cover.clinic_id)
        .bind(&cover.id)
        .bind(&cover.host_id)
        .bind(&cover.by_id)
        .bind(&cover.from)
        .bind(&cover.until)
        .bind(&cover.ended_at)
        .bind(&cover.at_zoom)
        .bind(&cover.named)
        .bind_json(&cover.said_by)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn covers(&mut self, clinic: ClinicId, now: Timestamp) -> Result<Vec<Cover>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            COVER,
            " FROM covers WHERE clinic_id = $1 AND until_at > $2 AND ended_at IS NULL ORDER BY from_at, id",
        ])
        .bind(&clinic)
        .bind(&now)
        .fetch_all_as(&mut self.inner, cover)
        .await
    }

    async fn covers_to_undo(&mut self, clinic: ClinicId, now: Timestamp) -> Result<Vec<Cover>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            COVER,
            " FROM covers
             WHERE clinic_id = $1 AND named IS NOT NULL AND (until_at <= $2 OR ended_at IS NOT NULL) ORDER BY from_at, id",
        ])
        .bind(&clinic)
        .bind(&now)
        .fetch_all_as(&mut self.inner, cover)
        .await
    }

    async fn end_cover(&mut self, clinic: ClinicId, id: CoverId, at: Timestamp) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE covers SET ended_at = $3 WHERE clinic_id = $1 AND id = $2 AND ended_at IS NULL",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn set_cover_at_zoom(
        &mut self,
        clinic: ClinicId,
        id: CoverId,
        at_zoom: bool,
        named: Option<&str>,
    ) -> Result<()> {
        Statement::<DB>::new("UPDATE covers SET at_zoom = $3, named = $4 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&id)
            .bind(&at_zoom)
            .bind(&named.map(str::to_owned))
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn renewals(&mut self, clinic: ClinicId) -> Result<Vec<(ConnectionId, Timestamp)>> {
        Statement::<DB>::new(
            "SELECT connection_id, refreshed_at FROM connection_tokens WHERE clinic_id = $1 ORDER BY connection_id",
        )
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, |row| Ok((row.get("connection_id")?, row.get("refreshed_at")?)))
        .await
    }

    async fn next_visits(&mut self, clinic: ClinicId, now: Timestamp) -> Result<Vec<(StaffId, Timestamp)>> {
        // None lasts longer than a day, so that the index on the start narrows it.
        Statement::<DB>::new(
            "SELECT host_id, MIN(starts_at) AS starts_at FROM appointments
             WHERE clinic_id = $1 AND starts_at > $2 - 86400000000 AND ends_at > $2
               AND status = 'booked' AND kind = 'telehealth'
             GROUP BY host_id ORDER BY host_id",
        )
        .bind(&clinic)
        .bind(&now)
        .fetch_all_as(&mut self.inner, |row| Ok((row.get("host_id")?, row.get("starts_at")?)))
        .await
    }

    async fn connections_in_trouble(
        &mut self,
        trouble: &str,
        checked_before: Timestamp,
        limit: i64,
    ) -> Result<Vec<Connection>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            CONNECTION,
            " FROM connections
             WHERE state = 'needs_reconnect' AND trouble = $1 AND COALESCE(asked_at, checked_at) < $2
             ORDER BY COALESCE(asked_at, checked_at), id LIMIT $3",
        ])
        .bind_text(trouble)
        .bind(&checked_before)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, connection)
        .await
    }
}
