//! Who is there already, by what the database knows: Zoom's word, the staff's marks, and presses of Join.

use std::{collections::HashSet, time::Duration};

use domain::{
    AppointmentId, AttendeeId, ClinicId, Timestamp,
    appointment::LONGEST,
    attendance::{
        matching::Level,
        presence::{Presence, Whereabouts},
        stay::StayKind,
    },
    outreach::desk::{Mark, Marked, holding},
};
use store::{StoreError, Tx};

/// Whoever pressed Join within this time is on the way: they have the link in their hand, and Zoom may not have told
/// of them yet. Somebody who only tried the link longer ago is reminded like everybody.
const ON_THE_WAY: Duration = Duration::from_mins(15);

/// Who is there, or was with the host.
#[derive(Debug, Default)]
pub(crate) struct Arrived {
    there: HashSet<AttendeeId>,
    on_the_way: HashSet<AttendeeId>,
    begun: HashSet<AppointmentId>,
}

impl Arrived {
    /// Asks about attendees of these appointments.
    pub(crate) async fn read(
        tx: &mut dyn Tx,
        clinic: ClinicId,
        appointments: &[AppointmentId],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut arrived = Self::default();
        let moment = Duration::from_micros(1);
        for presence in tx.presences(clinic, now.minus(LONGEST)..now.plus(moment)).await? {
            arrived.add_presence(&presence);
        }
        arrived.add_marks(tx.marks_of_all(clinic, appointments).await?);
        let presses = tx.presses(clinic, now.minus(ON_THE_WAY)..now.plus(moment)).await?;
        let from_page = presses.into_iter().filter(|press| press.from_page);
        arrived.on_the_way.extend(from_page.map(|press| press.attendee_id));
        Ok(arrived)
    }

    /// Whether the attendee is in the room, or was with the host.
    pub(crate) fn is_there(&self, attendee: AttendeeId) -> bool {
        self.there.contains(&attendee)
    }

    /// Whether the attendee has just pressed Join.
    pub(crate) fn is_on_the_way(&self, attendee: AttendeeId) -> bool {
        self.on_the_way.contains(&attendee)
    }

    /// Whether any attendee of the appointment has been with the host.
    pub(crate) fn has_begun(&self, appointment: AppointmentId) -> bool {
        self.begun.contains(&appointment)
    }

    /// A guess that names several people says of none that they are there: better a message too many than none.
    fn add_presence(&mut self, presence: &Presence) {
        let Some(matched) = &presence.matched else { return };
        if !matches!(matched.level, Level::Certain | Level::Probable) {
            return;
        }
        let in_session = presence.whereabouts == Whereabouts::InSession
            || presence.stays.iter().any(|stay| stay.kind == StayKind::InSession);
        if in_session {
            self.begun.insert(matched.appointment);
        }
        if in_session || presence.whereabouts != Whereabouts::Left {
            self.there.insert(matched.attendee);
        }
    }

    /// Somebody who is marked as gone without having been with the host came too early, and is still to come.
    fn add_marks(&mut self, marks: Vec<Mark>) {
        for (attendee, holding) in holding(marks) {
            let Some(last) = holding.last() else { continue };
            let in_session = holding.iter().any(|mark| mark.marked == Marked::InSession);
            if in_session {
                self.begun.insert(last.appointment_id);
            }
            if in_session || last.marked == Marked::Waiting {
                self.there.insert(attendee);
            }
        }
    }
}
