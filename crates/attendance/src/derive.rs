//! Presences of one room on one day, out of everything that is known about it. No storage: both the daily work and
//! the proof that a rebuild comes out the same call this.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

use domain::{
    DeliveryId, StaffId, Timestamp,
    attendance::{
        event::RoomEvent,
        fold::{Visit, fold},
        matching::{
            Decision, Press,
            ladder::{Answer, Evidence, Invited, climb},
        },
        presence::{Presence, Who},
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

/// Everything that is known around a day, but for the events.
pub(crate) struct Known<'a> {
    pub room: &'a Room,
    /// Where the clinic's clocks hang.
    pub zone: &'a Zone,
    /// Zoom users who are of the staff.
    pub staff: &'a BTreeMap<String, StaffId>,
    pub invited: &'a [Invited],
    pub presses: &'a [Press],
    pub decisions: &'a [Decision],
}

/// The presences that were first heard of in the day.
pub(crate) fn presences(known: &Known<'_>, events: &[RoomEvent], day: &Range<Timestamp>) -> Vec<Presence> {
    let visits: Vec<(Visit, Who)> = fold(events, &[])
        .into_iter()
        .map(|visit| {
            let who = if staff_of(known, &visit).is_some() { Who::Staff } else { Who::Visitor };
            (visit, who)
        })
        .collect();
    let evidence = Evidence {
        visits: &visits,
        invited: known.invited,
        presses: known.presses,
        registrations: &[],
        invites: &[],
        looks: &[],
        decisions: known.decisions,
        zone: known.zone,
    };
    let mut answers = climb(&evidence);
    visits
        .into_iter()
        .filter(|(visit, _)| day.contains(&visit.first_at))
        .filter_map(|(visit, _)| {
            let Answer { who, matched, candidates } = answers.remove(&visit.id)?;
            Some(Presence {
                id: visit.id,
                clinic_id: known.room.clinic_id,
                room_id: known.room.id,
                who,
                staff_id: staff_of(known, &visit).filter(|_| who == Who::Staff),
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

fn staff_of(known: &Known<'_>, visit: &Visit) -> Option<StaffId> {
    if visit.is_host || visit.zoom_user_ids.contains(&known.room.zoom_user_id) {
        return Some(known.room.staff_id);
    }
    visit.zoom_user_ids.iter().find_map(|user| known.staff.get(user)).copied()
}

/// The decisions that are about somebody in these events.
pub(crate) fn decisions_about(decisions: Vec<Decision>, events: &[RoomEvent]) -> Vec<Decision> {
    let deliveries: BTreeSet<DeliveryId> = events.iter().map(|event| event.delivery).collect();
    decisions
        .into_iter()
        .filter(|decision| deliveries.contains(&DeliveryId::from_uuid(decision.presence_id.uuid())))
        .collect()
}
