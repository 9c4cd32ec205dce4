//! The page's token: whoever has it has loaded the patient's page. Outside programs that follow a link without looking, and
//! those of mail servers that submit what they find, have not.
//!
//! It is sealed for its link and says when the page was made. No table is needed, and it ends with the link.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{ClinicId, LinkId, Timestamp};
use vault::{Place, SealError, Sealed, SecretText};

use crate::Outreach;

/// Characters of a token at most; ours have about 70.
const LONGEST: usize = 200;

impl Outreach {
    /// A token for the page of this link as it is made now.
    pub fn page_token(&self, clinic: ClinicId, link: LinkId) -> Result<SecretText, SealError> {
        let (clinic, row) = (clinic.to_string(), link.to_string());
        let made_at = self.ambient.now().as_micros().to_be_bytes();
        let sealed = self.keys.seal(place(&clinic, &row), self.ambient.bytes(), &made_at)?;
        Ok(SecretText::new(BASE64_URL_SAFE_NO_PAD.encode(sealed.as_bytes())))
    }

    /// When the page of this link was made that gave this token; none where none did.
    pub(super) fn page_made_at(&self, clinic: ClinicId, link: LinkId, token: &str) -> Option<Timestamp> {
        let bytes =
            BASE64_URL_SAFE_NO_PAD.decode(token.get(..).filter(|text| text.len() <= LONGEST)?).ok()?;
        let (clinic, row) = (clinic.to_string(), link.to_string());
        let opened = self.keys.open(place(&clinic, &row), &Sealed::from_bytes(bytes)).ok()?;
        let made_at: [u8; 8] = opened.expose().try_into().ok()?;
        Some(Timestamp::from_micros(i64::from_be_bytes(made_at)))
    }
}

fn place<'a>(clinic: &'a str, row: &'a str) -> Place<'a> {
    Place { clinic, table: "links", column: "page", row }
}
