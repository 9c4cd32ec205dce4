//! Gives every error its shape: a page where people look, `application/problem+json` (RFC 9457) where programs do.

use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;

use super::RequestId;
use crate::{FieldError, error::Problem, pages};

/// Marks an error response that is already as it should be.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// An error of the API (RFC 9457).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemJson {
    /// `about:blank`: the status says of which kind it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What happened, the same for all of its kind.
    title: &'static str,
    /// The status once more.
    status: u16,
    /// What happened this time, and what to do.
    detail: String,
    /// Name this when you ask for help.
    request_id: String,
    /// The fields that were refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

pub(super) async fn render(request: Request, next: Next) -> Response {
    let for_programs = is_for_programs(&request);
    let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
    let mut response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error())
        || response.extensions().get::<Plain>().is_some()
        || is_a_page(&response)
    {
        return response;
    }
    let problem = response.extensions_mut().remove::<Problem>().unwrap_or_else(|| Problem::of_status(status));
    let rendered = if for_programs {
        let body = ProblemJson {
            kind: "about:blank",
            title: problem.title,
            status: status.as_u16(),
            detail: problem.detail.into_owned(),
            request_id: id,
            errors: problem.errors,
        };
        ([(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"))], Json(body))
            .into_response()
    } else {
        pages::refused(&problem, &id)
    };
    let (mut parts, _) = response.into_parts();
    let (rendered, body) = rendered.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    if let Some(media_type) = rendered.headers.get(header::CONTENT_TYPE) {
        parts.headers.insert(header::CONTENT_TYPE, media_type.clone());
    }
    Response::from_parts(parts, body)
}

/// A page that a handler made for its error itself, such as a form with what is wrong in it.
fn is_a_page(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|media_type| media_type.as_bytes().starts_with(b"text/html"))
}

fn is_for_programs(request: &Request) -> bool {
    let path = request.uri().path();
    let accept =
        request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    path.starts_with("/api/")
        || path == "/zoom/webhook"
        || (accept.contains("json") && !accept.contains("text/html"))
}
