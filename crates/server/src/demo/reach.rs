//! How the demo's patients can be reached, so that every case is there to be seen: most by mail and text message, some by
//! one of them, one by neither, one whose telephone is off, two in Spanish.

use anyhow::Result;
use domain::{
    appointment::Consent,
    outreach::{Settings, reminders::Ladder},
    text::{Email, Language, Phone},
};

/// How somebody can be reached, and by what they agreed to be.
pub struct Reach {
    /// Their address.
    pub email: Email,
    /// Their telephone.
    pub phone: Phone,
    /// What they agreed to.
    pub consent: Consent,
    /// What they read best.
    pub language: Option<Language>,
}

impl Reach {
    /// Of whoever the scheduler knows by this id.
    pub fn of(id: &str) -> Result<Self> {
        let consent = match id {
            "p-adler" => Consent::default(),
            "p-petrova" | "p-wright" => Consent { email: true, sms: false },
            "p-fischer" => Consent { email: false, sms: true },
            _ => Consent { email: true, sms: true },
        };
        let language = match id {
            "p-prado-ana" | "p-prado-luis" => Some(Language::parse("es")?),
            _ => None,
        };
        Ok(Self {
            email: Email::parse(&format!("{id}@patient.example"))?,
            phone: Phone::parse(&format!("+1555010{:04}", extension(id)))?,
            consent,
            language,
        })
    }
}

/// The last four digits: the same at every start, and another for everybody.
fn extension(id: &str) -> u32 {
    match id {
        // The telephone that is off: see `post::texts`.
        "p-adeyemi" => 3,
        _ => 1_000 + id.bytes().fold(7, |sum: u32, byte| (sum * 31 + u32::from(byte)) % 8_999),
    }
}

/// How the clinic wants its patients to be reached. At any hour, since the demo may be looked at in the evening.
pub fn settings() -> Result<Settings> {
    Ok(Settings {
        phone: Some(Phone::parse("+15550100100")?),
        send_when_booked: true,
        ladder: Ladder::new(vec![60, 10])?,
        quiet: None,
        ..Settings::default()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::clinic::Zone;

    use super::*;
    use crate::demo::{cast, day::Day};

    #[test]
    fn everybody_has_a_telephone_of_their_own() {
        let zone = Zone::parse(cast::ZONE).unwrap();
        let day = Day::ordinary("2026-11-23".parse().unwrap(), &zone);
        let ids: BTreeSet<_> =
            day.visits(&zone).flat_map(|visit| visit.guests).map(|guest| guest.id).collect();
        let phones: BTreeSet<_> = ids.iter().map(|id| Reach::of(id).unwrap().phone).collect();
        assert_eq!(phones.len(), ids.len());
    }
}
