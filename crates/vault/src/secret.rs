//! Secret text and bytes: wiped when dropped, never printed, never serialised.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Text that must not be shown: a password, an access token, a client secret.
///
/// `Debug` is redacted and there is no `Display` and no `Serialize`: whoever needs the text says [`expose`](Self::expose).
#[derive(Clone, Default)]
pub struct SecretText(SecretString);

impl SecretText {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself. Do not log it, and do not keep it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(redacted)")
    }
}

/// Compares in a time that depends on the length alone.
impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}

impl Eq for SecretText {}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Bytes that must not be shown: what [`KeyRing::open`](crate::KeyRing::open) gives back.
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    pub(crate) fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The bytes themselves. Do not log them, and do not keep them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The same as text, or `None` where the bytes are not UTF-8.
    pub fn to_text(&self) -> Option<SecretText> {
        std::str::from_utf8(&self.0).ok().map(SecretText::from)
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_form_of_debug_shows_the_text() {
        let secret = SecretText::new("hunter2-hunter2");
        for shown in [format!("{secret:?}"), format!("{secret:#?}"), format!("{:?}", Some(&secret))] {
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }

    #[test]
    fn text_is_read_from_configuration_but_has_no_way_back() {
        let secret: SecretText = serde_json::from_str("\"from a file\"").unwrap();
        assert_eq!(secret.expose(), "from a file");
    }

    #[test]
    fn equality_is_of_the_whole_text() {
        assert_eq!(SecretText::new("abc"), SecretText::new("abc"));
        assert_ne!(SecretText::new("abc"), SecretText::new("abd"));
        assert_ne!(SecretText::new("abc"), SecretText::new("ab"));
    }
}
