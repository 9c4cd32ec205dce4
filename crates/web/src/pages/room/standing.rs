//! How connection, waiting room and meeting stand, as lines above who waits.

use domain::{
    StaffId,
    room::{
        ConnectionState,
        guard::{Drift, DriftKind, Guarded},
    },
};

use super::{
    super::view::{
        room::{ConnectionView, StandingLine},
        words::{Wall, list},
    },
    now::Now,
};

/// The lines: connection, waiting room, meeting.
pub(super) fn lines(
    zoom: &oauth::RoomPage,
    guarded: &Guarded,
    drifts: &[Drift],
    now: &Now,
    wall: &Wall,
) -> Vec<StandingLine> {
    let Some(connection) = zoom.connection.as_ref().filter(|_| zoom.room.is_some()) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    if connection.state == ConnectionState::Connected {
        lines.push(StandingLine {
            look: "good",
            word: "Connected".to_owned(),
            sentence: format!("as {},", connection.zoom_email),
            at: Some(connection.checked_at.as_millis()),
            ago: ("checked", wall.ago(connection.checked_at)),
            check: false,
        });
    }
    lines.push(waiting_room(guarded, drifts, wall));
    lines.push(meeting(now, connection.staff_id, wall));
    lines
}

fn waiting_room(guarded: &Guarded, drifts: &[Drift], wall: &Wall) -> StandingLine {
    let has = |kind| drifts.iter().any(|drift| drift.kind == kind);
    let (look, word, sentence) = if has(DriftKind::Deleted) {
        ("bad", "Room deleted at Zoom", "Patients cannot come in until it is there again.".to_owned())
    } else if has(DriftKind::NotOwned) {
        ("bad", "Room is not yours at Zoom", "Somebody else would be its host.".to_owned())
    } else if has(DriftKind::WaitingRoomOff) {
        ("bad", "Waiting room off", "Patients would walk in on each other.".to_owned())
    } else if has(DriftKind::SomeBypass) {
        ("bad", "Waiting room not for everyone", "Some people walk past it.".to_owned())
    } else if guarded.looked_at.is_none() {
        ("unsure", "Waiting room not looked at yet", "Zoom has not told how it is set.".to_owned())
    } else if guarded.trouble.is_some() {
        ("unsure", "Waiting room was on", "The last time Zoom was asked it did not tell.".to_owned())
    } else {
        let others = match drifts.len() {
            0 => String::new(),
            _ => "Other settings differ: see Zoom, below.".to_owned(),
        };
        (if drifts.is_empty() { "good" } else { "unsure" }, "Waiting room on for everyone", others)
    };
    StandingLine {
        look,
        word: word.to_owned(),
        sentence,
        at: guarded.looked_at.map(domain::Timestamp::as_millis),
        ago: ("looked", guarded.looked_at.map_or_else(String::new, |at| wall.ago(at))),
        check: true,
    }
}

fn meeting(now: &Now, host: StaffId, wall: &Wall) -> StandingLine {
    let line = |look, word: &str, sentence: String| StandingLine {
        look,
        word: word.to_owned(),
        sentence,
        at: None,
        ago: ("", String::new()),
        check: false,
    };
    let locked = "Whether it is locked, only Zoom’s own window knows.";
    let colleagues = now.colleagues(host);
    match (now.host_since, now.room.running_since) {
        (Some(at), _) => {
            line("in", "You are in session", format!("as host since {}. {locked}", wall.time(at)))
        }
        (None, Some(at)) if colleagues.is_empty() => {
            line("unsure", "Your meeting runs without you", format!("since {}. {locked}", wall.time(at)))
        }
        (None, Some(at)) => line(
            "in",
            "Your meeting runs",
            format!("since {}, with {}. {locked}", wall.time(at), list(&colleagues)),
        ),
        (None, None) if !now.room.feed_is_live => {
            line("idle", "Your meeting", "Nothing was heard of it from Zoom lately.".to_owned())
        }
        (None, None) => line("idle", "Your meeting is not running", String::new()),
    }
}

/// Zoom, for whoever's visits take place elsewhere.
pub(super) fn not_needed(connection: ConnectionView) -> ConnectionView {
    ConnectionView {
        good: true,
        sentence: "Your visits take place elsewhere, so Zoom is not needed now.".to_owned(),
        ..connection
    }
}

pub(super) fn connection(zoom: &oauth::RoomPage, wall: &Wall) -> ConnectionView {
    let Some(connection) = &zoom.connection else {
        return ConnectionView {
            good: false,
            word: "Not connected.".to_owned(),
            sentence: "Connect Zoom once, and you get a room of your own with links that stay the same."
                .to_owned(),
            connect: "Connect Zoom",
            try_again: false,
            can_disconnect: false,
        };
    };
    let trouble = zoom.trouble.map(oauth::Trouble::words);
    let told = trouble.map(|words| format!("{} {}", words.what, words.todo));
    match (connection.state, told) {
        (ConnectionState::Connected, None) if zoom.room.is_some() => ConnectionView {
            good: true,
            word: "Connected".to_owned(),
            sentence: format!("as {}, checked {}.", connection.zoom_email, wall.ago(connection.checked_at)),
            connect: "",
            try_again: false,
            can_disconnect: true,
        },
        (ConnectionState::Connected, told) => ConnectionView {
            good: zoom.room.is_some(),
            word: format!("Connected as {}.", connection.zoom_email),
            sentence: told.unwrap_or_else(|| "Your room is not ready yet.".to_owned()),
            connect: "",
            try_again: true,
            can_disconnect: true,
        },
        (_, told) => ConnectionView {
            good: false,
            word: "Has to be connected again.".to_owned(),
            sentence: told.unwrap_or_else(|| "Zoom no longer accepts the connection.".to_owned()),
            connect: "Connect Zoom again",
            try_again: false,
            can_disconnect: true,
        },
    }
}

/// What the room lacks, in words with the setting's name in Zoom.
pub(super) fn lacks(guarded: &Guarded, drifts: &[Drift]) -> Vec<(String, String)> {
    let trouble = guarded.trouble.as_deref().map(oauth::words::of_look_trouble);
    let lasting = drifts.iter().map(|drift| oauth::words::of_drift(drift.kind, drift.hindrance.as_deref()));
    trouble
        .into_iter()
        .chain(lasting)
        .map(|words| (words.what.into_owned(), words.todo.into_owned()))
        .collect()
}
