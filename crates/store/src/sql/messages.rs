//! The outbox and the delivery ledger.

use async_trait::async_trait;
use domain::{
    AlertId, AppointmentId, AttendeeId, ClinicId, MessageId, StaffId, Timestamp,
    outreach::message::{Channel, Message, MessageState, Recipient},
};

use super::{
    SqlTx,
    appointments::set_of,
    statement::{Record, Statement},
};
use crate::{
    Result, StoreError,
    backend::Backend,
    ports::messages::{DueMessage, Messages, NewMessage, Tried},
};

const MESSAGE: &str = "clinic_id, id, appointment_id, attendee_id, staff_id, alert_id, channel, occasion, state, \
    reason, asked_by, queued_at, due_at, tries, sent_at, changed_at";

fn message<DB: Backend>(row: &Record<DB>) -> Result<Message> {
    let appointment: Option<AppointmentId> = row.get("appointment_id")?;
    let alert: Option<AlertId> = row.get("alert_id")?;
    let attendee: Option<AttendeeId> = row.get("attendee_id")?;
    let staff: Option<StaffId> = row.get("staff_id")?;
    let to = match (appointment, alert, attendee, staff) {
        (Some(appointment), None, Some(attendee), _) => Recipient::Attendee(appointment, attendee),
        (Some(appointment), None, None, Some(staff)) => Recipient::Host(appointment, staff),
        (None, Some(alert), None, Some(staff)) => Recipient::Staff(staff, alert),
        _ => return Err(StoreError::Corrupt { column: "staff_id", source: "for nobody".into() }),
    };
    Ok(Message {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        to,
        channel: row.get("channel")?,
        occasion: row.get("occasion")?,
        state: row.get("state")?,
        reason: row.get("reason")?,
        asked_by: row.get_json_if("asked_by")?,
        queued_at: row.get("queued_at")?,
        due_at: row.get("due_at")?,
        tries: row.get("tries")?,
        sent_at: row.get("sent_at")?,
        changed_at: row.get("changed_at")?,
    })
}

fn due<DB: Backend>(row: &Record<DB>) -> Result<DueMessage> {
    // A queued message without content can be no more than a fault; it must not keep the others from being taken.
    let content: Option<Vec<u8>> = row.get("content_sealed")?;
    Ok(DueMessage { message: message(row)?, content_sealed: content.unwrap_or_default() })
}

/// A row that was claimed; of one that cannot be read, its name alone.
type Claimed = std::result::Result<DueMessage, (ClinicId, MessageId)>;

fn claimed<DB: Backend>(row: &Record<DB>) -> Result<Claimed> {
    let name: (ClinicId, MessageId) = (row.get("clinic_id")?, row.get("id")?);
    Ok(due(row).map_err(|error| {
        tracing::error!(%error, message.id = %name.1, "a message in the database cannot be read");
        name
    }))
}

#[async_trait]
impl<DB: Backend> Messages for SqlTx<DB> {
    async fn insert_message(&mut self, new: &NewMessage) -> Result<bool> {
        let message = &new.message;
        let (attendee, staff, alert) = match message.to {
            Recipient::Attendee(_, attendee) => (Some(attendee), None, None),
            Recipient::Host(_, staff) => (None, Some(staff), None),
            Recipient::Staff(staff, alert) => (None, Some(staff), Some(alert)),
        };
        let added = Statement::<DB>::new(
            "INSERT INTO messages
                 (clinic_id, id, appointment_id, attendee_id, staff_id, channel, occasion, state, reason,
                  asked_by, content_sealed, once, queued_at, due_at, tries, sent_at, changed_at, alert_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             ON CONFLICT (clinic_id, once) WHERE once IS NOT NULL DO NOTHING",
        )
        .bind(&message.clinic_id)
        .bind(&message.id)
        .bind(&message.to.appointment())
        .bind(&attendee)
        .bind(&staff)
        .bind(&message.channel)
        .bind(&message.occasion)
        .bind(&message.state)
        .bind(&message.reason)
        .bind_json_if(message.asked_by.as_ref())
        .bind(&new.content_sealed)
        .bind(&new.once)
        .bind(&message.queued_at)
        .bind(&message.due_at)
        .bind(&message.tries)
        .bind(&message.sent_at)
        .bind(&message.changed_at)
        .bind(&alert)
        .execute(&mut self.inner)
        .await?;
        Ok(added == 1)
    }

    async fn once_before(&mut self, clinic: ClinicId, once: &[String]) -> Result<Vec<String>> {
        Statement::<DB>::assembled(&[
            "SELECT once FROM messages WHERE clinic_id = $1 AND once IN ",
            DB::TEXTS_2,
        ])
        .bind(&clinic)
        .bind_json(once)
        .fetch_all_as(&mut self.inner, |row| row.get("once"))
        .await
    }

    async fn message(&mut self, clinic: ClinicId, id: MessageId) -> Result<Option<Message>> {
        Statement::<DB>::assembled(&["SELECT ", MESSAGE, " FROM messages WHERE clinic_id = $1 AND id = $2"])
            .bind(&clinic)
            .bind(&id)
            .fetch_optional_as(&mut self.inner, message)
            .await
    }

    async fn messages_of_all(
        &mut self,
        clinic: ClinicId,
        appointments: &[AppointmentId],
    ) -> Result<Vec<Message>> {
        let mut messages = Statement::<DB>::assembled(&[
            "SELECT ",
            MESSAGE,
            " FROM messages WHERE clinic_id = $1 AND appointment_id IN ",
            DB::IDS_2,
        ])
        .bind(&clinic)
        .bind_json(&set_of(appointments.iter().copied()))
        .fetch_all_as(&mut self.inner, message)
        .await?;
        messages.sort_by_key(|message| (message.queued_at, message.id));
        Ok(messages)
    }

    async fn messages_about_alerts(&mut self, clinic: ClinicId, since: Timestamp) -> Result<Vec<Message>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            MESSAGE,
            " FROM messages WHERE clinic_id = $1 AND alert_id IS NOT NULL AND queued_at >= $2 ORDER BY queued_at, id",
        ])
        .bind(&clinic)
        .bind(&since)
        .fetch_all_as(&mut self.inner, message)
        .await
    }

    async fn claim_messages(
        &mut self,
        channel: Channel,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<DueMessage>> {
        let rows = Statement::<DB>::assembled(&[
            "SELECT ",
            MESSAGE,
            ", content_sealed FROM messages
             WHERE state = 'queued' AND channel = $1 AND due_at <= $2 AND (lease_until IS NULL OR lease_until <= $2)
             ORDER BY due_at, id LIMIT $3 ",
            DB::TAKE,
        ])
        .bind(&channel)
        .bind(&now)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, claimed)
        .await?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            match row {
                Ok(due) => {
                    Statement::<DB>::new(
                        "UPDATE messages SET lease_until = $3, tries = tries + 1 WHERE clinic_id = $1 AND id = $2",
                    )
                    .bind(&due.message.clinic_id)
                    .bind(&due.message.id)
                    .bind(&until)
                    .execute(&mut self.inner)
                    .await?;
                    claimed.push(due);
                }
                Err((clinic, id)) => {
                    let unreadable = Tried::Over(MessageState::Failed, "unreadable".to_owned());
                    self.settle_message(clinic, id, &unreadable, now).await?;
                }
            }
        }
        Ok(claimed)
    }

    async fn overtaken(&mut self, clinic: ClinicId, id: MessageId) -> Result<Option<String>> {
        let why = Statement::<DB>::new(
            "SELECT CASE WHEN state = 'queued' THEN overtaken ELSE COALESCE(reason, state) END AS why
             FROM messages WHERE clinic_id = $1 AND id = $2",
        )
        .bind(&clinic)
        .bind(&id)
        .fetch_optional_as(&mut self.inner, |row| row.get::<Option<String>>("why"))
        .await?;
        Ok(why.flatten())
    }

    async fn settle_message(
        &mut self,
        clinic: ClinicId,
        id: MessageId,
        tried: &Tried,
        now: Timestamp,
    ) -> Result<()> {
        match tried {
            Tried::Sent(provider_id) => {
                Statement::<DB>::new(
                    "UPDATE messages
                     SET state = 'sent', reason = NULL, provider_id = $3, sent_at = $4, changed_at = $4,
                         lease_until = NULL, content_sealed = NULL
                     WHERE clinic_id = $1 AND id = $2 AND state = 'queued'",
                )
                .bind(&clinic)
                .bind(&id)
                .bind(provider_id)
                .bind(&now)
                .execute(&mut self.inner)
                .await?
            }
            Tried::Over(state, reason) => {
                Statement::<DB>::new(
                    "UPDATE messages
                     SET state = $3, reason = $4, changed_at = $5, lease_until = NULL, content_sealed = NULL
                     WHERE clinic_id = $1 AND id = $2 AND state = 'queued'",
                )
                .bind(&clinic)
                .bind(&id)
                .bind(state)
                .bind(reason)
                .bind(&now)
                .execute(&mut self.inner)
                .await?
            }
            Tried::Again(due_at, reason) | Tried::Back(due_at, reason) => {
                let untried = i64::from(matches!(tried, Tried::Back(..)));
                Statement::<DB>::new(
                    "UPDATE messages
                     SET state = CASE WHEN overtaken IS NULL THEN state ELSE 'withdrawn' END,
                         reason = COALESCE(overtaken, $4), due_at = $3, changed_at = $5, lease_until = NULL,
                         content_sealed = CASE WHEN overtaken IS NULL THEN content_sealed END,
                         tries = CASE WHEN tries > $6 THEN tries - $6 ELSE 0 END
                     WHERE clinic_id = $1 AND id = $2 AND state = 'queued'",
                )
                .bind(&clinic)
                .bind(&id)
                .bind(due_at)
                .bind(reason)
                .bind(&now)
                .bind(&untried)
                .execute(&mut self.inner)
                .await?
            }
        };
        Ok(())
    }

    async fn withdraw_messages(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64> {
        withdraw::<DB>(&mut self.inner, clinic, appointment, Whose::Everybody, reason, now).await
    }

    async fn withdraw_messages_to(
        &mut self,
        clinic: ClinicId,
        appointment: AppointmentId,
        attendee: Option<AttendeeId>,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64> {
        withdraw::<DB>(&mut self.inner, clinic, appointment, Whose::Only(attendee), reason, now).await
    }

    async fn report_message(
        &mut self,
        clinic: ClinicId,
        id: MessageId,
        state: MessageState,
        reason: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Message>> {
        let reported = Statement::<DB>::new(
            "UPDATE messages
             SET state = $3, reason = $4, changed_at = $5, lease_until = NULL, content_sealed = NULL,
                 sent_at = COALESCE(sent_at, $5)
             WHERE clinic_id = $1 AND id = $2 AND state IN ('queued', 'sent')",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(&state)
        .bind(&reason.map(str::to_owned))
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        if reported == 1 { self.message(clinic, id).await } else { Ok(None) }
    }

    async fn queued_messages(&mut self, now: Timestamp) -> Result<(i64, Option<Timestamp>)> {
        let row = Statement::<DB>::new(
            "SELECT COUNT(*) AS many, MIN(CASE WHEN due_at <= $1 THEN due_at END) AS oldest
             FROM messages WHERE state = 'queued'",
        )
        .bind(&now)
        .fetch_one(&mut self.inner)
        .await?;
        Ok((row.get("many")?, row.get("oldest")?))
    }
}

/// Whose messages about an appointment are withdrawn.
enum Whose {
    Everybody,
    /// One attendee's, or, where none is named, the host's.
    Only(Option<AttendeeId>),
}

async fn withdraw<DB: Backend>(
    connection: &mut DB::Connection,
    clinic: ClinicId,
    appointment: AppointmentId,
    whose: Whose,
    reason: &str,
    now: Timestamp,
) -> Result<u64> {
    let (of_one, attendee) = match whose {
        Whose::Everybody => ("", None),
        Whose::Only(attendee) => (" AND attendee_id IS NOT DISTINCT FROM $5", Some(attendee)),
    };
    let filled = |statement: Statement<DB>| {
        let statement = statement.bind(&clinic).bind(&appointment).bind_text(reason).bind(&now);
        match &attendee {
            Some(attendee) => statement.bind(attendee),
            None => statement,
        }
    };
    let under_way = Statement::<DB>::assembled(&[
        "UPDATE messages SET overtaken = $3
         WHERE clinic_id = $1 AND appointment_id = $2 AND state = 'queued' AND lease_until > $4
           AND overtaken IS NULL",
        of_one,
    ]);
    filled(under_way).execute(connection).await?;
    let waiting = Statement::<DB>::assembled(&[
        "UPDATE messages
         SET state = 'withdrawn', reason = $3, changed_at = $4, lease_until = NULL, content_sealed = NULL
         WHERE clinic_id = $1 AND appointment_id = $2 AND state = 'queued'
           AND (lease_until IS NULL OR lease_until <= $4)",
        of_one,
    ]);
    filled(waiting).execute(connection).await
}
