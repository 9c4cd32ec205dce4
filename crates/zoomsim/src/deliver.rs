//! Webhook delivery: the outbox with its losses and delays, signatures, the three-second answer, the retries at 5, 25
//! and 85 minutes, and the challenge that proves that the endpoint knows the secret.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::clock::{HOUR, MINUTE, SECOND};
use crate::state::{Attempt, Delivery, Outcome};
use crate::world::{Turn, World};

/// From one attempt to the next.
const RETRIES: [i64; 3] = [5 * MINUTE, 20 * MINUTE, 60 * MINUTE];
const CHALLENGE_EVERY: i64 = 72 * HOUR;
/// Until an endpoint has answered its first challenge it is asked again this often, and less often after a while: the
/// simulator stands in for the operator who presses Validate.
const CHALLENGE_SOON: i64 = 5 * SECOND;
const CHALLENGE_LATER: i64 = 5 * MINUTE;
const CHALLENGES_SOON: u32 = 24;
/// So many challenges in a row unanswered, and the subscription is disabled until somebody validates it again.
const CHALLENGES_TO_DISABLE: u32 = 6;
const LOG_LINES: usize = 100_000;
/// The log is written with every change, so it is kept short where it is saved.
const SAVED_LOG_LINES: usize = 500;

/// Installs the process-wide TLS provider unless one is installed already.
pub fn install_tls() {
    // An error only says that a provider is there, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) fn client() -> Option<reqwest::Client> {
    install_tls();
    let built = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(3))
        .no_proxy()
        .user_agent("Zoom Marketplace/1.0a")
        .build();
    built.inspect_err(|error| tracing::error!(%error, "webhooks cannot be sent")).ok()
}

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

    fn delivery(&mut self, event: &str, body: String, due: i64) -> Delivery {
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
    fn take_batch(&mut self, at_most: usize) -> Vec<Delivery> {
        let now = self.now;
        let mut due = Vec::new();
        while due.len() < at_most
            && let Some(first) = self.state.outbox.first_entry().filter(|first| first.key().0 <= now)
        {
            due.push(first.remove());
        }
        due
    }

    fn sign(&mut self, delivery: &mut Delivery) -> SignedDelivery {
        let now = self.now.div_euclid(SECOND);
        let first = *delivery.first_stamp.get_or_insert(now);
        let again = delivery.attempts > 0;
        let stamp = if again && !self.state.knobs.restamp_retries { first } else { now }.to_string();
        if again && self.state.knobs.new_tracking_id_on_retry {
            delivery.tracking_id = self.tracking_id("WEBHOOK");
        }
        let headers = vec![
            ("content-type", "application/json; charset=utf-8".to_owned()),
            ("x-zm-signature", signature(&self.config.webhook_secret, &stamp, &delivery.body)),
            ("x-zm-request-timestamp", stamp),
            ("x-zm-trackingid", delivery.tracking_id.clone()),
            ("clientid", self.config.client_id.clone()),
            // The old verification token: still sent, worth nothing, and never to be logged.
            ("authorization", "jSG2mY8kQbOlDvErIfIcAtIoN".to_owned()),
        ];
        SignedDelivery { event: delivery.event.clone(), body: delivery.body.clone(), headers }
    }

    fn settle(&mut self, mut delivery: Delivery, status: Option<u16>) {
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

impl World {
    /// Delivers everything that is due now; returns when all answers are in.
    pub(crate) async fn tick(&self) {
        let _one_at_a_time = self.delivering.lock().await;
        if self.config.webhook_url.is_none() {
            self.turn(|_| ());
            return;
        }
        self.challenge_if_due().await;
        loop {
            let batch = self.turn(|turn| {
                let knobs = &turn.state.knobs;
                if knobs.paused || !turn.state.subscription.validated {
                    return Vec::new();
                }
                let at_most = knobs.concurrency.max(1);
                let batch = turn.take_batch(at_most);
                batch
                    .into_iter()
                    .map(|mut delivery| {
                        let signed = turn.sign(&mut delivery);
                        (delivery, signed)
                    })
                    .collect()
            });
            if batch.is_empty() {
                return;
            }
            let width = batch.len();
            futures_util::stream::iter(batch)
                .for_each_concurrent(width, |(delivery, signed)| async move {
                    let status = self.send(&signed).await.map(|(status, _)| status);
                    self.turn(|turn| turn.settle(delivery, status));
                })
                .await;
        }
    }

    /// Status and body, or nothing where no answer came in time.
    async fn send(&self, signed: &SignedDelivery) -> Option<(u16, String)> {
        let within = Duration::from_millis(self.look(|state| state.knobs.answer_within_ms));
        let url = self.config.webhook_url.as_deref()?;
        let mut request = self.http.as_ref()?.post(url).timeout(within).body(signed.body.clone());
        for (name, value) in &signed.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.text().await.ok()?))
    }

    async fn challenge_if_due(&self) {
        let challenge = self.turn(|turn| {
            if turn.state.subscription.next_challenge > turn.now || turn.state.knobs.paused {
                return None;
            }
            let token = turn.state.dice.base64url(22);
            let body = json!({
                "event": "endpoint.url_validation",
                "payload": { "plainToken": token },
                "event_ts": turn.now.div_euclid(1000),
            });
            let mut delivery = turn.delivery("endpoint.url_validation", body.to_string(), turn.now);
            let signed = turn.sign(&mut delivery);
            Some((token, delivery.id, signed))
        });
        let Some((token, delivery, signed)) = challenge else { return };
        let answer = self.send(&signed).await;
        let right = answer.as_ref().is_some_and(|(status, body)| {
            let body: Value = serde_json::from_str(body).unwrap_or_default();
            *status == 200
                && body.get("plainToken").and_then(Value::as_str) == Some(&token)
                && body.get("encryptedToken").and_then(Value::as_str)
                    == Some(&hmac_hex(&self.config.webhook_secret, &token))
        });
        self.turn(|turn| {
            let now = turn.now;
            let known = &mut turn.state.subscription;
            if right {
                known.validated = true;
                known.failures = 0;
                known.next_challenge = now + CHALLENGE_EVERY;
            } else {
                known.failures += 1;
                known.next_challenge = match (known.validated, known.failures) {
                    (true, CHALLENGES_TO_DISABLE..) => {
                        known.validated = false;
                        i64::MAX
                    }
                    (true, _) => now + CHALLENGE_EVERY,
                    (false, ..CHALLENGES_SOON) => now + CHALLENGE_SOON,
                    (false, _) => now + CHALLENGE_LATER,
                };
            }
            turn.note(Attempt {
                at: now,
                delivery,
                event: "endpoint.url_validation".to_owned(),
                attempt: 1,
                status: answer.map(|(status, _)| status),
                outcome: if right { Outcome::Validated } else { Outcome::NotValidated },
            });
        });
    }

    /// Takes what is due without sending it; it counts as delivered.
    pub(crate) fn take_due(&self) -> Vec<SignedDelivery> {
        self.turn(|turn| {
            let batch = turn.take_batch(usize::MAX);
            batch
                .into_iter()
                .map(|mut delivery| {
                    let signed = turn.sign(&mut delivery);
                    turn.note(Attempt {
                        at: turn.now,
                        delivery: delivery.id,
                        event: delivery.event,
                        attempt: delivery.attempts + 1,
                        status: None,
                        outcome: Outcome::Taken,
                    });
                    signed
                })
                .collect()
        })
    }

    /// Moves a driven clock on, stopping wherever something is due: scheduled happenings, deliveries, challenges.
    /// Says whether the clock can be driven.
    pub(crate) async fn advance(&self, by: Duration) -> bool {
        let clock = Arc::clone(&self.config.clock);
        if !clock.is_driven() {
            return false;
        }
        let target = self.now().saturating_add(crate::clock::micros(by));
        self.tick().await;
        while let Some(next) = self.next_due().filter(|next| *next <= target) {
            clock.move_to(next.max(self.now()));
            self.tick().await;
        }
        clock.move_to(target.max(self.now()));
        self.tick().await;
        true
    }

    /// When something happens next, if later than now.
    fn next_due(&self) -> Option<i64> {
        let now = self.now();
        self.look(|state| {
            let sending = self.config.webhook_url.is_some() && !state.knobs.paused;
            let deliveries = state
                .outbox
                .range((now + 1, 0)..)
                .next()
                .filter(|_| sending && state.subscription.validated)
                .map(|(key, _)| key.0);
            let challenge = sending.then_some(state.subscription.next_challenge);
            let agenda = state.agenda.iter().map(|item| item.at);
            agenda.chain(deliveries).chain(challenge).filter(|at| *at > now).min()
        })
    }

    /// Delivers by itself, looking at the clock ten times a second and whenever something happened.
    pub(crate) async fn deliver_forever(self: Arc<Self>) {
        let mut poll = tokio::time::interval(Duration::from_millis(100));
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = poll.tick() => {}
                () = self.wake.notified() => {}
            }
            let driven = self.config.clock.is_driven();
            if self.look(|state| state.knobs.deliver_unasked).unwrap_or(!driven) && self.something_due() {
                self.tick().await;
            }
        }
    }

    fn something_due(&self) -> bool {
        let now = self.now();
        self.look(|state| {
            state.agenda.iter().any(|item| item.at <= now)
                || (self.config.webhook_url.is_some()
                    && !state.knobs.paused
                    && (state.subscription.next_challenge <= now
                        || (state.subscription.validated
                            && state.outbox.first_key_value().is_some_and(|(key, _)| key.0 <= now))))
        })
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
