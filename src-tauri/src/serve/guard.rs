//! Who may ask: pages that this server itself gave out. Stops other web pages in the same browser,
//! and names that were rebound to loopback (DNS rebinding).

use std::net::{IpAddr, SocketAddr};

use axum::extract::Request;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Lets a request through, and puts the headers on its answer that keep a browser strict.
pub async fn check(request: Request, next: Next) -> Response {
    let host = match allowed_host(request.headers()) {
        Ok(host) => host.to_owned(),
        Err(refusal) => return (StatusCode::FORBIDDEN, refusal).into_response(),
    };
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&host)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Older browsers do not count the websocket of the same host as `'self'`, so it is named.
fn content_security_policy(host: &str) -> String {
    format!(
        "default-src 'self'; connect-src 'self' ws://{host}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; \
         frame-src 'none'; frame-ancestors 'none'"
    )
}

/// The host that was asked for, when it is a name of this machine and the asking page came from
/// it. Programs send no origin; the token is what they need.
fn allowed_host(headers: &HeaderMap) -> Result<&str, &'static str> {
    let host = text(headers, &header::HOST).unwrap_or("");
    if !is_loopback(host) {
        return Err("Tideline answers only to the names of this machine: open the printed link.\n");
    }
    match text(headers, &header::ORIGIN) {
        Some(origin) if origin.strip_prefix("http://") != Some(host) => {
            Err("Tideline answers only to its own page: open the printed link.\n")
        }
        _ => Ok(host),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// The port is not compared: it differs when it was forwarded.
fn is_loopback(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.is_loopback();
    }
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    name == "localhost" && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &'static str, origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        allowed_host(&headers).is_ok()
    }

    #[test]
    fn names_of_this_machine_are_answered() {
        for host in [
            "127.0.0.1:8080",
            "localhost:8080",
            "[::1]:8080",
            "127.0.0.1",
            "localhost",
        ] {
            assert!(check(host, None), "{host}");
        }
    }

    #[test]
    fn a_name_rebound_to_this_machine_is_refused() {
        for host in [
            "evil.example:8080",
            "localhost.evil.example",
            "192.168.1.4:80",
            "",
        ] {
            assert!(!check(host, None), "{host}");
        }
        assert!(allowed_host(&HeaderMap::new()).is_err());
    }

    #[test]
    fn a_page_from_elsewhere_is_refused() {
        assert!(check("localhost:8080", Some("http://localhost:8080")));
        for origin in [
            "http://localhost:9090",
            "https://localhost:8080",
            "null",
            "http://evil",
        ] {
            assert!(!check("localhost:8080", Some(origin)), "{origin}");
        }
    }
}
