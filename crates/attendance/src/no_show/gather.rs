//! What speaks for or against a no-show, gathered for many appointments with one question to the store for each kind of
//! thing.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    time::Duration,
};

use domain::{
    AttendeeId, ClinicId, PresenceId, RoomId, Timestamp,
    appointment::{Appointment, Attendee, Kind, Status},
    attendance::{
        feed::{FeedState, PRESS_FORGOTTEN, PRESS_HEARD_WITHIN},
        matching::{Level, Match, Press, Verdict},
        no_show::{self, Arrived, Compared, Facts, NoShowRuling, Ruling, Says, Unsettled, due_at},
        presence::{Presence, Who},
        stay::{Source, Stay, StayKind},
    },
    clinic::{Clinic, Zone},
};
use serde::Deserialize;
use store::{
    Tx,
    ports::recovery::{Reconciliation, Why},
};

use crate::{
    Result,
    board::{self, AttendeeStatus, NoShowCell, RulingCell, late_seconds},
    marks::Marks,
};

/// Who hosts by a stay that has no end hosts a visit only if the room was heard of this shortly before it.
const HEARD_BEFORE: Duration = Duration::from_mins(30);
/// Nobody stays for longer without somebody's hearing of it: the word of the end of such a stay was lost.
const LONGEST_STAY: Duration = Duration::from_hours(12);
/// Zoom's clock and ours differ by this much at most.
const CLOCKS: Duration = Duration::from_secs(5);
/// After so many tries Zoom may well have no record to show.
const ENOUGH_TRIES: i64 = 3;
/// Whoever is looked at around an appointment came or went within this time of it.
const AROUND: Duration = Duration::from_hours(1);

/// What is kept beside presences, links and presses.
pub(crate) struct Grounds {
    now: Timestamp,
    zone: Zone,
    feed: FeedState,
    /// The word that stands on each attendee.
    rulings: BTreeMap<AttendeeId, NoShowRuling>,
    outages: Vec<Range<Timestamp>>,
    comparisons: BTreeMap<RoomId, Vec<Reconciliation>>,
    /// Who a person said that somebody is not.
    nots: BTreeMap<PresenceId, BTreeSet<AttendeeId>>,
    /// Where people said that attendees are.
    pub marks: Marks,
}

impl Grounds {
    pub async fn load(
        tx: &mut dyn Tx,
        clinic: &Clinic,
        appointments: &[Appointment],
        presences: &[Presence],
        feed: FeedState,
        now: Timestamp,
    ) -> Result<Self> {
        let (clinic, zone) = (clinic.id, &clinic.zone);
        let ids: Vec<_> = appointments.iter().map(|appointment| appointment.id).collect();
        let mut said: BTreeMap<AttendeeId, Vec<NoShowRuling>> = BTreeMap::new();
        for ruling in tx.rulings(clinic, &ids).await? {
            said.entry(ruling.attendee_id).or_default().push(ruling);
        }
        let rulings = said
            .into_iter()
            .filter_map(|(attendee, rulings)| Some((attendee, no_show::standing(&rulings)?.clone())))
            .collect();
        let from = appointments.iter().map(|appointment| appointment.starts_at).min();
        let to = appointments.iter().map(|appointment| appointment.ends_at).max();
        let mut grounds = Self {
            now,
            zone: zone.clone(),
            feed,
            rulings,
            outages: Vec::new(),
            comparisons: BTreeMap::new(),
            nots: nots(tx, clinic, presences).await?,
            marks: Marks::load(tx, clinic, appointments, now).await?,
        };
        if let (Some(from), Some(to)) = (from, to) {
            let range = from.minus(AROUND)..to.plus(AROUND);
            grounds.outages =
                tx.outages(range.clone()).await?.into_iter().map(|outage| outage.range).collect();
            for one in tx.reconciliations(clinic, range).await? {
                grounds.comparisons.entry(one.room_id).or_default().push(one);
            }
        }
        Ok(grounds)
    }

    /// The same for whoever has not asked how the feed stands: it matters to what is hardly over.
    pub async fn around(
        tx: &mut dyn Tx,
        clinic: &Clinic,
        appointments: &[Appointment],
        presences: &[Presence],
        now: Timestamp,
    ) -> Result<Self> {
        let last = appointments.iter().map(|appointment| appointment.ends_at).max();
        let feed = match last {
            Some(last) if last.plus(AROUND) >= now => board::feed(tx, clinic.id, now).await?.state,
            Some(_) | None => FeedState::Quiet,
        };
        Self::load(tx, clinic, appointments, presences, feed, now).await
    }

    /// Who a person said that this is not.
    pub fn not(&self, presence: PresenceId) -> impl Iterator<Item = AttendeeId> {
        self.nots.get(&presence).into_iter().flatten().copied()
    }

    /// How it stands with an attendee's not having come.
    pub fn judge(&self, around: &Around<'_>) -> Standing {
        let appointment = around.appointment;
        let ruling = self.rulings.get(&around.attendee.id);
        if appointment.kind == Kind::InPerson || appointment.status == Status::Cancelled {
            return Standing::default();
        }
        let is_marked = self.marks.standing(around.attendee.id).is_some();
        let is_there = !around.theirs.is_empty() || is_marked;
        // Nothing needs to be gathered for the many who came, or are yet to come.
        let is_due = self.now >= due_at(appointment.starts_at, appointment.ends_at);
        if ruling.is_none() && (is_there || !is_due) {
            return Standing::default();
        }
        let proposal = self.propose(around);
        if proposal.says == Says::No && ruling.is_none() {
            return Standing::default();
        }
        let status = match ruling {
            _ if is_there => None,
            Some(ruling) if ruling.ruling == Ruling::Accepted => {
                Some((AttendeeStatus::NoShow, ruling.at, Source::Person))
            }
            None if proposal.says == Says::Yes => {
                let compared = matches!(self.compared(around), Compared::Done(_));
                let source = if compared { Source::ZoomRecord } else { Source::Webhook };
                let since = due_at(appointment.starts_at, appointment.ends_at);
                Some((AttendeeStatus::NoShowProposed, since, source))
            }
            Some(_) | None => None,
        };
        let mut reasons = proposal.reasons;
        if is_there && ruling.is_some_and(|ruling| ruling.ruling == Ruling::Accepted) {
            reasons.insert(0, "a person said that they did not come, and this speaks against it".to_owned());
        }
        let cell = NoShowCell {
            says: proposal.says,
            reasons,
            ruling: ruling.map(|ruling| RulingCell {
                ruling: ruling.ruling,
                at: ruling.at,
                by: ruling.ruled_by,
            }),
        };
        Standing { cell: Some(cell), status }
    }

    fn propose(&self, around: &Around<'_>) -> no_show::Proposal {
        let appointment = around.appointment;
        if around.theirs.is_empty()
            && self.marks.alone_could_tell(appointment, around.attendee.id, around.presses)
        {
            return self.of_marks(around);
        }
        let hours = appointment.starts_at.minus(AROUND)..appointment.ends_at.plus(AROUND);
        let pressed: Vec<Timestamp> = around
            .presses
            .iter()
            .filter(|press| press.attendee_id == around.attendee.id)
            .map(|press| press.at)
            .collect();
        // Whose leaving was lost seems to host for ever; the room's last word tells.
        let last_word = around
            .in_room
            .iter()
            .flat_map(|presence| &presence.stays)
            .flat_map(|stay| [Some(stay.from), stay.to])
            .flatten()
            .max();
        let is_heard_of = last_word.is_some_and(|last| last >= appointment.starts_at.minus(HEARD_BEFORE));
        let hosted: Vec<Range<Timestamp>> = around
            .in_room
            .iter()
            .filter(|presence| presence.who == Who::Staff)
            .flat_map(|presence| &presence.stays)
            .filter(|stay| stay.kind == StayKind::InSession)
            .filter(|stay| stay.to.is_some() || is_heard_of && self.now.since(stay.from) <= LONGEST_STAY)
            .map(|stay| stay.from..self.end(stay))
            .collect();
        let unsettled: Vec<Unsettled> =
            around.in_room.iter().filter_map(|presence| self.unsettled(around, presence)).collect();
        let unanswered: Vec<Timestamp> = around
            .presses
            .iter()
            .filter(|press| around.room == Some(press.room_id) && hours.contains(&press.at))
            .filter(|press| self.now.since(press.at) >= PRESS_HEARD_WITHIN)
            .filter(|press| !around.in_room.iter().any(|presence| answers(presence, press.at)))
            .map(|press| press.at)
            .collect();
        // A delivery's word goes before the record's, so that what only the record says was lost.
        let was_lost = around.in_room.iter().flat_map(|presence| &presence.stays).any(|stay| {
            let begun = stay.from_source == Source::ZoomRecord
                && stay.from < hours.end
                && self.end(stay) > hours.start;
            let ended =
                stay.to_source == Some(Source::ZoomRecord) && stay.to.is_some_and(|to| hours.contains(&to));
            begun || ended
        });
        no_show::propose(&Facts {
            now: self.now,
            zone: &self.zone,
            starts_at: appointment.starts_at,
            ends_at: appointment.ends_at,
            kind: appointment.kind,
            status: appointment.status,
            arrived: arrived(around.theirs),
            link_made_at: around.link_made_at,
            opened_at: around.opened_at,
            pressed: &pressed,
            has_room: around.room.is_some(),
            hosted: &hosted,
            unsettled: &unsettled,
            unanswered: &unanswered,
            outages: &self.outages,
            was_lost,
            feed: self.feed,
            compared: self.compared(around),
        })
    }

    /// When the stay ended; what lasts, ends now.
    fn end(&self, stay: &Stay) -> Timestamp {
        stay.to.unwrap_or(self.now)
    }

    /// Somebody of whom it is not certain that it was not this attendee.
    fn unsettled(&self, around: &Around<'_>, presence: &Presence) -> Option<Unsettled> {
        let is_not = self.not(presence.id).any(|not| not == around.attendee.id);
        if presence.who != Who::Visitor || is_not {
            return None;
        }
        let taken_for = match &presence.matched {
            None => None,
            Some(matched) if matched.attendee == around.attendee.id => return None,
            Some(matched) => {
                let other = around.others.iter().find(|appointment| appointment.id == matched.appointment);
                let other = other.and_then(|other| Some((other, other.attendee(matched.attendee)?)));
                let is_same_person =
                    other.is_some_and(|(_, other)| other.external_id == around.attendee.external_id);
                if matched.level == Level::Certain && !is_same_person {
                    return None;
                }
                Some(other.map_or_else(
                    || "somebody else".to_owned(),
                    |(visit, other)| format!("{} ({})", other.name, self.zone.time(visit.starts_at)),
                ))
            }
        };
        let end = presence.stays.iter().map(|stay| self.end(stay)).max().unwrap_or(presence.first_at);
        Some(Unsettled {
            range: presence.first_at..end,
            shown: presence.shown_name.clone().unwrap_or_else(|| "Guest".to_owned()),
            named: taken_for.is_none()
                && presence.candidates.iter().any(|candidate| candidate.attendee == around.attendee.id),
            taken_for,
        })
    }

    /// Of a room that tells nothing itself, silence says nothing either.
    fn of_marks(&self, around: &Around<'_>) -> no_show::Proposal {
        if let Some(mark) = self.marks.standing(around.attendee.id) {
            let reason = format!("the staff say that they were there, at {}", self.zone.time(mark.at));
            return no_show::Proposal { says: Says::No, reasons: vec![reason] };
        }
        let reason = "the room is one of another product, which does not tell who is in it: whether they came is for \
                      the staff to say";
        no_show::Proposal { says: Says::Unknown, reasons: vec![reason.to_owned()] }
    }

    fn compared(&self, around: &Around<'_>) -> Compared {
        let (from, to) = (around.appointment.starts_at, around.appointment.ends_at);
        let comparisons: Vec<&Reconciliation> = around
            .room
            .and_then(|room| self.comparisons.get(&room))
            .into_iter()
            .flatten()
            .filter(|one| one.range.start < to && one.range.end > from)
            .collect();
        let mut due = comparisons.iter().filter(|one| one.done_at.is_none()).peekable();
        if due.peek().is_some() {
            // What is due after an outage is waited for, however often it was tried.
            let is_missing = due.all(|one| one.why != Why::Outage && one.tries >= ENOUGH_TRIES);
            return if is_missing { Compared::Missing } else { Compared::Due };
        }
        comparisons
            .iter()
            .filter(|one| has_found(one))
            .filter_map(|one| one.done_at)
            .filter(|done_at| *done_at >= to)
            .max()
            .map_or(Compared::Never, Compared::Done)
    }
}

/// Who people said that those are not of whom it is not certain who they are.
async fn nots(
    tx: &mut dyn Tx,
    clinic: ClinicId,
    presences: &[Presence],
) -> Result<BTreeMap<PresenceId, BTreeSet<AttendeeId>>> {
    let is_open = |presence: &&Presence| {
        let is_certain = presence.matched.as_ref().is_some_and(|matched| matched.level == Level::Certain);
        presence.who == Who::Visitor && !is_certain
    };
    let open: Vec<PresenceId> = presences.iter().filter(is_open).map(|presence| presence.id).collect();
    let mut nots: BTreeMap<PresenceId, BTreeSet<AttendeeId>> = BTreeMap::new();
    for decision in tx.decisions_about(clinic, &open).await? {
        let of_presence = nots.entry(decision.presence_id).or_default();
        match decision.verdict {
            Verdict::Not(attendee) => _ = of_presence.insert(attendee),
            Verdict::Attendee(_)
            | Verdict::Guest
            | Verdict::Interpreter
            | Verdict::Staff
            | Verdict::Undecided => of_presence.clear(),
        }
    }
    Ok(nots)
}

/// Whether the comparison read the record of any meeting. One that was given up, or found no meeting, shows nothing.
fn has_found(one: &Reconciliation) -> bool {
    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Found {
        code: String,
        meetings: u64,
    }
    let found = one.found.as_deref().and_then(|found| serde_json::from_str::<Found>(found).ok());
    found.is_some_and(|found| found.code == "compared" && found.meetings > 0)
}

fn arrived(theirs: &[(&Presence, &Match)]) -> Option<Arrived> {
    let level = theirs.iter().map(|(_, matched)| matched.level).max()?;
    let at = theirs
        .iter()
        .filter(|(_, matched)| matched.level == level)
        .map(|(presence, _)| presence.first_at)
        .min()?;
    Some(Arrived { at, level })
}

/// Whether somebody's coming or going is what a press had to be followed by.
fn answers(presence: &Presence, press: Timestamp) -> bool {
    let heard = |at: Timestamp| press <= at.plus(CLOCKS) && at <= press.plus(PRESS_FORGOTTEN);
    heard(presence.first_at)
        || presence.stays.iter().any(|stay| heard(stay.from) || stay.to.is_some_and(heard))
}

/// One attendee, and everything around their appointment.
pub(crate) struct Around<'a> {
    pub appointment: &'a Appointment,
    pub attendee: &'a Attendee,
    /// The host's room; none where the host has none.
    pub room: Option<RoomId>,
    /// Everybody who was in it around that time.
    pub in_room: &'a [&'a Presence],
    /// Whoever is taken for the attendee, in whatever room.
    pub theirs: &'a [(&'a Presence, &'a Match)],
    /// Appointments that others in the room may have come for.
    pub others: &'a [Appointment],
    /// When a link of their own was made.
    pub link_made_at: Option<Timestamp>,
    /// When its page was first seen.
    pub opened_at: Option<Timestamp>,
    /// Presses of anybody.
    pub presses: &'a [Press],
}

impl Around<'_> {
    /// How long after the start the attendee was first heard of.
    pub fn late_seconds(&self) -> Option<i64> {
        late_seconds(
            self.theirs.iter().map(|(presence, _)| presence.first_at).min(),
            self.appointment.starts_at,
        )
    }
}

/// How it stands with an attendee's not having come.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// What is shown of it; none where it is no question.
    pub cell: Option<NoShowCell>,
    /// The status that follows from it, since when and from where; none where another one holds.
    pub status: Option<(AttendeeStatus, Timestamp, Source)>,
}
