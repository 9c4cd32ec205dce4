//! What ties two connections, and what each of them has of it.

use std::collections::BTreeSet;

use super::super::{super::names, connection::Connection};

/// What ties, from strong to weak.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// The id within one meeting. Events of one such id are one connection already; it ties what the record tells.
    User,
    Registrant,
    CustomerKey,
    ZoomUser,
    Uuid,
    Phone,
    Name,
}

impl Tie {
    pub(super) const ALL: [Self; 7] = [
        Self::User,
        Self::Registrant,
        Self::CustomerKey,
        Self::ZoomUser,
        Self::Uuid,
        Self::Phone,
        Self::Name,
    ];

    /// Those of which two values mean two people.
    pub(super) const TELLING: [Self; 4] = [Self::Registrant, Self::CustomerKey, Self::ZoomUser, Self::Phone];

    /// Whether it is only good enough where nobody else can be meant.
    pub(super) const fn is_weak(self) -> bool {
        matches!(self, Self::Phone | Self::Name)
    }

    /// What the connection has of it.
    pub(super) fn all_of(self, connection: &Connection<'_>) -> BTreeSet<String> {
        let people = || connection.people();
        let rows = || connection.rows.iter();
        match self {
            Self::User => {
                let told = connection.events.iter().filter_map(|event| {
                    Some((event.instance.as_deref()?, event.person.as_ref()?.user_id.as_deref()?))
                });
                let recorded =
                    rows().filter_map(|row| Some((row.instance.as_str(), row.user_id.as_deref()?)));
                told.chain(recorded).map(|(instance, user)| format!("{instance} {user}")).collect()
            }
            Self::Registrant => people()
                .filter_map(|person| person.registrant_id.clone())
                .chain(rows().filter_map(|row| row.registrant_id.clone()))
                .collect(),
            Self::CustomerKey => people().filter_map(|person| person.customer_key.clone()).collect(),
            Self::ZoomUser => people()
                .filter_map(|person| person.zoom_user_id.clone())
                .chain(rows().filter_map(|row| row.zoom_user_id.clone()))
                .collect(),
            Self::Uuid => people().filter_map(|person| person.participant_uuid.clone()).collect(),
            Self::Phone => people().filter_map(|person| person.phone.clone()).collect(),
            Self::Name => names_of(connection),
        }
    }
}

/// The names as they are compared; an empty one where none is known.
fn names_of(connection: &Connection<'_>) -> BTreeSet<String> {
    let key = |name: Option<&str>| name.map(names::key).unwrap_or_default();
    let mut shown: BTreeSet<String> = connection.people().map(|person| key(person.name.as_deref())).collect();
    // A name that came or went within the connection does not make it nameless.
    if shown.len() > 1 {
        shown.remove("");
    }
    // Where events are silent and the record is not, either may be what the other connection has.
    if shown.iter().all(String::is_empty) {
        shown.extend(connection.rows.iter().map(|row| key(row.name.as_deref())));
    }
    if shown.is_empty() {
        shown.insert(String::new());
    }
    shown
}
