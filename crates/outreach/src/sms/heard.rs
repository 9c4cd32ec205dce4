//! What the provider passes on: a patient's STOP, and what became of a message.

use domain::{
    ClinicId, MessageId,
    outreach::message::{Channel, MessageState},
    text::Phone,
};
use store::{StoreError, ports::attendance::Change};

use crate::Outreach;

/// What a patient's answer was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// They want nothing more.
    Stop,
    /// They want messages again.
    Start,
    /// Neither; nobody reads it.
    Nothing,
}

/// Twilio's own words, those of United States carriers, and Spanish ones.
const STOP: &[&str] =
    &["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ALTO", "PARAR"];
const START: &[&str] = &["START", "YES", "UNSTOP"];

impl Heard {
    /// Of what somebody wrote: one of the words, and nothing else but blanks and punctuation around it.
    pub fn of(body: &str) -> Self {
        let word = body.trim_matches(|c: char| !c.is_alphanumeric()).to_uppercase();
        if STOP.contains(&word.as_str()) {
            Self::Stop
        } else if START.contains(&word.as_str()) {
            Self::Start
        } else {
            Self::Nothing
        }
    }
}

impl Outreach {
    /// A patient has answered a text message. STOP counts for every clinic of the installation, since they share the
    /// sending number.
    pub async fn sms_heard(&self, from: &Phone, body: &str) -> Result<Heard, StoreError> {
        let heard = Heard::of(body);
        if heard != Heard::Nothing {
            let mut tx = self.store.begin().await?;
            match heard {
                Heard::Stop => tx.opt_out(Channel::Sms, from.as_str(), self.ambient.now()).await?,
                _ => tx.opt_in(Channel::Sms, from.as_str()).await?,
            }
            tx.commit().await?;
        }
        tracing::info!(?heard, "a text message was answered");
        Ok(heard)
    }

    /// The provider says what became of a message; it may say so before it has answered the request that sends it, and
    /// in any order.
    pub async fn sms_reported(
        &self,
        clinic: ClinicId,
        message: MessageId,
        status: &str,
        error_code: Option<&str>,
    ) -> Result<(), StoreError> {
        let state = match status {
            "delivered" | "read" => MessageState::Delivered,
            "undelivered" | "failed" => MessageState::Failed,
            // On its way.
            _ => return Ok(()),
        };
        let code = error_code.filter(|code| {
            (1..=6).contains(&code.len()) && code.chars().all(|c| c.is_ascii_digit()) && *code != "0"
        });
        let reason = (state == MessageState::Failed)
            .then(|| code.map_or_else(|| "sms_undelivered".to_owned(), |code| format!("sms_{code}")));
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let reported = tx.report_message(clinic, message, state, reason.as_deref(), now).await?;
        if let Some(reported) = reported {
            if let Some(appointment) = reported.to.appointment() {
                tx.note_change(clinic, Change::Appointment(appointment), now).await?;
            }
            tx.commit().await?;
            tracing::info!(message.id = %message, state = state.as_str(), reason, "a text message was reported on");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_stops_however_it_is_written() {
        for stop in
            ["STOP", "stop", " Stop. ", "\"UNSUBSCRIBE\"", "quit!", "Alto", "PARAR", "¡Alto!", "cancel\n"]
        {
            assert_eq!(Heard::of(stop), Heard::Stop, "{stop}");
        }
        for start in ["START", "yes", "Unstop"] {
            assert_eq!(Heard::of(start), Heard::Start, "{start}");
        }
    }

    #[test]
    fn a_word_within_a_sentence_is_no_order() {
        for nothing in ["", "?", "please don't stop", "I will cancel tomorrow", "sí", "STOP STOP", "👍"] {
            assert_eq!(Heard::of(nothing), Heard::Nothing, "{nothing}");
        }
    }
}
