//! What people do in meetings: come, wait, are let in, are sent back, lose the line, leave; and what the host does.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::events::Said;
use crate::knobs::{AdmittedIds, BeforeHost};
use crate::state::{Action, FIRST_USER_ID, Guest, Ids, Instance, Place, Stay};
use crate::world::{SimError, Turn};

const LEFT: &str = "left the meeting. Reason : left the meeting";
const ENDED: &str = "left the meeting. Reason : Host ended the meeting.";
const REMOVED: &str = "left the meeting. Reason : Removed by host";
const NETWORK: &str = "left the meeting. Reason : Network connection error. ";

/// Who comes into a meeting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewGuest {
    /// The name typed; a registrant's or invited person's link brings its own.
    pub name: String,
    /// Signed in as this Zoom user.
    pub zoom_user_id: Option<String>,
    /// E-mail typed by a guest. Zoom does not show it in events.
    pub email: Option<String>,
    /// Dials in from this number.
    pub phone: Option<String>,
    /// Comes by the link of this registrant.
    pub registrant_id: Option<String>,
    /// The `tk` of a personal link, of a registrant or an invited person.
    pub tk: Option<String>,
    /// Set by a Meeting SDK.
    pub customer_key: Option<String>,
    /// A label for tests, never sent.
    pub person: Option<String>,
    /// Once admitted, the client hangs and never joins.
    pub never_joins: bool,
}

impl Turn<'_> {
    /// The meeting behind a number that a person typed: its own, or a personal number.
    pub(crate) fn meeting_for_joining(&self, number: i64) -> Result<i64, SimError> {
        if self.meeting(number).is_ok_and(|meeting| !meeting.personal) {
            return Ok(number);
        }
        let borrowed = self.state.meetings.values().find(|meeting| {
            meeting.flag("use_pmi")
                && meeting.deleted_at.is_none()
                && self.number_in_events(meeting) == number
        });
        match borrowed {
            Some(meeting) => Ok(meeting.number),
            None => self.meeting(number).map(|meeting| meeting.number),
        }
    }

    pub(crate) fn come(&mut self, number: i64, new: NewGuest) -> Result<u64, SimError> {
        let number = self.meeting_for_joining(number)?;
        if let Some(user) = &new.zoom_user_id {
            self.user(user)?;
            if self.may_host(number, user)? {
                return self.start(number, Some(user.clone()));
            }
        }
        let mut guest = self.blank(number, new.name.trim().to_owned());
        guest.zoom_user_id.clone_from(&new.zoom_user_id);
        guest.email = new.email;
        guest.phone = new.phone;
        guest.customer_key = new.customer_key;
        guest.person = new.person;
        guest.never_joins = new.never_joins;
        self.apply_personal_link(&mut guest, new.registrant_id.as_deref(), new.tk.as_deref())?;
        let meeting = self.meeting(number)?;
        if meeting.wants_registration() && guest.registrant_id.is_none() {
            return Err(SimError::RegistrationNeeded);
        }
        if meeting.flag("meeting_authentication") && guest.zoom_user_id.is_none() {
            return Err(SimError::SignInNeeded);
        }
        if guest.name.is_empty() {
            guest.name = match (&guest.phone, &guest.zoom_user_id) {
                (Some(phone), _) => masked_phone(phone),
                (None, Some(user)) => self.user(user)?.profile.display_name.clone(),
                (None, None) => return Err(SimError::BadRequest("a name is needed".to_owned())),
            };
        }
        let id = guest.id;
        self.state.guests.insert(id, guest);
        self.enter(id)?;
        Ok(id)
    }

    fn blank(&mut self, meeting: i64, name: String) -> Guest {
        Guest {
            id: self.state.next_serial(),
            meeting,
            name,
            zoom_user_id: None,
            email: None,
            phone: None,
            registrant_id: None,
            customer_key: None,
            person: None,
            invited: false,
            place: Place::Gone,
            ids: Ids::default(),
            is_host: false,
            role: "attendee".to_owned(),
            never_joins: false,
            public_ip: format!("203.0.113.{}", 1 + self.state.dice.below(250)),
            stays: Vec::new(),
        }
    }

    fn apply_personal_link(
        &mut self,
        guest: &mut Guest,
        registrant_id: Option<&str>,
        tk: Option<&str>,
    ) -> Result<(), SimError> {
        if registrant_id.is_none() && tk.is_none() {
            return Ok(());
        }
        let meeting = self.meeting(guest.meeting)?;
        let registrant = meeting
            .registrants
            .iter()
            .find(|known| Some(known.id.as_str()) == registrant_id || Some(known.tk.as_str()) == tk);
        if let Some(registrant) = registrant {
            if !registrant.approved {
                return Err(SimError::BadPersonalLink);
            }
            let in_use = self.state.guests.values().any(|other| {
                other.place != Place::Gone && other.registrant_id.as_deref() == Some(&registrant.id)
            });
            if in_use {
                return Err(SimError::LinkInUse);
            }
            guest.registrant_id = Some(registrant.id.clone());
            guest.email = Some(registrant.email.clone());
            if guest.name.is_empty() {
                guest.name = registrant.name();
            }
            return Ok(());
        }
        let invite = tk.and_then(|tk| meeting.invites.get(tk)).filter(|invite| invite.expires_at > self.now);
        let invite = invite.ok_or(SimError::BadPersonalLink)?;
        guest.invited = true;
        guest.name.clone_from(&invite.name);
        Ok(())
    }

    /// Whether a user is the meeting's owner or one of its alternative hosts.
    pub(crate) fn may_host(&self, number: i64, user_id: &str) -> Result<bool, SimError> {
        let meeting = self.meeting(number)?;
        let email = self.user(user_id)?.profile.email.as_str();
        Ok(meeting.host_id == user_id
            || meeting.text("alternative_hosts").split([';', ',']).any(|listed| listed.trim() == email))
    }

    fn enter(&mut self, id: u64) -> Result<(), SimError> {
        let guest = self.guest(id)?.clone();
        let meeting = self.meeting(guest.meeting)?;
        let waits = self.has_to_wait(&guest)?;
        let before_host_waits = self.state.knobs.before_host;
        if meeting.running().is_some() {
            return if waits { self.wait_here(id, true) } else { self.join_now(id, None) };
        }
        match (waits, before_host_waits) {
            (true, BeforeHost::WaitingRoom) => self.wait_here(id, true),
            (false, _) if meeting.flag("join_before_host") => {
                let stay = self.go(id, Place::BeforeHost, None)?;
                let guest = self.guest(id)?.clone();
                self.tell("meeting.participant_jbh_joined", &guest, &stay, self.now, Said::BeforeHost);
                self.open(guest.meeting)?;
                self.join_now(id, None)
            }
            _ => {
                let stay = self.go(id, Place::BeforeHost, None)?;
                let guest = self.guest(id)?.clone();
                self.tell("meeting.participant_jbh_waiting", &guest, &stay, self.now, Said::BeforeHost);
                Ok(())
            }
        }
    }

    /// Who goes to the waiting room: the switch of the running or saved meeting, then its rule or the host's.
    fn has_to_wait(&self, guest: &Guest) -> Result<bool, SimError> {
        let meeting = self.meeting(guest.meeting)?;
        let on = meeting.live_waiting_room.unwrap_or_else(|| meeting.flag("waiting_room"));
        if !on || guest.is_host {
            return Ok(false);
        }
        let host = self.user(&meeting.host_id)?;
        let options = meeting.settings.get("waiting_room_options");
        let custom = options.and_then(|all| all.get("mode")).and_then(Value::as_str) == Some("custom");
        let rule = if custom {
            options
                .and_then(|all| all.get("who_goes_to_waiting_room"))
                .and_then(Value::as_str)
                .unwrap_or("everyone")
        } else {
            let settings = host.security.get("waiting_room_settings");
            let placed = settings.and_then(|all| all.get("participants_to_place_in_waiting_room"));
            match placed.and_then(Value::as_i64) {
                Some(1) => "users_not_in_account",
                Some(2) => "users_not_in_account_or_whitelisted_domains",
                _ => "everyone",
            }
        };
        let known = guest.zoom_user_id.as_deref().and_then(|id| self.user(id).ok());
        let colleague = known.is_some_and(|user| user.profile.account_id == host.profile.account_id);
        let domains = host.security.get("waiting_room_settings");
        let domains = domains.and_then(|all| all.get("whitelisted_domains_for_waiting_room"));
        let trusted = known.is_some_and(|user| {
            let domain = user.profile.email.split('@').next_back().unwrap_or_default();
            domains
                .and_then(Value::as_str)
                .unwrap_or_default()
                .split(',')
                .any(|listed| listed.trim() == domain)
        });
        Ok(match rule {
            "users_not_in_account" => !colleague,
            "users_not_in_account_or_whitelisted_domains" => !colleague && !trusted,
            "users_not_on_invite" => !guest.invited && guest.registrant_id.is_none(),
            _ => true,
        })
    }

    fn next_ids(&mut self, number: i64) -> Ids {
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
    fn go(&mut self, id: u64, place: Place, ids: Option<Ids>) -> Result<Stay, SimError> {
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

    fn wait_here(&mut self, id: u64, announced: bool) -> Result<(), SimError> {
        let ids = self.next_ids(self.guest(id)?.meeting);
        let stay = self.go(id, Place::Waiting, Some(ids))?;
        if announced {
            let guest = self.guest(id)?.clone();
            self.tell("meeting.participant_joined_waiting_room", &guest, &stay, self.now, Said::At);
        }
        Ok(())
    }

    fn join_now(&mut self, id: u64, ids: Option<Ids>) -> Result<(), SimError> {
        let stay = self.go(id, Place::InMeeting, ids)?;
        let guest = self.guest(id)?.clone();
        self.tell("meeting.participant_joined", &guest, &stay, self.now, Said::Joined);
        Ok(())
    }

    /// Opens a new instance. The caller lets somebody in.
    fn open(&mut self, number: i64) -> Result<(), SimError> {
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
        let there = self.state.guests.values().find(|guest| {
            guest.meeting == number
                && guest.place == Place::InMeeting
                && guest.zoom_user_id.as_deref() == Some(&user_id)
        });
        if let Some(there) = there {
            return Ok(there.id);
        }
        if self.meeting(number)?.running().is_none() {
            self.open(number)?;
        }
        let name = self.user(&user_id)?.profile.display_name.clone();
        let mut host = self.blank(number, name);
        host.is_host = user_id == host_id;
        host.role = "host".to_owned();
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
        let here = |guest: &&Guest| guest.meeting == number && guest.place == place;
        self.state.guests.values().filter(here).map(|guest| guest.id).collect()
    }

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

    fn depart(&mut self, id: u64, reason: &str) -> Result<(), SimError> {
        let guest = self.guest(id)?.clone();
        let last =
            guest.stays.last().cloned().filter(|_| guest.place != Place::Gone).ok_or(SimError::WrongPlace)?;
        self.go(id, Place::Gone, None)?;
        self.tell_gone(&guest, &last, self.now, reason);
        self.close_if_empty(guest.meeting);
        Ok(())
    }

    fn tell_gone(&mut self, guest: &Guest, last: &Stay, at: i64, reason: &str) {
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
        self.enter(id)
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

    fn close_if_empty(&mut self, number: i64) {
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
        let (mut lost, mut agenda) = (Vec::new(), Vec::new());
        for item in std::mem::take(&mut self.state.agenda) {
            match item.action {
                Action::DropNoticed { guest, meeting, stay, dropped_at } if meeting == number => {
                    lost.push((guest, stay, dropped_at));
                }
                _ => agenda.push(item),
            }
        }
        self.state.agenda = agenda;
        for (guest, stay, dropped_at) in lost {
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

    /// A new role inside the meeting: `host`, `co-host` or `attendee`.
    pub(crate) fn change_role(&mut self, id: u64, role: &str) -> Result<(), SimError> {
        if !matches!(role, "host" | "co-host" | "attendee") {
            return Err(SimError::BadRequest("a role is host, co-host or attendee".to_owned()));
        }
        let (guest, stay) = self.in_meeting(id)?;
        role.clone_into(&mut self.guest_mut(id)?.role);
        let more = json!({ "old_role": guest.role, "new_role": role, "date_time": crate::clock::seconds_text(self.now) });
        self.tell("meeting.participant_role_changed", &guest, &stay, self.now, Said::With(more));
        Ok(())
    }

    fn in_meeting(&self, id: u64) -> Result<(Guest, Stay), SimError> {
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

fn masked_phone(phone: &str) -> String {
    let kept = phone.chars().count().saturating_sub(4);
    phone.chars().take(kept).chain("****".chars()).collect()
}
