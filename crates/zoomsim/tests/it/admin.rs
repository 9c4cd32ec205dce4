//! What users, their administrators and the app's owner do on Zoom's own pages.

use serde_json::{Value, json};
use zoomsim::{Plan, SimError};

use crate::town::{BERG, OSEI, RAHMAN, REDIRECT, TRAN, Town, authorize_query, clinic_room};

const ACCOUNT: &str = "Kx3mQvTtR5aZ1LwYbN0cGg";

async fn refresh(town: &Town, token: &Value) -> (u16, Value) {
    let token = token.as_str().unwrap();
    town.token_call(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

#[tokio::test]
async fn an_approval_given_back_may_or_may_not_bring_the_tokens_back() {
    for revives in [true, false] {
        let town = Town::new().await;
        let first = town.link(OSEI).await;
        let linked = town.link(OSEI).await;
        town.zoom.disable_by_admin(OSEI).unwrap();
        let (status, body) = refresh(&town, &linked["refresh_token"]).await;
        assert!(status == 400 && body["reason"].as_str().unwrap().contains("4738"), "{body}");
        let refused = town.zoom.consent(&authorize_query(), OSEI, true);
        assert!(matches!(refused, Err(SimError::BadRequest(why)) if why.contains("4738")));
        assert!(town.zoom.consent(&authorize_query(), BERG, true).is_ok(), "it is one user's approval");

        town.zoom.allow_by_admin(OSEI, revives).unwrap();
        let (status, body) = refresh(&town, &linked["refresh_token"]).await;
        assert_eq!(
            (status, body["reason"].as_str()),
            if revives { (200, None) } else { (400, Some("Invalid Token!")) }
        );
        assert_eq!(refresh(&town, &first["refresh_token"]).await.0, 400, "revoked before, and still");
        town.link(OSEI).await;
    }
}

#[tokio::test]
async fn a_user_changes_settings_of_both_views_at_once() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let placed = json!({ "participants_to_place_in_waiting_room": 1 });
    let change = json!({
        "recording": { "auto_recording": "cloud" },
        "meeting_security": { "waiting_room": true, "waiting_room_settings": placed },
    });
    town.zoom.change_user_settings(OSEI, &change).unwrap();
    let settings = api.get("/v2/users/me/settings").await.ok(200);
    assert_eq!(settings["recording"]["auto_recording"], "cloud");
    assert_eq!(settings["in_meeting"]["waiting_room"], true);
    let security = api.get("/v2/users/me/settings?option=meeting_security").await.ok(200);
    let security = &security["meeting_security"];
    assert_eq!(security["waiting_room_settings"]["participants_to_place_in_waiting_room"], 1);
    let wrong = town.zoom.change_user_settings(OSEI, &json!({ "in_meeting": { "waiting_room": 7 } }));
    assert!(matches!(wrong, Err(SimError::BadRequest(_))));
    assert_eq!(town.zoom.change_user_settings("nobody", &json!({})), Err(SimError::NoSuchUser));
}

#[tokio::test]
async fn links_lose_their_passcode_where_the_user_keeps_it_out() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let room = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
    assert!(room["join_url"].as_str().unwrap().contains("?pwd="));
    let out = json!({ "meeting_security": { "embed_password_in_join_link": false } });
    town.zoom.change_user_settings(OSEI, &out).unwrap();
    let room = api.get(&format!("/v2/meetings/{}", room["id"])).await.ok(200);
    assert!(!room["join_url"].as_str().unwrap().contains("pwd"), "{}", room["join_url"]);
    assert_eq!(room["password"], "418820");
}

#[tokio::test]
async fn a_locked_setting_stays_and_the_rest_is_changed() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let room = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201)["id"].clone();
    let path = format!("/v2/meetings/{room}");
    api.patch(&path, json!({ "settings": { "auto_recording": "cloud" } })).await.ok(204);
    let locked = [(ACCOUNT.to_owned(), vec!["auto_recording".to_owned(), "waiting_room_options".to_owned()])];
    town.zoom.knobs(|knobs| knobs.locked_settings = locked.into());
    let change = json!({ "settings": {
        "auto_recording": "none", "mute_upon_entry": true, "waiting_room_options": { "mode": "follow_setting" },
    } });
    api.patch(&path, change.clone()).await.ok(204);
    let settings = api.get(&path).await.ok(200)["settings"].clone();
    assert_eq!((&settings["auto_recording"], &settings["mute_upon_entry"]), (&json!("cloud"), &json!(true)));
    assert_eq!(settings["waiting_room_options"]["mode"], "custom");
    let made = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
    assert_eq!(made["settings"]["waiting_room_options"], json!({ "mode": "follow_setting" }), "the default");

    town.zoom.knobs(|knobs| knobs.locked_settings_refuse = true);
    let refused = api.patch(&path, change).await;
    refused.error(400, 300);
    assert!(refused.body["errors"][0]["field"].as_str().unwrap().starts_with("settings."));
    api.patch(&path, json!({ "settings": { "auto_recording": "cloud" } })).await.ok(204);
    let other = town.access(TRAN).await;
    other.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
}

#[tokio::test]
async fn a_meeting_given_away_keeps_its_link_and_is_no_longer_its_makers() {
    let town = Town::new().await;
    let (osei, berg) = (town.access(OSEI).await, town.access(BERG).await);
    let room = osei.post("/v2/users/me/meetings", clinic_room()).await.ok(201);
    let path = format!("/v2/meetings/{}", room["id"]);
    let number = room["id"].as_i64().unwrap();
    town.events().await;
    town.zoom.give_meeting_to(number, BERG).unwrap();
    assert_eq!(town.events().await, [""; 0], "no event tells");
    osei.get(&path).await.error(400, 3003);
    let given = berg.get(&path).await.ok(200);
    assert_eq!((&given["host_id"], &given["join_url"]), (&json!(BERG), &room["join_url"]));
    town.zoom.start(number).unwrap();
    assert!(matches!(town.zoom.give_meeting_to(number, OSEI), Err(SimError::BadRequest(_))));
}

#[tokio::test]
async fn a_plan_can_be_lost_and_bought_again() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    for (plan, kind) in [(Plan::Basic, 1), (Plan::Licensed, 2)] {
        town.zoom.set_plan(OSEI, plan).unwrap();
        assert_eq!(api.get("/v2/users/me").await.ok(200)["type"], kind);
    }
}

#[tokio::test]
async fn a_new_client_secret_shuts_the_old_one_out() {
    let town = Town::new().await;
    let linked = town.link(OSEI).await;
    town.zoom.set_client_secret("made-anew");
    let (status, body) = refresh(&town, &linked["refresh_token"]).await;
    assert_eq!((status, body["error"].as_str()), (401, Some("invalid_client")));
    town.zoom.set_client_secret("s1mulated-cl1ent-s3cret-0000001");
    assert_eq!(refresh(&town, &linked["refresh_token"]).await.0, 200, "nothing was traded meanwhile");
}

#[tokio::test]
async fn after_a_new_webhook_secret_everything_is_signed_with_it() {
    let town = Town::with(|config| config.webhook_url = None).await;
    let room = town.room(OSEI).await;
    town.zoom.take_due();
    town.zoom.set_webhook_secret("made-anew");
    town.guest(room, "Rosa");
    let sent = town.zoom.take_due();
    let header = |name: &str| sent[0].headers.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    let stamp = header("x-zm-request-timestamp");
    assert_eq!(header("x-zm-signature"), zoomsim::signature("made-anew", &stamp, &sent[0].body));
    let made_up = town.zoom.sign("{}");
    let signed = made_up.iter().find(|(name, _)| *name == "x-zm-signature").unwrap();
    assert_eq!(signed.1, zoomsim::signature("made-anew", &stamp, "{}"));
}

#[tokio::test]
async fn the_host_takes_a_deleted_meeting_out_of_the_trash() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    assert!(town.zoom.recover_meeting(room).is_err(), "it is not there");
    town.zoom.delete_meeting(room).unwrap();
    town.zoom.recover_meeting(room).unwrap();
    assert_eq!(town.events().await, ["deleted", "recovered"]);
    town.guest(room, "Rosa");
}

#[tokio::test]
async fn only_licensed_colleagues_can_be_alternative_hosts() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let room = api.post("/v2/users/me/meetings", clinic_room()).await.ok(201)["id"].clone();
    let path = format!("/v2/meetings/{room}");
    let name = |emails: &str| json!({ "topic": "T", "settings": { "alternative_hosts": emails } });
    for wrong in
        ["nadia.rahman@clinic.example", "lee.tran@mail.example", "amara.osei@clinic.example", "nobody"]
    {
        api.patch(&path, name(&format!("jonas.berg@clinic.example;{wrong}"))).await.error(400, 1114);
    }
    let kept = api.get(&path).await.ok(200);
    assert_eq!(
        (&kept["settings"]["alternative_hosts"], &kept["topic"]),
        (&json!(""), &clinic_room()["topic"])
    );
    town.zoom.set_plan(RAHMAN, Plan::Licensed).unwrap();
    api.patch(&path, name("jonas.berg@clinic.example;nadia.rahman@clinic.example")).await.ok(204);
    town.zoom.set_plan(RAHMAN, Plan::Basic).unwrap();
    api.patch(&path, json!({ "topic": "Visits" })).await.ok(204);
    town.zoom.start_as(room.as_i64().unwrap(), BERG).unwrap();
}

#[tokio::test]
async fn everything_can_be_done_over_http() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let post = async |path: &str, body: Value| {
        town.http
            .post(format!("{}{path}", town.url))
            .body(body.to_string())
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    for (path, body, status) in [
        (format!("/sim/users/{OSEI}/disable"), json!({}), 200),
        (format!("/sim/users/{OSEI}/allow"), json!({ "revives": true }), 200),
        (format!("/sim/users/{OSEI}/settings"), json!({ "in_meeting": { "waiting_room": true } }), 200),
        (format!("/sim/users/{OSEI}/plan"), json!({ "plan": "basic" }), 200),
        (format!("/sim/users/{OSEI}/plan"), json!({ "plan": "golden" }), 400),
        (format!("/sim/users/{OSEI}/dance"), json!({}), 404),
        (format!("/sim/meetings/{room}/delete"), json!({}), 200),
        (format!("/sim/meetings/{room}/recover"), json!({}), 200),
        (format!("/sim/meetings/{room}/give"), json!({ "user_id": BERG }), 200),
        (format!("/sim/meetings/{room}/give"), json!({ "user_id": "nobody" }), 404),
        ("/sim/secrets".to_owned(), json!({ "client_secret": "new", "webhook_secret": "newer" }), 200),
    ] {
        assert_eq!(post(&path, body).await, status, "{path}");
    }
    let (status, _) = town
        .token_call(&[("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", REDIRECT)])
        .await;
    assert_eq!(status, 401);
    let calls: Value =
        town.http.get(format!("{}/sim/calls", town.url)).send().await.unwrap().json().await.unwrap();
    assert_eq!(calls["calls"].as_array().unwrap().last().unwrap()["status"], 401);
}
