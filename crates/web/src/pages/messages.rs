//! Sending a message once more.

use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{MessageId, attendance::matching::StaffOrToken};

use super::{appointment::links::find, send::back_to};
use crate::{App, Error, SignedIn, guard::ANY_ROLE, guard::Who, routes::Route};

pub(super) fn routes() -> Vec<Route> {
    // Staff send again what is about their own appointments only, which the handler holds to.
    vec![Route::post("/messages/{message}/resend", Who::Staff(ANY_ROLE), resend)]
}

async fn resend(
    State(app): State<App>,
    person: SignedIn,
    Path(message): Path<String>,
) -> Result<Response, Error> {
    let id: MessageId = message.parse().map_err(|_| Error::NotFound)?;
    let clinic = person.clinic.id;
    let message = app.store.read().await?.message(clinic, id).await?.ok_or(Error::NotFound)?;
    // What staff are told of alerts is not sent again: it is about a moment.
    let about = message.to.appointment().ok_or(Error::NotFound)?;
    let appointment = find(&app, &person, &about.to_string()).await?;
    let asked_by = StaffOrToken::Staff(person.staff.id);
    let done = app.outreach.resend(clinic, id, asked_by).await?;
    Ok(back_to(
        &appointment,
        message.channel,
        Some(message.to),
        done.messages.len() + done.before,
        done.not.len(),
    ))
}
