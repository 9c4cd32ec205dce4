//! No-shows from the inbox to the board: proposed, ruled on, and withdrawn by coming.

use std::time::Duration;

use domain::{
    Timestamp,
    appointment::{Kind, Status},
    attendance::{
        matching::{StaffOrToken, Verdict},
        no_show::{Ruling, Says},
        stay::Source,
    },
    text::ExternalId,
};
use serde_json::json;
use store::ports::recovery::{Outage, Reconciliation, Why};

use crate::{
    BoardChanges, RuleError,
    board::{AttendeeRow, AttendeeStatus, NoShowCell},
    sessions::SessionFilter,
    tests::clinic::{Booked, TestClinic, named, nothing, osei},
};

/// A clinic in which the host waits for Rosa, who was due so many seconds ago.
async fn waited_for(seconds: u64) -> (TestClinic, Booked) {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(0, &["Rosa Delgado"]).await;
    clinic.says("started", -60, json!({})).await;
    clinic.says("participant_joined", -59, osei("9")).await;
    clinic.clock.advance(Duration::from_secs(seconds));
    (clinic, rosa)
}

async fn row(clinic: &TestClinic, booked: &Booked) -> AttendeeRow {
    let board = clinic.board().await;
    let row = board.appointments.into_iter().find(|row| row.id == booked.0.id).unwrap();
    row.attendees.into_iter().next().unwrap()
}

async fn cell(clinic: &TestClinic, booked: &Booked) -> NoShowCell {
    row(clinic, booked).await.no_show.unwrap()
}

async fn rule(clinic: &TestClinic, booked: &Booked, ruling: Ruling) -> Result<AttendeeRow, RuleError> {
    let by = StaffOrToken::Staff(clinic.host);
    clinic.attendance.rule(clinic.clinic, booked.attendee(0), ruling, by).await
}

/// Books it anew with other particulars.
async fn change(
    clinic: &TestClinic,
    booked: &mut Booked,
    change: impl FnOnce(&mut domain::appointment::Appointment),
) {
    change(&mut booked.0);
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.put_appointment(clinic.clinic, &booked.0).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_no_show_is_proposed_a_quarter_of_an_hour_after_the_start_and_not_before() {
    let (clinic, rosa) = waited_for(899).await;
    assert_eq!(
        (row(&clinic, &rosa).await.status, row(&clinic, &rosa).await.no_show),
        (AttendeeStatus::Expected, None)
    );
    clinic.clock.advance(Duration::from_secs(1));
    let shown = row(&clinic, &rosa).await;
    assert_eq!(
        (shown.status, shown.since, shown.source, shown.late_seconds),
        (AttendeeStatus::NoShowProposed, clinic.at(900), Source::Webhook, None)
    );
    assert_eq!(
        serde_json::to_value(shown.no_show.unwrap()).unwrap(),
        json!({
            "says": "yes",
            "reasons": [
                "was not seen in the room so far",
                "somebody of the staff was in the room from 09:59",
                "no link was ever made for them",
            ],
            "ruling": null,
        })
    );
    let record = clinic.attendance.appointment(clinic.clinic, rosa.0.id).await.unwrap();
    assert_eq!(record.attendees[0].status, AttendeeStatus::NoShowProposed);
    let range = clinic.at(-3_600)..clinic.at(3_600);
    let sessions =
        clinic.attendance.sessions(clinic.clinic, range, SessionFilter::default(), None, 10).await.unwrap();
    assert_eq!(sessions.items[0].attendees[0].status, AttendeeStatus::NoShowProposed);
    assert_eq!(sessions.items[0].attendees[0].no_show, record.attendees[0].no_show);
    assert_eq!(sessions.items[0].host_late_seconds, Some(-59));
}

#[tokio::test]
async fn whoever_comes_late_withdraws_the_proposal_by_coming() {
    let (clinic, rosa) = waited_for(1_000).await;
    assert_eq!(cell(&clinic, &rosa).await.says, Says::Yes);
    clinic.press(&rosa, 0, 1_001).await;
    clinic.says("participant_joined_waiting_room", 1_010, named("1", "Rosa Delgado")).await;
    let shown = row(&clinic, &rosa).await;
    assert_eq!(
        (shown.status, shown.no_show, shown.late_seconds),
        (AttendeeStatus::Waiting, None, Some(1_010))
    );
}

#[tokio::test]
async fn nobody_is_proposed_where_nobody_hosted() {
    let clinic = TestClinic::open().await;
    let rosa = clinic.book(0, &["Rosa Delgado"]).await;
    clinic.says("started", -60, json!({})).await;
    clinic.clock.advance(Duration::from_secs(2_000));
    let shown = row(&clinic, &rosa).await;
    assert_eq!(shown.status, AttendeeStatus::Expected);
    let cell = shown.no_show.unwrap();
    assert_eq!((cell.says, cell.reasons[0].as_str()), (Says::Unknown, "nobody of the staff was in the room"));
}

#[tokio::test]
async fn a_host_whose_leaving_was_lost_an_hour_before_hosts_nobody() {
    let clinic = TestClinic::open().await;
    clinic.says("started", -4_000, json!({})).await;
    clinic.says("participant_joined", -3_990, osei("9")).await;
    let rosa = clinic.book(0, &["Rosa Delgado"]).await;
    clinic.clock.advance(Duration::from_secs(1_000));
    assert_eq!(cell(&clinic, &rosa).await.says, Says::Unknown);
}

#[tokio::test]
async fn a_stranger_makes_it_unknown_until_somebody_says_who_it_was() {
    let (clinic, rosa) = waited_for(1_000).await;
    let tom = clinic.book(600, &["Tom Reyes"]).await;
    clinic.press(&tom, 0, 20).await;
    clinic.press(&rosa, 0, -7_000).await;
    clinic.says("participant_joined_waiting_room", 30, named("1", "iPhone")).await;
    clinic.says("participant_left_waiting_room", 130, named("1", "iPhone")).await;
    let presence = clinic.presences().await.into_iter().find(|one| one.staff_id.is_none()).unwrap().id;
    let by = StaffOrToken::Staff(clinic.host);
    clinic.attendance.decide(clinic.clinic, presence, Verdict::Undecided, by).await.unwrap();
    let before = row(&clinic, &rosa).await;
    assert_eq!(before.no_show.as_ref().map(|cell| cell.says), Some(Says::Unknown), "{before:?}");
    let unmatched = async || clinic.board().await.unmatched;
    clinic.attendance.decide(clinic.clinic, presence, Verdict::Not(rosa.attendee(0)), by).await.unwrap();
    assert_eq!(cell(&clinic, &rosa).await.says, Says::Yes, "{:?}", unmatched().await);
    clinic.attendance.decide(clinic.clinic, presence, Verdict::Undecided, by).await.unwrap();
    assert_eq!(cell(&clinic, &rosa).await.says, Says::Unknown);
    clinic.attendance.decide(clinic.clinic, presence, Verdict::Guest, by).await.unwrap();
    assert_eq!(cell(&clinic, &rosa).await.says, Says::Yes);
    clinic.attendance.decide(clinic.clinic, presence, Verdict::Attendee(rosa.attendee(0)), by).await.unwrap();
    assert_eq!(row(&clinic, &rosa).await.no_show, None);
    assert_eq!(row(&clinic, &rosa).await.status, AttendeeStatus::Left);
}

#[tokio::test]
async fn who_stays_for_their_next_visit_is_not_absent_from_it() {
    let clinic = TestClinic::open().await;
    let (first, second) =
        (clinic.book(-1_800, &["Rosa Delgado"]).await, clinic.book(0, &["Rosa Delgado"]).await);
    clinic.says("participant_joined", -1_810, osei("9")).await;
    clinic.press(&first, 0, -1_805).await;
    clinic.says("participant_joined", -1_800, named("1", "Rosa Delgado")).await;
    clinic.clock.advance(Duration::from_secs(1_000));
    assert_eq!(row(&clinic, &first).await.status, AttendeeStatus::InSession);
    assert_eq!(cell(&clinic, &second).await.says, Says::Unknown);
}

#[tokio::test]
async fn an_outage_or_a_comparison_that_is_due_makes_it_unknown_and_one_that_is_done_or_in_vain_does_not() {
    let (clinic, rosa) = waited_for(1_000).await;
    clinic.says("ended", 1_700, json!({})).await;
    clinic.clock.advance(Duration::from_mins(25));
    let mut tx = clinic.engine.store.begin().await.unwrap();
    let mut due: Vec<Reconciliation> =
        tx.claim_reconciliations(clinic.at(90_000), clinic.at(90_001), 10).await.unwrap();
    if due.is_empty() {
        let one = Reconciliation {
            id: clinic.ambient.id(),
            clinic_id: clinic.clinic,
            room_id: clinic.room,
            range: clinic.at(-60)..clinic.at(1_700),
            why: Why::Ended,
            due_at: clinic.at(2_300),
            tries: 0,
            done_at: None,
            found: None,
        };
        tx.put_reconciliation(&one).await.unwrap();
        due.push(one);
    }
    tx.commit().await.unwrap();
    let unknown = cell(&clinic, &rosa).await;
    assert_eq!(
        (unknown.says, unknown.reasons[0].as_str()),
        (Says::Unknown, "the comparison with Zoom's own record is still to be done")
    );
    // A meeting in which the host was alone may have no record, and that is all that a no-show leaves behind.
    let mut tx = clinic.engine.store.begin().await.unwrap();
    for one in &due {
        for _ in 0..3 {
            let not_ready = r#"{"code":"not_ready","meetings":0}"#;
            tx.retry_reconciliation(clinic.clinic, one.id, clinic.at(99_999), not_ready).await.unwrap();
        }
    }
    tx.commit().await.unwrap();
    let shown = row(&clinic, &rosa).await;
    assert_eq!((shown.status, shown.source), (AttendeeStatus::NoShowProposed, Source::Webhook));

    let mut tx = clinic.engine.store.begin().await.unwrap();
    for one in due {
        let found = r#"{"code":"compared","meetings":1,"records":0}"#;
        tx.finish_reconciliation(clinic.clinic, one.id, clinic.ambient.now(), found).await.unwrap();
    }
    tx.commit().await.unwrap();
    let shown = row(&clinic, &rosa).await;
    assert_eq!((shown.status, shown.source), (AttendeeStatus::NoShowProposed, Source::ZoomRecord));
    let reasons = shown.no_show.unwrap().reasons;
    assert_eq!(reasons.last().unwrap(), "Zoom's own record of that time says nothing else");

    let mut tx = clinic.engine.store.begin().await.unwrap();
    let outage = Outage { id: clinic.ambient.id(), range: clinic.at(300)..clinic.at(500) };
    assert!(tx.insert_outage(&outage).await.unwrap());
    tx.commit().await.unwrap();
    let unknown = cell(&clinic, &rosa).await;
    assert_eq!(
        (unknown.says, unknown.reasons[0].as_str()),
        (Says::Unknown, "for a part of that time nothing could be received from Zoom")
    );
}

#[tokio::test]
async fn a_person_accepts_refuses_and_takes_it_back() {
    let (clinic, rosa) = waited_for(1_000).await;
    let accepted = rule(&clinic, &rosa, Ruling::Accepted).await.unwrap();
    assert_eq!((accepted.status, accepted.source), (AttendeeStatus::NoShow, Source::Person));
    let cell = accepted.no_show.unwrap();
    assert_eq!(
        serde_json::to_value(cell.ruling.unwrap()).unwrap(),
        json!({ "ruling": "accepted", "at": accepted.since.to_string() })
    );
    let again = rule(&clinic, &rosa, Ruling::Accepted).await.unwrap();
    assert_eq!(again.since, accepted.since, "the same word twice is one");
    let refused = rule(&clinic, &rosa, Ruling::Refused).await.unwrap();
    assert_eq!(refused.status, AttendeeStatus::Expected);
    let withdrawn = rule(&clinic, &rosa, Ruling::Withdrawn).await.unwrap();
    assert_eq!(withdrawn.status, AttendeeStatus::NoShowProposed);
    rule(&clinic, &rosa, Ruling::Withdrawn).await.unwrap();
    let mut tx = clinic.engine.store.read().await.unwrap();
    assert_eq!(tx.rulings(clinic.clinic, &[rosa.0.id]).await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_ruling_moves_open_boards() {
    let (clinic, rosa) = waited_for(1_000).await;
    let before = clinic.board().await.last_change;
    rule(&clinic, &rosa, Ruling::Accepted).await.unwrap();
    let changes = clinic.attendance.board_changes(clinic.clinic, before, None).await.unwrap();
    let BoardChanges::Rows(rows) = changes else { panic!("nothing was lost") };
    assert_eq!(rows.appointments[0].attendees[0].status, AttendeeStatus::NoShow);
    rule(&clinic, &rosa, Ruling::Accepted).await.unwrap();
    assert_eq!(clinic.board().await.last_change, rows.last, "what changed nothing moves nothing");
}

#[tokio::test]
async fn whoever_comes_after_a_ruling_is_shown_where_they_are_with_the_contradiction() {
    let (clinic, rosa) = waited_for(1_000).await;
    rule(&clinic, &rosa, Ruling::Accepted).await.unwrap();
    clinic.press(&rosa, 0, 1_001).await;
    clinic.says("participant_joined_waiting_room", 1_010, named("1", "Rosa Delgado")).await;
    let shown = row(&clinic, &rosa).await;
    assert_eq!(shown.status, AttendeeStatus::Waiting);
    let cell = shown.no_show.unwrap();
    assert_eq!(cell.says, Says::No);
    assert_eq!(
        cell.reasons,
        ["a person said that they did not come, and this speaks against it", "came at 10:16"]
    );
    assert!(
        matches!(rule(&clinic, &rosa, Ruling::Refused).await, Ok(row) if row.status == AttendeeStatus::Waiting)
    );
    assert!(matches!(rule(&clinic, &rosa, Ruling::Accepted).await, Err(RuleError::Came)));
}

#[tokio::test]
async fn what_cannot_be_a_no_show_cannot_be_ruled_on() {
    let (clinic, mut rosa) = waited_for(1_000).await;
    let by = StaffOrToken::Staff(clinic.host);
    let nobody = clinic.attendance.rule(clinic.clinic, nothing(), Ruling::Accepted, by).await;
    assert!(matches!(nobody, Err(RuleError::UnknownAttendee)));
    let elsewhere = clinic.attendance.rule(nothing(), rosa.attendee(0), Ruling::Accepted, by).await;
    assert!(matches!(elsewhere, Err(RuleError::UnknownAttendee)), "another clinic's attendee is nobody");
    let later = clinic.book(2_000, &["Tom Reyes"]).await;
    assert!(matches!(rule(&clinic, &later, Ruling::Accepted).await, Err(RuleError::TooEarly)));

    rule(&clinic, &rosa, Ruling::Accepted).await.unwrap();
    change(&clinic, &mut rosa, |appointment| appointment.status = Status::Cancelled).await;
    assert!(matches!(rule(&clinic, &rosa, Ruling::Withdrawn).await, Err(RuleError::NotExpected)));
    let shown = row(&clinic, &rosa).await;
    assert_eq!((shown.status, shown.no_show), (AttendeeStatus::Expected, None));
    change(&clinic, &mut rosa, |appointment| {
        (appointment.status, appointment.kind) = (Status::Booked, Kind::InPerson);
    })
    .await;
    assert!(matches!(rule(&clinic, &rosa, Ruling::Accepted).await, Err(RuleError::NotExpected)));
    assert_eq!(row(&clinic, &rosa).await.no_show, None);
}

#[tokio::test]
async fn a_proposal_that_time_alone_makes_is_told_to_open_boards_once() {
    let (clinic, rosa) = waited_for(890).await;
    assert_eq!(clinic.attendance.tell_no_shows().await.unwrap(), 0);
    let before = clinic.board().await.last_change;
    clinic.clock.advance(Duration::from_secs(10));
    assert_eq!(clinic.attendance.tell_no_shows().await.unwrap(), 1);
    assert_eq!(clinic.attendance.tell_no_shows().await.unwrap(), 0);
    let changes = clinic.attendance.board_changes(clinic.clinic, before, None).await.unwrap();
    let BoardChanges::Rows(rows) = changes else { panic!("nothing was lost") };
    assert_eq!(rows.appointments.iter().map(|row| row.id).collect::<Vec<_>>(), [rosa.0.id]);
    assert_eq!(rows.appointments[0].attendees[0].status, AttendeeStatus::NoShowProposed);
    // What was proposed is told of once more when it is no longer.
    clinic.says("participant_joined_waiting_room", 901, named("1", "Rosa Delgado")).await;
    assert_eq!(clinic.attendance.tell_no_shows().await.unwrap(), 1);
}

#[tokio::test]
async fn somebody_in_the_room_who_is_surely_another_does_not_hide_anybody() {
    let (clinic, rosa) = waited_for(1_000).await;
    let mut tom = clinic.book(1_200, &["Tom Reyes"]).await;
    change(&clinic, &mut tom, |appointment| {
        appointment.attendees[0].external_id = ExternalId::parse("tom").unwrap();
    })
    .await;
    clinic.press(&tom, 0, 500).await;
    clinic.says("participant_joined_waiting_room", 510, named("1", "Tom Reyes")).await;
    assert_eq!(row(&clinic, &tom).await.status, AttendeeStatus::Waiting);
    assert_eq!(cell(&clinic, &rosa).await.says, Says::Yes);
    let at: Timestamp = clinic.at(510);
    assert_eq!(row(&clinic, &tom).await.since, at);
}
