//! The pages as people use them: forms are sent as a browser sends them, without a script.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{
    AppointmentId, Timestamp,
    attendance::matching::Press,
    room::{Connection, ConnectionState, Room, RoomKind},
    staff::{Role, StaffMember},
};
use store::ports::access::SealedTokens;
use vault::Place as Sealing;

use crate::world::{Answer, World, get, post};

pub const JOIN: &str = "https://zoom.us/j/93612345678?pwd=secret";

/// Gives the clinic's staff member a room, as connecting would.
pub async fn give_a_room(world: &World) -> Room {
    give_a_room_of(world, RoomKind::Open).await
}

/// The same of another kind.
pub async fn give_a_room_of(world: &World, kind: RoomKind) -> Room {
    let (member, ambient) = (&world.here.staff, &world.app.ambient);
    let now = ambient.now();
    let connection = Connection {
        id: ambient.id(),
        clinic_id: member.clinic_id,
        staff_id: member.id,
        zoom_user_id: "zoom-user".to_owned(),
        zoom_account_id: "zoom-account".to_owned(),
        zoom_email: "a.osei@zoom.example".to_owned(),
        zoom_plan: 2,
        state: ConnectionState::Connected,
        trouble: None,
        checked_at: now,
        created_at: now,
    };
    let tokens = SealedTokens {
        connection_id: connection.id,
        access: b"sealed".to_vec(),
        refresh: b"sealed".to_vec(),
        access_expires_at: now.plus(Duration::from_hours(1)),
        scopes: String::new(),
        refreshed_at: now,
    };
    let room = Room {
        id: ambient.id(),
        clinic_id: member.clinic_id,
        staff_id: member.id,
        kind,
        meeting_number: 93_612_345_678,
        zoom_user_id: connection.zoom_user_id.clone(),
        zoom_account_id: connection.zoom_account_id.clone(),
        checked_at: now,
        created_at: now,
    };
    let (clinic, row) = (member.clinic_id.to_string(), room.id.to_string());
    let place = Sealing { clinic: &clinic, table: "rooms", column: "join_url", row: &row };
    let sealed = world.app.keyring.seal(place, ambient.bytes(), JOIN.as_bytes()).unwrap().into_bytes();
    let mut tx = world.store().begin().await.unwrap();
    tx.insert_connection(&connection, &tokens).await.unwrap();
    tx.insert_room(&room, &sealed).await.unwrap();
    tx.commit().await.unwrap();
    room
}

/// What the form sends for a visit with the clinic's staff member at 11:00.
fn visit<'a>(host: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("date", "2026-11-23"),
        ("start", "11:00"),
        ("minutes", "30"),
        ("host", host),
        ("kind", "telehealth"),
        ("attendee-0-external", ""),
        ("attendee-0-name", "Rosa Delgado"),
        ("attendee-0-email", "rosa@example.org"),
        ("attendee-0-phone", ""),
        ("attendee-0-by-email", "on"),
        ("attendee-1-name", ""),
    ];
    for (name, value) in changes {
        fields.retain(|(field, _)| field != name);
        fields.push((name, value));
    }
    fields
}

/// A world with a visit that the desk has booked: its cookie, and the visit's page.
pub async fn booked(world: &World) -> (String, String) {
    let desk = world.session_of(&world.here.scheduler).await;
    let host = world.here.staff.id.to_string();
    let answer = world.send(post("/appointments").cookie(&desk).form(&visit(&host, &[]))).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = answer.header("location").split('?').next().unwrap().to_owned();
    (desk, page)
}

pub async fn read(world: &World, cookie: &str, path: &str) -> String {
    let answer = world.send(get(path).cookie(cookie)).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.body
}

/// The path of the first link of this kind (`v` or `h`) on a page.
pub fn link(html: &str, kind: char) -> String {
    let start = format!("http://127.0.0.1:8080/{kind}/");
    let token = html.split(&start).nth(1).unwrap().split('"').next().unwrap();
    format!("/{kind}/{token}")
}

/// What the page's own form sends: a press by somebody who has loaded the page.
pub async fn press_on_page(world: &World, path: &str) -> Answer {
    let page = world.send(get(path)).await;
    world.send(post(&format!("{path}/join")).form(&[("page", &page_token(&page.body)), ("way", "app")])).await
}

/// The page's own token.
pub fn page_token(html: &str) -> String {
    html.split("data-page=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

pub fn text_of(answer: &Answer) -> String {
    answer.body.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect()
}

pub async fn presses(world: &World, room: &Room) -> Vec<Press> {
    let all = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
    world.store().read().await.unwrap().presses_in_room(room.clinic_id, room.id, all).await.unwrap()
}

#[tokio::test]
async fn what_the_desk_books_stands_on_the_board_with_its_links() {
    let world = World::new().await;
    give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let board = read(&world, &desk, "/board").await;
    assert!(board.contains("Rosa Delgado") && board.contains(&page) && board.contains("11:00"));
    assert!(board.contains("no link sent yet"));
    let shown = read(&world, &desk, &page).await;
    assert!(shown.contains("Monday 23 November 2026, 11:00–11:30 CST"), "{shown}");
    let menu = read(&world, &desk, &format!("{page}/menu")).await;
    assert!(menu.contains(&link(&shown, 'v')), "the link can be copied from the board");
}

#[tokio::test]
async fn what_is_wrong_with_a_booking_stands_beside_its_field_and_nothing_is_lost() {
    let world = World::new().await;
    let desk = world.session_of(&world.here.scheduler).await;
    let host = world.here.staff.id.to_string();
    let wrong = visit(&host, &[("minutes", "0"), ("attendee-0-email", "rosa@")]);
    let answer = world.send(post("/appointments").cookie(&desk).form(&wrong)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Give the length in whole minutes, from 1 to 1440."));
    assert!(answer.body.contains(r#"value="Rosa Delgado""#) && answer.body.contains(r#"value="rosa@""#));
    assert!(!read(&world, &desk, "/board").await.contains("Rosa Delgado"), "nothing was booked");
}

#[tokio::test]
async fn a_host_of_another_clinic_cannot_be_booked() {
    let world = World::new().await;
    let desk = world.session_of(&world.here.scheduler).await;
    let stranger = world.there.staff.id.to_string();
    let answer = world.send(post("/appointments").cookie(&desk).form(&visit(&stranger, &[]))).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Choose somebody who sees patients here."));
}

#[tokio::test]
async fn one_more_row_asks_for_nothing_and_books_nothing() {
    let world = World::new().await;
    let desk = world.session_of(&world.here.scheduler).await;
    let answer = world
        .send(post("/appointments").cookie(&desk).form(&visit("", &[("more", "1"), ("minutes", "soon")])))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body.contains("attendee-2-name") && !answer.body.contains("Not saved yet"));
}

#[tokio::test]
async fn a_visit_can_be_moved_cancelled_and_booked_again_and_keeps_its_links() {
    let world = World::new().await;
    give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let before = read(&world, &desk, &page).await;
    let rosa = before.split("attendee-0-external\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let host = world.here.staff.id.to_string();
    let moved = visit(&host, &[("start", "13:00"), ("attendee-0-external", rosa)]);
    let moved: Vec<_> = moved.into_iter().chain([("revision", "0")]).collect();
    let answer = world.send(post(&page).cookie(&desk).form(&moved)).await;
    assert_eq!(answer.header("location"), format!("{page}?done=changed"));
    let after = read(&world, &desk, &page).await;
    assert!(after.contains("13:00–13:30"));
    assert_eq!(link(&after, 'v'), link(&before, 'v'));

    world.send(post(&format!("{page}/cancel")).cookie(&desk)).await;
    let cancelled = world.send(get(&link(&before, 'v'))).await;
    assert!(text_of(&cancelled).contains("This visit was cancelled"));
    assert!(!cancelled.body.contains("/join"), "there is nothing to press");
    assert!(read(&world, &desk, "/board").await.contains("cancelled"));

    world.send(post(&format!("{page}/restore")).cookie(&desk)).await;
    assert!(text_of(&world.send(get(&link(&before, 'v'))).await).contains("Join"));
}

#[tokio::test]
async fn a_patient_comes_to_the_hosts_room_by_one_press_that_is_noted() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let path = link(&read(&world, &desk, &page).await, 'v');
    let shown = world.send(get(&path)).await;
    let text = text_of(&shown);
    assert!(text.contains("Riverside") && text.contains("osei of Riverside"), "{text}");
    assert!(text.contains("11:00 AM to 11:30 AM") && text.contains("CST, Chicago time"), "{text}");
    assert!(!shown.body.contains("Rosa") && !shown.body.contains("zoom.us"), "{}", shown.body);
    assert!(presses(&world, &room).await.is_empty(), "looking presses nothing");

    let pressed = press_on_page(&world, &path).await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, JOIN));
    assert_eq!(presses(&world, &room).await.len(), 1);
    assert!(read(&world, &desk, "/board").await.contains("Pressed Join at 10:00, not in the room yet."));
}

#[tokio::test]
async fn a_link_that_is_pressed_without_end_is_stopped_and_no_other() {
    let world = World::new().await;
    let room = give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let path = link(&read(&world, &desk, &page).await, 'v');
    for _ in 0..30 {
        assert_eq!(world.send(post(&format!("{path}/join"))).await.status, StatusCode::SEE_OTHER);
    }
    let stopped = world.send(post(&format!("{path}/join"))).await;
    assert_eq!((stopped.status, stopped.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "900"));
    assert_eq!(presses(&world, &room).await.len(), 30);
    assert_eq!(world.send(get(&path)).await.status, StatusCode::OK, "the page is shown all the same");
    world.clock.advance(Duration::from_mins(15));
    assert_eq!(world.send(post(&format!("{path}/join"))).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn only_the_pages_own_script_opens_a_link() {
    let world = World::new().await;
    give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let path = link(&read(&world, &desk, &page).await, 'v');
    world.send(get(&path)).await;
    assert!(read(&world, &desk, &page).await.contains("Not opened yet."), "a scanner of mail opened nothing");
    let told = world.send(post(&format!("{path}/opened"))).await;
    assert_eq!(told.status, StatusCode::NO_CONTENT);
    assert!(read(&world, &desk, &page).await.contains("Not opened yet."), "it had not loaded the page");
    let page_token = page_token(&world.send(get(&path)).await.body);
    let told = world.send(post(&format!("{path}/opened")).form(&[("page", &page_token)])).await;
    assert_eq!(told.status, StatusCode::NO_CONTENT);
    assert!(read(&world, &desk, &page).await.contains("First opened 10:00."));
}

#[tokio::test]
async fn a_patient_without_a_way_in_reads_why_and_what_to_do() {
    let world = World::new().await;
    let (desk, page) = booked(&world).await;
    let no_room = read(&world, &desk, &page).await;
    let path = link(&no_room, 'v');
    assert!(text_of(&world.send(get(&path)).await).contains("The room is not ready yet."));
    let pressed = world.send(post(&format!("{path}/join"))).await;
    assert_eq!((pressed.status, pressed.header("location")), (StatusCode::SEE_OTHER, path.as_str()));

    give_a_room(&world).await;
    world.clock.advance(Duration::from_hours(8));
    assert!(text_of(&world.send(get(&path)).await).contains("This visit is over"));
    let unknown = world.send(get("/v/never-was")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(text_of(&unknown).contains("This link does not work"));
    assert_eq!(world.send(post("/v/never-was/join")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_hosts_link_lets_in_that_host_alone_and_only_signed_in() {
    let world = World::new().await;
    give_a_room(&world).await;
    let (desk, page) = booked(&world).await;
    let path = link(&read(&world, &desk, &page).await, 'h');
    let stranger = world.send(get(&path)).await;
    assert_eq!((stranger.status, stranger.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
    assert_eq!(world.send(get(&path).cookie(&desk)).await.status, StatusCode::FORBIDDEN);
    let host = world.session_of(&world.here.staff).await;
    let way = world.send(get(&path).cookie(&host)).await;
    assert_eq!(
        (way.status, way.header("location")),
        (StatusCode::SEE_OTHER, "https://zoom.us/s/93612345678")
    );
    let elsewhere = world.session_of(&world.there.staff).await;
    assert_eq!(world.send(get(&path).cookie(&elsewhere)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_room_shows_its_owner_the_connection_and_both_links() {
    let world = World::new().await;
    let host = world.session_of(&world.here.staff).await;
    let before = read(&world, &host, "/room").await;
    assert!(before.contains("Not connected.") && before.contains("/zoom/connect"));
    assert!(!before.contains("Join as host"), "there is nowhere to join");
    give_a_room(&world).await;
    let (_, page) = booked(&world).await;
    let after = read(&world, &host, "/room").await;
    assert!(after.contains("as a.osei@zoom.example, checked just now."));
    assert!(after.contains(&JOIN.replace('&', "&#38;")) && after.contains("Nobody is in your room."));
    assert!(after.contains(&page) && after.contains("11:00–11:30"));
    let way = world.send(get(&link(&after, 'h')).cookie(&host)).await;
    assert_eq!(way.header("location"), "https://zoom.us/s/93612345678");
}

#[tokio::test]
async fn a_visit_is_shown_to_the_desk_its_host_and_the_admin_and_changed_by_the_desk_alone() {
    let world = World::new().await;
    give_a_room(&world).await;
    let (_, page) = booked(&world).await;
    let host = world.session_of(&world.here.staff).await;
    assert!(read(&world, &host, &page).await.contains("/v/"));
    let auditor = world.session_of(&world.here.admin).await;
    let shown = read(&world, &auditor, &page).await;
    assert!(shown.contains("Rosa Delgado") && shown.contains("/v/") && !shown.contains("/cancel"));

    let colleague = StaffMember {
        id: world.app.ambient.id(),
        email: domain::text::Email::parse("colleague@riverside.example").unwrap(),
        phone: None,
        external_id: None,
        roles: [Role::Staff].into(),
        ..world.here.staff.clone()
    };
    let mut tx = world.store().begin().await.unwrap();
    tx.insert_staff(colleague.clinic_id, &colleague).await.unwrap();
    tx.commit().await.unwrap();
    for person in [&colleague, &world.there.scheduler] {
        let cookie = world.session_of(person).await;
        assert_eq!(world.send(get(&page).cookie(&cookie)).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn another_clinics_desk_changes_nothing_here() {
    let world = World::new().await;
    let (desk, page) = booked(&world).await;
    let other = world.session_of(&world.there.scheduler).await;
    let host = world.here.staff.id.to_string();
    for path in [page.clone(), format!("{page}/cancel"), format!("{page}/restore")] {
        let answer = world.send(post(&path).cookie(&other).form(&visit(&host, &[]))).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(read(&world, &desk, &page).await.contains("Booked"));
    assert!(!read(&world, &other, "/board").await.contains("Rosa"));
}

#[tokio::test]
async fn the_auditor_filters_and_the_file_keeps_the_filter() {
    let world = World::new().await;
    let (_, page) = booked(&world).await;
    let auditor = world.session_of(&world.here.admin).await;
    let shown = read(&world, &auditor, "/attendance").await;
    assert!(shown.contains("Rosa Delgado") && shown.contains("Is to come."));
    assert!(shown.contains(&format!("<a href=\"{page}\">")), "a line leads to its visit");
    assert!(!shown.contains(">0 s</a>"), "what was never measured is no zero");
    let none = read(&world, &auditor, "/attendance?patient=tom").await;
    assert!(none.contains("No session fits."));
    assert!(none.contains("/attendance.csv?from=2026-11-17&#38;to=2026-11-23&#38;patient=tom"), "{none}");
    let file = world.send(get("/attendance.csv?patient=rosa").cookie(&auditor)).await;
    assert_eq!(file.body.lines().count(), 2);
    let file = world.send(get("/attendance.csv?patient=tom").cookie(&auditor)).await;
    assert_eq!(file.body.lines().count(), 1);
    let wrong = read(&world, &auditor, "/attendance?from=2026-11-24&to=2026-11-23").await;
    assert!(wrong.contains("The first day must not be after the last."));
}

#[tokio::test]
async fn each_begins_on_their_own_page_and_sees_only_what_they_may_open() {
    let world = World::new().await;
    let here = &world.here;
    for (person, start, absent) in [
        (&here.scheduler, "/board", "href=\"/attendance\""),
        (&here.staff, "/room", "href=\"/board\""),
        (&here.admin, "/attendance", "href=\"/room\""),
    ] {
        let cookie = world.session_of(person).await;
        assert_eq!(world.send(get("/").cookie(&cookie)).await.header("location"), start);
        let page = read(&world, &cookie, start).await;
        assert!(page.contains(&format!("<a href=\"{start}\" aria-current=\"page\">")));
        assert!(!page.contains(absent), "{start} offers {absent}");
    }
    assert_eq!(world.send(get("/")).await.header("location"), "/sign-in?next=%2F");
}

#[tokio::test]
async fn assets_are_kept_for_good_by_their_digest() {
    let world = World::new().await;
    let page = world.send(get("/sign-in")).await;
    let style = page.body.split("href=\"/assets/style.").nth(1).unwrap().split('"').next().unwrap();
    let answer = world.send(get(&format!("/assets/style.{style}"))).await;
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(world.send(get("/assets/style.0000000000000000.css")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_can_be_named_who_is_not_on_the_board() {
    let world = World::new().await;
    let (desk, page) = booked(&world).await;
    let id: AppointmentId = page.strip_prefix("/appointments/").unwrap().parse().unwrap();
    let attendee = world
        .store()
        .read()
        .await
        .unwrap()
        .appointment(world.here.clinic.id, id)
        .await
        .unwrap()
        .unwrap()
        .attendees[0]
        .id
        .to_string();
    let path = "/board/presences/pres_01935a5a70007000800000000000002a/match";
    let answer = world.send(post(path).cookie(&desk).form(&[("attendee", &attendee)])).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(text_of(&answer).contains("no longer on the board"));
    let unclear = world.send(post(path).cookie(&desk).form(&[("as", "friend")])).await;
    assert_eq!(unclear.status, StatusCode::BAD_REQUEST);
}

/// What the form on the visit's page sends as it was drawn, at 11:00, with these changes.
fn as_drawn(html: &str, host: &str, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let hidden = |name: &str| {
        let start = format!("name=\"{name}\" value=\"");
        html.split(&start).nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let mut fields: Vec<(String, String)> = visit(host, changes)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .filter(|(name, _)| name != "attendee-0-external")
        .collect();
    for name in ["revision", "attendee-0-external", "attendee-0-shown"] {
        fields.push((name.to_owned(), hidden(name)));
    }
    fields
}

async fn save(world: &World, desk: &str, page: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    world.send(post(page).cookie(desk).form(&fields)).await
}

#[tokio::test]
async fn a_form_that_was_drawn_before_somebody_moved_the_visit_does_not_move_it_back() {
    let world = World::new().await;
    let (desk, page) = booked(&world).await;
    let host = world.here.staff.id.to_string();
    let drawn = read(&world, &desk, &page).await;
    let moved = save(&world, &desk, &page, &as_drawn(&drawn, &host, &[("start", "15:00")])).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
    let stale = as_drawn(&drawn, &host, &[("attendee-0-name", "Rosa Maria Delgado")]);
    let answer = save(&world, &desk, &page, &stale).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    assert!(answer.body.contains("Somebody else changed this appointment since you opened it."));
    assert!(answer.body.contains("15:00–15:30") && answer.body.contains("Rosa Maria Delgado"));
    let now = read(&world, &desk, &page).await;
    assert!(now.contains("15:00–15:30") && !now.contains("Rosa Maria Delgado"), "nothing was saved: {now}");
}

#[tokio::test]
async fn the_desk_says_what_a_patient_reads_best_and_takes_it_back() {
    let world = World::new().await;
    let (desk, page) = booked(&world).await;
    let host = world.here.staff.id.to_string();
    let spanish = "value=\"es\" selected";
    let drawn = read(&world, &desk, &page).await;
    assert!(!drawn.contains(spanish), "{drawn}");
    save(&world, &desk, &page, &as_drawn(&drawn, &host, &[("attendee-0-language", "es")])).await;
    let drawn = read(&world, &desk, &page).await;
    assert!(drawn.contains(spanish), "{drawn}");
    save(&world, &desk, &page, &as_drawn(&drawn, &host, &[("attendee-0-language", "")])).await;
    assert!(!read(&world, &desk, &page).await.contains(spanish));
}
