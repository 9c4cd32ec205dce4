//! Who was there, how long, and with whom: visits that follow one another in one running meeting.

use domain::{
    StaffId,
    room::{Room, RoomKind},
    staff::{Role, StaffMember},
    text::{Email, Name},
};
use serde_json::{Value, json};

use crate::{
    AppointmentAttendance, SessionRow,
    sessions::SessionFilter,
    tests::clinic::{ACCOUNT, Booked, TestClinic, named, osei},
};

const COLLEAGUE: &str = "kW3nB7xLQ2a9fT5rGcZmPw";

fn lindqvist(user_id: &str) -> Value {
    json!({ "user_id": user_id, "user_name": "Nils", "id": COLLEAGUE, "email": "n.lindqvist@clinic.example" })
}

/// A colleague with a room of his own, whom Zoom therefore knows as one of the staff.
async fn colleague(clinic: &TestClinic) -> StaffId {
    let id: StaffId = clinic.ambient.id();
    let mut tx = clinic.engine.store.begin().await.unwrap();
    let member = StaffMember {
        id,
        clinic_id: clinic.clinic,
        name: Name::parse("Dr. Nils Lindqvist").unwrap(),
        email: Email::parse("n.lindqvist@clinic.example").unwrap(),
        phone: None,
        external_id: None,
        roles: [Role::Staff].into(),
        disabled_at: None,
        created_at: clinic.at(-86_400),
    };
    tx.insert_staff(clinic.clinic, &member).await.unwrap();
    let room = Room {
        id: clinic.ambient.id(),
        clinic_id: clinic.clinic,
        staff_id: id,
        kind: RoomKind::Open,
        meeting_number: 86_720_099_999,
        zoom_user_id: COLLEAGUE.into(),
        zoom_account_id: ACCOUNT.into(),
        checked_at: clinic.at(-86_400),
        created_at: clinic.at(-86_400),
    };
    tx.insert_room(&room, b"sealed").await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn record(clinic: &TestClinic, booked: &Booked) -> AppointmentAttendance {
    clinic.attendance.appointment(clinic.clinic, booked.0.id).await.unwrap()
}

async fn sessions(clinic: &TestClinic) -> Vec<SessionRow> {
    let range = clinic.at(-86_400)..clinic.at(86_400);
    clinic.attendance.sessions(clinic.clinic, range, SessionFilter::default(), None, 50).await.unwrap().items
}

#[tokio::test]
async fn visits_that_follow_one_another_in_one_meeting_are_counted_apart() {
    let clinic = TestClinic::open().await;
    let tom = clinic.book(0, &["Tom Reyes"]).await;
    let ana = clinic.book(1_800, &["Ana Prado"]).await;
    clinic.says("participant_joined", -120, osei("9")).await;
    clinic.press(&tom, 0, -40).await;
    clinic.says("participant_joined_waiting_room", -30, named("1", "Tom Reyes")).await;
    clinic.says("participant_admitted", 20, named("1", "Tom Reyes")).await;
    clinic.says("participant_joined", 22, named("2", "Tom Reyes")).await;
    clinic.press(&ana, 0, 1_690).await;
    clinic.says("participant_joined_waiting_room", 1_700, named("3", "Ana Prado")).await;
    clinic.says("participant_left", 1_900, named("2", "Tom Reyes")).await;
    clinic.says("participant_admitted", 1_910, named("3", "Ana Prado")).await;
    clinic.says("participant_joined", 1_912, named("4", "Ana Prado")).await;
    clinic.says("participant_left", 3_500, named("4", "Ana Prado")).await;
    clinic.says("ended", 3_600, json!({})).await;

    let rows = sessions(&clinic).await;
    let seconds: Vec<_> = rows
        .iter()
        .map(|row| {
            let one = &row.attendees[0];
            (one.waited_seconds, one.in_session_seconds, one.together_seconds, row.host_in_session_seconds)
        })
        .collect();
    assert_eq!(seconds, [(50, 1_878, 1_878, 1_930), (210, 1_588, 1_588, 1_800)]);
    let late: Vec<_> =
        rows.iter().map(|row| (row.attendees[0].late_seconds, row.host_late_seconds)).collect();
    assert_eq!(late, [(Some(-30), Some(-120)), (Some(-100), Some(-1_920))]);
    let ana = record(&clinic, &ana).await;
    assert_eq!((ana.attendees[0].late_seconds, ana.host.late_seconds), (Some(-100), Some(-1_920)));
    assert_eq!(ana.staff.len(), 1);
    assert_eq!(ana.staff[0].together_seconds, 1_588, "the time with Tom is not Ana's");
}

#[tokio::test]
async fn a_colleague_who_covers_and_a_second_device_are_told_and_count_once() {
    let clinic = TestClinic::open().await;
    let nils = colleague(&clinic).await;
    let rosa = clinic.book(0, &["Rosa Delgado"]).await;
    clinic.press(&rosa, 0, 5).await;
    clinic.says("participant_joined_waiting_room", 10, named("1", "Rosa Delgado")).await;
    clinic.says("participant_joined", 60, lindqvist("5")).await;
    clinic.says("participant_admitted", 70, named("1", "Rosa Delgado")).await;
    clinic.says("participant_joined", 72, named("2", "Rosa Delgado")).await;
    clinic.says("participant_joined", 600, osei("9")).await;
    clinic.says("participant_joined", 700, osei("10")).await;
    clinic.says("participant_left", 800, osei("10")).await;
    clinic.says("participant_left", 900, lindqvist("5")).await;
    clinic.says("participant_left", 1_200, named("2", "Rosa Delgado")).await;
    clinic.says("ended", 1_300, json!({})).await;

    let record = record(&clinic, &rosa).await;
    let staff: Vec<_> =
        record.staff.iter().map(|one| (one.id, one.name.as_str(), one.together_seconds)).collect();
    assert_eq!(staff, [(Some(nils), "Dr. Nils Lindqvist", 828), (Some(clinic.host), "Dr. Amara Osei", 600)]);
    assert_eq!(record.attendees[0].together_seconds, 1_128, "two of the staff at once count once");
    assert_eq!(record.host.late_seconds, Some(600));
    assert!(
        record.host.stays.iter().all(|stay| stay.from >= clinic.at(600)),
        "the host's stays are the host's"
    );
    let shape = serde_json::to_value(&record).unwrap();
    assert_eq!(shape["staff"][0]["id"], nils.to_string());
    assert_eq!(shape["staff"][0]["stays"][0]["kind"], "in_session");
    assert_eq!(shape["host"]["late_seconds"], 600);
    assert_eq!(sessions(&clinic).await[0].host_late_seconds, Some(600));
}

#[tokio::test]
async fn a_colleague_who_covers_hosts_so_that_an_absent_patient_is_proposed() {
    let clinic = TestClinic::open().await;
    colleague(&clinic).await;
    let rosa = clinic.book(0, &["Rosa Delgado"]).await;
    clinic.says("participant_joined", -5, lindqvist("5")).await;
    clinic.clock.advance(std::time::Duration::from_mins(16));
    let cell = record(&clinic, &rosa).await.attendees.remove(0).no_show.unwrap();
    assert_eq!(cell.says, domain::attendance::no_show::Says::Yes);
}
