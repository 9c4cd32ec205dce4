//! Tokens handed to people and machines: 256 random bits, shown once, kept as a hash.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::secret::SecretText;

/// Characters of a token's text.
const TEXT_LENGTH: usize = 43;

/// A secret of 32 random bytes. Whoever holds its text is let in, so only its [`TokenHash`] is stored.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; 32]>);

/// The text is not 43 characters of unpadded base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct TokenFormatError;

impl Token {
    /// Makes a token of 32 bytes from the system's random generator.
    pub fn from_random(mut bytes: [u8; 32]) -> Self {
        let token = Self(Zeroizing::new(bytes));
        bytes.zeroize();
        token
    }

    /// Reads what a link, a cookie or a header carries. Every token has exactly one text.
    pub fn parse(text: &str) -> Result<Self, TokenFormatError> {
        if text.len() != TEXT_LENGTH {
            return Err(TokenFormatError);
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenFormatError)?);
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| TokenFormatError)?;
        Ok(Self::from_random(bytes))
    }

    /// The text to hand out: 43 characters of `A-Z a-z 0-9 - _`, fit for a path and a cookie.
    pub fn text(&self) -> SecretText {
        SecretText::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// What to store and to look up by. A plain hash suffices: there are too many tokens to try.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_slice()).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

/// SHA-256 of a token's 32 bytes. Does not lead back to the token; compares in constant time.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Takes over what was read from the database.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What to store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl TryFrom<&[u8]> for TokenHash {
    type Error = TokenFormatError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        bytes.try_into().map(Self).map_err(|_| TokenFormatError)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_hash_is_sha_256_of_the_bytes() {
        // SHA-256 of 32 zero bytes, from `head -c 32 /dev/zero | sha256sum`.
        let expected = [
            0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77, 0x6c, 0x8f, 0xc1, 0x8b, 0x8e, 0x9f, 0x8e, 0x20,
            0x08, 0x97, 0x14, 0x85, 0x6e, 0xe2, 0x33, 0xb3, 0x90, 0x2a, 0x59, 0x1d, 0x0d, 0x5f, 0x29, 0x25,
        ];
        assert_eq!(Token::from_random([0; 32]).hash().as_bytes(), &expected);
    }

    #[test]
    fn other_text_is_no_token() {
        let text = Token::from_random([7; 32]).text();
        let text = text.expose();
        let padded = format!("{text}=");
        let spaced = format!(" {}", text.get(1..).unwrap());
        let standard = text.replace(['-', '_'], "+").replacen('B', "+", 1);
        for wrong in ["", "short", text.get(..42).unwrap(), &padded, &spaced, &standard] {
            assert_eq!(Token::parse(wrong).unwrap_err(), TokenFormatError, "{wrong:?}");
        }
    }

    #[test]
    fn a_second_spelling_of_the_same_bytes_is_refused() {
        // The last character carries four bits; the two that are left over must be zero.
        let text = Token::from_random([0; 32]).text();
        let other = format!("{}B", text.expose().get(..42).unwrap());
        assert_eq!(Token::parse(&other).unwrap_err(), TokenFormatError);
    }

    #[test]
    fn debug_shows_neither_token_nor_hash() {
        let token = Token::from_random([0xab; 32]);
        assert_eq!(format!("{token:?} {:?}", token.hash()), "Token(redacted) TokenHash(redacted)");
    }

    #[test]
    fn a_hash_read_back_must_have_32_bytes() {
        let hash = Token::from_random([1; 32]).hash();
        assert_eq!(TokenHash::try_from(&hash.as_bytes()[..]).unwrap(), hash);
        assert!(TokenHash::try_from(&hash.as_bytes()[..31]).is_err());
    }

    proptest! {
        #[test]
        fn every_token_survives_its_text(bytes: [u8; 32]) {
            let token = Token::from_random(bytes);
            let text = token.text();
            prop_assert_eq!(text.expose().len(), TEXT_LENGTH);
            let again = Token::parse(text.expose()).unwrap();
            prop_assert_eq!(again.hash(), token.hash());
        }

        #[test]
        fn arbitrary_text_never_panics(text in ".{0,60}") {
            let _ = Token::parse(&text);
        }

        #[test]
        fn different_tokens_have_different_hashes(a: [u8; 32], b: [u8; 32]) {
            prop_assume!(a != b);
            prop_assert_ne!(Token::from_random(a).hash(), Token::from_random(b).hash());
        }
    }
}
