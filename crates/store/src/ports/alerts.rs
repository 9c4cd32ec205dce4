//! What somebody has to be told, who wants to be told by what, and when a clinic wants to be warned.

use async_trait::async_trait;
use domain::{
    AlertId, ClinicId, StaffId, Timestamp,
    alert::{Alert, Choice, Settings},
};

use crate::Result;

/// Alerts.
#[async_trait]
pub trait Alerts {
    /// Raises an alert. False, and nothing is written, where there is or was one of the same key.
    async fn raise_alert(&mut self, alert: &Alert) -> Result<bool>;
    /// The alert.
    async fn alert(&mut self, clinic: ClinicId, id: AlertId) -> Result<Option<Alert>>;
    /// Those that last, by when they were raised.
    async fn alerts_lasting(&mut self, clinic: ClinicId) -> Result<Vec<Alert>>;
    /// Those of these names that there are.
    async fn alerts_among(&mut self, clinic: ClinicId, ids: &[AlertId]) -> Result<Vec<Alert>>;
    /// Those that last and were not told yet, of any clinic, oldest first; those after this one, where one is named.
    async fn alerts_untold(&mut self, after: Option<(Timestamp, AlertId)>, limit: i64) -> Result<Vec<Alert>>;
    /// Ends it; one that has ended stays as it is. False then.
    async fn end_alert(&mut self, clinic: ClinicId, id: AlertId, at: Timestamp) -> Result<bool>;
    /// Notes that people were told. False where somebody else has told them already, or it is over.
    async fn note_told(&mut self, clinic: ClinicId, id: AlertId, at: Timestamp) -> Result<bool>;

    /// How a person wants to be told.
    async fn alert_choice(&mut self, clinic: ClinicId, staff: StaffId) -> Result<Choice>;
    /// The same for everybody.
    async fn alert_choices(&mut self, clinic: ClinicId) -> Result<Vec<(StaffId, Choice)>>;
    /// Says it.
    async fn set_alert_choice(&mut self, clinic: ClinicId, staff: StaffId, choice: Choice) -> Result<()>;
    /// When the clinic wants to be warned.
    async fn alert_settings(&mut self, clinic: ClinicId) -> Result<Settings>;
    /// Says it.
    async fn set_alert_settings(&mut self, clinic: ClinicId, settings: &Settings) -> Result<()>;
}
