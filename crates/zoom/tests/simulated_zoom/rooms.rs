//! Connecting, and what becomes of a room.

use std::time::Duration;

use serde_json::json;
use zoom::api::{ApiError, Deviation, MeetingKind, MeetingPatch, NewMeeting, NewRegistrant, Plan, Series};
use zoom::oauth::missing_scopes;
use zoom::webhook::EventKind;

use crate::world::{AMARA, JONAS, MORNING, Zoom};

#[tokio::test]
async fn a_staff_member_connects_and_gets_a_room() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    assert_eq!(missing_scopes(&tokens.scopes), Vec::<&zoom::oauth::ScopeNeed>::new());
    assert_eq!(tokens.expires_in, Duration::from_secs(3599));
    let api = tokens.api_url.as_deref().map_or(zoom.api.clone(), |url| zoom.api.regional(url).unwrap());
    let me = api.me(&tokens.access).await.unwrap();
    assert_eq!(
        (me.id.as_str(), me.account_id.as_str(), me.plan),
        (AMARA, "Kx3mQvTtR5aZ1LwYbN0cGg", Plan::Licensed)
    );
    let settings = api.user_settings(&tokens.access).await.unwrap();
    assert!(settings.waiting_room.is_some());
    assert_eq!(settings.auto_recording.as_deref(), Some("none"));
    let security = api.meeting_security(&tokens.access).await.unwrap();
    assert!(security.who_waits.is_some());
    assert_eq!(security.embeds_passcode, Some(true));

    let made = api
        .create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "anteroom:room_1"))
        .await
        .unwrap();
    assert_eq!(made.deviations(), []);
    assert_eq!(made.host_id.as_deref(), Some(AMARA));
    let read = api.meeting(&tokens.access, made.number).await.unwrap();
    assert_eq!((read.number, read.deviations()), (made.number, vec![]));
    assert!(read.join_url.is_some());
    assert_eq!((read.brings_passcode(), read.settings.follows_user), (Some(true), false));
    let listed = api.list_meetings(&tokens.access, None).await.unwrap();
    assert_eq!((listed.next, listed.unreadable), (None, 0));
    let marked: Vec<i64> = listed
        .items
        .iter()
        .filter(|meeting| {
            meeting.agenda.as_deref() == Some("anteroom:room_1") && meeting.kind == MeetingKind::NoFixedTime
        })
        .map(|meeting| meeting.number)
        .collect();
    assert_eq!(marked, [made.number]);
}

#[tokio::test]
async fn a_waiting_room_that_was_switched_off_is_noticed_and_repaired() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    zoom.events();
    let drift = json!({ "settings": { "waiting_room": false, "join_before_host": true } });
    zoom.sim.change_meeting(room.number, &drift).unwrap();
    let told: Vec<Option<i64>> = zoom
        .events()
        .iter()
        .filter(|event| event.kind == EventKind::MeetingUpdated)
        .map(|event| event.meeting().unwrap().meeting_number)
        .collect();
    assert_eq!(told, [Some(room.number)]);
    let drifted = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!(drifted.deviations(), [Deviation::WaitingRoomOff, Deviation::JoinBeforeHost]);
    let restore = MeetingPatch::restore_visit_room();
    zoom.api.update_meeting(&tokens.access, room.number, &restore).await.unwrap();
    zoom.api.update_meeting(&tokens.access, room.number, &MeetingPatch::rename("Other topic")).await.unwrap();
    let repaired = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!((repaired.deviations(), repaired.topic.as_deref()), (vec![], Some("Other topic")));
}

#[tokio::test]
async fn a_deleted_room_comes_back_with_its_number_and_its_link() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    let there = zoom.api.recover_meeting(&tokens.access, room.number).await;
    assert_eq!(there.unwrap_err(), ApiError::NotFound { code: 3001 }, "it is not in the trash");
    zoom.sim.delete_meeting(room.number).unwrap();
    zoom.events();
    zoom.api.recover_meeting(&tokens.access, room.number).await.unwrap();
    let kinds: Vec<EventKind> = zoom.events().into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::MeetingRecovered]);
    let back = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!((back.number, back.deviations()), (room.number, vec![]));
    assert_eq!(back.join_url, room.join_url);
    zoom.sim.delete_meeting(room.number).unwrap();
    zoom.advance(31 * 86_400).await;
    let renewed = zoom.oauth.refresh(&tokens.refresh).await.unwrap();
    let purged = zoom.api.recover_meeting(&renewed.access, room.number).await;
    assert_eq!(purged.unwrap_err(), ApiError::NotFound { code: 3001 }, "the trash is emptied after 30 days");
}

#[tokio::test]
async fn an_alternative_host_may_start_as_long_as_they_are_named() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    assert_eq!(room.alternative_hosts, Vec::<String>::new());
    zoom.sim.start_as(room.number, JONAS).unwrap_err();
    let cover = MeetingPatch::alternative_hosts(&["jonas.berg@clinic.example"]);
    zoom.api.update_meeting(&tokens.access, room.number, &cover).await.unwrap();
    let covered = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!(covered.alternative_hosts, ["jonas.berg@clinic.example"]);
    assert_eq!(covered.deviations(), [], "nothing else is changed");
    zoom.events();
    zoom.sim.start_as(room.number, JONAS).unwrap();
    let begun = zoom.events();
    let joined = begun.iter().find(|event| event.kind == EventKind::Joined).unwrap().meeting().unwrap();
    assert_eq!(joined.host_id.as_deref(), Some(AMARA), "the room stays its owner's");
    assert_eq!(joined.participant.as_ref().unwrap().signed_in_id(), Some(JONAS));
    zoom.sim.end(room.number).unwrap();
    let alone = MeetingPatch::alternative_hosts(&[]);
    zoom.api.update_meeting(&tokens.access, room.number, &alone).await.unwrap();
    assert_eq!(
        zoom.api.meeting(&tokens.access, room.number).await.unwrap().alternative_hosts,
        Vec::<String>::new()
    );
    zoom.sim.start_as(room.number, JONAS).unwrap_err();
}

#[tokio::test]
async fn a_registrant_of_a_registered_room_gets_a_link_of_their_own() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let series = Series::from(MORNING);
    let new = NewMeeting::registered_room("Visits", "m", series);
    let room = zoom.api.create_meeting(&tokens.access, &new).await.unwrap();
    assert_eq!(room.deviations_of_registered(), []);
    assert_eq!(room.deviations(), [Deviation::NotPermanent]);
    assert!(room.registers());
    assert_eq!(room.series_ends_at, Some(series.last_begins_at()));
    let guest = NewRegistrant::new("7f3a@clinic.example", "Guest", "K7QF");
    let registered = zoom.api.create_registrant(&tokens.access, room.number, &guest).await.unwrap();
    assert_ne!(Some(&registered.join_url), room.join_url.as_ref());
    let again = zoom.api.create_registrant(&tokens.access, room.number, &guest).await.unwrap();
    assert_eq!(again, registered);

    let later = Series::from(MORNING + 30 * 86_400_000_000);
    zoom.api.update_meeting(&tokens.access, room.number, &MeetingPatch::go_on(later)).await.unwrap();
    let read = zoom.api.meeting(&tokens.access, room.number).await.unwrap();
    assert_eq!((read.series_ends_at, read.registers()), (Some(later.last_begins_at()), true));
    assert_eq!(zoom.api.create_registrant(&tokens.access, room.number, &guest).await.unwrap(), registered);
}

#[tokio::test]
async fn an_invite_link_presets_its_name() {
    let zoom = Zoom::start().await;
    let tokens = zoom.connect(AMARA).await;
    let room = zoom.api.create_meeting(&tokens.access, &NewMeeting::visit_room("Visits", "m")).await.unwrap();
    let names = ["Rosa Delgado", "Tom Berg"];
    let made =
        zoom.api.invite_links(&tokens.access, room.number, &names, Duration::from_hours(2)).await.unwrap();
    assert_eq!(made.iter().map(|link| link.name.as_str()).collect::<Vec<_>>(), names);
    let no_registration = NewRegistrant::new("7f3a@clinic.example", "Guest", "K7QF");
    let refused = zoom.api.create_registrant(&tokens.access, room.number, &no_registration).await;
    assert_eq!(refused.unwrap_err(), ApiError::NotFound { code: 300 });
}
