//! In which language a patient's page is: as its address asks (`?lang=`), as is known of the patient, as their browser
//! prefers, or as the clinic has it.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use domain::{outreach::Settings, text::Language};
use outreach::words::Words;

/// What a request says of languages.
#[derive(Clone, Debug, Default)]
pub(in crate::pages) struct Asked {
    /// By `?lang=` or a form's field, where there is such a language.
    pub words: Option<&'static Words>,
    accepts: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::new(parts.uri.query().unwrap_or_default(), &parts.headers))
    }
}

impl Asked {
    fn new(query: &str, headers: &HeaderMap) -> Self {
        let lang = field(query.as_bytes(), "lang");
        let accepts = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self { accepts: accepts.map(str::to_owned), ..Self::default() }.or(lang.as_deref())
    }

    /// The same, where a form says it and the address does not.
    pub fn or(self, lang: Option<&str>) -> Self {
        let said = lang.and_then(|lang| Language::parse(lang).ok());
        let words = self.words.or_else(|| said.and_then(|language| Words::known(&language)));
        Self { words, ..self }
    }

    /// The texts for this patient of this clinic.
    pub fn words(&self, theirs: Option<&Language>, settings: &Settings) -> &'static Words {
        self.words.unwrap_or_else(|| Words::choose(None, theirs, self.accepts.as_deref(), &settings.language))
    }

    /// The texts where neither the patient nor the clinic is known.
    pub fn words_for_a_stranger(&self) -> &'static Words {
        self.words(None, &Settings::default())
    }

    /// What was asked for, to be kept on the next page.
    pub fn code(&self) -> Option<&'static str> {
        self.words.map(|words| words.language.as_str())
    }

    /// The same as a query with its question mark; nothing where nothing was asked for.
    pub fn query(&self) -> String {
        self.code().map(|code| format!("?lang={code}")).unwrap_or_default()
    }
}

/// The first value of a field in what a form sends, or in a query.
pub(in crate::pages) fn field(form: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
