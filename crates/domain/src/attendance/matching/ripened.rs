//! Rung: who came by a press without a name, once time has told that nobody else did.
//!
//! A press ripens when all the time in which somebody may come by it is over, the appointment is about to start, nobody
//! else came by that link, nobody pressed it again, no other link was pressed in those moments, and nobody else is
//! missing who may come about now without being noted. Time is the room's own: what has been heard, and looks.

use std::{collections::BTreeSet, time::Duration};

use super::{
    DecidedBy, Level,
    climb::{Climb, Finding, Findings, overlap},
    ladder::{Evidence, Invited},
    links::{self, Sign},
    pressed::{self, HEARD_AT_LAST, HEARD_WITHIN, SKEW, in_reach, is_within},
};
use crate::{
    attendance::{fold::Visit, names::Agreement, presence::Who},
    id::AttendeeId,
    time::Timestamp,
};

/// Most have come by this time before the start. Had somebody else come early by a forwarded link, its owner would have
/// pressed it too by now.
const TIME_HAS_COME: Duration = Duration::from_mins(3);
/// What Zoom has to say of somebody comes this much later than it happens, as a rule.
const TOLD_WITHIN: Duration = Duration::from_secs(5);
/// Most come within this time of pressing.
const COMES_WITHIN: Duration = Duration::from_mins(1);
/// Who comes so long before the start is not late.
const IN_TIME: Duration = Duration::from_mins(1);
/// Who comes so long before the start comes for the appointment.
const WELL_BEFORE: Duration = Duration::from_secs(270);
/// Who comes without being noted does so within this time of the start, before or after it.
const AROUND_START: Duration = Duration::from_mins(20);

/// Those who came by a press and whose name is not their own. Asked when it is known who came by the other presses.
pub(super) fn rung<'a>(climb: &Climb<'a>) -> Findings<'a> {
    climb
        .evidence
        .visits
        .iter()
        .filter_map(|(visit, _)| {
            let matched = climb.answer(visit.id)?.matched.as_ref()?;
            let invited = climb.invited(matched.attendee)?;
            // Whose link it was is known already, and who may hold it was asked.
            let is_asked = matches!(climb.link(visit), Some((_, Sign::Registered | Sign::Preset)));
            let is_ripe = matched.level == Level::Probable
                && !(is_asked && climb.name_shown(visit, invited).is_silent())
                && matched.decided_by == DecidedBy::Rule
                && has_ripened(climb, visit, invited);
            let mut reasons = matched.reasons.clone();
            reasons.push("nobody else came, and nobody else is missing".to_owned());
            is_ripe.then_some((visit, Finding::Is(invited, Level::Certain, reasons)))
        })
        .collect()
}

/// When a press is ripe, by what Zoom shows, where nobody else comes; none where it never is.
fn ripens(climb: &Climb<'_>, visit: &Visit, invited: &Invited, pressed: Timestamp) -> Option<Timestamp> {
    let all_have_come = pressed.plus(HEARD_WITHIN).plus(TOLD_WITHIN);
    // Who comes along with a patient comes about the start, and not much before.
    let well_before = visit.first_at <= invited.starts_at.minus(WELL_BEFORE);
    let in_time = visit.first_at <= invited.starts_at.minus(IN_TIME);
    match climb.name_shown(visit, invited) {
        Agreement::Absent => well_before.then_some(all_have_come),
        // Where Zoom tells names, those who come along bear one of their own, as a rule.
        shown if shown.is_silent() && in_time && visit.first_at <= pressed.plus(COMES_WITHIN) => {
            Some(visit.first_at)
        }
        shown if shown.is_silent() => Some(all_have_come),
        // Also a relative's: it may be their device, and it may be they.
        _ => None,
    }
}

/// Whether those who come to this appointment are there by now, as a rule.
pub(super) fn time_has_come(climb: &Climb<'_>, invited: &Invited) -> bool {
    climb.known_until >= invited.starts_at.minus(TIME_HAS_COME)
}

/// Whether the time is over in which somebody may come by the attendee's last press before the visit.
pub(super) fn all_have_come(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    pressed::latest(climb, visit, invited)
        .is_some_and(|pressed| climb.known_until >= pressed.plus(HEARD_WITHIN).plus(TOLD_WITHIN))
}

/// Whether nobody else can come by the press any more, and nobody else is missing who may have come without one.
fn has_ripened(climb: &Climb<'_>, visit: &Visit, invited: &Invited) -> bool {
    let theirs = || climb.evidence.presses.iter().filter(|press| press.attendee_id == invited.attendee);
    let reaching = || theirs().filter(|press| in_reach(press, visit));
    let Some(last) = reaching().map(|press| press.at).max() else { return false };
    // Time does not tell a scanner's press from a patient's.
    if reaching().all(|press| pressed::is_doubted(climb, press)) {
        return false;
    }
    let pressed_again = theirs()
        .any(|press| press.at > visit.first_at.plus(SKEW) && press.at <= visit.first_at.plus(HEARD_AT_LAST));
    let somebody_else_came = climb.evidence.visits.iter().any(|(other, _)| {
        other.id != visit.id
            && overlap(other, visit)
            && other.was_heard_to_come
            && theirs().any(|press| is_within(press, other, HEARD_AT_LAST))
            && climb
                .answer(other.id)
                .is_none_or(|answer| answer.who == Who::Visitor && answer.matched.is_none())
    });
    let others_pressed = climb
        .evidence
        .presses
        .iter()
        .any(|press| press.attendee_id != invited.attendee && in_reach(press, visit));
    let may_come_unnoted = |other: &Invited| {
        other.appointment == invited.appointment || other.starts_at.distance(visit.first_at) <= AROUND_START
    };
    // A guest's registration says that no attendee's link was used, unless Zoom refused to register its holder.
    !links::is_guest(climb.evidence, visit)
        && ripens(climb, visit, invited, last).is_some_and(|until| climb.known_until >= until)
        && time_has_come(climb, invited)
        && invited.expected
        && invited.starts_at.minus(links::AROUND) <= visit.first_at
        && visit.first_at <= invited.ends_at
        && !pressed_again
        && !somebody_else_came
        && !others_pressed
        && !climb.of_the_appointment(invited).any(|other| climb.is_missing(other.attendee, visit))
        && !climb
            .others_due(invited, visit)
            .any(|other| may_come_unnoted(other) && climb.is_missing(other.attendee, visit))
}

/// The moments at which time alone may ripen somebody's press or link.
pub(super) fn moments<'e>(evidence: &'e Evidence<'_>) -> impl Iterator<Item = Timestamp> + 'e {
    let visitors = evidence.visits.iter().filter(|(_, who)| *who == Who::Visitor).map(|(visit, _)| visit);
    visitors.flat_map(|visit| {
        let presses = evidence.presses.iter().filter(|press| is_within(press, visit, HEARD_AT_LAST));
        let over = presses.clone().map(|press| press.at.plus(HEARD_WITHIN).plus(TOLD_WITHIN));
        let by_link = links::link(evidence, visit).map(|(owner, _)| owner);
        let owners: BTreeSet<AttendeeId> = presses.map(|press| press.attendee_id).chain(by_link).collect();
        let of_them = evidence.invited.iter().filter(|invited| owners.contains(&invited.attendee));
        let time_has_come = of_them.map(|invited| invited.starts_at.minus(TIME_HAS_COME));
        over.chain(time_has_come).collect::<Vec<_>>()
    })
}
