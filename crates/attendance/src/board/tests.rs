//! What the desk is warned of, and what it can take back.

use std::time::Duration;

use domain::{
    attendance::{
        matching::{Level, StaffOrToken, Verdict},
        presence::Who,
        warnings::WarningKind,
    },
    outreach::message::{Channel, Message, MessageState, Occasion, Recipient},
    text::ExternalId,
};
use store::ports::messages::{NewMessage, Tried};

use crate::{
    BoardChanges,
    board::AttendeeStatus,
    tests::clinic::{Booked, TestClinic, named, osei},
};

/// Books somebody who is nobody else.
async fn book(clinic: &TestClinic, starts: i64, name: &str) -> Booked {
    let mut booked = clinic.book(starts, &[name]).await;
    booked.0.attendees[0].external_id = ExternalId::parse(&name.to_lowercase().replace(' ', "-")).unwrap();
    let mut tx = clinic.engine.store.begin().await.unwrap();
    tx.put_appointment(clinic.clinic, &booked.0).await.unwrap();
    tx.commit().await.unwrap();
    booked
}

async fn sentences(clinic: &TestClinic) -> Vec<(WarningKind, String)> {
    clinic.board().await.warnings.into_iter().map(|warning| (warning.kind, warning.sentence)).collect()
}

#[tokio::test]
async fn the_desk_and_the_clinician_are_warned_while_the_one_before_is_still_there() {
    let clinic = TestClinic::open().await;
    let (tom, ana) = (book(&clinic, 0, "Tom Reyes").await, book(&clinic, 1_800, "Ana Prado").await);
    clinic.says("participant_joined", -5, osei("9")).await;
    clinic.press(&tom, 0, 0).await;
    clinic.says("participant_joined", 10, named("1", "Tom Reyes")).await;
    assert_eq!(sentences(&clinic).await, []);
    clinic.clock.advance(Duration::from_mins(30));
    clinic.press(&ana, 0, 1_795).await;
    let before = clinic.board().await.last_change;
    clinic.says("participant_joined_waiting_room", 1_805, named("2", "Ana Prado")).await;
    let expected = "Ana Prado (10:30) waits while Tom Reyes (10:00) is still in session.";
    assert_eq!(sentences(&clinic).await, [(WarningKind::PreviousStillThere, expected.to_owned())]);
    let changes = clinic.attendance.board_changes(clinic.clinic, before, None).await.unwrap();
    let BoardChanges::Rows(rows) = changes else { panic!("nothing was lost") };
    assert_eq!(rows.warnings, clinic.board().await.warnings, "a stream tells them too");
    let mine = clinic.attendance.waiting_for(clinic.clinic, clinic.host).await.unwrap();
    let told: Vec<_> = mine.iter().map(|one| (one.shown_name.as_str(), one.warnings.len())).collect();
    assert_eq!(told, [("Ana Prado", 1), ("Tom Reyes", 1)]);
    assert_eq!(mine[0].warnings[0].sentence, expected);

    clinic.says("participant_left", 1_900, named("1", "Tom Reyes")).await;
    assert_eq!(sentences(&clinic).await, []);
    let tomorrow = clinic.board().await.date.tomorrow().unwrap();
    let board = clinic.attendance.board(clinic.clinic, Some(tomorrow)).await.unwrap();
    assert_eq!(board.warnings, []);
}

#[tokio::test]
async fn a_marked_guest_can_be_found_and_taken_back() {
    let clinic = TestClinic::open().await;
    clinic.says("participant_joined_waiting_room", 5, named("1", "Beatriz Lima")).await;
    assert_eq!(sentences(&clinic).await[0].0, WarningKind::UnknownWaiting);
    let id = clinic.board().await.unmatched[0].id;
    let by = StaffOrToken::Staff(clinic.host);
    for (verdict, word) in
        [(Verdict::Interpreter, "interpreter"), (Verdict::Guest, "guest"), (Verdict::Staff, "staff")]
    {
        clinic.attendance.decide(clinic.clinic, id, verdict, by).await.unwrap();
        let board = clinic.board().await;
        assert_eq!((board.unmatched.len(), board.warnings.len()), (0, 0));
        assert_eq!(
            serde_json::to_value(&board.guests).unwrap(),
            serde_json::json!([{
                "id": id.to_string(),
                "host": { "id": clinic.host.to_string(), "name": "Dr. Amara Osei" },
                "name": "Beatriz Lima",
                "as": word,
                "status": "waiting",
                "since": "2026-11-23T16:00:05Z",
            }])
        );
    }
    clinic.attendance.decide(clinic.clinic, id, Verdict::Undecided, by).await.unwrap();
    let board = clinic.board().await;
    assert_eq!((board.unmatched.len(), board.guests.len()), (1, 0));
    clinic.attendance.decide(clinic.clinic, id, Verdict::Guest, by).await.unwrap();
    clinic.says("participant_left_waiting_room", 60, named("1", "Beatriz Lima")).await;
    assert_eq!(clinic.board().await.guests, [], "who is gone is nobody's question");
}

#[tokio::test]
async fn staff_whom_zoom_vouches_for_are_nobodys_guests() {
    let clinic = TestClinic::open().await;
    clinic.says("participant_joined", 5, osei("9")).await;
    assert_eq!(clinic.presences().await[0].who, Who::Staff);
    assert_eq!(clinic.board().await.guests, []);
}

#[tokio::test]
async fn whom_somebody_is_not_stands_on_the_board_until_it_is_taken_back() {
    let clinic = TestClinic::open().await;
    let (rosa, tom) = (book(&clinic, 300, "Rosa Delgado").await, book(&clinic, 600, "Tom Reyes").await);
    let ana = book(&clinic, 900, "Ana Prado").await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "iPhone")).await;
    let id = clinic.board().await.unmatched[0].id;
    let by = StaffOrToken::Staff(clinic.host);
    let decide = async |verdict| clinic.attendance.decide(clinic.clinic, id, verdict, by).await.unwrap();
    decide(Verdict::Not(tom.attendee(0))).await;
    assert_eq!(clinic.board().await.unmatched[0].not, [tom.attendee(0)]);
    decide(Verdict::Undecided).await;
    assert_eq!(clinic.board().await.unmatched[0].not, []);
    decide(Verdict::Attendee(rosa.attendee(0))).await;
    assert_eq!(clinic.board().await.unmatched, []);
    assert!(clinic.board().await.appointments.iter().any(|row| row.id == ana.0.id));
}

#[tokio::test]
async fn a_press_without_the_page_is_told_nowhere_and_helps_to_find_out_who_came() {
    let clinic = TestClinic::open().await;
    let rosa = book(&clinic, 0, "Rosa Delgado").await;
    book(&clinic, 0, "Tom Reyes").await;
    clinic.clock.advance(Duration::from_mins(30));
    let before = clinic.board().await;
    clinic.follow(&rosa, 0, 1_200).await;
    let board = clinic.board().await;
    assert_eq!(board.feed.state, before.feed.state, "nobody waits for word from Zoom about it");
    for row in board.appointments.iter().flat_map(|row| &row.attendees) {
        assert_eq!((row.pressed_at, row.opened_at), (None, None));
        assert_ne!(row.status, AttendeeStatus::Opened);
    }
    let shown = clinic.attendance.appointment(clinic.clinic, rosa.0.id).await.unwrap();
    assert!(shown.attendees[0].presses.is_empty());

    clinic.follow(&rosa, 0, 1_740).await;
    clinic.says("participant_joined_waiting_room", 1_750, named("1", "iPhone")).await;
    let board = clinic.board().await;
    let row = board
        .appointments
        .iter()
        .flat_map(|row| &row.attendees)
        .find(|row| row.name == rosa.0.attendees[0].name);
    assert!(row.unwrap().matched.is_some(), "the ladder knows of it");
}

/// Somebody comes under Rosa's name by a press without her page, so many seconds after a message to her went out.
async fn level_after_a_message(since: i64) -> Option<Level> {
    let clinic = TestClinic::open().await;
    let rosa = book(&clinic, 1_800, "Rosa Delgado").await;
    book(&clinic, 1_800, "Tom Reyes").await;
    let at = clinic.at(1_740 - since);
    let message = Message {
        id: clinic.ambient.id(),
        clinic_id: clinic.clinic,
        to: Recipient::Attendee(rosa.0.id, rosa.attendee(0)),
        channel: Channel::Email,
        occasion: Occasion::Link,
        state: MessageState::Queued,
        reason: None,
        asked_by: None,
        queued_at: at,
        due_at: at,
        tries: 0,
        sent_at: None,
        changed_at: at,
    };
    let id = message.id;
    let new = NewMessage { message, content_sealed: Some(vec![1]), once: None };
    let mut tx = clinic.engine.store.begin().await.unwrap();
    assert!(tx.insert_message(&new).await.unwrap());
    tx.settle_message(clinic.clinic, id, &Tried::Sent(None), at).await.unwrap();
    tx.commit().await.unwrap();
    clinic.clock.advance(Duration::from_mins(30));
    clinic.follow(&rosa, 0, 1_740).await;
    clinic.says("participant_joined_waiting_room", 1_750, named("1", "Rosa")).await;
    let board = clinic.board().await;
    let mut rows = board.appointments.iter().flat_map(|row| &row.attendees);
    rows.find_map(|row| row.matched.as_ref()).map(|matched| matched.level)
}

#[tokio::test]
async fn a_press_without_the_page_makes_nobody_certain_for_a_quarter_of_an_hour_after_a_message() {
    for since in [310, 899] {
        assert_eq!(level_after_a_message(since).await, Some(Level::Probable), "a scanner may have pressed");
    }
    assert_eq!(level_after_a_message(900).await, Some(Level::Certain));
}
