//! An event in Zoom's words, written by hand, so that nothing of the program vouches for itself.

use domain::attendance::event::{Person, RoomEvent, What};
use serde_json::json;

use super::house::{ACCOUNT, Host};

/// The body of a delivery about this host's room.
pub fn body(event: &RoomEvent, host: &Host) -> String {
    let (name, time) = match event.what {
        What::JoinedWaitingRoom => ("participant_joined_waiting_room", "date_time"),
        What::LeftWaitingRoom => ("participant_left_waiting_room", "date_time"),
        What::Admitted => ("participant_admitted", "date_time"),
        What::PutInWaitingRoom => ("participant_put_in_waiting_room", "date_time"),
        What::Joined => ("participant_joined", "join_time"),
        What::Left => ("participant_left", "leave_time"),
        What::MeetingStarted => ("started", "start_time"),
        What::MeetingEnded => ("ended", "end_time"),
        other => panic!("the day does not tell of {other:?}"),
    };
    let mut object = json!({
        "id": host.meeting_number.to_string(), "uuid": format!("{}==", host.meeting_number),
        "host_id": host.zoom_user_id, "topic": "Visits", "type": 3, "duration": 60, "timezone": "America/Chicago",
    });
    match &event.person {
        Some(person) => {
            let mut said = participant(person, host);
            said[time] = json!(event.at);
            object["participant"] = said;
        }
        None => object[time] = json!(event.at),
    }
    json!({
        "event": format!("meeting.{name}"),
        "event_ts": event.at.as_millis() + 400,
        "payload": { "account_id": ACCOUNT, "object": object },
    })
    .to_string()
}

fn participant(person: &Person, host: &Host) -> serde_json::Value {
    let signed_in = if person.is_host { Some(&host.zoom_user_id) } else { person.zoom_user_id.as_ref() };
    let mut said = json!({
        "user_id": person.user_id, "user_name": person.name.as_deref().unwrap_or_default(), "email": "",
        "id": signed_in.map(String::as_str).unwrap_or_default(),
        "participant_user_id": signed_in.map(String::as_str).unwrap_or_default(),
    });
    let more = [
        ("phone_number", &person.phone),
        ("public_ip", &person.public_ip),
        ("registrant_id", &person.registrant_id),
    ];
    for (field, value) in more {
        if let Some(value) = value {
            said[field] = json!(value);
        }
    }
    said
}
