//! The outcomes, counted and printed.

use std::{collections::BTreeMap, io};

use domain::{
    AttendeeId,
    attendance::matching::{Level, Match},
};

use crate::population::Arrival;

/// How often somebody's answer was what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    arrivals: u64,
    /// Of whom it is true that they are an attendee: only these can be recognised.
    attendees: u64,
    certain_right: u64,
    certain_wrong: u64,
    probable_right: u64,
    probable_wrong: u64,
    desk: u64,
}

impl Tally {
    pub fn note(&mut self, arrival: &Arrival, answer: Option<(AttendeeId, Level)>) {
        self.arrivals += 1;
        self.attendees += u64::from(arrival.truth.is_some());
        let cell = match answer {
            None | Some((_, Level::Ambiguous)) => &mut self.desk,
            Some((attendee, level)) => match (level, arrival.truth == Some(attendee)) {
                (Level::Certain, true) => &mut self.certain_right,
                (Level::Certain, false) => &mut self.certain_wrong,
                (_, true) => &mut self.probable_right,
                (_, false) => &mut self.probable_wrong,
            },
        };
        *cell += 1;
    }

    fn add(&mut self, other: Self) {
        self.arrivals += other.arrivals;
        self.attendees += other.attendees;
        self.certain_right += other.certain_right;
        self.certain_wrong += other.certain_wrong;
        self.probable_right += other.probable_right;
        self.probable_wrong += other.probable_wrong;
        self.desk += other.desk;
    }

    fn line(&self) -> String {
        let share = |part: u64, whole: u64| {
            let hundredths = (part * 10_000 + whole / 2).checked_div(whole).unwrap_or(0);
            format!("{part:>6} {:>3}.{:02}%", hundredths / 100, hundredths % 100)
        };
        format!(
            "{:>8} | {} | {} | {} | {} | {} | {}",
            self.arrivals,
            share(self.certain_right, self.attendees),
            share(self.certain_wrong, self.arrivals),
            share(self.probable_right, self.attendees),
            share(self.probable_wrong, self.arrivals),
            share(self.desk, self.arrivals),
            share(self.certain_right + self.probable_right, self.attendees),
        )
    }
}

/// Tallies by row, in the order of their names.
#[derive(Default)]
pub struct Table(BTreeMap<String, Tally>);

impl Table {
    pub fn note(&mut self, row: &str, arrival: &Arrival, answer: Option<(AttendeeId, Level)>) {
        self.0.entry(row.to_owned()).or_default().note(arrival, answer);
    }

    pub fn add(&mut self, other: Self) {
        for (row, tally) in other.0 {
            self.0.entry(row).or_default().add(tally);
        }
    }

    pub fn print(&self, title: &str, out: &mut impl io::Write) -> io::Result<()> {
        writeln!(
            out,
            "\n{title:<70} | arrivals | certain, right | certain, wrong | probable, right| probable, wrong| to the desk    | right, either"
        )?;
        for (row, tally) in &self.0 {
            writeln!(out, "{row:<70} | {}", tally.line())?;
        }
        Ok(())
    }
}

/// Which rung has spoken, by its reasons.
pub fn rung(matched: &Match) -> &'static str {
    let says = |words: &str| matched.reasons.iter().any(|reason| reason.contains(words));
    if says("registered link") {
        "1 the id of a registered link"
    } else if says("link presets") {
        "2 the name that a link presets"
    } else if says("the order of pressing") {
        "3 pressed Join: the order leaves no other way"
    } else if says("nobody else came, and") {
        "3 pressed Join, no name: ripened"
    } else if says("from the same address") {
        "3 pressed Join, from the same address"
    } else if says("pressed Join on") && says("agrees") {
        "3 pressed Join, and the name agrees"
    } else if says("pressed Join on") && says("may be read") {
        "3 pressed Join, and the name hints"
    } else if says("pressed Join on") {
        "3 pressed Join alone"
    } else if says(" s before, and") {
        "4 back after moments"
    } else if says("telephone number") {
        "5 calls from the number on file"
    } else if says("named in full") {
        "6 named in full"
    } else if says("named like") {
        "6 named like"
    } else if says("only one due") {
        "7 the only one due"
    } else {
        "1 an id that Zoom vouches for"
    }
}
