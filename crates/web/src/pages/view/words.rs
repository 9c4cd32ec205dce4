//! Times and lengths of time in the words that people at a front desk use.

use std::time::Duration;

use domain::{Timestamp, clinic::Zone};
use jiff::civil::Date;

/// The clinic's wall clock at the moment when a page is made.
#[derive(Clone, Debug)]
pub struct Wall {
    /// Where the clinic's clocks hang.
    pub zone: Zone,
    /// The moment.
    pub now: Timestamp,
}

impl Wall {
    /// `10:07`.
    pub fn time(&self, at: Timestamp) -> String {
        at.in_zone(self.zone.rules()).strftime("%H:%M").to_string()
    }

    /// `10:07:31`.
    pub fn time_to_the_second(&self, at: Timestamp) -> String {
        at.in_zone(self.zone.rules()).strftime("%H:%M:%S").to_string()
    }

    /// `3:30 PM`, as patients read it.
    pub fn time_for_patients(&self, at: Timestamp) -> String {
        at.in_zone(self.zone.rules()).strftime("%-I:%M %p").to_string()
    }

    /// The zone as its clocks are called at that instant: `CST`, or `UTC+03` where nobody has given it letters.
    pub fn zone_word(&self, at: Timestamp) -> String {
        let word = at.in_zone(self.zone.rules()).strftime("%Z").to_string();
        if word.starts_with(['+', '-']) { format!("UTC{word}") } else { word }
    }

    /// The zone as people of the place know it: `Chicago time`.
    pub fn zone_place(&self) -> String {
        let name = self.zone.name();
        let place = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
        format!("{place} time")
    }

    /// How many seconds these clocks are ahead of Greenwich's now.
    pub fn offset(&self) -> i32 {
        self.now.in_zone(self.zone.rules()).offset().seconds()
    }

    /// The date on the wall at that instant.
    pub fn date(&self, at: Timestamp) -> Date {
        self.zone.date(at)
    }

    /// Today's date.
    pub fn today(&self) -> Date {
        self.date(self.now)
    }

    /// `10:07`, or with the date where it is not of the `day`.
    pub fn time_seen_from(&self, day: Date, at: Timestamp) -> String {
        let date = self.date(at);
        if date == day { self.time(at) } else { format!("{} {}", short_date(date), self.time(at)) }
    }

    /// How long ago that was, in words.
    pub fn ago(&self, at: Timestamp) -> String {
        let since = self.now.since(at);
        if since < Duration::from_secs(5) {
            "just now".to_owned()
        } else if since < Duration::from_mins(1) {
            format!("{} s ago", since.as_secs())
        } else if since < Duration::from_hours(24) {
            format!("{} ago", length(since))
        } else {
            format!("on {}", self.time_seen_from(self.today(), at))
        }
    }
}

/// `Monday 23 November 2026`.
pub fn long_date(date: Date) -> String {
    date.strftime("%A %-d %B %Y").to_string()
}

/// `Mon 23 Nov`.
pub fn short_date(date: Date) -> String {
    date.strftime("%a %-d %b").to_string()
}

/// `0 min`, `47 min`, `1 h 07 min`: whole minutes, rounded down, as the page's own ticking does.
pub fn length(duration: Duration) -> String {
    let minutes = duration.as_secs() / 60;
    if minutes < 60 {
        format!("{minutes} min")
    } else {
        format!("{} h {:02} min", minutes / 60, minutes % 60)
    }
}

/// `40 s`, `3 min`, `1 h 07 min`: for lengths that are over, where under a minute is still something.
pub fn measured(duration: Duration) -> String {
    if duration < Duration::from_mins(1) { format!("{} s", duration.as_secs()) } else { length(duration) }
}

/// A name within a sentence, so that its direction of writing does not turn the rest around (U+2068, U+2069).
pub fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// The text with its first letter in upper case.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The text as a sentence: a capital first, a full stop last.
pub fn sentence(text: &str) -> String {
    let mut sentence = capitalised(text.trim());
    if !sentence.is_empty() && !sentence.ends_with(['.', '?', '!']) {
        sentence.push('.');
    }
    sentence
}

/// `R. D.`: what a notice on a screen may say of a patient. At most three letters.
pub fn initials(name: &str) -> String {
    let letters: Vec<String> = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|letter| letter.is_alphabetic()))
        .take(3)
        .map(|letter| format!("{}.", letter.to_uppercase()))
        .collect();
    letters.join(" ")
}

/// `Ana and Luis`, `Ana, Luis and Rosa`.
pub fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `1 person`, `2 people`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(zone: &str, now: &str) -> Wall {
        Wall { zone: Zone::parse(zone).unwrap(), now: now.parse().unwrap() }
    }

    #[test]
    fn a_time_is_told_on_the_clinics_wall_with_the_zones_own_letters() {
        let wall = wall("America/Chicago", "2026-11-23T16:07:31Z");
        assert_eq!(wall.time(wall.now), "10:07");
        assert_eq!(wall.zone_word(wall.now), "CST");
        assert_eq!(wall.zone_place(), "Chicago time");
        assert_eq!(wall.zone_word("2026-07-01T12:00:00Z".parse().unwrap()), "CDT");
        assert_eq!(long_date(wall.today()), "Monday 23 November 2026");
    }

    #[test]
    fn a_zone_without_letters_is_told_by_its_offset() {
        let wall = wall("America/Sao_Paulo", "2026-11-23T16:07:31Z");
        assert_eq!(wall.zone_word(wall.now), "UTC-03");
        assert_eq!(wall.zone_place(), "Sao Paulo time");
    }

    #[test]
    fn a_length_of_an_hour_and_more_names_its_hours() {
        assert_eq!(length(Duration::from_secs(59)), "0 min");
        assert_eq!(length(Duration::from_secs(67 * 60 + 59)), "1 h 07 min");
        assert_eq!(measured(Duration::from_secs(59)), "59 s");
    }

    #[test]
    fn what_was_yesterday_carries_its_date() {
        let wall = wall("America/Chicago", "2026-11-23T16:07:31Z");
        let evening = "2026-11-23T03:00:00Z".parse().unwrap();
        assert_eq!(wall.time_seen_from(wall.today(), evening), "Sun 22 Nov 21:00");
        assert_eq!(wall.ago("2026-11-23T16:07:27Z".parse().unwrap()), "just now");
        assert_eq!(wall.ago("2026-11-23T16:05:00Z".parse().unwrap()), "2 min ago");
    }

    #[test]
    fn initials_give_no_more_than_initials() {
        assert_eq!(initials("Rosa María Delgado Ruiz"), "R. M. D.");
        assert_eq!(initials("李小龙"), "李.");
        assert_eq!(initials("<script>"), "S.");
        assert_eq!(initials("42"), "");
    }
}
