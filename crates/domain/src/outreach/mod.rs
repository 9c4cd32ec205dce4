//! What the clinic tells patients: how it wants it done, the messages, the reminders, and what stands on their pages.

pub mod desk;
pub mod message;
pub mod reminders;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::reminders::{Ladder, QuietHours};
use crate::text::{Language, Phone};

/// How a clinic wants patients to be reached. What it never said is as [`Settings::default`] has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// So many minutes before the start a patient's link begins to lead into the room, at most [`LONGEST_WINDOW`].
    pub opens_before: u32,
    /// So many minutes after the end it stops, at most [`LONGEST_WINDOW`].
    pub closes_after: u32,
    /// What patients may call.
    pub phone: Option<Phone>,
    /// What messages and pages are written in where nobody said otherwise.
    pub language: Language,
    /// Whether everybody gets their link as soon as they are booked.
    pub send_when_booked: bool,
    /// Whether whoever was sent a link is told that the visit was moved or cancelled.
    pub tell_changes: bool,
    /// When reminders go out; none at first.
    pub ladder: Ladder,
    /// When nothing goes out by itself.
    pub quiet: Option<QuietHours>,
    /// The origin of the site that may show a patient's portal page inside its own, such as `https://portal.example`.
    pub portal_origin: Option<String>,
}

/// The most minutes that a link may work before or after: a week.
pub const LONGEST_WINDOW: u32 = 7 * 24 * 60;

impl Settings {
    /// How long before the start links open.
    pub fn opens_before(&self) -> Duration {
        Duration::from_secs(u64::from(self.opens_before) * 60)
    }

    /// How long after the end they close.
    pub fn closes_after(&self) -> Duration {
        Duration::from_secs(u64::from(self.closes_after) * 60)
    }
}

impl Default for Settings {
    /// Links open the day before, since reminders go out then and people try what they get; they close four hours
    /// after, since visits overrun and are rejoined within a working day.
    fn default() -> Self {
        Self {
            opens_before: 24 * 60,
            closes_after: 4 * 60,
            phone: None,
            language: Language::english(),
            send_when_booked: false,
            tell_changes: true,
            ladder: Ladder::default(),
            quiet: Some(QuietHours::default()),
            portal_origin: None,
        }
    }
}
