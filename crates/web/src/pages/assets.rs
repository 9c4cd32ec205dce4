//! Style sheets, scripts and pictures, compiled in. Each is served at an address that holds a digest of its bytes,
//! so that browsers may keep it for good and still never see an old one.

use std::fmt;

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    stem: &'static str,
    extension: &'static str,
    digest: u64,
    /// What it is, for the browser.
    pub media_type: &'static str,
    /// What is in it.
    pub bytes: &'static [u8],
}

/// FNV-1a, 64 bits: it tells versions apart, and guards nothing.
const fn digest(bytes: &[u8]) -> u64 {
    let mut digest = 0xcbf2_9ce4_8422_2325;
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        digest = (digest ^ *byte as u64).wrapping_mul(0x0100_0000_01b3);
        rest = tail;
    }
    digest
}

macro_rules! assets {
    ($($(#[$doc:meta])* $name:ident = $path:literal, $stem:literal, $extension:literal, $media_type:literal;)*) => {
        $($(#[$doc])*
        pub static $name: Asset = {
            const BYTES: &[u8] = include_bytes!(concat!("../../assets/", $path));
            Asset { stem: $stem, extension: $extension, digest: digest(BYTES), media_type: $media_type, bytes: BYTES }
        };)*
        /// Every file that is served.
        pub static ALL: &[&Asset] = &[$(&$name),*];
    };
}

assets! {
    /// How every page looks.
    STYLE = "style.css", "style", "css", "text/css; charset=utf-8";
    /// Copy buttons and menus, on every page for the staff.
    STAFF_JS = "staff.js", "staff", "js", "text/javascript; charset=utf-8";
    /// Ticking, and keeping a part of a page as it is at the server.
    LIVE_JS = "live.js", "live", "js", "text/javascript; charset=utf-8";
    /// The board's keyboard, search and alerts.
    BOARD_JS = "board.js", "board", "js", "text/javascript; charset=utf-8";
    /// Keeps the patient's page as it is at the clinic, and tells that it was seen.
    VISIT_JS = "visit.js", "visit", "js", "text/javascript; charset=utf-8";
    /// The patient's check of camera, microphone and speaker.
    CHECK_JS = "check.js", "check", "js", "text/javascript; charset=utf-8";
    /// Keeps the list of a patient's visits as it is at the clinic.
    PORTAL_JS = "portal.js", "portal", "js", "text/javascript; charset=utf-8";
    /// The preview of a message while it is worded.
    WORDING_JS = "wording.js", "wording", "js", "text/javascript; charset=utf-8";
    /// Changes a part of a page without losing what a person is doing in it. Of others: see its licence.
    IDIOMORPH_JS = "vendor/idiomorph.min.js", "idiomorph", "js", "text/javascript; charset=utf-8";
    /// A door ajar.
    FAVICON = "favicon.svg", "favicon", "svg", "image/svg+xml";
}

impl Asset {
    /// The last part of its address.
    pub fn file_name(&self) -> String {
        format!("{}.{:016x}.{}", self.stem, self.digest, self.extension)
    }

    /// The file of this name, if it is the version that we have.
    pub fn named(file_name: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|asset| asset.file_name() == file_name)
    }
}

/// Its address.
impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/assets/{}", self.file_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asset_is_found_by_the_address_that_pages_write() {
        for asset in ALL {
            let address = asset.to_string();
            let found = Asset::named(address.strip_prefix("/assets/").unwrap()).unwrap();
            assert_eq!(found.bytes, asset.bytes);
        }
        assert!(Asset::named("style.css").is_none());
        assert!(Asset::named("style.0000000000000000.css").is_none());
    }

    #[test]
    fn another_content_has_another_address() {
        assert_ne!(digest(b"a{}"), digest(b"b{}"));
    }
}
