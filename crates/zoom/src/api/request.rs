//! What is asked of Zoom about rooms: how they are made, and what is changed about them.

use std::fmt;

use serde::Serialize;

use super::meeting::Deviation;

/// Characters of a topic at most.
const MAX_TOPIC: usize = 200;
/// Recurring, with no fixed time: the number stays as long as the room is used once a year.
pub(super) const NO_FIXED_TIME: i64 = 3;

/// Recurring, at fixed times: the only recurring kind for which Zoom offers registration.
pub(super) const FIXED_TIMES: i64 = 8;
/// How far apart the occurrences of a series begin, and how long each lasts: one is always going on.
const DAY: i64 = 86_400;
const MINUTES_OF_A_DAY: i64 = 1_440;

/// A meeting to be made.
#[derive(Debug, Clone, Serialize)]
pub struct NewMeeting {
    topic: String,
    #[serde(rename = "type")]
    kind: i64,
    agenda: String,
    #[serde(flatten)]
    series: Option<SeriesFields>,
    settings: VisitSettings,
}

/// The occurrences of a registered room: one begins each day and lasts until the next, so that its number and its links
/// work at any hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    first: i64,
}

impl Series {
    /// How many occurrences a series has. Zoom's own texts differ between 50 and 60 as the most; 50 is allowed by both.
    pub const OCCURRENCES: i64 = 50;

    /// The series that begins with the first full hour after `now` (microseconds).
    pub fn from(now: i64) -> Self {
        const HOUR: i64 = 3_600_000_000;
        Self { first: now.div_euclid(HOUR).saturating_add(1).saturating_mul(HOUR) }
    }

    /// When the last occurrence begins, in microseconds.
    pub fn last_begins_at(self) -> i64 {
        self.first.saturating_add((Self::OCCURRENCES - 1) * DAY * 1_000_000)
    }

    fn fields(self) -> SeriesFields {
        let start = jiff::Timestamp::from_microsecond(self.first).unwrap_or(jiff::Timestamp::MAX);
        SeriesFields {
            start_time: start.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            timezone: "UTC",
            duration: MINUTES_OF_A_DAY,
            recurrence: Recurrence { kind: 1, repeat_interval: 1, end_times: Self::OCCURRENCES },
        }
    }
}

#[derive(Debug, Clone, Serialize)]
struct SeriesFields {
    start_time: String,
    timezone: &'static str,
    duration: i64,
    recurrence: Recurrence,
}

#[derive(Debug, Clone, Serialize)]
struct Recurrence {
    /// 1: daily.
    #[serde(rename = "type")]
    kind: i64,
    repeat_interval: i64,
    end_times: i64,
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
            series: None,
            settings: VisitSettings::REQUIRED,
        }
    }

    /// The same with a registration for each person: a daily series for which one registers once, without approval and
    /// without mail from Zoom. `topic` and `marker` as in [`visit_room`](Self::visit_room).
    ///
    /// Where the account or the plan does not allow registration, Zoom makes the meeting without it and says nothing:
    /// look at [`Meeting::deviations_of_registered`](super::Meeting::deviations_of_registered).
    pub fn registered_room(topic: &str, marker: &str, series: Series) -> Self {
        Self {
            kind: FIXED_TIMES,
            series: Some(series.fields()),
            settings: VisitSettings::REGISTERED,
            ..Self::visit_room(topic, marker)
        }
    }
}

/// Changes to a meeting.
///
/// `Debug` shows nothing: alternative hosts are named by their e-mail addresses.
#[derive(Clone, Serialize)]
pub struct MeetingPatch {
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
    #[serde(flatten)]
    series: Option<SeriesFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<ChangedSettings>,
}

/// Which settings of a meeting are changed; the others stay.
#[derive(Clone, Serialize)]
#[serde(untagged)]
enum ChangedSettings {
    Visit(VisitSettings),
    Some(SomeSettings),
    Hosts { alternative_hosts: String },
}

impl MeetingPatch {
    const NOTHING: Self = Self { topic: None, series: None, settings: None };

    /// Puts the settings of [`NewMeeting::visit_room`] back, and touches nothing else.
    pub fn restore_visit_room() -> Self {
        Self { settings: Some(ChangedSettings::Visit(VisitSettings::REQUIRED)), ..Self::NOTHING }
    }

    /// Puts right in what a meeting deviates, and touches nothing else: not its name, and not what its owner chose otherwise.
    /// [`Deviation::NotPermanent`] is not cured by it.
    pub fn put_right(deviations: &[Deviation]) -> Self {
        let required = VisitSettings::REQUIRED;
        let mut settings = SomeSettings::default();
        for deviation in deviations {
            match deviation {
                Deviation::WaitingRoomOff | Deviation::SomeBypassWaitingRoom => {
                    settings.waiting_room = Some(required.waiting_room);
                    settings.waiting_room_options = Some(required.waiting_room_options);
                }
                Deviation::JoinBeforeHost => settings.join_before_host = Some(required.join_before_host),
                Deviation::Recorded => settings.auto_recording = Some(required.auto_recording),
                Deviation::Summarised => {
                    settings.auto_start_meeting_summary = Some(required.auto_start_meeting_summary);
                    settings.auto_start_ai_companion_questions =
                        Some(required.auto_start_ai_companion_questions);
                }
                Deviation::PersonalNumber => settings.use_pmi = Some(required.use_pmi),
                Deviation::NeedsSignIn => {
                    settings.meeting_authentication = Some(required.meeting_authentication);
                }
                Deviation::NotPermanent => {}
            }
        }
        Self { settings: Some(ChangedSettings::Some(settings)), ..Self::NOTHING }
    }

    /// Puts the settings of [`NewMeeting::registered_room`] back, and touches nothing else.
    pub fn restore_registered_room() -> Self {
        Self { settings: Some(ChangedSettings::Visit(VisitSettings::REGISTERED)), ..Self::NOTHING }
    }

    /// Lets the series of a registered room go on with these occurrences. Its number stays.
    pub fn go_on(series: Series) -> Self {
        Self { series: Some(series.fields()), ..Self::NOTHING }
    }

    /// Gives the meeting another topic, cut at 200 characters.
    pub fn rename(topic: &str) -> Self {
        Self { topic: Some(topic.chars().take(MAX_TOPIC).collect()), ..Self::NOTHING }
    }

    /// Lets exactly these colleagues start the meeting besides its owner, named by the e-mail addresses of their Zoom
    /// accounts; nobody where there are none. Who is left out loses the right, so pass on those of
    /// [`Meeting::alternative_hosts`](super::Meeting::alternative_hosts) that are to keep it.
    ///
    /// Zoom refuses the whole change ([`ApiError::NotAllowed`](super::ApiError::NotAllowed) with code 1114) where one of
    /// them is not a licensed user of the owner's account.
    pub fn alternative_hosts(emails: &[&str]) -> Self {
        let settings = ChangedSettings::Hosts { alternative_hosts: emails.join(";") };
        Self { settings: Some(settings), ..Self::NOTHING }
    }
}

impl fmt::Debug for MeetingPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MeetingPatch")
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
    #[serde(flatten)]
    registration: Option<Registration>,
}

/// Some of [`VisitSettings`].
#[derive(Clone, Copy, Default, Serialize)]
struct SomeSettings {
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_room: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiting_room_options: Option<WaitingRoomOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    join_before_host: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    use_pmi: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_recording: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_start_meeting_summary: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auto_start_ai_companion_questions: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meeting_authentication: Option<bool>,
}

/// How one registers for a registered room.
#[derive(Debug, Clone, Copy, Serialize)]
struct Registration {
    /// 0: approved by itself.
    approval_type: i64,
    /// 1: once for all occurrences.
    #[serde(rename = "registration_type")]
    once_for: i64,
    registrants_email_notification: bool,
    registrants_confirmation_email: bool,
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
        registration: None,
    };

    const REGISTERED: Self = Self {
        registration: Some(Registration {
            approval_type: 0,
            once_for: 1,
            registrants_email_notification: false,
            registrants_confirmation_email: false,
        }),
        ..Self::REQUIRED
    };
}
