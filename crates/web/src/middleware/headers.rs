//! The security headers, on every response there is.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::WebSettings;

/// The headers' values, put together once.
#[derive(Clone)]
pub(super) struct Headers(Vec<(HeaderName, HeaderValue)>);

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
        if let Ok(policy) = HeaderValue::from_str(&content_security_policy(settings)) {
            headers.push((header::CONTENT_SECURITY_POLICY, policy));
        }
        Self(headers)
    }
}

/// Nothing but our own files. `form-action` names where a form's answer may lead on to, since browsers hold redirects
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
         object-src 'none'; frame-ancestors 'none'",
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
    let map: &mut HeaderMap = response.headers_mut();
    for (name, value) in headers.0 {
        map.insert(name, value);
    }
    // Only what is named by its own digest says otherwise.
    map.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(join_hosts: &[&str]) -> String {
        let mut settings = WebSettings::new(
            "https://anteroom.example".parse().unwrap(),
            "https://zoom.us/oauth".parse().unwrap(),
        );
        settings.join_hosts = join_hosts.iter().map(ToString::to_string).collect();
        content_security_policy(&settings)
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
