//! By what each wants to be told, and when a clinic wants to be warned.

use domain::{
    ClinicId, StaffId,
    alert::{Choice, LATEST_STEP, MOST_STEPS, Settings, Told},
};
use store::StoreError;

use crate::Outreach;

/// Why a choice was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ChoiceError {
    /// Nobody of this id works here.
    #[error("no such member of the staff")]
    UnknownStaff,
    /// Text messages without a number.
    #[error("a text message needs a mobile number: give it first")]
    NoNumber,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with a clinic's settings, in words that can stand beside the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// Too many steps.
    #[error("has more than {MOST_STEPS} numbers")]
    TooMany,
    /// A step that is none.
    #[error("must be numbers of minutes from 1 to {LATEST_STEP}")]
    OutOfRange,
}

/// Why settings were not kept.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// They are not usable.
    #[error(transparent)]
    Bad(#[from] BadSettings),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Outreach {
    /// By what somebody wants to be told.
    pub async fn alert_choice(&self, clinic: ClinicId, staff: StaffId) -> Result<Choice, StoreError> {
        self.store.read().await?.alert_choice(clinic, staff).await
    }

    /// Keeps it. A channel that is not set up on this installation may be chosen: it counts once it is.
    pub async fn set_alert_choice(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        choice: Choice,
    ) -> Result<(), ChoiceError> {
        let mut tx = self.store.begin().await?;
        let member = tx.staff_member(clinic, staff).await?.ok_or(ChoiceError::UnknownStaff)?;
        if member.phone.is_none() && [choice.own, choice.clinic].contains(&Told::Sms) {
            return Err(ChoiceError::NoNumber);
        }
        tx.set_alert_choice(clinic, staff, choice).await?;
        tx.commit().await?;
        tracing::info!(clinic.id = %clinic, staff.id = %staff, "chose how to be told");
        Ok(())
    }

    /// When the clinic wants to be warned.
    pub async fn alert_settings(&self, clinic: ClinicId) -> Result<Settings, StoreError> {
        self.store.read().await?.alert_settings(clinic).await
    }

    /// Keeps it, in order and each number once, and returns what is kept. No number at all is no warning of late hosts.
    pub async fn set_alert_settings(
        &self,
        clinic: ClinicId,
        mut settings: Settings,
    ) -> Result<Settings, SettingsError> {
        settings.host_late_after.sort_unstable();
        settings.host_late_after.dedup();
        if settings.host_late_after.len() > MOST_STEPS {
            return Err(BadSettings::TooMany.into());
        }
        if settings.host_late_after.iter().any(|minutes| !(1..=LATEST_STEP).contains(minutes)) {
            return Err(BadSettings::OutOfRange.into());
        }
        let mut tx = self.store.begin().await?;
        tx.set_alert_settings(clinic, &settings).await?;
        tx.commit().await?;
        Ok(settings)
    }
}
