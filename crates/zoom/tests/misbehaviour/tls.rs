//! Certificates of an authority that was made for these tests, and a peer that speaks TLS with them, or stops to.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

/// Nobody trusts it but the client of the tests. Valid from 2020 to 2120, as are the others unless their names say else.
const AUTHORITY: &str = "MIIBZTCCAQugAwIBAgIBAjAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowGTEXMBUGA1UEAwwOVGVzdCBhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASd8YXqpmxdgbizc17ddEoQKR8QDyvpjdbgV9VQYzNAqydkeWATxRV1NBxHiRHUWTM0mC3MB74qf6Fg8lbVq2Jmo0IwQDAPBgNVHRMBAf8EBTADAQH/MA4GA1UdDwEB/wQEAwICBDAdBgNVHQ4EFgQU2dwmXjjPkYJP3/dVy0SsoYAyaL8wCgYIKoZIzj0EAwIDSAAwRQIhANRCZS0uhDgnXGsA8FQYXE4zt1E7XzroXggHCxsuuBE/AiAXWlNeB65baCJP3Suxu2sZL+ttsc6+TRUQDFWZH1b9Iw==";
/// For `localhost` and 127.0.0.1.
const RIGHT: &str = "MIIBnDCCAUKgAwIBAgIBBDAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoYXnFwvS0DtLwigOtIDxRGBexpUp4sq4+4zIAycuQgcW72WKPZ1nmHZqp2xDzcqUhHj9Zqo7blaPOEcLVeoRXaN+MHwwCQYDVR0TBAIwADAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwEwYDVR0lBAwwCgYIKwYBBQUHAwEwHQYDVR0OBBYEFOxudtCi2jV3v5DfKZlBqyjQBaC1MB8GA1UdIwQYMBaAFNncJl44z5GCT9/3VctErKGAMmi/MAoGCCqGSM49BAMCA0gAMEUCIFK8yuR5bayxyHGNDWa6Cu2v0Zq5k8aXmpxGgPkOgj2BAiEAtfyDq3iON5W9ZT8AK/hRyfdFfgYmj7Di+1smOOxOQg4=";
/// For `other.example`.
const OTHER_NAME: &str = "MIIBmjCCAUCgAwIBAgIBBTAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1dGhvcml0eTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEoYXnFwvS0DtLwigOtIDxRGBexpUp4sq4+4zIAycuQgcW72WKPZ1nmHZqp2xDzcqUhHj9Zqo7blaPOEcLVeoRXaN8MHowCQYDVR0TBAIwADAYBgNVHREEETAPgg1vdGhlci5leGFtcGxlMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTsbnbQoto1d7+Q3ymZQaso0AWgtTAfBgNVHSMEGDAWgBTZ3CZeOM+Rgk/f91XLRKyhgDJovzAKBggqhkjOPQQDAgNIADBFAiAd0Wu5IyPHLJxLJTtquD0gk4wQ/XmeYISa5BuPGCXTqwIhAOpoeLMXYiHKYzNHLluK5hoxkv62QJeU/8N8UphPlYNT";
/// As the right one, until February 2020.
const EXPIRED: &str = "MIIBmjCCAUCgAwIBAgIBATAKBggqhkjOPQQDAjAZMRcwFQYDVQQDDA5UZXN0IGF1dGhvcml0eTAeFw0yMDAxMDEwMDAwMDBaFw0yMDAyMDEwMDAwMDBaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKGF5xcL0tA7S8IoDrSA8URgXsaVKeLKuPuMyAMnLkIHFu9lij2dZ5h2aqdsQ83KlIR4/WaqO25WjzhHC1XqEV2jfjB8MAkGA1UdEwQCMAAwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMBMGA1UdJQQMMAoGCCsGAQUFBwMBMB0GA1UdDgQWBBTsbnbQoto1d7+Q3ymZQaso0AWgtTAfBgNVHSMEGDAWgBTZ3CZeOM+Rgk/f91XLRKyhgDJovzAKBggqhkjOPQQDAgNIADBFAiEAjb6q3BGmvjPrGRBZhK2N6/o9wBQnbhsa9V5OSEwHBCYCIACDxBIova2stsJl94kmZBeOjTctNi5IizNHY2LVEOYG";
/// The key of all three, which is worth nothing.
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgbqaY7qz6+ACOxVclSbesa9K3e9m/ehOgWjqEZryDXm2hRANCAAShhecXC9LQO0vCKA60gPFEYF7GlSniyrj7jMgDJy5CBxbvZYo9nWeYdmqnbEPNypSEeP1mqjtuVo84RwtV6hFd";

/// What a peer that speaks TLS shows, and where it stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// The right certificate, and then the whole answer.
    Good,
    /// The right certificate, and the whole answer without the word that it is over.
    NoFarewell,
    /// The right certificate, and half of the answer.
    HalfAnswer,
    /// The right certificate, and noise in the middle of the answer.
    Noise,
    /// A certificate for another name.
    OtherName,
    /// A certificate that has expired.
    Expired,
    /// The first words of the handshake and no more.
    HalfHandshake,
}

/// A client that trusts the authority of these tests, and is otherwise the one that is used.
pub fn trusting_client() -> reqwest::Client {
    zoom::http::install_tls();
    let authority = reqwest::Certificate::from_der(&STANDARD.decode(AUTHORITY).unwrap()).unwrap();
    reqwest::Client::builder()
        .add_root_certificate(authority)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

/// Answers one connection; gives back what it read of a request.
pub fn serve(mut socket: TcpStream, how: Tls, answer: &[u8]) -> String {
    let certificate = match how {
        Tls::OtherName => OTHER_NAME,
        Tls::Expired => EXPIRED,
        _ => RIGHT,
    };
    let key = PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap());
    let certificate = CertificateDer::from(STANDARD.decode(certificate).unwrap());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::from(key))
        .unwrap();
    let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
    if how == Tls::HalfHandshake {
        let _ = connection.read_tls(&mut socket);
        let _ = connection.process_new_packets();
        let _ = connection.write_tls(&mut socket);
        return String::new();
    }
    let mut stream = Stream::new(&mut connection, &mut socket);
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !crate::peer::is_whole(&request) {
        match stream.read(&mut chunk) {
            Ok(0) | Err(_) => return String::from_utf8_lossy(&request).into_owned(),
            Ok(count) => request.extend_from_slice(&chunk[..count]),
        }
    }
    let half = answer.len() / 2;
    let sent = if matches!(how, Tls::HalfAnswer | Tls::Noise) { &answer[..half] } else { answer };
    let _ = stream.write_all(sent);
    let _ = stream.flush();
    match how {
        Tls::Noise => {
            let _ = socket.write_all(&[0x17, 3, 3, 0, 32]);
            let _ = socket.write_all(&[0x5A; 32]);
        }
        Tls::NoFarewell | Tls::HalfAnswer => {}
        _ => {
            connection.send_close_notify();
            let _ = connection.write_tls(&mut socket);
        }
    }
    String::from_utf8_lossy(&request).into_owned()
}
