//! What patients receive, as a page: each message as a telephone or a mailbox shows it, with links to follow, and a
//! field to answer a text message.

use anyhow::Result;
use askama::Template;
use domain::clinic::Zone;
use serde::Deserialize;

use super::{PostOffice, Received, What};

/// A piece of text, perhaps a link.
struct Piece {
    text: String,
    is_link: bool,
}

/// A message, for the page.
struct Shown {
    time: String,
    to: String,
    name: Option<String>,
    is_text: bool,
    from: String,
    subject: String,
    lines: Vec<Vec<Piece>>,
    calendar: &'static str,
}

#[derive(Template)]
#[template(path = "demo/post.html")]
struct PostPage {
    clinic: String,
    messages: Vec<Shown>,
}

/// What a patient answers to a text message.
#[derive(Deserialize)]
pub struct Reply {
    from: String,
    body: String,
}

/// The page. `name_of` says who has an address or a number.
pub fn show(
    office: &PostOffice,
    clinic: &str,
    zone: &Zone,
    name_of: impl Fn(&str) -> Option<String>,
) -> Result<String> {
    let messages = office.received().into_iter().map(|received| shown(received, zone, &name_of)).collect();
    Ok(PostPage { clinic: clinic.to_owned(), messages }.render()?)
}

/// Says in the provider's name what the patient answered.
pub async fn answer(office: &PostOffice, reply: Reply) -> Result<()> {
    let address = office.0.public_url.join("sms/inbound")?;
    let form = [
        ("From".to_owned(), reply.from),
        ("To".to_owned(), office.0.texts.from.to_string()),
        ("Body".to_owned(), reply.body),
    ];
    office.tell(address.as_str(), &form).await
}

fn shown(received: Received, zone: &Zone, name_of: impl Fn(&str) -> Option<String>) -> Shown {
    let Received { at, to, what } = received;
    let time = at.in_zone(zone.rules()).strftime("%H:%M:%S").to_string();
    let name = name_of(&to);
    match what {
        What::Mail(letter) => Shown {
            time,
            to,
            name,
            is_text: false,
            from: letter.from,
            subject: letter.subject,
            lines: letter.text.lines().map(pieces).collect(),
            calendar: match letter.calendar.as_deref() {
                Some("CANCEL") => "With a calendar file that takes the visit out of the calendar.",
                Some(_) => "With a calendar file that puts the visit into the calendar.",
                None => "",
            },
        },
        What::Text(text) => Shown {
            time,
            to,
            name,
            is_text: true,
            from: String::new(),
            subject: String::new(),
            lines: text.lines().map(pieces).collect(),
            calendar: "",
        },
    }
}

fn pieces(line: &str) -> Vec<Piece> {
    let words = line.split_inclusive(' ').flat_map(|word| {
        let bare = word.trim_end();
        let address = bare.trim_end_matches(['.', ',', ')', '!', '?']);
        if address.starts_with("http://") || address.starts_with("https://") {
            let rest = word.strip_prefix(address).unwrap_or_default();
            vec![
                Piece { text: address.to_owned(), is_link: true },
                Piece { text: rest.to_owned(), is_link: false },
            ]
        } else {
            vec![Piece { text: word.to_owned(), is_link: false }]
        }
    });
    words.collect()
}
