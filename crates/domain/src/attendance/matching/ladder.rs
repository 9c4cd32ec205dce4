//! The ladder: every rung, from strong to weak, over everybody who was in a room.
//!
//! A rung sees all of those that are still open at once, so the answer does not depend on whom it looks at first.
//! What a rung has settled, also as ambiguous, no weaker rung overrules.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    Candidate, DecidedBy, Decision, Invite, Level, Match, Press, Registration, Verdict, named, only_one_due,
    pressed, rejoined, vouched,
};
use crate::{
    attendance::{
        fold::Visit,
        names::{Agreement, agreement},
        presence::Who,
        stay::StayKind,
    },
    clinic::Zone,
    id::{AppointmentId, AttendeeId, PresenceId},
    text::{ExternalId, Name, Phone},
    time::Timestamp,
};

/// Who comes early for an appointment comes within this time before its start.
pub const EARLY: Duration = Duration::from_mins(30);
/// Who was let in is in the meeting within this time, or has failed to get there.
const CONNECTS_WITHIN: Duration = Duration::from_mins(2);
/// So many candidates are offered at most.
const MOST_CANDIDATES: usize = 8;

/// Somebody who may be in the room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invited {
    /// To which appointment.
    pub appointment: AppointmentId,
    /// Which attendee.
    pub attendee: AttendeeId,
    /// The scheduler's own id for the person: the same one at another appointment of theirs.
    pub person: ExternalId,
    /// As the clinic knows them.
    pub name: Name,
    /// When the appointment starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Their telephone number, where the scheduler told it.
    pub phone: Option<Phone>,
    /// Whether the appointment takes place, in this room. Others are here because a press or a decision names them.
    pub expected: bool,
}

impl Invited {
    /// Whether this attendee may be expected in the room at that time.
    pub fn is_due(&self, at: Timestamp) -> bool {
        self.expected && self.starts_at.minus(EARLY) <= at && at <= self.ends_at
    }
}

/// All that is known about one room for some time.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Who was there, and whether Zoom says that they are of the staff.
    pub visits: &'a [(Visit, Who)],
    /// Who may have been.
    pub invited: &'a [Invited],
    /// Presses of Join that led to this room.
    pub presses: &'a [Press],
    /// Registrations for this room whose ids were seen, and those of attendees.
    pub registrations: &'a [Registration],
    /// Personal invite links to this room.
    pub invites: &'a [Invite],
    /// When it was looked at how things stand, with everything understood that had been heard by then. Nobody else had
    /// come until then, as far as Zoom says: time passes on the room's own clock, and an answer can be repeated.
    pub looks: &'a [Timestamp],
    /// What people decided, in any order.
    pub decisions: &'a [Decision],
    /// Where the clinic's clocks hang: reasons tell times as they are read there.
    pub zone: &'a Zone,
}

/// Who somebody is, as far as can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What kind of person.
    pub who: Who,
    /// Which attendee, certainly or probably.
    pub matched: Option<Match>,
    /// Who it may be, likeliest first, where that is not settled.
    pub candidates: Vec<Candidate>,
}

/// Says of everybody in the room who they are.
pub fn climb(evidence: &Evidence<'_>) -> BTreeMap<PresenceId, Answer> {
    let known_until = known_until(evidence);
    let mut climb = Climb { evidence, answers: BTreeMap::new(), known_until };
    climb.decisions();
    // Whom a rung has settled for certain vouches for the same id once more.
    climb.step(vouched::rung, Certainty::Stands);
    climb.step(pressed::by_name, Certainty::YieldsToPresses);
    climb.step(named::strictly, Certainty::YieldsToPresses);
    climb.step(vouched::rung, Certainty::Stands);
    climb.step(pressed::alone, Certainty::YieldsToPresses);
    climb.step(pressed::ripened, Certainty::YieldsToPresses);
    climb.step(vouched::rung, Certainty::Stands);
    climb.step(rejoined::rung, Certainty::Stands);
    climb.step(named::probably, Certainty::YieldsToPresses);
    climb.step(only_one_due::rung, Certainty::YieldsToPresses);
    let rest = climb.unanswered().map(|visit| (visit, Finding::OneOf(Vec::new()))).collect();
    climb.settle(rest, Certainty::Stands);
    climb.answers
}

/// What becomes of a rung's certainty where several people pressed Join in the same moments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Certainty {
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
    /// The latest moment of which anything is known here: the room's own clock, so that nothing depends on when the
    /// question is asked.
    pub known_until: Timestamp,
}

impl<'a> Climb<'a> {
    /// Visitors who were heard to come and of whom nothing is settled yet, in order.
    pub fn open(&self) -> impl Iterator<Item = &'a Visit> + '_ {
        self.unanswered().filter(|visit| visit.was_heard_to_come)
    }

    fn unanswered(&self) -> impl Iterator<Item = &'a Visit> + '_ {
        self.evidence
            .visits
            .iter()
            .map(|(visit, _)| visit)
            .filter(|visit| !self.answers.contains_key(&visit.id))
    }

    pub fn invited(&self, attendee: AttendeeId) -> Option<&'a Invited> {
        self.evidence.invited.iter().find(|invited| invited.attendee == attendee)
    }

    /// Those due in this room when the visit began.
    pub fn due(&self, visit: &'a Visit) -> impl Iterator<Item = &'a Invited> {
        let at = visit.first_at;
        self.evidence.invited.iter().filter(move |invited| invited.is_due(at))
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

    /// Others than this one and the same person who are due when the visit begins.
    pub fn others_due(&self, invited: &'a Invited, visit: &'a Visit) -> impl Iterator<Item = &'a Invited> {
        self.due(visit).filter(move |other| other.person != invited.person)
    }

    /// Whether this attendee is due and has not come: neither is anybody who is settled as them in the room, nor was one
    /// for longer than moments.
    pub fn is_missing(&self, attendee: AttendeeId, visit: &Visit) -> bool {
        !self.evidence.visits.iter().any(|(other, _)| {
            other.id != visit.id
                && self.is_settled_as(other.id, attendee)
                && (overlap(other, visit)
                    || end(other)
                        .is_some_and(|end| end.plus(rejoined::WITHIN) < visit.first_at && has_met(other)))
        })
    }

    /// Whether this presence is already settled as this attendee.
    pub fn is_settled_as(&self, presence: PresenceId, attendee: AttendeeId) -> bool {
        self.answers
            .get(&presence)
            .and_then(|answer| answer.matched.as_ref())
            .is_some_and(|matched| matched.attendee == attendee)
    }

    fn decisions(&mut self) {
        let mut decisions: Vec<&Decision> = self.evidence.decisions.iter().collect();
        decisions.sort_by_key(|decision| (decision.at, decision.id));
        for (visit, who) in self.evidence.visits {
            // Where two presences turned out to be one, a decision about either is about it.
            let last = decisions.iter().rfind(|decision| {
                !matches!(decision.verdict, Verdict::Not(_)) && visit.known_as.contains(&decision.presence_id)
            });
            let nobody = |who| Answer { who, matched: None, candidates: Vec::new() };
            let answer = match last.map(|decision| decision.verdict) {
                Some(Verdict::Guest) => nobody(Who::Guest),
                Some(Verdict::Interpreter) => nobody(Who::Interpreter),
                Some(Verdict::Staff) => nobody(Who::Staff),
                Some(Verdict::Attendee(attendee)) => {
                    // An attendee that nobody knows any more cannot be named; the rules speak then.
                    let Some(invited) = self.invited(attendee) else { continue };
                    Answer {
                        who: Who::Visitor,
                        matched: Some(Match {
                            appointment: invited.appointment,
                            attendee,
                            level: Level::Certain,
                            reasons: vec!["assigned by a person".to_owned()],
                            decided_by: DecidedBy::Person,
                        }),
                        candidates: Vec::new(),
                    }
                }
                Some(Verdict::Not(_) | Verdict::Undecided) | None if *who == Who::Visitor => continue,
                Some(Verdict::Not(_) | Verdict::Undecided) | None => nobody(*who),
            };
            self.answers.insert(visit.id, answer);
        }
    }

    fn step(&mut self, rung: fn(&Self) -> Findings<'a>, certainty: Certainty) {
        let findings = rung(self);
        self.settle(findings, certainty);
    }

    /// Whether somebody else pressed Join in the moments before this visit, and had not been seen to come before this
    /// attendee pressed.
    fn others_pressed(&self, visit: &Visit, invited: &Invited) -> bool {
        let theirs = pressed::latest(self, visit, invited).unwrap_or(visit.first_at);
        self.evidence.presses.iter().any(|press| {
            press.attendee_id != invited.attendee
                && pressed::in_reach(press, visit)
                && !self.evidence.visits.iter().any(|(other, _)| {
                    other.id != visit.id
                        && other.first_at <= theirs
                        && self.is_settled_as(other.id, press.attendee_id)
                })
        })
    }

    fn settle(&mut self, findings: Findings<'a>, certainty: Certainty) {
        for (visit, finding) in findings {
            let finding = match finding {
                Finding::Is(invited, Level::Certain, mut reasons)
                    if certainty == Certainty::YieldsToPresses && self.others_pressed(visit, invited) =>
                {
                    reasons.push("others pressed Join in the same moments".to_owned());
                    Finding::Is(invited, Level::Probable, reasons)
                }
                finding => finding,
            };
            let (matched, candidates) = match finding {
                Finding::Kind(who) => {
                    self.answers.insert(visit.id, Answer { who, matched: None, candidates: Vec::new() });
                    continue;
                }
                Finding::Is(invited, ..) if self.is_there_beside(invited.attendee, visit) => {
                    (None, self.candidates(visit, vec![(invited, vec![already_there(invited)])]))
                }
                Finding::Is(invited, level, reasons) => {
                    let Invited { appointment, attendee, .. } = *invited;
                    (
                        Some(Match { appointment, attendee, level, reasons, decided_by: DecidedBy::Rule }),
                        Vec::new(),
                    )
                }
                Finding::OneOf(likely) => (None, self.candidates(visit, likely)),
            };
            self.answers.insert(visit.id, Answer { who: Who::Visitor, matched, candidates });
        }
    }

    /// The likely ones, then the others who are due, nearest first.
    fn candidates(&self, visit: &'a Visit, likely: Vec<(&'a Invited, Vec<String>)>) -> Vec<Candidate> {
        let named: BTreeSet<AttendeeId> = likely.iter().map(|(invited, _)| invited.attendee).collect();
        let mut others: Vec<&Invited> =
            self.due(visit).filter(|invited| !named.contains(&invited.attendee)).collect();
        others.sort_by_key(|invited| {
            (
                name_shown(visit, invited),
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
                if self.is_there_beside(invited.attendee, visit) && !reasons.contains(&already_there(invited))
                {
                    reasons.push(already_there(invited));
                }
                reasons.push(when_due(invited, visit.first_at));
                reasons.push(name_shown(visit, invited).in_words().to_owned());
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

/// The latest time that anything in the evidence speaks of.
pub(super) fn known_until(evidence: &Evidence<'_>) -> Timestamp {
    let stays = evidence.visits.iter().flat_map(|(visit, _)| &visit.stays);
    let presses = evidence.presses.iter().map(|press| press.at).chain(evidence.looks.iter().copied());
    stays
        .flat_map(|stay| [Some(stay.from), stay.to])
        .flatten()
        .chain(presses)
        .max()
        .unwrap_or(Timestamp::from_micros(i64::MIN))
}

/// How the names shown stand to the attendee's: one that speaks against them counts, then the one that agrees most.
pub(super) fn name_shown(visit: &Visit, invited: &Invited) -> Agreement {
    let known = invited.name.as_str();
    let all: Vec<Agreement> = visit.names.iter().map(|name| agreement(Some(name), known)).collect();
    all.iter()
        .copied()
        .filter(|one| matches!(one, Agreement::Differs | Agreement::Family))
        .max()
        .or_else(|| all.into_iter().filter(|one| one.fits()).min())
        .unwrap_or_else(|| agreement(visit.shown_name.as_deref(), known))
}

fn already_there(invited: &Invited) -> String {
    format!("somebody else in the room is taken for {}", invited.name)
}

fn when_due(invited: &Invited, at: Timestamp) -> String {
    let minutes = invited.starts_at.distance(at).as_secs() / 60;
    match (invited.starts_at > at, minutes) {
        (_, 0) => "due at that moment".to_owned(),
        (true, _) => format!("due {minutes} min later"),
        (false, _) if !invited.is_due(at) => format!("was due {minutes} min before"),
        (false, _) => format!("due since {minutes} min"),
    }
}
