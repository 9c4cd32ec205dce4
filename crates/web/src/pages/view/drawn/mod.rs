//! Draws every page in every state. The tests here hold what is true of all of them.

mod board;
mod connections;
mod feed;
mod hand_out;
mod others;
mod outreach;
mod portals;
mod rooms;
mod visits;

use askama::Template;
use domain::Timestamp;

use super::frame::{Frame, Place};
use crate::pages::assets;

/// A name as somebody could type it into Zoom to break a page.
const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror=alert(2)>'&\u{202e}";

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn frame(title: &str, here: Option<Place>) -> Frame {
    Frame {
        title: title.to_owned(),
        clinic: "Riverside Counseling".to_owned(),
        person: "Priya Shah".to_owned(),
        places: vec![Place::Board, Place::Book, Place::Room, Place::Attendance, Place::Feed],
        here,
        said: None,
    }
}

fn drawn() -> Vec<(&'static str, String)> {
    let mut all = others::pages();
    all.extend(visits::pages());
    all.extend(hand_out::pages());
    all.extend(rooms::pages());
    all.extend(portals::pages());
    all.extend(outreach::pages());
    all.extend(connections::pages());
    all.extend(feed::pages().into_iter().map(|(name, page)| (name, page.render().unwrap())));
    all.extend(board::pages().into_iter().map(|(name, page)| (name, page.render().unwrap())));
    all
}

fn count(html: &str, needle: &str) -> usize {
    html.matches(needle).count()
}

#[test]
fn every_page_has_a_language_a_title_one_heading_and_one_main() {
    for (name, html) in drawn() {
        let language =
            html.split_once("<!doctype html>\n<html lang=\"").and_then(|(_, rest)| rest.split('"').next());
        assert!(language.is_some_and(|language| language == "en" || name.starts_with("visit")), "{name}");
        assert_eq!(count(&html, "<h1"), 1, "{name}");
        assert_eq!(count(&html, "<main"), 1, "{name}");
        let title = html.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
        assert!(title.len() > 3, "{name}: {title:?}");
        assert!(html.contains("<a class=\"skip\" href=\"#main\">"), "{name}");
    }
}

#[test]
fn no_page_needs_more_than_the_content_security_policy_allows() {
    for (name, html) in drawn() {
        for forbidden in ["<style", " style=", "javascript:", "<iframe", "<object", "<base"] {
            assert!(!html.contains(forbidden), "{name} holds {forbidden}");
        }
        for script in html.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/assets/"), "{name} has a script of its own: {script:.60}");
        }
        // No attribute's name begins with "on". What stands between quotes is a value.
        for tag in html.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
            let names: String = tag.split('"').step_by(2).collect();
            assert!(!names.contains(" on"), "{name}: <{tag}>");
        }
        for loaded in ["src=\"http", "href=\"http", "src=\"//", "href=\"//", "url(http"] {
            let own = html.replace("href=\"https://clinic.example/", "href=\"/");
            assert!(!own.contains(loaded), "{name} loads something from elsewhere");
        }
    }
}

#[test]
fn a_name_cannot_break_out_of_its_place() {
    let mut seen = 0;
    for (name, html) in drawn() {
        assert!(!html.contains("<script>alert"), "{name}");
        assert!(!html.contains("<img"), "{name}");
        seen += count(&html, "&#60;script&#62;alert(1)");
    }
    assert!(seen >= 5, "the hostile name stands on the pages: {seen}");
}

#[test]
fn every_field_has_a_label() {
    for (name, html) in drawn() {
        for field in html.split("<input").skip(1).chain(html.split("<select").skip(1)) {
            let tag = field.split('>').next().unwrap();
            if tag.contains("type=\"hidden\"") {
                continue;
            }
            let labelled = tag
                .split(" id=\"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .is_some_and(|id| html.contains(&format!("for=\"{id}\"")));
            let place =
                html.find(&format!("<input{tag}")).or_else(|| html.find(&format!("<select{tag}"))).unwrap();
            let before = html.get(..place).unwrap();
            let inside = before.rfind("<label").unwrap_or(0) > before.rfind("</label>").unwrap_or(0);
            assert!(labelled || inside, "{name}: <input{tag}>");
        }
    }
}

#[test]
fn ids_in_a_page_are_unique() {
    for (name, html) in drawn() {
        let mut ids: Vec<&str> =
            html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}");
    }
}

#[test]
fn a_patients_page_is_small_and_says_nothing_about_health() {
    let files = [&assets::STYLE, &assets::VISIT_JS, &assets::CHECK_JS, &assets::FAVICON];
    let weight: usize = files.iter().map(|file| file.bytes.len()).sum();
    for (name, html) in drawn().into_iter().filter(|(name, _)| name.starts_with("visit")) {
        assert!(html.len() + weight < 100 * 1024, "{name} weighs {}", html.len() + weight);
        let text = html.to_lowercase();
        for word in [
            "health",
            "therap",
            "treatment",
            "patient",
            "diagnos",
            "medic",
            "salud",
            "terap",
            "tratamiento",
            "pacient",
            "diagnós",
            "médic",
            "anteroom",
        ] {
            assert!(!text.contains(word), "{name} says {word}");
        }
    }
}
