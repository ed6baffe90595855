//! What people type when they are asked for authentik's address, and where it may lead.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::catalog::address::split_scheme;

/// The first path segments that are authentik's own: what stands before them is the path that it is served below.
const OWN_PATHS: [&str; 10] =
    ["if", "api", "application", "flows", "static", "media", "files", "source", "-", "outpost.goauthentik.io"];

/// The ports that authentik itself listens on (2024.12 to 2026.8).
const HTTP_PORT: u16 = 9000;
const HTTPS_PORT: u16 = 9443;

/// What was typed cannot be an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// Nothing was typed.
    #[error("Type authentik's address, such as auth.example.com.")]
    Empty,
    /// It names another protocol.
    #[error("authentik is reached by http or https.")]
    OtherScheme,
    /// It has a user name or a password in it.
    #[error("Leave the user name and the password out of the address.")]
    HasUser,
    /// It is no host name.
    #[error("This is not a host name, such as auth.example.com or 192.168.1.5:9443.")]
    NoHost,
}

/// Who can reach an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This machine only.
    Loopback,
    /// A private network: RFC 1918, RFC 4193, RFC 6598, link-local.
    Private,
    /// A name without a dot, such as a container's: known to one network or one host only.
    BareName,
    /// A name or an address that may be the one that browsers use.
    Public,
}

impl Reach {
    /// Whether the address that browsers and applications use must be asked for.
    pub fn needs_public_address(self) -> bool {
        self != Self::Public
    }
}

/// Who can reach `url`.
pub fn reach(url: &Url) -> Reach {
    match url.host() {
        Some(Host::Ipv4(ip)) => reach_v4(ip),
        Some(Host::Ipv6(ip)) => reach_v6(ip),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            if name == "localhost" || name.ends_with(".localhost") {
                Reach::Loopback
            } else if name == "host.docker.internal" || name == "host.containers.internal" {
                Reach::Private
            } else if name.contains('.') {
                Reach::Public
            } else {
                Reach::BareName
            }
        }
        None => Reach::BareName,
    }
}

fn reach_v4(ip: Ipv4Addr) -> Reach {
    let shared = ip.octets()[0] == 100 && (64..128).contains(&ip.octets()[1]);
    if ip.is_loopback() || ip.is_unspecified() {
        Reach::Loopback
    } else if ip.is_private() || ip.is_link_local() || shared {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn reach_v6(ip: Ipv6Addr) -> Reach {
    if let Some(v4) = ip.to_ipv4_mapped() {
        return reach_v4(v4);
    }
    if ip.is_loopback() || ip.is_unspecified() {
        Reach::Loopback
    } else if ip.is_unique_local() || ip.is_unicast_link_local() {
        Reach::Private
    } else {
        Reach::Public
    }
}

/// The host, with the port where it is not the scheme's: what a `Host` header and a sentence need.
pub fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// An address as typed, understood: where to look, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    candidates: Vec<Url>,
}

impl Address {
    /// Understands `auth.example.com`, `HTTPS://Auth.Example.com/`, with port or path, in quotes, with spaces, or a page of
    /// authentik's own interface pasted whole.
    ///
    /// # Errors
    /// [`NotAnAddress`], with a sentence for the person who typed.
    pub fn parse(typed: &str) -> Result<Self, NotAnAddress> {
        let typed = typed.trim_matches(|c: char| c.is_whitespace() || c.is_control() || "\"'`<>“”‘’«»,;".contains(c));
        if typed.is_empty() {
            return Err(NotAnAddress::Empty);
        }
        let (scheme, rest) = split_scheme(typed).map_err(|_| NotAnAddress::OtherScheme)?;
        let rest = rest.trim_start();
        let mut url = Url::parse(&format!("{}://{rest}", scheme.unwrap_or("https"))).map_err(|_| NotAnAddress::NoHost)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotAnAddress::HasUser);
        }
        if url.host_str().is_none_or(|host| host.is_empty() || host.contains("..")) {
            return Err(NotAnAddress::NoHost);
        }
        url.set_query(None);
        url.set_fragment(None);
        let origins = if scheme.is_some() { vec![origin(&url)] } else { guesses(&url, typed_port(rest)) };
        let paths = base_paths(&url);
        let candidates = origins.iter().flat_map(|origin| paths.iter().map(|path| with_path(origin, path))).collect();
        Ok(Self { candidates })
    }

    /// Where authentik may be, the likeliest first. Each is an origin, or an origin and a path that ends with a slash.
    pub fn candidates(&self) -> &[Url] {
        &self.candidates
    }
}

/// The port that was typed. The parser of URLs hides one that is the scheme's default.
fn typed_port(rest: &str) -> Option<u16> {
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = authority.rsplit_once(':')?;
    // Colons within an IPv6 address are inside brackets.
    if host.starts_with('[') && !host.ends_with(']') { None } else { port.parse().ok() }
}

/// Which origins a host without a scheme may mean.
fn guesses(url: &Url, port: Option<u16>) -> Vec<Url> {
    let at = |scheme: &str, port: Option<u16>| {
        let mut guess = origin(url);
        guess.set_scheme(scheme).expect("both schemes are web schemes");
        guess.set_port(port).expect("web addresses have ports");
        guess
    };
    let reach = reach(url);
    match port {
        Some(port @ (HTTP_PORT | 80)) => vec![at("http", Some(port)), at("https", Some(port))],
        Some(port @ (HTTPS_PORT | 443)) => vec![at("https", Some(port))],
        Some(port) if reach == Reach::Loopback => vec![at("http", Some(port)), at("https", Some(port))],
        Some(port) if reach == Reach::Public => vec![at("https", Some(port))],
        Some(port) => vec![at("https", Some(port)), at("http", Some(port))],
        None => match reach {
            // A token must not go out in the clear because a port was closed for a moment.
            Reach::Public => vec![at("https", None)],
            Reach::Loopback | Reach::BareName => {
                vec![at("https", None), at("http", None), at("http", Some(HTTP_PORT)), at("https", Some(HTTPS_PORT))]
            }
            Reach::Private => {
                vec![at("https", None), at("https", Some(HTTPS_PORT)), at("http", None), at("http", Some(HTTP_PORT))]
            }
        },
    }
}

fn origin(url: &Url) -> Url {
    with_path(url, "/")
}

fn with_path(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url
}

/// The paths that authentik may be served below (`AUTHENTIK_WEB__PATH`, since 2024.12): what stands before its own pages, else the
/// whole path and then none.
fn base_paths(url: &Url) -> Vec<String> {
    let segments: Vec<&str> =
        url.path_segments().map(|all| all.filter(|segment| !segment.is_empty()).collect()).unwrap_or_default();
    let own = segments.iter().position(|segment| OWN_PATHS.contains(segment));
    let base = &segments[..own.unwrap_or(segments.len())];
    if base.is_empty() {
        return vec!["/".to_owned()];
    }
    let path = format!("/{}/", base.join("/"));
    if own.is_some() { vec![path] } else { vec![path, "/".to_owned()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(typed: &str) -> Vec<String> {
        Address::parse(typed).unwrap().candidates().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_people_type_is_understood() {
        for (typed, first) in [
            ("auth.example.com", "https://auth.example.com/"),
            ("  HTTPS://Auth.Example.com/  ", "https://auth.example.com/"),
            ("\"auth.example.com:8443\"", "https://auth.example.com:8443/"),
            ("https://auth.example.com/if/admin/#/core/applications", "https://auth.example.com/"),
            ("https://example.com/sso/if/flow/default-authentication-flow/?next=%2F", "https://example.com/sso/"),
            ("https://example.com/sso", "https://example.com/sso/"),
            ("localhost:9000", "http://localhost:9000/"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
            ("authentik-server:9000", "http://authentik-server:9000/"),
            ("192.168.1.5:9443", "https://192.168.1.5:9443/"),
            ("[::1]:9000", "http://[::1]:9000/"),
            ("[fd00::1]", "https://[fd00::1]/"),
            ("http://auth.example.com:443", "http://auth.example.com:443/"),
            ("auth.example.com:443", "https://auth.example.com/"),
            ("//auth.example.com", "https://auth.example.com/"),
            ("https:/auth.example.com", "https://auth.example.com/"),
            ("http//192.168.1.5:9000", "http://192.168.1.5:9000/"),
            ("“auth.example.com”", "https://auth.example.com/"),
            ("bücher.example", "https://xn--bcher-kva.example/"),
        ] {
            assert_eq!(tried(typed)[0], first, "{typed}");
        }
    }

    #[test]
    fn a_public_name_is_never_tried_in_the_clear_by_itself() {
        assert_eq!(tried("auth.example.com"), ["https://auth.example.com/"]);
        assert_eq!(tried("auth.example.com:8443"), ["https://auth.example.com:8443/"]);
    }

    #[test]
    fn a_path_is_tried_and_then_dropped() {
        assert_eq!(tried("https://example.com/sso/x"), ["https://example.com/sso/x/", "https://example.com/"]);
        assert_eq!(tried("https://example.com/sso/api/v3/"), ["https://example.com/sso/"]);
    }

    #[test]
    fn a_bare_loopback_name_is_tried_at_authentik_s_own_ports() {
        assert_eq!(
            tried("localhost"),
            ["https://localhost/", "http://localhost/", "http://localhost:9000/", "https://localhost:9443/"]
        );
    }

    #[test]
    fn what_is_no_address_gets_a_sentence() {
        for (typed, error) in [
            ("", NotAnAddress::Empty),
            (" \"\" ", NotAnAddress::Empty),
            ("ftp://auth.example.com", NotAnAddress::OtherScheme),
            ("htps//auth.example.com", NotAnAddress::OtherScheme),
            ("https://me:pw@auth.example.com", NotAnAddress::HasUser),
            ("https://", NotAnAddress::NoHost),
            ("auth example com", NotAnAddress::NoHost),
            ("auth.example.com:99999", NotAnAddress::NoHost),
        ] {
            assert_eq!(Address::parse(typed), Err(error), "{typed}");
        }
    }

    #[test]
    fn reach_is_told_by_the_host() {
        for (url, wanted) in [
            ("http://localhost:9000", Reach::Loopback),
            ("http://127.1.2.3", Reach::Loopback),
            ("http://[::1]", Reach::Loopback),
            ("http://0.0.0.0:9000", Reach::Loopback),
            ("https://10.0.0.5:9443", Reach::Private),
            ("https://100.100.1.1", Reach::Private),
            ("https://[fd00::1]", Reach::Private),
            ("https://[::ffff:192.168.0.1]", Reach::Private),
            ("http://authentik-server:9000", Reach::BareName),
            ("https://auth.example.com", Reach::Public),
            ("https://auth.lan", Reach::Public),
            ("https://8.8.8.8", Reach::Public),
        ] {
            assert_eq!(reach(&Url::parse(url).unwrap()), wanted, "{url}");
        }
    }
}
