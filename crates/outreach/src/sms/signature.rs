//! The provider's signature, as Twilio has it: HMAC-SHA1, under the account's token, of the whole address and then each
//! of the form's names with its value, sorted by name (twilio.com/docs/usage/security, "Validating requests").

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::SmsSettings;
use crate::Outreach;

impl SmsSettings {
    /// What the provider writes in `X-Twilio-Signature` for this call.
    pub fn signature(&self, full_url: &str, params: &[(String, String)]) -> String {
        STANDARD.encode(self.digest(full_url, params).finalize().into_bytes())
    }

    fn is_signed(&self, full_url: &str, params: &[(String, String)], signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .is_ok_and(|signature| self.digest(full_url, params).verify_slice(&signature).is_ok())
    }

    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn digest(&self, full_url: &str, params: &[(String, String)]) -> Hmac<Sha1> {
        let mut mac = Hmac::<Sha1>::new_from_slice(self.token.expose().as_bytes()).expect("any length");
        let mut sorted: Vec<_> = params.iter().collect();
        sorted.sort();
        // What comes twice with one value counts once there.
        sorted.dedup();
        mac.update(full_url.as_bytes());
        for (name, value) in sorted {
            mac.update(name.as_bytes());
            mac.update(value.as_bytes());
        }
        mac
    }
}

impl Outreach {
    /// Whether the provider of text messages signed this call. Never where text messages are off.
    pub fn provider_signed(&self, full_url: &str, params: &[(String, String)], signature: &str) -> bool {
        self.texter().is_some_and(|texter| texter.settings.is_signed(full_url, params, signature))
    }
}

#[cfg(test)]
mod tests {
    use domain::text::Phone;
    use vault::SecretText;

    use super::*;

    fn settings(token: &str) -> SmsSettings {
        SmsSettings {
            url: "https://api.twilio.com".parse().unwrap(),
            account: "AC0".to_owned(),
            token: SecretText::from(token),
            from: Phone::parse("+15550100999").unwrap(),
        }
    }

    fn owned(params: &[(&str, &str)]) -> Vec<(String, String)> {
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The example of Twilio's own documentation.
    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const PARAMS: [(&str, &str); 5] = [
        ("Digits", "1234"),
        ("To", "+18005551212"),
        ("From", "+12349013030"),
        ("Caller", "+12349013030"),
        ("CallSid", "CA1234567890ABCDE"),
    ];

    #[test]
    fn the_example_of_the_documentation_comes_out() {
        let signature = settings("12345").signature(URL, &owned(&PARAMS));
        assert_eq!(signature, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=");
    }

    #[test]
    fn anything_else_is_not_signed() {
        let params = owned(&PARAMS);
        let right = settings("12345").signature(URL, &params);
        assert!(settings("12345").is_signed(URL, &params, &right));
        assert!(!settings("12346").is_signed(URL, &params, &right), "another token");
        assert!(!settings("12345").is_signed("https://mycompany.com/", &params, &right), "another address");
        assert!(!settings("12345").is_signed(URL, &params[1..], &right), "a field is missing");
        for wrong in ["", "0", "0/KCTR6DLpKmkAf8muzZqo1nDg", "%%%", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="] {
            assert!(!settings("12345").is_signed(URL, &params, wrong), "{wrong}");
        }
    }
}
