use crate::testing::{World, token_in};

use super::*;

#[tokio::test]
async fn a_staff_members_link_is_minted_once_and_stays() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let first = world.outreach.room_link(world.clinic, world.host).await.unwrap();
        let again = world.outreach.room_link(world.clinic, world.host).await.unwrap();
        assert_eq!(first.expose(), again.expose());
        assert!(first.expose().starts_with("https://anteroom.example/h/"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asked_for_at_the_same_moment_it_is_one_link() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::bare(engine).await;
        let mut attempts = Vec::new();
        for _ in 0..4 {
            let (outreach, clinic, host) = (world.other_instance().await, world.clinic, world.host);
            attempts.push(tokio::spawn(async move { outreach.room_link(clinic, host).await }));
        }
        let mut all = std::collections::HashSet::new();
        for attempt in attempts {
            all.insert(attempt.await.unwrap().unwrap().expose().to_owned());
        }
        assert_eq!(all.len(), 1, "{name}");
    }
}

#[tokio::test]
async fn links_of_many_appointments_come_in_one_go_and_missing_ones_are_minted() {
    let world = World::new().await;
    let mut appointments = Vec::new();
    for i in 0..5 {
        let mut booking = world.booking();
        booking.external_id = Some(domain::text::ExternalId::parse(&format!("A-{i}")).unwrap());
        appointments.push(world.outreach.book(world.clinic, &booking).await.unwrap().appointment);
    }
    let token = world.token(&appointments[2]).await;
    let mut tx = world.store.begin().await.unwrap();
    let link = tx.link(Token::parse(&token).unwrap().hash().as_bytes()).await.unwrap().unwrap();
    tx.revoke_link(world.clinic, link.id, world.ambient.now()).await.unwrap();
    tx.commit().await.unwrap();
    let all = world.outreach.links_of_all(world.clinic, &appointments).await.unwrap();
    assert_eq!(all.len(), 5);
    let fresh = token_in(&all[&appointments[2].id].attendees[0].url);
    assert_ne!(fresh, token, "a revoked link is replaced");
    assert!(matches!(world.outreach.visit(&token).await, Err(LinkError::Unknown)));
    assert!(world.outreach.visit(&fresh).await.is_ok());
    assert!(world.outreach.links_of_all(world.clinic, &[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_link_sealed_for_another_row_does_not_open() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let mut tx = world.store.read().await.unwrap();
    let links = tx.links_of(world.clinic, appointment.id).await.unwrap();
    drop(tx);
    let swapped = Link { token_sealed: links[1].token_sealed.clone(), ..links[0].clone() };
    assert!(matches!(world.outreach.url(&swapped), Err(LinkError::Open(_))));
}

#[tokio::test]
async fn links_do_not_show_in_debug_output_nor_in_the_database() {
    let world = World::new().await;
    let appointment = world.booked().await;
    let links = world.outreach.links(world.clinic, &appointment).await.unwrap();
    let token = token_in(&links.attendees[0].url);
    assert!(!format!("{links:?}").contains(&token));
    let path = world.engine.url.strip_prefix("sqlite://").unwrap();
    let folder = std::path::Path::new(path).parent().unwrap();
    let holds = |what: &[u8]| {
        std::fs::read_dir(folder).unwrap().any(|file| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes.windows(what.len()).any(|window| window == what)
        })
    };
    assert!(!holds(token.as_bytes()));
    assert!(!holds(crate::testing::JOIN_URL.as_bytes()));
    assert!(holds(b"Rosa Delgado"), "the search itself works");
}
