//! A request that was refused or failed: what happened, and what to do.

use askama::Template;

use super::frame::Frame;

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame; nobody's, since it is not known who asked.
    pub frame: Frame,
    /// What happened, the same for all of its kind.
    pub title: String,
    /// What happened this time, and what to do.
    pub detail: String,
    /// The fields that were refused, each as a sentence.
    pub fields: Vec<String>,
    /// Names the request in the log.
    pub request_id: String,
}
