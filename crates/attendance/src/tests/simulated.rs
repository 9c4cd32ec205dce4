//! Days in a simulated Zoom room, whose truth is known: what is made of its deliveries, lost order and repetitions
//! included, is what happened, however Zoom tells it.

use std::{sync::Arc, time::Duration};

use domain::{
    Ambient, DeliveryId, Timestamp,
    attendance::{event::RoomEvent, fold::fold, stay::StayKind},
};
use serde_json::json;
use zoomsim::{AdmittedIds, BeforeHost, Config, Guest, ManualClock, NewGuest, Place, Sim, SimHandle};

use super::clinic::{Dice, HOST, NOW};
use crate::translate::{Meaning, translate};

const NAMES: [&str; 4] = ["Rosa Delgado", "Tom Reyes", "iPhone", "Ana Prado"];

type Stays = Vec<(StayKind, i64, Option<i64>)>;

/// What really happened to one guest: one list of stays for each time that they came.
fn truth(guest: &Guest) -> Vec<Stays> {
    let mut visits: Vec<Stays> = Vec::new();
    for stay in &guest.stays {
        let kind = match stay.place {
            Place::Waiting | Place::BeforeHost => StayKind::Waiting,
            Place::Connecting => StayKind::Connecting,
            Place::InMeeting => StayKind::InSession,
            Place::Gone => continue,
        };
        // A telephone leg is in session once it is admitted.
        let kind =
            if guest.phone.is_some() && kind == StayKind::Connecting { StayKind::InSession } else { kind };
        match visits.last_mut().and_then(|visit| visit.last_mut()) {
            Some((last, _, to)) if *to == Some(stay.from) && *last == kind => *to = stay.to,
            Some((_, _, to)) if *to == Some(stay.from) => {
                visits.last_mut().unwrap().push((kind, stay.from, stay.to));
            }
            _ => visits.push(vec![(kind, stay.from, stay.to)]),
        }
    }
    visits
}

/// Plays up to 40 acts, each some seconds after the other, then ends the meeting.
async fn play(sim: &SimHandle, clock: &ManualClock, number: i64, dice: &Dice) {
    let mut guests: Vec<u64> = Vec::new();
    let pass = async |seconds: usize| {
        clock.advance(Duration::from_secs(u64::try_from(seconds).unwrap()));
        sim.tick().await;
    };
    for (index, name) in NAMES.into_iter().enumerate() {
        let phone = (index == 3).then(|| "13125550142".to_owned());
        if dice.below(3) == 0 {
            let _ = sim.start(number);
            pass(5 + dice.below(60)).await;
        }
        let guest = NewGuest { name: name.to_owned(), phone, ..NewGuest::default() };
        guests.push(sim.join(number, guest).unwrap());
        pass(5 + dice.below(60)).await;
    }
    for _ in 0..40 {
        let guest = guests[dice.below(guests.len())];
        let place = sim.guest(guest).unwrap().place;
        // Acts that are out of place are refused, which is no matter.
        let _ = match dice.below(8) {
            0 => sim.start(number).map(|_| ()),
            1..=3 => sim.admit(guest),
            4 => sim.put_back(guest),
            5 => sim.leave(guest),
            // Whose line breaks on the way in is never heard of again; whose breaks before the host came, at no time.
            6 if !matches!(place, Place::Connecting | Place::BeforeHost) => sim.lose_line(guest),
            _ => sim.rejoin(guest),
        };
        pass(5 + dice.below(90)).await;
    }
    pass(200).await;
    let _ = sim.start(number);
    pass(30).await;
    sim.end(number).unwrap();
    pass(100).await;
}

fn events(sim: &SimHandle, ambient: &Ambient, dice: &Dice) -> Vec<RoomEvent> {
    // The whole day is told at its end.
    let heard_at = ambient.now().plus(Duration::from_hours(24));
    let mut bodies: Vec<String> = sim.take_due().into_iter().map(|delivery| delivery.body).collect();
    let again: Vec<String> = bodies.iter().filter(|_| dice.below(5) == 0).cloned().collect();
    bodies.extend(again);
    dice.shuffle(&mut bodies);
    bodies
        .iter()
        .filter_map(|body| match translate(ambient.id::<DeliveryId>(), heard_at, body) {
            Meaning::Room { event, .. } => Some(*event),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn what_is_made_of_a_day_is_what_happened_however_zoom_tells_it() {
    let start: Timestamp = NOW.parse().unwrap();
    let mut wrong: Vec<String> = Vec::new();
    for way in 0_u64..256 {
        let dice = Dice::new(way);
        let clock = Arc::new(ManualClock::new(start.as_micros()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sim = Sim::start(listener, Config::new(clock.clone(), way, "http://127.0.0.1:1"));
        let zoom = sim.handle();
        let is = |bit: u64| way >> bit & 1 == 1;
        zoom.knobs(|knobs| {
            knobs.only_installed_hosts = false;
            knobs.left_waiting_room_on_admission = is(0);
            knobs.user_id_changes_on_admission = is(1);
            knobs.participant_uuid_changes_on_admission = is(2);
            knobs.admitted_carries = if is(3) { AdmittedIds::Meeting } else { AdmittedIds::WaitingRoom };
            knobs.prestart_uuid_is_kept = is(4);
            knobs.put_back_sends_joined_waiting_room = is(5);
            knobs.left_at_end = is(6);
            knobs.before_host = if is(7) { BeforeHost::JbhWaiting } else { BeforeHost::WaitingRoom };
        });
        let settings = json!({ "type": 3, "topic": "Visits", "settings": { "waiting_room": true } });
        let number = zoom.create_meeting(HOST, &settings).unwrap();
        play(&zoom, &clock, number, &dice).await;
        let (ambient, _) = Ambient::manual(start, way);
        let mut made: Vec<Stays> = fold(&events(&zoom, &ambient, &dice), &[])
            .into_iter()
            .map(|visit| {
                let micros = |stay: &domain::attendance::stay::Stay| {
                    (stay.kind, stay.from.as_micros(), stay.to.map(Timestamp::as_micros))
                };
                visit.stays.iter().map(micros).collect()
            })
            .collect();
        let mut really: Vec<Stays> = zoom.truth().guests.iter().flat_map(truth).collect();
        made.sort();
        really.sort();
        // Seconds from the start of the day read better.
        let readable = |visits: &[Stays]| -> Vec<Vec<(StayKind, i64, Option<i64>)>> {
            let seconds = |micros: i64| (micros - start.as_micros()) / 1_000_000;
            let stay =
                |(kind, from, to): &(StayKind, i64, Option<i64>)| (*kind, seconds(*from), to.map(seconds));
            visits.iter().map(|stays| stays.iter().map(stay).collect()).collect()
        };
        let only = |a: &[Stays], b: &[Stays]| -> Vec<Stays> {
            a.iter().filter(|v| !b.contains(v)).cloned().collect()
        };
        if made != really {
            wrong.push(format!(
                "way {way:08b}: made {:?} but really {:?}",
                readable(&only(&made, &really)),
                readable(&only(&really, &made))
            ));
        }
        sim.shutdown().await;
    }
    assert!(wrong.is_empty(), "{} days:\n{}", wrong.len(), wrong.join("\n"));
}
