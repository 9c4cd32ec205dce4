//! The ways to hand out an appointment's links: six for the whole event, three for each patient, and the host's own two.
//! What cannot be done as things stand is there all the same, with the reason.

use std::collections::HashMap;

use domain::{
    AttendeeId, Timestamp,
    appointment::{Appointment, Attendee, Kind, Status},
    outreach::{Settings, message::Channel},
    staff::{Role, StaffMember},
};
use outreach::{AppointmentLinks, NotSent};

use super::super::view::{
    hand_out::{Copied, Does, Entry, Menu, Section},
    words::{self, isolated, sentence},
};
use crate::{App, Error, SignedIn};

const CHANNELS: [Channel; 2] = [Channel::Sms, Channel::Email];

/// What can be handed out of one appointment now, and by what.
pub(in crate::pages) struct Ways<'a> {
    appointment: &'a Appointment,
    host: &'a StaffMember,
    links: Option<&'a AppointmentLinks>,
    /// Why nothing can; empty where something can.
    pub obstacle: String,
    not: HashMap<(AttendeeId, Channel), NotSent>,
    off: Vec<Channel>,
    is_host: bool,
}

/// Why none of the appointment's links can be handed out; empty where they can.
fn obstacle(appointment: &Appointment, settings: &Settings, now: Timestamp) -> String {
    if appointment.status == Status::Cancelled {
        "The visit is cancelled, and its links say so."
    } else if appointment.kind == Kind::InPerson {
        "The visit is at the clinic: there is no room to join."
    } else if now >= outreach::closes_at(appointment, settings) {
        "The visit is over, and its links no longer work."
    } else {
        ""
    }
    .to_owned()
}

impl<'a> Ways<'a> {
    /// Asks what is possible.
    pub async fn read(
        app: &App,
        person: &SignedIn,
        appointment: &'a Appointment,
        host: &'a StaffMember,
        links: Option<&'a AppointmentLinks>,
    ) -> Result<Self, Error> {
        let mut tx = app.store.read().await?;
        let settings = tx.outreach_settings(appointment.clinic_id).await?;
        let mut not = HashMap::new();
        for attendee in &appointment.attendees {
            for channel in CHANNELS {
                if let Err(why) = app.outreach.may_send(&mut *tx, attendee, channel).await? {
                    not.insert((attendee.id, channel), why);
                }
            }
        }
        Ok(Self {
            appointment,
            host,
            links,
            obstacle: obstacle(appointment, &settings, app.ambient.now()),
            not,
            off: CHANNELS.into_iter().filter(|&channel| !app.outreach.can_send(channel)).collect(),
            is_host: person.staff.id == appointment.host && person.staff.is(Role::Staff),
        })
    }

    /// The menu of a row of the board: everything.
    pub fn whole(&self) -> Menu {
        let [staff, patients] = self.six();
        let mut sections = vec![self.event(), staff, patients];
        // With one patient alone the three would say what the three above them say.
        if self.appointment.attendees.len() > 1 {
            sections.extend(self.appointment.attendees.iter().map(|attendee| self.of(attendee)));
        }
        self.menu(sections)
    }

    /// The menu behind the telehealth icon: the six ways.
    pub fn icon(&self) -> Menu {
        self.menu(self.six().into())
    }

    /// The menu of one patient.
    pub fn patient(&self, attendee: &Attendee) -> Menu {
        self.menu(vec![self.of(attendee)])
    }

    /// The menu of the event itself.
    pub fn own(&self) -> Menu {
        self.menu(vec![self.event()])
    }

    fn menu(&self, sections: Vec<Section>) -> Menu {
        Menu { appointment: self.appointment.id.to_string(), note: self.obstacle.clone(), sections }
    }

    /// The two of the event itself.
    fn event(&self) -> Section {
        let host = isolated(self.host.name.as_str());
        let join = match self.links.filter(|_| self.obstacle.is_empty()) {
            Some(links) if self.is_host => Ok(links.host.expose().to_owned()),
            Some(_) => Err(format!("Only {host} can, signed in. Their link asks who they are.")),
            None => Err(String::new()),
        };
        let (does, note) = match join {
            Ok(href) => (Does::Go(href), String::new()),
            Err(why) => (Does::Not, why),
        };
        let join = Entry { word: "Join Telehealth Session", about: format!("as {host}"), note, does };
        Section {
            title: "This visit".to_owned(),
            entries: vec![join, self.copy("Get Staff Telehealth Link", "staff", &host)],
        }
    }

    fn six(&self) -> [Section; 2] {
        let host = isolated(self.host.name.as_str());
        let staff = Section {
            title: format!("To the staff member, {host}"),
            entries: vec![
                self.copy("Copy Staff Join Link to Clipboard", "staff", &host),
                self.to_staff("Send Staff Join Link by SMS", Channel::Sms),
                self.to_staff("Send Staff Join Link by E-mail", Channel::Email),
            ],
        };
        let all = match self.appointment.attendees.as_slice() {
            [one] => isolated(one.name.as_str()),
            several => format!("all {} patients", several.len()),
        };
        let patients = Section {
            title: if self.appointment.attendees.len() == 1 {
                format!("To the patient, {all}")
            } else {
                format!("To {all}")
            },
            entries: vec![
                self.copy("Copy Patient Join Link to Clipboard", "patients", &all),
                self.to_patients("Send Patient Join Link by SMS", Channel::Sms, &all),
                self.to_patients("Send Patient Join Link by E-mail", Channel::Email, &all),
            ],
        };
        [staff, patients]
    }

    fn of(&self, attendee: &Attendee) -> Section {
        let (name, to) = (isolated(attendee.name.as_str()), attendee.id.to_string());
        let send = |word, channel| match self.not.get(&(attendee.id, channel)) {
            Some(&why) => self.not(word, &name, not_sent(why)),
            None => self.send(word, &to, channel, &name, String::new()),
        };
        Section {
            title: format!("Link to Patient, {name}"),
            entries: vec![
                self.copy("Copy Patient Join Link to Clipboard", &to, &name),
                send("Send Patient Join Link by SMS", Channel::Sms),
                send("Send Patient Join Link by E-mail", Channel::Email),
            ],
        }
    }

    fn to_staff(&self, word: &'static str, channel: Channel) -> Entry {
        let host = isolated(self.host.name.as_str());
        if self.off.contains(&channel) {
            self.not(word, &host, not_sent(NotSent::ChannelOff))
        } else if channel == Channel::Sms && self.host.phone.is_none() {
            self.not(
                word,
                &host,
                format!("No mobile number of {host} is on file: they enter it under My room."),
            )
        } else {
            self.send(word, "staff", channel, &host, String::new())
        }
    }

    fn to_patients(&self, word: &'static str, channel: Channel, about: &str) -> Entry {
        let attendees = &self.appointment.attendees;
        let left_out: Vec<_> = (attendees.iter())
            .filter_map(|one| self.not.get(&(one.id, channel)).map(|&why| (one, why)))
            .collect();
        match left_out.as_slice() {
            [] => self.send(word, "patients", channel, about, String::new()),
            [(_, why), rest @ ..] if left_out.len() == attendees.len() => {
                let is_same = rest.iter().all(|(_, other)| other == why);
                let why = if is_same && (rest.is_empty() || *why == NotSent::ChannelOff) {
                    not_sent(*why)
                } else if is_same {
                    format!("Nobody can be sent one: {why}.")
                } else {
                    "Nobody can be sent one; each patient’s own menu says why.".to_owned()
                };
                self.not(word, about, why)
            }
            some => {
                let names: Vec<String> = some.iter().map(|(one, _)| isolated(one.name.as_str())).collect();
                self.send(word, "patients", channel, about, format!("Not to {}.", words::list(&names)))
            }
        }
    }

    fn send(&self, word: &'static str, to: &str, channel: Channel, about: &str, note: String) -> Entry {
        if !self.obstacle.is_empty() {
            return self.not(word, about, String::new());
        }
        let href = format!("/appointments/{}/send?to={to}&by={}", self.appointment.id, channel.as_str());
        Entry { word, about: about.to_owned(), note, does: Does::Go(href) }
    }

    /// The reason for all of them stands above the menu; only who cannot see that hears it with each.
    fn not(&self, word: &'static str, about: &str, why: String) -> Entry {
        let (about, note) = if self.obstacle.is_empty() {
            (about.to_owned(), why)
        } else {
            (format!("{about}. {}", self.obstacle), String::new())
        };
        Entry { word, about, note, does: Does::Not }
    }

    fn copy(&self, word: &'static str, to: &str, about: &str) -> Entry {
        match self.copied(to) {
            Some(copied) => {
                Entry { word, about: about.to_owned(), note: String::new(), does: Does::Copy(copied) }
            }
            None => self.not(word, about, String::new()),
        }
    }

    /// What the clipboard gets; none where there is nothing to hand out.
    pub fn copied(&self, to: &str) -> Option<Copied> {
        let links = self.links.filter(|_| self.obstacle.is_empty())?;
        let url_of = |attendee: &Attendee| links.of(attendee.id).map(|link| link.url.expose().to_owned());
        let whose = |name: &str| format!("Copied: {}’s link", isolated(name));
        let attendees = &self.appointment.attendees;
        let (text, said) = match (to, attendees.as_slice()) {
            ("staff", _) => {
                let said = format!("Copied: the staff link of {}", isolated(self.host.name.as_str()));
                (links.host.expose().to_owned(), said)
            }
            ("patients", [one]) => (url_of(one)?, whose(one.name.as_str())),
            ("patients", several) => {
                let all = several
                    .iter()
                    .zip(labels(several))
                    .filter_map(|(attendee, label)| url_of(attendee).map(|url| format!("{label}: {url}")));
                let said = format!("Copied: {} links, labelled with initials", several.len());
                (all.collect::<Vec<_>>().join("\n"), said)
            }
            (id, all) => {
                let attendee = all.iter().find(|one| one.id.to_string() == id)?;
                (url_of(attendee)?, whose(attendee.name.as_str()))
            }
        };
        Some(Copied { text, to: to.to_owned(), said })
    }
}

/// What stands beside each of several links in the clipboard: initials, since a clipboard is pasted anywhere, and a
/// number where these do not tell two apart.
fn labels(attendees: &[Attendee]) -> Vec<String> {
    let initials: Vec<String> =
        attendees.iter().map(|attendee| words::initials(attendee.name.as_str())).collect();
    (1..)
        .zip(&initials)
        .map(|(number, own)| {
            let is_shared = initials.iter().filter(|other| *other == own).count() > 1;
            match (own.is_empty(), is_shared) {
                (true, _) => format!("Patient {number}"),
                (false, true) => format!("{own} (patient {number})"),
                (false, false) => own.clone(),
            }
        })
        .collect()
}

/// Why somebody is sent nothing, as a sentence.
pub(in crate::pages) fn not_sent(why: NotSent) -> String {
    sentence(&why.to_string())
}
