//! A mail server and a provider of text messages for the tests of this crate: real dialogues on loopback sockets, with the
//! faults that real ones have.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, AtomicUsize, Ordering},
    },
};

use domain::text::{Email, Phone};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use vault::SecretText;

use crate::{MailSettings, SmsSettings};

/// A message as the mail server took it.
#[derive(Clone, Debug)]
pub(crate) struct TakenMail {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) data: String,
    /// Which connection brought it.
    pub(crate) connection: usize,
    /// What was given as `AUTH PLAIN`.
    pub(crate) signed_in: Option<String>,
}

impl TakenMail {
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self.data.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name} in {}", self.data))
    }
}

/// Takes mail. What happens at `MAIL FROM` and `RCPT TO` goes by the address: `550@…` and the like are refused with that code, what begins
/// with `lost` is taken and the answer lost.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    taken: Arc<Mutex<Vec<TakenMail>>>,
}

impl MailServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, taken) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<_>>>::default());
        let store = taken.clone();
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let store = store.clone();
                tokio::spawn(async move {
                    let _ = converse(stream, connection, &store).await;
                });
            }
        });
        Self { address, taken }
    }

    /// With a user's name and password in the address, percent-encoded.
    pub(crate) fn settings(&self, user: &str) -> MailSettings {
        mail_settings(&format!("smtp://{user}{}", self.address))
    }

    pub(crate) fn taken(&self) -> Vec<TakenMail> {
        self.taken.lock().unwrap().clone()
    }
}

pub(crate) fn mail_settings(url: &str) -> MailSettings {
    MailSettings { url: SecretText::from(url), from: Email::parse("desk@clinic.example").unwrap() }
}

fn refusal(address: &str) -> String {
    match address.split_once('@').and_then(|(local, _)| local.parse::<u16>().ok()) {
        Some(code) => format!("{code} not {address}"),
        None => "250 ok".to_owned(),
    }
}

async fn converse(
    stream: TcpStream,
    connection: usize,
    taken: &Mutex<Vec<TakenMail>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example ESMTP\r\n").await?;
    let (mut from, mut to, mut signed_in) = (String::new(), String::new(), None);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let line = line.trim_end();
        let within = || line.split_once('<').and_then(|(_, rest)| Some(rest.split_once('>')?.0.to_owned()));
        let answer = match line.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-mail.example\r\n250-8BITMIME\r\n250 AUTH PLAIN".to_owned(),
            "AUTH" if line.ends_with("AGNsaW5pYwB3cm9uZw==") => "535 5.7.8 no".to_owned(),
            "AUTH" => {
                signed_in = line.split(' ').nth(2).map(str::to_owned);
                "235 welcome".to_owned()
            }
            "MAIL" => {
                from = within().unwrap_or_default();
                refusal(&from)
            }
            "RCPT" => {
                to = within().unwrap_or_default();
                refusal(&to)
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut data = String::new();
                while !data.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut data).await? == 0 {
                        return Ok(());
                    }
                }
                let mail = TakenMail {
                    from: from.clone(),
                    to: to.clone(),
                    data,
                    connection,
                    signed_in: signed_in.clone(),
                };
                taken.lock().unwrap().push(mail);
                if to.starts_with("lost") {
                    return Ok(());
                }
                "250 taken".to_owned()
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok".to_owned(),
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// A request as the provider of text messages took it.
#[derive(Clone, Debug)]
pub(crate) struct TakenText {
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) authorization: String,
    pub(crate) form: BTreeMap<String, String>,
}

/// Takes text messages. The last three digits of the number say what it answers: 000 is taken, others are statuses, with the
/// code that [`Self::answering`] was given.
pub(crate) struct Provider {
    pub(crate) address: SocketAddr,
    taken: Arc<Mutex<Vec<TakenText>>>,
    /// For so many further requests everything is refused with 503, or what [`Self::ill_with`] says.
    pub(crate) ill: Arc<AtomicUsize>,
    pub(crate) ill_with: Arc<AtomicU16>,
}

impl Provider {
    pub(crate) async fn start() -> Self {
        Self::answering("").await
    }

    /// What it answers where it refuses.
    pub(crate) async fn answering(refusal: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, taken) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<_>>>::default());
        let ill = Arc::new(AtomicUsize::new(0));
        let ill_with = Arc::new(AtomicU16::new(503));
        let (store, illness, symptom) = (taken.clone(), ill.clone(), ill_with.clone());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (store, illness, symptom) = (store.clone(), illness.clone(), symptom.clone());
                tokio::spawn(async move {
                    let _ = answer(stream, refusal, &store, &illness, &symptom).await;
                });
            }
        });
        Self { address, taken, ill, ill_with }
    }

    pub(crate) fn settings(&self) -> SmsSettings {
        SmsSettings {
            url: format!("http://{}", self.address).parse().unwrap(),
            account: "AC0123".to_owned(),
            token: SecretText::from("t0ken"),
            from: Phone::parse("+15550100999").unwrap(),
        }
    }

    pub(crate) fn taken(&self) -> Vec<TakenText> {
        self.taken.lock().unwrap().clone()
    }

    /// How often it was asked under each key.
    pub(crate) fn keys(&self) -> BTreeMap<String, usize> {
        let mut keys = BTreeMap::new();
        for text in self.taken() {
            *keys.entry(text.key).or_default() += 1;
        }
        keys
    }
}

async fn answer(
    stream: TcpStream,
    refusal: &str,
    taken: &Mutex<Vec<TakenText>>,
    ill: &AtomicUsize,
    ill_with: &AtomicU16,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut head, mut line) = (BTreeMap::new(), String::new());
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            head.insert(name.to_lowercase(), value.to_owned());
        }
        let length = head.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let form: BTreeMap<_, _> = url::form_urlencoded::parse(&body).into_owned().collect();
        let header = |name: &str| head.get(name).cloned().unwrap_or_default();
        let wanted: u16 = form.get("To").and_then(|to| to.get(to.len() - 3..)?.parse().ok()).unwrap_or(0);
        let is_ill = ill.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        let status = if is_ill { ill_with.load(Ordering::SeqCst) } else { wanted };
        taken.lock().unwrap().push(TakenText {
            path,
            key: header("i-twilio-idempotency-token"),
            authorization: header("authorization"),
            form,
        });
        let (status, body) = match status {
            0 => (201, r#"{"sid":"SM0123456789","status":"queued"}"#.to_owned()),
            status => (status, refusal.to_owned()),
        };
        let retry = if status == 429 { "retry-after: 600\r\n" } else { "" };
        let answer = format!("HTTP/1.1 {status} x\r\n{retry}content-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await?;
    }
}
