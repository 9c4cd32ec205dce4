//! How a clinic wants patients to be reached, and what it says to them.

use std::ops::Range;

use async_trait::async_trait;
use domain::{
    AppointmentId, AttendeeId, ClinicId, NoticeId, PersonId, StaffId, Timestamp,
    appointment::{Appointment, LONGEST},
    outreach::{
        Settings,
        desk::{Mark, Notice, Says},
        message::{Channel, Occasion},
    },
    telehealth::Rule,
    text::{ExternalId, Language, Note},
};

use super::{
    SqlTx,
    appointments::{APPOINTMENT, appointment, set_of},
    links::{LINK, link},
    statement::{Record, Statement},
};
use crate::{
    Result, StoreError,
    backend::Backend,
    ports::{
        links::Link,
        outreach::{Outreach, Wording},
    },
};

const NOTICE: &str = "clinic_id, id, host_id, appointment_id, minutes_late, words, said_by, at, until";

fn wording<DB: Backend>(row: &Record<DB>) -> Result<Wording> {
    Ok(Wording {
        occasion: row.get("occasion")?,
        channel: row.get("channel")?,
        language: row.get("language")?,
        subject: row.get("subject")?,
        body: row.get("body")?,
    })
}

fn notice<DB: Backend>(row: &Record<DB>) -> Result<Notice> {
    let minutes: Option<i64> = row.get("minutes_late")?;
    let words: Option<Note> = row.get("words")?;
    let says = match (minutes, words) {
        (Some(minutes), None) => Says::Late(minutes),
        (None, Some(words)) => Says::Words(words),
        _ => return Err(StoreError::Corrupt { column: "words", source: "says two things or none".into() }),
    };
    Ok(Notice {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        host: row.get("host_id")?,
        appointment: row.get("appointment_id")?,
        says,
        said_by: row.get_json("said_by")?,
        at: row.get("at")?,
        until: row.get("until")?,
    })
}

fn mark<DB: Backend>(row: &Record<DB>) -> Result<Mark> {
    Ok(Mark {
        id: row.get("id")?,
        clinic_id: row.get("clinic_id")?,
        appointment_id: row.get("appointment_id")?,
        attendee_id: row.get("attendee_id")?,
        marked: row.get("marked")?,
        marked_by: row.get_json("marked_by")?,
        at: row.get("at")?,
    })
}

#[async_trait]
impl<DB: Backend> Outreach for SqlTx<DB> {
    async fn outreach_settings(&mut self, clinic: ClinicId) -> Result<Settings> {
        let settings = Statement::<DB>::new("SELECT settings FROM outreach_settings WHERE clinic_id = $1")
            .bind(&clinic)
            .fetch_optional_as(&mut self.inner, |row| row.get_json("settings"))
            .await?;
        Ok(settings.unwrap_or_default())
    }

    async fn set_outreach_settings(&mut self, clinic: ClinicId, settings: &Settings) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO outreach_settings (clinic_id, settings) VALUES ($1, $2)
             ON CONFLICT (clinic_id) DO UPDATE SET settings = excluded.settings",
        )
        .bind(&clinic)
        .bind_json(settings)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn wordings(&mut self, clinic: ClinicId) -> Result<Vec<Wording>> {
        Statement::<DB>::new(
            "SELECT occasion, channel, language, subject, body FROM wordings
             WHERE clinic_id = $1 ORDER BY occasion, channel, language",
        )
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, wording)
        .await
    }

    async fn put_wording(&mut self, clinic: ClinicId, wording: &Wording) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO wordings (clinic_id, occasion, channel, language, subject, body)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (clinic_id, occasion, channel, language)
             DO UPDATE SET subject = excluded.subject, body = excluded.body",
        )
        .bind(&clinic)
        .bind(&wording.occasion)
        .bind(&wording.channel)
        .bind(&wording.language)
        .bind(&wording.subject)
        .bind(&wording.body)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn drop_wording(
        &mut self,
        clinic: ClinicId,
        occasion: Occasion,
        channel: Channel,
        language: &Language,
    ) -> Result<()> {
        Statement::<DB>::new(
            "DELETE FROM wordings WHERE clinic_id = $1 AND occasion = $2 AND channel = $3 AND language = $4",
        )
        .bind(&clinic)
        .bind(&occasion)
        .bind(&channel)
        .bind(language)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn telehealth_rules(&mut self, clinic: ClinicId) -> Result<Vec<Rule>> {
        Statement::<DB>::new(
            "SELECT aspect, name, offer FROM telehealth_rules WHERE clinic_id = $1 ORDER BY aspect, name",
        )
        .bind(&clinic)
        .fetch_all_as(&mut self.inner, |row| {
            Ok(Rule { aspect: row.get("aspect")?, name: row.get("name")?, offer: row.get("offer")? })
        })
        .await
    }

    async fn set_telehealth_rules(&mut self, clinic: ClinicId, rules: &[Rule]) -> Result<()> {
        Statement::<DB>::new("DELETE FROM telehealth_rules WHERE clinic_id = $1")
            .bind(&clinic)
            .execute(&mut self.inner)
            .await?;
        for rule in rules {
            Statement::<DB>::new(
                "INSERT INTO telehealth_rules (clinic_id, aspect, name, offer) VALUES ($1, $2, $3, $4)",
            )
            .bind(&clinic)
            .bind(&rule.aspect)
            .bind(&rule.name)
            .bind(&rule.offer)
            .execute(&mut self.inner)
            .await?;
        }
        Ok(())
    }

    async fn insert_notice(&mut self, notice: &Notice) -> Result<()> {
        let (minutes, words) = match &notice.says {
            Says::Late(minutes) => (Some(*minutes), None),
            Says::Words(words) => (None, Some(words.clone())),
        };
        Statement::<DB>::new(
            "INSERT INTO notices
                 (clinic_id, id, host_id, appointment_id, minutes_late, words, said_by, at, until)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&notice.clinic_id)
        .bind(&notice.id)
        .bind(&notice.host)
        .bind(&notice.appointment)
        .bind(&minutes)
        .bind(&words)
        .bind_json(&notice.said_by)
        .bind(&notice.at)
        .bind(&notice.until)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn end_notice(&mut self, clinic: ClinicId, notice: NoticeId, now: Timestamp) -> Result<bool> {
        let ended = Statement::<DB>::new(
            "UPDATE notices SET until = $3 WHERE clinic_id = $1 AND id = $2 AND until > $3",
        )
        .bind(&clinic)
        .bind(&notice)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(ended == 1)
    }

    async fn notices(
        &mut self,
        clinic: ClinicId,
        host: Option<StaffId>,
        now: Timestamp,
    ) -> Result<Vec<Notice>> {
        let mut notices = Statement::<DB>::assembled(&[
            "SELECT ",
            NOTICE,
            " FROM notices WHERE clinic_id = $1 AND until > $2",
            if host.is_some() { " AND host_id = $3" } else { "" },
            " ORDER BY at, id",
        ])
        .bind(&clinic)
        .bind(&now);
        if let Some(host) = host {
            notices = notices.bind(&host);
        }
        notices.fetch_all_as(&mut self.inner, notice).await
    }

    async fn insert_mark(&mut self, mark: &Mark) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO marks (clinic_id, id, appointment_id, attendee_id, marked, marked_by, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&mark.clinic_id)
        .bind(&mark.id)
        .bind(&mark.appointment_id)
        .bind(&mark.attendee_id)
        .bind(&mark.marked)
        .bind_json(&mark.marked_by)
        .bind(&mark.at)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn marks_of_all(&mut self, clinic: ClinicId, appointments: &[AppointmentId]) -> Result<Vec<Mark>> {
        let mut marks = Statement::<DB>::assembled(&[
            "SELECT clinic_id, id, appointment_id, attendee_id, marked, marked_by, at
             FROM marks WHERE clinic_id = $1 AND appointment_id IN ",
            DB::IDS_2,
        ])
        .bind(&clinic)
        .bind_json(&set_of(appointments.iter().copied()))
        .fetch_all_as(&mut self.inner, mark)
        .await?;
        marks.sort_by_key(|mark| (mark.at, mark.id));
        Ok(marks)
    }

    async fn person(&mut self, clinic: ClinicId, external_id: &ExternalId) -> Result<Option<PersonId>> {
        Statement::<DB>::new("SELECT id FROM persons WHERE clinic_id = $1 AND external_id = $2")
            .bind(&clinic)
            .bind(external_id)
            .fetch_optional_as(&mut self.inner, |row| row.get("id"))
            .await
    }

    async fn insert_person(
        &mut self,
        clinic: ClinicId,
        id: PersonId,
        external_id: &ExternalId,
        now: Timestamp,
    ) -> Result<()> {
        Statement::<DB>::new(
            "INSERT INTO persons (clinic_id, id, external_id, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(&clinic)
        .bind(&id)
        .bind(external_id)
        .bind(&now)
        .execute(&mut self.inner)
        .await?;
        Ok(())
    }

    async fn person_external_id(&mut self, clinic: ClinicId, id: PersonId) -> Result<Option<ExternalId>> {
        Statement::<DB>::new("SELECT external_id FROM persons WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&id)
            .fetch_optional_as(&mut self.inner, |row| row.get("external_id"))
            .await
    }

    async fn portal_link(&mut self, clinic: ClinicId, person: PersonId) -> Result<Option<Link>> {
        Statement::<DB>::assembled(&[
            "SELECT ",
            LINK,
            " FROM links
             WHERE clinic_id = $1 AND person_id = $2 AND link_for = 'portal' AND revoked_at IS NULL",
        ])
        .bind(&clinic)
        .bind(&person)
        .fetch_optional_as(&mut self.inner, link)
        .await
    }

    async fn portal_revoked_at(&mut self, clinic: ClinicId, person: PersonId) -> Result<Option<Timestamp>> {
        let found =
            Statement::<DB>::new("SELECT portal_revoked_at FROM persons WHERE clinic_id = $1 AND id = $2")
                .bind(&clinic)
                .bind(&person)
                .fetch_optional_as(&mut self.inner, |row| row.get("portal_revoked_at"))
                .await?;
        Ok(found.flatten())
    }

    async fn hold_portal(&mut self, clinic: ClinicId, person: PersonId) -> Result<Option<Timestamp>> {
        // Writing the row, to itself, is how both engines hold it.
        let found = Statement::<DB>::new(
            "UPDATE persons SET portal_revoked_at = portal_revoked_at WHERE clinic_id = $1 AND id = $2
             RETURNING portal_revoked_at",
        )
        .bind(&clinic)
        .bind(&person)
        .fetch_optional_as(&mut self.inner, |row| row.get("portal_revoked_at"))
        .await?;
        Ok(found.flatten())
    }

    async fn set_portal_revoked_at(
        &mut self,
        clinic: ClinicId,
        person: PersonId,
        at: Option<Timestamp>,
    ) -> Result<()> {
        Statement::<DB>::new("UPDATE persons SET portal_revoked_at = $3 WHERE clinic_id = $1 AND id = $2")
            .bind(&clinic)
            .bind(&person)
            .bind(&at)
            .execute(&mut self.inner)
            .await?;
        Ok(())
    }

    async fn appointments_of_person(
        &mut self,
        clinic: ClinicId,
        external_id: &ExternalId,
        range: Range<Timestamp>,
    ) -> Result<Vec<Appointment>> {
        let found = Statement::<DB>::assembled(&[
            "SELECT ",
            APPOINTMENT,
            " FROM appointments
             WHERE clinic_id = $1 AND starts_at > $3 AND starts_at < $4 AND ends_at > $5
               AND id IN (SELECT appointment_id FROM attendees
                          WHERE clinic_id = $1 AND external_id = $2 AND listed)
             ORDER BY starts_at, id",
        ])
        .bind(&clinic)
        .bind(external_id)
        .bind(&range.start.minus(LONGEST))
        .bind(&range.end)
        .bind(&range.start)
        .fetch_all_as(&mut self.inner, appointment)
        .await?;
        self.with_attendees(clinic, found).await
    }

    async fn attendees_at(
        &mut self,
        channel: Channel,
        address: &str,
        range: Range<Timestamp>,
        limit: i64,
    ) -> Result<Vec<(ClinicId, AppointmentId, AttendeeId)>> {
        let column = match channel {
            Channel::Email => "email",
            Channel::Sms => "phone",
            Channel::Copy => return Ok(Vec::new()),
        };
        Statement::<DB>::assembled(&[
            "SELECT appointments.clinic_id, appointments.id AS appointment_id, attendees.id AS attendee_id
             FROM attendees
             JOIN appointments ON appointments.clinic_id = attendees.clinic_id
                              AND appointments.id = attendees.appointment_id
             WHERE attendees.listed AND attendees.",
            column,
            " = $1 AND appointments.status = 'booked' AND appointments.starts_at < $3 AND appointments.ends_at > $2
             ORDER BY appointments.starts_at, attendees.id LIMIT $4",
        ])
        .bind_text(address)
        .bind(&range.start)
        .bind(&range.end)
        .bind(&limit)
        .fetch_all_as(&mut self.inner, |row| {
            Ok((row.get("clinic_id")?, row.get("appointment_id")?, row.get("attendee_id")?))
        })
        .await
    }
}
