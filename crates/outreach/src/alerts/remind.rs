//! Reminding somebody of the staff because an admin asked for it.

use std::{fmt, time::Duration};

use domain::{
    ClinicId, StaffId, Timestamp,
    alert::{Alert, AlertKind, Group, Told},
    outreach::message::{Channel, Message, MessageState, Recipient},
    staff::Role,
};
use store::{StoreError, Tx};

use super::{
    TellError,
    round::{Notice, Staffed, once},
    unconnected,
};
use crate::{Outreach, consent::NotSent};

/// Nobody is reminded twice within this time.
const PATIENCE: Duration = Duration::from_mins(10);

/// What came of it. In words it can stand on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reminded {
    /// They were written to.
    Told {
        /// Of what.
        kind: AlertKind,
        /// By these channels.
        by: Vec<Channel>,
        /// And not by these, although they were to be.
        not: Vec<(Channel, NotSent)>,
    },
    /// They can be written to by nothing.
    Unreachable(Vec<(Channel, NotSent)>),
    /// They were reminded a moment ago.
    JustNow(Timestamp),
    /// There is nothing to remind them of: they are connected, or their visits take place elsewhere.
    Nothing,
}

impl fmt::Display for Reminded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let and_not = |f: &mut fmt::Formatter<'_>, not: &[(Channel, NotSent)]| {
            not.iter().try_for_each(|(channel, why)| write!(f, " Not by {}: {why}.", word(*channel)))
        };
        match self {
            Self::Told { by, not, .. } => {
                let by: Vec<&str> = by.iter().map(|channel| word(*channel)).collect();
                write!(f, "Reminded by {}.", by.join(" and "))?;
                and_not(f, not)
            }
            Self::Unreachable(not) => {
                f.write_str("They could not be reminded.")?;
                and_not(f, not)
            }
            Self::JustNow(_) => f.write_str("They were reminded less than 10 minutes ago."),
            Self::Nothing => f.write_str("There is nothing to remind them of."),
        }
    }
}

const fn word(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "e-mail",
        Channel::Sms => "text message",
        Channel::Copy => "copy",
    }
}

impl Outreach {
    /// Reminds somebody of what is wrong with their connection or their room, or that they never connected: by e-mail at
    /// once whatever they chose, and by text message too where they chose that. Within ten minutes only once.
    pub async fn remind_of(
        &self,
        clinic: ClinicId,
        staff: StaffId,
        asked_by: StaffId,
    ) -> Result<Reminded, TellError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let staffed = Staffed::read(&mut *tx, clinic, now).await?.ok_or(TellError::UnknownStaff)?;
        let member = staffed.members.get(&staff).ok_or(TellError::UnknownStaff)?;
        let Some(alert) = self.to_remind_of(&mut *tx, &staffed, staff, now).await? else {
            return Ok(Reminded::Nothing);
        };
        // Read once: what another instance adds in between would make another name below.
        let just = now.minus(PATIENCE);
        let told = told_since(&mut *tx, clinic, staff, just.min(alert.raised_at)).await?;
        if let Some(last) = told.iter().rfind(|one| one.queued_at > just && was_asked_for(one)) {
            return Ok(Reminded::JustNow(last.queued_at));
        }
        let choice = staffed.choices.get(&staff).copied().unwrap_or_default();
        let mut ways = vec![Channel::Email];
        ways.extend((choice.own == Told::Sms).then_some(Channel::Sms));
        let (mut by, mut not) = (Vec::new(), Vec::new());
        for channel in ways {
            if let Err(why) = staffed.can_reach(self, member, channel) {
                not.push((channel, why));
                continue;
            }
            // The first time it counts as having been told, so that they are not told once more by itself. Two who ask at
            // the same moment make the same name.
            let first = once(alert.id, staff, channel);
            let name = match told.iter().rfind(|message| message.to == Recipient::Staff(staff, alert.id)) {
                Some(last) => format!("{first}/after/{}", last.id),
                None => first,
            };
            let notice = Notice { alert: &alert, to: member, channel, asked_by: Some(asked_by), once: name };
            if !self.queue_alert(&mut *tx, &staffed, notice, now).await? {
                return Ok(Reminded::JustNow(now));
            }
            by.push(channel);
        }
        if by.is_empty() {
            return Ok(Reminded::Unreachable(not));
        }
        tx.commit().await?;
        self.wake_outbox();
        tracing::info!(clinic.id = %clinic, staff.id = %staff, kind = alert.kind.as_str(), "reminded");
        Ok(Reminded::Told { kind: alert.kind, by, not })
    }

    /// The worst of what lasts; where nothing does, that they are not connected, which is raised then.
    async fn to_remind_of(
        &self,
        tx: &mut dyn Tx,
        staffed: &Staffed,
        staff: StaffId,
        now: Timestamp,
    ) -> Result<Option<Alert>, StoreError> {
        let clinic = &staffed.clinic;
        let worst = worst_of(tx, clinic.id, staff).await?;
        if worst.is_some() {
            return Ok(worst);
        }
        let sees_patients =
            staffed.members.get(&staff).is_some_and(|member| member.roles.contains(&Role::Staff));
        if !sees_patients || unconnected::in_order(tx, clinic.id).await?.contains(&staff) {
            return Ok(None);
        }
        let date = staffed.next_visits.get(&staff).map(|next| clinic.zone.date(*next));
        let key = unconnected::key(staff, date);
        let mut alert = unconnected::alert(self, clinic.id, staff, key);
        if !tx.raise_alert(&alert).await? {
            // Somebody else has raised it at this moment, or it ended before: they had connected since.
            let raised = worst_of(tx, clinic.id, staff).await?;
            if raised.is_some() {
                return Ok(raised);
            }
            alert.key = format!("{}/{}", alert.key, now.as_micros());
            if !tx.raise_alert(&alert).await? {
                return Ok(None);
            }
        }
        unconnected::redraw(tx, clinic, staff, now).await?;
        Ok(Some(alert))
    }
}

/// The worst of what lasts of somebody's connection or room.
async fn worst_of(tx: &mut dyn Tx, clinic: ClinicId, staff: StaffId) -> Result<Option<Alert>, StoreError> {
    let lasting = tx.alerts_lasting(clinic).await?;
    Ok((lasting.into_iter())
        .filter(|alert| alert.staff_id == staff && alert.kind.group() != Group::Now)
        .min_by_key(|alert| (alert.kind, alert.raised_at)))
}

/// What this person was told of any alert since then.
async fn told_since(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    staff: StaffId,
    since: Timestamp,
) -> Result<Vec<Message>, StoreError> {
    let mut messages = tx.messages_about_alerts(clinic, since).await?;
    messages.retain(|message| matches!(message.to, Recipient::Staff(to, _) if to == staff));
    Ok(messages)
}

/// Whether somebody asked for it, and it was neither withdrawn nor given up.
fn was_asked_for(message: &Message) -> bool {
    message.asked_by.is_some()
        && matches!(message.state, MessageState::Queued | MessageState::Sent | MessageState::Delivered)
}
