//! What a registrant is called at Zoom: nothing that says who it is, and the same each time for one attendee, so that a
//! registration whose answer was lost is found again rather than made twice.

use domain::{AttendeeId, id::Id as _, room::Room};
use sha2::{Digest as _, Sha256};

/// Signs of a label: no vowels, so that no words come of it, and none that are read as one another.
const SIGNS: &str = "BCDFGHJKLMNPQRSTVWXZ23456789";
/// Enough that two people in one room on one day hardly ever share it, and short enough to be read out.
const SIGNS_OF_A_LABEL: usize = 4;
/// What everybody is called first.
pub(super) const FIRST_NAME: &str = "Guest";

/// What Zoom shows of an attendee in a registered room unless they change it, such as `Guest K7QF`: for the board, which
/// knows who that is.
pub fn pseudonym(room: &Room, attendee: AttendeeId) -> String {
    of_attendee(room, attendee).shown()
}

/// A pseudonym.
pub(super) struct Pseudonym {
    mailbox: String,
    pub(super) label: String,
}

impl Pseudonym {
    fn of(digest: [u8; 32]) -> Self {
        let (mailbox, rest) = digest.split_at(16);
        let sign = |byte: &u8| SIGNS.chars().nth(usize::from(*byte) % SIGNS.len());
        Self {
            mailbox: hex::encode(mailbox),
            label: rest.iter().take(SIGNS_OF_A_LABEL).filter_map(sign).collect(),
        }
    }

    /// An address at the clinic's own host that nobody reads: Zoom demands one. Should Zoom write to it all the same, the
    /// mail goes nowhere else.
    pub(super) fn email(&self, host: &str) -> String {
        format!("{}@{host}", self.mailbox)
    }

    fn shown(&self) -> String {
        format!("{FIRST_NAME} {}", self.label)
    }
}

/// Hashed from random ids, which say nothing of the person and are nowhere else outside the clinic together.
pub(super) fn of_attendee(room: &Room, attendee: AttendeeId) -> Pseudonym {
    let mut hash = Sha256::new();
    hash.update(b"anteroom registrant");
    hash.update(room.id.uuid().as_bytes());
    hash.update(room.meeting_number.to_be_bytes());
    hash.update(attendee.uuid().as_bytes());
    Pseudonym::of(hash.finalize().into())
}

/// Somebody of whom nothing is known.
pub(super) fn of_guest(random: [u8; 32]) -> Pseudonym {
    Pseudonym::of(random)
}
