//! What users, their administrators and the app's owner do on Zoom's own pages.

use serde_json::{Map, Value};

use super::{SimHandle, set_installed, told};
use crate::config::Plan;
use crate::rest::{Caller, settings};
use crate::state::Death;
use crate::world::{SimError, Turn};

impl SimHandle {
    /// The user removes the app: tokens die, `app_deauthorized` is sent.
    pub fn deauthorize(&self, user_id: &str) -> Result<(), SimError> {
        self.0.turn(|turn| {
            turn.user(user_id)?;
            turn.kill_grants(user_id, Death::Removed);
            turn.tell_deauthorized(user_id);
            set_installed(turn, user_id, false);
            Ok(())
        })
    }

    /// The user's password changes: tokens die, the app stays installed.
    pub fn change_password(&self, user_id: &str) -> Result<(), SimError> {
        self.0.turn(|turn| {
            turn.user(user_id)?;
            turn.kill_grants(user_id, Death::PasswordChanged);
            Ok(())
        })
    }

    /// An administrator withdraws the approval of the app for a user (4738). No event tells of it. Until
    /// [`allow_by_admin`](Self::allow_by_admin) the user cannot connect again either: consent ends on Zoom's own page.
    pub fn disable_by_admin(&self, user_id: &str) -> Result<(), SimError> {
        self.0.turn(|turn| {
            turn.user(user_id)?;
            turn.kill_grants(user_id, Death::DisabledByAdmin);
            set_installed(turn, user_id, false);
            set_disabled(turn, user_id, true);
            Ok(())
        })
    }

    /// An administrator gives the approval back. `revives`: the tokens that died of the withdrawal work again (nobody
    /// outside knows whether they do); otherwise the user has to connect anew.
    pub fn allow_by_admin(&self, user_id: &str, revives: bool) -> Result<(), SimError> {
        self.0.turn(|turn| {
            turn.user(user_id)?;
            set_disabled(turn, user_id, false);
            let mut of_user = turn
                .state
                .grants
                .values_mut()
                .filter(|grant| grant.user_id == user_id && grant.dead == Some(Death::DisabledByAdmin));
            // Only the last authorization ever counted.
            let latest = of_user
                .next_back()
                .map(|grant| grant.dead = if revives { None } else { Some(Death::Removed) });
            for earlier in of_user {
                earlier.dead = Some(Death::Removed);
            }
            if revives && latest.is_some() {
                set_installed(turn, user_id, true);
            }
            Ok(())
        })
    }

    /// The user changes their own settings on Zoom's pages: groups as for `PATCH /users/me/settings`, and
    /// `meeting_security` as for its `option=meeting_security`, in one object. Both views follow. What the account has
    /// locked is refused or ignored as there.
    pub fn change_user_settings(&self, user_id: &str, fields: &Value) -> Result<(), SimError> {
        let mut sent = fields.as_object().cloned().unwrap_or_default();
        let security = match sent.remove("meeting_security") {
            Some(Value::Object(fields)) => fields,
            None => Map::new(),
            Some(_) => return Err(SimError::BadRequest("meeting_security is not an object".to_owned())),
        };
        self.0.turn(|turn| {
            let caller = caller(turn, user_id)?;
            settings::apply(turn, &caller, false, sent).map_err(told)?;
            settings::apply(turn, &caller, true, security).map_err(told)
        })
    }

    /// The account pays, or pays no longer, for this user.
    pub fn set_plan(&self, user_id: &str, plan: Plan) -> Result<(), SimError> {
        self.0.turn(|turn| {
            let user = turn.state.users.get_mut(user_id).ok_or(SimError::NoSuchUser)?;
            user.profile.plan = plan;
            Ok(())
        })
    }

    /// An administrator gives a meeting to another user, with its number, passcode and links. No event tells of it. Not
    /// possible for a personal meeting, nor for one that runs.
    pub fn give_meeting_to(&self, number: i64, user_id: &str) -> Result<(), SimError> {
        self.0.turn(|turn| {
            turn.user(user_id)?;
            let meeting = turn.meeting_mut(number)?;
            if meeting.personal || meeting.running().is_some() {
                return Err(SimError::BadRequest("this meeting cannot be given away now".to_owned()));
            }
            user_id.clone_into(&mut meeting.host_id);
            Ok(())
        })
    }

    /// The host takes a deleted meeting out of the trash on Zoom's own pages: `meeting.recovered` is sent.
    pub fn recover_meeting(&self, number: i64) -> Result<(), SimError> {
        self.0.turn(|turn| {
            let meeting = turn.state.meetings.get(&number).ok_or(SimError::NoSuchMeeting)?;
            let host = caller(turn, &meeting.host_id.clone())?;
            crate::rest::meetings::recover(turn, &host, number).map_err(told)
        })
    }

    /// The app's owner makes a new client secret in the marketplace. The old one is refused from now on. A restart takes
    /// the configured one again.
    pub fn set_client_secret(&self, secret: &str) {
        self.0.turn(|turn| secret.clone_into(&mut turn.state.secrets.client));
    }

    /// The app's owner makes a new secret token in the marketplace. Everything sent from now on is signed with it, repeated
    /// deliveries too; [`revalidate`](Self::revalidate) challenges the endpoint with it. A restart takes the configured one
    /// again.
    pub fn set_webhook_secret(&self, secret: &str) {
        self.0.turn(|turn| secret.clone_into(&mut turn.state.secrets.webhook));
    }
}

/// A user acting on Zoom's own pages.
pub(super) fn caller(turn: &Turn<'_>, user_id: &str) -> Result<Caller, SimError> {
    let user = turn.user(user_id)?.profile.clone();
    Ok(Caller { user_id: user.id, account_id: user.account_id, plan: user.plan })
}

fn set_disabled(turn: &mut Turn<'_>, user_id: &str, disabled: bool) {
    if let Some(user) = turn.state.users.get_mut(user_id) {
        user.disabled = disabled;
    }
}
