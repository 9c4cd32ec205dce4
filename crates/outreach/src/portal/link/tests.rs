use std::time::Duration;

use super::*;
use crate::testing::{World, token_in};

fn rosa() -> ExternalId {
    ExternalId::parse("P-1").unwrap()
}

fn desk(world: &World) -> StaffOrToken {
    StaffOrToken::Staff(world.host)
}

async fn link_of(world: &World) -> Option<String> {
    let link = world.outreach.portal_link(world.clinic, &rosa()).await.unwrap();
    link.map(|link| token_in(&link))
}

async fn renew(world: &World) -> String {
    token_in(&world.outreach.renew_portal_link(world.clinic, &rosa(), desk(world)).await.unwrap())
}

async fn revoke(world: &World) {
    world.outreach.revoke_portal_link(world.clinic, &rosa(), desk(world)).await.unwrap();
}

async fn leads_nowhere(world: &World, token: &str) -> bool {
    matches!(world.outreach.portal(token).await, Err(LinkError::Unknown))
}

async fn now(world: &World) -> PortalLink {
    world.outreach.portal_link_now(world.clinic, &rosa()).await.unwrap()
}

#[tokio::test]
async fn a_renewed_portal_link_ends_the_old_one_at_once_and_nothing_else() {
    let world = World::new().await;
    let booked = world.booked().await;
    let visit = world.token(&booked).await;
    let old = link_of(&world).await.unwrap();
    let new = renew(&world).await;
    assert_ne!(old, new);
    assert!(leads_nowhere(&world, &old).await);
    assert_eq!(world.outreach.portal(&new).await.unwrap().visits.len(), 1);
    assert_eq!(link_of(&world).await, Some(new), "whoever asks is told the new one");
    assert!(world.outreach.visit(&visit).await.is_ok(), "the link of the visit stays");
}

#[tokio::test]
async fn a_revoked_portal_link_is_not_made_again_by_asking_but_by_renewing() {
    let world = World::new().await;
    let booked = world.booked().await;
    let visit = world.token(&booked).await;
    let old = link_of(&world).await.unwrap();
    revoke(&world).await;
    let since = world.ambient.now();
    world.clock.advance(Duration::from_mins(1));
    revoke(&world).await;
    assert!(leads_nowhere(&world, &old).await);
    for _ in 0..3 {
        assert_eq!(link_of(&world).await, None);
    }
    assert!(
        matches!(now(&world).await, PortalLink::Revoked { since: at } if at == since),
        "the first time counts"
    );
    assert!(world.outreach.visit(&visit).await.is_ok(), "the link of the visit stays");

    let new = renew(&world).await;
    assert!(leads_nowhere(&world, &old).await && !leads_nowhere(&world, &new).await);
    assert_eq!(link_of(&world).await, Some(new));
}

#[tokio::test]
async fn a_link_can_be_revoked_before_anybody_has_asked_for_it() {
    let world = World::new().await;
    world.booked().await;
    assert!(matches!(now(&world).await, PortalLink::None));
    revoke(&world).await;
    assert_eq!(link_of(&world).await, None);
}

#[tokio::test]
async fn asking_how_the_link_stands_makes_none() {
    let world = World::new().await;
    world.booked().await;
    for _ in 0..2 {
        assert!(matches!(now(&world).await, PortalLink::None));
    }
    let made = link_of(&world).await.unwrap();
    assert!(matches!(now(&world).await, PortalLink::Standing { url, .. } if token_in(&url) == made));
}

#[tokio::test]
async fn nobody_of_another_clinic_and_nobody_unknown_has_a_link_to_renew_or_revoke() {
    let world = World::new().await;
    world.booked().await;
    let own = link_of(&world).await.unwrap();
    let stranger = ExternalId::parse("P-9").unwrap();
    for (clinic, person) in [(world.other_clinic().await, rosa()), (world.clinic, stranger)] {
        let renewed = world.outreach.renew_portal_link(clinic, &person, desk(&world)).await;
        assert!(matches!(renewed, Err(LinkError::Unknown)));
        let revoked = world.outreach.revoke_portal_link(clinic, &person, desk(&world)).await;
        assert!(matches!(revoked, Err(LinkError::Unknown)));
        let seen = world.outreach.portal_link_now(clinic, &person).await;
        assert!(matches!(seen, Err(LinkError::Unknown)));
    }
    assert!(!leads_nowhere(&world, &own).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_asks_while_the_link_is_revoked_brings_none_back() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::bare(engine).await;
        world.booked().await;
        let mut under_way = tokio::task::JoinSet::new();
        for asks in 0..4 {
            let (outreach, clinic, by) = (world.other_instance().await, world.clinic, desk(&world));
            under_way.spawn(async move {
                if asks == 2 {
                    outreach.revoke_portal_link(clinic, &rosa(), by).await.unwrap();
                } else {
                    outreach.portal_link(clinic, &rosa()).await.unwrap();
                }
            });
        }
        under_way.join_all().await;
        assert_eq!(link_of(&world).await, None, "{name}");
    }
}
