//! The demo's clinic in the store: made at the first start, found again at every other; its clinicians connected to the
//! simulated Zoom; its days written into the book.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use domain::{
    Ambient, ClinicId, StaffId,
    appointment::Appointment,
    clinic::{Clinic, Zone},
    room::ConnectionState,
    staff::StaffMember,
    text::{Email, ExternalId, Name},
};
use oauth::{Callback, RoomOutcome};
use outreach::{BookedAttendee, Booking, Outreach};
use store::{Store, ports::access::Session};
use url::Url;
use vault::Token;
use zoomsim::SimHandle;

use super::{
    cast::{CLINIC, PEOPLE, Person},
    day::{Day, Visit},
    reach::{self, Reach},
};

/// The clinic and who works there, by their key in the cast.
#[derive(Clone)]
pub struct DemoClinic {
    /// The clinic.
    pub clinic: Clinic,
    staff: HashMap<&'static str, StaffMember>,
}

impl DemoClinic {
    /// The clinic, with everybody who works there.
    pub async fn find_or_make(store: &dyn Store, ambient: &Ambient, zone: &Zone) -> Result<Self> {
        let mut tx = store.begin().await?;
        let known = tx.clinics().await?.into_iter().find(|clinic| clinic.name.as_str() == CLINIC);
        let clinic = if let Some(clinic) = known {
            clinic
        } else {
            let clinic = Clinic {
                id: ambient.id::<ClinicId>(),
                name: Name::parse(CLINIC)?,
                zone: zone.clone(),
                created_at: ambient.now(),
            };
            tx.insert_clinic(&clinic).await?;
            tx.set_outreach_settings(clinic.id, &reach::settings()?).await?;
            clinic
        };
        let mut staff = HashMap::new();
        for person in &PEOPLE {
            let email = Email::parse(&person.email())?;
            let member = if let Some(member) = tx.staff_by_email(email.as_str()).await? {
                member
            } else {
                let member = StaffMember {
                    id: ambient.id::<StaffId>(),
                    clinic_id: clinic.id,
                    name: Name::parse(person.name)?,
                    email,
                    phone: None,
                    external_id: Some(ExternalId::parse(person.key)?),
                    roles: person.roles.iter().copied().collect(),
                    disabled_at: None,
                    created_at: ambient.now(),
                };
                tx.insert_staff(clinic.id, &member).await?;
                member
            };
            staff.insert(person.key, member);
        }
        tx.commit().await?;
        Ok(Self { clinic, staff })
    }

    /// All of the cast.
    pub fn everybody(&self) -> impl Iterator<Item = &StaffMember> {
        self.staff.values()
    }

    /// Somebody of the cast.
    pub fn member(&self, key: &str) -> Result<&StaffMember> {
        self.staff.get(key).with_context(|| format!("nobody is called `{key}`"))
    }

    /// Connects those who are to be connected and are not, the way a browser would: begin, consent, callback.
    pub async fn connect(
        &self,
        store: &dyn Store,
        ambient: &Ambient,
        oauth: &oauth::Zoom,
        simulator: &SimHandle,
    ) -> Result<()> {
        for person in &PEOPLE {
            let Some(user) = person.zoom.as_ref().filter(|user| user.connected) else { continue };
            let member = self.member(person.key)?;
            let known = store.read().await?.connections(self.clinic.id).await?;
            if known.iter().any(|connection| connection.staff_id == member.id) {
                continue;
            }
            let session = Session {
                token_hash: *Token::from_random(ambient.bytes()).hash().as_bytes(),
                clinic_id: self.clinic.id,
                staff_id: member.id,
                created_at: ambient.now(),
                seen_at: ambient.now(),
            };
            let mut tx = store.begin().await?;
            tx.insert_session(&session).await?;
            tx.commit().await?;
            let connected = self.consent(person, user.id, &session, oauth, simulator).await;
            let mut tx = store.begin().await?;
            tx.end_session(self.clinic.id, &session.token_hash).await?;
            tx.commit().await?;
            connected
                .with_context(|| format!("{} could not be connected to the simulated Zoom", person.name))?;
        }
        Ok(())
    }

    /// Asks the simulated Zoom for every room's link again: it leads to another port if the demo was moved.
    pub async fn renew_rooms(&self, store: &dyn Store, oauth: &oauth::Zoom) -> Result<()> {
        for connection in store.read().await?.connections(self.clinic.id).await? {
            if connection.state == ConnectionState::Connected
                && let Err(error) = oauth.provision_room(self.clinic.id, connection.staff_id).await
            {
                tracing::warn!(connection.id = %connection.id, %error, "the room could not be looked at");
            }
        }
        Ok(())
    }

    async fn consent(
        &self,
        person: &Person,
        zoom_user: &str,
        session: &Session,
        oauth: &oauth::Zoom,
        simulator: &SimHandle,
    ) -> Result<()> {
        let member = self.member(person.key)?;
        let consent_page = oauth.begin(self.clinic.id, member.id, session.token_hash).await?;
        let query = consent_page.query().context("the consent page's address has no query")?;
        let back = simulator.consent(query, zoom_user, true)?;
        let mut answer: HashMap<String, String> = Url::parse(&back)?.query_pairs().into_owned().collect();
        let callback = Callback {
            code: answer.remove("code"),
            state: answer.remove("state"),
            error: answer.remove("error"),
        };
        let connected = oauth.finish(session, callback).await?;
        if let RoomOutcome::Delayed { why } = connected.room {
            bail!("the room could not be made: {why}");
        }
        Ok(())
    }

    /// Writes the day into the book; what is there already stays as it is.
    pub async fn book(&self, outreach: &Outreach, day: &Day) -> Result<()> {
        for visit in day.visits(&self.clinic.zone) {
            outreach.book(self.clinic.id, &self.booking(day, visit)?).await?;
        }
        Ok(())
    }

    fn booking(&self, day: &Day, visit: &Visit) -> Result<Booking> {
        let (starts_at, ends_at) = day.times(visit);
        let attendees = visit.guests.iter().filter(|guest| guest.booked).map(|guest| {
            let Reach { email, phone, consent, language } = Reach::of(guest.id)?;
            Ok(BookedAttendee {
                external_id: Some(ExternalId::parse(guest.id)?),
                name: Name::parse(guest.name)?,
                email: Some(email),
                phone: Some(phone),
                consent,
                language,
            })
        });
        Ok(Booking {
            external_id: Some(ExternalId::parse(&day.external_id(visit))?),
            starts_at,
            ends_at,
            host: self.member(visit.host)?.id,
            kind: visit.kind,
            status: visit.status,
            booked_as: None,
            attendees: attendees.collect::<Result<_>>()?,
        })
    }

    /// The appointment of a visit, if it is in the book.
    pub async fn appointment(
        &self,
        store: &dyn Store,
        day: &Day,
        visit: &Visit,
    ) -> Result<Option<Appointment>> {
        let mut tx = store.read().await?;
        Ok(tx.appointment_by_external_id(self.clinic.id, &day.external_id(visit)).await?)
    }

    /// The number of a clinician's room, if there is one.
    pub async fn room_number(&self, store: &dyn Store, host: &str) -> Result<Option<i64>> {
        let member = self.member(host)?.id;
        let room = store.read().await?.room_of(self.clinic.id, member).await?;
        Ok(room.map(|room| room.meeting_number))
    }
}
