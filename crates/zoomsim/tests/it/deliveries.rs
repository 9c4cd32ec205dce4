//! How webhooks arrive: challenged, signed, retried, lost, doubled, late and out of order.

use std::time::Duration;

use zoomsim::{DeauthorizedShape, Outcome};

use crate::town::{OSEI, START, Town};

fn outcomes(town: &Town) -> Vec<Outcome> {
    let log = town.zoom.deliveries();
    log.into_iter()
        .filter(|line| line.event.starts_with("meeting.participant"))
        .map(|line| line.outcome)
        .collect()
}

#[tokio::test]
async fn nothing_is_delivered_before_the_challenge_is_answered() {
    let town = Town::new().await;
    *town.inbox.challenge_is_ignored.lock().unwrap() = true;
    let room = town.room(OSEI).await;
    town.guest(room, "Rosa");
    town.advance(60).await;
    assert!(town.hooks().is_empty());
    assert!(!town.zoom.endpoint_is_validated());
    *town.inbox.challenge_is_ignored.lock().unwrap() = false;
    town.advance(5).await;
    assert!(town.zoom.endpoint_is_validated());
    assert_eq!(town.events().await, ["created", "participant_joined_waiting_room"]);
}

#[tokio::test]
async fn the_endpoint_is_challenged_every_seventy_two_hours() {
    let town = Town::new().await;
    town.zoom.tick().await;
    town.advance(7 * 86_400).await;
    let challenges: Vec<_> =
        town.zoom.deliveries().into_iter().filter(|line| line.event == "endpoint.url_validation").collect();
    let times: Vec<_> = challenges.iter().map(|line| (line.at - START) / 3_600_000_000).collect();
    assert_eq!(times, [0, 72, 144]);
    *town.inbox.challenge_is_ignored.lock().unwrap() = true;
    town.advance(5 * 72 * 3600).await;
    assert!(town.zoom.endpoint_is_validated());
    town.advance(72 * 3600).await;
    assert!(!town.zoom.endpoint_is_validated(), "six in a row");
    *town.inbox.challenge_is_ignored.lock().unwrap() = false;
    town.advance(72 * 3600).await;
    assert!(!town.zoom.endpoint_is_validated(), "nobody asks a disabled endpoint");
    town.zoom.revalidate();
    town.zoom.tick().await;
    assert!(town.zoom.endpoint_is_validated());
}

#[tokio::test]
async fn a_failed_delivery_is_retried_after_5_25_and_85_minutes_and_then_given_up() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    *town.inbox.answers.lock().unwrap() = vec![503, 302, 404, 500];
    town.guest(room, "Rosa");
    town.advance(86_400).await;
    let log = town.zoom.deliveries();
    let tries: Vec<_> = log.iter().filter(|line| line.event.ends_with("joined_waiting_room")).collect();
    let minutes: Vec<_> = tries.iter().map(|line| (line.at - START) / 60_000_000).collect();
    assert_eq!(minutes, [0, 5, 25, 85]);
    assert_eq!(outcomes(&town), [Outcome::Failed, Outcome::Failed, Outcome::Failed, Outcome::GivenUp]);
    let hooks = town.hooks();
    assert!(hooks.iter().all(|hook| hook.raw == hooks[0].raw), "a retry is byte-equal");
    let stamps: Vec<_> = hooks.iter().map(|hook| hook.headers["x-zm-request-timestamp"].clone()).collect();
    assert_ne!(stamps[0], stamps[1]);
    assert_eq!(town.zoom.pending(), 0);
}

#[tokio::test]
async fn by_a_knob_retries_keep_their_first_timestamp() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.knobs(|knobs| knobs.restamp_retries = false);
    *town.inbox.answers.lock().unwrap() = vec![500];
    town.guest(room, "Rosa");
    town.advance(300).await;
    let hooks = town.hooks();
    assert_eq!(hooks.len(), 2);
    for header in ["x-zm-request-timestamp", "x-zm-signature"] {
        assert_eq!(hooks[0].headers[header], hooks[1].headers[header]);
    }
}

#[tokio::test]
async fn an_answer_that_comes_too_late_counts_as_none() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.knobs(|knobs| knobs.answer_within_ms = 50);
    *town.inbox.stalls.lock().unwrap() = true;
    town.guest(room, "Rosa");
    town.zoom.tick().await;
    *town.inbox.stalls.lock().unwrap() = false;
    town.advance(300).await;
    assert_eq!(outcomes(&town), [Outcome::Failed, Outcome::Delivered]);
}

#[tokio::test]
async fn events_can_be_lost_doubled_and_turned_around() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.knobs(|knobs| knobs.lose_next = 1);
    town.guest(room, "Lost");
    town.zoom.knobs(|knobs| knobs.duplicate_next = 1);
    town.guest(room, "Twice");
    town.zoom.knobs(|knobs| knobs.reverse_next = 2);
    town.guest(room, "First");
    town.guest(room, "Second");
    town.zoom.tick().await;
    let hooks = town.hooks();
    let names: Vec<_> = hooks.iter().map(|hook| hook.person("user_name").as_str().unwrap()).collect();
    assert_eq!(names, ["Twice", "Twice", "Second", "First"]);
    assert!(outcomes(&town).contains(&Outcome::Lost));
}

#[tokio::test]
async fn rates_of_loss_and_delay_follow_the_seed() {
    let mut seen = Vec::new();
    for _ in 0..2 {
        let town = Town::new().await;
        let room = town.room(OSEI).await;
        town.zoom.knobs(|knobs| (knobs.lose_percent, knobs.delay_percent) = (20, 50));
        for at in 0..40 {
            town.guest(room, &format!("Guest {at}"));
        }
        town.advance(31).await;
        let names: Vec<_> = town.hooks().iter().map(|hook| hook.person("user_name").to_string()).collect();
        assert!(names.len() > 20 && names.len() < 40);
        assert!(!names.is_sorted_by_key(|name| {
            name.trim_matches(['"', 'G', 'u', 'e', 's', 't', ' ']).parse::<u32>().unwrap()
        }));
        seen.push(names);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn nobody_hears_of_meetings_whose_host_has_not_installed_the_app() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.deauthorize(OSEI).unwrap();
    town.guest(room, "Rosa");
    assert_eq!(town.events().await, ["app_deauthorized"]);
}

#[tokio::test]
async fn removal_of_the_app_is_told_in_any_of_its_shapes() {
    let town = Town::new().await;
    town.link(OSEI).await;
    for shape in [DeauthorizedShape::Current, DeauthorizedShape::Legacy, DeauthorizedShape::TextEventTs] {
        town.zoom.knobs(|knobs| knobs.deauthorized_shape = shape);
        town.zoom.deauthorize(OSEI).unwrap();
        town.zoom.tick().await;
        let body = town.hooks().pop().unwrap().body;
        assert_eq!(body["payload"]["user_id"], OSEI);
        assert_eq!(body["payload"]["client_id"], "rT6yU8iO0pQwErTyUiOpAs");
        assert_eq!(body["payload"]["deauthorization_time"], "2026-11-23T14:00:00.000Z");
        assert_eq!(body.get("event_ts").is_some(), shape == DeauthorizedShape::Current);
        assert_eq!(body["payload"].get("event_ts").is_some(), shape == DeauthorizedShape::TextEventTs);
    }
}

#[tokio::test]
async fn deliveries_can_be_taken_without_a_network() {
    let town = Town::with(|config| config.webhook_url = None).await;
    let room = town.room(OSEI).await;
    town.zoom.take_due();
    town.guest(room, "Rosa");
    let taken = town.zoom.take_due();
    assert_eq!(taken.len(), 1);
    let header = |name| taken[0].headers.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    let stamp = header("x-zm-request-timestamp");
    assert_eq!(header("x-zm-signature"), zoomsim::signature(crate::town::SECRET, &stamp, &taken[0].body));
    assert!(town.zoom.take_due().is_empty());
}

#[tokio::test]
async fn a_clock_that_runs_by_itself_delivers_by_itself() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.knobs(|knobs| knobs.deliver_unasked = Some(true));
    town.guest(room, "Rosa");
    let arrived = async {
        while town.hooks().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), arrived).await.unwrap();
}

/// What became of the word that Rosa came, in minutes after it, with the receiver away for so long from then on.
async fn through_an_outage(minutes: u64) -> (Vec<i64>, Option<Outcome>) {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    town.zoom.knobs(|knobs| knobs.receiver_down = true);
    town.guest(room, "Rosa");
    town.advance(minutes * 60).await;
    town.zoom.knobs(|knobs| knobs.receiver_down = false);
    town.advance(86_400).await;
    let tries: Vec<_> = town
        .zoom
        .deliveries()
        .into_iter()
        .filter(|line| line.event.ends_with("joined_waiting_room"))
        .collect();
    assert_eq!(town.zoom.pending(), 0);
    (tries.iter().map(|line| (line.at - START) / 60_000_000).collect(), tries.last().map(|line| line.outcome))
}

#[tokio::test]
async fn an_outage_costs_what_outlasts_the_retries() {
    for (minutes, tries, end) in [
        (1, vec![0, 5], Outcome::Delivered),
        (6, vec![0, 5, 25], Outcome::Delivered),
        (26, vec![0, 5, 25, 85], Outcome::Delivered),
        (84, vec![0, 5, 25, 85], Outcome::Delivered),
        (86, vec![0, 5, 25, 85], Outcome::GivenUp),
        (7 * 24 * 60, vec![0, 5, 25, 85], Outcome::GivenUp),
    ] {
        assert_eq!(through_an_outage(minutes).await, (tries, Some(end)), "{minutes} minutes");
    }
}

#[tokio::test]
async fn an_outage_is_the_same_where_deliveries_are_taken_rather_than_sent() {
    let town = Town::with(|config| config.webhook_url = None).await;
    let room = town.zoom.create_meeting(OSEI, &crate::town::clinic_room()).unwrap();
    town.zoom.knobs(|knobs| knobs.only_installed_hosts = false);
    town.zoom.take_due();
    town.zoom.knobs(|knobs| knobs.receiver_down = true);
    town.guest(room, "Rosa");
    assert!(town.zoom.take_due().is_empty());
    assert_eq!(town.zoom.next_delivery_at(), Some(START + 5 * 60_000_000));
    town.advance(24 * 60).await;
    town.zoom.knobs(|knobs| knobs.receiver_down = false);
    assert!(town.zoom.take_due().is_empty(), "not due again yet");
    town.advance(60).await;
    assert_eq!(town.zoom.take_due().len(), 1);
    town.zoom.knobs(|knobs| knobs.receiver_down = true);
    town.guest(room, "Tom");
    town.advance(86 * 60).await;
    town.zoom.knobs(|knobs| knobs.receiver_down = false);
    assert!(town.zoom.take_due().is_empty());
    assert_eq!(town.zoom.pending(), 0);
    assert_eq!(town.zoom.deliveries().last().unwrap().outcome, Outcome::GivenUp);
}
