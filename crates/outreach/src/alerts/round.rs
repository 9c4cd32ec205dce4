//! One round of telling: which alerts are due, who is told, and by what.

use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    time::Duration,
};

use domain::{
    AlertId, ClinicId, StaffId, Timestamp,
    alert::{Alert, AlertKind, Choice, Group, Told},
    attendance::matching::StaffOrToken,
    clinic::{Clinic, Zone},
    outreach::{
        Settings,
        message::{Channel, Occasion, Recipient},
        reminders::QuietHours,
    },
    staff::{Role, StaffMember},
    text::Phone,
};
use store::{StoreError, Tx};

use super::{TellError, unconnected, words::Telling};
use crate::{
    Outreach,
    consent::{NotSent, Reach},
    correspondence::SENT_BY,
    outbox::Wanted,
    words::Words,
};

/// So long before the next visit a connection or a room is told of.
pub(super) const AHEAD: Duration = Duration::from_hours(24);
/// How many alerts are read at once.
const AT_ONCE: i64 = 200;

/// What there is to know of a clinic before its staff are told anything.
pub(super) struct Staffed {
    pub clinic: Clinic,
    pub settings: Settings,
    pub members: HashMap<StaffId, StaffMember>,
    pub choices: HashMap<StaffId, Choice>,
    /// When each host's next visit by video begins.
    pub next_visits: HashMap<StaffId, Timestamp>,
    elsewhere: HashSet<StaffId>,
    opted_out: HashSet<(Channel, String)>,
}

impl Staffed {
    /// Reads it; none where there is no such clinic.
    pub(super) async fn read(
        tx: &mut dyn Tx,
        clinic: ClinicId,
        now: Timestamp,
    ) -> Result<Option<Self>, StoreError> {
        let Some(clinic) = tx.clinic(clinic).await? else { return Ok(None) };
        let id = clinic.id;
        let mut members = tx.staff(id).await?;
        // Whoever has left is not told anything any more.
        members.retain(|member| member.disabled_at.is_none());
        let mut opted_out = HashSet::new();
        for channel in SENT_BY {
            let addresses: Vec<String> =
                members.iter().filter_map(|member| address(member, channel)).map(str::to_owned).collect();
            let found = tx.opted_out(channel, &addresses).await?;
            opted_out.extend(found.into_iter().map(|address| (channel, address)));
        }
        Ok(Some(Self {
            settings: tx.outreach_settings(id).await?,
            choices: tx.alert_choices(id).await?.into_iter().collect(),
            next_visits: tx.next_visits(id, now).await?.into_iter().collect(),
            elsewhere: tx.hosts_elsewhere(id).await?.into_iter().collect(),
            members: members.into_iter().map(|member| (member.id, member)).collect(),
            opted_out,
            clinic,
        }))
    }

    /// Whether the alert is to be told now. What is not may be later: as a visit comes nearer, or is booked.
    fn is_due(&self, alert: &Alert, now: Timestamp) -> bool {
        if alert.kind.group() == Group::Now {
            return true;
        }
        let Some(&next) = self.next_visits.get(&alert.staff_id) else { return false };
        if self.elsewhere.contains(&alert.staff_id) || now < next.minus(AHEAD) {
            return false;
        }
        let zone = &self.clinic.zone;
        // Raised for each day with visits; told of the next.
        if alert.kind == AlertKind::NotConnected && unconnected::date_of(alert) != Some(zone.date(next)) {
            return false;
        }
        kept_back_until(alert.kind, Some(next), self.settings.quiet, zone, now).is_none()
    }

    /// Who is told of it and by what.
    fn to_tell(&self, outreach: &Outreach, alert: &Alert) -> Vec<(&StaffMember, Channel)> {
        let mut told: Vec<_> = (self.members.values())
            .filter_map(|member| {
                let choice = self.choices.get(&member.id).copied().unwrap_or_default();
                let sees_to_all =
                    [Role::Scheduler, Role::Admin].into_iter().any(|role| member.roles.contains(&role));
                let own = if member.id == alert.staff_id { choice.own } else { Told::Nothing };
                let clinic = if sees_to_all { choice.clinic } else { Told::Nothing };
                let wish = if own == Told::Nothing { clinic } else { own };
                Some((member, self.way(outreach, member, wish)?))
            })
            .collect();
        told.sort_by_key(|(member, _)| member.id);
        told
    }

    /// By what somebody is told who chose this; none where they are not. Whoever chose text messages and cannot be sent any
    /// is told by e-mail: they wanted to be told.
    fn way(&self, outreach: &Outreach, member: &StaffMember, wish: Told) -> Option<Channel> {
        let ways: &[Channel] = match wish {
            Told::Nothing => &[],
            Told::Email => &[Channel::Email],
            Told::Sms => &[Channel::Sms, Channel::Email],
        };
        ways.iter().copied().find(|channel| self.can_reach(outreach, member, *channel).is_ok())
    }

    /// Whether somebody of the staff can be written to by this channel.
    pub(super) fn can_reach(
        &self,
        outreach: &Outreach,
        member: &StaffMember,
        channel: Channel,
    ) -> Result<(), NotSent> {
        let reach = Reach { address: address(member, channel), agreed: true };
        let address = reach.writable(outreach.can_send(channel))?.to_owned();
        if self.opted_out.contains(&(channel, address)) { Err(NotSent::OptedOut) } else { Ok(()) }
    }
}

/// Where somebody of the staff is written to.
fn address(member: &StaffMember, channel: Channel) -> Option<&str> {
    match channel {
        Channel::Email => Some(member.email.as_str()),
        Channel::Sms => member.phone.as_ref().map(Phone::as_str),
        Channel::Copy => None,
    }
}

/// When the quiet hours end for which it has to wait; none where it may be told at once. What goes on at this moment waits
/// for nothing, nor does what is wrong with a room that is needed before they end.
pub(crate) fn kept_back_until(
    kind: AlertKind,
    next_visit: Option<Timestamp>,
    quiet: Option<QuietHours>,
    zone: &Zone,
    now: Timestamp,
) -> Option<Timestamp> {
    if kind.group() == Group::Now {
        return None;
    }
    let end = quiet?.end_after(now, zone).filter(|end| *end > now)?;
    let is_needed_before = next_visit.is_some_and(|next| next < end);
    (!is_needed_before).then_some(end)
}

/// Names what somebody is told of an alert once.
pub(super) fn once(alert: AlertId, to: StaffId, channel: Channel) -> String {
    format!("alert/{alert}/{to}/{}", channel.as_str())
}

/// One message to one person.
pub(super) struct Notice<'a> {
    pub alert: &'a Alert,
    pub to: &'a StaffMember,
    pub channel: Channel,
    /// Who asked to remind them.
    pub asked_by: Option<StaffId>,
    pub once: String,
}

impl Outreach {
    /// Tells what is due, and returns how many messages were queued. What is wrong with one alert is logged and keeps no
    /// other from being told.
    pub(super) async fn tell_untold(&self) -> Result<usize, TellError> {
        let now = self.ambient.now();
        let (mut queued, mut after) = (0, None);
        let mut clinics: HashMap<ClinicId, Option<Staffed>> = HashMap::new();
        loop {
            let mut tx = self.store.read().await?;
            let alerts = tx.alerts_untold(after, AT_ONCE).await?;
            let Some(last) = alerts.last() else { break };
            after = Some((last.raised_at, last.id));
            for clinic in alerts.iter().map(|alert| alert.clinic_id) {
                if let Entry::Vacant(unread) = clinics.entry(clinic) {
                    unread.insert(Staffed::read(&mut *tx, clinic, now).await?);
                }
            }
            drop(tx);
            for alert in &alerts {
                let Some(Some(staffed)) = clinics.get(&alert.clinic_id) else { continue };
                if !staffed.is_due(alert, now) {
                    continue;
                }
                match self.tell_of(staffed, alert, now).await {
                    Ok(count) => queued += count,
                    Err(error) => {
                        tracing::error!(%error, alert.id = %alert.id, "an alert cannot be told; trying again");
                    }
                }
            }
        }
        if queued > 0 {
            self.wake_outbox();
            tracing::info!(messages = queued, "told of alerts");
        }
        Ok(queued)
    }

    async fn tell_of(&self, staffed: &Staffed, alert: &Alert, now: Timestamp) -> Result<usize, TellError> {
        let mut tx = self.store.begin().await?;
        // First, since it holds back another instance that has read the same alert.
        if !tx.note_told(alert.clinic_id, alert.id, now).await? {
            return Ok(0);
        }
        let mut queued = 0;
        for (to, channel) in staffed.to_tell(self, alert) {
            let notice = Notice { alert, to, channel, asked_by: None, once: once(alert.id, to.id, channel) };
            queued += usize::from(self.queue_alert(&mut *tx, staffed, notice, now).await?);
        }
        tx.commit().await?;
        Ok(queued)
    }

    /// Puts it into the outbox, inside the caller's unit of work. False where they were told already.
    pub(super) async fn queue_alert(
        &self,
        tx: &mut dyn Tx,
        staffed: &Staffed,
        notice: Notice<'_>,
        now: Timestamp,
    ) -> Result<bool, TellError> {
        let Notice { alert, to, channel, asked_by, once } = notice;
        let whose = match staffed.members.get(&alert.staff_id) {
            Some(whose) => whose.clone(),
            None => tx.staff_member(alert.clinic_id, alert.staff_id).await?.ok_or(TellError::UnknownStaff)?,
        };
        let is_now = alert.kind.group() == Group::Now;
        let telling = Telling {
            words: Words::of(&staffed.settings.language),
            clinic: &staffed.clinic,
            public_url: &self.public_url,
            alert,
            whose: &whose,
            to,
            next_visit: staffed.next_visits.get(&alert.staff_id).copied().filter(|_| !is_now),
            asked: asked_by.is_some(),
            now,
        };
        let content = match (channel, &to.phone) {
            (Channel::Sms, Some(phone)) => telling.sms(phone)?,
            _ => telling.mail()?,
        };
        let wanted = Wanted {
            to: Recipient::Staff(to.id, alert.id),
            occasion: Occasion::Alert,
            asked_by: asked_by.map(StaffOrToken::Staff),
            due_at: now,
            once: Some(once),
        };
        Ok(self.enqueue(tx, alert.clinic_id, wanted, &content).await?.is_some())
    }
}
