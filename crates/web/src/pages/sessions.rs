//! The auditor's page: who attended in a period, what is in doubt, and the same as a file.

use std::{ops::Range, time::Duration};

use attendance::{
    board::AttendeeStatus,
    sessions::{SessionAttendee, SessionFilter, SessionRow},
};
use axum::{
    extract::{Query, State},
    http::header,
    response::{Html, IntoResponse, Response},
};
use domain::{
    StaffId, Timestamp,
    appointment::{Kind, Status},
    staff::Role,
};
use jiff::{ToSpan, civil::Date};
use serde::Deserialize;

use super::{
    draw, frame, host_choices, query,
    view::{
        board::Choice,
        frame::Place,
        sessions::{Filters, SessionLine, SessionsPage},
        words::{Wall, long_date, measured, sentence, short_date},
    },
    wall,
};
use crate::{App, Error, SignedIn, api::csv_file, guard::Who, routes::Route};

const AUDITOR: Who = Who::Staff(&[Role::Admin]);
/// Appointments asked for at once.
const AT_ONCE: i64 = 200;
/// A page is about at most so many appointments; whoever needs more chooses a shorter period, or the API.
const MOST: usize = 10_000;
/// Lines on one page.
const LINES: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/attendance", AUDITOR, page), Route::get("/attendance.csv", AUDITOR, file)]
}

/// The filters, as they came.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    from: String,
    to: String,
    host: String,
    patient: String,
    outcome: String,
    doubts: String,
    page: String,
}

/// How it ended for one attendee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Attended,
    ThereNow,
    NotLetIn,
    NoShow,
    NotSeen,
    ToCome,
    Cancelled,
    InPerson,
}

impl Outcome {
    const ALL: [Self; 8] = [
        Self::Attended,
        Self::ThereNow,
        Self::NotLetIn,
        Self::NoShow,
        Self::NotSeen,
        Self::ToCome,
        Self::Cancelled,
        Self::InPerson,
    ];

    fn of(row: &SessionRow, attendee: &SessionAttendee, now: Timestamp) -> Self {
        if attendee.joined_at.is_some() {
            Self::Attended
        } else if matches!(attendee.status, AttendeeStatus::Waiting | AttendeeStatus::Connecting) {
            Self::ThereNow
        } else if row.status == Status::Cancelled {
            Self::Cancelled
        } else if row.kind == Kind::InPerson {
            Self::InPerson
        } else if attendee.arrived_at.is_some() {
            Self::NotLetIn
        } else if attendee.status == AttendeeStatus::NoShow {
            Self::NoShow
        } else if now < row.ends_at {
            Self::ToCome
        } else {
            Self::NotSeen
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Attended => "attended",
            Self::ThereNow => "there-now",
            Self::NotLetIn => "not-let-in",
            Self::NoShow => "no-show",
            Self::NotSeen => "not-seen",
            Self::ToCome => "to-come",
            Self::Cancelled => "cancelled",
            Self::InPerson => "in-person",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Attended => "Attended",
            Self::ThereNow => "Waits now",
            Self::NotLetIn => "Came, never in session",
            Self::NoShow => "No-show",
            Self::NotSeen => "Not seen",
            Self::ToCome => "To come",
            Self::Cancelled => "Cancelled",
            Self::InPerson => "In person",
        }
    }
}

/// The filters, understood.
#[derive(Clone, Debug)]
struct Wanted {
    from: Date,
    to: Date,
    host: Option<StaffId>,
    patient: String,
    outcome: Option<Outcome>,
    doubts: bool,
    page: usize,
}

impl Asked {
    fn understand(&self, today: Date) -> Result<Wanted, &'static str> {
        let date = |text: &str, otherwise: Date| {
            if text.is_empty() {
                Ok(otherwise)
            } else {
                text.parse().map_err(|_| "Give dates such as 2026-11-23.")
            }
        };
        let to = date(&self.to, today)?;
        let from = date(&self.from, to.checked_sub(6.days()).unwrap_or(to))?;
        if from > to {
            return Err("The first day must not be after the last.");
        }
        Ok(Wanted {
            from,
            to,
            host: self.host.parse().ok(),
            patient: self.patient.trim().to_lowercase(),
            outcome: Outcome::ALL.into_iter().find(|outcome| outcome.word() == self.outcome),
            doubts: !self.doubts.is_empty(),
            page: self.page.parse().unwrap_or(0),
        })
    }

    fn query(&self, wanted: &Wanted, page: usize) -> String {
        let page = if page == 0 { String::new() } else { page.to_string() };
        query(&[
            ("from", &wanted.from.to_string()),
            ("to", &wanted.to.to_string()),
            ("host", &self.host),
            ("patient", self.patient.trim()),
            ("outcome", &self.outcome),
            ("doubts", if wanted.doubts { "1" } else { "" }),
            ("page", &page),
        ])
    }
}

impl Wanted {
    fn range(&self, wall: &Wall) -> Range<Timestamp> {
        wall.zone.day(self.from).start..wall.zone.day(self.to).end
    }

    fn lets_through(&self, row: &SessionRow, attendee: &SessionAttendee, now: Timestamp) -> bool {
        (self.patient.is_empty() || attendee.name.as_str().to_lowercase().contains(&self.patient))
            && self.outcome.is_none_or(|outcome| outcome == Outcome::of(row, attendee, now))
            && (!self.doubts || !attendee.doubts.is_empty())
    }
}

/// The appointments of the period, each with those of its attendees whom the filters let through. None where there are
/// too many.
async fn rows(
    app: &App,
    person: &SignedIn,
    wanted: &Wanted,
    wall: &Wall,
) -> Result<Option<Vec<SessionRow>>, Error> {
    let filter = SessionFilter { host: wanted.host, only_with_doubts: wanted.doubts };
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let sessions =
            app.attendance.sessions(person.clinic.id, wanted.range(wall), filter, after, AT_ONCE).await?;
        rows.extend(sessions.items);
        if rows.len() > MOST {
            return Ok(None);
        }
        after = sessions.next;
        if after.is_none() {
            break;
        }
    }
    for row in &mut rows {
        let mut attendees = std::mem::take(&mut row.attendees);
        attendees.retain(|attendee| wanted.lets_through(row, attendee, wall.now));
        row.attendees = attendees;
    }
    rows.retain(|row| !row.attendees.is_empty());
    Ok(Some(rows))
}

const TOO_MANY: &str = "That period holds more than 10 000 appointments. Choose a shorter one.";

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    let wall = wall(&app, &person.clinic);
    let staff = app.store.read().await?.staff(person.clinic.id).await?;
    let wanted = asked.understand(wall.today());
    let (rows, wrong) = match &wanted {
        Ok(wanted) => match rows(&app, &person, wanted, &wall).await? {
            Some(rows) => (rows, ""),
            None => (Vec::new(), TOO_MANY),
        },
        Err(wrong) => (Vec::new(), *wrong),
    };
    let shown = wanted.as_ref().ok();
    let lines: Vec<(&SessionRow, &SessionAttendee)> =
        rows.iter().flat_map(|row| row.attendees.iter().map(move |attendee| (row, attendee))).collect();
    let number = shown.map_or(0, |wanted| wanted.page);
    let begin = number.saturating_mul(LINES);
    let goes_on = lines.len() > begin.saturating_add(LINES);
    let more = shown
        .filter(|_| goes_on)
        .map(|wanted| format!("/attendance?{}", asked.query(wanted, number.saturating_add(1))));
    draw(&SessionsPage {
        frame: frame(&person, "Attendance", Some(Place::Attendance)),
        filters: filters(&asked, shown, &staff),
        period: shown.map_or_else(String::new, |wanted| period(wanted, &wall)),
        made: format!(
            "Made on {} at {} {} for {}.",
            long_date(wall.today()),
            wall.time(wall.now),
            wall.zone_word(wall.now),
            person.staff.name
        ),
        wrong: wrong.to_owned(),
        totals: if lines.is_empty() { Vec::new() } else { totals(&lines, wall.now) },
        lines: lines
            .iter()
            .skip(begin)
            .take(LINES)
            .map(|(row, attendee)| line(row, attendee, &wall))
            .collect(),
        csv: shown
            .filter(|_| wrong.is_empty())
            .map_or_else(String::new, |wanted| format!("/attendance.csv?{}", asked.query(wanted, 0))),
        more,
    })
}

/// The same filters as a file.
async fn file(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let wall = wall(&app, &person.clinic);
    let wanted = asked.understand(wall.today()).map_err(|wrong| Error::BadRequest(wrong.into()))?;
    let rows = rows(&app, &person, &wanted, &wall).await?.ok_or(Error::BadRequest(TOO_MANY.into()))?;
    let name = format!("attachment; filename=\"attendance-{}-{}.csv\"", wanted.from, wanted.to);
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, csv_file::of(&rows)?).into_response())
}

fn filters(asked: &Asked, wanted: Option<&Wanted>, staff: &[domain::staff::StaffMember]) -> Filters {
    let host = asked.host.parse().ok();
    Filters {
        from: wanted.map_or_else(|| asked.from.clone(), |wanted| wanted.from.to_string()),
        to: wanted.map_or_else(|| asked.to.clone(), |wanted| wanted.to.to_string()),
        hosts: host_choices(staff, host, host),
        patient: asked.patient.trim().to_owned(),
        outcomes: Outcome::ALL
            .into_iter()
            .map(|outcome| Choice {
                value: outcome.word().to_owned(),
                word: outcome.title().to_owned(),
                chosen: outcome.word() == asked.outcome,
            })
            .collect(),
        doubts: !asked.doubts.is_empty(),
    }
}

fn period(wanted: &Wanted, wall: &Wall) -> String {
    if wanted.from == wanted.to {
        format!("{}, {}", long_date(wanted.from), wall.zone_place())
    } else {
        format!("{} to {}, {}", long_date(wanted.from), long_date(wanted.to), wall.zone_place())
    }
}

fn totals(lines: &[(&SessionRow, &SessionAttendee)], now: Timestamp) -> Vec<(&'static str, String)> {
    let of = |outcome| {
        lines.iter().filter(|(row, attendee)| Outcome::of(row, attendee, now) == outcome).count().to_string()
    };
    let doubts = lines.iter().filter(|(_, attendee)| !attendee.doubts.is_empty()).count();
    let together = lines.iter().map(|(_, attendee)| attendee.together_seconds).sum();
    vec![
        ("Booked attendances", lines.len().to_string()),
        ("Attended", of(Outcome::Attended)),
        ("Came, never in session", of(Outcome::NotLetIn)),
        ("No-show", of(Outcome::NoShow)),
        ("Not seen", of(Outcome::NotSeen)),
        ("With a doubt", doubts.to_string()),
        ("Together with staff", measured(Duration::from_secs(together))),
    ]
}

fn line(row: &SessionRow, attendee: &SessionAttendee, wall: &Wall) -> SessionLine {
    // What was never measured is no zero.
    let was_there = attendee.arrived_at.is_some() || attendee.joined_at.is_some();
    let length = |seconds| if was_there { measured(Duration::from_secs(seconds)) } else { String::new() };
    SessionLine {
        date: short_date(wall.date(row.starts_at)),
        time: format!("{}–{}", wall.time(row.starts_at), wall.time(row.ends_at)),
        patient: attendee.name.to_string(),
        host: row.host.name.to_string(),
        tells: tells(row, attendee, wall),
        waited: length(attendee.waited_seconds),
        in_session: length(attendee.in_session_seconds),
        together: length(attendee.together_seconds),
        open: format!("/appointments/{}", row.id),
        doubts: attendee.doubts.iter().map(|doubt| sentence(doubt)).collect(),
    }
}

/// Why it is or is not taken for a no-show; nothing where nobody asks.
fn evidence(attendee: &SessionAttendee) -> String {
    let reasons = attendee.no_show.iter().flat_map(|cell| &cell.reasons);
    reasons.map(|reason| sentence(reason)).collect::<Vec<_>>().join(" ")
}

/// `, 3 min late`; nothing where they came in time, or it is not known when.
fn late(attendee: &SessionAttendee) -> String {
    match attendee.late_seconds {
        Some(seconds @ 60..) => format!(", {} late", measured(Duration::from_secs(seconds.unsigned_abs()))),
        _ => String::new(),
    }
}

/// What happened, as a sentence.
fn tells(row: &SessionRow, attendee: &SessionAttendee, wall: &Wall) -> String {
    let day = wall.date(row.starts_at);
    let at = |at: Option<Timestamp>| at.map_or_else(String::new, |at| wall.time_seen_from(day, at));
    let came = format!("Came at {}{}", at(attendee.arrived_at.or(attendee.joined_at)), late(attendee));
    let left = match (attendee.left_at, attendee.status) {
        (Some(_), _) => format!("left at {}", at(attendee.left_at)),
        (None, AttendeeStatus::Waiting | AttendeeStatus::Connecting | AttendeeStatus::InSession) => {
            "is still there".to_owned()
        }
        (None, _) => "when they left is not known".to_owned(),
    };
    match Outcome::of(row, attendee, wall.now) {
        Outcome::Attended => format!("{came}, was in session from {}, {left}.", at(attendee.joined_at)),
        Outcome::ThereNow => format!("{came}, not in session yet, {left}."),
        Outcome::NotLetIn => format!("{came}, was never in session, {left}."),
        Outcome::NoShow => format!("Did not come. {}", evidence(attendee)),
        Outcome::NotSeen => match &attendee.no_show {
            Some(cell) if cell.is_proposed() => {
                format!("May be a no-show: nobody has said so yet. {}", evidence(attendee))
            }
            _ => format!("Was not seen in the room. {}", evidence(attendee)),
        },
        Outcome::ToCome => "Is to come.".to_owned(),
        Outcome::Cancelled => "Cancelled.".to_owned(),
        Outcome::InPerson => "At the clinic; nothing to measure.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn without_dates_it_is_about_the_last_week() {
        let wanted = Asked::default().understand(date(2026, 11, 23)).unwrap();
        assert_eq!((wanted.from, wanted.to), (date(2026, 11, 17), date(2026, 11, 23)));
    }

    #[test]
    fn a_period_that_ends_before_it_begins_is_told() {
        let asked = Asked { from: "2026-11-24".into(), to: "2026-11-23".into(), ..Asked::default() };
        assert_eq!(
            asked.understand(date(2026, 11, 23)).unwrap_err(),
            "The first day must not be after the last."
        );
        let asked = Asked { from: "last week".into(), ..Asked::default() };
        assert!(asked.understand(date(2026, 11, 23)).is_err());
    }

    #[test]
    fn the_file_keeps_the_filters() {
        let asked = Asked {
            from: "2026-11-01".into(),
            to: "2026-11-23".into(),
            patient: " Rosa & Co ".into(),
            outcome: "attended".into(),
            doubts: "on".into(),
            ..Asked::default()
        };
        let wanted = asked.understand(date(2026, 11, 23)).unwrap();
        assert_eq!(
            asked.query(&wanted, 0),
            "from=2026-11-01&to=2026-11-23&patient=Rosa+%26+Co&outcome=attended&doubts=1"
        );
    }
}
