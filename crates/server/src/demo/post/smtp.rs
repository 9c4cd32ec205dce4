//! A mail server with the least that a sender needs, written by hand since it takes what one known program on this
//! machine sends, and nothing else ever reaches it. Not for mail in earnest.

use std::time::Duration;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{PostOffice, What, letter};

/// Bytes of a message at most.
const LARGEST: usize = 1 << 20;
/// Whoever says nothing for so long is cut off.
const PATIENCE: Duration = Duration::from_mins(1);

/// Takes mail until told to stop.
pub async fn serve(listener: TcpListener, office: PostOffice, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else { continue };
        let (office, stop) = (office.clone(), stop.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                _ = converse(stream, &office) => {}
            }
        });
    }
}

async fn converse(stream: TcpStream, office: &PostOffice) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 demo.anteroom.invalid ESMTP\r\n").await?;
    let mut to = String::new();
    loop {
        let Some(line) = line(&mut stream).await? else { return Ok(()) };
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "EHLO" | "HELO" => "250-demo.anteroom.invalid\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "RCPT" => {
                let address = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
                address.map(|(address, _)| address).unwrap_or_default().clone_into(&mut to);
                if to.starts_with("nobody@") { "550 5.1.1 no such mailbox" } else { "250 OK" }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut message = String::new();
                loop {
                    let Some(line) = self::line(&mut stream).await? else { return Ok(()) };
                    if line == "." || message.len() > LARGEST {
                        break;
                    }
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                    message.push_str("\r\n");
                }
                office.keep(to.clone(), What::Mail(letter::read(&message)));
                "250 OK"
            }
            "MAIL" | "RSET" | "NOOP" => "250 OK",
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "502 5.5.1 not here",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// The next line without its end; none where there is no more.
async fn line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let mut limited = stream.take(64 * 1024);
    let read = timeout(PATIENCE, limited.read_until(b'\n', &mut bytes)).await.unwrap_or(Ok(0))?;
    Ok((read > 0).then(|| String::from_utf8_lossy(&bytes).trim_end().to_owned()))
}
