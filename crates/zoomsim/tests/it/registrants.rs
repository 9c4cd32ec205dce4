//! Personal links: registration where Zoom offers it, and invite links with a preset name.

use serde_json::{Value, json};
use zoomsim::{Names, NewGuest, SimError};

use crate::town::{OSEI, RAHMAN, Town, clinic_room};

fn series() -> Value {
    json!({
        "topic": "Visits", "type": 8, "start_time": "2026-11-23T13:00:00Z", "duration": 600,
        "recurrence": { "type": 1, "repeat_interval": 1, "end_times": 60 },
        "settings": { "approval_type": 0, "registration_type": 1, "waiting_room": true }
    })
}

fn tk(url: &Value) -> String {
    let url = url::Url::parse(url.as_str().unwrap()).unwrap();
    url.query_pairs().find(|(name, _)| name == "tk").unwrap().1.into_owned()
}

#[tokio::test]
async fn a_registrant_of_a_series_is_named_in_every_event() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let made = api.post("/v2/users/me/meetings", series()).await.ok(201);
    let room = made["id"].as_i64().unwrap();
    assert_eq!(made["occurrences"].as_array().unwrap().len(), 60);
    assert!(made["registration_url"].is_string());
    assert_eq!(town.zoom.join_named(room, "Rosa"), Err(SimError::RegistrationNeeded));
    let person = json!({ "first_name": "Rosa", "last_name": "Delgado", "email": "rosa@mail.example" });
    let path = format!("/v2/meetings/{room}/registrants");
    let registered = api.post(&path, person.clone()).await.ok(201);
    let link = NewGuest { tk: Some(tk(&registered["join_url"])), ..NewGuest::default() };
    town.events().await;
    let rosa = town.zoom.join(room, link.clone()).unwrap();
    town.zoom.tick().await;
    let hook = town.hooks().pop().unwrap();
    assert_eq!(hook.person("registrant_id"), &registered["registrant_id"]);
    assert_eq!(hook.person("email"), "rosa@mail.example");
    assert_eq!(hook.person("user_name"), "Rosa Delgado");
    assert_eq!(town.zoom.join(room, link.clone()), Err(SimError::LinkInUse), "one device at a time");
    town.zoom.leave(rosa).unwrap();
    town.zoom.join(room, link).unwrap();
    assert_eq!(api.post(&path, person.clone()).await.ok(201)["registrant_id"], registered["registrant_id"]);
    api.post(&path, person.clone()).await.ok(201);
    api.post(&path, person).await.error(429, 429);
    api.post(&path, json!({ "first_name": "Rosa" })).await.error(400, 300);
}

#[tokio::test]
async fn registration_is_refused_without_fixed_times_on_the_personal_number_and_on_the_basic_plan() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let person = json!({ "first_name": "Rosa", "email": "rosa@mail.example" });
    let mut no_times = clinic_room();
    no_times["settings"]["approval_type"] = json!(0);
    let mut personal = series();
    personal["settings"]["use_pmi"] = json!(true);
    for body in [no_times, personal] {
        let made = api.post("/v2/users/me/meetings", body).await.ok(201);
        assert_eq!(made["settings"]["approval_type"], 2);
        api.post(&format!("/v2/meetings/{}/registrants", made["id"]), person.clone()).await.error(404, 300);
    }
    let basic = town.access(RAHMAN).await;
    let made = basic.post("/v2/users/me/meetings", series()).await.ok(201);
    basic.post(&format!("/v2/meetings/{}/registrants", made["id"]), person).await.error(400, 200);
}

#[tokio::test]
async fn with_manual_approval_a_registrant_gets_no_link() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let mut body = series();
    body["settings"]["approval_type"] = json!(1);
    let made = api.post("/v2/users/me/meetings", body).await.ok(201);
    let path = format!("/v2/meetings/{}/registrants", made["id"]);
    let pending = json!({ "first_name": "Rosa", "email": "rosa@mail.example" });
    let registered = api.post(&path, pending).await.ok(201);
    assert!(registered.get("join_url").is_none());
    let guest = NewGuest {
        registrant_id: registered["registrant_id"].as_str().map(str::to_owned),
        ..NewGuest::default()
    };
    assert_eq!(town.zoom.join(made["id"].as_i64().unwrap(), guest), Err(SimError::BadPersonalLink));
    let approved = json!({ "first_name": "Ida", "email": "ida@mail.example", "auto_approve": true });
    assert!(api.post(&path, approved).await.ok(201)["join_url"].is_string());
}

#[tokio::test]
async fn an_invite_link_presets_the_name_until_it_expires() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let api = town.access(OSEI).await;
    let path = format!("/v2/meetings/{room}/invite_links");
    let body = json!({ "attendees": [{ "name": "Rosa Delgado" }], "ttl": 600 });
    let made = api.post(&path, body).await.ok(201);
    let guest = || NewGuest {
        name: "Somebody".into(),
        tk: Some(tk(&made["attendees"][0]["join_url"])),
        ..NewGuest::default()
    };
    let rosa = town.zoom.join(room, guest()).unwrap();
    assert_eq!(town.zoom.guest(rosa).unwrap().name, "Rosa Delgado");
    town.advance(600).await;
    assert_eq!(town.zoom.join(room, guest()), Err(SimError::BadPersonalLink));
    let many: Vec<_> = (0..501).map(|at| json!({ "name": format!("G{at}") })).collect();
    api.post(&path, json!({ "attendees": many })).await.error(400, 300);
    api.post(&path, json!({ "attendees": [{ "name": "R" }], "ttl": 63_072_001 })).await.error(400, 300);
}

async fn registered(town: &Town, api: &crate::town::Api<'_>) -> (i64, Value, NewGuest) {
    let room = api.post("/v2/users/me/meetings", series()).await.ok(201)["id"].as_i64().unwrap();
    let person = json!({ "first_name": "Guest", "last_name": "K7QF", "email": "7f3a@clinic.example" });
    let registered = api.post(&format!("/v2/meetings/{room}/registrants"), person).await.ok(201);
    let link = NewGuest { tk: Some(tk(&registered["join_url"])), ..NewGuest::default() };
    town.events().await;
    (room, registered["registrant_id"].clone(), link)
}

#[tokio::test]
async fn the_registrant_is_named_in_every_event_and_row_even_where_names_are_masked() {
    for names in [Names::Typed, Names::Absent, Names::Empty, Names::Masked] {
        let town = Town::new().await;
        town.zoom.knobs(|knobs| {
            knobs.names = names;
            knobs.left_waiting_room_on_admission = true;
            knobs.put_back_sends_joined_waiting_room = true;
        });
        let api = town.access(OSEI).await;
        let (room, id, link) = registered(&town, &api).await;
        let rosa = town.zoom.join(room, link).unwrap();
        town.zoom.start(room).unwrap();
        town.zoom.admit(rosa).unwrap();
        town.advance(10).await;
        town.zoom.put_back(rosa).unwrap();
        town.zoom.admit(rosa).unwrap();
        town.advance(10).await;
        town.zoom.lose_line(rosa).unwrap();
        town.advance(100).await;
        town.zoom.rejoin(rosa).unwrap();
        town.zoom.admit(rosa).unwrap();
        town.advance(60).await;
        town.zoom.end(room).unwrap();
        town.advance(600).await;
        let hooks = town.hooks();
        let about_rosa: Vec<_> = hooks
            .iter()
            .filter(|hook| hook.event().contains("participant") && hook.person("id") != OSEI)
            .collect();
        assert!(about_rosa.len() > 10, "{}", about_rosa.len());
        for hook in about_rosa {
            assert_eq!(hook.person("registrant_id"), &id, "{} with {names:?}", hook.event());
        }
        let record = api.get(&format!("/v2/past_meetings/{room}/participants")).await.ok(200);
        let rows = record["participants"].as_array().unwrap();
        let hers: Vec<_> = rows.iter().filter(|row| row["registrant_id"] == id).collect();
        assert_eq!(hers.len(), rows.len() - 1, "all but the host's");
        assert_eq!(hers.iter().any(|row| row["name"] == "Guest K7QF"), names == Names::Typed);
    }
}

#[tokio::test]
async fn somebody_who_comes_again_finds_their_link_in_use_by_another_device() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let (room, _, link) = registered(&town, &api).await;
    let phone = town.zoom.join(room, link.clone()).unwrap();
    town.zoom.leave(phone).unwrap();
    let tablet = town.zoom.join(room, link).unwrap();
    assert_eq!(town.zoom.rejoin(phone), Err(SimError::LinkInUse));
    town.zoom.leave(tablet).unwrap();
    town.zoom.rejoin(phone).unwrap();
}

#[tokio::test]
async fn a_series_works_until_its_last_occurrence_is_over_unless_it_is_extended() {
    let town = Town::new().await;
    let api = town.access(OSEI).await;
    let (room, id, link) = registered(&town, &api).await;
    town.zoom.advance(std::time::Duration::from_hours(58 * 24)).await;
    let visit = town.zoom.join(room, link.clone()).unwrap();
    town.zoom.leave(visit).unwrap();
    town.advance(2 * 86_400).await;
    assert_eq!(town.zoom.join(room, link.clone()), Err(SimError::SeriesOver));
    assert_eq!(town.zoom.start(room), Err(SimError::SeriesOver));
    assert_eq!(town.zoom.rejoin(visit), Err(SimError::SeriesOver));
    let read = api_again(&town).await.get(&format!("/v2/meetings/{room}")).await.ok(200);
    assert_eq!(read["occurrences"], json!([]));

    let longer = json!({
        "start_time": "2027-01-23T13:00:00Z",
        "recurrence": { "type": 1, "repeat_interval": 1, "end_times": 50 },
    });
    let api = api_again(&town).await;
    api.patch(&format!("/v2/meetings/{room}"), longer).await.ok(204);
    let again = town.zoom.join(room, link.clone()).unwrap();
    town.zoom.tick().await;
    assert_eq!(town.zoom.guest(again).unwrap().registrant_id.as_deref(), id.as_str());

    town.zoom.leave(again).unwrap();
    town.zoom.advance(std::time::Duration::from_hours(60 * 24)).await;
    town.zoom.knobs(|knobs| knobs.series_end_is_final = false);
    assert!(town.zoom.join(room, link).is_ok(), "by a knob the end of the series ends nothing");
}

/// With a token that is not two months old.
async fn api_again(town: &Town) -> crate::town::Api<'_> {
    town.access(OSEI).await
}
