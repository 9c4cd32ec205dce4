//! A day at the demo's clinic: who is to come, and what really happens. Pure: the same base gives the same day.
//!
//! Everything is placed around a base, a quarter of an hour near the moment at which the demo was started, so that
//! something is over, something is going on and something is still to come.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    Timestamp,
    appointment::{Kind, Status},
    clinic::Zone,
};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day's place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The day on the clinic's wall.
    pub date: Date,
    /// Around when it is placed: a quarter of an hour.
    pub base: Timestamp,
}

impl Day {
    /// The day around this moment.
    pub fn around(now: Timestamp, zone: &Zone) -> Self {
        const QUARTER: i64 = 15 * 60;
        let base = Timestamp::from_seconds(now.as_seconds().div_euclid(QUARTER) * QUARTER);
        Self { date: zone.date(now), base }
    }

    /// An ordinary day, when the demo ran over midnight.
    pub fn ordinary(date: Date, zone: &Zone) -> Self {
        Self { date, base: zone.day(date).start.plus(Duration::from_hours(11)) }
    }

    /// When people begin to do something.
    pub fn begins(&self) -> Timestamp {
        let first = VISITS.iter().map(|visit| visit.starts).min().unwrap_or(0);
        self.at(first - 40)
    }

    fn at(&self, minutes: i64) -> Timestamp {
        offset(self.base, minutes * 60)
    }

    /// The visits that lie within the day.
    pub fn visits(&self, zone: &Zone) -> impl Iterator<Item = &'static Visit> {
        let day = zone.day(self.date);
        let base = *self;
        VISITS.iter().filter(move |visit| {
            day.contains(&base.at(visit.starts)) && base.at(visit.starts + visit.lasts) < day.end
        })
    }

    /// From when to when.
    pub fn times(&self, visit: &Visit) -> (Timestamp, Timestamp) {
        (self.at(visit.starts), self.at(visit.starts + visit.lasts))
    }

    /// The scheduler's own id for the visit.
    pub fn external_id(&self, visit: &Visit) -> String {
        format!("demo-{}-{}", self.date, visit.key)
    }

    /// Everything that happens, in order of time.
    pub fn steps(&self, zone: &Zone) -> Vec<Step> {
        let mut steps: Vec<Step> = self.visits(zone).flat_map(|visit| self.steps_of(visit)).collect();
        steps.sort_by_key(|step| step.at);
        // Between two visits in a row the clinician stays: there is nothing to tell.
        let mut open = BTreeSet::new();
        for step in &mut steps {
            match step.act {
                Act::HostComes => step.told = open.insert(step.visit.host),
                Act::HostGoes => _ = open.remove(step.visit.host),
                _ => {}
            }
        }
        steps
    }

    fn steps_of(&self, visit: &'static Visit) -> Vec<Step> {
        let mut steps = Vec::new();
        let Some(plot) = &visit.plot else { return steps };
        let mut step = |seconds: i64, act: Act| {
            steps.push(Step {
                at: offset(self.base, visit.starts * 60 + seconds),
                day: *self,
                visit,
                act,
                told: true,
            });
        };
        let end = visit.lasts * 60;
        let admits = plot.host_comes + 60;
        let mut anybody = false;
        for guest in visit.guests {
            if let Some(opens) = guest.opens {
                step(opens, Act::Open(guest));
            }
            let Some(arrives) = guest.arrives else { continue };
            anybody = true;
            if guest.presses {
                step(arrives - 15, Act::Press(guest));
            }
            step(arrives, Act::Arrive(guest));
            if guest.interprets {
                step(arrives + 60, Act::Mark(guest));
            }
            step(guest.admitted.unwrap_or_else(|| admits.max(arrives + 35)), Act::Admit(guest));
            step(end + plot.over, Act::Leave(guest));
        }
        step(plot.host_comes, Act::HostComes);
        if plot.host_goes {
            step(if anybody { end + plot.over + 45 } else { plot.host_comes + 900 }, Act::HostGoes);
        }
        steps
    }
}

/// A time so many seconds after another, or before it.
fn offset(time: Timestamp, seconds: i64) -> Timestamp {
    let length = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { time.minus(length) } else { time.plus(length) }
}

/// Something that somebody does at a certain time.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// On which day.
    pub day: Day,
    /// At which visit.
    pub visit: &'static Visit,
    /// What.
    pub act: Act,
    /// Whether the panel tells of it.
    pub told: bool,
}

/// What somebody does.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Looks at the page behind their link.
    Open(&'static Guest),
    /// Presses Join there.
    Press(&'static Guest),
    /// Enters the waiting room.
    Arrive(&'static Guest),
    /// Is marked as an interpreter by the desk.
    Mark(&'static Guest),
    /// Is let in.
    Admit(&'static Guest),
    /// Leaves.
    Leave(&'static Guest),
    /// The clinician opens the room, or is there already.
    HostComes,
    /// The clinician closes the room.
    HostGoes,
}

impl Step {
    /// In words for the panel. Names are made up, as everything here is.
    pub fn words(&self) -> String {
        match self.act {
            Act::Open(guest) => format!("{} looks at their link", guest.name),
            Act::Press(guest) => format!("{} presses Join", guest.name),
            Act::Arrive(guest) if guest.presses => {
                format!("{} enters the waiting room as \u{201c}{}\u{201d}", guest.name, guest.types)
            }
            Act::Arrive(guest) => {
                format!(
                    "{} enters the waiting room as \u{201c}{}\u{201d}, by the room's bare link",
                    guest.name, guest.types
                )
            }
            Act::Mark(guest) => format!("{} is marked as an interpreter by the desk", guest.name),
            Act::Admit(guest) => format!("{} is let in", guest.name),
            Act::Leave(guest) => format!("{} leaves", guest.name),
            Act::HostComes => format!("{} is in the room", self.visit.host_name()),
            Act::HostGoes => format!("{} closes the room", self.visit.host_name()),
        }
    }
}

/// A visit in the book.
#[derive(Debug)]
pub struct Visit {
    /// Unique in the day.
    pub key: &'static str,
    /// The clinician, by their key in the cast.
    pub host: &'static str,
    /// Minutes from the base.
    pub starts: i64,
    /// Minutes.
    pub lasts: i64,
    /// Where.
    pub kind: Kind,
    /// Whether it takes place.
    pub status: Status,
    /// Who is to come.
    pub guests: &'static [Guest],
    /// What really happens; nothing where whoever looks at the demo is to play it.
    pub plot: Option<Plot>,
}

impl Visit {
    fn host_name(&self) -> &'static str {
        super::cast::PEOPLE
            .iter()
            .find(|person| person.key == self.host)
            .map_or("the host", |person| person.name)
    }

    /// Whether it is left to whoever looks at the demo.
    pub fn is_yours(&self) -> bool {
        self.plot.is_none() && self.host == YOURS_WITH && self.is_expected()
    }

    fn is_expected(&self) -> bool {
        self.kind == Kind::Telehealth && self.status == Status::Booked
    }
}

/// The clinician with whom the visit is that nobody plays.
const YOURS_WITH: &str = "osei";

/// What really happens around a visit. Seconds.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    /// When the clinician is in the room, from the start.
    pub host_comes: i64,
    /// When everybody leaves, from the end.
    pub over: i64,
    /// Whether the clinician closes the room afterwards.
    pub host_goes: bool,
}

/// Somebody who is to come to a visit.
#[derive(Debug)]
pub struct Guest {
    /// The scheduler's id.
    pub id: &'static str,
    /// As the clinic knows them.
    pub name: &'static str,
    /// What they type as their name at Zoom.
    pub types: &'static str,
    /// When they look at their link, in seconds from the start.
    pub opens: Option<i64>,
    /// When they enter the waiting room, in seconds from the start; never where nobody comes.
    pub arrives: Option<i64>,
    /// When they are let in, in seconds from the start, if not as soon as the clinician is there.
    pub admitted: Option<i64>,
    /// Whether they come by their own link, and not by the room's bare one.
    pub presses: bool,
    /// Whether they stand in the book.
    pub booked: bool,
    /// Whether the desk knows that they interpret, and says so.
    pub interprets: bool,
}

const fn guest(id: &'static str, name: &'static str, types: &'static str, arrives: i64) -> Guest {
    Guest {
        id,
        name,
        types,
        opens: Some(arrives - 900),
        arrives: Some(arrives),
        admitted: None,
        presses: true,
        booked: true,
        interprets: false,
    }
}

const fn by_bare_link(id: &'static str, name: &'static str, types: &'static str, arrives: i64) -> Guest {
    Guest {
        id,
        name,
        types,
        opens: None,
        arrives: Some(arrives),
        admitted: None,
        presses: false,
        booked: true,
        interprets: false,
    }
}

const fn stranger(
    id: &'static str,
    name: &'static str,
    types: &'static str,
    arrives: i64,
    admitted: i64,
) -> Guest {
    Guest { admitted: Some(admitted), booked: false, ..by_bare_link(id, name, types, arrives) }
}

const fn interpreter(
    id: &'static str,
    name: &'static str,
    types: &'static str,
    arrives: i64,
    admitted: i64,
) -> Guest {
    Guest { interprets: true, ..stranger(id, name, types, arrives, admitted) }
}

const fn absent(id: &'static str, name: &'static str, opens: Option<i64>) -> Guest {
    Guest {
        id,
        name,
        types: name,
        opens,
        arrives: None,
        admitted: None,
        presses: false,
        booked: true,
        interprets: false,
    }
}

const fn visit(
    key: &'static str,
    host: &'static str,
    starts: i64,
    lasts: i64,
    guests: &'static [Guest],
) -> Visit {
    Visit { key, host, starts, lasts, kind: Kind::Telehealth, status: Status::Booked, guests, plot: None }
}

impl Visit {
    const fn plays(mut self, host_comes: i64, over: i64, host_goes: bool) -> Self {
        self.plot = Some(Plot { host_comes, over, host_goes });
        self
    }

    const fn in_person(mut self) -> Self {
        self.kind = Kind::InPerson;
        self
    }

    const fn cancelled(mut self) -> Self {
        self.status = Status::Cancelled;
        self
    }
}

/// The book of the day.
static VISITS: &[Visit] = &[
    // Dr Osei sees one after the other, and waited in vain for the first.
    visit("osei-0", "osei", -155, 30, &[absent("p-lund", "Ida Lund", Some(-5_400))]).plays(30, 0, false),
    visit("osei-1", "osei", -120, 30, &[guest("p-tanaka", "Mei Tanaka", "Mei", -240)])
        .plays(-60, -120, false),
    visit("osei-2", "osei", -90, 30, &[guest("p-wright", "Samuel Wright", "Sam's iPad", 480)])
        .plays(0, 60, false),
    visit("osei-3", "osei", -60, 30, &[guest("p-delgado", "Rosa Delgado", "Rosa D.", -120)])
        .plays(0, -60, false),
    visit("osei-4", "osei", -30, 30, &[guest("p-gonzalez", "Maria Gonzalez", "Maria", -90)])
        .plays(30, 1_080, false),
    // Nearly the same name as the one before, and waiting while she is still in session.
    visit("osei-5", "osei", 0, 30, &[guest("p-gonzales", "Mario Gonzales", "iPhone", -200)])
        .plays(1_140, 120, false),
    visit("osei-6", "osei", 30, 30, &[absent("p-reyes", "Tom Reyes", None)]),
    visit("osei-7", "osei", 60, 30, &[by_bare_link("p-vogel", "Hannah Vogel", "hannah", -100)])
        .plays(0, 0, false),
    visit("osei-8", "osei", 90, 30, &[absent("p-haddad", "Ibrahim Haddad", Some(-3_000))]).plays(0, 0, true),
    visit("osei-9", "osei", 150, 45, &[guest("p-kim", "Grace Kim", "Grace", -60)]).in_person(),
    visit("osei-10", "osei", 210, 30, &[guest("p-chen", "Lucy Chen", "LC", -400)]).plays(60, 0, true),
    // Jonas Lindqvist has longer sessions, one of them with a couple.
    visit("lindqvist-1", "lindqvist", -105, 50, &[guest("p-moore", "Priscilla Moore", "Priscilla", -60)])
        .plays(-120, 0, true),
    visit(
        "lindqvist-2",
        "lindqvist",
        -30,
        60,
        &[
            guest("p-prado-ana", "Ana Prado", "Ana Prado", -150),
            guest("p-prado-luis", "Luis Prado", "Galaxy S24", 100),
            // In nobody's book. Whom the desk knows it has marked; of the other it is asked who that is.
            interpreter("p-signs", "The sign interpreter", "ASL – D. Okoro", 600, 700),
            stranger("p-interpreter", "The interpreter", "Interpreter ES", 1_650, 3_000),
        ],
    )
    .plays(0, 60, false),
    visit("lindqvist-3", "lindqvist", 45, 50, &[guest("p-fischer", "Noah Fischer", "Noah", 720)])
        .plays(-30, 0, true),
    visit("lindqvist-4", "lindqvist", 105, 50, &[absent("p-baker", "Owen Baker", None)]).cancelled(),
    visit("lindqvist-5", "lindqvist", 165, 50, &[guest("p-petrova", "Elena Petrova", "Елена", -30)])
        .plays(0, 0, true),
    // Dr Rahman has not connected: her patients' links say that the room is not there yet.
    visit("rahman-1", "rahman", -60, 45, &[absent("p-jones", "Walter Jones", None)]).in_person(),
    visit("rahman-2", "rahman", 30, 30, &[absent("p-adler", "Zoe Adler", None)]),
    visit("rahman-3", "rahman", 90, 30, &[absent("p-adeyemi", "Femi Adeyemi", None)]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone::parse("America/Chicago").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_same_moment_gives_the_same_day() {
        let day = Day::around(at("2026-11-23T16:07:31Z"), &zone());
        assert_eq!(day.base, at("2026-11-23T16:00:00Z"));
        let times = |day: Day| day.steps(&zone()).iter().map(|step| step.at).collect::<Vec<_>>();
        assert_eq!(times(day), times(day));
    }

    #[test]
    fn something_is_over_something_goes_on_and_something_is_to_come() {
        let now = at("2026-11-23T16:07:31Z");
        let day = Day::around(now, &zone());
        let count = |is: fn(Timestamp, Timestamp, Timestamp) -> bool| {
            day.visits(&zone()).filter(|visit| is(day.times(visit).0, day.times(visit).1, now)).count()
        };
        assert!(count(|_, end, now| end < now) >= 4);
        assert!(count(|start, end, now| start <= now && now <= end) >= 2);
        assert!(count(|start, _, now| start > now) >= 6);
    }

    #[test]
    fn visits_never_leave_the_clinics_day_whenever_the_demo_is_started() {
        for hour in 0..24 {
            let now = at(&format!("2026-11-23T{hour:02}:20:00Z"));
            let day = Day::around(now, &zone());
            let whole = zone().day(day.date);
            let mut any = false;
            for visit in day.visits(&zone()) {
                let (start, end) = day.times(visit);
                assert!(whole.contains(&start) && end < whole.end, "{} at {hour}", visit.key);
                any = true;
            }
            assert!(any, "no visit at {hour}");
        }
    }

    #[test]
    fn everybody_enters_before_being_let_in_and_leaves_afterwards() {
        let day = Day::around(at("2026-11-23T16:07:31Z"), &zone());
        let steps = day.steps(&zone());
        for visit in day.visits(&zone()) {
            for guest in visit.guests.iter().filter(|guest| guest.arrives.is_some() && visit.plot.is_some()) {
                let when = |wanted: fn(&Act, &str) -> bool| {
                    steps
                        .iter()
                        .find(|step| step.visit.key == visit.key && wanted(&step.act, guest.id))
                        .map(|step| step.at)
                };
                let arrives = when(|act, id| matches!(act, Act::Arrive(guest) if guest.id == id));
                let admitted = when(|act, id| matches!(act, Act::Admit(guest) if guest.id == id));
                let leaves = when(|act, id| matches!(act, Act::Leave(guest) if guest.id == id));
                assert!(arrives < admitted && admitted < leaves, "{}", guest.id);
            }
        }
    }

    #[test]
    fn two_people_have_similar_names_and_ids_are_unique() {
        let guests: Vec<&Guest> = VISITS.iter().flat_map(|visit| visit.guests).collect();
        let ids: BTreeSet<&str> = guests.iter().map(|guest| guest.id).collect();
        assert_eq!(ids.len(), guests.len());
        assert!(guests.iter().any(|guest| guest.name == "Maria Gonzalez"));
        assert!(guests.iter().any(|guest| guest.name == "Mario Gonzales"));
    }

    #[test]
    fn exactly_one_visit_is_left_to_whoever_looks() {
        assert_eq!(VISITS.iter().filter(|visit| visit.is_yours()).count(), 1);
    }
}
