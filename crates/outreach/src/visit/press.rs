//! The press of Join, and the first sight of the page: what counts as somebody's doing.
//!
//! A press without the page's token leads into the room all the same, since a clinic's own programs may send people
//! there; it helps to find out who came, and is told to nobody. Mail servers follow links in the minutes in which a
//! message comes in: what then comes without the token is theirs and leaves no trace, also where
//! the link was opened before.

use std::{net::IpAddr, time::Duration};

use domain::{
    Timestamp,
    attendance::matching::Press,
    outreach::message::{Channel, MessageState},
};
use store::{StoreError, Tx, ports::attendance::Change};

use super::{LinkError, Patient, Pressed, VisitState, closes_at, patient};
use crate::{Outreach, links::MOST_TRIES, redirect::Redirect};

/// How long after a message came in mail servers look at the links in it.
const SCANNED_WITHIN: Duration = Duration::from_mins(5);
/// Nobody who reads presses sooner than this after the page was made. Programs that fill in forms do.
const READ_FOR: Duration = Duration::from_secs(1);

/// By what the patient wants to come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// As Zoom has it: by its app, where there is one.
    #[default]
    App,
    /// In the browser.
    Browser,
}

impl Way {
    /// The way that the form's word names; the app's for any other.
    pub fn from_word(word: &str) -> Self {
        if word == "browser" { Self::Browser } else { Self::App }
    }
}

/// What comes with a press.
#[derive(Clone, Debug, Default)]
pub struct PressFrom {
    /// The token of the page that it was pressed on; none where no page was loaded.
    pub page_token: Option<String>,
    /// App or browser.
    pub way: Way,
}

impl Pressed {
    /// Where to send them: by a link of their own where they have one, else by the room's, in the way they wanted.
    pub fn lead(&self, own: Option<Redirect>) -> Redirect {
        let redirect = own.unwrap_or_else(|| self.redirect.clone());
        match self.way {
            Way::App => redirect,
            Way::Browser => {
                let in_browser = self.room.zoom().and_then(|room| redirect.in_browser(room.meeting_number));
                in_browser.unwrap_or(redirect)
            }
        }
    }
}

impl Outreach {
    /// Notes that the patient's page was seen, as its script says once somebody has it before them: it brings the token
    /// of the page. Without it, and once the link is over, nothing is noted.
    pub async fn opened(&self, token: &str, page_token: Option<&str>) -> Result<(), LinkError> {
        let mut tries = 1;
        loop {
            match self.opened_once(token, page_token).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn opened_once(&self, token: &str, page_token: Option<&str>) -> Result<(), LinkError> {
        let mut tx = self.store.begin().await?;
        let patient = patient(&mut *tx, token).await?;
        let now = self.ambient.now();
        if self.page_seen(&patient, page_token).is_some()
            && patient.link.opened_at.is_none()
            && now < closes_at(&patient.appointment, &patient.settings)
            && note_seen(&mut *tx, &patient, now).await?
        {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Notes the press and says where to send the patient. Pressing again is noted again. `client_address` is where the
    /// press came from, if that is known: Zoom says the same of some who then come.
    pub async fn press(
        &self,
        token: &str,
        client_address: Option<IpAddr>,
        from: PressFrom,
    ) -> Result<Pressed, LinkError> {
        let mut tries = 1;
        loop {
            match self.press_once(token, client_address, &from).await {
                Err(LinkError::Store(StoreError::Conflict(_))) if tries < MOST_TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn press_once(
        &self,
        token: &str,
        client_address: Option<IpAddr>,
        from: &PressFrom,
    ) -> Result<Pressed, LinkError> {
        let mut tx = self.store.begin().await?;
        let patient = patient(&mut *tx, token).await?;
        let now = self.ambient.now();
        match patient.state(now) {
            VisitState::Open => {}
            VisitState::Early { opens_at } => return Err(LinkError::TooEarly { opens_at }),
            VisitState::Over => return Err(LinkError::Over),
            VisitState::Cancelled => return Err(LinkError::Cancelled),
            VisitState::InPerson => return Err(LinkError::InPerson),
            VisitState::HostNotConnected => return Err(LinkError::NoRoom),
        }
        let room = patient.room.clone().ok_or(LinkError::NoRoom)?;
        let redirect = self.guests_way(&mut *tx, &room).await?;
        let clinic = patient.link.clinic_id;
        let page_made_at = self.page_seen(&patient, from.page_token.as_deref());
        let is_read = page_made_at.is_some_and(|made_at| now.since(made_at) >= READ_FOR);
        // That the link was opened before speaks only for a press with a page's token, which may be quick where the page
        // is known: a link is scanned again with each message.
        let may_be_scanned = page_made_at.is_none() || !is_read && patient.link.opened_at.is_none();
        let is_scanner = may_be_scanned && was_just_sent(&mut *tx, &patient, now).await?;
        let press = (!is_scanner).then(|| Press {
            id: self.ambient.id(),
            clinic_id: clinic,
            appointment_id: patient.appointment.id,
            attendee_id: patient.attendee.id,
            room_id: room.id(),
            at: now,
            client_address,
            from_page: page_made_at.is_some(),
        });
        if let Some(press) = &press {
            if press.from_page {
                note_seen(&mut *tx, &patient, now).await?;
            }
            tx.insert_press(press).await?;
            tx.commit().await?;
        }
        tracing::info!(
            clinic.id = %clinic,
            appointment.id = %patient.appointment.id,
            attendee.id = %patient.attendee.id,
            room.id = %room.id(),
            from_page = page_made_at.is_some(),
            noted = press.is_some(),
            "Join was pressed"
        );
        let Patient { appointment, attendee, .. } = patient;
        Ok(Pressed { clinic, room, appointment, attendee, press, way: from.way, redirect })
    }

    pub(super) fn page_seen(&self, patient: &Patient, page_token: Option<&str>) -> Option<Timestamp> {
        self.page_made_at(patient.link.clinic_id, patient.link.id, page_token?)
    }
}

/// Whether a message with the attendee's link has just gone out, or is on its way out.
async fn was_just_sent(tx: &mut dyn Tx, patient: &Patient, now: Timestamp) -> Result<bool, StoreError> {
    let messages = tx.messages_of_all(patient.link.clinic_id, &[patient.appointment.id]).await?;
    Ok(messages
        .iter()
        .filter(|message| {
            message.to.attendee() == Some(patient.attendee.id) && message.channel != Channel::Copy
        })
        .any(|message| match message.sent_at {
            Some(sent_at) => now.since(sent_at) < SCANNED_WITHIN,
            None => message.state == MessageState::Queued && message.due_at <= now,
        }))
}

/// Tells the board that the page was seen, and notes that on the link where it is for the first time. False where it was
/// seen before. The board comes first, as with whoever renews links: in another order each would wait for the other.
async fn note_seen(tx: &mut dyn Tx, patient: &Patient, now: Timestamp) -> Result<bool, StoreError> {
    let clinic = patient.link.clinic_id;
    tx.note_change(clinic, Change::Appointment(patient.appointment.id), now).await?;
    if patient.link.opened_at.is_some() {
        return Ok(false);
    }
    tx.mark_opened(clinic, patient.link.id, now).await
}
