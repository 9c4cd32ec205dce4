//! The simulated provider of text messages: takes them by the Messages API, and tells a moment later that they arrived. One
//! telephone is always switched off.

use std::collections::HashMap;

use axum::{
    Form, Json,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use vault::Token;

use super::{ACCOUNT, PostOffice, What};

/// A number that ends so belongs to a telephone that is off.
pub const SWITCHED_OFF: &str = "0003";

/// What is answered to `GET …/Accounts/{account}.json`.
pub fn account(office: &PostOffice, asked: &str, headers: &HeaderMap) -> (StatusCode, Json<Value>) {
    if asked.strip_suffix(".json") == Some(ACCOUNT) && is_let_in(office, headers) {
        (StatusCode::OK, Json(json!({ "sid": ACCOUNT, "status": "active" })))
    } else {
        (StatusCode::UNAUTHORIZED, Json(json!({ "code": 20003, "status": 401 })))
    }
}

/// What is answered to `POST …/Accounts/{account}/Messages.json`.
pub fn take_text(
    office: &PostOffice,
    Path(account): Path<String>,
    headers: &HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    if account != ACCOUNT || !is_let_in(office, headers) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "code": 20003, "status": 401 })));
    }
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let (to, body) = (field("To"), field("Body"));
    if to.is_empty() || body.is_empty() {
        return (StatusCode::BAD_REQUEST, Json(json!({ "code": 21211, "status": 400 })));
    }
    let sid = format!("SM{}", Token::from_random(office.0.ambient.bytes()).text().expose());
    let is_off = to.ends_with(SWITCHED_OFF);
    if !is_off {
        office.keep(to.clone(), What::Text(body));
    }
    if let Some(callback) = form.get("StatusCallback").cloned() {
        let (office, sid) = (office.clone(), sid.clone());
        tokio::spawn(async move {
            let mut report = vec![("MessageSid".to_owned(), sid), ("To".to_owned(), to)];
            report.extend(if is_off {
                vec![
                    ("MessageStatus".to_owned(), "undelivered".to_owned()),
                    ("ErrorCode".to_owned(), "30003".to_owned()),
                ]
            } else {
                vec![("MessageStatus".to_owned(), "delivered".to_owned())]
            });
            if let Err(error) = office.tell(&callback, &report).await {
                tracing::warn!(%error, "what became of a text message could not be told");
            }
        });
    }
    (StatusCode::CREATED, Json(json!({ "sid": sid, "status": "queued", "error_code": null })))
}

fn is_let_in(office: &PostOffice, headers: &HeaderMap) -> bool {
    let texts = &office.0.texts;
    let right = STANDARD.encode(format!("{}:{}", texts.account, texts.token.expose()));
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    shown.and_then(|shown| shown.strip_prefix("Basic ")) == Some(right.as_str())
}
