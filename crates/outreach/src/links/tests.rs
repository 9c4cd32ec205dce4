use crate::{
    Booking, To,
    content::Content,
    hand_out::tests::{
        all_sent, booked, messages, outbox, person, reachable, sending, set, wall, with_sending,
    },
    testing::{World, token_in},
};
use domain::{
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
    staff::Role,
};

use store::ports::messages::NewMessage;

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

#[tokio::test]
async fn a_renewed_link_replaces_the_old_one_which_answers_as_if_it_had_never_been() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        world.give_room(world.host, crate::testing::NUMBER, crate::testing::JOIN_URL).await;
        let appointment = booked(&world).await;
        let before = world.outreach.links(world.clinic, &appointment).await.unwrap();
        let (rosa, luis) = (appointment.attendees[0].id, appointment.attendees[1].id);
        let by = person(&world);
        let after = world.outreach.reissue(world.clinic, &appointment, To::Attendee(rosa), by).await.unwrap();
        let (old, new) = (&before.of(rosa).unwrap().url, &after.of(rosa).unwrap().url);
        assert_ne!(old.expose(), new.expose());
        assert_eq!(before.of(luis).unwrap().url.expose(), after.of(luis).unwrap().url.expose());
        assert_eq!(before.host.expose(), after.host.expose());
        assert!(matches!(world.outreach.visit(&token_in(old)).await, Err(LinkError::Unknown)));
        assert!(world.outreach.visit(&token_in(new)).await.is_ok());

        let staff = world.outreach.reissue(world.clinic, &appointment, To::Staff, by).await.unwrap();
        assert_eq!(staff.of(rosa).unwrap().url.expose(), new.expose());
        let old = world.outreach.host_way(&token_in(&before.host)).await;
        assert!(matches!(old, Err(LinkError::Unknown)));
        assert_eq!(world.outreach.host_way(&token_in(&staff.host)).await.unwrap().staff, world.host);

        let all = world.outreach.reissue(world.clinic, &appointment, To::Patients, by).await.unwrap();
        for attendee in [rosa, luis] {
            assert_ne!(all.of(attendee).unwrap().url.expose(), staff.of(attendee).unwrap().url.expose());
        }
        let nobody = To::Attendee(world.ambient.id());
        let unknown = world.outreach.reissue(world.clinic, &appointment, nobody, by).await;
        assert!(matches!(unknown, Err(LinkError::Unknown)));
    }
}

#[tokio::test]
async fn what_waits_with_the_old_link_is_never_sent() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let by = person(&world);
    for to in [To::Patients, To::Staff] {
        world.outreach.hand_out(world.clinic, &appointment, to, Channel::Email, by).await.unwrap();
    }
    let rosa = appointment.attendees[0].id;
    world.outreach.reissue(world.clinic, &appointment, To::Attendee(rosa), by).await.unwrap();
    let withdrawn: Vec<_> = messages(&world, &appointment)
        .await
        .into_iter()
        .filter(|message| message.state == MessageState::Withdrawn)
        .collect();
    assert_eq!(withdrawn.len(), 1);
    assert_eq!(withdrawn[0].to.attendee(), Some(rosa));
    assert_eq!(withdrawn[0].reason.as_deref(), Some("link_renewed"));
    world.outreach.reissue(world.clinic, &appointment, To::Staff, by).await.unwrap();
    assert_eq!(outbox(&world).await.len(), 1, "Luis's alone");
}

#[tokio::test]
async fn lasting_links_are_renewed_likewise() {
    for engine in store::testing::engines().await {
        let world = World::bare(engine).await;
        let (clinic, host, outreach) = (world.clinic, world.host, &world.outreach);
        let first = outreach.reissue_room_link(clinic, host).await.unwrap();
        assert_eq!(outreach.room_link(clinic, host).await.unwrap().expose(), first.expose());
        let second = outreach.reissue_room_link(clinic, host).await.unwrap();
        assert_eq!(outreach.room_link(clinic, host).await.unwrap().expose(), second.expose());
        assert_ne!(first.expose(), second.expose());
        let guests = outreach.guest_link(clinic, host).await.unwrap();
        let renewed = outreach.reissue_guest_link(clinic, host).await.unwrap();
        assert_ne!(guests.expose(), renewed.expose());
        let dead = outreach.guest_visit(&token_in(&guests)).await;
        assert!(matches!(dead, Err(LinkError::Unknown)));
        assert!(outreach.guest_visit(&token_in(&renewed)).await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn renewed_by_two_at_the_same_moment_there_is_one_link_that_works() {
    for engine in store::testing::engines().await {
        let name = engine.name;
        let world = World::bare(engine).await;
        let appointment = booked(&world).await;
        let by = person(&world);
        let mut attempts = Vec::new();
        for _ in 0..3 {
            let (outreach, clinic, appointment) =
                (world.other_instance().await, world.clinic, appointment.clone());
            attempts.push(tokio::spawn(async move {
                outreach.reissue(clinic, &appointment, To::Patients, by).await
            }));
        }
        let mut tokens = Vec::new();
        for attempt in attempts {
            tokens.push(token_in(&attempt.await.unwrap().unwrap().attendees[0].url));
        }
        let now = world.token(&appointment).await;
        assert!(tokens.contains(&now), "{name}");
        for token in tokens {
            assert_eq!(world.outreach.visit(&token).await.is_ok(), token == now, "{name}");
        }
    }
}

#[tokio::test]
async fn moved_in_time_or_given_to_another_host_every_link_stays_and_leads_to_where_it_is_now() {
    let world = World::new().await;
    let appointment = booked(&world).await;
    let before = world.outreach.links(world.clinic, &appointment).await.unwrap();
    let colleague = world.staff("Jonas Berg", &[Role::Staff]).await;
    world.give_room(colleague, 91_110_002_222, "https://us02web.zoom.us/j/91110002222?pwd=zzz").await;
    let moved = Booking {
        starts_at: appointment.starts_at.plus(std::time::Duration::from_mins(20)),
        ..Booking::from(&appointment)
    };
    let moved = world.outreach.book(world.clinic, &moved).await.unwrap().appointment;
    let given = world.outreach.set_host(world.clinic, &moved, colleague).await.unwrap().appointment;
    let after = world.outreach.links(world.clinic, &given).await.unwrap();
    assert_eq!(after.host.expose(), before.host.expose());
    for link in &before.attendees {
        assert_eq!(after.of(link.attendee).unwrap().url.expose(), link.url.expose());
    }
    let way = world.outreach.host_way(&token_in(&before.host)).await.unwrap();
    assert_eq!(way.staff, colleague);
    assert_eq!(world.outreach.visit(&token_in(&before.attendees[0].url)).await.unwrap().host.id, colleague);
}

#[tokio::test]
async fn news_that_waits_goes_out_with_the_renewed_link_when_it_would_have() {
    for engine in store::testing::engines().await {
        let world = with_sending(World::bare(engine).await);
        set(&world, |settings| settings.send_when_booked = true).await;
        // In quiet hours, of a visit in two days.
        world.clock.advance(wall(22, 0).since(world.ambient.now()));
        let booking = Booking {
            starts_at: wall(48 + 10, 0),
            ends_at: wall(48 + 11, 0),
            attendees: vec![reachable("p-1", "Rosa Delgado")],
            ..world.booking()
        };
        let appointment = world.outreach.book(world.clinic, &booking).await.unwrap().appointment;
        let by = person(&world);
        let (rosa, once) = (appointment.attendees[0].id, Some("reminder".to_owned()));
        let about = world.store.read().await.unwrap().messages_of_all(world.clinic, &[appointment.id]).await;
        let like = about.unwrap().remove(0);
        let reminder = Message {
            id: world.ambient.id(),
            occasion: Occasion::Reminder,
            to: Recipient::Attendee(appointment.id, rosa),
            ..like
        };
        let mut tx = world.store.begin().await.unwrap();
        let new = NewMessage { message: reminder, content_sealed: Some(vec![1]), once };
        assert!(tx.insert_message(&new).await.unwrap());
        tx.commit().await.unwrap();
        for _ in 0..2 {
            world.outreach.reissue(world.clinic, &appointment, To::Patients, by).await.unwrap();
        }
        let new = world.outreach.links(world.clinic, &appointment).await.unwrap();
        let waiting = outbox(&world).await;
        let mut occasions: Vec<_> = waiting.iter().map(|(message, _)| message.occasion).collect();
        occasions.sort_unstable();
        assert_eq!(occasions, [Occasion::Booked, Occasion::Booked, Occasion::Reminder]);
        for (message, content) in &waiting {
            let text = match content {
                Content::Email(mail) => &mail.text,
                Content::Sms(text) => &text.text,
            };
            assert!(text.contains(new.of(rosa).unwrap().url.expose()));
            assert_eq!(message.due_at, wall(24 + 8, 0), "not before quiet hours end");
        }
    }
}

#[tokio::test]
async fn a_cancellation_that_waits_is_told_though_the_link_is_renewed() {
    let world = sending().await;
    let appointment = booked(&world).await;
    let by = person(&world);
    world.outreach.hand_out(world.clinic, &appointment, To::Patients, Channel::Email, by).await.unwrap();
    all_sent(&world).await;
    let cancelled = Booking { status: domain::appointment::Status::Cancelled, ..Booking::from(&appointment) };
    let cancelled = world.outreach.book(world.clinic, &cancelled).await.unwrap().appointment;
    world.outreach.reissue(world.clinic, &cancelled, To::Patients, by).await.unwrap();
    let waiting = outbox(&world).await;
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().all(|(message, _)| message.occasion == Occasion::Cancelled));
}
