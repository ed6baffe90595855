//! Secrets in what people paste: recognized, hidden, and gone.

use std::fmt;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands in a secret's place.
pub const HIDDEN: &str = "(hidden)";

/// What sort of secret was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secret {
    /// A client secret.
    ClientSecret,
    /// An authorization code, which is worth nothing after a minute or its first use.
    Code,
    /// A token: access, refresh, ID, or authentik's own.
    Token,
    /// A password, or a name and a password in one.
    Password,
    /// The cookie of a session.
    Session,
    /// A private key.
    PrivateKey,
    /// Text so long and random that it can only be a secret.
    Unknown,
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientSecret => "a client secret",
            Self::Code => "an authorization code",
            Self::Token => "a token",
            Self::Password => "a password",
            Self::Session => "a session cookie",
            Self::PrivateKey => "a private key",
            Self::Unknown => "what looks like a secret",
        })
    }
}

impl Secret {
    /// It is over by itself.
    pub const fn is_short_lived(self) -> bool {
        matches!(self, Self::Code)
    }
}

/// Text without secrets, and what was in it.
#[derive(Debug, Clone, Default)]
pub struct Hidden {
    /// The text, with [`HIDDEN`] in the place of each secret.
    pub text: String,
    /// Which sorts there were, each once.
    pub found: Vec<Secret>,
    /// The header of each token in the three or five parts of RFC 7515 and 7516: its algorithm, and whether it was encrypted.
    pub tokens: Vec<TokenHeader>,
}

/// What the header of a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHeader {
    /// `alg`.
    pub algorithm: String,
    /// It has five parts.
    pub encrypted: bool,
}

/// What should be said of secrets that were pasted; nothing where there were none.
pub fn note(found: &[Secret]) -> Option<String> {
    let (first, rest) = found.split_first()?;
    let mut list = first.to_string();
    for (place, secret) in rest.iter().enumerate() {
        list.push_str(if place + 1 == rest.len() { " and " } else { ", " });
        list.push_str(&secret.to_string());
    }
    let advice = if found.iter().all(|secret| secret.is_short_lived()) {
        "It is over after its first use."
    } else {
        "Change it if others may have seen it."
    };
    Some(format!("What was pasted holds {list}: it was left out, and is kept nowhere. {advice}"))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the expression is tested")
}

static PRIVATE_KEY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"));
static TOKEN: LazyLock<Regex> = LazyLock::new(|| regex(r"\beyJ[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){1,4}"));
static HEADER: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\b(basic|bearer)(\s+|%20|\+)([A-Za-z0-9+/_.~=-]{6,})"));
static IN_ADDRESS: LazyLock<Regex> = LazyLock::new(|| regex(r"://([^/\s@:]*):([^/\s@]+)@"));
/// A name, what separates it from its value, and the value. In an address within an address both are encoded.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i)(?:\b|%(?:25)*(?:3F|26|23|20))[a-z0-9_.-]*?(secret|access_token|refresh_token|id_token|id_token_hint|token|password|passwd|pwd|passphrase|code|code_verifier|device_code|assertion|client_assertion|api_?key|authentik_session|authentik_csrf|sessionid|authorization|x-plex-token)(\\?["']?\s*(?:=|:|%3D|%253D|%3A)\s*\\?["']?)([^\s"'&,;<>\\]+)"#,
    )
});
static LONG: LazyLock<Regex> = LazyLock::new(|| regex(r"[A-Za-z0-9_-]{56,}"));

/// `text` without its secrets.
pub fn hidden(text: &str) -> Hidden {
    let mut hidden = Hidden::default();
    let mut found = Vec::new();
    let mut text = PRIVATE_KEY
        .replace_all(text, |_: &Captures<'_>| {
            found.push(Secret::PrivateKey);
            HIDDEN
        })
        .into_owned();
    text = TOKEN
        .replace_all(&text, |token: &Captures<'_>| {
            found.push(Secret::Token);
            hidden.tokens.extend(header(&token[0]));
            HIDDEN
        })
        .into_owned();
    text = HEADER
        .replace_all(&text, |all: &Captures<'_>| {
            // “basic authentication” is no header.
            if all[3].chars().all(|letter| letter.is_ascii_lowercase()) && all[3].len() < 20 {
                return all[0].to_owned();
            }
            found.push(if all[1].eq_ignore_ascii_case("basic") { Secret::Password } else { Secret::Token });
            format!("{}{}{HIDDEN}", &all[1], &all[2])
        })
        .into_owned();
    text = IN_ADDRESS
        .replace_all(&text, |_: &Captures<'_>| {
            found.push(Secret::Password);
            format!("://{HIDDEN}@")
        })
        .into_owned();
    text = NAMED
        .replace_all(&text, |all: &Captures<'_>| {
            let (name, separator, value) = (all[1].to_lowercase(), &all[2], &all[3]);
            // In an encoded address the next parameter begins at an encoded &.
            let (value, rest) = match value.find("%26") {
                Some(at) if separator.contains('%') => value.split_at(at),
                _ => (value, ""),
            };
            if value.starts_with("(hidden") || is_plain_word(&name, separator, value) {
                return all[0].to_owned();
            }
            found.push(sort(&name));
            let start = all[0].len() - all[3].len();
            format!("{}{HIDDEN}{rest}", &all[0][..start])
        })
        .into_owned();
    text = LONG
        .replace_all(&text, |long: &Captures<'_>| {
            let mixed =
                long[0].bytes().any(|byte| byte.is_ascii_digit()) && long[0].bytes().any(|byte| byte.is_ascii_alphabetic());
            if !mixed {
                return long[0].to_owned();
            }
            found.push(Secret::Unknown);
            HIDDEN.to_owned()
        })
        .into_owned();
    found.sort_unstable();
    found.dedup();
    if found.len() > 1 {
        found.retain(|secret| *secret != Secret::Unknown);
    }
    Hidden { text, found, ..hidden }
}

/// In prose such names are followed by words: “token: invalid”, “status code: 401”.
fn is_plain_word(name: &str, separator: &str, value: &str) -> bool {
    let in_prose = !separator.contains('=') && !separator.contains("%3D") && !separator.contains('"');
    match name {
        "code" => value.len() < 6 || value.bytes().all(|byte| byte.is_ascii_digit()) || in_prose,
        _ => in_prose && value.len() < 20 && value.bytes().all(|byte| byte.is_ascii_alphabetic() || b"./:-_".contains(&byte)),
    }
}

fn sort(name: &str) -> Secret {
    match name {
        "secret" => Secret::ClientSecret,
        "code" | "device_code" | "code_verifier" => Secret::Code,
        "password" | "passwd" | "pwd" | "passphrase" | "authorization" => Secret::Password,
        "authentik_session" | "authentik_csrf" | "sessionid" => Secret::Session,
        _ => Secret::Token,
    }
}

/// What the header of a token says: that part is no secret.
fn header(token: &str) -> Option<TokenHeader> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let parts: Vec<&str> = token.split('.').collect();
    let header = URL_SAFE_NO_PAD.decode(parts.first()?).ok()?;
    let header: serde_json::Value = serde_json::from_slice(&header).ok()?;
    let algorithm = header.get("alg")?.as_str()?;
    let word: String =
        algorithm.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-+".contains(*letter)).take(20).collect();
    Some(TokenHeader { algorithm: word, encrypted: parts.len() == 5 })
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const CANARY: &str = "c4n4rY7c4n4rY7";

    #[test]
    fn no_secret_comes_through() {
        let token = format!("{}.{CANARY}.{CANARY}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#));
        let long = CANARY.repeat(9);
        for (text, sort) in [
            (format!("https://app.example/cb?code={CANARY}&state=x"), Secret::Code),
            (format!("https://a.example/if/flow/x/?next=%2Fcb%3Fcode%3D{CANARY}%26state%3Dx"), Secret::Code),
            (format!("client_secret={CANARY}"), Secret::ClientSecret),
            (format!("OIDC_CLIENT_SECRET: {CANARY}"), Secret::ClientSecret),
            (format!("{{\"client_secret\": \"{CANARY}\"}}"), Secret::ClientSecret),
            (format!("{{\\\"clientsecret\\\":\\\"x\\\", \\\"secret\\\":\\\"{CANARY}\\\"}}"), Secret::ClientSecret),
            (format!("https://app.example/#access_token={CANARY}&id_token=x"), Secret::Token),
            (format!("Authorization: Bearer {CANARY}"), Secret::Token),
            (format!("authorization: Basic {CANARY}=="), Secret::Password),
            (format!("Cookie: authentik_session={CANARY}; x=1"), Secret::Session),
            (format!("https://user:{CANARY}@app.example/"), Secret::Password),
            (format!("-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\n-----END RSA PRIVATE KEY-----"), Secret::PrivateKey),
            (format!("X-Plex-Token={CANARY}"), Secret::Token),
            (format!("raw token {token} in a log"), Secret::Token),
            (format!("AUTHENTIK_TOKEN={CANARY}"), Secret::Token),
            (format!("it said {long}"), Secret::Unknown),
        ] {
            let hidden = hidden(&text);
            assert!(!hidden.text.contains(CANARY), "{text} -> {}", hidden.text);
            assert!(hidden.found.contains(&sort), "{text} -> {:?}", hidden.found);
            assert!(!format!("{hidden:?}").contains(CANARY));
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "https://auth.example.com/application/o/authorize/?client_id=abcDEF0123456789abcDEF0123456789abcDEF01&response_type=code&scope=openid&code_challenge=abc&code_challenge_method=S256&state=xyz",
            "unexpected status code: 401 Unauthorized",
            "code: 400",
            "Token invalid/expired",
            "error parsing token: malformed jwt: unexpected signature algorithm",
            "use basic authentication",
            "id_token: missing",
        ] {
            let hidden = hidden(text);
            assert_eq!((hidden.text.as_str(), hidden.found.len()), (text, 0));
        }
    }

    #[test]
    fn the_header_of_a_token_is_read_before_it_is_forgotten() {
        let token = |parts: usize| {
            let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512"}"#);
            std::iter::once(header).chain(std::iter::repeat_n("eA".to_owned(), parts - 1)).collect::<Vec<_>>().join(".")
        };
        let tokens = hidden(&format!("{} and {}", token(3), token(5))).tokens;
        assert_eq!(tokens.iter().map(|token| token.encrypted).collect::<Vec<_>>(), [false, true]);
        assert_eq!(tokens[0].algorithm, "RSA-OAEP-256");
    }
}
