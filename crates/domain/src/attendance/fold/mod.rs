//! The fold: all that was said of one room -> who was there, and when they did what.
//!
//! A pure function of the *set* of events. They are put in order by their own time (then by what naturally comes
//! first within the same second, then by content), so neither the order of arrival nor a repetition changes what
//! comes out.
//!
//! ```text
//! events -> connections (one id in one meeting) -> people (a connection changes its ids when it is let in) -> stays
//! ```
//!
//! Somebody who leaves and comes back is a new visit; tying the two together is the ladder's business.

mod connection;
mod link;
mod meeting;
mod overlay;

#[cfg(test)]
mod histories;
#[cfg(test)]
mod tests;

use std::{cmp::Ordering, collections::BTreeSet};

use super::{
    event::{Person, RoomEvent, What},
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
    /// The UUID of the first delivery in the inbox that spoke of this person.
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
    /// Every delivery that spoke of this person.
    pub evidence: BTreeSet<DeliveryId>,
    /// Every id that this presence has or had while less was known: a decision about any of them is about it.
    pub known_as: BTreeSet<PresenceId>,
}

/// Who was in the room, by first hearing. The events and the record are those of one room.
pub fn fold(events: &[RoomEvent], _record: &[RecordedStay]) -> Vec<Visit> {
    let events = in_order(events);
    let meetings = meeting::Meetings::of(&events);
    let connections = connection::connections(&events, &meetings);
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
    let first = events.first()?;
    let evidence: BTreeSet<DeliveryId> = events.iter().map(|event| event.delivery).collect();
    let id = PresenceId::from_uuid(evidence.first()?.uuid());
    let stays = overlay::stays(person);
    let last = stays.last()?;
    let (whereabouts, since) = match last.to {
        Some(to) => (Whereabouts::Left, to),
        None => (last.kind.into(), last.from),
    };
    let people = || events.iter().filter_map(|event| event.person.as_ref());
    let mut names: Vec<String> = Vec::new();
    for name in people().filter_map(|person| person.name.as_ref()) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    Some(Visit {
        id,
        first_at: first.at,
        was_heard_to_come: connection::is_arrival(first.what),
        whereabouts,
        since,
        shown_name: people().filter_map(|person| person.name.clone()).next_back(),
        names,
        zoom_user_ids: people().filter_map(|person| person.zoom_user_id.clone()).collect(),
        registrant_ids: people().filter_map(|person| person.registrant_id.clone()).collect(),
        customer_keys: people().filter_map(|person| person.customer_key.clone()).collect(),
        public_ips: people().filter_map(|person| person.public_ip.clone()).collect(),
        phones: people().filter_map(|person| person.phone.clone()).collect(),
        is_host: people().any(|person| person.is_host),
        known_as: evidence.iter().map(|delivery| PresenceId::from_uuid(delivery.uuid())).collect(),
        stays,
        evidence,
    })
}
