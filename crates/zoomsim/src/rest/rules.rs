//! What an account allows of the settings that somebody wishes for a meeting.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{ApiError, Caller, fail, invalid};
use crate::config::Plan;
use crate::world::Turn;

impl Turn<'_> {
    /// What the account's rules make of wished-for settings: locks win, alternative hosts are licensed colleagues, and
    /// registration exists only for a licensed host's meetings with fixed times that do not use the personal number.
    /// `before` is what was set, or would be by default.
    pub(crate) fn obey(
        &self,
        host: &Caller,
        kind: i64,
        before: &Map<String, Value>,
        settings: &mut Map<String, Value>,
    ) -> Result<(), ApiError> {
        let (caller_account, plan) = (host.account_id.as_str(), host.plan);
        let knobs = &self.state.knobs;
        for name in knobs.locked_settings.get(caller_account).into_iter().flatten() {
            if settings.get(name) == before.get(name) {
                continue;
            }
            if knobs.locked_settings_refuse {
                let message = "The setting is locked by the account administrator.".to_owned();
                return Err(invalid(vec![(format!("settings.{name}"), message)]));
            }
            match before.get(name) {
                Some(value) => settings.insert(name.clone(), value.clone()),
                None => settings.remove(name),
            };
        }
        if settings.get("alternative_hosts") != before.get("alternative_hosts") {
            self.check_alternative_hosts(host, settings)?;
        }
        if let Some(lock) = self.state.knobs.waiting_room_locks.get(caller_account) {
            settings.insert("waiting_room".to_owned(), json!(lock.on));
        }
        let pmi = settings.get("use_pmi").and_then(Value::as_bool).unwrap_or(false);
        if plan == Plan::Basic || !matches!(kind, 2 | 8) || pmi {
            settings.insert("approval_type".to_owned(), json!(2));
        }
        if settings.get("approval_type").and_then(Value::as_i64).is_some_and(|kind| kind < 2) {
            settings.entry("registration_type").or_insert_with(|| json!(1));
        }
        Ok(())
    }

    /// Each has to be a licensed user of the host's account.
    fn check_alternative_hosts(&self, host: &Caller, settings: &Map<String, Value>) -> Result<(), ApiError> {
        let listed = settings.get("alternative_hosts").and_then(Value::as_str).unwrap_or_default();
        for email in listed.split([';', ',']).map(str::trim).filter(|email| !email.is_empty()) {
            let can = self.state.users.values().any(|user| {
                let known = &user.profile;
                known.email == email
                    && known.account_id == host.account_id
                    && known.plan == Plan::Licensed
                    && known.id != host.user_id
            });
            if !can {
                let message = format!(
                    "Unable to assign \"{email}\" as an alternative host because the user cannot be selected at this time."
                );
                return Err(fail(StatusCode::BAD_REQUEST, 1114, message));
            }
        }
        Ok(())
    }
}
