//! What patients are told besides their links: that the host is late, and words on their pages.

use axum::http::StatusCode;
use domain::outreach::message::Occasion;

use super::Visit;
use crate::{
    pages::text_of,
    world::{get, post},
};

#[tokio::test]
async fn running_late_says_first_who_is_told_and_then_tells_them() {
    let visit = Visit::new().await;
    let host = visit.world.here.staff.id;
    let tell = format!("/board/hosts/{host}/tell");
    let board = visit.read("/board").await;
    assert!(board.contains(&format!("href=\"{tell}\"")), "{board}");
    let form = visit.read(&tell).await;
    assert!(form.contains("2 patients are still to come today."), "{form}");
    assert!(form.contains("1 by e-mail and 1 by text message; 1 by neither"), "{form}");
    assert!(visit.messages().await.is_empty(), "asking tells nobody");

    let late = format!("/board/hosts/{host}/late");
    let done = visit.press(&late, &[("minutes", "15")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let said = visit.read(done.header("location")).await;
    assert!(said.contains("2 messages are queued. 1 patient can read it on their page alone."), "{said}");
    assert!(said.contains("Running about 15 minutes late.") && said.contains("Take down"), "{said}");
    let messages = visit.messages().await;
    assert!(messages.iter().all(|message| message.occasion == Occasion::Late) && messages.len() == 2);
    for minutes in ["", "soon", "-5", "100000"] {
        let answer = visit.press(&late, &[("minutes", minutes)]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{minutes}");
    }
    visit.press(&late, &[("minutes", "0")]).await;
    assert!(!visit.read("/board").await.contains("Running about"), "no longer late");
}

#[tokio::test]
async fn words_stand_on_the_board_as_text_until_they_are_taken_down() {
    let visit = Visit::new().await;
    let host = visit.world.here.staff.id;
    let path = format!("/board/hosts/{host}/notice?q=prado");
    let empty = visit.press(&path, &[("words", "  ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text_of(&empty).contains("What is said"), "{}", empty.body);
    let hostile = "\"><script>alert(1)</script>";
    let done = visit.press(&path, &[("words", hostile)]).await;
    assert!(done.header("location").starts_with("/board?q=prado&done=said"), "{:?}", done.headers);
    let board = visit.read("/board").await;
    assert!(board.contains("&#60;script&#62;") && !board.contains("<script>alert"), "{board}");
    let own = visit.press(&format!("{}/notice", visit.page), &[("words", "One moment")]).await;
    assert_eq!(own.header("location"), format!("{}?done=said#say", visit.page));
    let page = visit.read(&visit.page).await;
    assert!(page.contains("One moment") && page.contains("&#60;script&#62;"), "{page}");

    let id = page.split("/notices/").nth(1).unwrap().split('/').next().unwrap();
    let end = format!("/notices/{id}/end");
    for stranger in visit.strangers().await {
        visit.world.send(post(&end).cookie(&stranger)).await;
        assert!(visit.read("/board").await.contains(&end), "it is not theirs to take down");
    }
    visit.press(&end, &[]).await;
    assert!(!visit.read("/board").await.contains(&end));
    let again = visit.press(&end, &[]).await;
    assert!(again.header("location").contains("done=was-down"), "{:?}", again.headers);
}

#[tokio::test]
async fn a_host_speaks_to_their_own_patients_and_to_nobody_elses() {
    let visit = Visit::new().await;
    let world = &visit.world;
    let host = world.session_of(&world.here.staff).await;
    let own = world.here.staff.id;
    let late = |id| format!("/board/hosts/{id}/late");
    let done = world.send(post(&late(own)).cookie(&host).form(&[("minutes", "5")])).await;
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, "/"));
    let strangers = visit.strangers().await;
    for cookie in &strangers {
        let asked = world.send(get(&format!("/board/hosts/{own}/tell")).cookie(cookie)).await;
        let told = world.send(post(&late(own)).cookie(cookie).form(&[("minutes", "5")])).await;
        assert_eq!((asked.status, told.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    }
    let nobody = "staff_01935a5a70007000800000000000002a";
    let told = world.send(post(&late(nobody.parse().unwrap())).cookie(&host).form(&[("minutes", "5")])).await;
    assert_eq!(told.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn words_on_one_visit_that_cannot_stand_there_come_back_in_the_form_with_the_reason() {
    let visit = Visit::new().await;
    let path = format!("{}/notice", visit.page);
    let long = "too long ".repeat(100);
    for words in ["  ", long.as_str()] {
        let answer = visit.press(&path, &[("words", words)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text_of(&answer).contains("What is said"), "{}", answer.body);
        assert!(answer.body.contains("aria-describedby=\"unsaid\"") && answer.body.contains("Ana Prado"));
        assert!(answer.body.contains(&format!("value=\"{words}\"")), "nothing that was typed is lost");
    }
    assert!(!visit.read(&visit.page).await.contains("/notices/"), "nothing stands there");
}

#[tokio::test]
async fn running_late_says_of_which_minutes_more_are_told() {
    let visit = Visit::new().await;
    let tell = format!("/board/hosts/{}/tell", visit.world.here.staff.id);
    let ends_at = visit.appointment().await.ends_at;
    visit.world.clock.set(ends_at.plus(std::time::Duration::from_mins(12)));
    let desk = visit.world.session_of(&visit.world.here.scheduler).await;
    let form = crate::pages::read(&visit.world, &desk, &tell).await;
    assert!(form.contains("5, 10 minutes late: Nobody is still to come to them today."), "{form}");
    assert!(form.contains("15, 20, 30 minutes late: 2 patients are still to come today."), "{form}");
}
