//! A patient's browser, as far as the demo needs one: opens the link, presses Join, is sent on to Zoom.

use anyhow::{Context, Result, bail};
use url::Url;
use vault::SecretText;
use zoom::http::{Limits, client};

/// Everybody's browser.
pub struct Browser {
    /// As every client of ours: follows no redirects, has time limits.
    http: reqwest::Client,
    origin: String,
}

impl Browser {
    /// A browser that looks at Anteroom's pages at this address.
    pub fn new(public_url: &Url) -> Result<Self> {
        Ok(Self { http: client(Limits::default())?, origin: public_url.origin().ascii_serialization() })
    }

    /// Looks at the page; its script then says that somebody did.
    pub async fn open(&self, link: &SecretText) -> Result<()> {
        let page = self.page_token(link).await?;
        self.post(link, "opened", &page).await?;
        Ok(())
    }

    /// The token of the page as it is now.
    async fn page_token(&self, link: &SecretText) -> Result<String> {
        let page = self.http.get(link.expose()).send().await.map_err(reqwest::Error::without_url)?;
        if !page.status().is_success() {
            bail!("the visit page answered {}", page.status());
        }
        let html = page.text().await.map_err(reqwest::Error::without_url)?;
        let token = html.split_once("data-page=\"").and_then(|(_, rest)| rest.split('"').next());
        Ok(token.context("the visit page has no token")?.to_owned())
    }

    /// Presses Join; returns the number of the meeting that the browser is sent to.
    pub async fn join(&self, link: &SecretText) -> Result<i64> {
        let page = self.page_token(link).await?;
        let answer = self.post(link, "join", &page).await?;
        let target = answer.headers().get("location").and_then(|value| value.to_str().ok());
        let Some(target) = target.filter(|_| answer.status().as_u16() == 303) else {
            bail!("pressing Join was answered with {}", answer.status());
        };
        let target = Url::parse(target).context("the redirect leads nowhere")?;
        let number = target.path().strip_prefix("/j/").and_then(|number| number.parse().ok());
        number.context("the redirect leads to no meeting")
    }

    /// As a form on the page itself would, so that the check against cross-site requests is passed, not avoided.
    async fn post(&self, link: &SecretText, what: &str, page: &str) -> Result<reqwest::Response> {
        let answer = self
            .http
            .post(format!("{}/{what}", link.expose()))
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("page={page}"))
            .send()
            .await;
        Ok(answer.map_err(reqwest::Error::without_url)?)
    }
}
