//! What the ladder says, as the desk would put it.

mod decided;
mod linked;
mod looks;
mod named;
mod only_one_due;
mod pressed;
mod properties;
mod rejoined;
mod ripened;
mod telephone;
mod vouched;

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{
    ladder::{Answer, Evidence, Invited, climb},
    looks::next_look,
    *,
};
use crate::{
    attendance::{
        event::{Person, RoomEvent, What},
        fold::{Visit, fold},
        presence::Who,
    },
    clinic::Zone,
    id::Id,
    text::{ExternalId, Name, Phone},
};

const START: Timestamp = Timestamp::from_seconds(1_795_442_400);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(START.as_micros() + seconds * 1_000_000)
}

fn zone() -> Zone {
    Zone::parse("America/Chicago").unwrap()
}

fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

/// A room: appointments at seconds from the start, presses, and arrivals that stay until they leave.
#[derive(Clone, Debug, Default)]
struct Scene {
    invited: Vec<Invited>,
    presses: Vec<Press>,
    doubted: BTreeSet<PressId>,
    events: Vec<RoomEvent>,
    decisions: Vec<Decision>,
    registrations: Vec<Registration>,
    invites: Vec<Invite>,
    looks: Vec<Timestamp>,
    staff: Vec<String>,
}

impl Scene {
    fn due(mut self, number: u128, name: &str, starts: i64) -> Self {
        self.invited.push(Invited {
            appointment: id(number),
            attendee: id(number),
            person: ExternalId::parse(&format!("p{number}")).unwrap(),
            name: Name::parse(name).unwrap(),
            starts_at: at(starts),
            ends_at: at(starts + 1_800),
            phone: None,
            expected: true,
        });
        self
    }

    /// All who are due come to one appointment.
    fn together(mut self) -> Self {
        for invited in &mut self.invited {
            invited.appointment = id(1);
        }
        self
    }

    fn pressed_from(mut self, number: u128, seconds: i64, address: &str) -> Self {
        self = self.presses(number, seconds);
        if let Some(press) = self.presses.last_mut() {
            press.client_address = Some(address.parse().unwrap());
        }
        self
    }

    /// The attendee is registered under an id that bears their number; nobody's is number 0.
    fn registers(mut self, number: u128, registrant: &str) -> Self {
        self.registrations.push(Registration {
            id: id(self.registrations.len() as u128),
            clinic_id: id(0),
            room_id: id(0),
            meeting_number: 1,
            registrant_id: registrant.to_owned(),
            whose: (number > 0).then(|| (id(number), id(number))),
            at: at(0),
        });
        self
    }

    /// The attendee's link presets this name.
    fn presets(mut self, number: u128, name: &str) -> Self {
        self.invites.push(Invite {
            id: id(self.invites.len() as u128),
            clinic_id: id(0),
            room_id: id(0),
            appointment_id: id(number),
            attendee_id: id(number),
            name: name.to_owned(),
            at: at(-60),
            until: at(7_200),
        });
        self
    }

    /// Every event of this user tells something more.
    fn tells(mut self, user: u128, more: impl Fn(&mut Person)) -> Self {
        let people = self.events.iter_mut().filter_map(|event| event.person.as_mut());
        people.filter(|person| person.user_id.as_deref() == Some(&user.to_string())).for_each(more);
        self
    }

    fn registered_as(self, user: u128, registrant: &str) -> Self {
        self.tells(user, |person| person.registrant_id = Some(registrant.to_owned()))
    }

    fn from(self, user: u128, address: &str) -> Self {
        self.tells(user, |person| person.public_ip = Some(address.to_owned()))
    }

    /// Somebody looked at the room, and nothing more had been heard.
    fn looked(mut self, seconds: i64) -> Self {
        self.looks.push(at(seconds));
        self
    }

    fn presses(mut self, number: u128, seconds: i64) -> Self {
        self.presses.push(Press {
            id: id(self.presses.len() as u128),
            clinic_id: id(0),
            appointment_id: id(number),
            attendee_id: id(number),
            room_id: id(0),
            at: at(seconds),
            client_address: None,
            from_page: true,
        });
        self
    }

    /// A press that a scanner of mail may have made.
    fn may_press(self, number: u128, seconds: i64) -> Self {
        let mut story = self.presses(number, seconds);
        story.doubted.extend(story.presses.last().map(|press| press.id));
        story
    }

    fn event(mut self, user: u128, name: &str, seconds: i64, what: What) -> Self {
        self.events.push(RoomEvent {
            delivery: id(self.events.len() as u128 + 1),
            at: at(seconds),
            what,
            instance: Some("A".into()),
            person: Some(Person {
                user_id: Some(user.to_string()),
                name: Some(name.to_owned()).filter(|name| !name.is_empty()),
                ..Person::default()
            }),
        });
        self
    }

    /// Somebody enters the waiting room.
    fn comes(self, user: u128, name: &str, seconds: i64) -> Self {
        self.event(user, name, seconds, What::JoinedWaitingRoom)
    }

    fn goes(self, user: u128, name: &str, seconds: i64) -> Self {
        self.event(user, name, seconds, What::LeftWaitingRoom)
    }

    fn decided(mut self, user: u128, seconds: i64, verdict: Verdict) -> Self {
        let presence_id = self.visit(user).id;
        self.decisions.push(Decision {
            id: id(self.decisions.len() as u128),
            clinic_id: id(0),
            room_id: id(0),
            presence_id,
            verdict,
            decided_by: StaffOrToken::Staff(id(0)),
            at: at(seconds),
        });
        self
    }

    fn visits(&self) -> Vec<(Visit, Who)> {
        let staff = |visit: &Visit| visit.names.iter().any(|name| self.staff.contains(name));
        fold(&self.events, &[])
            .into_iter()
            .map(|visit| {
                let who = if staff(&visit) { Who::Staff } else { Who::Visitor };
                (visit, who)
            })
            .collect()
    }

    fn visit(&self, user: u128) -> Visit {
        let first = self
            .events
            .iter()
            .find(|event| event.person.as_ref().unwrap().user_id.as_deref() == Some(&user.to_string()))
            .unwrap()
            .delivery;
        self.visits()
            .into_iter()
            .map(|(visit, _)| visit)
            .find(|visit| visit.evidence.contains(&first))
            .unwrap()
    }

    fn ask<R>(&self, question: impl FnOnce(&Evidence<'_>) -> R) -> R {
        let (visits, zone) = (self.visits(), zone());
        question(&Evidence {
            visits: &visits,
            invited: &self.invited,
            presses: &self.presses,
            doubted: &self.doubted,
            registrations: &self.registrations,
            invites: &self.invites,
            looks: &self.looks,
            decisions: &self.decisions,
            zone: &zone,
        })
    }

    fn answers(&self) -> BTreeMap<PresenceId, Answer> {
        self.ask(climb)
    }

    fn answer(&self, user: u128) -> Answer {
        self.answers().remove(&self.visit(user).id).expect("everybody gets an answer")
    }

    /// When time alone would change an answer, in seconds.
    fn next_look(&self) -> Option<i64> {
        let next = self.ask(|evidence| next_look(evidence, &climb(evidence)));
        next.map(|at| at.as_seconds() - START.as_seconds())
    }

    /// Who somebody is taken for, and how surely.
    fn is(&self, user: u128) -> Option<(AttendeeId, Level)> {
        self.answer(user).matched.map(|matched| (matched.attendee, matched.level))
    }

    fn candidates(&self, user: u128) -> Vec<AttendeeId> {
        self.answer(user).candidates.into_iter().map(|candidate| candidate.attendee).collect()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "stands for what the scene answers")]
fn certainly(number: u128) -> Option<(AttendeeId, Level)> {
    Some((id(number), Level::Certain))
}

#[expect(clippy::unnecessary_wraps, reason = "stands for what the scene answers")]
fn probably(number: u128) -> Option<(AttendeeId, Level)> {
    Some((id(number), Level::Probable))
}

fn two_due() -> Scene {
    Scene::default().due(1, "Rosa Delgado", 600).due(2, "Tom Reyes", 1_200)
}
