//! What HTTP, the signature and a look at the JSON cost by themselves: the same answer with nothing stored.

use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
use tests::anteroom::WEBHOOK_SECRET;
use zoom::webhook::{Secrets, verify};

/// Serves until it is killed.
pub fn serve(port: u16) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    runtime.block_on(async {
        let secrets = Secrets::parse(WEBHOOK_SECRET).expect("the secret is one");
        let answer = move |headers: HeaderMap, body: Bytes| {
            let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
            let (timestamp, signature) = (header("x-zm-request-timestamp"), header("x-zm-signature"));
            let verified = verify(&secrets, timestamp, signature, &body, crate::load::unix_seconds());
            let parsed = serde_json::from_slice::<serde_json::Value>(&body);
            let status =
                if verified.is_ok() && parsed.is_ok() { StatusCode::OK } else { StatusCode::UNAUTHORIZED };
            std::future::ready(status)
        };
        let app = Router::new()
            .route("/zoom/webhook", post(answer))
            .route("/readyz", axum::routing::get(|| async { StatusCode::OK }));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        axum::serve(listener, app).await.expect("it serves");
    });
}
