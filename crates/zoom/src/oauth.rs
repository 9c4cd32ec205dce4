//! Connecting a Zoom user: consent, tokens, their renewal and their end.
//!
//! Every renewal gives a new refresh token and kills the old one at once. So: one renewal at a time for each connection,
//! keep the new pair before using it, and never repeat a renewal blindly: after an error for which
//! [`TokenError::may_be_done`] holds, the old refresh token may be dead.

mod answer;
mod scopes;

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError,
    TokenUrl,
};
use url::Url;
use vault::SecretText;

pub use answer::{GrantReason, TokenError};
pub use scopes::{
    IN_MEETING_SCOPE, INVITE_LINKS_SCOPE, OPTIONAL_SCOPES, PAST_MEETING_SCOPE, REGISTRANT_SCOPE,
    REQUIRED_SCOPES, STATUS_SCOPE, ScopeNeed, missing_scopes,
};

use crate::http::{self, TransportError};
use answer::{TokenAnswer, refusal};

/// Zoom gives access tokens one hour; taken where an answer does not say.
const USUAL_LIFETIME: Duration = Duration::from_secs(3599);

type Client = oauth2::Client<
    oauth2::basic::BasicErrorResponse,
    TokenAnswer,
    oauth2::basic::BasicTokenIntrospectionResponse,
    oauth2::StandardRevocableToken,
    oauth2::basic::BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// The Zoom app's side of OAuth.
#[derive(Clone)]
pub struct OAuth {
    http: reqwest::Client,
    client: Client,
    client_id: String,
    client_secret: SecretText,
    revoke_url: Url,
}

/// Why OAuth cannot be set up. Both addresses come from the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OAuthSetupError {
    /// Not an address, or neither https nor on loopback.
    #[error("Zoom's OAuth address is not usable: expected https://zoom.us/oauth")]
    BadOAuthUrl,
    /// Not an address.
    #[error("the redirect address is not a URL")]
    BadRedirectUrl,
}

/// Proof that whoever brings the code is who asked for it (PKCE, RFC 7636, S256).
pub struct Pkce {
    /// Kept on our side until the code comes back.
    pub verifier: SecretText,
    /// Sent along with the browser.
    pub challenge: String,
}

impl Pkce {
    /// Makes a pair of 32 bytes from the system's random generator.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        let verifier = PkceCodeVerifier::new(URL_SAFE_NO_PAD.encode(bytes));
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        Self { verifier: verifier.into_secret().into(), challenge: challenge.as_str().to_owned() }
    }
}

/// What a code or a refresh token was traded for.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For calls, for about an hour. Opaque and long: over 600 characters.
    pub access: SecretText,
    /// For the next renewal, once.
    pub refresh: SecretText,
    /// How long the access token lives, counted from the answer.
    pub expires_in: Duration,
    /// What was granted; compare with [`missing_scopes`].
    pub scopes: BTreeSet<String>,
    /// The regional address that Zoom suggests; check it with [`Api::regional`](crate::api::Api::regional).
    pub api_url: Option<String>,
}

impl OAuth {
    /// Sets OAuth up. `oauth_url` is `https://zoom.us/oauth`; http is accepted on loopback alone. `redirect_url` must equal
    /// one of the app's, to the letter.
    pub fn new(
        http: reqwest::Client,
        oauth_url: &str,
        client_id: &str,
        client_secret: SecretText,
        redirect_url: &str,
    ) -> Result<Self, OAuthSetupError> {
        let base = Url::parse(oauth_url)
            .ok()
            .filter(crate::api::is_safe_base)
            .map(|url| url.as_str().trim_end_matches('/').to_owned())
            .ok_or(OAuthSetupError::BadOAuthUrl)?;
        let at = |path: &str| format!("{base}/{path}");
        let bad = |_| OAuthSetupError::BadOAuthUrl;
        let client = oauth2::Client::new(ClientId::new(client_id.to_owned()))
            .set_client_secret(ClientSecret::new(client_secret.expose().to_owned()))
            .set_auth_uri(AuthUrl::new(at("authorize")).map_err(bad)?)
            .set_token_uri(TokenUrl::new(at("token")).map_err(bad)?)
            .set_redirect_uri(
                RedirectUrl::new(redirect_url.to_owned()).map_err(|_| OAuthSetupError::BadRedirectUrl)?,
            );
        let revoke_url = Url::parse(&at("revoke")).map_err(bad)?;
        Ok(Self { http, client, client_id: client_id.to_owned(), client_secret, revoke_url })
    }

    /// The app's client id, as deliveries carry it too.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The host of the redirect address, which is the clinic's own. None where it is an address rather than a name, or
    /// this machine.
    pub fn redirect_host(&self) -> Option<&str> {
        let url = self.client.redirect_uri()?.url();
        url.domain().filter(|name| name.contains('.'))
    }

    /// Where to send the browser. `state` comes back with the code and must be the one that this session was given.
    ///
    /// No permissions are named: Zoom takes those set on the app.
    pub fn authorize_url(&self, state: &str, pkce_challenge: &str) -> Url {
        let (mut url, _) = self.client.authorize_url(|| CsrfToken::new(state.to_owned())).url();
        url.query_pairs_mut()
            .append_pair("code_challenge", pkce_challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    /// Trades the code, which lives five minutes and works once.
    pub async fn exchange(&self, code: &str, verifier: &SecretText) -> Result<Tokens, TokenError> {
        let answer = self
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().to_owned()))
            .request_async(&|request| call(self.http.clone(), request))
            .await
            .map_err(|error| failure(&error))?;
        tokens(&answer, None)
    }

    /// Trades a refresh token for a new pair. From the moment it is sent, the old one may be dead.
    pub async fn refresh(&self, refresh_token: &SecretText) -> Result<Tokens, TokenError> {
        let token = RefreshToken::new(refresh_token.expose().to_owned());
        let answer = self
            .client
            .exchange_refresh_token(&token)
            .request_async(&|request| call(self.http.clone(), request))
            .await
            .map_err(|error| failure(&error))?;
        tokens(&answer, Some(refresh_token))
    }

    /// Gives an access token back, which ends the connection at Zoom.
    ///
    /// Not through `oauth2`, which refuses to revoke over http, and so would keep a simulated Zoom on loopback out.
    pub async fn revoke(&self, access_token: &SecretText) -> Result<(), TokenError> {
        let request = self
            .http
            .post(self.revoke_url.clone())
            .basic_auth(&self.client_id, Some(self.client_secret.expose()))
            .form(&[("token", access_token.expose())]);
        let answer = http::send(request).await?;
        if !answer.is_success() {
            return Err(refusal(&answer));
        }
        if answer.is_plain_success() { Ok(()) } else { Err(TokenError::Unreadable) }
    }
}

impl std::fmt::Debug for OAuth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OAuth").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl From<TransportError> for TokenError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::TooLarge => Self::Unreadable,
            other => Self::Unavailable { retry: None, may_be_done: other.may_be_done() },
        }
    }
}

/// Sends a request of `oauth2`. Refusals are read here, for `oauth2` knows neither Zoom's reasons nor `Retry-After`.
async fn call(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, TokenError> {
    let (parts, body) = request.into_parts();
    let request = http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
    let answer = http::send(request).await?;
    if !answer.is_success() {
        return Err(refusal(&answer));
    }
    Ok(HttpResponse::new(answer.body))
}

fn failure<E: oauth2::ErrorResponse>(error: &RequestTokenError<TokenError, E>) -> TokenError {
    match error {
        RequestTokenError::Request(error) => *error,
        // Only a success gets as far as being parsed.
        _ => TokenError::Unreadable,
    }
}

/// An answer without a refresh token leaves the old one in force (RFC 6749, section 6).
fn tokens(answer: &TokenAnswer, old_refresh: Option<&SecretText>) -> Result<Tokens, TokenError> {
    let refresh = answer.refresh().or_else(|| old_refresh.cloned()).ok_or(TokenError::Unreadable)?;
    Ok(Tokens {
        access: answer.access().ok_or(TokenError::Unreadable)?,
        refresh,
        expires_in: answer.lifetime().unwrap_or(USUAL_LIFETIME),
        scopes: answer.granted(),
        api_url: answer.api_url(),
    })
}

#[cfg(test)]
mod tests;
