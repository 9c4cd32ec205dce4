//! What the desk has said of people who are no attendees: marked guests, interpreters and staff who are still there, and
//! whom somebody unknown is not. It stands on the board so that it can be taken back.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use attendance::Board;
use domain::{
    AttendeeId, ClinicId, PresenceId, RoomId, StaffId, Timestamp,
    attendance::{
        matching::{Decision, Verdict},
        presence::{Presence, Whereabouts, Who},
    },
    clinic::Clinic,
};
use store::Tx;

use crate::Error;

/// Whoever came longer ago is on no board of today.
const AROUND: Duration = Duration::from_hours(12);

/// What the desk has said.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Who is there and was marked, each with whose room it is.
    pub marked: Vec<(StaffId, Presence)>,
    /// Whom somebody unknown is not.
    pub denied: HashMap<PresenceId, Vec<AttendeeId>>,
}

/// Reads it for the board of a day.
pub(super) async fn read(
    tx: &mut dyn Tx,
    clinic: &Clinic,
    board: &Board,
    now: Timestamp,
) -> Result<Said, Error> {
    let hosts: HashMap<RoomId, StaffId> =
        tx.rooms(clinic.id).await?.into_iter().map(|room| (room.id, room.staff_id)).collect();
    let mut marked = Vec::new();
    if board.is_today {
        let around = now.minus(AROUND)..now.plus(Duration::from_secs(1));
        for presence in tx.presences(clinic.id, around).await? {
            let may_be_marked = match presence.who {
                Who::Guest | Who::Interpreter => true,
                Who::Staff => presence.staff_id.is_none(),
                Who::Visitor => false,
            };
            if may_be_marked
                && presence.whereabouts != Whereabouts::Left
                && let Some(&host) = hosts.get(&presence.room_id)
            {
                marked.push((host, presence));
            }
        }
    }
    let asked: BTreeSet<StaffId> = board.unmatched.iter().map(|row| row.host.id).collect();
    let rooms = hosts.iter().filter(|(room, host)| {
        asked.contains(host) || marked.iter().any(|(_, presence)| presence.room_id == **room)
    });
    let mut last = HashMap::new();
    let mut denied = HashMap::new();
    for (&room, _) in rooms {
        let decisions = decisions(tx, clinic.id, room).await?;
        denied.extend(denials(&decisions));
        last.extend(decisions.into_iter().map(|decision| (decision.presence_id, decision.verdict)));
    }
    // Whom Zoom vouches for was marked by nobody.
    marked.retain(|(_, presence)| {
        presence.who != Who::Staff || last.get(&presence.id) == Some(&Verdict::Staff)
    });
    Ok(Said { marked, denied })
}

async fn decisions(tx: &mut dyn Tx, clinic: ClinicId, room: RoomId) -> Result<Vec<Decision>, Error> {
    Ok(tx.decisions_in_room(clinic, room).await?)
}

/// Whom each presence is said not to be, by decisions in order of time.
fn denials(decisions: &[Decision]) -> HashMap<PresenceId, Vec<AttendeeId>> {
    let mut denied: HashMap<PresenceId, Vec<AttendeeId>> = HashMap::new();
    for decision in decisions {
        let of_them = denied.entry(decision.presence_id).or_default();
        match decision.verdict {
            Verdict::Not(attendee) => of_them.push(attendee),
            _ => of_them.clear(),
        }
    }
    denied.retain(|_, attendees| !attendees.is_empty());
    denied
}

#[cfg(test)]
mod tests {
    use domain::attendance::matching::StaffOrToken;

    use super::*;

    fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(prefix: &str, number: u32) -> T {
        format!("{prefix}_01935a5a700070008000{number:012}").parse().unwrap()
    }

    fn decision(presence: u32, verdict: Verdict) -> Decision {
        Decision {
            id: id("dec", 1),
            clinic_id: id("clinic", 1),
            room_id: id("room", 1),
            presence_id: id("pres", presence),
            verdict,
            decided_by: StaffOrToken::Staff(id("staff", 1)),
            at: Timestamp::from_seconds(0),
        }
    }

    #[test]
    fn denials_hold_together_until_something_else_is_said() {
        let (rosa, tom) = (id("att", 1), id("att", 2));
        let not = |attendee| decision(1, Verdict::Not(attendee));
        assert_eq!(denials(&[not(rosa), not(tom)])[&id("pres", 1)], [rosa, tom]);
        assert!(denials(&[not(rosa), decision(1, Verdict::Undecided)]).is_empty());
        assert_eq!(denials(&[not(rosa), decision(1, Verdict::Guest), not(tom)])[&id("pres", 1)], [tom]);
        assert_eq!(denials(&[not(rosa), decision(2, Verdict::Undecided)]).len(), 1);
    }
}
