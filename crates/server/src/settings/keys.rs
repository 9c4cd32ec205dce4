//! The key ring that seals secrets at rest.

use std::sync::Arc;

use vault::KeyRing;

use super::source::{Key, Source};

const RING: Key = Key {
    path: "keys",
    variable: "ANTEROOM_KEYS",
    secret: true,
    right: "`id:key`, such as 2026a:$(openssl rand -base64 32); several separated by commas, the sealing one first",
};
pub(super) const KEYS: &[Key] = &[RING];

/// The key ring that seals secrets at rest.
#[derive(Debug)]
pub struct Keys {
    /// The first key seals, all open.
    pub ring: Arc<KeyRing>,
}

pub(super) fn read(source: &mut Source) -> Option<Keys> {
    source.required(&RING, KeyRing::parse).map(|ring| Keys { ring: Arc::new(ring) })
}
