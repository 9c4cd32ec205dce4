//! A peer that answers in whatever way a case wants, and tells what it heard.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use crate::tls::{self, Tls};

/// What a peer does with every connection.
#[derive(Debug, Clone)]
pub enum Play {
    /// Hears the request out, says this and closes.
    Say(Vec<u8>),
    /// Hears the request out, says this, and then nothing more, with the connection left open.
    SayAndStall(Vec<u8>),
    /// Hears the request out and says this, byte by byte, with so much time between.
    Drip(Vec<u8>, Duration),
    /// Hears the request out, says the first and then the second without end.
    Endless(Vec<u8>, Vec<u8>),
    /// Says this at once, whatever comes in, and closes.
    Slam(Vec<u8>),
    /// Says nothing, hears nothing, and leaves the connection open.
    Deaf,
    /// Hears the request, or only its first byte, and breaks the connection.
    Reset { whole: bool },
    /// Takes no connection.
    Full,
    /// Speaks TLS, and says this inside.
    Tls(Tls, Vec<u8>),
}

/// A peer on loopback.
pub struct Peer {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    serving: JoinHandle<()>,
    /// Those who fill the queue of one that takes nobody.
    _queue: Vec<TcpStream>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Peer {
    pub async fn start(play: Play) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        if matches!(play, Play::Full) {
            return Self::full(heard, connections).await;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, counts) = (Arc::clone(&heard), Arc::clone(&connections));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counts.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, play.clone(), Arc::clone(&requests)));
            }
        });
        Self { address, heard, connections, serving, _queue: Vec::new() }
    }

    /// Its queue holds one connection, and that place is taken.
    async fn full(heard: Arc<Mutex<Vec<String>>>, connections: Arc<AtomicUsize>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        while let Ok(Ok(taken)) =
            tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(address)).await
        {
            queue.push(taken);
        }
        let serving = tokio::spawn(async move {
            // Keeps the door there, and shut.
            let _listener = listener;
            std::future::pending::<()>().await;
        });
        Self { address, heard, connections, serving, _queue: queue }
    }

    /// How many connections were taken.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The requests that were heard.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, play: Play, heard: Arc<Mutex<Vec<String>>>) {
    match &play {
        Play::Slam(bytes) => {
            let _ = stream.write_all(bytes).await;
            return;
        }
        Play::Deaf | Play::Full => {
            tokio::time::sleep(Duration::from_mins(1)).await;
            return;
        }
        Play::Reset { whole: false } => {
            let _ = stream.read(&mut [0; 1]).await;
            stream.set_zero_linger().unwrap();
            return;
        }
        Play::Tls(how, answer) => {
            let socket = stream.into_std().unwrap();
            socket.set_nonblocking(false).unwrap();
            socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            let (how, answer) = (*how, answer.clone());
            let request =
                tokio::task::spawn_blocking(move || tls::serve(socket, how, &answer)).await.unwrap();
            note(&heard, request);
            return;
        }
        _ => {}
    }
    let request = read_request(&mut stream).await;
    note(&heard, request);
    match play {
        Play::Say(bytes) => {
            let _ = stream.write_all(&bytes).await;
            // Closing with something unread would break the connection, and the answer with it.
            let _ = stream.shutdown().await;
            let _ = stream.read(&mut [0; 16]).await;
        }
        Play::SayAndStall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.read(&mut [0; 16]).await;
        }
        Play::Drip(bytes, pause) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
            }
        }
        Play::Endless(start, more) => {
            let _ = stream.write_all(&start).await;
            while stream.write_all(&more).await.is_ok() {}
        }
        Play::Reset { .. } => stream.set_zero_linger().unwrap(),
        _ => {}
    }
}

fn note(heard: &Mutex<Vec<String>>, request: String) {
    if !request.is_empty() {
        heard.lock().unwrap().push(request);
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    while !is_whole(&bytes) {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(count) => bytes.extend_from_slice(&chunk[..count]),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a request is there with its head and its body.
pub fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned))
        .map_or(0, |length| length.trim().parse().unwrap());
    body.len() >= length
}
