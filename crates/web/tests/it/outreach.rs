//! How patients are reached, as an admin says it: settings and wordings, by forms and without a script.

use axum::http::StatusCode;
use domain::outreach::{Settings, message::Channel, message::Occasion, reminders::QuietHours};
use domain::text::Language;

use crate::{
    pages::read,
    world::{Answer, World, get, post},
};

/// What the form sends when an admin only presses Save.
const UNTOUCHED: &[(&str, &str)] = &[
    ("do", "save"),
    ("opens-number", "1"),
    ("opens-unit", "days"),
    ("closes-number", "4"),
    ("closes-unit", "hours"),
    ("phone", ""),
    ("language", "en"),
    ("tell-changes", "on"),
    ("quiet", "on"),
    ("quiet-from", "21:00"),
    ("quiet-to", "08:00"),
    ("portal-origin", ""),
];

async fn send(
    world: &World,
    cookie: &str,
    path: &str,
    changes: &[(&str, &str)],
    base: &[(&str, &str)],
) -> Answer {
    let mut fields: Vec<_> = base
        .iter()
        .filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name))
        .copied()
        .collect();
    fields.extend(changes);
    world.send(post(path).cookie(cookie).form(&fields)).await
}

async fn kept(world: &World) -> Settings {
    world.store().read().await.unwrap().outreach_settings(world.here.clinic.id).await.unwrap()
}

#[tokio::test]
async fn pressing_save_on_an_untouched_page_keeps_everything_as_it_was() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let answer = send(&world, &admin, "/outreach", &[], UNTOUCHED).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/outreach?done=saved"));
    assert_eq!(kept(&world).await, Settings::default());
    assert!(read(&world, &admin, "/outreach?done=saved").await.contains("Saved."));
}

#[tokio::test]
async fn what_an_admin_says_is_kept_for_their_clinic_and_shown_again() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let changes = [
        ("opens-number", "30"),
        ("opens-unit", "minutes"),
        ("phone", "+1 (555) 010-0123"),
        ("language", "es"),
        ("send-when-booked", "on"),
        ("rung-0-number", "10"),
        ("rung-0-unit", "minutes"),
        ("rung-1-number", "3"),
        ("rung-1-unit", "days"),
        ("quiet-from", "20:30"),
        ("portal-origin", "https://Portal.example"),
    ];
    let answer = send(&world, &admin, "/outreach", &changes, UNTOUCHED).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let settings = kept(&world).await;
    assert_eq!((settings.opens_before, settings.closes_after), (30, 240));
    assert_eq!(settings.ladder.rungs(), [4320, 10]);
    assert_eq!(settings.language.as_str(), "es");
    assert!(settings.send_when_booked && settings.tell_changes);
    assert_eq!(settings.quiet.unwrap().to, QuietHours::default().to);
    let page = read(&world, &admin, "/outreach").await;
    for shown in
        ["value=\"+15550100123\"", "value=\"https://portal.example\"", "value=\"20:30\"", "value=\"30\""]
    {
        assert!(page.contains(shown), "{shown}");
    }
    let theirs = world.store().read().await.unwrap().outreach_settings(world.there.clinic.id).await.unwrap();
    assert_eq!(theirs, Settings::default());
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let changes = [
        ("opens-number", "a while"),
        ("phone", "555 010"),
        ("rung-0-number", "<b>40</b>"),
        ("rung-0-unit", "days"),
        ("portal-origin", "http://portal.example/visits"),
        ("quiet-to", "8 o'clock"),
    ];
    let answer = send(&world, &admin, "/outreach", &changes, UNTOUCHED).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for typed in ["a while", "555 010", "&#60;b&#62;40", "http://portal.example/visits", "8 o&#39;clock"] {
        assert!(answer.body.contains(typed), "{typed}: {}", answer.body);
    }
    for field in ["opens-wrong", "phone-wrong", "rung-0-wrong", "portal-origin-wrong", "quiet-to-wrong"] {
        assert!(answer.body.contains(&format!("id=\"{field}\"")), "{field}");
    }
    assert_eq!(kept(&world).await, Settings::default());
}

#[tokio::test]
async fn reminders_are_off_in_words_until_somebody_takes_the_usual_ones_and_saves() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    assert!(read(&world, &admin, "/outreach").await.contains("Reminders are off."));
    let changes = [("do", "usual"), ("phone", "half a number")];
    let answer = send(&world, &admin, "/outreach", &changes, UNTOUCHED).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.body.contains("not saved yet") && answer.body.contains("half a number"),
        "{}",
        answer.body
    );
    assert_eq!(answer.body.matches("before the start</span>").count(), 4);
    assert_eq!(kept(&world).await, Settings::default());
}

const LINK: &[(&str, &str)] = &[("of", "link"), ("by", "sms"), ("in", "en"), ("do", "save")];

async fn own(world: &World) -> bool {
    world
        .app
        .outreach
        .wording_of(world.here.clinic.id, Occasion::Link, Channel::Sms, &Language::english())
        .await
        .unwrap()
        .unwrap()
        .1
}

#[tokio::test]
async fn a_wording_is_tried_kept_and_given_back() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let page = "/outreach/wordings?of=link&by=sms&in=en";
    assert!(read(&world, &admin, page).await.contains("1 text message."));
    let body = ("body", "Hi {{ first_name }}, <i>come</i> in, María: {{ link }}");
    let tried = send(&world, &admin, "/outreach/wordings", &[body, ("do", "preview")], LINK).await;
    assert_eq!(tried.status, StatusCode::OK);
    assert!(tried.body.contains("Hi Rosa, &#60;i&#62;come"), "{}", tried.body);
    assert!(tried.body.contains("í is not in the alphabet"), "{}", tried.body);
    assert!(!own(&world).await, "a preview keeps nothing");
    let saved = send(&world, &admin, "/outreach/wordings", &[body], LINK).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(own(&world).await);
    assert!(read(&world, &admin, saved.header("location")).await.contains("your own words"));
    assert!(read(&world, &admin, "/outreach").await.contains("1 message is in your own words."));
    assert!(read(&world, &admin, "/outreach/wordings").await.contains("by text message: your own words"));
    let back = send(&world, &admin, "/outreach/wordings", &[("do", "restore")], LINK).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert!(!own(&world).await);
}

#[tokio::test]
async fn a_wording_with_a_name_that_nobody_knows_is_refused_with_those_that_are_known() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    let body = ("body", "Your {{ diagnosis }} visit: {{ link }}");
    let answer = send(&world, &admin, "/outreach/wordings", &[body], LINK).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("{{ diagnosis }} is not known here"), "{}", answer.body);
    assert!(answer.body.contains("Your {{ diagnosis }} visit"), "what was typed stays");
    assert!(!own(&world).await);
}

#[tokio::test]
async fn a_message_that_there_is_none_of_is_not_found() {
    let world = World::new().await;
    let admin = world.session_of(&world.here.admin).await;
    for query in ["of=bill&by=sms&in=en", "of=link&by=copy&in=en", "of=link&by=sms&in=tlh"] {
        let path = format!("/outreach/wordings?{query}");
        let answer = world.send(get(&path).cookie(&admin)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
    }
    let answer = send(&world, &admin, "/outreach/wordings", &[("by", "copy")], LINK).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
