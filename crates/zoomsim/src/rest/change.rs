//! Changes of saved meetings, and the difference that `meeting.updated` tells.

use serde_json::{Map, Value, json};

use super::meetings::text;
use super::{ApiError, Caller, body, invalid, no_meeting};
use crate::clock::seconds_text;
use crate::state::Meeting;
use crate::world::Turn;

impl Turn<'_> {
    /// Merges fields into a saved meeting, and tells if anything changed.
    pub(crate) fn change_meeting(
        &mut self,
        number: i64,
        mut fields: Map<String, Value>,
        operator: &str,
    ) -> Result<(), ApiError> {
        let old = self.meeting(number).map_err(|_| no_meeting(number))?.clone();
        let host = self.user(&old.host_id).map_err(|_| no_meeting(number))?.profile.clone();
        let mut new = old.clone();
        if let Some(Value::Object(sent)) = fields.remove("settings") {
            body::merge(&mut new.settings, sent);
        }
        new.topic = text(&fields, "topic").unwrap_or(new.topic);
        new.agenda = text(&fields, "agenda").unwrap_or(new.agenda);
        new.timezone = text(&fields, "timezone").unwrap_or(new.timezone);
        new.duration = fields.get("duration").and_then(Value::as_i64).unwrap_or(new.duration);
        if let (false, Some(kind)) = (new.personal, fields.get("type").and_then(Value::as_i64)) {
            new.kind = kind;
        }
        if matches!(new.kind, 2 | 8) {
            new.start_time = text(&fields, "start_time").or(new.start_time);
        } else {
            new.start_time = None;
        }
        new.tracking_fields = fields.get("tracking_fields").cloned().unwrap_or(new.tracking_fields);
        if let Some(password) = text(&fields, "password").filter(|password| *password != new.password) {
            new.password = password;
            new.pwd = self.state.dice.base64url(32);
        }
        if new.kind == 8 {
            new.recurrence = fields.get("recurrence").cloned().or(new.recurrence);
            let start = new.start_time.clone().unwrap_or_else(|| seconds_text(self.now));
            if let Some(recurrence) = &new.recurrence {
                new.occurrences =
                    body::occurrences(recurrence, &start, &new.timezone, new.duration).map_err(invalid)?;
            }
        }
        let host = Caller { user_id: host.id, account_id: host.account_id, plan: host.plan };
        self.obey(&host, new.kind, &old.settings, &mut new.settings)?;
        let (before, after) = (self.comparable(&old), self.comparable(&new));
        let (was, is) = difference(&before, &after);
        self.state.meetings.insert(number, new.clone());
        if !is.is_empty() {
            let with_id = |mut fields: Map<String, Value>| {
                fields.insert("id".to_owned(), json!(number));
                Value::Object(fields)
            };
            self.tell_updated(&new, operator, &with_id(was), &with_id(is));
        }
        Ok(())
    }

    fn comparable(&self, meeting: &Meeting) -> Map<String, Value> {
        let view = json!({
            "topic": meeting.topic, "type": meeting.kind, "agenda": meeting.agenda, "start_time": meeting.start_time,
            "duration": meeting.duration, "timezone": meeting.timezone, "password": meeting.password,
            "join_url": self.join_url(meeting, None), "recurrence": meeting.recurrence,
            "settings": meeting.settings,
        });
        match view {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

/// The fields that differ, as they were and as they are; inside groups too.
fn difference(
    old: &Map<String, Value>,
    new: &Map<String, Value>,
) -> (Map<String, Value>, Map<String, Value>) {
    let (mut was, mut is) = (Map::new(), Map::new());
    for (name, after) in new {
        let before = old.get(name).unwrap_or(&Value::Null);
        if before == after {
            continue;
        }
        if let (Value::Object(before), Value::Object(after)) = (before, after) {
            let (inner_was, inner_is) = difference(before, after);
            was.insert(name.clone(), Value::Object(inner_was));
            is.insert(name.clone(), Value::Object(inner_is));
        } else {
            was.insert(name.clone(), before.clone());
            is.insert(name.clone(), after.clone());
        }
    }
    (was, is)
}
