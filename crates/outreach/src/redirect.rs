//! Where a patient may be sent. A redirect that can be turned elsewhere would lend the clinic's name to anybody, so
//! the target is compared with the operator's list, and whatever two readers of addresses could read in two ways is
//! refused.

use std::{fmt, net::IpAddr};

use url::{Host, Url};

/// Bytes of an address at most; Zoom's have about 100.
const LONGEST: usize = 2_000;

/// The hosts that a redirect may lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JoinHosts(Vec<JoinHost>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum JoinHost {
    /// This name and those below it, by `https` on its own port.
    Domain(String),
    /// This machine, as `host` or `host:port`, by `http` too: a simulated Zoom.
    Loopback(String),
}

/// Why an entry of the list is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadJoinHost {
    /// There is none.
    #[error("names no host: expected hosts separated by commas, such as zoom.us,zoomgov.com")]
    Empty,
    /// An entry is not a name.
    #[error("`{0}` is not a host such as zoom.us (no scheme, path or `*`; subdomains are included)")]
    NotAHost(String),
    /// A name without a dot would allow a whole top-level domain.
    #[error("`{0}` is too wide: expected a host of two labels or more, such as zoom.us")]
    TooWide(String),
    /// An address of another machine, or a port on one.
    #[error("`{0}`: addresses and ports are allowed on this machine only (127.0.0.1:8081)")]
    OnlyOnLoopback(String),
}

/// The target is on no host of the list, or is not written plainly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address does not lead to an allowed host")]
pub struct NotAllowed;

/// An address that passed [`JoinHosts::allow`]. `Debug` hides it, since Zoom's join links hold the passcode.
#[derive(Clone, PartialEq, Eq)]
pub struct Redirect(Url);

impl Redirect {
    /// The value of the `Location` header: printable ASCII. Do not log it.
    pub fn location(&self) -> &str {
        self.0.as_str()
    }

    /// The same meeting in Zoom's web client, which needs no app: `/wc/join/<number>` on the same host with the same
    /// query, whether that holds the passcode or a link of one's own. None where this is no join link to that meeting.
    ///
    /// Zoom documents the page as "Join from your browser" and not its address, so it is only offered beside the other way.
    pub fn in_browser(&self, meeting_number: i64) -> Option<Self> {
        let number = self.0.path().strip_prefix("/j/").or_else(|| self.0.path().strip_prefix("/w/"))?;
        if number != meeting_number.to_string() {
            return None;
        }
        let mut url = self.0.clone();
        url.set_path(&format!("/wc/join/{meeting_number}"));
        url.set_fragment(None);
        Some(Self(url))
    }

    /// A link that one of the staff pasted, of another product: what was checked then is followed as it stands. Over TLS
    /// alone, but for this machine where everything runs on it (`local`).
    pub(crate) fn pasted(address: &str, local: bool) -> Result<Self, NotAllowed> {
        let is_plain = address.len() <= LONGEST && address.bytes().all(|b| b.is_ascii_graphic());
        let url = Url::parse(address).map_err(|_| NotAllowed)?;
        let is_allowed = url.scheme() == "https" || (local && url.scheme() == "http");
        if is_plain && is_allowed && url.as_str() == address { Ok(Self(url)) } else { Err(NotAllowed) }
    }

    /// Another path on the same host, without query.
    pub(crate) fn at(&self, path: &str) -> Self {
        let mut url = self.0.clone();
        url.set_path(path);
        url.set_query(None);
        url.set_fragment(None);
        Self(url)
    }
}

impl fmt::Debug for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redirect(redacted)")
    }
}

impl JoinHosts {
    /// Reads hosts separated by commas. `zoom.us` allows itself and every name below it; a host of this machine, such
    /// as `127.0.0.1:8081`, allows exactly itself.
    pub fn parse(text: &str) -> Result<Self, BadJoinHost> {
        let hosts = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(JoinHost::parse)
            .collect::<Result<Vec<_>, _>>()?;
        if hosts.is_empty() { Err(BadJoinHost::Empty) } else { Ok(Self(hosts)) }
    }

    /// Takes the address if it leads to a host of the list and cannot be read in another way.
    ///
    /// Browsers and libraries disagree on user names, backslashes, tabs, escapes and other scripts in the host, and on
    /// short forms of numeric addresses. So the part between `//` and the path must be, byte for byte, what the parser
    /// made of it.
    pub fn allow(&self, address: &str) -> Result<Redirect, NotAllowed> {
        let plain = address.len() <= LONGEST && address.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let (scheme, rest) = address.split_once("://").filter(|_| plain).ok_or(NotAllowed)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let url = Url::parse(address).map_err(|_| NotAllowed)?;
        let read = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err(NotAllowed),
        };
        let read_as_written = url.scheme() == scheme && read == authority.to_ascii_lowercase();
        if read_as_written && self.0.iter().any(|host| host.allows(scheme, &read)) {
            Ok(Redirect(url))
        } else {
            Err(NotAllowed)
        }
    }
}

impl JoinHost {
    fn parse(entry: &str) -> Result<Self, BadJoinHost> {
        let entry = entry.to_ascii_lowercase();
        let not_a_host = || BadJoinHost::NotAHost(entry.clone());
        let url = Url::parse(&format!("https://{entry}/")).map_err(|_| not_a_host())?;
        let written = url.as_str().strip_prefix("https://").and_then(|rest| rest.strip_suffix('/'));
        if written != Some(entry.as_str()) || entry.contains(['/', '?', '#', '@', '\\', '*']) {
            return Err(not_a_host());
        }
        let ip = match url.host().ok_or_else(not_a_host)? {
            Host::Ipv4(ip) => Some(IpAddr::from(ip)),
            Host::Ipv6(ip) => Some(IpAddr::from(ip)),
            Host::Domain("localhost") => return Ok(Self::Loopback(entry)),
            Host::Domain(_) => None,
        };
        match ip {
            Some(ip) if ip.is_loopback() => Ok(Self::Loopback(entry)),
            Some(_) => Err(BadJoinHost::OnlyOnLoopback(entry)),
            None if url.port().is_some() => Err(BadJoinHost::OnlyOnLoopback(entry)),
            None if !is_name(&entry) => Err(not_a_host()),
            None if !entry.contains('.') => Err(BadJoinHost::TooWide(entry)),
            None => Ok(Self::Domain(entry)),
        }
    }

    fn allows(&self, scheme: &str, host: &str) -> bool {
        match self {
            Self::Domain(domain) => {
                let below = || host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'));
                scheme == "https" && is_name(host) && (host == domain || below())
            }
            Self::Loopback(own) => matches!(scheme, "http" | "https") && host == own,
        }
    }
}

/// Labels of letters, digits and hyphens, none of them empty.
fn is_name(host: &str) -> bool {
    host.split('.').all(|label| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests;
