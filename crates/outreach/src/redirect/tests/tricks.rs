//! Tricks on redirect targets: addresses that some reader takes for Zoom's, and that lead elsewhere or are read in two ways.

use super::*;

/// Addresses that some reader takes for Zoom's.
const TRICKS: &[&str] = &[
    // Other schemes, and none.
    "http://zoom.us/j/1",
    "HTTPS://zoom.us/j/1",
    "https:zoom.us/j/1",
    "https:/zoom.us/j/1",
    "https:///zoom.us/j/1",
    "https:////zoom.us/j/1",
    "//zoom.us/j/1",
    "/j/1",
    "zoom.us/j/1",
    "",
    "javascript://zoom.us/%0aalert(1)",
    "data://zoom.us/text/html,x",
    "ftp://zoom.us/j/1",
    "wss://zoom.us/j/1",
    "zoommtg://zoom.us/join?confno=1",
    "file://zoom.us/etc/passwd",
    "blob:https://zoom.us/1",
    "view-source:https://zoom.us/j/1",
    "https+x://zoom.us/j/1",
    // Names that only look like it.
    "https://zoom.us.evil.example/j/1",
    "https://evilzoom.us/j/1",
    "https://evil-zoom.us/j/1",
    "https://zoom.us-evil.example/j/1",
    "https://zoom.use/j/1",
    "https://zoom.u/j/1",
    "https://zoom/j/1",
    "https://us/j/1",
    "https://zoom.us.com/j/1",
    "https://zoomus/j/1",
    "https://zo-om.us/j/1",
    "https://z00m.us/j/1",
    "https://evil.example/zoom.us",
    "https://evil.example?zoom.us",
    "https://evil.example#zoom.us",
    "https://evil.example/.zoom.us/j/1",
    "https://evil.example;.zoom.us/j/1",
    "https://evil.example,zoom.us/j/1",
    "https://evil.example&zoom.us/j/1",
    // A user name.
    "https://zoom.us@evil.example/j/1",
    "https://zoom.us:443@evil.example/j/1",
    "https://user@zoom.us/j/1",
    "https://user:password@zoom.us/j/1",
    "https://@zoom.us/j/1",
    "https://:@zoom.us/j/1",
    "https://evil.example%40zoom.us/j/1",
    "https://zoom.us%40evil.example/j/1",
    // Backslashes.
    "https:\\\\zoom.us/j/1",
    "https://zoom.us\\@evil.example/j/1",
    "https://evil.example\\.zoom.us/j/1",
    "https://evil.example\\@zoom.us/j/1",
    "https:/\\evil.example/zoom.us",
    "https://zoom.us\\/j/1",
    "https://zoom.us/j\\1",
    // White space and control characters, which some readers drop.
    " https://zoom.us/j/1",
    "https://zoom.us/j/1 ",
    "https://zoom.us /j/1",
    "https://zoom.us/j/1\r\nSet-Cookie: a=b",
    "https://zoom.us/j/1\n",
    "https://zoom.us/j/1\0",
    "https://zoom\t.us/j/1",
    "https://zoom.us\t/j/1",
    "ht\ntps://zoom.us/j/1",
    "https:/\t/zoom.us/j/1",
    "java\tscript://zoom.us/%0aalert(1)",
    "\u{feff}https://zoom.us/j/1",
    // Escapes in the name.
    "https://%7aoom.us/j/1",
    "https://zoom%2eus/j/1",
    "https://evil.example%2f.zoom.us/j/1",
    "https://evil.example%23.zoom.us/j/1",
    "https://evil.example%00.zoom.us/j/1",
    "https://zoom.us%2fevil.example/j/1",
    // Other scripts that are read as these letters, or look like them.
    "https://ｚｏｏｍ.us/j/1",
    "https://zoom。us/j/1",
    "https://zoom．us/j/1",
    "https://zооm.us/j/1",
    "https://zoоm.us/j/1",
    "https://xn--zm-fmca.us/j/1",
    "https://zöom.us/j/1",
    "https://zoom.u\u{17f}/j/1",
    "https://evil.example／.zoom.us/j/1",
    "https://zoo\u{ad}m.us/j/1",
    "https://zoo\u{200b}m.us/j/1",
    "https://\u{202e}su.mooz/j/1",
    "https://zoom.us/j/1?pwd=ü",
    // Dots and labels.
    "https://zoom.us./j/1",
    "https://.zoom.us/j/1",
    "https://..zoom.us/j/1",
    "https://a..zoom.us/j/1",
    "https://-a.zoom.us/j/1",
    "https://a_b.zoom.us/j/1",
    "https://*.zoom.us/j/1",
    "https://$.zoom.us/j/1",
    // Ports.
    "https://zoom.us:8443/j/1",
    "https://zoom.us:80/j/1",
    "https://zoom.us:443/j/1",
    "https://zoom.us:0443/j/1",
    "https://zoom.us:/j/1",
    "https://zoom.us:65536/j/1",
    "https://zoom.us:x/j/1",
    // Numeric addresses.
    "https://127.0.0.1/j/1",
    "https://[::1]/j/1",
    "https://169.254.169.254/latest/meta-data",
    "https://2130706433/j/1",
    "https://0x7f.1/j/1",
    "https://[::ffff:127.0.0.1]/j/1",
    "https://[zoom.us]/j/1",
    "http://localhost/j/1",
];

/// Families of tricks: every way of writing another host into an address of Zoom's, for each host and path.
fn families() -> Vec<String> {
    let mut all = Vec::new();
    let zooms = ["zoom.us", "us02web.zoom.us", "zoomgov.com"];
    let elsewhere = ["evil.example", "127.0.0.1", "[::1]", "xn--zm-fmca.us"];
    // Between `//` and the path, with Zoom before the other and after it.
    for zoom in zooms {
        for other in elsewhere {
            for between in ["@", ":443@", ":x@", "%40", "\\@", "%5c@", "%2f@", "#@", "?@", "/@"] {
                // After the first `/`, `?` or `#` it is Zoom's own path: only the other order leads elsewhere.
                let leads_to_zoom = between.starts_with(['/', '?', '#']);
                let (first, last) = if leads_to_zoom { (other, zoom) } else { (zoom, other) };
                all.push(format!("https://{first}{between}{last}/j/1?pwd=x"));
            }
            all.push(format!("https://{zoom}.{other}/j/1"));
            all.push(format!("https://{zoom}%00.{other}/j/1"));
            all.push(format!("https://{zoom}\u{3002}{other}/j/1"));
            all.push(format!("//{other}/{zoom}/j/1"));
        }
        for scheme in [
            "http",
            "HTTP",
            "hTTps",
            "ftp",
            "ftps",
            "ws",
            "wss",
            "file",
            "javascript",
            "data",
            "vbscript",
            "about",
            "blob",
            "intent",
            "zoommtg",
            "zoomus",
            "tel",
            "mailto",
            "market",
            "x-apple",
        ] {
            all.push(format!("{scheme}://{zoom}/j/1"));
        }
        for odd in [
            "\t", "\n", "\r", "\r\n", "\0", "\u{b}", "\u{c}", " ", "\u{a0}", "\u{2028}", "\u{feff}",
            "\u{200b}", "\u{ad}", "\u{202e}",
        ] {
            all.push(format!("https://{zoom}{odd}/j/1"));
            all.push(format!("https:{odd}//{zoom}/j/1"));
            all.push(format!("https://{zoom}/j/1{odd}"));
            all.push(format!("https://{zoom}/j/1{odd}Location: https://evil.example"));
        }
        for port in ["0", "22", "80", "443", "8080", "8443", "65535", "65536", "-1", "x", "", "４４３"] {
            all.push(format!("https://{zoom}:{port}/j/1"));
        }
        for (letter, like) in [
            ("o", "о"),
            ("o", "ο"),
            ("o", "0"),
            ("o", "º"),
            ("m", "rn"),
            ("z", "ｚ"),
            (".", "。"),
            (".", "．"),
        ] {
            all.push(format!("https://{}/j/1", zoom.replacen(letter, like, 1)));
        }
    }
    all
}

#[test]
fn three_hundred_tricks_are_refused_and_so_lead_to_no_web_client_either() {
    let long = format!("https://zoom.us/j/1?pwd={}", "x".repeat(LONGEST));
    let tricks: std::collections::BTreeSet<String> =
        TRICKS.iter().map(|&trick| trick.to_owned()).chain(families()).chain([long]).collect();
    assert!(tricks.len() >= 300, "{}", tricks.len());
    for trick in &tricks {
        assert_eq!(zoom().allow(trick), Err(NotAllowed), "{trick:?}");
    }
}

#[test]
fn only_a_join_link_to_that_very_meeting_has_a_web_client() {
    let in_browser = |address: &str| {
        let redirect = zoom().allow(address).ok()?;
        redirect.in_browser(86_720_014_455).map(|redirect| redirect.location().to_owned())
    };
    for (address, expected) in [
        (
            "https://us02web.zoom.us/j/86720014455?pwd=q7.1",
            "https://us02web.zoom.us/wc/join/86720014455?pwd=q7.1",
        ),
        (
            "https://us02web.zoom.us/w/86720014455?tk=a.b&pwd=c#success",
            "https://us02web.zoom.us/wc/join/86720014455?tk=a.b&pwd=c",
        ),
        ("https://zoom.us/j/86720014455", "https://zoom.us/wc/join/86720014455"),
        // The parser takes dots out, as browsers do.
        ("https://zoom.us/x/../j/86720014455", "https://zoom.us/wc/join/86720014455"),
    ] {
        assert_eq!(in_browser(address).as_deref(), Some(expected), "{address}");
    }
    for address in [
        "https://zoom.us/j/86720014456",
        "https://zoom.us/j/086720014455",
        "https://zoom.us/j/+86720014455",
        "https://zoom.us/j/86720014455/",
        "https://zoom.us/j/86720014455/../../evil",
        "https://zoom.us/j/86720014455%2f..",
        "https://zoom.us/j//86720014455",
        "https://zoom.us//j/86720014455",
        "https://zoom.us//evil.example/j/86720014455",
        "https://zoom.us/j/%38%36720014455",
        "https://zoom.us/J/86720014455",
        "https://zoom.us/s/86720014455",
        "https://zoom.us/my/amara",
        "https://zoom.us/wc/join/86720014455",
        "https://zoom.us/?j/86720014455",
        "https://zoom.us/#/j/86720014455",
        "https://zoom.us/j/-1",
        "https://zoom.us/j/",
        "https://zoom.us/",
    ] {
        assert_eq!(in_browser(address), None, "{address}");
    }
}

proptest! {
    #[test]
    fn the_web_client_is_on_the_same_host_whatever_the_query_says(
        query in "[!-~]{0,60}",
        number in 1_i64..99_999_999_999,
    ) {
        let address = format!("https://us02web.zoom.us/j/{number}?{query}");
        if let Ok(redirect) = zoom().allow(&address) {
            let location = redirect.in_browser(number).unwrap().location().to_owned();
            prop_assert!(location.starts_with(&format!("https://us02web.zoom.us/wc/join/{number}?")), "{location}");
            prop_assert!(!location.contains('#'));
        }
    }
}
