//! The only crate that speaks HTTP to people and programs: sign-in, pages, the JSON API, the live stream, Zoom's
//! webhook and its consent page's callback.
//!
//! [`routes`] is the one table of every address with who may call it; [`router`] builds the service from it, so that
//! an address without an entry does not exist. What surrounds every request (a task of its own, the security
//! headers, the shape of errors) stands in [`middleware`].

mod address;
pub mod api;
pub mod app;
pub mod error;
pub mod guard;
mod local_path;
mod machines;
pub mod middleware;
pub mod pages;
mod providers;
pub mod routes;
pub mod session;
mod sign_in;
pub mod stream;
mod throttle;
mod zoom;

pub use app::{App, Parts, WebSettings};
pub use error::{Error, FieldError};
pub use guard::{Caller, SignedIn};
pub use routes::router;
