use domain::alert::AlertKind;
use zoomsim::Fault;

use crate::testing::{AMARA, World};

use super::*;

fn lease() -> Duration {
    Patience::default().lease
}

/// What lasts about the connection, with the reasons.
async fn told(world: &World) -> Vec<(AlertKind, Option<String>)> {
    let alerts = world.store.read().await.unwrap().alerts_lasting(world.amara.clinic_id).await.unwrap();
    let of_connections = alerts.into_iter().filter(|alert| breaks::TOLD.contains(&alert.kind));
    of_connections.map(|alert| (alert.kind, alert.detail)).collect()
}

async fn in_doubt(world: &World, connection: &Connection) -> bool {
    let mut tx = world.store.read().await.unwrap();
    tx.in_doubt_since(connection.clinic_id, connection.id).await.unwrap().is_some()
}

/// The next renewals are done at Zoom, and their answers are lost.
fn lose_answers(world: &World, count: u32) {
    world.sim.fault(Fault {
        route: "POST /oauth/token".to_owned(),
        cut: true,
        after: true,
        count,
        ..Fault::default()
    });
}

#[tokio::test]
async fn a_token_with_more_than_five_minutes_left_is_used_as_it_is() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.count("POST /oauth/token");
    let first = world.zoom.access_token(connection.clinic_id, connection.id).await.unwrap();
    world.clock.advance(Duration::from_secs(3599 - 301));
    let later = world.zoom.access_token(connection.clinic_id, connection.id).await.unwrap();
    assert_eq!(first, later);
    assert_eq!(world.counted().await, 0);
}

#[tokio::test]
async fn a_token_near_its_end_is_renewed_once_and_the_new_pair_is_kept() {
    let world = World::new().await;
    let connection = world.connected().await;
    let before = world.kept().await.unwrap();
    world.count("POST /oauth/token");
    world.clock.advance(Duration::from_mins(55));
    let token = world.zoom.access_token(connection.clinic_id, connection.id).await.unwrap();
    let after = world.kept().await.unwrap();
    assert_eq!(after.0, token);
    assert!(before.0 != after.0 && before.1 != after.1);
    assert_eq!(world.zoom.access_token(connection.clinic_id, connection.id).await.unwrap(), token);
    assert_eq!(world.counted().await, 1);
    assert_eq!(world.zoom.0.api.me(&token).await.unwrap().id, AMARA);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_instances_and_many_callers_one_renews_and_all_get_a_live_token() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::on(engine, |_| {}).await;
        let connection = world.connected().await;
        let instances = [world.zoom.clone(), world.other_instance().await];
        world.count("POST /oauth/token");
        for round in 1..=10 {
            world.clock.advance(Duration::from_hours(1));
            let callers: Vec<_> = (0..8)
                .map(|caller| {
                    let zoom = instances[caller % 2].clone();
                    tokio::spawn(async move { zoom.access_token(connection.clinic_id, connection.id).await })
                })
                .collect();
            let mut tokens = Vec::new();
            for caller in callers {
                tokens.push(caller.await.unwrap().unwrap());
            }
            assert!(tokens.iter().all(|token| *token == tokens[0]), "{name}");
            assert!(world.zoom.0.api.me(&tokens[0]).await.is_ok(), "{name}");
            assert_eq!(world.counted().await, round, "{name}");
        }
    }
}

#[tokio::test]
async fn while_another_instance_holds_the_lease_nobody_else_asks_zoom() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    world.clock.advance(Duration::from_hours(1));
    let other = world.other_instance().await;
    let holder = other.lease(clinic, id, lease()).await.unwrap().unwrap();
    world.count("POST /oauth/token");
    let busy = world.zoom.access_token(clinic, id).await;
    assert!(matches!(busy, Err(AccessError::Busy)), "{busy:?}");
    assert_eq!(world.counted().await, 0);

    // The other one finishes while we wait.
    let zoom = world.zoom.clone();
    let waiting = tokio::spawn(async move { zoom.access_token(clinic, id).await });
    tokio::task::yield_now().await;
    other.release(clinic, id, holder).await.unwrap();
    let token = other.access_token(clinic, id).await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap(), token);
    assert_eq!(world.counted().await, 1);
}

#[tokio::test]
async fn the_lease_of_an_instance_that_died_lapses() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    world.clock.advance(Duration::from_hours(1));
    world.other_instance().await.lease(clinic, id, lease()).await.unwrap().unwrap();
    assert!(matches!(world.zoom.access_token(clinic, id).await, Err(AccessError::Busy)));
    world.clock.advance(lease());
    assert!(world.zoom.access_token(clinic, id).await.is_ok());
}

#[tokio::test]
async fn while_nobody_can_renew_the_last_minutes_of_the_old_token_are_used() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    let old = world.zoom.access_token(clinic, id).await.unwrap();
    world.sim.fault(Fault { route: "POST /oauth/token".to_owned(), status: Some(503), ..Fault::default() });
    world.clock.advance(Duration::from_secs(3599 - 60));
    assert_eq!(world.zoom.access_token(clinic, id).await.unwrap(), old);
    world.clock.advance(Duration::from_secs(40));
    let gone = world.zoom.access_token(clinic, id).await;
    assert!(matches!(gone, Err(AccessError::Unavailable)), "{gone:?}");
}

#[tokio::test]
async fn a_fault_at_zooms_side_leaves_the_connection_as_it_was() {
    for (status, kind) in [(500, "fault"), (503, "down"), (429, "limit")] {
        let world = World::new().await;
        let connection = world.connected().await;
        world.clock.advance(Duration::from_hours(1));
        world.sim.fault(Fault {
            route: "POST /oauth/token".to_owned(),
            status: Some(status),
            ..Fault::default()
        });
        let refused = world.zoom.access_token(connection.clinic_id, connection.id).await;
        assert!(matches!(refused, Err(AccessError::Unavailable)), "{kind}: {refused:?}");
        assert_eq!(world.connection().await.unwrap().state, ConnectionState::Connected);
        world.sim.clear_faults();
        assert!(world.zoom.access_token(connection.clinic_id, connection.id).await.is_ok(), "{kind}");
    }
}

#[tokio::test]
async fn a_wrong_client_secret_never_ends_a_connection() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.clock.advance(Duration::from_hours(1));
    world.sim.fault(Fault {
        route: "POST /oauth/token".to_owned(),
        status: Some(401),
        body: Some(
            serde_json::json!({ "reason": "Invalid client_id or client_secret", "error": "invalid_client" }),
        ),
        count: 1,
        ..Fault::default()
    });
    let refused = world.zoom.access_token(connection.clinic_id, connection.id).await;
    assert!(matches!(refused, Err(AccessError::Misconfigured(TokenError::InvalidClient))), "{refused:?}");
    assert!(world.zoom.access_token(connection.clinic_id, connection.id).await.is_ok());
}

#[tokio::test]
async fn a_renewal_whose_answer_was_lost_is_noticed_in_that_very_call() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    world.clock.advance(Duration::from_hours(1));
    lose_answers(&world, 1);
    let refused = world.zoom.access_token(clinic, id).await;
    assert!(matches!(refused, Err(AccessError::NeedsReconnect(Some(Trouble::Refused)))), "{refused:?}");
    world.sim.clear_faults();
    world.count("POST /oauth/token");
    for _ in 0..3 {
        let refused = world.zoom.access_token(clinic, id).await;
        assert!(matches!(refused, Err(AccessError::NeedsReconnect(Some(Trouble::Refused)))), "{refused:?}");
    }
    assert_eq!(world.counted().await, 0, "a dead token is not tried again");
    let connection = world.connection().await.unwrap();
    assert_eq!(connection.state, ConnectionState::NeedsReconnect);
    assert_eq!(connection.trouble.as_deref(), Some("refused"));
    assert_eq!(told(&world).await, [(AlertKind::Reconnect, Some("refused".to_owned()))]);
    assert!(!in_doubt(&world, &connection).await, "it is known to be broken");
    assert!(world.connect(&world.amara, AMARA).await.is_ok());
    assert!(world.zoom.access_token(clinic, id).await.is_ok());
    assert_eq!(told(&world).await, [], "nobody need be told any more");
}

#[tokio::test]
async fn an_answer_that_was_lost_although_nothing_was_done_costs_nothing() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.clock.advance(Duration::from_hours(1));
    world.sim.fault(Fault {
        route: "POST /oauth/token".to_owned(),
        status: Some(502),
        count: 1,
        ..Fault::default()
    });
    assert!(world.zoom.access_token(connection.clinic_id, connection.id).await.is_ok(), "asked once more");
    assert!(!in_doubt(&world, &connection).await);
}

#[tokio::test]
async fn a_doubt_that_stays_is_settled_in_the_next_round_of_minutes() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    world.clock.advance(Duration::from_hours(1));
    lose_answers(&world, 2);
    // The second one is asked with a dead token, whose refusal is lost too.
    assert!(matches!(world.zoom.access_token(clinic, id).await, Err(AccessError::Unavailable)));
    assert!(in_doubt(&world, &connection).await);
    let page = world.zoom.room_page(clinic, connection.staff_id).await.unwrap();
    assert!(page.in_doubt_since.is_some(), "and the page can say so");
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::Connected);
    assert_eq!(told(&world).await, []);
    world.clock.advance(lease() + Duration::from_secs(1));
    world.zoom.refresh_due().await.unwrap();
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::NeedsReconnect);
    assert!(!in_doubt(&world, &connection).await);
    assert_eq!(told(&world).await.len(), 1);
}

#[tokio::test]
async fn a_limit_of_zooms_leaves_an_older_doubt_as_it_is() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    world.clock.advance(Duration::from_hours(1));
    let limit = Fault { route: "POST /oauth/token".to_owned(), status: Some(429), ..Fault::default() };
    world.sim.fault(limit.clone());
    assert!(world.zoom.access_token(clinic, id).await.is_err());
    assert!(!in_doubt(&world, &connection).await, "Zoom said that it did nothing");
    world.sim.clear_faults();
    lose_answers(&world, 2);
    assert!(world.zoom.access_token(clinic, id).await.is_err());
    world.sim.clear_faults();
    world.sim.fault(limit);
    assert!(world.zoom.access_token(clinic, id).await.is_err());
    assert!(
        in_doubt(&world, &connection).await,
        "of this one it did nothing, of the one before nobody knows"
    );
}

#[tokio::test]
async fn a_crash_between_zooms_answer_and_keeping_it_ends_in_needs_reconnect() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (_, refresh) = world.kept().await.unwrap();
    world.zoom.0.oauth.refresh(&refresh).await.unwrap();
    world.clock.advance(Duration::from_hours(1));
    let refused = world.other_instance().await.access_token(connection.clinic_id, connection.id).await;
    assert!(matches!(refused, Err(AccessError::NeedsReconnect(Some(Trouble::Refused)))));
}

#[tokio::test]
async fn a_dead_token_is_not_believed_dead_while_the_row_has_a_newer_one() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    world.clock.advance(Duration::from_hours(1));
    // One asks for long, and while it waits the person connects anew, which kills what it asks about.
    let slow = "POST /oauth/token".to_owned();
    world.sim.fault(Fault { route: slow, delay_ms: 300, count: 1_000_000, ..Fault::default() });
    let zoom = world.zoom.clone();
    let asking = tokio::spawn(async move { zoom.access_token(clinic, id).await });
    while world.counted().await == 0 {
        tokio::task::yield_now().await;
    }
    world.sim.clear_faults();
    world.connect(&world.amara, AMARA).await.unwrap();
    let newest = world.kept().await.unwrap();
    assert_eq!(asking.await.unwrap().unwrap(), newest.0, "it gets what stands there now");
    let kept = world.kept().await.unwrap();
    assert!(kept.0 == newest.0 && kept.1 == newest.1);
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::Connected);
    assert_eq!(told(&world).await, []);
}

#[tokio::test]
async fn whoever_asked_may_go_away_and_the_new_pair_is_kept_nevertheless() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    let before = world.kept().await.unwrap();
    world.clock.advance(Duration::from_hours(1));
    world.sim.fault(Fault {
        route: "POST /oauth/token".to_owned(),
        delay_ms: 200,
        count: 1,
        ..Fault::default()
    });
    let asked = tokio::time::timeout(Duration::from_millis(50), world.zoom.access_token(clinic, id)).await;
    assert!(asked.is_err(), "gone before the answer");
    // The lease is given back with the pair, so this waits for it.
    world.zoom.access_token(clinic, id).await.unwrap();
    assert!(world.kept().await.unwrap().1 != before.1);
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::Connected);
}

#[tokio::test]
async fn the_reason_that_zoom_gives_is_remembered_and_told() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.sim.disable_by_admin(AMARA).unwrap();
    world.clock.advance(Duration::from_hours(1));
    let refused = world.zoom.access_token(connection.clinic_id, connection.id).await;
    assert!(matches!(refused, Err(AccessError::NeedsReconnect(Some(Trouble::DisabledByAdmin)))));
    assert_eq!(world.connection().await.unwrap().trouble.as_deref(), Some("disabled_by_admin"));
    assert_eq!(told(&world).await, [(AlertKind::Paused, Some("disabled_by_admin".to_owned()))]);
}

#[tokio::test]
async fn a_permission_that_is_gone_after_a_renewal_is_noticed() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    world.clock.advance(Duration::from_hours(1));
    let pair = |scope: Option<&str>| {
        let mut body = serde_json::json!({
            "access_token": "a".repeat(40), "refresh_token": "r".repeat(40), "token_type": "bearer", "expires_in": 3599,
        });
        if let Some(scope) = scope {
            body["scope"] = scope.into();
        }
        let route = "POST /oauth/token".to_owned();
        Fault { route, status: Some(200), body: Some(body), count: 1, ..Fault::default() }
    };
    world.sim.fault(pair(None));
    assert!(
        world.zoom.access_token(clinic, id).await.is_ok(),
        "an answer that names none leaves those that were"
    );
    world.clock.advance(Duration::from_hours(1));
    world.sim.fault(pair(Some("user:read:user meeting:read:meeting")));
    let refused = world.zoom.access_token(clinic, id).await;
    assert!(matches!(refused, Err(AccessError::NeedsReconnect(Some(Trouble::MissingScopes)))), "{refused:?}");
    assert_eq!(told(&world).await, [(AlertKind::MissingScopes, Some("missing_scopes".to_owned()))]);
    world.connect(&world.amara, AMARA).await.unwrap();
    assert_eq!(told(&world).await, []);
}

#[tokio::test]
async fn a_token_that_zoom_refused_before_its_time_is_renewed_at_once() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, id) = (connection.clinic_id, connection.id);
    let dead = world.zoom.access_token(clinic, id).await.unwrap();
    let live = world.zoom.access_token_after(clinic, id, &dead).await.unwrap();
    assert!(live != dead);
    assert_eq!(world.zoom.access_token_after(clinic, id, &dead).await.unwrap(), live, "somebody has already");
}

#[tokio::test]
async fn another_clinic_has_no_such_connection() {
    let world = World::new().await;
    let connection = world.connected().await;
    let elsewhere = world.elsewhere().await;
    let refused = world.zoom.access_token(elsewhere.clinic_id, connection.id).await;
    assert!(matches!(refused, Err(AccessError::NotConnected)));
}
