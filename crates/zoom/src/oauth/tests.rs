use std::fmt::Write;

use super::*;
use crate::retry::RetryAfter;
use crate::testing::{Peer, Reply, impatient_client, patient_client};

const SECRET: &str = "client-secret-canary";

fn oauth(base: &str) -> OAuth {
    oauth_with(patient_client(), base)
}

fn oauth_with(http: reqwest::Client, base: &str) -> OAuth {
    OAuth::new(http, base, "rT6yU8iO0pQwErTyUiOpAs", SECRET.into(), "https://clinic.example/zoom/callback")
        .unwrap()
}

async fn peer(status: u16, body: &str) -> (Peer, OAuth) {
    let peer = Peer::start(Reply::json(status, body)).await;
    let oauth = oauth(&format!("{}/oauth", peer.url));
    (peer, oauth)
}

async fn refresh_answered(status: u16, body: &str) -> Result<Tokens, TokenError> {
    let (_peer, oauth) = peer(status, body).await;
    oauth.refresh(&"old-refresh".into()).await
}

const ANSWER: &str = r#"{"access_token":"access-canary","token_type":"bearer","refresh_token":"refresh-canary","expires_in":3599,"scope":"user:read:user meeting:read:meeting","api_url":"https://api-us.zoom.us"}"#;

#[test]
fn the_consent_address_carries_state_and_challenge_and_no_secret() {
    let pkce = Pkce::from_random([7; 32]);
    let url = oauth("https://zoom.us/oauth").authorize_url("state-text", &pkce.challenge);
    assert!(url.as_str().starts_with("https://zoom.us/oauth/authorize?"), "{url}");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let expected = [
        ("response_type", "code"),
        ("client_id", "rT6yU8iO0pQwErTyUiOpAs"),
        ("state", "state-text"),
        ("redirect_uri", "https://clinic.example/zoom/callback"),
        ("code_challenge", &pkce.challenge),
        ("code_challenge_method", "S256"),
    ];
    assert_eq!(pairs.len(), expected.len());
    for (name, value) in expected {
        assert!(pairs.contains(&(name.to_owned(), value.to_owned())), "{name}={value} in {url}");
    }
    assert!(!url.as_str().contains(SECRET) && !url.as_str().contains(pkce.verifier.expose()));
}

#[test]
fn the_challenge_is_the_verifier_s_sha_256() {
    // RFC 7636, appendix B.
    let bytes = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105,
        214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let pkce = Pkce::from_random(bytes);
    assert_eq!(pkce.verifier.expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_eq!(pkce.challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

#[test]
fn secrets_go_over_https_or_stay_on_this_machine() {
    let new = |url: &str| OAuth::new(patient_client(), url, "id", SECRET.into(), "https://clinic.example/cb");
    for bad in ["http://zoom.us/oauth", "zoom.us/oauth", "https://user:pass@zoom.us/oauth", ""] {
        assert_eq!(new(bad).unwrap_err(), OAuthSetupError::BadOAuthUrl, "{bad}");
    }
    assert!(new("http://127.0.0.1:8081/oauth").is_ok());
    let redirect = OAuth::new(patient_client(), "https://zoom.us/oauth", "id", SECRET.into(), "not a url");
    assert_eq!(redirect.unwrap_err(), OAuthSetupError::BadRedirectUrl);
}

#[tokio::test]
async fn a_code_is_traded_with_basic_authentication_verifier_and_redirect() {
    let (peer, oauth) = peer(200, ANSWER).await;
    let tokens = oauth.exchange("the-code", &"the-verifier".into()).await.unwrap();
    assert_eq!(tokens.access.expose(), "access-canary");
    assert_eq!(tokens.refresh.expose(), "refresh-canary");
    assert_eq!(tokens.expires_in, Duration::from_secs(3599));
    assert_eq!(
        tokens.scopes.iter().map(String::as_str).collect::<Vec<_>>(),
        ["meeting:read:meeting", "user:read:user"]
    );
    assert_eq!(tokens.api_url.as_deref(), Some("https://api-us.zoom.us"));
    let requests = peer.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /oauth/token HTTP/1.1"), "{head}");
    // The same as `printf rT6yU8iO0pQwErTyUiOpAs:client-secret-canary | base64`.
    let basic = "Basic clQ2eVU4aU8wcFF3RXJUeVVpT3BBczpjbGllbnQtc2VjcmV0LWNhbmFyeQ==";
    assert!(head.lines().any(|line| line.eq_ignore_ascii_case(&format!("authorization: {basic}"))), "{head}");
    let form: BTreeSet<(String, String)> =
        url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let expected = [
        ("grant_type", "authorization_code"),
        ("code", "the-code"),
        ("code_verifier", "the-verifier"),
        ("redirect_uri", "https://clinic.example/zoom/callback"),
    ];
    assert_eq!(form, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn a_renewal_sends_the_old_token_and_brings_a_new_pair() {
    let (peer, oauth) = peer(200, ANSWER).await;
    let tokens = oauth.refresh(&"old-refresh".into()).await.unwrap();
    assert_eq!((tokens.access.expose(), tokens.refresh.expose()), ("access-canary", "refresh-canary"));
    let requests = peer.requests();
    assert_eq!(requests.len(), 1, "a renewal is never repeated by itself");
    assert!(requests[0].ends_with("grant_type=refresh_token&refresh_token=old-refresh"), "{}", requests[0]);
}

#[tokio::test]
async fn a_revocation_sends_the_access_token() {
    let (peer, oauth) = peer(200, r#"{"status":"success"}"#).await;
    assert_eq!(oauth.revoke(&"access-canary".into()).await, Ok(()));
    let requests = peer.requests();
    assert!(requests[0].starts_with("POST /oauth/revoke HTTP/1.1"), "{}", requests[0]);
    assert!(requests[0].ends_with("\r\n\r\ntoken=access-canary"), "{}", requests[0]);
}

#[tokio::test]
async fn tokens_survive_an_answer_that_is_odd_elsewhere() {
    let long = "t".repeat(5_000);
    let answers = [
        format!(r#"{{"access_token":"{long}","refresh_token":"{long}"}}"#),
        format!(
            r#"{{"access_token":"{long}","refresh_token":"{long}","expires_in":"3599","scope":["a","b"]}}"#
        ),
        format!(
            r#"{{"access_token":"{long}","refresh_token":"{long}","expires_in":{{}},"scope":7,"token_type":1,"api_url":[]}}"#
        ),
        format!(r#"{{"access_token":"{long}","refresh_token":"{long}","expires_in":-1,"new_field":null}}"#),
    ];
    for answer in answers {
        let tokens = refresh_answered(200, &answer).await.unwrap();
        assert_eq!(
            (tokens.access.expose(), tokens.refresh.expose()),
            (long.as_str(), long.as_str()),
            "{answer}"
        );
        assert_eq!(tokens.expires_in, Duration::from_secs(3599));
    }
}

#[tokio::test]
async fn without_a_new_refresh_token_the_old_one_stays_but_a_first_one_is_needed() {
    let answer = r#"{"access_token":"access-canary","token_type":"bearer","expires_in":3599}"#;
    assert_eq!(refresh_answered(200, answer).await.unwrap().refresh.expose(), "old-refresh");
    let (_peer, oauth) = peer(200, answer).await;
    let traded = oauth.exchange("code", &"verifier".into()).await;
    assert_eq!(traded.unwrap_err(), TokenError::Unreadable);
}

#[tokio::test]
async fn every_reason_of_zoom_s_has_its_outcome() {
    let grant = |reason| TokenError::InvalidGrant { reason };
    let cases = [
        (400, r#"{"reason":"Invalid Token!","error":"invalid_grant"}"#, grant(GrantReason::InvalidToken)),
        (400, r#"{"reason":"code expired (4733)","error":"invalid_grant"}"#, grant(GrantReason::CodeExpired)),
        (400, r#"{"reason":"4734","error":"invalid_request"}"#, grant(GrantReason::CodeInvalid)),
        (
            400,
            r#"{"errorCode":4735,"reason":"The owner of the token does not exist"}"#,
            grant(GrantReason::OwnerGone),
        ),
        (400, r#"{"code":"4737"}"#, grant(GrantReason::NoRecord)),
        (401, r#"{"code":4738,"error":"invalid_grant"}"#, grant(GrantReason::DisabledByAdmin)),
        (400, r#"{"code":4740,"error":"invalid_grant"}"#, grant(GrantReason::PastGrace)),
        (400, r#"{"code":4741,"reason":"Token has been revoked."}"#, grant(GrantReason::Revoked)),
        (
            401,
            r#"{"reason":"Invalid client_id or client_secret","error":"invalid_client"}"#,
            TokenError::InvalidClient,
        ),
        (400, r#"{"error":"unauthorized_client"}"#, TokenError::InvalidClient),
        (400, r#"{"reason":"4702"}"#, TokenError::InvalidClient),
        (401, "{}", TokenError::InvalidClient),
        (
            400,
            r#"{"reason":"Redirect mismatch 4709","error":"invalid_request"}"#,
            TokenError::Rejected { code: Some(4709) },
        ),
        (400, r#"{"error":"unsupported_grant_type"}"#, TokenError::Rejected { code: None }),
        (400, "<html>proxy</html>", TokenError::Unreadable),
        (403, "", TokenError::Unreadable),
        (404, "{}", TokenError::Unreadable),
        (302, "", TokenError::Unreadable),
    ];
    for (status, body, expected) in cases {
        assert_eq!(refresh_answered(status, body).await.unwrap_err(), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn only_zoom_s_own_word_is_final() {
    for (status, body) in [
        (400, "<html>"),
        (500, ""),
        (502, "bad"),
        (503, "{}"),
        (429, "{}"),
        (403, "no"),
        (200, "{"),
        (200, "[]"),
    ] {
        let error = refresh_answered(status, body).await.unwrap_err();
        assert!(!error.is_final(), "{status} {body}: {error:?}");
    }
    for body in [r#"{"error":"invalid_grant"}"#, r#"{"code":4735}"#] {
        assert!(refresh_answered(400, body).await.unwrap_err().is_final(), "{body}");
    }
}

#[tokio::test]
async fn an_error_says_whether_the_token_may_be_spent() {
    for (status, body) in
        [(500, ""), (502, ""), (504, ""), (408, ""), (200, "{"), (200, ""), (200, r#"{"access_token":7}"#)]
    {
        let error = refresh_answered(status, body).await.unwrap_err();
        assert!(error.may_be_done(), "{status} {body}: {error:?}");
    }
    for status in [408, 425, 500, 599] {
        let expected = TokenError::Unavailable { retry: None, may_be_done: true };
        assert_eq!(refresh_answered(status, "").await.unwrap_err(), expected, "{status}");
    }
    let limited = Peer::start(Reply::with_headers(429, "retry-after: 7\r\n", "{}")).await;
    let error = oauth(&limited.url).refresh(&"old".into()).await.unwrap_err();
    let retry = Some(RetryAfter::In(Duration::from_secs(7)));
    assert_eq!(error, TokenError::Unavailable { retry, may_be_done: false });
}

#[tokio::test]
async fn a_lost_answer_and_a_lost_request_are_told_apart() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n";
    let lost = [
        Reply::Send(Vec::new()),
        Reply::Send(b"HTTP/1.1 200 OK\r\n".to_vec()),
        Reply::Send(format!("{head}{{\"access_token\":").into_bytes()),
        Reply::Stall(Vec::new()),
        Reply::Stall(format!("{head}{{").into_bytes()),
        Reply::Send(b"no http at all".to_vec()),
    ];
    for reply in lost {
        let peer = Peer::start(reply).await;
        let error = oauth_with(impatient_client(), &peer.url).refresh(&"old".into()).await.unwrap_err();
        assert_eq!(error, TokenError::Unavailable { retry: None, may_be_done: true });
        assert_eq!(peer.requests().len(), 1, "never repeated");
    }
    let error = oauth("http://127.0.0.1:1").refresh(&"old".into()).await.unwrap_err();
    assert_eq!(error, TokenError::Unavailable { retry: None, may_be_done: false });
}

#[tokio::test]
async fn neither_errors_nor_debug_show_tokens_or_secrets() {
    let (_peer, oauth) = peer(200, ANSWER).await;
    let tokens = oauth.refresh(&"old-refresh".into()).await.unwrap();
    let mut shown = format!("{oauth:?} {tokens:?} {:?}", oauth.client);
    for (status, body) in [(400, ANSWER), (200, "{\"access_token\":\"access-canary\""), (500, ANSWER)] {
        let error = refresh_answered(status, body).await.unwrap_err();
        write!(shown, "{error} {error:?}").unwrap();
    }
    for secret in ["access-canary", "refresh-canary", "old-refresh", SECRET] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn calls_can_be_awaited_in_any_task() {
    fn is_send<T: Send>(_: T) {}
    let oauth = oauth("https://zoom.us/oauth");
    let secret = SecretText::from("x");
    is_send(oauth.exchange("code", &secret));
    is_send(oauth.refresh(&secret));
    is_send(oauth.revoke(&secret));
}
