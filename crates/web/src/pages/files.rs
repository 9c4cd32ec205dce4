//! Serves what is compiled in.

use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};

use super::assets::{Asset, FAVICON};
use crate::{Error, guard::Who, routes::Route};

/// A year: the address changes with the content.
const FOR_GOOD: &str = "public, max-age=31536000, immutable";
/// For the one address that browsers choose themselves.
const FOR_A_DAY: &str = "public, max-age=86400";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/assets/{name}", Who::Anyone, asset), Route::get("/favicon.ico", Who::Anyone, favicon)]
}

async fn asset(Path(name): Path<String>) -> Result<Response, Error> {
    Asset::named(&name).map(|asset| serve(asset, FOR_GOOD)).ok_or(Error::NotFound)
}

async fn favicon() -> Response {
    serve(&FAVICON, FOR_A_DAY)
}

fn serve(asset: &'static Asset, kept: &'static str) -> Response {
    ([(header::CONTENT_TYPE, asset.media_type), (header::CACHE_CONTROL, kept)], asset.bytes).into_response()
}
