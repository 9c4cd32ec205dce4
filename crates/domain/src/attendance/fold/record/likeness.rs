//! What makes a row and a connection tell of the same person.

use std::collections::BTreeSet;

use super::{
    super::{
        super::{names, record::RecordedStay, stay::StayKind},
        connection::Connection,
    },
    AGREES_WITHIN,
    span::{Certainty, Span},
};

/// From strong to weak. All but the first take times that agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// The id within the meeting.
    User,
    Registrant,
    ZoomUser,
    Name,
    /// The name, but the record does not say whether it is the host.
    NameAlone,
    /// One of the two has no name.
    Nameless,
    /// The names differ, but beginning and end are the same: somebody was renamed.
    Times,
}

impl Likeness {
    /// All that leave a choice, from strong to weak.
    pub(super) const CHOICES: [Self; 6] =
        [Self::Registrant, Self::ZoomUser, Self::Name, Self::NameAlone, Self::Nameless, Self::Times];
}

/// What is known of who a connection is.
pub(super) struct Identity<'a> {
    instance: Option<&'a str>,
    users: BTreeSet<(Option<&'a str>, &'a str)>,
    registrants: BTreeSet<&'a str>,
    zoom_users: BTreeSet<&'a str>,
    names: BTreeSet<String>,
    is_host: bool,
}

impl<'a> Identity<'a> {
    pub(super) fn of(connection: &Connection<'a>) -> Self {
        let people = || connection.people();
        let users = connection.events.iter().filter_map(|event| {
            Some((event.instance.as_deref(), event.person.as_ref()?.user_id.as_deref()?))
        });
        Self {
            instance: connection.events.iter().find_map(|event| event.instance.as_deref()),
            users: users.collect(),
            registrants: people().filter_map(|person| person.registrant_id.as_deref()).collect(),
            zoom_users: people().filter_map(|person| person.zoom_user_id.as_deref()).collect(),
            names: people()
                .filter_map(|person| person.name.as_deref().map(names::key))
                .filter(|name| !name.is_empty())
                .collect(),
            is_host: people().any(|person| person.is_host),
        }
    }

    fn has_user_of(&self, row: &RecordedStay) -> bool {
        row.user_id.as_deref().is_some_and(|user| self.users.contains(&(Some(row.instance.as_str()), user)))
    }

    /// Whether it has the id of a row of somebody who waits, under the uuid of another meeting.
    fn waits_as_user_of(&self, row: &RecordedStay) -> bool {
        row.kind == StayKind::Waiting
            && self.users.iter().any(|(_, user)| row.user_id.as_deref() == Some(*user))
    }

    /// Whether it has an id within this row's meeting, and the row has another.
    pub(super) fn is_another_user_than(&self, row: &RecordedStay) -> bool {
        row.user_id.is_some()
            && !self.has_user_of(row)
            && self.users.iter().any(|(instance, _)| *instance == Some(row.instance.as_str()))
    }

    /// How the row is like this connection in that span; none where it tells of somebody else.
    pub(super) fn likeness(&self, row: &RecordedStay, name: &str, span: &Span) -> Option<Likeness> {
        let differs = |id: Option<&str>, known: &BTreeSet<&str>| {
            id.is_some_and(|id| !known.is_empty() && !known.contains(id))
        };
        let agrees = |id: Option<&str>, known: &BTreeSet<&str>| id.is_some_and(|id| known.contains(id));
        let (registrant, zoom_user) = (row.registrant_id.as_deref(), row.zoom_user_id.as_deref());
        // Who waits before the start may do so under the uuid of another meeting.
        let elsewhere =
            row.kind == StayKind::InSession && self.instance.is_some_and(|instance| instance != row.instance);
        if row.kind != span.kind
            || elsewhere
            || differs(registrant, &self.registrants)
            || differs(zoom_user, &self.zoom_users)
        {
            return None;
        }
        // Who is sent back is told of under the ids of the meeting, which are not those of that wait.
        let within = self.has_user_of(row) && span.certainty != Certainty::SentBack;
        let at_that_time = within && span.overlaps(row, AGREES_WITHIN);
        if at_that_time || self.waits_as_user_of(row) && span.may_be(row) {
            return Some(Likeness::User);
        }
        if !span.may_be(row) {
            return None;
        }
        if agrees(registrant, &self.registrants) {
            return Some(Likeness::Registrant);
        }
        if agrees(zoom_user, &self.zoom_users) {
            return Some(Likeness::ZoomUser);
        }
        // Without a Zoom user the record cannot say who the host is.
        if row.is_host != self.is_host && (row.is_host || zoom_user.is_some()) {
            return None;
        }
        if !name.is_empty() && self.names.contains(name) {
            return Some(if row.is_host == self.is_host { Likeness::Name } else { Likeness::NameAlone });
        }
        if name.is_empty() || self.names.is_empty() {
            return Some(Likeness::Nameless);
        }
        let gap = span.gap(row);
        (span.is_whole() && gap.from <= AGREES_WITHIN && gap.to <= AGREES_WITHIN).then_some(Likeness::Times)
    }
}
