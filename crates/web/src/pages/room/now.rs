//! What goes on in a host's room at this moment, and what of it needs the host.

use std::time::Duration;

use attendance::{Board, board::AttendeeStatus};
use domain::{
    ClinicId, StaffId, Timestamp,
    alert::{AlertKind, Group},
    attendance::{
        feed::{FeedState, PRESS_HEARD_WITHIN},
        presence::{Presence, Whereabouts, Who},
    },
    room::{Room, guard::Guarded},
};
use store::Tx;

use super::super::view::{
    room::NowLine,
    words::{self, Wall},
};
use crate::{App, Error};

/// After pressing Join it takes Zoom's app so long to start and Zoom to tell of it.
const SEEN_WITHIN: Duration = Duration::from_secs(45);
/// A press this long ago says no more: whoever was not seen has heard of it, or went elsewhere.
const PRESS_FORGOTTEN: Duration = Duration::from_mins(10);
/// Presences that began longer ago are of another day.
const LONGEST_VISIT: Duration = Duration::from_hours(12);

/// What goes on in the room.
#[derive(Clone, Debug, Default)]
pub(super) struct Now {
    /// Since when its meeting runs; none where it does not.
    pub running_since: Option<Timestamp>,
    /// Since when its host is in it.
    pub host_there_since: Option<Timestamp>,
    /// Colleagues who are in it.
    pub staff_there: Vec<String>,
    /// Whether Zoom is heard of.
    pub feed_is_live: bool,
    /// What is the matter, worst first.
    pub alerts: Vec<Told>,
    /// When Zoom last told of the host coming in.
    host_last_came: Option<Timestamp>,
    /// When Zoom last told of anybody new in the room.
    somebody_came: Option<Timestamp>,
}

/// An alert about the room.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub kind: AlertKind,
    pub sentence: String,
    pub since: Timestamp,
}

/// Reads it.
pub(super) async fn read(app: &App, clinic: ClinicId, staff: StaffId, board: &Board) -> Result<Now, Error> {
    let mut tx = app.store.read().await?;
    let Some(room) = tx.room_of(clinic, staff).await? else { return Ok(Now::default()) };
    let there = presences(&mut *tx, &room, app.ambient.now()).await?;
    let members = tx.staff(clinic).await?;
    let in_session = there.iter().filter(|one| one.whereabouts == Whereabouts::InSession);
    let staff_in = in_session.clone().filter(|one| one.who == Who::Staff);
    let is_host = |one: &&Presence| one.staff_id == Some(staff);
    let colleagues = staff_in.clone().filter(|one| !is_host(one));
    let name = |one: &Presence| {
        let member = members.iter().find(|member| Some(member.id) == one.staff_id);
        member.map_or_else(|| "a colleague".to_owned(), |member| words::isolated(member.name.as_str()))
    };
    let alerts = tx.alerts_lasting(clinic).await?;
    Ok(Now {
        running_since: in_session.map(|one| one.since).min(),
        host_there_since: staff_in.clone().filter(is_host).map(|one| one.since).min(),
        staff_there: colleagues.map(name).collect(),
        feed_is_live: matches!(board.feed.state, FeedState::Live | FeedState::Quiet),
        alerts: (alerts.into_iter())
            .filter(|alert| alert.staff_id == staff && alert.kind.group() == Group::Now)
            .map(|alert| Told {
                kind: alert.kind,
                sentence: sentence(alert.kind).to_owned(),
                since: alert.raised_at,
            })
            .collect(),
        host_last_came: there.iter().filter(is_host).map(|one| one.first_at.max(one.since)).max(),
        somebody_came: there.iter().map(|one| one.first_at).max(),
    })
}

async fn presences(tx: &mut dyn Tx, room: &Room, now: Timestamp) -> Result<Vec<Presence>, Error> {
    let around = now.minus(LONGEST_VISIT)..now.plus(Duration::from_mins(1));
    Ok(tx.presences_in_room(room.clinic_id, room.id, around).await?)
}

/// What the owner is told of it, worst first.
pub(super) fn needs(
    now: &Now,
    guarded: &Guarded,
    zoom_email: &str,
    board: &Board,
    host: StaffId,
    wall: &Wall,
) -> Vec<NowLine> {
    let mut lines = Vec::new();
    let other_account = now.alerts.iter().find(|alert| alert.kind == AlertKind::OtherAccount);
    if let Some(line) = not_seen(now, guarded, zoom_email, other_account.is_some(), wall) {
        lines.push(line);
    }
    for alert in now.alerts.iter().filter(|alert| alert.kind != AlertKind::OtherAccount) {
        lines.push(NowLine {
            look: if alert.kind == AlertKind::LeftRunning { "idle" } else { "bad" },
            word: word(alert.kind).to_owned(),
            sentence: alert.sentence.clone(),
            since: Some(alert.since.as_millis()),
            length: words::length(wall.now.since(alert.since)),
            end: alert.kind == AlertKind::LeftRunning,
        });
    }
    lines.extend(perhaps_locked(now, board, host, wall));
    lines
}

/// The host pressed Join and Zoom tells of nobody who is the host.
fn not_seen(
    now: &Now,
    guarded: &Guarded,
    zoom_email: &str,
    other_account: bool,
    wall: &Wall,
) -> Option<NowLine> {
    let pressed_at = guarded.host_pressed_at.filter(|at| wall.now.since(*at) < PRESS_FORGOTTEN);
    let was_seen =
        |at: Timestamp| now.host_there_since.is_some() || now.host_last_came.is_some_and(|came| at <= came);
    let unseen = pressed_at.filter(|at| !was_seen(*at));
    if !other_account && unseen.is_none() {
        return None;
    }
    let line = |look, word: &str, sentence: String| NowLine {
        look,
        word: word.to_owned(),
        sentence,
        since: None,
        length: String::new(),
        end: false,
    };
    let pressed =
        unseen.map_or_else(String::new, |at| format!(" since you pressed Join at {}", wall.time(at)));
    let soon = unseen.is_some_and(|at| wall.now.since(at) < SEEN_WITHIN);
    if !other_account && soon {
        return Some(line(
            "idle",
            "Joining",
            "Zoom tells in a moment whether you are there as host.".to_owned(),
        ));
    }
    if !other_account && !now.feed_is_live {
        return Some(line(
            "unsure",
            "Not known whether you are host",
            format!("Nothing was heard from Zoom{pressed}. Look at Zoom’s own window."),
        ));
    }
    Some(line(
        "bad",
        "Not there as host",
        format!(
            "Zoom has not seen you as host{pressed}. This browser is probably signed in to another Zoom account. Sign \
             out at zoom.us, sign in as {zoom_email}, and press Join again."
        ),
    ))
}

/// A patient pressed Join, the meeting runs, and Zoom tells of nobody who came: what a locked meeting looks like from here.
fn perhaps_locked(now: &Now, board: &Board, host: StaffId, wall: &Wall) -> Option<NowLine> {
    let running_since = now.running_since?;
    let pressed = board
        .appointments
        .iter()
        .filter(|row| row.host.id == host)
        .flat_map(|row| &row.attendees)
        .filter(|one| matches!(one.status, AttendeeStatus::Expected | AttendeeStatus::Opened))
        .filter_map(|one| Some((one.pressed_at?, one.name.as_str())))
        .filter(|(at, _)| running_since <= *at)
        .filter(|(at, _)| {
            let since = wall.now.since(*at);
            PRESS_HEARD_WITHIN <= since && since < PRESS_FORGOTTEN
        })
        .filter(|(at, _)| now.somebody_came.is_none_or(|came| came < *at))
        .max_by_key(|(at, _)| *at);
    let (at, name) = pressed?;
    Some(NowLine {
        look: "unsure",
        word: "Perhaps locked".to_owned(),
        sentence: format!(
            "{} pressed Join at {}, and Zoom has told of nobody who came since. Perhaps your meeting is locked: in Zoom’s \
             window, look at Host tools, Lock meeting.",
            words::isolated(name),
            wall.time(at)
        ),
        since: None,
        length: String::new(),
        end: false,
    })
}

fn word(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::HostLate => "A patient waits for you",
        AlertKind::Overrun => "The next patient waits",
        AlertKind::OtherAccount => "Not there as host",
        AlertKind::NobodyHosting => "Nobody is hosting",
        AlertKind::Stranger => "Somebody unknown waits",
        AlertKind::LeftRunning => "Your meeting still runs",
        _ => "Look at this",
    }
}

fn sentence(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::HostLate => "The visit should have begun, and you are not there.",
        AlertKind::Overrun => "This visit goes on past its end.",
        AlertKind::NobodyHosting => "Patients are in your meeting, and nobody of the staff is.",
        AlertKind::Stranger => "Nobody can say who it may be. Ask for the name before you let them in.",
        AlertKind::LeftRunning => "The last patient has left.",
        _ => "",
    }
}
