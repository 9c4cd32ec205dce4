//! Random days in a simulated meeting, many of them: what is told has to fit what happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::clock::{MINUTE, SECOND};
use crate::dice::Dice;
use crate::{Config, ManualClock, NewGuest, Place, SimHandle};

const OSEI: &str = "pV8sJ2nXQ7m4dT0uHrBkEw";

struct Day {
    clock: Arc<ManualClock>,
    zoom: SimHandle,
    events: Vec<Value>,
}

impl Day {
    fn new(seed: u64) -> Self {
        let clock = Arc::new(ManualClock::new(1_795_442_400_000_000));
        let mut config = Config::new(Arc::clone(&clock) as _, seed, "http://127.0.0.1:1");
        config.users.iter_mut().for_each(|user| user.installed = true);
        Self { clock, zoom: SimHandle::new(Arc::new(crate::world::World::new(config))), events: Vec::new() }
    }

    fn pass(&mut self, micros: i64) {
        self.clock.set(self.zoom.now() + micros);
        let taken = self.zoom.take_due();
        self.events.extend(taken.iter().map(|one| serde_json::from_str::<Value>(&one.body).unwrap()));
    }

    /// Everybody does something now and then; at the end the host ends what runs.
    fn live(&mut self, seed: u64) -> i64 {
        let room = json!({ "type": 3, "settings": { "waiting_room": true } });
        let room = self.zoom.create_meeting(OSEI, &room).unwrap();
        let mut dice = Dice::new(seed ^ 0xABCD);
        let mut guests = Vec::new();
        for _ in 0..120 {
            let one = guests.get(usize::try_from(dice.below(guests.len() as u64 + 1)).unwrap()).copied();
            let act = dice.below(10);
            // Most acts are impossible at most times; the errors are what a real client would run into.
            let _ = match (act, one) {
                (0, _) => self.zoom.start(room).map(|_| ()),
                (1, None) => self.zoom.end(room),
                (2 | 3, Some(one)) => self.zoom.admit(one),
                (4, Some(one)) => self.zoom.put_back(one),
                (5, Some(one)) => self.zoom.remove(one),
                (6, Some(one)) => self.zoom.leave(one),
                (7, Some(one)) => self.zoom.lose_line(one),
                (8, Some(one)) => self.zoom.rejoin(one),
                _ => {
                    let name = format!("Guest {}", guests.len());
                    let guest = NewGuest { name, ..NewGuest::default() };
                    self.zoom.join(room, guest).map(|id| guests.push(id))
                }
            };
            let wait = i64::try_from(dice.below(40)).unwrap() * SECOND;
            self.pass(wait);
        }
        let _ = self.zoom.end(room);
        self.pass(10 * MINUTE);
        room
    }

    /// Instance and `user_id` per event of a kind, in order.
    fn told(&self, kind: &str) -> Vec<String> {
        let of_kind = self.events.iter().filter(|event| event["event"] == kind);
        of_kind
            .map(|event| {
                let object = &event["payload"]["object"];
                format!("{} {}", object["uuid"], object["participant"]["user_id"])
            })
            .collect()
    }
}

#[test]
fn every_join_has_its_leave_and_no_id_is_used_twice_in_an_instance() {
    for seed in 0..60 {
        let mut day = Day::new(seed);
        day.live(seed);
        let (mut joined, mut left) =
            (day.told("meeting.participant_joined"), day.told("meeting.participant_left"));
        // Somebody put back has left the meeting too.
        left.extend(day.told("meeting.participant_put_in_waiting_room"));
        let unique: BTreeSet<_> = joined.iter().collect();
        assert_eq!(unique.len(), joined.len(), "seed {seed}");
        joined.sort();
        left.sort();
        assert_eq!(joined, left, "seed {seed}");
        assert_eq!(day.told("meeting.started").len(), day.told("meeting.ended").len(), "seed {seed}");
    }
}

#[test]
fn the_truth_is_one_line_of_stays_per_person_and_fits_the_events() {
    for seed in 0..60 {
        let mut day = Day::new(seed);
        let room = day.live(seed);
        let truth = day.zoom.truth();
        let mut inside: BTreeMap<Place, usize> = BTreeMap::new();
        for guest in truth.guests.iter().filter(|guest| guest.meeting == room) {
            for pair in guest.stays.windows(2) {
                assert!(pair[0].to.unwrap() <= pair[1].from, "seed {seed}");
            }
            for stay in &guest.stays {
                if stay.to.is_some() {
                    *inside.entry(stay.place).or_default() += 1;
                }
            }
        }
        assert_eq!(
            inside.get(&Place::InMeeting).copied().unwrap_or_default(),
            day.told("meeting.participant_joined").len(),
            "seed {seed}"
        );
    }
}

#[test]
fn the_same_seed_tells_the_same_day() {
    let tell = |seed| {
        let mut day = Day::new(seed);
        day.live(seed);
        day.events
    };
    assert_eq!(tell(5), tell(5));
    assert_ne!(tell(5), tell(6));
}
