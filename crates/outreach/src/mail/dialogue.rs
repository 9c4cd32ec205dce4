//! What is said to a mail server of one message, step by step: the library's own way of sending does not tell whether the
//! sender or the recipient was refused.

use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt},
        extension::{Extension, MailBodyParameter, MailParameter},
    },
};

use crate::outbox::Sending;

/// Hands one message over. Closes the connection where it is not taken.
pub(super) async fn send(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    message: &[u8],
) -> Result<(), Sending> {
    let Some(parameters) = parameters(connection, envelope, message) else {
        connection.abort().await;
        return Err(Sending::Refused("smtp_address".to_owned()));
    };
    let result = hand_over(connection, envelope, message, parameters).await;
    if result.is_err() {
        connection.abort().await;
    }
    result
}

/// What the server has to know of the message beforehand (RFC 6152, RFC 6531); none where it cannot take such a message.
fn parameters(
    connection: &AsyncSmtpConnection,
    envelope: &Envelope,
    message: &[u8],
) -> Option<Vec<MailParameter>> {
    let server = connection.server_info();
    let mut parameters = Vec::new();
    let is_ascii = |address: &lettre::Address| AsRef::<str>::as_ref(address).is_ascii();
    if !envelope.from().into_iter().chain(envelope.to()).all(is_ascii) {
        server.supports_feature(Extension::SmtpUtfEight).then_some(())?;
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !message.is_ascii() {
        server.supports_feature(Extension::EightBitMime).then_some(())?;
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Some(parameters)
}

async fn hand_over(
    connection: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    message: &[u8],
    parameters: Vec<MailParameter>,
) -> Result<(), Sending> {
    let from = Mail::new(envelope.from().cloned(), parameters);
    connection.command(from).await.map_err(|error| of_sender(&error))?;
    for to in envelope.to() {
        connection.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(|error| of_message(&error))?;
    }
    connection.command(Data).await.map_err(|error| of_message(&error))?;
    connection.message(message).await.map_err(|error| of_message(&error))?;
    Ok(())
}

/// What a refusal means before the recipient was named: any other message would have the same answer.
fn of_sender(error: &Error) -> Sending {
    match error.status().map(u16::from) {
        Some(530 | 534 | 535 | 538) | None => of_message(error),
        Some(code) => {
            tracing::warn!(code, "the mail server refuses the sender");
            Sending::closed("mail_refused")
        }
    }
}

/// What a refusal means for the message.
fn of_message(error: &Error) -> Sending {
    match error.status().map(u16::from) {
        // The server wants somebody signed in: the operator can mend that, and the message is not at fault.
        Some(code @ (530 | 534 | 535 | 538)) => Sending::closed(&format!("smtp_{code}")),
        Some(code) if error.is_permanent() => Sending::Refused(format!("smtp_{code}")),
        // 421 closes the whole service; other codes are about this recipient or this message.
        Some(421) => Sending::down("smtp_421".to_owned()),
        Some(code) => Sending::later(format!("smtp_{code}")),
        None => Sending::down("smtp_broken".to_owned()),
    }
}
