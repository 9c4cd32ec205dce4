//! Using another meeting of one's own as the room: one made before, or the personal one, and going back.

use axum::{
    Form,
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
};
use domain::{
    room::guard::{DriftKind, Origin},
    staff::Role,
};
use oauth::{AdoptError, Adoptable, Adopted, Adoption};
use serde::Deserialize;

use super::super::{
    draw, frame, see_other,
    view::{
        frame::Place,
        room::{AdoptChoice, AdoptConfirm, AdoptPage},
        words,
    },
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const STAFF: Who = Who::Staff(&[Role::Staff]);
/// Stands in place of a number for the personal meeting.
const PERSONAL: &str = "personal";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/room/adopt", STAFF, page),
        Route::post("/room/adopt", STAFF, adopt),
        Route::post("/room/adopt/back", STAFF, back),
    ]
}

/// Which meeting; none where nothing was chosen yet.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    meeting: String,
}

impl Chosen {
    fn understand(&self) -> Result<Option<Adopted>, Error> {
        match self.meeting.as_str() {
            "" => Ok(None),
            PERSONAL => Ok(Some(Adopted::Personal)),
            number => match number.parse() {
                Ok(number) => Ok(Some(Adopted::Meeting(number))),
                Err(_) => Err(Error::BadRequest("That is no meeting’s number.".into())),
            },
        }
    }
}

async fn page(
    State(app): State<App>,
    person: SignedIn,
    Query(chosen): Query<Chosen>,
) -> Result<Html<String>, Error> {
    let (clinic, staff) = (person.clinic.id, person.staff.id);
    let page = match chosen.understand()? {
        None => match app.zoom.adoptable(clinic, staff).await {
            Ok(list) => listed(&person, &list),
            Err(error) => failed(&app, &person, error).await?,
        },
        Some(adopted) => match app.zoom.adoption(clinic, staff, adopted).await {
            Ok(adoption) => confirming(&app, &person, adopted, adoption).await?,
            Err(error) => failed(&app, &person, error).await?,
        },
    };
    draw(&page)
}

async fn adopt(
    State(app): State<App>,
    person: SignedIn,
    Form(chosen): Form<Chosen>,
) -> Result<Response, Error> {
    let Some(adopted) = chosen.understand()? else {
        return Err(Error::BadRequest("Choose a meeting first.".into()));
    };
    match app.zoom.adopt(person.clinic.id, person.staff.id, adopted).await {
        Ok(_) => Ok(see_other("/room?done=adopted")),
        Err(error) => Ok(draw(&failed(&app, &person, error).await?)?.into_response()),
    }
}

async fn back(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    match app.zoom.give_back_own_room(person.clinic.id, person.staff.id).await {
        Ok(_) => Ok(see_other("/room?done=own-room")),
        Err(error) => Ok(draw(&failed(&app, &person, error).await?)?.into_response()),
    }
}

/// What the page says after it.
pub(super) fn said(done: &str) -> Option<&'static str> {
    match done {
        "adopted" => Some(
            "That meeting is your room now. Every link that Anteroom gave out leads into it; copies of Zoom’s link to the room before do not.",
        ),
        "own-room" => Some(
            "Your room is one that Anteroom made again. Every link that Anteroom gave out leads into it; your own meeting stays as it is.",
        ),
        _ => None,
    }
}

/// Where the room comes from.
pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Made => "Anteroom made your room’s meeting.",
        Origin::Adopted => "Your room is a meeting that you made in Zoom yourself.",
        Origin::Personal => "Your room is your personal Zoom meeting.",
    }
}

async fn bare(app: &App, person: &SignedIn) -> Result<AdoptPage, Error> {
    let mut tx = app.store.read().await?;
    let guarded = match tx.room_of(person.clinic.id, person.staff.id).await? {
        Some(room) => tx.guarded(person.clinic.id, room.id).await?,
        None => {
            return Err(Error::Conflict(
                "There is no room yet. Connect Zoom on your room’s page first.".into(),
            ));
        }
    };
    Ok(empty(person, guarded.origin))
}

fn empty(person: &SignedIn, from: Origin) -> AdoptPage {
    AdoptPage {
        frame: frame(person, "Another meeting as my room", Some(Place::Room)),
        origin: origin(from),
        is_own: from != Origin::Made,
        meetings: Vec::new(),
        personal: String::new(),
        unfit: String::new(),
        is_complete: true,
        confirm: None,
        trouble: String::new(),
    }
}

async fn failed(app: &App, person: &SignedIn, error: AdoptError) -> Result<AdoptPage, Error> {
    let words = error.words();
    Ok(AdoptPage { trouble: format!("{} {}", words.what, words.todo), ..bare(app, person).await? })
}

fn listed(person: &SignedIn, list: &Adoptable) -> AdoptPage {
    AdoptPage {
        meetings: list
            .meetings
            .iter()
            .map(|meeting| AdoptChoice {
                number: spaced(meeting.number),
                topic: meeting.topic.clone(),
                value: meeting.number,
            })
            .collect(),
        personal: list.personal.map(spaced).unwrap_or_default(),
        unfit: match list.unfit {
            0 => String::new(),
            number => format!(
                "{} left out, with fixed times or for once: their numbers do not last.",
                words::count(number, "other meeting is", "other meetings are")
            ),
        },
        is_complete: list.is_complete,
        ..empty(person, list.origin)
    }
}

async fn confirming(
    app: &App,
    person: &SignedIn,
    adopted: Adopted,
    adoption: Adoption,
) -> Result<AdoptPage, Error> {
    Ok(AdoptPage {
        confirm: Some(AdoptConfirm {
            topic: adoption.topic,
            number: spaced(adoption.number),
            value: adoption.number,
            personal: adopted == Adopted::Personal,
            put_right: adoption.put_right.iter().map(|kind| put_right(*kind).to_owned()).collect(),
        }),
        ..bare(app, person).await?
    })
}

/// What is changed in a meeting's settings.
fn put_right(kind: DriftKind) -> &'static str {
    match kind {
        DriftKind::WaitingRoomOff => "The waiting room is switched on.",
        DriftKind::SomeBypass => "Everybody is put into the waiting room, colleagues too.",
        DriftKind::JoinBeforeHost => "Nobody can come in before you any more.",
        DriftKind::Recorded => "It is not recorded by itself any more.",
        DriftKind::Summarised => "No summary is made by itself any more.",
        DriftKind::NeedsSignIn => "Nobody has to sign in to Zoom any more.",
        DriftKind::PersonalNumber => "It uses a number of its own in place of your personal one.",
        DriftKind::NotPermanent => "It would have to be a recurring meeting without a fixed time.",
        DriftKind::NoPasscodeInLink => {
            "Its link does not bring the passcode along; Anteroom cannot change that."
        }
        DriftKind::Deleted | DriftKind::NotOwned | DriftKind::OthersMayAdmit | DriftKind::Unused => {
            "Something else differs, which your room’s page then tells."
        }
    }
}

/// `936 1234 5678`, as Zoom writes numbers of meetings.
fn spaced(number: i64) -> String {
    let digits = number.to_string();
    let head = digits.len().saturating_sub(8).min(3).max(digits.len().min(3));
    let (first, rest) = digits.split_at_checked(head).unwrap_or((&digits, ""));
    let middle = rest.len() / 2;
    let (second, third) = rest.split_at_checked(middle).unwrap_or((rest, ""));
    [first, second, third].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_zoom_writes_them() {
        assert_eq!(spaced(93_612_345_678), "936 1234 5678");
        assert_eq!(spaced(5_032_166_001), "503 216 6001");
        assert_eq!(spaced(12), "12");
    }
}
