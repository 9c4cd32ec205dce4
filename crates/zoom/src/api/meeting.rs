//! Rooms as Zoom has them: what they are like, and what must not be changed about them.

use std::fmt;

use serde_json::Value;
use url::Url;
use vault::SecretText;

use super::dial_in::DialIn;
use super::error::ApiError;
use super::request::{FIXED_TIMES, NO_FIXED_TIME};
use crate::fields::{Fields, Oddities};

/// A meeting as Zoom has it. Of the start link nothing is kept: its bearer is the host.
///
/// `Debug` leaves out the topic, the links and the alternative hosts.
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
    /// Where the marker of [`NewMeeting::visit_room`](super::NewMeeting::visit_room) is.
    pub agenda: Option<String>,
    /// How it recurs.
    pub kind: MeetingKind,
    /// When the last occurrence of a series begins, in microseconds.
    pub series_ends_at: Option<i64>,
    /// The link for participants, passcode included.
    pub join_url: Option<SecretText>,
    /// Whether a passcode is set. Zoom does not name one that is not.
    pub has_passcode: bool,
    /// Who may start it besides its owner: the e-mail addresses of their Zoom accounts, as Zoom writes them.
    pub alternative_hosts: Vec<String>,
    /// Whether it is running.
    pub is_started: Option<bool>,
    /// What a visit depends on.
    pub settings: RoomSettings,
    /// How it is reached by telephone.
    pub dial_in: DialIn,
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
            kind: MeetingKind::read(&top, &mut odd),
            series_ends_at: top
                .list("occurrences", &mut odd)
                .iter()
                .filter_map(|entry| Fields::item(entry, "occurrences"))
                .filter(|entry| entry.text("status", &mut Oddities::default()).as_deref() != Some("deleted"))
                .filter_map(|entry| entry.instant("start_time", &mut Oddities::default()))
                .max(),
            // Not through `text`: a link that is cut is another link.
            join_url: top.id("join_url", &mut odd).map(SecretText::from),
            has_passcode: top.id("password", &mut odd).is_some(),
            alternative_hosts: alternative_hosts(&settings),
            is_started: top.text("status", &mut odd).map(|status| status == "started"),
            settings: RoomSettings::read(&settings, &mut odd),
            dial_in: DialIn::read(&top, &settings, &mut odd),
        })
    }

    /// In what the meeting differs from [`NewMeeting::visit_room`](super::NewMeeting::visit_room). What Zoom does not say is not held against it, except
    /// the waiting room itself: without its word nobody may rely on it.
    pub fn deviations(&self) -> Vec<Deviation> {
        self.deviations_from(self.kind == MeetingKind::NoFixedTime)
    }

    /// In what the meeting differs from [`NewMeeting::registered_room`](super::NewMeeting::registered_room), likewise; but for registration itself, which
    /// [`registers`](Self::registers) tells.
    pub fn deviations_of_registered(&self) -> Vec<Deviation> {
        self.deviations_from(self.kind == MeetingKind::FixedTimes)
    }

    /// Whether everybody gets a link of their own by registering, at once.
    pub fn registers(&self) -> bool {
        self.kind == MeetingKind::FixedTimes && self.settings.approval == Some(0)
    }

    /// Whether the link brings the passcode along, so that nobody is asked for it: not where the account keeps passcodes out
    /// of links. `None` where there is no passcode to bring, or Zoom gave no link.
    pub fn brings_passcode(&self) -> Option<bool> {
        let link = Url::parse(self.join_url.as_ref()?.expose()).ok()?;
        let brings = link.query_pairs().any(|(name, value)| name == "pwd" && !value.is_empty());
        (brings || self.has_passcode).then_some(brings)
    }

    fn deviations_from(&self, lasts: bool) -> Vec<Deviation> {
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
        check(!lasts, Deviation::NotPermanent);
        found
    }
}

/// Zoom's list, divided by `;` or `,`. Not through `text`: an address that is cut is another address.
fn alternative_hosts(settings: &Fields<'_>) -> Vec<String> {
    let listed = settings.raw("alternative_hosts").and_then(Value::as_str).unwrap_or_default();
    listed.split([';', ',']).map(str::trim).filter(|email| !email.is_empty()).map(str::to_owned).collect()
}

impl fmt::Debug for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meeting")
            .field("number", &self.number)
            .field("uuid", &self.uuid)
            .field("host_id", &self.host_id)
            .field("kind", &self.kind)
            .field("series_ends_at", &self.series_ends_at)
            .field("is_started", &self.is_started)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// How a meeting recurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeetingKind {
    /// Recurring with no fixed time (Zoom's type 3): the number stays as long as it is used once a year.
    NoFixedTime,
    /// Recurring at fixed times (Zoom's type 8): the number stays as long as the series goes on.
    FixedTimes,
    /// Anything else, which does not last.
    Other,
}

impl MeetingKind {
    fn read(meeting: &Fields<'_>, odd: &mut Oddities) -> Self {
        match meeting.number("type", odd) {
            Some(NO_FIXED_TIME) => Self::NoFixedTime,
            Some(FIXED_TIMES) => Self::FixedTimes,
            _ => Self::Other,
        }
    }
}

/// The settings that a visit depends on; `None` where Zoom did not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomSettings {
    /// Whether there is a waiting room.
    pub waiting_room: Option<bool>,
    /// Who is put into it; `None` as well where the room follows the user's settings.
    pub who_waits: Option<WhoWaits>,
    /// Whether who is put into it follows the user's settings rather than the room's own: then only
    /// [`MeetingSecurity`](super::MeetingSecurity) tells. Also where Zoom says nothing of it.
    pub follows_user: bool,
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
    /// Whether one registers: 0 yes, approved by itself; 1 yes, approved by somebody; 2 no.
    pub approval: Option<i64>,
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
            follows_user: !custom,
            join_before_host: settings.flag("join_before_host", odd),
            recorded: settings.text("auto_recording", odd).map(|kind| kind != "none"),
            summarised: match (summary, questions) {
                (None, None) => None,
                (summary, questions) => Some(summary == Some(true) || questions == Some(true)),
            },
            personal_number: settings.flag("use_pmi", odd),
            needs_sign_in: settings.flag("meeting_authentication", odd),
            approval: settings.number("approval_type", odd),
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
    /// It is not a recurring meeting of the kind that it should be. Changing the settings does not cure that.
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
    /// How it recurs.
    pub kind: MeetingKind,
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
            kind: MeetingKind::read(&entry, &mut odd),
            created_at: entry.instant("created_at", &mut odd),
        })
    }
}

impl fmt::Debug for MeetingSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MeetingSummary")
            .field("number", &self.number)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}
