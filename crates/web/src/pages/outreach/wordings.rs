//! What messages say: the list of them, and each one's words to be changed and tried.

use axum::{
    Form,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use domain::{
    outreach::message::{Channel, Occasion},
    text::Language,
};
use outreach::words::{
    Alphabet, BadWording, Field, LONGEST_EMAIL, LONGEST_SMS, MailPart, Segments, WordingError,
    WordingPreview, Words, placeholders,
};
use serde::Deserialize;
use store::ports::outreach::Wording;

use super::ADMIN;
use crate::{
    App, Error, SignedIn,
    pages::{
        draw, frame, query, see_other,
        view::{
            board::Choice,
            frame::Place,
            outreach::{
                MessageLine, PreviewPart, PreviewView, WordingForm, WordingLink, WordingPage, WordingsPage,
            },
            words::{capitalised, count, sentence},
        },
    },
    routes::Route,
};

const LIST: &str = "/outreach/wordings";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get(LIST, ADMIN, show), Route::post(LIST, ADMIN, change)]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    of: String,
    by: String,
    r#in: String,
    done: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sent {
    of: String,
    by: String,
    r#in: String,
    subject: String,
    body: String,
    r#do: String,
}

/// Which wording an address means.
struct Which {
    occasion: Occasion,
    channel: Channel,
    words: &'static Words,
}

impl Which {
    fn named(of: &str, by: &str, language: &str) -> Option<Self> {
        Some(Self {
            occasion: Occasion::from_word(of).filter(|occasion| Occasion::WORDED.contains(occasion))?,
            channel: Channel::from_word(by).filter(|channel| *channel != Channel::Copy)?,
            words: Words::known(&Language::parse(language).ok()?)?,
        })
    }

    fn address(&self, done: &str) -> String {
        let parts = [
            ("of", self.occasion.as_str()),
            ("by", self.channel.as_str()),
            ("in", self.words.language.as_str()),
            ("done", done),
        ];
        format!("{LIST}?{}", query(&parts))
    }
}

async fn show(
    State(app): State<App>,
    person: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Error> {
    if asked.of.is_empty() {
        return draw(&list(&app, &person, &asked.r#in).await?);
    }
    let which = Which::named(&asked.of, &asked.by, &asked.r#in).ok_or(Error::NotFound)?;
    let language = &which.words.language;
    let (wording, own) =
        (app.outreach.wording_of(person.clinic.id, which.occasion, which.channel, language).await?)
            .ok_or(Error::NotFound)?;
    let form = form(&which, &wording, own);
    let preview = preview(&app, &person, &which, &wording).await?.0;
    let mut page = page(&person, &which, form, preview);
    page.frame.said = match asked.done.as_str() {
        "saved" => Some("Saved. Messages say so from now on."),
        "restored" => Some("The built-in words are back."),
        _ => None,
    };
    draw(&page)
}

async fn change(State(app): State<App>, person: SignedIn, Form(sent): Form<Sent>) -> Result<Response, Error> {
    let which = Which::named(&sent.of, &sent.by, &sent.r#in)
        .ok_or_else(|| Error::BadRequest("There is no such message.".into()))?;
    let (clinic, language) = (person.clinic.id, &which.words.language);
    if sent.r#do == "restore" {
        app.outreach.drop_wording(clinic, which.occasion, which.channel, language).await?;
        return Ok(see_other(&which.address("restored")));
    }
    let wording = Wording {
        occasion: which.occasion,
        channel: which.channel,
        language: language.clone(),
        subject: (which.channel == Channel::Email).then_some(sent.subject),
        body: sent.body,
    };
    if sent.r#do == "save" {
        match app.outreach.save_wording(clinic, &wording).await {
            Ok(()) => return Ok(see_other(&which.address("saved"))),
            Err(WordingError::Bad(_)) => {}
            Err(error) => return Err(Error::internal(error)),
        }
    }
    let kept = app.outreach.wording_of(clinic, which.occasion, which.channel, language).await?;
    let own = kept.is_some_and(|(_, own)| own);
    let (preview, faults) = preview(&app, &person, &which, &wording).await?;
    let status = if sent.r#do == "save" && !faults.is_empty() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let form = WordingForm { faults, ..form(&which, &wording, own) };
    Ok((status, draw(&page(&person, &which, form, preview))?).into_response())
}

async fn list(app: &App, person: &SignedIn, language: &str) -> Result<WordingsPage, Error> {
    let mut tx = app.store.read().await?;
    let settings = tx.outreach_settings(person.clinic.id).await?;
    let own = tx.wordings(person.clinic.id).await?;
    drop(tx);
    let asked = Language::parse(language).ok();
    let words = asked.as_ref().and_then(Words::known).unwrap_or_else(|| Words::of(&settings.language));
    let link = |occasion, channel| WordingLink {
        href: Which { occasion, channel, words }.address(""),
        own: own
            .iter()
            .any(|one| one.occasion == occasion && one.channel == channel && one.language == words.language),
    };
    let messages = Occasion::WORDED
        .iter()
        .map(|&occasion| {
            let (word, when) = told(occasion);
            MessageLine {
                word,
                when,
                email: link(occasion, Channel::Email),
                sms: link(occasion, Channel::Sms),
            }
        })
        .collect();
    let languages = Words::languages()
        .iter()
        .map(|one| Choice {
            value: format!("{LIST}?{}", query(&[("in", one.language.as_str())])),
            word: one.name.clone(),
            chosen: one.language == words.language,
        })
        .collect();
    Ok(WordingsPage { frame: frame(person, "What messages say", Some(Place::Outreach)), languages, messages })
}

fn page(person: &SignedIn, which: &Which, form: WordingForm, preview: PreviewView) -> WordingPage {
    let (word, when) = told(which.occasion);
    let by = if which.channel == Channel::Email { "by e-mail" } else { "by text message" };
    let title = format!("{word}, {by}, in {}", which.words.name);
    WordingPage { frame: frame(person, &title, Some(Place::Outreach)), title, when, form, preview }
}

fn form(which: &Which, wording: &Wording, own: bool) -> WordingForm {
    let is_email = which.channel == Channel::Email;
    WordingForm {
        of: which.occasion.as_str(),
        by: which.channel.as_str(),
        language: which.words.language.to_string(),
        direction: which.words.direction.as_str(),
        list: format!("{LIST}?{}", query(&[("in", which.words.language.as_str())])),
        is_email,
        subject: wording.subject.clone().unwrap_or_default(),
        body: wording.body.clone(),
        most: if is_email { LONGEST_EMAIL } else { LONGEST_SMS },
        own,
        names: placeholders(which.occasion).iter().map(|name| (*name, meaning(name, is_email))).collect(),
        faults: Vec::new(),
    }
}

/// How the wording reads, and what is wrong with it.
async fn preview(
    app: &App,
    person: &SignedIn,
    which: &Which,
    wording: &Wording,
) -> Result<(PreviewView, Vec<(String, String)>), Error> {
    let empty = PreviewView {
        trouble: Vec::new(),
        subject: None,
        parts: Vec::new(),
        length: String::new(),
        long: String::new(),
        language: which.words.language.to_string(),
        direction: which.words.direction.as_str(),
    };
    match app.outreach.preview_wording(person.clinic.id, wording).await {
        Ok(written) => Ok((view(written, empty), Vec::new())),
        Err(WordingError::Bad(BadWording(faults))) => {
            let faults: Vec<(String, String)> = faults
                .into_iter()
                .map(|(field, fault)| {
                    let (field, word) = match field {
                        Field::Subject => ("subject", "The subject"),
                        _ => ("body", "The text"),
                    };
                    (field.to_owned(), told_of(word, &fault))
                })
                .collect();
            let trouble = faults.iter().map(|(_, why)| why.clone()).collect();
            Ok((PreviewView { trouble, ..empty }, faults))
        }
        Err(error) => Err(Error::internal(error)),
    }
}

/// What is wrong, as a sentence.
fn told_of(word: &str, fault: &outreach::words::WordingFault) -> String {
    match fault {
        outreach::words::WordingFault::Template(why) => sentence(&format!("{word}: {why}")),
        other => sentence(&format!("{word} {other}")),
    }
}

fn view(written: WordingPreview, empty: PreviewView) -> PreviewView {
    let button = written.button;
    let mut parts: Vec<PreviewPart> = written
        .parts
        .into_iter()
        .map(|part| match part {
            MailPart::Paragraph(lines) => PreviewPart::Paragraph(lines),
            MailPart::Button => PreviewPart::Button(button.to_owned()),
        })
        .collect();
    parts.extend(written.footer.into_iter().map(|line| PreviewPart::Paragraph(vec![line])));
    let (length, long) = written.segments.as_ref().map(told_length).unwrap_or_default();
    PreviewView { subject: written.subject, parts, length, long, ..empty }
}

/// How long a text message is, and what makes it so.
fn told_length(segments: &Segments) -> (String, String) {
    let length = format!(
        "{}. It is {} long, and one holds {}.",
        capitalised(&count(segments.count, "text message", "text messages")),
        count(segments.length, "character", "characters"),
        segments.room
    );
    let foreign: Vec<String> = segments.foreign.iter().take(8).map(ToString::to_string).collect();
    let long = match (segments.encoding, segments.count) {
        (Alphabet::Ucs2, _) => format!(
            "{} {} not in the alphabet of plain text messages, so that only 70 characters fit one instead of 160.",
            foreign.join(" "),
            if foreign.len() == 1 { "is" } else { "are" }
        ),
        (Alphabet::Gsm, 0 | 1) => String::new(),
        (Alphabet::Gsm, _) => "Each is charged. Shorter words would make it one.".to_owned(),
    };
    (length, long)
}

/// What a message is called, and when it is sent.
fn told(occasion: Occasion) -> (&'static str, &'static str) {
    match occasion {
        Occasion::Link => ("Link", "When somebody sends a patient their link."),
        Occasion::StaffLink => {
            ("Host’s link", "When somebody sends the host their own link. It names no patient.")
        }
        Occasion::Booked => ("Booked", "When a visit is booked, if the settings say so."),
        Occasion::Moved => {
            ("Moved", "When a visit is moved or gets another host, to whoever was sent its link.")
        }
        Occasion::Cancelled => ("Cancelled", "When a visit is cancelled, to whoever was sent its link."),
        Occasion::Reminder => ("Reminder", "Before a visit, as often as the settings say."),
        Occasion::Late => ("Running late", "When the desk or the clinician says that they run late."),
        Occasion::Recovery => ("Lost link", "When somebody asks for their link again on the page for that."),
        Occasion::Alert => ("Warning", "When somebody of the staff has to know of something."),
    }
}

/// What is filled in for a name.
fn meaning(name: &str, is_email: bool) -> &'static str {
    match (name, is_email) {
        ("clinic", true) => "the clinic’s name",
        ("clinic", false) => "the clinic’s name, shortened where the message would not fit one otherwise",
        ("date", true) => "the day, such as Monday 23 November 2026",
        ("date", false) => "the day, such as Mon 23 Nov",
        ("time", _) => "when it starts, on the clinic’s clocks",
        ("zone", true) => "the clinic’s time zone, such as CST, Chicago time",
        ("zone", false) => "the clinic’s time zone, such as CST",
        ("host", _) => "who hosts the visit",
        ("first_name", _) => "the patient’s first name; nothing where only one name is known",
        ("link", true) => "their own link; in a line of its own it becomes a button",
        ("link", false) => "their own link, of about 85 characters",
        ("minutes", _) => "about how many minutes late",
        ("phone", _) => "the number for patients, or “the clinic” where there is none",
        _ => "",
    }
}
