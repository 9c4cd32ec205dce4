//! What others do: the likest name, and whoever is due.

use domain::{AttendeeId, Timestamp, attendance::matching::ladder::Invited};

/// The attendee of the day whose name is likest, from 60 % on.
pub fn by_name(shown: Option<&str>, invited: &[Invited]) -> Option<AttendeeId> {
    let shown = shown?.to_lowercase();
    invited
        .iter()
        .map(|one| (strsim::normalized_levenshtein(&shown, &one.name.as_str().to_lowercase()), one.attendee))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, attendee)| attendee)
}

/// The attendee who is due and nearest to the start.
pub fn whoever_is_due(at: Timestamp, invited: &[Invited]) -> Option<AttendeeId> {
    let due = invited.iter().filter(|one| one.is_due(at));
    due.min_by_key(|one| one.starts_at.distance(at)).map(|one| one.attendee)
}
