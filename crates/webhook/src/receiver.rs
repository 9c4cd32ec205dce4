//! One delivery, from its bytes to the answer that Zoom gets.

use std::sync::{Arc, RwLock};

use domain::Ambient;
use store::{
    Store,
    ports::{
        feed::ReceiverCounts,
        inbox::{DeliverySource, NewDelivery},
    },
};
use tokio::{sync::Mutex, task::JoinSet};
use zoom::webhook::{ChallengeAnswer, Refused, Secrets, plain_token, verify};

use crate::{
    digest::Outline,
    tally::Tally,
    writer::{Limits, NotKept, Writer},
};

/// The largest body that is taken, in bytes. Zoom's are below 10 KiB.
pub const MAX_BODY: usize = 1024 * 1024;

/// What became of a delivery, and so what Zoom is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It is durable, now or since an earlier time: 200.
    Stored,
    /// It was the endpoint check: 200 with this JSON.
    Challenge(String),
    /// It is Zoom's, but not JSON: 400.
    NotJson,
    /// It is not Zoom's, or too old to be a repetition: 401.
    BadSignature,
    /// It is larger than [`MAX_BODY`]: 413.
    TooLarge,
    /// It could not be stored, Zoom shall send it again: 503.
    Unavailable,
}

impl Receipt {
    const fn outcome(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Challenge(_) => "challenge",
            Self::NotJson => "not_json",
            Self::BadSignature => "bad_signature",
            Self::TooLarge => "too_large",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Takes deliveries.
#[derive(Debug)]
pub struct Receiver {
    ambient: Ambient,
    secrets: Secrets,
    /// Taken away at shutdown, so that the queue closes.
    writer: RwLock<Option<Arc<Writer>>>,
    tally: Arc<Tally>,
    tasks: Mutex<JoinSet<()>>,
}

impl Receiver {
    /// Starts the inbox writer. Must be called inside a runtime.
    pub fn start(store: &Arc<dyn Store>, ambient: Ambient, secrets: Secrets, limits: Limits) -> Self {
        let mut tasks = JoinSet::new();
        let tally = Arc::<Tally>::default();
        let writer = Writer::start(store, limits, &tally, &mut tasks);
        let writer = RwLock::new(Some(Arc::new(writer)));
        Self { ambient, secrets, writer, tally, tasks: Mutex::new(tasks) }
    }

    /// Takes one delivery: its two signature headers as they came, and its body to the byte.
    pub async fn receive(&self, timestamp: Option<&str>, signature: Option<&str>, body: &[u8]) -> Receipt {
        let receipt = self.answer(timestamp, signature, body).await;
        self.tally.answered(&receipt, self.ambient.now());
        metrics::counter!("anteroom_webhook_requests_total", "outcome" => receipt.outcome()).increment(1);
        receipt
    }

    async fn answer(&self, timestamp: Option<&str>, signature: Option<&str>, body: &[u8]) -> Receipt {
        if body.len() > MAX_BODY {
            return Receipt::TooLarge;
        }
        let now = self.ambient.now();
        let verified = match verify(&self.secrets, timestamp, signature, body, now.as_seconds()) {
            Ok(verified) => verified,
            // Sources disagree on whether the endpoint check is signed, and Zoom switches off an endpoint that
            // refuses it; the answer is harmless (see zoom::webhook), so a signature is not demanded for it.
            Err(Refused::Unsigned) => return self.challenge(body, None).unwrap_or(Receipt::BadSignature),
            Err(refused) => {
                tracing::warn!(reason = %refused, bytes = body.len(), "delivery refused");
                return Receipt::BadSignature;
            }
        };
        if let Some(answer) = self.challenge(body, Some(verified.secret_index)) {
            // Only a signed one tells that Zoom still looks at us: anybody can send the other.
            self.tally.challenged(now);
            return answer;
        }
        let Some((body, outline)) =
            std::str::from_utf8(body).ok().and_then(|body| Some((body, Outline::of(body)?)))
        else {
            return Receipt::NotJson;
        };
        let delivery = NewDelivery {
            id: self.ambient.id(),
            source: DeliverySource::Webhook,
            received_at: now,
            event_ts: outline.event_ts,
            digest: outline.digest,
            event: outline.event,
            late: verified.late,
            body: body.to_owned(),
        };
        let writer = self.writer.read().ok().and_then(|writer| writer.clone());
        match writer {
            None => Receipt::Unavailable,
            Some(writer) => match writer.keep(delivery).await {
                Ok(()) => Receipt::Stored,
                Err(NotKept::Full | NotKept::Failed) => Receipt::Unavailable,
            },
        }
    }

    /// Answers the endpoint check without the database; none where the body is not that check.
    fn challenge(&self, body: &[u8], secret_index: Option<usize>) -> Option<Receipt> {
        let token = plain_token(body)?;
        let answer = ChallengeAnswer::to(&token, &self.secrets, secret_index)
            .and_then(|answer| serde_json::to_string(&answer).ok());
        Some(answer.map_or(Receipt::BadSignature, Receipt::Challenge))
    }

    /// What was answered since this was last asked.
    pub fn take_counts(&self) -> ReceiverCounts {
        self.tally.take()
    }

    /// Takes counts back that could not be written down.
    pub fn give_back(&self, counts: &ReceiverCounts) {
        self.tally.give_back(counts);
    }

    /// Takes nothing more, writes what is queued, and returns when the last commit is done.
    pub async fn shutdown(&self) {
        if let Ok(mut writer) = self.writer.write() {
            *writer = None;
        }
        let mut tasks = self.tasks.lock().await;
        while tasks.join_next().await.is_some() {}
    }
}
