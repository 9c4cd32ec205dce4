//! One message to all who wait: shown by Zoom in its waiting room while the meeting runs, and on the pages behind the
//! links of everybody who is still to come.

use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    attendance::matching::StaffOrToken,
    outreach::desk::{Notice, Says},
    room::guard::Shown,
    staff::{Role, StaffMember},
    text::{Invalid, Note},
};
use oauth::{ActError, LONGEST_TEXT, LONGEST_TITLE, ShownWhere};
use serde::Deserialize;

use super::{
    super::{
        board::tell,
        draw, see_other,
        view::{
            room::{MessageForm, Preset, RoomPage, ShownLine},
            words::{Wall, sentence},
        },
    },
    nobody_named,
    now::Now,
};
use crate::{App, Error, SignedIn, guard::Who, routes::Route};

const STAFF: Who = Who::Staff(&[Role::Staff]);

/// Those that one press shows: what the form sends, the title, the text.
pub(super) const PRESETS: [(&str, &str, &str); 5] = [
    ("late-5", "Running about 5 minutes late", "Please stay, you will be let in."),
    ("late-10", "Running about 10 minutes late", "Please stay, you will be let in."),
    ("late-15", "Running about 15 minutes late", "Please stay, you will be let in."),
    ("moment", "With you in a moment", "Please stay, you will be let in."),
    ("trouble", "Please stay: technical trouble", "It is being sorted out, and you keep your place."),
];

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/room/message", STAFF, show), Route::post("/room/message/clear", STAFF, clear)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    preset: String,
    title: String,
    text: String,
}

async fn show(State(app): State<App>, person: SignedIn, Form(sent): Form<Sent>) -> Result<Response, Error> {
    let preset = PRESETS.iter().find(|(value, ..)| *value == sent.preset);
    let (title, text) = match preset {
        Some((_, title, text)) => ((*title).to_owned(), (*text).to_owned()),
        None => (sent.title.trim().to_owned(), sent.text.trim().to_owned()),
    };
    let mut form =
        MessageForm { title: sent.title.clone(), text: sent.text.clone(), ..MessageForm::default() };
    form.title_fault = fault(&title, LONGEST_TITLE, true);
    form.text_fault = fault(&text, LONGEST_TEXT, false);
    if preset.is_none() {
        let today = person.clinic.zone.day(person.clinic.zone.date(app.ambient.now()));
        let day = app.store.read().await?.appointments(person.clinic.id, today, None).await?;
        for (words, fault) in [(&title, &mut form.title_fault), (&text, &mut form.text_fault)] {
            if fault.is_empty()
                && let Some(named) = nobody_named::find(words, &day)
            {
                named.fault().clone_into(fault);
            }
        }
    }
    if !(form.title_fault.is_empty() && form.text_fault.is_empty()) {
        return with_form(&app, &person, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    }
    put_up(&app, &person, &title, &text).await?;
    match app.zoom.show_in_waiting_room(person.clinic.id, person.staff.id, &title, &text).await {
        Ok(ShownWhere::AtZoom) => Ok(see_other("/room?done=shown#message")),
        Ok(ShownWhere::NotRunning) => Ok(see_other("/room?done=shown-pages#message")),
        Err(error) => {
            let trouble = format!(
                "It stands on patients’ pages. Zoom’s waiting room does not show it: {}",
                said_of(&error)
            );
            with_form(&app, &person, StatusCode::OK, MessageForm { trouble, ..MessageForm::default() }).await
        }
    }
}

/// What is wrong with a line, as a sentence; empty where nothing is.
fn fault(words: &str, most: usize, needed: bool) -> String {
    let length = words.chars().count();
    let wrong = if domain::text::is_blank(words) {
        needed.then_some(Invalid::Empty)
    } else if words.chars().any(char::is_control) {
        Some(Invalid::ControlCharacter)
    } else if length > most {
        Some(Invalid::TooLong { length, most })
    } else {
        None
    };
    wrong.map_or_else(String::new, |wrong| sentence(&format!("this {wrong}")))
}

/// In place of what the host put there before; what the desk says stays.
async fn put_up(app: &App, person: &SignedIn, title: &str, text: &str) -> Result<(), Error> {
    take_down(app, person).await?;
    let words = Note::parse(&in_one(title, text)).map_err(Error::internal)?;
    let by = StaffOrToken::Staff(person.staff.id);
    app.outreach.say(person.clinic.id, person.staff.id, None, words, by).await?;
    Ok(())
}

/// Title and text as one line.
fn in_one(title: &str, text: &str) -> String {
    if text.is_empty() { title.to_owned() } else { format!("{}. {text}", title.trim_end_matches('.')) }
}

async fn take_down(app: &App, person: &SignedIn) -> Result<bool, Error> {
    let mut any = false;
    for notice in app.outreach.notices(person.clinic.id, Some(person.staff.id)).await? {
        if is_own(&notice, person) {
            any |= app.outreach.take_down(person.clinic.id, notice.id).await?;
        }
    }
    Ok(any)
}

fn is_own(notice: &Notice, person: &SignedIn) -> bool {
    notice.appointment.is_none()
        && matches!(notice.says, Says::Words(_))
        && notice.said_by == StaffOrToken::Staff(person.staff.id)
}

async fn clear(State(app): State<App>, person: SignedIn) -> Result<Response, Error> {
    take_down(&app, &person).await?;
    match app.zoom.clear_waiting_room(person.clinic.id, person.staff.id).await {
        Ok(ShownWhere::AtZoom) => Ok(see_other("/room?done=cleared#message")),
        Ok(ShownWhere::NotRunning) => Ok(see_other("/room?done=cleared-pages#message")),
        Err(error) => {
            let trouble = format!(
                "It is off patients’ pages. Zoom’s waiting room may show it still: {}",
                said_of(&error)
            );
            with_form(&app, &person, StatusCode::OK, MessageForm { trouble, ..MessageForm::default() }).await
        }
    }
}

fn said_of(error: &ActError) -> String {
    let words = error.words();
    format!("{} {}", words.what, words.todo)
}

async fn with_form(
    app: &App,
    person: &SignedIn,
    status: StatusCode,
    form: MessageForm,
) -> Result<Response, Error> {
    let mut page: RoomPage = super::read(app, person).await?;
    if let Some(acts) = &mut page.acts {
        acts.message = MessageForm { presets: presets(), ..limits(form) };
    }
    Ok((status, draw(&page)?).into_response())
}

fn presets() -> Vec<Preset> {
    PRESETS.iter().map(|(value, title, text)| Preset { value, title, text }).collect()
}

fn limits(form: MessageForm) -> MessageForm {
    MessageForm { longest_title: LONGEST_TITLE, longest_text: LONGEST_TEXT, ..form }
}

/// The form before anything was typed.
pub(super) fn form() -> MessageForm {
    MessageForm { presets: presets(), ..limits(MessageForm::default()) }
}

/// What the page says after it.
pub(super) fn said(done: &str) -> Option<&'static str> {
    match done {
        "shown" => Some(
            "Zoom shows it to everybody in your waiting room, and it stands on the pages of your patients still to come.",
        ),
        "shown-pages" => Some(
            "It stands on the pages of your patients still to come. Zoom’s waiting room does not show it: your meeting is not running.",
        ),
        "cleared" => {
            Some("Taken off patients’ pages. Zoom’s waiting room asks to wait, as it does by itself.")
        }
        "cleared-pages" => {
            Some("Taken off patients’ pages. Your meeting is not running, so Zoom shows nothing of it.")
        }
        _ => None,
    }
}

/// What all who wait read now.
pub(super) fn lines(
    shown: Option<&Shown>,
    notices: &[Notice],
    now: &Now,
    staff: &[StaffMember],
    wall: &Wall,
) -> Vec<ShownLine> {
    let mut lines = Vec::new();
    // With the meeting's end Zoom forgets it.
    let still = shown.filter(|shown| now.room.running_since.is_some_and(|since| since <= shown.at));
    if let Some(shown) = still {
        lines.push(ShownLine {
            place: "In Zoom’s waiting room".to_owned(),
            words: in_one(&shown.title, &shown.text),
            by: format!("since {}", wall.time(shown.at)),
        });
    }
    lines.extend(notices.iter().filter(|notice| notice.appointment.is_none()).map(|notice| {
        let line = tell::line(notice, staff, wall);
        ShownLine {
            place: "On patients’ pages".to_owned(), words: line.words, by: format!("by {}", line.by)
        }
    }));
    lines
}
