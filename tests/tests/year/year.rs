//! The year as it passes: rounds of the program, visits, misfortunes, and people who do what they are told by e-mail.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use domain::{Timestamp, room::ConnectionState};
use jiff::{ToSpan as _, civil::Date};
use serde_json::json;
use zoomsim::{Fault, Place, Plan, WaitingRoomLock};

use crate::{
    calendar::{self, Visit, Week},
    dice::Dice,
    misfortune::{Change, Happened, Misfortune},
    post::Letter,
    world::{ROUND, World},
};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Visits are booked so far ahead.
const BOOKED_AHEAD: u64 = 3;
pub const WEEKS: u64 = 53;
/// Whoever had a misfortune has none again for so long.
const QUIET: Duration = Duration::from_hours(48);

/// What is to be done at some time.
enum Deed {
    Book(u64),
    Visit { host: usize, visit: Visit },
    Over { number: i64 },
    Befall { host: usize, what: Misfortune, heard: bool },
    Reconnect(usize),
    Allow(usize),
    Unlock(usize),
    Flap { host: usize, left: u32 },
    PayAgain(usize),
    BackFromLeave(usize),
    DeleteOnLeave(usize),
    Use(usize),
    Look,
    ZoomFails(Fault),
    ZoomWorks,
    ProgramFalls,
    ProgramComesBack,
    Rotate(usize),
    FollowLinks,
}

/// How one person is.
#[derive(Default)]
pub struct Life {
    /// Everything that they have booked or had, in order.
    pub visits: Vec<Visit>,
    /// Which of the happenings they are in the middle of.
    open: Option<usize>,
    quiet_until: Option<Timestamp>,
    reconnects: bool,
    /// On a long leave: letters are not read.
    away: bool,
    /// Nobody ever starts this room.
    unused: bool,
    /// The number at which their room is, as far as the links showed it: when it was first seen there.
    pub numbers: Vec<(i64, Timestamp)>,
}

/// What was counted.
#[derive(Debug, Default)]
pub struct Counts {
    pub rounds: u64,
    pub visits: u64,
    pub patients_let_in: u64,
    pub links_followed: u64,
    pub reconnected: u64,
    pub letters: u64,
    /// What must never be.
    pub wrong: Vec<String>,
}

pub struct Year {
    pub world: World,
    dice: Dice,
    weeks: Vec<Week>,
    pub lives: Vec<Life>,
    agenda: BTreeMap<(Timestamp, u64), Deed>,
    serial: u64,
    monday: Date,
    pub start: Timestamp,
    pub end: Timestamp,
    pub happened: Vec<Happened>,
    /// Times in which nothing could be found: Zoom or the program was away.
    pub blind: Vec<(Timestamp, Option<Timestamp>)>,
    pub letters: Vec<Letter>,
    pub counts: Counts,
}

impl Year {
    /// A clinic of so many, on a Monday.
    pub async fn begin(monday: Date, hosts: usize, seed: u64) -> Self {
        let zone = domain::clinic::Zone::parse("America/Chicago").expect("a zone");
        let start = zone.day(monday).start;
        let world = World::open(start, seed, hosts).await;
        let dice = Dice::new(seed.wrapping_mul(0x9e37_79b9) + 1);
        let weeks = (0..hosts).map(|_| Week::cast(&dice)).collect();
        let lives = world
            .hosts
            .iter()
            .map(|host| Life { numbers: vec![(host.first_number, start)], ..Life::default() })
            .collect();
        let end = start.plus(DAY * u32::try_from(7 * WEEKS).expect("small"));
        let mut year = Self {
            world,
            dice,
            weeks,
            lives,
            agenda: BTreeMap::new(),
            serial: 0,
            monday,
            start,
            end,
            happened: Vec::new(),
            blind: Vec::new(),
            letters: Vec::new(),
            counts: Counts::default(),
        };
        if let Some(last) = year.lives.last_mut() {
            last.unused = true;
        }
        for week in 0..BOOKED_AHEAD {
            year.book(week).await;
        }
        year.plan();
        year
    }

    fn at(&mut self, at: Timestamp, deed: Deed) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), deed);
    }

    /// So long after the year's beginning.
    fn day(&self, day: u64, hour: u64) -> Timestamp {
        self.start.plus(DAY * u32::try_from(day).expect("small") + HOUR * u32::try_from(hour).expect("small"))
    }

    /// What is known beforehand: bookings, rotations, outages, and when misfortunes strike.
    fn plan(&mut self) {
        for week in 0..WEEKS {
            self.at(self.day(week * 7 + 6, 4), Deed::Book(week + BOOKED_AHEAD));
            self.at(self.day(week * 7 + 6, 12), Deed::FollowLinks);
        }
        for (number, day) in [60, 150, 240].into_iter().enumerate() {
            self.at(self.day(day, 20), Deed::Rotate(number));
        }
        // Two outages: the program's machine for nine hours of a working day, and Zoom's API for seven.
        self.at(self.day(99, 8), Deed::ProgramFalls);
        self.at(self.day(99, 17), Deed::ProgramComesBack);
        self.at(self.day(197, 5), Deed::ZoomFails(fault("*", 503)));
        self.at(self.day(197, 12), Deed::ZoomWorks);
        // And bad quarters of an hour.
        for _ in 0..24 {
            let at = self.day(3 + self.dice.below(340), self.dice.below(24));
            if self.is_near_an_outage(at) {
                continue;
            }
            let (route, status) = *self.dice.one_of(&[
                ("* /v2/*", 429),
                ("* /v2/*", 500),
                ("* /oauth/token", 503),
                ("* /v2/meetings/*", 502),
                ("GET /v2/users/*", 500),
            ]);
            let lasting = self.dice.between(MINUTE * 5, MINUTE * 90);
            self.at(at, Deed::ZoomFails(fault(route, status)));
            self.at(at.plus(lasting), Deed::ZoomWorks);
        }
        for week in 1..WEEKS - 4 {
            for host in 0..self.lives.len() {
                if !self.lives[host].unused && self.dice.percent(35) {
                    let at = self.day(week * 7, 0).plus(self.dice.between(Duration::ZERO, DAY * 7));
                    let (what, heard) = self.draw(host, week);
                    self.at(at, Deed::Befall { host, what, heard });
                }
            }
        }
    }

    fn is_near_an_outage(&self, at: Timestamp) -> bool {
        [99, 197].into_iter().any(|day| at.distance(self.day(day, 12)) < DAY * 2)
    }

    fn draw(&self, host: usize, week: u64) -> (Misfortune, bool) {
        let own_account = self.world.hosts[host].account.starts_with("Own");
        let what = match self.dice.below(100) {
            0..14 => Misfortune::Password,
            14..22 => Misfortune::Approval { revives: self.dice.percent(50) },
            22..30 => Misfortune::Removed,
            30..38 => Misfortune::LostAnswer,
            38..76 => Misfortune::ByHand(*self.dice.one_of(&Change::ALL)),
            76..86 => Misfortune::Deleted,
            86..88 => Misfortune::Flapping,
            88..92 if own_account => Misfortune::Locked,
            88..92 => Misfortune::ByHand(Change::WaitingRoomOff),
            92..94 => Misfortune::Plan,
            94..96 => Misfortune::GivenAway,
            96..98 => Misfortune::Moved,
            _ if week < WEEKS - 12 => Misfortune::LongLeave,
            _ => Misfortune::Password,
        };
        (what, self.dice.percent(70))
    }

    async fn book(&mut self, week: u64) {
        let monday = self.monday + i64::try_from(week * 7).expect("small").days();
        let booked = calendar::book(&self.world, &self.weeks, monday, week).await;
        for (host, visits) in booked.into_iter().enumerate() {
            for visit in visits {
                if !self.lives[host].unused && visit.starts < self.end && self.dice.percent(8) {
                    self.at(visit.starts, Deed::Visit { host, visit });
                }
                self.lives[host].visits.push(visit);
            }
        }
    }

    /// Lets the whole year pass.
    pub async fn pass(&mut self) {
        let mut next_round = self.after(self.start);
        while self.world.now() < self.end {
            let next = self.agenda.first_key_value().map(|(key, _)| *key).filter(|key| key.0 <= next_round);
            if let Some(key) = next {
                self.world.pass_to(key.0).await;
                let deed = self.agenda.remove(&key).expect("it is there");
                self.act(deed).await;
                self.world.hear().await;
                self.world.look().await;
                self.world.tell().await;
            } else {
                self.world.pass_to(next_round).await;
                self.world.round().await;
                self.counts.rounds += 1;
                next_round = self.after(next_round);
                self.read_letters().await;
                self.see_who_is_well().await;
            }
        }
        self.follow_links().await;
    }

    /// When the round after this one is made.
    fn after(&self, round: Timestamp) -> Timestamp {
        let next = round.plus(HOUR);
        let there = next.in_zone(self.world.clinic.zone.rules());
        let works = there.weekday().to_monday_one_offset() < 6 && (4..=19).contains(&there.hour());
        if works || there.hour() % 3 == 0 { next } else { self.after(next) }
    }

    /// The happening that somebody is in the middle of.
    fn open(&self, host: usize) -> Option<&Happened> {
        self.lives[host].open.map(|index| &self.happened[index])
    }

    async fn act(&mut self, deed: Deed) {
        let now = self.world.now();
        match deed {
            Deed::Book(week) => self.book(week).await,
            Deed::Visit { host, visit } => self.visit(host, visit).await,
            Deed::Over { number } => {
                // It may have been ended by somebody else.
                _ = self.world.sim.end(number);
            }
            Deed::Befall { host, what, heard } => self.befall(host, what, heard).await,
            Deed::Reconnect(host) => self.reconnect(host).await,
            Deed::Allow(host) => {
                let revives = matches!(
                    self.open(host).map(|happened| happened.what),
                    Some(Misfortune::Approval { revives: true })
                );
                let user = self.world.hosts[host].zoom_user.clone();
                self.world.sim.allow_by_admin(&user, revives).expect("a user");
            }
            Deed::Unlock(host) => {
                let account = self.world.hosts[host].account.clone();
                self.world.sim.knobs(|knobs| {
                    knobs.waiting_room_locks.remove(&account);
                });
            }
            Deed::Flap { host, left } => {
                if let Some(number) = self.number(host).await {
                    let off = Change::WaitingRoomOff.body();
                    self.world.sim.change_meeting(number, &off).expect("the meeting is there");
                }
                if left > 0 {
                    self.at(now.plus(MINUTE * 3), Deed::Flap { host, left: left - 1 });
                }
            }
            Deed::PayAgain(host) => {
                let user = self.world.hosts[host].zoom_user.clone();
                self.world.sim.set_plan(&user, Plan::Licensed).expect("a user");
            }
            Deed::DeleteOnLeave(host) => {
                if let Some(number) = self.number(host).await {
                    // Gone already where somebody else was quicker.
                    _ = self.world.sim.delete_meeting(number);
                }
            }
            Deed::BackFromLeave(host) => {
                self.lives[host].away = false;
                self.reconnect(host).await;
            }
            Deed::Use(host) => {
                if let Some(number) = self.number(host).await
                    && self.world.sim.start(number).is_ok()
                {
                    self.at(now.plus(MINUTE * 10), Deed::Over { number });
                }
            }
            Deed::Look => {}
            Deed::ZoomFails(fault) => {
                self.world.sim.fault(fault);
                self.blind.push((now, None));
            }
            Deed::ZoomWorks => {
                self.world.sim.clear_faults();
                self.see_again(now);
            }
            Deed::ProgramFalls => {
                self.world.stop().await;
                self.blind.push((now, None));
            }
            Deed::ProgramComesBack => {
                self.world.start().await;
                self.see_again(now);
            }
            Deed::Rotate(number) => self.rotate(number).await,
            Deed::FollowLinks => self.follow_links().await,
        }
    }

    fn see_again(&mut self, now: Timestamp) {
        for (_, until) in &mut self.blind {
            until.get_or_insert(now);
        }
    }

    fn is_blind(&self) -> bool {
        self.blind.iter().any(|(_, until)| until.is_none())
    }

    /// The meeting behind somebody's room.
    async fn number(&self, host: usize) -> Option<i64> {
        Some(self.world.room_of(self.world.hosts[host].id).await?.meeting_number)
    }

    async fn befall(&mut self, host: usize, what: Misfortune, heard: bool) {
        let now = self.world.now();
        let life = &self.lives[host];
        if life.open.is_some() || life.quiet_until.is_some_and(|until| now < until) || self.is_blind() {
            return;
        }
        let Some(number) = self.number(host).await else { return };
        let user = self.world.hosts[host].zoom_user.clone();
        let sim = self.world.sim.clone();
        if sim.truth().meetings.iter().any(|meeting| {
            meeting.number == number && meeting.instances.iter().any(|instance| instance.ended_at.is_none())
        }) {
            return;
        }
        if !heard {
            sim.knobs(|knobs| knobs.lose_next = 1);
        }
        let mendable = self.strike(host, what, number, &user).await;
        sim.knobs(|knobs| knobs.lose_next = 0);
        let Some(mendable) = mendable else { return };
        self.lives[host].open = Some(self.happened.len());
        self.happened.push(Happened { host, what, at: now, heard, mendable, over: None });
        for minutes in [1, 5, 15] {
            self.at(now.plus(MINUTE * minutes), Deed::Look);
        }
    }

    /// Brings it about, and returns from when on it can be mended; none where it cannot be.
    async fn strike(&mut self, host: usize, what: Misfortune, number: i64, user: &str) -> Option<Timestamp> {
        let now = self.world.now();
        let sim = self.world.sim.clone();
        let mut mendable = now;
        match what {
            Misfortune::Password | Misfortune::Moved => sim.change_password(user).expect("a user"),
            Misfortune::Approval { .. } => {
                sim.disable_by_admin(user).expect("a user");
                mendable = now.plus(self.dice.between(HOUR * 10, DAY * 6));
                self.at(mendable, Deed::Allow(host));
            }
            Misfortune::Removed => sim.deauthorize(user).expect("a user"),
            Misfortune::LostAnswer => {
                // Somebody opens a page that asks Zoom, and the line breaks while the tokens are renewed.
                let lost = Fault { after: true, count: 1, ..fault("POST /oauth/token", 502) };
                sim.fault(lost);
                let connection = self.world.connection_of(self.world.hosts[host].id).await;
                let connection = connection.expect("they are connected");
                let zoom = &self.world.program().zoom;
                let token = zoom.access_token(self.world.clinic_id(), connection.id).await;
                sim.clear_faults();
                if token.is_ok() {
                    // The access token was still good, so that nothing was renewed and nothing lost.
                    return None;
                }
            }
            Misfortune::ByHand(change) => {
                sim.change_meeting(number, &change.body()).expect("the meeting is there");
            }
            Misfortune::Deleted => sim.delete_meeting(number).expect("the meeting is there"),
            Misfortune::Flapping => {
                mendable = now.plus(MINUTE * (3 * 120));
                self.at(now, Deed::Flap { host, left: 120 });
            }
            Misfortune::Locked => {
                let lock = WaitingRoomLock { on: false, refuses: self.dice.percent(50) };
                let account = self.world.hosts[host].account.clone();
                sim.knobs(|knobs| {
                    knobs.waiting_room_locks.insert(account, lock);
                });
                sim.change_meeting(number, &Change::WaitingRoomOff.body()).expect("the meeting is there");
                mendable = now.plus(self.dice.between(DAY, DAY * 8));
                self.at(mendable, Deed::Unlock(host));
            }
            Misfortune::Plan => {
                sim.set_plan(user, Plan::Basic).expect("a user");
                mendable = now.plus(self.dice.between(DAY, DAY * 5));
                self.at(mendable, Deed::PayAgain(host));
            }
            Misfortune::GivenAway => {
                // Zoom lets that be done within one account alone.
                let account = &self.world.hosts[host].account;
                let colleague = self
                    .world
                    .hosts
                    .iter()
                    .find(|other| other.account == *account && other.zoom_user != user)?;
                sim.give_meeting_to(number, &colleague.zoom_user).expect("a user");
            }
            Misfortune::LongLeave => {
                sim.change_password(user).expect("a user");
                self.lives[host].away = true;
                self.at(now.plus(DAY * 2), Deed::DeleteOnLeave(host));
                mendable = now.plus(DAY * 40);
                self.at(mendable, Deed::BackFromLeave(host));
            }
            Misfortune::Unused => {}
        }
        Some(mendable)
    }

    /// A real visit: the patient follows the link of the appointment, waits, is let in, and both go.
    async fn visit(&mut self, host: usize, visit: Visit) {
        let Some(program) = &self.world.program else { return };
        if self.is_blind() {
            return;
        }
        self.counts.visits += 1;
        let clinic = self.world.clinic_id();
        let mut tx = self.world.store().read().await.expect("read");
        let appointment = tx.appointment(clinic, visit.id).await.expect("read").expect("it was booked");
        drop(tx);
        let links = program.outreach.links(clinic, &appointment).await.expect("links are minted");
        let token = links.attendees[0].url.expose().rsplit('/').next().expect("a token").to_owned();
        let pressed = program.outreach.press(&token, None, outreach::PressFrom::default()).await;
        let well = self.lives[host].open.is_none();
        let redirect = match pressed {
            Ok(pressed) => pressed.redirect.location().to_owned(),
            Err(_) if !well => return,
            Err(error) => return self.wrong(host, &format!("a patient's link leads nowhere: {error}")),
        };
        let number = number_in(&redirect);
        let came = self.world.sim.join_named(number, calendar::PATIENT);
        let guest = match came {
            Ok(guest) => guest,
            Err(_) if !well => return,
            Err(error) => return self.wrong(host, &format!("a patient's link leads to no room: {error}")),
        };
        let place = self.world.sim.guest(guest).expect("somebody came").place;
        if well && place != Place::Waiting {
            self.wrong(host, &format!("a patient is not in the waiting room but {place:?}"));
        }
        self.world.hear().await;
        if self.world.sim.start(number).is_ok() {
            self.world.sim.admit_all(number).expect("the meeting runs");
            self.counts.patients_let_in += 1;
        }
        self.at(self.world.now().plus(MINUTE * 25), Deed::Over { number });
    }

    async fn reconnect(&mut self, host: usize) {
        let now = self.world.now();
        self.lives[host].reconnects = false;
        if self.world.program.is_none() {
            self.reconnect_at(host, now.plus(HOUR * 3));
            return;
        }
        let staff = self.world.hosts[host].id;
        let moves = matches!(self.open(host), Some(Happened { what: Misfortune::Moved, .. }));
        if moves && self.world.hosts[host].zoom_user == format!("ZoomUser{host:014}") {
            // Their old Zoom user is no more; the page says to disconnect first.
            let zoom = &self.world.program().zoom;
            // Disconnected already where the app was removed.
            _ = zoom.disconnect(self.world.clinic_id(), staff).await;
            let count = self.world.hosts.len();
            let one = &mut self.world.hosts[host];
            one.zoom_user = format!("ZoomUser{:014}", host + count);
            one.account = format!("NewAccount{:012}", host + count);
        }
        let user = self.world.hosts[host].zoom_user.clone();
        match self.world.connect(staff, &user).await {
            Ok(_) => self.counts.reconnected += 1,
            Err(_) => self.reconnect_at(host, now.plus(HOUR * 7)),
        }
    }

    fn reconnect_at(&mut self, host: usize, at: Timestamp) {
        if !std::mem::replace(&mut self.lives[host].reconnects, true) {
            self.at(at, Deed::Reconnect(host));
        }
    }

    /// Whoever is told by a letter does what it says, some hours later.
    async fn read_letters(&mut self) {
        let new = self.world.post.since(self.letters.len());
        for letter in new {
            self.counts.letters += 1;
            let host = self.world.hosts.iter().position(|host| host.email == letter.to);
            self.letters.push(letter);
            let Some(host) = host.filter(|host| !self.lives[*host].away) else { continue };
            let soon = self.world.now().plus(self.dice.between(MINUTE * 20, HOUR * 5));
            let connection = self.world.connection_of(self.world.hosts[host].id).await;
            if connection.is_none_or(|connection| connection.state != ConnectionState::Connected) {
                self.reconnect_at(host, soon);
            } else if self.lives[host].unused {
                self.at(soon, Deed::Use(host));
            }
        }
    }

    /// Notes whose misfortune is over: connected, and a room without anything that it lacks.
    async fn see_who_is_well(&mut self) {
        let now = self.world.now();
        if self.world.program.is_none() {
            return;
        }
        let clinic = self.world.clinic_id();
        let mut tx = self.world.store().read().await.expect("read");
        let lasting = tx.drifts_lasting(clinic).await.expect("read");
        let lasting: BTreeSet<_> = lasting.iter().map(|drift| drift.room_id).collect();
        let guarded: BTreeMap<_, _> = tx.guarded_all(clinic).await.expect("read").into_iter().collect();
        let connections = tx.connections(clinic).await.expect("read");
        let rooms = tx.rooms(clinic).await.expect("read");
        drop(tx);
        for host in 0..self.lives.len() {
            let Some(index) = self.lives[host].open else { continue };
            let happened = &self.happened[index];
            let staff = self.world.hosts[host].id;
            let connected = connections
                .iter()
                .any(|one| one.staff_id == staff && one.state == ConnectionState::Connected);
            let room = rooms.iter().find(|room| room.staff_id == staff);
            let looked = room.and_then(|room| guarded.get(&room.id)).and_then(|guarded| guarded.looked_at);
            let well = room.is_some_and(|room| !lasting.contains(&room.id));
            // Half a day: what has not been found by then is not taken for well.
            let since = happened.mendable.max(happened.at.plus(HOUR * 12));
            if connected && well && now > since && looked.is_some_and(|looked| looked > since) {
                self.happened[index].over = Some(now);
                self.lives[host].open = None;
                self.lives[host].quiet_until = Some(now.plus(QUIET));
            }
        }
    }

    /// Every patient's link, as it hangs on the refrigerator, leads to the room of its host.
    async fn follow_links(&mut self) {
        if self.world.program.is_none() || self.is_blind() {
            return;
        }
        let now = self.world.now();
        let truth = self.world.sim.truth();
        for host in 0..self.lives.len() {
            self.counts.links_followed += 1;
            let one = &self.world.hosts[host];
            let visit = self.world.program().outreach.guest_visit(&one.guest_link).await;
            let well = self.lives[host].open.is_none();
            let room = match visit {
                Ok(visit) => visit.room,
                Err(error) => {
                    self.wrong(host, &format!("the clinic's link is broken: {error}"));
                    continue;
                }
            };
            let Some(room) = room else {
                if well {
                    self.wrong(host, "the clinic's link leads to no room");
                }
                continue;
            };
            let number = number_in(room.redirect.location());
            if self.lives[host].numbers.last().is_none_or(|(last, _)| *last != number) {
                self.lives[host].numbers.push((number, now));
            }
            let meeting = truth.meetings.iter().find(|meeting| meeting.number == number);
            let right = meeting.is_some_and(|meeting| {
                !meeting.deleted && meeting.host_id == one.zoom_user && meeting.waiting_room
            });
            if well && !right {
                self.wrong(host, &format!("the clinic's link leads to the meeting {meeting:?}"));
            }
        }
    }

    /// At the year's end: everybody whom Zoom accepts is connected with tokens that work, and no limit was broken.
    pub async fn last_look(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let clinic = self.world.clinic_id();
        for (number, host) in self.world.hosts.iter().enumerate() {
            let connection = self.world.connection_of(host.id).await;
            let Some(connection) = connection.filter(|one| one.state == ConnectionState::Connected) else {
                wrong.push(format!("host {number} is not connected at the end of the year"));
                continue;
            };
            if let Err(error) = self.world.program().zoom.access_token(clinic, connection.id).await {
                wrong.push(format!("host {number} has no token at the end of the year: {error}"));
            }
        }
        wrong.extend(
            self.world.sim.limits_broken().iter().take(20).map(|one| format!("beyond a limit: {one:?}")),
        );
        wrong
    }

    fn wrong(&mut self, host: usize, what: &str) {
        let now = self.world.now();
        self.counts.wrong.push(format!("{now} host {host}: {what}"));
    }

    /// The three secrets, each changed as an operator does it.
    async fn rotate(&mut self, number: usize) {
        let sim = self.world.sim.clone();
        match number {
            0 => {
                // Zoom makes a new one, and the old one is void at once; until the operator has put it in front, every
                // delivery is refused and comes again.
                sim.set_webhook_secret("nEw4pQ7rT2vX5yB8dF1hJ3");
                self.world.pass_to(self.world.now().plus(MINUTE * 3)).await;
                let old = self.world.operated.webhook_secrets.clone();
                self.world
                    .restart_with(|operated| {
                        operated.webhook_secrets = format!("nEw4pQ7rT2vX5yB8dF1hJ3,{old}");
                    })
                    .await;
                sim.revalidate();
                self.world.pass_to(self.world.now().plus(HOUR * 2)).await;
                self.world
                    .restart_with(|operated| {
                        "nEw4pQ7rT2vX5yB8dF1hJ3".clone_into(&mut operated.webhook_secrets);
                    })
                    .await;
            }
            1 => {
                // The same with the client secret: while the program has the old one nothing is renewed, and nobody's
                // connection is to suffer.
                let from = self.world.now();
                sim.set_client_secret("an0ther-cl1ent-s3cret-0000002");
                for _ in 0..3 {
                    self.world.pass_to(self.world.now().plus(ROUND)).await;
                    self.world.round().await;
                }
                self.world
                    .restart_with(|operated| {
                        "an0ther-cl1ent-s3cret-0000002".clone_into(&mut operated.client_secret);
                    })
                    .await;
                self.blind.push((from, Some(self.world.now())));
            }
            _ => {
                // A new key in front; the old one stays behind it, for what was sealed with it and is not sealed anew.
                self.world
                    .restart_with(|operated| {
                        operated.keys =
                            format!("second:q7m0bYVhJcQ8h8tqzN0v0m1mO1r8Z2V7bqk0YyX3w5A=,{}", operated.keys);
                    })
                    .await;
            }
        }
    }
}

fn fault(route: &str, status: u16) -> Fault {
    let body = match status {
        429 => {
            json!({ "code": 429, "message": "You have reached the maximum per-second rate limit for this API." })
        }
        _ => json!({ "code": i32::from(status), "message": "Simulated fault." }),
    };
    let headers =
        if status == 429 { [("Retry-After".to_owned(), "30".to_owned())].into() } else { BTreeMap::new() };
    Fault { route: route.to_owned(), status: Some(status), body: Some(body), headers, ..Fault::default() }
}

fn number_in(join_url: &str) -> i64 {
    let url = url::Url::parse(join_url).expect("an address");
    url.path().trim_start_matches("/j/").parse().expect("a meeting's number")
}
