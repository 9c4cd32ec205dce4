//! What people do in meetings. Here: coming, and who has to wait. `passage`: moving from place to place, starting and
//! ending. `acts`: what guests and hosts do then. `extras`: roles, telephone legs, breakout rooms.

mod acts;
mod extras;
mod passage;

use serde::Deserialize;
use serde_json::Value;

use crate::events::Said;
use crate::knobs::BeforeHost;
use crate::state::{Guest, Ids, Place};
use crate::world::{SimError, Turn};

/// Who comes into a meeting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewGuest {
    /// The name typed; a registrant's or invited person's link brings its own.
    pub name: String,
    /// Signed in as this Zoom user.
    pub zoom_user_id: Option<String>,
    /// Signed in as a Zoom user of an account that is not simulated, by any id: somebody's private account.
    pub outside_zoom_id: Option<String>,
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
    /// The address that Zoom sees the person come from. None: one of its own.
    pub public_ip: Option<String>,
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
        self.within_series(number)?;
        if let Some(user) = &new.zoom_user_id {
            self.user(user)?;
            if self.may_host(number, user)? {
                return self.start(number, Some(user.clone()));
            }
        }
        let mut guest = self.blank(number, new.name.trim().to_owned());
        guest.zoom_user_id = new.zoom_user_id.or(new.outside_zoom_id);
        guest.email = new.email;
        guest.phone = new.phone;
        guest.customer_key = new.customer_key;
        guest.person = new.person;
        guest.never_joins = new.never_joins;
        guest.public_ip = new.public_ip.unwrap_or(guest.public_ip);
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
                (None, Some(user)) if self.user(user).is_ok() => {
                    self.user(user)?.profile.display_name.clone()
                }
                (None, _) => return Err(SimError::BadRequest("a name is needed".to_owned())),
            };
        }
        let id = guest.id;
        self.state.guests.insert(id, guest);
        self.enter(id)?;
        Ok(id)
    }

    pub(super) fn blank(&mut self, meeting: i64, name: String) -> Guest {
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
            self.link_is_free(guest.meeting, &registrant.id)?;
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

    /// A registrant's link lets in one device at a time.
    pub(super) fn link_is_free(&self, number: i64, registrant: &str) -> Result<(), SimError> {
        let mut there = self.meeting(number)?.present.iter().filter_map(|id| self.state.guests.get(id));
        if there.any(|other| other.registrant_id.as_deref() == Some(registrant)) {
            return Err(SimError::LinkInUse);
        }
        Ok(())
    }

    /// A meeting with fixed times is entered as long as one of them is left, or it runs.
    pub(super) fn within_series(&self, number: i64) -> Result<(), SimError> {
        let meeting = self.meeting(number)?;
        let over = meeting.series_is_over(self.now) && meeting.running().is_none();
        if over && self.state.knobs.series_end_is_final { Err(SimError::SeriesOver) } else { Ok(()) }
    }

    /// Whether a user is the meeting's owner or one of its alternative hosts.
    pub(crate) fn may_host(&self, number: i64, user_id: &str) -> Result<bool, SimError> {
        let meeting = self.meeting(number)?;
        let email = self.user(user_id)?.profile.email.as_str();
        Ok(meeting.host_id == user_id
            || meeting.text("alternative_hosts").split([';', ',']).any(|listed| listed.trim() == email))
    }

    pub(super) fn enter(&mut self, id: u64) -> Result<(), SimError> {
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
}

fn masked_phone(phone: &str) -> String {
    let kept = phone.chars().count().saturating_sub(4);
    phone.chars().take(kept).chain("****".chars()).collect()
}
