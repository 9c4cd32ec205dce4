//! Errors.

use utoipa::ToSchema;

/// An error (RFC 9457).
#[derive(ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says of which kind it is.
    r#type: String,
    title: String,
    status: u16,
    /// What happened this time, and what to do.
    detail: String,
    /// Name it when you ask for help.
    request_id: String,
    /// The fields that were refused.
    errors: Option<Vec<FieldError>>,
}

/// One field that was refused.
#[derive(ToSchema)]
pub struct FieldError {
    /// A path such as `attendees[1].email`.
    field: String,
    message: String,
}
