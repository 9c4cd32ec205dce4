//! Webhook delivery: sending what is due, the three-second answer, and the challenge that proves that the endpoint knows
//! the secret.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::clock::{HOUR, MINUTE, SECOND};
use crate::outbox::{SignedDelivery, hmac_hex};
use crate::state::{Attempt, Outcome};
use crate::world::World;

const CHALLENGE_EVERY: i64 = 72 * HOUR;
/// Until an endpoint has answered its first challenge it is asked again this often, and less often after a while: the
/// simulator stands in for the operator who presses Validate.
const CHALLENGE_SOON: i64 = 5 * SECOND;
const CHALLENGE_LATER: i64 = 5 * MINUTE;
const CHALLENGES_SOON: u32 = 24;
/// So many challenges in a row unanswered, and the subscription is disabled until somebody validates it again.
const CHALLENGES_TO_DISABLE: u32 = 6;

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

impl World {
    /// Delivers everything that is due now; returns when all answers are in.
    pub(crate) async fn tick(&self) {
        let _one_at_a_time = self.delivering.lock().await;
        if self.config.webhook_url.is_none() {
            self.turn(|turn| {
                turn.fail_if_down();
            });
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
        if self.look(|state| state.knobs.receiver_down) {
            return None;
        }
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
            Some((token, delivery.id, signed, turn.state.secrets.webhook.clone()))
        });
        let Some((token, delivery, signed, secret)) = challenge else { return };
        let answer = self.send(&signed).await;
        let right = answer.as_ref().is_some_and(|(status, body)| {
            let body: Value = serde_json::from_str(body).unwrap_or_default();
            *status == 200
                && body.get("plainToken").and_then(Value::as_str) == Some(&token)
                && body.get("encryptedToken").and_then(Value::as_str) == Some(&hmac_hex(&secret, &token))
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
            turn.fail_if_down();
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
            let failing = self.config.webhook_url.is_none() && state.knobs.receiver_down;
            let deliveries = state
                .outbox
                .range((now + 1, 0)..)
                .next()
                .filter(|_| failing || (sending && state.subscription.validated))
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
