//! The ladder: every rung, from strong to weak, over everybody who was in a room.
//!
//! A rung sees all of those that are still open at once, so the answer does not depend on whom it looks at first.
//! What a rung has settled, also as ambiguous, no weaker rung overrules.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::{
    Candidate, Decision, Invite, Match, Press, Registration,
    climb::{Certainty, Climb, Finding},
    linked, named, only_one_due, pressed, rejoined, ripened, telephone, vouched,
};
use crate::{
    attendance::{fold::Visit, presence::Who},
    clinic::Zone,
    id::{AppointmentId, AttendeeId, PresenceId, PressId},
    text::{ExternalId, Name, Phone},
    time::Timestamp,
};

/// Who comes early for an appointment comes within this time before its start.
pub const EARLY: Duration = Duration::from_mins(30);

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
    /// Those of them that a scanner of mail may have made: they speak against others, and make nobody certain.
    pub doubted: &'a BTreeSet<PressId>,
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
    let mut climb = Climb::new(evidence);
    climb.step(linked::vouched, Certainty::Stands);
    // Whom a rung has settled for certain vouches for the same id once more, and stands in no namesake's way.
    climb.step(vouched::rung, Certainty::Stands);
    climb.step(pressed::by_name, Certainty::YieldsToPresses);
    climb.step(named::strictly, Certainty::YieldsToPresses);
    climb.step(pressed::by_name, Certainty::YieldsToPresses);
    climb.step(vouched::rung, Certainty::Stands);
    climb.step(linked::by_address, Certainty::YieldsToPresses);
    climb.step(pressed::alone, Certainty::YieldsToPresses);
    climb.step(ripened::rung, Certainty::YieldsToPresses);
    climb.step(vouched::rung, Certainty::Stands);
    climb.step(rejoined::rung, Certainty::Stands);
    climb.step(telephone::rung, Certainty::Stands);
    climb.step(named::probably, Certainty::YieldsToPresses);
    climb.step(only_one_due::rung, Certainty::YieldsToPresses);
    let rest = climb.unanswered().map(|visit| (visit, Finding::OneOf(Vec::new()))).collect();
    climb.settle(rest, Certainty::Stands);
    climb.into_answers()
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
