//! A clinic with one of everything, so that a test can say only what it is about.

#[path = "further.rs"]
pub mod further;
#[path = "handed_out.rs"]
pub mod handed_out;
#[path = "watched.rs"]
pub mod watched;

use std::time::Duration;

use domain::{
    Ambient, AppointmentId, AttendeeId, ClinicId, RoomId, StaffId, Timestamp,
    appointment::{Appointment, Attendee, Consent, Kind, Status},
    attendance::{
        event::{Person, RoomEvent, What},
        matching::{Candidate, DecidedBy, Decision, Level, Match, Press, StaffOrToken, Verdict},
        presence::{Presence, Whereabouts, Who},
        stay::{Source, Stay, StayKind},
    },
    clinic::{Clinic, Zone},
    room::{Connection, ConnectionState, Room, RoomKind},
    staff::{Role, StaffMember},
    text::{Email, ExternalId, Name, Phone},
};
use store::{
    Store, Tx,
    ports::{
        access::{ApiToken, OAuthFlow, SealedTokens, Session, SignInLink},
        inbox::{DeliverySource, NewDelivery},
        links::{Link, LinkFor},
    },
};

/// Monday, 23 November 2026, 14:00 UTC.
pub const NOW: Timestamp = Timestamp::from_seconds(1_795_442_400);

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(NOW.as_micros() + seconds * 1_000_000)
}

/// The whole of time, as far as these tests go.
pub fn always() -> std::ops::Range<Timestamp> {
    at(-1_000_000)..at(1_000_000)
}

pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub fn external(text: &str) -> ExternalId {
    ExternalId::parse(text).unwrap()
}

/// One clinic with a host, a colleague, a connection, a room, an appointment of two attendees, and one of every
/// other thing.
pub struct World {
    pub ambient: Ambient,
    pub clinic: ClinicId,
    pub host: StaffMember,
    pub colleague: StaffMember,
    pub connection: Connection,
    pub tokens: SealedTokens,
    pub room: Room,
    pub appointment: Appointment,
    pub attendee: AttendeeId,
    pub link: Link,
    pub room_link: Link,
    pub press: Press,
    pub presence: Presence,
    pub event: RoomEvent,
    pub decision: Decision,
    pub session: Session,
    pub sign_in_link: SignInLink,
    pub api_token: ApiToken,
    pub flow: OAuthFlow,
    pub further: further::Further,
    pub handed_out: handed_out::HandedOut,
    pub watched: watched::Watched,
}

pub fn clinic(ambient: &Ambient, called: &str) -> Clinic {
    Clinic {
        id: ambient.id(),
        name: name(called),
        zone: Zone::parse("America/Chicago").unwrap(),
        created_at: NOW,
    }
}

pub fn member(ambient: &Ambient, clinic: ClinicId, called: &str, email: &str) -> StaffMember {
    StaffMember {
        id: ambient.id(),
        clinic_id: clinic,
        name: name(called),
        email: Email::parse(email).unwrap(),
        phone: None,
        external_id: None,
        roles: [Role::Staff].into(),
        disabled_at: None,
        created_at: NOW,
    }
}

pub fn connection(ambient: &Ambient, clinic: ClinicId, staff: StaffId, zoom_user: &str) -> Connection {
    Connection {
        id: ambient.id(),
        clinic_id: clinic,
        staff_id: staff,
        zoom_user_id: zoom_user.into(),
        zoom_account_id: "account".into(),
        zoom_email: "osei@zoom.example".into(),
        zoom_plan: 2,
        state: ConnectionState::Connected,
        trouble: None,
        checked_at: NOW,
        created_at: NOW,
    }
}

pub fn tokens(connection: &Connection) -> SealedTokens {
    SealedTokens {
        connection_id: connection.id,
        access: vec![0, 255, 1],
        refresh: vec![],
        access_expires_at: at(3600),
        scopes: "meeting:read user:read".into(),
        refreshed_at: NOW,
    }
}

pub fn room(ambient: &Ambient, clinic: ClinicId, staff: StaffId, meeting_number: i64) -> Room {
    Room {
        id: ambient.id(),
        clinic_id: clinic,
        staff_id: staff,
        kind: RoomKind::Open,
        meeting_number,
        zoom_user_id: "zoom-user".into(),
        zoom_account_id: "account".into(),
        checked_at: NOW,
        created_at: NOW,
    }
}

pub fn attendee(ambient: &Ambient, external_id: &str, called: &str) -> Attendee {
    Attendee {
        id: ambient.id(),
        external_id: external(external_id),
        name: name(called),
        email: Some(Email::parse("rosa@home.example").unwrap()),
        phone: Some(Phone::parse("+15550100123").unwrap()),
        consent: Consent { email: true, sms: false },
        language: None,
    }
}

/// One that starts so many seconds after [`NOW`] and takes half an hour.
pub fn appointment(
    ambient: &Ambient,
    clinic: ClinicId,
    host: StaffId,
    external_id: &str,
    starts: i64,
) -> Appointment {
    Appointment {
        id: ambient.id(),
        clinic_id: clinic,
        external_id: external(external_id),
        starts_at: at(starts),
        ends_at: at(starts).plus(Duration::from_mins(30)),
        host,
        kind: Kind::Telehealth,
        status: Status::Booked,
        booked_as: domain::telehealth::Booked::default(),
        revision: 0,
        attendees: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
    }
}

pub fn link(ambient: &Ambient, clinic: ClinicId, link_for: LinkFor) -> Link {
    Link {
        id: ambient.id(),
        clinic_id: clinic,
        link_for,
        token_hash: ambient.bytes(),
        token_sealed: vec![9, 0, 9],
        created_at: NOW,
        opened_at: None,
        revoked_at: None,
    }
}

pub fn event(ambient: &Ambient, seconds: i64) -> RoomEvent {
    RoomEvent {
        delivery: ambient.id(),
        at: at(seconds),
        what: What::JoinedWaitingRoom,
        instance: Some("uuid==".into()),
        person: Some(Person { name: Some("Rosa\u{0}\" D'Angelo 🌻".into()), ..Person::default() }),
    }
}

pub fn presence(ambient: &Ambient, clinic: ClinicId, room: RoomId, seconds: i64) -> Presence {
    Presence {
        id: ambient.id(),
        clinic_id: clinic,
        room_id: room,
        who: Who::Visitor,
        staff_id: None,
        shown_name: Some("Rosa's iPad \"🌻\"".into()),
        first_at: at(seconds),
        whereabouts: Whereabouts::Waiting,
        since: at(seconds),
        stays: vec![Stay {
            kind: StayKind::Waiting,
            from: at(seconds),
            to: None,
            from_source: Source::Webhook,
            to_source: None,
            evidence: vec![ambient.id(), ambient.id()],
        }],
        matched: None,
        candidates: Vec::new(),
    }
}

pub fn matched(appointment: AppointmentId, attendee: AttendeeId) -> Match {
    Match {
        appointment,
        attendee,
        level: Level::Probable,
        reasons: vec!["The only one due".into()],
        decided_by: DecidedBy::Rule,
    }
}

pub fn delivery(ambient: &Ambient, event_ts: i64, body: &str) -> NewDelivery {
    NewDelivery {
        id: ambient.id(),
        source: DeliverySource::Webhook,
        received_at: ambient.now(),
        event_ts,
        digest: ambient.bytes(),
        event: "meeting.participant_joined".into(),
        late: false,
        body: body.into(),
    }
}

impl World {
    /// Puts a clinic with one of everything into the store. `seed` keeps two of them apart.
    pub async fn put(store: &dyn Store, seed: u64) -> Self {
        let ambient = Ambient::manual(NOW, seed).0;
        let clinic = clinic(&ambient, &format!("Clinic {seed}"));
        let mut host = member(&ambient, clinic.id, "Ama Osei", &format!("osei@{seed}.example"));
        host.external_id = Some(external("host"));
        let colleague = member(&ambient, clinic.id, "Bo Li", &format!("li@{seed}.example"));
        let connection = connection(&ambient, clinic.id, host.id, &format!("zoom-user-{seed}"));
        let room = room(&ambient, clinic.id, host.id, 90_000_000_000 + i64::try_from(seed).unwrap());
        let mut appointment = appointment(&ambient, clinic.id, host.id, "appointment", 0);
        appointment.attendees =
            vec![attendee(&ambient, "rosa", "Rosa Delgado"), attendee(&ambient, "son", "Łukasz Żak")];
        let attendee = appointment.attendees[0].id;
        let mut presence = presence(&ambient, clinic.id, room.id, 0);
        presence.matched = Some(matched(appointment.id, attendee));
        presence.candidates = vec![Candidate {
            appointment: appointment.id,
            attendee,
            level: Level::Ambiguous,
            reasons: vec!["Due now".into()],
        }];
        let world = Self {
            clinic: clinic.id,
            tokens: tokens(&connection),
            link: link(&ambient, clinic.id, LinkFor::Attendee(appointment.id, attendee)),
            room_link: link(&ambient, clinic.id, LinkFor::Room(host.id)),
            press: Press {
                id: ambient.id(),
                clinic_id: clinic.id,
                appointment_id: appointment.id,
                attendee_id: attendee,
                room_id: room.id,
                at: NOW,
                client_address: Some("203.0.113.7".parse().unwrap()),
                from_page: true,
            },
            event: event(&ambient, 0),
            decision: Decision {
                id: ambient.id(),
                clinic_id: clinic.id,
                room_id: room.id,
                presence_id: presence.id,
                verdict: Verdict::Attendee(attendee),
                decided_by: StaffOrToken::Staff(colleague.id),
                at: NOW,
            },
            session: Session {
                token_hash: ambient.bytes(),
                clinic_id: clinic.id,
                staff_id: host.id,
                created_at: NOW,
                seen_at: NOW,
            },
            sign_in_link: SignInLink {
                token_hash: ambient.bytes(),
                clinic_id: clinic.id,
                staff_id: host.id,
                expires_at: at(3600),
                used_at: None,
            },
            api_token: ApiToken {
                id: ambient.id(),
                clinic_id: clinic.id,
                name: "Scheduler".into(),
                scopes: ["appointments:write".into(), "links:send".into()].into(),
                token_hash: ambient.bytes(),
                created_at: NOW,
            },
            flow: OAuthFlow {
                state_hash: ambient.bytes(),
                clinic_id: clinic.id,
                staff_id: host.id,
                session_hash: ambient.bytes(),
                verifier_sealed: vec![1, 2, 3],
                created_at: NOW,
                used_at: None,
            },
            handed_out: handed_out::HandedOut::of(&ambient, &appointment, &host, &colleague),
            watched: watched::Watched::of(&ambient, room.id, &host, &colleague),
            further: further::Further::of(&ambient, clinic.id, (&room, &host), (&appointment, &presence)),
            host,
            colleague,
            connection,
            room,
            attendee,
            appointment,
            presence,
            ambient,
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_clinic(&clinic).await.unwrap();
        world.fill(tx.as_mut()).await;
        tx.commit().await.unwrap();
        world
    }

    async fn fill(&self, tx: &mut dyn Tx) {
        tx.insert_staff(self.clinic, &self.host).await.unwrap();
        tx.insert_staff(self.clinic, &self.colleague).await.unwrap();
        tx.set_password(self.clinic, self.host.id, "$argon2id$…", NOW).await.unwrap();
        tx.insert_session(&self.session).await.unwrap();
        tx.insert_sign_in_link(&self.sign_in_link).await.unwrap();
        tx.insert_api_token(&self.api_token).await.unwrap();
        tx.insert_oauth_flow(&self.flow).await.unwrap();
        tx.insert_connection(&self.connection, &self.tokens).await.unwrap();
        tx.insert_room(&self.room, b"sealed join link").await.unwrap();
        tx.put_appointment(self.clinic, &self.appointment).await.unwrap();
        tx.insert_link(&self.link).await.unwrap();
        tx.insert_link(&self.room_link).await.unwrap();
        tx.insert_press(&self.press).await.unwrap();
        assert!(
            tx.insert_room_event(self.clinic, self.room.id, &self.event, &self.ambient.bytes())
                .await
                .unwrap()
        );
        tx.put_presence(self.clinic, &self.presence).await.unwrap();
        tx.insert_decision(&self.decision).await.unwrap();
        tx.heard_from_zoom(self.clinic, Some(self.room.id), NOW).await.unwrap();
        self.further.fill(tx, self.clinic, self.room.id).await;
        self.handed_out.fill(tx, self.clinic, &self.appointment, self.room.id).await;
        self.watched.fill(tx, self.clinic, self.room.id).await;
    }
}
