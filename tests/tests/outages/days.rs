//! Clinic days, made from a seed: visits, drops and rejoins, telephone legs, people sent back to wait, people who give up,
//! clinicians who sit alone, meetings that run all morning.

use std::time::Duration;

use domain::{
    AppointmentId, AttendeeId, Timestamp,
    ambient::{Randomness as _, SeededRandomness},
};
use zoomsim::{AdmittedIds, BeforeHost, Knobs, Names, NewGuest, Place};

use crate::world::World;

/// Numbers that look random and are the same for the same seed.
pub struct Dice(SeededRandomness);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(SeededRandomness::new(seed))
    }

    /// From 0 to just below the number of sides.
    pub fn below(&self, sides: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % sides
    }

    fn between(&self, from: u64, to: u64) -> u64 {
        from + self.below(to - from)
    }
}

#[derive(Clone, Debug)]
enum Act {
    Start,
    End,
    Come { guest: usize, name: String, phone: Option<String> },
    Admit(usize),
    PutBack(usize),
    Leave(usize),
    LoseLine(usize),
    ComeAgain(usize),
}

/// One thing that somebody does at some time.
struct Step {
    at: Timestamp,
    host: usize,
    act: Act,
}

/// An appointment, and the guest of the simulator who keeps it; nobody where the patient does not come.
pub struct Booked {
    pub id: AppointmentId,
    pub attendee: AttendeeId,
    pub guest: Option<usize>,
}

/// What is to happen, and what did.
pub struct Days {
    steps: Vec<Step>,
    pub booked: Vec<Booked>,
    /// The simulator's ids of the guests, once they came.
    pub guests: Vec<Option<u64>>,
}

const FIRST_NAMES: [&str; 8] = ["Rosa", "Tom", "Ana", "Luis", "Beatriz", "Noor", "Kim", "Ivo"];
const LAST_NAMES: [&str; 7] = ["Delgado", "Reyes", "Prado", "Lima", "Haddad", "Park", "Marek"];

/// What Zoom does differently from account to account.
pub fn knobs(seed: u64, knobs: &mut Knobs) {
    let is = |bit: u64| seed >> bit & 1 == 1;
    knobs.names =
        [Names::Typed, Names::Masked, Names::Typed, Names::Empty][usize::try_from(seed % 4).unwrap()];
    knobs.left_waiting_room_on_admission = is(0);
    knobs.restamp_retries = is(1);
    knobs.left_at_end = is(2);
    knobs.prestart_uuid_is_kept = is(3);
    knobs.slash_uuids = is(2);
    knobs.admitted_carries = if is(4) { AdmittedIds::Meeting } else { AdmittedIds::WaitingRoom };
    knobs.put_back_sends_joined_waiting_room = is(0);
    knobs.before_host = if seed % 5 == 4 { BeforeHost::JbhWaiting } else { BeforeHost::WaitingRoom };
    knobs.ended_lag_ms = 0;
}

impl Days {
    /// Plans the clinic days that begin in the range, and books what is booked.
    pub async fn plan(world: &World, range: std::ops::Range<Timestamp>, dice: &Dice) -> Self {
        let mut days = Self { steps: Vec::new(), booked: Vec::new(), guests: Vec::new() };
        let zone = &world.clinic.zone;
        let mut date = zone.date(range.start);
        while zone.day(date).start < range.end {
            let midnight = zone.day(date).start;
            for host in 0..world.clinicians.len() {
                let nine = midnight.plus(Duration::from_hours(9));
                days.morning(world, host, nine, dice).await;
                days.afternoon(world, host, nine.plus(Duration::from_hours(4)), dice).await;
            }
            date = date.tomorrow().unwrap();
        }
        days.steps.sort_by_key(|step| step.at);
        days
    }

    /// One meeting that runs all morning; patients come and go.
    async fn morning(&mut self, world: &World, host: usize, nine: Timestamp, dice: &Dice) {
        let at = |minute: u64| nine.plus(Duration::from_mins(minute));
        let runs = dice.below(3) > 0;
        if runs {
            self.step(nine.plus(Duration::from_secs(dice.below(300))), host, Act::Start);
        }
        for slot in 0..3 {
            let starts = at(slot * 40);
            self.visit(world, host, starts, !runs, dice).await;
        }
        if runs {
            self.step(at(130), host, Act::End);
        }
    }

    /// A meeting of its own for each patient.
    async fn afternoon(&mut self, world: &World, host: usize, one: Timestamp, dice: &Dice) {
        for slot in 0..3 {
            self.visit(world, host, one.plus(Duration::from_mins(slot * 60)), true, dice).await;
        }
    }

    async fn visit(&mut self, world: &World, host: usize, starts: Timestamp, alone: bool, dice: &Dice) {
        let from = |seconds: u64| starts.plus(Duration::from_secs(seconds));
        let number = self.guests.len();
        let name = format!(
            "{} {}",
            FIRST_NAMES[(number + host) % FIRST_NAMES.len()],
            LAST_NAMES[(number / 2) % LAST_NAMES.len()]
        );
        let (id, attendee) = world.book(host, starts, &name).await;
        let story = dice.below(10);
        let comes = story != 0;
        let guest = comes.then(|| self.guest());
        self.booked.push(Booked { id, attendee, guest });
        let begins = dice.between(10, 300);
        if alone && story != 1 {
            self.step(from(begins), host, Act::Start);
        }
        if alone && story != 1 {
            self.step(from(dice.between(1_700, 2_100)), host, Act::End);
        }
        // The clinician sits alone.
        let Some(guest) = guest else { return };
        // Comes up to five minutes early, or a little late.
        let comes_at = starts.minus(Duration::from_mins(5)).plus(Duration::from_secs(dice.below(400)));
        let phone = (story == 2).then(|| format!("1312555{:04}", number % 10_000));
        self.step(comes_at, host, Act::Come { guest, name, phone });
        // Nobody ever comes to the meeting, or the patient does not wait for it.
        if story == 1 || story == 3 {
            self.step(comes_at.plus(Duration::from_secs(dice.between(120, 900))), host, Act::Leave(guest));
            return;
        }
        let admitted = from(dice.between(310, 420)).max(comes_at.plus(Duration::from_secs(15)));
        let later = |seconds: u64| admitted.plus(Duration::from_secs(seconds));
        self.step(admitted, host, Act::Admit(guest));
        match story {
            // The line breaks; with new ids the patient comes back.
            4 | 5 => {
                self.step(later(dice.between(200, 300)), host, Act::LoseLine(guest));
                self.step(later(dice.between(330, 420)), host, Act::ComeAgain(guest));
                self.step(later(dice.between(450, 500)), host, Act::Admit(guest));
                self.step(later(dice.between(800, 1_100)), host, Act::Leave(guest));
            }
            // Is sent back to wait for a moment.
            6 => {
                self.step(later(dice.between(200, 300)), host, Act::PutBack(guest));
                self.step(later(dice.between(320, 400)), host, Act::Admit(guest));
                self.step(later(dice.between(800, 1_100)), host, Act::Leave(guest));
            }
            // Somebody of the family joins from another device.
            7 => {
                let family = self.guest();
                let name = "Family".to_owned();
                self.step(later(30), host, Act::Come { guest: family, name, phone: None });
                self.step(later(dice.between(60, 100)), host, Act::Admit(family));
                self.step(later(dice.between(700, 900)), host, Act::Leave(family));
                self.step(later(dice.between(900, 1_100)), host, Act::Leave(guest));
            }
            // Stays until the clinician ends the meeting, or nearly.
            8 => self.step(later(1_500), host, Act::Leave(guest)),
            _ => self.step(later(dice.between(400, 1_100)), host, Act::Leave(guest)),
        }
    }

    fn guest(&mut self) -> usize {
        self.guests.push(None);
        self.guests.len() - 1
    }

    fn step(&mut self, at: Timestamp, host: usize, act: Act) {
        self.steps.push(Step { at, host, act });
    }

    /// Lets everything happen that is to happen before this time.
    pub async fn play_to(&mut self, world: &World, to: Timestamp) {
        let later = self.steps.partition_point(|step| step.at < to);
        let steps: Vec<Step> = self.steps.drain(..later).collect();
        for step in steps {
            world.pass_to(step.at).await;
            self.act(world, step);
        }
        world.pass_to(to).await;
    }

    /// What is out of place is refused, which is no matter.
    fn act(&mut self, world: &World, step: Step) {
        let number = world.clinicians[step.host].room.meeting_number;
        let id = |guest: usize| self.guests[guest];
        match step.act {
            Act::Start => _ = world.sim.start(number),
            Act::End => _ = world.sim.end(number),
            Act::Come { guest, name, phone } => {
                let person = Some(guest.to_string());
                let new = NewGuest { name, phone, person, ..NewGuest::default() };
                self.guests[guest] = world.sim.join(number, new).ok();
            }
            Act::Admit(guest) => _ = id(guest).map(|id| world.sim.admit(id)),
            Act::PutBack(guest) => _ = id(guest).map(|id| world.sim.put_back(id)),
            Act::Leave(guest) => _ = id(guest).map(|id| world.sim.leave(id)),
            Act::LoseLine(guest) => {
                // Whose line breaks on the way in is never heard of again.
                if let Some(id) = id(guest)
                    && !matches!(world.sim.guest(id).unwrap().place, Place::Connecting | Place::BeforeHost)
                {
                    _ = world.sim.lose_line(id);
                }
            }
            Act::ComeAgain(guest) => _ = id(guest).map(|id| world.sim.rejoin(id)),
        }
    }
}
