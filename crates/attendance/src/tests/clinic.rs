//! A clinic with one clinician and a room, an inbox to fill, and a clock that stands still.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    Ambient, AppointmentId, AttendeeId, ClinicId, RoomId, StaffId, Timestamp,
    ambient::{ManualClock, Randomness as _, SeededRandomness},
    appointment::{Appointment, Attendee, Consent, Kind, Status},
    attendance::{
        matching::{Level, Press},
        presence::Presence,
    },
    clinic::{Clinic, Zone},
    room::{Room, RoomKind},
    staff::{Role, StaffMember},
    text::{Email, ExternalId, Name},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::{
    StoreError,
    ports::inbox::{DeliverySource, NewDelivery},
    testing::{Engine, sqlite},
};

use crate::{Attendance, Board, Deauthorized, ZoomRecord, board::AttendeeStatus};

/// Monday morning at the clinic.
pub const NOW: &str = "2026-11-23T16:00:00Z";
pub const ACCOUNT: &str = "Kx3mQvTtR5aZ1LwYbN0cGg";
pub const HOST: &str = "pV8sJ2nXQ7m4dT0uHrBkEw";
pub const NUMBER: i64 = 86_720_014_455;

/// Notes which users took the app away.
#[derive(Clone, Default)]
pub struct Zoom(pub Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Deauthorized for Zoom {
    async fn deauthorized(
        &self,
        user: &str,
        _account: &str,
        _at: Timestamp,
    ) -> Result<Option<ClinicId>, StoreError> {
        self.0.lock().unwrap().push(user.to_owned());
        Ok(None)
    }

    fn is_our_app(&self, client_id: &str) -> bool {
        client_id == "c"
    }
}

pub struct TestClinic {
    pub engine: Engine,
    pub ambient: Ambient,
    pub clock: Arc<ManualClock>,
    pub zoom: Zoom,
    pub attendance: Attendance,
    pub clinic: ClinicId,
    pub host: StaffId,
    pub room: RoomId,
}

/// What a delivery says of a person.
pub fn named(user_id: &str, name: &str) -> Value {
    json!({ "user_id": user_id, "user_name": name, "id": "", "participant_user_id": "", "email": "" })
}

pub fn osei(user_id: &str) -> Value {
    json!({ "user_id": user_id, "user_name": "Dr. Amara Osei", "id": HOST, "email": "a.osei@clinic.example" })
}

impl TestClinic {
    pub async fn open() -> Self {
        Self::on(sqlite().await).await
    }

    pub async fn on(engine: Engine) -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        let (ambient, clock) = Ambient::manual(now, 7);
        let (clinic, host, room) = (ambient.id(), ambient.id(), ambient.id());
        let mut tx = engine.store.begin().await.unwrap();
        tx.insert_clinic(&Clinic {
            id: clinic,
            name: Name::parse("Riverside Counseling").unwrap(),
            zone: Zone::parse("America/Chicago").unwrap(),
            created_at: now,
        })
        .await
        .unwrap();
        let member = StaffMember {
            id: host,
            clinic_id: clinic,
            name: Name::parse("Dr. Amara Osei").unwrap(),
            email: Email::parse("a.osei@clinic.example").unwrap(),
            phone: None,
            external_id: None,
            roles: [Role::Staff].into(),
            disabled_at: None,
            created_at: now,
        };
        tx.insert_staff(clinic, &member).await.unwrap();
        let own = Room {
            id: room,
            clinic_id: clinic,
            staff_id: host,
            kind: RoomKind::Open,
            meeting_number: NUMBER,
            zoom_user_id: HOST.into(),
            zoom_account_id: ACCOUNT.into(),
            checked_at: now,
            created_at: now,
        };
        tx.insert_room(&own, b"sealed").await.unwrap();
        tx.commit().await.unwrap();
        let zoom = Zoom::default();
        let attendance = Attendance::new(engine.store.clone(), ambient.clone(), zoom.clone());
        Self { engine, ambient, clock, zoom, attendance, clinic, host, room }
    }

    #[expect(clippy::unused_self, reason = "every clinic of these stories has the same clock")]
    pub fn at(&self, seconds: i64) -> Timestamp {
        let now: Timestamp = NOW.parse().unwrap();
        Timestamp::from_micros(now.as_micros() + seconds * 1_000_000)
    }

    /// Somebody else of the staff, who has not connected Zoom.
    pub async fn colleague(&self, called: &str, email: &str) -> StaffId {
        let colleague = StaffMember {
            id: self.ambient.id(),
            clinic_id: self.clinic,
            name: Name::parse(called).unwrap(),
            email: Email::parse(email).unwrap(),
            phone: None,
            external_id: None,
            roles: [Role::Staff].into(),
            disabled_at: None,
            created_at: self.ambient.now(),
        };
        let mut tx = self.engine.store.begin().await.unwrap();
        tx.insert_staff(self.clinic, &colleague).await.unwrap();
        tx.commit().await.unwrap();
        colleague.id
    }

    /// They connect Zoom, and have a room from then on.
    pub async fn connect(&self, colleague: StaffId, zoom_user_id: &str) {
        let room = Room {
            id: self.ambient.id(),
            clinic_id: self.clinic,
            staff_id: colleague,
            kind: RoomKind::Open,
            meeting_number: NUMBER + 1,
            zoom_user_id: zoom_user_id.to_owned(),
            zoom_account_id: ACCOUNT.into(),
            checked_at: self.ambient.now(),
            created_at: self.ambient.now(),
        };
        let mut tx = self.engine.store.begin().await.unwrap();
        tx.insert_room(&room, b"sealed").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Books an appointment of half an hour that starts so many seconds from the beginning of the story.
    pub async fn book(&self, starts: i64, names: &[&str]) -> Booked {
        let id: AppointmentId = self.ambient.id();
        let attendees: Vec<Attendee> = names
            .iter()
            .enumerate()
            .map(|(number, name)| Attendee {
                id: self.ambient.id(),
                external_id: ExternalId::parse(&format!("p{number}")).unwrap(),
                name: Name::parse(name).unwrap(),
                email: None,
                phone: None,
                consent: Consent::default(),
                language: None,
            })
            .collect();
        let appointment = Appointment {
            id,
            clinic_id: self.clinic,
            external_id: ExternalId::parse(&id.to_string()).unwrap(),
            starts_at: self.at(starts),
            ends_at: self.at(starts + 1_800),
            host: self.host,
            kind: Kind::Telehealth,
            status: Status::Booked,
            booked_as: domain::telehealth::Booked::default(),
            revision: 0,
            attendees,
            created_at: self.at(-86_400),
            updated_at: self.at(-86_400),
        };
        let mut tx = self.engine.store.begin().await.unwrap();
        tx.put_appointment(self.clinic, &appointment).await.unwrap();
        tx.commit().await.unwrap();
        Booked(appointment)
    }

    /// Somebody presses Join on the attendee's page.
    pub async fn press(&self, booked: &Booked, attendee: usize, seconds: i64) {
        self.pressed(booked, attendee, seconds, true).await;
    }

    /// Something follows the link to Join without having loaded the page.
    pub async fn follow(&self, booked: &Booked, attendee: usize, seconds: i64) {
        self.pressed(booked, attendee, seconds, false).await;
    }

    async fn pressed(&self, booked: &Booked, attendee: usize, seconds: i64, from_page: bool) {
        let press = Press {
            id: self.ambient.id(),
            clinic_id: self.clinic,
            appointment_id: booked.0.id,
            attendee_id: booked.attendee(attendee),
            room_id: self.room,
            at: self.at(seconds),
            client_address: None,
            from_page,
        };
        let mut tx = self.engine.store.begin().await.unwrap();
        tx.insert_press(&press).await.unwrap();
        tx.commit().await.unwrap();
        self.attendance.reconsider(self.clinic, self.room, press.at).await.unwrap();
    }

    /// A delivery of Zoom about somebody in the room.
    pub fn body(&self, event: &str, seconds: i64, person: &Value) -> Value {
        let at = self.at(seconds).to_string();
        let time = match event {
            "participant_joined" => "join_time",
            "participant_left" => "leave_time",
            _ => "date_time",
        };
        let mut person = person.clone();
        person[time] = json!(at);
        let mut object = json!({
            "id": NUMBER.to_string(), "uuid": "q7YcT1mZQ0WnHk2Jv+8RbA==", "host_id": HOST, "topic": "Visits",
            "type": 3, "duration": 60, "timezone": "America/Chicago",
        });
        match event {
            "started" => object["start_time"] = json!(at),
            "ended" => object["end_time"] = json!(at),
            _ => object["participant"] = person,
        }
        json!({
            "event": format!("meeting.{event}"),
            "event_ts": self.at(seconds).as_millis() + 508,
            "payload": { "account_id": ACCOUNT, "object": object },
        })
    }

    /// Puts a body into the inbox, as the receiver does.
    pub async fn deliver_body(&self, body: &str) {
        self.clock.advance(Duration::from_millis(1));
        let mut digest = [0; 16];
        digest.copy_from_slice(&Sha256::digest(body)[..16]);
        let told_at = serde_json::from_str::<Value>(body).ok().and_then(|body| body["event_ts"].as_i64());
        let now = self.ambient.now();
        let delivery = NewDelivery {
            id: self.ambient.id(),
            source: DeliverySource::Webhook,
            // A whole day may be told without the clock's being moved for each event.
            received_at: told_at.map_or(now, |at| now.max(Timestamp::from_millis(at))),
            event_ts: 0,
            digest,
            event: "x".into(),
            late: false,
            body: body.to_owned(),
        };
        self.engine.store.keep_deliveries(&[delivery]).await.unwrap();
    }

    /// Delivers and applies one event.
    pub async fn says(&self, event: &str, seconds: i64, person: Value) {
        self.deliver_body(&self.body(event, seconds, &person).to_string()).await;
        self.apply_all().await;
    }

    /// A row of Zoom's record: somebody was in the meeting or in the waiting room.
    pub fn row(&self, user_id: &str, name: &str, place: &str, stay: std::ops::Range<i64>) -> Value {
        json!({
            "id": if user_id == "host" { HOST } else { "" }, "user_id": user_id, "name": name, "user_email": "",
            "registrant_id": "", "status": place, "internal_user": false,
            "join_time": self.at(stay.start).to_string(), "leave_time": self.at(stay.end).to_string(),
        })
    }

    /// Keeps a record of the running that the deliveries speak of, and applies it. Whether it was new.
    pub async fn record(&self, ended: i64, participants: Vec<Value>) -> bool {
        let room =
            self.engine.store.read().await.unwrap().room(self.clinic, self.room).await.unwrap().unwrap();
        let record = ZoomRecord {
            uuid: "q7YcT1mZQ0WnHk2Jv+8RbA==".to_owned(),
            start_time: None,
            end_time: Some(self.at(ended)),
            participants,
        };
        self.clock.set(self.ambient.now().plus(Duration::from_millis(1)).max(self.at(ended + 600)));
        let is_new = self.attendance.keep_record(&room, &record).await.unwrap();
        self.apply_all().await;
        is_new
    }

    pub async fn apply_all(&self) {
        while self.attendance.apply_pending().await.unwrap() > 0 {}
    }

    pub async fn board(&self) -> Board {
        self.attendance.board(self.clinic, None).await.unwrap()
    }

    /// How it stands with an attendee, and how sure that is.
    pub async fn status(&self, booked: &Booked, attendee: usize) -> (AttendeeStatus, Option<Level>) {
        let board = self.board().await;
        let row = board.appointments.iter().find(|row| row.id == booked.0.id).unwrap();
        let row = row.attendees.iter().find(|row| row.id == booked.attendee(attendee)).unwrap();
        (row.status, row.matched.as_ref().map(|matched| matched.level))
    }

    pub async fn presences(&self) -> Vec<Presence> {
        let mut tx = self.engine.store.read().await.unwrap();
        tx.presences(self.clinic, self.at(-86_400)..self.at(86_400)).await.unwrap()
    }

    /// What became of the deliveries, in order, as far as can be asked: the events that were kept.
    pub async fn events(&self) -> usize {
        let mut tx = self.engine.store.read().await.unwrap();
        tx.room_events(self.clinic, self.room, self.at(-86_400)..self.at(86_400)).await.unwrap().len()
    }

    pub async fn verify(&self) -> Vec<String> {
        self.attendance.rebuild(None, true).await.unwrap().differences
    }
}

/// A booked appointment.
pub struct Booked(pub Appointment);

impl Booked {
    pub fn attendee(&self, number: usize) -> AttendeeId {
        self.0.attendees[number].id
    }
}

/// An id that names nothing.
pub fn nothing<I: domain::id::Id>() -> I {
    I::from_uuid("01935a5a-7000-7000-8000-00000000dead".parse().unwrap())
}

/// Numbers that look random and are the same for the same seed.
pub struct Dice(SeededRandomness);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(SeededRandomness::new(seed))
    }

    /// From 0 to just below the number of sides.
    pub fn below(&self, sides: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % u64::try_from(sides).unwrap()).unwrap()
    }

    pub fn shuffle<T>(&self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
