//! Comparing, on a real database, with a Zoom that keeps books and can be told to answer badly.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    Timestamp,
    attendance::{presence::Whereabouts, stay::Source},
    room::Room,
};
use serde_json::{Value, json};
use store::{
    Store,
    ports::recovery::{Reconciliation, Why},
    testing::engines,
};

use super::{Found, NotAnswered, PastMeeting, Reconciler, Trouble, ZoomRecords};
use crate::{
    Attendance,
    outage::Watch,
    record::ZoomRecord,
    tests::clinic::{HOST, TestClinic, named, osei},
};

const UUID: &str = "q7YcT1mZQ0WnHk2Jv+8RbA==";

/// What Zoom says when it is asked.
#[derive(Default)]
struct Books {
    meetings: Vec<(PastMeeting, ZoomRecord)>,
    /// Answers in place of the next records.
    instead: VecDeque<NotAnswered>,
    running: bool,
    asked: usize,
}

#[derive(Clone, Default)]
struct Zoom(Arc<Mutex<Books>>);

#[async_trait]
impl ZoomRecords for Zoom {
    async fn instances(&self, _room: &Room) -> Result<Vec<PastMeeting>, NotAnswered> {
        Ok(self.0.lock().unwrap().meetings.iter().map(|(meeting, _)| meeting.clone()).collect())
    }

    async fn recorded(&self, _room: &Room, uuid: &str) -> Result<ZoomRecord, NotAnswered> {
        let mut books = self.0.lock().unwrap();
        books.asked += 1;
        match books.instead.pop_front() {
            Some(instead) => Err(instead),
            None => Ok(books.meetings.iter().find(|(meeting, _)| meeting.uuid == uuid).unwrap().1.clone()),
        }
    }

    async fn is_running(&self, _room: &Room) -> Result<bool, NotAnswered> {
        let mut books = self.0.lock().unwrap();
        books.asked += 1;
        Ok(books.running)
    }
}

impl Zoom {
    fn keeps(&self, clinic: &TestClinic, uuid: &str, seconds: Range<i64>, participants: Vec<Value>) {
        let (start, end) = (clinic.at(seconds.start), clinic.at(seconds.end));
        let meeting = PastMeeting { uuid: uuid.to_owned(), start: Some(start) };
        let record =
            ZoomRecord { uuid: uuid.to_owned(), start_time: Some(start), end_time: Some(end), participants };
        self.0.lock().unwrap().meetings.push((meeting, record));
    }

    fn answers(&self, instead: impl IntoIterator<Item = NotAnswered>) {
        self.0.lock().unwrap().instead.extend(instead);
    }

    fn asked(&self) -> usize {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }
}

fn row(clinic: &TestClinic, user_id: &str, name: &str, status: &str, seconds: Range<i64>) -> Value {
    let id = if name == "Dr. Amara Osei" { HOST } else { "" };
    json!({
        "id": id, "user_id": user_id, "name": name, "user_email": "", "registrant_id": "",
        "join_time": clinic.at(seconds.start).to_string(), "leave_time": clinic.at(seconds.end).to_string(),
        "duration": seconds.end - seconds.start, "status": status, "failover": false, "internal_user": false,
    })
}

/// Rosa waited a minute, and was with Dr Osei for twenty.
fn visit(clinic: &TestClinic, zoom: &Zoom) {
    let rows = vec![
        row(clinic, "9", "Dr. Amara Osei", "in_meeting", 0..1_300),
        row(clinic, "1", "Rosa Delgado", "in_waiting_room", 20..80),
        row(clinic, "2", "Rosa Delgado", "in_meeting", 82..1_282),
    ];
    zoom.keeps(clinic, UUID, 0..1_300, rows);
}

fn reconciler(clinic: &TestClinic, zoom: &Zoom) -> Reconciler {
    Reconciler::new(clinic.attendance.clone(), zoom.clone())
}

async fn put(clinic: &TestClinic, why: Why, seconds: Range<i64>) {
    let due = Reconciliation {
        id: clinic.ambient.id(),
        clinic_id: clinic.clinic,
        room_id: clinic.room,
        range: clinic.at(seconds.start)..clinic.at(seconds.end),
        why,
        due_at: clinic.ambient.now(),
        tries: 0,
        done_at: None,
        found: None,
    };
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.put_reconciliation(&due).await.unwrap();
    tx.commit().await.unwrap();
}

async fn all(clinic: &TestClinic) -> Vec<Reconciliation> {
    let mut tx = clinic.engine.store.read().await.unwrap();
    tx.reconciliations(clinic.clinic, clinic.at(-864_000)..clinic.at(864_000)).await.unwrap()
}

fn note(one: &Reconciliation) -> Value {
    serde_json::from_str(one.found.as_deref().unwrap()).unwrap()
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

#[tokio::test]
async fn what_deliveries_lost_is_filled_in_and_a_second_time_changes_nothing() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    visit(&clinic, &zoom);
    clinic.says("participant_joined", 0, osei("9")).await;
    clinic.clock.advance(minutes(60));
    let reconciler = reconciler(&clinic, &zoom);
    let range = clinic.at(-60)..clinic.at(3_600);
    let first = reconciler.reconcile(None, range.clone(), Why::Asked, |_| {}).await.unwrap();
    assert_eq!(first.found(), Found { meetings: 1, records: 1, people: 1, stays: 3, ends: 1 });
    assert_eq!(first.not_compared().count(), 0);
    let presences = clinic.presences().await;
    let rosa = presences.iter().find(|one| one.shown_name.as_deref() == Some("Rosa Delgado")).unwrap();
    assert!(rosa.stays.iter().all(|stay| stay.from_source == Source::ZoomRecord));
    assert_eq!((rosa.whereabouts, rosa.since), (Whereabouts::Left, clinic.at(1_282)));

    let second = reconciler.reconcile(Some(clinic.clinic), range, Why::Asked, |_| {}).await.unwrap();
    assert_eq!(second.found(), Found { meetings: 1, ..Found::default() });
    assert_eq!(clinic.presences().await, presences);
    assert_eq!(clinic.verify().await, [""; 0]);
    assert_eq!(all(&clinic).await, []);
}

#[tokio::test]
async fn a_record_that_says_nothing_makes_nobody_absent() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    zoom.keeps(&clinic, UUID, 0..1_300, Vec::new());
    clinic.says("participant_joined_waiting_room", 20, named("1", "Rosa Delgado")).await;
    clinic.says("participant_admitted", 80, named("1", "Rosa Delgado")).await;
    clinic.says("participant_joined", 82, named("2", "Rosa Delgado")).await;
    let before = clinic.presences().await;
    clinic.clock.advance(minutes(60));
    let range = clinic.at(-60)..clinic.at(3_600);
    reconciler(&clinic, &zoom).reconcile(None, range, Why::Asked, |_| {}).await.unwrap();
    let after = clinic.presences().await;
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].id, before[0].id);
    assert_eq!(after[0].stays.len(), before[0].stays.len());
}

#[tokio::test]
async fn a_meeting_of_one_person_is_over_when_the_record_says_so() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    zoom.keeps(&clinic, UUID, 0..1_300, Vec::new());
    clinic.says("participant_joined", 0, osei("9")).await;
    clinic.clock.advance(minutes(60));
    let range = clinic.at(-60)..clinic.at(3_600);
    let report = reconciler(&clinic, &zoom).reconcile(None, range, Why::Asked, |_| {}).await.unwrap();
    assert_eq!(report.found(), Found { meetings: 1, records: 1, ends: 1, ..Found::default() });
    let [amara] = <[_; 1]>::try_from(clinic.presences().await).unwrap();
    let last = amara.stays.last().unwrap();
    assert_eq!((last.to, last.to_source), (Some(clinic.at(1_300)), Some(Source::ZoomRecord)));
    assert_eq!(clinic.verify().await, [""; 0]);
    clinic.attendance.rebuild(None, false).await.unwrap();
    assert_eq!(clinic.presences().await, [amara]);
}

#[tokio::test]
async fn what_is_not_ready_is_asked_for_again_ever_later() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    visit(&clinic, &zoom);
    zoom.answers([Trouble::NotReady.into(); 3]);
    put(&clinic, Why::Ended, 0..1_300).await;
    let reconciler = reconciler(&clinic, &zoom);
    for pause in [5, 10, 20] {
        assert_eq!(reconciler.reconcile_due().await.unwrap(), 1);
        assert_eq!(reconciler.reconcile_due().await.unwrap(), 0);
        let [due] = <[_; 1]>::try_from(all(&clinic).await).unwrap();
        assert_eq!(due.due_at, clinic.ambient.now().plus(minutes(pause)));
        assert_eq!(note(&due)["code"], "not_ready");
        clinic.clock.advance(minutes(pause));
    }
    assert_eq!(reconciler.reconcile_due().await.unwrap(), 1);
    let [done] = <[_; 1]>::try_from(all(&clinic).await).unwrap();
    assert_eq!(done.done_at, Some(clinic.ambient.now()));
    assert_eq!((&note(&done)["code"], &note(&done)["people"]), (&json!("compared"), &json!(2)));
    assert_eq!(clinic.presences().await.len(), 2);
}

#[tokio::test]
async fn the_other_meetings_are_compared_while_one_is_not_ready() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    let pair = |from: i64, who: &str| {
        vec![
            row(&clinic, "9", "Dr. Amara Osei", "in_meeting", from..from + 900),
            row(&clinic, "2", who, "in_meeting", from + 60..from + 900),
        ]
    };
    zoom.keeps(&clinic, "A==", 0..900, pair(0, "Rosa Delgado"));
    zoom.keeps(&clinic, "B==", 1_800..2_700, pair(1_800, "Tom Reyes"));
    zoom.answers([Trouble::NotReady.into()]);
    clinic.clock.advance(minutes(60));
    put(&clinic, Why::Outage, 0..3_600).await;
    let reconciler = reconciler(&clinic, &zoom);
    reconciler.reconcile_due().await.unwrap();
    assert_eq!(clinic.presences().await.len(), 2);
    assert_eq!(zoom.asked(), 2);
    clinic.clock.advance(minutes(5));
    reconciler.reconcile_due().await.unwrap();
    assert_eq!(clinic.presences().await.len(), 4);
    assert_eq!(zoom.asked(), 1, "what an earlier try brought is not asked for again");
}

#[tokio::test]
async fn an_account_whose_limit_is_reached_is_left_alone_until_zoom_says_so() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    visit(&clinic, &zoom);
    let until = clinic.ambient.now().plus(minutes(90));
    zoom.answers([NotAnswered { trouble: Trouble::RateLimited, until: Some(until) }]);
    put(&clinic, Why::Daily, 0..1_300).await;
    let reconciler = reconciler(&clinic, &zoom);
    reconciler.reconcile_due().await.unwrap();
    assert_eq!(all(&clinic).await[0].due_at, until);
    zoom.asked();
    clinic.clock.advance(minutes(60));
    let range = clinic.at(0)..clinic.at(1_300);
    let asked = reconciler.reconcile(None, range, Why::Asked, |_| {}).await.unwrap();
    assert_eq!(asked.rooms[0].trouble, Some(Trouble::RateLimited));
    assert_eq!(asked.rooms[0].retry_at, Some(until));
    assert_eq!(zoom.asked(), 0);
    clinic.clock.advance(minutes(30));
    reconciler.reconcile_due().await.unwrap();
    assert_eq!(clinic.presences().await.len(), 2);
    assert!(all(&clinic).await.iter().all(|one| one.done_at.is_some()));
}

#[tokio::test]
async fn what_never_succeeds_is_given_up_within_a_day_and_says_why() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    visit(&clinic, &zoom);
    zoom.answers([Trouble::NeedsReconnect.into(); 50]);
    put(&clinic, Why::Outage, 0..1_300).await;
    let reconciler = reconciler(&clinic, &zoom);
    let begun = clinic.ambient.now();
    let mut tries = 0;
    while let Some(due) = all(&clinic).await.into_iter().find(|one| one.done_at.is_none()) {
        clinic.clock.set(due.due_at);
        tries += reconciler.reconcile_due().await.unwrap();
    }
    assert_eq!(tries, 9);
    let taken = clinic.ambient.now().since(begun);
    assert!(taken > Duration::from_hours(20) && taken < Duration::from_hours(24));
    let [given_up] = <[_; 1]>::try_from(all(&clinic).await).unwrap();
    assert_eq!(note(&given_up)["code"], "needs_reconnect");
    assert_eq!(note(&given_up)["given_up"], true);
    assert_eq!(clinic.presences().await, []);
}

#[tokio::test]
async fn a_plan_without_the_record_is_not_asked_again() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    visit(&clinic, &zoom);
    zoom.answers([Trouble::NotOffered.into(); 2]);
    put(&clinic, Why::Outage, 0..1_300).await;
    let reconciler = reconciler(&clinic, &zoom);
    reconciler.reconcile_due().await.unwrap();
    let [given_up] = <[_; 1]>::try_from(all(&clinic).await).unwrap();
    assert!(given_up.done_at.is_some());
    assert_eq!(note(&given_up)["code"], "not_offered");
    let range = clinic.at(0)..clinic.at(1_300);
    let asked = reconciler.reconcile(None, range, Why::Asked, |_| {}).await.unwrap();
    assert_eq!((asked.rooms[0].trouble, asked.rooms[0].retry_at), (Some(Trouble::NotOffered), None));
}

#[tokio::test]
async fn an_instance_that_is_killed_in_the_middle_is_replaced_and_nothing_is_told_twice() {
    for engine in engines().await {
        let clinic = TestClinic::on(engine).await;
        let zoom = Zoom::default();
        visit(&clinic, &zoom);
        clinic.clock.advance(minutes(60));
        put(&clinic, Why::Outage, 0..1_300).await;
        // One instance claims it, keeps the record, and is heard of no more.
        let now = clinic.ambient.now();
        let mut tx = clinic.engine.store.begin().await.unwrap();
        assert_eq!(tx.claim_reconciliations(now, now.plus(minutes(10)), 5).await.unwrap().len(), 1);
        tx.commit().await.unwrap();
        let range = clinic.at(0)..clinic.at(1_300);
        reconciler(&clinic, &zoom).reconcile(None, range, Why::Asked, |_| {}).await.unwrap();
        let presences = clinic.presences().await;

        let store: Arc<dyn Store> = clinic.engine.another_instance().await;
        let attendance = Attendance::new(store, clinic.ambient.clone(), clinic.zoom.clone());
        let other = Reconciler::new(attendance, zoom.clone());
        assert_eq!(other.reconcile_due().await.unwrap(), 0, "it is held");
        clinic.clock.advance(minutes(10));
        assert_eq!(other.reconcile_due().await.unwrap(), 1);
        let done = all(&clinic).await;
        assert_eq!(note(&done[0])["records"], 0);
        assert_eq!(clinic.presences().await, presences);
        assert_eq!(clinic.verify().await, [""; 0]);
    }
}

#[tokio::test]
async fn after_an_outage_every_room_is_compared_twice() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    visit(&clinic, &zoom);
    let watch = Watch::new(clinic.engine.store.clone(), clinic.ambient.clone());
    assert_eq!(watch.beat().await.unwrap(), None, "there was nothing to compare with before the first start");
    clinic.clock.advance(Duration::from_secs(90));
    assert_eq!(watch.beat().await.unwrap(), None);
    clinic.clock.advance(minutes(120));
    let restarted = Watch::new(clinic.engine.store.clone(), clinic.ambient.clone());
    let outage = restarted.beat().await.unwrap().unwrap();
    assert_eq!(outage.range, clinic.at(90)..clinic.ambient.now());
    assert_eq!(watch.beat().await.unwrap(), None);
    let outages = clinic.attendance.outages(clinic.at(0)..clinic.at(86_400)).await.unwrap();
    assert_eq!(outages, std::slice::from_ref(&outage));

    let reconciler = reconciler(&clinic, &zoom);
    assert_eq!(reconciler.reconcile_due().await.unwrap(), 0);
    clinic.clock.advance(minutes(2));
    assert_eq!(reconciler.reconcile_due().await.unwrap(), 1);
    assert_eq!(clinic.presences().await.len(), 2);
    let [first, second] = <[_; 2]>::try_from(all(&clinic).await).unwrap();
    assert!(first.done_at.is_some());
    assert_eq!((second.range.clone(), second.why), (outage.range.clone(), Why::Outage));
    assert_eq!(second.due_at, outage.range.end.plus(minutes(90)));
    clinic.clock.set(second.due_at);
    assert_eq!(reconciler.reconcile_due().await.unwrap(), 1);
    assert!(all(&clinic).await.iter().all(|one| one.done_at.is_some()));
    assert_eq!(all(&clinic).await.len(), 2);
}

#[tokio::test]
async fn as_long_as_one_instance_takes_deliveries_there_is_no_outage() {
    for engine in engines().await {
        let clinic = TestClinic::on(engine).await;
        let one = Watch::new(clinic.engine.store.clone(), clinic.ambient.clone());
        let other = Watch::new(clinic.engine.another_instance().await, clinic.ambient.clone());
        one.beat().await.unwrap();
        other.beat().await.unwrap();
        for _ in 0..20 {
            clinic.clock.advance(Duration::from_secs(30));
            assert_eq!(one.beat().await.unwrap(), None);
        }
        assert_eq!(other.beat().await.unwrap(), None);
        // Both come back in the same moment.
        clinic.clock.advance(minutes(10));
        let noted = [one.beat().await.unwrap(), other.beat().await.unwrap()];
        assert_eq!(noted.iter().flatten().count(), 1);
    }
}

#[tokio::test]
async fn every_night_the_day_before_is_compared_where_anything_was_expected_or_happened() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    let reconciler = reconciler(&clinic, &zoom);
    clinic.book(3_600, &["Rosa Delgado"]).await;
    assert_eq!(reconciler.compare_yesterday().await.unwrap(), 0, "yesterday had nothing");
    // One in the morning in Chicago, then two.
    clinic.clock.set("2026-11-24T07:30:00Z".parse().unwrap());
    assert_eq!(reconciler.compare_yesterday().await.unwrap(), 0);
    clinic.clock.set("2026-11-24T08:00:00Z".parse().unwrap());
    assert_eq!(reconciler.compare_yesterday().await.unwrap(), 1);
    assert_eq!(reconciler.compare_yesterday().await.unwrap(), 0);
    assert_eq!(reconciler.reconcile_due().await.unwrap(), 1);
    assert_eq!(reconciler.compare_yesterday().await.unwrap(), 0);
    let [daily] = <[_; 1]>::try_from(all(&clinic).await).unwrap();
    assert_eq!(daily.range.start, "2026-11-23T06:00:00Z".parse::<Timestamp>().unwrap());
    assert_eq!(daily.range.end, "2026-11-24T06:00:00Z".parse::<Timestamp>().unwrap());
    clinic.clock.set("2026-11-25T08:00:00Z".parse().unwrap());
    assert_eq!(reconciler.compare_yesterday().await.unwrap(), 0, "the day before had nothing");
}

#[tokio::test]
async fn zoom_is_asked_whether_a_meeting_runs_only_where_nobody_was_seen_to_begin() {
    let clinic = TestClinic::open().await;
    let zoom = Zoom::default();
    let reconciler = reconciler(&clinic, &zoom);
    clinic.book(0, &["Rosa Delgado"]).await;
    zoom.0.lock().unwrap().running = true;
    let look = async || reconciler.rooms_running_unseen(clinic.clinic).await.unwrap();
    assert_eq!(clinic.attendance.running_unseen(clinic.clinic), None);
    clinic.clock.advance(Duration::from_secs(110));
    assert!(look().await.is_empty());
    assert_eq!(zoom.asked(), 0, "a clinician may be two minutes late");
    clinic.clock.advance(Duration::from_secs(10));
    assert_eq!(look().await, [clinic.room].into());
    let seen = clinic.attendance.running_unseen(clinic.clinic).unwrap();
    assert_eq!((seen.asked_at, seen.rooms), (clinic.ambient.now(), [clinic.room].into()));
    clinic.clock.advance(minutes(4));
    assert_eq!(look().await, [clinic.room].into());
    assert_eq!(zoom.asked(), 1, "every five minutes at most");
    clinic.clock.advance(minutes(1));
    look().await;
    assert_eq!(zoom.asked(), 1);
    clinic.says("participant_joined", 420, osei("9")).await;
    assert!(look().await.is_empty());
    assert!(clinic.attendance.running_unseen(clinic.clinic).unwrap().rooms.is_empty());
    assert_eq!(zoom.asked(), 0);
}
