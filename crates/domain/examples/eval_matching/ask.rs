//! What the ladder says of somebody, by what is known at a moment alone: the deliveries and presses until then, and the looks
//! that the program has had at the room.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    PresenceId, Timestamp,
    attendance::{
        event::RoomEvent,
        fold::{Visit, fold},
        matching::{
            Invite, Press, Registration,
            ladder::{Answer, Evidence, climb},
            looks::next_look,
        },
        presence::Who,
    },
    clinic::Zone,
};

use crate::population::{Arrival, Day};

/// The timer looks so often at rooms where a look is due, in seconds.
const EVERY: i64 = 15;

/// What was known at a moment.
struct Known {
    visits: Vec<(Visit, Who)>,
    presses: Vec<Press>,
    registrations: Vec<Registration>,
    invites: Vec<Invite>,
}

/// The moment before somebody is let in, or gives up.
pub fn asked_at(arrival: &Arrival) -> Timestamp {
    arrival.admitted_at.unwrap_or(arrival.left_at).minus(std::time::Duration::from_secs(1))
}

/// The answer at that moment; none where nothing had been heard of the arrival. The timer's phase is the day's own.
pub fn ask(day: &Day, zone: &Zone, arrival: &Arrival, phase: i64) -> Option<Answer> {
    let asked = asked_at(arrival);
    let known = Known::until(day, asked);
    let visit = known
        .visits
        .iter()
        .find(|(visit, _)| arrival.deliveries.iter().any(|delivery| visit.evidence.contains(delivery)));
    let id = visit.map(|(visit, _)| visit.id)?;
    // A look before the last news says less than the news, but for one that came late: leaving those out errs on the
    // careful side.
    let mut looks: Vec<Timestamp> = Vec::new();
    let mut from = last_news(day, asked);
    loop {
        let answers = known.answers(day, zone, &looks);
        let due = next_look(&known.evidence(day, zone, &looks), &answers);
        let look = due.map(|due| tick(due.max(from), phase)).filter(|look| *look <= asked);
        let Some(look) = look else { return answers.get(&id).cloned() };
        looks.push(look);
        from = look;
    }
}

/// The first tick of the timer from a moment on.
fn tick(at: Timestamp, phase: i64) -> Timestamp {
    let seconds = at.as_seconds() + i64::from(at.as_micros() % 1_000_000 != 0);
    Timestamp::from_seconds(seconds + (phase - seconds).rem_euclid(EVERY))
}

/// When something was last heard in the room, or a press was noted.
fn last_news(day: &Day, until: Timestamp) -> Timestamp {
    let told = day.told.iter().filter_map(|told| told.at);
    let presses = day.presses.iter().map(|press| press.at);
    told.chain(presses).filter(|at| *at <= until).max().unwrap_or(until)
}

impl Known {
    fn until(day: &Day, at: Timestamp) -> Self {
        let events: Vec<RoomEvent> = day
            .told
            .iter()
            .filter(|told| told.at.is_some_and(|told| told <= at))
            .map(|told| told.event.clone())
            .collect();
        let is_staff = |visit: &Visit| {
            visit.is_host || visit.zoom_user_ids.iter().any(|user| day.colleagues.contains(user))
        };
        let visits = fold(&events, &[])
            .into_iter()
            .map(|visit| {
                let who = if is_staff(&visit) { Who::Staff } else { Who::Visitor };
                (visit, who)
            })
            .collect();
        Self {
            visits,
            presses: day.presses.iter().filter(|press| press.at <= at).cloned().collect(),
            registrations: day.registrations.iter().filter(|one| one.at <= at).cloned().collect(),
            invites: day.invites.iter().filter(|one| one.at <= at).cloned().collect(),
        }
    }

    fn evidence<'a>(&'a self, day: &'a Day, zone: &'a Zone, looks: &'a [Timestamp]) -> Evidence<'a> {
        Evidence {
            visits: &self.visits,
            invited: &day.invited,
            presses: &self.presses,
            // The population has no scanners of mail.
            doubted: const { &BTreeSet::new() },
            registrations: &self.registrations,
            invites: &self.invites,
            looks,
            decisions: &[],
            zone,
        }
    }

    fn answers(&self, day: &Day, zone: &Zone, looks: &[Timestamp]) -> BTreeMap<PresenceId, Answer> {
        climb(&self.evidence(day, zone, looks))
    }
}
