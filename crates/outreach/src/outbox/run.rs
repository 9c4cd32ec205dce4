//! Sending what is due: rounds of claiming, sending several at once, and writing down what came of it.
//!
//! Mail and text messages have rounds of their own, so that a server that does not answer keeps nobody waiting but its own.
//! A message that was taken by a server and not written down as sent (the program died in between) is sent again when its
//! lease is over, under the same key.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{
    outreach::message::{Channel, Message, MessageState},
    text::Phone,
};
use store::{
    StoreError,
    ports::{
        attendance::Change,
        messages::{DueMessage, Tried},
    },
};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;
use vault::OpenError;

use super::{OutboxError, Sending, sending::untried};
use crate::{Outreach, content::Content, mail::Line, sms};

/// Messages of one round.
const BATCH: usize = 50;
/// How many of them are sent at once.
const AT_ONCE: usize = 8;
/// For so long nobody else takes the messages of a round.
const LEASE: Duration = Duration::from_mins(1);
/// What was not begun so long after it was taken is left to the next round: the longest dialogue must end within the lease.
const BEGIN_WITHIN: Duration = Duration::from_secs(15);
/// After so many failures in a row that are not the messages' fault, the rest of the round is not tried.
const DOWN_AFTER: u32 = 3;
/// How often a message may be taken, counting what was taken and never settled. More means that trying it ends the program.
const MOST_CLAIMS: i64 = 60;
/// How often to look without having been told to.
const LOOK_EVERY: Duration = Duration::from_secs(2);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Writing down what was sent is worth several tries: what is not written down is sent again.
const SETTLE_PAUSES: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)];

/// Hints that something was queued.
#[derive(Default)]
pub(crate) struct Wake {
    mail: Notify,
    texts: Notify,
}

impl Wake {
    fn of(&self, channel: Channel) -> &Notify {
        if channel == Channel::Email { &self.mail } else { &self.texts }
    }
}

/// What became of a round.
struct Looked {
    /// How many messages were taken.
    taken: usize,
    /// Whether nobody took any more at its end.
    is_down: bool,
}

/// What one message came to.
struct Done {
    message: Message,
    tried: Tried,
    /// Who said to the provider that they want nothing more.
    opted_out: Option<Phone>,
}

/// What the workers of one round share.
struct Round {
    waiting: Mutex<VecDeque<DueMessage>>,
    begun: Instant,
    failures_in_a_row: AtomicU32,
    /// The longest that a server asked to be left alone.
    patience: Mutex<Duration>,
    stop: CancellationToken,
}

impl Outreach {
    /// Sends what is due as it comes, until told to stop. Never fails: it waits and tries again.
    pub async fn run_outbox(&self, stop: CancellationToken) {
        tokio::join!(self.keep_sending(Channel::Email, &stop), self.keep_sending(Channel::Sms, &stop));
    }

    /// One round for each channel. Returns how many messages were looked at.
    pub async fn send_due(&self) -> Result<usize, OutboxError> {
        let never = CancellationToken::new();
        let (mail, texts) =
            tokio::join!(self.send_round(Channel::Email, &never), self.send_round(Channel::Sms, &never));
        Ok(mail?.taken + texts?.taken)
    }

    /// To be called after a commit that queued something, so that it does not wait for the next look. A hint; nothing
    /// depends on it.
    pub fn wake_outbox(&self) {
        self.wake.mail.notify_one();
        self.wake.texts.notify_one();
    }

    async fn keep_sending(&self, channel: Channel, stop: &CancellationToken) {
        let mut pause = FIRST_PAUSE;
        while !stop.is_cancelled() {
            match self.send_round(channel, stop).await {
                // The next round would be tried in vain as well.
                Ok(Looked { is_down: true, .. }) => {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Ok(Looked { taken: BATCH.., .. }) => pause = FIRST_PAUSE,
                Ok(_) => {
                    pause = FIRST_PAUSE;
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = self.wake.of(channel).notified() => {}
                        () = sleep(LOOK_EVERY) => {}
                    }
                }
                Err(error) => {
                    tracing::error!(%error, channel = channel.as_str(), "messages cannot be sent; trying again");
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Takes what is due by this channel, sends it, and writes down what came of it.
    async fn send_round(&self, channel: Channel, stop: &CancellationToken) -> Result<Looked, OutboxError> {
        let mut tx = self.store.begin().await?;
        // Both clocks are read together, and once the database is ours: what was waited for it must not shorten the lease.
        let (now, begun) = (self.ambient.now(), Instant::now());
        // A clock that is driven faster runs through a lease faster.
        let until = now.plus(LEASE * self.ambient.clock_rate());
        let claimed =
            tx.claim_messages(channel, now, until, i64::try_from(BATCH).unwrap_or(i64::MAX)).await?;
        // Even where nothing is left to send: what cannot be read was written down as failed.
        tx.commit().await?;
        let taken = claimed.len();
        if taken == 0 {
            return Ok(Looked { taken, is_down: false });
        }

        let round = Arc::new(Round {
            waiting: Mutex::new(claimed.into()),
            begun,
            failures_in_a_row: AtomicU32::new(0),
            patience: Mutex::default(),
            stop: stop.clone(),
        });
        let (done, mut results) = mpsc::channel(BATCH);
        let mut workers = JoinSet::new();
        for _ in 0..AT_ONCE.min(taken) {
            let (outreach, round, done) = (self.clone(), round.clone(), done.clone());
            workers.spawn(async move { outreach.work(&round, &done).await });
        }
        drop(done);
        let (mut batch, mut unwritten) = (Vec::new(), None);
        while results.recv_many(&mut batch, BATCH).await > 0 {
            if let Err(error) = self.settle_patiently(channel, &batch).await {
                unwritten = Some(error);
            }
            batch.clear();
        }
        while let Some(ended) = workers.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "sending a message ended in disorder");
            }
        }
        match unwritten {
            Some(error) => Err(error.into()),
            None => Ok(Looked { taken, is_down: round.is_down().is_some() }),
        }
    }

    /// Sends one message after the other until none is left.
    async fn work(&self, round: &Round, done: &mpsc::Sender<Done>) {
        let mut line = Line::default();
        while let Some(due) = round.next() {
            let result = self.deal_with(round, &mut line, due).await;
            if done.send(result).await.is_err() {
                break;
            }
        }
        line.close().await;
    }

    async fn deal_with(&self, round: &Round, line: &mut Line, due: DueMessage) -> Done {
        let DueMessage { message, content_sealed } = due;
        let (number, mut opted_out) = (message.tries + 1, None);
        let tried = if number > MOST_CLAIMS {
            Tried::Over(MessageState::Failed, "too_many_tries".to_owned())
        } else if round.is_over() {
            // As if it had not been taken: it is the first of the next round.
            let reason = message.reason.clone().unwrap_or_else(|| "not_yet".to_owned());
            Tried::Back(message.due_at, reason)
        } else if let Some(after) = round.is_down() {
            let reason = if message.channel == Channel::Email { "smtp_down" } else { "sms_down" };
            untried(reason.to_owned(), after, &self.ambient)
        } else {
            match self.open_content(message.clinic_id, message.id, content_sealed) {
                Ok(content) => {
                    let came_to = self.try_to_send(round, line, &message, &content).await;
                    if let (Ok(Sending::OptedOut), Content::Sms(text)) = (&came_to, &content) {
                        opted_out = Some(text.to.clone());
                    }
                    match came_to {
                        Ok(sending) => sending.tried(number, &self.ambient),
                        Err(unsent) => unsent,
                    }
                }
                // The operator can put the key back.
                Err(OutboxError::Open(OpenError::UnknownKey { .. })) => {
                    Sending::later("key_missing".to_owned()).tried(number, &self.ambient)
                }
                Err(_) => Tried::Over(MessageState::Failed, "unreadable".to_owned()),
            }
        };
        note(&message, &tried);
        Done { message, tried, opted_out }
    }

    /// Sends it if it is still wanted, and now; otherwise says what is to become of it.
    async fn try_to_send(
        &self,
        round: &Round,
        line: &mut Line,
        message: &Message,
        content: &Content,
    ) -> Result<Sending, Tried> {
        let untold = |error: StoreError| {
            tracing::warn!(%error, message.id = %message.id, "whether a message is still wanted cannot be told");
            Ok(Sending::later("database".to_owned()))
        };
        match self.unwanted(message, content).await {
            Ok(None) => {}
            Ok(Some(reason)) => return Err(Tried::Over(MessageState::Withdrawn, reason)),
            Err(error) => return untold(error),
        }
        match self.rests_until(message).await {
            Ok(None) => {}
            Ok(Some(until)) => return Err(Tried::Back(until, "quiet_hours".to_owned())),
            Err(error) => return untold(error),
        }
        let sending = match (content, self.mailer(), self.texter()) {
            (Content::Email(mail), Some(mailer), _) => {
                mailer.send(line, message.id, self.ambient.now(), mail).await
            }
            (Content::Sms(text), _, Some(texter)) => {
                let callback = sms::callback(&self.public_url, message.clinic_id, message.id);
                texter.send(message.id, &callback, text).await
            }
            _ => return Err(Tried::Over(MessageState::Withdrawn, "channel_off".to_owned())),
        };
        round.learn(&sending);
        Ok(sending)
    }

    async fn settle_patiently(&self, channel: Channel, batch: &[Done]) -> Result<(), StoreError> {
        let mut pauses = SETTLE_PAUSES.into_iter();
        loop {
            match self.settle(batch).await {
                Ok(()) => {
                    let count =
                        |wanted: fn(&Tried) -> bool| batch.iter().filter(|one| wanted(&one.tried)).count();
                    tracing::info!(
                        channel = channel.as_str(),
                        sent = count(|tried| matches!(tried, Tried::Sent(_))),
                        over = count(|tried| matches!(tried, Tried::Over(..))),
                        again = count(|tried| matches!(tried, Tried::Again(..))),
                        "tried to send messages"
                    );
                    return Ok(());
                }
                Err(error) => match pauses.next() {
                    Some(pause) => sleep(pause).await,
                    None => return Err(error),
                },
            }
        }
    }

    /// Writes down what several messages came to, in one unit of work.
    async fn settle(&self, batch: &[Done]) -> Result<(), StoreError> {
        let now = self.ambient.now();
        let mut tx = self.store.begin().await?;
        let mut changed = BTreeSet::new();
        for Done { message, tried, opted_out } in batch {
            tx.settle_message(message.clinic_id, message.id, tried, now).await?;
            if let Some(phone) = opted_out {
                tx.opt_out(Channel::Sms, phone.as_str(), now).await?;
            }
            changed.extend(message.to.appointment().map(|appointment| (message.clinic_id, appointment)));
        }
        for (clinic, appointment) in changed {
            tx.note_change(clinic, Change::Appointment(appointment), now).await?;
        }
        tx.commit().await
    }
}

impl Round {
    fn next(&self) -> Option<DueMessage> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn is_over(&self) -> bool {
        self.stop.is_cancelled() || self.begun.elapsed() > BEGIN_WITHIN
    }

    /// Whether the others would fail too; how long a server asked to be left alone then.
    fn is_down(&self) -> Option<Duration> {
        let is_down = self.failures_in_a_row.load(Ordering::Relaxed) >= DOWN_AFTER;
        is_down.then(|| *self.patience.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn learn(&self, sending: &Sending) {
        match sending {
            Sending::Later { is_down: true, after, .. } | Sending::Closed { after, .. } => {
                self.failures_in_a_row.fetch_add(1, Ordering::Relaxed);
                let mut patience = self.patience.lock().unwrap_or_else(PoisonError::into_inner);
                *patience = (*patience).max(after.unwrap_or_default());
            }
            _ => self.failures_in_a_row.store(0, Ordering::Relaxed),
        }
    }
}

fn note(message: &Message, tried: &Tried) {
    match tried {
        Tried::Over(MessageState::Failed, reason) => {
            tracing::warn!(message.id = %message.id, reason, "a message is given up");
        }
        Tried::Over(_, reason) | Tried::Again(_, reason) | Tried::Back(_, reason) => {
            tracing::debug!(message.id = %message.id, reason, "a message was not sent");
        }
        Tried::Sent(_) => tracing::debug!(message.id = %message.id, "a message was sent"),
    }
}
