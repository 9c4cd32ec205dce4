//! Events of rooms, presences, decisions, changes.

use std::{collections::BTreeSet, ops::Range};

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, PresenceId, RoomId, Timestamp,
    attendance::{
        event::RoomEvent,
        matching::{Decision, Level, Match, Verdict},
        presence::Presence,
    },
    id::Id as _,
};
use uuid::Uuid;

use super::{
    SqlTx,
    appointments::set_of,
    statement::{Record, Statement},
};
use crate::{
    Result, StoreError,
    backend::Backend,
    ports::attendance::{Attendance, Change},
};

const PRESENCE: &str = "clinic_id, id, room_id, who, staff_id, shown_name, first_at, whereabouts, since, stays, \
    matched, candidates";

fn presence<DB: Backend>(row: &Record<DB>) -> Result<Presence> {
    Ok(Presence {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        room_id: row.get("room_id")?,
        who: row.get("who")?,
        staff_id: row.get("staff_id")?,
        shown_name: row.get("shown_name")?,
        first_at: row.get("first_at")?,
        whereabouts: row.get("whereabouts")?,
        since: row.get("since")?,
        stays: row.get_json("stays")?,
        matched: row.get_json_if::<Match>("matched")?,
        candidates: row.get_json("candidates")?,
    })
}

const DECISION: &str = "clinic_id, id, room_id, presence_id, verdict, decided_by, at";

fn decision<DB: Backend>(row: &Record<DB>) -> Result<Decision> {
    Ok(Decision {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        room_id: row.get("room_id")?,
        presence_id: row.get("presence_id")?,
        verdict: row.get_json("verdict")?,
        decided_by: row.get_json("decided_by")?,
        at: row.get("at")?,
    })
}

fn change<DB: Backend>(row: &Record<DB>) -> Result<(i64, Change)> {
    let subject: String = row.get("subject")?;
    let change = match subject.as_str() {
        "appointment" => Change::Appointment(row.get("subject_id")?),
        "presence" => Change::Presence(row.get("subject_id")?),
        _ => {
            return Err(StoreError::Corrupt { column: "subject", source: "no such word".into() });
        }
    };
    Ok((row.get("number")?, change))
}

/// The attendee that a decision names, kept beside it so that it cannot be another clinic's.
fn attendee_of(verdict: Verdict) -> Option<AttendeeId> {
    match verdict {
        Verdict::Attendee(attendee) | Verdict::Not(attendee) => Some(attendee),
        Verdict::Guest | Verdict::Interpreter | Verdict::Staff | Verdict::Undecided => None,
    }
}

#[async_trait]
impl<DB: Backend> Attendance for SqlTx<DB> {
    async fn insert_room_event(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        event: &RoomEvent,
        meaning: &[u8; 16],
    ) -> Result<bool> {
        let added = Statement::<DB>::new(
            "INSERT INTO room_events (clinic_id, room_id, at, meaning, delivery_id, event)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (clinic_id, room_id, at, meaning) DO NOTHING",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&event.at)
        .bind(meaning)
        .bind(&event.delivery)
        .bind_json(event)
        .execute(&mut self.inner)
        .await?;
        Ok(added == 1)
    }

    async fn room_events(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<RoomEvent>> {
        Statement::<DB>::new(
            "SELECT event FROM room_events
             WHERE clinic_id = $1 AND room_id = $2 AND at >= $3 AND at < $4 ORDER BY at, delivery_id, meaning",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, |row| row.get_json("event"))
        .await
    }

    async fn room_event_span(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
    ) -> Result<Option<(Timestamp, Timestamp)>> {
        // Two questions, each answered by one end of the index.
        let row = Statement::<DB>::new(
            "SELECT (SELECT MIN(at) FROM room_events WHERE clinic_id = $1 AND room_id = $2) AS first_at,
                    (SELECT MAX(at) FROM room_events WHERE clinic_id = $1 AND room_id = $2) AS last_at",
        )
        .bind(&clinic)
        .bind(&room)
        .fetch_one(&mut self.inner)
        .await?;
        let first: Option<Timestamp> = row.get("first_at")?;
        Ok(first.zip(row.get("last_at")?))
    }

    async fn clear_attendance(&mut self, clinic: ClinicId) -> Result<()> {
        Statement::<DB>::new("DELETE FROM presences WHERE clinic_id = $1")
            .bind(&clinic)
            .execute(&mut self.inner)
            .await?;
        Statement::<DB>::new("DELETE FROM room_events WHERE clinic_id = $1")
            .bind(&clinic)
            .execute(&mut self.inner)
            .await?;
        Statement::<DB>::new("DELETE FROM recorded_stays WHERE clinic_id = $1")
            .bind(&clinic)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn put_presence(&mut self, clinic: ClinicId, presence: &Presence) -> Result<()> {
        let matched = presence.matched.as_ref();
        Statement::<DB>::new(
            "INSERT INTO presences
                 (clinic_id, id, room_id, who, staff_id, shown_name, first_at, whereabouts, since, stays,
                  appointment_id, attendee_id, matched, candidates)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             ON CONFLICT (clinic_id, id) DO UPDATE SET
                 room_id = excluded.room_id, who = excluded.who, staff_id = excluded.staff_id,
                 shown_name = excluded.shown_name, first_at = excluded.first_at,
                 whereabouts = excluded.whereabouts, since = excluded.since, stays = excluded.stays,
                 appointment_id = excluded.appointment_id, attendee_id = excluded.attendee_id,
                 matched = excluded.matched, candidates = excluded.candidates",
        )
        .bind(&clinic)
        .bind(&presence.id)
        .bind(&presence.room_id)
        .bind(&presence.who)
        .bind(&presence.staff_id)
        .bind(&presence.shown_name)
        .bind(&presence.first_at)
        .bind(&presence.whereabouts)
        .bind(&presence.since)
        .bind_json(&presence.stays)
        .bind(&matched.map(|matched| matched.appointment))
        .bind(&matched.map(|matched| matched.attendee))
        .bind_json_if(matched)
        .bind_json(&presence.candidates)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn remove_presence(&mut self, clinic: ClinicId, id: PresenceId) -> Result<()> {
        Statement::<DB>::new("DELETE FROM presences WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&id)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn presence(&mut self, clinic: ClinicId, id: PresenceId) -> Result<Option<Presence>> {
        Statement::<DB>::assembled(&["SELECT ", PRESENCE, " FROM presences WHERE clinic_id = $1 AND id = $2"])
            .bind(&clinic)
            .bind(&id)
            .fetch_optional_as(&mut self.inner, presence)
            .await
    }

    async fn presences_in_room(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Presence>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            PRESENCE,
            " FROM presences
             WHERE clinic_id = $1 AND room_id = $2 AND first_at >= $3 AND first_at < $4 ORDER BY first_at, id",
        ])
        .bind(&clinic)
        .bind(&room)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, presence)
        .await
    }

    async fn presences(&mut self, clinic: ClinicId, range: Range<Timestamp>) -> Result<Vec<Presence>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            PRESENCE,
            " FROM presences WHERE clinic_id = $1 AND first_at >= $2 AND first_at < $3 ORDER BY first_at, id",
        ])
        .bind(&clinic)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, presence)
        .await
    }

    async fn presences_of(&mut self, clinic: ClinicId, appointment: AppointmentId) -> Result<Vec<Presence>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            PRESENCE,
            " FROM presences WHERE clinic_id = $1 AND appointment_id = $2 ORDER BY first_at, id",
        ])
        .bind(&clinic)
        .bind(&appointment)
        .fetch_all_as(&mut self.inner, presence)
        .await
    }

    async fn unsettled_rooms(&mut self, range: Range<Timestamp>) -> Result<BTreeSet<(ClinicId, RoomId)>> {
        // Few are there at any time, so that how sure their matches are is read here.
        let there: Vec<(ClinicId, RoomId, Option<Match>)> = Statement::<DB>::new(
            "SELECT clinic_id, room_id, matched FROM presences
             WHERE clinic_id IN (SELECT id FROM clinics) AND first_at >= $1 AND first_at < $2
               AND who = 'visitor' AND whereabouts <> 'left'",
        )
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, |row| {
            Ok((row.get("clinic_id")?, row.get("room_id")?, row.get_json_if("matched")?))
        })
        .await?;
        let is_certain =
            |matched: &Option<Match>| matched.as_ref().is_some_and(|matched| matched.level == Level::Certain);
        let unsettled = there.into_iter().filter(|(.., matched)| !is_certain(matched));
        Ok(unsettled.map(|(clinic, room, _)| (clinic, room)).collect())
    }

    async fn clinics_to_watch(&mut self, range: Range<Timestamp>) -> Result<BTreeSet<ClinicId>> {
        let clinics: Vec<ClinicId> = Statement::<DB>::new(
            "SELECT id FROM clinics
             WHERE EXISTS (SELECT 1 FROM presences WHERE clinic_id = clinics.id AND first_at >= $1 AND first_at < $2
                             AND whereabouts <> 'left')
                OR EXISTS (SELECT 1 FROM alerts WHERE clinic_id = clinics.id AND ended_at IS NULL
                             AND kind IN ('host_late', 'overrun', 'other_account', 'nobody_hosting', 'stranger',
                                          'left_running'))
                OR EXISTS (SELECT 1 FROM other_rooms WHERE clinic_id = clinics.id)",
        )
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, |row| row.get("id"))
        .await?;
        Ok(clinics.into_iter().collect())
    }

    async fn insert_decision(&mut self, decision: &Decision) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO decisions (clinic_id, id, room_id, presence_id, attendee_id, verdict, decided_by, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&decision.clinic_id)
        .bind(&decision.id)
        .bind(&decision.room_id)
        .bind(&decision.presence_id)
        .bind(&attendee_of(decision.verdict))
        .bind_json(&decision.verdict)
        .bind_json(&decision.decided_by)
        .bind(&decision.at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn decisions_in_room(&mut self, clinic: ClinicId, room: RoomId) -> Result<Vec<Decision>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            DECISION,
            " FROM decisions WHERE clinic_id = $1 AND room_id = $2 ORDER BY at, id",
        ])
        .bind(&clinic)
        .bind(&room)
        .fetch_all_as(&mut self.inner, decision)
        .await
    }

    async fn decisions_about(&mut self, clinic: ClinicId, presences: &[PresenceId]) -> Result<Vec<Decision>> {
        // Sorted here, as wherever a set is asked for.
        let mut decisions = Statement::<DB>::assembled(&[
            "SELECT ",
            DECISION,
            " FROM decisions WHERE clinic_id = $1 AND presence_id IN ",
            DB::IDS_2,
        ])
        .bind(&clinic)
        .bind_json(&set_of(presences.iter().copied()))
        .fetch_all_as(&mut self.inner, decision)
        .await?;
        decisions.sort_by_key(|decision| (decision.at, decision.id));
        Ok(decisions)
    }

    async fn note_change(&mut self, clinic: ClinicId, change: Change, now: Timestamp) -> Result<i64> {
        let (subject, id): (_, Uuid) = match change {
            Change::Appointment(id) => ("appointment", id.uuid()),
            Change::Presence(id) => ("presence", id.uuid()),
        };
        // The row stays locked until the commit, so that the numbers follow the order of commits.
        let number: i64 = Statement::<DB>::new(
            "UPDATE boards SET last_change = last_change + 1 WHERE clinic_id = $1 RETURNING last_change",
        )
        .bind(&clinic)
        .fetch_one(&mut self.inner)
        .await?
        .get("last_change")?;
        Statement::<DB>::new(
            "INSERT INTO changes (clinic_id, number, subject, subject_id, noted_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&clinic)
        .bind(&number)
        .bind_text(subject)
        .bind(&id)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        self.touched.clinics.insert(clinic);
        Ok(number)
    }

    async fn last_change(&mut self, clinic: ClinicId) -> Result<i64> {
        let last = Statement::<DB>::new("SELECT last_change FROM boards WHERE clinic_id = $1")
            .bind(&clinic)
            .fetch_optional_as(&mut self.inner, |row| row.get("last_change"))
            .await?;
        Ok(last.unwrap_or(0))
    }

    async fn changes_after(
        &mut self,
        clinic: ClinicId,
        after: i64,
        limit: i64,
    ) -> Result<Option<Vec<(i64, Change)>>> {
        let changes = Statement::<DB>::new(
            "SELECT number, subject, subject_id FROM changes
             WHERE clinic_id = $1 AND number > $2 ORDER BY number LIMIT $3",
        )
        .bind(&clinic)
        .bind(&after)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, change)
        .await?;
        // They are purged by time and not by number, so that one in the middle may be missing as well.
        let whole = changes.iter().zip(after.saturating_add(1)..).all(|((number, _), due)| *number == due);
        if !whole || (changes.is_empty() && limit > 0 && self.last_change(clinic).await? != after) {
            return Ok(None);
        }
        Ok(Some(changes))
    }

    async fn purge_changes(&mut self, before: Timestamp) -> Result<()> {
        Statement::<DB>::new("DELETE FROM changes WHERE noted_at < $1")
            .bind(&before)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn heard_from_zoom(&mut self, clinic: ClinicId, room: Option<RoomId>, at: Timestamp) -> Result<()> {
        if let Some(room) = room {
            Statement::<DB>::new(
                "UPDATE rooms SET heard_at = $3
                 WHERE clinic_id = $1 AND id = $2 AND (heard_at IS NULL OR heard_at < $3)",
            )
            .bind(&clinic)
            .bind(&room)
            .bind(&at)
            .execute(&mut self.inner)
            .await?;
        }
        Statement::<DB>::new(
            "UPDATE boards SET heard_at = $2 WHERE clinic_id = $1 AND (heard_at IS NULL OR heard_at < $2)",
        )
        .bind(&clinic)
        .bind(&at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn last_heard_from_zoom(&mut self, clinic: ClinicId) -> Result<Option<Timestamp>> {
        let heard = Statement::<DB>::new("SELECT heard_at FROM boards WHERE clinic_id = $1")
            .bind(&clinic)
            .fetch_optional_as(&mut self.inner, |row| row.get::<Option<Timestamp>>("heard_at"))
            .await?;
        Ok(heard.flatten())
    }

    async fn rooms_last_heard(&mut self, clinic: ClinicId) -> Result<Vec<(RoomId, Timestamp)>> {
        Statement::<DB>::new(
            "SELECT id, heard_at FROM rooms WHERE clinic_id = $1 AND heard_at IS NOT NULL ORDER BY id",
        )
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, |row| Ok((row.get("id")?, row.get("heard_at")?)))
        .await
    }
}
