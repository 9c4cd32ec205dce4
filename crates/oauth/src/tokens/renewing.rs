//! A renewal as it is carried out: the units of work and the requests that the [protocol](super::protocol) decides on.

use domain::{
    ClinicId, ConnectionId, Timestamp,
    room::{Connection, ConnectionState},
};
use store::{StoreError, Tx, ports::access::SealedTokens};
use uuid::Uuid;
use vault::SecretText;
use zoom::oauth::{TokenError, Tokens, missing_scopes};

use super::{
    AccessError, Live, breaks,
    protocol::{Answer, Claim, Claimed, End, Goal, Kept, Row, Standing, Step, Worker},
};
use crate::{SecretError, Trouble, Zoom, keep::RENEW_AFTER};

/// Why tokens are wanted, which says which of them are good enough.
#[derive(Clone)]
pub(crate) enum Need {
    /// To call Zoom with, other than this one, which Zoom refused although its time is not up.
    Call {
        /// The one that Zoom refused.
        dead: Option<SecretText>,
    },
    /// To stay alive: renewed within the day, and in no doubt.
    Upkeep,
    /// Likewise, and to find out whether a connection works again that is paused.
    Return,
}

/// A renewal under way.
struct Renewing<'a> {
    zoom: &'a Zoom,
    clinic: ClinicId,
    id: ConnectionId,
    need: Need,
    /// Names the claim.
    holder: Uuid,
    /// Until when the claim lasts.
    until: Timestamp,
    refresh: Option<SecretText>,
    /// What Zoom gave, opened for use and sealed for keeping.
    given: Option<(SecretText, SealedTokens)>,
    /// The row's own access token, where it need not be renewed.
    found: Option<SecretText>,
    /// Why the connection is broken.
    trouble: Option<Trouble>,
    /// Why Zoom did not help.
    fault: Option<AccessError>,
}

/// What a unit of work has read, and the row as the protocol sees it.
struct Seen {
    row: Row<Vec<u8>>,
    kept: Option<(Connection, SealedTokens)>,
}

impl Zoom {
    /// Takes the steps of one who needs live tokens, until the end. To be run in a task of its own: whoever asked may go
    /// away, but a pair that Zoom gave must be kept.
    pub(super) async fn renewing(
        &self,
        clinic: ClinicId,
        id: ConnectionId,
        need: Need,
    ) -> Result<SecretText, AccessError> {
        let now = self.0.ambient.now();
        let goal = if matches!(need, Need::Return) { Goal::Return } else { Goal::Live };
        let mut worker = Worker::new(goal, self.0.patience.steps);
        let mut renewing = Renewing {
            zoom: self,
            clinic,
            id,
            need,
            holder: self.0.ambient.nonce(),
            until: now,
            refresh: None,
            given: None,
            found: None,
            trouble: None,
            fault: None,
        };
        loop {
            worker = match worker.step().clone() {
                Step::Claim => renewing.claim(worker).await?,
                Step::Wait => {
                    tokio::time::sleep(self.0.patience.step).await;
                    worker.waited()
                }
                Step::Ask(_) => {
                    let answer = renewing.ask().await?;
                    worker.answered(answer)
                }
                Step::Keep(..) => renewing.keep(worker).await?,
                Step::End(end) => return renewing.ended(end),
            };
        }
    }
}

impl Renewing<'_> {
    /// Reads the row and holds it until the end of the unit of work.
    async fn see(&self, tx: &mut dyn Tx) -> Result<Seen, AccessError> {
        let gone = Seen { row: Row::Gone, kept: None };
        // First, since it locks the row: what is read after it stays so until the commit.
        let lease = tx.lock_connection(self.clinic, self.id).await?;
        let Some(connection) = tx.connection(self.clinic, self.id).await? else { return Ok(gone) };
        let Some(tokens) = tx.tokens(self.clinic, self.id).await? else { return Ok(gone) };
        let now = self.zoom.0.ambient.now();
        let in_doubt = tx.in_doubt_since(self.clinic, self.id).await?.is_some();
        let live = Live { connection, tokens };
        let row = Row::Kept {
            token: live.tokens.refresh.clone(),
            standing: match (live.connection.state, live.trouble()) {
                (ConnectionState::Disconnected, _) => return Ok(gone),
                (ConnectionState::Connected, _) => Standing::Connected,
                (ConnectionState::NeedsReconnect, Some(trouble)) if trouble.may_pass() => Standing::Paused,
                (ConnectionState::NeedsReconnect, _) => Standing::Broken,
            },
            fresh: match &self.need {
                Need::Call { dead } => self.zoom.usable(&live, dead.as_ref())?.is_some(),
                Need::Upkeep | Need::Return => {
                    !in_doubt && live.tokens.refreshed_at >= now.minus(RENEW_AFTER)
                }
            },
            in_doubt,
            claim: match lease {
                Some((holder, _)) if holder == self.holder => Claim::Own,
                Some((_, until)) if until > now => Claim::Others,
                _ => Claim::Free,
            },
        };
        Ok(Seen { row, kept: Some((live.connection, live.tokens)) })
    }

    async fn claim(&mut self, worker: Worker<Vec<u8>>) -> Result<Worker<Vec<u8>>, AccessError> {
        let mut tx = self.zoom.0.store.begin().await?;
        let seen = self.see(&mut *tx).await?;
        let (claimed, worker) = worker.claim(&seen.row);
        let Some((connection, tokens)) = seen.kept else { return Ok(worker) };
        self.trouble = connection.trouble.as_deref().and_then(Trouble::from_code);
        match claimed {
            Claimed::Leave => {
                if *worker.step() == Step::End(End::Live) {
                    self.found = Some(self.zoom.open_access(self.clinic, &tokens)?);
                }
            }
            Claimed::Take => {
                // Before anything is written: what does not open cannot be asked about.
                self.refresh = Some(self.zoom.open_refresh(self.clinic, &tokens)?);
                let now = self.zoom.0.ambient.now();
                self.until = now.plus(self.zoom.0.patience.lease);
                tx.lease_refresh(self.clinic, self.id, self.holder, now, self.until).await?;
                tx.note_asked(self.clinic, self.id, now).await?;
                tx.commit().await?;
            }
        }
        Ok(worker)
    }

    /// Asks Zoom to trade the refresh token.
    async fn ask(&mut self) -> Result<Answer, AccessError> {
        let patience = self.zoom.0.patience;
        let asked_at = self.zoom.0.ambient.now();
        let Some(refresh) = self.refresh.take() else { return Ok(Answer::NotAsked) };
        if asked_at.plus(patience.question) > self.until {
            return Ok(Answer::NotAsked);
        }
        let answer = tokio::time::timeout(patience.question, self.zoom.0.oauth.refresh(&refresh)).await;
        let answer = answer.unwrap_or(Err(TokenError::Unavailable { retry: None, may_be_done: true }));
        self.fault = None;
        let id = self.id;
        Ok(match answer {
            Ok(pair) => {
                self.given = Some(self.sealed(pair, asked_at)?);
                Answer::Pair
            }
            Err(TokenError::InvalidGrant { reason }) => {
                let trouble = Trouble::from(reason);
                self.trouble = Some(trouble);
                Answer::Refused { may_return: trouble.may_pass() }
            }
            Err(error @ (TokenError::InvalidClient | TokenError::Rejected { .. })) => {
                tracing::error!(connection.id = %id, %error, "Zoom does not accept the app");
                self.fault = Some(AccessError::Misconfigured(error));
                Answer::Untouched
            }
            Err(error) if error.may_be_done() => {
                let told_to_wait = matches!(error, TokenError::Unavailable { retry: Some(_), .. });
                let quickly = !told_to_wait && self.zoom.0.ambient.now() < asked_at.plus(patience.at_once);
                tracing::warn!(connection.id = %id, %error, quickly, "the answer to a renewal was lost");
                Answer::Lost { quickly }
            }
            Err(error) => {
                tracing::warn!(connection.id = %id, %error, "no renewal");
                Answer::Untouched
            }
        })
    }

    fn sealed(&self, pair: Tokens, asked_at: Timestamp) -> Result<(SecretText, SealedTokens), SecretError> {
        let sealed = self.zoom.seal_tokens(self.clinic, self.id, &pair, asked_at)?;
        Ok((pair.access, sealed))
    }

    /// Keeps what came, again and again if need be: nobody else has it.
    async fn keep(&mut self, worker: Worker<Vec<u8>>) -> Result<Worker<Vec<u8>>, AccessError> {
        let patience = self.zoom.0.patience;
        // Only a pair is worth the wait; anything else is found out again.
        let mut tries = if self.given.is_some() { patience.keep_steps } else { 1 };
        loop {
            match self.keep_once(worker.clone()).await {
                Err(AccessError::Store(error)) if tries > 0 => {
                    tries -= 1;
                    tracing::error!(connection.id = %self.id, %error, "what Zoom answered could not be kept");
                    tokio::time::sleep(patience.keep_step).await;
                }
                done => return done,
            }
        }
    }

    async fn keep_once(&mut self, worker: Worker<Vec<u8>>) -> Result<Worker<Vec<u8>>, AccessError> {
        let mut tx = self.zoom.0.store.begin().await?;
        let seen = self.see(&mut *tx).await?;
        let (kept, worker) = worker.keep(&seen.row);
        if kept != Kept::DoubtUntilTheEnd {
            tx.release_refresh(self.clinic, self.id, self.holder).await?;
        }
        let mut given = self.given.clone();
        let mut trouble = self.trouble;
        match (kept, &seen.kept) {
            (Kept::Pair, Some((connection, before))) => {
                let Some((_, sealed)) = &mut given else { return Err(AccessError::Unavailable) };
                trouble = self.keep_pair(&mut *tx, connection, before, sealed).await?;
            }
            (Kept::Refused, Some((connection, _))) => {
                let why = trouble.unwrap_or(Trouble::Refused);
                breaks::note_broken(&mut *tx, &self.zoom.0.ambient, connection, why).await?;
            }
            (Kept::Settled, _) => tx.settle_doubt(self.clinic, self.id).await?,
            _ => {}
        }
        tx.commit().await?;
        self.trouble = trouble;
        self.told(kept);
        if !matches!(worker.step(), Step::End(End::Live)) {
            self.given = None;
        }
        Ok(worker)
    }

    /// Keeps a new pair. Returns what is wrong with the connection all the same.
    async fn keep_pair(
        &self,
        tx: &mut dyn Tx,
        before: &Connection,
        old: &SealedTokens,
        pair: &mut SealedTokens,
    ) -> Result<Option<Trouble>, StoreError> {
        if pair.scopes.is_empty() {
            // An answer that names none leaves those that were given (RFC 6749, section 6).
            pair.scopes.clone_from(&old.scopes);
        }
        tx.set_tokens(self.clinic, pair).await?;
        let granted = pair.scopes.split_whitespace().map(str::to_owned).collect();
        if !missing_scopes(&granted).is_empty() {
            breaks::note_broken(tx, &self.zoom.0.ambient, before, Trouble::MissingScopes).await?;
            return Ok(Some(Trouble::MissingScopes));
        }
        let trouble = before.trouble.as_deref().and_then(Trouble::from_code);
        match trouble.filter(|trouble| trouble.is_of_room()) {
            // New tokens say nothing new about the room.
            Some(trouble) => {
                let (connected, code) = (ConnectionState::Connected, Some(trouble.as_str()));
                tx.set_connection_state(self.clinic, self.id, connected, code, pair.refreshed_at).await?;
            }
            None if before.state == ConnectionState::NeedsReconnect => {
                breaks::note_mended(tx, before, self.zoom.0.ambient.now()).await?;
            }
            None => {}
        }
        Ok(None)
    }

    fn told(&self, kept: Kept) {
        let (id, trouble) = (self.id, self.trouble.map(Trouble::as_str));
        match kept {
            Kept::Pair => tracing::info!(connection.id = %id, trouble, "renewed a connection's tokens"),
            Kept::Refused => tracing::warn!(connection.id = %id, trouble, "a connection needs reconnecting"),
            Kept::Overtaken => tracing::info!(connection.id = %id, "somebody else has renewed meanwhile"),
            Kept::Settled | Kept::Doubt | Kept::DoubtUntilTheEnd => {}
        }
    }

    fn ended(self, end: End) -> Result<SecretText, AccessError> {
        match end {
            End::Live => match (self.given, self.trouble) {
                (Some(_), Some(Trouble::MissingScopes)) => {
                    Err(AccessError::NeedsReconnect(Some(Trouble::MissingScopes)))
                }
                (Some((access, _)), _) => Ok(access),
                (None, _) => self.found.ok_or(AccessError::Unavailable),
            },
            End::Gone => Err(AccessError::NotConnected),
            End::Broken => Err(AccessError::NeedsReconnect(self.trouble)),
            End::Busy => Err(AccessError::Busy),
            End::NoAnswer => Err(self.fault.unwrap_or(AccessError::Unavailable)),
        }
    }
}
