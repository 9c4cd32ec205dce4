//! People of whom nobody knows who they are: the host under another account, or a stranger.

use std::time::Duration;

use super::{Matter, Person, Room, is_settled};
use crate::{
    alert::AlertKind,
    attendance::{
        names::{self, Agreement, agreement},
        presence::{Presence, Whereabouts, Who},
        warnings::There,
    },
    id::PresenceId,
};

/// A stranger who waits for less may be somebody's slip, and is gone before anybody can ask.
const STRANGE_AFTER: Duration = Duration::from_mins(2);
/// Whoever comes back under the same name within this time is taken for the same stranger.
const SAME_WITHIN: Duration = Duration::from_mins(10);

impl<'a> Room<'a> {
    /// Whoever is there and looks like the host, or like a colleague who stands in, while that one is not in the meeting.
    /// Never certain: it rests on a name, which anybody may type.
    pub(super) fn other_accounts(&self) -> Vec<Matter> {
        let people = || std::iter::once(self.scene.host).chain(self.covering.iter().copied());
        self.there()
            .filter(|one| one.presence.who == Who::Visitor && !is_settled(one.presence))
            .filter_map(|one| {
                let staff = people().find(|staff| self.looks_like(one.presence, *staff))?;
                Some(self.other_account(one, staff))
            })
            .collect()
    }

    fn other_account(&self, one: There<'a>, staff: Person<'_>) -> Matter {
        let (host, shown) = (self.scene.host, one.shown);
        let is_host = staff.id == host.id;
        let waits = one.presence.whereabouts != Whereabouts::InSession;
        let looks = format!("It looks like {} is signed in to another Zoom account", staff.name);
        let whose = if is_host { "their own".to_owned() } else { format!("{}'s", host.name) };
        let for_desk = if waits {
            format!("{looks} and waits in {whose} waiting room, shown as “{shown}”.")
        } else {
            format!("{looks} and is in {whose} meeting as a guest, shown as “{shown}”.")
        };
        let place = if waits { "waits in your waiting room" } else { "is in your meeting as a guest" };
        let for_host = if is_host {
            format!(
                "It looks like you are signed in to another Zoom account: “{shown}” {place}. Leave it there, and join \
                 with the Zoom account that is connected here."
            )
        } else {
            format!("{looks}: “{shown}” {place}.")
        };
        Matter {
            kind: AlertKind::OtherAccount,
            key: format!("other_account/{}", self.first_of(one.presence)),
            since: one.presence.since,
            appointment: None,
            presence: Some(one.presence.id),
            detail: None,
            for_desk,
            for_host,
        }
    }

    /// Whether the name shown is this colleague's, as far as a name tells, and fits nobody who is due as well as that.
    fn looks_like(&self, presence: &Presence, staff: Person<'_>) -> bool {
        let Some(shown) = presence.shown_name.as_deref() else { return false };
        if self.is_in_the_meeting(staff) {
            return false;
        }
        let known = names::untitled(staff.name);
        let (found, is_titled) = (agreement(Some(shown), &known), names::is_titled(shown));
        let fits = match found {
            Agreement::Full => true,
            // A first name alone is many people's.
            Agreement::Agrees => is_titled || has_family_name(shown, &known),
            Agreement::Hints => is_titled,
            _ => false,
        };
        let fits_as_well = |name: &str| {
            let other = agreement(Some(shown), name);
            matches!(other, Agreement::Full | Agreement::Agrees) && other <= found
        };
        let attendees = || self.appointments.iter().flat_map(|appointment| &appointment.attendees);
        fits && (is_titled || !attendees().any(|attendee| fits_as_well(attendee.name.as_str())))
    }

    /// Whoever waits and fits nobody who is due, but for those who are known to look like the staff.
    pub(super) fn strangers(&self, known: &[PresenceId]) -> Vec<Matter> {
        self.visitors_waiting()
            .filter(|one| !is_settled(one.presence) && !known.contains(&one.presence.id))
            .filter(|one| self.scene.now.since(one.presence.since) >= STRANGE_AFTER)
            .filter(|one| !self.fits_somebody(one.presence))
            .map(|one| {
                let (shown, since) = (one.shown, self.time(one.presence.since));
                let host = self.scene.host.name;
                Matter {
                    kind: AlertKind::Stranger,
                    key: format!("stranger/{}", self.first_of(one.presence)),
                    since: one.presence.since,
                    appointment: None,
                    presence: Some(one.presence.id),
                    detail: None,
                    for_desk: format!(
                        "“{shown}” has waited in {host}'s room since {since} and fits nobody who is due. Find out who it is \
                         before they are let in."
                    ),
                    for_host: format!(
                        "“{shown}” has waited since {since} and fits nobody who is due. Ask who it is before you let them in."
                    ),
                }
            })
            .collect()
    }

    /// Whether it may be one of those who are due: by the name, or because Zoom shows none that says anything.
    fn fits_somebody(&self, presence: &Presence) -> bool {
        presence.candidates.iter().any(|candidate| {
            let appointment = self.appointments.iter().find(|one| one.id == candidate.appointment);
            let attendee = appointment.and_then(|appointment| appointment.attendee(candidate.attendee));
            attendee.is_some_and(|attendee| {
                agreement(presence.shown_name.as_deref(), attendee.name.as_str()) != Agreement::Differs
            })
        })
    }

    /// The first presence of what looks like the same unknown person, who came back again and again.
    fn first_of(&self, presence: &Presence) -> PresenceId {
        let mut first = presence;
        while let Some(before) = self.came_before(first) {
            first = before;
        }
        first.id
    }

    fn came_before(&self, presence: &Presence) -> Option<&'a Presence> {
        let name = names::key(presence.shown_name.as_deref()?);
        self.presences
            .iter()
            .map(|one| one.presence)
            .take_while(|other| (other.first_at, other.id) < (presence.first_at, presence.id))
            .filter(|other| other.whereabouts == Whereabouts::Left && other.since <= presence.first_at)
            .filter(|other| presence.first_at.since(other.since) <= SAME_WITHIN)
            .filter(|other| other.who == Who::Visitor && !is_settled(other))
            .filter(|other| other.shown_name.as_deref().is_some_and(|other| names::key(other) == name))
            .last()
    }
}

/// Whether more than the first name is shown.
fn has_family_name(shown: &str, known: &str) -> bool {
    let shown = names::words(shown);
    let first = usize::from(known.split_whitespace().count() > 1);
    known.split_whitespace().skip(first).any(|word| word.chars().count() > 1 && shown.contains(word))
}
