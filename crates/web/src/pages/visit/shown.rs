//! The patient's page as values: what [`outreach`] knows, in the patient's words.

use domain::{
    outreach::{
        desk::{Notice, Says},
        message::Channel,
    },
    room,
    text::Phone,
};
use outreach::{
    MessagesBy, Visit,
    words::{Words, filled},
};

use crate::pages::view::{
    visit::{
        DialInNumber, DialInView, MessagesView, NoticeLine, Now, PatientFrame, PhoneView, VisitPage,
        VisitState,
    },
    words::isolated,
};

/// What goes into the page beside the visit.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Scene<'a> {
    pub words: &'static Words,
    /// The language that was asked for in the address.
    pub asked: Option<&'static str>,
    pub token: &'a str,
    /// Empty where the page puts it in.
    pub page_token: &'a str,
    /// How it stands, where that is not what the visit says.
    pub instead: Option<VisitState>,
    pub visit: &'a Visit,
}

impl Scene<'_> {
    /// What is so now.
    pub fn now(&self) -> Now {
        let Self { words, visit, .. } = *self;
        let texts = &words.page.visit;
        let state = self.instead.unwrap_or_else(|| state(visit.state));
        let phone = phone(words, visit.settings.phone.as_ref());
        let host = isolated(visit.host.name.as_str());
        let zone = &visit.clinic.zone;
        let (starts_at, ends_at) = (visit.appointment.starts_at, visit.appointment.ends_at);
        let (from, to) = (words.when(zone, starts_at), words.when(zone, ends_at));
        let call = |text: &str| filled(text, &[("phone", &phone)]);
        let message = match (state, visit.state) {
            (VisitState::Early, outreach::VisitState::Early { opens_at }) => {
                let when = words.date_and_time(&visit.clinic.zone, opens_at);
                filled(&texts.early, &[("when", &when)])
            }
            (VisitState::Over, _) => call(&texts.over),
            (VisitState::Cancelled, _) => call(&texts.cancelled),
            (VisitState::InPerson, _) => call(&texts.in_person),
            (VisitState::HostNotReady, _) => call(&texts.not_ready),
            (VisitState::Open | VisitState::Early, _) => String::new(),
        };
        Now {
            words: texts,
            token: self.token.to_owned(),
            page_token: self.page_token.to_owned(),
            asked: self.asked,
            title: match state {
                VisitState::Open | VisitState::Early | VisitState::HostNotReady => &texts.title,
                VisitState::Over => &texts.title_over,
                VisitState::Cancelled => &texts.title_cancelled,
                VisitState::InPerson => &texts.title_in_person,
            },
            notices: visit.notices.iter().map(|notice| self.notice(notice)).collect(),
            state,
            wait: visit.wait.map(|wait| match wait.minutes {
                None => texts.wait_unknown.clone(),
                Some(1) => texts.wait_one.clone(),
                Some(minutes) => filled(&texts.wait_for, &[("minutes", &minutes.to_string())]),
            }),
            in_browser: visit.in_browser && state == VisitState::Open,
            then: filled(
                if visit.elsewhere.is_some() { &texts.then_other } else { &texts.then_zoom },
                &[("host", &host)],
            ),
            elsewhere: visit.elsewhere.is_some(),
            message,
            phone: visit.settings.phone.as_ref().map(|number| PhoneView {
                number: number.to_string(),
                call: filled(&words.page.common.call, &[("phone", &spaced(number.as_str()))]),
            }),
            host: visit.host.name.to_string(),
            date: from.date,
            from_to: filled(&words.time.from_to, &[("from", &from.time), ("to", &to.time)]),
            zone: from.zone,
            starts_at: starts_at.to_string(),
            offset_minutes: starts_at.in_zone(zone.rules()).offset().seconds() / 60,
            your_time: filled(&words.time.your_time, &[("date", "{date}"), ("time", "{time}")]),
            waiting_room_3: filled(&texts.waiting_room_3, &[("host", &host)]),
            dial_in: visit.dial_in.as_ref().filter(|_| state == VisitState::Open).map(dial_in),
            help_call: filled(&texts.help_call, &[("phone", &phone)]),
        }
    }

    fn notice(&self, notice: &Notice) -> NoticeLine {
        let words = match &notice.says {
            Says::Late(minutes) => {
                filled(&self.words.page.notices.late, &[("minutes", &minutes.to_string())])
            }
            Says::Words(note) => note.to_string(),
        };
        let time = self.words.when(&self.visit.clinic.zone, notice.at).time;
        NoticeLine { words, said_at: filled(&self.words.page.visit.notice_at, &[("time", &time)]) }
    }

    /// The page.
    pub fn page(&self, said: Option<Said>) -> VisitPage {
        let Self { words, visit, .. } = *self;
        let now = self.now();
        VisitPage {
            frame: PatientFrame::new(
                words,
                &format!("/v/{}", self.token),
                now.title,
                visit.clinic.name.as_str(),
            ),
            check: &words.page.check,
            messages: visit.messages.iter().filter_map(|by| messages(words, *by)).collect(),
            said: said.filter(|said| said.is_so(visit)).map(|said| said.words(words)),
            now,
        }
    }
}

/// What the patient has just said about messages, as the address of the page keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) struct Said {
    pub channel: Channel,
    /// Whether they want them again; otherwise that they want no more.
    pub again: bool,
}

impl Said {
    /// By the words in the address.
    pub fn from_words(said: &str, by: &str) -> Option<Self> {
        let again = match said {
            "stopped" => false,
            "again" => true,
            _ => return None,
        };
        Some(Self { channel: Channel::from_word(by)?, again })
    }

    /// The address may be opened again later, or made up: nothing is confirmed that is not so.
    fn is_so(self, visit: &Visit) -> bool {
        visit.messages.contains(&MessagesBy { channel: self.channel, given: self.again })
    }

    fn words(self, words: &'static Words) -> &'static str {
        let texts = &words.page.visit;
        if self.again { &texts.again_done } else { &texts.stop_done }
    }
}

fn state(state: outreach::VisitState) -> VisitState {
    match state {
        outreach::VisitState::Open => VisitState::Open,
        outreach::VisitState::Early { .. } => VisitState::Early,
        outreach::VisitState::Over => VisitState::Over,
        outreach::VisitState::Cancelled => VisitState::Cancelled,
        outreach::VisitState::InPerson => VisitState::InPerson,
        outreach::VisitState::HostNotConnected => VisitState::HostNotReady,
    }
}

fn messages(words: &'static Words, by: MessagesBy) -> Option<MessagesView> {
    let texts = &words.page.visit;
    let (stopped, stop, again) = match by.channel {
        Channel::Email => (&texts.stopped_email, &texts.stop_email, &texts.again_email),
        Channel::Sms => (&texts.stopped_sms, &texts.stop_sms, &texts.again_sms),
        Channel::Copy => return None,
    };
    Some(MessagesView {
        by: by.channel.as_str(),
        stopped: (!by.given).then_some(stopped.as_str()),
        button: if by.given { stop } else { again },
    })
}

fn dial_in(dial_in: &room::DialIn) -> DialInView {
    DialInView {
        numbers: dial_in
            .numbers
            .iter()
            .map(|room::DialInNumber { number, country }| DialInNumber {
                number: number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
                shown: spaced(number),
                country: country.clone(),
            })
            .collect(),
        meeting: grouped(&dial_in.meeting),
        passcode: dial_in.passcode.clone(),
    }
}

/// The number to call, or "the clinic".
pub(in crate::pages) fn phone(words: &'static Words, phone: Option<&Phone>) -> String {
    match phone {
        Some(phone) => spaced(phone.as_str()),
        None => words.phone(None).to_owned(),
    }
}

/// `+1 555 010 0123`: a number of North America as people there read it, any other as it is.
fn spaced(number: &str) -> String {
    match number.strip_prefix("+1").map(|rest| (rest.get(..3), rest.get(3..6), rest.get(6..))) {
        Some((Some(area), Some(exchange), Some(line))) if line.len() == 4 => {
            format!("+1 {area} {exchange} {line}")
        }
        _ => number.to_owned(),
    }
}

/// `867 2001 4455`, as Zoom writes it.
fn grouped(number: &str) -> String {
    let head = number.len().saturating_sub(8);
    match (number.get(..head), number.get(head..head + 4), number.get(head + 4..)) {
        (Some(head), Some(middle), Some(tail)) if !head.is_empty() && number.is_ascii() => {
            format!("{head} {middle} {tail}")
        }
        _ => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        assert_eq!(spaced("+15550100123"), "+1 555 010 0123");
        assert_eq!(spaced("+442071234567"), "+442071234567");
        assert_eq!(spaced("+1555"), "+1555");
        assert_eq!(grouped("86720014455"), "867 2001 4455");
        assert_eq!(grouped("4455"), "4455");
        assert_eq!(grouped("é".repeat(9).as_str()), "é".repeat(9));
    }
}
