//! Links on the clinic's own address: minted once for each thing they are for, and opened again to be copied.

mod renew;

use std::collections::HashMap;

use domain::{AppointmentId, AttendeeId, ClinicId, LinkId, StaffId, Timestamp, appointment::Appointment};
use store::{
    StoreError, Tx,
    ports::links::{Link, LinkFor},
};
use vault::{Place, Sealed, SecretText, Token};

use crate::{Outreach, visit::LinkError};

/// How often a write that lost to another instance is tried again. Each loss means that the other one succeeded.
pub(crate) const MOST_TRIES: u32 = 3;

/// The links of one appointment, ready to be handed out.
#[derive(Clone, Debug)]
pub struct AppointmentLinks {
    /// `…/h/…`: the host's, whoever hosts it.
    pub host: SecretText,
    /// One for each attendee, in the appointment's order.
    pub attendees: Vec<AttendeeLink>,
}

/// An attendee's link.
#[derive(Clone, Debug)]
pub struct AttendeeLink {
    /// Whose.
    pub attendee: AttendeeId,
    /// `…/v/…`.
    pub url: SecretText,
    /// When its page was first seen by somebody.
    pub opened_at: Option<Timestamp>,
}

impl AppointmentLinks {
    /// The link of one attendee.
    pub fn of(&self, attendee: AttendeeId) -> Option<&AttendeeLink> {
        self.attendees.iter().find(|link| link.attendee == attendee)
    }
}

impl Outreach {
    /// The links of the appointment; those that are missing are minted.
    pub async fn links(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
    ) -> Result<AppointmentLinks, LinkError> {
        let mut all = self.links_of_all(clinic, std::slice::from_ref(appointment)).await?;
        all.remove(&appointment.id).ok_or(LinkError::Unknown)
    }

    /// The links of several appointments of the clinic likewise, in one question.
    pub async fn links_of_all(
        &self,
        clinic: ClinicId,
        appointments: &[Appointment],
    ) -> Result<HashMap<AppointmentId, AppointmentLinks>, LinkError> {
        let ids: Vec<_> = appointments.iter().map(|appointment| appointment.id).collect();
        let mut links = self.store.read().await?.links_of_all(clinic, &ids).await?;
        let incomplete: Vec<_> = appointments.iter().filter(|a| !missing(a, &links).is_empty()).collect();
        if !incomplete.is_empty() {
            self.mint_for(clinic, &incomplete).await?;
            links = self.store.read().await?.links_of_all(clinic, &ids).await?;
        }
        appointments
            .iter()
            .map(|appointment| Ok((appointment.id, self.open_links(clinic, appointment, &links)?)))
            .collect()
    }

    /// The links of several appointments inside the caller's unit of work, as they are at this moment.
    pub(crate) async fn links_within(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        appointments: &[Appointment],
    ) -> Result<HashMap<AppointmentId, AppointmentLinks>, LinkError> {
        let ids: Vec<_> = appointments.iter().map(|appointment| appointment.id).collect();
        let mut links = tx.links_of_all(clinic, &ids).await?;
        let incomplete: Vec<_> = appointments.iter().filter(|a| !missing(a, &links).is_empty()).collect();
        if !incomplete.is_empty() {
            for appointment in incomplete {
                self.mint_missing(tx, appointment).await?;
            }
            links = tx.links_of_all(clinic, &ids).await?;
        }
        appointments
            .iter()
            .map(|appointment| Ok((appointment.id, self.open_links(clinic, appointment, &links)?)))
            .collect()
    }

    /// The staff member's permanent link into their own room, minted at the first call.
    pub async fn room_link(&self, clinic: ClinicId, staff: StaffId) -> Result<SecretText, LinkError> {
        self.lasting_link(clinic, LinkFor::Room(staff)).await
    }

    /// The clinic's permanent way into the staff member's room for whoever has no link of their own (`…/g/…`), minted at
    /// the first call. For rooms with registration it stands in for Zoom's own join link, which would ask everybody for
    /// name and e-mail address.
    pub async fn guest_link(&self, clinic: ClinicId, staff: StaffId) -> Result<SecretText, LinkError> {
        self.lasting_link(clinic, LinkFor::Guest(staff)).await
    }

    /// The staff member's permanent link into their own room, made anew; the old one leads nowhere from now on.
    pub async fn reissue_room_link(&self, clinic: ClinicId, staff: StaffId) -> Result<SecretText, LinkError> {
        self.reissue_lasting_link(clinic, LinkFor::Room(staff)).await
    }

    /// The clinic's permanent way into the staff member's room, made anew likewise.
    pub async fn reissue_guest_link(
        &self,
        clinic: ClinicId,
        staff: StaffId,
    ) -> Result<SecretText, LinkError> {
        self.reissue_lasting_link(clinic, LinkFor::Guest(staff)).await
    }

    async fn reissue_lasting_link(
        &self,
        clinic: ClinicId,
        link_for: LinkFor,
    ) -> Result<SecretText, LinkError> {
        let mut tries = 1;
        loop {
            match self.reissue_lasting_once(clinic, link_for).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn reissue_lasting_once(
        &self,
        clinic: ClinicId,
        link_for: LinkFor,
    ) -> Result<SecretText, LinkError> {
        let mut tx = self.store.begin().await?;
        if let Some(old) = stored_lasting_link(&mut *tx, clinic, link_for).await? {
            tx.revoke_link(clinic, old.id, self.ambient.now()).await?;
        }
        let link = self.mint(&mut *tx, clinic, link_for).await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, link.id = %link.id, "renewed a lasting link");
        self.url(&link)
    }

    async fn lasting_link(&self, clinic: ClinicId, link_for: LinkFor) -> Result<SecretText, LinkError> {
        for _ in 0..MOST_TRIES {
            let mut tx = self.store.read().await?;
            let link = stored_lasting_link(&mut *tx, clinic, link_for).await?;
            drop(tx);
            if let Some(link) = link {
                return self.url(&link);
            }
            let mut tx = self.store.begin().await?;
            match self.mint(&mut *tx, clinic, link_for).await {
                // Another instance minted it in between: read that one.
                Err(LinkError::Store(StoreError::Conflict(_))) => continue,
                minted => minted?,
            };
            tx.commit().await?;
        }
        Err(LinkError::Unknown)
    }

    async fn mint_for(&self, clinic: ClinicId, appointments: &[&Appointment]) -> Result<(), LinkError> {
        let mut tries = 1;
        loop {
            match self.mint_once(clinic, appointments).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn mint_once(&self, clinic: ClinicId, appointments: &[&Appointment]) -> Result<(), LinkError> {
        let mut tx = self.store.begin().await?;
        for appointment in appointments {
            self.mint_missing(&mut *tx, appointment).await?;
        }
        tracing::debug!(clinic.id = %clinic, appointments = appointments.len(), "minted missing links");
        Ok(tx.commit().await?)
    }

    /// Mints what the appointment lacks, inside the caller's unit of work.
    pub(crate) async fn mint_missing(
        &self,
        tx: &mut dyn Tx,
        appointment: &Appointment,
    ) -> Result<(), LinkError> {
        let links = tx.links_of(appointment.clinic_id, appointment.id).await?;
        for link_for in missing(appointment, &links) {
            self.mint(tx, appointment.clinic_id, link_for).await?;
        }
        Ok(())
    }

    pub(crate) async fn mint(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        link_for: LinkFor,
    ) -> Result<Link, LinkError> {
        let token = Token::from_random(self.ambient.bytes());
        let id: LinkId = self.ambient.id();
        let (clinic_text, row) = (clinic.to_string(), id.to_string());
        let sealed = self.keys.seal(
            place(&clinic_text, &row),
            self.ambient.bytes(),
            token.text().expose().as_bytes(),
        )?;
        let link = Link {
            id,
            clinic_id: clinic,
            link_for,
            token_hash: *token.hash().as_bytes(),
            token_sealed: sealed.into_bytes(),
            created_at: self.ambient.now(),
            opened_at: None,
            revoked_at: None,
        };
        tx.insert_link(&link).await?;
        Ok(link)
    }

    fn open_links(
        &self,
        clinic: ClinicId,
        appointment: &Appointment,
        links: &[Link],
    ) -> Result<AppointmentLinks, LinkError> {
        let find = |link_for| links.iter().find(|link| link.clinic_id == clinic && link.link_for == link_for);
        let host = find(LinkFor::Host(appointment.id)).ok_or(LinkError::Unknown)?;
        let attendees = appointment.attendees.iter().map(|attendee| {
            let link = find(LinkFor::Attendee(appointment.id, attendee.id)).ok_or(LinkError::Unknown)?;
            Ok(AttendeeLink { attendee: attendee.id, url: self.url(link)?, opened_at: link.opened_at })
        });
        Ok(AppointmentLinks {
            host: self.url(host)?,
            attendees: attendees.collect::<Result<_, LinkError>>()?,
        })
    }

    pub(crate) fn url(&self, link: &Link) -> Result<SecretText, LinkError> {
        let (clinic, row) = (link.clinic_id.to_string(), link.id.to_string());
        let sealed = Sealed::from_bytes(link.token_sealed.clone());
        let token = self.keys.open_text(place(&clinic, &row), &sealed)?;
        let page = match link.link_for {
            LinkFor::Attendee(..) => 'v',
            LinkFor::Host(_) | LinkFor::Room(_) => 'h',
            LinkFor::Guest(_) => 'g',
            LinkFor::Portal(_) => 'p',
        };
        Ok(SecretText::new(format!("{}/{page}/{}", self.public_url, token.expose())))
    }
}

fn place<'a>(clinic: &'a str, row: &'a str) -> Place<'a> {
    Place { clinic, table: "links", column: "token", row }
}

async fn stored_lasting_link(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    link_for: LinkFor,
) -> Result<Option<Link>, LinkError> {
    Ok(match link_for {
        LinkFor::Room(staff) => tx.room_link(clinic, staff).await?,
        LinkFor::Guest(staff) => tx.guest_link(clinic, staff).await?,
        LinkFor::Attendee(..) | LinkFor::Host(_) | LinkFor::Portal(_) => return Err(LinkError::Unknown),
    })
}

fn missing(appointment: &Appointment, links: &[Link]) -> Vec<LinkFor> {
    let attendees =
        appointment.attendees.iter().map(|attendee| LinkFor::Attendee(appointment.id, attendee.id));
    std::iter::once(LinkFor::Host(appointment.id))
        .chain(attendees)
        .filter(|wanted| !links.iter().any(|link| link.link_for == *wanted))
        .collect()
}

#[cfg(test)]
mod tests;
