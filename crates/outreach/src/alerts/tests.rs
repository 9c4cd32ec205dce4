mod choosing;
mod reminding;
mod texts;
mod unconnected;

use std::time::Duration;

use domain::{
    AlertId, ClinicId, StaffId, Timestamp,
    alert::{Alert, AlertKind, Choice, Told},
    appointment::Appointment,
    outreach::{
        message::{Channel, Message, MessageState, Occasion, Recipient},
        reminders::QuietHours,
    },
    staff::Role,
    text::{ExternalId, Phone},
};
use store::testing::{self, Engine};

use super::*;
use crate::{
    outbox::post_office::{MailServer, Provider},
    testing::World,
};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// A clinic with a host who has a room, whose messages leave by servers of this test's own.
struct Desk {
    world: World,
    outreach: Outreach,
    mail: MailServer,
    texts: Provider,
}

impl Desk {
    async fn new() -> Self {
        Self::on(testing::sqlite().await).await
    }

    async fn on(engine: Engine) -> Self {
        let world = World::bare(engine).await;
        world.give_room(world.host, crate::testing::NUMBER, crate::testing::JOIN_URL).await;
        let (mail, texts) = (MailServer::start().await, Provider::start().await);
        let outreach = world.outreach.clone().sending_by(Some(mail.settings("")), Some(texts.settings()));
        Self { world, outreach, mail, texts }
    }

    fn now(&self) -> Timestamp {
        self.world.ambient.now()
    }

    /// Books a visit of the host by video, so long from now.
    async fn visit_in(&self, ahead: Duration) -> Appointment {
        self.visit_of(self.world.host, ahead).await
    }

    async fn visit_of(&self, host: StaffId, ahead: Duration) -> Appointment {
        let starts_at = self.now().plus(ahead);
        let external_id = ExternalId::parse(&self.world.ambient.nonce().to_string()).unwrap();
        let booking = crate::Booking {
            external_id: Some(external_id),
            host,
            starts_at,
            ends_at: starts_at.plus(HOUR),
            ..self.world.booking()
        };
        self.outreach.book(self.world.clinic, &booking).await.unwrap().appointment
    }

    async fn raise(&self, kind: AlertKind) -> AlertId {
        self.raise_about(self.world.host, kind, None).await
    }

    async fn raise_about(&self, staff: StaffId, kind: AlertKind, detail: Option<&str>) -> AlertId {
        let id: AlertId = self.world.ambient.id();
        let alert = Alert {
            id,
            clinic_id: self.world.clinic,
            staff_id: staff,
            kind,
            appointment_id: None,
            presence_id: None,
            key: format!("{}/{id}", kind.as_str()),
            detail: detail.map(str::to_owned),
            raised_at: self.now(),
            ended_at: None,
            told_at: None,
        };
        let mut tx = self.world.store.begin().await.unwrap();
        assert!(tx.raise_alert(&alert).await.unwrap());
        tx.commit().await.unwrap();
        id
    }

    async fn end(&self, alert: AlertId) {
        let mut tx = self.world.store.begin().await.unwrap();
        assert!(tx.end_alert(self.world.clinic, alert, self.now()).await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn tell(&self) -> usize {
        self.outreach.tell_alerts().await.unwrap()
    }

    async fn send(&self) {
        while self.outreach.send_due().await.unwrap() > 0 {}
    }

    async fn messages(&self) -> Vec<Message> {
        let start = Timestamp::from_micros(0);
        let mut tx = self.world.store.read().await.unwrap();
        tx.messages_about_alerts(self.world.clinic, start).await.unwrap()
    }

    /// Who was told by what, in the order of ids.
    async fn told(&self) -> Vec<(StaffId, Channel)> {
        let mut told: Vec<_> = (self.messages().await.iter())
            .map(|message| match message.to {
                Recipient::Staff(staff, _) => (staff, message.channel),
                _ => panic!("a message about an alert is for staff"),
            })
            .collect();
        told.sort();
        told
    }

    async fn choose(&self, staff: StaffId, own: Told, clinic: Told) {
        self.outreach.set_alert_choice(self.world.clinic, staff, Choice { own, clinic }).await.unwrap();
    }

    async fn give_number(&self, staff: StaffId, phone: &str) {
        let mut tx = self.world.store.begin().await.unwrap();
        let phone = Phone::parse(phone).unwrap();
        tx.set_staff_phone(self.world.clinic, staff, Some(&phone)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn quiet(&self, quiet: Option<QuietHours>) {
        let mut tx = self.world.store.begin().await.unwrap();
        let mut settings = tx.outreach_settings(self.world.clinic).await.unwrap();
        settings.quiet = quiet;
        tx.set_outreach_settings(self.world.clinic, &settings).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn alerts(&self) -> Vec<Alert> {
        self.world.store.read().await.unwrap().alerts_lasting(self.world.clinic).await.unwrap()
    }
}

#[tokio::test]
async fn a_broken_connection_is_told_the_day_before_the_next_visit_and_once() {
    let desk = Desk::new().await;
    desk.visit_in(DAY * 3).await;
    desk.raise(AlertKind::Reconnect).await;
    assert_eq!(desk.tell().await, 0, "there is time");
    desk.world.clock.advance(HOUR * 47);
    assert_eq!(desk.tell().await, 0, "there is still time");
    desk.world.clock.advance(HOUR);
    assert_eq!(desk.tell().await, 1);
    desk.world.clock.advance(HOUR);
    assert_eq!(desk.tell().await, 0, "not again for the same thing");
    assert_eq!(desk.told().await, [(desk.world.host, Channel::Email)]);
    desk.send().await;
    let mail = desk.mail.taken();
    assert_eq!(mail.len(), 1);
    assert_eq!(mail[0].to, format!("{}@clinic.example", desk.world.host));
}

#[tokio::test]
async fn within_the_day_it_is_told_at_once() {
    let desk = Desk::new().await;
    desk.visit_in(HOUR).await;
    desk.raise(AlertKind::RoomUnguarded).await;
    assert_eq!(desk.tell().await, 1);
    let message = &desk.messages().await[0];
    assert_eq!(
        (message.occasion, message.state, message.due_at),
        (Occasion::Alert, MessageState::Queued, desk.now())
    );
}

#[tokio::test]
async fn nobody_without_visits_to_come_is_written_to_until_one_is_booked() {
    let desk = Desk::new().await;
    desk.raise(AlertKind::Reconnect).await;
    assert_eq!(desk.tell().await, 0);
    desk.world.clock.advance(DAY * 9);
    assert_eq!(desk.tell().await, 0);
    desk.visit_in(HOUR).await;
    assert_eq!(desk.tell().await, 1);
}

#[tokio::test]
async fn what_goes_on_now_is_told_at_once_and_never_after_it_is_over() {
    let desk = Desk::new().await;
    let over = desk.raise(AlertKind::HostLate).await;
    desk.end(over).await;
    assert_eq!(desk.tell().await, 0, "it was over before anybody was told");
    let short = desk.raise(AlertKind::HostLate).await;
    assert_eq!(desk.tell().await, 1, "without a visit of today too");
    desk.end(short).await;
    desk.send().await;
    let message = &desk.messages().await[0];
    assert_eq!((message.state, message.reason.as_deref()), (MessageState::Withdrawn, Some("alert_over")));
    assert!(desk.mail.taken().is_empty());
}

#[tokio::test]
async fn each_is_told_by_the_way_that_they_chose() {
    let desk = Desk::new().await;
    let (world, host) = (&desk.world, desk.world.host);
    let admin = world.staff("Ada Admin", &[Role::Admin]).await;
    let scheduler = world.staff("Sol Scheduler", &[Role::Scheduler]).await;
    let _silent = world.staff("Sam Silent", &[Role::Scheduler]).await;
    let colleague = world.staff("Cleo Colleague", &[Role::Staff]).await;
    let gone = world.staff("Gus Gone", &[Role::Admin]).await;
    for staff in [host, scheduler] {
        desk.give_number(staff, "+15550123000").await;
    }
    desk.choose(host, Told::Sms, Told::Nothing).await;
    desk.choose(admin, Told::Email, Told::Email).await;
    desk.choose(scheduler, Told::Nothing, Told::Sms).await;
    desk.choose(colleague, Told::Email, Told::Email).await;
    desk.choose(gone, Told::Email, Told::Email).await;
    world.disable(gone).await;
    desk.raise(AlertKind::HostLate).await;
    assert_eq!(desk.tell().await, 3);
    let mut wanted = [(host, Channel::Sms), (admin, Channel::Email), (scheduler, Channel::Sms)];
    wanted.sort();
    assert_eq!(desk.told().await, wanted);
    desk.send().await;
    let to_host: Vec<_> = desk.texts.taken().into_iter().map(|text| text.form["Body"].clone()).collect();
    assert!(to_host.iter().any(|text| text.ends_with("https://anteroom.example/room")), "{to_host:?}");
    assert!(to_host.iter().any(|text| text.ends_with("https://anteroom.example/board")), "{to_host:?}");
}

#[tokio::test]
async fn whoever_chose_nothing_is_not_written_to_and_it_counts_as_told() {
    let desk = Desk::new().await;
    desk.choose(desk.world.host, Told::Nothing, Told::Nothing).await;
    let alert = desk.raise(AlertKind::HostLate).await;
    assert_eq!(desk.tell().await, 0);
    desk.choose(desk.world.host, Told::Email, Told::Nothing).await;
    assert_eq!(desk.tell().await, 0, "a choice counts for what comes after it");
    let mut tx = desk.world.store.read().await.unwrap();
    let alert = tx.alert(desk.world.clinic, alert).await.unwrap().unwrap();
    assert_eq!(alert.told_at, Some(desk.now()));
}

#[tokio::test]
async fn whoever_chose_text_messages_and_cannot_be_sent_any_is_told_by_mail() {
    let desk = Desk::new().await;
    let host = desk.world.host;
    desk.give_number(host, "+15550123000").await;
    desk.choose(host, Told::Sms, Told::Nothing).await;
    desk.outreach.sms_heard(&Phone::parse("+15550123000").unwrap(), "STOP").await.unwrap();
    desk.raise(AlertKind::HostLate).await;
    desk.tell().await;
    assert_eq!(desk.told().await, [(host, Channel::Email)], "STOP counts");

    let no_sms = desk.world.outreach.clone().sending_by(Some(desk.mail.settings("")), None);
    desk.raise(AlertKind::Stranger).await;
    assert_eq!(no_sms.tell_alerts().await.unwrap(), 1);
    assert!(desk.told().await.iter().all(|(_, channel)| *channel == Channel::Email));

    let nothing = desk.world.outreach.clone();
    desk.raise(AlertKind::Overrun).await;
    assert_eq!(nothing.tell_alerts().await.unwrap(), 0, "where mail is off the pages are all there is");
}

#[tokio::test]
async fn a_stop_that_comes_before_it_is_sent_counts() {
    let desk = Desk::new().await;
    let host = desk.world.host;
    desk.give_number(host, "+15550123000").await;
    desk.choose(host, Told::Sms, Told::Nothing).await;
    desk.raise(AlertKind::HostLate).await;
    desk.tell().await;
    desk.outreach.sms_heard(&Phone::parse("+15550123000").unwrap(), "STOP").await.unwrap();
    desk.send().await;
    let message = &desk.messages().await[0];
    assert_eq!((message.state, message.reason.as_deref()), (MessageState::Withdrawn, Some("opted_out")));
    assert!(desk.texts.taken().is_empty());
}

#[tokio::test]
async fn two_instances_tell_it_once() {
    for engine in testing::engines().await {
        let desk = Desk::on(engine).await;
        let other = desk.world.other_instance().await.sending_by(Some(desk.mail.settings("")), None);
        for _ in 0..5 {
            desk.raise(AlertKind::HostLate).await;
        }
        let (one, two) = tokio::join!(desk.outreach.tell_alerts(), other.tell_alerts());
        assert_eq!(one.unwrap() + two.unwrap(), 5);
        assert_eq!(desk.messages().await.len(), 5);
    }
}

#[tokio::test]
async fn quiet_hours_keep_back_what_is_not_needed_before_their_end() {
    let desk = Desk::new().await;
    desk.quiet(Some(QuietHours::default())).await;
    // From eight in the morning in Chicago on to half past nine in the evening.
    desk.world.clock.advance(Duration::from_mins(13 * 60 + 30));
    desk.visit_in(Duration::from_hours(12)).await;
    desk.raise(AlertKind::Reconnect).await;
    assert_eq!(desk.tell().await, 0);
    desk.raise(AlertKind::Stranger).await;
    assert_eq!(desk.tell().await, 1, "what goes on now waits for nothing");
    let night = desk.visit_in(Duration::from_hours(2)).await;
    assert_eq!(desk.tell().await, 1, "a visit in the night is needed before the morning");
    assert!(night.starts_at > desk.now());

    desk.world.clock.advance(Duration::from_hours(4));
    desk.raise(AlertKind::Paused).await;
    assert_eq!(desk.tell().await, 0);
    desk.world.clock.advance(Duration::from_mins(6 * 60 + 30));
    assert_eq!(desk.tell().await, 1, "eight in the morning");
}

#[tokio::test]
async fn what_is_tried_again_waits_for_the_end_of_quiet_hours_too() {
    let desk = Desk::new().await;
    desk.visit_in(Duration::from_hours(20)).await;
    desk.raise(AlertKind::Reconnect).await;
    assert_eq!(desk.tell().await, 1);
    let from = desk.world.ambient.now().in_zone(&jiff::tz::TimeZone::get("America/Chicago").unwrap()).time();
    let to = from.wrapping_add(jiff::Span::new().hours(2));
    desk.quiet(Some(QuietHours { from, to })).await;
    desk.send().await;
    let message = &desk.messages().await[0];
    assert_eq!((message.state, message.reason.as_deref()), (MessageState::Queued, Some("quiet_hours")));
    assert!(desk.mail.taken().is_empty());
    desk.world.clock.advance(HOUR * 2);
    desk.send().await;
    assert_eq!(desk.mail.taken().len(), 1);
}

#[tokio::test]
async fn many_that_wait_for_visits_hide_nothing_that_is_due() {
    let desk = Desk::new().await;
    for _ in 0..205 {
        desk.raise(AlertKind::RoomUnused).await;
    }
    desk.world.clock.advance(Duration::from_secs(1));
    desk.raise(AlertKind::HostLate).await;
    assert_eq!(desk.tell().await, 1);
}

#[tokio::test]
async fn of_whoever_is_elsewhere_nobody_is_told_what_zoom_says() {
    let desk = Desk::new().await;
    desk.visit_in(HOUR).await;
    let mut tx = desk.world.store.begin().await.unwrap();
    tx.set_staff_room_kind(desk.world.clinic, desk.world.host, Some(domain::room::RoomKind::Other))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    desk.raise(AlertKind::Reconnect).await;
    assert_eq!(desk.tell().await, 0);
}

#[tokio::test]
async fn the_loop_tells_while_it_runs_and_stops_when_told_to() {
    let desk = Desk::new().await;
    let alert = desk.raise(AlertKind::HostLate).await;
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let (outreach, stop) = (desk.outreach.clone(), stop.clone());
        async move { outreach.run_alerts(stop).await }
    });
    let clinic: ClinicId = desk.world.clinic;
    loop {
        let kept = desk.world.store.read().await.unwrap().alert(clinic, alert).await.unwrap().unwrap();
        if kept.told_at.is_some() {
            break;
        }
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap();
    assert_eq!(desk.messages().await.len(), 1);
}
