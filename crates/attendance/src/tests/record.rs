//! What the auditor sees.

use domain::attendance::matching::Level;
use serde_json::json;

use super::clinic::{TestClinic, named, osei};
use crate::{board::AttendeeStatus, sessions::SessionFilter};

#[tokio::test]
async fn the_record_says_who_came_for_how_long_and_what_is_doubtful() {
    let clinic = TestClinic::open().await;
    let couple = clinic.book(300, &["Ana Prado", "Luis Prado"]).await;
    let later = clinic.book(90_000, &["Tom Reyes"]).await;
    clinic.press(&couple, 0, 0).await;
    clinic.says("participant_joined_waiting_room", 10, named("1", "Ana Prado")).await;
    clinic.says("participant_joined", 60, osei("9")).await;
    clinic.says("participant_admitted", 70, named("1", "Ana Prado")).await;
    clinic.says("participant_joined", 75, named("2", "Ana Prado")).await;
    clinic.says("participant_joined_waiting_room", 400, named("3", "iPhone")).await;
    clinic.says("participant_admitted", 410, named("3", "iPhone")).await;
    clinic.says("participant_joined", 412, named("4", "iPhone")).await;
    clinic.says("ended", 1_000, json!({})).await;

    let range = clinic.at(-86_400)..clinic.at(864_000);
    let sessions = async |filter, after, limit| {
        clinic.attendance.sessions(clinic.clinic, range.clone(), filter, after, limit).await.unwrap()
    };
    let all = sessions(SessionFilter::default(), None, 50).await;
    assert_eq!(all.items.iter().map(|row| row.id).collect::<Vec<_>>(), [couple.0.id, later.0.id]);
    assert_eq!(all.next, None);
    let [ana, luis] = all.items[0].attendees.as_slice() else { panic!("two attendees") };
    assert_eq!((ana.status, ana.matched.as_ref().unwrap().level), (AttendeeStatus::Left, Level::Certain));
    assert_eq!(
        (ana.arrived_at, ana.joined_at, ana.left_at),
        (Some(clinic.at(10)), Some(clinic.at(75)), Some(clinic.at(1_000)))
    );
    assert_eq!((ana.waited_seconds, ana.in_session_seconds, ana.together_seconds), (60, 925, 925));
    assert_eq!(ana.doubts, [""; 0]);
    assert!(ana.evidence.len() >= 4);
    assert_eq!(luis.matched.as_ref().unwrap().level, Level::Probable);
    assert_eq!(luis.doubts, ["only probable that it was this attendee"]);
    assert_eq!(all.items[0].host_in_session_seconds, 940);
    assert_eq!(all.items[1].attendees[0].status, AttendeeStatus::Expected);

    let doubtful =
        sessions(SessionFilter { only_with_doubts: true, ..SessionFilter::default() }, None, 50).await;
    assert_eq!(doubtful.items.iter().map(|row| row.id).collect::<Vec<_>>(), [couple.0.id]);
    let first = sessions(SessionFilter::default(), None, 1).await;
    assert_eq!(first.items.len(), 1);
    let second = sessions(SessionFilter::default(), first.next, 1).await;
    assert_eq!(second.items[0].id, later.0.id);
    assert_eq!(sessions(SessionFilter::default(), second.next, 1).await.items, []);
}

#[tokio::test]
async fn the_board_has_the_shape_that_programs_rely_on() {
    let clinic = TestClinic::open().await;
    let visit = clinic.book(300, &["Rosa Delgado"]).await;
    clinic.press(&visit, 0, 0).await;
    clinic.says("participant_joined_waiting_room", 12, named("1", "Rosa")).await;
    clinic.says("participant_joined_waiting_room", 500, named("2", "Beatriz Lima")).await;
    let board = clinic.board().await;
    let shape = serde_json::to_value(&board).unwrap();
    let (rosa, beatriz) = (&board.appointments[0].attendees[0], &board.unmatched[0]);
    assert_eq!(
        shape,
        json!({
            "date": "2026-11-23",
            "as_of": board.as_of.to_string(),
            "feed": { "state": "live", "last_event_at": board.feed.last_event_at.unwrap().to_string() },
            "appointments": [{
                "id": visit.0.id.to_string(),
                "external_id": visit.0.external_id.as_str(),
                "starts_at": "2026-11-23T16:05:00Z",
                "ends_at": "2026-11-23T16:35:00Z",
                "host": { "id": clinic.host.to_string(), "name": "Dr. Amara Osei", "present": false },
                "attendees": [{
                    "id": rosa.id.to_string(),
                    "external_id": "p0",
                    "name": "Rosa Delgado",
                    "status": "waiting",
                    "since": "2026-11-23T16:00:12Z",
                    "source": "webhook",
                    "match": {
                        "level": "certain",
                        "reasons": [
                            "pressed Join on Rosa Delgado's own link 12 s before",
                            "the name shown in Zoom agrees",
                        ],
                        "decided_by": "rule",
                    },
                    "no_show": null,
                    "late_seconds": -288,
                }],
            }],
            "warnings": [{
                "kind": "unknown_waiting",
                "host": { "id": clinic.host.to_string(), "name": "Dr. Amara Osei" },
                "sentence": "“Beatriz Lima” waits, and it is not known who it is: perhaps Rosa Delgado (10:05).",
                "presences": [beatriz.id.to_string()],
            }],
            "alerts": [],
            "guests": [],
            "unmatched": [{
                "id": beatriz.id.to_string(),
                "host": { "id": clinic.host.to_string(), "name": "Dr. Amara Osei" },
                "name": "Beatriz Lima",
                "status": "waiting",
                "since": "2026-11-23T16:08:20Z",
                "candidates": [{
                    "attendee": rosa.id.to_string(),
                    "level": "ambiguous",
                    "reasons": [
                        "somebody else in the room is taken for Rosa Delgado",
                        "due at 10:05, for 3 min by then",
                        "Zoom shows another name",
                    ],
                }],
                "not": [],
            }],
        })
    );
    let record = clinic.attendance.appointment(clinic.clinic, visit.0.id).await.unwrap();
    let stays = &serde_json::to_value(&record).unwrap()["attendees"][0]["stays"];
    assert_eq!(
        *stays,
        json!([{
            "kind": "waiting", "from": "2026-11-23T16:00:12Z", "to": null,
            "from_source": "webhook", "to_source": null,
            "evidence": [record.attendees[0].stays[0].evidence[0].to_string()],
        }])
    );
}
