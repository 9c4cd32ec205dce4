use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use super::*;
use crate::testing::{Peer, Reply, patient_client};

/// Made for this test, for `localhost` and 127.0.0.1, valid until 2126, signed by nobody but itself.
const CERTIFICATE: &str = "MIIBmzCCAUGgAwIBAgIUD+j/DM1t5SogkXbrHVj8ZW6UuUYwCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzE0MTI1MVoYDzIxMjYxMDMwMTQxMjUxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQVZHcg2Eo4Um89JQBFhTwx9vpswz/1RIfRp66BhFdbC1yzV6zSRM028X7nL9+TCpqtV5nwc5EUfwvFY0lgtEVYo28wbTAdBgNVHQ4EFgQUUtDAQumPRuQS/oncroPadoGTPtMwHwYDVR0jBBgwFoAUUtDAQumPRuQS/oncroPadoGTPtMwDwYDVR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwIDSAAwRQIhAKiYIFRe8s5CgrZYA4cDQ1pd2U6vGAnM+e3Jc6n/SZtxAiBfPVR9adiX+Z3oZRxXQ0paEpJHNpUCw1E8UdBdo5XKTg==";
/// The key of that certificate, which is worth nothing.
const CERTIFICATE_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJWMEkQvupMrR6L/XyhiZhL/t13H1JInBTnJ3iPI5HxOhRANCAAQVZHcg2Eo4Um89JQBFhTwx9vpswz/1RIfRp66BhFdbC1yzV6zSRM028X7nL9+TCpqtV5nwc5EUfwvFY0lgtEVY";

/// What a client sends over TLS to somebody whom nobody vouches for.
fn impostor() -> (String, thread::JoinHandle<String>) {
    install_tls();
    let key = PrivatePkcs8KeyDer::from(STANDARD.decode(CERTIFICATE_KEY).unwrap());
    let certificate = CertificateDer::from(STANDARD.decode(CERTIFICATE).unwrap());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::from(key))
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let heard = thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = Stream::new(&mut connection, &mut socket);
        let mut request = vec![0; 4096];
        let count = stream.read(&mut request).unwrap_or(0);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        String::from_utf8_lossy(&request[..count]).into_owned()
    });
    (url, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_gets_no_request() {
    let (url, heard) = impostor();
    let outcome = send(patient_client().get(url).bearer_auth("access-canary")).await;
    assert_eq!(outcome.unwrap_err(), TransportError::NotSent);
    assert_eq!(heard.join().unwrap(), "");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let target = Peer::start(Reply::json(200, "{}")).await;
    let location = format!("location: {}/\r\n", target.url);
    let peer = Peer::start(Reply::with_headers(302, &location, "")).await;
    let answer = send(patient_client().get(&peer.url).bearer_auth("access-canary")).await.unwrap();
    assert_eq!(answer.status, 302);
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn the_proxy_of_the_environment_is_not_asked() {
    // Tests share their environment, so the client is looked at instead: it has no proxy of any origin.
    let shown = format!("{:?}", patient_client());
    assert!(!shown.to_lowercase().contains("proxies"), "{shown}");
}

#[tokio::test]
async fn every_call_has_a_connection_of_its_own() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let peer = Peer::start(Reply::Keep(answer.as_bytes().to_vec())).await;
    let client = patient_client();
    for _ in 0..5 {
        assert_eq!(send(client.get(&peer.url)).await.map(|answer| answer.status), Ok(200));
    }
    assert_eq!((peer.requests().len(), peer.connections()), (5, 5));
}

#[test]
fn the_tls_provider_can_be_installed_again_and_again() {
    install_tls();
    install_tls();
    assert!(rustls::crypto::CryptoProvider::get_default().is_some());
}

#[tokio::test]
async fn an_answer_shows_its_status_and_nothing_of_its_body() {
    let peer = Peer::start(Reply::json(200, r#"{"access_token":"access-canary"}"#)).await;
    let answer = send(patient_client().get(&peer.url)).await.unwrap();
    assert_eq!(format!("{answer:?}"), "Answer { status: 200, .. }");
}
