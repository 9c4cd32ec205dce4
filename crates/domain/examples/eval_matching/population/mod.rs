//! Simulated days in one room, whose truth is known. Nothing here judges anything: whoever wants to act such a day, by
//! calling the ladder or over HTTP, includes this folder and plays what [`Day`] lists, in the order of time.
//!
//! `docs/matching.md` tells the shares. The same seed gives the same days.

mod chance;
mod comers;
mod people;
mod room;
mod telling;

pub use chance::Chance;
use domain::{
    AttendeeId, DeliveryId, Timestamp,
    attendance::{
        event::RoomEvent,
        matching::{Invite, Press, Registration, ladder::Invited},
    },
};

/// Where a press of Join leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// Into the room, by the way that all share.
    Open,
    /// Into a registered room: everybody is told by an id.
    Registered,
    /// Into the room, by an invite link that presets the name.
    Preset,
}

/// What kind of Zoom account and room it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whether Zoom tells names, or masks every one.
    pub names_shown: bool,
    /// Where the patients' own links lead.
    pub links: Links,
    /// Whether events tell where people come from.
    pub tells_addresses: bool,
}

/// An event, and when its delivery comes; never, where it is lost.
pub struct Told {
    pub at: Option<Timestamp>,
    pub event: RoomEvent,
}

/// Somebody's arrival, and who it was.
pub struct Arrival {
    /// What is peculiar about it, for the table.
    pub kind: &'static str,
    /// The deliveries that speak of it, told or not.
    pub deliveries: Vec<DeliveryId>,
    /// The name shown, where the account tells it.
    pub shown: Option<String>,
    /// Which attendee it was; nobody's for strangers and for those who come along.
    pub truth: Option<AttendeeId>,
    /// Whether this person pressed Join on their own link.
    pub pressed: bool,
    pub arrives_at: Timestamp,
    /// When somebody lets them in; none where they give up.
    pub admitted_at: Option<Timestamp>,
    /// When they are gone, whenever Zoom learns of it.
    pub left_at: Timestamp,
}

/// All that happens in a room on one day, as it is acted and as it was.
#[derive(Default)]
pub struct Day {
    /// The appointments, one entry an attendee. The ids are the day's own.
    pub invited: Vec<Invited>,
    /// The presses of Join that are noted, with the address they come from. Those that never arrive are not here.
    pub presses: Vec<Press>,
    /// What Zoom calls those who came by a press or by the guest link. Registered rooms only.
    pub registrations: Vec<Registration>,
    /// The personal invite links. Accounts that preset names only.
    pub invites: Vec<Invite>,
    /// What Zoom tells, the host's own events included.
    pub told: Vec<Told>,
    /// Everybody who came, but for the staff.
    pub arrivals: Vec<Arrival>,
    /// The Zoom users who are known to be of the staff, beside the host.
    pub colleagues: Vec<String>,
}

impl Day {
    /// How many are invited to the appointment of this attendee, themselves included.
    pub fn invited_with(&self, attendee: AttendeeId) -> usize {
        let theirs = self.invited.iter().find(|one| one.attendee == attendee).map(|one| one.appointment);
        self.invited.iter().filter(|one| Some(one.appointment) == theirs).count()
    }
}

/// A day that begins at `opens`: an hour before the first appointment.
pub fn day(chance: &mut Chance, account: Account, opens: Timestamp) -> Day {
    room::Room::new(chance, account, opens).day()
}
