//! All visits of one patient at one clinic behind one link: the portal page, and the same for a portal of the clinic's
//! own.
//!
//! Who one person is, over several appointments, only the scheduler can say: by the attendee's external id. An attendee
//! for whom it gave none has Anteroom's `att_…` id instead, which is another one in each appointment: the portal of such
//! a person shows that one visit and never more. Nobody is taken for the same person by name or address.

mod link;

use std::{collections::HashMap, time::Duration};

use domain::{
    AppointmentId, ClinicId, Timestamp,
    appointment::{Appointment, Attendee, Kind, Status},
    clinic::Clinic,
    outreach::{LONGEST_WINDOW, Settings},
    staff::StaffMember,
    text::{ExternalId, Language},
};
use store::{StoreError, Tx, ports::links::LinkFor};
use url::Url;
use vault::SecretText;

pub use link::PortalLink;

use crate::{
    Outreach,
    other_rooms::host_room,
    visit::{self, LinkError, VisitState, closes_at, opens_at, state},
};

/// How far ahead visits are shown.
const AHEAD: Duration = Duration::from_hours(400 * 24);
/// So many are shown at most: somebody who comes every second day is told a year's.
const MOST_VISITS: usize = 200;

/// What the link to all visits of one person leads to.
#[derive(Clone, Debug)]
pub struct Portal {
    /// The clinic, for its name and its clocks.
    pub clinic: Clinic,
    /// How it wants patients to be reached.
    pub settings: Settings,
    /// What the person reads best, as far as the scheduler said.
    pub language: Option<Language>,
    /// The visits to come and those whose link still leads into the room, by start. Cancelled ones are left out.
    pub visits: Vec<PortalVisit>,
    /// The site that may show the page inside its own.
    pub shown_by: Option<SiteOrigin>,
}

/// One visit of the person, and nothing of anybody else who is to attend it.
#[derive(Clone, Debug)]
pub struct PortalVisit {
    /// Names it.
    pub appointment: AppointmentId,
    /// What the scheduler calls it.
    pub external_id: ExternalId,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Where it takes place.
    pub kind: Kind,
    /// Who hosts.
    pub host: StaffMember,
    /// Whether Join would lead into the room now, and why not.
    pub state: VisitState,
    /// The first instant at which the link leads into the room.
    pub opens_at: Timestamp,
    /// The first instant at which it no longer does.
    pub closes_at: Timestamp,
    /// The person's own link to this visit.
    pub url: SecretText,
}

/// An origin of a site on the web that is reached over TLS, such as `https://portal.example`: nothing else may show
/// patients' pages inside its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteOrigin(String);

/// Why a text is no such origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not the address of a site such as https://portal.example: https, no path, no user name")]
pub struct BadOrigin;

impl SiteOrigin {
    /// Checks it, and writes it as browsers do: lower case, without the port that https has anyway.
    pub fn parse(text: &str) -> Result<Self, BadOrigin> {
        let text = text.trim();
        let url = Url::parse(text).map_err(|_| BadOrigin)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let nobodys = url.username().is_empty() && url.password().is_none() && !text.contains('@');
        // What stands in a header must be able to end neither the directive nor the header.
        let harmless = |host: &str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-[]:".contains(c));
        let named = url.host_str().is_some_and(|host| harmless(host) && !host.is_empty());
        if url.scheme() == "https" && bare && nobodys && named {
            Ok(Self(url.origin().ascii_serialization()))
        } else {
            Err(BadOrigin)
        }
    }

    /// `https://portal.example`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Outreach {
    /// What the person's page shows. Changes nothing, however often it is called.
    pub async fn portal(&self, token: &str) -> Result<Portal, LinkError> {
        let mut tx = self.store.read().await?;
        let link = visit::link(&mut *tx, token).await?;
        let LinkFor::Portal(person) = link.link_for else { return Err(LinkError::Unknown) };
        let clinic = tx.clinic(link.clinic_id).await?.ok_or(LinkError::Unknown)?;
        let external_id = tx.person_external_id(clinic.id, person).await?.ok_or(LinkError::Unknown)?;
        let settings = tx.outreach_settings(clinic.id).await?;
        let found = self.coming(&mut *tx, clinic.id, &external_id, &settings).await?;
        let language = found.iter().find_map(|own| own.attendee.language.clone());
        let visits = self.shown(&mut *tx, clinic.id, &settings, found).await?;
        let shown_by = settings.portal_origin.as_deref().and_then(|origin| SiteOrigin::parse(origin).ok());
        Ok(Portal { clinic, settings, language, visits, shown_by })
    }

    /// The same visits for a portal of the clinic's own. Unknown where the clinic never had an appointment of somebody
    /// whom the scheduler calls so.
    pub async fn visits_of(
        &self,
        clinic: ClinicId,
        external_id: &ExternalId,
    ) -> Result<Vec<PortalVisit>, LinkError> {
        let mut tx = self.store.read().await?;
        let settings = tx.outreach_settings(clinic).await?;
        let found = self.coming(&mut *tx, clinic, external_id, &settings).await?;
        if found.is_empty() && !is_known(&mut *tx, clinic, external_id).await? {
            return Err(LinkError::Unknown);
        }
        self.shown(&mut *tx, clinic, &settings, found).await
    }

    /// The person's appointments that are not over, by start.
    async fn coming(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        external_id: &ExternalId,
        settings: &Settings,
    ) -> Result<Vec<Own>, StoreError> {
        let now = self.ambient.now();
        let window = Duration::from_secs(u64::from(LONGEST_WINDOW) * 60);
        let range = now.minus(window)..now.plus(AHEAD);
        let found = tx.appointments_of_person(clinic, external_id, range).await?;
        let own = found.into_iter().filter_map(|appointment| {
            let attendee = appointment.attendees.iter().find(|one| one.external_id == *external_id)?.clone();
            Some(Own { appointment, attendee })
        });
        Ok(own
            .filter(|own| own.appointment.status == Status::Booked)
            .filter(|own| now < last_instant(&own.appointment, settings))
            .take(MOST_VISITS)
            .collect())
    }

    async fn shown(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        settings: &Settings,
        found: Vec<Own>,
    ) -> Result<Vec<PortalVisit>, LinkError> {
        let now = self.ambient.now();
        let ids: Vec<_> = found.iter().map(|own| own.appointment.id).collect();
        let links = tx.links_of_all(clinic, &ids).await?;
        let mut hosts: HashMap<_, (StaffMember, bool)> = HashMap::new();
        let mut visits = Vec::with_capacity(found.len());
        for Own { appointment, attendee } in found {
            if !hosts.contains_key(&appointment.host) {
                let Some(host) = tx.staff_member(clinic, appointment.host).await? else { continue };
                let has_room = host_room(tx, &host).await?.is_some();
                hosts.insert(host.id, (host, has_room));
            }
            let Some((host, has_room)) = hosts.get(&appointment.host) else { continue };
            let own = LinkFor::Attendee(appointment.id, attendee.id);
            // Booking mints each of them, and whoever ends one mints another in the same unit of work.
            let Some(link) = links.iter().find(|link| link.link_for == own) else { continue };
            visits.push(PortalVisit {
                url: self.url(link)?,
                state: state(&appointment, settings, *has_room, now),
                opens_at: opens_at(&appointment, settings),
                closes_at: closes_at(&appointment, settings),
                appointment: appointment.id,
                external_id: appointment.external_id,
                starts_at: appointment.starts_at,
                ends_at: appointment.ends_at,
                kind: appointment.kind,
                host: host.clone(),
            });
        }
        Ok(visits)
    }
}

/// An appointment, and which of its attendees the person is.
struct Own {
    appointment: Appointment,
    attendee: Attendee,
}

/// Until when a visit is shown: one at the clinic has no link that stays open after its end.
fn last_instant(appointment: &Appointment, settings: &Settings) -> Timestamp {
    match appointment.kind {
        Kind::Telehealth => closes_at(appointment, settings),
        Kind::InPerson => appointment.ends_at,
    }
}

/// Whether the clinic ever had an appointment of somebody whom the scheduler calls so.
async fn is_known(tx: &mut dyn Tx, clinic: ClinicId, external_id: &ExternalId) -> Result<bool, StoreError> {
    if tx.person(clinic, external_id).await?.is_some() {
        return Ok(true);
    }
    let ever = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
    Ok(!tx.appointments_of_person(clinic, external_id, ever).await?.is_empty())
}

#[cfg(test)]
mod tests;
