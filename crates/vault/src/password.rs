//! Passwords of local accounts: how they are hashed, and which ones are accepted.
//!
//! Argon2id with 19 MiB, two passes, one lane: the first choice of the OWASP password storage cheat sheet. One hash takes
//! some tens of milliseconds of a core, so call these functions from a blocking task.

use std::hint::black_box;

use argon2::password_hash::phc::PasswordHash;
use argon2::{
    ARGON2ID_IDENT, Algorithm, Argon2, CustomizedPasswordHasher, Params, PasswordVerifier, Version,
};

/// Memory in KiB.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A stored hash that asks for more than this is not one of ours; computing it would exhaust the machine.
const MAX_MEMORY: u32 = 16 * MEMORY;
const MAX_PASSES: u32 = 16;

/// Fewest characters of a password.
pub const MIN_LENGTH: usize = 12;
/// Most characters of a password.
pub const MAX_LENGTH: usize = 256;

/// A hash of bytes nobody kept, with today's parameters.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhvbWUh$T0xhR5V2mZqkq3o8yLw1n0cJ4sE6uXbF9dGiYtPvKzA";

/// The commonest passwords and the words that they are built from, one a line, lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// Why a hash could not be made: the memory that Argon2 needs was not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError;

/// Why a password is not accepted, in words for the person who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Fewer than [`MIN_LENGTH`] characters.
    #[error("Use at least 12 characters. A few unrelated words make a good password.")]
    TooShort,
    /// More than [`MAX_LENGTH`] characters.
    #[error("Use at most 256 characters.")]
    TooLong,
    /// On the list of common passwords, or such a word with digits and signs around it.
    #[error("This is one of the passwords that are tried first. Choose another one.")]
    Common,
    /// One character or a short piece repeated, or a run such as `abcdefghijkl`.
    #[error("This repeats itself or only counts up. Choose one that is harder to guess.")]
    Repetitive,
    /// The person's own name or address.
    #[error("This is your name or e-mail address. Choose something that others do not know.")]
    Personal,
}

/// Hashes a password with 16 fresh random bytes of salt; the answer is a PHC string (`$argon2id$v=19$…`).
pub fn hash(password: &str, salt: [u8; 16]) -> Result<String, HashError> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(|_| HashError)?;
    let hash: PasswordHash = hasher()
        .hash_password_customized(
            password.as_bytes(),
            &salt,
            Some(ARGON2ID_IDENT.as_str()),
            Some(Version::V0x13.into()),
            params,
        )
        .map_err(|_| HashError)?;
    Ok(hash.to_string())
}

/// Whether this is the password of that PHC string. Anything but an Argon2id string of sane cost is a no.
pub fn verify(password: &str, phc: &str) -> bool {
    let Ok(stored) = PasswordHash::new(phc) else { return false };
    let Ok(params) = Params::try_from(&stored) else { return false };
    if stored.algorithm != ARGON2ID_IDENT || stored.hash.is_none() || !is_affordable(&params) {
        return false;
    }
    hasher().verify_password(password.as_bytes(), &stored).is_ok()
}

/// Spends the time of [`verify`] and says no: for a user that does not exist, so that the answer's time does not tell.
pub fn verify_against_nobody(password: &str) -> bool {
    black_box(verify(password, NOBODY));
    false
}

/// Whether a hash that just verified was made with other parameters than today's, and ought to be made again.
pub fn is_outdated(phc: &str) -> bool {
    let Ok(stored) = PasswordHash::new(phc) else { return true };
    let Ok(params) = Params::try_from(&stored) else { return true };
    stored.algorithm != ARGON2ID_IDENT
        || (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY, PASSES, LANES)
}

/// Whether a new password is accepted. `about` holds what others know of the person: names, e-mail address, the clinic's
/// name.
///
/// Length counts characters. There are no rules of composition: they make passwords weaker, not stronger.
pub fn check(password: &str, about: &[&str]) -> Result<(), Unfit> {
    let length = password.chars().count();
    if length < MIN_LENGTH {
        return Err(Unfit::TooShort);
    }
    if length > MAX_LENGTH {
        return Err(Unfit::TooLong);
    }
    let lower = password.to_lowercase();
    if is_repetitive(&lower) {
        return Err(Unfit::Repetitive);
    }
    let whole = letters_and_digits(&lower);
    let core = core_of(&lower);
    if COMMON.lines().any(|common| common == lower || common == whole || common == core) || core.is_empty() {
        return Err(Unfit::Common);
    }
    if about.iter().any(|known| is_about(known, &whole, &core)) {
        return Err(Unfit::Personal);
    }
    Ok(())
}

fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn is_affordable(params: &Params) -> bool {
    params.m_cost() <= MAX_MEMORY && params.t_cost() <= MAX_PASSES
}

/// A piece of up to four characters again and again, or a run up or down.
fn is_repetitive(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let repeats = (1..=4).any(|period| chars.iter().zip(chars.iter().skip(period)).all(|(a, b)| a == b));
    let step = |up: bool| {
        chars.iter().zip(chars.iter().skip(1)).all(|(a, b)| {
            let (low, high) = if up { (*a, *b) } else { (*b, *a) };
            u32::from(high) == u32::from(low) + 1
        })
    };
    repeats || step(true) || step(false)
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What is left without signs, and without the digits at both ends: `P@ssword-2026!` without its ornaments.
fn core_of(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| match c {
            '@' => 'a',
            '$' => 's',
            other => other,
        })
        .collect();
    letters_and_digits(&plain).trim_matches(|c: char| c.is_ascii_digit()).to_owned()
}

/// Whether the password is this known text, its part before the `@`, or its words run together, digits at the ends aside.
fn is_about(known: &str, whole: &str, core: &str) -> bool {
    let known = known.to_lowercase();
    let local = known.split_once('@').map_or(known.as_str(), |(local, _)| local);
    let words = local.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 3);
    let reversed: String = local.split(|c: char| !c.is_alphanumeric()).rev().flat_map(str::chars).collect();
    [letters_and_digits(&known), letters_and_digits(local), reversed]
        .into_iter()
        .chain(words.map(str::to_owned))
        .filter(|text| !text.is_empty())
        .any(|text| text == whole || text == core || is_repeated(&text, core))
}

fn is_repeated(piece: &str, text: &str) -> bool {
    text.len() > piece.len() && text.replace(piece, "").is_empty()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_password_verifies_against_its_own_hash_only() {
        let phc = hash("correct horse battery", [1; 16]).unwrap();
        assert!(verify("correct horse battery", &phc));
        assert!(!verify("correct horse batterY", &phc));
        assert!(!verify("", &phc));
        assert_ne!(phc, hash("correct horse battery", [2; 16]).unwrap());
    }

    #[test]
    fn the_parameters_are_the_ones_decided() {
        let phc = hash("correct horse battery", [1; 16]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(!is_outdated(&phc));
        assert!(is_outdated(&phc.replace("t=2", "t=1")));
        assert!(is_outdated("not a hash"));
    }

    #[test]
    fn nothing_but_an_argon2id_hash_of_sane_cost_verifies() {
        let phc = hash("correct horse battery", [1; 16]).unwrap();
        let (head, _) = phc.rsplit_once('$').unwrap();
        let stored = [
            String::new(),
            "correct horse battery".to_owned(),
            head.to_owned(),
            phc.replace("argon2id", "argon2d"),
            phc.replace("m=19456", "m=4000000"),
            phc.replace("t=2", "t=4000000"),
        ];
        for stored in stored {
            assert!(!verify("correct horse battery", &stored), "{stored}");
        }
    }

    #[test]
    fn a_stored_hash_cannot_exhaust_the_machine() {
        let affordable = |memory, passes| is_affordable(&Params::new(memory, passes, LANES, None).unwrap());
        assert!(affordable(MAX_MEMORY, MAX_PASSES));
        assert!(!affordable(MAX_MEMORY + 1, PASSES));
        assert!(!affordable(MEMORY, MAX_PASSES + 1));
    }

    #[test]
    fn an_unknown_user_costs_a_real_hash_and_is_refused() {
        assert!(PasswordHash::new(NOBODY).is_ok_and(|stored| stored.hash.is_some()));
        assert!(!is_outdated(NOBODY));
        assert_eq!(
            PasswordHash::new(NOBODY).unwrap().hash.unwrap().len(),
            PasswordHash::new(&hash("x", [0; 16]).unwrap()).unwrap().hash.unwrap().len()
        );
        assert!(!verify_against_nobody("correct horse battery"));
    }

    #[test]
    fn length_is_counted_in_characters_and_both_ends_are_exact() {
        assert_eq!(check("äöüßäöüßqwx", &[]), Err(Unfit::TooShort));
        assert_eq!(check("äöüßäöüxqwxy", &[]), Ok(()));
        let long: String = "correct horse ".chars().cycle().take(MAX_LENGTH).collect();
        assert_eq!(check(&long, &[]), Ok(()));
        assert_eq!(check(&format!("{long}x"), &[]), Err(Unfit::TooLong));
    }

    #[test]
    fn common_passwords_are_refused_however_they_are_dressed_up() {
        for common in [
            "passwordpassword1",
            "Password123456",
            "P@ssw0rd1234!",
            "123456789012",
            "qwertyuiop123",
            "!!!Welcome2026!!!",
            "1q2w3e4r5t6y",
            "2026-11-23-1200",
        ] {
            assert_eq!(check(common, &[]), Err(Unfit::Common), "{common}");
        }
    }

    #[test]
    fn repetitions_and_runs_are_refused() {
        for weak in ["aaaaaaaaaaaa", "abababababab", "xyz1xyz1xyz1", "abcdefghijklm", "zyxwvutsrqpo"] {
            assert_eq!(check(weak, &[]), Err(Unfit::Repetitive), "{weak}");
        }
    }

    #[test]
    fn the_person_s_own_name_or_address_is_refused() {
        let about = ["Amara Osei-Mensah", "amara.osei@clinic.example", "Lakeside Family Medicine"];
        for weak in [
            "AmaraOsei-Mensah",
            "amara.osei@clinic.example",
            "Amara Osei 1984",
            "oseiAmara2026",
            "osei-osei-osei",
            "lakesidefamilymedicine",
            "lakeside!2026",
        ] {
            assert_eq!(check(weak, &about), Err(Unfit::Personal), "{weak}");
        }
        assert_eq!(check("amara likes tall trees", &about), Ok(()));
    }

    #[test]
    fn a_few_unrelated_words_are_welcome() {
        for good in ["correct horse battery", "rainy-lantern-oboe", "Tq7#vLw9!sKp2"] {
            assert_eq!(check(good, &["Amara Osei", "amara@clinic.example"]), Ok(()), "{good}");
        }
    }

    #[test]
    fn every_line_of_the_list_is_as_the_check_expects_it() {
        for line in COMMON.lines() {
            assert!(!line.is_empty() && line == line.to_lowercase() && line.trim() == line, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_passwords_never_panic_the_check(password in ".{0,300}", name in ".{0,40}") {
            let _ = check(&password, &[&name]);
        }

        #[test]
        fn arbitrary_stored_text_never_verifies(stored in "(\\$argon2id\\$)?.{0,80}") {
            prop_assert!(!verify("correct horse battery", &stored));
        }
    }
}
