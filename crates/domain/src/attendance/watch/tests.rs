//! Each matter where it is one, and where it is not; how it ends; how it is told.

use uuid::Uuid;

use super::*;
use crate::{
    appointment::{Consent, Kind, Status},
    attendance::{
        matching::{Candidate, DecidedBy, Match},
        presence::Whereabouts::{InSession, Left, Waiting},
        stay::Source,
    },
    id::Id,
    text::{ExternalId, Name},
};

pub(super) const HOST: u128 = 900;
pub(super) const COLLEAGUE: u128 = 901;
const ROOM: u128 = 800;

pub(super) fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

/// So many seconds after ten.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_449_600 + seconds)
}

fn min(minutes: i64) -> i64 {
    minutes * 60
}

/// Half an hour that starts so many minutes after ten. Attendees are numbered by the visit and their place.
pub(super) fn visit(number: u128, minutes: i64, names: &[&str]) -> Appointment {
    Appointment {
        id: id(number),
        clinic_id: id(0),
        external_id: ExternalId::parse(&number.to_string()).unwrap(),
        starts_at: at(min(minutes)),
        ends_at: at(min(minutes + 30)),
        host: id(HOST),
        kind: Kind::Telehealth,
        status: Status::Booked,
        booked_as: crate::telehealth::Booked::default(),
        revision: 0,
        attendees: (1..)
            .zip(names)
            .map(|(place, name)| Attendee {
                id: id(number * 10 + place),
                external_id: ExternalId::parse(&format!("p{number}-{place}")).unwrap(),
                name: Name::parse(name).unwrap(),
                email: None,
                phone: None,
                consent: Consent::default(),
                language: None,
            })
            .collect(),
        created_at: at(-90_000),
        updated_at: at(-90_000),
    }
}

/// Somebody who was where since when, in seconds; the last is where they are.
pub(super) fn one(number: u128, name: &str, was: &[(Whereabouts, i64)]) -> Presence {
    let (whereabouts, since) = *was.last().unwrap();
    let ends = was.iter().skip(1).map(|(_, to)| Some(at(*to))).chain([None]);
    let kind = |whereabouts| match whereabouts {
        Waiting => Some(StayKind::Waiting),
        Whereabouts::Connecting => Some(StayKind::Connecting),
        InSession => Some(StayKind::InSession),
        Left => None,
    };
    Presence {
        id: id(number),
        clinic_id: id(0),
        room_id: id(ROOM),
        who: Who::Visitor,
        staff_id: None,
        shown_name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        first_at: at(was.first().unwrap().1),
        whereabouts,
        since: at(since),
        stays: was
            .iter()
            .zip(ends)
            .filter_map(|((whereabouts, from), to)| {
                Some(Stay {
                    kind: kind(*whereabouts)?,
                    from: at(*from),
                    to,
                    from_source: Source::Webhook,
                    to_source: to.map(|_| Source::Webhook),
                    evidence: Vec::new(),
                })
            })
            .collect(),
        matched: None,
        candidates: Vec::new(),
    }
}

/// Somebody of the staff.
pub(super) fn staff(number: u128, of: u128, was: &[(Whereabouts, i64)]) -> Presence {
    Presence { who: Who::Staff, staff_id: Some(id(of)), ..one(number, "Staff", was) }
}

/// An attendee of [`visit`].
pub(super) fn attendee(number: u128, of: u128, level: Level, was: &[(Whereabouts, i64)]) -> Presence {
    let matched = Match {
        appointment: id(of / 10),
        attendee: id(of),
        level,
        reasons: Vec::new(),
        decided_by: DecidedBy::Rule,
    };
    Presence { matched: Some(matched), ..one(number, "iPhone", was) }
}

fn certain(number: u128, of: u128, was: &[(Whereabouts, i64)]) -> Presence {
    attendee(number, of, Level::Certain, was)
}

/// A room of Dr. Amara Osei's.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub now: i64,
    pub presences: Vec<Presence>,
    pub visits: Vec<Appointment>,
    pub marks: BTreeMap<AttendeeId, (Marked, Timestamp)>,
    pub delays: Vec<Delay>,
    pub covered: bool,
    pub is_deaf: bool,
}

impl Story {
    pub fn new(now: i64, presences: &[Presence]) -> Self {
        Self {
            now,
            presences: presences.to_vec(),
            visits: vec![visit(1, 0, &["Tom Reyes"]), visit(2, 30, &["Ana Prado", "Luis Prado"])],
            marks: BTreeMap::new(),
            delays: Vec::new(),
            covered: false,
            is_deaf: false,
        }
    }

    fn scene<T>(&self, of: impl FnOnce(&Scene<'_>) -> T) -> T {
        let names: Vec<String> =
            self.presences.iter().map(|one| one.shown_name.clone().unwrap_or("Guest 1".to_owned())).collect();
        let presences: Vec<There<'_>> =
            self.presences.iter().zip(&names).map(|(presence, shown)| There { presence, shown }).collect();
        let visits: Vec<&Appointment> = self.visits.iter().collect();
        let colleague = [Person { id: id(COLLEAGUE), name: "Ben Lim" }];
        of(&Scene {
            now: at(self.now),
            zone: &Zone::parse("America/Chicago").unwrap(),
            room: Some(id(ROOM)),
            host: Person { id: id(HOST), name: "Dr. Amara Osei" },
            covering: if self.covered { &colleague } else { &[] },
            presences: &presences,
            appointments: &visits,
            marks: &self.marks,
            delays: &self.delays,
            settings: &Settings::default(),
            is_deaf: self.is_deaf,
        })
    }

    pub fn matters(&self) -> Vec<Matter> {
        self.scene(matters)
    }

    fn running(&self) -> Running {
        self.scene(running)
    }

    fn kinds(&self) -> Vec<AlertKind> {
        self.matters().into_iter().map(|matter| matter.kind).collect()
    }

    /// The kinds at that time, if nothing else happens until then.
    fn kinds_at(&self, now: i64) -> Vec<AlertKind> {
        Self { now, ..self.clone() }.kinds()
    }
}

fn only(story: &Story) -> Matter {
    let mut matters = story.matters();
    assert_eq!(matters.len(), 1, "{matters:#?}");
    matters.remove(0)
}

#[test]
fn a_host_is_late_after_five_minutes_and_again_after_ten() {
    let story = Story::new(min(5) - 1, &[certain(1, 11, &[(Waiting, -300)])]);
    assert_eq!(story.kinds(), []);
    let five = only(&Story { now: min(5), ..story.clone() });
    assert_eq!((five.kind, five.detail.as_deref()), (AlertKind::HostLate, Some("5")));
    assert_eq!(five.key, format!("host_late/{}/5", story.visits[0].id));
    assert_eq!((five.since, five.appointment), (at(0), Some(id(1))));
    assert_eq!(
        five.for_desk,
        "Tom Reyes (10:00) has waited for at least 5 minutes, and Dr. Amara Osei is not in the meeting."
    );
    assert_eq!(five.for_host, "Tom Reyes (10:00) has waited for you for at least 5 minutes.");
    let ten = only(&Story { now: min(14), ..story });
    assert_eq!(ten.key, format!("host_late/{}/10", id::<AppointmentId>(1)), "in place of the five");
}

#[test]
fn it_counts_from_when_they_wait_and_a_moment_away_is_no_new_beginning() {
    let late = Story::new(min(24), &[certain(1, 11, &[(Waiting, min(20))])]);
    assert_eq!(late.kinds(), []);
    assert_eq!(late.kinds_at(min(25)), [AlertKind::HostLate]);
    let back = |away: i64| {
        let left = certain(1, 11, &[(Waiting, 0), (Left, min(4))]);
        Story::new(min(8), &[left, certain(2, 11, &[(Waiting, min(4) + away)])]).kinds()
    };
    assert_eq!(back(120), [AlertKind::HostLate]);
    assert_eq!(back(121), []);
}

#[test]
fn nobody_is_late_while_any_of_the_staff_is_in_the_meeting_or_was_a_moment_ago() {
    let waits = certain(1, 11, &[(Waiting, 0)]);
    let with = |other| Story::new(min(12), &[waits.clone(), other]).kinds();
    assert_eq!(with(staff(2, HOST, &[(InSession, min(1))])), []);
    assert_eq!(with(staff(2, COLLEAGUE, &[(InSession, min(1))])), []);
    assert_eq!(with(staff(2, HOST, &[(InSession, min(1)), (Left, min(12) - 59)])), []);
    assert_eq!(with(staff(2, HOST, &[(InSession, min(1)), (Left, min(11))])), [AlertKind::HostLate]);
    assert_eq!(with(staff(2, HOST, &[(Waiting, min(1))])), [AlertKind::HostLate], "only in the waiting room");
}

#[test]
fn a_visit_that_has_taken_place_is_not_late_when_its_patient_waits_again() {
    let host = staff(2, HOST, &[(InSession, 0), (Left, min(20))]);
    let after = |together: i64| {
        let was = [(Waiting, -60), (InSession, min(1)), (Waiting, min(1) + together)];
        Story::new(min(29), &[certain(1, 11, &was), host.clone()]).kinds()
    };
    assert_eq!(after(min(5)), []);
    assert_eq!(after(min(5) - 1), [AlertKind::HostLate]);
}

#[test]
fn what_the_desk_said_of_being_late_shifts_the_visit() {
    let said = |said_at: i64, minutes: u64, appointment| Delay {
        said_at: at(said_at),
        by: Duration::from_mins(minutes),
        appointment,
    };
    let mut story = Story::new(min(24), &[certain(1, 11, &[(Waiting, 0)])]);
    story.delays = vec![said(0, 20, None), said(-9, 0, None), said(5, 3, Some(id(2)))];
    assert_eq!(story.kinds(), []);
    assert_eq!(story.kinds_at(min(25)), [AlertKind::HostLate]);
    story.delays.push(said(6, 0, Some(id(1))));
    assert_eq!(story.kinds(), [AlertKind::HostLate], "the last word counts");
}

#[test]
fn who_stands_in_is_named_and_a_probable_patient_is_called_one() {
    let mut story = Story::new(min(36), &[attendee(1, 21, Level::Probable, &[(Waiting, 0)])]);
    story.covered = true;
    assert_eq!(
        only(&story).for_desk,
        "Ana Prado (10:30, probably) has waited for at least 5 minutes, and neither Dr. Amara Osei nor Ben Lim, who \
         stands in, is in the meeting."
    );
}

#[test]
fn nobodys_absence_is_concluded_while_nothing_is_heard() {
    let alone = [certain(1, 11, &[(InSession, 0)]), certain(2, 21, &[(Waiting, 0)])];
    let mut story = Story::new(min(40), &alone);
    assert_eq!(story.kinds(), [AlertKind::HostLate, AlertKind::Overrun, AlertKind::NobodyHosting]);
    story.is_deaf = true;
    assert_eq!(story.kinds(), [AlertKind::Overrun]);
}

#[test]
fn a_cancelled_visit_and_somebody_merely_possible_make_nobody_late() {
    let mut story = Story::new(min(20), &[certain(1, 11, &[(Waiting, 0)])]);
    story.visits[0].status = Status::Cancelled;
    assert_eq!(story.kinds(), []);
    let maybe = Story::new(min(20), &[attendee(1, 11, Level::Ambiguous, &[(Waiting, min(19))])]);
    assert_eq!(maybe.kinds(), []);
}

#[test]
fn a_visit_overruns_when_the_next_one_waits_past_its_start() {
    let there = [
        staff(1, HOST, &[(InSession, 0)]),
        certain(2, 11, &[(Waiting, 0), (InSession, min(1))]),
        certain(3, 22, &[(Waiting, min(25))]),
    ];
    let story = Story::new(min(32) - 1, &there);
    assert_eq!(story.kinds(), [], "a minute is everyday");
    let over = only(&Story { now: min(32), ..story });
    assert_eq!((over.kind, over.appointment, over.since), (AlertKind::Overrun, Some(id(2)), at(min(30))));
    assert_eq!(over.key, format!("overrun/{}/{}", id::<AppointmentId>(1), id::<AppointmentId>(2)));
    assert_eq!(
        over.for_desk,
        "Dr. Amara Osei's visit with Tom Reyes (10:00) goes on past its end at 10:30, and Luis Prado (10:30) waits."
    );
    let mut nobody_waits = Story::new(min(50), &there[..2]);
    assert_eq!(nobody_waits.kinds(), []);
    nobody_waits.presences.push(certain(3, 22, &[(Waiting, min(25)), (InSession, min(33))]));
    assert_eq!(nobody_waits.kinds(), [], "the next one is in as well");
}

#[test]
fn whoever_is_called_like_the_host_is_taken_for_the_host_under_another_account() {
    for shown in
        ["Amara Osei", "Dr Osei", "Osei, Amara, M.D.", "Dr. Amara", "Prof. A. Osei", "Dr Osei's iPad", "osei"]
    {
        let story = Story::new(30, &[one(1, shown, &[(Waiting, 0)])]);
        let matter = only(&story);
        assert_eq!((matter.kind, matter.presence), (AlertKind::OtherAccount, Some(id(1))), "{shown}");
        assert_eq!(matter.key, format!("other_account/{}", id::<PresenceId>(1)));
        assert!(matter.for_desk.starts_with(
            "It looks like Dr. Amara Osei is signed in to another Zoom account and waits in their own waiting room"
        ));
        assert!(
            matter.for_host.contains("join with the Zoom account that is connected here"),
            "{}",
            matter.for_host
        );
    }
    for shown in ["", "iPhone", "Amara", "A O", "Kofi Osei", "Osei's interpreter", "Tom Reyes", "Ben Lim"] {
        let story = Story::new(30, &[one(1, shown, &[(Waiting, 0)])]);
        assert_eq!(story.kinds(), [], "{shown}");
    }
}

#[test]
fn the_hosts_name_says_nothing_once_the_host_is_there_or_the_person_is_known() {
    let shown = one(1, "Amara Osei", &[(Waiting, 0)]);
    let there = staff(2, HOST, &[(InSession, 0)]);
    assert_eq!(Story::new(30, &[shown.clone(), there]).kinds(), []);
    assert_eq!(Story::new(30, &[Presence { who: Who::Guest, ..shown.clone() }]).kinds(), []);
    let known = Presence { shown_name: Some("Amara Osei".into()), ..certain(1, 11, &[(Waiting, 0)]) };
    assert_eq!(Story::new(30, &[known]).kinds(), []);
    let gone = one(1, "Amara Osei", &[(Waiting, 0), (Left, 20)]);
    assert_eq!(Story::new(30, &[gone]).kinds(), []);
}

#[test]
fn a_patient_who_is_called_like_the_host_is_not_taken_for_the_host() {
    let mut story = Story::new(30, &[one(1, "A. Osei", &[(Waiting, 0)])]);
    assert_eq!(story.kinds(), [AlertKind::OtherAccount]);
    story.visits.push(visit(3, 0, &["Adwoa Osei"]));
    assert_eq!(story.kinds(), []);
    story.presences = vec![one(1, "Dr. A. Osei", &[(Waiting, 0)])];
    assert_eq!(story.kinds(), [AlertKind::OtherAccount], "few patients call themselves doctor here");
}

#[test]
fn a_colleague_who_stands_in_is_known_by_name_too() {
    let mut story = Story::new(30, &[one(1, "Ben Lim", &[(Waiting, 0)])]);
    story.covered = true;
    assert_eq!(
        only(&story).for_desk,
        "It looks like Ben Lim is signed in to another Zoom account and waits in Dr. Amara Osei's waiting room, shown \
         as “Ben Lim”."
    );
    story.presences.push(staff(2, COLLEAGUE, &[(InSession, 0)]));
    assert_eq!(story.kinds(), []);
}

#[test]
fn patients_in_the_meeting_without_staff_are_seen_after_a_minute() {
    let left = staff(1, HOST, &[(InSession, 0), (Left, min(10))]);
    let stays = certain(2, 11, &[(Waiting, 0), (InSession, 60)]);
    let story = Story::new(min(11) - 1, &[left, stays]);
    assert_eq!(story.kinds(), []);
    let matter = only(&Story { now: min(11), ..story.clone() });
    assert_eq!((matter.kind, matter.since), (AlertKind::NobodyHosting, at(min(10))));
    assert_eq!(matter.key, format!("nobody_hosting/{}/{}", id::<RoomId>(ROOM), at(min(10)).as_micros()));
    assert_eq!(
        matter.for_desk,
        "Tom Reyes (10:00) is in Dr. Amara Osei's meeting, and since 10:10 nobody of the staff is."
    );
    let mut again = Story { now: min(20), ..story };
    again.presences.push(certain(3, 22, &[(InSession, min(15))]));
    assert_eq!(again.matters()[0].key, matter.key, "whoever comes in too changes nothing");
    again.presences.push(staff(4, COLLEAGUE, &[(InSession, min(19))]));
    assert_eq!(again.kinds(), []);
}

#[test]
fn an_interpreter_alone_in_the_meeting_needs_nobody() {
    let interpreter = Presence { who: Who::Interpreter, ..one(1, "Interpreter", &[(InSession, 0)]) };
    assert_eq!(Story::new(min(9), &[interpreter]).kinds(), []);
}

#[test]
fn a_stranger_is_told_of_after_two_minutes_unless_it_may_be_somebody() {
    let candidate =
        Candidate { appointment: id(1), attendee: id(11), level: Level::Ambiguous, reasons: Vec::new() };
    let kinds = |name: &str, due: bool| {
        let candidates = if due { vec![candidate.clone()] } else { Vec::new() };
        Story::new(min(2), &[Presence { candidates, ..one(1, name, &[(Waiting, 0)]) }]).kinds()
    };
    assert_eq!(kinds("Zed Nomura", true), [AlertKind::Stranger]);
    assert_eq!(kinds("Zed Nomura", false), [AlertKind::Stranger]);
    assert_eq!(kinds("", false), [AlertKind::Stranger], "nobody is due");
    for perhaps in ["", "iPhone", "Tom", "T*** R***", "Tom Reyes's mom"] {
        assert_eq!(kinds(perhaps, true), [], "{perhaps}");
    }
    let story = Story::new(min(2) - 1, &[one(1, "Zed Nomura", &[(Waiting, 0)])]);
    assert_eq!(story.kinds(), []);
    assert_eq!(
        only(&Story { now: min(9), ..story }).for_desk,
        "“Zed Nomura” has waited in Dr. Amara Osei's room since 10:00 and fits nobody who is due. Find out who it is \
         before they are let in."
    );
    let mut host = one(1, "Amara Osei", &[(Waiting, 0)]);
    assert_eq!(Story::new(min(9), &[host.clone()]).kinds(), [AlertKind::OtherAccount]);
    host.who = Who::Interpreter;
    assert_eq!(Story::new(min(9), &[host]).kinds(), []);
}

#[test]
fn whoever_comes_back_under_the_same_name_is_the_same_stranger() {
    let first = one(1, "Zed Nomura", &[(Waiting, 0), (Left, min(4))]);
    let back = |after: i64, name: &str| {
        let now = min(4) + after + 200;
        let story = Story::new(now, &[first.clone(), one(2, name, &[(Waiting, min(4) + after)])]);
        only(&story).key
    };
    let stranger = |number: u128| format!("stranger/{}", id::<PresenceId>(number));
    assert_eq!(back(600, "nomura ZED"), stranger(1));
    assert_eq!(back(601, "Zed Nomura"), stranger(2));
    assert_eq!(back(60, "Zoe Nomura"), stranger(2));
}

#[test]
fn a_meeting_that_still_runs_after_the_last_patient_is_told_of() {
    let there = [
        staff(1, HOST, &[(InSession, 0)]),
        certain(2, 11, &[(InSession, 60), (Left, min(8))]),
        certain(3, 11, &[(InSession, min(9)), (Left, min(10))]),
    ];
    let story = Story::new(min(13) - 1, &there);
    assert_eq!(story.kinds(), []);
    let matter = only(&Story { now: min(13), ..story.clone() });
    assert_eq!((matter.kind, matter.since), (AlertKind::LeftRunning, at(min(10))));
    assert_eq!(
        matter.for_desk,
        "Dr. Amara Osei's meeting still runs, though the last patient left it at 10:10."
    );
    assert_eq!(story.kinds_at(min(15) - 1), [AlertKind::LeftRunning]);
    assert_eq!(story.kinds_at(min(15)), [], "the next visit begins in a quarter of an hour");
    let mut waits = Story { now: min(13), ..story };
    waits.presences.push(one(4, "iPhone", &[(Waiting, min(13))]));
    assert_eq!(waits.kinds(), [], "somebody waits for it");
}

#[test]
fn a_host_who_waits_for_the_first_patient_or_one_who_has_not_come_may_stay() {
    let host = staff(1, HOST, &[(InSession, min(5))]);
    let before = certain(2, 31, &[(InSession, -600), (Left, -60)]);
    let mut story = Story::new(min(12), &[host.clone(), before]);
    story.visits.truncate(1);
    assert_eq!(story.kinds(), [], "nobody was in this meeting");
    story.presences = vec![host, one(3, "iPhone", &[(InSession, min(6)), (Left, min(7))])];
    assert_eq!(story.kinds(), [], "Tom Reyes may come yet");
    assert_eq!(story.kinds_at(min(30)), [AlertKind::LeftRunning]);
}

#[test]
fn where_the_room_tells_nothing_marks_tell_that_a_host_is_late_or_a_visit_overruns() {
    let mark = |story: &mut Story, of: u128, marked, seconds| {
        story.marks.insert(id(of), (marked, at(seconds)));
    };
    let mut story = Story::new(min(5), &[]);
    mark(&mut story, 11, Marked::Waiting, -60);
    story.is_deaf = true;
    assert_eq!(
        only(&story).for_desk,
        "Tom Reyes (10:00) has waited for at least 5 minutes, and no visit of Dr. Amara Osei is marked as in session."
    );
    mark(&mut story, 11, Marked::InSession, 240);
    assert_eq!(story.kinds(), []);
    mark(&mut story, 21, Marked::Waiting, min(29));
    assert_eq!(story.kinds_at(min(36)), [AlertKind::Overrun]);
    mark(&mut story, 11, Marked::Left, min(33));
    assert_eq!(story.kinds_at(min(36)), [AlertKind::HostLate]);
    assert_eq!(story.kinds_at(min(29 + 12 * 60) + 1), [], "a mark that was forgotten");
}

#[test]
fn a_meeting_tells_since_when_it_runs_and_who_minds_it() {
    let there = [
        staff(1, COLLEAGUE, &[(InSession, 0), (Left, min(6))]),
        staff(2, HOST, &[(InSession, min(5))]),
        certain(3, 11, &[(InSession, min(6)), (Left, min(10))]),
        staff(4, HOST, &[(InSession, -900), (Left, -300)]),
    ];
    let running = Story::new(min(20), &there).running();
    assert_eq!((running.since, running.host_since), (Some(at(0)), Some(at(min(5)))));
    assert_eq!(running.staff_alone_since, Some(at(min(10))));
    assert_eq!(Story::new(min(20), &there[..1]).running(), Running::default());
    let mut covered = Story::new(min(3), &[staff(1, COLLEAGUE, &[(InSession, 0)])]);
    assert_eq!(covered.running().host_since, None);
    covered.covered = true;
    assert_eq!(covered.running().host_since, Some(at(0)), "whoever stands in counts as the host");
}
