//! What people were last told of their own connection or room, for the board of connections.

use std::{collections::HashMap, time::Duration};

use domain::{
    AlertId, ClinicId, StaffId, Timestamp,
    alert::{AlertKind, Group},
    attendance::matching::StaffOrToken,
    outreach::message::{Channel, MessageState, Recipient},
};
use store::StoreError;

use crate::Outreach;

/// What is older is no longer shown.
const LONGEST: Duration = Duration::from_hours(30 * 24);

/// What somebody was last told of their own connection or room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldOf {
    /// Who.
    pub staff: StaffId,
    /// Of what.
    pub kind: AlertKind,
    /// By what.
    pub channel: Channel,
    /// When it was sent, or asked for where it was not sent yet.
    pub at: Timestamp,
    /// What became of the message.
    pub state: MessageState,
    /// Why it was not sent, as [`reason_in_words`](crate::reason_in_words) reads it.
    pub reason: Option<String>,
    /// Who asked to remind them; none where Anteroom told them by itself.
    pub asked_by: Option<StaffOrToken>,
}

impl Outreach {
    /// What each of the clinic's staff was last told of their own connection or room, within the last 30 days: one entry
    /// for each of them at most.
    pub async fn told_of(&self, clinic: ClinicId) -> Result<Vec<ToldOf>, StoreError> {
        let since = self.ambient.now().minus(LONGEST);
        let mut tx = self.store.read().await?;
        let messages = tx.messages_about_alerts(clinic, since).await?;
        let about: Vec<AlertId> = (messages.iter())
            .filter_map(|message| match message.to {
                Recipient::Staff(_, alert) => Some(alert),
                Recipient::Attendee(..) | Recipient::Host(..) => None,
            })
            .collect();
        let alerts = tx.alerts_among(clinic, &about).await?;
        drop(tx);
        let alerts: HashMap<AlertId, _> = alerts.into_iter().map(|alert| (alert.id, alert)).collect();
        let mut last: HashMap<StaffId, ToldOf> = HashMap::new();
        for message in messages {
            let Recipient::Staff(staff, alert) = message.to else { continue };
            let Some(alert) = alerts.get(&alert) else { continue };
            if alert.staff_id != staff || alert.kind.group() == Group::Now {
                continue;
            }
            let told = ToldOf {
                staff,
                kind: alert.kind,
                channel: message.channel,
                at: message.sent_at.unwrap_or(message.queued_at),
                state: message.state,
                reason: message.reason,
                asked_by: message.asked_by,
            };
            last.insert(staff, told);
        }
        let mut last: Vec<ToldOf> = last.into_values().collect();
        last.sort_by_key(|told| told.staff);
        Ok(last)
    }
}
