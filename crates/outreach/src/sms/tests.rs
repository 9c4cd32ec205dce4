use domain::{Ambient, Timestamp};

use super::*;
use crate::outbox::post_office::Provider;

async fn send(provider: &Provider, to: &str) -> Sending {
    let ambient = Ambient::manual(Timestamp::from_seconds(1_795_442_400), 7).0;
    let text = Text { to: Phone::parse(to).unwrap(), text: "Su visita & más".to_owned() };
    Texter::new(provider.settings()).send(ambient.id(), "https://anteroom.example/sms/status/x", &text).await
}

#[tokio::test]
async fn a_text_message_goes_out_as_the_messages_api_has_it() {
    let provider = Provider::start().await;
    let sent = send(&provider, "+15550123000").await;
    assert_eq!(sent, Sending::Taken(Some("SM0123456789".to_owned())));
    let taken = provider.taken().remove(0);
    assert_eq!(taken.path, "/2010-04-01/Accounts/AC0123/Messages.json");
    assert_eq!(taken.authorization, "Basic QUMwMTIzOnQwa2Vu", "AC0123:t0ken");
    assert!(taken.key.starts_with("msg_"));
    let field = |name: &str| taken.form[name].as_str();
    assert_eq!(field("To"), "+15550123000");
    assert_eq!(field("From"), "+15550100999");
    assert_eq!(field("Body"), "Su visita & más");
    assert_eq!(field("StatusCallback"), "https://anteroom.example/sms/status/x");
    assert_eq!(taken.form.len(), 4);
}

#[tokio::test]
async fn what_the_provider_refuses_for_good_has_its_number() {
    let provider = Provider::answering(r#"{"code":21211,"message":"Invalid 'To' +1555"}"#).await;
    assert_eq!(send(&provider, "+15550123400").await, Sending::Refused("sms_21211".to_owned()));
    let page = Provider::answering("<html>").await;
    assert_eq!(send(&page, "+15550123400").await, Sending::Refused("sms_http_400".to_owned()));
}

#[tokio::test]
async fn somebody_who_said_stop_is_told_from_a_wrong_number() {
    let provider = Provider::answering(r#"{"code":21610}"#).await;
    assert_eq!(send(&provider, "+15550123400").await, Sending::OptedOut);
}

#[tokio::test]
async fn too_many_at_once_is_a_matter_of_patience() {
    let provider = Provider::answering(r#"{"code":20429}"#).await;
    let (reason, after) = ("sms_429".to_owned(), Some(Duration::from_mins(10)));
    assert_eq!(send(&provider, "+15550123429").await, Sending::Closed { reason, after });
}

#[tokio::test]
async fn a_provider_in_trouble_or_a_wrong_token_fails_no_message() {
    let provider = Provider::answering(r#"{"code":20003}"#).await;
    assert_eq!(send(&provider, "+15550123500").await, Sending::later("sms_http_500".to_owned()));
    assert_eq!(send(&provider, "+15550123401").await, Sending::closed("sms_sign_in"));
    // Redirects are not followed: they would carry the message elsewhere.
    assert_eq!(send(&provider, "+15550123307").await, Sending::later("sms_http_307".to_owned()));
}

#[tokio::test]
async fn what_is_refused_whoever_it_is_for_fails_no_message() {
    for (refusal, to) in [
        (r#"{"code":20003}"#, "+15550123403"),
        (r#"{"code":20005}"#, "+15550123403"),
        (r#"{"code":99999}"#, "+15550123403"),
        (r#"{"code":21212}"#, "+15550123400"),
        (r#"{"code":21606}"#, "+15550123400"),
        (r#"{"code":21659}"#, "+15550123400"),
    ] {
        let provider = Provider::answering(refusal).await;
        assert_eq!(send(&provider, to).await, Sending::closed("sms_refused"), "{refusal}");
    }
    let country = Provider::answering(r#"{"code":21408}"#).await;
    assert_eq!(send(&country, "+15550123403").await, Sending::Refused("sms_21408".to_owned()));
    let page = Provider::answering("<html>").await;
    assert_eq!(send(&page, "+15550123404").await, Sending::closed("sms_http_404"));
}

#[tokio::test]
async fn a_provider_who_is_not_there_fails_no_message_either() {
    let mut provider = Provider::start().await;
    provider.address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(send(&provider, "+15550123000").await, Sending::down("sms_unreachable".to_owned()));
    assert!(matches!(provider.settings().reach().await, Err(SmsTrouble::NoAnswer)));
}

#[test]
fn settings_show_no_token() {
    let settings = SmsSettings {
        url: "https://api.twilio.com".parse().unwrap(),
        account: "AC0".to_owned(),
        token: SecretText::from("t0ken"),
        from: Phone::parse("+15550100999").unwrap(),
    };
    assert!(!format!("{settings:?}").contains("t0ken"));
}
