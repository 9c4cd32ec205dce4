//! Consent, codes, tokens, and the ways in which they die.

use base64::Engine as _;
use serde_json::json;
use sha2::Digest as _;

use crate::town::{BERG, OSEI, REDIRECT, Town, authorize_query};

fn back(location: &str) -> std::collections::BTreeMap<String, String> {
    url::Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

#[tokio::test]
async fn consent_shows_who_and_what_and_goes_back_with_a_code() {
    let town = Town::new().await;
    let address = format!("{}/oauth/authorize?{}", town.url, authorize_query());
    let page = town.http.get(&address).send().await.unwrap().text().await.unwrap();
    for shown in ["Simulated Zoom", "Amara Osei", "meeting:write:meeting", "Allow", "Decline"] {
        assert!(page.contains(shown), "{shown}");
    }
    let answer =
        town.http.post(&address).body(format!("user_id={OSEI}&decision=allow")).send().await.unwrap();
    assert_eq!(answer.status(), 303);
    let location = answer.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(REDIRECT));
    let params = back(location);
    assert_eq!(params["state"], "st4te");
    assert!(params.contains_key("code"));
}

#[tokio::test]
async fn declining_goes_back_with_access_denied_and_the_state() {
    let town = Town::new().await;
    let params = back(&town.zoom.consent(&authorize_query(), OSEI, false).unwrap());
    assert_eq!((params["error"].as_str(), params["state"].as_str()), ("access_denied", "st4te"));
    assert!(!params.contains_key("code"));
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_listed_is_refused_on_zooms_own_page() {
    let town = Town::new().await;
    for wrong in [format!("{REDIRECT}/"), "https://evil.example/".to_owned()] {
        let query = format!("response_type=code&client_id=rT6yU8iO0pQwErTyUiOpAs&redirect_uri={wrong}");
        for method in [reqwest::Method::GET, reqwest::Method::POST] {
            let address = format!("{}/oauth/authorize?{query}", town.url);
            let answer = town.http.request(method, address).body("decision=allow").send().await.unwrap();
            assert_eq!(answer.status(), 400);
            assert!(!answer.headers().contains_key("location"));
            assert!(answer.text().await.unwrap().contains("4709"));
        }
    }
}

#[tokio::test]
async fn a_request_without_response_type_or_with_a_foreign_client_is_refused() {
    let town = Town::new().await;
    let good = authorize_query();
    for (query, code) in [
        (good.replace("response_type=code&", ""), "4700"),
        (good.replace("rT6yU8", "other"), "4702"),
        (good.replace("client_id=rT6yU8iO0pQwErTyUiOpAs&", ""), "4702"),
    ] {
        let answer = town.http.get(format!("{}/oauth/authorize?{query}", town.url)).send().await.unwrap();
        assert_eq!(answer.status(), 400);
        assert!(answer.text().await.unwrap().contains(code), "{query}");
    }
}

#[tokio::test]
async fn where_approval_is_needed_consent_never_comes_back() {
    let town = Town::new().await;
    town.zoom.knobs(|knobs| knobs.approval_needed = true);
    assert!(town.zoom.consent(&authorize_query(), OSEI, true).is_err());
}

#[tokio::test]
async fn the_token_answer_has_no_user_and_a_long_token() {
    let town = Town::new().await;
    let body = town.link(OSEI).await;
    assert!(body["access_token"].as_str().unwrap().len() > 600);
    assert_eq!(body["expires_in"], 3599);
    assert_eq!(body["token_type"], "bearer");
    assert!(body["scope"].as_str().unwrap().split(' ').any(|scope| scope == "user:read:user"));
    assert!(!body.to_string().contains(OSEI));
}

#[tokio::test]
async fn a_code_can_be_used_only_once_and_for_five_minutes() {
    let town = Town::new().await;
    let code = town.code(OSEI);
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", REDIRECT)];
    assert_eq!(town.token_call(&form).await.0, 200);
    let (status, body) = town.token_call(&form).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));

    let code = town.code(OSEI);
    town.advance(300).await;
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", REDIRECT)];
    assert_eq!(town.token_call(&form).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn the_redirect_uri_has_to_be_repeated_exactly() {
    let town = Town::new().await;
    let code = town.code(OSEI);
    let call = [("grant_type", "authorization_code"), ("code", code.as_str())];
    assert_eq!(town.token_call(&call).await.1["error"], "invalid_request");
    let call = [call[0], call[1], ("redirect_uri", "http://127.0.0.1:9999/other")];
    assert_eq!(town.token_call(&call).await.1["error"], "invalid_request");
}

#[tokio::test]
async fn a_wrong_client_secret_is_401() {
    let town = Town::new().await;
    let answer = town
        .http
        .post(format!("{}/oauth/token", town.url))
        .basic_auth("rT6yU8iO0pQwErTyUiOpAs", Some("wrong"))
        .body("grant_type=refresh_token&refresh_token=x")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 401);
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["error"], "invalid_client");
}

#[tokio::test]
async fn a_code_with_a_challenge_needs_its_verifier() {
    let town = Town::new().await;
    let verifier = "a-verifier-of-at-least-forty-three-characters-0";
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let s256 = engine.encode(sha2::Sha256::digest(verifier));
    for (challenge, method) in [(s256.as_str(), "&code_challenge_method=S256"), (verifier, "")] {
        let query = format!("{}&code_challenge={challenge}{method}", authorize_query());
        for (given, status) in [(None, 400), (Some("another"), 400), (Some(verifier), 200)] {
            let code = back(&town.zoom.consent(&query, OSEI, true).unwrap())["code"].clone();
            let mut form = vec![
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", REDIRECT),
            ];
            form.extend(given.map(|given| ("code_verifier", given)));
            let (got, body) = town.token_call(&form).await;
            assert_eq!(got, status, "{method} {given:?}");
            if status == 400 {
                assert_eq!(body["error"], "invalid_grant");
            }
        }
    }
}

#[tokio::test]
async fn each_refresh_gives_a_new_refresh_token_and_kills_the_old_one() {
    let town = Town::new().await;
    let first = town.link(OSEI).await["refresh_token"].as_str().unwrap().to_owned();
    let form =
        |token: &str| [("grant_type", "refresh_token".to_owned()), ("refresh_token", token.to_owned())];
    let call = async |token: &str| {
        let form = form(token);
        town.token_call(&form.each_ref().map(|(name, value)| (*name, value.as_str()))).await
    };
    let (status, body) = call(&first).await;
    assert_eq!(status, 200);
    let second = body["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    let (status, body) = call(&first).await;
    assert_eq!((status, body), (400, json!({ "reason": "Invalid Token!", "error": "invalid_grant" })));
    assert_eq!(call(&second).await.0, 200, "the loser of a race does not hurt the winner");
}

#[tokio::test]
async fn a_second_authorization_by_the_same_user_kills_the_first() {
    let town = Town::new().await;
    let first = town.access(OSEI).await;
    let other = town.access(BERG).await;
    let second = town.access(OSEI).await;
    first.get("/v2/users/me").await.error(401, 124);
    second.get("/v2/users/me").await.ok(200);
    other.get("/v2/users/me").await.ok(200);
}

#[tokio::test]
async fn an_access_token_lives_an_hour() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    town.advance(3_598).await;
    api.get("/v2/users/me").await.ok(200);
    town.advance(1).await;
    let answer = api.get("/v2/users/me").await;
    answer.error(401, 124);
    assert_eq!(answer.body["message"], "Access token is expired.");
}

#[tokio::test]
async fn password_change_removal_and_an_administrator_kill_the_tokens() {
    let town = Town::new().await;
    for end in ["password", "disable", "deauthorize"] {
        let linked = town.link(OSEI).await;
        let answer = town.http.post(format!("{}/sim/users/{OSEI}/{end}", town.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let api =
            crate::town::Api { town: &town, token: linked["access_token"].as_str().unwrap().to_owned() };
        api.get("/v2/users/me").await.error(401, 124);
        let refresh = linked["refresh_token"].as_str().unwrap();
        let (status, body) =
            town.token_call(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{end}");
        assert_eq!(body["reason"].as_str().unwrap().contains("4738"), end == "disable");
        town.zoom.allow_by_admin(OSEI, false).unwrap();
    }
}

#[tokio::test]
async fn a_revoked_token_is_dead_and_so_is_its_refresh_token() {
    let town = Town::new().await;
    let linked = town.link(OSEI).await;
    let token = linked["access_token"].as_str().unwrap();
    let call = || {
        town.http
            .post(format!("{}/oauth/revoke", town.url))
            .basic_auth("rT6yU8iO0pQwErTyUiOpAs", Some("s1mulated-cl1ent-s3cret-0000001"))
            .body(format!("token={token}"))
            .send()
    };
    let answer = call().await.unwrap();
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap(), json!({ "status": "success" }));
    assert_eq!(call().await.unwrap().status(), 400);
    let refresh = linked["refresh_token"].as_str().unwrap();
    let (_, body) = town.token_call(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(body["error"], "invalid_grant");
}

#[tokio::test]
async fn an_optional_scope_can_be_unticked() {
    let town = Town::with(|config| config.optional_scopes = vec!["meeting:delete:meeting".to_owned()]).await;
    let address = format!("{}/oauth/authorize?{}", town.url, authorize_query());
    let body = format!("user_id={OSEI}&decision=allow&scopes_shown=1");
    let answer = town.http.post(address).body(body).send().await.unwrap();
    let code = back(answer.headers()["location"].to_str().unwrap())["code"].clone();
    let form = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", REDIRECT)];
    let (_, body) = town.token_call(&form).await;
    let api = crate::town::Api { town: &town, token: body["access_token"].as_str().unwrap().to_owned() };
    let answer = api.delete("/v2/meetings/123").await;
    answer.error(400, 4711);
    assert!(answer.body["message"].as_str().unwrap().contains("meeting:delete:meeting"));
}
