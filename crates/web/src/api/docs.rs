//! The description of the API.

use axum::response::Response;

use crate::Error;

pub async fn openapi() -> Result<Response, Error> {
    Err(Error::NotFound)
}

pub async fn page() -> Result<Response, Error> {
    Err(Error::NotFound)
}
