//! A person's word on whether somebody did not come.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{AttendeeId, attendance::no_show::Ruling};

use super::{
    input::{Body, Faults, word},
    json,
};
use crate::{App, Caller, Error};

pub async fn rule(
    State(app): State<App>,
    caller: Caller,
    Path(attendee): Path<String>,
    body: Body,
) -> Result<Response, Error> {
    let attendee: AttendeeId = attendee.parse().map_err(|_| Error::NotFound)?;
    let faults = Faults::default();
    let object = body.object(&faults);
    let ruling = object
        .required("ruling", |text| word(text, Ruling::from_word, &["accepted", "refused", "withdrawn"]));
    faults.check()?;
    let Some(ruling) = ruling else { return Err(Error::field("ruling", "is missing")) };
    let row = app.attendance.rule(caller.clinic(), attendee, ruling, caller.decides_as()).await?;
    Ok(json(StatusCode::OK, &row))
}
