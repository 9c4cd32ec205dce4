//! The menus: what they offer, to whom, and why not.

use axum::http::StatusCode;
use serde_json::json;

use super::{Visit, of_two, world};
use crate::{pages::read, world::World};

/// The menu's entry that begins with these words: its tag, and what stands in it.
fn entries<'a>(html: &'a str, word: &str) -> Vec<&'a str> {
    let start = format!("<span>{word}");
    html.match_indices(&start)
        .map(|(at, _)| {
            let tag = html.get(..at).unwrap().rfind('<').unwrap();
            let end = html.get(at..).unwrap().find("</span></").map_or(html.len(), |end| at + end);
            html.get(tag..end).unwrap()
        })
        .collect()
}

const COPY_STAFF: &str = "Copy Staff Join Link to Clipboard";
const SMS_STAFF: &str = "Send Staff Join Link by SMS";
const MAIL_STAFF: &str = "Send Staff Join Link by E-mail";
const COPY: &str = "Copy Patient Join Link to Clipboard";
const SMS: &str = "Send Patient Join Link by SMS";
const MAIL: &str = "Send Patient Join Link by E-mail";

#[tokio::test]
async fn the_icon_offers_six_ways_and_each_patient_three() {
    let visit = Visit::new().await;
    let page = visit.read(&visit.page).await;
    for (word, how_often) in
        [(COPY_STAFF, 1), (SMS_STAFF, 1), (MAIL_STAFF, 1), (COPY, 3), (SMS, 3), (MAIL, 3)]
    {
        assert_eq!(entries(&page, word).len(), how_often, "{word}");
    }
    assert!(page.contains("Telehealth links") && page.contains("Link to Patient"));
    assert!(page.contains("Join Telehealth Session") && page.contains("Get Staff Telehealth Link"));
    let send = |to: &str, by: &str| format!("href=\"{}/send?to={to}&#38;by={by}\"", visit.page);
    for wanted in [
        send("staff", "email"),
        send("patients", "sms"),
        send("patients", "email"),
        send(&visit.ana, "sms"),
        send(&visit.ana, "email"),
    ] {
        assert!(page.contains(&wanted), "{wanted}");
    }
    assert!(!page.contains(&send(&visit.luis, "email")), "he has not agreed");
}

#[tokio::test]
async fn what_is_copied_stands_in_the_page_and_names_nobody() {
    let visit = Visit::new().await;
    let page = visit.read(&visit.page).await;
    let text =
        |entry: &str| entry.split("data-copy=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(text(entries(&page, COPY_STAFF)[0]), visit.host);
    let all = text(entries(&page, COPY)[0]);
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(lines.len(), 2, "{all}");
    assert!(lines[0].starts_with("A. P.: http") && lines[1].starts_with("L. B.: http"), "{all}");
    assert!(!all.contains("Prado") && !all.contains("/h/"), "{all}");
    let one = text(entries(&page, COPY)[1]);
    assert!(one.starts_with("http://127.0.0.1:8080/v/") && !one.contains('\n'), "{one}");
}

#[tokio::test]
async fn two_patients_with_the_same_initials_are_told_apart_in_the_clipboard() {
    let world = world().await;
    let mut body = of_two(&world.here);
    body["attendees"][1]["name"] = json!("Alva Prado");
    let visit = Visit::of(world, &body).await;
    let page = visit.read(&visit.page).await;
    assert!(page.contains("A. P. (patient 1): http") && page.contains("A. P. (patient 2): http"));
}

#[tokio::test]
async fn what_cannot_be_sent_is_there_with_the_reason() {
    let visit = Visit::new().await;
    let page = visit.read(&visit.page).await;
    let is_off = |entry: &str| entry.starts_with("<button type=\"button\" aria-disabled=\"true\">");
    let staff = entries(&page, SMS_STAFF)[0];
    assert!(is_off(staff) && staff.contains("No mobile number"), "{staff}");
    let all = entries(&page, SMS)[0];
    assert!(all.starts_with("<a ") && all.contains("Not to") && all.contains("Luis"), "{all}");
    let luis = entries(&page, SMS)[2];
    assert!(is_off(luis) && luis.contains("There is no address for it."), "{luis}");
    let luis = entries(&page, MAIL)[2];
    assert!(is_off(luis) && luis.contains("They have not agreed to it."), "{luis}");
    assert!(!page.contains("<b>Prado"), "a name is text");
    assert!(page.contains("The link of Luis &#60;b&#62;Prado"), "also in labels");
}

#[tokio::test]
async fn where_nothing_is_set_up_copying_still_works_and_the_rest_says_so() {
    let world = World::new().await;
    let body = of_two(&world.here);
    let visit = Visit::of(world, &body).await;
    let page = visit.read(&visit.page).await;
    for word in [SMS_STAFF, MAIL_STAFF, SMS, MAIL] {
        for entry in entries(&page, word) {
            assert!(entry.contains("It is not set up on this installation."), "{entry}");
        }
    }
    assert!(entries(&page, COPY)[0].contains("data-copy"));
    let preview = visit.read(&format!("{}/send?to={}&by=email", visit.page, visit.ana)).await;
    assert!(preview.contains("Nobody can be sent anything this way."), "{preview}");
    assert!(!preview.contains("<form method=\"post\" action=\"/appointments"), "there is nothing to press");
}

#[tokio::test]
async fn of_a_cancelled_or_in_person_visit_nothing_is_handed_out_and_the_menu_says_why() {
    for (field, value, why) in [
        ("status", "cancelled", "The visit is cancelled, and its links say so."),
        ("kind", "in_person", "The visit is at the clinic: there is no room to join."),
    ] {
        let world = world().await;
        let mut body = of_two(&world.here);
        body[field] = json!(value);
        let visit = Visit::of(world, &body).await;
        for path in [visit.page.clone(), format!("{}/menu", visit.page)] {
            let html = visit.read(&path).await;
            // No rule offers telehealth here, so a visit at the clinic says nothing of links at all.
            if value == "in_person" {
                assert!(!html.contains("Telehealth links") && !html.contains("Link to Patient"), "{html}");
            } else {
                assert!(html.contains(why), "{path}: {html}");
            }
            assert!(!html.contains("/v/") && !html.contains("/h/"), "{path} hands out a link");
            assert!(!html.contains(&format!("{}/send?", visit.page)), "{path}");
        }
        let preview = visit.read(&format!("{}/send?to=patients&by=email", visit.page)).await;
        assert!(preview.contains("lead nowhere"), "{preview}");
        let sent = visit.press(&format!("{}/send", visit.page), &[("to", "patients"), ("by", "email")]).await;
        assert_eq!(sent.status, StatusCode::CONFLICT);
    }
}

#[tokio::test]
async fn only_the_host_may_join_and_everybody_else_reads_who_may() {
    let visit = Visit::new().await;
    let host = visit.world.session_of(&visit.world.here.staff).await;
    let own = read(&visit.world, &host, &visit.page).await;
    assert!(own.contains(&format!("href=\"{}\"><span>Join Telehealth Session", visit.host)), "{own}");
    let desk = visit.read(&visit.page).await;
    assert!(desk.contains("osei of Riverside\u{2069} can, signed in."), "{desk}");
    assert!(!desk.contains(&format!("href=\"{}\"", visit.host)), "it would lead the desk nowhere");
    assert!(desk.contains("Get Staff Telehealth Link"));
}

#[tokio::test]
async fn the_board_holds_no_links_and_a_rows_menu_fetches_its_own() {
    let visit = Visit::new().await;
    for path in ["/board", "/board/rows"] {
        let board = visit.read(path).await;
        assert!(!board.contains("/v/") && !board.contains("/h/"), "{path} hands every link to every screen");
        assert!(board.contains(&format!("data-menu=\"{}/menu\"", visit.page)), "{board}");
    }
    let menu = visit.read(&format!("{}/menu", visit.page)).await;
    for (word, how_often) in
        [(COPY_STAFF, 1), (SMS_STAFF, 1), (MAIL_STAFF, 1), (COPY, 3), (SMS, 3), (MAIL, 3)]
    {
        assert_eq!(entries(&menu, word).len(), how_often, "{word}");
    }
    assert!(menu.contains(&format!("data-copy=\"{}\"", visit.host)), "{menu}");
    assert!(menu.contains("Join Telehealth Session") && menu.contains("Get Staff Telehealth Link"));
}
