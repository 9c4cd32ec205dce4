//! One of everything that handing out links needs.

use domain::{
    Ambient, ClinicId, PersonId, RoomId, Timestamp,
    appointment::Appointment,
    attendance::matching::StaffOrToken,
    outreach::{
        Settings,
        desk::{Mark, Marked, Notice, Says},
        message::{Channel, Message, MessageState, Occasion, Recipient},
        reminders::Ladder,
    },
    staff::StaffMember,
    telehealth::{Aspect, Offer, Rule},
    text::{Language, Note},
};
use store::{
    Tx,
    ports::{
        consents::{ConsentChange, SaidBy},
        links::{Link, LinkFor},
        messages::NewMessage,
        other_rooms::OtherRoom,
        outreach::Wording,
    },
};

use super::{NOW, at, external, link, name};

pub struct HandedOut {
    pub message: NewMessage,
    pub notice: Notice,
    pub mark: Mark,
    pub person: PersonId,
    pub portal_link: Link,
    pub other_room: OtherRoom,
    pub settings: Settings,
    pub wording: Wording,
    pub rule: Rule,
    pub consent: ConsentChange,
}

/// An e-mail that is due at this time.
pub fn message(ambient: &Ambient, clinic: ClinicId, to: Recipient, due_at: Timestamp) -> NewMessage {
    NewMessage {
        message: Message {
            id: ambient.id(),
            clinic_id: clinic,
            to,
            channel: Channel::Email,
            occasion: Occasion::Link,
            state: MessageState::Queued,
            reason: None,
            asked_by: None,
            queued_at: NOW,
            due_at,
            tries: 0,
            sent_at: None,
            changed_at: NOW,
        },
        content_sealed: Some(vec![7, 0, 255]),
        once: None,
    }
}

pub fn other_room(ambient: &Ambient, staff: &StaffMember) -> OtherRoom {
    OtherRoom {
        id: ambient.id(),
        clinic_id: staff.clinic_id,
        staff_id: staff.id,
        host_url_sealed: vec![1, 0],
        guest_url_sealed: vec![],
        host_url_digest: ambient.bytes(),
        guest_url_digest: ambient.bytes(),
        host_name: "doxy.me".into(),
        trouble: None,
        checked_at: None,
        created_at: NOW,
    }
}

pub fn notice(ambient: &Ambient, host: &StaffMember, says: Says, from: i64, until: i64) -> Notice {
    Notice {
        id: ambient.id(),
        clinic_id: host.clinic_id,
        host: host.id,
        appointment: None,
        says,
        said_by: StaffOrToken::Staff(host.id),
        at: at(from),
        until: at(until),
    }
}

impl HandedOut {
    pub fn of(
        ambient: &Ambient,
        appointment: &Appointment,
        host: &StaffMember,
        colleague: &StaffMember,
    ) -> Self {
        let clinic = appointment.clinic_id;
        let attendee = appointment.attendees[0].id;
        let by = StaffOrToken::Staff(host.id);
        let person = ambient.id();
        let mut message = message(ambient, clinic, Recipient::Attendee(appointment.id, attendee), at(60));
        message.message.asked_by = Some(by);
        message.once = Some("the first".into());
        let words = Note::parse("We run \"late\" 🌻").unwrap();
        Self {
            message,
            notice: Notice {
                appointment: Some(appointment.id),
                ..notice(ambient, host, Says::Words(words), 0, 3_600)
            },
            mark: Mark {
                id: ambient.id(),
                clinic_id: clinic,
                appointment_id: appointment.id,
                attendee_id: attendee,
                marked: Marked::Waiting,
                marked_by: by,
                at: NOW,
            },
            person,
            portal_link: link(ambient, clinic, LinkFor::Portal(person)),
            other_room: other_room(ambient, colleague),
            settings: Settings {
                ladder: Ladder::new(vec![4_320, 60]).unwrap(),
                send_when_booked: true,
                ..Settings::default()
            },
            wording: Wording {
                occasion: Occasion::Reminder,
                channel: Channel::Email,
                language: Language::parse("es").unwrap(),
                subject: Some("Su visita".into()),
                body: "Hola 🌻\n\"{{ link }}\"".into(),
            },
            rule: Rule { aspect: Aspect::Service, name: name("Counseling 50"), offer: Offer::Automatic },
            consent: ConsentChange { channel: Channel::Sms, given: true, said_by: SaidBy::Patient, at: NOW },
        }
    }

    pub async fn fill(&self, tx: &mut dyn Tx, clinic: ClinicId, appointment: &Appointment, room: RoomId) {
        assert!(tx.insert_message(&self.message).await.unwrap());
        tx.insert_notice(&self.notice).await.unwrap();
        tx.insert_mark(&self.mark).await.unwrap();
        tx.insert_person(clinic, self.person, &external("rosa"), NOW).await.unwrap();
        tx.insert_link(&self.portal_link).await.unwrap();
        tx.put_other_room(&self.other_room).await.unwrap();
        tx.set_dial_in(clinic, room, Some(b"sealed numbers")).await.unwrap();
        tx.set_outreach_settings(clinic, &self.settings).await.unwrap();
        tx.put_wording(clinic, &self.wording).await.unwrap();
        tx.set_telehealth_rules(clinic, std::slice::from_ref(&self.rule)).await.unwrap();
        tx.note_consent(clinic, appointment.id, appointment.attendees[0].id, &self.consent).await.unwrap();
    }
}
