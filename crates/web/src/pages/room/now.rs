//! What goes on in a host's room at this moment, and what of it needs the host.

use std::time::Duration;

use attendance::{Board, RoomNow, board::AttendeeStatus};
use domain::{
    ClinicId, StaffId, Timestamp,
    alert::AlertKind,
    attendance::{
        feed::PRESS_HEARD_WITHIN,
        presence::{Whereabouts, Who},
    },
    room::guard::Guarded,
};

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

/// Somebody waits of whom nobody can say who it may be.
pub(super) const STRANGER: &str = "Somebody unknown waits";

/// What goes on in the room.
#[derive(Clone, Debug, Default)]
pub(super) struct Now {
    /// How it stands.
    pub room: RoomNow,
    /// Since when its own host is in its meeting.
    pub host_since: Option<Timestamp>,
    /// When Zoom last told of the host coming in.
    host_last_came: Option<Timestamp>,
    /// When Zoom last told of anybody new in the room.
    somebody_came: Option<Timestamp>,
}

impl Now {
    /// Colleagues who are in it.
    pub(super) fn colleagues(&self, host: StaffId) -> Vec<String> {
        let others = self.room.staff_there.iter().filter(|one| one.id != host);
        others.map(|one| words::isolated(one.name.as_str())).collect()
    }
}

/// Reads it.
pub(super) async fn read(app: &App, clinic: ClinicId, staff: StaffId) -> Result<Now, Error> {
    let room_now = app.attendance.room_now(clinic, staff).await?;
    let mut tx = app.store.read().await?;
    let Some(room) = tx.room_of(clinic, staff).await? else { return Ok(Now::default()) };
    let now = app.ambient.now();
    let around = now.minus(LONGEST_VISIT)..now.plus(Duration::from_mins(1));
    let there = tx.presences_in_room(clinic, room.id, around).await?;
    let host = || there.iter().filter(|one| one.who == Who::Staff && one.staff_id == Some(staff));
    let in_session = host().filter(|one| one.whereabouts == Whereabouts::InSession);
    Ok(Now {
        host_since: in_session.map(|one| one.since).min(),
        host_last_came: host().map(|one| one.first_at.max(one.since)).max(),
        somebody_came: there.iter().map(|one| one.first_at).max(),
        room: room_now,
    })
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
    let other_account = now.room.alerts.iter().find(|alert| alert.kind == AlertKind::OtherAccount);
    if let Some(line) = not_seen(now, guarded, zoom_email, other_account.is_some(), wall) {
        lines.push(line);
    }
    for alert in now.room.alerts.iter().filter(|alert| alert.kind != AlertKind::OtherAccount) {
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
        |at: Timestamp| now.host_since.is_some() || now.host_last_came.is_some_and(|came| at <= came);
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
    if !other_account && !now.room.feed_is_live {
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
    let running_since = now.room.running_since?;
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
        AlertKind::Stranger => STRANGER,
        AlertKind::LeftRunning => "Your meeting still runs",
        _ => "Look at this",
    }
}
