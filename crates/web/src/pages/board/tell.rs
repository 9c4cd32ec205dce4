//! What a host's patients are told by the desk, or by the host: that the host is late, and anything else.

use axum::{
    Form,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    AppointmentId, NoticeId, StaffId,
    attendance::matching::StaffOrToken,
    outreach::desk::{Notice, Says},
    staff::{Role, StaffMember},
    text::Note,
};
use outreach::{LateAudience, NoticeError};
use serde::Deserialize;

use super::{
    super::{
        appointment::{links::find, with_unsaid},
        draw, frame, query, see_other,
        view::{
            appointment::NoticeLine,
            board::Decided,
            tell::TellPage,
            words::{self, Wall, isolated},
        },
        wall, with_mark,
    },
    Asked, Wanted, back_to,
    build::Facts,
};
use crate::{App, Error, SignedIn, guard::ANY_ROLE, guard::Who, routes::Route};

/// What can be chosen with one press.
const MINUTES: [i64; 5] = [5, 10, 15, 20, 30];

pub(super) fn routes() -> Vec<Route> {
    // Staff speak to their own patients only, which the handlers hold to.
    let any = Who::Staff(ANY_ROLE);
    vec![
        Route::get("/board/hosts/{staff}/tell", any, page),
        Route::post("/board/hosts/{staff}/late", any, run_late),
        Route::post("/board/hosts/{staff}/notice", any, say),
        Route::post("/appointments/{id}/notice", any, say_of_one),
        Route::post("/notices/{notice}/end", any, take_down),
    ]
}

async fn host(app: &App, person: &SignedIn, id: &str) -> Result<StaffMember, Error> {
    let id: StaffId = id.parse().map_err(|_| Error::NotFound)?;
    let member = app.store.read().await?.staff_member(person.clinic.id, id).await?;
    member.filter(|member| person.sees_to(member.id)).ok_or(Error::NotFound)
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Path(staff): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let host = host(&app, &person, &staff).await?;
    let page = read(&app, &person, &host, &asked.understand()?).await?;
    Ok(draw(&page)?.into_response())
}

async fn read(app: &App, person: &SignedIn, host: &StaffMember, wanted: &Wanted) -> Result<TellPage, Error> {
    let wall = wall(app, &person.clinic);
    let mut tx = app.store.read().await?;
    let staff = tx.staff(person.clinic.id).await?;
    let notices = tx.notices(person.clinic.id, Some(host.id), wall.now).await?;
    drop(tx);
    let (audience, nobody) = audience(app, person, host).await?;
    let is_desk = person.staff.is(Role::Scheduler);
    let query = with_mark(&wanted.query(wanted.date));
    Ok(TellPage {
        frame: frame(person, &format!("Tell the patients of {}", host.name), None),
        host: host.name.to_string(),
        id: host.id.to_string(),
        audience,
        nobody,
        minutes: MINUTES.to_vec(),
        is_late: notices.iter().any(|notice| matches!(notice.says, Says::Late(_))),
        notices: notices.iter().map(|notice| line(notice, &staff, &wall)).collect(),
        back: if is_desk { format!("/board{query}") } else { "/".to_owned() },
        query,
        fault: String::new(),
        words: String::new(),
    })
}

/// Who is still to come to the host today, and by what they would be told that the host is late: of whom the message
/// goes to, by what is offered to be said. The later the host, the more visits are not over yet.
async fn audience(app: &App, person: &SignedIn, host: &StaffMember) -> Result<(Vec<String>, bool), Error> {
    let mut groups: Vec<(Vec<i64>, LateAudience)> = Vec::new();
    for minutes in MINUTES {
        let audience = app.outreach.late_audience(person.clinic.id, host.id, minutes).await?;
        match groups.last_mut() {
            Some((same, before)) if *before == audience => same.push(minutes),
            _ => groups.push((vec![minutes], audience)),
        }
    }
    let nobody = groups.iter().all(|(_, audience)| audience.people == 0);
    let told = match groups.as_slice() {
        [(_, audience)] => told(*audience),
        several => several
            .iter()
            .map(|(minutes, audience)| {
                let minutes: Vec<String> = minutes.iter().map(ToString::to_string).collect();
                format!("{} minutes late: {}", minutes.join(", "), told(*audience).join(" "))
            })
            .collect(),
    };
    Ok((told, nobody))
}

/// The same as sentences.
fn told(audience: LateAudience) -> Vec<String> {
    let LateAudience { people, by_email, by_sms, not } = audience;
    if people == 0 {
        return vec!["Nobody is still to come to them today.".to_owned()];
    }
    let is = if people == 1 { "is" } else { "are" };
    let mut told = vec![format!("{} {is} still to come today.", words::count(people, "patient", "patients"))];
    let mut by = Vec::new();
    if by_email > 0 {
        by.push(format!("{by_email} by e-mail"));
    }
    if by_sms > 0 {
        by.push(format!("{by_sms} by text message"));
    }
    if by.is_empty() {
        told.push("No message reaches any of them: they read it on their page alone.".to_owned());
    } else {
        let rest = if not > 0 { format!("; {not} by neither, on their page alone") } else { String::new() };
        told.push(format!("Being late is told to {}{rest}.", words::list(&by)));
    }
    told
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Late {
    minutes: String,
}

async fn run_late(
    State(app): State<App>,
    person: SignedIn,
    Path(staff): Path<String>,
    Query(asked): Query<Asked>,
    Form(late): Form<Late>,
) -> Result<Response, Error> {
    let host = host(&app, &person, &staff).await?;
    let wanted = asked.understand()?;
    let unclear = || Error::BadRequest("The minutes are none of those that were offered.".into());
    let minutes: i64 = late.minutes.parse().map_err(|_| unclear())?;
    let by = StaffOrToken::Staff(person.staff.id);
    let told = match app.outreach.run_late(person.clinic.id, host.id, minutes, by).await {
        Ok(told) => told,
        Err(NoticeError::Minutes) => return Err(unclear()),
        Err(error) => return Err(error.into()),
    };
    let done = if minutes == 0 { "not-late" } else { "late" };
    let (count, not) = (told.messages.to_string(), told.not.to_string());
    Ok(back(&person, &asked, &wanted, &query(&[("done", done), ("count", &count), ("not", &not)])))
}

/// To the board as it was looked at, or for a host who has none, to their own page.
fn back(person: &SignedIn, asked: &Asked, wanted: &Wanted, done: &str) -> Response {
    if asked.of_appointment().is_some() || person.staff.is(Role::Scheduler) {
        back_to(asked, wanted, done)
    } else {
        see_other("/")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Words {
    words: String,
}

fn note(words: &str) -> Result<Note, String> {
    Note::parse(words.trim()).map_err(|wrong| words::sentence(&format!("what is said {wrong}")))
}

async fn say(
    State(app): State<App>,
    person: SignedIn,
    Path(staff): Path<String>,
    Query(asked): Query<Asked>,
    Form(sent): Form<Words>,
) -> Result<Response, Error> {
    let host = host(&app, &person, &staff).await?;
    let wanted = asked.understand()?;
    let words = match note(&sent.words) {
        Ok(words) => words,
        Err(fault) => {
            let page = TellPage { fault, words: sent.words, ..read(&app, &person, &host, &wanted).await? };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(&page)?).into_response());
        }
    };
    let by = StaffOrToken::Staff(person.staff.id);
    app.outreach.say(person.clinic.id, host.id, None, words, by).await?;
    Ok(back(&person, &asked, &wanted, "done=said"))
}

async fn say_of_one(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<Words>,
) -> Result<Response, Error> {
    let appointment = find(&app, &person, &id).await?;
    let words = match note(&sent.words) {
        Ok(words) => words,
        Err(fault) => return with_unsaid(&app, &person, &appointment, sent.words, fault).await,
    };
    let by = StaffOrToken::Staff(person.staff.id);
    app.outreach.say(person.clinic.id, appointment.host, Some(appointment.id), words, by).await?;
    Ok(see_other(&format!("/appointments/{}?done=said#say", appointment.id)))
}

async fn take_down(
    State(app): State<App>,
    person: SignedIn,
    Path(notice): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let id: NoticeId = notice.parse().map_err(|_| Error::NotFound)?;
    let wanted = asked.understand()?;
    let standing = app.outreach.notices(person.clinic.id, None).await?;
    // What stands nowhere any more has no host to ask about; it is down all the same.
    let is_down = match standing.iter().find(|notice| notice.id == id) {
        Some(notice) if person.sees_to(notice.host) => !app.outreach.take_down(person.clinic.id, id).await?,
        Some(_) => return Err(Error::NotFound),
        None => true,
    };
    let done = if is_down { "done=was-down" } else { "done=taken-down" };
    Ok(back(&person, &asked, &wanted, done))
}

/// What was just told, as it stands in the query of the page after it.
pub(super) fn said(done: &str, count: usize, not: usize) -> Option<Decided> {
    let sentence = match done {
        "late" => {
            let told = match count {
                0 => "Nobody could be sent a message".to_owned(),
                _ => format!("{} queued", words::count(count, "message is", "messages are")),
            };
            let not = match not {
                0 => String::new(),
                _ => format!(
                    " {} read it on their page alone.",
                    words::count(not, "patient can", "patients can")
                ),
            };
            format!("It stands on the patients’ pages. {told}.{not}")
        }
        "not-late" => "Taken down: their pages no longer say that the host is late.".to_owned(),
        "said" => "It stands on the patients’ pages.".to_owned(),
        "taken-down" => "Taken down.".to_owned(),
        "was-down" => "It had been taken down already.".to_owned(),
        _ => return None,
    };
    Some(Decided { sentence, undo: None })
}

/// What stands on the pages of those hosts' patients who are looked at.
pub(super) fn lines(facts: &Facts<'_>, only: Option<StaffId>) -> Vec<NoticeLine> {
    if !facts.board.is_today {
        return Vec::new();
    }
    (facts.notices.iter())
        .filter(|notice| only.is_none_or(|host| notice.host == host))
        .map(|notice| line(notice, facts.staff, &facts.wall))
        .collect()
}

/// A notice as it stands on the page.
pub(in crate::pages) fn line(notice: &Notice, staff: &[StaffMember], wall: &Wall) -> NoticeLine {
    let name = |id: StaffId| {
        (staff.iter().find(|member| member.id == id))
            .map_or_else(|| "somebody".to_owned(), |member| isolated(member.name.as_str()))
    };
    let host = name(notice.host);
    let time = |at| wall.time_seen_from(wall.today(), at);
    NoticeLine {
        id: notice.id.to_string(),
        whom: match notice.appointment {
            Some(_) => format!("one visit of {host}"),
            None => format!("all of {host}’s patients still to come"),
        },
        host,
        words: match &notice.says {
            Says::Late(minutes) => format!("Running about {minutes} minutes late."),
            Says::Words(words) => words.to_string(),
        },
        by: match notice.said_by {
            StaffOrToken::Staff(staff) => format!("{} at {}", name(staff), time(notice.at)),
            StaffOrToken::Token(_) => format!("a program at {}", time(notice.at)),
        },
        until: time(notice.until),
    }
}

/// What stands on the pages of one appointment's patients.
pub(in crate::pages) async fn of_appointment(
    app: &App,
    person: &SignedIn,
    host: StaffId,
    appointment: AppointmentId,
    staff: &[StaffMember],
    wall: &Wall,
) -> Result<Vec<NoticeLine>, Error> {
    let notices = app.outreach.notices(person.clinic.id, Some(host)).await?;
    Ok((notices.iter())
        .filter(|notice| notice.appointment.is_none_or(|only| only == appointment))
        .map(|notice| line(notice, staff, wall))
        .collect())
}

impl From<NoticeError> for Error {
    fn from(error: NoticeError) -> Self {
        match error {
            NoticeError::Unknown => Self::NotFound,
            NoticeError::Minutes => Self::field("minutes", error.to_string()),
            NoticeError::Store(error) => error.into(),
            error => Self::internal(error),
        }
    }
}
