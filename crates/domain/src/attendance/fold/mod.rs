//! The fold: all that was said of one room -> who was there, and when they did what.
//!
//! A pure function of the *set* of events. They are put in order by their own time (then by what naturally comes
//! first within the same second, then by content), so neither the order of arrival nor a repetition changes what
//! comes out.
//!
//! ```text
//! events -> connections (one id in one meeting) -> people (a connection changes its ids when it is let in) -> stays
//!                        ^
//!             Zoom's own record fills in and corrects
//! ```
//!
//! Somebody who leaves and comes back is a new visit; tying the two together is the ladder's business.

mod connection;
mod link;
mod meeting;
mod overlay;
mod record;
mod states;

#[cfg(test)]
mod tests;

use std::{cmp::Ordering, collections::BTreeSet};

use super::{
    event::{Person, RoomEvent, What},
    names,
    presence::Whereabouts,
    record::RecordedStay,
    stay::Stay,
};
use crate::{
    id::{DeliveryId, Id, PresenceId},
    time::Timestamp,
};

/// Somebody in the room, from arriving to leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The UUID of the first delivery in the inbox that spoke of this person; where only Zoom's record does, that of the
    /// first row.
    pub id: PresenceId,
    /// When this person was first heard of.
    pub first_at: Timestamp,
    /// Whether they were heard to come; otherwise something later was the first that was heard of them.
    pub was_heard_to_come: bool,
    /// Where they were, in order, without overlap. Never empty.
    pub stays: Vec<Stay>,
    /// Where they are at the end.
    pub whereabouts: Whereabouts,
    /// Since when.
    pub since: Timestamp,
    /// The names shown, each once, in the order they were first seen.
    pub names: Vec<String>,
    /// The name last shown.
    pub shown_name: Option<String>,
    /// The Zoom users who were signed in on this visit's connections.
    pub zoom_user_ids: BTreeSet<String>,
    /// What registration gave this visit's connections, where the room asks for it.
    pub registrant_ids: BTreeSet<String>,
    /// What a Meeting SDK join set on them.
    pub customer_keys: BTreeSet<String>,
    /// Where they came from, where Zoom says.
    pub public_ips: BTreeSet<String>,
    /// Whether Zoom said that this is the meeting's owner.
    pub is_host: bool,
    /// The telephone numbers of their phone legs.
    pub phones: BTreeSet<String>,
    /// Every delivery that spoke of this person; of Zoom's record, only where it contributed.
    pub evidence: BTreeSet<DeliveryId>,
    /// Every id that this presence has or had while less was known: a decision about any of them is about it.
    pub known_as: BTreeSet<PresenceId>,
}

/// Who was in the room, by first hearing. The events and the record are those of one room.
pub fn fold(events: &[RoomEvent], record: &[RecordedStay]) -> Vec<Visit> {
    let events = in_order(events);
    let rows = record::in_order(record);
    let meetings = meeting::Meetings::of(&events, &rows);
    let mut connections = connection::connections(&events, &meetings);
    if !rows.is_empty() {
        record::lay_over(&mut connections, &rows, &meetings);
        connection::sort(&mut connections);
    }
    let mut visits: Vec<Visit> =
        link::people(connections).into_iter().filter_map(|person| visit(&person)).collect();
    visits.sort_by_key(|visit| (visit.first_at, visit.id));
    visits
}

/// In order of time, then of nature, then of content; what says the same is kept once, by its first delivery.
fn in_order(events: &[RoomEvent]) -> Vec<&RoomEvent> {
    let mut events: Vec<&RoomEvent> = events.iter().collect();
    events.sort_by(|a, b| by_meaning(a, b).then(a.delivery.cmp(&b.delivery)));
    events.dedup_by(|later, earlier| by_meaning(later, earlier) == Ordering::Equal);
    events
}

fn by_meaning(a: &RoomEvent, b: &RoomEvent) -> Ordering {
    fn meaning(event: &RoomEvent) -> (Timestamp, What, &Option<String>, &Option<Person>) {
        (event.at, event.what, &event.instance, &event.person)
    }
    meaning(a).cmp(&meaning(b))
}

fn visit(person: &[connection::Connection<'_>]) -> Option<Visit> {
    let mut events: Vec<&RoomEvent> =
        person.iter().flat_map(|connection| connection.events.iter().copied()).collect();
    events.sort_by(|a, b| by_meaning(a, b));
    let mut rows: Vec<&RecordedStay> =
        person.iter().flat_map(|connection| connection.rows.iter().copied()).collect();
    rows.sort_by(|a, b| record::by_meaning(a, b));
    let first = person.iter().map(|connection| connection.entry).min_by_key(|e| (e.point.at, e.what))?;
    let stays = overlay::stays(person);
    let last = stays.last()?;
    let (whereabouts, since) = match last.to {
        Some(to) => (Whereabouts::Left, to),
        None => (last.kind.into(), last.from),
    };
    let told: BTreeSet<DeliveryId> = events.iter().map(|event| event.delivery).collect();
    let named_by = |row: &&RecordedStay| row.row;
    let id = match told.first() {
        Some(delivery) => PresenceId::from_uuid(delivery.uuid()),
        None => rows.iter().map(named_by).min()?,
    };
    let mut visit = Visit {
        id,
        first_at: first.point.at,
        was_heard_to_come: states::is_arrival(first.what),
        whereabouts,
        since,
        shown_name: None,
        names: Vec::new(),
        zoom_user_ids: BTreeSet::new(),
        registrant_ids: BTreeSet::new(),
        customer_keys: BTreeSet::new(),
        public_ips: BTreeSet::new(),
        phones: BTreeSet::new(),
        is_host: false,
        known_as: told
            .iter()
            .map(|delivery| PresenceId::from_uuid(delivery.uuid()))
            .chain(rows.iter().map(named_by))
            .collect(),
        evidence: told,
        stays,
    };
    for person in events.iter().filter_map(|event| event.person.as_ref()) {
        visit.learn(person);
    }
    for row in rows {
        // A record is evidence of what it contributed to.
        if visit.learns_from(row) || visit.stays.iter().any(|stay| stay.evidence.contains(&row.delivery)) {
            visit.evidence.insert(row.delivery);
        }
    }
    Some(visit)
}

impl Visit {
    fn learn(&mut self, person: &Person) {
        if let Some(name) = &person.name {
            if !self.names.contains(name) {
                self.names.push(name.clone());
            }
            self.shown_name = Some(name.clone());
        }
        self.zoom_user_ids.extend(person.zoom_user_id.clone());
        self.registrant_ids.extend(person.registrant_id.clone());
        self.customer_keys.extend(person.customer_key.clone());
        self.public_ips.extend(person.public_ip.clone());
        self.phones.extend(person.phone.clone());
        self.is_host |= person.is_host;
    }

    /// Takes over what the record knows of who it is. Whether no event said it already. A name that an event showed stays
    /// the one shown.
    fn learns_from(&mut self, row: &RecordedStay) -> bool {
        let mut learnt = row.is_host && !self.is_host;
        self.is_host |= row.is_host;
        let key = |name: &String| names::key(name);
        if let Some(name) = &row.name
            && !self.names.iter().any(|known| key(known) == key(name))
        {
            self.names.push(name.clone());
            self.shown_name.get_or_insert_with(|| name.clone());
            learnt = true;
        }
        if let Some(user) = &row.zoom_user_id {
            learnt |= self.zoom_user_ids.insert(user.clone());
        }
        if let Some(registrant) = &row.registrant_id {
            learnt |= self.registrant_ids.insert(registrant.clone());
        }
        learnt
    }
}
