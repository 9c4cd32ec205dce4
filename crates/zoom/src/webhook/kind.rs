//! The names of events.

use std::fmt;

/// What an event is about. Names unknown to us are kept as they came.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// Someone was let in, and an instance of the meeting began. Not necessarily the host.
    MeetingStarted,
    /// The instance is over.
    MeetingEnded,
    /// A meeting was made; our own call echoes back.
    MeetingCreated,
    /// The saved meeting was changed. Carries the changed fields only.
    MeetingUpdated,
    /// The meeting was put into the trash.
    MeetingDeleted,
    /// The meeting was taken out of the trash.
    MeetingRecovered,
    /// The meeting is gone for good.
    MeetingPermanentlyDeleted,
    /// The meeting became a webinar; its link is of no use to patients any more.
    MeetingConvertedToWebinar,
    /// Someone entered the waiting room.
    JoinedWaitingRoom,
    /// Someone left or was sent from the waiting room. Whether it also comes upon admission is not settled.
    LeftWaitingRoom,
    /// The host let someone in; that person is not in the meeting yet.
    Admitted,
    /// The host sent someone back from the meeting.
    PutInWaitingRoom,
    /// Someone is in the meeting proper.
    Joined,
    /// Someone left the meeting proper.
    Left,
    /// Someone waits for the host to begin, in front of the waiting room. Carries a name at best.
    WaitsForHost,
    /// Someone gave up before the host began.
    GaveUpWaitingForHost,
    /// Someone entered before the host.
    JoinedBeforeHost,
    /// Host, co-host or attendee changed.
    RoleChanged,
    /// A telephone leg was tied to someone already there.
    Bound,
    /// Someone went into a breakout room.
    JoinedBreakoutRoom,
    /// Someone came out of a breakout room.
    LeftBreakoutRoom,
    /// The app was removed by its user.
    AppDeauthorized,
    /// The endpoint check.
    UrlValidation,
    /// A user's settings changed.
    UserSettingsUpdated,
    /// A user's profile changed.
    UserUpdated,
    /// A user was deleted.
    UserDeleted,
    /// A user was switched off.
    UserDeactivated,
    /// A user was switched on.
    UserActivated,
    /// A user left the account.
    UserDisassociated,
    /// Anything else, by Zoom's name for it.
    Other(String),
}

/// Every name but the second one of the deauthorization, which Zoom writes in two ways.
const NAMES: [(EventKind, &str); 29] = [
    (EventKind::MeetingStarted, "meeting.started"),
    (EventKind::MeetingEnded, "meeting.ended"),
    (EventKind::MeetingCreated, "meeting.created"),
    (EventKind::MeetingUpdated, "meeting.updated"),
    (EventKind::MeetingDeleted, "meeting.deleted"),
    (EventKind::MeetingRecovered, "meeting.recovered"),
    (EventKind::MeetingPermanentlyDeleted, "meeting.permanently_deleted"),
    (EventKind::MeetingConvertedToWebinar, "meeting.converted_to_webinar"),
    (EventKind::JoinedWaitingRoom, "meeting.participant_joined_waiting_room"),
    (EventKind::LeftWaitingRoom, "meeting.participant_left_waiting_room"),
    (EventKind::Admitted, "meeting.participant_admitted"),
    (EventKind::PutInWaitingRoom, "meeting.participant_put_in_waiting_room"),
    (EventKind::Joined, "meeting.participant_joined"),
    (EventKind::Left, "meeting.participant_left"),
    (EventKind::WaitsForHost, "meeting.participant_jbh_waiting"),
    (EventKind::GaveUpWaitingForHost, "meeting.participant_jbh_waiting_left"),
    (EventKind::JoinedBeforeHost, "meeting.participant_jbh_joined"),
    (EventKind::RoleChanged, "meeting.participant_role_changed"),
    (EventKind::Bound, "meeting.participant_bind"),
    (EventKind::JoinedBreakoutRoom, "meeting.participant_joined_breakout_room"),
    (EventKind::LeftBreakoutRoom, "meeting.participant_left_breakout_room"),
    (EventKind::AppDeauthorized, "app_deauthorized"),
    (EventKind::UrlValidation, "endpoint.url_validation"),
    (EventKind::UserSettingsUpdated, "user.settings_updated"),
    (EventKind::UserUpdated, "user.updated"),
    (EventKind::UserDeleted, "user.deleted"),
    (EventKind::UserDeactivated, "user.deactivated"),
    (EventKind::UserActivated, "user.activated"),
    (EventKind::UserDisassociated, "user.disassociated"),
];

impl EventKind {
    /// The kind of this name.
    pub fn from_name(name: &str) -> Self {
        if name == "app.deauthorized" {
            return Self::AppDeauthorized;
        }
        match NAMES.into_iter().find(|(_, known)| *known == name) {
            Some((kind, _)) => kind,
            None => Self::Other(name.to_owned()),
        }
    }

    /// Zoom's name for it.
    pub fn name(&self) -> &str {
        match self {
            Self::Other(name) => name,
            known => NAMES.iter().find(|(kind, _)| kind == known).map_or("", |(_, name)| name),
        }
    }

    /// Whether it tells of one person in a room.
    pub fn is_about_a_participant(&self) -> bool {
        self.name().starts_with("meeting.participant_")
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_name_and_is_found_by_it() {
        for (kind, name) in NAMES {
            assert_eq!(EventKind::from_name(name), kind);
            assert_eq!(kind.name(), name);
        }
    }

    #[test]
    fn the_deauthorization_is_known_in_both_spellings() {
        assert_eq!(EventKind::from_name("app.deauthorized"), EventKind::AppDeauthorized);
        assert_eq!(EventKind::AppDeauthorized.name(), "app_deauthorized");
    }

    #[test]
    fn an_unknown_name_is_kept() {
        let kind = EventKind::from_name("meeting.participant_teleported");
        assert_eq!(kind, EventKind::Other("meeting.participant_teleported".into()));
        assert_eq!(kind.to_string(), "meeting.participant_teleported");
        assert!(kind.is_about_a_participant());
    }
}
