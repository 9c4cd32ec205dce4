//! Dates and times as a language writes them.

use domain::{Timestamp, clinic::Zone};
use jiff::civil::{Date, Time};
use serde::Deserialize;

use super::{Words, filled};

/// What dates and times are made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeWords {
    months: [String; 12],
    months_short: [String; 12],
    weekdays: [String; 7],
    weekdays_short: [String; 7],
    long_date: String,
    short_date: String,
    time: String,
    before_noon: String,
    after_noon: String,
    zone: String,
    /// “10:00 AM to 10:50 AM”
    pub from_to: String,
    /// “Monday 23 November 2026 at 10:00 AM”
    pub date_and_time: String,
    /// “Your device is in another time zone. For you it is …”
    pub your_time: String,
}

/// An instant on a clinic's wall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// `Monday 23 November 2026`.
    pub date: String,
    /// `Mon 23 Nov`.
    pub short_date: String,
    /// `10:00 AM`.
    pub time: String,
    /// `CST, Chicago time`.
    pub zone: String,
    /// `CST`.
    pub zone_letters: String,
}

impl Words {
    /// `Monday 23 November 2026`.
    pub fn long_date(&self, date: Date) -> String {
        dated(&self.time.long_date, date, &self.time.weekdays, &self.time.months)
    }

    /// `Mon 23 Nov`.
    pub fn short_date(&self, date: Date) -> String {
        dated(&self.time.short_date, date, &self.time.weekdays_short, &self.time.months_short)
    }

    /// `10:00 AM`.
    pub fn time_of_day(&self, time: Time) -> String {
        let half = if time.hour() < 12 { &self.time.before_noon } else { &self.time.after_noon };
        let hour12 = if time.hour() % 12 == 0 { 12 } else { time.hour() % 12 };
        filled(
            &self.time.time,
            &[
                ("hour", &time.hour().to_string()),
                ("hour12", &hour12.to_string()),
                ("minute", &format!("{:02}", time.minute())),
                ("half", half),
            ],
        )
    }

    /// The instant on the wall of this zone, in words.
    pub fn when(&self, zone: &Zone, at: Timestamp) -> When {
        let wall = at.in_zone(zone.rules());
        let letters = wall.strftime("%Z").to_string();
        let letters = if letters.starts_with(['+', '-']) { format!("UTC{letters}") } else { letters };
        let name = zone.name();
        let place = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
        When {
            date: self.long_date(wall.date()),
            short_date: self.short_date(wall.date()),
            time: self.time_of_day(wall.time()),
            zone: filled(&self.time.zone, &[("letters", &letters), ("place", &place)]),
            zone_letters: letters,
        }
    }

    /// `Monday 23 November 2026 at 10:00 AM`, on the wall of this zone.
    pub fn date_and_time(&self, zone: &Zone, at: Timestamp) -> String {
        let When { date, time, .. } = self.when(zone, at);
        filled(&self.time.date_and_time, &[("date", &date), ("time", &time)])
    }
}

fn dated(pattern: &str, date: Date, weekdays: &[String; 7], months: &[String; 12]) -> String {
    let of = |names: &[String], number: i8| {
        usize::try_from(number).ok().and_then(|number| names.get(number).cloned()).unwrap_or_default()
    };
    filled(
        pattern,
        &[
            ("weekday", &of(weekdays, date.weekday().to_monday_zero_offset())),
            ("day", &date.day().to_string()),
            ("month", &of(months, date.month() - 1)),
            ("year", &date.year().to_string()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use domain::text::Language;

    use super::*;

    fn when(language: &str, zone: &str, at: &str) -> When {
        let words = Words::of(&Language::parse(language).unwrap());
        words.when(&Zone::parse(zone).unwrap(), at.parse().unwrap())
    }

    #[test]
    fn a_time_is_told_on_the_clinics_wall_in_the_language() {
        let english = when("en", "America/Chicago", "2026-11-23T16:07:31Z");
        assert_eq!(
            [&english.date, &english.short_date, &english.time, &english.zone],
            ["Monday 23 November 2026", "Mon 23 Nov", "10:07 AM", "CST, Chicago time"]
        );
        let spanish = when("es", "America/Mexico_City", "2026-11-28T18:00:00Z");
        assert_eq!(
            [&spanish.date, &spanish.short_date, &spanish.time, &spanish.zone],
            ["sábado 28 de noviembre de 2026", "sáb 28 nov", "12:00 p.m.", "CST, hora de Mexico City"]
        );
    }

    #[test]
    fn midnight_and_noon_are_twelve() {
        let words = Words::of(&Language::english());
        assert_eq!(words.time_of_day(Time::constant(0, 5, 0, 0)), "12:05 AM");
        assert_eq!(words.time_of_day(Time::constant(12, 0, 0, 0)), "12:00 PM");
        assert_eq!(words.time_of_day(Time::constant(23, 59, 0, 0)), "11:59 PM");
    }

    #[test]
    fn the_zone_follows_the_season_and_is_told_by_its_offset_where_it_has_no_letters() {
        assert_eq!(when("en", "America/Chicago", "2026-07-01T12:00:00Z").zone_letters, "CDT");
        assert_eq!(when("en", "America/Sao_Paulo", "2026-07-01T12:00:00Z").zone, "UTC-03, Sao Paulo time");
    }
}
