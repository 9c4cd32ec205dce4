//! Every language says the same things.

use std::collections::BTreeMap;

use domain::{outreach::message::Channel, text::Language};

use super::*;

fn language(text: &str) -> Language {
    Language::parse(text).unwrap()
}

/// Every text of a file by its path.
fn texts(file: &[u8]) -> BTreeMap<String, Vec<String>> {
    fn walk(path: &str, value: &toml::Value, found: &mut BTreeMap<String, Vec<String>>) {
        match value {
            toml::Value::String(text) => {
                found.insert(path.to_owned(), vec![text.clone()]);
            }
            toml::Value::Array(many) => {
                found.insert(
                    path.to_owned(),
                    many.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
                );
            }
            toml::Value::Table(table) => {
                table.iter().for_each(|(key, value)| walk(&format!("{path}.{key}"), value, found));
            }
            other => panic!("{path} holds {other}"),
        }
    }
    let mut found = BTreeMap::new();
    walk("", &toml::Value::Table(toml::from_slice(file).unwrap()), &mut found);
    found
}

#[test]
fn every_file_can_be_read_and_is_offered() {
    assert_eq!(Words::languages().len(), Files::iter().count());
    let offered: Vec<_> = Words::languages().iter().map(|words| words.language.as_str()).collect();
    assert_eq!(offered.first(), Some(&"en"));
    assert!(offered.contains(&"es"));
    assert_eq!(Words::of(&language("es")).name, "Español");
}

#[test]
fn a_language_that_is_not_there_is_english() {
    assert_eq!(Words::of(&language("tlh")).language, Language::english());
}

#[test]
fn all_languages_have_the_same_texts_with_the_same_placeholders() {
    // Each language puts its dates and times together in its own way.
    let own_way = |path: &str| path == ".time.time" || path.ends_with("_date");
    let english = texts(&Files::get("en.toml").unwrap().data);
    for path in Files::iter() {
        let other = texts(&Files::get(&path).unwrap().data);
        assert_eq!(english.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>(), "{path}");
        for (key, english) in english.iter().filter(|(key, _)| !own_way(key)) {
            let names = |texts: &[String]| {
                let mut names: Vec<String> = texts
                    .iter()
                    .flat_map(|text| {
                        fill::names(text).unwrap_or_else(|error| panic!("{path} {key}: {error}"))
                    })
                    .map(str::to_owned)
                    .collect();
                names.sort();
                names.dedup();
                names
            };
            assert_eq!(names(english), names(&other[key]), "{path} {key}");
        }
    }
}

#[test]
fn no_text_is_empty_or_carries_spaces_at_its_ends() {
    for path in Files::iter() {
        for (key, texts) in texts(&Files::get(&path).unwrap().data) {
            for text in texts {
                assert!(!text.is_empty() && text.trim() == text, "{path} {key}: {text:?}");
            }
        }
    }
}

#[test]
fn every_built_in_wording_would_pass_as_a_clinics_own() {
    for words in Words::languages() {
        for &occasion in Occasion::WORDED {
            for channel in [Channel::Email, Channel::Sms] {
                let wording = built_in(words, occasion, channel).unwrap();
                assert_eq!(checked(&wording).as_ref(), Ok(&wording), "{occasion:?} {channel:?}");
            }
        }
    }
}

#[test]
fn somebody_sees_the_page_in_what_they_ask_for_then_what_is_known_then_what_the_browser_says() {
    let (en, es) = (language("en"), language("es"));
    let (pl, choose) = (language("pl"), |asked, theirs, browser, clinic| {
        Words::choose(asked, theirs, browser, clinic).language.as_str().to_owned()
    });
    assert_eq!(choose(Some("es"), Some(&en), Some("en"), &en), "es");
    assert_eq!(choose(Some("klingon?"), Some(&es), Some("en"), &en), "es");
    assert_eq!(choose(None, Some(&pl), Some("es-MX,es;q=0.9,en;q=0.8"), &en), "es");
    assert_eq!(choose(None, None, Some("pl, en;q=0.5, es;q=0.7"), &en), "es");
    assert_eq!(choose(None, None, Some("es;q=0, *;q=0.1"), &en), "en");
    assert_eq!(choose(None, None, Some(";;;q=,,q=x"), &es), "es");
    assert_eq!(choose(None, None, None, &pl), "en");
}
