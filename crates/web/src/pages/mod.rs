//! The pages that people see. Each file holds the handlers of one page: they ask the crates below for facts, put them
//! into the plain values of [`view`], and draw those.

pub mod assets;
mod files;
pub mod view;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use crate::{Error, error::Problem, routes::Route};
use view::{error::ErrorPage, frame::Frame, words};

/// The addresses of all pages.
pub(crate) fn routes() -> Vec<Route> {
    files::routes()
}

/// A drawn page.
fn draw(page: &impl Template) -> Result<Html<String>, Error> {
    page.render().map(Html).map_err(Error::internal)
}

/// The page for a request that was refused or failed; its status is the problem's.
pub(crate) fn refused(problem: &Problem, request_id: &str) -> Response {
    let page = ErrorPage {
        frame: Frame::bare(problem.title),
        title: problem.title.to_owned(),
        detail: problem.detail.to_string(),
        fields: problem
            .errors
            .iter()
            .map(|error| words::sentence(&format!("{} {}", error.field, error.message)))
            .collect(),
        request_id: request_id.to_owned(),
    };
    match draw(&page) {
        Ok(html) => (problem.status, html).into_response(),
        Err(_) => (problem.status, problem.title).into_response(),
    }
}
