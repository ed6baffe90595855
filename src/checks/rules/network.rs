//! What lies between application, proxy and authentik: reachable, trusted, told the right name and the right time.

use super::{Rule, Seen, Severity, Subject};

/// Clocks that differ by more than this break tokens whose lifetimes are minutes, in seconds.
const SKEW: i64 = 60;

/// Cause 5.
pub static UNREACHABLE: Rule = Rule {
    id: "unreachable",
    name: "The application's server cannot reach authentik",
    severity: Severity::Error,
    reason: "The browser reaches authentik, and the application's own server does not: containers have other names and other routes.",
    advice: "Give the application's host a way to authentik's public name: split DNS, extra_hosts, or an alias of the reverse proxy in its \
             network. Do not use an internal address as issuer: browsers get it too.",
    symptoms: &[
        "getaddrinfo ENOTFOUND",
        "getaddrinfo EAI_AGAIN",
        "Name does not resolve",
        "Name or service not known",
        "no such host",
        "fetch failed",
        "connection refused",
        "ECONNREFUSED",
        "Unable to authenticate through OAuth",
        "authentik_server:9000",
        "i/o timeout",
    ],
    look: unreachable,
};

/// Cause 6.
pub static UNTRUSTED: Rule = Rule {
    id: "tls-untrusted",
    name: "TLS not trusted",
    severity: Severity::Error,
    reason: "The browser may have an exception for the certificate; the application's server has none.",
    advice: "Give authentik's web address a certificate that everybody trusts (Brand > Web certificate, or the proxy's), or give the \
             application the file of your own authority. The signing certificate of a provider has nothing to do with it.",
    symptoms: &[
        "x509: certificate signed by unknown authority",
        "unable to get local issuer certificate",
        "CERTIFICATE_VERIFY_FAILED",
        "self-signed certificate",
        "self signed certificate",
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "Request failed (500)",
        "x509: cannot validate certificate",
    ],
    look: untrusted,
};

/// Cause 8.
pub static PROXY_HEADERS: Rule = Rule {
    id: "proxy-headers",
    name: "Proxy headers, trusted proxies, wrong Host",
    severity: Severity::Error,
    reason: "authentik builds its addresses from the headers of each request. A proxy that loses X-Forwarded-Proto or Host, or that \
             authentik does not trust (2026.8 and later), makes them http, or another host's.",
    advice: "Have the proxy send Host and X-Forwarded-Proto. From 2026.8 on, name its network in AUTHENTIK_LISTEN__TRUSTED_PROXY_CIDRS.",
    symptoms: &["Blocked loading mixed active content", "Mixed Content: The page", "CSRF verification failed", "CSRF Failed"],
    look: proxy_headers,
};

/// Cause 18.
pub static CLOCK: Rule = Rule {
    id: "clock-skew",
    name: "Clock skew",
    severity: Severity::Error,
    reason: "Tokens are valid for minutes. With clocks apart they are from the future, or over already.",
    advice: "Switch on NTP on both machines: timedatectl set-ntp true.",
    symptoms: &[
        "iat … future",
        "issued in the future",
        "token used before issued",
        "not yet valid",
        "nbf claim",
        "before the nbf",
        "jwt not active",
        "The token is not yet valid (nbf)",
    ],
    look: clock,
};

fn unreachable(subject: &Subject<'_>) -> Option<Seen> {
    if !subject.heard(&UNREACHABLE) {
        return None;
    }
    let endpoints = subject.endpoints()?;
    let mut seen = Seen::new(format!(
        "The server of {} asked for authentik and got no answer. From here authentik answers, so look from there:",
        subject.name()
    ));
    seen.lines =
        vec![format!("docker exec CONTAINER wget -qO- {}", endpoints.discovery), format!("curl -sS {}", endpoints.discovery)];
    Some(seen)
}

fn untrusted(subject: &Subject<'_>) -> Option<Seen> {
    if !subject.heard(&UNTRUSTED) {
        return None;
    }
    let endpoints = subject.endpoints()?;
    let mut seen = Seen::new(format!(
        "The server of {} does not trust authentik's certificate. To see what it is shown, from there:",
        subject.name()
    ));
    seen.lines = vec![format!("curl -v {}", endpoints.discovery)];
    Some(seen)
}

fn proxy_headers(subject: &Subject<'_>) -> Option<Seen> {
    let documents = subject.documents.filter(|documents| documents.at_public_address)?;
    let issuer = documents.discovery.as_ref().map(|discovery| discovery.issuer.as_str()).filter(|issuer| !issuer.is_empty())?;
    let public = origin(&subject.facts.public_url)?;
    let named = origin(issuer)?;
    if public == named {
        return None;
    }
    let mut seen = if (&public.1, &public.2) == (&named.1, &named.2) {
        Seen::new(format!("authentik is asked by {} and takes it for {}: the scheme gets lost on the way.", public.0, named.0))
    } else {
        Seen::new("authentik names itself otherwise than it was asked: the host gets lost on the way.")
    };
    seen.lines = vec![format!("asked at   {}", subject.facts.public_url), format!("authentik  {issuer}")];
    Some(seen)
}

/// Scheme, host and port.
fn origin(text: &str) -> Option<(String, String, Option<u16>)> {
    let url = url::Url::parse(text).ok()?;
    let port = url.port_or_known_default().filter(|port| ![80, 443].contains(port));
    Some((url.scheme().to_owned(), url.host_str()?.to_owned(), port))
}

fn clock(subject: &Subject<'_>) -> Option<Seen> {
    let skew = subject.documents?.clock_skew.filter(|skew| skew.abs() > SKEW)?;
    let word = if skew > 0 { "ahead of" } else { "behind" };
    Some(Seen::new(format!("authentik's clock is {} seconds {word} this machine's.", skew.abs())))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{World, asked, documents};
    use super::*;

    #[test]
    fn what_is_seen_by_its_words_alone_comes_with_a_line_to_run() {
        for rule in [&UNREACHABLE, &UNTRUSTED] {
            let mut world = World::new();
            assert_eq!(world.look(rule), None);
            world.asked = Some(asked(rule));
            assert!(world.look(rule).unwrap().lines[0].contains("/application/o/wiki/.well-known/openid-configuration"));
        }
    }

    #[test]
    fn a_scheme_that_gets_lost_is_found() {
        let mut world = World::new();
        world.documents = Some(documents("https://auth.example.com/application/o/wiki/"));
        assert_eq!(world.look(&PROXY_HEADERS), None);
        world.documents = Some(documents("https://auth.example.com:443/application/o/wiki/"));
        assert_eq!(world.look(&PROXY_HEADERS), None);
        world.documents = Some(documents("http://auth.example.com/application/o/wiki/"));
        assert!(world.look(&PROXY_HEADERS).unwrap().text.contains("scheme"));
        world.documents = Some(documents("https://authentik-server:9443/application/o/wiki/"));
        assert!(world.look(&PROXY_HEADERS).unwrap().text.contains("host"));
        world.documents.as_mut().unwrap().at_public_address = false;
        assert_eq!(world.look(&PROXY_HEADERS), None, "asked by another name, it rightly names itself so");
    }

    #[test]
    fn clocks_may_differ_by_a_minute() {
        let mut world = World::new();
        world.documents = Some(documents("https://auth.example.com/application/o/wiki/"));
        for (skew, found) in [(0, false), (60, false), (-60, false), (61, true), (-4000, true)] {
            world.documents.as_mut().unwrap().clock_skew = Some(skew);
            assert_eq!(world.look(&CLOCK).is_some(), found, "{skew}");
        }
    }
}
