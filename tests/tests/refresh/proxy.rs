//! Between the instances and the simulated Zoom's token address: sees every request and every answer, knows which token is
//! younger than which, and loses answers.

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::dice::Dice;

/// How long an instance waits for an answer, at most.
pub const QUESTION: Duration = Duration::from_secs(1);

/// What is known of one token.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// Whose it is.
    pub connection: usize,
    /// The how manieth of all tokens.
    pub serial: u64,
    /// Which life of which instance asked for it.
    pub life: usize,
    /// Whether the answer went out whole and in time.
    pub delivered: bool,
}

/// What was counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Questions for a renewal.
    pub asked: u64,
    /// Renewals that Zoom did.
    pub done: u64,
    /// Answers lost although Zoom had done it.
    pub lost_after: u64,
    /// Answers lost before Zoom heard of it.
    pub lost_before: u64,
}

#[derive(Default)]
struct Seen {
    given: HashMap<String, Given>,
    youngest: HashMap<usize, String>,
    in_flight: BTreeSet<usize>,
    /// Who connects at this moment.
    connecting: Option<usize>,
    serial: u64,
    counts: Counts,
    wrong: Vec<String>,
}

/// The proxy.
#[derive(Clone)]
pub struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    sim: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    dice: Arc<Mutex<Dice>>,
}

/// How an answer is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    /// Not at all.
    None,
    /// The connection breaks before Zoom hears of it.
    Before,
    /// The connection breaks after Zoom has done it.
    Cut,
    /// In the middle of the answer.
    Half,
    /// Another answer takes its place.
    Overwritten,
    /// It does not come while anybody waits.
    Stalled,
}

impl Proxy {
    /// Starts it on the present runtime.
    pub async fn start(sim: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let dice = Arc::new(Mutex::new(Dice::new(seed)));
        let proxy = Self { address, sim, seen: Arc::default(), dice };
        let serving = proxy.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let proxy = serving.clone();
                tokio::spawn(async move { proxy.serve(stream).await });
            }
        });
        proxy
    }

    /// From now on codes are traded for this connection.
    pub fn connecting(&self, connection: usize) {
        self.seen().connecting = Some(connection);
    }

    /// What is known of a refresh token.
    pub fn given(&self, token: &str) -> Option<Given> {
        self.seen().given.get(token).copied()
    }

    /// The youngest refresh token of a connection.
    pub fn youngest(&self, connection: usize) -> Option<(String, Given)> {
        let seen = self.seen();
        let token = seen.youngest.get(&connection)?;
        Some((token.clone(), *seen.given.get(token)?))
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.seen().counts
    }

    /// What must not have happened.
    pub fn wrong(&self) -> Vec<String> {
        self.seen().wrong.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn roll(&self) -> Loss {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        match dice.below(1_000) {
            0..10 => Loss::Before,
            10..16 => Loss::Cut,
            16..20 => Loss::Half,
            20..24 => Loss::Overwritten,
            24..26 => Loss::Stalled,
            _ => Loss::None,
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some(request) = Request::read(&mut stream).await else { return };
        let Some(refresh) = request.form("refresh_token") else {
            // A code, or a token that is given back: passed on as it is.
            let (status, body) = self.pass_on(&request).await;
            if let Some(token) = refresh_token(status, &body) {
                self.note_connected(token);
            }
            _ = answer(&mut stream, status, &body).await;
            return;
        };
        let Some(connection) = self.begin(&refresh) else { return };
        let began = Instant::now();
        let loss = self.roll();
        let mut given = None;
        let mut token = None;
        if loss != Loss::Before {
            let (status, body) = self.pass_on(&request).await;
            token =
                refresh_token(status, &body).map(|token| self.note_given(connection, token, request.life));
            given = Some((status, body));
        }
        let told =
            self.tell(&mut stream, loss, given.as_ref().map(|(status, body)| (*status, body.as_str())));
        let told = told.await && began.elapsed() < QUESTION / 3;
        self.end(connection, loss, told, token);
    }

    /// A question about this connection is under way.
    fn begin(&self, refresh: &str) -> Option<usize> {
        let mut seen = self.seen();
        seen.counts.asked += 1;
        let Some(given) = seen.given.get(refresh).copied() else {
            seen.wrong.push("a token was asked about that Zoom never gave".to_owned());
            return None;
        };
        if !seen.in_flight.insert(given.connection) {
            let wrong = format!("two questions about connection {} were under way", given.connection);
            seen.wrong.push(wrong);
        }
        Some(given.connection)
    }

    fn end(&self, connection: usize, loss: Loss, told: bool, token: Option<String>) {
        let mut seen = self.seen();
        seen.in_flight.remove(&connection);
        if loss == Loss::Before {
            seen.counts.lost_before += 1;
        }
        if let Some(token) = token {
            seen.counts.done += 1;
            if !told {
                seen.counts.lost_after += 1;
            }
            if let Some(given) = seen.given.get_mut(&token) {
                given.delivered = told;
            }
        }
    }

    fn note_given(&self, connection: usize, token: String, life: usize) -> String {
        let mut seen = self.seen();
        seen.serial += 1;
        let given = Given { connection, serial: seen.serial, life, delivered: false };
        seen.given.insert(token.clone(), given);
        seen.youngest.insert(connection, token.clone());
        token
    }

    fn note_connected(&self, token: String) {
        let connecting = self.seen().connecting;
        let connection = connecting.expect("somebody connects");
        let token = self.note_given(connection, token, usize::MAX);
        if let Some(given) = self.seen().given.get_mut(&token) {
            given.delivered = true;
        }
    }

    async fn pass_on(&self, request: &Request) -> (u16, String) {
        let mut upstream = TcpStream::connect(self.sim).await.expect("the simulated Zoom listens");
        let sent = format!(
            "POST {} HTTP/1.1\r\nhost: {}\r\n{}connection: close\r\ncontent-length: {}\r\n\r\n{}",
            request.path,
            self.sim,
            request.headers,
            request.body.len(),
            request.body
        );
        upstream.write_all(sent.as_bytes()).await.expect("the simulated Zoom reads");
        let mut answer = Vec::new();
        upstream.read_to_end(&mut answer).await.expect("the simulated Zoom answers");
        let answer = String::from_utf8(answer).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        (status, body.to_owned())
    }

    /// Gives the answer, or not. Returns whether it went out whole.
    async fn tell(&self, stream: &mut TcpStream, loss: Loss, given: Option<(u16, &str)>) -> bool {
        let Some((status, body)) = given else { return false };
        match loss {
            Loss::None => answer(stream, status, body).await.is_ok(),
            Loss::Before | Loss::Cut => false,
            Loss::Half => {
                let head = format!("HTTP/1.1 {status} OK\r\ncontent-length: {}\r\n\r\n", body.len());
                let half = &body.as_bytes()[..body.len() / 2];
                _ = stream.write_all(head.as_bytes()).await;
                _ = stream.write_all(half).await;
                false
            }
            Loss::Overwritten => {
                _ = answer(stream, 502, "<html>bad gateway</html>").await;
                false
            }
            Loss::Stalled => {
                // Until whoever asked gives up, or is gone.
                let mut nothing = [0; 1];
                _ = tokio::time::timeout(QUESTION * 4, stream.read(&mut nothing)).await;
                false
            }
        }
    }
}

fn refresh_token(status: u16, body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok().filter(|_| status == 200)?;
    Some(body.get("refresh_token")?.as_str()?.to_owned())
}

async fn answer(stream: &mut TcpStream, status: u16, body: &str) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.flush().await
}

/// A request as far as it matters here.
struct Request {
    /// Which life of which instance sends it: the first part of its path.
    life: usize,
    /// The rest.
    path: String,
    /// Who the app is, and what the body is.
    headers: String,
    body: String,
}

impl Request {
    async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut bytes = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
            bytes.extend_from_slice(&buffer[..read]);
            let text = String::from_utf8_lossy(&bytes);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let header = |name: &str| {
                head.lines().find_map(|line| {
                    let (key, value) = line.split_once(':')?;
                    key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
                })
            };
            let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if body.len() < length {
                continue;
            }
            let path = head.split(' ').nth(1)?;
            let (life, path) = path.trim_start_matches('/').split_once('/')?;
            let headers = ["authorization", "content-type"]
                .into_iter()
                .filter_map(|name| Some(format!("{name}: {}\r\n", header(name)?)))
                .collect();
            let body = body.to_owned();
            return Some(Self { life: life.parse().ok()?, path: format!("/{path}"), headers, body });
        }
    }

    fn form(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.body.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}
