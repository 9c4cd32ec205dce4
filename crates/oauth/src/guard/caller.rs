//! What the guard asks of Zoom, as one host: in turn, not at all while Zoom wants to be left alone, and never so many
//! changes in a day that the host would have none left for themselves.

use domain::{ClinicId, ConnectionId, Timestamp, room::Connection};
use store::StoreError;
use vault::SecretText;
use zoom::{
    RetryAfter,
    api::{
        ApiError, Me, Meeting, MeetingPatch, MeetingSecurity, MeetingSummary, NewMeeting, Page, UserSettings,
    },
};

use super::pace::Weight;
use crate::{Zoom, calls::Purpose};

/// The plan that says so in `users/me.type`.
const LICENSED: i64 = 2;
/// How many meetings the guard makes or changes for one host in a day (UTC). Zoom allows 100, which the host's own
/// programs use as well.
const MOST_CHANGES: i64 = 40;
/// From here on a limit is believed to be the day's.
const LONG: std::time::Duration = std::time::Duration::from_mins(10);

/// One host's way to Zoom, for one look.
pub(crate) struct Caller {
    zoom: Zoom,
    token: SecretText,
    clinic: ClinicId,
    connection: ConnectionId,
    user: String,
    account: String,
    free: bool,
}

impl Caller {
    pub(crate) fn new(zoom: &Zoom, connection: &Connection, token: &SecretText) -> Self {
        Self {
            zoom: zoom.clone(),
            token: token.clone(),
            clinic: connection.clinic_id,
            connection: connection.id,
            user: connection.zoom_user_id.clone(),
            account: connection.zoom_account_id.clone(),
            free: connection.zoom_plan != LICENSED,
        }
    }

    pub(crate) async fn me(&self) -> Result<Me, ApiError> {
        self.ask(Weight::Light, self.zoom.0.api.me(&self.token)).await
    }

    pub(crate) async fn user_settings(&self) -> Result<UserSettings, ApiError> {
        self.ask(Weight::Medium, self.zoom.0.api.user_settings(&self.token)).await
    }

    pub(crate) async fn meeting_security(&self) -> Result<MeetingSecurity, ApiError> {
        self.ask(Weight::Medium, self.zoom.0.api.meeting_security(&self.token)).await
    }

    pub(crate) async fn meeting(&self, number: i64) -> Result<Meeting, ApiError> {
        self.ask(Weight::Light, self.zoom.0.api.meeting(&self.token, number)).await
    }

    pub(crate) async fn list(&self, next: Option<&str>) -> Result<Page<MeetingSummary>, ApiError> {
        self.ask(Weight::Medium, self.zoom.0.api.list_meetings(&self.token, next)).await
    }

    /// Not counted among the changes: Zoom counts changes of a meeting's status apart, by meeting and day, so that this
    /// limit of the day silences nothing else.
    pub(crate) async fn recover(&self, number: i64) -> Result<(), ApiError> {
        self.quiet(&self.account, Purpose::Guard)?;
        self.zoom.wait_for_turn(&self.account, self.free, Weight::Light).await;
        let answer = self.zoom.0.api.recover_meeting(&self.token, number).await;
        if let Err(ApiError::RateLimited { retry, daily: false }) = answer {
            self.zoom.silence(&self.account, Purpose::Guard, retry, false);
        }
        answer
    }

    pub(crate) async fn create(&self, meeting: &NewMeeting) -> Result<Meeting, ApiError> {
        self.change(Weight::Medium, self.zoom.0.api.create_meeting(&self.token, meeting)).await
    }

    pub(crate) async fn update(&self, number: i64, patch: &MeetingPatch) -> Result<(), ApiError> {
        self.change(Weight::Light, self.zoom.0.api.update_meeting(&self.token, number, patch)).await
    }

    async fn ask<T>(
        &self,
        weight: Weight,
        call: impl Future<Output = Result<T, ApiError>> + Send,
    ) -> Result<T, ApiError> {
        self.quiet(&self.account, Purpose::Guard)?;
        if weight == Weight::Medium {
            self.quiet(&self.account, Purpose::GuardMore)?;
        }
        self.zoom.wait_for_turn(&self.account, self.free, weight).await;
        let answer = call.await;
        if let Err(ApiError::RateLimited { retry, daily }) = answer {
            // Zoom counts days by the weight of calls.
            let of_weight = daily && weight == Weight::Medium;
            let purpose = if of_weight { Purpose::GuardMore } else { Purpose::Guard };
            self.zoom.silence(&self.account, purpose, retry, daily);
        }
        answer
    }

    async fn change<T>(
        &self,
        weight: Weight,
        call: impl Future<Output = Result<T, ApiError>> + Send,
    ) -> Result<T, ApiError> {
        self.quiet(&self.account, Purpose::Guard)?;
        self.quiet(&self.user, Purpose::Change)?;
        match self.zoom.may_change(self.clinic, self.connection, MOST_CHANGES).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(connection.id = %self.connection, "no more changes are made for this host today");
                self.zoom.silence(&self.user, Purpose::Change, None, true);
                return Err(ApiError::RateLimited { retry: None, daily: true });
            }
            Err(error) => {
                tracing::error!(connection.id = %self.connection, %error, "a change could not be counted");
                return Err(ApiError::Unavailable { retry: None, may_be_done: false });
            }
        }
        self.zoom.wait_for_turn(&self.account, self.free, weight).await;
        let answer = call.await;
        if let Err(ApiError::RateLimited { retry, daily }) = answer {
            // The day's limit of changes is the host's own; others of the account may still be looked after.
            let (who, purpose) =
                if daily { (&self.user, Purpose::Change) } else { (&self.account, Purpose::Guard) };
            self.zoom.silence(who, purpose, retry, daily);
        }
        answer
    }

    /// Zoom asked to be left alone, and is.
    fn quiet(&self, who: &str, purpose: Purpose) -> Result<(), ApiError> {
        let Some(until) = self.zoom.silent_until(who, purpose) else { return Ok(()) };
        let daily = until.since(self.zoom.0.ambient.now()) > LONG;
        Err(ApiError::RateLimited { retry: Some(RetryAfter::At(until.as_micros())), daily })
    }
}

impl Zoom {
    /// Whether one more meeting of this host may be made or changed today (UTC), of so many; counts it if so. To be asked
    /// just before it is done.
    pub(crate) async fn may_change(
        &self,
        clinic: ClinicId,
        connection: ConnectionId,
        most: i64,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.store.begin().await?;
        let counted = tx.count_change(clinic, connection, utc_day(self.0.ambient.now())).await?;
        if counted > most {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Which day it is where Zoom counts days, from 1970.
pub(crate) fn utc_day(at: Timestamp) -> i64 {
    at.as_seconds().div_euclid(86_400)
}
