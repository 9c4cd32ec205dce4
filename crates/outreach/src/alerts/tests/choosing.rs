use domain::alert::Settings;

use super::*;

#[tokio::test]
async fn a_choice_of_text_messages_takes_a_number() {
    let desk = Desk::new().await;
    let (clinic, host) = (desk.world.clinic, desk.world.host);
    assert_eq!(desk.outreach.alert_choice(clinic, host).await.unwrap(), Choice::default());
    let sms = Choice { own: Told::Sms, clinic: Told::Nothing };
    let refused = desk.outreach.set_alert_choice(clinic, host, sms).await;
    assert!(matches!(refused, Err(ChoiceError::NoNumber)));
    desk.give_number(host, "+15550123000").await;
    desk.outreach.set_alert_choice(clinic, host, sms).await.unwrap();
    assert_eq!(desk.outreach.alert_choice(clinic, host).await.unwrap(), sms);
    let other = desk.world.other_clinic().await;
    let refused = desk.outreach.set_alert_choice(other, host, sms).await;
    assert!(matches!(refused, Err(ChoiceError::UnknownStaff)));
}

#[tokio::test]
async fn settings_are_put_in_order_and_what_is_none_is_refused() {
    let desk = Desk::new().await;
    let clinic = desk.world.clinic;
    let set = async |minutes: &[u32]| {
        let settings = Settings { host_late_after: minutes.to_vec() };
        desk.outreach.set_alert_settings(clinic, settings).await.map(|kept| kept.host_late_after)
    };
    assert_eq!(set(&[15, 3, 15]).await.unwrap(), [3, 15]);
    assert_eq!(desk.outreach.alert_settings(clinic).await.unwrap().host_late_after, [3, 15]);
    for (bad, fault) in [
        (vec![0, 5], BadSettings::OutOfRange),
        (vec![121], BadSettings::OutOfRange),
        (vec![1, 2, 3, 4, 5], BadSettings::TooMany),
    ] {
        assert!(matches!(set(&bad).await, Err(SettingsError::Bad(found)) if found == fault));
    }
    assert_eq!(set(&[]).await.unwrap(), [0_u32; 0], "no warning at all may be wished");
}
