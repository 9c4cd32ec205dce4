//! What tells how the rooms stand, gathered for all of a clinic's with one question to the store for each kind of thing.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

use domain::{
    AppointmentId, ClinicId, PresenceId, RoomId, StaffId, Timestamp,
    appointment::Appointment,
    attendance::{
        feed::FeedState,
        presence::{Presence, Whereabouts},
        warnings::There,
        watch::{self, Delay, LONGEST_THERE, Matter, Person, Running, Scene},
    },
    clinic::Zone,
    outreach::desk::{Notice, Says},
    room::guard::Cover,
    text::Name,
};
use store::Tx;

use super::hearing::Hearing;
use crate::{
    Result,
    board::{BoardAlert, Named, name_or_number},
    marks::Marks,
};

/// Visits that began before this time are hardly waited for any more.
const SETTLED: Duration = Duration::from_hours(3);
/// Visits that begin within this time matter.
const SOON: Duration = Duration::from_hours(1);

/// What whoever asks has read already.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub zone: &'a Zone,
    /// Everybody of the staff.
    pub staff: &'a BTreeMap<StaffId, Name>,
    /// Whose each room is, of the rooms that are asked about.
    pub rooms: &'a BTreeMap<RoomId, StaffId>,
    /// At least those of the last twelve hours in these rooms.
    pub presences: &'a [Presence],
    /// Of those without a name.
    pub numbers: &'a BTreeMap<PresenceId, usize>,
    pub feed: FeedState,
    /// The visits around now and what is marked of them, where they were read.
    pub visits: Option<(&'a [Appointment], &'a Marks)>,
    /// The host whose room alone is asked about; none for everybody's.
    pub host: Option<StaffId>,
}

/// Whether the visits of that day are all that matter now: around midnight those of the next or the last one do too.
pub(crate) fn is_enough(day: &Range<Timestamp>, now: Timestamp) -> bool {
    day.contains(&now.minus(SETTLED)) && day.contains(&now.plus(SOON))
}

/// Something that is the matter in a room now.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    pub host: Named<StaffId>,
    pub matter: Matter,
}

impl Live {
    /// For the desk.
    pub fn for_desk(self) -> BoardAlert {
        let sentence = self.matter.for_desk.clone();
        self.told(sentence)
    }

    /// For the host.
    pub fn for_host(self) -> BoardAlert {
        let sentence = self.matter.for_host.clone();
        self.told(sentence)
    }

    fn told(self, sentence: String) -> BoardAlert {
        BoardAlert {
            kind: self.matter.kind,
            host: self.host,
            sentence,
            since: self.matter.since,
            appointment: self.matter.appointment,
            presence: self.matter.presence,
        }
    }
}

/// What was found in the rooms.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What is the matter, worst first.
    pub live: Vec<Live>,
    /// How each host's meeting stands; none of those in whose room nobody is.
    pub running: BTreeMap<StaffId, Running>,
    /// Those in whose room somebody is, while something was not heard of it that ought to have been: then nobody's absence
    /// is concluded.
    pub unheard: BTreeSet<StaffId>,
    /// The visits around now, and who hosts each.
    pub visits: Vec<(AppointmentId, StaffId)>,
}

/// Whoever is in a room now, of those.
fn is_there(presence: &Presence, now: Timestamp) -> bool {
    presence.whereabouts != Whereabouts::Left && presence.first_at.distance(now) <= LONGEST_THERE
}

/// Finds out what is the matter in the clinic's rooms.
pub(crate) async fn find(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    known: Known<'_>,
    now: Timestamp,
) -> Result<Found> {
    let is_empty = !known.presences.iter().any(|presence| is_there(presence, now));
    // Of rooms that tell nothing themselves, marks may tell something.
    if is_empty && tx.other_rooms(clinic).await?.is_empty() {
        return Ok(Found::default());
    }
    let read;
    let (appointments, marks) = if let Some(visits) = known.visits {
        visits
    } else {
        let around = now.minus(LONGEST_THERE)..now.plus(SOON);
        let appointments = tx.appointments(clinic, around, known.host).await?;
        let marks = Marks::load(tx, clinic, &appointments, now).await?;
        read = (appointments, marks);
        (read.0.as_slice(), &read.1)
    };
    let settings = tx.alert_settings(clinic).await?;
    let covers: Vec<Cover> =
        tx.covers(clinic, now).await?.into_iter().filter(|cover| cover.holds_at(now)).collect();
    let notices = tx.notices(clinic, None, now).await?;
    let hearing = Hearing::load(tx, clinic, known.feed, now).await?;

    let mut found = Found::default();
    let rooms: BTreeMap<StaffId, RoomId> = known.rooms.iter().map(|(room, host)| (*host, *room)).collect();
    let hosts: BTreeSet<StaffId> =
        rooms.keys().copied().chain(appointments.iter().map(|appointment| appointment.host)).collect();
    for host in hosts {
        let Some(name) = known.staff.get(&host) else { continue };
        let room = rooms.get(&host).copied();
        let is_near = |presence: &&Presence| {
            Some(presence.room_id) == room && presence.first_at.distance(now) <= LONGEST_THERE
        };
        let in_room: Vec<&Presence> = known.presences.iter().filter(is_near).collect();
        let is_elsewhere = marks.elsewhere(host).is_some();
        if !is_elsewhere && !in_room.iter().any(|presence| is_there(presence, now)) {
            continue;
        }
        let is_deaf = hearing.is_deaf_to(room, now);
        if is_deaf && !is_elsewhere {
            found.unheard.insert(host);
        }
        let shown: Vec<String> =
            in_room.iter().map(|presence| name_or_number(presence, known.numbers)).collect();
        let presences: Vec<There<'_>> =
            in_room.iter().zip(&shown).map(|(presence, shown)| There { presence, shown }).collect();
        let visits: Vec<&Appointment> = appointments.iter().filter(|visit| visit.host == host).collect();
        let attendees = visits.iter().flat_map(|visit| &visit.attendees).filter(|_| is_elsewhere);
        let of_attendees = attendees
            .filter_map(|attendee| {
                marks.standing(attendee.id).map(|mark| (attendee.id, (mark.marked, mark.at)))
            })
            .collect();
        let covering: Vec<Person<'_>> = covers
            .iter()
            .filter(|cover| cover.host_id == host)
            .filter_map(|cover| {
                Some(Person { id: cover.by_id, name: known.staff.get(&cover.by_id)?.as_str() })
            })
            .collect();
        let scene = Scene {
            now,
            zone: known.zone,
            room,
            host: Person { id: host, name: name.as_str() },
            covering: &covering,
            presences: &presences,
            appointments: &visits,
            marks: &of_attendees,
            delays: &delays(&notices, host),
            settings: &settings,
            is_deaf,
        };
        let host = Named { id: host, name: name.clone() };
        found.running.insert(host.id, watch::running(&scene));
        let matters = watch::matters(&scene).into_iter();
        found.live.extend(matters.map(|matter| Live { host: host.clone(), matter }));
    }
    found.live.sort_by(|a, b| {
        let (one, other) = (&a.matter, &b.matter);
        (one.kind, one.since, &one.key).cmp(&(other.kind, other.since, &other.key))
    });
    found.visits = appointments.iter().map(|visit| (visit.id, visit.host)).collect();
    Ok(found)
}

fn delays(notices: &[Notice], host: StaffId) -> Vec<Delay> {
    notices
        .iter()
        .filter(|notice| notice.host == host)
        .filter_map(|notice| match &notice.says {
            Says::Late(minutes) => Some(Delay {
                said_at: notice.at,
                by: Duration::from_secs(u64::try_from(*minutes).unwrap_or(0) * 60),
                appointment: notice.appointment,
            }),
            Says::Words(_) => None,
        })
        .collect()
}
