//! Trying a link: whether a server answers there. Only the outcome is kept, and nothing of what it says is read.
//!
//! The address comes from a person, so it could be meant to make us knock inside our own house. Every address that a
//! name leads to is looked at before it is connected to, and a redirect is followed on the same server alone.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::{Attempt, Policy},
};
use url::{Host, Url};

use super::check::{Doubt, DoubtKind, Side};

const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// So many redirects are followed.
const MOST_REDIRECTS: usize = 4;

/// What came of trying a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Something answers. That it asks for sign-in, or leads elsewhere, is nothing wrong.
    Good,
    /// Something answers that there is nothing, or that it is broken.
    Status(u16),
    /// Nobody answers, in time and over TLS that can be trusted.
    None,
    /// The name leads to an address that is not public: it was not connected to.
    NotPublic,
}

/// Asks for the link. `local` allows addresses of this machine, where everything runs on it.
pub(super) async fn ask(url: &Url, local: bool) -> Answer {
    let literal = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        _ => None,
    };
    if literal.is_some_and(|ip| !may_be_asked(ip, local)) {
        return Answer::NotPublic;
    }
    let resolver = Arc::new(Public { local });
    let Ok(client) = client(resolver, local) else { return Answer::None };
    // A GET, since many do not answer a HEAD; the body is dropped unread.
    match client.get(url.clone()).send().await {
        Ok(response) => match response.status().as_u16() {
            status @ (404 | 410 | 500..=599) => Answer::Status(status),
            _ => Answer::Good,
        },
        Err(error) if is_not_public(&error) => Answer::NotPublic,
        Err(_) => Answer::None,
    }
}

fn client(resolver: Arc<Public>, local: bool) -> Result<Client, reqwest::Error> {
    // An error says that a provider of TLS stands already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .dns_resolver(resolver)
        .redirect(Policy::custom(same_server))
        .retry(reqwest::retry::never())
        .no_proxy()
        .referer(false)
        .https_only(!local)
        .pool_max_idle_per_host(0)
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .user_agent(concat!("anteroom/", env!("CARGO_PKG_VERSION")))
        .build()
}

fn same_server(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let origin = attempt.previous().first().map(Url::origin);
    if attempt.previous().len() <= MOST_REDIRECTS && origin == Some(attempt.url().origin()) {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Resolves names, and keeps only what may be connected to.
struct Public {
    local: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("the name leads to no public address")]
struct NotPublic;

impl Resolve for Public {
    fn resolve(&self, name: Name) -> Resolving {
        let local = self.local;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            // One private address among public ones is a trick as well.
            if found.iter().all(|address| may_be_asked(address.ip(), local)) {
                Ok(Box::new(found.into_iter()) as Addrs)
            } else {
                Err(NotPublic.into())
            }
        })
    }
}

fn is_not_public(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.is::<NotPublic>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn may_be_asked(ip: IpAddr, local: bool) -> bool {
    (local && ip.is_loopback())
        || match ip {
            IpAddr::V4(ip) => is_public_v4(ip),
            IpAddr::V6(ip) => ip.to_ipv4_mapped().map_or_else(|| is_public_v6(ip), is_public_v4),
        }
}

/// The special blocks of the IANA IPv4 registry (RFC 6890) left out.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

/// Global unicast (`2000::/3`) without Teredo, documentation and 6to4, which can hold a private address.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let is_special = (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || a == 0x3fff;
    (0x2000..0x4000).contains(&a) && !is_special
}

/// What trying both links brought, as it is kept; none where nothing is wrong.
pub(super) fn code([host, guest]: [Answer; 2]) -> Option<String> {
    let codes: Vec<String> = [("host", host), ("guest", guest)]
        .into_iter()
        .filter_map(|(side, answer)| match answer {
            Answer::Good => None,
            Answer::Status(status) => Some(format!("{side}:{status}")),
            Answer::None => Some(format!("{side}:silent")),
            Answer::NotPublic => Some(format!("{side}:private")),
        })
        .collect();
    (!codes.is_empty()).then(|| codes.join(","))
}

/// What is kept, as doubts.
pub(super) fn doubts(code: Option<&str>) -> Vec<Doubt> {
    let one = |part: &str| {
        let (side, what) = part.split_once(':')?;
        let side = if side == "host" { Side::Host } else { Side::Guest };
        let kind = match what {
            "silent" => DoubtKind::NoAnswer,
            "private" => DoubtKind::NotPublic,
            status => DoubtKind::Answered(status.parse().ok()?),
        };
        Some(Doubt { side, kind })
    };
    code.unwrap_or_default().split(',').filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_a_house_are_never_asked() {
        let inside = [
            "127.0.0.1",
            "127.8.8.8",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "0.1.2.3",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001::1",
            "64:ff9b::7f00:1",
            "::7f00:1",
        ];
        for address in inside {
            assert!(!may_be_asked(address.parse().unwrap(), false), "{address}");
        }
        for address in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(may_be_asked(address.parse().unwrap(), false), "{address}");
        }
        assert!(may_be_asked("127.0.0.1".parse().unwrap(), true));
        assert!(!may_be_asked("10.0.0.1".parse().unwrap(), true));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_connected_to() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let url = Url::parse(&format!("https://{host}:{port}/room")).unwrap();
            assert_eq!(ask(&url, false).await, Answer::NotPublic, "{host}");
        }
        let nobody = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(nobody.is_err(), "nobody has knocked");
    }

    #[test]
    fn what_is_kept_of_an_answer_is_told_again() {
        let kept = code([Answer::NotPublic, Answer::Status(404)]).unwrap();
        assert_eq!(kept, "host:private,guest:404");
        assert_eq!(
            doubts(Some(&kept)),
            [
                Doubt { side: Side::Host, kind: DoubtKind::NotPublic },
                Doubt { side: Side::Guest, kind: DoubtKind::Answered(404) },
            ]
        );
        assert_eq!(code([Answer::Good, Answer::Good]), None);
        assert_eq!(doubts(None), []);
    }
}
