//! The outbox: events with their losses, doubles and delays, signatures, the retries at 5, 25 and 85 minutes, the log.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::clock::{MINUTE, SECOND};
use crate::state::{Attempt, Delivery, Outcome};
use crate::world::Turn;

/// From one attempt to the next.
const RETRIES: [i64; 3] = [5 * MINUTE, 20 * MINUTE, 60 * MINUTE];
const LOG_LINES: usize = 100_000;
/// The log is written with every change, so it is kept short where it is saved.
const SAVED_LOG_LINES: usize = 500;

/// A webhook ready to be handed to a verifier without any network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDelivery {
    /// Event name.
    pub event: String,
    /// The raw body; its bytes are what is signed.
    pub body: String,
    /// Header names (lower case) and values.
    pub headers: Vec<(&'static str, String)>,
}

/// Hex of HMAC-SHA256, lower case.
pub(crate) fn hmac_hex(key: &str, message: &str) -> String {
    match Hmac::<Sha256>::new_from_slice(key.as_bytes()) {
        Ok(mut mac) => {
            mac.update(message.as_bytes());
            hex::encode(mac.finalize().into_bytes())
        }
        Err(_) => String::new(),
    }
}

/// `x-zm-signature` over a timestamp (unix seconds) and the raw body.
pub fn signature(secret: &str, timestamp: &str, body: &str) -> String {
    format!("v0={}", hmac_hex(secret, &format!("v0:{timestamp}:{body}")))
}

impl Turn<'_> {
    /// Puts an event into the outbox, or loses, doubles, delays or holds it back as the knobs say.
    pub(crate) fn post(&mut self, event: &str, body: &Value, at: i64) {
        let knobs = &mut self.state.knobs;
        if knobs.subscribed.as_ref().is_some_and(|events| !events.iter().any(|known| known == event)) {
            return;
        }
        let (lost_now, twice_now) = (knobs.lose_next > 0, knobs.duplicate_next > 0);
        knobs.lose_next = knobs.lose_next.saturating_sub(1);
        let (losing, double, delay, longest) =
            (knobs.lose_percent, knobs.duplicate_percent, knobs.delay_percent, knobs.delay_ms.max(0));
        let is_lost = self.state.dice.percent(losing) || lost_now;
        let body = body.to_string();
        let first = self.delivery(event, body.clone(), at);
        if is_lost {
            let (at, delivery) = (self.now, first.id);
            self.note(Attempt {
                at,
                delivery,
                event: event.to_owned(),
                attempt: 0,
                status: None,
                outcome: Outcome::Lost,
            });
            return;
        }
        let mut copies = vec![first];
        if self.state.dice.percent(double) || twice_now {
            self.state.knobs.duplicate_next = self.state.knobs.duplicate_next.saturating_sub(1);
            let second = self.delivery(event, body, at);
            copies.push(second);
        }
        for mut copy in copies {
            if self.state.dice.percent(delay) {
                let late = self.state.dice.below(u64::try_from(longest).unwrap_or_default() + 1);
                copy.due += i64::try_from(late).unwrap_or_default() * 1000;
            }
            if self.state.knobs.reverse_next > 0 {
                self.state.knobs.reverse_next -= 1;
                self.state.reversing.push(copy);
                if self.state.knobs.reverse_next == 0 {
                    let mut held = std::mem::take(&mut self.state.reversing);
                    held.reverse();
                    for mut one in held {
                        one.due = one.due.max(at);
                        one.id = self.state.next_serial();
                        self.queue(one);
                    }
                }
            } else {
                self.queue(copy);
            }
        }
    }

    fn queue(&mut self, delivery: Delivery) {
        self.state.outbox.insert((delivery.due, delivery.id), delivery);
    }

    pub(crate) fn delivery(&mut self, event: &str, body: String, due: i64) -> Delivery {
        let id = self.state.next_serial();
        let tracking_id = self.tracking_id("WEBHOOK");
        Delivery { id, event: event.to_owned(), body, due, attempts: 0, first_stamp: None, tracking_id }
    }

    pub(crate) fn tracking_id(&mut self, kind: &str) -> String {
        format!("v=2.0;clid=us02;rid={kind}_{}", self.state.dice.hex_upper(16).to_lowercase())
    }

    pub(crate) fn note(&mut self, attempt: Attempt) {
        self.state.log.push_back(attempt);
        let lines = if self.config.state_file.is_some() { SAVED_LOG_LINES } else { LOG_LINES };
        while self.state.log.len() > lines {
            self.state.log.pop_front();
        }
    }

    /// Takes what is due out of the outbox, oldest first.
    pub(crate) fn take_batch(&mut self, at_most: usize) -> Vec<Delivery> {
        let now = self.now;
        let mut due = Vec::new();
        while due.len() < at_most
            && let Some(first) = self.state.outbox.first_entry().filter(|first| first.key().0 <= now)
        {
            due.push(first.remove());
        }
        due
    }

    pub(crate) fn sign(&mut self, delivery: &mut Delivery) -> SignedDelivery {
        let now = self.now.div_euclid(SECOND);
        let first = *delivery.first_stamp.get_or_insert(now);
        let again = delivery.attempts > 0;
        let stamp = if again && !self.state.knobs.restamp_retries { first } else { now }.to_string();
        if again && self.state.knobs.new_tracking_id_on_retry {
            delivery.tracking_id = self.tracking_id("WEBHOOK");
        }
        let headers = vec![
            ("content-type", "application/json; charset=utf-8".to_owned()),
            ("x-zm-signature", signature(&self.state.secrets.webhook, &stamp, &delivery.body)),
            ("x-zm-request-timestamp", stamp),
            ("x-zm-trackingid", delivery.tracking_id.clone()),
            ("clientid", self.config.client_id.clone()),
            // The old verification token: still sent, worth nothing, and never to be logged.
            ("authorization", "jSG2mY8kQbOlDvErIfIcAtIoN".to_owned()),
        ];
        SignedDelivery { event: delivery.event.clone(), body: delivery.body.clone(), headers }
    }

    /// Where deliveries are taken rather than sent, and the endpoint is not there: what is due fails.
    pub(crate) fn fail_if_down(&mut self) {
        if !self.state.knobs.receiver_down {
            return;
        }
        for mut delivery in self.take_batch(usize::MAX) {
            self.sign(&mut delivery);
            self.settle(delivery, None);
        }
    }

    pub(crate) fn settle(&mut self, mut delivery: Delivery, status: Option<u16>) {
        let done = matches!(status, Some(200 | 204));
        delivery.attempts += 1;
        let retry = RETRIES.get(usize::try_from(delivery.attempts).unwrap_or(usize::MAX) - 1).copied();
        let outcome = match (done, retry) {
            (true, _) => Outcome::Delivered,
            (false, Some(_)) => Outcome::Failed,
            (false, None) => Outcome::GivenUp,
        };
        self.note(Attempt {
            at: self.now,
            delivery: delivery.id,
            event: delivery.event.clone(),
            attempt: delivery.attempts,
            status,
            outcome,
        });
        if let (false, Some(wait)) = (done, retry) {
            delivery.due = self.now + wait;
            self.queue(delivery);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_documented_hmac() {
        let body = "{\"event\":\"meeting.started\",\"payload\":{\"account_id\":\"Kx3mQvTtR5aZ1LwYbN0cGg\",\"object\":{\"uuid\":\"q7YcT1mZQ0WnHk2Jv+8RbA==\",\"id\":\"86720014455\",\"type\":3,\"topic\":\"Visits with Dr. Amara Osei\",\"host_id\":\"pV8sJ2nXQ7m4dT0uHrBkEw\",\"duration\":60,\"start_time\":\"2026-11-23T13:59:00Z\",\"timezone\":\"America/Chicago\"}},\"event_ts\":1795442340311}";
        assert_eq!(
            signature("zN4pQ7rT2vX5yB8dF1hJ3k", "1795442400", body),
            "v0=c8b9a390bba12d15f21f6bd79134abea832901e7ac9caff220a9b1930946f1ae"
        );
    }
}
