//! Links handed out, and presses of Join.

use std::ops::Range;

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, LinkId, RoomId, StaffId, Timestamp, attendance::matching::Press,
};

use super::{
    SqlTx,
    appointments::set_of,
    statement::{Record, Statement},
};
use crate::{
    Result, StoreError,
    backend::Backend,
    ports::links::{Link, LinkFor, Links},
};

/// The columns of a link.
pub(super) const LINK: &str = "clinic_id, id, link_for, appointment_id, attendee_id, staff_id, person_id, \
    token_hash, token_sealed, created_at, opened_at, revoked_at";

const PRESS: &str = "clinic_id, id, appointment_id, attendee_id, COALESCE(room_id, other_room_id) AS room_id, at, \
    client_address, from_page";

pub(super) fn link<DB: Backend>(row: &Record<DB>) -> Result<Link> {
    let what: String = row.get("link_for")?;
    let link_for = match what.as_str() {
        "attendee" => LinkFor::Attendee(row.get("appointment_id")?, row.get("attendee_id")?),
        "host" => LinkFor::Host(row.get("appointment_id")?),
        "room" => LinkFor::Room(row.get("staff_id")?),
        "guest" => LinkFor::Guest(row.get("staff_id")?),
        "portal" => LinkFor::Portal(row.get("person_id")?),
        _ => {
            return Err(StoreError::Corrupt { column: "link_for", source: "no such word".into() });
        }
    };
    Ok(Link {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        link_for,
        token_hash: row.get("token_hash")?,
        token_sealed: row.get("token_sealed")?,
        created_at: row.get("created_at")?,
        opened_at: row.get("opened_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}

fn press<DB: Backend>(row: &Record<DB>) -> Result<Press> {
    Ok(Press {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        appointment_id: row.get("appointment_id")?,
        attendee_id: row.get("attendee_id")?,
        room_id: row.get("room_id")?,
        at: row.get("at")?,
        client_address: row.get("client_address")?,
        from_page: row.get("from_page")?,
    })
}

#[async_trait]
impl<DB: Backend> Links for SqlTx<DB> {
    async fn insert_link(&mut self, link: &Link) -> Result<()> {
        let (word, appointment, attendee, staff, person) = match link.link_for {
            LinkFor::Attendee(appointment, attendee) => {
                ("attendee", Some(appointment), Some(attendee), None, None)
            }
            LinkFor::Host(appointment) => ("host", Some(appointment), None, None, None),
            LinkFor::Room(staff) => ("room", None, None, Some(staff), None),
            LinkFor::Guest(staff) => ("guest", None, None, Some(staff), None),
            LinkFor::Portal(person) => ("portal", None, None, None, Some(person)),
        };
        Statement::<DB>::new(
            "INSERT INTO links
                 (clinic_id, id, link_for, appointment_id, attendee_id, staff_id, person_id, token_hash, token_sealed,
                  created_at, opened_at, revoked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(&link.clinic_id)
        .bind(&link.id)
        .bind_text(word)
        .bind(&appointment)
        .bind(&attendee)
        .bind(&staff)
        .bind(&person)
        .bind(&link.token_hash)
        .bind(&link.token_sealed)
        .bind(&link.created_at)
        .bind(&link.opened_at)
        .bind(&link.revoked_at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn links_of(&mut self, clinic: ClinicId, appointment: AppointmentId) -> Result<Vec<Link>> {
        self.links_of_all(clinic, &[appointment]).await
    }

    async fn links_of_all(&mut self, clinic: ClinicId, appointments: &[AppointmentId]) -> Result<Vec<Link>> {
        // Sorted here: asked for the order, SQLite reads all of the clinic's links by their key.
        let mut links = Statement::<DB>::assembled(&[
            "SELECT ",
            LINK,
            " FROM links WHERE clinic_id = $1 AND revoked_at IS NULL AND appointment_id IN ",
            DB::IDS_2,
        ])
        .bind(&clinic)
        .bind_json(&set_of(appointments.iter().copied()))
        .fetch_all_as(&mut self.inner, link)
        .await?;
        links.sort_by_key(|link| link.id);
        Ok(links)
    }

    async fn room_link(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Option<Link>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            LINK,
            " FROM links
             WHERE clinic_id = $1 AND staff_id = $2 AND link_for = 'room' AND revoked_at IS NULL",
        ])
        .bind(&clinic)
        .bind(&staff)
        .fetch_optional_as(&mut self.inner, link)
        .await
    }

    async fn mark_opened(&mut self, clinic: ClinicId, link: LinkId, now: Timestamp) -> Result<bool> {
        let marked = Statement::<DB>::new(
            "UPDATE links SET opened_at = $3 WHERE clinic_id = $1 AND id = $2 AND opened_at IS NULL",
        )
        .bind(&clinic)
        .bind(&link)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(marked == 1)
    }

    async fn revoke_link(&mut self, clinic: ClinicId, link: LinkId, now: Timestamp) -> Result<()> {
        Statement::<DB>::new(
            "UPDATE links SET revoked_at = $3 WHERE clinic_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(&clinic)
        .bind(&link)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn insert_press(&mut self, press: &Press) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO presses
                 (clinic_id, id, appointment_id, attendee_id, room_id, other_room_id, at, client_address, from_page)
             VALUES ($1, $2, $3, $4,
                     CASE WHEN EXISTS (SELECT 1 FROM other_rooms WHERE clinic_id = $1 AND id = $5)
                          THEN NULL ELSE $5 END,
                     (SELECT id FROM other_rooms WHERE clinic_id = $1 AND id = $5), $6, $7, $8)",
        )
        .bind(&press.clinic_id)
        .bind(&press.id)
        .bind(&press.appointment_id)
        .bind(&press.attendee_id)
        .bind(&press.room_id)
        .bind(&press.at)
        .bind(&press.client_address)
        .bind(&press.from_page)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn presses_in_room(
        &mut self,
        clinic: ClinicId,
        room: RoomId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Press>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            PRESS,
            " FROM presses WHERE clinic_id = $1 AND room_id = $2 AND at >= $3 AND at < $4 ORDER BY at, id",
        ])
        .bind(&clinic)
        .bind(&room)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, press)
        .await
    }

    async fn last_presses(
        &mut self,
        clinic: ClinicId,
        appointments: &[AppointmentId],
    ) -> Result<Vec<(AttendeeId, Timestamp)>> {
        Statement::<DB>::assembled(&[
            "SELECT attendee_id, MAX(at) AS at FROM presses
             WHERE clinic_id = $1 AND from_page AND appointment_id IN ",
            DB::IDS_2,
            " GROUP BY attendee_id",
        ])
        .bind(&clinic)
        .bind_json(&set_of(appointments.iter().copied()))
        .fetch_all_as(&mut self.inner, |row| Ok((row.get("attendee_id")?, row.get("at")?)))
        .await
    }

    async fn presses(&mut self, clinic: ClinicId, range: Range<Timestamp>) -> Result<Vec<Press>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            PRESS,
            " FROM presses WHERE clinic_id = $1 AND at >= $2 AND at < $3 ORDER BY at, id",
        ])
        .bind(&clinic)
        .bind(&range.start)
        .bind(&range.end)
        .fetch_all_as(&mut self.inner, press)
        .await
    }
}
