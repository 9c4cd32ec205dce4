//! What goes wrong below: heads that are none, connections that break, hang or never come about, and TLS.

use std::time::Duration;

use super::{Address, Client, Kind, Must, http, json};
use crate::calls::Call;
use crate::peer::Play;
use crate::tls::Tls;

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{\"id\":";

fn lost() -> Must {
    Must::unavailable(None, true)
}

fn not_sent() -> Must {
    Must::unavailable(None, false)
}

fn say(name: &str, bytes: impl Into<Vec<u8>>, must: Must) -> Kind {
    Kind::new(name, Play::Say(bytes.into()), must)
}

/// Heads that cannot be read: the request was heard, so it may be done.
pub fn heads() -> Vec<Kind> {
    let long = "x".repeat(1 << 20);
    let many = "x-header: body-canary\r\n".repeat(10_000);
    vec![
        say("a page without a head", "<html>body-canary</html>\r\n", lost()),
        say("another protocol", "SSH-2.0-OpenSSH_9.2\r\n", lost()),
        say(
            "HTTP/2 unasked",
            b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80\0\x04\0\x01\0\0\0\x05\0\xff\xff\xff",
            lost(),
        ),
        say("a version to come", "HTTP/3.0 200 OK\r\ncontent-length: 2\r\n\r\n{}", lost()),
        say("a status in words", "HTTP/1.1 fine\r\ncontent-length: 2\r\n\r\n{}", lost()),
        say("a status of four digits", "HTTP/1.1 2000 OK\r\ncontent-length: 2\r\n\r\n{}", lost()),
        say("a head with a broken line", "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n{}", lost()),
        say("a header of 1 MiB", http(200, &format!("x-long: {long}\r\n"), "{}"), lost()),
        say("10,000 headers", http(200, &many, "{}"), lost()),
        say("only 100 Continue", "HTTP/1.1 100 Continue\r\n\r\n", lost()),
        say(
            "101",
            "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
            Must::be_unreadable("the refusal"),
        ),
        Kind::new(
            "a head without end",
            Play::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: body-canary\r\n".repeat(1_000)),
            lost(),
        ),
        Kind::new(
            "a header without end",
            Play::Endless(b"HTTP/1.1 200 OK\r\nx-long: ".to_vec(), b"x".repeat(60_000)),
            lost(),
        ),
    ]
}

/// Connections that break off.
pub fn broken() -> Vec<Kind> {
    let mut kinds = vec![
        say("closed without an answer", "", lost()),
        say("cut in the status", "HTTP/1.1 2", lost()),
        say("cut in the head", "HTTP/1.1 200 OK\r\ncontent-", lost()),
        say("cut in the body", HEAD, lost()),
        Kind::new("reset after the request", Play::Reset { whole: true }, lost()),
    ];
    // Whether the request was on its way cannot be told from here, so it may be done.
    for (name, play) in [
        ("closed at once", Play::Slam(Vec::new())),
        ("reset in the middle of the request", Play::Reset { whole: false }),
        ("noise at once", Play::Slam(b"noise\r\n\r\n".to_vec())),
    ] {
        kinds.push(Kind::new(name, play, lost()));
    }
    kinds
}

/// Answers that take too long, and one that only takes long.
pub fn slow() -> Vec<Kind> {
    let pause = Duration::from_millis(40);
    let mut kinds: Vec<Kind> = [
        ("never a word", Play::Deaf),
        ("heard, and never a word", Play::SayAndStall(Vec::new())),
        ("never more than the status", Play::SayAndStall(b"HTTP/1.1 200 OK\r\n".to_vec())),
        ("never more than half of the body", Play::SayAndStall(HEAD.as_bytes().to_vec())),
        ("100 Continue, and never more", Play::SayAndStall(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())),
        ("the head drop by drop", Play::Drip(json(200, "{}"), pause)),
        ("a refusal drop by drop", Play::Drip(json(404, r#"{"code":3001,"message":""}"#), pause)),
        (
            "a redirect that never ends",
            Play::SayAndStall(
                b"HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 5\r\n\r\n".to_vec(),
            ),
        ),
    ]
    .into_iter()
    .map(|(name, play)| Kind::new(name, play, lost()).with_client(Client::Hasty))
    .collect();
    kinds.push(Kind::by_call(
        "drop by drop, within the limit",
        |call: Call| Play::Drip(json(200, call.good_body()), Duration::from_micros(100)),
        Must::be_done(),
    ));
    kinds
}

/// Connections that never come about: it is certain that nothing was sent.
pub fn unreachable() -> Vec<Kind> {
    let nobody =
        |name: &str, address| Kind::new(name, Play::Deaf, not_sent()).unheard(Address::Elsewhere(address));
    vec![
        // Nobody listens on port 1.
        nobody("refused", "http://127.0.0.1:1"),
        nobody("refused, over https", "https://127.0.0.1:1"),
        // Does not resolve (RFC 6761).
        nobody("a name that does not resolve", "https://zoom.invalid"),
        nobody("a name that cannot be one", "https://zoom..invalid"),
        Kind::new("never taken", Play::Full, not_sent())
            .unheard(Address::Plain)
            .with_client(Client::HastyToConnect),
    ]
}

/// TLS: who cannot say who they are hears nothing.
pub fn encrypted() -> Vec<Kind> {
    let tls = |name: &str, how: Tls, client, must| {
        let play = move |call: Call| Play::Tls(how, json(200, call.good_body()));
        let mut kind = Kind::by_call(name, play, must).with_client(client);
        kind.address = Address::Https;
        kind
    };
    let shut = |name: &str, play| Kind::new(name, play, not_sent()).unheard(Address::Https);
    let stranger = |name: &str, how, client| tls(name, how, client, not_sent()).unheard(Address::Https);
    vec![
        tls("TLS as it should be", Tls::Good, Client::Trusting, Must::be_done()),
        tls("TLS without a farewell", Tls::NoFarewell, Client::Trusting, Must::be_done()),
        tls("TLS cut in the answer", Tls::HalfAnswer, Client::Trusting, lost()),
        tls("TLS with noise in the answer", Tls::Noise, Client::Trusting, lost()),
        stranger("a certificate that nobody vouches for", Tls::Good, Client::Usual),
        stranger("a certificate for another name", Tls::OtherName, Client::Trusting),
        stranger("a certificate that has expired", Tls::Expired, Client::Trusting),
        stranger("TLS cut in the handshake", Tls::HalfHandshake, Client::Usual),
        shut("https at a peer that speaks http", Play::Slam(http(400, "", "body-canary"))),
        shut("https at a peer that closes", Play::Slam(Vec::new())),
        shut("https at a peer that resets", Play::Reset { whole: false }),
        // An alert: protocol version.
        shut("https at a peer of old", Play::Slam(vec![0x15, 3, 1, 0, 2, 2, 70])),
        shut("https at a peer that is silent", Play::Deaf).with_client(Client::HastyToConnect),
    ]
}
