//! The rule. Whatever could hide a patient makes the answer unknown; only what is left is proposed.

use std::{ops::Range, time::Duration};

use super::{Compared, Facts, Proposal, Says, Unsettled};
use crate::{
    appointment::{Kind, Status},
    attendance::{feed::FeedState, matching::Level},
    time::Timestamp,
};

/// Nobody is called absent before this long after the start, or the end of a shorter appointment.
pub const GRACE: Duration = Duration::from_mins(15);
/// People come early, also by an hour that they have misread: whoever was there from then on may have been the attendee.
const EARLY: Duration = Duration::from_hours(1);
/// People come late, and are told to wait.
const LATE: Duration = Duration::from_mins(30);
/// Somebody of the staff must have been in the meeting for this long during the appointment, or for half of a shorter
/// one. Whoever only looked in has not hosted.
const HOSTED: Duration = Duration::from_mins(5);

/// From when on a no-show may be proposed.
pub fn due_at(starts_at: Timestamp, ends_at: Timestamp) -> Timestamp {
    starts_at.plus(GRACE).min(ends_at.max(starts_at))
}

/// Says whether the attendee did not come.
pub fn propose(facts: &Facts<'_>) -> Proposal {
    if let Some(no) = no(facts) {
        return Proposal { says: Says::No, reasons: vec![no] };
    }
    let doubts = doubts(facts);
    let mut reasons = if doubts.is_empty() { vec![not_seen(facts)] } else { doubts.clone() };
    reasons.extend(evidence(facts));
    Proposal { says: if doubts.is_empty() { Says::Yes } else { Says::Unknown }, reasons }
}

/// Why it is no no-show, whatever else is known.
fn no(facts: &Facts<'_>) -> Option<String> {
    if facts.status == Status::Cancelled {
        return Some("the appointment is cancelled".to_owned());
    }
    if facts.kind == Kind::InPerson {
        return Some("the visit is at the clinic".to_owned());
    }
    if let Some(arrived) = facts.arrived {
        let came = when(facts, "came", arrived.at);
        return Some(if arrived.level == Level::Certain { came } else { format!("probably {came}") });
    }
    (facts.now < due_at(facts.starts_at, facts.ends_at)).then(|| {
        format!("until {} it is too early to say", facts.zone.time(due_at(facts.starts_at, facts.ends_at)))
    })
}

/// Everything that could hide a patient.
fn doubts(facts: &Facts<'_>) -> Vec<String> {
    let mut doubts = Vec::new();
    let around = facts.starts_at.minus(EARLY)..facts.ends_at.plus(LATE).min(facts.now);
    doubts.extend(
        facts.unsettled.iter().filter(|one| one.named || overlap(&one.range, &around)).map(unsettled),
    );
    doubts.extend(hosting(facts));
    let until = facts.ends_at.min(facts.now);
    if facts.outages.iter().any(|outage| overlap(outage, &(around.start..until))) {
        doubts.push("for a part of that time nothing could be received from Zoom".to_owned());
    }
    if facts.was_lost {
        doubts.push(
            "word from Zoom was lost then: some of it is known from Zoom's own record alone".to_owned(),
        );
    }
    // How the feed stands now says something of an appointment that is not long over.
    if facts.now <= facts.ends_at.plus(EARLY) {
        match facts.feed {
            FeedState::Stale => doubts.push("Zoom is not heard of although it ought to be".to_owned()),
            FeedState::Never => doubts.push("nothing has ever come from Zoom".to_owned()),
            FeedState::Live | FeedState::Quiet => {}
        }
    }
    if facts.pressed.iter().any(|at| around.contains(at)) {
        doubts.push("pressed Join and was not heard of in the room: they may have tried to come".to_owned());
    } else if facts.unanswered.iter().any(|at| around.contains(at)) {
        doubts.push("somebody pressed Join for this room and Zoom said nothing of it afterwards".to_owned());
    }
    if facts.compared == Compared::Due {
        doubts.push("the comparison with Zoom's own record is still to be done".to_owned());
    }
    doubts
}

fn unsettled(one: &Unsettled) -> String {
    match &one.taken_for {
        Some(other) => {
            format!("“{}” was in the room, and it is not certain that it was only {other}", one.shown)
        }
        None => format!("“{}” was in the room, and nobody has said who it was", one.shown),
    }
}

/// Why it is not clear that anybody could have been let in.
fn hosting(facts: &Facts<'_>) -> Option<String> {
    if !facts.has_room {
        return Some("the host has no room that anybody could have come to".to_owned());
    }
    let needed = HOSTED.min(facts.ends_at.since(facts.starts_at) / 2);
    let hosted = hosted(facts);
    if hosted.is_zero() {
        Some("nobody of the staff was in the room".to_owned())
    } else if hosted < needed {
        Some("somebody of the staff was in the room only for moments".to_owned())
    } else {
        None
    }
}

/// How long somebody of the staff was in the meeting during the appointment, several at once counted once.
fn hosted(facts: &Facts<'_>) -> Duration {
    let during = facts.starts_at..facts.ends_at.min(facts.now);
    let mut times: Vec<(Timestamp, Timestamp)> = facts
        .hosted
        .iter()
        .map(|range| (range.start.max(during.start), range.end.min(during.end)))
        .filter(|(from, to)| from < to)
        .collect();
    times.sort_unstable();
    let mut total = Duration::ZERO;
    let mut counted = during.start;
    for (from, to) in times {
        total += to.since(from.max(counted));
        counted = counted.max(to);
    }
    total
}

fn not_seen(facts: &Facts<'_>) -> String {
    if facts.now < facts.ends_at {
        "was not seen in the room so far".to_owned()
    } else {
        "was not seen in the room".to_owned()
    }
}

/// What else is known, whatever it says.
fn evidence(facts: &Facts<'_>) -> Vec<String> {
    let mut evidence = Vec::new();
    let during = facts.starts_at..facts.ends_at.min(facts.now);
    if let Some(since) =
        facts.hosted.iter().filter(|range| overlap(range, &during)).map(|range| range.start).min()
    {
        evidence.push(when(facts, "somebody of the staff was in the room from", since));
    }
    evidence.push(match (facts.pressed.iter().max(), facts.opened_at, facts.link_made_at) {
        (Some(at), ..) => when(facts, "last pressed Join", *at),
        (None, Some(at), _) => when(facts, "opened the link", at) + " and never pressed Join",
        (None, None, Some(at)) => when(facts, "the link was made", at) + " and never opened",
        (None, None, None) => "no link was ever made for them".to_owned(),
    });
    let compared = match facts.compared {
        Compared::Done(_) => Some("Zoom's own record of that time says nothing else"),
        Compared::Missing => Some("Zoom has shown no record of its own of that time so far"),
        Compared::Never | Compared::Due => None,
    };
    evidence.extend(compared.map(str::to_owned));
    evidence
}

/// "opened the link at 09:52", with the day where it is another one than the appointment's.
fn when(facts: &Facts<'_>, what: &str, at: Timestamp) -> String {
    let time = facts.zone.time(at);
    let word = if what.ends_with("from") { "" } else { " at" };
    match facts.zone.date(at) {
        date if date == facts.zone.date(facts.starts_at) => format!("{what}{word} {time}"),
        date => format!("{what}{word} {time} on {date}"),
    }
}

fn overlap(a: &Range<Timestamp>, b: &Range<Timestamp>) -> bool {
    // Both ends count: somebody who was there for an instant was there.
    a.start <= b.end && b.start <= a.end
}
