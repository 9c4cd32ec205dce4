//! What the rungs share: what is settled so far, who is due, who is there, and how names stand to one another.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    Candidate, DecidedBy, Level, Match, decided,
    ladder::{Answer, Evidence, Invited, known_until},
    links::{self, Sign},
    pressed, rejoined, words,
};
use crate::{
    attendance::{
        fold::Visit,
        names::{Agreement, agreement},
        presence::Who,
        stay::StayKind,
    },
    id::{AttendeeId, PresenceId},
    time::Timestamp,
};

/// Who was let in is in the meeting within this time, or has failed to get there.
const CONNECTS_WITHIN: Duration = Duration::from_mins(2);
/// So many candidates are offered at most.
const MOST_CANDIDATES: usize = 8;

/// What becomes of a rung's certainty where several people pressed Join in the same moments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Certainty {
    /// An id speaks for it, which presses cannot confuse.
    Stands,
    /// It is probable then: links are swapped within families, and names are typed by anybody.
    YieldsToPresses,
}

/// What a rung says of somebody.
pub(super) enum Finding<'a> {
    /// It is this attendee.
    Is(&'a Invited, Level, Vec<String>),
    /// It is nobody to be matched, but of this kind.
    Kind(Who),
    /// It is one of these, or none; a person must say.
    OneOf(Vec<(&'a Invited, Vec<String>)>),
}

pub(super) type Findings<'a> = Vec<(&'a Visit, Finding<'a>)>;

/// The ladder, half climbed.
pub(super) struct Climb<'a> {
    pub evidence: &'a Evidence<'a>,
    answers: BTreeMap<PresenceId, Answer>,
    /// In the order of their appointments, however they are listed.
    invited: Vec<&'a Invited>,
    /// By whose link they came, of those of whom that is known.
    links: BTreeMap<PresenceId, (AttendeeId, Sign)>,
    /// Whom a person said that somebody is not.
    excluded: BTreeMap<PresenceId, BTreeSet<AttendeeId>>,
    /// The latest moment of which anything is known here: the room's own clock, so that nothing depends on when the
    /// question is asked.
    pub known_until: Timestamp,
}

impl<'a> Climb<'a> {
    pub fn new(evidence: &'a Evidence<'a>) -> Self {
        let link = |visit: &Visit| links::link(evidence, visit).map(|link| (visit.id, link));
        let mut invited: Vec<&Invited> = evidence.invited.iter().collect();
        invited.sort_by_key(|invited| (invited.starts_at, invited.attendee));
        Self {
            evidence,
            invited,
            answers: decided::answers(evidence),
            links: evidence.visits.iter().filter_map(|(visit, _)| link(visit)).collect(),
            excluded: decided::excluded(evidence),
            known_until: known_until(evidence),
        }
    }

    pub fn into_answers(self) -> BTreeMap<PresenceId, Answer> {
        self.answers
    }

    /// Visitors who were heard to come and of whom nothing is settled yet, in order.
    pub fn open(&self) -> impl Iterator<Item = &'a Visit> + '_ {
        self.unanswered().filter(|visit| visit.was_heard_to_come)
    }

    pub fn unanswered(&self) -> impl Iterator<Item = &'a Visit> + '_ {
        self.evidence
            .visits
            .iter()
            .map(|(visit, _)| visit)
            .filter(|visit| !self.answers.contains_key(&visit.id))
    }

    pub fn invited(&self, attendee: AttendeeId) -> Option<&'a Invited> {
        self.evidence.invited.iter().find(|invited| invited.attendee == attendee)
    }

    /// Whether no person said that somebody is not this attendee.
    pub fn may_be(&self, visit: &Visit, attendee: AttendeeId) -> bool {
        self.excluded.get(&visit.id).is_none_or(|excluded| !excluded.contains(&attendee))
    }

    /// By whose link somebody came, where more than the time of a press says so.
    pub fn link(&self, visit: &Visit) -> Option<(AttendeeId, Sign)> {
        self.links.get(&visit.id).copied()
    }

    /// Those due in this room when the visit began.
    pub fn due<'c>(&'c self, visit: &'c Visit) -> impl Iterator<Item = &'a Invited> + 'c {
        let at = visit.first_at;
        self.invited
            .iter()
            .copied()
            .filter(move |invited| invited.is_due(at) && self.may_be(visit, invited.attendee))
    }

    /// Others than this one and the same person who are due when the visit begins.
    pub fn others_due<'c>(
        &'c self,
        invited: &'c Invited,
        visit: &'c Visit,
    ) -> impl Iterator<Item = &'a Invited> + 'c {
        self.due(visit).filter(move |other| other.person != invited.person)
    }

    /// The others of the same appointment.
    pub fn of_the_appointment<'c>(&'c self, invited: &'c Invited) -> impl Iterator<Item = &'a Invited> + 'c {
        self.invited.iter().copied().filter(move |other| {
            other.appointment == invited.appointment && other.attendee != invited.attendee && other.expected
        })
    }

    /// Whether somebody who is already settled as this attendee was in the room at the same time.
    pub fn is_there_beside(&self, attendee: AttendeeId, visit: &Visit) -> bool {
        self.evidence.visits.iter().any(|(other, _)| {
            other.id != visit.id && overlap(other, visit) && self.is_settled_as(other.id, attendee)
        })
    }

    /// What is settled of somebody so far.
    pub fn answer(&self, presence: PresenceId) -> Option<&Answer> {
        self.answers.get(&presence)
    }

    /// Whether this attendee is due and has not come: neither is anybody who is settled as them in the room, nor was one
    /// for longer than moments.
    pub fn is_missing(&self, attendee: AttendeeId, visit: &Visit) -> bool {
        !self
            .evidence
            .visits
            .iter()
            .any(|(other, _)| self.is_settled_as(other.id, attendee) && is_or_was_there(other, visit))
    }

    /// Whether it is certain that this attendee is in the room or was there for longer than moments, and will not come
    /// again, or not by this visit.
    pub fn has_come(&self, attendee: AttendeeId, visit: &Visit) -> bool {
        self.evidence.visits.iter().any(|(other, _)| {
            let matched = self.answer(other.id).and_then(|answer| answer.matched.as_ref());
            matched.is_some_and(|matched| matched.attendee == attendee && matched.level == Level::Certain)
                && is_or_was_there(other, visit)
        })
    }

    /// Whether it is certain that this attendee was in the meeting for longer than moments, by an earlier visit.
    pub fn has_met(&self, attendee: AttendeeId, visit: &Visit) -> bool {
        self.evidence.visits.iter().any(|(other, _)| {
            let matched = self.answer(other.id).and_then(|answer| answer.matched.as_ref());
            matched.is_some_and(|matched| matched.attendee == attendee && matched.level == Level::Certain)
                && other.first_at < visit.first_at
                && has_met(other)
        })
    }

    /// Whether this presence is already settled as this attendee.
    pub fn is_settled_as(&self, presence: PresenceId, attendee: AttendeeId) -> bool {
        self.answers
            .get(&presence)
            .and_then(|answer| answer.matched.as_ref())
            .is_some_and(|matched| matched.attendee == attendee)
    }

    /// How the names shown stand to the attendee's: one that speaks against them counts, then the one that agrees most.
    pub fn name_shown(&self, visit: &Visit, invited: &Invited) -> Agreement {
        let all: Vec<Agreement> =
            visit.names.iter().map(|name| self.one_name(visit, invited, name)).collect();
        all.iter()
            .copied()
            .filter(|one| matches!(one, Agreement::Differs | Agreement::Family))
            .max()
            .or_else(|| all.iter().copied().filter(|one| one.fits()).min())
            .or_else(|| all.last().copied())
            .unwrap_or(Agreement::Absent)
    }

    /// A name that a link presets was typed by nobody, if that link was pressed moments before; otherwise it may have
    /// stayed with whoever came by it.
    fn one_name(&self, visit: &Visit, invited: &Invited, name: &str) -> Agreement {
        let found = agreement(Some(name), invited.name.as_str());
        let by_preset = matches!(self.link(visit), Some((_, Sign::Preset | Sign::Registered)));
        match links::presets(self.evidence, visit, name).is_empty() {
            true => found,
            false if by_preset => Agreement::Given,
            false => found.max(Agreement::Agrees),
        }
    }

    pub fn step(&mut self, rung: fn(&Self) -> Findings<'a>, certainty: Certainty) {
        let findings = rung(self);
        self.settle(findings, certainty);
    }

    /// Takes in what a rung found, whoever it looked at first: those who came first are settled first, and questions last.
    pub fn settle(&mut self, mut findings: Findings<'a>, certainty: Certainty) {
        findings.sort_by_key(|(visit, _)| (visit.first_at, visit.id));
        let mut questions = Vec::new();
        for (visit, finding) in findings {
            let answer = match finding {
                Finding::Kind(who) => Answer { who, matched: None, candidates: Vec::new() },
                Finding::Is(invited, ..) if self.is_there_beside(invited.attendee, visit) => {
                    questions.push((visit, vec![(invited, vec![words::already_there(invited)])]));
                    continue;
                }
                Finding::Is(invited, level, reasons) => self.is(visit, invited, level, reasons, certainty),
                Finding::OneOf(likely) => {
                    questions.push((visit, likely));
                    continue;
                }
            };
            self.answers.insert(visit.id, answer);
        }
        let asked: Vec<(PresenceId, Vec<Candidate>)> =
            questions.into_iter().map(|(visit, likely)| (visit.id, self.candidates(visit, likely))).collect();
        let question = |candidates| Answer { who: Who::Visitor, matched: None, candidates };
        self.answers.extend(asked.into_iter().map(|(presence, candidates)| (presence, question(candidates))));
    }

    fn is(
        &self,
        visit: &Visit,
        invited: &Invited,
        level: Level,
        mut reasons: Vec<String>,
        certainty: Certainty,
    ) -> Answer {
        let yields = level == Level::Certain
            && certainty == Certainty::YieldsToPresses
            && pressed::others_pressed_at_once(self, visit, invited);
        if yields {
            reasons.push("others pressed Join in the same moments".to_owned());
        }
        let Invited { appointment, attendee, .. } = *invited;
        // Whoever comes for a patient is there, and the patient may not be.
        let comes_for = self.name_shown(visit, invited) == Agreement::ComesFor;
        let level = if yields || comes_for { level.min(Level::Probable) } else { level };
        let matched = Match { appointment, attendee, level, reasons, decided_by: DecidedBy::Rule };
        Answer { who: Who::Visitor, matched: Some(matched), candidates: Vec::new() }
    }

    /// The likely ones, then the others who are due, nearest first.
    fn candidates(&self, visit: &'a Visit, mut likely: Vec<(&'a Invited, Vec<String>)>) -> Vec<Candidate> {
        likely.retain(|(invited, _)| self.may_be(visit, invited.attendee));
        let named: BTreeSet<AttendeeId> = likely.iter().map(|(invited, _)| invited.attendee).collect();
        let mut others: Vec<&Invited> =
            self.due(visit).filter(|invited| !named.contains(&invited.attendee)).collect();
        others.sort_by_key(|invited| {
            (
                self.name_shown(visit, invited),
                invited.starts_at.distance(visit.first_at),
                invited.starts_at,
                invited.attendee,
            )
        });
        likely
            .into_iter()
            .chain(others.into_iter().map(|invited| (invited, Vec::new())))
            .take(MOST_CANDIDATES)
            .map(|(invited, mut reasons)| {
                let there = words::already_there(invited);
                if self.is_there_beside(invited.attendee, visit) && !reasons.contains(&there) {
                    reasons.push(there);
                }
                reasons.push(words::when_due(invited, visit.first_at, self.evidence.zone));
                reasons.push(self.name_shown(visit, invited).in_words().to_owned());
                Candidate {
                    appointment: invited.appointment,
                    attendee: invited.attendee,
                    level: Level::Ambiguous,
                    reasons,
                }
            })
            .collect()
    }
}

/// Whether the one was in the room at the other's time, or had been there for longer than moments and was gone for good.
fn is_or_was_there(other: &Visit, visit: &Visit) -> bool {
    other.id != visit.id
        && (overlap(other, visit)
            || end(other).is_some_and(|end| end.plus(rejoined::WITHIN) < visit.first_at && has_met(other)))
}

/// Whether both were in the room at once.
pub(super) fn overlap(a: &Visit, b: &Visit) -> bool {
    let begins_before = |a: &Visit, b: &Visit| end(b).is_none_or(|end| a.first_at < end);
    begins_before(a, b) && begins_before(b, a)
}

/// When somebody was there no more. Who was let in and never came is not there for ever.
pub(super) fn end(visit: &Visit) -> Option<Timestamp> {
    let last = visit.stays.last()?;
    match last.kind {
        StayKind::Connecting => {
            Some(last.to.unwrap_or(Timestamp::from_micros(i64::MAX)).min(last.from.plus(CONNECTS_WITHIN)))
        }
        StayKind::Waiting | StayKind::InSession => last.to,
    }
}

/// Whether somebody was in the meeting, and not only for moments.
fn has_met(visit: &Visit) -> bool {
    visit.stays.iter().any(|stay| {
        stay.kind == StayKind::InSession && stay.to.is_none_or(|to| to.since(stay.from) >= rejoined::WITHIN)
    })
}
