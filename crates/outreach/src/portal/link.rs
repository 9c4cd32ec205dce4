//! The link to all visits of one person: minted when it is first asked for, renewed when it went astray, and revoked for
//! good when the person is to have none.

use domain::{ClinicId, PersonId, Timestamp, attendance::matching::StaffOrToken, text::ExternalId};
use store::{StoreError, Tx, ports::links::LinkFor};
use vault::SecretText;

use super::is_known;
use crate::{Outreach, links::MOST_TRIES, visit::LinkError};

/// How a person's link to all their visits stands.
#[derive(Clone, Debug)]
pub enum PortalLink {
    /// Nobody asked for one yet.
    None,
    /// There is one.
    Standing {
        /// `…/p/…`.
        url: SecretText,
        /// When it was made.
        since: Timestamp,
    },
    /// The person is to have none, until it is renewed.
    Revoked {
        /// Since when.
        since: Timestamp,
    },
}

impl Outreach {
    /// The person's link to all their visits (`…/p/…`), minted at the first call; none where it was revoked. Unknown where
    /// the clinic never had an appointment of somebody whom the scheduler calls so.
    pub async fn portal_link(
        &self,
        clinic: ClinicId,
        external_id: &ExternalId,
    ) -> Result<Option<SecretText>, LinkError> {
        match self.portal_link_now(clinic, external_id).await? {
            PortalLink::Standing { url, .. } => return Ok(Some(url)),
            PortalLink::Revoked { .. } => return Ok(None),
            PortalLink::None => {}
        }
        let mut tries = 1;
        loop {
            match self.portal_link_once(clinic, external_id).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn portal_link_once(
        &self,
        clinic: ClinicId,
        external_id: &ExternalId,
    ) -> Result<Option<SecretText>, LinkError> {
        let mut tx = self.store.begin().await?;
        let person = self.known_person(&mut *tx, clinic, external_id).await?;
        // Whoever revokes it at this moment, or mints it, is done first.
        if tx.hold_portal(clinic, person).await?.is_some() {
            return Ok(None);
        }
        let link = match tx.portal_link(clinic, person).await? {
            Some(link) => link,
            None => self.mint(&mut *tx, clinic, LinkFor::Portal(person)).await?,
        };
        tx.commit().await?;
        Ok(Some(self.url(&link)?))
    }

    /// How the person's link stands. Mints none.
    pub async fn portal_link_now(
        &self,
        clinic: ClinicId,
        external_id: &ExternalId,
    ) -> Result<PortalLink, LinkError> {
        let mut tx = self.store.read().await?;
        let Some(person) = tx.person(clinic, external_id).await? else {
            let known = is_known(&mut *tx, clinic, external_id).await?;
            return if known { Ok(PortalLink::None) } else { Err(LinkError::Unknown) };
        };
        if let Some(since) = tx.portal_revoked_at(clinic, person).await? {
            return Ok(PortalLink::Revoked { since });
        }
        Ok(match tx.portal_link(clinic, person).await? {
            Some(link) => PortalLink::Standing { url: self.url(&link)?, since: link.created_at },
            None => PortalLink::None,
        })
    }

    /// Ends the person's link, if there is one, and makes another in its place; the old one leads nowhere from now on. A
    /// person whose link was revoked has one again. The links of their visits stay as they are.
    pub async fn renew_portal_link(
        &self,
        clinic: ClinicId,
        external_id: &ExternalId,
        asked_by: StaffOrToken,
    ) -> Result<SecretText, LinkError> {
        let mut tries = 1;
        loop {
            match self.renew_portal_once(clinic, external_id, asked_by).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn renew_portal_once(
        &self,
        clinic: ClinicId,
        external_id: &ExternalId,
        asked_by: StaffOrToken,
    ) -> Result<SecretText, LinkError> {
        let mut tx = self.store.begin().await?;
        let person = self.known_person(&mut *tx, clinic, external_id).await?;
        if tx.hold_portal(clinic, person).await?.is_some() {
            tx.set_portal_revoked_at(clinic, person, None).await?;
        }
        if let Some(old) = tx.portal_link(clinic, person).await? {
            tx.revoke_link(clinic, old.id, self.ambient.now()).await?;
        }
        let link = self.mint(&mut *tx, clinic, LinkFor::Portal(person)).await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, person.id = %person, link.id = %link.id, ?asked_by, "renewed a portal link");
        self.url(&link)
    }

    /// Ends the person's link: they have none until it is renewed, whoever asks for it. Doing so twice is the same as
    /// once. The links of their visits stay as they are.
    pub async fn revoke_portal_link(
        &self,
        clinic: ClinicId,
        external_id: &ExternalId,
        asked_by: StaffOrToken,
    ) -> Result<(), LinkError> {
        let mut tries = 1;
        loop {
            match self.revoke_portal_once(clinic, external_id, asked_by).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn revoke_portal_once(
        &self,
        clinic: ClinicId,
        external_id: &ExternalId,
        asked_by: StaffOrToken,
    ) -> Result<(), LinkError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let person = self.known_person(&mut *tx, clinic, external_id).await?;
        if tx.hold_portal(clinic, person).await?.is_some() {
            return Ok(());
        }
        tx.set_portal_revoked_at(clinic, person, Some(now)).await?;
        if let Some(link) = tx.portal_link(clinic, person).await? {
            tx.revoke_link(clinic, link.id, now).await?;
        }
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, person.id = %person, ?asked_by, "revoked a portal link");
        Ok(())
    }

    /// The person whom the scheduler calls so, added where nobody needed one yet. A conflict where another instance adds
    /// them at this moment.
    async fn known_person(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        external_id: &ExternalId,
    ) -> Result<PersonId, LinkError> {
        if let Some(person) = tx.person(clinic, external_id).await? {
            return Ok(person);
        }
        if !is_known(tx, clinic, external_id).await? {
            return Err(LinkError::Unknown);
        }
        let id: PersonId = self.ambient.id();
        tx.insert_person(clinic, id, external_id, self.ambient.now()).await?;
        Ok(id)
    }
}

#[cfg(test)]
mod tests;
