//! A morning in a simulated Zoom in which much goes wrong, as the watch over the rooms tells it.

use std::{sync::Arc, time::Duration};

use domain::{
    alert::AlertKind,
    attendance::presence::Whereabouts,
    room::{Room, RoomKind},
};
use serde_json::json;
use zoomsim::{Config, ManualClock, NewGuest, Sim, SimHandle};

use super::clinic::{ACCOUNT, Booked, NOW, TestClinic};

const JONAS: &str = "m0Lk2Qw9TUe5VzRx8sYbAg";

/// A clinic whose clinician Jonas Berg has his room at a simulated Zoom.
struct Morning {
    clinic: TestClinic,
    sim: Sim,
    zoom: SimHandle,
    clock: Arc<ManualClock>,
    number: i64,
}

impl Morning {
    async fn begin() -> Self {
        let mut clinic = TestClinic::open().await;
        let clock = Arc::new(ManualClock::new(clinic.at(0).as_micros()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sim = Sim::start(listener, Config::new(clock.clone(), 1, "http://127.0.0.1:1"));
        let zoom = sim.handle();
        zoom.knobs(|knobs| knobs.only_installed_hosts = false);
        let settings = json!({ "type": 3, "topic": "Visits", "settings": { "waiting_room": true } });
        let number = zoom.create_meeting(JONAS, &settings).unwrap();
        let jonas = clinic.colleague("Dr. Jonas Berg", "j.berg@clinic.example").await;
        let room = Room {
            id: clinic.ambient.id(),
            clinic_id: clinic.clinic,
            staff_id: jonas,
            kind: RoomKind::Open,
            meeting_number: number,
            zoom_user_id: JONAS.to_owned(),
            zoom_account_id: ACCOUNT.into(),
            checked_at: clinic.ambient.now(),
            created_at: clinic.ambient.now(),
        };
        let mut tx = clinic.engine.store.begin().await.unwrap();
        tx.insert_room(&room, b"sealed").await.unwrap();
        tx.commit().await.unwrap();
        (clinic.host, clinic.room) = (jonas, room.id);
        assert_eq!(NOW, clinic.at(0).to_string());
        Self { clinic, sim, zoom, clock, number }
    }

    /// Lets time pass second by second, as far as what Zoom says and the looks at the rooms are concerned. What lasts then.
    async fn until(&self, seconds: i64) -> Vec<AlertKind> {
        let clinic = &self.clinic;
        while clinic.ambient.now() < clinic.at(seconds) {
            let next = clinic.ambient.now().plus(Duration::from_secs(5)).min(clinic.at(seconds));
            self.clock.set(next.as_micros());
            clinic.clock.set(next);
            self.zoom.tick().await;
            for delivery in self.zoom.take_due() {
                clinic.deliver_body(&delivery.body).await;
            }
            clinic.apply_all().await;
            clinic.attendance.watch_rooms_once().await.unwrap();
        }
        let mut tx = clinic.engine.store.read().await.unwrap();
        let lasting = tx.alerts_lasting(clinic.clinic).await.unwrap();
        drop(tx);
        let mut kinds: Vec<AlertKind> = lasting.into_iter().map(|alert| alert.kind).collect();
        kinds.sort_unstable();
        let shown: Vec<AlertKind> = clinic.board().await.alerts.into_iter().map(|alert| alert.kind).collect();
        assert_eq!(kinds, shown, "what is raised and what the board shows");
        kinds
    }

    /// Somebody presses Join and comes, signed in to nothing or to an account that is none of ours.
    async fn comes(&self, name: &str, by: Option<&Booked>, account: Option<&str>) -> u64 {
        if let Some(booked) = by {
            let now = self.clinic.ambient.now().as_seconds() - self.clinic.at(0).as_seconds();
            self.clinic.press(booked, 0, now).await;
        }
        let guest = NewGuest {
            name: name.to_owned(),
            outside_zoom_id: account.map(str::to_owned),
            ..NewGuest::default()
        };
        self.zoom.join(self.number, guest).unwrap()
    }
}

#[tokio::test]
async fn a_morning_in_which_much_goes_wrong_is_told_as_it_goes_and_is_over_when_it_is_over() {
    let morning = Morning::begin().await;
    let tom = morning.clinic.book(300, &["Tom Reyes"]).await;
    let rosa = morning.clinic.book(2_100, &["Rosa Delgado"]).await;

    morning.until(240).await;
    let toms = morning.comes("Tom Reyes", Some(&tom), None).await;
    assert_eq!(morning.until(300).await, []);
    // The clinician comes by the patients' link, signed in to another account.
    let other = morning.comes("Jonas Berg", None, Some("a-private-account")).await;
    assert_eq!(morning.until(315).await, [AlertKind::OtherAccount]);
    assert_eq!(morning.until(620).await, [AlertKind::HostLate, AlertKind::OtherAccount]);
    morning.zoom.leave(other).unwrap();
    let host = morning.zoom.start(morning.number).unwrap();
    assert_eq!(morning.until(640).await, []);
    morning.zoom.admit(toms).unwrap();
    assert_eq!(morning.until(2_000).await, []);

    // The visit goes on while the next patient waits.
    morning.comes("Rosa Delgado", Some(&rosa), None).await;
    assert_eq!(morning.until(2_210).await, []);
    assert_eq!(morning.until(2_225).await, [AlertKind::Overrun]);
    // The clinician's line breaks, and Tom stays.
    morning.zoom.leave(host).unwrap();
    let alone = morning.until(2_310).await;
    assert!(alone.contains(&AlertKind::NobodyHosting) && alone.contains(&AlertKind::Overrun), "{alone:?}");
    morning.zoom.leave(toms).unwrap();
    let after = morning.until(2_330).await;
    assert!(!after.contains(&AlertKind::NobodyHosting) && !after.contains(&AlertKind::Overrun), "{after:?}");

    // That ended the meeting, and Rosa was sent off with it. She comes again, and so does a stranger, who is sent away when
    // the clinician is back.
    let rosas = morning.comes("Rosa Delgado", Some(&rosa), None).await;
    let stranger = morning.comes("Zed Nomura", None, None).await;
    assert_eq!(morning.until(2_460).await, [AlertKind::HostLate, AlertKind::Stranger]);
    morning.zoom.start(morning.number).unwrap();
    morning.zoom.remove(stranger).unwrap();
    morning.zoom.admit(rosas).unwrap();
    assert_eq!(morning.until(2_480).await, []);
    assert_eq!(morning.until(3_400).await, []);
    morning.zoom.leave(rosas).unwrap();
    assert_eq!(morning.until(3_560).await, []);
    assert_eq!(morning.until(3_600).await, [AlertKind::LeftRunning]);
    morning.zoom.end(morning.number).unwrap();
    assert_eq!(morning.until(3_620).await, []);

    let presences = morning.clinic.presences().await;
    assert!(presences.iter().all(|presence| presence.whereabouts == Whereabouts::Left));
    assert_eq!(morning.clinic.verify().await, [""; 0]);
    morning.sim.shutdown().await;
}
