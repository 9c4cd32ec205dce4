//! One simulated clinic day, acted over HTTP against the whole program as it is wired for `serve`.
//!
//! The people are those of the matching's evaluation: the same generator, whose truth is known. Real is everything that a
//! request or a delivery passes: the listener, the router and its guards, signatures, the inbox, the loop that understands, looks
//! at rooms, the database on disk, the board. Appointments are booked by the JSON API, links are pressed by the patient's page,
//! Zoom's events are signed and posted, the board is asked for by the API.
//!
//! Not real: the clock, which stands until the day moves it, so that ten hours pass in seconds (and looks are asked for
//! when it has moved, where the program's own timer would ask by real time); the process, which is this test's own; and
//! Zoom's side of OAuth, so that clinic, people and rooms are put into the database, and no call to Zoom succeeds.

#[path = "../../../domain/examples/eval_matching/population/mod.rs"]
#[expect(dead_code, reason = "the day lists more than is acted here")]
mod population;

mod acted;
mod house;
mod zoom_words;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{
    AttendeeId, DeliveryId, Timestamp,
    attendance::{
        event::What,
        matching::{DecidedBy, Level},
        presence::{Presence, Who},
    },
};
use population::{Account, Arrival, Links};

use acted::{ActedRoom, Told};
use house::House;

/// 08:00 in Chicago.
const OPENS: Timestamp = Timestamp::from_seconds(1_795_442_400);
const DATE: &str = "2026-11-23";
/// The clock moves on by so much, and a look is asked for.
const TICK: Duration = Duration::from_secs(15);

const OPEN: Account = Account { names_shown: true, links: Links::Open, tells_addresses: false };
const ACCOUNTS: [Account; 5] = [
    Account { tells_addresses: true, ..OPEN },
    OPEN,
    Account { tells_addresses: true, ..OPEN },
    Account { names_shown: false, ..OPEN },
    Account { names_shown: false, tells_addresses: true, ..OPEN },
];

/// What happens at a moment.
enum Step {
    Press {
        room: usize,
        press: usize,
    },
    Told {
        room: usize,
        told: usize,
    },
    /// The moment before somebody is let in, or gives up.
    Ask {
        room: usize,
        arrival: usize,
    },
}

fn steps(rooms: &[ActedRoom]) -> Vec<(Timestamp, Step)> {
    let mut steps = Vec::new();
    for (room, acted) in rooms.iter().enumerate() {
        let day = &acted.day;
        let presses = day.presses.iter().enumerate();
        steps.extend(presses.map(|(press, one)| (one.at, Step::Press { room, press })));
        let told = day.told.iter().enumerate();
        steps.extend(told.filter_map(|(told, one)| Some((one.at?, Step::Told { room, told }))));
        let arrivals = day.arrivals.iter().enumerate();
        steps.extend(arrivals.map(|(arrival, one)| {
            let asked = one.admitted_at.unwrap_or(one.left_at).minus(Duration::from_secs(1));
            (asked, Step::Ask { room, arrival })
        }));
    }
    steps.sort_by_key(|(at, _)| *at);
    steps
}

/// How sure the program was, and whether it was right.
#[derive(Debug, Default)]
struct Score {
    certain_and_right: usize,
    likely_and_right: usize,
    asked: usize,
    wrong: Vec<String>,
}

impl Score {
    fn judge(&mut self, room: &ActedRoom, arrival: &Arrival, presence: Option<&Presence>) {
        self.asked += 1;
        let Some(matched) = presence.and_then(|presence| presence.matched.as_ref()) else { return };
        let is_right = arrival.truth.map(|truth| room.attendee(truth)) == Some(matched.attendee);
        match (matched.level, is_right) {
            (Level::Certain, true) => self.certain_and_right += 1,
            (Level::Certain, false) => {
                self.wrong.push(format!("{}: {:?}, {:?}", room.email, arrival.kind, matched.reasons));
            }
            (_, true) => self.likely_and_right += 1,
            _ => {}
        }
    }
}

/// Everybody in a room by the deliveries that spoke of them, as the day calls these.
struct Seen(Vec<(BTreeSet<DeliveryId>, Presence)>);

impl Seen {
    async fn in_house(house: &House, told: &BTreeMap<DeliveryId, Told>) -> Self {
        let of_the_day = |presence: &Presence| {
            let evidence = presence.stays.iter().flat_map(|stay| &stay.evidence);
            evidence.filter_map(|inbox| told.get(inbox)).map(|told| told.delivery).collect()
        };
        let presences = house.presences().await;
        Self(presences.into_iter().map(|presence| (of_the_day(&presence), presence)).collect())
    }

    fn of(&self, room: &ActedRoom, arrival: &Arrival) -> Option<&Presence> {
        let spoke = |deliveries: &BTreeSet<DeliveryId>| {
            arrival.deliveries.iter().any(|delivery| deliveries.contains(delivery))
        };
        let mut here = self.0.iter().filter(|(_, presence)| presence.room_id == room.id);
        here.find(|(deliveries, _)| spoke(deliveries)).map(|(_, presence)| presence)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_simulated_clinic_day_the_board_lists_everybody_and_names_nobody_wrongly() {
    let house = House::open(OPENS.minus(Duration::from_hours(1)), ACCOUNTS.len()).await;
    let mut rooms = Vec::new();
    for (number, account) in ACCOUNTS.into_iter().enumerate() {
        rooms.push(ActedRoom::book(&house, number, account, OPENS).await);
    }
    let said: BTreeMap<String, Told> = rooms.iter().flat_map(|room| room.bodies(&house)).collect();
    let mut score = Score::default();
    for (at, step) in steps(&rooms) {
        while house.now().plus(TICK) < at {
            house.pass(TICK).await;
        }
        house.wait_until(at);
        match step {
            Step::Press { room, press } => rooms[room].press(&house, press).await,
            Step::Told { room, told } => rooms[room].tell(&house, told).await,
            Step::Ask { room, arrival } => {
                let (room, told) = (&rooms[room], house.told(&said).await);
                let seen = Seen::in_house(&house, &told).await;
                let arrival = &room.day.arrivals[arrival];
                score.judge(room, arrival, seen.of(room, arrival));
            }
        }
        house.understand().await;
    }
    house.pass(Duration::from_mins(30)).await;

    println!("At the moment before admission: {score:?}");
    assert_eq!(score.wrong, [""; 0], "at the moment before admission");
    assert!(score.certain_and_right * 2 > score.asked, "{score:?}");
    assert!((score.certain_and_right + score.likely_and_right) * 10 > score.asked * 8, "{score:?}");

    let board = house.get(&format!("/api/v1/board?date={DATE}")).await;
    let told = house.told(&said).await;
    let seen = Seen::in_house(&house, &told).await;
    let mut at_the_end = Score::default();
    for room in &rooms {
        for arrival in &room.day.arrivals {
            let Some(presence) = seen.of(room, arrival) else {
                assert!(!was_told(room, arrival, &told), "{} was lost: {}", room.email, arrival.kind);
                continue;
            };
            at_the_end.judge(room, arrival, Some(presence));
            assert!(is_listed(&board, presence), "{} is not on the board: {presence:?}", arrival.kind);
        }
    }
    assert_eq!(at_the_end.wrong, [""; 0], "at the end of the day");
    for attendee in house::certain_on(&board) {
        let is_so = seen.0.iter().any(|(_, presence)| {
            let matched = presence.matched.as_ref();
            matched
                .is_some_and(|matched| matched.attendee == attendee && matched.decided_by == DecidedBy::Rule)
        });
        assert!(is_so, "the board names {attendee}, and nobody was");
    }
    let attendees: Vec<AttendeeId> = rooms.iter().flat_map(ActedRoom::attendees).collect();
    assert!(
        attendees.iter().all(|attendee| house::row(&board, *attendee).is_some()),
        "every booking is there"
    );
    house.close().await;
}

/// Whether a delivery about the arrival got through from which it can be known.
fn was_told(room: &ActedRoom, arrival: &Arrival, told: &BTreeMap<DeliveryId, Told>) -> bool {
    told.values().any(|one| {
        one.room == room.number
            && arrival.deliveries.contains(&one.delivery)
            && matches!(one.what, What::JoinedWaitingRoom | What::Admitted | What::Joined)
    })
}

/// Whether the board tells of somebody: as an attendee, likely or certain, or in the lane of those to be named. Who looked in
/// for moments and was gone is no question to anybody.
fn is_listed(board: &serde_json::Value, presence: &Presence) -> bool {
    let gone_at = presence.since;
    let looked_in = gone_at.since(presence.first_at) < Duration::from_mins(1);
    match (&presence.matched, presence.who) {
        (_, Who::Staff | Who::Guest | Who::Interpreter) => true,
        (Some(matched), _) => house::row(board, matched.attendee).is_some_and(|row| !row["match"].is_null()),
        (None, Who::Visitor) => looked_in || house::unmatched(board).contains(&presence.id),
    }
}
