//! Inside a running meeting: roles, telephone legs, breakout rooms.

use serde_json::json;

use super::acts::LEFT;
use crate::events::Said;
use crate::state::{Guest, Place, Stay};
use crate::world::{SimError, Turn};

impl Turn<'_> {
    /// A new role inside the meeting: `host`, `co-host` or `attendee`.
    pub(crate) fn change_role(&mut self, id: u64, role: &str) -> Result<(), SimError> {
        if !matches!(role, "host" | "co-host" | "attendee") {
            return Err(SimError::BadRequest("a role is host, co-host or attendee".to_owned()));
        }
        let (mut guest, stay) = self.in_meeting(id)?;
        if !self.state.knobs.role_changed_names_registrant {
            guest.registrant_id = None;
        }
        role.clone_into(&mut self.guest_mut(id)?.role);
        let more = json!({ "old_role": guest.role, "new_role": role, "date_time": crate::clock::seconds_text(self.now) });
        self.tell("meeting.participant_role_changed", &guest, &stay, self.now, Said::With(more));
        Ok(())
    }

    pub(super) fn in_meeting(&self, id: u64) -> Result<(Guest, Stay), SimError> {
        let guest = self.guest(id)?.clone();
        let stay = guest.stays.last().cloned().ok_or(SimError::WrongPlace)?;
        if guest.place == Place::InMeeting { Ok((guest, stay)) } else { Err(SimError::WrongPlace) }
    }

    /// A telephone leg is found to belong to somebody at a computer.
    pub(crate) fn bind(&mut self, phone: u64, computer: u64) -> Result<(), SimError> {
        let (guest, stay) = self.in_meeting(phone)?;
        let (_, other) = self.in_meeting(computer)?;
        let more = json!({
            "bind_user_id": other.ids.user_id,
            "bind_participant_uuid": other.ids.participant_uuid,
            "registrant_id": guest.registrant_id.clone().unwrap_or_default(),
            "date_time": crate::clock::seconds_text(self.now),
        });
        self.tell("meeting.participant_bind", &guest, &stay, self.now, Said::With(more));
        Ok(())
    }

    /// Into a breakout room, or back. The main room tells of a leave and, on return, of a new join.
    pub(crate) fn breakout(&mut self, id: u64, inside: bool) -> Result<(), SimError> {
        let (guest, stay) = self.in_meeting(id)?;
        let room =
            json!({ "breakout_room_uuid": "Fz5mN1xKRt2yQ8vLc0WdEg==", "parent_user_id": stay.ids.user_id });
        let mut more = room;
        let time = crate::clock::seconds_text(self.now);
        let Some(fields) = more.as_object_mut() else { return Ok(()) };
        if inside {
            fields.insert("join_time".to_owned(), json!(time));
            let reason = "left the meeting. Reason : left the meeting to join breakout room";
            self.tell("meeting.participant_left", &guest, &stay, self.now, Said::Left(reason));
            self.tell("meeting.participant_joined_breakout_room", &guest, &stay, self.now, Said::With(more));
        } else {
            fields.insert("leave_time".to_owned(), json!(time));
            fields.insert("leave_reason".to_owned(), json!(LEFT));
            self.tell("meeting.participant_left_breakout_room", &guest, &stay, self.now, Said::With(more));
            let mut back = stay;
            back.ids.user_id = self.next_ids(guest.meeting).user_id;
            if let Some(last) = self.guest_mut(id)?.stays.last_mut() {
                last.ids.clone_from(&back.ids);
            }
            self.guest_mut(id)?.ids.clone_from(&back.ids);
            self.tell("meeting.participant_joined", &guest, &back, self.now, Said::Joined);
        }
        Ok(())
    }
}
