//! Meetings whose truth is known: who came, was let in, was sent back, dropped, came back and went; what Zoom tells of it
//! in one of its ways, and what its record says.

use super::{chance::Chance, *};

/// What is unsettled about how Zoom tells it.
#[expect(clippy::struct_excessive_bools, reason = "each is a question that Zoom leaves open")]
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    pub id_is_kept: bool,
    pub admitted_as_in_meeting: bool,
    pub leaves_waiting_room_on_admission: bool,
    pub joins_waiting_room_when_sent_back: bool,
    pub leaves_when_sent_back: bool,
    pub leaves_at_the_end: bool,
    pub waits_elsewhere_before_start: bool,
    /// Whether the record has the ids of the deliveries.
    pub ids_in_record: bool,
    pub waiting_in_record: bool,
}

/// One meeting, from the outside.
#[derive(Debug)]
pub(super) struct Day {
    pub ways: Ways,
    /// In the order in which it happened.
    pub events: Vec<RoomEvent>,
    /// Whole and exact.
    pub rows: Vec<RecordedStay>,
    /// Who was in the meeting when, in seconds, in order.
    pub in_session: Vec<(String, i64, i64)>,
    pub ends_at: i64,
    ids: u32,
}

const NAMES: [&str; 4] = ["Rosa Delgado", "Tom Reyes", "iPhone", "Ana Prado"];

impl Day {
    pub(super) fn new(chance: &mut Chance) -> Self {
        let ways = Ways {
            id_is_kept: chance.one_in(2),
            admitted_as_in_meeting: chance.one_in(2),
            leaves_waiting_room_on_admission: chance.one_in(2),
            joins_waiting_room_when_sent_back: chance.one_in(2),
            leaves_when_sent_back: chance.one_in(2),
            leaves_at_the_end: chance.one_in(2),
            waits_elsewhere_before_start: chance.one_in(2),
            ids_in_record: chance.one_in(2),
            waiting_in_record: chance.one_in(2),
        };
        let ends_at = chance.within(600..3_000);
        let mut day = Self {
            ways,
            events: Vec::new(),
            rows: Vec::new(),
            in_session: Vec::new(),
            ends_at,
            ids: 16_778_240,
        };
        let start = chance.within(20..200);
        day.tell(start, What::MeetingStarted, "", "");
        let host = day.new_id();
        let goes_on_until = day.meets(chance, "Dr Osei", &host, start + 1);
        assert!(goes_on_until <= day.ends_at);
        let people = 1 + chance.below(NAMES.len());
        for name in &NAMES[..people] {
            let mut at = chance.within(0..300);
            for _ in 0..=chance.below(3) {
                at = day.comes(chance, name, at, start) + chance.within(10..200);
                if at + 60 > day.ends_at {
                    break;
                }
            }
        }
        day.tell(ends_at, What::MeetingEnded, "", "");
        day.events.sort_by(by_meaning);
        for (number, event) in day.events.iter_mut().enumerate() {
            event.delivery = delivery(number as u128);
        }
        day.in_session.sort();
        day
    }

    fn new_id(&mut self) -> String {
        self.ids += 1_024;
        self.ids.to_string()
    }

    fn tell(&mut self, at: i64, what: What, name: &str, user_id: &str) {
        let meeting = matches!(what, What::MeetingStarted | What::MeetingEnded);
        let person = Person { is_host: name == "Dr Osei", ..named(user_id, name) };
        self.events.push(RoomEvent {
            delivery: delivery(0),
            at: super::at(at),
            what,
            instance: Some("A".to_owned()),
            person: (!meeting).then_some(person),
        });
    }

    fn record(&mut self, kind: StayKind, name: &str, user_id: &str, from: i64, to: i64) {
        if kind == StayKind::Waiting && !self.ways.waiting_in_record {
            return;
        }
        let number = self.rows.len() as u128;
        self.rows.push(RecordedStay {
            user_id: Some(user_id.to_owned()).filter(|_| self.ways.ids_in_record),
            is_host: name == "Dr Osei",
            ..row(number, kind, name, from, to)
        });
    }

    /// Waits, and maybe is let in. When they are gone.
    fn comes(&mut self, chance: &mut Chance, name: &str, at: i64, start: i64) -> i64 {
        let waits_as = self.new_id();
        self.tell(at, What::JoinedWaitingRoom, name, &waits_as);
        if at < start && self.ways.waits_elsewhere_before_start {
            self.events.last_mut().unwrap().instance = Some("before".to_owned());
        }
        if chance.one_in(6) {
            let gone = at + chance.within(10..100);
            self.tell(gone, What::LeftWaitingRoom, name, &waits_as);
            self.record(StayKind::Waiting, name, &waits_as, at, gone);
            return gone;
        }
        let admitted = at.max(start) + chance.within(5..120);
        self.is_let_in(chance, name, &waits_as, at, admitted)
    }

    fn is_let_in(&mut self, chance: &mut Chance, name: &str, waits_as: &str, since: i64, at: i64) -> i64 {
        let at = at.min(self.ends_at - 40);
        let meets_as = if self.ways.id_is_kept { waits_as.to_owned() } else { self.new_id() };
        let admitted_as = if self.ways.admitted_as_in_meeting { meets_as.as_str() } else { waits_as };
        self.tell(at, What::Admitted, name, admitted_as);
        if self.ways.leaves_waiting_room_on_admission {
            self.tell(at, What::LeftWaitingRoom, name, waits_as);
        }
        self.record(StayKind::Waiting, name, waits_as, since, at);
        let joined = at + chance.within(1..10);
        self.meets(chance, name, &meets_as, joined)
    }

    /// Is in the meeting from then on. When they are gone.
    fn meets(&mut self, chance: &mut Chance, name: &str, meets_as: &str, from: i64) -> i64 {
        self.tell(from, What::Joined, name, meets_as);
        let to = from + chance.within(20..900);
        let stays = to + 60 > self.ends_at;
        let to = if stays { self.ends_at } else { to };
        self.record(StayKind::InSession, name, meets_as, from, to);
        self.in_session.push((name.to_owned(), from, to));
        if stays || name == "Dr Osei" || chance.one_in(2) {
            if !stays || self.ways.leaves_at_the_end {
                self.tell(to, What::Left, name, meets_as);
            }
            return to;
        }
        self.tell(to, What::PutInWaitingRoom, name, meets_as);
        if self.ways.leaves_when_sent_back {
            self.tell(to, What::Left, name, meets_as);
        }
        let waits_as = self.new_id();
        if self.ways.joins_waiting_room_when_sent_back {
            self.tell(to, What::JoinedWaitingRoom, name, &waits_as);
        }
        let admitted = to + chance.within(5..60);
        self.is_let_in(chance, name, &waits_as, to, admitted)
    }
}
