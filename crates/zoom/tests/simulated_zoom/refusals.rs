//! What Zoom refuses, and for how long.

use zoom::RetryAfter;
use zoom::api::{ApiError, NewMeeting, Plan};
use zoom::oauth::missing_scopes;

use crate::world::{AMARA, MORNING, NADIA, Zoom};

#[tokio::test]
async fn refusals_have_their_outcomes() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    let unknown = zoom.api.meeting(&tokens.access, 10_000_000_001).await.unwrap_err();
    assert_eq!(unknown, ApiError::NotFound { code: 3001 });
    let not_running = zoom.api.end_meeting(&tokens.access, room.number).await.unwrap_err();
    assert_eq!(not_running, ApiError::NotAllowed { code: 3063 });
    zoom.sim.delete_meeting(room.number).unwrap();
    let deleted = zoom.api.meeting(&tokens.access, room.number).await.unwrap_err();
    assert_eq!(deleted, ApiError::NotFound { code: 3001 });
    zoom.advance(3600).await;
    assert_eq!(zoom.api.me(&tokens.access).await.unwrap_err(), ApiError::AccessTokenDead);
    let renewed = zoom.oauth.refresh(&tokens.refresh).await.unwrap();
    let again =
        zoom.api.create_meeting(&renewed.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    zoom.api.delete_meeting(&renewed.access, again.number).await.unwrap();
    assert!(zoom.api.meeting(&renewed.access, again.number).await.is_err());
}

#[tokio::test]
async fn a_permission_that_was_not_granted_is_named() {
    let zoom = Zoom::start_with(|config| {
        config.scopes.retain(|scope| scope != "meeting:write:meeting");
    })
    .await;
    let tokens = zoom.connect(AMARA).await;
    let missing: Vec<&str> = missing_scopes(&tokens.scopes).iter().map(|need| need.name).collect();
    assert_eq!(missing, ["meeting:write:meeting"]);
    let error = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("V", "m")).await.unwrap_err();
    let ApiError::MissingScope(named) = error else { panic!("{error:?}") };
    assert!(named.contains("meeting:write:meeting"), "{named}");
}

#[tokio::test]
async fn the_free_plan_has_no_record_of_participants() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(NADIA).await;
    assert_eq!(zoom.api.me(&tokens.access).await.unwrap().plan, Plan::Basic);
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    zoom.sim.start(room.number).unwrap();
    zoom.sim.end(room.number).unwrap();
    zoom.advance(3_000).await;
    let instances = zoom.api.past_instances(&tokens.access, room.number).await.unwrap();
    let uuid = &instances.items[0].uuid;
    let record = zoom.api.past_participants(&tokens.access, uuid, None).await.unwrap_err();
    assert_eq!(record, ApiError::NotAllowed { code: 200 });
}

#[tokio::test]
async fn the_daily_limit_says_until_when() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    zoom.sim.knobs(|knobs| knobs.daily_limit = Some(2));
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        outcomes.push(zoom.api.me(&tokens.access).await.map(|me| me.id));
    }
    // 2026-11-24T00:00:00Z, ten hours after the morning of this test.
    let midnight = MORNING + 10 * 3_600 * 1_000_000;
    let limited = ApiError::RateLimited { retry: Some(RetryAfter::At(midnight)), daily: true };
    assert_eq!(outcomes.last(), Some(&Err(limited)), "{outcomes:?}");
}
