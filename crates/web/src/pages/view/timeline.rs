//! The timeline of an appointment as a picture: one lane for each person, lengths in percent of the picture's width,
//! so that it stretches with the page and needs no script.

use domain::{
    Timestamp,
    attendance::stay::{Source, Stay, StayKind},
};

use super::words::{self, Wall};

/// How high a lane is, in pixels.
const LANE: u32 = 64;
/// Where the first lane begins, below the hours.
const TOP: u32 = 32;
/// The room under the last lane, where the stay that is pointed at is told.
const BOTTOM: u32 = 32;
/// The least width of a stay in percent, so that it can be seen at all.
const LEAST: f64 = 0.5;
/// How many hours or parts of them may be named across the picture, so that a phone has room for them.
const MOST_TICKS: i64 = 6;

/// The picture.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Its height in pixels.
    pub height: u32,
    /// Where the lanes end.
    pub floor: u32,
    /// The appointment's own time: where it begins and how wide it is.
    pub band: (Percent, Percent),
    /// Where the band ends.
    pub band_end: Percent,
    /// The hours named above.
    pub ticks: Vec<Tick>,
    /// Where now is, if it is in the picture.
    pub now: Option<Percent>,
    /// The lanes, the host's first.
    pub lanes: Vec<Lane>,
}

/// A place or a width in percent, with two digits: more would be no pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percent(f64);

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2}%", self.0)
    }
}

/// An hour named above the lanes.
#[derive(Clone, Debug)]
pub struct Tick {
    /// Where.
    pub at: Percent,
    /// `10:00`.
    pub word: String,
}

/// One person.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Who.
    pub name: String,
    /// What is to be said of the name, such as how sure it is.
    pub note: String,
    /// Where the name stands.
    pub name_at: u32,
    /// Where the bars begin.
    pub bars_at: u32,
    /// Where the line through the bars is.
    pub line_at: u32,
    /// The stays.
    pub bars: Vec<Bar>,
}

/// One stay.
#[derive(Clone, Debug)]
pub struct Bar {
    /// `waiting`, `connecting` or `in_session`.
    pub look: &'static str,
    /// Where it begins.
    pub at: Percent,
    /// How wide it is.
    pub width: Percent,
    /// What it says when it is pointed at or reached by the keyboard.
    pub told: String,
}

/// A person's stays, to be drawn.
#[derive(Clone, Debug)]
pub struct Stays<'a> {
    /// Who.
    pub name: String,
    /// What is to be said of the name.
    pub note: String,
    /// Whether they are what the visit is about: the picture is as wide as their stays and the appointment, and what
    /// others did before and after is cut off at its edges.
    pub of_the_visit: bool,
    /// Where they were.
    pub stays: Vec<&'a Stay>,
}

/// What a stay is called.
pub fn kind_word(kind: StayKind) -> &'static str {
    match kind {
        StayKind::Waiting => "waiting",
        StayKind::Connecting => "connecting",
        StayKind::InSession => "in session",
    }
}

/// Where an edge comes from.
pub fn source_word(source: Source) -> &'static str {
    match source {
        Source::Webhook => "Zoom’s message",
        Source::ZoomRecord => "Zoom’s record",
        Source::Page => "our page",
        Source::Person => "the staff",
    }
}

/// `10:01:40 (Zoom’s message) to 10:48:02 (Zoom’s message)`.
fn edges(stay: &Stay, wall: &Wall) -> String {
    let from = format!("{} ({})", wall.time_to_the_second(stay.from), source_word(stay.from_source));
    match (stay.to, stay.to_source) {
        (Some(to), Some(source)) => {
            format!("{from} to {} ({})", wall.time_to_the_second(to), source_word(source))
        }
        _ => format!("since {from}"),
    }
}

/// Draws the stays of people around an appointment.
pub fn draw(starts_at: Timestamp, ends_at: Timestamp, people: &[Stays<'_>], wall: &Wall) -> Timeline {
    let stays = || people.iter().filter(|one| one.of_the_visit).flat_map(|person| &person.stays);
    let first = stays().map(|stay| stay.from).chain([starts_at]).min().unwrap_or(starts_at);
    let last = stays().map(|stay| stay.to.unwrap_or(wall.now)).chain([ends_at]).max().unwrap_or(ends_at);
    // A little air on both sides.
    let air = (last.since(first) / 24).max(std::time::Duration::from_mins(1));
    let (left, right) = (first.minus(air), last.plus(air));
    let place = |at: Timestamp| Percent(share(at, left, right));
    let span = |from: Timestamp, to: Timestamp| {
        Percent((share(to, left, right) - share(from, left, right)).max(LEAST))
    };
    let lanes: Vec<Lane> = (0..)
        .zip(people)
        .map(|(index, person)| {
            let top = TOP + index * LANE;
            Lane {
                name: person.name.clone(),
                note: person.note.clone(),
                name_at: top + 20,
                bars_at: top + 30,
                line_at: top + 40,
                bars: person
                    .stays
                    .iter()
                    .map(|stay| Bar {
                        look: look(stay.kind),
                        at: place(stay.from),
                        width: span(stay.from, stay.to.unwrap_or(wall.now)),
                        told: format!("{}: {}", words::capitalised(kind_word(stay.kind)), edges(stay, wall)),
                    })
                    .collect(),
            }
        })
        .collect();
    let floor = TOP + u32::try_from(lanes.len()).unwrap_or(0) * LANE;
    Timeline {
        height: floor + BOTTOM,
        floor,
        band: (place(starts_at), span(starts_at, ends_at)),
        band_end: place(ends_at),
        ticks: ticks(left, right, wall),
        now: (left <= wall.now && wall.now <= right).then(|| place(wall.now)),
        lanes,
    }
}

fn look(kind: StayKind) -> &'static str {
    match kind {
        StayKind::Waiting => "waiting",
        StayKind::Connecting => "connecting",
        StayKind::InSession => "in_session",
    }
}

/// Where an instant stands between two others, in percent.
#[expect(clippy::cast_precision_loss, reason = "a day in microseconds fits 52 bits, and a pixel needs ten")]
fn share(at: Timestamp, left: Timestamp, right: Timestamp) -> f64 {
    let whole = right.as_micros().saturating_sub(left.as_micros()).max(1) as f64;
    (at.as_micros().saturating_sub(left.as_micros()) as f64 / whole * 100.0).clamp(0.0, 100.0)
}

fn ticks(left: Timestamp, right: Timestamp, wall: &Wall) -> Vec<Tick> {
    let seconds = right.as_seconds() - left.as_seconds();
    let steps = [300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600];
    let step = steps.into_iter().find(|step| seconds / step <= MOST_TICKS).unwrap_or(43_200);
    // Counted on the clinic's wall, so that zones of half hours have whole hours too.
    let offset = i64::from(left.in_zone(wall.zone.rules()).offset().seconds());
    let first = (left.as_seconds() + offset).div_euclid(step) * step + step - offset;
    (0..)
        .map(|number| Timestamp::from_seconds(first + number * step))
        .take_while(|at| *at <= right)
        .take(24)
        .map(|at| Tick { at: Percent(share(at, left, right)), word: wall.time(at) })
        .collect()
}

#[cfg(test)]
mod tests {
    use domain::clinic::Zone;

    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-11-23T{time}Z").parse().unwrap()
    }

    fn stay(kind: StayKind, from: &str, to: Option<&str>) -> Stay {
        Stay {
            kind,
            from: at(from),
            to: to.map(at),
            from_source: Source::Webhook,
            to_source: to.map(|_| Source::ZoomRecord),
            evidence: Vec::new(),
        }
    }

    fn rosa(stays: &[Stay]) -> Stays<'_> {
        Stays {
            name: "Rosa".to_owned(),
            note: String::new(),
            of_the_visit: true,
            stays: stays.iter().collect(),
        }
    }

    fn wall(now: &str) -> Wall {
        Wall { zone: Zone::parse("America/Chicago").unwrap(), now: at(now) }
    }

    #[test]
    fn everything_that_happened_is_inside_the_picture_in_its_order() {
        let stays = [
            stay(StayKind::Waiting, "15:40:00", Some("15:58:00")),
            stay(StayKind::InSession, "15:58:00", Some("17:20:00")),
        ];
        let people = [rosa(&stays)];
        let picture = draw(at("16:00:00"), at("16:50:00"), &people, &wall("20:00:00"));
        let bars = &picture.lanes[0].bars;
        assert!(bars[0].at.0 > 0.0 && bars[0].at.0 < picture.band.0.0);
        assert!(bars[1].at.0 + bars[1].width.0 < 100.0);
        assert!(
            (bars[0].at.0 + bars[0].width.0 - bars[1].at.0).abs() < 0.01,
            "one ends where the next begins"
        );
        assert!(picture.now.is_none(), "a visit of this morning does not show this evening");
    }

    #[test]
    fn what_still_lasts_reaches_to_now() {
        let stays = [stay(StayKind::InSession, "16:00:00", None)];
        let people = [rosa(&stays)];
        let picture = draw(at("16:00:00"), at("16:30:00"), &people, &wall("16:10:00"));
        let bar = &picture.lanes[0].bars[0];
        assert!((bar.at.0 + bar.width.0 - picture.now.unwrap().0).abs() < 0.01);
        assert_eq!(bar.told, "In session: since 10:00:00 (Zoom’s message)");
    }

    #[test]
    fn each_edge_names_its_source() {
        let stays = [stay(StayKind::Waiting, "15:58:12", Some("16:01:40"))];
        let people = [rosa(&stays)];
        let picture = draw(at("16:00:00"), at("16:30:00"), &people, &wall("17:10:00"));
        assert_eq!(
            picture.lanes[0].bars[0].told,
            "Waiting: 09:58:12 (Zoom’s message) to 10:01:40 (Zoom’s record)"
        );
    }

    #[test]
    fn a_host_who_is_in_the_room_all_day_does_not_stretch_the_picture() {
        let day = [stay(StayKind::InSession, "13:00:00", Some("22:00:00"))];
        let host = Stays { of_the_visit: false, ..rosa(&day) };
        let picture = draw(at("16:00:00"), at("16:50:00"), &[host], &wall("23:00:00"));
        let bar = &picture.lanes[0].bars[0];
        assert!(picture.band.1.0 > 80.0, "the visit fills the picture: {}", picture.band.1);
        assert!(
            bar.at.0 <= 0.0 && bar.at.0 + bar.width.0 >= 100.0,
            "and the host's stay reaches over its edges"
        );
    }

    #[test]
    fn the_hours_above_are_round_and_few() {
        for (from, to) in [("16:00:00", "16:15:00"), ("16:00:00", "16:50:00"), ("08:00:00", "23:00:00")] {
            let picture = draw(at(from), at(to), &[], &wall("12:00:00"));
            assert!((2..=7).contains(&picture.ticks.len()), "{} ticks", picture.ticks.len());
            assert!(picture.ticks.iter().all(|tick| tick.word.ends_with(['0', '5'])));
        }
    }

    #[test]
    fn a_second_is_still_wide_enough_to_be_seen() {
        let stays = [stay(StayKind::Connecting, "16:00:00", Some("16:00:01"))];
        let people = [rosa(&stays)];
        let picture = draw(at("16:00:00"), at("18:00:00"), &people, &wall("20:00:00"));
        assert!(picture.lanes[0].bars[0].width.0 >= LEAST);
    }
}
