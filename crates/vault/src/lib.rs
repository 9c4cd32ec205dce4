//! Secrets: sealing at rest, hashed tokens, passwords, and text that does not print itself.
//!
//! Nothing here reads a clock, a file or the system's randomness: random bytes are arguments, so that the one place
//! that owns randomness stays the only one, and a seed replays a test.

pub mod password;

mod key_ring;
mod seal;
mod secret;
mod token;

pub use key_ring::{KeyRing, KeyRingError};
pub use seal::{OpenError, Place, SealError, Sealed};
pub use secret::{SecretBytes, SecretText};
pub use token::{Token, TokenFormatError, TokenHash};
