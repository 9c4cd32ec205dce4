//! Understanding a room anew: load what is known, derive its presences, write what differs, tell the boards.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use domain::{
    AttendeeId, ClinicId, StaffId, Timestamp,
    appointment::Appointment,
    attendance::{
        event::RoomEvent,
        matching::{Decision, Press, Verdict, ladder::Invited},
        presence::Presence,
    },
    clinic::Clinic,
    room::Room,
};
use jiff::civil::Date;
use store::{Tx, ports::attendance::Change};

use crate::{Error, Result, derive};

/// What is the same for all rooms of a clinic.
pub(crate) struct Ground {
    pub clinic: Clinic,
    /// Zoom users who are of the staff: connected ones, and owners of rooms, connected or not.
    pub staff: BTreeMap<String, StaffId>,
}

impl Ground {
    pub async fn load(tx: &mut dyn Tx, clinic: ClinicId) -> Result<Self> {
        let clinic = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?;
        let mut staff = BTreeMap::new();
        for room in tx.rooms(clinic.id).await? {
            staff.insert(room.zoom_user_id, room.staff_id);
        }
        for connection in tx.connections(clinic.id).await? {
            staff.insert(connection.zoom_user_id, connection.staff_id);
        }
        Ok(Self { clinic, staff })
    }
}

/// What boards must look at again.
#[derive(Debug, Default)]
pub(crate) struct Changes(BTreeSet<Change>);

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A presence that is new, different or gone.
    pub fn presence(&mut self, presence: &Presence) {
        self.0.insert(Change::Presence(presence.id));
        let matched = presence.matched.iter().map(|matched| matched.appointment);
        let candidates = presence.candidates.iter().map(|candidate| candidate.appointment);
        self.0.extend(matched.chain(candidates).map(Change::Appointment));
    }

    /// Notes them all. Call it after every room of the unit of work is locked: it holds the clinic's board.
    pub async fn note(self, tx: &mut dyn Tx, clinic: ClinicId, now: Timestamp) -> Result<()> {
        for change in self.0 {
            tx.note_change(clinic, change, now).await?;
        }
        Ok(())
    }
}

/// Understands these days of the room anew. The room must be locked.
pub(crate) async fn days(
    tx: &mut dyn Tx,
    ground: &Ground,
    room: &Room,
    days: impl IntoIterator<Item = Date>,
    changes: &mut Changes,
) -> Result<()> {
    // In order, so that a presence that moved to another day is removed from the one and put into the other.
    let days: BTreeSet<Date> = days.into_iter().collect();
    for date in days {
        let day = ground.clinic.zone.day(date);
        let events = tx.room_events(ground.clinic.id, room.id, derive::window(&day)).await?;
        let kept = tx.presences_in_room(ground.clinic.id, room.id, day.clone()).await?;
        if events.is_empty() && kept.is_empty() {
            continue;
        }
        let derived = of_day(tx, ground, room, &events, &day).await?;
        write(tx, ground.clinic.id, kept, derived, changes).await?;
    }
    Ok(())
}

async fn write(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    kept: Vec<Presence>,
    derived: Vec<Presence>,
    changes: &mut Changes,
) -> Result<()> {
    let mut kept: BTreeMap<_, _> = kept.into_iter().map(|presence| (presence.id, presence)).collect();
    for presence in derived {
        let before = kept.remove(&presence.id);
        if before.as_ref() == Some(&presence) {
            continue;
        }
        tx.put_presence(clinic, &presence).await?;
        changes.presence(&presence);
        if let Some(before) = before {
            changes.presence(&before);
        }
    }
    for (id, gone) in kept {
        tx.remove_presence(clinic, id).await?;
        changes.presence(&gone);
    }
    Ok(())
}

/// The presences of a day, from these events and whatever else is kept.
pub(crate) async fn of_day(
    tx: &mut dyn Tx,
    ground: &Ground,
    room: &Room,
    events: &[RoomEvent],
    day: &Range<Timestamp>,
) -> Result<Vec<Presence>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let clinic = ground.clinic.id;
    let window = derive::window(day);
    let presses = tx.presses_in_room(clinic, room.id, window.clone()).await?;
    let decisions = derive::decisions_about(tx.decisions_in_room(clinic, room.id).await?, events);
    let appointments = tx.appointments(clinic, window, Some(room.staff_id)).await?;
    let mut invited: Vec<Invited> =
        appointments.iter().flat_map(|appointment| invited(appointment, room)).collect();
    for attendee in named(&presses, &decisions) {
        if invited.iter().any(|invited| invited.attendee == attendee) {
            continue;
        }
        if let Some(appointment) = tx.appointment_of_attendee(clinic, attendee).await? {
            invited.extend(self::invited(&appointment, room).filter(|invited| invited.attendee == attendee));
        }
    }
    let known = derive::Known {
        room,
        zone: &ground.clinic.zone,
        staff: &ground.staff,
        invited: &invited,
        presses: &presses,
        decisions: &decisions,
    };
    Ok(derive::presences(&known, events, day))
}

fn invited<'a>(appointment: &'a Appointment, room: &Room) -> impl Iterator<Item = Invited> + use<'a> {
    let expected = appointment.is_expected_in_a_room() && appointment.host == room.staff_id;
    appointment.attendees.iter().map(move |attendee| Invited {
        appointment: appointment.id,
        attendee: attendee.id,
        person: attendee.external_id.clone(),
        name: attendee.name.clone(),
        starts_at: appointment.starts_at,
        ends_at: appointment.ends_at,
        phone: attendee.phone.clone(),
        expected,
    })
}

/// Attendees whom a press or a decision names.
fn named(presses: &[Press], decisions: &[Decision]) -> BTreeSet<AttendeeId> {
    let decided = decisions.iter().filter_map(|decision| match decision.verdict {
        Verdict::Attendee(attendee) => Some(attendee),
        Verdict::Not(_) | Verdict::Guest | Verdict::Interpreter | Verdict::Staff | Verdict::Undecided => None,
    });
    presses.iter().map(|press| press.attendee_id).chain(decided).collect()
}
