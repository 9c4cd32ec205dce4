//! The security headers, on every response there is.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use outreach::SiteOrigin;

use crate::WebSettings;

/// Rides on a response: this site may show the page inside its own, though no other may.
///
/// A page in a frame has no top-level browsing context, which `Cross-Origin-Opener-Policy` is about, and
/// `Cross-Origin-Resource-Policy` holds for what a page loads into itself, not for the pages in its frames; both stay.
#[derive(Clone, Debug)]
pub struct ShownBy(pub SiteOrigin);

/// The headers' values, put together once.
#[derive(Clone)]
pub(super) struct Headers {
    always: Vec<(HeaderName, HeaderValue)>,
    /// All but who may show the page inside their own.
    policy: String,
}

impl Headers {
    pub fn new(settings: &WebSettings) -> Self {
        let mut headers = vec![
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            // Addresses hold link tokens.
            (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
            (
                HeaderName::from_static("permissions-policy"),
                // The patient's page can show them their own camera and microphone; that is all.
                HeaderValue::from_static(
                    "camera=(self), microphone=(self), clipboard-write=(self), geolocation=(), payment=(), usb=(), \
                     display-capture=(), browsing-topics=()",
                ),
            ),
        ];
        if settings.is_https() {
            headers.push((
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=63072000; includeSubDomains"),
            ));
        }
        Self { always: headers, policy: content_security_policy(settings) }
    }

    /// The policy for a page that nobody, or one site, may show inside their own.
    fn policy(&self, shown_by: Option<&ShownBy>) -> Option<HeaderValue> {
        let ancestors = shown_by.map_or("'none'", |ShownBy(origin)| origin.as_str());
        HeaderValue::from_str(&format!("{}; frame-ancestors {ancestors}", self.policy)).ok()
    }
}

/// Nothing but our own files, but for who may show the page inside their own. `form-action` names where a form's answer may lead on to, since browsers hold redirects
/// to it too: the patient's Join ends at Zoom.
fn content_security_policy(settings: &WebSettings) -> String {
    let mut form_targets = vec!["'self'".to_owned(), settings.oauth_url.origin().ascii_serialization()];
    for host in &settings.join_hosts {
        form_targets.extend(sources_of(host));
    }
    form_targets.dedup();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         font-src 'self'; media-src 'self' blob:; manifest-src 'self'; form-action {}; base-uri 'none'; \
         object-src 'none'",
        form_targets.join(" ")
    )
}

/// A join host as sources: itself and its subdomains over TLS; a loopback host over plain HTTP, where the simulated
/// Zoom is. A host with a character that could end the directive is left out.
fn sources_of(host: &str) -> Vec<String> {
    if host.is_empty() || !host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:".contains(c)) {
        return Vec::new();
    }
    let name = host.split(':').next().unwrap_or(host);
    if name == "localhost" || name.starts_with("127.") {
        vec![format!("http://{host}")]
    } else {
        vec![format!("https://{host}"), format!("https://*.{host}")]
    }
}

pub(super) async fn set(State(headers): State<Headers>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = headers.policy(response.extensions().get::<ShownBy>());
    let map: &mut HeaderMap = response.headers_mut();
    for (name, value) in headers.always {
        map.insert(name, value);
    }
    if let Some(policy) = policy {
        map.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // Only what is named by its own digest says otherwise.
    map.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(join_hosts: &[&str]) -> Headers {
        let mut settings = WebSettings::new(
            "https://anteroom.example".parse().unwrap(),
            "https://zoom.us/oauth".parse().unwrap(),
        );
        settings.join_hosts = join_hosts.iter().map(ToString::to_string).collect();
        Headers::new(&settings)
    }

    fn policy(join_hosts: &[&str]) -> String {
        headers(join_hosts).policy(None).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn a_site_that_may_show_the_page_is_named_in_place_of_none_and_nothing_else_changes() {
        let origin = SiteOrigin::parse("https://portal.example:8443").unwrap();
        let shown = headers(&["zoom.us"]).policy(Some(&ShownBy(origin))).unwrap();
        let alone = policy(&["zoom.us"]);
        assert!(alone.ends_with("; frame-ancestors 'none'"), "{alone}");
        let expected = alone.replace("ancestors 'none'", "ancestors https://portal.example:8443");
        assert_eq!(shown.to_str().unwrap(), expected);
    }

    #[test]
    fn forms_may_lead_to_the_join_hosts_and_nowhere_else() {
        let policy = policy(&["zoom.us", "zoomgov.com"]);
        let allowed =
            "form-action 'self' https://zoom.us https://*.zoom.us https://zoomgov.com https://*.zoomgov.com;";
        assert!(policy.contains(allowed), "{policy}");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
    }

    #[test]
    fn the_simulated_zoom_is_reached_over_plain_http_on_loopback_only() {
        assert!(policy(&["127.0.0.1"]).contains(" http://127.0.0.1;"));
        assert!(policy(&["localhost:8081"]).contains(" http://localhost:8081;"));
    }

    #[test]
    fn a_host_cannot_end_the_directive() {
        assert!(!policy(&["evil.example; script-src *"]).contains("evil"));
    }
}
