//! The whole program from outside: the real binary, both engines, a simulated Zoom, a real browser.
//!
//! This library is what the tests share: how to start and stop the program and a browser, and how to wait for
//! something to be seen.

pub mod anteroom;
pub mod browser;
pub mod clinic;
pub mod endpoint;
pub mod post;
pub mod signed;
pub mod zoom;

use std::time::Duration;

/// The longest that anything may take to become true before a test gives up.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Asks again and again until there is an answer.
///
/// # Panics
///
/// Where there is none within [`PATIENCE`]; says what was waited for.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let asked = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asked)
        .await
        .unwrap_or_else(|_| panic!("waited {PATIENCE:?} in vain for {what}"))
}
