//! The knobs: what nobody outside Zoom knows for certain, and what goes wrong in the world. Every default is the
//! likeliest behaviour; turning a knob makes a test prove that the program holds either way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rest::routes::Weight;

/// How participants' names (and e-mails) appear in events and past meetings. Accounts under a health-data agreement
/// may keep them out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// As typed.
    #[default]
    Typed,
    /// The field is missing where Zoom's types allow that, else empty.
    Absent,
    /// Present and empty.
    Empty,
    /// The first letter and asterisks.
    Masked,
}

/// Which ids `meeting.participant_admitted` carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdmittedIds {
    /// Those of the waiting room.
    #[default]
    WaitingRoom,
    /// Those that the following `participant_joined` will have.
    Meeting,
}

/// What becomes of a guest who comes before the host into a meeting with a waiting room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BeforeHost {
    /// The waiting room, with its events.
    #[default]
    WaitingRoom,
    /// "Waiting for the host": `participant_jbh_waiting`, and the waiting room only once the host has started.
    JbhWaiting,
}

/// The shape of `app_deauthorized`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeauthorizedShape {
    /// `event_ts` at the top, a number.
    #[default]
    Current,
    /// No `event_ts`; `user_data_retention` as text.
    Legacy,
    /// `event_ts` inside the payload, as text.
    TextEventTs,
}

/// An account administrator's lock on the waiting-room setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WaitingRoomLock {
    /// What the setting is locked to.
    pub on: bool,
    /// Whether a change of the user setting is refused with an error (else it is silently ignored).
    pub refuses: bool,
}

/// All knobs. `POST /sim/knobs` takes any part of this as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "a panel of independent switches")]
pub struct Knobs {
    /// Out of 100 events, how many are never sent.
    pub lose_percent: u32,
    /// Out of 100 events, how many are sent twice.
    pub duplicate_percent: u32,
    /// Out of 100 events, how many are sent up to `delay_ms` late (so later ones overtake them).
    pub delay_percent: u32,
    /// The longest such delay, in milliseconds.
    pub delay_ms: i64,
    /// The next so many events are never sent.
    pub lose_next: u32,
    /// The next so many events are sent twice.
    pub duplicate_next: u32,
    /// The next so many events are kept until there are that many, then sent last first.
    pub reverse_next: u32,
    /// Nothing is sent while this is on; events pile up.
    pub paused: bool,
    /// The endpoint is not there: every attempt fails at once, is repeated 5, 25 and 85 minutes after the first, and then
    /// given up. So is what would be taken with `take_due`.
    pub receiver_down: bool,
    /// How long the endpoint may take to answer, in milliseconds of the real clock.
    pub answer_within_ms: u64,
    /// How many deliveries may be under way at once. More than 1 gives up order.
    pub concurrency: usize,
    /// A retry is signed anew with the time of the retry (else it repeats the first timestamp and signature).
    pub restamp_retries: bool,
    /// A retry has a new `x-zm-trackingid`.
    pub new_tracking_id_on_retry: bool,
    /// Whether deliveries go out by themselves. `None`: yes, unless the clock is a driven one.
    pub deliver_unasked: Option<bool>,
    /// Which events the app subscribes to. `None`: all.
    pub subscribed: Option<Vec<String>>,
    /// Only meetings of users who have the app installed send events.
    pub only_installed_hosts: bool,
    /// `participant_left_waiting_room` is sent on admission too.
    pub left_waiting_room_on_admission: bool,
    /// Admission gives a new `user_id`.
    pub user_id_changes_on_admission: bool,
    /// Admission gives a new `participant_uuid`.
    pub participant_uuid_changes_on_admission: bool,
    /// Which ids the admitted event carries.
    pub admitted_carries: AdmittedIds,
    /// How names and e-mails appear.
    pub names: Names,
    /// The `uuid` of events before the start equals that of the started instance.
    pub prestart_uuid_is_kept: bool,
    /// Where the object id is usually text it is a number.
    pub numeric_meeting_ids: bool,
    /// Guests before the host.
    pub before_host: BeforeHost,
    /// After `participant_put_in_waiting_room` a `participant_joined_waiting_room` follows.
    pub put_back_sends_joined_waiting_room: bool,
    /// Everybody's `participant_left` is sent when the host ends the meeting.
    pub left_at_end: bool,
    /// The shape of `app_deauthorized`.
    pub deauthorized_shape: DeauthorizedShape,
    /// New meeting instances get a uuid that begins with `//` and has to be encoded twice in paths.
    pub slash_uuids: bool,
    /// From admission to joining, in milliseconds.
    pub join_after_admission_ms: i64,
    /// From a network loss to its `participant_left`, in milliseconds.
    pub drop_noticed_after_ms: i64,
    /// From the end of a meeting to its `meeting.ended`, in milliseconds.
    pub ended_lag_ms: i64,
    /// From the end of a meeting to its participant list being readable, in milliseconds.
    pub past_ready_after_ms: i64,
    /// Once the last occurrence of a meeting with fixed times is over, its links and its start work no more, until the
    /// series is extended. Nobody outside knows whether that is so.
    pub series_end_is_final: bool,
    /// `participant_role_changed` names the registrant, as documented. It was seen not to.
    pub role_changed_names_registrant: bool,
    /// Whether per-second limits hold. `None`: yes, unless the clock is a driven one (which stands still).
    pub per_second_limits: Option<bool>,
    /// Calls of one category per account and day. `None`: what the plan allows.
    pub daily_limit: Option<u32>,
    /// Labels of calls where they are other than the likeliest: `POST /v2/users/{user}/meetings` is medium in one of Zoom's
    /// texts and heavy in another. By method and path as in [`crate::CallSeen`].
    pub weights: BTreeMap<String, Weight>,
    /// How many calls [`crate::SimHandle::calls`] remembers.
    pub calls_kept: usize,
    /// Create and update calls per host and day.
    pub host_writes_per_day: u32,
    /// Waiting-room locks by account id.
    pub waiting_room_locks: BTreeMap<String, WaitingRoomLock>,
    /// Settings of meetings that the account has locked, by account id: `auto_recording`, `waiting_room_options`. A change
    /// of one is ignored without a word; a new meeting has the default.
    pub locked_settings: BTreeMap<String, Vec<String>>,
    /// Such a change is refused with 300 instead, and with it all that was sent beside it.
    pub locked_settings_refuse: bool,
    /// The account administrators require approval of the app: consent ends on Zoom's own page.
    pub approval_needed: bool,
    /// Meetings can be dialled into. An account may have only computer audio, or no dial-in countries.
    pub dial_in: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            lose_percent: 0,
            duplicate_percent: 0,
            delay_percent: 0,
            delay_ms: 30_000,
            lose_next: 0,
            duplicate_next: 0,
            reverse_next: 0,
            paused: false,
            receiver_down: false,
            answer_within_ms: 3_000,
            concurrency: 1,
            restamp_retries: true,
            new_tracking_id_on_retry: true,
            deliver_unasked: None,
            subscribed: None,
            only_installed_hosts: true,
            left_waiting_room_on_admission: false,
            user_id_changes_on_admission: true,
            participant_uuid_changes_on_admission: true,
            admitted_carries: AdmittedIds::default(),
            names: Names::default(),
            prestart_uuid_is_kept: true,
            numeric_meeting_ids: false,
            before_host: BeforeHost::default(),
            put_back_sends_joined_waiting_room: false,
            left_at_end: true,
            deauthorized_shape: DeauthorizedShape::default(),
            slash_uuids: false,
            join_after_admission_ms: 2_000,
            drop_noticed_after_ms: 90_000,
            ended_lag_ms: 0,
            past_ready_after_ms: 180_000,
            series_end_is_final: true,
            role_changed_names_registrant: false,
            per_second_limits: None,
            daily_limit: None,
            weights: BTreeMap::new(),
            calls_kept: 20_000,
            host_writes_per_day: 100,
            waiting_room_locks: BTreeMap::new(),
            locked_settings: BTreeMap::new(),
            locked_settings_refuse: false,
            approval_needed: false,
            dial_in: true,
        }
    }
}

/// Something that goes wrong on a route of the OAuth or REST side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// Method and path, `*` standing for any run of characters: `POST /v2/users/me/meetings`, `* /oauth/token`.
    pub route: String,
    /// The status to answer instead. `None`: only the delay, or the cut.
    pub status: Option<u16>,
    /// The body to answer with `status`, sent as JSON.
    pub body: Option<serde_json::Value>,
    /// Extra headers to answer with `status`.
    pub headers: BTreeMap<String, String>,
    /// Wait so long before answering, in milliseconds of the real clock.
    pub delay_ms: u64,
    /// Do what was asked first and only then answer wrongly: the answer is lost, the change is not.
    pub after: bool,
    /// Break the connection in the middle of the answer.
    pub cut: bool,
    /// How many calls it meets; 0 means every call until cleared.
    pub count: u32,
}

impl Fault {
    /// Whether this fault is meant for a call.
    pub(crate) fn meets(&self, method: &str, path: &str) -> bool {
        wildcard(&self.route, &format!("{method} {path}"))
    }
}

/// Matches `text` against a pattern in which `*` stands for any run of characters.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_pattern_matches_with_stars() {
        assert!(wildcard("POST /v2/users/me/meetings", "POST /v2/users/me/meetings"));
        assert!(!wildcard("POST /v2/users/me/meetings", "POST /v2/users/me/meetings/1"));
        assert!(wildcard("* /v2/meetings/*", "GET /v2/meetings/123"));
        assert!(wildcard("*", "GET /anything"));
        assert!(wildcard("GET /v2/*/participants", "GET /v2/past_meetings/1/participants"));
        assert!(!wildcard("GET /v2/*/participants", "GET /v2/past_meetings/1/instances"));
    }
}
