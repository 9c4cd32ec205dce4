use domain::attendance::matching::StaffOrToken;

use super::*;
use crate::{NotSent, Reminded, alerts::TellError};

struct Asking {
    desk: Desk,
    admin: StaffId,
}

impl Asking {
    async fn new() -> Self {
        let desk = Desk::new().await;
        let admin = desk.world.staff("Ada Admin", &[Role::Admin]).await;
        Self { desk, admin }
    }

    async fn remind(&self, staff: StaffId) -> Reminded {
        self.desk.outreach.remind_of(self.desk.world.clinic, staff, self.admin).await.unwrap()
    }
}

fn by_mail(kind: AlertKind) -> Reminded {
    Reminded::Told { kind, by: vec![Channel::Email], not: Vec::new() }
}

#[tokio::test]
async fn somebody_is_reminded_by_mail_at_once_whatever_they_chose() {
    let asking = Asking::new().await;
    let (desk, host) = (&asking.desk, asking.desk.world.host);
    desk.choose(host, Told::Nothing, Told::Nothing).await;
    desk.raise(AlertKind::RoomUnguarded).await;
    desk.raise(AlertKind::Reconnect).await;
    desk.raise(AlertKind::HostLate).await;
    assert_eq!(asking.remind(host).await, by_mail(AlertKind::Reconnect), "the worst that lasts");
    desk.send().await;
    let mail = &desk.mail.taken()[0];
    assert!(mail.data.contains("asked Anteroom to remind you"), "{}", mail.data);
    assert_eq!(desk.messages().await[0].asked_by, Some(StaffOrToken::Staff(asking.admin)));
}

#[tokio::test]
async fn a_reminder_goes_out_in_quiet_hours_too() {
    let asking = Asking::new().await;
    let desk = &asking.desk;
    let midnight = jiff::civil::Time::midnight();
    let last = jiff::civil::Time::constant(23, 59, 0, 0);
    desk.quiet(Some(QuietHours { from: midnight, to: last })).await;
    desk.raise(AlertKind::Reconnect).await;
    asking.remind(desk.world.host).await;
    desk.send().await;
    assert_eq!(desk.mail.taken().len(), 1);
}

#[tokio::test]
async fn nobody_is_reminded_twice_within_ten_minutes_and_again_after_them() {
    let asking = Asking::new().await;
    let (desk, host) = (&asking.desk, asking.desk.world.host);
    desk.raise(AlertKind::Reconnect).await;
    for reminders in 1..4 {
        let asked_at = desk.now();
        assert_eq!(asking.remind(host).await, by_mail(AlertKind::Reconnect));
        for _ in 0..3 {
            assert_eq!(asking.remind(host).await, Reminded::JustNow(asked_at));
            desk.world.clock.advance(Duration::from_mins(3));
        }
        assert_eq!(desk.messages().await.len(), reminders);
        desk.world.clock.advance(Duration::from_mins(2));
    }
}

#[tokio::test]
async fn whom_a_reminder_did_not_reach_may_be_reminded_again_at_once() {
    let asking = Asking::new().await;
    let (desk, host) = (&asking.desk, asking.desk.world.host);
    let alert = desk.raise(AlertKind::Reconnect).await;
    for failures in 1..4 {
        assert_eq!(asking.remind(host).await, by_mail(AlertKind::Reconnect));
        let last = desk.messages().await.pop().unwrap();
        assert_eq!(last.to, Recipient::Staff(host, alert));
        let mut tx = desk.world.store.begin().await.unwrap();
        let failed = store::ports::messages::Tried::Over(MessageState::Failed, "smtp_550".to_owned());
        tx.settle_message(desk.world.clinic, last.id, &failed, desk.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(desk.messages().await.len(), failures);
    }
}

#[tokio::test]
async fn two_who_ask_at_the_same_moment_remind_once() {
    for engine in testing::engines().await {
        let desk = Desk::on(engine).await;
        let admin = desk.world.staff("Ada Admin", &[Role::Admin]).await;
        desk.raise(AlertKind::Reconnect).await;
        let clinic = desk.world.clinic;
        let other = desk.world.other_instance().await.sending_by(Some(desk.mail.settings("")), None);
        let newcomer = desk.world.staff("Nia Newcomer", &[Role::Staff]).await;
        for (before, staff) in [desk.world.host, newcomer].into_iter().enumerate() {
            let (one, two) = tokio::join!(
                desk.outreach.remind_of(clinic, staff, admin),
                other.remind_of(clinic, staff, admin)
            );
            let told =
                [one, two].into_iter().filter(|done| matches!(done, Ok(Reminded::Told { .. }))).count();
            assert_eq!((told, desk.messages().await.len()), (1, before + 1));
        }
        assert_eq!(desk.alerts().await.len(), 2);
    }
}

#[tokio::test]
async fn a_reminder_counts_as_having_been_told() {
    let asking = Asking::new().await;
    let (desk, host) = (&asking.desk, asking.desk.world.host);
    desk.visit_in(DAY * 3).await;
    desk.raise(AlertKind::Reconnect).await;
    asking.remind(host).await;
    desk.choose(asking.admin, Told::Nothing, Told::Email).await;
    desk.world.clock.advance(DAY * 2 + HOUR);
    assert_eq!(desk.tell().await, 1, "the admin alone");
    let mut wanted = [(host, Channel::Email), (asking.admin, Channel::Email)];
    wanted.sort();
    assert_eq!(desk.told().await, wanted);
}

#[tokio::test]
async fn whoever_chose_text_messages_is_sent_one_too_and_why_not_is_said() {
    let asking = Asking::new().await;
    let (desk, host) = (&asking.desk, asking.desk.world.host);
    desk.give_number(host, "+15550123000").await;
    desk.choose(host, Told::Sms, Told::Nothing).await;
    desk.raise(AlertKind::Reconnect).await;
    let done = asking.remind(host).await;
    let both = vec![Channel::Email, Channel::Sms];
    assert_eq!(done, Reminded::Told { kind: AlertKind::Reconnect, by: both, not: Vec::new() });
    assert_eq!(done.to_string(), "Reminded by e-mail and text message.");

    desk.world.clock.advance(HOUR);
    desk.outreach.sms_heard(&Phone::parse("+15550123000").unwrap(), "STOP").await.unwrap();
    assert_eq!(
        asking.remind(host).await.to_string(),
        "Reminded by e-mail. Not by text message: they said that they want nothing more by it."
    );

    let silent = desk.world.outreach.clone();
    desk.world.clock.advance(HOUR);
    let done = silent.remind_of(desk.world.clinic, host, asking.admin).await.unwrap();
    let off = NotSent::ChannelOff;
    assert_eq!(done, Reminded::Unreachable(vec![(Channel::Email, off), (Channel::Sms, off)]));
    assert!(done.to_string().starts_with("They could not be reminded. Not by e-mail: it is not set up"));
}

#[tokio::test]
async fn whoever_never_connected_can_be_reminded_with_visits_and_without() {
    let asking = Asking::new().await;
    let desk = &asking.desk;
    let newcomer = desk.world.staff("Nia Newcomer", &[Role::Staff]).await;
    assert_eq!(asking.remind(newcomer).await, by_mail(AlertKind::NotConnected));
    assert_eq!(desk.alerts().await[0].key, format!("not_connected/{newcomer}/none"));
    // It lasts until they connect, without visits too.
    desk.tell().await;
    assert_eq!(desk.alerts().await.len(), 1);
    desk.world.connect(newcomer, "zoom user").await;
    desk.tell().await;
    assert_eq!(desk.alerts().await, []);
    desk.world.clock.advance(HOUR);
    assert_eq!(asking.remind(newcomer).await, Reminded::Nothing);

    let another = desk.world.staff("Ana Another", &[Role::Staff]).await;
    desk.visit_of(another, HOUR).await;
    assert_eq!(asking.remind(another).await, by_mail(AlertKind::NotConnected));
    assert_eq!(desk.tell().await, 0, "they were told by the reminder");
}

#[tokio::test]
async fn there_is_nothing_to_remind_of_where_all_is_well_or_they_see_no_patients() {
    let asking = Asking::new().await;
    let desk = &asking.desk;
    assert_eq!(asking.remind(desk.world.host).await, Reminded::Nothing);
    assert_eq!(asking.remind(asking.admin).await, Reminded::Nothing);
    let other = desk.world.other_clinic().await;
    let refused = desk.outreach.remind_of(other, desk.world.host, asking.admin).await;
    assert!(matches!(refused, Err(TellError::UnknownStaff)));
    desk.world.disable(desk.world.host).await;
    let refused = desk.outreach.remind_of(desk.world.clinic, desk.world.host, asking.admin).await;
    assert!(matches!(refused, Err(TellError::UnknownStaff)));
}

#[tokio::test]
async fn the_board_hears_what_each_was_last_told_of_their_own() {
    let asking = Asking::new().await;
    let (desk, host) = (&asking.desk, asking.desk.world.host);
    let clinic = desk.world.clinic;
    desk.choose(asking.admin, Told::Email, Told::Email).await;
    desk.visit_in(HOUR).await;
    desk.raise(AlertKind::Reconnect).await;
    desk.tell().await;
    desk.world.clock.advance(Duration::from_mins(20));
    desk.raise(AlertKind::HostLate).await;
    desk.tell().await;
    desk.send().await;
    let told = desk.outreach.told_of(clinic).await.unwrap();
    assert_eq!(told.len(), 1, "of their own, and not of what went on in the room: {told:?}");
    assert_eq!((told[0].staff, told[0].kind, told[0].channel), (host, AlertKind::Reconnect, Channel::Email));
    assert_eq!((told[0].at, told[0].state, told[0].asked_by), (desk.now(), MessageState::Sent, None));

    desk.world.clock.advance(HOUR);
    asking.remind(host).await;
    let told = desk.outreach.told_of(clinic).await.unwrap();
    assert_eq!(told[0].asked_by, Some(StaffOrToken::Staff(asking.admin)));
    assert_eq!((told[0].at, told[0].state), (desk.now(), MessageState::Queued));
    desk.world.clock.advance(DAY * 31);
    assert_eq!(desk.outreach.told_of(clinic).await.unwrap(), []);
    let other = desk.world.other_clinic().await;
    assert_eq!(desk.outreach.told_of(other).await.unwrap(), []);
}
