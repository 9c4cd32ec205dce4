//! Lists in pages: a range of time, a host, a limit, and a cursor that says where the next page begins.

use std::{fmt, ops::Range, str::FromStr, time::Duration};

use domain::{AppointmentId, StaffId, Timestamp, clinic::Clinic, staff::StaffMember};
use serde::Deserialize;
use store::Tx;

use super::input::{Faults, time};
use crate::Error;

/// The most items of a page; as many as there are, unless the caller wants fewer.
pub const MOST: i64 = 200;

/// What a list can be asked for, as it came. Texts, so that all faults can be told at once.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// From this instant; default: the beginning of the clinic's day.
    from: Option<String>,
    /// Up to but not including this instant; default: one day after `from`.
    to: Option<String>,
    /// E-mail address, external id or `staff_…`.
    host: Option<String>,
    /// At most 200.
    limit: Option<String>,
    /// As an earlier page gave it.
    cursor: Option<String>,
    /// `json`, `csv` or `xlsx`, where the list can be had as a file.
    pub format: Option<String>,
}

/// What a list was asked for, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Starting in this range.
    pub range: Range<Timestamp>,
    /// Of this host alone.
    pub host: Option<StaffId>,
    /// At most so many.
    pub limit: i64,
    /// After this one.
    pub after: Option<(Timestamp, AppointmentId)>,
}

impl Asked {
    /// Understands it, with all faults told at once.
    pub async fn understand(&self, tx: &mut dyn Tx, clinic: &Clinic, now: Timestamp) -> Result<Page, Error> {
        let faults = Faults::default();
        let instant = |field: &str, text: &Option<String>| {
            text.as_deref().and_then(|text| faults.take(field, time(text)))
        };
        let from =
            instant("from", &self.from).unwrap_or_else(|| clinic.zone.day(clinic.zone.date(now)).start);
        let to = instant("to", &self.to).unwrap_or_else(|| from.plus(Duration::from_hours(24)));
        if to <= from {
            faults.note("to", "must be after from");
        }
        let host = match self.host.as_deref() {
            None => None,
            Some(text) => {
                let found = host(tx, clinic, text).await?;
                if found.is_none() {
                    faults.note("host", UNKNOWN_HOST);
                }
                found.map(|member| member.id)
            }
        };
        let limit = match self.limit.as_deref().map(i64::from_str) {
            None => MOST,
            Some(Ok(limit)) if (1..=MOST).contains(&limit) => limit,
            Some(_) => {
                faults.note("limit", format_args!("must be a number from 1 to {MOST}"));
                MOST
            }
        };
        let after = self
            .cursor
            .as_deref()
            .and_then(|text| faults.take("cursor", text.parse::<Cursor>()))
            .map(|cursor| (cursor.0, cursor.1));
        faults.check()?;
        Ok(Page { range: from..to, host, limit, after })
    }
}

/// What is said of a host that is nobody.
pub const UNKNOWN_HOST: &str =
    "is nobody who works at this clinic: give the e-mail address, external id or staff_ id";

/// The member of the staff that a program names.
pub async fn host(tx: &mut dyn Tx, clinic: &Clinic, name: &str) -> Result<Option<StaffMember>, Error> {
    if let Some(member) = tx.staff_known_as(clinic.id, name.trim()).await? {
        return Ok(Some(member));
    }
    match name.trim().parse::<StaffId>() {
        Ok(id) => Ok(tx.staff_member(clinic.id, id).await?),
        Err(_) => Ok(None),
    }
}

/// Where a page ended. Programs give it back as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub Timestamp, pub AppointmentId);

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.as_micros(), self.1)
    }
}

/// A text that no page gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a next_cursor of an earlier answer")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;
    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (micros, id) = text.split_once('.').ok_or(NotACursor)?;
        let micros = micros.parse().map_err(|_| NotACursor)?;
        Ok(Self(Timestamp::from_micros(micros), id.parse().map_err(|_| NotACursor)?))
    }
}

/// The clinic of a caller.
pub async fn clinic_of(tx: &mut dyn Tx, id: domain::ClinicId) -> Result<Clinic, Error> {
    tx.clinic(id).await?.ok_or(Error::NotFound)
}

#[cfg(test)]
mod tests {
    use domain::id::Id;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cursor_survives_its_text_form(micros: i64, id: u128) {
            let cursor = Cursor(Timestamp::from_micros(micros), AppointmentId::from_uuid(uuid::Uuid::from_u128(id)));
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn arbitrary_text_is_refused_as_a_cursor(text in ".{0,60}") {
            prop_assert_eq!(text.parse::<Cursor>(), Err(NotACursor));
        }
    }
}
