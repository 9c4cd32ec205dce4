//! The events that the simulated Zoom sends, field by field as captured and documented payloads have them.

use serde_json::{Map, Value, json};

use crate::clock::{SECOND, millis_text, seconds_text};
use crate::knobs::{DeauthorizedShape, Names};
use crate::state::{Guest, Ids, Meeting, Stay};
use crate::world::Turn;

/// What a participant event says beside who and where.
pub(crate) enum Said<'a> {
    /// `date_time`: the waiting-room family.
    At,
    /// `join_time`.
    Joined,
    /// `leave_time` and the reason.
    Left(&'a str),
    /// Who waits for a host has neither ids nor a time.
    BeforeHost,
    /// Waiting for a host was given up: as above, and the object's id is a number.
    GaveUp,
    /// Roles, telephone bindings, breakout rooms: further fields as they are.
    With(Value),
}

impl Turn<'_> {
    /// The `object` of events about a running (or about to run) meeting.
    fn object(&self, meeting: &Meeting, uuid: &str) -> Map<String, Value> {
        let number = self.number_in_events(meeting);
        let mut object = Map::new();
        object.insert("uuid".to_owned(), json!(uuid));
        let id = if self.state.knobs.numeric_meeting_ids { json!(number) } else { json!(number.to_string()) };
        object.insert("id".to_owned(), id);
        object.insert("type".to_owned(), json!(meeting.kind));
        object.insert("topic".to_owned(), json!(meeting.topic));
        object.insert("host_id".to_owned(), json!(meeting.host_id));
        object.insert("duration".to_owned(), json!(meeting.duration));
        let started = meeting.instances.iter().find(|instance| instance.uuid == uuid);
        if let Some(instance) = started {
            object.insert("start_time".to_owned(), json!(seconds_text(instance.started_at)));
        } else if let Some(planned) = &meeting.start_time {
            object.insert("start_time".to_owned(), json!(planned));
        }
        object.insert("timezone".to_owned(), json!(meeting.timezone));
        object
    }

    /// A meeting that uses the host's personal number has an id of its own in the API, while events name the
    /// personal number.
    pub(crate) fn number_in_events(&self, meeting: &Meeting) -> i64 {
        if meeting.flag("use_pmi") {
            self.user(&meeting.host_id).map_or(meeting.number, |host| host.profile.pmi)
        } else {
            meeting.number
        }
    }

    fn shown_name(&self, name: &str) -> Option<String> {
        match self.state.knobs.names {
            Names::Typed => Some(name.to_owned()),
            Names::Absent => None,
            Names::Empty => Some(String::new()),
            Names::Masked => Some(format!("{}***", name.chars().take(1).collect::<String>())),
        }
    }

    /// The name as past meetings show it.
    pub(crate) fn recorded_name(&self, name: &str) -> String {
        self.shown_name(name).unwrap_or_default()
    }

    /// Only people of the host's own account and registered guests show an e-mail; and nobody where names are kept
    /// out.
    pub(crate) fn shown_email(&self, guest: &Guest, account_id: &str) -> String {
        if self.state.knobs.names != Names::Typed {
            return String::new();
        }
        let own = guest
            .zoom_user_id
            .as_deref()
            .and_then(|id| self.user(id).ok())
            .filter(|user| user.profile.account_id == account_id);
        match own {
            Some(user) => user.profile.email.clone(),
            None if guest.registrant_id.is_some() => guest.email.clone().unwrap_or_default(),
            None => String::new(),
        }
    }

    pub(crate) fn account_of(&self, meeting: &Meeting) -> String {
        self.user(&meeting.host_id).map(|host| host.profile.account_id.clone()).unwrap_or_default()
    }

    fn participant(&self, guest: &Guest, account_id: &str, name: &str, ids: &Ids) -> Map<String, Value> {
        let mut fields = Map::new();
        let zoom_id = guest.zoom_user_id.clone().unwrap_or_default();
        let of_account = self.user(&zoom_id).is_ok_and(|user| user.profile.account_id == account_id);
        if let Some(name) = self.shown_name(name) {
            fields.insert("user_name".to_owned(), json!(name));
        }
        fields.insert("user_id".to_owned(), json!(ids.user_id));
        fields.insert("participant_uuid".to_owned(), json!(ids.participant_uuid));
        fields
            .insert("participant_user_id".to_owned(), json!(if of_account { zoom_id.as_str() } else { "" }));
        fields.insert("id".to_owned(), json!(zoom_id));
        fields.insert("email".to_owned(), json!(self.shown_email(guest, account_id)));
        if let Some(registrant) = &guest.registrant_id {
            fields.insert("registrant_id".to_owned(), json!(registrant));
        }
        if let Some(key) = &guest.customer_key {
            fields.insert("customer_key".to_owned(), json!(key));
        }
        if let Some(phone) = &guest.phone {
            fields.insert("phone_number".to_owned(), json!(phone));
        }
        fields
    }

    /// Sends an event about one participant. `stay` tells the instance, the ids and the name; `at` is the object's
    /// own time, the event is emitted now.
    pub(crate) fn tell(&mut self, event: &str, guest: &Guest, stay: &Stay, at: i64, said: Said<'_>) {
        let Some(meeting) = self.state.meetings.get(&guest.meeting).cloned() else { return };
        let account = self.account_of(&meeting);
        let mut object = self.object(&meeting, &stay.uuid);
        let mut fields = self.participant(guest, &account, &stay.name, &stay.ids);
        match said {
            Said::At => {
                fields.insert("date_time".to_owned(), json!(seconds_text(at)));
            }
            Said::Joined => {
                fields.insert("join_time".to_owned(), json!(seconds_text(at)));
                fields.entry("user_name").or_insert_with(|| json!(""));
                if guest.phone.is_none() {
                    fields.insert("public_ip".to_owned(), json!(guest.public_ip));
                }
            }
            Said::Left(reason) => {
                fields.insert("leave_time".to_owned(), json!(seconds_text(at)));
                fields.insert("leave_reason".to_owned(), json!(reason));
                fields.entry("registrant_id").or_insert_with(|| json!(""));
                if guest.phone.is_none() {
                    fields.insert("public_ip".to_owned(), json!(guest.public_ip));
                    fields.insert("private_ip".to_owned(), json!("192.0.2.15"));
                }
            }
            Said::BeforeHost | Said::GaveUp => {
                fields.retain(|name, _| matches!(name.as_str(), "id" | "user_name"));
                fields.entry("user_name").or_insert_with(|| json!(""));
                if matches!(said, Said::GaveUp) {
                    let registrant = guest.registrant_id.clone().unwrap_or_default();
                    fields.insert("registrant_id".to_owned(), json!(registrant));
                    object.insert("id".to_owned(), json!(self.number_in_events(&meeting)));
                }
            }
            Said::With(Value::Object(mut more)) => {
                if let Some(room) = more.remove("breakout_room_uuid") {
                    object.insert("breakout_room_uuid".to_owned(), room);
                }
                fields.append(&mut more);
            }
            Said::With(_) => {}
        }
        object.insert("participant".to_owned(), Value::Object(fields));
        let payload = json!({ "account_id": account, "object": object });
        self.emit(&meeting.host_id, event, &payload, self.now);
    }

    pub(crate) fn tell_started(&mut self, meeting: &Meeting, uuid: &str) {
        let payload = json!({ "account_id": self.account_of(meeting), "object": self.object(meeting, uuid) });
        self.emit(&meeting.host_id, "meeting.started", &payload, self.now);
    }

    pub(crate) fn tell_ended(&mut self, meeting: &Meeting, uuid: &str) {
        let mut object = self.object(meeting, uuid);
        object.insert("end_time".to_owned(), json!(seconds_text(self.now)));
        let payload = json!({ "account_id": self.account_of(meeting), "object": object });
        let at = self.now + self.state.knobs.ended_lag_ms * 1000;
        self.emit(&meeting.host_id, "meeting.ended", &payload, at);
    }

    /// `meeting.created`, `.deleted`, `.recovered` and `.permanently_deleted`: about the saved meeting, so the id is
    /// a number.
    pub(crate) fn tell_saved(&mut self, event: &str, meeting: &Meeting, operator: &str) {
        let mut object = json!({
            "uuid": meeting.uuid,
            "id": meeting.number,
            "host_id": meeting.host_id,
            "topic": meeting.topic,
            "type": meeting.kind,
            "duration": meeting.duration,
            "timezone": meeting.timezone,
        });
        if let Some(fields) = object.as_object_mut() {
            if let Some(planned) = &meeting.start_time {
                fields.insert("start_time".to_owned(), json!(planned));
            }
            if event == "meeting.created" {
                fields.insert("join_url".to_owned(), json!(self.join_url(meeting, None)));
                fields.insert("password".to_owned(), json!(meeting.password));
                fields.insert("creation_source".to_owned(), json!(meeting.creation_source));
                let settings =
                    ["use_pmi", "alternative_hosts", "join_before_host", "jbh_time", "meeting_invitees"];
                let picked: Map<String, Value> = settings
                    .iter()
                    .filter_map(|name| Some(((*name).to_owned(), meeting.settings.get(*name)?.clone())))
                    .collect();
                fields.insert("settings".to_owned(), Value::Object(picked));
            }
        }
        let email = self.user(operator).map(|user| user.profile.email.clone()).unwrap_or_default();
        let mut payload = json!({
            "account_id": self.account_of(meeting),
            "operator": email,
            "operator_id": operator,
            "object": object,
        });
        if let (Some(fields), true) = (payload.as_object_mut(), event != "meeting.permanently_deleted") {
            fields.insert("operation".to_owned(), json!("all"));
        }
        self.emit(&meeting.host_id, event, &payload, self.now);
    }

    /// `meeting.updated`: only what changed, before and after.
    pub(crate) fn tell_updated(&mut self, meeting: &Meeting, operator: &str, old: &Value, new: &Value) {
        let email = self.user(operator).map(|user| user.profile.email.clone()).unwrap_or_default();
        let payload = json!({
            "account_id": self.account_of(meeting),
            "operator": email,
            "operator_id": operator,
            "scope": "all",
            "time_stamp": self.now.div_euclid(1000),
            "object": new,
            "old_object": old,
        });
        self.emit(&meeting.host_id, "meeting.updated", &payload, self.now);
    }

    /// The user removed the app. Sent although the app is no longer installed.
    pub(crate) fn tell_deauthorized(&mut self, user_id: &str) {
        let account = self.user(user_id).map(|user| user.profile.account_id.clone()).unwrap_or_default();
        let now = self.now;
        let mut payload = json!({
            "account_id": account,
            "user_id": user_id,
            "signature": self.state.dice.hex_upper(32).to_lowercase(),
            "deauthorization_time": millis_text(now),
            "client_id": self.config.client_id,
        });
        let mut body = json!({ "event": "app_deauthorized" });
        match (self.state.knobs.deauthorized_shape, payload.as_object_mut()) {
            (DeauthorizedShape::Legacy, Some(fields)) => {
                fields.insert("user_data_retention".to_owned(), json!("false"));
            }
            (DeauthorizedShape::TextEventTs, Some(fields)) => {
                let text = seconds_text(now).replace('T', " ").replace('Z', "");
                fields.insert("event_ts".to_owned(), json!(text));
            }
            _ => {
                if let Some(fields) = body.as_object_mut() {
                    fields.insert("event_ts".to_owned(), json!(now.div_euclid(1000)));
                }
            }
        }
        if let Some(fields) = body.as_object_mut() {
            fields.insert("payload".to_owned(), payload);
        }
        self.post("app_deauthorized", &body, now);
    }

    /// Puts an event of a host's meeting into the outbox, if the app would get it at all.
    fn emit(&mut self, host_id: &str, event: &str, payload: &Value, at: i64) {
        let installed = self.user(host_id).is_ok_and(|host| host.installed);
        if self.state.knobs.only_installed_hosts && !installed {
            return;
        }
        let body = json!({ "event": event, "event_ts": at.div_euclid(SECOND / 1000), "payload": payload });
        self.post(event, &body, at);
    }
}
