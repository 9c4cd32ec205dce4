//! Sealing values for one place in the database, and opening them there and nowhere else.
//!
//! A value is sealed with AES-256-GCM directly under the ring's current key, with a random nonce of its own. The clinic,
//! table, column, row and key id are associated data: a sealed value that is copied to another row, column, table or
//! clinic, or given another key id, does not open.
//!
//! *Why there is no data key per value or connection.* Wrapping a data key would shorten the work of a rotation (re-wrap
//! instead of re-seal) and spread the nonces over many keys. Here values are tokens of a kilobyte or two, so that
//! re-sealing one costs the same as re-wrapping its key, and random 96-bit nonces may be drawn 2^32 times under one key
//! (NIST SP 800-38D, 8.3): ten thousand connections, refreshed hourly and sealing two tokens each time, take 24 years to
//! get there. The wrapped key would be one more secret to lose, in one more format, for neither gain. Rotating the key
//! yearly keeps far below the bound.

use std::fmt;

use aes_gcm::Nonce;
use aes_gcm::aead::{Aead, Payload};
use zeroize::Zeroizing;

use crate::key_ring::KeyRing;
use crate::secret::{SecretBytes, SecretText};

/// First byte of every sealed value; another layout gets another number.
const VERSION: u8 = 1;
const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;
/// Bytes of plaintext at most. Tokens are the largest thing sealed, and they stay below a hundredth of this.
const MAX_PLAINTEXT: usize = 1 << 20;

/// Where a value lives. It opens there only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whose it is; empty for what belongs to no clinic.
    pub clinic: &'a str,
    /// The table.
    pub table: &'a str,
    /// The column.
    pub column: &'a str,
    /// The row's key as text.
    pub row: &'a str,
}

/// A sealed value as it is stored: version, key id, nonce, ciphertext and tag. Safe to store, useless without the key.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// Why a value could not be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// More than 1 MiB.
    #[error("the value is larger than can be sealed")]
    TooLarge,
}

/// Why a sealed value does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Cut short, or not something this program sealed.
    #[error("not a sealed value")]
    Malformed,
    /// The key that sealed it is not in the ring: put it back, behind the current one.
    #[error("sealed with key `{id}`, which is not in the key ring")]
    UnknownKey {
        /// The id stored in the value.
        id: String,
    },
    /// The value was altered, was sealed for another place, or the key of this id is another one now.
    #[error("the sealed value was altered, belongs elsewhere, or its key was replaced")]
    Refused,
    /// It opened, but text was asked for and the bytes are not UTF-8.
    #[error("the opened value is not text")]
    NotText,
}

impl Sealed {
    /// Takes over what was read from the database. Nothing is checked before it is opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// What to store, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The id of the key that sealed it, or `None` where this is no sealed value.
    pub fn key_id(&self) -> Option<&str> {
        self.parts().map(|parts| parts.key_id)
    }

    fn parts(&self) -> Option<Parts<'_>> {
        let (&version, rest) = self.0.split_first()?;
        let (&id_length, rest) = rest.split_first()?;
        let (id, rest) = rest.split_at_checked(usize::from(id_length))?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LENGTH>()?;
        if version != VERSION || ciphertext.len() < TAG_LENGTH {
            return None;
        }
        Some(Parts { key_id: std::str::from_utf8(id).ok()?, nonce: *nonce, ciphertext })
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("key_id", &self.key_id()).field("bytes", &self.0.len()).finish()
    }
}

struct Parts<'a> {
    key_id: &'a str,
    nonce: [u8; NONCE_LENGTH],
    ciphertext: &'a [u8],
}

impl KeyRing {
    /// Seals for one place, under the current key. The nonce is 12 fresh random bytes, never used twice.
    pub fn seal(
        &self,
        place: Place<'_>,
        nonce: [u8; NONCE_LENGTH],
        plaintext: &[u8],
    ) -> Result<Sealed, SealError> {
        if plaintext.len() > MAX_PLAINTEXT {
            return Err(SealError::TooLarge);
        }
        let key = self.current();
        let aad = associated_data(place, &key.id);
        let ciphertext = key
            .cipher
            .encrypt(&Nonce::from(nonce), Payload { msg: plaintext, aad: &aad })
            .map_err(|_| SealError::TooLarge)?;
        let id_length = u8::try_from(key.id.len()).map_err(|_| SealError::TooLarge)?;
        let mut bytes = Vec::with_capacity(2 + key.id.len() + NONCE_LENGTH + ciphertext.len());
        bytes.extend([VERSION, id_length]);
        bytes.extend(key.id.as_bytes());
        bytes.extend(nonce);
        bytes.extend(ciphertext);
        Ok(Sealed(bytes))
    }

    /// Opens a value at the place for which it was sealed, with whichever key of the ring sealed it.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<SecretBytes, OpenError> {
        let parts = sealed.parts().ok_or(OpenError::Malformed)?;
        let key = self
            .find(parts.key_id)
            .ok_or_else(|| OpenError::UnknownKey { id: parts.key_id.chars().take(32).collect() })?;
        let aad = associated_data(place, &key.id);
        let plaintext = key
            .cipher
            .decrypt(&Nonce::from(parts.nonce), Payload { msg: parts.ciphertext, aad: &aad })
            .map_err(|_| OpenError::Refused)?;
        Ok(SecretBytes::new(Zeroizing::new(plaintext)))
    }

    /// Opens a value that is text.
    pub fn open_text(&self, place: Place<'_>, sealed: &Sealed) -> Result<SecretText, OpenError> {
        self.open(place, sealed)?.to_text().ok_or(OpenError::NotText)
    }

    /// Whether the current key sealed it. If not, open it and seal it again: then the old key can leave the ring.
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        sealed.key_id() == Some(self.current_id())
    }
}

/// Every part is preceded by its length, so that no two places share an encoding.
fn associated_data(place: Place<'_>, key_id: &str) -> Vec<u8> {
    let Place { clinic, table, column, row } = place;
    let mut bytes = b"anteroom sealed value 1".to_vec();
    for part in [key_id, clinic, table, column, row] {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const A: &str = "a:q83vEjRWeJC6mHZUMhDwDS8xUXOVt9n7HT9hg6XH6Qs=";
    const B: &str = "b:x0mC7tQ2nVb1pLw9zYk4sHr8dGf3uJa6eXo5iTqKjNc=";
    /// Another key under the first one's id.
    const A_REPLACED: &str = "a:x0mC7tQ2nVb1pLw9zYk4sHr8dGf3uJa6eXo5iTqKjNc=";

    const HERE: Place<'static> =
        Place { clinic: "clinic_1", table: "zoom_connection", column: "refresh_token", row: "conn_1" };

    fn ring(text: &str) -> KeyRing {
        KeyRing::parse(text).unwrap()
    }

    fn sealed() -> Sealed {
        ring(A).seal(HERE, [9; 12], b"a refresh token").unwrap()
    }

    #[test]
    fn a_value_opens_only_at_its_own_place() {
        let ring = ring(A);
        let value = sealed();
        assert_eq!(ring.open(HERE, &value).unwrap().expose(), b"a refresh token");
        let elsewhere = [
            Place { clinic: "clinic_2", ..HERE },
            Place { table: "user", ..HERE },
            Place { column: "access_token", ..HERE },
            Place { row: "conn_2", ..HERE },
        ];
        for place in elsewhere {
            assert_eq!(ring.open(place, &value).unwrap_err(), OpenError::Refused, "{place:?}");
        }
    }

    #[test]
    fn a_boundary_cannot_be_moved_between_two_parts_of_a_place() {
        let ring = ring(A);
        let value = ring.seal(Place { clinic: "ab", table: "c", ..HERE }, [2; 12], b"x").unwrap();
        let moved = Place { clinic: "a", table: "bc", ..HERE };
        assert_eq!(ring.open(moved, &value).unwrap_err(), OpenError::Refused);
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let ring = ring(A);
        let value = sealed();
        for bit in 0..value.as_bytes().len() * 8 {
            let mut bytes = value.as_bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(ring.open(HERE, &Sealed::from_bytes(bytes)).is_err(), "bit {bit} of the sealed value");
        }
    }

    #[test]
    fn every_truncation_and_every_extension_is_noticed() {
        let ring = ring(A);
        let value = sealed();
        for length in 0..value.as_bytes().len() {
            let cut = Sealed::from_bytes(value.as_bytes()[..length].to_vec());
            assert!(ring.open(HERE, &cut).is_err(), "cut to {length} bytes");
        }
        let mut longer = value.into_bytes();
        longer.push(0);
        assert_eq!(ring.open(HERE, &Sealed::from_bytes(longer)).unwrap_err(), OpenError::Refused);
    }

    #[test]
    fn an_old_key_still_opens_behind_a_new_one_and_says_that_it_is_not_current() {
        let both = ring(&format!("{B},{A}"));
        let old = sealed();
        assert_eq!(both.open_text(HERE, &old).unwrap().expose(), "a refresh token");
        assert_eq!(old.key_id(), Some("a"));
        assert!(!both.is_current(&old));
        let new = both.seal(HERE, [1; 12], b"again").unwrap();
        assert!(both.is_current(&new));
        assert_eq!(new.key_id(), Some("b"));
    }

    #[test]
    fn a_missing_key_is_named_and_a_replaced_one_does_not_open() {
        assert_eq!(ring(B).open(HERE, &sealed()).unwrap_err(), OpenError::UnknownKey { id: "a".into() });
        assert_eq!(ring(A_REPLACED).open(HERE, &sealed()).unwrap_err(), OpenError::Refused);
    }

    #[test]
    fn the_key_id_cannot_be_exchanged_even_for_one_with_the_same_key() {
        let renamed = ring(&A.replacen('a', "c", 1));
        let mut bytes = sealed().into_bytes();
        bytes[2] = b'c';
        assert_eq!(renamed.open(HERE, &Sealed::from_bytes(bytes)).unwrap_err(), OpenError::Refused);
    }

    #[test]
    fn bytes_that_are_not_text_are_not_given_as_text() {
        let ring = ring(A);
        let value = ring.seal(HERE, [3; 12], &[0xff, 0xfe]).unwrap();
        assert_eq!(ring.open_text(HERE, &value).unwrap_err(), OpenError::NotText);
    }

    #[test]
    fn the_stored_form_does_not_contain_the_plaintext_and_debug_shows_neither() {
        let value = sealed();
        assert!(!value.as_bytes().windows(7).any(|w| w == b"refresh"));
        assert_eq!(format!("{value:?}"), "Sealed { key_id: Some(\"a\"), bytes: 46 }");
    }

    #[test]
    fn an_oversized_value_is_refused() {
        let large = vec![0; MAX_PLAINTEXT + 1];
        assert_eq!(ring(A).seal(HERE, [0; 12], &large).unwrap_err(), SealError::TooLarge);
    }

    proptest! {
        #[test]
        fn whatever_is_sealed_opens_again(
            clinic in ".{0,20}", table in ".{0,20}", column in ".{0,20}", row in ".{0,20}",
            nonce: [u8; 12], plaintext in proptest::collection::vec(any::<u8>(), 0..2000),
        ) {
            let ring = ring(A);
            let place = Place { clinic: &clinic, table: &table, column: &column, row: &row };
            let value = ring.seal(place, nonce, &plaintext).unwrap();
            let opened = ring.open(place, &value).unwrap();
            prop_assert_eq!(opened.expose(), &plaintext[..]);
        }

        #[test]
        fn no_two_places_open_each_other(parts in proptest::array::uniform4("[ab|]{0,3}"), others in proptest::array::uniform4("[ab|]{0,3}")) {
            prop_assume!(parts != others);
            let ring = ring(A);
            let place = |p: &[String; 4]| associated_data(Place { clinic: &p[0], table: &p[1], column: &p[2], row: &p[3] }, "a");
            prop_assert_ne!(place(&parts), place(&others));
            let at = Place { clinic: &parts[0], table: &parts[1], column: &parts[2], row: &parts[3] };
            let elsewhere = Place { clinic: &others[0], table: &others[1], column: &others[2], row: &others[3] };
            let value = ring.seal(at, [5; 12], b"x").unwrap();
            prop_assert_eq!(ring.open(elsewhere, &value).unwrap_err(), OpenError::Refused);
        }

        #[test]
        fn arbitrary_bytes_never_open_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(ring(A).open(HERE, &Sealed::from_bytes(bytes)).is_err());
        }
    }
}
