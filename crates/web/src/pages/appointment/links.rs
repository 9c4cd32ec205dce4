//! The links of one appointment, the ways to hand them out, and what became of each.

use std::collections::HashMap;

use attendance::AppointmentAttendance;
use axum::{
    extract::{Path, State},
    response::Html,
};
use domain::{
    StaffId, Timestamp,
    appointment::Appointment,
    attendance::matching::StaffOrToken,
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
    staff::{Role, StaffMember},
};
use outreach::{AppointmentLinks, LedgerOf};

use super::{
    super::{
        booking, draw,
        view::{
            appointment::{LinkLine, LinksPart, LinksView},
            hand_out::{Copied, Menu, RowMenu},
            ledger::{self, MessageLine},
            words::{self, Wall},
        },
        wall,
    },
    is_disabled,
    menus::Ways,
};
use crate::{App, Error, SignedIn};

/// The appointment that an address names, for whoever hands its links out. To anybody else it is as if it were not there.
pub(in crate::pages) async fn find(app: &App, person: &SignedIn, id: &str) -> Result<Appointment, Error> {
    let appointment = booking::find(app, person, id).await?;
    if person.sees_to(appointment.host) { Ok(appointment) } else { Err(Error::NotFound) }
}

/// The host, also one who has left.
pub(in crate::pages) async fn host_of(app: &App, appointment: &Appointment) -> Result<StaffMember, Error> {
    let mut tx = app.store.read().await?;
    tx.staff_member(appointment.clinic_id, appointment.host).await?.ok_or(Error::NotFound)
}

/// The part of the page that is fetched again while the page is open.
pub(super) async fn part(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
) -> Result<Html<String>, Error> {
    let appointment = find(&app, &person, &id).await?;
    let record = app.attendance.appointment(person.clinic.id, appointment.id).await?;
    let links = read(&app, &person, &appointment, &record).await?;
    draw(&LinksPart { links })
}

/// The ways to hand out its links, for the menu of its row on the board. They are fetched when the menu opens, rather
/// than drawn with the board: a board is read again every few seconds on several screens, and most of its links are
/// never asked for. By the time somebody presses an entry the link stands in the page, so that a browser lets it be copied.
pub(super) async fn menu(
    State(app): State<App>,
    person: SignedIn,
    Path(id): Path<String>,
) -> Result<Html<String>, Error> {
    let appointment = find(&app, &person, &id).await?;
    let mut tx = app.store.read().await?;
    let rules = tx.telehealth_rules(appointment.clinic_id).await?;
    let messages = tx.messages_of_all(appointment.clinic_id, &[appointment.id]).await?;
    drop(tx);
    if is_disabled(&rules, &appointment) && messages.is_empty() {
        return draw(&RowMenu { menu: Menu::default() });
    }
    let links = links_of(&app, &appointment).await?;
    let host = host_of(&app, &appointment).await?;
    let ways = Ways::read(&app, &person, &appointment, &host, links.as_ref()).await?;
    draw(&RowMenu { menu: ways.whole() })
}

async fn links_of(app: &App, appointment: &Appointment) -> Result<Option<AppointmentLinks>, Error> {
    if !appointment.is_expected_in_a_room() {
        return Ok(None);
    }
    Ok(Some(app.outreach.links(appointment.clinic_id, appointment).await?))
}

pub(super) async fn read(
    app: &App,
    person: &SignedIn,
    appointment: &Appointment,
    record: &AppointmentAttendance,
) -> Result<LinksView, Error> {
    let clinic = appointment.clinic_id;
    let wall = wall(app, &person.clinic);
    let links = links_of(app, appointment).await?;
    let mut tx = app.store.read().await?;
    let staff = tx.staff(clinic).await?;
    drop(tx);
    let names: HashMap<StaffId, &StaffMember> = staff.iter().map(|member| (member.id, member)).collect();
    let host = match names.get(&appointment.host) {
        Some(&host) => host.clone(),
        None => host_of(app, appointment).await?,
    };
    let ways = Ways::read(app, person, appointment, &host, links.as_ref()).await?;
    let ledgers = app.outreach.ledgers(clinic, std::slice::from_ref(appointment)).await?;
    let of_all = ledgers.get(&appointment.id).map_or(&[][..], |ledger| &ledger.of);
    let ledger = Lines { appointment, names, wall: &wall, can_resend: ways.obstacle.is_empty() };
    let renew = |to: &str| {
        if ways.obstacle.is_empty() {
            format!("/appointments/{}/links/renew?to={to}", appointment.id)
        } else {
            String::new()
        }
    };
    let is_desk = person.staff.is(Role::Scheduler) || person.staff.is(Role::Admin);
    let mut people = Vec::new();
    for of in of_all {
        let attendee = of.recipient.attendee().and_then(|id| appointment.attendee(id));
        people.push(match (of.recipient, attendee) {
            (Recipient::Host(_, staff), _) if staff == appointment.host => LinkLine {
                key: "staff".to_owned(),
                whose: host.name.to_string(),
                role: "host",
                url: ways.copied("staff").map(|copied| copied.text).unwrap_or_default(),
                copied: Copied::default(),
                menu: ways.own(),
                fate: ledger::told(of, &wall, wall.today()),
                told: "Asks for sign-in, then leads into the room as host.".to_owned(),
                messages: ledger.of(&of.messages),
                renew: renew("staff"),
                portal: String::new(),
            },
            (Recipient::Attendee(..), Some(attendee)) => {
                let seen = record.attendees.iter().find(|one| one.id == attendee.id);
                let to = attendee.id.to_string();
                let copied = ways.copied(&to).unwrap_or_default();
                LinkLine {
                    whose: attendee.name.to_string(),
                    role: "patient",
                    url: copied.text.clone(),
                    copied,
                    menu: ways.patient(attendee),
                    fate: ledger::told(of, &wall, wall.today()),
                    told: told(of, seen.map_or(&[], |one| &one.presses), &wall),
                    messages: ledger.of(&of.messages),
                    renew: renew(&to),
                    portal: if is_desk {
                        format!("/appointments/{}/portal?of={to}", appointment.id)
                    } else {
                        String::new()
                    },
                    key: to,
                }
            }
            // Who hosted it before, or was to attend: what they were sent stays to be read.
            (recipient, _) => {
                let (key, whose, role) = match recipient {
                    Recipient::Host(_, staff) | Recipient::Staff(staff, _) => {
                        (staff.to_string(), ledger.name(staff), "hosted it before")
                    }
                    Recipient::Attendee(_, id) => {
                        (id.to_string(), "Somebody taken off".to_owned(), "no longer attends")
                    }
                };
                LinkLine { key, whose, role, messages: ledger.of(&of.messages), ..LinkLine::default() }
            }
        });
    }
    // The host first, as on the rest of the page.
    people.sort_by_key(|line| line.key != "staff");
    Ok(LinksView {
        id: appointment.id.to_string(),
        now: wall.now.as_millis(),
        rate: app.ambient.clock_rate(),
        note: ways.obstacle.clone(),
        icon: ways.icon(),
        people,
    })
}

/// What the attendee did with the link, as sentences.
fn told(of: &LedgerOf, presses: &[Timestamp], wall: &Wall) -> String {
    let time = |at| wall.time_seen_from(wall.today(), at);
    let opened =
        of.opened_at.map_or_else(|| "Not opened yet.".to_owned(), |at| format!("First opened {}.", time(at)));
    let presses: Vec<String> = presses.iter().map(|&at| time(at)).collect();
    if presses.is_empty() { opened } else { format!("{opened} Join pressed {}.", words::list(&presses)) }
}

/// Whether it may be said again; what was said of a moment that has gone is not.
fn is_lasting(occasion: Occasion) -> bool {
    !matches!(occasion, Occasion::Cancelled | Occasion::Late | Occasion::Recovery | Occasion::Alert)
}

/// Draws the messages of the ledger.
struct Lines<'a> {
    appointment: &'a Appointment,
    names: HashMap<StaffId, &'a StaffMember>,
    wall: &'a Wall,
    can_resend: bool,
}

impl Lines<'_> {
    /// Every message, the newest first; the newest of each way can be sent once more.
    fn of(&self, messages: &[Message]) -> Vec<MessageLine> {
        let mut offered: Vec<Channel> = Vec::new();
        (messages.iter().rev())
            .map(|message| {
                let again = self.can_be_sent_again(message) && !offered.contains(&message.channel);
                // A newer one that waits, or was sent, is what there is to be sent again.
                if is_lasting(message.occasion) {
                    offered.push(message.channel);
                }
                self.line(message, again)
            })
            .collect()
    }

    fn can_be_sent_again(&self, message: &Message) -> bool {
        let is_over =
            matches!(message.state, MessageState::Sent | MessageState::Delivered | MessageState::Failed);
        let of_another = matches!(message.to, Recipient::Host(_, staff) if staff != self.appointment.host);
        self.can_resend && is_over && is_lasting(message.occasion) && !of_another
    }

    fn line(&self, message: &Message, again: bool) -> MessageLine {
        let (look, state) = ledger::standing(message.state);
        let time = |at| self.wall.time_seen_from(self.wall.today(), at);
        let at = match message.state {
            MessageState::Sent => message.sent_at.unwrap_or(message.changed_at),
            _ => message.changed_at,
        };
        MessageLine {
            resend: again.then(|| message.id.to_string()),
            look,
            state,
            at: time(at),
            what: ledger::what(message),
            by: match message.asked_by {
                Some(StaffOrToken::Staff(staff)) => format!("by {}", self.name(staff)),
                Some(StaffOrToken::Token(_)) => "by a program".to_owned(),
                None => "by itself".to_owned(),
            },
            why: message.reason.as_deref().map(ledger::why).unwrap_or_default(),
        }
    }

    fn name(&self, staff: StaffId) -> String {
        self.names.get(&staff).map_or_else(|| "somebody".to_owned(), |one| words::isolated(one.name.as_str()))
    }
}
