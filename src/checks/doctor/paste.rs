//! Reads what somebody pasted: an address from the browser, lines of a log, a slug.

use std::sync::LazyLock;

use regex::Regex;
use url::Url;

use super::secrets::{self, Hidden, Secret, hidden};
use crate::checks::rules::{self, Asked, Refusal, Rule};

/// As deep as addresses stand within addresses.
const DEEPEST: usize = 4;

/// More than this is no line of a log.
const LONGEST: usize = 256 * 1024;

/// What was pasted, without its secrets.
#[derive(Debug, Clone, Default)]
pub struct Paste {
    text: String,
    secrets: Vec<Secret>,
    encrypted: bool,
    algorithm: Option<String>,
    grant_type: Option<String>,
    refusal: Option<Refusal>,
    /// The application was named by its slug.
    pub is_named: bool,
    /// Requests to the authorize endpoint.
    pub requests: Vec<Request>,
    /// Addresses of authentik's endpoints as they were used.
    pub addresses: Vec<String>,
    /// Client ids.
    pub client_ids: Vec<String>,
    /// Slugs.
    pub slugs: Vec<String>,
    /// Redirect URIs, and addresses that people came back to.
    pub redirects: Vec<String>,
    /// Issuers, in the order in which they stand.
    pub issuers: Vec<String>,
    /// The rules that it speaks of.
    pub heard: Vec<&'static Rule>,
}

/// A request to the authorize endpoint (RFC 6749, 4.1.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `client_id`.
    pub client_id: Option<String>,
    /// `redirect_uri`, decoded once.
    pub redirect_uri: Option<String>,
    /// `scope`.
    pub scope: Option<String>,
    /// `response_type`.
    pub response_type: Option<String>,
    /// `code_challenge_method`; `plain` where there is a challenge without a method (RFC 7636, 4.3).
    pub pkce: Option<String>,
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| regex(r#"https?://[^\s"'<>\\^`{}|]+"#));
/// authentik's own log has paths without a host.
static PATH: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?:^|[\s"'=(])(/(?:application/o|if/flow)/[^\s"'<>\\^`{}|]*)"#));
static CLIENT_ID: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)\bclient_?id\\?["']?\s*[=:]\s*\\?["']?([A-Za-z0-9._~-]{3,255})"#));
static REDIRECT_URI: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)\bredirect_?uri\\?["']?\s*[=:]\s*\\?["']?([a-z][a-z0-9+.-]*:/[^\s"'<>\\,]+)"#));
static GRANT_TYPE: LazyLock<Regex> = LazyLock::new(|| regex(r#"(?i)\bgrant_type\\?["']?\s*[=:]\s*\\?["']?([a-z_:-]+)"#));
static SLUG: LazyLock<Regex> = LazyLock::new(|| regex(r"^[-a-zA-Z0-9_]{1,50}$"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the expression is tested")
}

impl Paste {
    /// Reads several pieces: slugs, and what was pasted.
    pub fn of(pieces: &[String]) -> Self {
        let is_slug = |piece: &&String| SLUG.is_match(piece.trim());
        let rest: Vec<&str> = pieces.iter().filter(|piece| !is_slug(piece)).map(String::as_str).collect();
        let mut paste = Self::read(&rest.join("\n"));
        let named: Vec<String> = pieces.iter().filter(is_slug).map(|piece| piece.trim().to_owned()).collect();
        // Who names the application knows better than what was pasted.
        if !named.is_empty() {
            paste.slugs = named;
            paste.is_named = true;
        }
        paste
    }

    /// Reads what was pasted. The secrets in it are gone after this.
    pub fn read(text: &str) -> Self {
        let end = text.char_indices().map(|(at, _)| at).find(|at| *at >= LONGEST).unwrap_or(text.len());
        let Hidden { text, found, tokens } = hidden(&text[..end]);
        let mut paste = Self {
            secrets: found,
            encrypted: tokens.iter().any(|token| token.encrypted),
            algorithm: tokens.iter().find(|token| !token.encrypted).map(|token| token.algorithm.clone()),
            refusal: Refusal::read(&text),
            heard: rules::heard(&text),
            ..Self::default()
        };
        let trimmed = text.trim();
        if SLUG.is_match(trimmed) {
            paste.slugs.push(trimmed.to_owned());
            paste.is_named = true;
        } else {
            paste.read_lines(&text);
        }
        paste.text = text;
        paste
    }

    /// The text without its secrets.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The sorts of secrets that were in it.
    pub fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    fn read_lines(&mut self, text: &str) {
        // Logs in JSON and pages in HTML write & otherwise.
        let text = text.replace("\\u0026", "&").replace("&amp;", "&");
        for found in ADDRESS.find_iter(&text) {
            self.read_address(found.as_str().trim_end_matches(['.', ',', ';', ')', ']', ':']), 0);
        }
        for found in PATH.captures_iter(&text) {
            self.read_address(&format!("https://authentik.invalid{}", &found[1]), 0);
        }
        for found in CLIENT_ID.captures_iter(&text) {
            add(&mut self.client_ids, &found[1]);
        }
        self.grant_type = GRANT_TYPE.captures(&text).map(|found| found[1].to_owned());
        for found in REDIRECT_URI.captures_iter(&text) {
            // Within an address it was read, and decoded, already.
            if !found[0].contains('=') {
                add(&mut self.redirects, &found[1]);
            }
        }
    }

    fn read_address(&mut self, text: &str, depth: usize) {
        let Ok(url) = Url::parse(text) else { return };
        let path = url.path();
        let param = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let is_authorize = path.trim_end_matches('/').ends_with("/authorize")
            || (param("client_id").is_some() && param("redirect_uri").is_some());
        if is_authorize {
            let request = Request {
                client_id: param("client_id"),
                redirect_uri: param("redirect_uri"),
                scope: param("scope"),
                response_type: param("response_type"),
                pkce: param("code_challenge").map(|_| param("code_challenge_method").unwrap_or_else(|| "plain".to_owned())),
            };
            if let Some(client_id) = &request.client_id {
                add(&mut self.client_ids, client_id);
            }
            if let Some(redirect_uri) = &request.redirect_uri {
                add(&mut self.redirects, redirect_uri);
            }
            if !self.requests.contains(&request) {
                self.requests.push(request);
            }
        }
        if let Some((_, rest)) = path.split_once("/application/o/") {
            let first = rest.split('/').next().unwrap_or_default();
            if !["authorize", "token", "userinfo", "introspect", "revoke", "device", ""].contains(&first) {
                add(&mut self.slugs, first);
            }
            // The query of a request says nothing about the address, and is long.
            let plain = text.split(['?', '#']).next().unwrap_or(text).replace("https://authentik.invalid", "");
            add(&mut self.addresses, &plain);
            let whole = rest.split('/').filter(|piece| !piece.is_empty()).count() == 1;
            if whole && !is_authorize && !SHARED.contains(&first) && !text.starts_with("https://authentik.invalid") {
                add(&mut self.issuers, text);
            }
        } else if !is_authorize && (param("error").is_some() || param("code").is_some()) {
            // An address that people came back to.
            let plain = text.split(['?', '#']).next().unwrap_or(text);
            add(&mut self.redirects, plain);
        }
        if depth < DEEPEST
            && let Some(next) = param("next")
        {
            let next = if next.starts_with('/') { format!("https://authentik.invalid{next}") } else { next };
            self.read_address(&next, depth + 1);
        }
    }

    /// What the rules look at.
    pub fn asked(&self) -> Asked {
        let request = self.requests.first();
        let heard = self.heard.iter().copied();
        let by_token = self.encrypted.then_some(rules::ENCRYPTION).into_iter().chain(match self.algorithm.as_deref() {
            Some("HS256") => Some(rules::NO_KEY),
            Some("ES256" | "ES384" | "ES512" | "EdDSA") => Some(rules::KEY_TYPE),
            _ => None,
        });
        let mut all: Vec<&'static Rule> = heard.collect();
        for id in by_token {
            all.extend(rules::ALL.iter().copied().find(|rule| rule.id == id && !all.contains(rule)));
        }
        Asked {
            heard: all,
            client_id: self.client_ids.first().cloned(),
            grant_type: self.grant_type.clone(),
            refusal: self.refusal,
            redirect_uri: request.and_then(|request| request.redirect_uri.clone()).or_else(|| self.redirects.first().cloned()),
            scope: request.and_then(|request| request.scope.clone()),
            response_type: request.and_then(|request| request.response_type.clone()),
            pkce: request.and_then(|request| request.pkce.clone()),
            is_request: request.is_some(),
            addresses: self.addresses.clone(),
            issuers: self.issuers.clone(),
            algorithm: self.algorithm.clone(),
            encrypted: self.encrypted,
        }
    }

    /// What should be said of the secrets in it.
    pub fn notes(&self) -> Vec<String> {
        secrets::note(&self.secrets).into_iter().collect()
    }
}

/// First path segments below `/application/o/` that are no slugs.
const SHARED: [&str; 7] = ["authorize", "token", "userinfo", "introspect", "revoke", "device", "end-session"];

fn add(list: &mut Vec<String>, text: &str) {
    if !text.is_empty() && !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AUTHORIZE: &str = "https://auth.example.com/application/o/authorize/?response_type=code&client_id=abc123&redirect_uri=https%3A%2F%2Fwiki.example.com%2Fcb&scope=openid+email&code_challenge=x&code_challenge_method=S256&state=y";

    #[test]
    fn an_address_from_the_browser_is_read() {
        let paste = Paste::read(AUTHORIZE);
        assert_eq!(paste.client_ids, ["abc123"]);
        assert_eq!(paste.redirects, ["https://wiki.example.com/cb"]);
        let asked = paste.asked();
        assert_eq!(
            (asked.scope.as_deref(), asked.response_type.as_deref(), asked.pkce.as_deref()),
            (Some("openid email"), Some("code"), Some("S256"))
        );
        assert!(asked.is_request && paste.slugs.is_empty());
    }

    #[test]
    fn the_login_page_holds_the_request_in_its_address() {
        let query = AUTHORIZE.split_once('?').unwrap().1;
        let inner = format!("/application/o/authorize/?{query}");
        let encoded: String = url::form_urlencoded::byte_serialize(inner.as_bytes()).collect();
        for address in [
            format!("https://auth.example.com/if/flow/default-authentication-flow/?next={encoded}"),
            format!("https://auth.example.com/if/flow/default-authentication-flow/?{query}&next={encoded}"),
            format!("2026-11-22 event=x path=\"{inner}\""),
        ] {
            let paste = Paste::read(&address);
            assert_eq!(paste.client_ids, ["abc123"], "{address}");
            assert_eq!(paste.asked().redirect_uri.as_deref(), Some("https://wiki.example.com/cb"), "{address}");
        }
    }

    #[test]
    fn lines_of_logs_are_read() {
        let line = r#"{"event": "Invalid grant_type for provider", "client_id": "abc123", "level": "warning"}"#;
        let paste = Paste::read(line);
        assert_eq!((paste.client_ids.as_slice(), paste.heard[0].id), (&["abc123".to_owned()][..], "grant-types"));
        let line = r#"{"event": "Invalid grant_type for provider", "grant_type": "refresh_token"}"#;
        assert_eq!(Paste::read(line).asked().grant_type.as_deref(), Some("refresh_token"));
        let line = r#"oidc: issuer did not match the issuer returned by provider, expected "https://auth.example.com/application/o/wiki" got "https://auth.example.com/application/o/wiki/""#;
        let paste = Paste::read(line);
        assert_eq!(
            paste.issuers,
            ["https://auth.example.com/application/o/wiki", "https://auth.example.com/application/o/wiki/"]
        );
        assert_eq!(paste.slugs, ["wiki"]);
        let paste = Paste::read("came back to https://wiki.example.com/cb?error=access_denied&state=x");
        assert_eq!((paste.redirects, paste.heard[0].id), (vec!["https://wiki.example.com/cb".to_owned()], "access-denied"));
    }

    #[test]
    fn a_slug_is_a_word() {
        assert_eq!(Paste::read(" paperless \n").slugs, ["paperless"]);
        assert!(Paste::read("it does not work").slugs.is_empty());
    }

    #[test]
    fn tokens_are_read_by_their_header_alone() {
        use base64::Engine as _;
        let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
        let paste = Paste::read(&format!("token {header}.eA.eA"));
        assert_eq!(paste.asked().heard[0].id, "no-signing-key");
        let paste = Paste::read(&format!("token {header}.eA.eA.eA.eA"));
        assert_eq!(paste.asked().heard[0].id, "encryption-key");
        assert!(paste.notes()[0].contains("a token"));
    }

    #[test]
    fn nothing_that_is_pasted_makes_it_fail() {
        for text in ["", "\u{0}\u{1b}[2J", "https://", "https://[", "/application/o/", "client_id=", "%%%", &"a".repeat(300_000)]
        {
            let _ = Paste::read(text).asked();
        }
    }
}
