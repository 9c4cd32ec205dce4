//! Everything that can go wrong with a call, and what every call makes of it.

use super::*;

/// A way to misbehave and what every call has to make of it.
struct Fault {
    name: String,
    reply: Reply,
    expected: ApiError,
}

fn fault(status: u16, headers: &str, body: &str, expected: ApiError) -> Fault {
    let name = format!("{status} {headers:?} {body:.60}");
    Fault { name, reply: Reply::with_headers(status, headers, body), expected }
}

fn unavailable(retry: Option<RetryAfter>) -> ApiError {
    ApiError::Unavailable { retry, may_be_done: true }
}

const UNREADABLE_REFUSAL: ApiError = ApiError::Unreadable { what: "the refusal" };
const UNREADABLE_BODY: ApiError = ApiError::Unreadable { what: "the body" };

/// Refusals in Zoom's own words.
fn refusals() -> Vec<Fault> {
    let scope = |names: &str| ApiError::MissingScope(names.to_owned());
    let invalid = |code, fields: &[&str]| ApiError::Invalid {
        code,
        fields: fields.iter().map(|name| FieldFault((*name).to_owned())).collect(),
    };
    let not_found = |code| ApiError::NotFound { code };
    let not_allowed = |code| ApiError::NotAllowed { code };
    let cases = [
        (401, r#"{"code":124,"message":"Invalid access token."}"#, ApiError::AccessTokenDead),
        (401, r#"{"code":124,"message":"Access token is expired."}"#, ApiError::AccessTokenDead),
        (401, "", ApiError::AccessTokenDead),
        (
            400,
            r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[meeting:write:meeting, meeting:write:meeting:admin]."}"#,
            scope("meeting:write:meeting, meeting:write:meeting:admin"),
        ),
        (
            401,
            r#"{"code":4711,"message":"Invalid access token, does not contain scopes:[user:read:user]."}"#,
            scope("user:read:user"),
        ),
        (400, r#"{"code":4700,"message":"Invalid access token, does not contain scopes"}"#, scope("")),
        (
            400,
            r#"{"code":4711,"message":"scopes:[rosa delgado, Rosa:Delgado@mail.example, user:read:user]"}"#,
            scope("user:read:user"),
        ),
        (400, r#"{"code":4711,"message":"Wrong user."}"#, invalid(Some(4711), &[])),
        (404, r#"{"code":1001,"message":"User does not exist: rosa@mail.example."}"#, not_found(1001)),
        (404, r#"{"code":3001,"message":"Meeting does not exist: 86720014455."}"#, not_found(3001)),
        (400, r#"{"code":3001,"message":"Meeting ID is invalid or not end."}"#, not_found(3001)),
        (404, r#"{"code":"3001","message":"code as text"}"#, not_found(3001)),
        (404, r#"{"code":9999,"message":"new"}"#, not_found(9999)),
        (400, r#"{"code":200,"message":"Only available for paid users."}"#, not_allowed(200)),
        (400, r#"{"code":3003,"message":"You are not the meeting host."}"#, not_allowed(3003)),
        (400, r#"{"code":3018,"message":"Not allowed to delete PMI."}"#, not_allowed(3018)),
        (400, r#"{"code":3002,"message":"Cannot delete, in progress."}"#, not_allowed(3002)),
        (400, r#"{"code":1114,"message":"Unable to assign rosa@mail.example."}"#, not_allowed(1114)),
        (400, r#"{"code":3063,"message":"Cannot end."}"#, not_allowed(3063)),
        (400, r#"{"code":1010,"message":"User does not belong to this account."}"#, not_allowed(1010)),
        (403, r#"{"code":8888,"message":"new"}"#, not_allowed(8888)),
        (
            400,
            r#"{"code":300,"message":"Request Body should be a valid JSON object."}"#,
            invalid(Some(300), &[]),
        ),
        (
            400,
            r#"{"code":300,"message":"Validation Failed.","errors":[{"field":"settings.waiting_room","message":"Invalid field."},{"field":"rosa delgado@mail.example"},7,{"field":[]}]}"#,
            invalid(Some(300), &["settings.waiting_room"]),
        ),
        (409, r#"{"code":409,"message":"conflict"}"#, invalid(Some(409), &[])),
        (422, r#"{"code":422}"#, invalid(Some(422), &[])),
        (418, r#"{"code":-3}"#, invalid(Some(-3), &[])),
    ];
    cases.into_iter().map(|(status, body, expected)| fault(status, "", body, expected)).collect()
}

/// Zoom's limits, in all forms.
fn limits() -> Vec<Fault> {
    let limited = |retry, daily| ApiError::RateLimited { retry, daily };
    let second = r#"{"code":429,"message":"You have reached the maximum per-second rate limit for this API. Try again later."}"#;
    let midnight = Some(RetryAfter::At(1_737_331_200_000_000));
    vec![
        fault(429, "x-ratelimit-type: QPS\r\n", second, limited(None, false)),
        fault(429, "", second, limited(None, false)),
        fault(
            429,
            "retry-after: 3\r\n",
            second,
            limited(Some(RetryAfter::In(Duration::from_secs(3))), false),
        ),
        fault(
            429,
            "retry-after: 2025-01-20T00:00:00Z\r\nx-ratelimit-type: Daily-limit\r\n",
            second,
            limited(midnight, true),
        ),
        fault(429, "retry-after: Mon, 20 Jan 2025 00:00:00 GMT\r\n", second, limited(midnight, false)),
        fault(429, "retry-after: soon\r\n", second, limited(None, false)),
        fault(429, "", r#"{"code":429,"message":"You have reached the DAILY limit."}"#, limited(None, true)),
        fault(429, "", r#"{"code":429,"message":"Too many concurrent requests."}"#, limited(None, false)),
        fault(429, "", "<html>slow down</html>", limited(None, false)),
        fault(429, "", "", limited(None, false)),
        fault(503, "retry-after: 30\r\n", "", unavailable(Some(RetryAfter::In(Duration::from_secs(30))))),
    ]
}

/// Answers of something that is not Zoom, or of a Zoom in trouble.
fn strangers() -> Vec<Fault> {
    let page = "<html>Corporate proxy</html>";
    let mut faults = vec![
        fault(301, "location: https://evil.example/\r\n", "", UNREADABLE_REFUSAL),
        fault(302, "location: http://127.0.0.1:1/\r\n", page, UNREADABLE_REFUSAL),
        fault(304, "", "", UNREADABLE_REFUSAL),
        fault(307, "location: https://evil.example/\r\n", r#"{"code":3001}"#, UNREADABLE_REFUSAL),
        fault(308, "location: https://evil.example/\r\n", "", UNREADABLE_REFUSAL),
        fault(400, "", "", UNREADABLE_REFUSAL),
        fault(400, "", "{}", UNREADABLE_REFUSAL),
        fault(400, "", r#"{"code":{}}"#, UNREADABLE_REFUSAL),
        fault(400, "", "[]", UNREADABLE_REFUSAL),
        fault(403, "", page, UNREADABLE_REFUSAL),
        fault(404, "", page, UNREADABLE_REFUSAL),
        fault(404, "", "", UNREADABLE_REFUSAL),
        fault(404, "", r#"{"message":"no route"}"#, UNREADABLE_REFUSAL),
        fault(407, "", page, UNREADABLE_REFUSAL),
        fault(401, "", page, ApiError::AccessTokenDead),
        fault(200, "", page, UNREADABLE_BODY),
        fault(200, "", "{", UNREADABLE_BODY),
        fault(200, "", r#"{"id":86720014455,"uu"#, UNREADABLE_BODY),
        fault(200, "", "\u{0}", UNREADABLE_BODY),
        fault(201, "", page, UNREADABLE_BODY),
    ];
    for status in [408, 425, 500, 501, 502, 503, 504, 520, 599] {
        faults.push(fault(status, "", page, unavailable(None)));
        faults.push(fault(status, "", r#"{"code":3001}"#, unavailable(None)));
    }
    faults
}

/// Connections that fail half-way.
fn broken_connections() -> Vec<Fault> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n";
    let cut = |name: &str, bytes: &str| Fault {
        name: format!("cut: {name}"),
        reply: Reply::Send(bytes.as_bytes().to_vec()),
        expected: unavailable(None),
    };
    vec![
        cut("at once", ""),
        cut("in the status", "HTTP/1.1 2"),
        cut("in the headers", "HTTP/1.1 200 OK\r\ncontent-"),
        cut("in the body", &format!("{head}{{\"id\":")),
        cut("in a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{\"id\""),
        cut("bad chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
        cut("another protocol", "SSH-2.0-OpenSSH_9.2\r\n"),
        cut("bad length", "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\n{}"),
        cut("two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_has_a_defined_outcome_for_every_call() {
    let faults: Vec<Fault> =
        [refusals(), limits(), strangers(), broken_connections()].into_iter().flatten().collect();
    let mut cases = 0;
    for fault in &faults {
        let peer = Peer::start(fault.reply.clone()).await;
        let api = api(&peer.url);
        for (made, call) in Call::ALL.into_iter().enumerate() {
            let outcome = call.make(&api).await;
            assert_eq!(outcome, Err(fault.expected.clone()), "{call:?} with {}", fault.name);
            assert_eq!(peer.requests().len(), made + 1, "{call:?} is not repeated by itself: {}", fault.name);
            cases += 1;
        }
    }
    assert!(faults.len() >= 60 && cases >= 720, "{} faults, {cases} cases", faults.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_ends_with_the_time_limit() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{";
    for stalled in ["", "HTTP/1.1 200 OK\r\n", head] {
        let peer = Peer::start(Reply::Stall(stalled.as_bytes().to_vec())).await;
        let api = Api::new(impatient_client(), ApiBase::parse(&peer.url).unwrap());
        for call in [Call::Me, Call::CreateMeeting] {
            assert_eq!(call.make(&api).await, Err(unavailable(None)), "{call:?} with {stalled:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_never_left_is_known_not_to_be_done() {
    let not_sent = Err(ApiError::Unavailable { retry: None, may_be_done: false });
    // Nobody listens on port 1; `.invalid` does not resolve (RFC 6761); a plain peer speaks no TLS.
    let peer = Peer::start(Reply::Slam(b"plain text".to_vec())).await;
    let addresses = ["http://127.0.0.1:1", "https://zoom.invalid", &peer.url.replace("http://", "https://")];
    for address in addresses {
        assert_eq!(Call::CreateMeeting.make(&api(address)).await, not_sent, "{address}");
    }
}

#[tokio::test]
async fn an_answer_larger_than_any_real_one_is_not_swallowed() {
    let body = format!("\"{}\"", "x".repeat(5 << 20));
    let (_peer, api) = answering(200, &body).await;
    assert_eq!(api.me(&token()).await, Err(ApiError::Unreadable { what: "too large" }));
}
