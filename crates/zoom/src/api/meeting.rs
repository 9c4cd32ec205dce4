//! Rooms: how they are made, what they are like, and what must not be changed about them.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use vault::SecretText;

use super::error::ApiError;
use crate::fields::{Fields, Oddities};

/// Characters of a topic at most.
const MAX_TOPIC: usize = 200;
/// Recurring, with no fixed time: the number stays as long as the room is used once a year.
const NO_FIXED_TIME: i64 = 3;

/// A meeting to be made.
#[derive(Debug, Clone, Serialize)]
pub struct NewMeeting {
    topic: String,
    #[serde(rename = "type")]
    kind: i64,
    agenda: String,
    settings: VisitSettings,
}

impl NewMeeting {
    /// A permanent room for visits: everyone waits to be let in, nothing is recorded or summarised.
    ///
    /// `topic` is cut at 200 characters. Zoom repeats it in every event and shows it to everyone: nothing about patients.
    /// `marker` goes into the agenda, where [`Api::list_meetings`](super::Api::list_meetings) finds it again.
    pub fn visit_room(topic: &str, marker: &str) -> Self {
        Self {
            topic: topic.chars().take(MAX_TOPIC).collect(),
            kind: NO_FIXED_TIME,
            agenda: marker.to_owned(),
            settings: VisitSettings::REQUIRED,
        }
    }
}

/// Changes to a meeting.
#[derive(Debug, Clone, Serialize)]
pub struct MeetingPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<VisitSettings>,
}

impl MeetingPatch {
    /// Puts the settings of [`NewMeeting::visit_room`] back, and touches nothing else.
    pub fn restore_visit_room() -> Self {
        Self { topic: None, settings: Some(VisitSettings::REQUIRED) }
    }

    /// Gives the meeting another topic, cut at 200 characters.
    pub fn rename(topic: &str) -> Self {
        Self { topic: Some(topic.chars().take(MAX_TOPIC).collect()), settings: None }
    }
}

/// Everything that a visit depends on is said explicitly: what is left out, Zoom takes from the user's own settings.
#[derive(Debug, Clone, Copy, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "these are Zoom's fields")]
struct VisitSettings {
    waiting_room: bool,
    waiting_room_options: WaitingRoomOptions,
    join_before_host: bool,
    use_pmi: bool,
    auto_recording: &'static str,
    auto_start_meeting_summary: bool,
    auto_start_ai_companion_questions: bool,
    continuous_meeting_chat: ContinuousChat,
    meeting_authentication: bool,
    email_notification: bool,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct WaitingRoomOptions {
    mode: &'static str,
    who_goes_to_waiting_room: &'static str,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct ContinuousChat {
    enable: bool,
}

impl VisitSettings {
    const REQUIRED: Self = Self {
        waiting_room: true,
        waiting_room_options: WaitingRoomOptions { mode: "custom", who_goes_to_waiting_room: "everyone" },
        join_before_host: false,
        use_pmi: false,
        auto_recording: "none",
        auto_start_meeting_summary: false,
        auto_start_ai_companion_questions: false,
        continuous_meeting_chat: ContinuousChat { enable: false },
        meeting_authentication: false,
        email_notification: false,
    };
}

/// A meeting as Zoom has it. Of the start link nothing is kept: its bearer is the host.
///
/// `Debug` leaves out the topic and the passcode.
#[derive(Clone, PartialEq, Eq)]
pub struct Meeting {
    /// The number that is the same for every start.
    pub number: i64,
    /// The current or next start.
    pub uuid: Option<String>,
    /// The owner's Zoom user id.
    pub host_id: Option<String>,
    /// What everyone sees.
    pub topic: Option<String>,
    /// Where the marker of [`NewMeeting::visit_room`] is.
    pub agenda: Option<String>,
    /// Whether it is recurring with no fixed time, so that its number is permanent.
    pub is_permanent: bool,
    /// The link for participants, passcode included.
    pub join_url: Option<SecretText>,
    /// Whether it is running.
    pub is_started: Option<bool>,
    /// What a visit depends on.
    pub settings: RoomSettings,
}

impl Meeting {
    pub(super) fn read(answer: &Value) -> Result<Self, ApiError> {
        let mut odd = Oddities::default();
        let top = Fields::root(answer).ok_or(ApiError::Unreadable { what: "the meeting" })?;
        let number = top.number("id", &mut odd).filter(|number| *number > 0);
        let settings = top.child("settings", &mut odd);
        Ok(Self {
            number: number.ok_or(ApiError::Unreadable { what: "the meeting's number" })?,
            uuid: top.id("uuid", &mut odd),
            host_id: top.id("host_id", &mut odd),
            topic: top.text("topic", &mut odd),
            agenda: top.text("agenda", &mut odd),
            is_permanent: top.number("type", &mut odd) == Some(NO_FIXED_TIME),
            // Not through `text`: a link that is cut is another link.
            join_url: top.id("join_url", &mut odd).map(SecretText::from),
            is_started: top.text("status", &mut odd).map(|status| status == "started"),
            settings: RoomSettings::read(&settings, &mut odd),
        })
    }

    /// In what the meeting differs from [`NewMeeting::visit_room`]. What Zoom does not say is not held against it, except
    /// the waiting room itself: without its word nobody may rely on it.
    pub fn deviations(&self) -> Vec<Deviation> {
        let settings = &self.settings;
        let mut found = Vec::new();
        let mut check = |deviates: bool, deviation: Deviation| {
            if deviates {
                found.push(deviation);
            }
        };
        check(settings.waiting_room != Some(true), Deviation::WaitingRoomOff);
        check(
            settings.who_waits.is_some_and(|who| who != WhoWaits::Everyone),
            Deviation::SomeBypassWaitingRoom,
        );
        check(settings.join_before_host == Some(true), Deviation::JoinBeforeHost);
        check(settings.recorded == Some(true), Deviation::Recorded);
        check(settings.summarised == Some(true), Deviation::Summarised);
        check(settings.personal_number == Some(true), Deviation::PersonalNumber);
        check(settings.needs_sign_in == Some(true), Deviation::NeedsSignIn);
        check(!self.is_permanent, Deviation::NotPermanent);
        found
    }
}

impl fmt::Debug for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meeting")
            .field("number", &self.number)
            .field("uuid", &self.uuid)
            .field("host_id", &self.host_id)
            .field("is_permanent", &self.is_permanent)
            .field("is_started", &self.is_started)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The settings that a visit depends on; `None` where Zoom did not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomSettings {
    /// Whether there is a waiting room.
    pub waiting_room: Option<bool>,
    /// Who is put into it; `None` as well where the room follows the user's settings.
    pub who_waits: Option<WhoWaits>,
    /// Whether participants may enter before the host.
    pub join_before_host: Option<bool>,
    /// Whether it is recorded by itself.
    pub recorded: Option<bool>,
    /// Whether a summary or answers of Zoom's assistant start by themselves.
    pub summarised: Option<bool>,
    /// Whether it uses the owner's personal number, with which events would come.
    pub personal_number: Option<bool>,
    /// Whether participants have to sign in.
    pub needs_sign_in: Option<bool>,
}

impl RoomSettings {
    fn read(settings: &Fields<'_>, odd: &mut Oddities) -> Self {
        let waiting = settings.child("waiting_room_options", odd);
        let summary = settings.flag("auto_start_meeting_summary", odd);
        let questions = settings.flag("auto_start_ai_companion_questions", odd);
        let custom = waiting.text("mode", odd).as_deref() == Some("custom");
        Self {
            waiting_room: settings.flag("waiting_room", odd),
            who_waits: waiting
                .text("who_goes_to_waiting_room", odd)
                .filter(|_| custom)
                .map(|who| WhoWaits::from_name(&who)),
            join_before_host: settings.flag("join_before_host", odd),
            recorded: settings.text("auto_recording", odd).map(|kind| kind != "none"),
            summarised: match (summary, questions) {
                (None, None) => None,
                (summary, questions) => Some(summary == Some(true) || questions == Some(true)),
            },
            personal_number: settings.flag("use_pmi", odd),
            needs_sign_in: settings.flag("meeting_authentication", odd),
        }
    }
}

/// Who is put into the waiting room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhoWaits {
    /// All but the host.
    Everyone,
    /// All who are not of the host's account: colleagues walk in.
    OutsideAccount,
    /// All who are neither of the host's account nor of a listed domain.
    OutsideAccountAndDomains,
    /// All who are not invited, or in a word unknown to us.
    Fewer,
}

impl WhoWaits {
    fn from_name(name: &str) -> Self {
        match name {
            "everyone" => Self::Everyone,
            "users_not_in_account" => Self::OutsideAccount,
            "users_not_in_account_or_whitelisted_domains" => Self::OutsideAccountAndDomains,
            _ => Self::Fewer,
        }
    }
}

/// A way in which a room is not as a visit needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deviation {
    /// The waiting room is off: patients walk in on each other.
    WaitingRoomOff,
    /// Some people are not put into the waiting room.
    SomeBypassWaitingRoom,
    /// Participants may enter before the host.
    JoinBeforeHost,
    /// It is recorded by itself.
    Recorded,
    /// A summary is made by itself.
    Summarised,
    /// It uses the owner's personal number.
    PersonalNumber,
    /// Patients would have to sign in to Zoom.
    NeedsSignIn,
    /// It is not a recurring meeting with no fixed time. Changing the settings does not cure that.
    NotPermanent,
}

/// A meeting in a list. `Debug` leaves out the topic.
#[derive(Clone, PartialEq, Eq)]
pub struct MeetingSummary {
    /// The number that is the same for every start.
    pub number: i64,
    /// What everyone sees.
    pub topic: Option<String>,
    /// Where the marker is. Zoom cuts it at 250 characters in lists.
    pub agenda: Option<String>,
    /// Whether it is recurring with no fixed time.
    pub is_permanent: bool,
    /// When it was made, in microseconds.
    pub created_at: Option<i64>,
}

impl MeetingSummary {
    pub(super) fn read(entry: &Value) -> Option<Self> {
        let mut odd = Oddities::default();
        let entry = Fields::item(entry, "meetings")?;
        Some(Self {
            number: entry.number("id", &mut odd).filter(|number| *number > 0)?,
            topic: entry.text("topic", &mut odd),
            agenda: entry.text("agenda", &mut odd),
            is_permanent: entry.number("type", &mut odd) == Some(NO_FIXED_TIME),
            created_at: entry.instant("created_at", &mut odd),
        })
    }
}

impl fmt::Debug for MeetingSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeetingSummary")
            .field("number", &self.number)
            .field("is_permanent", &self.is_permanent)
            .finish_non_exhaustive()
    }
}
