//! The clinic: the tenant, and the time zone that its day is counted in.

use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{id::ClinicId, text::Name, time::Timestamp};

/// A clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clinic {
    /// Names it.
    pub id: ClinicId,
    /// As patients know it.
    pub name: Name,
    /// Where its clocks hang.
    pub zone: Zone,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A time zone by its name in the IANA database, known to exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

/// A name that the IANA database does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a time zone such as America/Chicago")]
pub struct UnknownZone;

impl Zone {
    /// Looks the name up.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone)?;
        Ok(Self { name: zone.iana_name().unwrap_or(name).to_owned(), zone })
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rules.
    pub fn rules(&self) -> &TimeZone {
        &self.zone
    }

    /// The date on the clinic's wall at this instant.
    pub fn date(&self, at: Timestamp) -> Date {
        at.in_zone(&self.zone).date()
    }

    /// The time on the clinic's wall at this instant, to the minute: "10:05".
    pub fn time(&self, at: Timestamp) -> String {
        at.in_zone(&self.zone).strftime("%H:%M").to_string()
    }

    /// The day as instants: from its first to just before the next day's first. 23 or 25 hours where the clocks
    /// change.
    pub fn day(&self, date: Date) -> std::ops::Range<Timestamp> {
        let start = |date: Date| {
            self.zone
                .to_ambiguous_zoned(date.at(0, 0, 0, 0))
                .compatible()
                .map_or(Timestamp::from_micros(i64::MAX), |zoned| zoned.timestamp().into())
        };
        start(date)..date.tomorrow().map_or(Timestamp::from_micros(i64::MAX), start)
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;
    fn try_from(name: String) -> Result<Self, UnknownZone> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_is_as_long_as_the_clinics_clocks_say() {
        let zone = Zone::parse("America/Chicago").unwrap();
        let hours = |date| {
            let day = zone.day(date);
            day.end.since(day.start).as_secs() / 3600
        };
        assert_eq!(hours(date(2026, 3, 8)), 23);
        assert_eq!(hours(date(2026, 11, 1)), 25);
        assert_eq!(hours(date(2026, 11, 23)), 24);
    }

    #[test]
    fn the_day_belongs_to_the_clinic_and_not_to_greenwich() {
        let zone = Zone::parse("America/Chicago").unwrap();
        let late_evening: Timestamp = "2026-11-24T03:00:00Z".parse().unwrap();
        assert_eq!(zone.date(late_evening), date(2026, 11, 23));
        assert!(zone.day(date(2026, 11, 23)).contains(&late_evening));
        assert!(!zone.day(date(2026, 11, 23)).contains(&late_evening.plus(Duration::from_hours(3))));
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        assert_eq!(Zone::parse("America/Springfield"), Err(UnknownZone));
    }
}
