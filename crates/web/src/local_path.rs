//! Where to go after signing in: a path of our own and nothing else.

use url::Url;

/// The path with its query, where it leads to our own pages. Anything a browser could read as another host, and
/// anything that could break a header, is refused.
pub fn parse(text: &str) -> Option<String> {
    let fits = text.starts_with('/')
        && text.len() <= 512
        && text.chars().all(|c| c.is_ascii_graphic() && c != '\\' && c != '#');
    if !fits {
        return None;
    }
    // A browser resolves the text against the page's address; so do we, and look where that leads.
    let base = Url::parse("https://local.invalid/").ok()?;
    let url = base.join(text).ok()?;
    let leads_here = url.origin() == base.origin()
        && !url.path().starts_with("//")
        && !url.path().starts_with("/sign-in")
        && !url.path().starts_with("/sign-out")
        // Holds a code of Zoom's that works once.
        && !url.path().starts_with("/zoom/callback");
    leads_here.then(|| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn our_own_paths_are_taken() {
        assert_eq!(parse("/board").as_deref(), Some("/board"));
        assert_eq!(
            parse("/board?date=2026-11-23&host=a%20b").as_deref(),
            Some("/board?date=2026-11-23&host=a%20b")
        );
        assert_eq!(parse("/appointments/../room").as_deref(), Some("/room"));
    }

    #[test]
    fn whatever_a_browser_could_read_as_another_host_is_refused() {
        for trick in [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example/",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "javascript:alert(1)",
            "evil.example",
            "",
            "/..//evil.example",
            "/.//evil.example",
            "/board\r\nSet-Cookie: a=b",
            "/bo\u{e4}rd",
            "/%00\0",
            "///evil.example",
            "/board#//evil.example",
            "http:/board",
            "@evil.example",
            "/./\\evil.example",
        ] {
            assert_eq!(parse(trick), None, "{trick:?}");
        }
        assert_eq!(parse(&format!("/{}", "a".repeat(600))), None);
    }

    #[test]
    fn signing_in_does_not_lead_back_to_signing_in_or_out() {
        assert_eq!(parse("/sign-in?next=/sign-in"), None);
        assert_eq!(parse("/sign-out"), None);
    }

    proptest! {
        #[test]
        fn whatever_is_taken_stays_with_us(text in "[/\\\\a-z.:@?#%]{0,24}") {
            if let Some(path) = parse(&text) {
                let base = Url::parse("https://clinic.example/sign-in").unwrap();
                let led_to = base.join(&path).unwrap();
                prop_assert_eq!(led_to.host_str(), Some("clinic.example"));
                prop_assert_eq!(parse(&path), Some(path));
            }
        }
    }
}
