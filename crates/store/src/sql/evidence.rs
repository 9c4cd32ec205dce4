//! Zoom's own record, looks, registrations, invite links, what was shown, and words on no-shows.

use std::ops::Range;

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, DeliveryId, PresenceId, RoomId, Timestamp,
    attendance::{
        matching::{Invite, Match, Registration},
        no_show::NoShowRuling,
        record::RecordedStay,
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
    Result,
    backend::Backend,
    ports::evidence::{Evidence, MatchChange},
};

const REGISTRATION: &str = "clinic_id, id, room_id, meeting_number, registrant_id, appointment_id, attendee_id, \
    join_url_sealed, at";

const INVITE: &str =
    "clinic_id, id, room_id, appointment_id, attendee_id, name, join_url_sealed, at, usable_until";

fn recorded<DB: Backend>(row: &Record<DB>) -> Result<RecordedStay> {
    let stay: RecordedStay = row.get_json("stay")?;
    Ok(RecordedStay { delivery: row.get("delivery_id")?, ..stay })
}

fn registration<DB: Backend>(row: &Record<DB>) -> Result<Registration> {
    let appointment: Option<AppointmentId> = row.get("appointment_id")?;
    Ok(Registration {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        room_id: row.get("room_id")?,
        meeting_number: row.get("meeting_number")?,
        registrant_id: row.get("registrant_id")?,
        whose: appointment.zip(row.get("attendee_id")?),
        at: row.get("at")?,
    })
}

fn invite<DB: Backend>(row: &Record<DB>) -> Result<Invite> {
    Ok(Invite {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        room_id: row.get("room_id")?,
        appointment_id: row.get("appointment_id")?,
        attendee_id: row.get("attendee_id")?,
        name: row.get("name")?,
        at: row.get("at")?,
        until: row.get("usable_until")?,
    })
}

fn match_change<DB: Backend>(row: &Record<DB>) -> Result<MatchChange> {
    Ok(MatchChange {
        presence: row.get("presence_id")?,
        at: row.get("at")?,
        who: row.get("who")?,
        matched: row.get_json_if::<Match>("matched")?,
    })
}

fn ruling<DB: Backend>(row: &Record<DB>) -> Result<NoShowRuling> {
    Ok(NoShowRuling {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        appointment_id: row.get("appointment_id")?,
        attendee_id: row.get("attendee_id")?,
        ruling: row.get("ruling")?,
        ruled_by: row.get_json("ruled_by")?,
        at: row.get("at")?,
    })
}

#[async_trait]
impl<DB: Backend> Evidence for SqlTx<DB> {
    async fn put_recorded_stay(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        stay: &RecordedStay,
    ) -> Result<bool> {
        // The delivery stays the first that said what the row says now, so that copies of a record change nothing; the
        // youngest is kept beside it, since only a younger one may contradict.
        let said_by = Statement::<DB>::new(
            "INSERT INTO recorded_stays (clinic_id, room_id, row_id, began_at, stay, delivery_id, last_delivery)
             VALUES ($1, $2, $3, $4, $5, $6, $6)
             ON CONFLICT (clinic_id, room_id, row_id) DO UPDATE SET
                 delivery_id = CASE WHEN recorded_stays.stay = excluded.stay THEN recorded_stays.delivery_id
                                    ELSE excluded.delivery_id END,
                 began_at = excluded.began_at, stay = excluded.stay, last_delivery = excluded.last_delivery
             WHERE recorded_stays.last_delivery < excluded.last_delivery
             RETURNING delivery_id",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&stay.row)
        .bind(&stay.from)
        .bind_json(&RecordedStay { delivery: DeliveryId::from_uuid(Uuid::nil()), ..stay.clone() })
        .bind(&stay.delivery)
        .fetch_optional_as(&mut self.inner, |row| row.get::<DeliveryId>("delivery_id"))
        .await?;
        Ok(said_by == Some(stay.delivery))
    }

    async fn recorded_stays(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<RecordedStay>> {
        Statement::<DB>::new(
            "SELECT stay, delivery_id FROM recorded_stays
             WHERE clinic_id = $1 AND room_id = $2 AND began_at >= $3 AND began_at < $4 ORDER BY began_at, row_id",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, recorded)
        .await
    }

    async fn insert_look(&mut self, clinic: ClinicId, room: RoomId, at: Timestamp) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO looks (clinic_id, room_id, at) VALUES ($1, $2, $3)
             ON CONFLICT (clinic_id, room_id, at) DO NOTHING",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn looks(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Timestamp>> {
        Statement::<DB>::new(
            "SELECT at FROM looks WHERE clinic_id = $1 AND room_id = $2 AND at >= $3 AND at < $4 ORDER BY at",
        )
        .bind(&clinic)
        .bind(&room)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, |row| row.get("at"))
        .await
    }

    async fn insert_registration(
        &mut self,
        registration: &Registration,
        join_url_sealed: &[u8],
    ) -> Result<()> {
        let (appointment, attendee) = registration.whose.unzip();
        Statement::<DB>::new(
            "INSERT INTO registrations
                 (clinic_id, id, room_id, meeting_number, registrant_id, appointment_id, attendee_id,
                  join_url_sealed, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&registration.clinic_id)
        .bind(&registration.id)
        .bind(&registration.room_id)
        .bind(&registration.meeting_number)
        .bind(&registration.registrant_id)
        .bind(&appointment)
        .bind(&attendee)
        .bind_bytes(join_url_sealed)
        .bind(&registration.at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn registration_of(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        meeting_number: i64,
        attendee: AttendeeId,
    ) -> Result<Option<(Registration, Vec<u8>)>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            REGISTRATION,
            " FROM registrations
             WHERE clinic_id = $1 AND room_id = $2 AND meeting_number = $3 AND attendee_id = $4",
        ])
        .bind(&clinic)
        .bind(&room)
        .bind(&meeting_number)
        .bind(&attendee)
        .fetch_optional_as(&mut self.inner, |row| Ok((registration(row)?, row.get("join_url_sealed")?)))
        .await
    }

    async fn registrations(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        registrant_ids: &[String],
    ) -> Result<Vec<Registration>> {
        // None is kept with a NUL, which PostgreSQL would not read out of a document either.
        let wanted: Vec<&String> = registrant_ids.iter().filter(|id| !id.contains('\0')).collect();
        let mut registrations = Statement::<DB>::assembled(&[
            "SELECT ",
            REGISTRATION,
            " FROM registrations WHERE clinic_id = $1 AND room_id = $3 AND registrant_id IN ",
            DB::TEXTS_2,
        ])
        .bind(&clinic)
        .bind_json(&wanted)
        .bind(&room)
        .fetch_all_as(&mut self.inner, registration)
        .await?;
        registrations.sort_by_key(|registration| (registration.at, registration.id));
        Ok(registrations)
    }

    async fn insert_invite(&mut self, invite: &Invite, join_url_sealed: &[u8]) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO invites
                 (clinic_id, id, room_id, appointment_id, attendee_id, name, join_url_sealed, at, usable_until)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&invite.clinic_id)
        .bind(&invite.id)
        .bind(&invite.room_id)
        .bind(&invite.appointment_id)
        .bind(&invite.attendee_id)
        .bind(&invite.name)
        .bind_bytes(join_url_sealed)
        .bind(&invite.at)
        .bind(&invite.until)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn invite_of(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        attendee: AttendeeId,
    ) -> Result<Option<(Invite, Vec<u8>)>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            INVITE,
            " FROM invites WHERE clinic_id = $1 AND room_id = $2 AND attendee_id = $3
             ORDER BY at DESC, id DESC LIMIT 1",
        ])
        .bind(&clinic)
        .bind(&room)
        .bind(&attendee)
        .fetch_optional_as(&mut self.inner, |row| Ok((invite(row)?, row.get("join_url_sealed")?)))
        .await
    }

    async fn invites(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Invite>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            INVITE,
            " FROM invites WHERE clinic_id = $1 AND room_id = $2 AND at >= $3 AND at < $4 ORDER BY at, id",
        ])
        .bind(&clinic)
        .bind(&room)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, invite)
        .await
    }

    async fn insert_match_change(&mut self, clinic: ClinicId, change: &MatchChange) -> Result<()> {
        let matched = change.matched.as_ref();
        Statement::<DB>::new(
            "INSERT INTO match_changes
                 (clinic_id, presence_id, number, at, who, appointment_id, attendee_id, matched)
             VALUES ($1, $2,
                 (SELECT COALESCE(MAX(number), 0) + 1 FROM match_changes WHERE clinic_id = $1 AND presence_id = $2),
                 $3, $4, $5, $6, $7)",
        )
        .bind(&clinic)
        .bind(&change.presence)
        .bind(&change.at)
        .bind(&change.who)
        .bind(&matched.map(|matched| matched.appointment))
        .bind(&matched.map(|matched| matched.attendee))
        .bind_json_if(matched)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn match_changes(&mut self, clinic: ClinicId, presence: PresenceId) -> Result<Vec<MatchChange>> {
        Statement::<DB>::new(
            "SELECT presence_id, at, who, matched FROM match_changes
             WHERE clinic_id = $1 AND presence_id = $2 ORDER BY number",
        )
        .bind(&clinic)
        .bind(&presence)
        .fetch_all_as(&mut self.inner, match_change)
        .await
    }

    async fn insert_ruling(&mut self, ruling: &NoShowRuling) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO no_show_rulings (clinic_id, id, appointment_id, attendee_id, ruling, ruled_by, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&ruling.clinic_id)
        .bind(&ruling.id)
        .bind(&ruling.appointment_id)
        .bind(&ruling.attendee_id)
        .bind(&ruling.ruling)
        .bind_json(&ruling.ruled_by)
        .bind(&ruling.at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn rulings(
        &mut self,
        clinic: ClinicId,
        appointments: &[AppointmentId],
    ) -> Result<Vec<NoShowRuling>> {
        let mut rulings = Statement::<DB>::assembled(&[
            "SELECT clinic_id, id, appointment_id, attendee_id, ruling, ruled_by, at
             FROM no_show_rulings WHERE clinic_id = $1 AND appointment_id IN ",
            DB::IDS_2,
        ])
        .bind(&clinic)
        .bind_json(&set_of(appointments.iter().copied()))
        .fetch_all_as(&mut self.inner, ruling)
        .await?;
        rulings.sort_by_key(|ruling| (ruling.at, ruling.id));
        Ok(rulings)
    }
}
