//! Plays the clinic's day: patients open their real links and press Join, enter the simulated waiting room and are let
//! in. Everything goes the way it would go without the demo; the player only decides who does what when.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use attendance::Attendance;
use domain::{
    Ambient, Timestamp,
    attendance::matching::{StaffOrToken, Verdict},
};
use jiff::civil::Date;
use outreach::Outreach;
use store::Store;
use tokio_util::sync::CancellationToken;
use vault::SecretText;
use zoomsim::{NewGuest, Place, SimError, SimHandle};

use super::{
    clinic::DemoClinic,
    clock::DemoClock,
    day::{Act, Day, Guest, Step, Visit},
    files::{Files, Kept},
    patient::Browser,
};

/// How often the player looks at the clock. Six seconds of the demo at the highest speed.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often the clock's reading is kept.
const KEEP_EVERY: u32 = 10;
/// How far ahead of itself the clock's reading is kept, in real time: longer than until it is kept again.
const KEEP_AHEAD: Duration = Duration::from_secs(3);
/// While a stretch of time is played at once, each step gets so much of the demo's time to take effect: an admitted
/// person needs two seconds to arrive.
const TAKES_EFFECT: Duration = Duration::from_secs(4);
/// How long to wait for Anteroom to understand what was delivered, in real time.
const UNDERSTOOD_WITHIN: Duration = Duration::from_secs(10);
/// How many steps the panel shows.
const SHOWN: usize = 8;
/// How long before the present an empty first day begins, at least.
const WARM_UP: Duration = Duration::from_mins(10);

/// What the player works with.
pub struct Stage {
    /// Moved by the player while a stretch of time is played at once.
    pub clock: Arc<DemoClock>,
    /// The same clock as everybody else's.
    pub ambient: Ambient,
    /// The simulated Zoom.
    pub simulator: SimHandle,
    /// Read to find appointments and rooms.
    pub store: Arc<dyn Store>,
    /// Gives the patients their links.
    pub outreach: Outreach,
    /// Takes the desk's word.
    pub attendance: Attendance,
    /// Whose day it is.
    pub clinic: DemoClinic,
    /// The patients' browser.
    pub browser: Browser,
    /// Where days and the clock's reading are kept.
    pub files: Files,
}

/// Plays the day.
pub struct Player {
    stage: Stage,
    script: Mutex<Script>,
    /// Held while steps are performed, so that a stretch is never played twice.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Script {
    days: Vec<Day>,
    /// In order of time.
    ahead: VecDeque<Step>,
    /// The last ones, newest first.
    done: VecDeque<(Timestamp, String)>,
    /// Where each person pressed Join led to.
    pressed: HashMap<&'static str, i64>,
    playing: bool,
}

/// What the panel shows of the script.
pub struct Shown {
    /// Whether people act by themselves.
    pub playing: bool,
    /// What happens next.
    pub ahead: Vec<(Timestamp, String)>,
    /// What happened last, newest first.
    pub done: Vec<(Timestamp, String)>,
}

impl Player {
    /// A player for the days in the book. Of today, what was to happen before the clock's reading has happened; of
    /// other days nothing more will.
    pub fn new(stage: Stage, days: Vec<Day>, today: Date) -> Self {
        let now = stage.ambient.now();
        let zone = &stage.clinic.clinic.zone;
        let todays = days.iter().filter(|day| day.date == today);
        let ahead: Vec<Step> = todays.flat_map(|day| day.steps(zone)).filter(|step| step.at > now).collect();
        let script = Script { days, ahead: ahead.into(), playing: true, ..Script::default() };
        Self { stage, script: Mutex::new(script), turn: tokio::sync::Mutex::new(()) }
    }

    /// The clock that it plays by.
    pub fn clock(&self) -> Arc<DemoClock> {
        self.stage.clock.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the panel shows.
    pub fn shown(&self) -> Shown {
        let script = self.script();
        Shown {
            playing: script.playing,
            ahead: script
                .ahead
                .iter()
                .filter(|step| step.told)
                .take(SHOWN)
                .map(|step| (step.at, step.words()))
                .collect(),
            done: script.done.iter().cloned().collect(),
        }
    }

    /// Lets people act by themselves, or not. What they were to do meanwhile is left out.
    pub fn set_playing(&self, playing: bool) {
        self.script().playing = playing;
    }

    /// The day that the clinic's wall shows, if it is in the book.
    pub fn today(&self) -> Option<Day> {
        let date = self.stage.clinic.clinic.zone.date(self.stage.ambient.now());
        self.script().days.iter().rev().find(|day| day.date == date).copied()
    }

    /// Writes a day into the book and its steps into the script, unless it is there already.
    pub async fn add_day(&self, day: Day) -> Result<()> {
        if self.script().days.iter().any(|known| known.date == day.date) {
            return Ok(());
        }
        self.stage.clinic.book(&self.stage.outreach, &day).await?;
        let now = self.stage.ambient.now();
        let zone = &self.stage.clinic.clinic.zone;
        {
            let mut script = self.script();
            script.days.push(day);
            let mut ahead: Vec<Step> = script.ahead.drain(..).collect();
            ahead.extend(day.steps(zone).into_iter().filter(|step| step.at > now));
            ahead.sort_by_key(|step| step.at);
            script.ahead = ahead.into();
        }
        self.keep()
    }

    /// Keeps the days, and the clock's reading, a little ahead: however this run ends, the next one goes on from a
    /// later time.
    pub fn keep(&self) -> Result<()> {
        self.keep_at(self.stage.ambient.now().plus(KEEP_AHEAD * self.stage.clock.chosen().factor()))
    }

    /// The same at the very end, when nothing more will happen.
    pub fn keep_exactly(&self) -> Result<()> {
        self.keep_at(self.stage.ambient.now())
    }

    fn keep_at(&self, clock: Timestamp) -> Result<()> {
        let zone = self.stage.clinic.clinic.zone.name().to_owned();
        let days = self.script().days.clone();
        self.stage.files.keep(&Kept { clock, zone, days })
    }

    /// Closes every room and sends everybody home: before the clock leaps to another day.
    pub fn send_everybody_home(&self) {
        let truth = self.stage.simulator.truth();
        for guest in truth.guests.iter().filter(|guest| guest.place != Place::Gone) {
            if let Err(error) = self.stage.simulator.leave(guest.id) {
                tracing::debug!(%error, "could not be sent home");
            }
        }
    }

    /// Plays everything until then at once: the clock is moved from step to step.
    pub async fn play_until(&self, target: Timestamp) {
        let _turn = self.turn.lock().await;
        self.stage.clock.drive();
        while let Some(step) = self.next_step(target) {
            self.move_clock(step.at).await;
            self.perform(step).await;
            self.move_clock(step.at.plus(TAKES_EFFECT).min(target)).await;
        }
        self.move_clock(target).await;
        self.wait_until_understood().await;
        self.stage.clock.release();
    }

    /// Plays until just after the next thing that happens.
    pub async fn skip(&self) {
        let next = self.script().ahead.front().map(|step| step.at);
        if let Some(next) = next {
            self.play_until(next.plus(TAKES_EFFECT)).await;
        }
    }

    /// Plays as the clock runs, until the demo stops.
    pub async fn run(&self, stop: CancellationToken) {
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut looks = 0_u32;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = look.tick() => {}
            }
            {
                let _turn = self.turn.lock().await;
                while let Some(step) = self.next_step(self.stage.ambient.now()) {
                    self.perform(step).await;
                }
            }
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(KEEP_EVERY) {
                let zone = &self.stage.clinic.clinic.zone;
                let today = Day::ordinary(zone.date(self.stage.ambient.now()), zone);
                if let Err(error) = self.add_day(today).await.and_then(|()| self.keep()) {
                    tracing::warn!(error = format!("{error:#}"), "the demo's day could not be kept");
                }
            }
        }
    }

    /// Takes the next step out of the script if its time has come by then.
    fn next_step(&self, by: Timestamp) -> Option<Step> {
        let mut script = self.script();
        script.ahead.front().filter(|step| step.at <= by)?;
        script.ahead.pop_front()
    }

    async fn move_clock(&self, to: Timestamp) {
        let by = to.since(self.stage.ambient.now());
        self.stage.simulator.advance(by).await;
    }

    async fn wait_until_understood(&self) {
        let understood = async {
            loop {
                let backlog = match self.stage.store.read().await {
                    Ok(mut tx) => tx.inbox_backlog().await.unwrap_or(1),
                    Err(_) => 1,
                };
                if backlog == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(UNDERSTOOD_WITHIN, understood).await.is_err() {
            tracing::warn!("Anteroom has not understood all deliveries yet");
        }
    }

    /// Does what the script says. What cannot be done, because whoever looks at the demo did something else, is left.
    async fn perform(&self, step: Step) {
        if !self.script().playing {
            return;
        }
        match self.try_to_perform(&step).await {
            Ok(true) => {
                let mut script = self.script();
                script.done.push_front((step.at, step.words()));
                script.done.truncate(SHOWN);
            }
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(visit = step.visit.key, error = format!("{error:#}"), "left out of the play");
            }
        }
    }

    /// False where there was nothing to do.
    async fn try_to_perform(&self, step: &Step) -> Result<bool> {
        let stage = &self.stage;
        let Some(room) = stage.clinic.room_number(&*stage.store, step.visit.host).await? else {
            return Ok(false);
        };
        let label = |guest: &Guest| format!("{}/{}", step.day.external_id(step.visit), guest.id);
        match step.act {
            Act::Open(guest) => stage.browser.open(&self.link(&step.day, step.visit, guest).await?).await?,
            Act::Press(guest) => {
                let number = stage.browser.join(&self.link(&step.day, step.visit, guest).await?).await?;
                self.script().pressed.insert(guest.id, number);
            }
            Act::Arrive(guest) => {
                let number = if guest.presses {
                    self.script().pressed.remove(guest.id).context("did not press Join")?
                } else {
                    room
                };
                let person = Some(label(guest));
                stage
                    .simulator
                    .join(number, NewGuest { name: guest.types.to_owned(), person, ..NewGuest::default() })?;
            }
            Act::Mark(guest) => return self.mark_as_interpreter(guest).await,
            Act::Admit(guest) => match self.guest(&label(guest), Place::Waiting) {
                Some(id) => stage.simulator.admit(id)?,
                None => return Ok(false),
            },
            Act::Leave(guest) => match self.present(&label(guest)) {
                Some(id) => stage.simulator.leave(id)?,
                None => return Ok(false),
            },
            Act::HostComes => {
                if self.host_is_in(room) {
                    return Ok(false);
                }
                stage.simulator.start(room)?;
            }
            Act::HostGoes => match stage.simulator.end(room) {
                Err(SimError::NotRunning) => return Ok(false),
                other => other?,
            },
        }
        Ok(true)
    }

    /// What the desk does on its board. False where it is not asked about them.
    async fn mark_as_interpreter(&self, guest: &Guest) -> Result<bool> {
        self.wait_until_understood().await;
        let (stage, clinic) = (&self.stage, self.stage.clinic.clinic.id);
        let board = stage.attendance.board(clinic, None).await?;
        let Some(asked) = board.unmatched.iter().find(|row| row.name == guest.types) else {
            return Ok(false);
        };
        let desk = StaffOrToken::Staff(stage.clinic.member("desk")?.id);
        stage.attendance.decide(clinic, asked.id, Verdict::Interpreter, desk).await?;
        Ok(true)
    }

    async fn link(&self, day: &Day, visit: &Visit, guest: &Guest) -> Result<SecretText> {
        let stage = &self.stage;
        let appointment = stage
            .clinic
            .appointment(&*stage.store, day, visit)
            .await?
            .context("the visit is not in the book")?;
        let attendee = appointment
            .attendees
            .iter()
            .find(|attendee| attendee.external_id.as_str() == guest.id)
            .context("is not expected any more")?
            .id;
        let links = stage.outreach.links(stage.clinic.clinic.id, &appointment).await?;
        Ok(links.of(attendee).context("has no link")?.url.clone())
    }

    fn guest(&self, label: &str, place: Place) -> Option<u64> {
        let guests = self.stage.simulator.truth().guests;
        guests
            .iter()
            .rev()
            .find(|guest| guest.person.as_deref() == Some(label) && guest.place == place)
            .map(|guest| guest.id)
    }

    fn present(&self, label: &str) -> Option<u64> {
        let guests = self.stage.simulator.truth().guests;
        guests
            .iter()
            .rev()
            .find(|guest| guest.person.as_deref() == Some(label) && guest.place != Place::Gone)
            .map(|guest| guest.id)
    }

    fn host_is_in(&self, room: i64) -> bool {
        let guests = self.stage.simulator.truth().guests;
        guests.iter().any(|guest| guest.meeting == room && guest.is_host && guest.place == Place::InMeeting)
    }
}

/// Where the clock begins, and where it is to be when people look: at the first start, at a later one.
pub fn opening(
    kept: Option<&Kept>,
    now: Timestamp,
    zone: &domain::clinic::Zone,
) -> (Timestamp, Timestamp, Day) {
    let Some(kept) = kept else {
        let day = Day::around(now, zone);
        return (day.begins().min(now.minus(WARM_UP)), now, day);
    };
    let target = now.max(kept.clock);
    let date = zone.date(target);
    let day =
        kept.days.iter().find(|day| day.date == date).copied().unwrap_or_else(|| Day::around(target, zone));
    (kept.clock, target, day)
}
