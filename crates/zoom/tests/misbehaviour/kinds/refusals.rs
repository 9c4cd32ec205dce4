//! Answers that are no success: of Zoom, of Zoom in trouble, and of machines in between.

use std::time::Duration;

use zoom::RetryAfter;
use zoom::api::{ApiError, FieldFault};
use zoom::oauth::{GrantReason, TokenError};

use super::{Kind, Must, PAGE, http, json};
use crate::calls::Outcome;
use crate::peer::Play;

/// What Zoom writes after the number, which may name anybody.
const PRIVATE: &str = "body-canary, rosa.delgado@mail.example, 86720014455";
/// 2025-01-20T00:00:00Z.
const MIDNIGHT: i64 = 1_737_331_200_000_000;

fn kind(name: &str, status: u16, body: &str, must: Must) -> Kind {
    Kind::new(format!("{status} {name}"), Play::Say(json(status, body)), must)
}

fn said(code: i64, message: &str) -> String {
    format!(r#"{{"code":{code},"message":"{message} {PRIVATE}"}}"#)
}

/// Refusals of the REST side. OAuth knows none of these numbers, and takes none for the end of a connection.
pub fn in_zooms_words() -> Vec<Kind> {
    let rejected = |code| TokenError::Rejected { code: Some(code) };
    let invalid = |code| ApiError::Invalid { code: Some(code), fields: Vec::new() };
    let mut kinds = Vec::new();
    for code in [200, 1010, 1114, 3000, 3002, 3003, 3007, 3018, 3038, 3063] {
        let must = Must::refuse(ApiError::NotAllowed { code }, rejected(code));
        kinds.push(kind(&code.to_string(), 400, &said(code, "Not allowed."), must));
    }
    for (status, code) in [(404, 1001), (400, 1001), (404, 3001), (400, 3001), (404, 9999)] {
        let must = Must::refuse(ApiError::NotFound { code }, rejected(code));
        kinds.push(kind(&code.to_string(), status, &said(code, "Does not exist:"), must));
    }
    for (status, code) in [
        (400, 300),
        (400, 4700),
        (400, 4711),
        (405, 405),
        (409, 409),
        (413, 413),
        (415, 300),
        (418, -3),
        (422, 422),
    ] {
        let must = Must::refuse(invalid(code), rejected(code));
        kinds.push(kind(&format!("{code}, a fault of ours"), status, &said(code, "Wrong."), must));
    }
    let scopes = "Invalid access token, does not contain scopes:[meeting:write:meeting, rosa.delgado].";
    for (status, code) in [(400, 4711), (400, 4700), (401, 4711)] {
        let missing = ApiError::MissingScope("meeting:write:meeting".to_owned());
        kinds.push(kind(
            &format!("{code}, a scope"),
            status,
            &said(code, scopes),
            Must::refuse(missing, rejected(code)),
        ));
    }
    for (status, message) in
        [(401, "Invalid access token."), (401, "Access token is expired."), (400, "Invalid access token.")]
    {
        let must = Must::refuse(ApiError::AccessTokenDead, rejected(124));
        kinds.push(kind(&format!("124 {message}"), status, &said(124, message), must));
    }
    let fields = format!(
        r#"{{"code":300,"message":"{PRIVATE}","errors":[{{"field":"settings.waiting_room","message":"{PRIVATE}"}},{{"field":"rosa.delgado@mail.example"}},7]}}"#
    );
    let named =
        ApiError::Invalid { code: Some(300), fields: vec![FieldFault("settings.waiting_room".to_owned())] };
    kinds.push(kind("300 with fields", 400, &fields, Must::refuse(named, rejected(300))));
    let as_text = format!(r#"{{"code":"3001","message":"{PRIVATE}"}}"#);
    kinds.push(kind(
        "number as text",
        404,
        &as_text,
        Must::refuse(ApiError::NotFound { code: 3001 }, rejected(3001)),
    ));
    let must = Must::refuse(ApiError::NotAllowed { code: 8888 }, rejected(8888));
    kinds.push(kind("a new number", 403, &said(8888, ""), must));
    kinds
}

/// Refusals of OAuth. The REST side does not write them: there they are nobody's word.
pub fn of_tokens() -> Vec<Kind> {
    let of = |error: TokenError| Must::be(Outcome::lacks("the refusal"), true, Outcome::Token(error), false);
    let grant = |reason| TokenError::InvalidGrant { reason };
    let reasons = [
        (4733, GrantReason::CodeExpired),
        (4734, GrantReason::CodeInvalid),
        (4735, GrantReason::OwnerGone),
        (4737, GrantReason::NoRecord),
        (4738, GrantReason::DisabledByAdmin),
        (4740, GrantReason::PastGrace),
        (4741, GrantReason::Revoked),
    ];
    let written =
        |reason: &str, error: &str| format!(r#"{{"reason":"{reason} {PRIVATE}","error":"{error}"}}"#);
    let mut kinds: Vec<Kind> = reasons
        .into_iter()
        .map(|(code, reason)| {
            kind(
                &format!("grant {code}"),
                400,
                &written(&format!("({code})"), "invalid_grant"),
                of(grant(reason)),
            )
        })
        .collect();
    let dead = Outcome::Api(ApiError::AccessTokenDead);
    let on_401 = |error| Must::be(dead.clone(), false, Outcome::Token(error), false);
    kinds.extend([
        kind(
            "Invalid Token!",
            400,
            &written("Invalid Token!", "invalid_grant"),
            of(grant(GrantReason::InvalidToken)),
        ),
        kind(
            "disabled",
            401,
            &written("(4738)", "invalid_grant"),
            on_401(grant(GrantReason::DisabledByAdmin)),
        ),
        kind("invalid_client", 401, &written("", "invalid_client"), on_401(TokenError::InvalidClient)),
        kind("nothing said", 401, "{}", on_401(TokenError::InvalidClient)),
        kind("invalid_client", 400, &written("", "invalid_client"), of(TokenError::InvalidClient)),
        kind(
            "redirect",
            400,
            &written("4709", "invalid_request"),
            of(TokenError::Rejected { code: Some(4709) }),
        ),
        kind(
            "grant type",
            400,
            &written("", "unsupported_grant_type"),
            of(TokenError::Rejected { code: None }),
        ),
    ]);
    kinds
}

/// Zoom's limits, and when it says that it wants to be asked again.
pub fn limits() -> Vec<Kind> {
    let second = said(429, "You have reached the maximum per-second rate limit for this API.");
    let daily = said(429, "You have reached the maximum daily rate limit for this API.");
    let many = said(429, "Too many concurrent requests.");
    let seconds = |seconds| Some(RetryAfter::In(Duration::from_secs(seconds)));
    let midnight = Some(RetryAfter::At(MIDNIGHT));
    let cases: Vec<(&str, &str, &str, Option<RetryAfter>, bool)> = vec![
        ("per second, by header", "x-ratelimit-type: QPS\r\n", &second, None, false),
        ("per second, by message", "", &second, None, false),
        (
            "daily, by header",
            "x-ratelimit-type: Daily-limit\r\nretry-after: 2025-01-20T00:00:00Z\r\n",
            &second,
            midnight,
            true,
        ),
        ("daily, by message", "", &daily, None, true),
        ("concurrent", "", &many, None, false),
        ("in seconds", "retry-after: 3\r\n", &second, seconds(3), false),
        ("at once", "retry-after: 0\r\n", &second, seconds(0), false),
        ("at an ISO date", "retry-after: 2025-01-20T00:00:00Z\r\n", &second, midnight, false),
        (
            "at an ISO date with an offset",
            "retry-after: 2025-01-20T02:00:00+02:00\r\n",
            &second,
            midnight,
            false,
        ),
        ("at an HTTP date", "retry-after: Mon, 20 Jan 2025 00:00:00 GMT\r\n", &second, midnight, false),
        ("soon", "retry-after: soon\r\n", &second, None, false),
        ("nothing after the colon", "retry-after:\r\n", &second, None, false),
        ("seconds ago", "retry-after: -30\r\n", &second, None, false),
        ("half a second", "retry-after: 0.5\r\n", &second, None, false),
        ("more seconds than can be counted", "retry-after: 99999999999999999999\r\n", &second, None, false),
        ("centuries ahead", "retry-after: 2525-01-20T00:00:00Z\r\n", &second, None, false),
        (
            "centuries ahead, as HTTP date",
            "retry-after: Sat, 20 Jan 2525 00:00:00 GMT\r\n",
            &second,
            None,
            false,
        ),
        ("a date that is none", "retry-after: 2025-13-40T00:00:00Z\r\n", &second, None, false),
        ("without a word", "", "", None, false),
        ("of a proxy", "", PAGE, None, false),
    ];
    let mut kinds: Vec<Kind> = cases
        .into_iter()
        .map(|(name, headers, body, retry, daily)| {
            let api = ApiError::RateLimited { retry, daily };
            let must = Must::refuse(api, TokenError::Unavailable { retry, may_be_done: false });
            Kind::new(format!("429 {name}"), Play::Say(http(429, headers, body)), must)
        })
        .collect();
    let odd = b"HTTP/1.1 429 X\r\nretry-after: \xff\xfe\r\ncontent-length: 0\r\n\r\n".to_vec();
    let limited = ApiError::RateLimited { retry: None, daily: false };
    let must = Must::refuse(limited, TokenError::Unavailable { retry: None, may_be_done: false });
    kinds.push(Kind::new("429 when, in no alphabet", Play::Say(odd), must));
    for (name, header, retry) in [
        ("in seconds", "retry-after: 30\r\n", seconds(30)),
        ("at a date", "retry-after: 2025-01-20T00:00:00Z\r\n", midnight),
        ("soon", "retry-after: soon\r\n", None),
    ] {
        let play = Play::Say(http(503, header, PAGE));
        kinds.push(Kind::new(format!("503 again {name}"), play, Must::unavailable(retry, true)));
    }
    kinds
}

/// Zoom, or the machine before it, in trouble: it may have been done, and no word in it counts.
pub fn troubles() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for status in [408, 425, 500, 501, 502, 503, 504, 520, 599, 999] {
        kinds.push(kind("with a page", status, PAGE, Must::unavailable(None, true)));
    }
    let dead = format!(r#"{{"error":"invalid_grant","reason":"{PRIVATE}"}}"#);
    kinds.push(kind("with invalid_grant", 500, &dead, Must::unavailable(None, true)));
    kinds.push(kind("with 3001", 502, &said(3001, "Does not exist:"), Must::unavailable(None, true)));
    kinds.push(kind("with 124", 503, &said(124, "Invalid access token."), Must::unavailable(None, true)));
    kinds.push(kind("empty", 500, "", Must::unavailable(None, true)));
    kinds
}

/// Refusals that are not in Zoom's words: nobody's meeting is gone, and nobody's connection ends, because of a proxy.
pub fn strangers() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for status in [400, 402, 403, 404, 405, 407, 409, 413, 422, 451] {
        kinds.push(kind("with a page", status, PAGE, Must::be_unreadable("the refusal")));
    }
    for (name, body) in [
        ("empty", ""),
        ("cut off", r#"{"code":3001,"mess"#),
        ("without a number", r#"{"message":"body-canary"}"#),
        ("with a number of another type", r#"{"code":{}}"#),
        ("as a list", r#"[{"code":3001}]"#),
        ("as text", r#""body-canary""#),
    ] {
        kinds.push(kind(name, 404, body, Must::be_unreadable("the refusal")));
    }
    for (name, body) in [("empty", ""), ("with a page", PAGE)] {
        let (dead, unreadable) =
            (Outcome::Api(ApiError::AccessTokenDead), Outcome::Token(TokenError::Unreadable));
        kinds.push(kind(name, 401, body, Must::be(dead, false, unreadable, true)));
    }
    kinds
}

/// To another host, where the token must not go.
pub fn redirects() -> Vec<Kind> {
    let dead = r#"{"code":3001,"error":"invalid_grant"}"#;
    let mut kinds = Vec::new();
    for (status, body) in [(300, ""), (301, ""), (302, PAGE), (303, ""), (307, dead), (308, "")] {
        let mut kind = Kind::new(format!("{status}"), Play::Deaf, Must::be_unreadable("the refusal"));
        kind.redirects = true;
        kind.play = Box::new(move |_, elsewhere| {
            Play::Say(http(status, &format!("location: {elsewhere}/v2/users/me\r\n"), body))
        });
        kinds.push(kind);
    }
    kinds.push(kind("not modified", 304, "", Must::be_unreadable("the refusal")));
    kinds
}
