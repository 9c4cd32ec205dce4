//! Understanding a room anew: load what is known, derive its presences, write what differs, tell the boards.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

use domain::{
    AttendeeId, ClinicId, PresenceId, PressId, StaffId, Timestamp,
    appointment::Appointment,
    attendance::{
        event::RoomEvent,
        matching::{Decision, Press, Verdict, ladder::Invited},
        presence::{Presence, Who},
        record::RecordedStay,
    },
    clinic::Clinic,
    room::Room,
};
use jiff::civil::Date;
use store::{
    Tx,
    ports::{attendance::Change, evidence::MatchChange},
};

use crate::{
    Error, Result,
    derive::{self, Facts, Place, Told},
};

/// Personal invite links are made when they are first needed, which may be days before the visit.
const INVITES_FROM: Duration = Duration::from_hours(24 * 14);
/// How long after a message scanners of mail may still press what they find in it. Most are done in five minutes, and
/// what they press by then is not noted at all.
const SCANNED_WITHIN: Duration = Duration::from_mins(15);
/// A message is noted as sent only after the mail server has answered.
const SENT_BEFORE: Duration = Duration::from_mins(1);

/// What is the same for all rooms of a clinic.
pub(crate) struct Ground {
    pub clinic: Clinic,
    /// Zoom users who are of the staff: connected ones, and owners of rooms, connected or not.
    pub staff: BTreeMap<String, StaffId>,
}

impl Ground {
    pub async fn load(tx: &mut dyn Tx, clinic: ClinicId) -> Result<Self> {
        let clinic = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?;
        let mut staff = BTreeMap::new();
        for room in tx.rooms(clinic.id).await? {
            staff.insert(room.zoom_user_id, room.staff_id);
        }
        for connection in tx.connections(clinic.id).await? {
            staff.insert(connection.zoom_user_id, connection.staff_id);
        }
        Ok(Self { clinic, staff })
    }

    pub fn place<'a>(&'a self, room: &'a Room) -> Place<'a> {
        Place { room, zone: &self.clinic.zone, staff: &self.staff }
    }
}

/// What became different: what boards must look at again, and what is from now on shown of whom.
#[derive(Debug)]
pub(crate) struct Changes {
    now: Timestamp,
    board: BTreeSet<Change>,
    shown: Vec<MatchChange>,
}

impl Changes {
    pub fn at(now: Timestamp) -> Self {
        Self { now, board: BTreeSet::new(), shown: Vec::new() }
    }

    pub fn is_empty(&self) -> bool {
        self.board.is_empty()
    }

    /// A presence that is new, different or gone.
    pub fn presence(&mut self, presence: &Presence) {
        self.board.insert(Change::Presence(presence.id));
        let matched = presence.matched.iter().map(|matched| matched.appointment);
        let candidates = presence.candidates.iter().map(|candidate| candidate.appointment);
        self.board.extend(matched.chain(candidates).map(Change::Appointment));
    }

    /// A presence as it was and as it is. What is shown is noted where another person is, or another level, or another
    /// who decides; that the reasons are told in other words is no change.
    pub fn shown(&mut self, before: Option<&Presence>, after: &Presence) {
        let essence = |presence: &Presence| {
            let matched = presence.matched.as_ref();
            (presence.who, matched.map(|of| (of.appointment, of.attendee, of.level, of.decided_by)))
        };
        // Of somebody who has just come nothing was shown.
        if before.map_or((Who::Visitor, None), essence) != essence(after) {
            self.shown.push(MatchChange {
                presence: after.id,
                at: self.now,
                who: after.who,
                matched: after.matched.clone(),
            });
        }
    }

    /// Notes them all. Call it after every room of the unit of work is locked: it holds the clinic's board.
    pub async fn note(self, tx: &mut dyn Tx, clinic: ClinicId) -> Result<()> {
        for change in &self.shown {
            tx.insert_match_change(clinic, change).await?;
        }
        for change in self.board {
            tx.note_change(clinic, change, self.now).await?;
        }
        Ok(())
    }
}

/// What Zoom said around a day.
pub(crate) struct Around {
    pub events: Vec<RoomEvent>,
    pub record: Vec<RecordedStay>,
}

impl Around {
    pub async fn load(tx: &mut dyn Tx, room: &Room, day: &Range<Timestamp>) -> Result<Self> {
        let window = derive::window(day);
        let events = tx.room_events(room.clinic_id, room.id, window.clone()).await?;
        let record = tx.recorded_stays(room.clinic_id, room.id, window).await?;
        Ok(Self { events, record })
    }

    pub fn told(&self) -> Told<'_> {
        Told { events: &self.events, record: &self.record }
    }
}

/// Understands these days of the room anew. The room must be locked.
pub(crate) async fn days(
    tx: &mut dyn Tx,
    ground: &Ground,
    room: &Room,
    days: impl IntoIterator<Item = Date>,
    changes: &mut Changes,
) -> Result<()> {
    // In order, so that a presence that moved to another day is removed from the one and put into the other.
    let days: BTreeSet<Date> = days.into_iter().collect();
    for date in days {
        let day = ground.clinic.zone.day(date);
        let around = Around::load(tx, room, &day).await?;
        let kept = tx.presences_in_room(ground.clinic.id, room.id, day.clone()).await?;
        if around.told().is_empty() && kept.is_empty() {
            continue;
        }
        let derived = of_day(tx, ground, room, around.told(), &day).await?;
        write(tx, ground.clinic.id, kept, derived, changes).await?;
    }
    Ok(())
}

async fn write(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    kept: Vec<Presence>,
    derived: Vec<Presence>,
    changes: &mut Changes,
) -> Result<()> {
    let mut kept: BTreeMap<_, _> = kept.into_iter().map(|presence| (presence.id, presence)).collect();
    for presence in derived {
        let before = kept.remove(&presence.id);
        if before.as_ref() == Some(&presence) {
            continue;
        }
        tx.put_presence(clinic, &presence).await?;
        changes.presence(&presence);
        changes.shown(before.as_ref(), &presence);
        if let Some(before) = before {
            changes.presence(&before);
        }
    }
    for (id, gone) in kept {
        tx.remove_presence(clinic, id).await?;
        changes.presence(&gone);
    }
    Ok(())
}

/// The presences of a day, from what Zoom said around it and whatever else is kept.
pub(crate) async fn of_day(
    tx: &mut dyn Tx,
    ground: &Ground,
    room: &Room,
    told: Told<'_>,
    day: &Range<Timestamp>,
) -> Result<Vec<Presence>> {
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let facts = facts(tx, room, told, day).await?;
    Ok(derive::presences(ground.place(room), told, &facts, day))
}

/// What else is known around a day on which Zoom said this of the room.
pub(crate) async fn facts(
    tx: &mut dyn Tx,
    room: &Room,
    told: Told<'_>,
    day: &Range<Timestamp>,
) -> Result<Facts> {
    let clinic = room.clinic_id;
    let window = derive::window(day);
    let presses = tx.presses_in_room(clinic, room.id, window.clone()).await?;
    let looks = tx.looks(clinic, room.id, window.clone()).await?;
    let ids: Vec<PresenceId> = told.ids().into_iter().collect();
    let decisions = tx.decisions_about(clinic, &ids).await?;
    let registrant_ids: Vec<String> = told.registrant_ids().into_iter().map(str::to_owned).collect();
    let registrations = if registrant_ids.is_empty() {
        Vec::new()
    } else {
        tx.registrations(clinic, room.id, &registrant_ids).await?
    };
    let mut links = tx.invites(clinic, room.id, window.start.minus(INVITES_FROM)..window.end).await?;
    links.retain(|invite| invite.until >= window.start);

    let appointments = tx.appointments(clinic, window, Some(room.staff_id)).await?;
    let mut invited: Vec<Invited> =
        appointments.iter().flat_map(|appointment| invited(appointment, room)).collect();
    let registered = registrations.iter().filter_map(|one| one.whose).map(|(_, attendee)| attendee);
    let named: BTreeSet<AttendeeId> = named(&presses, &decisions)
        .chain(registered)
        .chain(links.iter().map(|invite| invite.attendee_id))
        .collect();
    for attendee in named {
        if invited.iter().any(|invited| invited.attendee == attendee) {
            continue;
        }
        if let Some(appointment) = tx.appointment_of_attendee(clinic, attendee).await? {
            invited.extend(self::invited(&appointment, room).filter(|invited| invited.attendee == attendee));
        }
    }
    let doubted = doubted(tx, clinic, &presses).await?;
    Ok(Facts { invited, presses, doubted, registrations, invites: links, looks, decisions })
}

/// Presses without the patient's page so soon after a message to the attendee that a scanner of mail may have made them.
/// Programs of the clinic's own press without the page too, so that not every one of them is doubted.
async fn doubted(tx: &mut dyn Tx, clinic: ClinicId, presses: &[Press]) -> Result<BTreeSet<PressId>> {
    let blind: Vec<&Press> = presses.iter().filter(|press| !press.from_page).collect();
    let appointments: BTreeSet<_> = blind.iter().map(|press| press.appointment_id).collect();
    if appointments.is_empty() {
        return Ok(BTreeSet::new());
    }
    let appointments: Vec<_> = appointments.into_iter().collect();
    let messages = tx.messages_of_all(clinic, &appointments).await?;
    let sent: Vec<_> = messages
        .iter()
        .filter_map(|message| Some((message.to.attendee()?, message.sent_at?)))
        .map(|(attendee, sent_at)| (attendee, sent_at.minus(SENT_BEFORE)..sent_at.plus(SCANNED_WITHIN)))
        .collect();
    let is_doubted = |press: &&Press| {
        sent.iter().any(|(attendee, scanned)| *attendee == press.attendee_id && scanned.contains(&press.at))
    };
    Ok(blind.into_iter().filter(is_doubted).map(|press| press.id).collect())
}

fn invited<'a>(appointment: &'a Appointment, room: &Room) -> impl Iterator<Item = Invited> + use<'a> {
    let expected = appointment.is_expected_in_a_room() && appointment.host == room.staff_id;
    appointment.attendees.iter().map(move |attendee| Invited {
        appointment: appointment.id,
        attendee: attendee.id,
        person: attendee.external_id.clone(),
        name: attendee.name.clone(),
        starts_at: appointment.starts_at,
        ends_at: appointment.ends_at,
        phone: attendee.phone.clone(),
        expected,
    })
}

/// Attendees whom a press or a decision names.
fn named<'a>(presses: &'a [Press], decisions: &'a [Decision]) -> impl Iterator<Item = AttendeeId> + 'a {
    let decided = decisions.iter().filter_map(|decision| match decision.verdict {
        Verdict::Attendee(attendee) => Some(attendee),
        Verdict::Not(_) | Verdict::Guest | Verdict::Interpreter | Verdict::Staff | Verdict::Undecided => None,
    });
    presses.iter().map(|press| press.attendee_id).chain(decided)
}
