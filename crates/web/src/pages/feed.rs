//! How word comes from Zoom, for the admin: rooms, receiver, outages, comparisons, and deliveries that nothing came of.

use attendance::feed_health::{FeedHealth, ReconciliationRow, RoomFeed, RoomHealth};
use axum::{
    extract::{Path, Query, State},
    response::{Html, Response},
};
use domain::{
    ClinicId, DeliveryId, Timestamp,
    attendance::{feed::FeedState, habits::Habits},
    staff::Role,
};
use serde::Deserialize;
use store::ports::{
    feed::{DeliveryHead, FeedCounts},
    inbox::Outcome,
    recovery::Why,
};

use super::{
    draw, frame, room_kind, see_other,
    view::{
        board::State as Standing,
        feed::{ComparisonLine, Counts, DayLine, FeedPage, FruitlessLine, HabitLine, ReceiverView, RoomLine},
        frame::Place,
        words::{self, Wall, capitalised, count, long_date, measured, short_date},
    },
    wall,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const ADMIN: Who = Who::Staff(&[Role::Admin]);
/// Deliveries on one page.
const LINES: i64 = 50;
/// Comparisons on the page.
const COMPARISONS: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/feed", ADMIN, page), Route::post("/feed/deliveries/{delivery}/replay", ADMIN, replay)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Deliveries older than this one.
    before: String,
    done: String,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let wall = wall(&app, &person.clinic);
    let clinic = person.clinic.id;
    let health = health(&app, clinic).await?;
    let habits = habits(&app, clinic).await?;
    let mut tx = app.store.read().await?;
    let kind = room_kind::of_clinic(tx.clinic_room_kind(clinic).await?, &tx.rooms(clinic).await?);
    drop(tx);
    let before = asked.before.parse::<DeliveryId>().ok();
    let fruitless = app.attendance.fruitless(Some(clinic), before, LINES).await?;
    let full = i64::try_from(fruitless.len()).is_ok_and(|number| number >= LINES);
    let older = fruitless.last().filter(|_| full).map(|last| format!("/feed?before={}#fruitless", last.id));
    let mut frame = frame(&person, "Word from Zoom", Some(Place::Feed));
    frame.said = match asked.done.as_str() {
        "replayed" => Some("Put back. It is understood anew within moments; look again then."),
        "kind" => Some("Noted. Rooms change one after another, when nobody is in them."),
        _ => None,
    };
    let made = format!(
        "Made on {} at {} {}.",
        long_date(wall.today()),
        wall.time(wall.now),
        wall.zone_word(wall.now)
    );
    draw(&FeedPage {
        frame,
        state: state(health.state),
        sentence: health.sentence.clone(),
        made,
        rooms: health.rooms.iter().map(|room| room_line(room, &wall)).collect(),
        about_no_room: counts(&health.about_no_room),
        receiver: receiver(&health, &wall),
        outages: health
            .outages
            .iter()
            .map(|outage| {
                let (from, to) = (told(&wall, outage.from), told(&wall, outage.to));
                format!("{from} to {to}: {}.", measured(outage.to.since(outage.from)))
            })
            .collect(),
        kind,
        comparisons: health
            .reconciliations
            .iter()
            .take(COMPARISONS)
            .map(|row| comparison(row, &wall))
            .collect(),
        habits: habit_lines(&habits),
        fruitless: fruitless.iter().map(|head| fruitless_line(head, &wall)).collect(),
        older,
    })
}

/// How the feed of the clinic is doing.
pub(crate) async fn health(app: &App, clinic: ClinicId) -> Result<FeedHealth, Error> {
    let unseen = app.attendance.running_unseen(clinic).map(|seen| seen.rooms).unwrap_or_default();
    Ok(app.attendance.feed_health(clinic, &unseen).await?)
}

/// What the clinic's Zoom accounts are seen to do.
pub(crate) async fn habits(app: &App, clinic: ClinicId) -> Result<Habits, Error> {
    Ok(app.attendance.habits_lately(clinic).await?)
}

/// Puts a delivery back.
async fn replay(
    State(app): State<App>,
    person: SignedIn,
    Path(delivery): Path<String>,
) -> Result<Response, Error> {
    let delivery: DeliveryId = delivery.parse().map_err(|_| Error::NotFound)?;
    if app.attendance.replay(Some(person.clinic.id), delivery).await? {
        Ok(see_other("/feed?done=replayed#fruitless"))
    } else {
        Err(Error::NotFound)
    }
}

fn told(wall: &Wall, at: Timestamp) -> String {
    wall.time_seen_from(wall.today(), at)
}

fn state(state: FeedState) -> Standing {
    match state {
        FeedState::Live => Standing::still("in", "live"),
        FeedState::Quiet => Standing::still("off", "quiet"),
        FeedState::Stale => Standing::still("late", "may be old"),
        FeedState::Never => Standing::still("late", "not heard from yet"),
    }
}

fn room_line(room: &RoomHealth, wall: &Wall) -> RoomLine {
    RoomLine {
        host: room.host.name.to_string(),
        state: match room.state {
            RoomFeed::Broken => Standing::still("waiting very", "broken"),
            RoomFeed::Never => Standing::still("late", "never heard of"),
            RoomFeed::Quiet => Standing::still("off", "quiet"),
            RoomFeed::Live => Standing::still("in", "live"),
        },
        sentence: room.sentence.clone(),
        last: room.last_event_at.map_or_else(|| "never".to_owned(), |at| wall.ago(at)),
        counts: counts(&room.counts),
    }
}

fn counts(counts: &FeedCounts) -> Counts {
    Counts {
        applied: counts.applied,
        late: counts.late,
        duplicate: counts.duplicate,
        ignored: counts.ignored,
        foreign: counts.foreign,
        failed: counts.failed,
    }
}

fn receiver(health: &FeedHealth, wall: &Wall) -> ReceiverView {
    let receiver = &health.receiver;
    ReceiverView {
        troubled: receiver.challenge_overdue || receiver.days.iter().any(|day| day.refused > 0),
        sentence: receiver.sentence.clone(),
        challenged: match receiver.last_challenge_at {
            Some(at) => format!("Zoom last checked the address {}.", wall.ago(at)),
            None => "Zoom has not checked the address yet.".to_owned(),
        },
        days: receiver
            .days
            .iter()
            .map(|day| DayLine {
                day: short_date(day.date),
                stored: day.stored,
                repeated: day.repeated,
                refused: day.refused,
                unreadable: day.unreadable,
                unavailable: day.unavailable,
                challenges: day.challenges,
            })
            .collect(),
    }
}

/// What is kept with a comparison, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Note {
    code: String,
    given_up: bool,
    meetings: usize,
    people: usize,
    stays: usize,
    ends: usize,
}

fn comparison(row: &ReconciliationRow, wall: &Wall) -> ComparisonLine {
    let note: Note =
        row.found.as_deref().and_then(|found| serde_json::from_str(found).ok()).unwrap_or_default();
    let (found, in_doubt) = match (row.done_at, row.due_at) {
        (Some(_), _) if note.given_up || note.code != "compared" => {
            (format!("Given up: {}.", trouble(&note.code)), true)
        }
        (Some(_), _) => (found(&note), false),
        (None, Some(due)) if row.tries > 0 => (
            format!(
                "Tried {}: {}. Again at {}.",
                count(times(row.tries), "time", "times"),
                trouble(&note.code),
                told(wall, due)
            ),
            false,
        ),
        (None, Some(due)) => (format!("Due at {}.", told(wall, due)), false),
        (None, None) => ("Due.".to_owned(), false),
    };
    ComparisonLine {
        host: row.host.name.to_string(),
        meetings: format!("{} to {}", told(wall, row.from), told(wall, row.to)),
        why: match row.why {
            Why::Ended => "a meeting ended",
            Why::Outage => "after an outage",
            Why::Daily => "the day is over",
            Why::Asked => "somebody asked",
        },
        found,
        in_doubt,
    }
}

fn times(tries: i64) -> usize {
    usize::try_from(tries).unwrap_or(0)
}

fn found(note: &Note) -> String {
    let of = count(note.meetings, "meeting", "meetings");
    let parts: Vec<String> = [
        (note.people, "person nobody had told of", "people nobody had told of"),
        (note.stays, "stay nobody had told of", "stays nobody had told of"),
        (note.ends, "end missing or wrong", "ends missing or wrong"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| count(number, one, many))
    .collect();
    if note.meetings == 0 {
        "Zoom has no record of a meeting then.".to_owned()
    } else if parts.is_empty() {
        format!("{of}: nothing was missing.")
    } else {
        format!("{of}: {}.", words::list(&parts))
    }
}

/// Why a comparison did not come about, by its code.
fn trouble(code: &str) -> String {
    match code {
        "not_ready" => "Zoom’s record was not ready".to_owned(),
        "rate_limited" => "Zoom’s limit of requests was reached".to_owned(),
        "unavailable" => "Zoom did not answer".to_owned(),
        "needs_reconnect" => "Zoom has to be connected again".to_owned(),
        "misconfigured" => "Zoom does not accept this installation’s app".to_owned(),
        "refused" => "Zoom refused".to_owned(),
        "not_connected" => "Zoom is no longer connected".to_owned(),
        "not_offered" => "this Zoom plan offers no record".to_owned(),
        "gone" => "Zoom no longer has the record".to_owned(),
        "no_such_room" => "the room is no longer there".to_owned(),
        other => format!("“{}”", other.replace('_', " ")),
    }
}

fn habit_lines(habits: &Habits) -> Vec<HabitLine> {
    habits
        .statements()
        .into_iter()
        .filter(|(_, tally)| tally.yes + tally.no > 0)
        .map(|(what, tally)| HabitLine { what, yes: tally.yes, no: tally.no })
        .collect()
}

fn fruitless_line(head: &DeliveryHead, wall: &Wall) -> FruitlessLine {
    FruitlessLine {
        id: head.id.to_string(),
        at: capitalised(&told(wall, head.received_at)),
        event: head.event.clone(),
        outcome: outcome_words(head.outcome),
        late: head.late,
    }
}

/// What became of a delivery.
fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Applied => "understood",
        Outcome::Duplicate => "said what was known",
        Outcome::Ignored => "says nothing that concerns the clinic",
        Outcome::Foreign => "names another Zoom account: refused",
        Outcome::Failed => "could not be understood",
    }
}

#[cfg(test)]
mod tests {
    use domain::attendance::habits::Tally;

    use super::*;

    fn note(text: &str) -> Note {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_a_comparison_found_is_told_in_words() {
        assert_eq!(found(&note(r#"{"code":"compared","meetings":2}"#)), "2 meetings: nothing was missing.");
        assert_eq!(
            found(&note(r#"{"code":"compared","meetings":1,"people":1,"stays":3,"ends":1}"#)),
            "1 meeting: 1 person nobody had told of, 3 stays nobody had told of and 1 end missing or wrong."
        );
        assert_eq!(found(&note("{}")), "Zoom has no record of a meeting then.");
    }

    #[test]
    fn only_what_was_seen_is_told_of_an_account() {
        assert!(habit_lines(&Habits::default()).is_empty());
        let habits = Habits { names_shown: Tally { yes: 3, no: 1 }, ..Habits::default() };
        let lines = habit_lines(&habits);
        assert_eq!((lines.len(), lines[0].yes, lines[0].no), (1, 3, 1));
    }
}
