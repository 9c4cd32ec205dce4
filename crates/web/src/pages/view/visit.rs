//! The patient's page: when, with whom, and one button. No word about health, and none about anybody else.

use askama::Template;
use outreach::words::{
    Words,
    page::{Check, Visit},
};

/// What stands around every page for patients, in their language.
#[derive(Clone, Debug)]
pub struct PatientFrame {
    /// All texts, in the language of the page.
    pub words: &'static Words,
    /// What the browser's tab says.
    pub title: String,
    /// As patients know the clinic; empty where it is not to be told.
    pub clinic: String,
    /// The languages that there are.
    pub languages: Vec<LanguageChoice>,
}

/// A language to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageChoice {
    /// The page in that language.
    pub href: String,
    /// `es`.
    pub code: &'static str,
    /// What it calls itself.
    pub name: &'static str,
    /// Whether the page is in it.
    pub chosen: bool,
}

impl PatientFrame {
    /// The frame of the page at this path, which says by `?lang=` in which language it is asked for.
    pub fn new(words: &'static Words, path: &str, title: &str, clinic: &str) -> Self {
        let languages = Words::languages()
            .iter()
            .map(|one| LanguageChoice {
                href: format!("{path}?lang={}", one.language),
                code: one.language.as_str(),
                name: &one.name,
                chosen: one.language == words.language,
            })
            .collect();
        Self { words, title: title.to_owned(), clinic: clinic.to_owned(), languages }
    }
}

/// The page.
#[derive(Clone, Debug, Template)]
#[template(path = "visit.html")]
pub struct VisitPage {
    /// The frame, with the clinic's name.
    pub frame: PatientFrame,
    /// What changes while somebody looks.
    pub now: Now,
    /// The texts of the check.
    pub check: &'static Check,
    /// By what messages go out.
    pub messages: Vec<MessagesView>,
    /// What has just been done about messages.
    pub said: Option<&'static str>,
}

/// The parts of the page that change by themselves, as the page's script asks for them.
#[derive(Clone, Debug, Template)]
#[template(path = "visit/now.html")]
pub struct NowParts {
    /// What is so now.
    pub now: Now,
}

/// What is so now. An open page may stand for hours, in which the visit is moved or given to somebody else: so all that
/// is told of it is here, and goes along.
#[derive(Clone, Debug)]
pub struct Now {
    /// The texts.
    pub words: &'static Visit,
    /// The link's token: the page's own address.
    pub token: String,
    /// The page's own token; empty where the page puts it in.
    pub page_token: String,
    /// The language that was asked for in the address.
    pub asked: Option<&'static str>,
    /// The heading.
    pub title: &'static str,
    /// What the clinic says.
    pub notices: Vec<NoticeLine>,
    /// What can be done.
    pub state: VisitState,
    /// That the host is with somebody else.
    pub wait: Option<String>,
    /// Whether the room can be entered in the browser.
    pub in_browser: bool,
    /// What comes after Join.
    pub then: String,
    /// Whether the room is one of another product than Zoom.
    pub elsewhere: bool,
    /// Why there is no Join, and what to do.
    pub message: String,
    /// The clinic's telephone.
    pub phone: Option<PhoneView>,
    /// Who hosts.
    pub host: String,
    /// `Monday 23 November 2026`.
    pub date: String,
    /// `10:00 AM to 10:50 AM`.
    pub from_to: String,
    /// `CST, Chicago time`.
    pub zone: String,
    /// The start for the page's script: `2026-11-23T16:00:00Z`.
    pub starts_at: String,
    /// How many minutes the clinic's clocks are ahead of Greenwich's then.
    pub offset_minutes: i32,
    /// What is said where the patient's clock differs, with `{date}` and `{time}` for the script to fill in.
    pub your_time: String,
    /// Who lets them in, and when.
    pub waiting_room_3: String,
    /// How to come by telephone.
    pub dial_in: Option<DialInView>,
    /// Whom to call when nothing helps.
    pub help_call: String,
}

/// Something that the clinic says.
#[derive(Clone, Debug)]
pub struct NoticeLine {
    /// What.
    pub words: String,
    /// `Posted at 10:07 AM`.
    pub said_at: String,
}

/// A telephone.
#[derive(Clone, Debug)]
pub struct PhoneView {
    /// `+15550100123`.
    pub number: String,
    /// `Call +1 555 010 0123`.
    pub call: String,
}

/// How to come by telephone.
#[derive(Clone, Debug)]
pub struct DialInView {
    /// The numbers.
    pub numbers: Vec<DialInNumber>,
    /// `867 2001 4455`.
    pub meeting: String,
    /// In digits.
    pub passcode: Option<String>,
}

/// A number to call.
#[derive(Clone, Debug)]
pub struct DialInNumber {
    /// `+16465588656`.
    pub number: String,
    /// With spaces.
    pub shown: String,
    /// `US`.
    pub country: String,
}

/// Whether messages go out by a channel.
#[derive(Clone, Debug)]
pub struct MessagesView {
    /// `email` or `sms`.
    pub by: &'static str,
    /// That they were stopped here; none where they go out.
    pub stopped: Option<&'static str>,
    /// What the button does.
    pub button: &'static str,
}

/// What a patient can do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitState {
    /// Join.
    Open,
    /// Come back when Join is there.
    Early,
    /// Nothing more.
    Over,
    /// Nothing.
    Cancelled,
    /// Come to the clinic.
    InPerson,
    /// Wait: the page looks again by itself.
    HostNotReady,
}

impl VisitState {
    /// Whether the page should look again by itself where there is no script to do so.
    pub fn looks_again(self) -> bool {
        matches!(self, Self::Open | Self::HostNotReady | Self::Early)
    }

    /// Whether nothing about it will change.
    pub fn is_final(self) -> bool {
        self == Self::Over
    }

    /// Whether the visit is still to come, by video.
    pub fn is_to_come(self) -> bool {
        matches!(self, Self::Open | Self::Early | Self::HostNotReady)
    }

    /// Whether calling is the thing to do.
    pub fn asks_to_call(self) -> bool {
        !matches!(self, Self::Open | Self::Early)
    }
}

/// A link that leads nowhere.
#[derive(Clone, Debug, Template)]
#[template(path = "visit_unknown.html")]
pub struct UnknownLinkPage {
    /// The frame; nobody's.
    pub frame: PatientFrame,
    /// Keeps the language on the way to where a lost link is asked for.
    pub lost_query: String,
}

/// Something failed, for a patient.
#[derive(Clone, Debug, Template)]
#[template(path = "visit/trouble.html")]
pub struct TroublePage {
    /// The frame.
    pub frame: PatientFrame,
    /// What to do.
    pub message: String,
}
