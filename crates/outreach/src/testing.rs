//! A clinic with a host and a room, on a fresh database, for the tests of this crate.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    ClinicId, StaffId, Timestamp,
    ambient::ManualClock,
    appointment::{Appointment, Consent, Kind, Status},
    clinic::{Clinic, Zone},
    room::{Connection, ConnectionState, Room, RoomKind},
    staff::{Role, StaffMember},
    text::{Email, ExternalId, Name},
};
use store::{ports::access::SealedTokens, testing::Engine};
use vault::Place;

use super::*;

pub(crate) const JOIN_URL: &str = "https://us02web.zoom.us/j/86720014455?pwd=q7YcT1mZQ0WnHk2Jv.1";
pub(crate) const NUMBER: i64 = 86_720_014_455;

pub(crate) struct World {
    pub(crate) outreach: Outreach,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) ambient: Ambient,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) clinic: ClinicId,
    pub(crate) host: StaffId,
    pub(crate) engine: Engine,
}

impl World {
    /// With a host whose room can be entered.
    pub(crate) async fn new() -> Self {
        let world = Self::bare(store::testing::sqlite().await).await;
        world.give_room(world.host, NUMBER, JOIN_URL).await;
        world
    }

    /// With a host who has never connected.
    pub(crate) async fn bare(engine: Engine) -> Self {
        let (ambient, clock) = Ambient::manual(Timestamp::from_seconds(1_795_442_400), 11);
        let store = engine.store.clone();
        let clinic = Clinic {
            id: ambient.id(),
            name: Name::parse("Riverside").unwrap(),
            zone: Zone::parse("America/Chicago").unwrap(),
            created_at: ambient.now(),
        };
        let mut tx = store.begin().await.unwrap();
        tx.insert_clinic(&clinic).await.unwrap();
        tx.commit().await.unwrap();
        let outreach = instance(&store, &ambient);
        let nobody_yet = ambient.id();
        let mut world = Self { outreach, store, ambient, clock, clinic: clinic.id, host: nobody_yet, engine };
        world.host = world.staff("Amara Osei", &[Role::Staff]).await;
        world
    }

    /// Another instance of the program on the same database.
    pub(crate) async fn other_instance(&self) -> Outreach {
        instance(&self.engine.another_instance().await, &self.ambient)
    }

    pub(crate) async fn staff(&self, name: &str, roles: &[Role]) -> StaffId {
        self.staff_of(self.clinic, name, roles).await
    }

    pub(crate) async fn staff_of(&self, clinic: ClinicId, name: &str, roles: &[Role]) -> StaffId {
        let id: StaffId = self.ambient.id();
        let member = StaffMember {
            id,
            clinic_id: clinic,
            name: Name::parse(name).unwrap(),
            email: Email::parse(&format!("{id}@clinic.example")).unwrap(),
            phone: None,
            external_id: None,
            roles: roles.iter().copied().collect::<BTreeSet<_>>(),
            disabled_at: None,
            created_at: self.ambient.now(),
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.insert_staff(clinic, &member).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub(crate) async fn disable(&self, staff: StaffId) {
        let mut tx = self.store.begin().await.unwrap();
        let member = tx.staff_member(self.clinic, staff).await.unwrap().unwrap();
        tx.update_staff(self.clinic, staff, &member.name, &member.roles, Some(self.ambient.now()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn other_clinic(&self) -> ClinicId {
        let clinic = Clinic {
            id: self.ambient.id(),
            name: Name::parse("Lakeside").unwrap(),
            zone: Zone::parse("America/Chicago").unwrap(),
            created_at: self.ambient.now(),
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.insert_clinic(&clinic).await.unwrap();
        tx.commit().await.unwrap();
        clinic.id
    }

    /// Connects the staff member as this Zoom user.
    pub(crate) async fn connect(&self, staff: StaffId, zoom_user_id: &str) {
        let (id, now) = (self.ambient.id(), self.ambient.now());
        let connection = Connection {
            id,
            clinic_id: self.clinic,
            staff_id: staff,
            zoom_user_id: zoom_user_id.to_owned(),
            zoom_account_id: "account".to_owned(),
            zoom_email: String::new(),
            zoom_plan: 2,
            state: ConnectionState::Connected,
            trouble: None,
            checked_at: now,
            created_at: now,
        };
        let tokens = SealedTokens {
            connection_id: id,
            access: vec![1],
            refresh: vec![2],
            access_expires_at: now,
            scopes: String::new(),
            refreshed_at: now,
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.insert_connection(&connection, &tokens).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Connects the staff member and gives them a room with this join link.
    pub(crate) async fn give_room(&self, staff: StaffId, number: i64, join_url: &str) {
        let now = self.ambient.now();
        let zoom_user_id = format!("zoom user of {staff}");
        self.connect(staff, &zoom_user_id).await;
        let room = Room {
            id: self.ambient.id(),
            clinic_id: self.clinic,
            staff_id: staff,
            kind: RoomKind::Open,
            meeting_number: number,
            zoom_user_id,
            zoom_account_id: "account".to_owned(),
            checked_at: now,
            created_at: now,
        };
        let (clinic, row) = (self.clinic.to_string(), room.id.to_string());
        let place = Place { clinic: &clinic, table: "rooms", column: "join_url", row: &row };
        let sealed = keys().seal(place, self.ambient.bytes(), join_url.as_bytes()).unwrap();
        let mut tx = self.store.begin().await.unwrap();
        tx.insert_room(&room, sealed.as_bytes()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn set_state(&self, state: ConnectionState) {
        let mut tx = self.store.begin().await.unwrap();
        let connection = tx.connection_of(self.clinic, self.host).await.unwrap().unwrap();
        tx.set_connection_state(self.clinic, connection.id, state, None, self.ambient.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// An hour from now, for an hour, with one attendee.
    pub(crate) fn booking(&self) -> Booking {
        let starts_at = self.ambient.now().plus(Duration::from_hours(1));
        Booking {
            external_id: Some(ExternalId::parse("A-1").unwrap()),
            starts_at,
            ends_at: starts_at.plus(Duration::from_hours(1)),
            host: self.host,
            kind: Kind::Telehealth,
            status: Status::Booked,
            booked_as: None,
            attendees: vec![attendee("P-1", "Rosa Delgado")],
        }
    }

    pub(crate) async fn booked(&self) -> Appointment {
        self.outreach.book(self.clinic, &self.booking()).await.unwrap().appointment
    }

    /// The token of the only attendee's link.
    pub(crate) async fn token(&self, appointment: &Appointment) -> String {
        let links = self.outreach.links(self.clinic, appointment).await.unwrap();
        token_in(&links.attendees[0].url)
    }

    /// What comes with a press on the page of this link, or with its script's word, as the page is now; nothing where the
    /// link has no page.
    pub(crate) async fn page(&self, token: &str) -> PressFrom {
        let Ok(visit) = self.outreach.visit(token).await else { return PressFrom::default() };
        let page_token = self.outreach.page_token(visit.clinic.id, visit.link).unwrap();
        PressFrom { page_token: Some(page_token.expose().to_owned()), way: Way::App }
    }

    /// Everything that a visit could change.
    pub(crate) async fn traces(&self) -> (i64, usize, Vec<Option<Timestamp>>) {
        let mut tx = self.store.read().await.unwrap();
        let everything = Timestamp::from_micros(0)..Timestamp::from_micros(i64::MAX);
        let appointments = tx.appointments(self.clinic, everything.clone(), None).await.unwrap();
        let ids: Vec<_> = appointments.iter().map(|appointment| appointment.id).collect();
        let links = tx.links_of_all(self.clinic, &ids).await.unwrap();
        (
            tx.last_change(self.clinic).await.unwrap(),
            tx.presses(self.clinic, everything).await.unwrap().len(),
            links.iter().map(|link| link.opened_at).collect(),
        )
    }
}

pub(crate) fn attendee(external_id: &str, name: &str) -> BookedAttendee {
    BookedAttendee {
        external_id: Some(ExternalId::parse(external_id).unwrap()),
        name: Name::parse(name).unwrap(),
        email: None,
        phone: None,
        consent: Consent::default(),
        language: None,
    }
}

pub(crate) fn token_in(url: &vault::SecretText) -> String {
    url.expose().rsplit('/').next().unwrap().to_owned()
}

fn keys() -> Arc<KeyRing> {
    Arc::new(KeyRing::parse("a:9wE2hQx7mKfT3vYbN5pLrS8uZcJ1dGoAi6tVyMqXkDs=").unwrap())
}

fn instance(store: &Arc<dyn Store>, ambient: &Ambient) -> Outreach {
    let public_url = Url::parse("https://anteroom.example/").unwrap();
    let hosts = JoinHosts::parse("zoom.us,zoomgov.com").unwrap();
    Outreach::new(store.clone(), ambient.clone(), keys(), &public_url, hosts)
}
