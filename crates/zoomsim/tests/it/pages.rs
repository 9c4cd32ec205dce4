//! The pages that people see, used as a browser without script would use them.

use crate::town::{OSEI, TRAN, Town};

async fn get(town: &Town, path: &str) -> String {
    let answer = town.http.get(format!("{}{path}", town.url)).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let page = answer.text().await.unwrap();
    assert!(page.contains("Simulated Zoom") && !page.contains("<script>") && !page.contains("style="));
    page
}

/// Where the answer leads, as a path.
async fn post(town: &Town, path: &str, body: String) -> String {
    let answer = town.http.post(format!("{}{path}", town.url)).body(body).send().await.unwrap();
    assert_eq!(answer.status(), 303, "{path}");
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_guest_comes_waits_is_let_in_and_leaves() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let truth = town.zoom.truth();
    let link = truth.meetings.iter().find(|meeting| meeting.number == room).unwrap().join_url.clone();
    let door = link.strip_prefix(&town.url).unwrap();
    let page = get(&town, door).await;
    assert!(page.contains("Your name") && !page.contains("Meeting passcode"));
    let seat = post(&town, door, "name=Rosa+%3Cb%3E".to_owned()).await;
    let page = get(&town, &seat).await;
    assert!(page.contains("let you in soon") && page.contains("Rosa &#60;b&#62;"), "names are escaped");

    let host = post(&town, &format!("/s/{room}"), format!("user_id={OSEI}")).await;
    let page = get(&town, &host).await;
    assert!(page.contains("Waiting room (1)"));
    let id = seat.trim_start_matches("/g/");
    post(&town, &host, format!("act=admit&guest={id}")).await;
    assert!(get(&town, &seat).await.contains("has let you in"));
    town.advance(2).await;
    let page = get(&town, &seat).await;
    assert!(page.contains("You are in the meeting") && page.contains("Amara Osei"));
    post(&town, &host, format!("act=put_back&guest={id}")).await;
    assert!(get(&town, &seat).await.contains("let you in soon"));
    post(&town, &seat, "act=leave".to_owned()).await;
    assert!(get(&town, &seat).await.contains("You have left"));
    post(&town, &host, "act=end".to_owned()).await;
    assert!(get(&town, &host).await.contains("Not started"));
    get(&town, "/").await;
}

#[tokio::test]
async fn without_the_passcode_the_door_stays_shut() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let door = format!("/j/{room}?pwd=wrong");
    assert!(get(&town, &door).await.contains("Meeting passcode"));
    let answer =
        town.http.post(format!("{}{door}", town.url)).body("name=Rosa&passcode=1").send().await.unwrap();
    assert!(answer.text().await.unwrap().contains("the passcode is wrong"));
    assert!(post(&town, &door, "name=Rosa&passcode=418820".to_owned()).await.starts_with("/g/"));
}

#[tokio::test]
async fn a_meeting_that_does_not_exist_says_so() {
    let town = Town::new().await;
    let answer = town.http.get(format!("{}/j/86720014455", town.url)).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.unwrap().contains("not valid"));
}

#[tokio::test]
async fn a_browser_signed_in_to_another_account_ends_in_the_waiting_room_of_the_own_room() {
    let town = Town::new().await;
    let room = town.room(OSEI).await;
    let door = format!("/s/{room}");
    let page = get(&town, &door).await;
    assert!(page.contains("Signed in to another Zoom account"));
    assert!(page.contains("value=\"Amara Osei\"") && page.contains("Lee Tran"));
    let private = post(&town, &door, "other=private&name=Amara+Osei".to_owned()).await;
    let known = post(&town, &door, format!("other={TRAN}")).await;
    for (seat, name) in [(private, "Amara Osei"), (known, "Lee Tran")] {
        let page = get(&town, &seat).await;
        assert!(page.contains("let you in soon") && page.contains(name), "{page}");
    }
    town.zoom.tick().await;
    for hook in town.hooks() {
        assert_eq!(hook.event(), "meeting.participant_joined_waiting_room");
        assert!(!hook.person("id").as_str().unwrap().is_empty() && hook.person("id") != OSEI);
        assert_eq!(hook.person("participant_user_id"), "", "of another account");
    }
    let answer = town.http.post(format!("{}{door}", town.url)).body("other=private").send().await.unwrap();
    assert_eq!(answer.status(), 400, "a name is needed");
}

#[tokio::test]
async fn the_panel_turns_knobs_and_removes_the_app() {
    let town = Town::new().await;
    town.link(OSEI).await;
    assert!(get(&town, "/").await.contains("Remove the app"));
    post(&town, "/panel/knobs", "name=names&value=masked".to_owned()).await;
    post(&town, "/panel/knobs", "name=lose_percent&value=7".to_owned()).await;
    assert!(get(&town, "/").await.contains("value=\"7\""));
    post(&town, &format!("/panel/users/{OSEI}/deauthorize"), String::new()).await;
    assert!(!get(&town, "/").await.contains("Remove the app"));
    town.link(OSEI).await;
    post(&town, &format!("/panel/users/{OSEI}/disable"), String::new()).await;
    assert!(get(&town, "/").await.contains("disabled by the administrator"));
    post(&town, &format!("/panel/users/{OSEI}/allow"), String::new()).await;
    town.link(OSEI).await;
}
