//! Quiet hours as instants: an instant is quiet when the clinic's clocks say so, whatever they did in the night.

use std::time::Duration;

use jiff::civil::Date;

use super::QuietHours;
use crate::{clinic::Zone, time::Timestamp};

/// The least that two instants are apart.
const TICK: Duration = Duration::from_micros(1);

impl QuietHours {
    /// Whether nothing goes out by itself at this instant.
    pub fn holds(&self, at: Timestamp, zone: &Zone) -> bool {
        let time = at.in_zone(zone.rules()).time();
        if self.from <= self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }

    /// The first instant from this one on that is not quiet.
    pub fn end_after(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        if !self.holds(at, zone) {
            return Some(at);
        }
        // They end as the clocks show `to`, or as the clocks are changed.
        let today = at.in_zone(zone.rules()).date();
        let changed = zone.rules().following(at.to_jiff()).next().map(|change| change.timestamp().into());
        [Some(today), today.tomorrow().ok()]
            .into_iter()
            .flatten()
            .flat_map(|date| showing(self.to, date, zone))
            .chain(changed)
            .filter(|end| *end > at && !self.holds(*end, zone))
            .min()
    }

    /// The first instant of the quiet hours that hold at this one.
    pub(super) fn begin_before(&self, at: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let today = at.in_zone(zone.rules()).date();
        let later = at.plus(TICK).to_jiff();
        let changed = zone.rules().preceding(later).next().map(|change| change.timestamp().into());
        [Some(today), today.yesterday().ok()]
            .into_iter()
            .flatten()
            .flat_map(|date| showing(self.from, date, zone))
            .chain(changed)
            .filter(|begin| *begin <= at && self.holds(*begin, zone) && !self.holds(begin.minus(TICK), zone))
            .max()
    }
}

/// When the clocks show this time on this date: twice in the night in which they are put back. In the one in which they
/// are put forward a skipped time stands for the two that are as far from the change.
fn showing(time: jiff::civil::Time, date: Date, zone: &Zone) -> impl Iterator<Item = Timestamp> {
    let ambiguous = || zone.rules().to_ambiguous_zoned(date.to_datetime(time));
    [ambiguous().earlier(), ambiguous().later()].into_iter().flatten().map(|zoned| zoned.timestamp().into())
}
