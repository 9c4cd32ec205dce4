//! A letter as a mailbox shows it. Reads what Anteroom writes: headers in UTF-8 words (RFC 2047), parts within parts (RFC
//! 2046), bodies as they are, in base64 or quoted-printable (RFC 2045). No reader for all the mail of the world.

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A letter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Who it comes from, as written.
    pub from: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The method of the calendar file that it carries.
    pub calendar: Option<String>,
}

/// Reads a letter as it was sent.
pub fn read(message: &str) -> Letter {
    let part = Part::of(message);
    let mut letter = Letter {
        from: words(&part.header("from")),
        subject: words(&part.header("subject")),
        ..Letter::default()
    };
    part.look_into(&mut letter);
    letter
}

struct Part {
    headers: Vec<(String, String)>,
    body: String,
}

impl Part {
    fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let headers = unfolded.lines().filter_map(|line| line.split_once(':'));
        Self {
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    fn header(&self, name: &str) -> String {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn look_into(&self, letter: &mut Letter) {
        let content_type = self.header("content-type");
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind.starts_with("multipart/") {
            let Some(boundary) = parameter(&content_type, "boundary") else { return };
            for part in self.body.split(&format!("--{boundary}")).skip(1) {
                let part = part.strip_prefix("\r\n").unwrap_or(part);
                if !part.starts_with("--") {
                    Self::of(part).look_into(letter);
                }
            }
        } else if kind == "text/calendar" {
            letter.calendar = parameter(&content_type, "method");
        } else if kind == "text/plain" && letter.text.is_empty() {
            self.decoded().trim().clone_into(&mut letter.text);
        }
    }

    fn decoded(&self) -> String {
        match self.header("content-transfer-encoding").to_ascii_lowercase().as_str() {
            "base64" => {
                let packed: String = self.body.split_whitespace().collect();
                String::from_utf8_lossy(&STANDARD.decode(packed).unwrap_or_default()).into_owned()
            }
            "quoted-printable" => unquoted(&self.body.replace("=\r\n", "")),
            _ => self.body.clone(),
        }
    }
}

fn parameter(header: &str, name: &str) -> Option<String> {
    header.split(';').skip(1).find_map(|parameter| {
        let (known, value) = parameter.split_once('=')?;
        known.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn unquoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let pair = if byte == b'=' { rest.clone().next().zip(rest.clone().nth(1)) } else { None };
        let digit = |byte: u8| (byte as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match pair.and_then(|(high, low)| Some(digit(high)? * 16 + digit(low)?)) {
            Some(code) => {
                bytes.push(code);
                rest.nth(1);
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A header's text with its encoded words read.
fn words(header: &str) -> String {
    let mut read = String::new();
    let mut rest = header;
    while let Some((before, encoded)) = rest.split_once("=?utf-8?b?") {
        let Some((packed, after)) = encoded.split_once("?=") else { break };
        // Blanks between two encoded words belong to neither.
        if !before.trim().is_empty() {
            read.push_str(before);
        }
        read.push_str(&String::from_utf8_lossy(&STANDARD.decode(packed).unwrap_or_default()));
        rest = after;
    }
    read.push_str(rest);
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_read_as_it_was_meant() {
        let message = "From: =?utf-8?b?UsOtbw==?= <desk@clinic.example>\r\nSubject: Your visit =?utf-8?b?bWHDsWFuYQ==?=\r\n\
            Content-Type: multipart/mixed; boundary=\"out\"\r\n\r\n--out\r\n\
            Content-Type: multipart/alternative;\r\n boundary=\"in\"\r\n\r\n--in\r\nContent-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\nHasta ma=C3=B1ana: https://x/v/=\r\nabc?a=3D1\r\n\r\n--in\r\n\
            Content-Type: text/html\r\n\r\n<p>x</p>\r\n--in\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN\r\n--in--\r\n\r\n\
            --out--\r\n";
        let letter = read(message);
        assert_eq!(letter.from, "Río <desk@clinic.example>");
        assert_eq!(letter.subject, "Your visit mañana");
        assert_eq!(letter.text, "Hasta mañana: https://x/v/abc?a=1");
        assert_eq!(letter.calendar.as_deref(), Some("REQUEST"));
    }

    #[test]
    fn what_is_no_letter_does_no_harm() {
        for odd in
            ["", "\r\n\r\n", "Content-Type: multipart/mixed\r\n\r\n--", "=", "Subject: =?utf-8?b?%%?= x"]
        {
            read(odd);
        }
        assert_eq!(unquoted("a=C3=B1=zz=4"), "añ=zz=4");
    }
}
