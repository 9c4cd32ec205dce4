//! What is the matter in a room at this moment: a host who does not come, a visit that goes on while the next one waits, a
//! host who is signed in as somebody else, patients whom nobody minds, a stranger, a meeting that still runs.
//!
//! Other than the [warnings](super::warnings) before somebody is let in, these come by time as well, and people are told of
//! them who do not look at a page. So each has a key that names the same thing whenever it is seen again.

mod meeting;
mod people;
mod visits;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use super::{
    matching::Level,
    presence::{Presence, Whereabouts, Who},
    stay::{Stay, StayKind},
    warnings::There,
};
use crate::{
    alert::{AlertKind, Settings},
    appointment::{Appointment, Attendee},
    clinic::Zone,
    id::{AppointmentId, AttendeeId, PresenceId, RoomId, StaffId},
    outreach::desk::Marked,
    time::Timestamp,
};

pub use meeting::{Running, running};

/// Nobody is believed to be in a room for longer: the word that they left was lost.
pub const LONGEST_THERE: Duration = Duration::from_hours(12);
/// Whoever is back within this time has waited on.
const BACK_WITHIN: Duration = Duration::from_mins(2);

/// One of the staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person<'a> {
    /// Who.
    pub id: StaffId,
    /// As the clinic knows them.
    pub name: &'a str,
}

/// The desk said that a host is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Delay {
    /// When it was said; the last word counts.
    pub said_at: Timestamp,
    /// By how much.
    pub by: Duration,
    /// For which visit; none for all of the host's.
    pub appointment: Option<AppointmentId>,
}

/// A host's room, and all that tells how it stands there. In whatever order.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The moment of which it is told.
    pub now: Timestamp,
    /// The clinic's.
    pub zone: &'a Zone,
    /// The host's room at Zoom; none where there is none.
    pub room: Option<RoomId>,
    /// Whose room it is.
    pub host: Person<'a>,
    /// Colleagues who stand in now.
    pub covering: &'a [Person<'a>],
    /// Whoever was in the room in the last [`LONGEST_THERE`], gone or not, each with the name shown, or "Guest 1".
    pub presences: &'a [There<'a>],
    /// The host's visits around now.
    pub appointments: &'a [&'a Appointment],
    /// The mark that holds of each attendee, and since when, where the visits take place at another product; its rooms tell
    /// nothing themselves.
    pub marks: &'a BTreeMap<AttendeeId, (Marked, Timestamp)>,
    /// What was said of being late.
    pub delays: &'a [Delay],
    /// When the clinic wants to be warned.
    pub settings: &'a Settings,
    /// Whether something was not heard that ought to have been: then nobody's absence is concluded.
    pub is_deaf: bool,
}

/// Something that is the matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// What.
    pub kind: AlertKind,
    /// Names the same thing whenever it is seen again.
    pub key: String,
    /// Since when.
    pub since: Timestamp,
    /// Which visit it is about, if about one.
    pub appointment: Option<AppointmentId>,
    /// Who in the room it is about, if about one person.
    pub presence: Option<PresenceId>,
    /// After how many minutes, where that makes a difference.
    pub detail: Option<String>,
    /// In a sentence, for the desk. It holds names.
    pub for_desk: String,
    /// In a sentence, for the host. It holds names.
    pub for_host: String,
}

/// Whether a matter of this kind follows from somebody's absence, of which nothing can be said while the feed is silent.
pub const fn follows_from_absence(kind: AlertKind) -> bool {
    matches!(kind, AlertKind::HostLate | AlertKind::NobodyHosting | AlertKind::LeftRunning)
}

/// What is the matter in the room, worst first.
pub fn matters(scene: &Scene<'_>) -> Vec<Matter> {
    let room = Room::of(scene);
    let mut matters = room.hosts_late();
    matters.extend(room.overruns());
    let others = room.other_accounts();
    let known: Vec<PresenceId> = others.iter().filter_map(|matter| matter.presence).collect();
    matters.extend(others);
    matters.extend(room.nobody_hosting());
    matters.extend(room.strangers(&known));
    matters.extend(room.left_running());
    matters.sort_by(|a, b| (a.kind, a.since, &a.key).cmp(&(b.kind, b.since, &b.key)));
    // Somebody may be called like the host and like the colleague who stands in.
    let mut seen = std::collections::BTreeSet::new();
    matters.retain(|matter| seen.insert(matter.key.clone()));
    matters
}

/// The scene, put in order.
struct Room<'a> {
    scene: Scene<'a>,
    /// By arrival.
    presences: Vec<There<'a>>,
    /// By start.
    appointments: Vec<&'a Appointment>,
    covering: Vec<Person<'a>>,
}

impl<'a> Room<'a> {
    fn of(scene: &Scene<'a>) -> Self {
        let mut presences = scene.presences.to_vec();
        presences.sort_by_key(|one| (one.presence.first_at, one.presence.id));
        let mut appointments = scene.appointments.to_vec();
        appointments.sort_by_key(|one| (one.starts_at, one.id));
        appointments.retain(|one| one.is_expected_in_a_room());
        let mut covering = scene.covering.to_vec();
        covering.sort_by_key(|one| one.id);
        covering.dedup();
        Self { scene: *scene, presences, appointments, covering }
    }

    /// Whoever is there now, by arrival.
    fn there(&self) -> impl Iterator<Item = There<'a>> {
        self.presences.iter().copied().filter(|one| {
            one.presence.whereabouts != Whereabouts::Left
                && self.scene.now.since(one.presence.first_at) <= LONGEST_THERE
        })
    }

    fn visitors_waiting(&self) -> impl Iterator<Item = There<'a>> {
        self.there().filter(|one| {
            one.presence.who == Who::Visitor && one.presence.whereabouts == Whereabouts::Waiting
        })
    }

    /// Staff in the meeting now.
    fn staff_there(&self) -> impl Iterator<Item = There<'a>> {
        self.there().filter(|one| {
            one.presence.who == Who::Staff && one.presence.whereabouts == Whereabouts::InSession
        })
    }

    fn is_in_the_meeting(&self, person: Person<'_>) -> bool {
        self.staff_there().any(|one| one.presence.staff_id == Some(person.id))
    }

    /// When somebody of the staff was last in the meeting, where nobody is any more.
    fn staff_left_at(&self) -> Option<Timestamp> {
        let staff = self.presences.iter().filter(|one| one.presence.who == Who::Staff);
        let stays = staff.flat_map(|one| &one.presence.stays);
        stays.filter(|stay| stay.kind == StayKind::InSession).filter_map(|stay| stay.to).max()
    }

    /// All stays of the staff, or of everybody else.
    fn stays(&self, of_staff: bool) -> impl Iterator<Item = &'a Stay> + Clone {
        let presences: Vec<&'a Presence> = self.presences.iter().map(|one| one.presence).collect();
        presences
            .into_iter()
            .filter(move |presence| (presence.who == Who::Staff) == of_staff)
            .flat_map(|presence| &presence.stays)
    }

    /// Whom a presence certainly or probably is, and whether certainly.
    fn meant(&self, presence: &Presence) -> Option<(&'a Appointment, &'a Attendee, bool)> {
        let matched = presence.matched.as_ref().filter(|matched| matched.level >= Level::Probable)?;
        let appointment = self.scene.appointments.iter().find(|one| one.id == matched.appointment)?;
        Some((appointment, appointment.attendee(matched.attendee)?, matched.level == Level::Certain))
    }

    /// "Ana Prado (10:30)", "Ana Prado (10:30, probably)", or the name shown in Zoom between marks.
    fn called(&self, one: There<'_>) -> String {
        match self.meant(one.presence) {
            Some((appointment, attendee, certain)) => self.called_due(appointment, attendee, certain),
            None => format!("“{}”", one.shown),
        }
    }

    fn called_due(&self, appointment: &Appointment, attendee: &Attendee, certain: bool) -> String {
        let probably = if certain { "" } else { ", probably" };
        format!("{} ({}{probably})", attendee.name, self.scene.zone.time(appointment.starts_at))
    }

    fn time(&self, at: Timestamp) -> String {
        self.scene.zone.time(at)
    }
}

/// Whether it is settled, certainly or probably, who this is.
fn is_settled(presence: &Presence) -> bool {
    presence.matched.as_ref().is_some_and(|matched| matched.level >= Level::Probable)
}

/// "A", "A and B", "A, B and C".
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => format!("{} and {last}", many.join(", ")),
    }
}

const fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}
