//! What guests and hosts do once somebody is there: admit, send back, remove, leave, lose the line, come again.

use crate::events::Said;
use crate::knobs::AdmittedIds;
use crate::state::{Action, Guest, Place, Stay};
use crate::world::{SimError, Turn};

// Reasons as captured payloads have them; the last one does end with a space.
pub(super) const LEFT: &str = "left the meeting. Reason : left the meeting";
pub(super) const ENDED: &str = "left the meeting. Reason : Host ended the meeting.";
const REMOVED: &str = "left the meeting. Reason : Removed by host";
pub(super) const NETWORK: &str = "left the meeting. Reason : Network connection error. ";

impl Turn<'_> {
    /// Lets a waiting person in. Joining follows after the time that the knob says.
    pub(crate) fn admit(&mut self, id: u64) -> Result<(), SimError> {
        let guest = self.guest(id)?.clone();
        if guest.place != Place::Waiting {
            return Err(SimError::WrongPlace);
        }
        self.meeting(guest.meeting)?.running().ok_or(SimError::NotRunning)?;
        let mut ids = self.next_ids(guest.meeting);
        if !self.state.knobs.user_id_changes_on_admission {
            ids.user_id.clone_from(&guest.ids.user_id);
        }
        if !self.state.knobs.participant_uuid_changes_on_admission {
            ids.participant_uuid.clone_from(&guest.ids.participant_uuid);
        }
        let mut stay = self.go(id, Place::Connecting, None)?;
        if self.state.knobs.left_waiting_room_on_admission {
            self.tell("meeting.participant_left_waiting_room", &guest, &stay, self.now, Said::At);
        }
        if self.state.knobs.admitted_carries == AdmittedIds::Meeting {
            stay.ids.clone_from(&ids);
        }
        self.tell("meeting.participant_admitted", &guest, &stay, self.now, Said::At);
        if !guest.never_joins {
            let at = self.now + self.state.knobs.join_after_admission_ms.max(0) * 1000;
            self.schedule(at, Action::Join { guest: id, ids });
            if at <= self.now {
                self.run_due();
            }
        }
        Ok(())
    }

    /// The host sends somebody back to the waiting room.
    pub(crate) fn put_back(&mut self, id: u64) -> Result<(), SimError> {
        let guest = self.guest(id)?.clone();
        let last = guest.stays.last().cloned().ok_or(SimError::WrongPlace)?;
        if guest.place != Place::InMeeting || guest.is_host {
            return Err(SimError::WrongPlace);
        }
        self.tell("meeting.participant_put_in_waiting_room", &guest, &last, self.now, Said::At);
        self.wait_here(id, self.state.knobs.put_back_sends_joined_waiting_room)
    }

    /// The person leaves by their own will.
    pub(crate) fn leave(&mut self, id: u64) -> Result<(), SimError> {
        self.depart(id, LEFT)
    }

    /// The host removes somebody from the meeting or refuses them in the waiting room.
    pub(crate) fn remove(&mut self, id: u64) -> Result<(), SimError> {
        if self.guest(id)?.is_host {
            return Err(SimError::WrongPlace);
        }
        self.depart(id, REMOVED)
    }

    pub(super) fn depart(&mut self, id: u64, reason: &str) -> Result<(), SimError> {
        let guest = self.guest(id)?.clone();
        let last =
            guest.stays.last().cloned().filter(|_| guest.place != Place::Gone).ok_or(SimError::WrongPlace)?;
        self.go(id, Place::Gone, None)?;
        self.tell_gone(&guest, &last, self.now, reason);
        self.close_if_empty(guest.meeting);
        Ok(())
    }

    pub(super) fn tell_gone(&mut self, guest: &Guest, last: &Stay, at: i64, reason: &str) {
        match last.place {
            Place::Waiting => self.tell("meeting.participant_left_waiting_room", guest, last, at, Said::At),
            Place::InMeeting => self.tell("meeting.participant_left", guest, last, at, Said::Left(reason)),
            Place::BeforeHost => {
                self.tell("meeting.participant_jbh_waiting_left", guest, last, at, Said::GaveUp);
            }
            Place::Connecting | Place::Gone => {}
        }
    }

    /// The line breaks. Zoom notices later, and then tells of the moment of the break.
    pub(crate) fn lose_line(&mut self, id: u64) -> Result<(), SimError> {
        let guest = self.guest(id)?.clone();
        let stay =
            guest.stays.last().cloned().filter(|_| guest.place != Place::Gone).ok_or(SimError::WrongPlace)?;
        self.go(id, Place::Gone, None)?;
        let at = self.now + self.state.knobs.drop_noticed_after_ms.max(0) * 1000;
        let dropped_at = self.now;
        self.schedule(at, Action::DropNoticed { guest: id, meeting: guest.meeting, stay, dropped_at });
        Ok(())
    }

    /// Comes again after having gone, with new ids.
    pub(crate) fn rejoin(&mut self, id: u64) -> Result<(), SimError> {
        let guest = self.guest(id)?;
        if guest.place != Place::Gone {
            return Err(SimError::WrongPlace);
        }
        if guest.role == "host" {
            let (number, user) = (guest.meeting, guest.zoom_user_id.clone());
            return self.start(number, user).map(|_| ());
        }
        self.within_series(guest.meeting)?;
        if let Some(registrant) = &guest.registrant_id {
            self.link_is_free(guest.meeting, registrant)?;
        }
        self.enter(id)
    }
}
