//! Deliveries as Zoom would send them, written by hand, so that nothing of the program vouches for itself.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// The Zoom account that the events come from.
pub const ACCOUNT: &str = "Kx3mQvTtR5aZ1LwYbN0cGg";
/// The Zoom user who hosts the meetings.
pub const HOST: &str = "pV8sJ2nXQ7m4dT0uHrBkEw";

/// The headers that Zoom would sign this body with, at this time in seconds since the Unix epoch.
pub fn headers(secret: &str, timestamp: i64, body: &[u8]) -> [(&'static str, String); 3] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    mac.update(format!("v0:{timestamp}:").as_bytes());
    mac.update(body);
    [
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("x-zm-request-timestamp", timestamp.to_string()),
        ("x-zm-signature", format!("v0={}", hex::encode(mac.finalize().into_bytes()))),
    ]
}

/// A participant's event of about the usual size, told apart by its number.
pub fn participant_event(event: &str, number: u64, meeting: i64, time: &str, event_ts: i64) -> Value {
    json!({
        "event": event,
        "payload": { "account_id": ACCOUNT, "object": {
            "uuid": "q7YcT1mZQ0WnHk2Jv+8RbA==",
            "participant": {
                "date_time": time, "join_time": time, "leave_time": time,
                "user_id": (16_778_240 + number * 1_024).to_string(), "user_name": format!("Guest {number}"),
                "participant_user_id": "", "id": "", "email": "", "public_ip": "203.0.113.24",
                "participant_uuid": format!("D2C90F3E-11B7-4A6E-9F05-{number:012X}"),
            },
            "id": meeting.to_string(), "type": 3, "topic": "Visits with Dr. Amara Osei",
            "host_id": HOST, "duration": 60,
            "start_time": time, "timezone": "America/Chicago",
        } },
        "event_ts": event_ts,
    })
}

/// Sends a delivery and returns the status of the answer; none where there was no answer.
pub async fn send(
    client: &reqwest::Client,
    address: &str,
    secret: &str,
    timestamp: i64,
    body: Vec<u8>,
) -> Option<u16> {
    let mut request = client.post(format!("{address}/zoom/webhook"));
    for (name, value) in headers(secret, timestamp, &body) {
        request = request.header(name, value);
    }
    request.body(body).send().await.ok().map(|answer| answer.status().as_u16())
}
