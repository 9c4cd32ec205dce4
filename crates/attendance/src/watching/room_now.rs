//! How a staff member's own room stands now: for that staff member.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    ClinicId, StaffId, Timestamp,
    attendance::{
        presence::{Whereabouts, Who},
        watch::LONGEST_THERE,
    },
    text::Name,
};

use super::{Known, find, hearing::Hearing};
use crate::{
    Attendance, Error, Result,
    board::{self, BoardAlert, Named},
};

/// How a room stands now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomNow {
    /// Since when somebody is in its meeting, without a break; none where nobody is.
    pub running_since: Option<Timestamp>,
    /// Since when the host, or a colleague who stands in, is in it.
    pub host_there_since: Option<Timestamp>,
    /// Whoever of the staff is in it.
    pub staff_there: Vec<Named<StaffId>>,
    /// Since when only the staff are left in it, of a meeting in which somebody else was and for which nobody waits.
    pub alone_since: Option<Timestamp>,
    /// Whether Zoom is heard of as it ought to be: only then is an empty room known to be one.
    pub feed_is_live: bool,
    /// What is the matter, worst first, in sentences for the host.
    pub alerts: Vec<BoardAlert>,
}

impl Attendance {
    /// How the staff member's room stands now.
    pub async fn room_now(&self, clinic: ClinicId, staff: StaffId) -> Result<RoomNow> {
        let now = self.ambient.now();
        let mut tx = self.store.read().await?;
        let zone = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?.zone;
        let names: BTreeMap<StaffId, Name> =
            tx.staff(clinic).await?.into_iter().map(|member| (member.id, member.name)).collect();
        let feed = board::feed(&mut *tx, clinic, now).await?.state;
        let mut rooms = BTreeMap::new();
        let mut presences = Vec::new();
        if let Some(room) = tx.room_of(clinic, staff).await? {
            rooms.insert(room.id, staff);
            let around = now.minus(LONGEST_THERE)..now.plus(Duration::from_mins(5));
            presences = tx.presences_in_room(clinic, room.id, around).await?;
        }
        let numbers = board::guest_numbers(presences.iter());
        let known = Known {
            zone: &zone,
            staff: &names,
            rooms: &rooms,
            presences: &presences,
            numbers: &numbers,
            feed,
            visits: None,
            host: Some(staff),
        };
        let found = find(&mut *tx, clinic, known, now).await?;
        let hearing = Hearing::load(&mut *tx, clinic, feed, now).await?;
        let room = rooms.keys().next().copied();
        let running = found.running.get(&staff).copied().unwrap_or_default();
        let mut there: Vec<(Timestamp, Named<StaffId>)> = presences
            .iter()
            .filter(|presence| presence.who == Who::Staff && presence.whereabouts == Whereabouts::InSession)
            .filter_map(|presence| {
                let id = presence.staff_id?;
                Some((presence.since, Named { id, name: names.get(&id)?.clone() }))
            })
            .collect();
        there.sort_by_key(|(since, one)| (*since, one.id));
        let mut staff_there: Vec<Named<StaffId>> = Vec::new();
        for (_, one) in there {
            if !staff_there.contains(&one) {
                staff_there.push(one);
            }
        }
        let own = found.live.into_iter().filter(|live| live.host.id == staff);
        Ok(RoomNow {
            running_since: running.since,
            host_there_since: running.host_since,
            staff_there,
            alone_since: running.staff_alone_since,
            feed_is_live: !hearing.is_deaf_to(room, now),
            alerts: own.map(super::Live::for_host).collect(),
        })
    }
}
