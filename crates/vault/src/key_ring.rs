//! The keys that seal what is kept, each under an id, so that a new key can be added while the old one still opens.

use std::collections::BTreeSet;
use std::fmt;

use aes_gcm::{Aes256Gcm, KeyInit};
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes in a key.
const KEY_LENGTH: usize = 32;
/// Characters in an id at most. Shorter than any spelling of a key, so that a key put in the id's place is not taken for
/// one and then shown in a message.
const MAX_ID_LENGTH: usize = 32;
/// Random keys of 32 bytes have about 30 different byte values; fewer than this is typed text or a filler.
const MIN_DISTINCT_BYTES: usize = 16;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The keys in order: the first seals, all of them open.
pub struct KeyRing {
    first: Key,
    others: Vec<Key>,
}

pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) cipher: Aes256Gcm,
}

/// Why a key ring cannot be used. Says where and what, never the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// There is no key at all.
    #[error(
        "holds no key: expected `id:key` with a key of 32 random bytes in base64, as from `openssl rand -base64 32`"
    )]
    Empty,
    /// The entry at this place, counted from 1, is not `id:key`.
    #[error("entry {position} has no `:`: expected `id:key`, several separated by commas")]
    NoColon {
        /// Counted from 1.
        position: usize,
    },
    /// The id at this place is empty, too long or holds other characters.
    #[error(
        "entry {position} has an unusable id: expected 1 to 32 letters, digits, `-` or `_` before the `:`"
    )]
    BadId {
        /// Counted from 1.
        position: usize,
    },
    /// Two entries have one id, so that nobody could tell which of them sealed a value.
    #[error("key id `{id}` is given twice: every key needs an id of its own")]
    DuplicateId {
        /// The id.
        id: String,
    },
    /// The key is not base64.
    #[error("key `{id}` is not base64: expected 44 characters, as from `openssl rand -base64 32`")]
    NotBase64 {
        /// The id.
        id: String,
    },
    /// The key is shorter or longer than 32 bytes.
    #[error("key `{id}` has {length} bytes: expected 32, as from `openssl rand -base64 32`")]
    WrongLength {
        /// The id.
        id: String,
        /// Bytes found.
        length: usize,
    },
    /// The key is zeroes, a repetition, a count or typed text.
    #[error("key `{id}` is not random: make one with `openssl rand -base64 32`")]
    NotRandom {
        /// The id.
        id: String,
    },
    /// Two ids share one key, which makes the rotation between them an appearance.
    #[error("keys `{id}` and `{other}` are the same key: a new id needs a new key")]
    SameKey {
        /// The earlier id.
        other: String,
        /// The later id.
        id: String,
    },
}

impl KeyRing {
    /// Reads `id:base64(32 bytes)`, several separated by commas, white space around them ignored.
    ///
    /// An id is 1 to 32 letters, digits, `-` or `_`, and is stored beside every value that its key sealed.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        if text.trim().is_empty() {
            return Err(KeyRingError::Empty);
        }
        let mut seen: Vec<(String, Zeroizing<Vec<u8>>)> = Vec::new();
        for (index, entry) in text.split(',').enumerate() {
            let (id, bytes) = parse_entry(index + 1, entry.trim())?;
            if seen.iter().any(|(earlier, _)| *earlier == id) {
                return Err(KeyRingError::DuplicateId { id });
            }
            if let Some((other, _)) = seen.iter().find(|(_, earlier)| bool::from(earlier.ct_eq(&bytes))) {
                return Err(KeyRingError::SameKey { other: other.clone(), id });
            }
            seen.push((id, bytes));
        }
        let mut keys = seen.into_iter().map(|(id, bytes)| match Aes256Gcm::new_from_slice(&bytes) {
            Ok(cipher) => Ok(Key { id, cipher }),
            Err(_) => Err(KeyRingError::WrongLength { id, length: bytes.len() }),
        });
        let first = keys.next().ok_or(KeyRingError::Empty)??;
        let others = keys.collect::<Result<_, _>>()?;
        Ok(Self { first, others })
    }

    /// The id of the key that seals.
    pub fn current_id(&self) -> &str {
        &self.first.id
    }

    /// Every id, the sealing one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(&self.others).map(|key| key.id.as_str())
    }

    pub(crate) fn current(&self) -> &Key {
        &self.first
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Key> {
        std::iter::once(&self.first).chain(&self.others).find(|key| key.id == id)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("ids", &self.ids().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

fn parse_entry(position: usize, entry: &str) -> Result<(String, Zeroizing<Vec<u8>>), KeyRingError> {
    let (id, key) = entry.split_once(':').ok_or(KeyRingError::NoColon { position })?;
    let usable = (1..=MAX_ID_LENGTH).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !usable {
        return Err(KeyRingError::BadId { position });
    }
    let id = id.to_owned();
    let bytes = match BASE64.decode(key.trim()) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(_) => return Err(KeyRingError::NotBase64 { id }),
    };
    if bytes.len() != KEY_LENGTH {
        return Err(KeyRingError::WrongLength { id, length: bytes.len() });
    }
    if !looks_random(&bytes) {
        return Err(KeyRingError::NotRandom { id });
    }
    Ok((id, bytes))
}

/// Refuses fillers (zeroes, repetitions) and counts (00 01 02 …), which stand in examples and end up in production.
fn looks_random(bytes: &[u8]) -> bool {
    let distinct: BTreeSet<u8> = bytes.iter().copied().collect();
    let steps: BTreeSet<u8> =
        bytes.iter().zip(bytes.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a)).collect();
    distinct.len() >= MIN_DISTINCT_BYTES && steps.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "q83vEjRWeJC6mHZUMhDwDS8xUXOVt9n7HT9hg6XH6Qs=";
    const B: &str = "x0mC7tQ2nVb1pLw9zYk4sHr8dGf3uJa6eXo5iTqKjNc=";

    /// Whether a piece of either key long enough to recognise it is there.
    fn shows_a_key(text: &str) -> bool {
        [A, B].iter().any(|key| text.contains(key.get(..8).unwrap()))
    }

    fn refusal(text: &str) -> KeyRingError {
        KeyRing::parse(text).expect_err("this ring must be refused")
    }

    #[test]
    fn the_first_key_is_the_current_one_and_order_is_kept() {
        let ring = KeyRing::parse(&format!(" 2026b:{A} , 2026a:{B} ")).unwrap();
        assert_eq!(ring.current_id(), "2026b");
        assert_eq!(ring.ids().collect::<Vec<_>>(), ["2026b", "2026a"]);
    }

    #[test]
    fn padding_may_be_left_away() {
        assert!(KeyRing::parse(&format!("k:{}", A.trim_end_matches('='))).is_ok());
    }

    #[test]
    fn each_fault_is_named() {
        let short = BASE64.encode([7u8; 16]);
        let zeroes = BASE64.encode([0u8; 32]);
        let count = BASE64.encode((0..32u8).collect::<Vec<_>>());
        let typed = BASE64.encode(b"changemechangemechangemechangeme");
        assert_eq!(refusal(""), KeyRingError::Empty);
        assert_eq!(refusal("  "), KeyRingError::Empty);
        assert_eq!(refusal(A), KeyRingError::NoColon { position: 1 });
        assert_eq!(refusal(&format!("a:{A},")), KeyRingError::NoColon { position: 2 });
        assert_eq!(refusal(&format!(":{A}")), KeyRingError::BadId { position: 1 });
        assert_eq!(refusal(&format!("{A}:a")), KeyRingError::BadId { position: 1 });
        assert_eq!(refusal(&format!("a b:{A}")), KeyRingError::BadId { position: 1 });
        assert_eq!(refusal(&format!("a:{A},a:{B}")), KeyRingError::DuplicateId { id: "a".into() });
        assert_eq!(
            refusal(&format!("a:{A},b:{A}")),
            KeyRingError::SameKey { other: "a".into(), id: "b".into() }
        );
        assert_eq!(refusal("a:not base64!"), KeyRingError::NotBase64 { id: "a".into() });
        assert_eq!(refusal(&format!("a:{short}")), KeyRingError::WrongLength { id: "a".into(), length: 16 });
        for weak in [zeroes, count, typed] {
            assert_eq!(refusal(&format!("a:{weak}")), KeyRingError::NotRandom { id: "a".into() });
        }
    }

    #[test]
    fn no_message_and_no_debug_shows_a_key() {
        let texts = [
            A.to_owned(),
            format!("{A}:{A}"),
            format!("{A}:id"),
            format!("a:{A}{B}"),
            format!("a:{A},a:{B}"),
            format!("a:{A},b:{A}"),
            format!("a:{A}!"),
        ];
        for text in texts {
            let error = refusal(&text);
            let shown = format!("{error} {error:?}");
            assert!(!shows_a_key(&shown), "{shown}");
        }
        let ring = KeyRing::parse(&format!("a:{A},b:{B}")).unwrap();
        let shown = format!("{ring:?} {ring:#?}");
        assert!(shown.contains('a') && !shows_a_key(&shown), "{shown}");
    }
}
