use domain::{alert::AlertKind, room::ConnectionState};
use zoomsim::Fault;

use crate::{
    Trouble,
    testing::{AMARA, JONAS, World},
};

use super::*;

#[tokio::test]
async fn consent_gives_a_connection_and_a_room_with_its_waiting_room_on() {
    let world = World::new().await;
    let connected = world.connect(&world.amara, AMARA).await.unwrap();
    let connection = connected.connection;
    assert_eq!(connection.state, ConnectionState::Connected);
    assert_eq!(connection.zoom_user_id, AMARA);
    assert_eq!(connection.zoom_plan, 2);
    let RoomOutcome::Ready(provisioned) = connected.room else { panic!("no room") };
    assert!(provisioned.deviations.is_empty());
    let meetings = world.meetings();
    assert_eq!(meetings.len(), 1);
    assert!(meetings[0].waiting_room);
    assert_eq!(meetings[0].number, provisioned.room.meeting_number);
    assert_eq!(meetings[0].topic, "Visits with Amara Osei");
    assert_eq!(world.connection().await.unwrap(), connection);
}

#[tokio::test]
async fn the_address_of_consent_carries_a_fresh_state_and_an_s256_challenge() {
    let world = World::new().await;
    let session = &world.amara;
    let mut states = std::collections::HashSet::new();
    for _ in 0..10 {
        let url = world.zoom.begin(session.clinic_id, session.staff_id, session.token_hash).await.unwrap();
        let get = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
        assert_eq!(get("code_challenge_method"), "S256");
        assert_eq!(get("response_type"), "code");
        assert_eq!(get("redirect_uri"), "https://anteroom.example/zoom/callback");
        assert_eq!(get("code_challenge").len(), 43);
        assert_eq!(get("state").len(), 43, "256 bits");
        states.insert(get("state"));
    }
    assert_eq!(states.len(), 10);
}

#[tokio::test]
async fn saying_no_at_zoom_connects_nothing_and_asks_for_no_token() {
    let world = World::new().await;
    world.count("* /oauth/token");
    let callback = world.consent(&world.amara, AMARA, false).await;
    assert!(matches!(world.zoom.finish(&world.amara, callback).await, Err(ConnectError::Denied)));
    assert_eq!(world.connection().await, None);
    assert_eq!(world.counted().await, 0);
}

#[tokio::test]
async fn an_answer_without_a_state_or_with_a_made_up_one_is_refused_without_a_call() {
    let world = World::new().await;
    world.count("* /oauth/*");
    let real = world.consent(&world.amara, AMARA, true).await;
    let made_up = Token::from_random([9; 32]).text().expose().to_owned();
    let upper = real.state.as_ref().map(|state| state.to_uppercase());
    for state in [None, Some(String::new()), Some("x".repeat(43)), Some(made_up), upper] {
        let callback = Callback { state, ..real.clone() };
        let refused = world.zoom.finish(&world.amara, callback).await;
        assert!(matches!(refused, Err(ConnectError::UnknownState)), "{refused:?}");
    }
    assert_eq!(world.counted().await, 0);
    assert!(world.zoom.finish(&world.amara, real).await.is_ok(), "the attempt itself is not used up");
}

#[tokio::test]
async fn an_answer_is_taken_once() {
    let world = World::new().await;
    let callback = world.consent(&world.amara, AMARA, true).await;
    let first = world.zoom.finish(&world.amara, callback.clone()).await.unwrap();
    world.count("* /oauth/token");
    let again = world.zoom.finish(&world.amara, callback).await;
    assert!(matches!(again, Err(ConnectError::AlreadyUsed)));
    assert_eq!(world.counted().await, 0);
    assert_eq!(world.connection().await, Some(first.connection));
}

#[tokio::test]
async fn an_answer_is_taken_once_even_if_it_comes_twice_at_the_same_moment() {
    let world = World::new().await;
    let callback = world.consent(&world.amara, AMARA, true).await;
    let other = world.other_instance().await;
    let (one, two) =
        tokio::join!(world.zoom.finish(&world.amara, callback.clone()), other.finish(&world.amara, callback));
    let (won, lost) = if one.is_ok() { (one, two) } else { (two, one) };
    assert!(won.is_ok());
    assert!(matches!(lost, Err(ConnectError::AlreadyUsed)));
}

#[tokio::test]
async fn an_attempt_lives_ten_minutes() {
    let world = World::new().await;
    // Zoom's own code lives five; so only the error tells the two apart.
    let on_time = world.consent(&world.amara, AMARA, true).await;
    world.clock.advance(Duration::from_secs(599));
    assert!(matches!(world.zoom.finish(&world.amara, on_time).await, Err(ConnectError::ZoomRefused)));
    let late = world.consent(&world.amara, AMARA, true).await;
    world.clock.advance(FLOW_LIVES);
    assert!(matches!(world.zoom.finish(&world.amara, late).await, Err(ConnectError::Expired)));
}

#[tokio::test]
async fn another_browser_cannot_finish_an_attempt() {
    let world = World::new().await;
    let callback = world.consent(&world.amara, AMARA, true).await;
    let other = Session { token_hash: [5; 32], ..world.amara.clone() };
    let refused = world.zoom.finish(&other, callback.clone()).await;
    assert!(matches!(refused, Err(ConnectError::OtherBrowser)));
    assert!(world.zoom.finish(&world.amara, callback).await.is_ok(), "whose attempt it is still can");
}

#[tokio::test]
async fn another_member_of_the_staff_cannot_finish_an_attempt() {
    let world = World::new().await;
    let colleague = world.colleague().await;
    let callback = world.consent(&world.amara, AMARA, true).await;
    for session in [colleague.clone(), Session { token_hash: world.amara.token_hash, ..colleague }] {
        let refused = world.zoom.finish(&session, callback.clone()).await;
        assert!(matches!(refused, Err(ConnectError::OtherBrowser)));
    }
}

#[tokio::test]
async fn permissions_that_were_unticked_are_named_and_nothing_is_kept() {
    let world = World::with(|config| {
        config.scopes.retain(|scope| scope != "meeting:read:list_past_participants");
    })
    .await;
    let Err(ConnectError::MissingScopes(missing)) = world.connect(&world.amara, AMARA).await else {
        panic!("taken")
    };
    assert_eq!(
        missing.iter().map(|need| need.name).collect::<Vec<_>>(),
        ["meeting:read:list_past_participants"]
    );
    assert_eq!(world.connection().await, None);
    assert!(world.meetings().is_empty());
}

#[tokio::test]
async fn a_connection_that_stands_needs_reconnecting_when_consent_is_repeated_with_less() {
    let world =
        World::with(|config| config.optional_scopes = vec!["meeting:update:meeting".to_owned()]).await;
    world.connected().await;
    let session = &world.amara;
    let url = world.zoom.begin(session.clinic_id, session.staff_id, session.token_hash).await.unwrap();
    let query = format!("{}&scopes_shown=1", url.query().unwrap());
    let back = url::Url::parse(&world.sim.consent(&query, AMARA, true).unwrap()).unwrap();
    let get =
        |name: &str| back.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let callback = Callback { code: get("code"), state: get("state"), error: None };
    let refused = world.zoom.finish(session, callback).await;
    assert!(matches!(refused, Err(ConnectError::MissingScopes(_))), "{refused:?}");
    let connection = world.connection().await.unwrap();
    assert_eq!(connection.state, ConnectionState::NeedsReconnect);
    assert_eq!(connection.trouble.as_deref(), Some(Trouble::MissingScopes.as_str()));
    assert!(world.connect(session, AMARA).await.is_ok(), "and reconnecting mends it");
}

#[tokio::test]
async fn a_zoom_user_of_another_clinic_is_refused_and_stays_connected_there() {
    let world = World::new().await;
    let theirs = world.connected().await;
    let elsewhere = world.elsewhere().await;
    let refused = world.connect(&elsewhere, AMARA).await;
    assert!(matches!(refused, Err(ConnectError::ConnectedElsewhere)), "{refused:?}");
    assert_eq!(world.connection_of(&elsewhere).await, None);
    // The consent killed the tokens of the connection that stands; it was given the new ones.
    let token = world.zoom.access_token(theirs.clinic_id, theirs.id).await.unwrap();
    assert_eq!(world.zoom.0.api.me(&token).await.unwrap().id, AMARA);
    world.clock.advance(Duration::from_hours(2));
    assert!(world.zoom.access_token(theirs.clinic_id, theirs.id).await.is_ok());
}

#[tokio::test]
async fn a_colleagues_zoom_user_is_refused_and_stays_connected_for_them() {
    let world = World::new().await;
    let theirs = world.connected().await;
    let colleague = world.colleague().await;
    let refused = world.connect(&colleague, AMARA).await;
    assert!(matches!(refused, Err(ConnectError::ConnectedToColleague)), "{refused:?}");
    world.clock.advance(Duration::from_hours(2));
    assert!(world.zoom.access_token(theirs.clinic_id, theirs.id).await.is_ok());
    assert!(world.connect(&colleague, JONAS).await.is_ok());
}

#[tokio::test]
async fn connecting_again_keeps_the_connection_and_the_room() {
    let world = World::new().await;
    let first = world.connect(&world.amara, AMARA).await.unwrap();
    world.clock.advance(Duration::from_hours(1));
    let second = world.connect(&world.amara, AMARA).await.unwrap();
    assert_eq!(first.connection.id, second.connection.id);
    assert_eq!(first.connection.created_at, second.connection.created_at);
    let (RoomOutcome::Ready(one), RoomOutcome::Ready(two)) = (first.room, second.room) else {
        panic!("no room")
    };
    assert_eq!(one.room.id, two.room.id);
    assert_eq!(one.room.meeting_number, two.room.meeting_number);
    assert_eq!(two.how, crate::How::Kept);
    assert_eq!(world.meetings().len(), 1);
}

#[tokio::test]
async fn another_zoom_user_takes_over_only_after_disconnecting_and_gets_a_room_of_its_own() {
    let world = World::new().await;
    let first = world.connect(&world.amara, AMARA).await.unwrap();
    let refused = world.connect(&world.amara, JONAS).await;
    assert!(matches!(refused, Err(ConnectError::OtherZoomUser)), "{refused:?}");
    let first = first.connection;
    assert!(world.zoom.access_token(first.clinic_id, first.id).await.is_ok(), "nothing happened to it");
    let before = world.zoom.room_page(first.clinic_id, first.staff_id).await.unwrap().room.unwrap();

    world.zoom.disconnect(first.clinic_id, first.staff_id).await.unwrap();
    let second = world.connect(&world.amara, JONAS).await.unwrap();
    assert_ne!(second.connection.id, first.id);
    let RoomOutcome::Ready(provisioned) = second.room else { panic!("no room") };
    assert_eq!(provisioned.how, crate::How::Replaced);
    assert_eq!(provisioned.room.id, before.id, "links lead on");
    assert_ne!(provisioned.room.meeting_number, before.meeting_number);
    assert_eq!(provisioned.room.zoom_user_id, JONAS);
}

#[tokio::test]
async fn a_zoom_that_is_down_is_said_to_be_and_nothing_is_kept() {
    for route in ["POST /oauth/token", "GET /v2/users/me"] {
        let world = World::new().await;
        world.sim.fault(Fault { route: route.to_owned(), status: Some(503), ..Fault::default() });
        let refused = world.connect(&world.amara, AMARA).await;
        assert!(matches!(refused, Err(ConnectError::ZoomUnavailable)), "{route}: {refused:?}");
        assert_eq!(world.connection().await, None);
        world.sim.clear_faults();
        assert!(world.connect(&world.amara, AMARA).await.is_ok());
    }
}

#[tokio::test]
async fn one_lost_answer_about_the_user_does_not_cost_the_consent() {
    let world = World::new().await;
    world.sim.fault(Fault { route: "GET /v2/users/me".to_owned(), cut: true, count: 1, ..Fault::default() });
    assert!(world.connect(&world.amara, AMARA).await.is_ok());
}

#[tokio::test]
async fn a_wrong_client_secret_is_the_operators_affair() {
    let world = World::new().await;
    world.sim.fault(Fault { route: "POST /oauth/token".to_owned(), status: Some(401), ..Fault::default() });
    assert!(matches!(world.connect(&world.amara, AMARA).await, Err(ConnectError::Misconfigured)));
}

#[tokio::test]
async fn no_secret_stands_in_clear_in_the_database() {
    let world = World::new().await;
    let session = &world.amara;
    let url = world.zoom.begin(session.clinic_id, session.staff_id, session.token_hash).await.unwrap();
    let state = url.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
    let state = Token::parse(&state).unwrap();
    let flow = world.store.read().await.unwrap().oauth_flow(state.hash().as_bytes()).await.unwrap().unwrap();
    let verifier = world.zoom.open_verifier(&flow).unwrap();
    world.connected().await;
    let (access, refresh) = world.kept().await.unwrap();
    let page = world.zoom.room_page(session.clinic_id, session.staff_id).await.unwrap();
    let join_url = page.guest_link.unwrap();
    for secret in [&verifier, &access, &refresh, &join_url, &state.text()] {
        assert!(secret.expose().len() >= 20);
        assert!(!world.on_disk(secret.expose().as_bytes()));
    }
    assert!(world.on_disk(AMARA.as_bytes()), "the search itself works");
}

#[tokio::test]
async fn connecting_again_after_trouble_ends_what_is_told_of_it_and_the_room_is_looked_at() {
    let world = World::new().await;
    let connection = world.connected().await;
    let (clinic, staff) = (connection.clinic_id, connection.staff_id);
    world.sim.change_password(AMARA).unwrap();
    world.clock.advance(Duration::from_hours(1));
    assert!(world.zoom.access_token(clinic, connection.id).await.is_err());
    let lasting = || async { world.store.read().await.unwrap().alerts_lasting(clinic).await.unwrap() };
    let told = lasting().await;
    assert_eq!(told.iter().map(|alert| alert.kind).collect::<Vec<_>>(), [AlertKind::Reconnect]);
    assert_eq!(told[0].staff_id, staff);
    let off = serde_json::json!({ "settings": { "waiting_room": false } });
    world.sim.change_meeting(world.meetings()[0].number, &off).unwrap();
    assert!(world.connect(&world.amara, AMARA).await.is_ok());
    assert_eq!(lasting().await, []);
    assert!(world.meetings()[0].waiting_room, "and the room was looked at");
}

#[tokio::test]
async fn a_consent_whose_answer_is_lost_is_noticed_within_minutes() {
    let world = World::new().await;
    let connection = world.connected().await;
    world.clock.advance(Duration::from_mins(1));
    let callback = world.consent(&world.amara, AMARA, true).await;
    world.sim.fault(Fault {
        route: "POST /oauth/token".to_owned(),
        cut: true,
        after: true,
        count: 1,
        ..Fault::default()
    });
    let refused = world.zoom.finish(&world.amara, callback).await;
    assert!(matches!(refused, Err(ConnectError::ZoomUnavailable)), "{refused:?}");
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::Connected, "nobody knows yet");
    world.clock.advance(Duration::from_mins(2));
    let round = world.zoom.refresh_due().await.unwrap();
    assert_eq!((round.renewed, round.broken), (0, 1));
    assert_eq!(world.connection().await.unwrap().state, ConnectionState::NeedsReconnect);
    assert!(world.connect(&world.amara, AMARA).await.is_ok());
    assert!(world.zoom.access_token(connection.clinic_id, connection.id).await.is_ok());
}
