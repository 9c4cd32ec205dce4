use super::*;

/// When the samples were signed.
const NOW: i64 = 1_795_442_400;
const SECRET: &str = "zN4pQ7rT2vX5yB8dF1hJ3k";

/// Body and signature, made with `printf 'v0:1795442400:%s' "$body" | openssl dgst -sha256 -hmac "$SECRET"`.
const SAMPLES: [(&str, &str); 4] = [
    (
        r#"{"event":"meeting.started","payload":{"account_id":"Kx3mQvTtR5aZ1LwYbN0cGg","object":{"uuid":"q7YcT1mZQ0WnHk2Jv+8RbA==","id":"86720014455","type":3,"topic":"Visits with Dr. Amara Osei","host_id":"pV8sJ2nXQ7m4dT0uHrBkEw","duration":60,"start_time":"2026-11-23T13:59:00Z","timezone":"America/Chicago"}},"event_ts":1795442340311}"#,
        "v0=c8b9a390bba12d15f21f6bd79134abea832901e7ac9caff220a9b1930946f1ae",
    ),
    (
        r#"{"event":"meeting.participant_joined","payload":{"account_id":"A","object":{"uuid":"/a//b==","id":"1","participant":{"user_name":"Zoë Łuk","url":"https:\/\/x"}}},"event_ts":1}"#,
        "v0=a7b040958c3a85ac9f44d9318085d027d2021d3d8ed33db0896ad1331fe8c6ab",
    ),
    (
        r#"{ "event" : "meeting.ended", "event_ts" : 1, "payload" : {} }"#,
        "v0=f5b3de056a87b1500e00d51e7a361cc8550bbdc8630e01ac50034df413354566",
    ),
    ("{}", "v0=bea3f137cfb7f3f8b8d75b1671e611acf102eb7247348faabea1d99e5800438a"),
];

fn secrets() -> Secrets {
    Secrets::parse(SECRET).unwrap()
}

fn sign(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let mut mac = hmac(&SecretText::from(secret)).unwrap();
    mac.update(format!("v0:{timestamp}:").as_bytes());
    mac.update(body);
    format!("v0={}", hex::encode(mac.finalize().into_bytes()))
}

fn check(timestamp: &str, signature: &str, body: &[u8]) -> Result<Verified, Refused> {
    verify(&secrets(), Some(timestamp), Some(signature), body, NOW)
}

/// A delivery of about 1 KiB, which is what real ones have.
fn real_size() -> Vec<u8> {
    let body = format!(
        r#"{{"event":"meeting.participant_joined","payload":{{"account_id":"Kx3mQvTtR5aZ1LwYbN0cGg","object":{{"uuid":"q7YcT1mZQ0WnHk2Jv+8RbA==","participant":{{"join_time":"2026-11-23T14:02:02Z","user_id":"16784384","user_name":"Rosa Delgado","participant_uuid":"D2C90F3E-11B7-4A6E-9F05-5B8E7A1C2D44"}},"id":"86720014455","topic":"{}"}}}},"event_ts":1795442524060}}"#,
        "Visits with Dr. Amara Osei ".repeat(26)
    );
    body.into_bytes()
}

#[test]
fn published_and_composed_samples_verify() {
    for (body, signature) in SAMPLES {
        let verified = check("1795442400", signature, body.as_bytes());
        assert_eq!(verified, Ok(Verified { timestamp: NOW, secret_index: 0, late: false }), "{body}");
    }
}

#[test]
fn every_changed_bit_of_a_real_size_body_is_refused() {
    let body = real_size();
    assert!((1_000..1_200).contains(&body.len()), "{}", body.len());
    let signature = sign(SECRET, "1795442400", &body);
    assert!(check("1795442400", &signature, &body).is_ok());
    for bit in 0..body.len() * 8 {
        let mut changed = body.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(check("1795442400", &signature, &changed), Err(Refused::WrongSignature), "bit {bit}");
    }
}

#[test]
fn every_changed_bit_of_the_headers_is_refused() {
    let body = real_size();
    let signature = sign(SECRET, "1795442400", &body);
    let flips = |text: &str| {
        let bytes = text.as_bytes().to_vec();
        (0..bytes.len() * 8).filter_map(move |bit| {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            // Header values that are not ASCII do not get as far as being text.
            String::from_utf8(changed).ok()
        })
    };
    let mut tried = 0;
    for changed in flips(&signature) {
        assert!(check("1795442400", &changed, &body).is_err(), "signature {changed:?}");
        tried += 1;
    }
    for changed in flips("1795442400") {
        assert!(check(&changed, &signature, &body).is_err(), "timestamp {changed:?}");
        tried += 1;
    }
    assert_eq!(tried, (67 + 10) * 7, "every bit but the highest of every byte");
}

#[test]
fn every_shortened_or_lengthened_body_is_refused() {
    let body = real_size();
    let signature = sign(SECRET, "1795442400", &body);
    for length in 0..body.len() {
        assert!(check("1795442400", &signature, &body[..length]).is_err(), "cut to {length}");
    }
    let mut longer = body;
    longer.push(b' ');
    assert!(check("1795442400", &signature, &longer).is_err());
}

#[test]
fn the_same_json_in_other_spacing_or_order_is_refused() {
    let (body, signature) = SAMPLES[0];
    let value: serde_json::Value = serde_json::from_str(body).unwrap();
    let rewritten = [
        serde_json::to_string_pretty(&value).unwrap(),
        serde_json::to_string(&value).unwrap().replacen(':', ": ", 1),
        format!("{body}\n"),
        format!("\u{feff}{body}"),
        body.replace("Amara", "\\u0041mara"),
    ];
    for text in rewritten {
        let again: Result<serde_json::Value, _> = serde_json::from_str(text.trim_start_matches('\u{feff}'));
        assert_eq!(again.unwrap(), value, "still the same JSON");
        assert_eq!(check("1795442400", signature, text.as_bytes()), Err(Refused::WrongSignature), "{text}");
    }
}

#[test]
fn headers_in_another_form_are_refused_before_anything_is_computed() {
    let (body, signature) = SAMPLES[3];
    let upper = signature.to_uppercase().replace("V0=", "v0=");
    let digits = signature.strip_prefix("v0=").unwrap();
    let odd_signatures = [
        String::new(),
        digits.to_owned(),
        format!("v1={digits}"),
        format!("v0={digits}00"),
        format!("v0= {digits}"),
        format!(" {signature}"),
        format!("{signature},{signature}"),
        signature.get(..66).unwrap().to_owned(),
        upper,
        "v0=".to_owned(),
    ];
    for odd in odd_signatures {
        assert_eq!(check("1795442400", &odd, body.as_bytes()), Err(Refused::Malformed), "{odd:?}");
    }
    for odd in [
        "",
        " 1795442400",
        "+795442400",
        "-795442400",
        "179544240",
        "17954424000",
        "1795442400.0",
        "0x6b0440a0",
        "１７９５４４２４００",
    ] {
        assert_eq!(check(odd, signature, body.as_bytes()), Err(Refused::Malformed), "{odd:?}");
    }
    assert_eq!(verify(&secrets(), None, Some(signature), b"{}", NOW), Err(Refused::Unsigned));
    assert_eq!(verify(&secrets(), Some("1795442400"), None, b"{}", NOW), Err(Refused::Unsigned));
}

#[test]
fn the_window_has_exact_edges() {
    let day = 24 * 60 * 60;
    let verified = |late| Ok(Verified { timestamp: NOW, secret_index: 0, late });
    let cases = [
        (NOW, verified(false)),
        (NOW + 300, verified(false)),
        (NOW + 301, verified(true)),
        (NOW + 85 * 60, verified(true)),
        (NOW + day, verified(true)),
        (NOW + day + 1, Err(Refused::TooOld)),
        (NOW - 300, verified(false)),
        (NOW - 301, Err(Refused::InTheFuture)),
        (i64::MAX, Err(Refused::TooOld)),
        (i64::MIN, Err(Refused::InTheFuture)),
    ];
    let (body, signature) = SAMPLES[3];
    for (now, expected) in cases {
        let verdict = verify(&secrets(), Some("1795442400"), Some(signature), body.as_bytes(), now);
        assert_eq!(verdict, expected, "at {now}");
    }
}

#[test]
fn a_wrong_signature_is_wrong_whatever_its_age() {
    let signature = sign("another-secret", "1000000000", b"{}");
    assert_eq!(check("1000000000", &signature, b"{}"), Err(Refused::WrongSignature));
}

#[test]
fn a_timestamp_in_milliseconds_is_understood() {
    let signature = sign(SECRET, "1795442400311", b"{}");
    let verified = Verified { timestamp: NOW, secret_index: 0, late: false };
    assert_eq!(check("1795442400311", &signature, b"{}"), Ok(verified));
}

#[test]
fn each_of_several_secrets_is_accepted_and_named() {
    let secrets = Secrets::parse("newest-secret, previous-secret").unwrap();
    for (index, secret) in ["newest-secret", "previous-secret"].into_iter().enumerate() {
        let signature = sign(secret, "1795442400", b"{}");
        let verdict = verify(&secrets, Some("1795442400"), Some(&signature), b"{}", NOW).unwrap();
        assert_eq!(verdict.secret_index, index);
    }
    let gone = sign("retired-secret", "1795442400", b"{}");
    let verdict = verify(&secrets, Some("1795442400"), Some(&gone), b"{}", NOW);
    assert_eq!(verdict, Err(Refused::WrongSignature));
}

#[test]
fn unusable_secrets_are_refused_without_being_shown() {
    assert_eq!(Secrets::parse(" ").unwrap_err(), SecretsError::Empty);
    assert_eq!(Secrets::parse("short").unwrap_err(), SecretsError::TooShort { position: 1 });
    assert_eq!(Secrets::parse("long-enough,").unwrap_err(), SecretsError::TooShort { position: 2 });
    assert_eq!(
        Secrets::parse("long-enough,long-enough").unwrap_err(),
        SecretsError::Duplicate { position: 2 }
    );
    assert_eq!(format!("{:?}", Secrets::parse("long-enough").unwrap()), "Secrets(1)");
}
