//! Rooms of other products: two links that a member of the staff pasted once, the host's and the guests', which may be
//! the same.
//!
//! Such a room tells nothing itself. What is known of it is what happens on our own pages, and what the staff say.

mod check;
mod probe;

use std::time::Duration;

use domain::{
    ClinicId, RoomId, StaffId, Timestamp,
    room::{Room, RoomKind},
    staff::StaffMember,
};
use sha2::{Digest as _, Sha256};
use store::{StoreError, Tx, ports::other_rooms::OtherRoom};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use url::Url;
use vault::{OpenError, Place, SealError, Sealed, SecretText};

pub use check::{Doubt, DoubtKind, Side, WrongLink, WrongLinkKind};
pub use probe::Answer;

use crate::{Outreach, redirect::Redirect, visit::LinkError};

/// The links of a room are tried again so often.
const CHECKED_EVERY: Duration = Duration::from_hours(24);
/// How often it is looked whether any are due.
const LOOK_EVERY: Duration = Duration::from_mins(10);

/// The room into which a host's visits lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostRoom {
    /// One at Zoom.
    Zoom(Room),
    /// One of another product.
    Other(OtherRoom),
}

impl HostRoom {
    /// Names it.
    pub fn id(&self) -> RoomId {
        match self {
            Self::Zoom(room) => room.id,
            Self::Other(room) => room.id,
        }
    }

    /// The room at Zoom, if it is one.
    pub fn zoom(&self) -> Option<&Room> {
        match self {
            Self::Zoom(room) => Some(room),
            Self::Other(_) => None,
        }
    }

    /// The server of another product, such as `doxy.me`, if the room is there.
    pub fn elsewhere(&self) -> Option<&str> {
        match self {
            Self::Zoom(_) => None,
            Self::Other(room) => Some(&room.host_name),
        }
    }
}

/// Whether the staff member's visits take place in a room of another product: their own wish, else the clinic's.
pub async fn is_elsewhere(tx: &mut dyn Tx, clinic: ClinicId, staff: StaffId) -> Result<bool, StoreError> {
    let wanted = match tx.staff_room_kind(clinic, staff).await? {
        Some(own) => own,
        None => tx.clinic_room_kind(clinic).await?,
    };
    Ok(wanted == RoomKind::Other)
}

/// The host's room, if somebody may be sent there. The host must work here.
///
/// Of rooms at Zoom: the Zoom user who owns the room is the one they are connected as. A connection that needs mending
/// still has its room at Zoom; one that was taken back has not.
pub(crate) async fn host_room(tx: &mut dyn Tx, host: &StaffMember) -> Result<Option<HostRoom>, StoreError> {
    let (clinic, staff) = (host.clinic_id, host.id);
    if host.disabled_at.is_some() {
        return Ok(None);
    }
    if is_elsewhere(tx, clinic, staff).await? {
        return Ok(tx.other_room_of(clinic, staff).await?.map(HostRoom::Other));
    }
    let Some(connection) = tx.connection_of(clinic, staff).await? else { return Ok(None) };
    let room = tx.room_of(clinic, staff).await?;
    Ok(room.filter(|room| room.zoom_user_id == connection.zoom_user_id).map(HostRoom::Zoom))
}

/// A room of another product, as its owner sees it.
#[derive(Clone, Debug)]
pub struct OtherRoomPage {
    /// What is kept.
    pub room: OtherRoom,
    /// The host's link, to be shown to its owner.
    pub host_url: SecretText,
    /// The guests' link.
    pub guest_url: SecretText,
    /// Whether visits lead there now.
    pub in_use: bool,
    /// What looks doubtful about the links, and what trying them brought.
    pub doubts: Vec<Doubt>,
}

/// Links that were taken.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The room that they are kept as.
    pub room: OtherRoom,
    /// What looks doubtful about them, or was found by trying them. They are kept all the same.
    pub doubts: Vec<Doubt>,
}

/// Why links were not taken.
#[derive(Debug, thiserror::Error)]
pub enum OtherRoomError {
    /// Something is wrong with them; everything that is, at once.
    #[error("the links have {} faults", .0.len())]
    Refused(Vec<WrongLink>),
    /// Nobody of this id works here, or they see no patients.
    #[error("no such member of the staff")]
    UnknownStaff,
    /// No links were pasted yet.
    #[error("no links were pasted yet")]
    NoLinks,
    /// They cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What was sealed does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Outreach {
    /// Checks and keeps the links of the staff member's room of another product, and lets their visits lead there. What
    /// is wrong for sure is refused; a link that does not answer, or looks odd, is kept with a doubt.
    pub async fn set_other_room(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        host_url: &str,
        guest_url: &str,
    ) -> Result<Checked, OtherRoomError> {
        let own = self.own_address();
        let (host, guest) =
            check::both(host_url, guest_url, own.as_ref()).map_err(OtherRoomError::Refused)?;
        let digests = (digest(&host), digest(&guest));
        // Before anything is asked of another server, and again when it is kept.
        self.at_nobody_else(&mut *self.store.read().await?, clinic, staff, digests).await?;
        let answers = self.try_both(&host, &guest).await;

        let mut tx = self.store.begin().await?;
        let member = tx.staff_member(clinic, staff).await?.ok_or(OtherRoomError::UnknownStaff)?;
        let now = self.ambient.now();
        let before = tx.other_room_of(clinic, staff).await?;
        let id = before.as_ref().map_or_else(|| self.ambient.id(), |before| before.id);
        let room = OtherRoom {
            id,
            clinic_id: clinic,
            staff_id: member.id,
            host_url_sealed: self.sealed(clinic, id, "host_url", &host)?,
            guest_url_sealed: self.sealed(clinic, id, "guest_url", &guest)?,
            host_url_digest: digests.0,
            guest_url_digest: digests.1,
            host_name: guest.host_str().unwrap_or_default().to_owned(),
            trouble: probe::code(answers),
            checked_at: Some(now),
            created_at: before.map_or(now, |before| before.created_at),
        };
        tx.put_other_room(&room).await?;
        // Written first: of two who paste the same at once, the second one to write sees the first.
        self.at_nobody_else(&mut *tx, clinic, staff, digests).await?;
        tx.set_staff_room_kind(clinic, staff, Some(RoomKind::Other)).await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, staff.id = %staff, room.id = %id, trouble = ?room.trouble,
            "links to a room of another product were pasted");
        let mut doubts = check::doubts(&host, &guest);
        doubts.extend(probe::doubts(room.trouble.as_deref()));
        Ok(Checked { room, doubts })
    }

    /// Lets the staff member's visits lead to the links that were pasted before.
    pub async fn use_other_room(&self, clinic: ClinicId, staff: StaffId) -> Result<(), OtherRoomError> {
        let mut tx = self.store.begin().await?;
        tx.other_room_of(clinic, staff).await?.ok_or(OtherRoomError::NoLinks)?;
        tx.set_staff_room_kind(clinic, staff, Some(RoomKind::Other)).await?;
        Ok(tx.commit().await?)
    }

    /// The staff member's room of another product, whether it is in use or not; none where no links were pasted.
    pub async fn other_room(
        &self,
        clinic: ClinicId,
        staff: StaffId,
    ) -> Result<Option<OtherRoomPage>, OtherRoomError> {
        let mut tx = self.store.read().await?;
        let Some(room) = tx.other_room_of(clinic, staff).await? else { return Ok(None) };
        let in_use = is_elsewhere(&mut *tx, clinic, staff).await?;
        drop(tx);
        let (host_url, guest_url) =
            (self.opened_link(&room, Side::Host)?, self.opened_link(&room, Side::Guest)?);
        let mut doubts = match (Url::parse(host_url.expose()), Url::parse(guest_url.expose())) {
            (Ok(host), Ok(guest)) => check::doubts(&host, &guest),
            _ => Vec::new(),
        };
        doubts.extend(probe::doubts(room.trouble.as_deref()));
        Ok(Some(OtherRoomPage { room, host_url, guest_url, in_use, doubts }))
    }

    /// Tries the links of the staff member's room again, and returns what trying them brought.
    pub async fn try_other_room(
        &self,
        clinic: ClinicId,
        staff: StaffId,
    ) -> Result<Vec<Doubt>, OtherRoomError> {
        let room = self.store.read().await?.other_room_of(clinic, staff).await?;
        let room = room.ok_or(OtherRoomError::NoLinks)?;
        let trouble = self.tried(&room).await?;
        Ok(probe::doubts(trouble.as_deref()))
    }

    /// Tries the links of every room that was not tried for a day. Returns how many rooms that were.
    pub async fn check_other_rooms(&self) -> Result<usize, OtherRoomError> {
        let now = self.ambient.now();
        let mut tx = self.store.read().await?;
        let mut due = Vec::new();
        for clinic in tx.clinics().await? {
            let rooms = tx.other_rooms(clinic.id).await?;
            due.extend(rooms.into_iter().filter(|room| is_due(room.checked_at, now)));
        }
        drop(tx);
        for room in &due {
            // What is wrong with one room keeps nobody from trying the others.
            if let Err(error) = self.tried(room).await {
                tracing::warn!(room.id = %room.id, %error, "the links of a room could not be tried");
            }
        }
        Ok(due.len())
    }

    /// Does this from time to time, until told to stop. Never fails: it tries again.
    pub async fn run_other_rooms(&self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = self.check_other_rooms().await {
                tracing::warn!(%error, "rooms of other products could not be checked; trying again");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
    }

    /// Where a host or a guest is sent: exactly what was pasted.
    pub(crate) fn pasted_way(&self, room: &OtherRoom, side: Side) -> Result<Redirect, LinkError> {
        let address = self.opened_link(room, side)?;
        Redirect::pasted(address.expose(), self.is_local()).map_err(|refused| {
            tracing::error!(room.id = %room.id, "a pasted link can no longer be followed");
            refused.into()
        })
    }

    /// Tries both links and keeps what came of it, unless others were pasted meanwhile.
    async fn tried(&self, room: &OtherRoom) -> Result<Option<String>, OtherRoomError> {
        let urls = (self.opened_link(room, Side::Host)?, self.opened_link(room, Side::Guest)?);
        let trouble = match (Url::parse(urls.0.expose()), Url::parse(urls.1.expose())) {
            (Ok(host), Ok(guest)) => probe::code(self.try_both(&host, &guest).await),
            _ => return Ok(room.trouble.clone()),
        };
        let mut tx = self.store.begin().await?;
        if let Some(now) = tx.other_room_of(room.clinic_id, room.staff_id).await?
            && (now.host_url_digest, now.guest_url_digest) == (room.host_url_digest, room.guest_url_digest)
        {
            let checked_at = Some(self.ambient.now());
            tx.put_other_room(&OtherRoom { trouble: trouble.clone(), checked_at, ..now }).await?;
            tx.commit().await?;
        }
        Ok(trouble)
    }

    async fn try_both(&self, host: &Url, guest: &Url) -> [Answer; 2] {
        let local = self.is_local();
        if host == guest {
            let answer = probe::ask(guest, local).await;
            return [answer, answer];
        }
        let (host, guest) = tokio::join!(probe::ask(host, local), probe::ask(guest, local));
        [host, guest]
    }

    /// Whether nobody else who works here has one of these links. Two hosts of one room would have each other's patients.
    async fn at_nobody_else(
        &self,
        tx: &mut dyn Tx,
        clinic: ClinicId,
        staff: StaffId,
        (host, guest): ([u8; 32], [u8; 32]),
    ) -> Result<(), OtherRoomError> {
        let mut wrong = Vec::new();
        for other in tx.other_rooms(clinic).await? {
            if other.staff_id == staff {
                continue;
            }
            let Some(member) = tx.staff_member(clinic, other.staff_id).await? else { continue };
            if member.disabled_at.is_some() {
                continue;
            }
            for (side, digest) in [(Side::Host, host), (Side::Guest, guest)] {
                if digest == other.host_url_digest || digest == other.guest_url_digest {
                    let kind = WrongLinkKind::SomebodyElses(member.name.clone());
                    wrong.push(WrongLink { side, kind });
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(OtherRoomError::Refused(wrong)) }
    }

    fn sealed(
        &self,
        clinic: ClinicId,
        room: RoomId,
        column: &'static str,
        url: &Url,
    ) -> Result<Vec<u8>, SealError> {
        let (clinic, row) = (clinic.to_string(), room.to_string());
        let place = Place { clinic: &clinic, table: "other_rooms", column, row: &row };
        let sealed = self.keys.seal(place, self.ambient.bytes(), url.as_str().as_bytes())?;
        Ok(sealed.into_bytes())
    }

    fn opened_link(&self, room: &OtherRoom, side: Side) -> Result<SecretText, OpenError> {
        let (column, sealed) = match side {
            Side::Host => ("host_url", &room.host_url_sealed),
            Side::Guest => ("guest_url", &room.guest_url_sealed),
        };
        let (clinic, row) = (room.clinic_id.to_string(), room.id.to_string());
        let place = Place { clinic: &clinic, table: "other_rooms", column, row: &row };
        self.keys.open_text(place, &Sealed::from_bytes(sealed.clone()))
    }

    fn own_address(&self) -> Option<Url> {
        Url::parse(&self.public_url).ok()
    }

    /// Whether all of this runs on one machine, to be tried out: only then may a link lead to it.
    fn is_local(&self) -> bool {
        self.own_address().is_some_and(|url| check::is_loopback(&url))
    }
}

fn is_due(checked_at: Option<Timestamp>, now: Timestamp) -> bool {
    checked_at.is_none_or(|at| now.since(at) >= CHECKED_EVERY)
}

/// SHA-256 of the link in a form that all its spellings share.
fn digest(url: &Url) -> [u8; 32] {
    Sha256::digest(check::normalised(url).as_bytes()).into()
}

#[cfg(test)]
mod tests;
