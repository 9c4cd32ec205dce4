//! Where the clinic's letters arrive: a mail server that takes everything, and notes when by the driven clock.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use domain::{Ambient, Timestamp};
use outreach::MailSettings;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use vault::SecretText;

/// A letter that was taken.
#[derive(Clone, Debug)]
pub struct Letter {
    /// When.
    pub at: Timestamp,
    /// To which address.
    pub to: String,
    /// Everything, headers first.
    pub data: String,
}

impl Letter {
    /// What must not stand in a letter to the staff, as it goes through everybody's mail servers, and does.
    pub fn indiscretion(&self, patient: &str) -> Option<&'static str> {
        // Long lines are folded with a sign of equality at their end.
        let text = self.data.replace("=\r\n", "");
        if text.contains(patient) {
            Some("a patient's name")
        } else if ["/v/", "/g/", "/j/", "pwd=3D", "pwd="].into_iter().any(|part| text.contains(part)) {
            Some("a link into a room")
        } else {
            None
        }
    }
}

/// The mail server.
pub struct Post {
    address: SocketAddr,
    taken: Arc<Mutex<Vec<Letter>>>,
}

impl Post {
    pub async fn open(ambient: Ambient) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let taken: Arc<Mutex<Vec<Letter>>> = Arc::default();
        let store = taken.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (store, ambient) = (store.clone(), ambient.clone());
                tokio::spawn(async move {
                    // Whoever hangs up in the middle has sent nothing.
                    _ = converse(stream, &ambient, &store).await;
                });
            }
        });
        Self { address, taken }
    }

    /// What the program sends by.
    pub fn settings(&self) -> MailSettings {
        MailSettings {
            url: SecretText::new(format!("smtp://{}", self.address)),
            from: domain::text::Email::parse("telehealth@riverside.example").expect("an address"),
        }
    }

    /// All letters from the given one on.
    pub fn since(&self, first: usize) -> Vec<Letter> {
        self.taken.lock().unwrap().iter().skip(first).cloned().collect()
    }
}

async fn converse(stream: TcpStream, ambient: &Ambient, taken: &Mutex<Vec<Letter>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.example ESMTP\r\n").await?;
    let mut to = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let answer = match line.trim_end().split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-mail.example\r\n250 8BITMIME",
            "RCPT" => {
                let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                address.map_or("", |(address, _)| address).clone_into(&mut to);
                "250 ok"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut data = String::new();
                while !data.ends_with("\r\n.\r\n") {
                    if stream.read_line(&mut data).await? == 0 {
                        return Ok(());
                    }
                }
                taken.lock().unwrap().push(Letter { at: ambient.now(), to: to.clone(), data });
                "250 taken"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}
