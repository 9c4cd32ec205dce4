//! The one table of every address: method, path, who may call it, and what answers. The router is built from it, with
//! the gate in front of each entry; there is no other way to add an address.

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    http::{Method, header},
    middleware::{from_fn_with_state, map_request},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::{
    App, Error, api,
    guard::{Gate, Who, gate},
    machines, middleware, pages, providers, sign_in, zoom,
};

/// The largest body, in bytes, unless an entry says otherwise.
pub const BODY_LIMIT: usize = 64 * 1024;

/// An entry of the table.
pub struct Route {
    /// The method. `GET` answers `HEAD` too.
    pub method: Method,
    /// The path's template.
    pub path: &'static str,
    /// Who may call it.
    pub who: Who,
    is_activity: bool,
    takes_null_origin: bool,
    handler: MethodRouter<App>,
}

impl Route {
    /// Reads; changes nothing.
    pub fn get<H: Handler<T, App>, T: 'static>(path: &'static str, who: Who, handler: H) -> Self {
        Self::on(Method::GET, MethodFilter::GET, path, who, handler)
    }

    /// Changes something.
    pub fn post<H: Handler<T, App>, T: 'static>(path: &'static str, who: Who, handler: H) -> Self {
        Self::on(Method::POST, MethodFilter::POST, path, who, handler)
    }

    /// Puts something in place; doing so twice is the same as once.
    pub fn put<H: Handler<T, App>, T: 'static>(path: &'static str, who: Who, handler: H) -> Self {
        Self::on(Method::PUT, MethodFilter::PUT, path, who, handler)
    }

    /// Takes something away; doing so twice is the same as once.
    pub fn delete<H: Handler<T, App>, T: 'static>(path: &'static str, who: Who, handler: H) -> Self {
        Self::on(Method::DELETE, MethodFilter::DELETE, path, who, handler)
    }

    fn on<H: Handler<T, App>, T: 'static>(
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        who: Who,
        handler: H,
    ) -> Self {
        let takes_null_origin = who == Who::LinkHolder;
        Self { method, path, who, is_activity: true, takes_null_origin, handler: on(filter, handler) }
    }

    /// A page calls this on its own (a stream, polling): it does not keep a session alive.
    #[must_use]
    pub fn in_background(mut self) -> Self {
        self.is_activity = false;
        self
    }

    /// A form of patients that needs no link: their browsers may be as old as those of whoever holds one.
    #[must_use]
    pub fn from_old_browsers_too(mut self) -> Self {
        self.takes_null_origin = true;
        self
    }

    /// Takes bodies up to so many bytes.
    #[must_use]
    pub fn with_body_limit(mut self, bytes: usize) -> Self {
        self.handler = self.handler.layer(DefaultBodyLimit::max(bytes));
        self
    }
}

/// Every address there is.
pub fn table() -> Vec<Route> {
    let mut table = machines::routes();
    table.extend(sign_in::routes());
    table.extend(zoom::routes());
    table.extend(providers::routes());
    table.extend(api::routes());
    table.extend(pages::routes());
    table
}

/// The service: every entry of the table behind its gate, and around all of them what every request gets.
pub fn router(app: App) -> Router {
    let csrf = csrf_layer(&app);
    let mut router = Router::new();
    for Route { path, who, is_activity, takes_null_origin, handler, .. } in table() {
        let mut handler =
            handler.route_layer(from_fn_with_state(Gate { app: app.clone(), who, is_activity }, gate));
        // Nothing that a browser sends along by itself lets Zoom, a provider or a program in.
        if !matches!(who, Who::Zoom | Who::Provider | Who::Program(_)) {
            handler = handler.route_layer(csrf.clone());
        }
        if takes_null_origin {
            handler = handler.route_layer(map_request(forget_null_origin));
        }
        router = router.route(path, handler);
    }
    let router = router
        .fallback(async || Error::NotFound)
        .method_not_allowed_fallback(async || Error::MethodNotAllowed)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(app.clone());
    middleware::around(router, app)
}

/// Where `Referrer-Policy` is `no-referrer`, browsers write `Origin: null` on our own forms, and those from before 2023
/// have no `Sec-Fetch-Site` to say that they are ours. A patient's old telephone must not be turned away for that: what
/// lets them in is the token in the address, which another site does not know, or they need nothing to be let in.
async fn forget_null_origin(mut request: Request) -> Request {
    let headers = request.headers_mut();
    if headers.get(header::ORIGIN).is_some_and(|origin| origin == "null") {
        headers.remove(header::ORIGIN);
    }
    request
}

type CsrfRejection = fn(ProtectionError) -> Response;

/// Refuses unsafe requests that a browser says come from another site.
fn csrf_layer(app: &App) -> CsrfLayer<CsrfRejection> {
    let layer = CsrfLayer::new();
    // Behind a proxy that rewrites `Host` the origin is still the public one.
    let origin = app.settings.public_url.origin().ascii_serialization();
    let layer = layer.clone().add_trusted_origin(origin).unwrap_or(layer);
    layer.with_rejection_response(|_| {
        Error::Forbidden("The request came from another site. Open the page anew and try there.".into())
            .into_response()
    })
}
