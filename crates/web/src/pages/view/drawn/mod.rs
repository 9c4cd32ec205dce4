//! Draws every page in every state. The tests here hold what is true of all of them; with `ANTEROOM_DRAW` set to a
//! folder, the pages are also written there to be looked at.

mod board;

use askama::Template;
use domain::Timestamp;

use super::frame::{Frame, Place};
use crate::pages::assets;

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn frame(title: &str, here: Option<Place>) -> Frame {
    Frame {
        title: title.to_owned(),
        clinic: "Riverside Counseling".to_owned(),
        person: "Priya Shah".to_owned(),
        places: vec![Place::Board, Place::Book, Place::Room, Place::Attendance],
        here,
        said: None,
    }
}

fn drawn() -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    all.extend(board::pages().into_iter().map(|(name, page)| (name, page.render().unwrap())));
    all
}

#[test]
fn every_page_can_be_drawn() {
    let pages = drawn();
    assert!(!pages.is_empty());
    if let Some(folder) = std::env::var_os("ANTEROOM_DRAW").map(std::path::PathBuf::from) {
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        for (name, html) in pages {
            std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
        }
        for asset in assets::ALL {
            std::fs::write(folder.join("assets").join(asset.file_name()), asset.bytes).unwrap();
        }
    }
}
