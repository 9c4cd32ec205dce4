//! The load: so many connections, each sending its next delivery as soon as the last is answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use tests::{anteroom::WEBHOOK_SECRET, signed};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// What one run showed.
#[derive(Debug)]
pub struct Measured {
    /// How many were answered 200.
    pub accepted: u64,
    /// How many were answered otherwise.
    pub refused: u64,
    /// How long it ran.
    pub lasted: Duration,
    /// The server's processor time in seconds.
    pub cpu_per_event: f64,
    latencies: Vec<u32>,
}

impl Measured {
    /// Accepted events a second.
    pub fn per_second(&self) -> f64 {
        self.accepted as f64 / self.lasted.as_secs_f64()
    }

    /// Milliseconds within which this share was answered.
    pub fn percentile(&self, share: f64) -> f64 {
        let index = ((self.latencies.len() as f64) * share) as usize;
        let micros = self.latencies.get(index.min(self.latencies.len().saturating_sub(1)));
        micros.map_or(f64::NAN, |micros| f64::from(*micros) / 1e3)
    }
}

/// The machine's time.
#[expect(clippy::disallowed_methods, reason = "a bench talks to a program that runs on the machine's clock")]
pub fn unix_seconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

fn request(port: u16) -> Vec<u8> {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let now = unix_seconds();
    let event = "meeting.participant_joined";
    let body = signed::participant_event(event, number, 86_720_014_455, "2026-11-23T14:02:02Z", now * 1000);
    let body = body.to_string();
    let headers = signed::headers(WEBHOOK_SECRET, now, body.as_bytes());
    let mut request = format!("POST /zoom/webhook HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    request.into_bytes()
}

/// Reads one answer whole and returns its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<u16> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
        let length: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse().ok())
            .unwrap_or(0);
        if buffer.len() >= head + 4 + length {
            return Ok(text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0));
        }
    }
}

/// Loads the server for a while.
pub async fn run(port: u16, connections: usize, length: Duration) -> Measured {
    let begun = Instant::now();
    let end = begun + length;
    let refused = Arc::new(AtomicU64::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..connections {
        let refused = refused.clone();
        workers.spawn(async move {
            let mut latencies = Vec::new();
            let mut stream =
                TcpStream::connect(("127.0.0.1", port)).await.expect("the server takes connections");
            stream.set_nodelay(true).expect("a socket can be set");
            let mut buffer = Vec::with_capacity(1_024);
            while Instant::now() < end {
                let request = request(port);
                let sent = Instant::now();
                stream.write_all(&request).await.expect("the server reads");
                match answer(&mut stream, &mut buffer).await.expect("the server answers") {
                    200 => latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX)),
                    _ => _ = refused.fetch_add(1, Ordering::Relaxed),
                }
            }
            latencies
        });
    }
    let mut latencies: Vec<u32> = workers.join_all().await.into_iter().flatten().collect();
    latencies.sort_unstable();
    let accepted = latencies.len() as u64;
    let refused = refused.load(Ordering::Relaxed);
    Measured { accepted, refused, lasted: begun.elapsed(), cpu_per_event: 0.0, latencies }
}
