//! What is kept of rooms that are looked after, and of what people are told of them.

use domain::{
    Ambient, ClinicId, RoomId,
    alert::{Alert, AlertKind, Choice, Settings, Told},
    attendance::matching::StaffOrToken,
    outreach::message::{MessageState, Occasion, Recipient},
    room::guard::{Cover, Drift, DriftKind, LookFor, Shown},
    staff::StaffMember,
};
use store::{Tx, ports::messages::NewMessage};

use super::{NOW, at, handed_out};

pub struct Watched {
    pub alert: Alert,
    pub told: NewMessage,
    pub drift: Drift,
    pub cover: Cover,
    pub shown: Shown,
    pub settings: Settings,
    pub choice: Choice,
}

pub fn alert(ambient: &Ambient, whose: &StaffMember, key: &str, raised: i64) -> Alert {
    Alert {
        id: ambient.id(),
        clinic_id: whose.clinic_id,
        staff_id: whose.id,
        kind: AlertKind::Reconnect,
        appointment_id: None,
        presence_id: None,
        key: key.to_owned(),
        detail: Some("refused".into()),
        raised_at: at(raised),
        ended_at: None,
        told_at: None,
    }
}

/// A message about an alert that was sent.
pub fn told(ambient: &Ambient, alert: &Alert, to: &StaffMember) -> NewMessage {
    let recipient = Recipient::Staff(to.id, alert.id);
    let mut told = handed_out::message(ambient, alert.clinic_id, recipient, NOW);
    told.message.occasion = Occasion::Alert;
    told.message.state = MessageState::Sent;
    told.content_sealed = None;
    told
}

pub fn drift(ambient: &Ambient, clinic: ClinicId, room: RoomId, kind: DriftKind, found: i64) -> Drift {
    Drift {
        id: ambient.id(),
        clinic_id: clinic,
        room_id: room,
        kind,
        found_at: at(found),
        found_for: LookFor::Daily,
        hindrance: None,
        tries: 0,
        tried_at: None,
        ended: None,
    }
}

pub fn cover(ambient: &Ambient, host: &StaffMember, by: &StaffMember, from: i64, until: i64) -> Cover {
    Cover {
        id: ambient.id(),
        clinic_id: host.clinic_id,
        host_id: host.id,
        by_id: by.id,
        from: at(from),
        until: at(until),
        ended_at: None,
        at_zoom: false,
        named: None,
        said_by: StaffOrToken::Staff(host.id),
    }
}

impl Watched {
    pub fn of(ambient: &Ambient, room: RoomId, host: &StaffMember, colleague: &StaffMember) -> Self {
        let alert = alert(ambient, host, "the first", 0);
        Self {
            told: told(ambient, &alert, colleague),
            drift: drift(ambient, host.clinic_id, room, DriftKind::WaitingRoomOff, 0),
            cover: cover(ambient, host, colleague, 0, 3_600),
            shown: Shown { title: "In a moment \"🌻\"".into(), text: String::new(), at: NOW },
            settings: Settings { host_late_after: vec![3, 7] },
            choice: Choice { own: Told::Sms, clinic: Told::Email },
            alert,
        }
    }

    pub async fn fill(&self, tx: &mut dyn Tx, clinic: ClinicId, room: RoomId) {
        assert!(tx.raise_alert(&self.alert).await.unwrap());
        assert!(tx.insert_message(&self.told).await.unwrap());
        tx.insert_drift(&self.drift).await.unwrap();
        tx.insert_cover(&self.cover).await.unwrap();
        tx.set_shown(clinic, room, Some(&self.shown)).await.unwrap();
        tx.set_alert_settings(clinic, &self.settings).await.unwrap();
        tx.set_alert_choice(clinic, self.alert.staff_id, self.choice).await.unwrap();
    }
}
