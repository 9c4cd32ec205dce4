//! The guard against a simulated Zoom.

mod drifts;
mod limits;
mod replaced;
mod rounds;

use domain::{alert::Alert, room::Room};
use serde_json::{Value, json};
use zoomsim::{Fault, TruthMeeting};

use super::*;
use crate::testing::World;

impl World {
    async fn looked(&self, why: LookFor) -> Looked {
        self.zoom.look_after(self.amara.clinic_id, self.amara.staff_id, why).await.unwrap()
    }

    /// Dr Osei's meeting as Zoom has it.
    fn meeting(&self, number: i64) -> TruthMeeting {
        self.sim.truth().meetings.into_iter().find(|meeting| meeting.number == number).unwrap()
    }

    /// Somebody changes the settings of Dr Osei's meeting on Zoom's own pages.
    async fn tamper(&self, settings: Value) {
        let number = self.kept_room().await.meeting_number;
        self.sim.change_meeting(number, &json!({ "settings": settings })).unwrap();
    }

    async fn kept_room(&self) -> Room {
        let mut tx = self.store.read().await.unwrap();
        tx.room_of(self.amara.clinic_id, self.amara.staff_id).await.unwrap().unwrap()
    }

    async fn guarded(&self) -> Guarded {
        let room = self.kept_room().await.id;
        self.store.read().await.unwrap().guarded(self.amara.clinic_id, room).await.unwrap()
    }

    /// What the room was found to lack, oldest first.
    async fn history(&self) -> Vec<Drift> {
        let room = self.kept_room().await.id;
        let mut tx = self.store.read().await.unwrap();
        let mut drifts = tx.drifts_of(self.amara.clinic_id, room, 1_000).await.unwrap();
        drifts.reverse();
        drifts
    }

    async fn alerts(&self) -> Vec<Alert> {
        self.store.read().await.unwrap().alerts_lasting(self.amara.clinic_id).await.unwrap()
    }

    /// How often this was asked of Zoom, refused or not.
    fn asked(&self, method: &str, route: &str) -> usize {
        self.sim.calls().iter().filter(|call| call.method == method && call.route.ends_with(route)).count()
    }

    fn repairs(&self) -> usize {
        self.asked("PATCH", "/meetings/{id}")
    }

    fn failing(&self, route: &str, status: u16, body: Value) {
        let route = route.to_owned();
        self.sim.fault(Fault { route, status: Some(status), body: Some(body), ..Fault::default() });
    }
}

const CLINIC_ACCOUNT: &str = "Kx3mQvTtR5aZ1LwYbN0cGg";

fn kinds(drifts: &[Drift]) -> Vec<DriftKind> {
    drifts.iter().map(|drift| drift.kind).collect()
}
