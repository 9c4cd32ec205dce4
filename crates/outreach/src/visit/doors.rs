//! The other doors to a room: the clinic's guest link, and the host's own.

use domain::appointment::{Appointment, Kind, Status};
use store::ports::links::LinkFor;

use super::{GuestRoom, GuestVisit, HostWay, LinkError, link};
use crate::{Outreach, other_rooms::host_room};

impl Outreach {
    /// What the page of the clinic's guest link shows, and where it leads. Changes nothing, however often it is called.
    pub async fn guest_visit(&self, token: &str) -> Result<GuestVisit, LinkError> {
        let mut tx = self.store.read().await?;
        let link = link(&mut *tx, token).await?;
        let LinkFor::Guest(staff) = link.link_for else { return Err(LinkError::Unknown) };
        let clinic = tx.clinic(link.clinic_id).await?.ok_or(LinkError::Unknown)?;
        let host = tx.staff_member(clinic.id, staff).await?.ok_or(LinkError::Unknown)?;
        let settings = tx.outreach_settings(clinic.id).await?;
        let room = match host_room(&mut *tx, &host).await? {
            Some(room) => Some(GuestRoom { redirect: self.guests_way(&mut *tx, &room).await?, room }),
            None => None,
        };
        Ok(GuestVisit { clinic, settings, host, room })
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
        let room = host_room(&mut *tx, &host).await?.ok_or(LinkError::NoRoom)?;
        let redirect = self.hosts_way(&mut *tx, &room).await?;
        let elsewhere = room.elsewhere().is_some();
        Ok(HostWay { clinic, staff, redirect, elsewhere, appointment })
    }
}
