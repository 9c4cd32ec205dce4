//! By whose link somebody came, where more than the time of a press says so.
//!
//! A registrant's id is Zoom's word for it. The name that an invite link presets, and the address that the press came
//! from, say it too where they are distinct: an address is shared by a household, a hostel, a carrier. All of them
//! speak for the link and not for the person.

use std::{collections::BTreeSet, net::IpAddr, time::Duration};

use super::{
    Press,
    climb::overlap,
    ladder::Evidence,
    pressed::{HEARD_AT_LAST, SKEW, is_within},
};
use crate::{
    attendance::{fold::Visit, presence::Who},
    id::AttendeeId,
};

/// What says by whose link somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Zoom registered the link's holder under an id.
    Registered,
    /// The name shown is the one that the link presets.
    Preset,
    /// The press came from the same address.
    Address,
}

/// The owner of the link by which somebody came.
pub(super) fn link(evidence: &Evidence<'_>, visit: &Visit) -> Option<(AttendeeId, Sign)> {
    registered(evidence, visit)
        .map(|owner| (owner, Sign::Registered))
        .or_else(|| preset(evidence, visit).map(|owner| (owner, Sign::Preset)))
        .or_else(|| address(evidence, visit).map(|owner| (owner, Sign::Address)))
}

fn registered(evidence: &Evidence<'_>, visit: &Visit) -> Option<AttendeeId> {
    let registrations = evidence.registrations.iter();
    the_one(
        registrations
            .filter(|one| visit.registrant_ids.contains(&one.registrant_id))
            .filter_map(|one| one.whose.map(|(_, attendee)| attendee)),
    )
}

/// Whether somebody is registered as a guest, by the way that leads into the room without any attendee's link.
pub(super) fn is_guest(evidence: &Evidence<'_>, visit: &Visit) -> bool {
    let mut theirs = evidence
        .registrations
        .iter()
        .filter(|one| visit.registrant_ids.contains(&one.registrant_id))
        .peekable();
    theirs.peek().is_some() && theirs.all(|one| one.whose.is_none())
}

/// Those whose links preset this name. Somebody typed it where there are none; also who drops out and comes back bears
/// it still.
pub(super) fn presets(evidence: &Evidence<'_>, visit: &Visit, name: &str) -> BTreeSet<AttendeeId> {
    let invites = evidence.invites.iter().filter(|invite| {
        invite.name == name && invite.at.minus(SKEW) <= visit.first_at && visit.first_at <= invite.until
    });
    invites.map(|invite| invite.attendee_id).collect()
}

/// The name alone may have been typed: the link must have been pressed moments before.
fn preset(evidence: &Evidence<'_>, visit: &Visit) -> Option<AttendeeId> {
    let owner = the_one(visit.names.iter().flat_map(|name| presets(evidence, visit, name)))?;
    has_just_pressed(evidence, visit, owner).then_some(owner)
}

fn has_just_pressed(evidence: &Evidence<'_>, visit: &Visit, attendee: AttendeeId) -> bool {
    let mut presses = evidence.presses.iter();
    presses.any(|press| press.attendee_id == attendee && is_within(press, visit, HEARD_AT_LAST))
}

fn address(evidence: &Evidence<'_>, visit: &Visit) -> Option<AttendeeId> {
    let comes_from = |visit: &Visit, address: IpAddr| {
        visit.public_ips.iter().any(|one| one.parse::<IpAddr>().is_ok_and(|one| one == address))
    };
    let near = evidence.presses.iter().filter(|press| is_within(press, visit, HEARD_AT_LAST));
    let from_there: Vec<(&Press, IpAddr)> = near
        .filter_map(|press| press.client_address.map(|address| (press, address)))
        .filter(|(_, address)| comes_from(visit, *address))
        .collect();
    let owner = the_one(from_there.iter().map(|(press, _)| press.attendee_id))?;
    // Nobody else has pressed from there or come from there on these days, but for the same attendee.
    let is_distinct = from_there.iter().all(|(press, address)| {
        let others_pressed = evidence
            .presses
            .iter()
            .any(|other| other.attendee_id != owner && other.client_address == Some(*address));
        let others_came = evidence.visits.iter().any(|(other, who)| {
            *who == Who::Visitor
                && other.id != visit.id
                && comes_from(other, *address)
                && (overlap(other, visit) || is_within(press, other, HEARD_AT_LAST))
        });
        !others_pressed && !others_came
    });
    is_distinct.then_some(owner)
}

fn the_one(owners: impl Iterator<Item = AttendeeId>) -> Option<AttendeeId> {
    let owners: BTreeSet<AttendeeId> = owners.collect();
    let mut owners = owners.into_iter();
    owners.next().filter(|_| owners.next().is_none())
}

/// How long before its start a link is pressed at the earliest by who means this appointment, and after its end at the
/// latest.
pub(super) const AROUND: Duration = Duration::from_mins(90);
