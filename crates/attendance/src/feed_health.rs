//! How the feed from Zoom is doing, for whoever has to mend it: what was last heard of each clinician's room, what came of
//! it, when Zoom last checked our address, and when nothing could be received.
//!
//! An empty room is silent, and so is one whose events do not come. What tells them apart is what ought to have been heard.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    ClinicId, DeliveryId, ReconciliationId, RoomId, StaffId, Timestamp,
    attendance::{feed::FeedState, presence::Whereabouts},
};
use jiff::civil::Date;
use serde::Serialize;
use store::{
    Tx,
    ports::{
        feed::{DeliveryHead, FeedCounts, ReceiverCounts},
        recovery::Why,
    },
};

use crate::{
    Attendance, Error, Result,
    board::{self, Named},
    derive,
};

/// Days that are counted, today among them.
const DAYS: i64 = 7;
/// Zoom checks the address every 72 hours (its changelog of webhook validation); a few hours late is not yet missing.
const CHALLENGED_WITHIN: Duration = Duration::from_hours(72 + 6);
/// As far back as a last check is looked for.
const CHALLENGES_REMEMBERED: i64 = 60;
/// A room in which somebody is in session is not silent for longer.
const SILENCE_WHILE_RUNNING: Duration = Duration::from_mins(45);
/// Heard of so recently that nothing needs to be asked.
const RECENTLY: Duration = Duration::from_mins(5);

/// How the feed of a clinic is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FeedHealth {
    /// When this was true.
    pub as_of: Timestamp,
    /// As the board shows it.
    pub state: FeedState,
    /// The same in a sentence.
    pub sentence: String,
    /// When Zoom was last heard of.
    pub last_event_at: Option<Timestamp>,
    /// What takes the deliveries, for all clinics of this installation.
    pub receiver: ReceiverHealth,
    /// Each clinician's room, broken ones first, then by name.
    pub rooms: Vec<RoomHealth>,
    /// Deliveries of these days that were the clinic's, but about none of its rooms.
    pub about_no_room: FeedCounts,
    /// Times of these days in which nothing could be received.
    pub outages: Vec<OutageRow>,
    /// Comparisons with Zoom's own record of these days, youngest first.
    pub reconciliations: Vec<ReconciliationRow>,
}

/// What takes the deliveries. Refusals and days are told only where the installation has a single clinic: how much comes
/// for others is nobody's business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiverHealth {
    /// When Zoom last checked our address.
    pub last_challenge_at: Option<Timestamp>,
    /// Whether that should have happened again by now. Never, where it never happened.
    pub challenge_overdue: bool,
    /// When a delivery was last refused for its signature.
    pub last_refused_at: Option<Timestamp>,
    /// What is wrong, or that nothing is.
    pub sentence: String,
    /// Day by day (UTC), youngest first.
    pub days: Vec<ReceiverDay>,
}

/// What the receiver answered on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiverDay {
    /// The day, UTC.
    pub date: Date,
    /// Stored.
    pub stored: i64,
    /// Repeated a stored one.
    pub repeated: i64,
    /// Without a right signature, or too old.
    pub refused: i64,
    /// Signed, but not to be read.
    pub unreadable: i64,
    /// Could not be stored; Zoom was asked to send it again.
    pub unavailable: i64,
    /// Checks of the address.
    pub challenges: i64,
}

/// How a room is heard of, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomFeed {
    /// Something ought to have come and did not.
    Broken,
    /// Nothing was ever heard of it.
    Never,
    /// Nothing came for a while, and nothing had to.
    Quiet,
    /// Heard of within minutes.
    Live,
}

/// One clinician's room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoomHealth {
    /// Whose it is.
    pub host: Named<StaffId>,
    /// How it is heard of.
    pub state: RoomFeed,
    /// The same in a sentence.
    pub sentence: String,
    /// When it was last heard of.
    pub last_event_at: Option<Timestamp>,
    /// What came of what was said of it.
    pub counts: FeedCounts,
}

/// A time in which nothing could be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OutageRow {
    /// The last time that deliveries were known to be taken.
    pub from: Timestamp,
    /// The first time after it.
    pub to: Timestamp,
}

/// A comparison of a room with Zoom's own record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReconciliationRow {
    /// Names it.
    pub id: ReconciliationId,
    /// Whose room.
    pub host: Named<StaffId>,
    /// Meetings from here on.
    pub from: Timestamp,
    /// Until here.
    pub to: Timestamp,
    /// Why.
    pub why: Why,
    /// When it is next tried, while it is not done.
    pub due_at: Option<Timestamp>,
    /// How often it was tried in vain.
    pub tries: i64,
    /// When it was done or given up.
    pub done_at: Option<Timestamp>,
    /// What it found: a code and counts.
    pub found: Option<String>,
}

impl Attendance {
    /// How the feed is doing now. `unseen` are rooms whose meeting Zoom says is running though no start was heard.
    pub async fn feed_health(&self, clinic: ClinicId, unseen: &BTreeSet<RoomId>) -> Result<FeedHealth> {
        let now = self.ambient.now();
        let mut tx = self.store.read().await?;
        let tx = &mut *tx;
        let feed = board::feed(tx, clinic, now).await?;
        let today = Timestamp::to_jiff(now).to_zoned(jiff::tz::TimeZone::UTC).date();
        let first = days_before(today, DAYS - 1);
        let since = now.minus(Duration::from_hours(24 * DAYS.unsigned_abs()));

        let days = tx.receiver_days(days_before(today, CHALLENGES_REMEMBERED), today).await?;
        // How much comes for others is none of this clinic's business.
        let is_alone = tx.clinics().await?.len() == 1;
        let receiver = receiver(&days, is_alone.then_some(first), now);
        let mut of_rooms: BTreeMap<Option<RoomId>, FeedCounts> = BTreeMap::new();
        for (_, room, counts) in tx.feed_days(clinic, first, today).await? {
            *of_rooms.entry(room).or_default() += counts;
        }
        let hosts = hosts(tx, clinic).await?;
        let heard: BTreeMap<RoomId, Timestamp> = tx.rooms_last_heard(clinic).await?.into_iter().collect();
        let running: BTreeSet<RoomId> = tx
            .presences(clinic, now.minus(derive::AROUND)..now.plus(Duration::from_secs(1)))
            .await?
            .into_iter()
            .filter(|presence| presence.whereabouts == Whereabouts::InSession)
            .map(|presence| presence.room_id)
            .collect();
        let mut rooms: Vec<RoomHealth> = hosts
            .iter()
            .map(|(room, host)| {
                let last = heard.get(room).copied();
                let (state, sentence) = room_feed(last, running.contains(room), unseen.contains(room), now);
                let counts = of_rooms.get(&Some(*room)).copied().unwrap_or_default();
                RoomHealth { host: host.clone(), state, sentence, last_event_at: last, counts }
            })
            .collect();
        rooms.sort_by(|a, b| (a.state, &a.host.name, a.host.id).cmp(&(b.state, &b.host.name, b.host.id)));
        let outages = tx.outages(since..now).await?;
        let outages =
            outages.into_iter().rev().map(|one| OutageRow { from: one.range.start, to: one.range.end });
        let reconciliations = tx.reconciliations(clinic, since..now).await?;
        let reconciliations = reconciliations.into_iter().rev().filter_map(|one| {
            Some(ReconciliationRow {
                id: one.id,
                host: hosts.get(&one.room_id)?.clone(),
                from: one.range.start,
                to: one.range.end,
                why: one.why,
                due_at: one.done_at.is_none().then_some(one.due_at),
                tries: one.tries,
                done_at: one.done_at,
                found: one.found,
            })
        });
        Ok(FeedHealth {
            as_of: now,
            state: feed.state,
            sentence: feed.sentence,
            last_event_at: feed.last_event_at,
            receiver,
            rooms,
            about_no_room: of_rooms.get(&None).copied().unwrap_or_default(),
            outages: outages.collect(),
            reconciliations: reconciliations.collect(),
        })
    }

    /// Deliveries that nothing came of, youngest first, at most `limit`: a clinic's, or everybody's.
    pub async fn fruitless(
        &self,
        clinic: Option<ClinicId>,
        before: Option<DeliveryId>,
        limit: i64,
    ) -> Result<Vec<DeliveryHead>> {
        let ever = Timestamp::from_micros(i64::MIN)..Timestamp::from_micros(i64::MAX);
        Ok(self.store.read().await?.fruitless_deliveries(clinic, ever, before, limit).await?)
    }

    /// Puts a delivery that nothing came of back, to be understood anew. False where there is none such.
    pub async fn replay(&self, clinic: Option<ClinicId>, delivery: DeliveryId) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let reopened = tx.reopen_delivery(clinic, delivery).await?;
        tx.commit().await?;
        if reopened {
            tracing::info!(delivery.id = %delivery, "a delivery is to be understood anew");
        }
        Ok(reopened)
    }
}

async fn hosts(tx: &mut dyn Tx, clinic: ClinicId) -> Result<BTreeMap<RoomId, Named<StaffId>>> {
    let clinic = tx.clinic(clinic).await?.ok_or(Error::UnknownClinic)?.id;
    let names: BTreeMap<_, _> =
        tx.staff(clinic).await?.into_iter().map(|member| (member.id, member.name)).collect();
    let rooms = tx.rooms(clinic).await?;
    Ok(rooms
        .into_iter()
        .filter_map(|room| {
            Some((room.id, Named { id: room.staff_id, name: names.get(&room.staff_id)?.clone() }))
        })
        .collect())
}

fn days_before(day: Date, days: i64) -> Date {
    day.checked_sub(jiff::Span::new().days(days)).unwrap_or(day)
}

/// With the days from the first one on; none where there is no first one: then only what concerns everybody is told.
fn receiver(days: &[(Date, ReceiverCounts)], first: Option<Date>, now: Timestamp) -> ReceiverHealth {
    let is_told = |day: Date| first.is_some_and(|first| day >= first);
    let last_challenge_at = days.iter().filter_map(|(_, counts)| counts.last_challenge_at).max();
    let last_refused_at =
        days.iter().filter(|(day, _)| is_told(*day)).filter_map(|(_, counts)| counts.last_refused_at).max();
    let challenge_overdue = last_challenge_at.is_some_and(|last| now.since(last) > CHALLENGED_WITHIN);
    let refused: i64 = days.iter().filter(|(day, _)| is_told(*day)).map(|(_, counts)| counts.refused).sum();
    let sentence = if challenge_overdue {
        "Zoom has not checked the webhook's address for more than three days. See in the Zoom app whether its event \
         subscription is still switched on."
            .to_owned()
    } else if refused > 0 {
        format!(
            "{refused} deliveries were refused for their signature in {DAYS} days. If they are Zoom's, the secret token in \
             ANTEROOM_ZOOM_WEBHOOK_SECRETS is not that of the Zoom app."
        )
    } else {
        "Nothing is wrong.".to_owned()
    };
    let days = days.iter().rev().filter(|(day, _)| is_told(*day)).map(|(date, counts)| ReceiverDay {
        date: *date,
        stored: counts.stored,
        repeated: counts.repeated,
        refused: counts.refused,
        unreadable: counts.unreadable,
        unavailable: counts.unavailable,
        challenges: counts.challenges,
    });
    ReceiverHealth { last_challenge_at, challenge_overdue, last_refused_at, sentence, days: days.collect() }
}

fn room_feed(last: Option<Timestamp>, running: bool, unseen: bool, now: Timestamp) -> (RoomFeed, String) {
    if unseen {
        let sentence = "Zoom says that the meeting runs, and no start was heard. Its events do not come: see in the Zoom \
                        app whether its event subscription is switched on.";
        return (RoomFeed::Broken, sentence.to_owned());
    }
    let Some(last) = last else {
        return (RoomFeed::Never, "Nothing was ever heard of this room.".to_owned());
    };
    let minutes = now.since(last).as_secs() / 60;
    match now.since(last) {
        silence if running && silence >= SILENCE_WHILE_RUNNING => {
            (RoomFeed::Broken, format!("Somebody is in session, and nothing was heard for {minutes} min."))
        }
        silence if silence <= RECENTLY => (RoomFeed::Live, "Heard of within minutes.".to_owned()),
        _ if running => (RoomFeed::Quiet, "Nothing for a while, as is usual in a session.".to_owned()),
        _ => (RoomFeed::Quiet, "Nothing for a while, and nothing had to come.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_442_400);

    fn ago(minutes: u64) -> Timestamp {
        NOW.minus(Duration::from_mins(minutes))
    }

    #[test]
    fn a_quiet_room_is_told_from_a_broken_one_by_what_ought_to_have_been_heard() {
        let state = |last, running, unseen| room_feed(last, running, unseen, NOW).0;
        assert_eq!(state(Some(ago(2)), true, false), RoomFeed::Live);
        assert_eq!(state(Some(ago(600)), false, false), RoomFeed::Quiet);
        assert_eq!(state(Some(ago(44)), true, false), RoomFeed::Quiet);
        assert_eq!(state(Some(ago(45)), true, false), RoomFeed::Broken);
        assert_eq!(state(Some(ago(2)), false, true), RoomFeed::Broken, "Zoom says that it runs");
        assert_eq!(state(None, false, false), RoomFeed::Never);
    }

    #[test]
    fn a_check_of_the_address_is_missed_after_three_days_and_only_where_there_ever_was_one() {
        let today = NOW.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
        let overdue = |hours: Option<u64>| {
            let last = hours.map(|hours| NOW.minus(Duration::from_hours(hours)));
            let counts = ReceiverCounts { last_challenge_at: last, ..ReceiverCounts::default() };
            receiver(&[(today, counts)], Some(today), NOW).challenge_overdue
        };
        assert!(!overdue(None));
        assert!(!overdue(Some(72)));
        assert!(overdue(Some(79)));
    }

    #[test]
    fn refused_deliveries_point_at_the_secret() {
        let today = NOW.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
        let counts = ReceiverCounts { refused: 3, ..ReceiverCounts::default() };
        let health = receiver(&[(today, counts)], Some(today), NOW);
        assert!(health.sentence.contains("ANTEROOM_ZOOM_WEBHOOK_SECRETS"), "{}", health.sentence);
        assert_eq!(health.days.len(), 1);
        let among_others = receiver(&[(today, counts)], None, NOW);
        assert_eq!((among_others.days.len(), among_others.sentence.as_str()), (0, "Nothing is wrong."));
    }
}
