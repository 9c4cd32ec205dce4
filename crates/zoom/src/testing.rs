//! A peer that answers, or fails to, in whatever way a test wants.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::http::{Limits, client};

/// What the peer does with every request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Sends this and closes.
    Send(Vec<u8>),
    /// Sends this and then nothing more, with the connection left open.
    Stall(Vec<u8>),
    /// Sends this to every request on the connection, which stays open.
    Keep(Vec<u8>),
}

impl Reply {
    /// A complete answer with JSON in it.
    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::with_headers(status, "content-type: application/json\r\n", body)
    }

    /// A complete answer; every header ends in `\r\n`.
    pub(crate) fn with_headers(status: u16, headers: &str, body: &str) -> Self {
        Self::Send(
            format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
                .into_bytes(),
        )
    }
}

/// A peer on loopback. It stops with the test's runtime.
pub(crate) struct Peer {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
}

impl Peer {
    pub(crate) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let connections = Arc::new(AtomicUsize::new(0));
        let accepted = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, reply.clone(), Arc::clone(&seen)));
            }
        });
        Self { url, requests, connections }
    }

    /// How many connections were made so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The requests so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, seen: Arc<Mutex<Vec<String>>>) {
    loop {
        let request = read_request(&mut stream).await;
        if request.is_empty() {
            return;
        }
        seen.lock().unwrap().push(request);
        match &reply {
            Reply::Keep(bytes) => {
                let _ = stream.write_all(bytes).await;
            }
            Reply::Send(bytes) => {
                let _ = stream.write_all(bytes).await;
                return;
            }
            Reply::Stall(bytes) => {
                let _ = stream.write_all(bytes).await;
                // Until the client gives up.
                let _ = stream.read(&mut [0; 16]).await;
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned))
                .map_or(0, |length| length.trim().parse().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
}

/// The client as it is used.
pub(crate) fn patient_client() -> reqwest::Client {
    client(Limits::default()).unwrap()
}

/// A client that gives up on a peer which never answers, soon enough for a test.
pub(crate) fn impatient_client() -> reqwest::Client {
    client(Limits { connect: Duration::from_secs(5), total: Duration::from_millis(300) }).unwrap()
}
