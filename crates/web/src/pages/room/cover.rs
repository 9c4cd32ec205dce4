//! Leaving and handing over: a colleague stands in for the rest of the day.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    CoverId, StaffId,
    attendance::matching::StaffOrToken,
    room::{Connection, ConnectionState, Room, guard::Cover},
    staff::{Role, StaffMember},
};
use oauth::{CoverError, NotAtZoom};
use serde::Deserialize;

use super::{
    super::{
        draw, see_other,
        view::{
            room::{Colleague, CoverLine, CoveredRoom, Guest},
            words::Wall,
        },
    },
    guests,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const STAFF: Who = Who::Staff(&[Role::Staff]);

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/room/cover", STAFF, begin), Route::post("/room/cover/end", STAFF, end)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    by: String,
}

async fn begin(
    State(app): State<App>,
    person: SignedIn,
    Form(asked): Form<Asked>,
) -> Result<Response, Error> {
    let (clinic, host) = (&person.clinic, person.staff.id);
    let said_by = StaffOrToken::Staff(host);
    let until = clinic.zone.day(clinic.zone.date(app.ambient.now())).end;
    let covered = match asked.by.parse::<StaffId>() {
        Ok(by) => app.zoom.cover(clinic.id, host, by, until, said_by).await,
        Err(_) => Err(CoverError::Unknown),
    };
    match covered {
        Ok(covered) => Ok(see_other(match covered.not_at_zoom {
            None => "/room?done=covered#cover",
            Some(_) => "/room?done=covered-here#cover",
        })),
        Err(CoverError::Store(error)) => Err(error.into()),
        Err(error) => {
            let words = error.words();
            let mut page = super::read(&app, &person).await?;
            if let Some(acts) = &mut page.acts {
                acts.cover_fault = format!("{} {}", words.what, words.todo);
            }
            Ok((StatusCode::UNPROCESSABLE_ENTITY, draw(&page)?).into_response())
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ended {
    cover: String,
}

/// By the host, or by whoever stands in.
async fn end(State(app): State<App>, person: SignedIn, Form(ended): Form<Ended>) -> Result<Response, Error> {
    let id: CoverId = ended.cover.parse().map_err(|_| Error::NotFound)?;
    let clinic = person.clinic.id;
    let holding = app.store.read().await?.covers(clinic, app.ambient.now()).await?;
    let cover = holding.iter().find(|cover| cover.id == id);
    let done = match cover {
        Some(cover) if cover.host_id == person.staff.id || cover.by_id == person.staff.id => {
            app.zoom.end_cover(clinic, cover.host_id, id).await?
        }
        Some(_) => return Err(Error::NotFound),
        None => false,
    };
    Ok(see_other(if done { "/room?done=cover-ended" } else { "/room?done=cover-over" }))
}

/// The cover by which the person stands in for the host now.
pub(super) async fn stands_in(app: &App, person: &SignedIn, host: StaffId) -> Result<Option<Cover>, Error> {
    let now = app.ambient.now();
    let holding = app.store.read().await?.covers(person.clinic.id, now).await?;
    Ok(holding
        .into_iter()
        .find(|cover| cover.host_id == host && cover.by_id == person.staff.id && cover.holds_at(now)))
}

/// What the page says after it.
pub(super) fn said(done: &str) -> Option<&'static str> {
    match done {
        "covered" => Some("Your colleague stands in, and Zoom lets them start your meeting."),
        "covered-here" => Some(
            "Your colleague stands in and sees who waits for you. Zoom does not let them start your meeting: see below.",
        ),
        "cover-ended" => Some("Nobody stands in any more."),
        "cover-over" => Some("That was over already."),
        _ => None,
    }
}

/// Who stands in for the host.
pub(super) fn line(
    cover: &Cover,
    staff: &[StaffMember],
    reason: Option<NotAtZoom>,
    wall: &Wall,
) -> CoverLine {
    CoverLine {
        id: cover.id.to_string(),
        whom: name(staff, cover.by_id),
        colleague: cover.by_id.to_string(),
        until: until(cover, wall),
        may_start: cover.at_zoom,
        words: match reason {
            _ if cover.at_zoom => String::new(),
            Some(reason) => {
                let words = reason.words();
                format!("{} {}", words.what, words.todo)
            }
            None => format!(
                "Zoom has not let your colleague start your meeting. {}",
                NotAtZoom::Refused.words().todo
            ),
        },
    }
}

fn name(staff: &[StaffMember], id: StaffId) -> String {
    let member = staff.iter().find(|member| member.id == id);
    member.map_or_else(|| "somebody".to_owned(), |member| member.name.to_string())
}

/// `until 24:00` would be nobody's word for it.
fn until(cover: &Cover, wall: &Wall) -> String {
    let today = wall.zone.day(wall.today());
    if cover.until == today.end {
        "the end of today".to_owned()
    } else {
        wall.time_seen_from(wall.today(), cover.until)
    }
}

/// Why a colleague cannot start meetings in the room, as far as that is known without asking Zoom.
pub(super) fn hindrance(
    room: Option<&Room>,
    connections: &[Connection],
    colleague: StaffId,
) -> Option<NotAtZoom> {
    let Some(room) = room else { return Some(NotAtZoom::NoRoom) };
    let theirs = connections
        .iter()
        .find(|one| one.staff_id == colleague && one.state != ConnectionState::Disconnected);
    match theirs {
        None => Some(NotAtZoom::ColleagueNotConnected),
        Some(theirs) if theirs.zoom_account_id != room.zoom_account_id => Some(NotAtZoom::OtherAccount),
        Some(_) => None,
    }
}

/// Who could stand in.
pub(super) fn colleagues(
    me: StaffId,
    staff: &[StaffMember],
    room: Option<&Room>,
    connections: &[Connection],
) -> Vec<Colleague> {
    staff
        .iter()
        .filter(|member| member.id != me && member.is(Role::Staff) && member.disabled_at.is_none())
        .map(|member| Colleague {
            id: member.id.to_string(),
            name: member.name.to_string(),
            note: match hindrance(room, connections, member.id) {
                None => "",
                Some(_) => "not as host at Zoom",
            },
        })
        .collect()
}

/// The rooms in which the person stands in now, with who is there.
pub(super) async fn rooms(
    app: &App,
    person: &SignedIn,
    holding: &[Cover],
    staff: &[StaffMember],
    wall: &Wall,
) -> Result<Vec<CoveredRoom>, Error> {
    let mut rooms = Vec::new();
    for cover in holding.iter().filter(|cover| cover.by_id == person.staff.id && cover.holds_at(wall.now)) {
        let there = app.attendance.waiting_for(person.clinic.id, cover.host_id).await?;
        let without_way = |mut guest: Guest| {
            // The appointment's own page is for its host and the desk.
            guest.open = String::new();
            guest
        };
        rooms.push(CoveredRoom {
            host: name(staff, cover.host_id),
            id: cover.host_id.to_string(),
            cover: cover.id.to_string(),
            until: until(cover, wall),
            may_start: cover.at_zoom,
            guests: there.iter().map(|guest| without_way(guests::in_my_room(guest, wall))).collect(),
        });
    }
    Ok(rooms)
}
