//! An alert in words. No patient's name stands in them, and no link of a patient: only where in Anteroom to go.

use domain::{
    Timestamp,
    alert::{Alert, AlertKind, Group},
    clinic::Clinic,
    room::guard::DriftKind,
    staff::{Role, StaffMember},
    text::Phone,
};

use crate::{
    compose::{PERSON_IN_SMS, fitting, short_line},
    content::{Content, Mail, Text},
    words::{self, BadTemplate, MailParts, When, Words, alert::KindWords, fill, shorten, simpler},
};

/// Where it is chosen how one is told.
const CHOICE: &str = "/room/told";

/// What one person is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Telling<'a> {
    /// The clinic's language.
    pub words: &'static Words,
    /// The clinic.
    pub clinic: &'a Clinic,
    /// The address that this installation's pages begin with.
    pub public_url: &'a str,
    /// What is told.
    pub alert: &'a Alert,
    /// Whose connection or room it is.
    pub whose: &'a StaffMember,
    /// Who is told.
    pub to: &'a StaffMember,
    /// When the next visit by video begins, where that matters.
    pub next_visit: Option<Timestamp>,
    /// Whether somebody asked to remind them.
    pub asked: bool,
    /// Now.
    pub now: Timestamp,
}

impl Telling<'_> {
    /// As an e-mail.
    pub(super) fn mail(&self) -> Result<Content, BadTemplate> {
        let texts = &self.words.messages.alert;
        let (is_own, kind) = (self.is_own(), self.kind());
        let subject =
            if is_own { kind.subject.clone() } else { format!("{}: {}", self.whose.name, kind.subject) };
        let subject = short_line(&subject);
        let mut lines = vec![self.what()?];
        lines.extend(self.more()?);
        lines.push(dated(&texts.noticed, &self.when(self.alert.raised_at))?);
        if let Some(next) = self.next_visit {
            lines.push(dated(&texts.next_visit, &self.when(next))?);
        }
        let link = self.way();
        let todo = if is_own { &kind.own_do } else { &kind.others_do };
        let body = [lines.join("\n"), todo.clone(), link.clone()].join("\n\n");
        let mut footer = Vec::new();
        if self.asked {
            footer.push(texts.asked.clone());
        }
        footer.push(fill(&texts.choose, &[("link", &format!("{}{CHOICE}", self.public_url))])?);
        let html = words::mail(&MailParts {
            words: self.words,
            clinic: self.clinic.name.as_str(),
            subject: &subject,
            text: &body,
            link: &link,
            button: &texts.button,
            footer: &footer,
        })?;
        Ok(Content::Email(Mail {
            to: self.to.email.clone(),
            from_name: self.clinic.name.to_string(),
            subject,
            text: format!("{body}\n\n{}\n", footer.join("\n\n")),
            html,
            calendar: None,
        }))
    }

    /// As a text message to this number.
    pub(super) fn sms(&self, to: &Phone) -> Result<Content, BadTemplate> {
        let When { short_date, time, .. } = self.when(self.alert.raised_at);
        let day = |at| self.clinic.zone.date(at);
        let is_today = day(self.alert.raised_at) == day(self.now);
        let at = simpler(&if is_today { time } else { format!("{short_date} {time}") });
        let (what, link) = (simpler(&self.what()?), self.way());
        let text = fitting(self.clinic.name.as_str(), |clinic| {
            let named = [("clinic", clinic), ("what", &what), ("at", &at), ("link", &link)];
            fill(&self.words.messages.alert.sms, &named)
        })?;
        Ok(Content::Sms(Text { to: to.clone(), text }))
    }

    fn is_own(&self) -> bool {
        self.whose.id == self.to.id
    }

    fn kind(&self) -> &'static KindWords {
        self.words.messages.alert.kinds.of(self.alert.kind)
    }

    fn when(&self, at: Timestamp) -> When {
        self.words.when(&self.clinic.zone, at)
    }

    /// What is the matter, in one sentence.
    fn what(&self) -> Result<String, BadTemplate> {
        let kind = self.kind();
        let host = shorten(self.whose.name.as_str(), PERSON_IN_SMS);
        fill(if self.is_own() { &kind.own } else { &kind.others }, &[("host", &host)])
    }

    /// What its detail adds, where it adds something that is known here.
    fn more(&self) -> Result<Option<String>, BadTemplate> {
        let texts = &self.words.messages.alert;
        let Some(detail) = self.alert.detail.as_deref() else { return Ok(None) };
        let more = match self.alert.kind {
            AlertKind::RoomUnguarded => DriftKind::from_word(detail)
                .and_then(|drift| texts.drifts.get(&drift))
                .map(|what| fill(&texts.found, &[("what", what)])),
            AlertKind::HostLate => {
                detail.parse::<u32>().ok().map(|_| fill(&texts.waited, &[("minutes", detail)]))
            }
            _ => None,
        };
        more.transpose()
    }

    /// Where something can be done about it.
    fn way(&self) -> String {
        let path = if self.is_own() {
            "/room"
        } else if self.alert.kind.group() != Group::Now && self.to.roles.contains(&Role::Admin) {
            "/connections"
        } else {
            "/board"
        };
        format!("{}{path}", self.public_url)
    }
}

fn dated(text: &str, when: &When) -> Result<String, BadTemplate> {
    fill(text, &[("date", &when.date), ("time", &when.time), ("zone", &when.zone)])
}
