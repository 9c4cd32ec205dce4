//! A real mail server and a provider of text messages, both of others' making, and what they took from the program.

use std::{
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{anteroom::client, eventually};

/// The account at the provider of text messages, and its token.
pub const ACCOUNT: &str = "AC3f1b9a77d2c84e0f9b6a5d4c3b2a1908";
/// See [`ACCOUNT`].
pub const TOKEN: &str = "6c1e0f7a9b2d4e8f5a3c7b1d9e0f2a4c";

/// One of the two, running: it prints a line of JSON for each message that it took.
#[derive(Debug)]
struct Office {
    port: u64,
    taken: Arc<Mutex<Vec<Value>>>,
    _child: Child,
}

impl Office {
    async fn open(script: &str, arguments: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("support").join(script);
        // The distribution's own interpreter: the libraries are its packages.
        let mut child = Command::new("/usr/bin/python3")
            .arg("-u")
            .arg("-W")
            .arg("ignore")
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("python3 is installed");
        let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let first = lines.next_line().await.expect("it prints text").expect("it says its port");
        let port = serde_json::from_str::<Value>(&first).expect("JSON")["port"].as_u64().expect("a port");
        let taken: Arc<Mutex<Vec<Value>>> = Arc::default();
        let heard = taken.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                heard.lock().unwrap().push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        Self { port, taken, _child: child }
    }

    fn all(&self) -> Vec<Value> {
        self.taken.lock().unwrap().clone()
    }

    async fn wait(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || self.all().into_iter().find(&is_it)).await
    }
}

/// A mail server that speaks TLS from the first byte and wants to know who one is.
#[derive(Debug)]
pub struct MailServer {
    office: Office,
    directory: TempDir,
}

impl MailServer {
    /// Starts one, with a certificate of its own.
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (certificate, key) = (directory.path().join("mail.pem"), directory.path().join("mail.key"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
            .args(["-days", "2", "-subj", "/CN=localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-addext", "subjectAltName=DNS:localhost"])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .await
            .expect("openssl is installed");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let paths = [&certificate, &key].map(|path| path.display().to_string());
        let office = Office::open("mail_server.py", &[&paths[0], &paths[1]]).await;
        Self { office, directory }
    }

    /// What the program has to know: its settings, and that the certificate is to be believed.
    pub fn settings(&self) -> [(&'static str, String); 3] {
        let certificate = self.directory.path().join("mail.pem");
        [
            ("ANTEROOM_SMTP_URL", format!("smtps://clinic:umbrella%207@localhost:{}", self.office.port)),
            ("ANTEROOM_MAIL_FROM", "telehealth@riverside.example".to_owned()),
            ("SSL_CERT_FILE", certificate.display().to_string()),
        ]
    }

    /// Waits for a message to this address whose subject or text has these words.
    pub async fn message(&self, to: &str, words: &str) -> Value {
        let says =
            |message: &Value, part: &str| message[part].as_str().is_some_and(|text| text.contains(words));
        self.office
            .wait(&format!("mail to {to} with {words:?}"), |message| {
                message["to"] == json!([to]) && (says(message, "subject") || says(message, "text"))
            })
            .await
    }

    /// All that was taken so far.
    pub fn all(&self) -> Vec<Value> {
        self.office.all()
    }
}

/// A provider of text messages.
#[derive(Debug)]
pub struct TextProvider(Office);

impl TextProvider {
    /// Starts one.
    pub async fn start() -> Self {
        Self(Office::open("text_provider.py", &[ACCOUNT, TOKEN]).await)
    }

    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.port)
    }

    /// What the program has to know.
    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("ANTEROOM_SMS_URL", self.address()),
            ("ANTEROOM_SMS_ACCOUNT", ACCOUNT.to_owned()),
            ("ANTEROOM_SMS_TOKEN", TOKEN.to_owned()),
            ("ANTEROOM_SMS_FROM", "+15550100999".to_owned()),
        ]
    }

    /// Waits for a text to this number with these words.
    pub async fn text(&self, to: &str, words: &str) -> Value {
        self.0
            .wait(&format!("a text to {to} with {words:?}"), |message| {
                message["to"] == to && message["body"].as_str().is_some_and(|body| body.contains(words))
            })
            .await
    }

    /// All that was taken so far.
    pub fn all(&self) -> Vec<Value> {
        self.0.all()
    }

    /// A patient answers by text; what the program said to the provider: status and body.
    pub async fn answer(&self, program: &str, from: &str, body: &str, signed: bool) -> (u64, String) {
        let wanted = json!({
            "url": format!("{program}/sms/inbound"), "From": from, "To": "+15550100999", "Body": body,
            "signed": signed,
        });
        let said = client().post(format!("{}/patient", self.address())).json(&wanted).send().await;
        let said: Value = said.expect("the provider answers").json().await.expect("JSON");
        (said["status"].as_u64().expect("a status"), said["body"].as_str().unwrap_or_default().to_owned())
    }
}
