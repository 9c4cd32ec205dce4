//! Successes whose bodies are not what they should be, or are framed wrongly.

use zoom::oauth::TokenError;

use super::{Kind, Must, PAGE, Want, http, json};
use crate::calls::{Call, Outcome};
use crate::peer::Play;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/// The call's good answer; an object even where there is nothing to say.
fn good(call: Call) -> &'static str {
    match call.good_body() {
        "" => r#"{"private":"body-canary"}"#,
        body => body,
    }
}

/// A success with a body made of the good one.
fn of_good(name: &str, must: Must, make: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Kind {
    Kind::by_call(name, move |call| Play::Say(json(200, make(good(call)))), must)
}

fn half(body: &str) -> &str {
    body.get(..body.len() / 2).unwrap_or_default()
}

/// What is odd and yet an answer. The first is the one that every other differs from.
pub fn good_ones() -> Vec<Kind> {
    let raw = |name: &str, make: fn(&str) -> String| {
        Kind::by_call(name, move |call| Play::Say(make(good(call)).into_bytes()), Must::be_done())
    };
    let after = |name: &str, before: &'static str| {
        let play = move |call| Play::Say([before.as_bytes(), &json(200, good(call))].concat());
        Kind::by_call(name, play, Must::be_done())
    };
    let mark = |body: &str| [&[0xEF, 0xBB, 0xBF], body.as_bytes()].concat();
    vec![
        Kind::by_call("a good answer", |call| Play::Say(json(200, call.good_body())), Must::be_done()),
        of_good("good, and a byte order mark before it", Must::be_done(), mark),
        of_good("good, and every field twice", Must::be_done(), |body| {
            let fields = body.trim_start_matches('{').trim_end_matches('}');
            let closed = body.trim_end_matches('}').len();
            let nested = body.get(closed + 1..).unwrap_or_default();
            format!("{{{fields}{nested},{fields}{nested}}}").into_bytes()
        }),
        of_good("good, and blanks around it", Must::be_done(), |body| {
            format!("\r\n\t {body} \n").into_bytes()
        }),
        Kind::by_call(
            "good, and called a page",
            |call| Play::Say(http(200, "content-type: text/html; charset=iso-8859-1\r\n", good(call))),
            Must::be_done(),
        ),
        raw("good, until the connection closes", |body| format!("{HEAD}connection: close\r\n\r\n{body}")),
        raw("good, as HTTP/1.0", |body| format!("HTTP/1.0 200 OK\r\n\r\n{body}")),
        raw("good, in chunks", |body| {
            let (one, two) = body.split_at(body.len() / 2);
            let (first, second) = (one.len(), two.len());
            format!(
                "{HEAD}transfer-encoding: chunked\r\n\r\n{first:x}\r\n{one}\r\n{second:x}\r\n{two}\r\n0\r\n\r\n"
            )
        }),
        after("good, after 100 Continue", "HTTP/1.1 100 Continue\r\n\r\n"),
        after("good, after 103 Early Hints", "HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n"),
        Kind::by_call(
            "good, with a status nobody uses",
            |call| Play::Say(json(299, good(call))),
            Must::be_done(),
        ),
    ]
}

fn tokens_count(must: Must) -> Must {
    Must { token: Want::Is(Outcome::Done, true), ..must }
}

/// Bodies that are none.
pub fn bodies() -> Vec<Kind> {
    let unreadable = || Must::be_unreadable("the body");
    let shapeless = || Must {
        read: Want::NoObject,
        write: Want::NoObject,
        tell: Want::NoObject,
        token: Want::NoObject,
        revoke: Want::NoObject,
    };
    let hollow = || Must {
        read: Want::EmptyObject,
        write: Want::EmptyObject,
        tell: Want::EmptyObject,
        token: Want::EmptyObject,
        revoke: Want::EmptyObject,
    };
    let say = |name: &str, body: &[u8], must: Must| Kind::new(name, Play::Say(json(200, body)), must);
    let wrong_types = r#"{"id":[],"account_id":true,"meetings":{},"participants":7,"meeting_security":[],"in_meeting":3,"uuid":false,"registrant_id":{},"attendees":"body-canary","access_token":7,"refresh_token":[]}"#;
    let refusal = r#"{"code":3001,"message":"Meeting does not exist: 86720014455."}"#;
    let grant = r#"{"error":"invalid_grant","reason":"body-canary"}"#;
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let deep_objects = format!("{}1{}", r#"{"a":"#.repeat(10_000), "}".repeat(10_000));
    let large = format!(r#"{{"a":"{}"}}"#, "x".repeat(5 << 20));
    let wide: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    // `{}` as gzip writes it, which nobody asked for.
    let packed = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 174, 5, 0, 67, 191, 166, 163, 2, 0, 0, 0];
    let mut kinds = vec![
        say("200 empty", b"", Must::be_empty()),
        say("200 with a page", PAGE.as_bytes(), unreadable()),
        say("200 with text", b"OK", unreadable()),
        say("200 with blanks", b" \r\n", unreadable()),
        say("200 with an empty object", b"{}", hollow()),
        say("200 with everything of the wrong type", wrong_types.as_bytes(), hollow()),
        say("200 with null", b"null", shapeless()),
        say("200 with a list", b"[]", shapeless()),
        say("200 with a number", b"7", shapeless()),
        say("200 with text in quotes", br#""body-canary""#, shapeless()),
        say("200 with Zoom's own refusal", refusal.as_bytes(), unreadable()),
        say("200 with invalid_grant", grant.as_bytes(), unreadable()),
        say("200 with lists 10,000 deep", deep.as_bytes(), unreadable()),
        say("200 with objects 10,000 deep", deep_objects.as_bytes(), unreadable()),
        say("200 in UTF-16", &wide, unreadable()),
        say("200 with NaN", br#"{"id":NaN}"#, unreadable()),
        say("200 with a zero byte", b"\0", unreadable()),
        say("200 with 5 MiB", large.as_bytes(), Must::be_unreadable("too large")),
        Kind::new("200 packed", Play::Say(http(200, "content-encoding: gzip\r\n", packed)), unreadable()),
        Kind::new("201 with a page", Play::Say(http(201, "", PAGE)), unreadable()),
        Kind::new("202 with a page", Play::Say(http(202, "", PAGE)), unreadable()),
        Kind::new("204", Play::Say(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()), Must::be_empty()),
        Kind::new("205", Play::Say(http(205, "", "")), Must::be_empty()),
        of_good("200 cut in half", unreadable(), |body| half(body).as_bytes().to_vec()),
        // Tokens are taken as soon as they are whole: the old ones are spent.
        of_good("200 with something behind", tokens_count(unreadable()), |body| {
            format!("{body} {body}").into_bytes()
        }),
        of_good("200 as a script", unreadable(), |body| format!("callback({body})").into_bytes()),
        of_good("200 not in UTF-8", unreadable(), |body| {
            let start = body.trim_end_matches('}').as_bytes();
            [start, b",\"name\":\"Ros\xE1\"}}", &body.as_bytes()[start.len()..]].concat()
        }),
        Kind::by_call("206 with a part", |call| Play::Say(json(206, half(good(call)))), unreadable()),
    ];
    let endless = Play::Endless(format!("{HEAD}transfer-encoding: chunked\r\n\r\n").into_bytes(), chunk());
    kinds.push(Kind::new("200 without end", endless, Must::be_unreadable("too large")));
    let endless = Play::Endless(b"HTTP/1.1 404 X\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(), chunk());
    kinds.push(Kind::new("404 without end", endless, Must::be_unreadable("too large")));
    // A pair of which one is missing: nothing to go on with, and the old refresh token may be spent.
    let without = r#"{"refresh_token":"refresh-canary","expires_in":3599}"#;
    let must = Must { token: Want::Is(Outcome::Token(TokenError::Unreadable), true), ..hollow() };
    kinds.push(say("200 without the access token", without.as_bytes(), must));
    kinds
}

fn chunk() -> Vec<u8> {
    format!("10000\r\n{}\r\n", "x".repeat(0x10000)).into_bytes()
}

/// Lengths that lie, and chunks that break off.
pub fn framing() -> Vec<Kind> {
    let lost = || Must::unavailable(None, true);
    let raw = |name: &str, must: Must, make: fn(&str) -> String| {
        Kind::by_call(name, move |call| Play::Say(make(good(call)).into_bytes()), must)
    };
    vec![
        raw("longer announced than said", lost(), |body| format!("{HEAD}content-length: 9000\r\n\r\n{body}")),
        raw("shorter announced than said", Must::be_unreadable("the body"), |body| {
            format!("{HEAD}content-length: {}\r\n\r\n{body}", body.len() / 2)
        }),
        raw("nothing announced and something said", Must::be_empty(), |body| {
            format!("{HEAD}content-length: 0\r\n\r\n{body}")
        }),
        raw("a negative length", lost(), |body| format!("{HEAD}content-length: -5\r\n\r\n{body}")),
        raw("a length in words", lost(), |body| format!("{HEAD}content-length: many\r\n\r\n{body}")),
        raw("two lengths", lost(), |body| {
            format!("{HEAD}content-length: {}\r\ncontent-length: 3\r\n\r\n{body}", body.len())
        }),
        raw("cut in a chunk", lost(), |body| {
            format!("{HEAD}transfer-encoding: chunked\r\n\r\n{:x}\r\n{}", body.len(), half(body))
        }),
        raw("cut between chunks", lost(), |body| {
            format!("{HEAD}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len())
        }),
        raw("a chunk of no length", lost(), |body| {
            format!("{HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{body}\r\n0\r\n\r\n")
        }),
        raw("cut where only the end of the connection tells", Must::be_unreadable("the body"), |body| {
            format!("{HEAD}connection: close\r\n\r\n{}", half(body))
        }),
        raw("a refusal cut in the middle", lost(), |_| {
            "HTTP/1.1 404 X\r\ncontent-length: 900\r\n\r\n{\"code\":3001,".to_owned()
        }),
        raw("an expired token cut in the middle", lost(), |_| {
            "HTTP/1.1 401 X\r\ncontent-length: 900\r\n\r\n{\"code\":124,".to_owned()
        }),
    ]
}
