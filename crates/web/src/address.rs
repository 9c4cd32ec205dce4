//! Where a request comes from, as far as that can be believed.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, request::Parts},
};

use crate::App;

/// The address that a request comes from, where it is known.
#[derive(Clone, Copy, Debug)]
pub struct Source(pub Option<IpAddr>);

impl FromRequestParts<App> for Source {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(of_client(&parts.extensions, &parts.headers, app.settings.proxy_hops)))
    }
}

/// The client's address: the connection's, or what the operator's own proxies say of it. Each of `hops` proxies adds
/// one address at the right of `X-Forwarded-For`; whatever stands further left was sent by anybody.
fn of_client(extensions: &Extensions, headers: &HeaderMap, hops: usize) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let Some(skipped) = hops.checked_sub(1) else { return peer };
    let said: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    said.iter().rev().nth(skipped).and_then(|text| text.parse().ok()).or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(hops: usize, forwarded: &[&str]) -> Option<String> {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4711))));
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        of_client(&extensions, &headers, hops).map(|ip| ip.to_string())
    }

    #[test]
    fn without_a_proxy_of_ours_the_header_is_not_believed() {
        assert_eq!(seen(0, &["198.51.100.7"]).as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn what_the_client_made_up_stands_left_of_what_our_proxy_says() {
        assert_eq!(seen(1, &["203.0.113.66, 198.51.100.7"]).as_deref(), Some("198.51.100.7"));
        assert_eq!(seen(2, &["203.0.113.66, 198.51.100.7", "10.0.0.2"]).as_deref(), Some("198.51.100.7"));
    }

    #[test]
    fn a_missing_or_broken_header_leaves_the_connections_own_address() {
        assert_eq!(seen(1, &[]).as_deref(), Some("127.0.0.1"));
        assert_eq!(seen(1, &["unknown"]).as_deref(), Some("127.0.0.1"));
        assert_eq!(seen(3, &["198.51.100.7"]).as_deref(), Some("127.0.0.1"));
    }
}
