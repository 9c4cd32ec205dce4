use store::{StoreError, ports::access::Session, testing::Engine};

use crate::{
    once,
    world::{NOW, World, at},
};

crate::on_both_engines! {
    what_lets_people_in_comes_back_as_it_went_in,
    a_new_password_replaces_the_old_one,
    a_sign_in_link_works_once_and_not_after_its_time,
    an_oauth_flow_takes_one_answer,
    a_session_is_touched_forwards_and_ended,
    sessions_that_are_idle_or_old_are_purged_with_expired_links_and_flows,
    an_api_token_opens_nothing_once_it_is_ended,
    a_secrets_hash_is_taken_once,
}

async fn what_lets_people_in_comes_back_as_it_went_in(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.session(&world.session.token_hash).await.unwrap(), Some(world.session));
    assert_eq!(tx.sign_in_link(&world.sign_in_link.token_hash).await.unwrap(), Some(world.sign_in_link));
    assert_eq!(tx.api_token(&world.api_token.token_hash).await.unwrap(), Some(world.api_token));
    assert_eq!(tx.oauth_flow(&world.flow.state_hash).await.unwrap(), Some(world.flow));
    assert_eq!(tx.session(&[0; 32]).await.unwrap(), None);
    assert_eq!(tx.sign_in_link(&[0; 32]).await.unwrap(), None);
    assert_eq!(tx.api_token(&[0; 32]).await.unwrap(), None);
    assert_eq!(tx.oauth_flow(&[0; 32]).await.unwrap(), None);
}

async fn a_new_password_replaces_the_old_one(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    once!(engine.store, tx => tx.set_password(world.clinic, world.host.id, "$new", at(1))).unwrap();
    let mut tx = engine.store.read().await.unwrap();
    assert_eq!(tx.password(world.clinic, world.host.id).await.unwrap().as_deref(), Some("$new"));
    assert_eq!(tx.password(world.clinic, world.colleague.id).await.unwrap(), None);
}

async fn a_sign_in_link_works_once_and_not_after_its_time(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut late = world.sign_in_link.clone();
    late.token_hash = [7; 32];
    once!(engine.store, tx => tx.insert_sign_in_link(&late)).unwrap();
    let mut tx = engine.store.begin().await.unwrap();
    let token = &world.sign_in_link.token_hash;
    assert!(tx.use_sign_in_link(world.clinic, token, at(1)).await.unwrap());
    assert!(!tx.use_sign_in_link(world.clinic, token, at(2)).await.unwrap());
    assert_eq!(tx.sign_in_link(token).await.unwrap().unwrap().used_at, Some(at(1)));
    assert!(!tx.use_sign_in_link(world.clinic, &late.token_hash, late.expires_at).await.unwrap());
    assert!(!tx.use_sign_in_link(world.clinic, &[0; 32], at(1)).await.unwrap());
}

async fn an_oauth_flow_takes_one_answer(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.begin().await.unwrap();
    assert!(tx.use_oauth_flow(world.clinic, &world.flow.state_hash, at(1)).await.unwrap());
    assert!(!tx.use_oauth_flow(world.clinic, &world.flow.state_hash, at(2)).await.unwrap());
    assert_eq!(tx.oauth_flow(&world.flow.state_hash).await.unwrap().unwrap().used_at, Some(at(1)));
    assert!(!tx.use_oauth_flow(world.clinic, &[0; 32], at(1)).await.unwrap());
}

async fn a_session_is_touched_forwards_and_ended(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let token = &world.session.token_hash;
    let other = Session { token_hash: [1; 32], ..world.session.clone() };
    let theirs = Session { token_hash: [2; 32], staff_id: world.colleague.id, ..world.session.clone() };
    let mut tx = engine.store.begin().await.unwrap();
    tx.insert_session(&other).await.unwrap();
    tx.insert_session(&theirs).await.unwrap();
    tx.touch_session(world.clinic, token, at(60)).await.unwrap();
    tx.touch_session(world.clinic, token, at(30)).await.unwrap();
    assert_eq!(tx.session(token).await.unwrap().unwrap().seen_at, at(60));
    assert_eq!(tx.session(&other.token_hash).await.unwrap().unwrap().seen_at, NOW);
    tx.end_session(world.clinic, token).await.unwrap();
    assert_eq!(tx.session(token).await.unwrap(), None);
    assert_eq!(tx.end_sessions_of(world.clinic, world.host.id).await.unwrap(), 1);
    assert_eq!(tx.session(&other.token_hash).await.unwrap(), None);
    assert!(tx.session(&theirs.token_hash).await.unwrap().is_some());
}

async fn sessions_that_are_idle_or_old_are_purged_with_expired_links_and_flows(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let session = |token: u8, created, seen| Session {
        token_hash: [token; 32],
        created_at: at(created),
        seen_at: at(seen),
        ..world.session.clone()
    };
    let mut tx = engine.store.begin().await.unwrap();
    for session in [session(1, 0, 100), session(2, 50, 60), session(3, -50, 200), session(4, 50, 100)] {
        tx.insert_session(&session).await.unwrap();
    }
    tx.purge_access(at(70), at(0)).await.unwrap();
    let mut left = Vec::new();
    for token in 1..=4 {
        left.extend(tx.session(&[token; 32]).await.unwrap().map(|session| session.token_hash[0]));
    }
    assert_eq!(left, [1, 4], "neither the idle one nor the old one");
    assert!(tx.sign_in_link(&world.sign_in_link.token_hash).await.unwrap().is_some());
    assert!(tx.oauth_flow(&world.flow.state_hash).await.unwrap().is_none());
    tx.purge_access(at(3601), at(0)).await.unwrap();
    assert!(tx.sign_in_link(&world.sign_in_link.token_hash).await.unwrap().is_none());
}

async fn an_api_token_opens_nothing_once_it_is_ended(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let mut tx = engine.store.begin().await.unwrap();
    assert!(tx.revoke_api_token(world.clinic, world.api_token.id, at(1)).await.unwrap());
    assert!(!tx.revoke_api_token(world.clinic, world.api_token.id, at(2)).await.unwrap());
    assert_eq!(tx.api_token(&world.api_token.token_hash).await.unwrap(), None);
}

async fn a_secrets_hash_is_taken_once(engine: Engine) {
    let world = World::put(&*engine.store, 1).await;
    let again = once!(engine.store, tx => tx.insert_session(&world.session));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let again = once!(engine.store, tx => tx.insert_oauth_flow(&world.flow));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    let again = once!(engine.store, tx => tx.insert_sign_in_link(&world.sign_in_link));
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}
