//! The address of an application, as people paste it.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use super::template::PathRule;
use super::value::{Scope, Value};

/// Where an application is reached: scheme, host, port and path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    scheme: &'static str,
    host: String,
    port: Option<u16>,
    path: String,
}

impl Address {
    /// Reads what a person typed or pasted.
    ///
    /// A bare host gets `https` and `default_port`; a whole address keeps what it says, since `https://pve.example.com` behind a proxy is
    /// not `:8006`. Query and fragment are left out, the path as `rule` says.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(input: &str, rule: PathRule, default_port: Option<u16>) -> Result<Self, String> {
        let text = clean(input);
        if text.is_empty() {
            return Err("Type the address, such as https://app.example.com.".into());
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err("An address has no spaces in it.".into());
        }
        let (scheme, rest) = split_scheme(text).map_err(|error| error.to_string())?;
        let bare = scheme.is_none();
        let scheme = scheme.unwrap_or("https");
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err("Leave out the user name and password before the @.".into());
        }
        let authority = bracket(authority);
        if authority.ends_with(':') {
            return Err("The port after the colon is missing.".into());
        }
        let url = Url::parse(&format!("{scheme}://{authority}{}", tail.replace('\\', "/"))).map_err(sentence)?;
        let host = host(&url, &authority)?;
        let port = match url.port() {
            Some(0) => return Err("The port must be between 1 and 65535.".into()),
            // The url crate drops a port that is the scheme's own: it was still said.
            None if bare && !has_port(&authority) => default_port.filter(|port| *port != own_port(scheme)),
            port => port,
        };
        let path = match rule {
            PathRule::Drop => String::new(),
            PathRule::Keep => tidy(url.path()),
        };
        Ok(Self { scheme, host, port, path })
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        self.scheme
    }

    /// The host: a name in lower case and ASCII, an IPv4 address, or an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, unless it is the scheme's own.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The port, the scheme's own where none was given.
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or_else(|| own_port(self.scheme))
    }

    /// The path without a slash at its end; empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `host` or `host:port`.
    pub fn hostport(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// `https://host[:port]`, without a slash (RFC 6454, 6.2).
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.hostport())
    }

    /// Origin and path, without a slash at the end.
    pub fn base(&self) -> String {
        format!("{}{}", self.origin(), self.path)
    }

    /// The address as texts see it: a table with `origin scheme host hostport port path base`.
    pub fn to_value(&self) -> Value {
        let (hostport, origin) = (self.hostport(), self.origin());
        let base = [origin.as_str(), &self.path].concat();
        Value::Table(Scope::from_iter([
            ("origin".to_owned(), origin.into()),
            ("scheme".to_owned(), self.scheme.into()),
            ("host".to_owned(), self.host.as_str().into()),
            ("hostport".to_owned(), hostport.into()),
            ("port".to_owned(), Value::Int(self.effective_port().into())),
            ("path".to_owned(), self.path.as_str().into()),
            ("base".to_owned(), base.into()),
        ]))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base())
    }
}

/// Without the spaces, quotes, brackets and invisible characters that come along when text is copied.
fn clean(input: &str) -> &str {
    input.trim_matches(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | ',' | ';')
            || matches!(c, '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    })
}

/// Whether only a private network can reach an address; none for this machine, which nobody else can listen to, and for what has no host.
pub fn is_private(address: &str) -> Option<bool> {
    let is_private = |address: IpAddr| match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => (address.segments()[0] & 0xfe00) == 0xfc00 || (address.segments()[0] & 0xffc0) == 0xfe80,
    };
    match Url::parse(address).ok()?.host()? {
        Host::Domain(name) if name == "localhost" || name.ends_with(".localhost") => None,
        Host::Domain(name) => Some(
            !name.contains('.') || [".local", ".lan", ".home", ".internal", ".home.arpa"].iter().any(|end| name.ends_with(end)),
        ),
        Host::Ipv4(address) if address.is_loopback() => None,
        Host::Ipv6(address) if address.is_loopback() => None,
        Host::Ipv4(address) => Some(is_private(address.into())),
        Host::Ipv6(address) => Some(is_private(address.into())),
    }
}

/// The scheme that an address names, and the rest of it. `https:/host`, `http//host` and `https;//host` say what they mean.
///
/// # Errors
/// [`OtherScheme`], for another protocol and for a misspelt one: `htps//host` would be a host named `htps`.
pub fn split_scheme(text: &str) -> Result<(Option<&'static str>, &str), OtherScheme> {
    let name = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (name, tail) = text.split_at(name);
    let rest = tail.trim_start_matches([':', ';', '/', '\\']);
    let mark = &tail[..tail.len() - rest.len()];
    let colon = mark.starts_with([':', ';']);
    let slashes = mark.len() - usize::from(colon);
    // `http:8080` is a port of a host named `http`.
    let named = slashes > 1 || colon && (slashes > 0 || !rest.starts_with(|c: char| c.is_ascii_digit()));
    match name.to_ascii_lowercase().as_str() {
        "https" if named => Ok((Some("https"), rest)),
        "http" if named => Ok((Some("http"), rest)),
        "" if slashes > 1 => Ok((None, rest)),
        misspelt if named && ["t", "p"].iter().all(|c| misspelt.contains(c)) && misspelt.chars().all(|c| "htps".contains(c)) => {
            Err(OtherScheme)
        }
        // A `://` later in the text may be in a query.
        _ if text.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme)) => Err(OtherScheme),
        _ => Ok((None, text)),
    }
}

/// Whether a text has the form of a scheme (RFC 3986, 3.1).
fn is_scheme(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// An address that does not start with `https://` or `http://`, but with something like it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The address must start with https:// or http://.")]
pub struct OtherScheme;

/// Puts a bare IPv6 address into brackets.
fn bracket(authority: &str) -> String {
    if authority.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{authority}]") } else { authority.to_owned() }
}

fn has_port(authority: &str) -> bool {
    authority.rsplit_once(':').is_some_and(|(_, port)| port.chars().all(|c| c.is_ascii_digit()))
}

fn own_port(scheme: &str) -> u16 {
    if scheme == "http" { 80 } else { 443 }
}

fn host(url: &Url, authority: &str) -> Result<String, String> {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) || name.contains("..") {
                return Err("The host name has a character in it that host names cannot have.".into());
            }
            Ok(name.to_owned())
        }
        // `https://1` means 0.0.0.1 to the URL standard, and nobody means that.
        Some(Host::Ipv4(ip)) if authority.split(':').next() != Some(ip.to_string().as_str()) => {
            Err("The IP address is not complete: it has four numbers.".into())
        }
        Some(Host::Ipv4(ip)) => Ok(ip.to_string()),
        Some(Host::Ipv6(ip)) => Ok(format!("[{ip}]")),
        None => Err("The host name is missing.".into()),
    }
}

/// The path with single slashes and none at the end.
fn tidy(path: &str) -> String {
    path.split('/').filter(|segment| !segment.is_empty()).fold(String::new(), |path, segment| path + "/" + segment)
}

fn sentence(error: url::ParseError) -> String {
    use url::ParseError;
    match error {
        ParseError::EmptyHost => "The host name is missing.",
        ParseError::InvalidPort => "The port must be a number between 1 and 65535.",
        ParseError::InvalidIpv4Address => "The IP address is not complete: it has four numbers up to 255.",
        ParseError::InvalidIpv6Address => "The IPv6 address is not valid. It stands in brackets: https://[2001:db8::1].",
        _ => "The host name has a character in it that host names cannot have.",
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base(input: &str) -> String {
        Address::parse(input, PathRule::Keep, Some(8006)).map_or_else(|error| error, |address| address.base())
    }

    #[test]
    fn understands_what_people_paste() {
        for (pasted, wanted) in [
            ("pve.example.com", "https://pve.example.com:8006"),
            ("pve.example.com:443", "https://pve.example.com"),
            ("pve.example.com:8443", "https://pve.example.com:8443"),
            ("pve.example.com/", "https://pve.example.com:8006"),
            ("https://pve.example.com", "https://pve.example.com"),
            ("  \"https://PVE.Example.COM/\"\n", "https://pve.example.com"),
            ("<https://pve.example.com>,", "https://pve.example.com"),
            ("“HTTPS://pve.example.com:443/”", "https://pve.example.com"),
            ("//pve.example.com", "https://pve.example.com:8006"),
            ("://pve.example.com", "https://pve.example.com:8006"),
            ("https:/pve.example.com", "https://pve.example.com"),
            ("https:///pve.example.com", "https://pve.example.com"),
            ("https:pve.example.com", "https://pve.example.com"),
            ("HTTP//10.0.0.5:9000/x", "http://10.0.0.5:9000/x"),
            ("https:\\\\pve.example.com", "https://pve.example.com"),
            ("https;//pve.example.com", "https://pve.example.com"),
            ("http:8080", "https://http:8080"),
            ("https/login", "https://https:8006/login"),
            ("php//index", "https://php:8006/index"),
            ("https.example.com//x", "https://https.example.com:8006/x"),
            ("http://10.0.0.5:9000", "http://10.0.0.5:9000"),
            ("http://10.0.0.5:80", "http://10.0.0.5"),
            ("10.0.0.5", "https://10.0.0.5:8006"),
            ("https://app.example.com//osticket//", "https://app.example.com/osticket"),
            ("https://app.example.com/a/../b?x=1#/home", "https://app.example.com/b"),
            ("https://app.example.com?next=http://x", "https://app.example.com"),
            ("app.example.com?next=http://x", "https://app.example.com:8006"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("2001:db8::1", "https://[2001:db8::1]:8006"),
            ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
            ("https://[2001:DB8::1]/x", "https://[2001:db8::1]/x"),
            ("https://app.example.com.", "https://app.example.com"),
            ("my_container:3000", "https://my_container:3000"),
            ("portainer", "https://portainer:8006"),
        ] {
            assert_eq!(base(pasted), wanted, "{pasted}");
        }
    }

    #[test]
    fn refuses_with_a_sentence() {
        for pasted in [
            "",
            "  ",
            "https://",
            "ftp://app.example.com",
            "htps//app.example.com",
            "htpps:/app.example.com",
            "ttp:app.example.com",
            "htttp://app.example.com",
            "https://user:secret@app.example.com",
            "admin@app.example.com",
            "app.example.com:",
            "app.example.com:99999",
            "app.example.com:0",
            "app.example.com:abc",
            "https://*.example.com",
            "https://1",
            "999.1.1.1",
            "two words",
            "https://a..b",
            "https://[fe80::1%25eth0]",
            "javascript:alert(1)",
        ] {
            let error = Address::parse(pasted, PathRule::Drop, None).expect_err(pasted);
            assert!(error.ends_with('.') && !error.contains("secret"), "{pasted}: {error}");
        }
    }

    #[test]
    fn drops_the_path_by_rule() {
        let address = Address::parse("https://app.example.com/login", PathRule::Drop, None).unwrap();
        assert_eq!((address.path(), address.base().as_str()), ("", "https://app.example.com"));
    }

    proptest! {
        #[test]
        fn never_panics(input in ".{0,60}") {
            let _ = Address::parse(&input, PathRule::Keep, Some(8443));
        }

        #[test]
        fn reading_again_changes_nothing(
            scheme in "(http://|https://|HTTPS://|)",
            host in "[a-zA-Z][a-zA-Z0-9-]{0,8}[a-z0-9](\\.[a-z][a-z0-9]{1,5}){0,2}",
            port in proptest::option::of(1..=u16::MAX),
            path in "(/[a-zA-Z0-9._~%-]{0,6}){0,3}",
        ) {
            let port = port.map_or(String::new(), |port| format!(":{port}"));
            let input = format!("{scheme}{host}{port}{path}");
            if let Ok(address) = Address::parse(&input, PathRule::Keep, Some(8006)) {
                let again = Address::parse(&address.base(), PathRule::Keep, Some(8006)).unwrap();
                prop_assert_eq!(&again, &address);
                prop_assert!(!address.base()[8..].contains("//"));
                prop_assert!(!address.base().ends_with('/'));
                prop_assert!(address.base().starts_with(&address.origin()));
            }
        }
    }
}
