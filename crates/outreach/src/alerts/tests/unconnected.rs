use super::*;

/// A clinic with somebody who has never connected.
async fn newcomer() -> (Desk, StaffId) {
    let desk = Desk::new().await;
    let newcomer = desk.world.staff("Nia Newcomer", &[Role::Staff]).await;
    (desk, newcomer)
}

fn keys(alerts: &[Alert]) -> Vec<(StaffId, AlertKind, String)> {
    alerts
        .iter()
        .map(|alert| (alert.staff_id, alert.kind, alert.key.rsplit('/').next().unwrap().to_owned()))
        .collect()
}

#[tokio::test]
async fn whoever_has_visits_within_two_days_and_never_connected_is_noticed_and_told() {
    let (desk, newcomer) = newcomer().await;
    desk.visit_of(newcomer, DAY * 3).await;
    desk.visit_in(HOUR).await;
    assert_eq!(desk.tell().await, 0);
    assert_eq!(desk.alerts().await, [], "there is time, and the host is connected");
    desk.world.clock.advance(DAY + HOUR);
    assert_eq!(desk.tell().await, 0, "noticed, and told a day before");
    let noticed = (newcomer, AlertKind::NotConnected, "2026-11-26".to_owned());
    assert_eq!(keys(&desk.alerts().await), std::slice::from_ref(&noticed));
    desk.world.clock.advance(DAY);
    assert_eq!(desk.tell().await, 1);
    assert_eq!(desk.tell().await, 0);
    assert_eq!(keys(&desk.alerts().await), [noticed]);
    assert_eq!(desk.told().await, [(newcomer, Channel::Email)]);
}

#[tokio::test]
async fn it_is_over_as_soon_as_they_connect_and_what_was_not_sent_yet_is_withdrawn() {
    let (desk, newcomer) = newcomer().await;
    desk.visit_of(newcomer, HOUR).await;
    assert_eq!(desk.tell().await, 1);
    desk.world.connect(newcomer, "zoom user of the newcomer").await;
    assert_eq!(desk.tell().await, 0);
    assert_eq!(desk.alerts().await, []);
    desk.send().await;
    assert_eq!(desk.messages().await[0].state, MessageState::Withdrawn);
}

#[tokio::test]
async fn a_day_that_has_passed_is_over_and_the_next_one_is_told_anew() {
    let (desk, newcomer) = newcomer().await;
    desk.visit_of(newcomer, HOUR).await;
    desk.visit_of(newcomer, DAY + HOUR).await;
    assert_eq!(desk.tell().await, 1);
    desk.world.clock.advance(HOUR * 3);
    assert_eq!(desk.tell().await, 1, "the next day's visits are the next");
    assert_eq!(desk.alerts().await.len(), 2, "today is not over yet");
    desk.world.clock.advance(HOUR * 21);
    assert_eq!(desk.tell().await, 0);
    assert_eq!(keys(&desk.alerts().await), [(newcomer, AlertKind::NotConnected, "2026-11-24".to_owned())]);
}

#[tokio::test]
async fn a_visit_booked_for_an_earlier_day_is_told_of_without_losing_the_later_one() {
    let (desk, newcomer) = newcomer().await;
    desk.visit_of(newcomer, DAY + HOUR * 2).await;
    assert_eq!(desk.tell().await, 0, "noticed for tomorrow, and not told yet");
    desk.visit_of(newcomer, HOUR).await;
    assert_eq!(desk.tell().await, 1, "today's is told alone");
    desk.world.clock.advance(HOUR * 3);
    assert_eq!(desk.tell().await, 1, "then tomorrow's");
}

#[tokio::test]
async fn whoever_need_not_connect_is_left_alone() {
    let (desk, newcomer) = newcomer().await;
    let leaver = desk.world.staff("Lou Leaver", &[Role::Staff]).await;
    let remover = desk.world.staff("Remy Remover", &[Role::Staff]).await;
    for host in [newcomer, leaver, remover] {
        desk.visit_of(host, HOUR).await;
    }
    let mut tx = desk.world.store.begin().await.unwrap();
    tx.set_staff_room_kind(desk.world.clinic, newcomer, Some(domain::room::RoomKind::Other)).await.unwrap();
    tx.commit().await.unwrap();
    desk.world.disable(leaver).await;
    desk.raise_about(remover, AlertKind::AppRemoved, None).await;
    assert_eq!(desk.tell().await, 1, "that the app was removed says it all");
    assert_eq!(desk.alerts().await.len(), 1);
}

#[tokio::test]
async fn it_is_over_when_their_visits_take_place_elsewhere() {
    let (desk, newcomer) = newcomer().await;
    desk.visit_of(newcomer, HOUR).await;
    desk.tell().await;
    assert_eq!(desk.alerts().await.len(), 1);
    let mut tx = desk.world.store.begin().await.unwrap();
    tx.set_staff_room_kind(desk.world.clinic, newcomer, Some(domain::room::RoomKind::Other)).await.unwrap();
    tx.commit().await.unwrap();
    desk.tell().await;
    assert_eq!(desk.alerts().await, []);
}

#[tokio::test]
async fn todays_boards_hear_of_it_once() {
    let (desk, newcomer) = newcomer().await;
    desk.visit_of(newcomer, HOUR).await;
    let last = async || desk.world.store.read().await.unwrap().last_change(desk.world.clinic).await.unwrap();
    let before = last().await;
    desk.tell().await;
    let noticed = last().await;
    assert!(noticed > before);
    desk.tell().await;
    assert_eq!(last().await, noticed);
}

#[tokio::test]
async fn two_instances_notice_and_tell_it_once() {
    for engine in testing::engines().await {
        let desk = Desk::on(engine).await;
        let newcomer = desk.world.staff("Nia Newcomer", &[Role::Staff]).await;
        desk.visit_of(newcomer, HOUR).await;
        let other = desk.world.other_instance().await.sending_by(Some(desk.mail.settings("")), None);
        let (one, two) = tokio::join!(desk.outreach.tell_alerts(), other.tell_alerts());
        assert!(one.unwrap() + two.unwrap() <= 1);
        desk.tell().await;
        assert_eq!((desk.alerts().await.len(), desk.messages().await.len()), (1, 1));
    }
}
