//! Marks: where a person of the staff says that somebody is, for rooms of other products, which tell nothing themselves.
//!
//! Nothing is overwritten. A mark that is taken back stays in the table, and the one before it holds again.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    AttendeeId, ClinicId, RoomId, StaffId, Timestamp,
    appointment::Appointment,
    attendance::{
        matching::{Press, StaffOrToken},
        stay::{Source, Stay, StayKind},
        time_together::{self, Seconds},
    },
    outreach::desk::{self, Mark, Marked},
};
use store::{StoreError, Tx, ports::attendance::Change};

use crate::{Attendance, Error, board::AttendeeStatus};

/// What nobody marked as over after this time was forgotten: how long it lasted is not known.
const LONGEST_STAY: Duration = Duration::from_hours(12);
/// Marks are for the visit at hand: nobody is marked longer than this before the start.
const EARLIEST: Duration = Duration::from_hours(12);

/// Why a mark was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// There is no such attendee in the clinic (any more).
    #[error("no such attendee")]
    UnknownAttendee,
    /// The appointment is cancelled or at the clinic.
    #[error("a cancelled visit, or one at the clinic, has no room")]
    NotExpected,
    /// The visit is in a room at Zoom, which tells itself who is there.
    #[error("Zoom tells who is in this room")]
    ToldByZoom,
    /// The visit is not today.
    #[error("the visit is still to come")]
    TooEarly,
    /// It failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<StoreError> for MarkError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// The mark that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkCell {
    /// What it says.
    pub marked: Marked,
    /// Since when.
    pub at: Timestamp,
    /// Who says so.
    pub by: StaffOrToken,
}

/// What is marked of an attendee, and whether more may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marking {
    /// The mark that holds.
    pub standing: Option<MarkCell>,
    /// Whether the room tells nothing itself, so that somebody may say where the attendee is.
    pub open: bool,
}

/// Rooms of other products.
#[derive(Debug, Default)]
struct Elsewhere {
    /// Whose visits take place there, with the server that each leads to, such as `doxy.me`: whoever wants such a room, by
    /// their own wish or the clinic's, and has pasted links.
    hosts: BTreeMap<StaffId, String>,
    /// All of them, in use or not.
    rooms: BTreeSet<RoomId>,
}

impl Elsewhere {
    async fn load(tx: &mut dyn Tx, clinic: ClinicId) -> Result<Self, StoreError> {
        let rooms = tx.other_rooms(clinic).await?;
        let mut elsewhere = Self::default();
        if rooms.is_empty() {
            return Ok(elsewhere);
        }
        let hosts = tx.hosts_elsewhere(clinic).await?;
        for room in rooms {
            elsewhere.rooms.insert(room.id);
            if hosts.contains(&room.staff_id) {
                elsewhere.hosts.insert(room.staff_id, room.host_name);
            }
        }
        Ok(elsewhere)
    }
}

/// What was marked at some appointments.
#[derive(Debug)]
pub(crate) struct Marks {
    /// The marks that hold, in order.
    of: BTreeMap<AttendeeId, Vec<Mark>>,
    elsewhere: Elsewhere,
    now: Timestamp,
}

impl Marks {
    pub async fn load(
        tx: &mut dyn Tx,
        clinic: ClinicId,
        appointments: &[Appointment],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let ids: Vec<_> = appointments.iter().map(|appointment| appointment.id).collect();
        let of = desk::holding(tx.marks_of_all(clinic, &ids).await?);
        Ok(Self { of, elsewhere: Elsewhere::load(tx, clinic).await?, now })
    }

    /// The server of another product that the host's visits lead to.
    pub fn elsewhere(&self, host: StaffId) -> Option<&str> {
        self.elsewhere.hosts.get(&host).map(String::as_str)
    }

    /// Whether nothing but marks could tell that the attendee came.
    pub fn alone_could_tell(
        &self,
        appointment: &Appointment,
        attendee: AttendeeId,
        presses: &[Press],
    ) -> bool {
        let led_elsewhere =
            |press: &Press| press.attendee_id == attendee && self.elsewhere.rooms.contains(&press.room_id);
        self.elsewhere.hosts.contains_key(&appointment.host)
            || self.standing(attendee).is_some()
            || presses.iter().any(led_elsewhere)
    }

    /// The mark that holds.
    pub fn standing(&self, attendee: AttendeeId) -> Option<&Mark> {
        self.of.get(&attendee)?.last()
    }

    /// What pages show of it.
    pub fn marking(&self, appointment: &Appointment, attendee: AttendeeId) -> Marking {
        Marking {
            standing: self.standing(attendee).map(|mark| MarkCell {
                marked: mark.marked,
                at: mark.at,
                by: mark.marked_by,
            }),
            open: self.elsewhere.hosts.contains_key(&appointment.host)
                && appointment.is_expected_in_a_room()
                && self.now.plus(EARLIEST) >= appointment.starts_at,
        }
    }

    /// How the attendee stands by the marks: what, since when, and on whose word.
    pub fn status(&self, attendee: AttendeeId) -> Option<(AttendeeStatus, Timestamp, Source)> {
        let mark = self.standing(attendee)?;
        let status = match mark.marked {
            Marked::Waiting => AttendeeStatus::Waiting,
            Marked::InSession => AttendeeStatus::InSession,
            Marked::Left => AttendeeStatus::Left,
            Marked::Withdrawn => return None,
        };
        Some((status, mark.at, Source::Person))
    }

    /// Where the attendee was by the marks.
    pub fn stays(&self, attendee: AttendeeId) -> Vec<Stay> {
        let marks = self.of.get(&attendee).map_or(&[][..], Vec::as_slice);
        let ends = marks.iter().skip(1).map(|next| Some(next.at)).chain([None]);
        marks
            .iter()
            .zip(ends)
            .filter_map(|(mark, to)| {
                let kind = match mark.marked {
                    Marked::Waiting => StayKind::Waiting,
                    Marked::InSession => StayKind::InSession,
                    Marked::Left | Marked::Withdrawn => return None,
                };
                Some(Stay {
                    kind,
                    from: mark.at,
                    to,
                    from_source: Source::Person,
                    to_source: to.map(|_| Source::Person),
                    evidence: Vec::new(),
                })
            })
            .collect()
    }

    /// How long that was. Whoever is marked as in session is with the host: that is what the mark says.
    pub fn seconds(&self, attendee: AttendeeId) -> Seconds {
        let mut stays = self.stays(attendee);
        stays.retain(|stay| stay.to.is_some() || !self.is_forgotten(stay));
        time_together::seconds(&stays, &stays, self.now)
    }

    /// Whether the last mark says that the attendee is still there, and has done so for too long to be believed.
    pub fn is_unended(&self, attendee: AttendeeId) -> bool {
        self.stays(attendee).last().is_some_and(|stay| stay.to.is_none() && self.is_forgotten(stay))
    }

    fn is_forgotten(&self, stay: &Stay) -> bool {
        self.now.since(stay.from) > LONGEST_STAY
    }

    /// When the attendee was first marked as there.
    pub fn came_at(&self, attendee: AttendeeId) -> Option<Timestamp> {
        self.of.get(&attendee)?.first().map(|mark| mark.at)
    }
}

impl Attendance {
    /// Takes a person's word on where an attendee is. The same word twice is one. `Withdrawn` takes back the mark that
    /// holds, if it is the one that was `seen`; none for whichever holds.
    pub async fn mark(
        &self,
        clinic: ClinicId,
        attendee: AttendeeId,
        marked: Marked,
        seen: Option<Marked>,
        by: StaffOrToken,
    ) -> Result<(), MarkError> {
        let mut tx = self.store.begin().await?;
        let appointment = tx
            .appointment_of_attendee(clinic, attendee)
            .await?
            .filter(|appointment| appointment.attendee(attendee).is_some())
            .ok_or(MarkError::UnknownAttendee)?;
        let now = self.ambient.now();
        // Written first, so that of two who mark at once the second one sees what the first one wrote.
        tx.note_change(clinic, Change::Appointment(appointment.id), now).await?;
        let marks = Marks::load(&mut *tx, clinic, std::slice::from_ref(&appointment), now).await?;
        let holding = marks.standing(attendee).map(|mark| mark.marked);
        if marked == Marked::Withdrawn {
            // What was said can be taken back, whatever became of the visit or the room.
            if holding.is_none() || seen.is_some_and(|seen| holding != Some(seen)) {
                return Ok(());
            }
        } else if !appointment.is_expected_in_a_room() {
            return Err(MarkError::NotExpected);
        } else if marks.elsewhere(appointment.host).is_none() {
            return Err(MarkError::ToldByZoom);
        } else if now.plus(EARLIEST) < appointment.starts_at {
            return Err(MarkError::TooEarly);
        } else if holding == Some(marked) {
            return Ok(());
        }
        // Marks are put in order by their times, so a later one must be later on any clock.
        let all = tx.marks_of_all(clinic, &[appointment.id]).await?;
        let latest = all.iter().filter(|mark| mark.attendee_id == attendee).map(|mark| mark.at).max();
        let at = latest.map_or(now, |latest| now.max(latest.plus(Duration::from_micros(1))));
        tx.insert_mark(&Mark {
            id: self.ambient.id(),
            clinic_id: clinic,
            appointment_id: appointment.id,
            attendee_id: attendee,
            marked,
            marked_by: by,
            at,
        })
        .await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, attendee.id = %attendee, marked = marked.as_str(), "a person marked where somebody is");
        Ok(())
    }
}
