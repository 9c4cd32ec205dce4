//! Live streams. Their own ticking is set to milliseconds; nothing here waits for a fixed time.

use std::time::Duration;

use axum::{body::BodyDataStream, http::StatusCode, response::Response};
use domain::staff::Role;
use futures_util::StreamExt;
use serde_json::Value;

use crate::world::{Ask, World, get};

/// Longer than anything here takes; only a fault lets it pass.
const PATIENCE: Duration = Duration::from_secs(10);

/// One event: its number and its data.
pub type Event = (i64, Value);

pub struct Stream {
    body: BodyDataStream,
    text: String,
}

impl Stream {
    pub async fn open(world: &World, ask: Ask) -> Self {
        let response: Response = world.open(ask).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: response.into_body().into_data_stream(), text: String::new() }
    }

    /// The next event; none where the stream ends.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                // A comment keeps the connection open and says nothing.
                if !event.starts_with(':') {
                    return Some(read(&event));
                }
                continue;
            }
            let chunk =
                tokio::time::timeout(PATIENCE, self.body.next()).await.expect("the stream says something");
            self.text.push_str(std::str::from_utf8(&chunk?.unwrap()).unwrap());
        }
    }
}

fn read(event: &str) -> Event {
    let field = |name: &str| {
        let prefix = format!("{name}: ");
        let mut values = event.lines().filter_map(|line| line.strip_prefix(&prefix));
        let value = values.next().unwrap_or_else(|| panic!("{name} in {event}"));
        assert!(values.next().is_none(), "one {name} in {event}");
        value.to_owned()
    };
    assert_eq!(field("event"), "board");
    (field("id").parse().unwrap(), serde_json::from_str(&field("data")).unwrap())
}

fn follow(world: &World) -> Ask {
    get("/api/v1/board/stream").token(&world.here.token)
}

fn ids(event: &Value) -> Vec<&str> {
    event["appointments"].as_array().unwrap().iter().map(|row| row["external_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_new_client_gets_the_whole_board_and_then_what_changes() {
    let world = World::new().await;
    world.book(&world.here, "a").await;
    let mut stream = Stream::open(&world, follow(&world)).await;
    let (first, board) = stream.next().await.unwrap();
    assert_eq!((board["whole"].clone(), ids(&board)), (true.into(), vec!["a"]));
    world.book(&world.here, "b").await;
    let (second, rows) = stream.next().await.unwrap();
    assert_eq!((rows["whole"].clone(), ids(&rows)), (false.into(), vec!["b"]));
    assert!(second > first);
}

#[tokio::test]
async fn a_client_who_comes_again_gets_only_what_it_missed() {
    let world = World::new().await;
    world.book(&world.here, "a").await;
    let (seen, _) = Stream::open(&world, follow(&world)).await.next().await.unwrap();
    world.book(&world.here, "b").await;
    let again = follow(&world).header("last-event-id", &seen.to_string());
    let (_, rows) = Stream::open(&world, again).await.next().await.unwrap();
    assert_eq!((rows["whole"].clone(), ids(&rows)), (false.into(), vec!["b"]));
}

#[tokio::test]
async fn a_number_that_is_none_of_ours_or_no_longer_kept_gets_the_whole_board() {
    let world = World::new().await;
    world.book(&world.here, "a").await;
    let mut tx = world.store().begin().await.unwrap();
    tx.purge_changes(world.app.ambient.now().plus(Duration::from_secs(1))).await.unwrap();
    tx.commit().await.unwrap();
    for number in ["0", "999999", "-1", "x"] {
        let ask = follow(&world).header("last-event-id", number);
        let (_, board) = Stream::open(&world, ask).await.next().await.unwrap();
        assert_eq!((board["whole"].clone(), ids(&board)), (true.into(), vec!["a"]), "{number}");
    }
}

#[tokio::test]
async fn another_clinics_changes_are_not_heard_of() {
    let world = World::new().await;
    let mut stream = Stream::open(&world, follow(&world)).await;
    stream.next().await.unwrap();
    world.book(&world.there, "theirs").await;
    world.book(&world.here, "ours").await;
    let (_, rows) = stream.next().await.unwrap();
    assert_eq!(ids(&rows), ["ours"]);
}

#[tokio::test]
async fn a_stream_ends_with_its_session_its_owners_account_or_their_role() {
    let world = World::new().await;
    let member = &world.here.scheduler;
    for end in ["sign-out", "idle", "role", "disabled"] {
        world.update(member, &[Role::Scheduler], None).await;
        let cookie = world.session_of(member).await;
        let mut stream = Stream::open(&world, get("/api/v1/board/stream").cookie(&cookie)).await;
        stream.next().await.unwrap();
        match end {
            "sign-out" => {
                world.send(crate::world::post("/sign-out").cookie(&cookie)).await;
            }
            "idle" => world.clock.advance(Duration::from_mins(30)),
            "role" => world.update(member, &[], None).await,
            _ => world.update(member, &[Role::Scheduler], Some(world.app.ambient.now())).await,
        }
        assert_eq!(stream.next().await, None, "{end}");
    }
}

#[tokio::test]
async fn streams_end_when_the_program_stops_and_new_ones_end_at_once() {
    let world = World::new().await;
    let mut stream = Stream::open(&world, follow(&world)).await;
    stream.next().await.unwrap();
    world.app.stop.cancel();
    assert_eq!(stream.next().await, None);
    assert_eq!(Stream::open(&world, follow(&world)).await.next().await, None);
    world.app.tasks.close();
    tokio::time::timeout(PATIENCE, world.app.tasks.wait()).await.expect("no task is left behind");
}

#[tokio::test]
async fn a_client_who_goes_away_leaves_no_task_behind() {
    let world = World::new().await;
    let mut stream = Stream::open(&world, follow(&world)).await;
    stream.next().await.unwrap();
    drop(stream);
    world.app.tasks.close();
    tokio::time::timeout(PATIENCE, world.app.tasks.wait()).await.expect("no task is left behind");
}

#[tokio::test]
async fn line_breaks_in_a_name_cannot_forge_an_event() {
    let world = World::new().await;
    let mut body = crate::world::booking(&world.here);
    body["attendees"][0]["name"] = "a\u{2028}event: board\u{85}data: {}".into();
    let path = "/api/v1/appointments/a";
    world.send(crate::world::put(path).token(&world.here.token).json(&body)).await;
    let mut stream = Stream::open(&world, follow(&world)).await;
    let (_, board) = stream.next().await.unwrap();
    assert!(board["whole"].as_bool().unwrap());
}
