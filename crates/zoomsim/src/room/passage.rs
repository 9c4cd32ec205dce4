//! From place to place: ids for each stay, the start and the end of an instance, and what happens by itself.

use crate::events::Said;
use crate::state::{Action, FIRST_USER_ID, Ids, Instance, Place, Stay};
use crate::world::{SimError, Turn};

use super::acts::{ENDED, NETWORK};

impl Turn<'_> {
    pub(super) fn next_ids(&mut self, number: i64) -> Ids {
        let step = 1024 * (1 + self.state.dice.below(8));
        let participant_uuid = self.state.dice.participant_uuid();
        let user_id = self.state.meetings.get_mut(&number).map_or(FIRST_USER_ID, |meeting| {
            let id = meeting.next_user_id;
            meeting.next_user_id += step;
            id
        });
        Ids { user_id: user_id.to_string(), participant_uuid }
    }

    /// Moves a person, closing the stay before; returns the new stay. `ids`: given ones, else those already held,
    /// else new ones.
    pub(super) fn go(&mut self, id: u64, place: Place, ids: Option<Ids>) -> Result<Stay, SimError> {
        let now = self.now;
        let guest = self.guest(id)?;
        let number = guest.meeting;
        let held = guest.ids.clone();
        let uuid = self.state.meetings.get(&number).ok_or(SimError::NoSuchMeeting)?.uuid.clone();
        let ids = match ids {
            Some(ids) => ids,
            None if held.user_id.is_empty() => self.next_ids(number),
            None => held,
        };
        if let Some(meeting) = self.state.meetings.get_mut(&number) {
            if place == Place::Gone {
                meeting.present.remove(&id);
            } else if meeting.present.insert(id) && meeting.visits.last() != Some(&id) {
                meeting.visits.push(id);
            }
        }
        let guest = self.guest_mut(id)?;
        if let Some(last) = guest.stays.last_mut().filter(|stay| stay.to.is_none()) {
            last.to = Some(now);
        }
        guest.place = place;
        guest.ids = ids.clone();
        let stay = Stay { place, from: now, to: None, uuid, ids, name: guest.name.clone() };
        if place == Place::Gone {
            guest.ids = Ids::default();
        } else {
            guest.stays.push(stay.clone());
        }
        Ok(stay)
    }

    pub(super) fn wait_here(&mut self, id: u64, announced: bool) -> Result<(), SimError> {
        let ids = self.next_ids(self.guest(id)?.meeting);
        let stay = self.go(id, Place::Waiting, Some(ids))?;
        if announced {
            let guest = self.guest(id)?.clone();
            self.tell("meeting.participant_joined_waiting_room", &guest, &stay, self.now, Said::At);
        }
        Ok(())
    }

    pub(super) fn join_now(&mut self, id: u64, ids: Option<Ids>) -> Result<(), SimError> {
        let stay = self.go(id, Place::InMeeting, ids)?;
        let guest = self.guest(id)?.clone();
        self.tell("meeting.participant_joined", &guest, &stay, self.now, Said::Joined);
        Ok(())
    }

    /// Opens a new instance. The caller lets somebody in.
    pub(super) fn open(&mut self, number: i64) -> Result<(), SimError> {
        let (now, slashes) = (self.now, self.state.knobs.slash_uuids);
        let kept = self.state.knobs.prestart_uuid_is_kept;
        let fresh = self.state.dice.meeting_uuid(slashes);
        let meeting = self.meeting_mut(number)?;
        if !kept {
            meeting.uuid = fresh;
        }
        let uuid = meeting.uuid.clone();
        meeting.instances.push(Instance { uuid: uuid.clone(), started_at: now, ended_at: None });
        meeting.last_used_at = now;
        let meeting = meeting.clone();
        self.tell_started(&meeting, &uuid);
        Ok(())
    }

    /// The owner (or an alternative host) starts the meeting, or joins it when it runs.
    pub(crate) fn start(&mut self, number: i64, as_user: Option<String>) -> Result<u64, SimError> {
        let number = self.meeting_for_joining(number)?;
        let host_id = self.meeting(number)?.host_id.clone();
        let user_id = as_user.unwrap_or_else(|| host_id.clone());
        if !self.may_host(number, &user_id)? {
            return Err(SimError::NotTheHost);
        }
        let here = self.at(number, Place::InMeeting);
        let there = here
            .iter()
            .filter_map(|id| self.state.guests.get(id))
            .find(|guest| guest.zoom_user_id.as_deref() == Some(&user_id));
        if let Some(there) = there {
            return Ok(there.id);
        }
        if self.meeting(number)?.running().is_none() {
            self.within_series(number)?;
            self.open(number)?;
        }
        let name = self.user(&user_id)?.profile.display_name.clone();
        let mut host = self.blank(number, name);
        host.is_host = user_id == host_id;
        "host".clone_into(&mut host.role);
        host.person = Some(user_id.clone());
        host.zoom_user_id = Some(user_id);
        let id = host.id;
        self.state.guests.insert(id, host);
        self.join_now(id, None)?;
        let early: Vec<u64> = self.at(number, Place::BeforeHost);
        for guest in early {
            self.enter(guest)?;
        }
        Ok(id)
    }

    pub(crate) fn at(&self, number: i64, place: Place) -> Vec<u64> {
        let Some(meeting) = self.state.meetings.get(&number) else { return Vec::new() };
        let guests = meeting.present.iter().filter_map(|id| self.state.guests.get(id));
        guests.filter(|guest| guest.place == place).map(|guest| guest.id).collect()
    }

    pub(crate) fn happen(&mut self, action: Action) {
        match action {
            Action::Join { guest, ids } => {
                if self.guest(guest).is_ok_and(|guest| guest.place == Place::Connecting) {
                    // The guest exists and so does the meeting: it was there on admission.
                    let _ = self.join_now(guest, Some(ids));
                }
            }
            Action::DropNoticed { guest, meeting, stay, dropped_at } => {
                if let Ok(guest) = self.guest(guest).cloned() {
                    self.tell_gone(&guest, &stay, dropped_at, NETWORK);
                }
                self.close_if_empty(meeting);
            }
            Action::Purge { meeting } => {
                if let Some(gone) = self.state.meetings.remove(&meeting) {
                    let operator = gone.host_id.clone();
                    self.tell_saved("meeting.permanently_deleted", &gone, &operator);
                }
            }
        }
    }

    pub(super) fn close_if_empty(&mut self, number: i64) {
        let dropped = self.state.agenda.iter().any(|item| {
            matches!(&item.action, Action::DropNoticed { meeting, stay, .. }
                if *meeting == number && stay.place == Place::InMeeting)
        });
        let occupied =
            [Place::InMeeting, Place::Connecting].iter().any(|place| !self.at(number, *place).is_empty());
        if !dropped && !occupied && self.end(number).is_err() {
            tracing::debug!("an empty meeting had ended already");
        }
    }

    /// The host ends the meeting for everybody.
    pub(crate) fn end(&mut self, number: i64) -> Result<(), SimError> {
        let meeting = self.meeting(number)?.clone();
        let running = meeting.running().cloned().ok_or(SimError::NotRunning)?;
        let (mut dropped, mut others) = (Vec::new(), Vec::new());
        for item in std::mem::take(&mut self.state.agenda) {
            match item.action {
                Action::DropNoticed { guest, meeting, stay, dropped_at } if meeting == number => {
                    dropped.push((guest, stay, dropped_at));
                }
                _ => others.push(item),
            }
        }
        self.state.agenda = others;
        for (guest, stay, dropped_at) in dropped {
            let guest = self.guest(guest)?.clone();
            self.tell_gone(&guest, &stay, dropped_at, NETWORK);
        }
        let tell = self.state.knobs.left_at_end;
        for place in [Place::Waiting, Place::Connecting, Place::InMeeting, Place::BeforeHost] {
            for id in self.at(number, place) {
                let guest = self.guest(id)?.clone();
                let last = guest.stays.last().cloned();
                self.go(id, Place::Gone, None)?;
                if let Some(last) = last.filter(|_| tell) {
                    self.tell_gone(&guest, &last, self.now, ENDED);
                }
            }
        }
        let (now, slashes) = (self.now, self.state.knobs.slash_uuids);
        let next = self.state.dice.meeting_uuid(slashes);
        let meeting = self.meeting_mut(number)?;
        if let Some(instance) = meeting.instances.last_mut() {
            instance.ended_at = Some(now);
        }
        meeting.uuid = next;
        meeting.next_user_id = FIRST_USER_ID;
        meeting.live_waiting_room = None;
        meeting.waiting_room_title = None;
        meeting.waiting_room_description = None;
        let meeting = meeting.clone();
        self.tell_ended(&meeting, &running.uuid);
        Ok(())
    }
}
