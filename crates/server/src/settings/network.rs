//! Where Anteroom listens, and how the world reaches it.

use std::net::{IpAddr, SocketAddr};

use url::{Host, Url};

use super::source::{Key, Source};

const PUBLIC_URL: Key = Key {
    path: "public_url",
    variable: "ANTEROOM_PUBLIC_URL",
    secret: false,
    right: "the address that staff, patients and Zoom use, such as https://anteroom.clinic.example",
};
const LISTEN: Key = Key {
    path: "listen",
    variable: "ANTEROOM_LISTEN",
    secret: false,
    right: "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080",
};
const METRICS_LISTEN: Key = Key {
    path: "metrics_listen",
    variable: "ANTEROOM_METRICS_LISTEN",
    secret: false,
    right: "an IP address and a port of their own, such as 127.0.0.1:9090, or nothing at all",
};
const PROXY_HOPS: Key = Key {
    path: "proxy_hops",
    variable: "ANTEROOM_PROXY_HOPS",
    secret: false,
    right: "how many reverse proxies of your own stand in front and add to X-Forwarded-For, 0 to 9",
};
pub(super) const KEYS: &[Key] = &[PUBLIC_URL, LISTEN, METRICS_LISTEN, PROXY_HOPS];

/// Where Anteroom listens, and how the world reaches it.
#[derive(Debug)]
pub struct Network {
    /// The address that staff, patients and Zoom use: scheme, host, port; no path.
    pub public_url: Url,
    /// Where requests are taken.
    pub listen: SocketAddr,
    /// Where metrics and health detail are given, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// How many proxies of the operator's own add to `X-Forwarded-For`; 0 ignores that header.
    pub proxy_hops: usize,
}

pub(super) fn read(source: &mut Source) -> Option<Network> {
    let public_url = source.required(&PUBLIC_URL, public_url);
    let listen = source.or_default(&LISTEN, "127.0.0.1:8080", address);
    let metrics_listen = source.optional(&METRICS_LISTEN, address);
    let proxy_hops = source.or_default(&PROXY_HOPS, "0", proxy_hops);
    if metrics_listen.is_some() && metrics_listen == listen {
        source.refuse(&METRICS_LISTEN, "is the public listener, where metrics must not be");
    }
    Some(Network { public_url: public_url?, listen: listen?, metrics_listen, proxy_hops: proxy_hops? })
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("is `{text}`, which is not an IP address with a port"))
}

fn proxy_hops(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|hops| *hops < 10)
        .ok_or_else(|| format!("is `{text}`, which is not a number from 0 to 9"))
}

fn public_url(text: &str) -> Result<Url, String> {
    let url = web_address(text)?;
    if url.path() != "/" {
        return Err("has a path, but Anteroom lives at the root of its host".to_owned());
    }
    Ok(url)
}

/// An `https` address without credentials, query or fragment; `http` to this machine only.
pub(super) fn web_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is not an address: {error}"))?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("is plain http, which is allowed on this machine only".to_owned()),
        _ => return Err("is not an https address".to_owned()),
    }
    if url.host().is_none() {
        return Err("has no host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or a password".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or a fragment".to_owned());
    }
    Ok(url)
}

/// Whether the address names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => is_loopback_name(name),
        None => false,
    }
}

/// Whether the name of a host, or its address as text, means this machine.
pub(super) fn is_loopback_name(name: &str) -> bool {
    name == "localhost"
        || name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}
