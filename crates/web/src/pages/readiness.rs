//! Whether the day can begin: all of today's hosts, by their first visit, and what is to be done by whom. From what is
//! kept; whoever presses "Check now" has every room looked at.

use attendance::Board;
use axum::{
    extract::{Query, State},
    response::{Html, Response},
};
use domain::{Timestamp, attendance::feed::FeedState, outreach::message::Channel, staff::Role};
use oauth::{Standing, Weight};
use serde::Deserialize;

use super::{
    connections::{build, want_look},
    draw, frame, see_other,
    view::{
        board::State as Standard,
        connections::{BesidesLine, HostLine, Progress, ReadinessList, ReadinessPage},
        frame::Place,
        ledger,
        words::{Wall, count},
    },
    wall, with_mark,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const DESK: Who = Who::Staff(&[Role::Admin, Role::Scheduler]);
/// Looks that were not taken after so long are waited for no more: Zoom is slow or away.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(3);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/readiness", DESK, page),
        Route::get("/readiness/watch", DESK, page).in_background(),
        Route::get("/readiness/rows", DESK, part).in_background(),
        Route::post("/readiness", DESK, check),
    ]
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// When looks were asked for, microseconds since the epoch.
    since: Option<i64>,
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let frame = frame(&person, "Readiness", Some(Place::Readiness));
    draw(&ReadinessPage { frame, list: read(&app, &person, asked).await? })
}

async fn part(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    draw(&read(&app, &person, asked).await?)
}

/// Wants a look at the room of each of today's hosts who has one.
async fn check(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    let now = app.ambient.now();
    for standing in todays(&app, &person).await?.iter().filter(|standing| standing.can_be_looked_at()) {
        want_look(&app, person.clinic.id, standing.member.id).await?;
    }
    Ok(see_other(&format!("/readiness?since={}", now.as_micros())))
}

/// Today's hosts, by their first visit.
async fn todays(app: &App, person: &SignedIn) -> Result<Vec<Standing>, Error> {
    let clinic = &person.clinic;
    let today = clinic.zone.day(clinic.zone.date(app.ambient.now()));
    let visits = app.store.read().await?.appointments(clinic.id, today, None).await?;
    let mut hosts = app.zoom.standings_of_today(clinic, &visits).await?;
    hosts.sort_by_key(|host| (host.today.map(|today| today.first), host.member.name.to_string()));
    Ok(hosts)
}

async fn read(app: &App, person: &SignedIn, asked: Asked) -> Result<ReadinessList, Error> {
    let wall = wall(app, &person.clinic);
    let hosts = todays(app, person).await?;
    let board = app.attendance.board(person.clinic.id, None).await?;
    let is_admin = person.staff.is(Role::Admin);
    let unsent = without_a_link(app, person, &board, &wall).await?;
    let progress = asked.since.map(|since| progress(&hosts, Timestamp::from_micros(since), &wall));
    let query = asked.since.map(|since| format!("since={since}")).unwrap_or_default();
    Ok(ReadinessList {
        clock: build::clock(&wall, app.ambient.clock_rate()),
        query: with_mark(&query),
        state: state(&hosts),
        summary: summary(&hosts, &wall),
        progress,
        hosts: hosts.iter().map(|host| line(host, &wall)).collect(),
        besides: vec![feed(&board, is_admin), mail(app), links(unsent, person)],
        is_admin,
    })
}

fn state(hosts: &[Standing]) -> Standard {
    match hosts.iter().map(build::weight_of).min() {
        _ if hosts.is_empty() => Standard::still("idle", "Nothing today"),
        Some(Weight::Blocks) => Standard::still("broken", "Not ready"),
        Some(Weight::Unchecked) => Standard::still("unchecked", "Not checked yet"),
        _ => Standard::still("ready", "Ready"),
    }
}

fn summary(hosts: &[Standing], wall: &Wall) -> String {
    let unready: Vec<&Standing> = hosts.iter().filter(|host| !host.is_ready()).collect();
    let next = unready.iter().filter_map(|host| host.next_visit).min();
    let next = next.map_or_else(String::new, |at| {
        if at <= wall.now {
            format!(" A visit of theirs began at {}.", wall.time(at))
        } else {
            format!(" Their first visit is at {}.", wall.time(at))
        }
    });
    let blocked = unready.iter().filter(|host| host.is_blocked()).count();
    match (hosts.len(), unready.len()) {
        (0, _) => "No visit by video is booked for today.".to_owned(),
        (1, 0) => "Today’s one host can begin.".to_owned(),
        (all, 0) => format!("All {all} of today’s hosts can begin."),
        (all, unready) if blocked == 0 => format!(
            "Nothing is known against anybody, but {unready} of {} {} not checked today.{next}",
            count(all, "host", "hosts"),
            if unready == 1 { "was" } else { "were" }
        ),
        (all, unready) => {
            let is = if unready == 1 { "is" } else { "are" };
            format!("{unready} of {} {is} not ready.{next}", count(all, "host", "hosts"))
        }
    }
}

/// How many of those whose rooms can be looked at were looked at since then, answered or not.
fn progress(hosts: &[Standing], since: Timestamp, wall: &Wall) -> Progress {
    let was_asked = |host: &&Standing| host.guarded.asked_at.is_some_and(|at| at >= since);
    let of = hosts.iter().filter(|host| host.can_be_looked_at() || was_asked(host)).count();
    let done = hosts.iter().filter(was_asked).count();
    let too_long = wall.now.since(since) > PATIENCE;
    let sentence = if of == 0 {
        "There is no room that could be checked.".to_owned()
    } else if done == of {
        format!("{done} of {of} checked.")
    } else if too_long {
        format!("{done} of {of} checked. The others took too long: Zoom may be slow. They are still tried.")
    } else {
        format!("{done} of {of} checked…")
    };
    Progress { done, of, over: done == of || too_long, sentence }
}

fn line(host: &Standing, wall: &Wall) -> HostLine {
    let visits = host.today.map_or_else(String::new, |today| {
        let span = format!("{}–{}", wall.time(today.first), wall.time_seen_from(wall.today(), today.ends));
        let over = if today.next.is_none() { ", over" } else { "" };
        format!("{}, {span}{over}", count(today.visits, "visit", "visits"))
    });
    HostLine {
        key: host.member.id.to_string(),
        time: host.today.map(|today| wall.time(today.first)).unwrap_or_default(),
        name: host.member.name.to_string(),
        visits,
        state: build::state(host),
        looked: match host.guarded.looked_at {
            Some(at) if host.can_be_looked_at() => format!("checked {}", wall.ago(at)),
            _ => String::new(),
        },
        todo: build::todo(host),
    }
}

fn feed(board: &Board, is_admin: bool) -> BesidesLine {
    let feed = &board.feed;
    let state = match feed.state {
        FeedState::Live | FeedState::Quiet => Standard::still("ready", feed.state.as_str()),
        FeedState::Stale => Standard::still("broken", "may be broken"),
        FeedState::Never => Standard::still("unchecked", "not heard from yet"),
    };
    let sentence = if feed.sentence.is_empty() {
        "Zoom tells who waits and who comes.".to_owned()
    } else {
        feed.sentence.clone()
    };
    let (href, action) = if is_admin { ("/feed", "Look at the feed") } else { ("", "") };
    BesidesLine { word: "Word from Zoom", state, sentence, href, action }
}

fn mail(app: &App) -> BesidesLine {
    let (email, sms) = (app.outreach.can_send(Channel::Email), app.outreach.can_send(Channel::Sms));
    let (look, word, sentence) = match (email, sms) {
        (true, true) => ("ready", "on", "E-mail and text messages go out."),
        (true, false) => ("ready", "e-mail on", "E-mail goes out. Text messages are not set up."),
        (false, true) => {
            ("ready", "texts on", "Text messages go out. E-mail is not set up, so that nobody is told by it.")
        }
        (false, false) => (
            "unchecked",
            "off",
            "Neither e-mail nor text messages are set up: links are copied by hand, and nobody is told of trouble by them.",
        ),
    };
    BesidesLine {
        word: "Messages",
        state: Standard::still(look, word),
        sentence: sentence.to_owned(),
        href: "",
        action: "",
    }
}

fn links((unsent, expected): (usize, usize), person: &SignedIn) -> BesidesLine {
    let state = if unsent == 0 {
        Standard::still("ready", if expected == 0 { "none needed" } else { "all have one" })
    } else {
        Standard::still("unchecked", format!("{unsent} without"))
    };
    let sentence = match (unsent, expected) {
        (_, 0) => "Nobody is still to come today.".to_owned(),
        (0, 1) => "The one patient still to come has a link.".to_owned(),
        (0, all) => format!("All {all} patients still to come have their links."),
        (unsent, all) => format!(
            "{unsent} of {} still to come {} no link, as far as is known here.",
            count(all, "patient", "patients"),
            if unsent == 1 { "has" } else { "have" }
        ),
    };
    let (href, action) = if unsent > 0 && person.staff.is(Role::Scheduler) {
        ("/board#unsent", "Send them from the board")
    } else {
        ("", "")
    };
    BesidesLine { word: "Patients’ links", state, sentence, href, action }
}

/// Of those who are still to come today by video: how many have no link as far as is known here, and how many there are.
async fn without_a_link(
    app: &App,
    person: &SignedIn,
    board: &Board,
    wall: &Wall,
) -> Result<(usize, usize), Error> {
    let clinic = &person.clinic;
    let visits = app.store.read().await?.appointments(clinic.id, clinic.zone.day(board.date), None).await?;
    let to_come: Vec<_> =
        visits.into_iter().filter(|one| one.is_expected_in_a_room() && wall.now < one.starts_at).collect();
    let ledgers = app.outreach.ledgers(clinic.id, &to_come).await?;
    let people =
        || to_come.iter().flat_map(|visit| visit.attendees.iter().map(move |one| (visit.id, one.id)));
    let has_link = |(visit, attendee)| {
        let of = ledgers.get(&visit).and_then(|ledger| ledger.of_attendee(attendee));
        of.is_some_and(ledger::has_link)
    };
    Ok((people().filter(|&one| !has_link(one)).count(), people().count()))
}
