//! What the desk and the clinicians say by hand: notices on the patients' pages, and marks for rooms that tell nothing
//! themselves.

use std::collections::BTreeMap;

use crate::{
    attendance::matching::StaffOrToken,
    id::{AppointmentId, AttendeeId, ClinicId, MarkId, NoticeId, StaffId},
    text::Note,
    time::Timestamp,
};

/// A one-way message on patients' pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Names it.
    pub id: NoticeId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// Whose patients see it.
    pub host: StaffId,
    /// Those of one appointment only; otherwise all who are still to come to this host.
    pub appointment: Option<AppointmentId>,
    /// What it says.
    pub says: Says,
    /// Who said it.
    pub said_by: StaffOrToken,
    /// When.
    pub at: Timestamp,
    /// From when on it is no longer shown.
    pub until: Timestamp,
}

/// What a notice says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// The clinician is late by about so many minutes.
    Late(i64),
    /// In the writer's own words.
    Words(Note),
}

/// Where a person of the staff says that an attendee is, for a room that tells nothing itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marked {
    /// They wait.
    Waiting,
    /// They are with the host.
    InSession,
    /// They left.
    Left,
    /// The mark that holds does not count; the one before it does again.
    Withdrawn,
}

impl Marked {
    /// The word in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InSession => "in_session",
            Self::Left => "left",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The mark that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Waiting, Self::InSession, Self::Left, Self::Withdrawn]
            .into_iter()
            .find(|mark| mark.as_str() == word)
    }
}

/// A mark. Nothing is overwritten: the latest counts that was not taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Names it.
    pub id: MarkId,
    /// Whose clinic.
    pub clinic_id: ClinicId,
    /// At which appointment.
    pub appointment_id: AppointmentId,
    /// Of whom.
    pub attendee_id: AttendeeId,
    /// What it says.
    pub marked: Marked,
    /// Who says so.
    pub marked_by: StaffOrToken,
    /// Since when it is so.
    pub at: Timestamp,
}

/// The marks that hold, of each attendee, in the order in which they were made; `marks` must be in that order.
pub fn holding(marks: impl IntoIterator<Item = Mark>) -> BTreeMap<AttendeeId, Vec<Mark>> {
    let mut holding: BTreeMap<AttendeeId, Vec<Mark>> = BTreeMap::new();
    for mark in marks {
        let of_attendee = holding.entry(mark.attendee_id).or_default();
        match mark.marked {
            Marked::Withdrawn => _ = of_attendee.pop(),
            Marked::Waiting | Marked::InSession | Marked::Left => of_attendee.push(mark),
        }
    }
    holding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ambient;

    #[test]
    fn a_mark_that_is_taken_back_leaves_the_one_before_it() {
        let ambient = Ambient::manual(Timestamp::from_seconds(0), 1).0;
        let (rosa, luis): (AttendeeId, AttendeeId) = (ambient.id(), ambient.id());
        let first = Mark {
            id: ambient.id(),
            clinic_id: ambient.id(),
            appointment_id: ambient.id(),
            attendee_id: rosa,
            marked: Marked::Waiting,
            marked_by: StaffOrToken::Staff(ambient.id()),
            at: ambient.now(),
        };
        let mark = |attendee_id, marked| Mark { id: ambient.id(), attendee_id, marked, ..first.clone() };
        let marks = [
            mark(rosa, Marked::Waiting),
            mark(luis, Marked::InSession),
            mark(rosa, Marked::InSession),
            mark(rosa, Marked::Withdrawn),
            mark(luis, Marked::Withdrawn),
            mark(luis, Marked::Withdrawn),
            mark(luis, Marked::Left),
        ];
        let holding = holding(marks);
        let of = |attendee| holding[&attendee].iter().map(|mark| mark.marked).collect::<Vec<_>>();
        assert_eq!(of(rosa), [Marked::Waiting]);
        assert_eq!(of(luis), [Marked::Left]);
    }
}
