//! What really happened, beside what is shown of it.
//!
//! A stay is knowable if Zoom told of it in time, or if its record has it: then it must be shown to the second. Of
//! what is left, nothing wrong may be said; that it is not shown, or that its end is open, says *unknown*.

use std::{collections::BTreeSet, ops::AddAssign, time::Duration};

use attendance::board::AttendeeStatus;
use domain::{
    Timestamp,
    attendance::{
        matching::Level,
        presence::{Presence, Who},
        stay::{Source, Stay, StayKind},
    },
};
use zoomsim::{Guest, Place, Truth, TruthInstance};

use crate::{days::Days, world::World};

/// The longest that Zoom takes to notice that a line broke, and a little.
const NOTICED_WITHIN: Duration = Duration::from_secs(100);

/// What was counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Times that somebody came, clinicians among them.
    pub visits: usize,
    /// Those that are shown to the second.
    pub equal: usize,
    /// Those among them of which the record told something that no delivery had.
    pub from_record: usize,
    /// Those of which Zoom could not know everything, and of which nothing wrong is said.
    pub unknown: usize,
    /// Waits whose end Zoom could not know, and which are shown to have ended with the meeting, or when one began, at the
    /// latest.
    pub bounded: usize,
    /// Appointments that were kept.
    pub kept: usize,
    /// Those whose patient is shown without a question mark.
    pub certain: usize,
    /// Records that were read, and comparisons that were done.
    pub compared: usize,
    /// What is wrong, in words.
    pub wrong: Vec<String>,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.visits += other.visits;
        self.equal += other.equal;
        self.from_record += other.from_record;
        self.unknown += other.unknown;
        self.bounded += other.bounded;
        self.kept += other.kept;
        self.certain += other.certain;
        self.compared += other.compared;
        self.wrong.extend(other.wrong);
    }
}

/// One time that somebody came.
struct Visit {
    guest: u64,
    by_phone: bool,
    stays: Vec<Really>,
}

struct Really {
    kind: StayKind,
    from: Timestamp,
    to: Timestamp,
    /// Whether Zoom's record has it.
    recorded: bool,
}

impl Visit {
    fn range(&self) -> (Timestamp, Timestamp) {
        let first = self.stays.first().expect("somebody who came was somewhere");
        (first.from, self.stays.last().expect("as well").to)
    }
}

/// Compares everything that is shown with the truth.
pub async fn compare(world: &World, days: &Days) -> Tally {
    let truth = world.sim.truth();
    let lost: Vec<Timestamp> = lost(world);
    let mut tally = Tally { compared: world.reconciliations().await.len(), ..Tally::default() };
    let mut of_guest: Vec<(u64, Presence)> = Vec::new();
    for host in 0..world.clinicians.len() {
        let visits = visits(world, &truth, host);
        let presences = world.presences(host).await;
        let number = world.clinicians[host].room.meeting_number;
        let meeting = truth.meetings.iter().find(|meeting| meeting.number == number).expect("it is there");
        let bounds = meeting.instances.iter().flat_map(|one| [Some(one.started_at), one.ended_at]);
        let bounds = bounds.flatten().map(Timestamp::from_micros).collect();
        tally += room(&visits, &presences, &lost, &bounds, &mut of_guest);
    }
    people(world, days, &of_guest, &mut tally).await;
    tally
}

/// When deliveries were first tried that Zoom gave up in the end.
fn lost(world: &World) -> Vec<Timestamp> {
    let log = world.sim.deliveries();
    let given_up: BTreeSet<u64> = log
        .iter()
        .filter(|attempt| attempt.outcome == zoomsim::Outcome::GivenUp)
        .map(|attempt| attempt.delivery)
        .collect();
    log.iter()
        .filter(|attempt| attempt.attempt == 1 && given_up.contains(&attempt.delivery))
        .map(|attempt| Timestamp::from_micros(attempt.at))
        .collect()
}

fn visits(world: &World, truth: &Truth, host: usize) -> Vec<Visit> {
    let number = world.clinicians[host].room.meeting_number;
    let meeting = truth.meetings.iter().find(|meeting| meeting.number == number).expect("it is there");
    let guests: Vec<&Guest> = truth.guests.iter().filter(|guest| guest.meeting == number).collect();
    let mut visits: Vec<Visit> = Vec::new();
    for guest in &guests {
        let mut last_end = None;
        for stay in &guest.stays {
            let kind = match stay.place {
                Place::Waiting | Place::BeforeHost => StayKind::Waiting,
                Place::Connecting => StayKind::Connecting,
                Place::InMeeting => StayKind::InSession,
                Place::Gone => continue,
            };
            let from = Timestamp::from_micros(stay.from);
            let to = stay.to.map(Timestamp::from_micros).expect("everybody has left");
            let instance = meeting.instances.iter().position(|one| match stay.place {
                Place::InMeeting => one.uuid == stay.uuid,
                // A wait counts to the meeting that it led into.
                _ => one.ended_at.is_some_and(|end| stay.from <= end),
            });
            let is_listed = matches!(stay.place, Place::Waiting | Place::InMeeting);
            let recorded =
                is_listed && instance.is_some_and(|at| has_record(&meeting.instances[at], &guests));
            let really = Really { kind, from, to, recorded };
            if last_end == Some(from) {
                visits.last_mut().expect("it was begun").stays.push(really);
            } else {
                let by_phone = guest.phone.is_some();
                visits.push(Visit { guest: guest.id, by_phone, stays: vec![really] });
            }
            last_end = Some(to);
        }
    }
    visits
}

/// Zoom keeps no rows of a meeting in which only one person ever was.
fn has_record(instance: &TruthInstance, guests: &[&Guest]) -> bool {
    let was_in = |guest: &&&Guest| {
        guest.stays.iter().any(|stay| stay.place == Place::InMeeting && stay.uuid == instance.uuid)
    };
    instance.ended_at.is_some() && guests.iter().filter(was_in).count() > 1
}

fn room(
    visits: &[Visit],
    presences: &[Presence],
    lost: &[Timestamp],
    bounds: &BTreeSet<Timestamp>,
    of_guest: &mut Vec<(u64, Presence)>,
) -> Tally {
    let mut tally = Tally { visits: visits.len(), ..Tally::default() };
    let mut used: BTreeSet<(usize, usize)> = BTreeSet::new();
    for visit in visits {
        let (from, to) = visit.range();
        let may_be_lost = lost.iter().any(|at| (from..=to.plus(NOTICED_WITHIN)).contains(at));
        let mut missing = Vec::new();
        let mut by_record = false;
        let mut covered = false;
        for (number, really) in visit.stays.iter().enumerate() {
            if std::mem::take(&mut covered) || really.kind == StayKind::Connecting {
                continue;
            }
            let mut find = |wanted: &dyn Fn(&Stay) -> bool| {
                let found = presences.iter().enumerate().find_map(|(at, presence)| {
                    let free = |(stay, shown): (usize, &Stay)| !used.contains(&(at, stay)) && wanted(shown);
                    let stay = presence.stays.iter().enumerate().position(free)?;
                    Some((at, stay))
                })?;
                used.insert(found);
                presences.get(found.0)?.stays.get(found.1).map(|stay| (&presences[found.0], stay))
            };
            // Waiting for the host goes over into the waiting room; Zoom does not always say who goes on as whom.
            let next = visit.stays.get(number + 1).filter(|next| next.kind == really.kind);
            let whole = next.and_then(|next| {
                find(&|stay| stay.kind == really.kind && stay.from == really.from && stay.to == Some(next.to))
            });
            covered = whole.is_some();
            // A telephone leg is in session once it is admitted.
            let before = number.checked_sub(1).and_then(|before| visit.stays.get(before));
            let earlier = before.filter(|before| visit.by_phone && before.kind == StayKind::Connecting);
            let found = whole.or_else(|| {
                find(&|stay| {
                    let begins =
                        stay.from == really.from || earlier.is_some_and(|before| stay.from == before.from);
                    stay.kind == really.kind && begins && stay.to == Some(really.to)
                })
            });
            match found {
                Some((presence, stay)) => {
                    by_record |=
                        stay.from_source == Source::ZoomRecord || stay.to_source == Some(Source::ZoomRecord);
                    of_guest.push((visit.guest, presence.clone()));
                }
                None => missing.push(really),
            }
        }
        match missing.as_slice() {
            [] => {
                tally.equal += 1;
                tally.from_record += usize::from(by_record);
            }
            [first, ..] if !may_be_lost => {
                tally.wrong.push(format!("all was told, and yet not shown: {}", said(first)));
            }
            missing => match missing.iter().find(|really| really.recorded) {
                Some(recorded) => {
                    tally.wrong.push(format!("in the record, and yet not shown: {}", said(recorded)));
                }
                None => tally.unknown += 1,
            },
        }
    }
    for (at, presence) in presences.iter().enumerate() {
        for (number, stay) in presence.stays.iter().enumerate() {
            if stay.kind != StayKind::Connecting && !used.contains(&(at, number)) {
                contradicts(stay, visits, (lost, bounds), &mut tally);
            }
        }
    }
    tally
}

fn said(really: &Really) -> String {
    format!("{:?} {} to {}", really.kind, really.from, really.to)
}

/// What is shown and was not found among what happened may only say less than what happened. Of a wait whose end Zoom
/// could not know it is shown that it was over with the meeting, or, for a wait for the host, when one began: nobody waits
/// on after that.
fn contradicts(
    stay: &Stay,
    visits: &[Visit],
    (lost, bounds): (&[Timestamp], &BTreeSet<Timestamp>),
    tally: &mut Tally,
) {
    let begins_within =
        |really: &&Really| really.kind == stay.kind && really.from <= stay.from && stay.from <= really.to;
    let may_be: Vec<&Really> = visits.iter().flat_map(|visit| &visit.stays).filter(begins_within).collect();
    let says_less = may_be.iter().any(|really| stay.to.is_none_or(|to| to <= really.to));
    let is_bounded = stay.kind == StayKind::Waiting
        && stay.to.is_some_and(|to| bounds.contains(&to))
        && may_be.iter().any(|really| !really.recorded && lost.contains(&really.to));
    if may_be.is_empty() {
        tally.wrong.push(format!("nobody was: {stay:?}"));
    } else if is_bounded {
        tally.bounded += 1;
    } else if !says_less {
        let really: Vec<String> = may_be.iter().map(|really| said(really)).collect();
        tally.wrong.push(format!("was gone earlier: {stay:?}, really {really:?}"));
    }
}

/// Who is shown as whom: never two people as one, nobody as somebody else for certain, and nobody as absent who came.
async fn people(world: &World, days: &Days, of_guest: &[(u64, Presence)], tally: &mut Tally) {
    for (guest, presence) in of_guest {
        if let Some((other, _)) = of_guest.iter().find(|(other, one)| one.id == presence.id && other != guest)
        {
            tally.wrong.push(format!("two people in one: guests {guest} and {other} in {}", presence.id));
        }
        let booked = days
            .booked
            .iter()
            .find(|booked| booked.guest.and_then(|number| days.guests[number]) == Some(*guest));
        let certain = presence.matched.as_ref().filter(|matched| matched.level == Level::Certain);
        if let Some(matched) = certain
            && presence.who == Who::Visitor
            && booked.map(|booked| booked.attendee) != Some(matched.attendee)
        {
            tally.wrong.push(format!("certain and wrong: {:?}", matched.reasons));
        }
    }
    for booked in &days.booked {
        let came = booked.guest.and_then(|number| days.guests[number]).is_some_and(|guest| {
            world
                .sim
                .guest(guest)
                .is_ok_and(|guest| guest.stays.iter().any(|stay| stay.place == Place::InMeeting))
        });
        if !came {
            continue;
        }
        tally.kept += 1;
        let record = world.attendance.appointment(world.clinic_id(), booked.id).await.expect("it is there");
        let attendee = record.attendees.iter().find(|one| one.id == booked.attendee).expect("it is there");
        if matches!(attendee.status, AttendeeStatus::NoShowProposed | AttendeeStatus::NoShow) {
            tally.wrong.push(format!("called absent who was there: {}", booked.id));
        }
        let certain = attendee.matched.as_ref().is_some_and(|matched| matched.level == Level::Certain);
        tally.certain += usize::from(certain);
    }
}
