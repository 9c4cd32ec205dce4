//! The menus that hand links out, and the page that shows what would be sent before anybody sends it.

use askama::Template;

use super::frame::Frame;

/// The ways to hand out an appointment's links, as the part of a row's menu that is fetched when the menu opens.
#[derive(Clone, Debug, Template)]
#[template(path = "board/menu.html")]
pub struct RowMenu {
    /// The whole event's, then each patient's own.
    pub menu: Menu,
}

/// Ways to hand out the links of one appointment.
#[derive(Clone, Debug, Default)]
pub struct Menu {
    /// The appointment.
    pub appointment: String,
    /// Why nothing can be handed out at all; empty where something can.
    pub note: String,
    /// Under headings.
    pub sections: Vec<Section>,
}

/// Entries about the same link.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// `To all patients`.
    pub title: String,
    /// They.
    pub entries: Vec<Entry>,
}

/// One entry of a menu.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it does, in the words of the field's manuals.
    pub word: &'static str,
    /// For whom, for who cannot see the heading.
    pub about: String,
    /// Who is left out of it, or why it cannot be; may be empty.
    pub note: String,
    /// What it does.
    pub does: Does,
}

/// What an entry does.
#[derive(Clone, Debug)]
pub enum Does {
    /// Copies at once: what is copied stands in the page already.
    Copy(Copied),
    /// Leads to another page.
    Go(String),
    /// Nothing, as things stand.
    Not,
}

/// What is copied.
#[derive(Clone, Debug, Default)]
pub struct Copied {
    /// The text.
    pub text: String,
    /// Whose link that is, as the ledger is told: `staff`, `patients` or an attendee's id.
    pub to: String,
    /// What is said then.
    pub said: String,
}

/// What would be sent, to whom, and who is left out.
#[derive(Clone, Debug, Template)]
#[template(path = "send.html")]
pub struct SendPage {
    /// The frame.
    pub frame: Frame,
    /// The appointment.
    pub appointment: String,
    /// `Ana Prado and Luis Prado with Dr. Osei`.
    pub visit: String,
    /// `Monday 23 November 2026, 10:00–10:50 CST`.
    pub when: String,
    /// `patients`, `staff` or an attendee's id, for the form.
    pub to: String,
    /// `email` or `sms`, for the form.
    pub by: &'static str,
    /// `Send the link by e-mail`.
    pub title: String,
    /// The other ways, each as a word and an address.
    pub others: Vec<(&'static str, String)>,
    /// Who gets it.
    pub messages: Vec<Outgoing>,
    /// Who does not.
    pub left_out: Vec<LeftOut>,
    /// Why nobody can be sent anything; empty where somebody can.
    pub obstacle: String,
    /// Why what was pressed for was not sent; empty where nothing was.
    pub changed: String,
    /// What stands here, for the form: nothing else is sent by it.
    pub seen: String,
    /// Something that no other page holds, for the form: it sends once.
    pub nonce: String,
    /// `Send 2 e-mails`.
    pub submit: String,
    /// Whether the reader may change addresses and consent.
    pub may_change: bool,
}

/// One message as it would leave.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// For whom.
    pub name: String,
    /// Where it goes.
    pub address: String,
    /// The sender's name; of e-mail only.
    pub from: String,
    /// One line; of e-mail only.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same as HTML, as source; of e-mail only.
    pub html: String,
    /// `One segment, 142 of 160 characters`; of text messages only.
    pub size: String,
    /// Whether it costs more than one.
    pub is_long: bool,
    /// Whether a calendar file goes with it.
    pub has_calendar: bool,
}

/// Somebody who is sent nothing.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Who.
    pub name: String,
    /// Why, as a sentence.
    pub why: String,
}

/// Asks once more before a link is put out of use.
#[derive(Clone, Debug, Template)]
#[template(path = "appointment/renew.html")]
pub struct RenewPage {
    /// The frame.
    pub frame: Frame,
    /// The appointment.
    pub appointment: String,
    /// `staff`, `patients` or an attendee's id.
    pub to: String,
    /// Whose link.
    pub whose: String,
    /// What became of the one that they have; may be empty.
    pub fate: String,
}

/// A patient's link to all their visits, with the ways to make it anew and to revoke it.
#[derive(Clone, Debug, Template)]
#[template(path = "appointment/portal.html")]
pub struct PortalLinkPage {
    /// The frame.
    pub frame: Frame,
    /// The appointment that it was asked from.
    pub appointment: String,
    /// The attendee's id.
    pub of: String,
    /// Who that is.
    pub whose: String,
    /// Whether it shows the one visit alone.
    pub of_one_visit: bool,
    /// How it stands.
    pub standing: PortalStanding,
    /// What was just done, as a sentence; may be empty.
    pub said: &'static str,
}

/// How the link stands; times are dates and times of the clinic.
#[derive(Clone, Debug)]
pub enum PortalStanding {
    /// Nobody asked for one yet.
    None,
    /// There is one.
    Standing {
        /// It.
        url: String,
        /// When it was made.
        since: String,
    },
    /// The person is to have none.
    Revoked {
        /// Since when.
        since: String,
    },
}
