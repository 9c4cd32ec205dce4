//! Above all rungs: what a person decided. It stands until a person decides otherwise.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DecidedBy, Decision, Level, Match, Verdict,
    ladder::{Answer, Evidence},
    rejoined,
};
use crate::{
    attendance::{fold::Visit, presence::Who},
    id::{AttendeeId, PresenceId},
};

/// What is settled before any rule speaks: by a person, or because Zoom says that it is one of the staff.
pub(super) fn answers(evidence: &Evidence<'_>) -> BTreeMap<PresenceId, Answer> {
    let answer = |(visit, who): &(Visit, Who)| {
        let nobody = |who| Some(Answer { who, matched: None, candidates: Vec::new() });
        let answer = match last_verdict(evidence, visit) {
            Some(Verdict::Guest) => nobody(Who::Guest),
            Some(Verdict::Interpreter) => nobody(Who::Interpreter),
            Some(Verdict::Staff) => nobody(Who::Staff),
            // An attendee that nobody knows any more cannot be named; the rules speak then.
            Some(Verdict::Attendee(attendee)) => is(evidence, attendee),
            Some(Verdict::Not(_) | Verdict::Undecided) | None => {
                (*who != Who::Visitor).then(|| nobody(*who)).flatten()
            }
        };
        answer.map(|answer| (visit.id, answer))
    };
    evidence.visits.iter().filter_map(answer).collect()
}

fn is(evidence: &Evidence<'_>, attendee: AttendeeId) -> Option<Answer> {
    let invited = evidence.invited.iter().find(|invited| invited.attendee == attendee)?;
    Some(Answer {
        who: Who::Visitor,
        matched: Some(Match {
            appointment: invited.appointment,
            attendee,
            level: Level::Certain,
            reasons: vec!["assigned by a person".to_owned()],
            decided_by: DecidedBy::Person,
        }),
        candidates: Vec::new(),
    })
}

/// Who a person said that somebody is not, of them or of the visit that they come back from.
pub(super) fn excluded(evidence: &Evidence<'_>) -> BTreeMap<PresenceId, BTreeSet<AttendeeId>> {
    // Spare the look for those who came back where nobody was excluded at all.
    if !evidence.decisions.iter().any(|decision| matches!(decision.verdict, Verdict::Not(_))) {
        return BTreeMap::new();
    }
    let mut excluded: BTreeMap<PresenceId, BTreeSet<AttendeeId>> = BTreeMap::new();
    let mut visits: Vec<&Visit> = evidence.visits.iter().map(|(visit, _)| visit).collect();
    visits.sort_by_key(|visit| (visit.first_at, visit.id));
    for visit in visits {
        let mut theirs = said_not(evidence, visit);
        if last_verdict(evidence, visit).is_none()
            && let Some((before, _)) = rejoined::comes_back_from(evidence, visit)
        {
            theirs.extend(excluded.get(&before.id).into_iter().flatten());
        }
        if !theirs.is_empty() {
            excluded.insert(visit.id, theirs);
        }
    }
    excluded
}

/// The last verdict that is no mere exclusion. Who was assigned, and is then said not to be that attendee, is assigned no
/// more.
fn last_verdict(evidence: &Evidence<'_>, visit: &Visit) -> Option<Verdict> {
    let mut verdicts = about(evidence, visit).into_iter().map(|decision| decision.verdict);
    let last = verdicts.rfind(|verdict| !matches!(verdict, Verdict::Not(_)))?;
    match last {
        Verdict::Attendee(attendee) if said_not(evidence, visit).contains(&attendee) => {
            Some(Verdict::Undecided)
        }
        last => Some(last),
    }
}

/// The exclusions since the last verdict of another kind.
fn said_not(evidence: &Evidence<'_>, visit: &Visit) -> BTreeSet<AttendeeId> {
    let mut since = BTreeSet::new();
    for decision in about(evidence, visit) {
        match decision.verdict {
            Verdict::Not(attendee) => {
                since.insert(attendee);
            }
            _ => since.clear(),
        }
    }
    since
}

/// In order. Where two presences turned out to be one, a decision about either is about it.
fn about<'a>(evidence: &Evidence<'a>, visit: &Visit) -> Vec<&'a Decision> {
    let mut decisions: Vec<&Decision> =
        evidence.decisions.iter().filter(|decision| visit.known_as.contains(&decision.presence_id)).collect();
    decisions.sort_by_key(|decision| (decision.at, decision.id));
    decisions
}
