//! Following a link: the patient's page, the press of Join, the host's way into the room, and the clinic's guest link.

use std::{net::IpAddr, time::Duration};

use domain::{
    ClinicId, LinkId, StaffId, Timestamp,
    appointment::{Appointment, Attendee, Kind, Status},
    attendance::matching::Press,
    clinic::Clinic,
    room::Room,
    staff::StaffMember,
};
use store::{
    StoreError, Tx,
    ports::{
        attendance::Change,
        links::{Link, LinkFor},
    },
};
use vault::{OpenError, Place, SealError, Sealed, SecretText, Token};

use crate::{Outreach, redirect::NotAllowed, redirect::Redirect};

/// How long before the start a patient's link begins to lead into the room: reminders go out the day before, and
/// people try the link when they get it.
pub const OPENS_BEFORE_START: Duration = Duration::from_hours(24);
/// How long after the end it stops: visits overrun, start late and are rejoined, within a working day.
pub const CLOSES_AFTER_END: Duration = Duration::from_hours(4);

/// The first instant at which the appointment's links lead into the room.
pub fn opens_at(appointment: &Appointment) -> Timestamp {
    appointment.starts_at.minus(OPENS_BEFORE_START)
}

/// The first instant at which they no longer do.
pub fn closes_at(appointment: &Appointment) -> Timestamp {
    appointment.ends_at.plus(CLOSES_AFTER_END)
}

/// What a patient's link leads to, without having followed it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The clinic, for its name and its clocks.
    pub clinic: Clinic,
    /// The appointment.
    pub appointment: Appointment,
    /// Whose link it is.
    pub attendee: Attendee,
    /// Who hosts.
    pub host: StaffMember,
    /// Whether Join would lead into the room now, and why not.
    pub state: VisitState,
    /// The link.
    pub link: LinkId,
}

/// Whether a patient can be let through now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitState {
    /// Not yet.
    Early {
        /// From when on.
        opens_at: Timestamp,
    },
    /// Yes.
    Open,
    /// No longer.
    Over,
    /// The appointment does not take place.
    Cancelled,
    /// It takes place at the clinic.
    InPerson,
    /// The host has no room that could be entered.
    HostNotConnected,
}

/// Somebody pressed Join.
#[derive(Clone, Debug)]
pub struct Pressed {
    /// Whose clinic.
    pub clinic: ClinicId,
    /// The room that it leads to.
    pub room: Room,
    /// To which appointment.
    pub appointment: Appointment,
    /// Whose link it was.
    pub attendee: Attendee,
    /// The press, as it was noted.
    pub press: Press,
    /// Where to send them: the room's own link, for whoever has no better one.
    pub redirect: Redirect,
}

/// What the clinic's guest link to a room leads to.
#[derive(Clone, Debug)]
pub struct GuestVisit {
    /// The clinic, for its name.
    pub clinic: Clinic,
    /// Whose room it is.
    pub host: StaffMember,
    /// The room; none where it cannot be entered.
    pub room: Option<GuestRoom>,
}

/// A room that a guest can be sent to.
#[derive(Clone, Debug)]
pub struct GuestRoom {
    /// The room.
    pub room: Room,
    /// Its own link, for whoever has no better one. That of a registered room leads to a form of Zoom's.
    pub redirect: Redirect,
}

/// The host's way into the room. It is for the host alone: whoever follows it must be signed in as `staff` first.
#[derive(Clone, Debug)]
pub struct HostWay {
    /// Whose clinic.
    pub clinic: ClinicId,
    /// Who it is for.
    pub staff: StaffId,
    /// `https://<Zoom's host>/s/<number>`, which lets in as host whoever is signed in to Zoom as the room's owner.
    pub redirect: Redirect,
    /// The appointment of the link; none for the permanent one.
    pub appointment: Option<Appointment>,
}

/// Why a link leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is no such link, it was revoked, or its attendee was taken off the appointment. One outcome, so that a
    /// stranger cannot tell a token that once worked from one that never did.
    #[error("no such link")]
    Unknown,
    /// Not yet.
    #[error("the link does not open yet")]
    TooEarly {
        /// From when on.
        opens_at: Timestamp,
    },
    /// No longer.
    #[error("the link no longer opens")]
    Over,
    /// The appointment was cancelled.
    #[error("the appointment was cancelled")]
    Cancelled,
    /// The appointment is at the clinic.
    #[error("the appointment takes place at the clinic")]
    InPerson,
    /// The host has no connected Zoom account, or no room.
    #[error("the host has no room")]
    NoRoom,
    /// The room's address is not on the list of hosts. The operator must look at `ANTEROOM_ZOOM_JOIN_HOSTS`.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// What was sealed does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// What was to be sealed cannot be.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

struct Patient {
    link: Link,
    appointment: Appointment,
    attendee: Attendee,
    host: StaffMember,
    room: Option<Room>,
}

impl Outreach {
    /// What the patient's page shows. Changes nothing, however often it is called.
    pub async fn visit(&self, token: &str) -> Result<Visit, LinkError> {
        let mut tx = self.store.read().await?;
        let patient = patient(&mut *tx, token).await?;
        let clinic = tx.clinic(patient.link.clinic_id).await?.ok_or(LinkError::Unknown)?;
        Ok(Visit {
            clinic,
            state: state(&patient.appointment, patient.room.is_some(), self.ambient.now()),
            appointment: patient.appointment,
            attendee: patient.attendee,
            host: patient.host,
            link: patient.link.id,
        })
    }

    /// Notes that the patient's page was seen, as its script says: scanners of mail that fetch the page do not run it.
    /// Nothing is noted once the link is over.
    pub async fn opened(&self, token: &str) -> Result<(), LinkError> {
        let mut tx = self.store.begin().await?;
        let patient = patient(&mut *tx, token).await?;
        let now = self.ambient.now();
        if now < closes_at(&patient.appointment) && note_opened(&mut *tx, &patient, now).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Notes the press and says where to send the patient. Pressing again is noted again. `client_address` is where the
    /// press came from, if that is known: Zoom says the same of some who then come.
    pub async fn press(&self, token: &str, client_address: Option<IpAddr>) -> Result<Pressed, LinkError> {
        let mut tx = self.store.begin().await?;
        let patient = patient(&mut *tx, token).await?;
        let now = self.ambient.now();
        match state(&patient.appointment, patient.room.is_some(), now) {
            VisitState::Open => {}
            VisitState::Early { opens_at } => return Err(LinkError::TooEarly { opens_at }),
            VisitState::Over => return Err(LinkError::Over),
            VisitState::Cancelled => return Err(LinkError::Cancelled),
            VisitState::InPerson => return Err(LinkError::InPerson),
            VisitState::HostNotConnected => return Err(LinkError::NoRoom),
        }
        let room = patient.room.clone().ok_or(LinkError::NoRoom)?;
        let redirect = self.join_link(&mut *tx, &room).await?;
        let press = Press {
            id: self.ambient.id(),
            clinic_id: room.clinic_id,
            appointment_id: patient.appointment.id,
            attendee_id: patient.attendee.id,
            room_id: room.id,
            at: now,
            client_address,
            from_page: true,
        };
        tx.insert_press(&press).await?;
        if !note_opened(&mut *tx, &patient, now).await? {
            tx.note_change(room.clinic_id, Change::Appointment(patient.appointment.id), now).await?;
        }
        tx.commit().await?;
        tracing::info!(
            clinic.id = %room.clinic_id,
            appointment.id = %press.appointment_id,
            attendee.id = %press.attendee_id,
            room.id = %room.id,
            "a patient pressed Join"
        );
        let Patient { appointment, attendee, .. } = patient;
        Ok(Pressed { clinic: room.clinic_id, room, appointment, attendee, press, redirect })
    }

    /// A link of somebody's own into a room, as Zoom made it, if it leads to a host that the operator allows. Otherwise
    /// the room's own link is the way.
    pub fn allow(&self, way: &SecretText) -> Option<Redirect> {
        let redirect = self.join_hosts.allow(way.expose());
        if redirect.is_err() {
            tracing::error!("a personal join link is on no host of ANTEROOM_ZOOM_JOIN_HOSTS");
        }
        redirect.ok()
    }

    /// What the page of the clinic's guest link shows, and where it leads. Changes nothing, however often it is called.
    pub async fn guest_visit(&self, token: &str) -> Result<GuestVisit, LinkError> {
        let mut tx = self.store.read().await?;
        let link = link(&mut *tx, token).await?;
        let LinkFor::Guest(staff) = link.link_for else { return Err(LinkError::Unknown) };
        let clinic = tx.clinic(link.clinic_id).await?.ok_or(LinkError::Unknown)?;
        let host = tx.staff_member(clinic.id, staff).await?.ok_or(LinkError::Unknown)?;
        let room = match enterable_room(&mut *tx, &host).await? {
            Some(room) => Some(GuestRoom { redirect: self.join_link(&mut *tx, &room).await?, room }),
            None => None,
        };
        Ok(GuestVisit { clinic, host, room })
    }

    /// Where a host's link leads. It opens nothing that its host does not have on their own page, so it has no first
    /// and last hour; a cancelled appointment says so.
    pub async fn host_way(&self, token: &str) -> Result<HostWay, LinkError> {
        let mut tx = self.store.read().await?;
        let link = link(&mut *tx, token).await?;
        let clinic = link.clinic_id;
        let (staff, appointment) = match link.link_for {
            LinkFor::Attendee(..) | LinkFor::Guest(_) | LinkFor::Portal(_) => return Err(LinkError::Unknown),
            LinkFor::Room(staff) => (staff, None),
            LinkFor::Host(id) => {
                let appointment = tx.appointment(clinic, id).await?.ok_or(LinkError::Unknown)?;
                (appointment.host, Some(appointment))
            }
        };
        match &appointment {
            Some(Appointment { status: Status::Cancelled, .. }) => return Err(LinkError::Cancelled),
            Some(Appointment { kind: Kind::InPerson, .. }) => return Err(LinkError::InPerson),
            _ => {}
        }
        let host = tx.staff_member(clinic, staff).await?.ok_or(LinkError::Unknown)?;
        let room = enterable_room(&mut *tx, &host).await?.ok_or(LinkError::NoRoom)?;
        let redirect = self.join_link(&mut *tx, &room).await?.at(&format!("/s/{}", room.meeting_number));
        Ok(HostWay { clinic, staff, redirect, appointment })
    }

    async fn join_link(&self, tx: &mut dyn Tx, room: &Room) -> Result<Redirect, LinkError> {
        let sealed = tx.join_url(room.clinic_id, room.id).await?.ok_or(LinkError::NoRoom)?;
        let (clinic, row) = (room.clinic_id.to_string(), room.id.to_string());
        let place = Place { clinic: &clinic, table: "rooms", column: "join_url", row: &row };
        let address = self.keys.open_text(place, &Sealed::from_bytes(sealed))?;
        let redirect = self.join_hosts.allow(address.expose());
        if redirect.is_err() {
            tracing::error!(room.id = %room.id, "the room's address is on no host of ANTEROOM_ZOOM_JOIN_HOSTS");
        }
        Ok(redirect?)
    }
}

async fn link(tx: &mut dyn Tx, token: &str) -> Result<Link, LinkError> {
    let token = Token::parse(token).map_err(|_| LinkError::Unknown)?;
    let link = tx.link(token.hash().as_bytes()).await?.ok_or(LinkError::Unknown)?;
    if link.revoked_at.is_some() {
        tracing::debug!(link.id = %link.id, "a revoked link was followed");
        return Err(LinkError::Unknown);
    }
    Ok(link)
}

async fn patient(tx: &mut dyn Tx, token: &str) -> Result<Patient, LinkError> {
    let link = link(tx, token).await?;
    let LinkFor::Attendee(appointment, attendee) = link.link_for else { return Err(LinkError::Unknown) };
    let clinic = link.clinic_id;
    let appointment = tx.appointment(clinic, appointment).await?.ok_or(LinkError::Unknown)?;
    let attendee = appointment.attendee(attendee).cloned().ok_or(LinkError::Unknown)?;
    let host = tx.staff_member(clinic, appointment.host).await?.ok_or(LinkError::Unknown)?;
    let room = enterable_room(tx, &host).await?;
    Ok(Patient { link, appointment, attendee, host, room })
}

/// The host's room, if somebody may be sent there: the host works here, and the Zoom user who owns the room is the one
/// they are connected as. A connection that needs mending still has its room at Zoom; one that was taken back has not.
async fn enterable_room(tx: &mut dyn Tx, host: &StaffMember) -> Result<Option<Room>, StoreError> {
    if host.disabled_at.is_some() {
        return Ok(None);
    }
    let Some(connection) = tx.connection_of(host.clinic_id, host.id).await? else { return Ok(None) };
    let room = tx.room_of(host.clinic_id, host.id).await?;
    Ok(room.filter(|room| room.zoom_user_id == connection.zoom_user_id))
}

/// Notes the first sight of the page, for the board too. False where it was seen before.
async fn note_opened(tx: &mut dyn Tx, patient: &Patient, now: Timestamp) -> Result<bool, StoreError> {
    let clinic = patient.link.clinic_id;
    let first = tx.mark_opened(clinic, patient.link.id, now).await?;
    if first {
        tx.note_change(clinic, Change::Appointment(patient.appointment.id), now).await?;
    }
    Ok(first)
}

fn state(appointment: &Appointment, has_room: bool, now: Timestamp) -> VisitState {
    let opens_at = opens_at(appointment);
    if now >= closes_at(appointment) {
        VisitState::Over
    } else if appointment.status == Status::Cancelled {
        VisitState::Cancelled
    } else if appointment.kind == Kind::InPerson {
        VisitState::InPerson
    } else if now < opens_at {
        VisitState::Early { opens_at }
    } else if has_room {
        VisitState::Open
    } else {
        VisitState::HostNotConnected
    }
}

#[cfg(test)]
mod tests;
