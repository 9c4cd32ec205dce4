//! Where calls go, and how ids are put into their paths.

use std::fmt::Write;

use url::{Host, Url};

/// The address of the API. Made only of addresses that a token may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiBase(Url);

/// Not an address for the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Zoom's API address is not usable: expected https://api.zoom.us/v2")]
pub struct BadApiUrl;

impl ApiBase {
    /// Reads the configured address: https, or http on loopback for a simulated Zoom.
    pub fn parse(url: &str) -> Result<Self, BadApiUrl> {
        Url::parse(url).ok().filter(is_safe_base).map(Self).ok_or(BadApiUrl)
    }

    /// The regional address that came with a token (`https://api-us.zoom.us`), with this one's path (`/v2`).
    ///
    /// `None` unless it is https on `zoom.us` or below, or the configured origin itself: else an answer could have
    /// tokens sent anywhere.
    pub(super) fn regional(&self, api_url: &str) -> Option<Self> {
        let mut url = Url::parse(api_url).ok().filter(is_safe_base)?;
        let host = url.host_str()?;
        let at_zoom = url.scheme() == "https"
            && url.port().is_none()
            && (host == "zoom.us" || host.ends_with(".zoom.us"));
        if !at_zoom && url.origin() != self.0.origin() {
            return None;
        }
        url.set_path(self.0.path());
        Some(Self(url))
    }

    /// The address of a call. `None` for a segment that cannot stand in a path.
    pub(super) fn join(&self, segments: &[&str]) -> Option<Url> {
        let mut path = self.0.path().trim_end_matches('/').to_owned();
        for segment in segments {
            // `.` and `..` would climb in the path, in every spelling.
            if segment.trim_matches('.').is_empty() {
                return None;
            }
            path.push('/');
            path.push_str(&encode(segment));
        }
        let mut url = self.0.clone();
        url.set_path(&path);
        Some(url)
    }
}

/// Whether secrets may be sent there: https anywhere, http on loopback alone, and nothing but scheme, host, port and path.
pub(crate) fn is_safe_base(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return false,
    };
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain && (url.scheme() == "https" || (url.scheme() == "http" && loopback))
}

/// An instance's uuid is base64 and may hold `/`. Zoom wants it encoded twice if it begins with `/` or holds `//`.
fn encode(segment: &str) -> String {
    let once = percent_encode(segment);
    if segment.starts_with('/') || segment.contains("//") { percent_encode(&once) } else { once }
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> ApiBase {
        ApiBase::parse("https://api.zoom.us/v2").unwrap()
    }

    #[test]
    fn a_uuid_is_encoded_once_or_twice_as_zoom_wants_it() {
        let cases = [
            ("q7YcT1mZQ0WnHk2Jv+8RbA==", "q7YcT1mZQ0WnHk2Jv%2B8RbA%3D%3D"),
            ("a/b==", "a%2Fb%3D%3D"),
            ("/a==", "%252Fa%253D%253D"),
            ("a//b", "a%252F%252Fb"),
            ("86720014455", "86720014455"),
        ];
        for (uuid, encoded) in cases {
            let url = base().join(&["past_meetings", uuid, "participants"]).unwrap();
            assert_eq!(url.as_str(), format!("https://api.zoom.us/v2/past_meetings/{encoded}/participants"));
        }
    }

    #[test]
    fn no_segment_leaves_its_place() {
        for segment in ["", ".", "..", "..."] {
            assert_eq!(base().join(&["past_meetings", segment]), None, "{segment:?}");
        }
        for segment in ["../users/me", "a?b=c", "a#b", "a b", "%2e%2e", "a\\b", "ä"] {
            let url = base().join(&["meetings", segment]).unwrap();
            assert_eq!(url.path_segments().unwrap().count(), 3, "{url}");
            assert!(url.query().is_none() && url.fragment().is_none(), "{url}");
            assert_eq!(url.path_segments().unwrap().nth(1), Some("meetings"), "{url}");
        }
    }

    #[test]
    fn a_regional_address_must_be_zooms() {
        let regional = |url: &str| base().regional(url).map(|base| base.0.to_string());
        assert_eq!(regional("https://api-us.zoom.us"), Some("https://api-us.zoom.us/v2".into()));
        assert_eq!(regional("https://api-eu.zoom.us/"), Some("https://api-eu.zoom.us/v2".into()));
        assert_eq!(regional("https://api.zoom.us/v2"), Some("https://api.zoom.us/v2".into()));
        for evil in [
            "http://api-us.zoom.us",
            "https://zoom.us.evil.example",
            "https://evilzoom.us",
            "https://zoom.us@evil.example",
            "https://user@api.zoom.us",
            "https://api-us.zoom.us:8443",
            "https://evil.example/zoom.us",
            "https://evil.example\\.zoom.us",
            "https://127.0.0.1",
            "http://localhost",
            "//api.zoom.us",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(regional(evil), None, "{evil}");
        }
    }

    #[test]
    fn the_configured_origin_may_name_itself() {
        let simulated = ApiBase::parse("http://127.0.0.1:8081/v2").unwrap();
        assert_eq!(
            simulated.regional("http://127.0.0.1:8081").unwrap().0.as_str(),
            "http://127.0.0.1:8081/v2"
        );
        assert_eq!(simulated.regional("http://127.0.0.1:8082"), None);
    }

    #[test]
    fn http_is_for_loopback_alone() {
        for good in
            ["https://api.zoom.us/v2", "http://127.0.0.1:9/v2", "http://[::1]:9", "http://localhost:1"]
        {
            assert!(ApiBase::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.zoom.us/v2",
            "ftp://api.zoom.us",
            "api.zoom.us",
            "https://a:b@api.zoom.us",
            "https://api.zoom.us/v2?x=1",
            "http://127.0.0.1.evil.example",
        ] {
            assert_eq!(ApiBase::parse(bad), Err(BadApiUrl), "{bad}");
        }
    }
}
