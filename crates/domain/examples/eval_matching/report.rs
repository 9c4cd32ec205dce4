//! What came out, row by row, and the story of everybody who was certain and wrong.

use std::io::{self, Write};

use domain::{
    AttendeeId, Timestamp,
    attendance::matching::{Level, ladder::Answer},
    clinic::Zone,
};

use crate::{
    ask::{ask, asked_at},
    baseline,
    population::{Account, Arrival, Day},
    table::{Table, rung},
};

/// All tables.
#[derive(Default)]
pub struct Report {
    rows: Table,
    addresses: Table,
    sizes: Table,
    names_only: Table,
    due: Table,
    rungs: Table,
    kinds: Table,
    stories: Vec<String>,
    unheard: u64,
}

impl Report {
    /// Asks about every arrival of a day.
    pub fn judge(&mut self, day: &Day, zone: &Zone, name: &str, account: Account, phase: i64, when: &str) {
        let addresses = if account.tells_addresses { "addresses told" } else { "no addresses" };
        for arrival in &day.arrivals {
            let answer = ask(day, zone, arrival, phase);
            self.unheard += u64::from(answer.is_none());
            let matched = answer.as_ref().and_then(|answer| answer.matched.as_ref());
            let said = matched.map(|matched| (matched.attendee, matched.level));
            let certain = |attendee: Option<AttendeeId>| attendee.map(|attendee| (attendee, Level::Certain));
            let by_name = baseline::by_name(arrival.shown.as_deref(), &day.invited);
            let by_time = baseline::whoever_is_due(asked_at(arrival), &day.invited);
            let size = arrival.truth.map(|truth| day.invited_with(truth)).map(|many| match many {
                1 => "one attendee",
                _ => "several attendees",
            });
            for (row, counts) in [("everybody", true), ("Join pressed", arrival.pressed)] {
                if counts {
                    self.rows.note(&format!("{name}: {row}"), arrival, said);
                    self.addresses.note(&format!("{name}: {row}, {addresses}"), arrival, said);
                    if let Some(size) = size {
                        self.sizes.note(&format!("{name}: {row}, {size}"), arrival, said);
                    }
                    self.names_only.note(&format!("{name}: {row}"), arrival, certain(by_name));
                    self.due.note(&format!("{name}: {row}"), arrival, certain(by_time));
                }
            }
            let way = if arrival.pressed { "" } else { ", not by an own press" };
            self.kinds.note(&format!("{name}: {}{way}", arrival.kind), arrival, said);
            self.rungs.note(&format!("{name}: {}", matched.map_or("8 asks the desk", rung)), arrival, said);
            if let (Some((attendee, Level::Certain)), Some(answer)) = (said, &answer)
                && arrival.truth != Some(attendee)
            {
                self.stories.push(story(day, zone, arrival, answer, &format!("{when}, {name}, {addresses}")));
            }
        }
    }

    /// Takes in what came out elsewhere.
    pub fn add(&mut self, other: Self) {
        self.rows.add(other.rows);
        self.addresses.add(other.addresses);
        self.sizes.add(other.sizes);
        self.names_only.add(other.names_only);
        self.due.add(other.due);
        self.rungs.add(other.rungs);
        self.kinds.add(other.kinds);
        self.stories.extend(other.stories);
        self.unheard += other.unheard;
    }

    pub fn print(&self, headline: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "{headline}")?;
        writeln!(
            out,
            "Shares of right answers are of the attendees who came, shares of wrong ones of all arrivals."
        )?;
        self.rows.print("The ladder", &mut out)?;
        self.addresses.print("The ladder, by whether addresses are told", &mut out)?;
        self.sizes.print("The ladder, by how many are invited to the appointment", &mut out)?;
        self.names_only.print("Baseline: the likest name, from 60 % on", &mut out)?;
        self.due.print("Baseline: whoever is due", &mut out)?;
        self.rungs.print("By rung", &mut out)?;
        self.kinds.print("By kind of case", &mut out)?;
        writeln!(out, "\nNot heard of yet when asked, and counted as left to the desk: {}", self.unheard)?;
        writeln!(out, "Certain and wrong: {}", self.stories.len())?;
        for story in &self.stories {
            writeln!(out, "- {story}")?;
        }
        Ok(())
    }
}

fn story(day: &Day, zone: &Zone, arrival: &Arrival, answer: &Answer, when: &str) -> String {
    let name = |attendee: &AttendeeId| {
        day.invited.iter().find(|invited| invited.attendee == *attendee).map_or_else(String::new, |invited| {
            format!("{} (due {})", invited.name, zone.time(invited.starts_at))
        })
    };
    let matched = answer.matched.as_ref();
    let clock = |at: Timestamp| at.in_zone(zone.rules()).strftime("%H:%M:%S").to_string();
    format!(
        "{when}: {}, came at {}, shown as {:?} at {}, is {}; taken for {}, because {}",
        arrival.kind,
        clock(arrival.arrives_at),
        arrival.shown.as_deref().unwrap_or(""),
        clock(asked_at(arrival)),
        arrival.truth.as_ref().map_or_else(|| "nobody's attendee".to_owned(), name),
        matched.map(|matched| name(&matched.attendee)).unwrap_or_default(),
        matched.map(|matched| matched.reasons.join("; ")).unwrap_or_default(),
    )
}
