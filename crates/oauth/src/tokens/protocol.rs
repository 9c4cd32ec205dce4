//! Renewing one connection's tokens, as decisions without any I/O: what a worker does next, given what it has seen.
//!
//! Many workers, in several instances of the program, may want a live token of the same connection at the same moment.
//! Every renewal kills the refresh token before it, any of them may crash at any step, and any answer may be lost. So:
//!
//! 1. The row is claimed for a time before Zoom is asked, and marked as in doubt in the same unit of work. Whoever finds
//!    it claimed waits.
//! 2. Zoom is asked only while the claim lasts longer than the question can take.
//! 3. The new pair is kept before it is used, and only over the very token that was traded for it.
//! 4. A refusal is believed only if the row still holds the token that was refused.
//! 5. An answer that never came leaves the doubt: the old token is asked about once more, at once or soon, and Zoom's
//!    answer to that tells whether the connection is alive or dead.
//!
//! The units of work and the requests are made by the [module above](super), which does what this one says. The search
//! beside it goes through every state that three workers can reach with this very code.

/// A token as the row holds it: two are the same only if nothing was written in between.
pub(crate) trait Token: Clone + PartialEq {}

impl<T: Clone + PartialEq> Token for T {}

/// What a worker is after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Goal {
    /// Live tokens of a connection that is believed to work.
    Live,
    /// The same, and to find out whether a connection works again that broke in a way which may pass.
    Return,
}

/// The row, read while it is held against everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Row<T> {
    /// There is none, or it was taken back.
    Gone,
    /// It has tokens.
    Kept {
        /// The refresh token.
        token: T,
        /// How it stands.
        standing: Standing,
        /// The tokens are good enough for what the worker wants.
        fresh: bool,
        /// Nobody knows whether Zoom still takes the refresh token.
        in_doubt: bool,
        /// Whose the claim is.
        claim: Claim,
    },
}

/// How a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// Zoom takes its tokens, as far as is known.
    Connected,
    /// Zoom does not, and may take the same ones again later.
    Paused,
    /// Zoom does not, and never will.
    Broken,
}

/// Whose the claim on a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Claim {
    /// Nobody's, or its time is over.
    Free,
    /// This worker's: it was the last to claim the row, whether or not the time is over.
    Own,
    /// Another one's.
    Others,
}

/// What Zoom answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Answer {
    /// A new pair.
    Pair,
    /// It does not take the token.
    Refused {
        /// It may take it again later.
        may_return: bool,
    },
    /// It did nothing, for certain: it was not reached, or said so.
    Untouched,
    /// The question came too late to be asked under this claim.
    NotAsked,
    /// None that can be understood: it may have traded the token or not.
    Lost {
        /// The connection broke so quickly that there is time to ask once more.
        quickly: bool,
    },
}

/// What a worker is to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Step<T> {
    /// Hold the row, [`Worker::claim`].
    Claim,
    /// Wait a moment for whoever has claimed the row, then [`Worker::waited`].
    Wait,
    /// Ask Zoom to trade this token, if the claim lasts long enough, then [`Worker::answered`].
    Ask(T),
    /// Hold the row, [`Worker::keep`].
    Keep(T, Answer),
    /// Nothing: it is over.
    End(End),
}

/// How a worker ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum End {
    /// With the row's tokens, or with the pair that was just kept there.
    Live,
    /// The connection is gone.
    Gone,
    /// The connection is broken.
    Broken,
    /// Others kept the row claimed for too long.
    Busy,
    /// Zoom did not help.
    NoAnswer,
}

/// What to write about a claim, in the unit of work in which the row was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// Nothing.
    Leave,
    /// Claim the row for this worker, and mark it as in doubt.
    Take,
}

/// What to write about an answer, in the unit of work in which the row was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// The new pair: it is connected, and in no doubt. The claim ends.
    Pair,
    /// It is broken, and in no doubt. The claim ends.
    Refused,
    /// It is as it was before the question, in no doubt. The claim ends.
    Settled,
    /// It stays in doubt. The claim ends, if it is still this worker's.
    Doubt,
    /// It stays in doubt, and claimed until the time is over: Zoom may still be at it.
    DoubtUntilTheEnd,
    /// Nothing of it: somebody else has written since. The claim ends, if it is still this worker's.
    Overtaken,
}

/// One who wants live tokens of one connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Worker<T> {
    goal: Goal,
    /// How often it may still wait or begin anew.
    patience: u32,
    /// It has asked once more after a lost answer.
    asked_again: bool,
    /// The row was in doubt already when it was claimed.
    doubted_before: bool,
    step: Step<T>,
}

impl<T: Token> Worker<T> {
    /// One who waits or begins anew so often at most.
    pub(crate) fn new(goal: Goal, patience: u32) -> Self {
        Self { goal, patience, asked_again: false, doubted_before: false, step: Step::Claim }
    }

    /// What to do next.
    pub(crate) fn step(&self) -> &Step<T> {
        &self.step
    }

    /// At [`Step::Claim`]: what to write, and who the worker is once that is committed.
    pub(crate) fn claim(mut self, row: &Row<T>) -> (Claimed, Self) {
        let Row::Kept { token, standing, fresh, in_doubt, claim } = row else {
            return (Claimed::Leave, self.ended(End::Gone));
        };
        let hopeless = match standing {
            Standing::Connected => false,
            Standing::Paused => self.goal != Goal::Return,
            Standing::Broken => true,
        };
        if hopeless {
            return (Claimed::Leave, self.ended(End::Broken));
        }
        if *fresh && *standing == Standing::Connected {
            return (Claimed::Leave, self.ended(End::Live));
        }
        if *claim == Claim::Others {
            let next = if self.patience == 0 { Step::End(End::Busy) } else { Step::Wait };
            return (Claimed::Leave, Self { step: next, ..self });
        }
        self.doubted_before = *in_doubt;
        self.step = Step::Ask(token.clone());
        (Claimed::Take, self)
    }

    /// At [`Step::Wait`]: a moment has passed.
    pub(crate) fn waited(self) -> Self {
        self.anew()
    }

    /// At [`Step::Ask`]: this came of it.
    pub(crate) fn answered(self, answer: Answer) -> Self {
        match &self.step {
            Step::Ask(token) => Self { step: Step::Keep(token.clone(), answer), ..self },
            _ => self,
        }
    }

    /// At [`Step::Keep`]: what to write, and who the worker is once that is committed. Where it is not known whether it
    /// was committed, the same worker does it again.
    pub(crate) fn keep(self, row: &Row<T>) -> (Kept, Self) {
        let Step::Keep(asked, answer) = self.step.clone() else { return (Kept::Overtaken, self) };
        let Row::Kept { token, claim, .. } = row else { return (Kept::Overtaken, self.ended(End::Gone)) };
        // Whoever connected anew, or renewed after our time was over, knows more than this answer does.
        if *token != asked {
            return (Kept::Overtaken, self.anew());
        }
        match answer {
            Answer::Pair => (Kept::Pair, self.ended(End::Live)),
            Answer::Refused { .. } => (Kept::Refused, self.ended(End::Broken)),
            // Nothing was done by this question. But there may have been one before it, and if the claim is another's by
            // now, there may be one after it.
            Answer::Untouched => {
                let settles = *claim == Claim::Own && !self.doubted_before;
                let kept = if settles { Kept::Settled } else { Kept::Doubt };
                (kept, self.ended(End::NoAnswer))
            }
            Answer::NotAsked => {
                let settles = *claim == Claim::Own && !self.doubted_before;
                let kept = if settles { Kept::Settled } else { Kept::Doubt };
                (kept, self.anew())
            }
            Answer::Lost { quickly: true } if !self.asked_again => {
                let again = Self { asked_again: true, step: Step::Claim, ..self };
                (Kept::Doubt, again)
            }
            Answer::Lost { quickly: true } => (Kept::Doubt, self.ended(End::NoAnswer)),
            Answer::Lost { quickly: false } => (Kept::DoubtUntilTheEnd, self.ended(End::NoAnswer)),
        }
    }

    fn anew(self) -> Self {
        match self.patience.checked_sub(1) {
            Some(patience) => Self { patience, step: Step::Claim, ..self },
            None => self.ended(End::Busy),
        }
    }

    fn ended(self, end: End) -> Self {
        Self { step: Step::End(end), ..self }
    }
}

#[cfg(test)]
mod search;
