//! Following a link: the patient's page, the press of Join, the host's way into the room, and the clinic's guest link.
//!
//! Looking changes nothing, since programs look too: mail scanners open links, follow them, and submit what they find.
//! What counts as somebody's doing carries the page's own token ([`page_token`]); the rest is judged in [`press`].

mod dial_in;
mod doors;
mod page_token;
mod press;
mod stop;
mod wait;
mod way;
mod window;

use domain::{
    ClinicId, LinkId, StaffId, Timestamp,
    appointment::{Appointment, Attendee},
    attendance::matching::Press,
    clinic::Clinic,
    outreach::{Settings, desk::Notice},
    room::DialIn,
    staff::StaffMember,
};
use store::{
    StoreError, Tx,
    ports::links::{Link, LinkFor},
};
use vault::{OpenError, SealError, Token};

pub use press::{PressFrom, Way};
pub use stop::MessagesBy;
pub use wait::Wait;
pub(crate) use window::state;
pub use window::{closes_at, opens_at};

use crate::{
    Outreach,
    other_rooms::{HostRoom, host_room},
    redirect::NotAllowed,
    redirect::Redirect,
};

/// What a patient's link leads to, without having followed it.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The clinic, for its name and its clocks.
    pub clinic: Clinic,
    /// How it wants patients to be reached: its telephone and its language.
    pub settings: Settings,
    /// The appointment.
    pub appointment: Appointment,
    /// Whose link it is.
    pub attendee: Attendee,
    /// Who hosts.
    pub host: StaffMember,
    /// Whether Join would lead into the room now, and why not.
    pub state: VisitState,
    /// What the desk and the host say to those who are still to come, the oldest first.
    pub notices: Vec<Notice>,
    /// That the host is with another patient; none where that is not known to be true.
    pub wait: Option<Wait>,
    /// How to come by telephone; none where Zoom gave no number, or Join would not lead into the room either.
    pub dial_in: Option<DialIn>,
    /// Whether the room can be entered in the browser, without an app.
    pub in_browser: bool,
    /// The server of another product than Zoom, such as `doxy.me`, where the room is there.
    pub elsewhere: Option<String>,
    /// By what messages about the visit go out, for whoever wants no more of them.
    pub messages: Vec<MessagesBy>,
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
    pub room: HostRoom,
    /// To which appointment.
    pub appointment: Appointment,
    /// Whose link it was.
    pub attendee: Attendee,
    /// The press, as it was noted; none where nothing speaks for a person.
    pub press: Option<Press>,
    /// Whether they want the app or the browser.
    pub way: Way,
    /// Where to send them: the room's own link, for whoever has no better one.
    pub redirect: Redirect,
}

/// What the clinic's guest link to a room leads to.
#[derive(Clone, Debug)]
pub struct GuestVisit {
    /// The clinic, for its name.
    pub clinic: Clinic,
    /// Its telephone and its language.
    pub settings: Settings,
    /// Whose room it is.
    pub host: StaffMember,
    /// The room; none where it cannot be entered.
    pub room: Option<GuestRoom>,
}

/// A room that a guest can be sent to.
#[derive(Clone, Debug)]
pub struct GuestRoom {
    /// The room.
    pub room: HostRoom,
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
    /// `https://<Zoom's host>/s/<number>`, which lets in as host whoever is signed in to Zoom as the room's owner; or the
    /// host's link of another product.
    pub redirect: Redirect,
    /// Whether it leads to another product.
    pub elsewhere: bool,
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
    settings: Settings,
    appointment: Appointment,
    attendee: Attendee,
    host: StaffMember,
    room: Option<HostRoom>,
}

impl Patient {
    fn state(&self, now: Timestamp) -> VisitState {
        window::state(&self.appointment, &self.settings, self.room.is_some(), now)
    }
}

impl Outreach {
    /// What the patient's page shows. Changes nothing, however often it is called.
    pub async fn visit(&self, token: &str) -> Result<Visit, LinkError> {
        let mut tx = self.store.read().await?;
        let patient = patient(&mut *tx, token).await?;
        let now = self.ambient.now();
        let state = patient.state(now);
        let clinic = tx.clinic(patient.link.clinic_id).await?.ok_or(LinkError::Unknown)?;
        let is_to_come =
            matches!(state, VisitState::Open | VisitState::Early { .. } | VisitState::HostNotConnected);
        let notices =
            if is_to_come { notices(&mut *tx, &patient.appointment, now).await? } else { Vec::new() };
        let elsewhere = patient.room.as_ref().and_then(HostRoom::elsewhere).map(str::to_owned);
        let room = patient.room.as_ref().and_then(HostRoom::zoom).filter(|_| state == VisitState::Open);
        let wait = match room {
            Some(room) => wait::of(&mut *tx, room, &patient.appointment, &patient.attendee, now).await?,
            None => None,
        };
        let dial_in = match room {
            Some(room) => self.dial_in(&mut *tx, room).await?,
            None => None,
        };
        Ok(Visit {
            in_browser: room.is_some(),
            elsewhere,
            messages: stop::messages(&mut *tx, &patient).await?,
            clinic,
            state,
            notices,
            wait,
            dial_in,
            settings: patient.settings,
            appointment: patient.appointment,
            attendee: patient.attendee,
            host: patient.host,
            link: patient.link.id,
        })
    }
}

/// What is said to whoever comes to this appointment: of the host's day, only where it still is to come by then.
async fn notices(
    tx: &mut dyn Tx,
    appointment: &Appointment,
    now: Timestamp,
) -> Result<Vec<Notice>, StoreError> {
    let mut notices = tx.notices(appointment.clinic_id, Some(appointment.host), now).await?;
    notices.retain(|notice| match notice.appointment {
        Some(id) => id == appointment.id,
        None => appointment.starts_at < notice.until && now < appointment.ends_at,
    });
    Ok(notices)
}

pub(crate) async fn link(tx: &mut dyn Tx, token: &str) -> Result<Link, LinkError> {
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
    let room = host_room(tx, &host).await?;
    let settings = tx.outreach_settings(clinic).await?;
    Ok(Patient { link, settings, appointment, attendee, host, room })
}

#[cfg(test)]
mod tests;
