//! Everything random in the simulator: drawn from a seed and a counter, so that the same seed and the same calls give
//! the same ids, tokens and losses.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Dice {
    seed: u64,
    drawn: u64,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(count + 32);
        while out.len() < count {
            self.drawn = self.drawn.wrapping_add(1);
            let mut block = Sha256::new();
            block.update(self.seed.to_be_bytes());
            block.update(self.drawn.to_be_bytes());
            out.extend_from_slice(&block.finalize());
        }
        out.truncate(count);
        out
    }

    /// A number from 0 up to, not including, `bound` (which is at least 1).
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let word = self.bytes(8).iter().fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
        word % bound.max(1)
    }

    pub(crate) fn percent(&mut self, rate: u32) -> bool {
        rate > 0 && self.below(100) < u64::from(rate)
    }

    /// Text of exactly `chars` characters from the base64url alphabet, as Zoom's ids and tokens look.
    pub(crate) fn base64url(&mut self, chars: usize) -> String {
        let mut text = URL_SAFE_NO_PAD.encode(self.bytes(chars));
        text.truncate(chars);
        text
    }

    /// Something that looks like the JWT that Zoom hands out: opaque, and longer than 600 characters.
    pub(crate) fn token(&mut self) -> String {
        format!("eyJzdiI6IjAwMDAwMiIsImFsZyI6IkhTNTEyIn0.{}.{}", self.base64url(560), self.base64url(86))
    }

    pub(crate) fn hex_upper(&mut self, bytes: usize) -> String {
        hex::encode_upper(self.bytes(bytes))
    }

    /// The id of a participant in one meeting instance: upper-case and dashed.
    pub(crate) fn participant_uuid(&mut self) -> String {
        [4, 2, 2, 2, 6].map(|bytes| self.hex_upper(bytes)).join("-")
    }

    /// The id of a meeting instance: 16 bytes in standard base64, so it may hold `/`, `+` and `=`.
    pub(crate) fn meeting_uuid(&mut self, with_slashes: bool) -> String {
        let mut bytes = self.bytes(16);
        if with_slashes {
            // 0xFF 0xFx .. encodes to "//", which is what makes Zoom ask for double encoding.
            for (place, value) in bytes.iter_mut().zip([0xFF, 0xFF]) {
                *place = value;
            }
        } else if let Some(first) = bytes.first_mut().filter(|first| **first >= 0xFC) {
            *first = 0x41;
        }
        let text = STANDARD.encode(bytes);
        if with_slashes { text } else { text.replace("//", "/A") }
    }

    /// A number of exactly `digits` digits that does not begin with 0.
    pub(crate) fn number(&mut self, digits: u32) -> i64 {
        let least = 10_u64.saturating_pow(digits.saturating_sub(1));
        i64::try_from(least + self.below(least * 9)).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut one, mut other) = (Dice::new(7), Dice::new(7));
        assert_eq!(one.token(), other.token());
        assert_eq!(one.meeting_uuid(false), other.meeting_uuid(false));
        assert_ne!(one.token(), Dice::new(8).token());
    }

    #[test]
    fn ids_have_the_shapes_that_zoom_uses() {
        let mut dice = Dice::new(1);
        assert!(dice.token().len() > 600);
        assert_eq!(dice.base64url(22).len(), 22);
        assert_eq!(dice.number(11).to_string().len(), 11);
        assert!(dice.meeting_uuid(true).starts_with("//"));
        for _ in 0..200 {
            let plain = dice.meeting_uuid(false);
            assert!(plain.ends_with("==") && !plain.starts_with('/') && !plain.contains("//"), "{plain}");
        }
        let uuid = dice.participant_uuid();
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(uuid, uuid.to_uppercase());
    }
}
