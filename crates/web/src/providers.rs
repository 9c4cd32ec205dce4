//! Where the provider of text messages tells us things: what a patient answered, and what became of a message. It is
//! let in by its signature over the address and the form (`X-Twilio-Signature`); nothing else is looked at before that.

use axum::{
    body::Bytes,
    extract::{OriginalUri, Path, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ClinicId, MessageId, text::Phone};

use crate::{App, guard::Who, middleware::Plain, routes::Route};

/// A real form has less than 4 KiB.
const LARGEST_FORM: usize = 16 * 1024;
/// `TwiML` for "nothing is to be answered".
const NO_ANSWER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::post("/sms/inbound", Who::Provider, inbound).with_body_limit(LARGEST_FORM),
        Route::post("/sms/status/{clinic}/{message}", Who::Provider, status).with_body_limit(LARGEST_FORM),
    ]
}

/// A form that the provider signed.
struct Signed(Vec<(String, String)>);

impl Signed {
    /// None where it is not signed, or text messages are off. The address is the public one, as the provider has it,
    /// whatever the request says of the host.
    fn of(
        app: &App,
        uri: &OriginalUri,
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Option<Self> {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let address = format!("{}{path}", app.settings.public_url.as_str().trim_end_matches('/'));
        let signature = headers.get("x-twilio-signature")?.to_str().ok()?;
        let form: Vec<_> = url::form_urlencoded::parse(&body.ok()?).into_owned().collect();
        app.outreach.provider_signed(&address, &form, signature).then_some(Self(form))
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

async fn inbound(
    State(app): State<App>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(form) = Signed::of(&app, &uri, &headers, body) else { return plain(StatusCode::FORBIDDEN) };
    // Short codes and names of senders are no numbers that we could write to.
    if let Some(from) = form.field("From").and_then(|from| Phone::parse(from).ok())
        && let Err(error) = app.outreach.sms_heard(&from, form.field("Body").unwrap_or_default()).await
    {
        tracing::error!(%error, "what a patient answered could not be written down");
        return plain(StatusCode::SERVICE_UNAVAILABLE);
    }
    ([(header::CONTENT_TYPE, "text/xml; charset=utf-8")], NO_ANSWER).into_response()
}

async fn status(
    State(app): State<App>,
    uri: OriginalUri,
    Path((clinic, message)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Some(form) = Signed::of(&app, &uri, &headers, body) else { return plain(StatusCode::FORBIDDEN) };
    let (Ok(clinic), Ok(message)) = (clinic.parse::<ClinicId>(), message.parse::<MessageId>()) else {
        return plain(StatusCode::NOT_FOUND);
    };
    let status = form.field("MessageStatus").unwrap_or_default();
    match app.outreach.sms_reported(clinic, message, status, form.field("ErrorCode")).await {
        Ok(()) => plain(StatusCode::NO_CONTENT),
        Err(error) => {
            tracing::error!(%error, "what became of a text message could not be written down");
            plain(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// A status says it all.
fn plain(status: StatusCode) -> Response {
    (status, axum::Extension(Plain)).into_response()
}
