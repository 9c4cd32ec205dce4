//! The bodies of meeting calls: which fields exist, what they may hold, and how a meeting's settings are merged.
//! Unknown fields are ignored, as Zoom does, so that a misspelt one shows when it is read back.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

type Errors = Vec<(String, String)>;

enum Kind {
    Bool,
    Whole(i64, i64),
    OneOf(&'static [i64]),
    Text(usize),
    Word(&'static [&'static str]),
    List,
    Fields,
}

use Kind::{Bool, Fields, List, OneOf, Text, Whole, Word};

const TOP: &[(&str, Kind)] = &[
    ("topic", Text(200)),
    ("type", OneOf(&[1, 2, 3, 8, 10])),
    ("start_time", Text(40)),
    ("duration", Whole(0, 1440 * 60)),
    ("timezone", Text(64)),
    ("password", Text(10)),
    ("default_password", Bool),
    ("agenda", Text(2000)),
    ("pre_schedule", Bool),
    ("schedule_for", Text(128)),
    ("template_id", Text(128)),
    ("recurrence", Fields),
    ("tracking_fields", List),
    ("settings", Fields),
];

const SETTINGS: &[(&str, Kind)] = &[
    ("waiting_room", Bool),
    ("waiting_room_options", Fields),
    ("join_before_host", Bool),
    ("jbh_time", OneOf(&[0, 5, 10, 15])),
    ("use_pmi", Bool),
    ("alternative_hosts", Text(2000)),
    ("alternative_hosts_email_notification", Bool),
    ("meeting_authentication", Bool),
    ("authentication_option", Text(128)),
    ("authentication_domains", Text(2000)),
    ("authentication_exception", List),
    ("approval_type", OneOf(&[0, 1, 2])),
    ("registration_type", OneOf(&[1, 2, 3])),
    ("registrants_email_notification", Bool),
    ("registrants_confirmation_email", Bool),
    ("allow_multiple_devices", Bool),
    ("mute_upon_entry", Bool),
    ("host_video", Bool),
    ("participant_video", Bool),
    ("disable_participant_video", Bool),
    ("audio", Word(&["both", "telephony", "voip", "thirdParty"])),
    ("global_dial_in_countries", List),
    ("auto_recording", Word(&["none", "local", "cloud"])),
    ("encryption_type", Word(&["enhanced_encryption", "e2ee"])),
    ("email_notification", Bool),
    ("private_meeting", Bool),
    ("show_share_button", Bool),
    ("watermark", Bool),
    ("device_testing", Bool),
    ("push_change_to_calendar", Bool),
    ("meeting_invitees", List),
    ("participant_focused_meeting", Bool),
    ("continuous_meeting_chat", Fields),
    ("auto_start_meeting_summary", Bool),
    ("auto_start_ai_companion_questions", Bool),
    ("internal_meeting", Bool),
    ("email_in_attendee_report", Bool),
    ("breakout_room", Fields),
    ("contact_name", Text(128)),
    ("contact_email", Text(128)),
    ("close_registration", Bool),
    ("custom_keys", List),
];

const WAITING_ROOM_OPTIONS: &[(&str, Kind)] = &[
    ("mode", Word(&["follow_setting", "custom"])),
    (
        "who_goes_to_waiting_room",
        Word(&[
            "everyone",
            "users_not_in_account",
            "users_not_in_account_or_whitelisted_domains",
            "users_not_on_invite",
        ]),
    ),
];

const CONTINUOUS_CHAT: &[(&str, Kind)] =
    &[("enable", Bool), ("auto_add_invited_external_users", Bool), ("auto_add_meeting_participants", Bool)];

fn fits(kind: &Kind, value: &Value) -> bool {
    match kind {
        Bool => value.is_boolean(),
        Whole(least, most) => value.as_i64().is_some_and(|number| (*least..=*most).contains(&number)),
        OneOf(allowed) => value.as_i64().is_some_and(|number| allowed.contains(&number)),
        Text(longest) => value.as_str().is_some_and(|text| text.chars().count() <= *longest),
        Word(allowed) => value.as_str().is_some_and(|text| allowed.contains(&text)),
        List => value.is_array(),
        Fields => value.is_object(),
    }
}

/// Keeps the known fields, complaining of those with a wrong value.
fn known(
    table: &[(&str, Kind)],
    sent: Map<String, Value>,
    path: &str,
    errors: &mut Errors,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in sent {
        let Some((_, kind)) = table.iter().find(|(known, _)| *known == name) else { continue };
        if fits(kind, &value) {
            kept.insert(name, value);
        } else {
            errors.push((format!("{path}{name}"), "Invalid field.".to_owned()));
        }
    }
    kept
}

/// The top-level fields of a create or update call, with `settings` cleaned.
pub(crate) fn read(sent: Map<String, Value>) -> Result<Map<String, Value>, Errors> {
    let mut errors = Errors::new();
    let mut fields = known(TOP, sent, "", &mut errors);
    if let Some(Value::Object(settings)) = fields.remove("settings") {
        let mut settings = known(SETTINGS, settings, "settings.", &mut errors);
        for (group, table) in
            [("waiting_room_options", WAITING_ROOM_OPTIONS), ("continuous_meeting_chat", CONTINUOUS_CHAT)]
        {
            if let Some(Value::Object(sent)) = settings.remove(group) {
                let kept = known(table, sent, &format!("settings.{group}."), &mut errors);
                settings.insert(group.to_owned(), Value::Object(kept));
            }
        }
        if settings.get("custom_keys").and_then(Value::as_array).is_some_and(|keys| keys.len() > 10) {
            errors.push(("settings.custom_keys".to_owned(), "Invalid field.".to_owned()));
        }
        fields.insert("settings".to_owned(), Value::Object(settings));
    }
    let zone = fields.get("timezone").and_then(Value::as_str);
    if zone.is_some_and(|zone| TimeZone::get(zone).is_err()) {
        errors.push(("timezone".to_owned(), "Invalid field.".to_owned()));
    }
    if let Some(text) = fields.get("start_time").and_then(Value::as_str) {
        match start_time(text, zone.unwrap_or("UTC")) {
            Some(utc) => {
                fields.insert("start_time".to_owned(), json!(utc));
            }
            None => errors.push(("start_time".to_owned(), "Invalid field.".to_owned())),
        }
    }
    let password = fields.get("password").and_then(Value::as_str).unwrap_or_default();
    if !password.chars().all(|sign| sign.is_ascii_alphanumeric() || "@-_*!".contains(sign)) {
        errors.push(("password".to_owned(), "Invalid field.".to_owned()));
    }
    if errors.is_empty() { Ok(fields) } else { Err(errors) }
}

/// `2026-11-23T14:00:00Z`, or without the Z a time in the zone given beside it.
fn start_time(text: &str, zone: &str) -> Option<String> {
    let instant = if text.ends_with('Z') {
        text.parse::<Timestamp>().ok()?
    } else {
        text.parse::<DateTime>().ok()?.in_tz(zone).ok()?.timestamp()
    };
    Some(crate::clock::seconds_text(instant.as_microsecond()))
}

/// What a new meeting has before anything is asked for.
pub(crate) fn default_settings(waiting_room: bool, approval_type: i64) -> Map<String, Value> {
    let defaults = json!({
        "host_video": false, "participant_video": false, "join_before_host": false, "jbh_time": 0,
        "mute_upon_entry": false, "watermark": false, "use_pmi": false, "approval_type": approval_type,
        "audio": "both", "auto_recording": "none", "alternative_hosts": "",
        "alternative_hosts_email_notification": true, "meeting_authentication": false,
        "waiting_room": waiting_room, "waiting_room_options": { "mode": "follow_setting" },
        "registrants_email_notification": true, "registrants_confirmation_email": true,
        "allow_multiple_devices": false, "show_share_button": false, "encryption_type": "enhanced_encryption",
        "email_notification": true, "private_meeting": false, "device_testing": false,
        "participant_focused_meeting": false, "push_change_to_calendar": false, "internal_meeting": false,
        "auto_start_meeting_summary": false, "auto_start_ai_companion_questions": false,
        "email_in_attendee_report": false, "meeting_invitees": [], "breakout_room": { "enable": false },
        "continuous_meeting_chat": { "enable": true, "auto_add_invited_external_users": false },
    });
    match defaults {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Merges sent settings field by field; groups are merged too.
pub(crate) fn merge(settings: &mut Map<String, Value>, sent: Map<String, Value>) {
    for (name, value) in sent {
        match (settings.get_mut(&name), value) {
            (Some(Value::Object(current)), Value::Object(fields)) => merge(current, fields),
            (_, value) => {
                settings.insert(name, value);
            }
        }
    }
}

/// The occurrences of a recurring meeting with fixed times, at most 60.
pub(crate) fn occurrences(
    recurrence: &Value,
    start: &str,
    zone: &str,
    minutes: i64,
) -> Result<Vec<Value>, Errors> {
    let wrong = |field: &str| vec![(format!("recurrence.{field}"), "Invalid field.".to_owned())];
    let whole = |field: &str| recurrence.get(field).and_then(Value::as_i64);
    let kind = whole("type").filter(|kind| (1..=3).contains(kind)).ok_or_else(|| wrong("type"))?;
    let every = whole("repeat_interval").unwrap_or(1);
    let longest = if kind == 1 { 99 } else { 50 };
    if !(1..=longest).contains(&every) {
        return Err(wrong("repeat_interval"));
    }
    let times = whole("end_times");
    if times.is_some_and(|times| !(1..=60).contains(&times)) {
        return Err(wrong("end_times"));
    }
    let until = match recurrence.get("end_date_time").and_then(Value::as_str) {
        Some(text) => Some(text.parse::<Timestamp>().map_err(|_| wrong("end_date_time"))?),
        None => None,
    };
    let first: Timestamp =
        start.parse().map_err(|_| vec![("start_time".to_owned(), "Invalid field.".to_owned())])?;
    let first = first.in_tz(zone).map_err(|_| vec![("timezone".to_owned(), "Invalid field.".to_owned())])?;
    let weekdays: Vec<i64> = recurrence
        .get("weekly_days")
        .and_then(Value::as_str)
        .map(|text| text.split(',').filter_map(|day| day.trim().parse().ok()).collect())
        .unwrap_or_default();
    let most = times.unwrap_or(if until.is_some() { 60 } else { 1 });
    let mut found = Vec::new();
    for day in 0..(366 * 10_i64) {
        let Ok(at) = first.checked_add(jiff::Span::new().days(day)) else { break };
        if until.is_some_and(|until| at.timestamp() > until)
            || i64::try_from(found.len()).unwrap_or(i64::MAX) >= most
        {
            break;
        }
        let hit = match kind {
            1 => day % every == 0,
            2 => {
                let weekday = i64::from(at.weekday().to_sunday_one_offset());
                let listed = if weekdays.is_empty() {
                    at.weekday() == first.weekday()
                } else {
                    weekdays.contains(&weekday)
                };
                listed && (day / 7) % every == 0
            }
            _ => {
                let months = i64::from(at.year() - first.year()) * 12 + i64::from(at.month() - first.month());
                let wanted = whole("monthly_day").unwrap_or_else(|| i64::from(first.day()));
                i64::from(at.day()) == wanted && months % every == 0
            }
        };
        if hit {
            found.push(json!({
                "occurrence_id": at.timestamp().as_millisecond().to_string(),
                "start_time": crate::clock::seconds_text(at.timestamp().as_microsecond()),
                "duration": minutes,
                "status": "available",
            }));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_start_time_is_turned_into_utc() {
        assert_eq!(
            start_time("2026-07-01T09:00:00", "America/New_York").as_deref(),
            Some("2026-07-01T13:00:00Z")
        );
        assert_eq!(
            start_time("2026-07-01T09:00:00Z", "America/New_York").as_deref(),
            Some("2026-07-01T09:00:00Z")
        );
        assert_eq!(start_time("yesterday", "UTC"), None);
    }

    #[test]
    fn a_series_has_at_most_sixty_occurrences() {
        let daily = json!({ "type": 1, "repeat_interval": 1, "end_times": 60 });
        assert_eq!(occurrences(&daily, "2026-11-23T14:00:00Z", "UTC", 60).unwrap().len(), 60);
        let longer = json!({ "type": 1, "repeat_interval": 1, "end_times": 61 });
        assert!(occurrences(&longer, "2026-11-23T14:00:00Z", "UTC", 60).is_err());
        let weekly = json!({ "type": 2, "weekly_days": "2,4", "end_times": 4 });
        let found = occurrences(&weekly, "2026-11-23T14:00:00Z", "UTC", 60).unwrap();
        let starts: Vec<_> = found.iter().map(|one| one["start_time"].as_str().unwrap().to_owned()).collect();
        assert_eq!(
            starts,
            ["2026-11-23T14:00:00Z", "2026-11-25T14:00:00Z", "2026-11-30T14:00:00Z", "2026-12-02T14:00:00Z"]
        );
    }

    #[test]
    fn unknown_fields_are_dropped_and_wrong_ones_named() {
        let sent =
            json!({ "topic": "T", "tpoic": "x", "settings": { "waiting_rom": true, "waiting_room": "yes" } });
        let Value::Object(sent) = sent else { panic!() };
        let errors = read(sent).unwrap_err();
        assert_eq!(errors, [("settings.waiting_room".to_owned(), "Invalid field.".to_owned())]);
    }
}
