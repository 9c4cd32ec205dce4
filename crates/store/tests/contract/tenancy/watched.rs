//! The same of rooms that are looked after, and of what people are told of them.

use domain::{
    alert::{self, Alert, Choice},
    outreach::message::Recipient,
    room::guard::{Cover, Drift, DriftEnd, Guarded, Origin},
};
use store::{Tx, testing::Engine};

use super::{refused, sight, two};
use crate::{
    once,
    world::{World, at, watched},
};

crate::on_both_engines! {
    what_another_clinic_watches_is_not_found,
    what_is_watched_cannot_refer_to_another_clinics,
}

async fn what_another_clinic_watches_is_not_found(engine: Engine) {
    let (me, them) = two(&engine).await;
    let (theirs, room) = (&them.watched, them.room.id);
    let mut tx = engine.store.begin().await.unwrap();
    assert_eq!(tx.alert(me.clinic, theirs.alert.id).await.unwrap(), None);
    assert_eq!(tx.alerts_among(me.clinic, &[theirs.alert.id]).await.unwrap(), []);
    assert_eq!(tx.message(me.clinic, theirs.told.message.id).await.unwrap(), None);
    assert_eq!(tx.alert_choice(me.clinic, them.host.id).await.unwrap(), Choice::default());
    tx.want_look(them.clinic, room, at(1)).await.unwrap();
    assert_eq!(tx.guarded(me.clinic, room).await.unwrap(), Guarded::default());
    assert_eq!(tx.shown(me.clinic, room).await.unwrap(), None);
    assert_eq!(tx.drifts_of(me.clinic, room, 9).await.unwrap(), []);
}

pub(super) async fn change_what_they_watch(tx: &mut dyn Tx, me: &World, them: &World) {
    let (clinic, theirs, room) = (me.clinic, &them.watched, them.room.id);
    assert!(!tx.end_alert(clinic, theirs.alert.id, at(1)).await.unwrap());
    assert!(!tx.note_told(clinic, theirs.alert.id, at(1)).await.unwrap());
    tx.set_alert_choice(clinic, them.host.id, Choice::default()).await.unwrap();
    tx.set_alert_settings(clinic, &alert::Settings::default()).await.unwrap();
    tx.set_origin(clinic, room, Origin::Personal).await.unwrap();
    tx.want_look(clinic, room, at(1)).await.unwrap();
    tx.note_look(clinic, room, at(2), Some("x")).await.unwrap();
    tx.note_start(clinic, room, at(1)).await.unwrap();
    tx.note_number(clinic, room, at(1)).await.unwrap();
    tx.note_host_press(clinic, room, at(1)).await.unwrap();
    tx.set_shown(clinic, room, None).await.unwrap();
    assert_eq!(tx.count_change(clinic, them.connection.id, 1).await.unwrap(), 0);
    tx.note_try(clinic, theirs.drift.id, at(1), "x").await.unwrap();
    tx.end_drift(clinic, theirs.drift.id, at(1), DriftEnd::Gone).await.unwrap();
    tx.end_cover(clinic, theirs.cover.id, at(1)).await.unwrap();
    tx.set_cover_at_zoom(clinic, theirs.cover.id, true, Some("x")).await.unwrap();
}

async fn what_is_watched_cannot_refer_to_another_clinics(engine: Engine) {
    let (me, them) = two(&engine).await;
    let before = sight(&*engine.store, &them).await.unwrap();
    let (store, mine) = (&*engine.store, &me.watched);
    let alert = Alert { id: me.ambient.id(), key: "another".into(), ..mine.alert.clone() };
    for alert in [
        Alert { staff_id: them.host.id, ..alert.clone() },
        Alert { appointment_id: Some(them.appointment.id), ..alert },
    ] {
        refused("alert", &once!(store, tx => tx.raise_alert(&alert)));
    }
    for to in
        [Recipient::Staff(them.host.id, mine.alert.id), Recipient::Staff(me.host.id, them.watched.alert.id)]
    {
        let mut told = watched::told(&me.ambient, &mine.alert, &me.host);
        told.message.to = to;
        refused("message", &once!(store, tx => tx.insert_message(&told)));
    }
    let drift = Drift { id: me.ambient.id(), room_id: them.room.id, ..mine.drift.clone() };
    refused("drift", &once!(store, tx => tx.insert_drift(&drift)));
    for cover in [
        Cover { host_id: them.host.id, ..mine.cover.clone() },
        Cover { by_id: them.colleague.id, ..mine.cover.clone() },
    ] {
        let cover = Cover { id: me.ambient.id(), ..cover };
        refused("cover", &once!(store, tx => tx.insert_cover(&cover)));
    }
    assert_eq!(sight(store, &them).await.unwrap(), before);
}
