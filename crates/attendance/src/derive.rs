//! Presences of one room on one day, out of everything that is known about it. No storage: both the daily work and
//! the proof that a rebuild comes out the same call this.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

use domain::{
    PresenceId, PressId, StaffId, Timestamp,
    attendance::{
        event::RoomEvent,
        fold::{Visit, fold},
        matching::{
            Decision, Invite, Press, Registration,
            ladder::{Answer, Evidence, Invited, climb},
            looks,
        },
        presence::{Presence, Who},
        record::RecordedStay,
    },
    id::Id as _,
    room::Room,
};
use jiff::civil::Date;

use domain::clinic::Zone;

/// A visit is believed to last this long at most: a day is understood from what happened this long before and after.
pub(crate) const AROUND: Duration = Duration::from_hours(12);

/// What happened around a day.
pub(crate) fn window(day: &Range<Timestamp>) -> Range<Timestamp> {
    day.start.minus(AROUND)..day.end.plus(AROUND)
}

/// The days on which something at that time may change who was there: a presence belongs to the day on which it was
/// first heard of.
pub(crate) fn days_touched(zone: &Zone, range: Range<Timestamp>) -> Vec<Date> {
    let last = zone.date(range.end.plus(AROUND));
    let mut days = Vec::new();
    let mut day = zone.date(range.start.minus(AROUND));
    while day <= last {
        days.push(day);
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    days
}

/// What Zoom said of a room for some time: its deliveries, and its own record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub events: &'a [RoomEvent],
    /// Rows that begin in that time.
    pub record: &'a [RecordedStay],
}

impl Told<'_> {
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.record.is_empty()
    }

    /// Every id that somebody in this has, or had while less was known.
    pub fn ids(&self) -> BTreeSet<PresenceId> {
        let events = self.events.iter().map(|event| PresenceId::from_uuid(event.delivery.uuid()));
        events.chain(self.record.iter().map(|stay| stay.row)).collect()
    }

    /// What registration gave those who were seen.
    pub fn registrant_ids(&self) -> BTreeSet<&str> {
        let people = self.events.iter().filter_map(|event| event.person.as_ref());
        let seen = people.map(|person| &person.registrant_id);
        seen.chain(self.record.iter().map(|stay| &stay.registrant_id))
            .filter_map(|id| id.as_deref())
            .collect()
    }
}

/// What else is known around a day.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub invited: Vec<Invited>,
    pub presses: Vec<Press>,
    /// Those that a scanner of mail may have made.
    pub doubted: BTreeSet<PressId>,
    pub registrations: Vec<Registration>,
    pub invites: Vec<Invite>,
    pub looks: Vec<Timestamp>,
    pub decisions: Vec<Decision>,
}

/// Whose room it is, and who is of the staff.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub room: &'a Room,
    /// Where the clinic's clocks hang.
    pub zone: &'a Zone,
    /// Zoom users who are of the staff.
    pub staff: &'a BTreeMap<String, StaffId>,
}

/// The presences that were first heard of in the day.
pub(crate) fn presences(
    place: Place<'_>,
    told: Told<'_>,
    facts: &Facts,
    day: &Range<Timestamp>,
) -> Vec<Presence> {
    let visits = visits(place, told);
    let mut answers = climb(&evidence(place, &visits, facts));
    visits
        .into_iter()
        .filter(|(visit, _)| day.contains(&visit.first_at))
        .filter_map(|(visit, _)| {
            let Answer { who, matched, candidates } = answers.remove(&visit.id)?;
            Some(Presence {
                id: visit.id,
                clinic_id: place.room.clinic_id,
                room_id: place.room.id,
                who,
                staff_id: staff_of(place, &visit).filter(|_| who == Who::Staff),
                shown_name: visit.shown_name,
                first_at: visit.first_at,
                whereabouts: visit.whereabouts,
                since: visit.since,
                stays: visit.stays,
                matched,
                candidates,
            })
        })
        .collect()
}

/// The next moment at which time alone changes an answer, if nothing is heard until then.
pub(crate) fn next_look(place: Place<'_>, told: Told<'_>, facts: &Facts) -> Option<Timestamp> {
    let visits = visits(place, told);
    let evidence = evidence(place, &visits, facts);
    looks::next_look(&evidence, &climb(&evidence))
}

fn visits(place: Place<'_>, told: Told<'_>) -> Vec<(Visit, Who)> {
    let visits = fold(told.events, told.record).into_iter();
    visits
        .map(|visit| {
            let who = if staff_of(place, &visit).is_some() { Who::Staff } else { Who::Visitor };
            (visit, who)
        })
        .collect()
}

fn evidence<'a>(place: Place<'a>, visits: &'a [(Visit, Who)], facts: &'a Facts) -> Evidence<'a> {
    Evidence {
        visits,
        invited: &facts.invited,
        presses: &facts.presses,
        doubted: &facts.doubted,
        registrations: &facts.registrations,
        invites: &facts.invites,
        looks: &facts.looks,
        decisions: &facts.decisions,
        zone: place.zone,
    }
}

fn staff_of(place: Place<'_>, visit: &Visit) -> Option<StaffId> {
    if visit.is_host || visit.zoom_user_ids.contains(&place.room.zoom_user_id) {
        return Some(place.room.staff_id);
    }
    visit.zoom_user_ids.iter().find_map(|user| place.staff.get(user)).copied()
}
