//! One of everything that is known of a room beside its events.

use domain::{
    Ambient, ClinicId, PresenceId, RoomId,
    appointment::Appointment,
    attendance::{
        matching::{Invite, Registration, StaffOrToken},
        no_show::{NoShowRuling, Ruling},
        presence::{Presence, Who},
        record::RecordedStay,
        stay::StayKind,
    },
    id::Id as _,
    room::{Room, RoomKind},
    staff::StaffMember,
};
use jiff::civil::{Date, date};
use store::{
    Tx,
    ports::{
        evidence::MatchChange,
        feed::FeedCounts,
        links::{Link, LinkFor},
        recovery::{Reconciliation, Why},
        rooms::RoomState,
    },
};

use super::{NOW, at, link, matched};

/// The day of [`NOW`].
pub const DAY: Date = date(2026, 11, 23);

pub struct Further {
    pub recorded: RecordedStay,
    pub registration: Registration,
    pub invite: Invite,
    pub shown: MatchChange,
    pub ruling: NoShowRuling,
    pub guest_link: Link,
    pub due: Reconciliation,
}

pub fn recorded(ambient: &Ambient, seconds: i64) -> RecordedStay {
    RecordedStay {
        delivery: ambient.id(),
        row: PresenceId::from_uuid(ambient.nonce()),
        instance: "uu/id==".into(),
        kind: StayKind::InSession,
        from: at(seconds),
        to: at(seconds + 60),
        user_id: Some("16778240".into()),
        zoom_user_id: None,
        registrant_id: Some("r-1".into()),
        name: Some("Rosa\u{0}\" 🌻".into()),
        is_host: false,
    }
}

pub fn due(ambient: &Ambient, clinic: ClinicId, room: RoomId, why: Why) -> Reconciliation {
    Reconciliation {
        id: ambient.id(),
        clinic_id: clinic,
        room_id: room,
        range: at(0)..at(60),
        why,
        due_at: at(600),
        tries: 0,
        done_at: None,
        found: None,
    }
}

impl Further {
    pub fn of(
        ambient: &Ambient,
        clinic: ClinicId,
        (room, host): (&Room, &StaffMember),
        (appointment, presence): (&Appointment, &Presence),
    ) -> Self {
        let attendee = appointment.attendees[0].id;
        Self {
            recorded: recorded(ambient, 0),
            registration: Registration {
                id: ambient.id(),
                clinic_id: clinic,
                room_id: room.id,
                meeting_number: room.meeting_number,
                registrant_id: "r-1".into(),
                whose: Some((appointment.id, attendee)),
                at: NOW,
            },
            invite: Invite {
                id: ambient.id(),
                clinic_id: clinic,
                room_id: room.id,
                appointment_id: appointment.id,
                attendee_id: attendee,
                name: "Rosa D.".into(),
                at: NOW,
                until: at(7200),
            },
            shown: MatchChange {
                presence: presence.id,
                at: NOW,
                who: Who::Visitor,
                matched: Some(matched(appointment.id, attendee)),
            },
            ruling: NoShowRuling {
                id: ambient.id(),
                clinic_id: clinic,
                appointment_id: appointment.id,
                attendee_id: attendee,
                ruling: Ruling::Refused,
                ruled_by: StaffOrToken::Staff(host.id),
                at: NOW,
            },
            guest_link: link(ambient, clinic, LinkFor::Guest(host.id)),
            due: due(ambient, clinic, room.id, Why::Ended),
        }
    }

    pub async fn fill(&self, tx: &mut dyn Tx, clinic: ClinicId, room: RoomId) {
        assert!(tx.put_recorded_stay(clinic, room, &self.recorded).await.unwrap());
        tx.insert_look(clinic, room, NOW).await.unwrap();
        tx.insert_registration(&self.registration, b"sealed registration").await.unwrap();
        tx.insert_invite(&self.invite, b"sealed invite").await.unwrap();
        tx.insert_match_change(clinic, &self.shown).await.unwrap();
        tx.insert_ruling(&self.ruling).await.unwrap();
        tx.insert_link(&self.guest_link).await.unwrap();
        tx.put_reconciliation(&self.due).await.unwrap();
        let one = FeedCounts { applied: 1, ..FeedCounts::default() };
        tx.add_feed_counts(clinic, Some(room), DAY, &one).await.unwrap();
        tx.add_feed_counts(clinic, None, DAY, &one).await.unwrap();
        tx.set_clinic_room_kind(clinic, RoomKind::Registered).await.unwrap();
        let LinkFor::Guest(host) = self.guest_link.link_for else { unreachable!() };
        tx.set_staff_room_kind(clinic, host, Some(RoomKind::Open)).await.unwrap();
        tx.set_room_state(clinic, room, &state()).await.unwrap();
    }
}

pub fn state() -> RoomState {
    RoomState {
        series_ends_at: Some(at(86_400)),
        kind_trouble: Some("plan".into()),
        invites_refused: Some(("account".into(), at(-5))),
    }
}
