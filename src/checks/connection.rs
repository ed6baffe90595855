//! Whether authentik's public address can be reached from here: name, address families, TCP, certificate, clock, detours.

use std::io;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use tokio::net::{TcpStream, lookup_host};
use url::{Host, Url};

use super::target::Target;
use super::tick::{Id, State, Tick};
use crate::authentik::ApiError;
use crate::authentik::address::host_and_port;
use crate::authentik::connect::clock_skew;
use crate::authentik::failure::ConnectFailure;
use crate::authentik::http::Answer;
use crate::authentik::text::{clean, days_of};
use crate::authentik::tls::{Presented, TrustedBy};

/// How far two clocks may be apart before tokens look as if they were from the future. Most libraries allow a minute.
const CLOCK: i64 = 60;

/// Fewer days than these, and a renewal has failed.
const RENEWED: i64 = 7;

/// More addresses than these are a farm's, and one of them tells enough.
const MOST_ADDRESSES: usize = 6;

/// What the network says about the public address.
#[derive(Debug, Clone, Default)]
pub(super) struct Network {
    /// The addresses that the name stands for; empty when it does not resolve.
    pub addresses: Vec<IpAddr>,
    /// Those that were tried, each with what came of it.
    pub tried: Vec<(IpAddr, Result<(), io::ErrorKind>)>,
}

/// Looks the name up and knocks at each address.
pub(super) async fn look(public: &Url, patience: Duration) -> Network {
    let port = public.port_or_known_default().unwrap_or(443);
    let addresses: Vec<IpAddr> = match public.host() {
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        Some(Host::Domain(name)) => match lookup_host((name, port)).await {
            Ok(found) => {
                let mut addresses: Vec<IpAddr> = found.map(|address| address.ip()).collect();
                addresses.sort_unstable();
                addresses.dedup();
                addresses
            }
            Err(_) => Vec::new(),
        },
        None => Vec::new(),
    };
    let knock = |address: IpAddr| async move {
        let connected = tokio::time::timeout(patience, TcpStream::connect((address, port))).await;
        let outcome = connected.unwrap_or(Err(io::ErrorKind::TimedOut.into()));
        (address, outcome.map(drop).map_err(|error| error.kind()))
    };
    let tried = join_all(addresses.iter().take(MOST_ADDRESSES).copied().map(knock)).await;
    Network { addresses, tried }
}

/// What was asked for at the public address, and what came.
pub(super) struct Asked<'a> {
    /// The target.
    pub target: &'a Target,
    /// What the network says, where it was asked.
    pub network: Option<&'a Network>,
    /// The answer to the request for the discovery document.
    pub answer: &'a Result<Answer, ApiError>,
    /// The certificate that was shown.
    pub certificate: Option<&'a Presented>,
    /// It came from the public address, and not by another way to the same server.
    pub direct: bool,
    /// akwiz itself has another way there, so that this machine need not reach the public address.
    pub other_way: bool,
}

impl Asked<'_> {
    /// All ticks of the group.
    pub(super) fn judge(&self) -> Vec<Tick> {
        let mut ticks = match self.network {
            Some(network) => vec![self.name(network), self.connection(network), self.certificate()],
            None => [Id::Name, Id::Connection, Id::Certificate]
                .map(|id| Tick::skipped(id, self.target.public_url(), "The stand-in is inside this program."))
                .into(),
        };
        ticks.push(self.clock());
        ticks.push(self.detours());
        ticks
    }

    fn host(&self) -> String {
        host_and_port(&self.target.public)
    }

    /// What does not work from here may still work where it matters.
    fn worst(&self) -> State {
        if self.other_way { State::Warning } else { State::Red }
    }

    fn answered(&self) -> bool {
        self.direct && self.answer.is_ok()
    }

    fn name(&self, network: &Network) -> Tick {
        let host = self.target.public.host_str().unwrap_or_default();
        if !matches!(self.target.public.host(), Some(Host::Domain(_))) {
            return Tick::green(Id::Name, host, "It is an address, so no name has to be looked up.");
        }
        if network.addresses.is_empty() {
            if self.answered() {
                return Tick::skipped(Id::Name, host, "It does not resolve here, but a proxy finds it.");
            }
            let mend = "Browsers and the application have to find it: add it to your DNS, or to the hosts file of each.";
            let found = format!("{host} does not resolve on this machine.");
            return Tick { state: self.worst(), ..Tick::red(Id::Name, host, found, mend) };
        }
        let shown: Vec<String> = network.addresses.iter().take(MOST_ADDRESSES).map(ToString::to_string).collect();
        Tick::green(Id::Name, host, format!("It resolves to {}.", shown.join(", ")))
    }

    fn connection(&self, network: &Network) -> Tick {
        let host = self.host();
        let open = |v6: bool| network.tried.iter().any(|(address, outcome)| address.is_ipv6() == v6 && outcome.is_ok());
        // A machine without a route of that kind says nothing about the server.
        let shut = |v6: bool| {
            network.tried.iter().any(|(address, outcome)| {
                address.is_ipv6() == v6
                    && !address.is_loopback()
                    && matches!(
                        outcome,
                        Err(io::ErrorKind::ConnectionRefused | io::ErrorKind::TimedOut | io::ErrorKind::ConnectionReset)
                    )
            })
        };
        let name = |v6: bool| if v6 { "IPv6" } else { "IPv4" };
        for v6 in [true, false] {
            if open(!v6) && shut(v6) && !open(v6) {
                let found = format!("It answers over {}, but not over {}, for which it has an address too.", name(!v6), name(v6));
                let record = if v6 { "AAAA" } else { "A" };
                let mend = format!(
                    "Applications may try {} first and wait: let the server answer there, or remove the {record} record.",
                    name(v6)
                );
                return Tick::warning(Id::Connection, host, found, mend);
            }
        }
        match (open(false), open(true)) {
            (true, true) => Tick::green(Id::Connection, host, "It answers over IPv4 and IPv6."),
            (true, false) => Tick::green(Id::Connection, host, "It answers over IPv4."),
            (false, true) => Tick::green(Id::Connection, host, "It answers over IPv6."),
            (false, false) if self.answered() => {
                Tick::skipped(Id::Connection, host, "It cannot be reached directly from here, but by a proxy.")
            }
            (false, false) if network.tried.is_empty() => {
                Tick::skipped(Id::Connection, host, "Without an address there is nothing to connect to.")
            }
            (false, false) => {
                let timed_out = network.tried.iter().any(|(_, outcome)| *outcome == Err(io::ErrorKind::TimedOut));
                let failure = if timed_out { ConnectFailure::TimedOut } else { ConnectFailure::Refused };
                let error = failure.explain(&host);
                let mend = error.hints.join(" ");
                Tick { state: self.worst(), ..Tick::red(Id::Connection, host, error.message, mend) }
            }
        }
    }

    fn certificate(&self) -> Tick {
        let host = self.host();
        if self.target.public.scheme() == "http" {
            let needs_https = self.target.expectation.known.as_ref().is_some_and(|known| known.https);
            let found = "authentik is used without encryption.";
            return if needs_https {
                let mend = format!("{} wants https: put a certificate in front of authentik.", self.target.expectation.name);
                Tick::red(Id::Certificate, host, found, mend)
            } else {
                Tick::skipped(Id::Certificate, host, format!("{found} There is no certificate to look at."))
            };
        }
        match (self.answer, self.certificate) {
            _ if !self.direct => Tick::skipped(Id::Certificate, host, "The public address was not reached from here."),
            (Err(ApiError::Connect { failure, .. } | ApiError::NoAnswer { failure, .. }), seen) => match failure {
                ConnectFailure::NotTrusted(_) | ConnectFailure::WrongName(_) | ConnectFailure::OutOfDate(_) => {
                    let error = failure.explain(&host);
                    let lone = seen.is_some_and(|seen| seen.intermediates == 0 && seen.subject != seen.issuer);
                    let mut mend = "The application refuses it as well.".to_owned();
                    mend += match failure {
                        ConnectFailure::NotTrusted(_) if lone => {
                            " The server sends no intermediate certificate: configure the full chain (fullchain.pem)."
                        }
                        ConnectFailure::NotTrusted(_) => {
                            " Use a certificate of a public authority, or give your own authority's certificate to the application."
                        }
                        ConnectFailure::WrongName(_) => " Use a certificate that has this name.",
                        _ => " Renew it, and check the clocks.",
                    };
                    Tick::red(Id::Certificate, host, format!("{} {}", error.message, shown(seen)), mend)
                }
                _ => Tick::skipped(Id::Certificate, host, "No certificate came."),
            },
            (_, None) => Tick::skipped(Id::Certificate, host, "No certificate came."),
            (_, Some(seen)) if seen.trusted_by == Some(TrustedBy::Fingerprint) => Tick::warning(
                Id::Certificate,
                host,
                format!("This machine accepts it by its fingerprint; the application does not. {}", shown(Some(seen))),
                "Use a certificate of a public authority, or give this certificate to the application as one to trust.",
            ),
            (_, Some(seen)) => match days_left(seen) {
                Some(days) if days < RENEWED => Tick::warning(
                    Id::Certificate,
                    host,
                    format!("It runs out in {days} days. {}", shown(Some(seen))),
                    "Renew it, and see why it was not renewed by itself.",
                ),
                _ => Tick::green(Id::Certificate, host, format!("It is trusted and has this name. {}", shown(Some(seen)))),
            },
        }
    }

    fn clock(&self) -> Tick {
        let Some(skew) = self.answer.as_ref().ok().and_then(clock_skew) else {
            return Tick::skipped(Id::Clock, self.host(), "The server did not say the time.");
        };
        if skew.abs() <= CLOCK {
            return Tick::green(Id::Clock, "authentik's clock and this machine's", "They agree to the minute.");
        }
        let way = if skew > 0 { "ahead of" } else { "behind" };
        let found = format!("authentik's clock is {} {way} this machine's.", span(skew.unsigned_abs()));
        let mend = "Tokens look as if they came from the future, or had run out: switch time synchronization (NTP) on, on both.";
        Tick::warning(Id::Clock, "authentik's clock and this machine's", found, mend)
    }

    fn detours(&self) -> Tick {
        let host = self.host();
        let Ok(answer) = self.answer else { return Tick::skipped(Id::Detours, host, "There was no answer.") };
        if !(300..400).contains(&answer.status) {
            return Tick::green(Id::Detours, host, "Requests are answered at once, without a redirect.");
        }
        let to = clean(answer.header("location").unwrap_or("an unknown place"));
        let mend = "Applications do not follow redirects when they fetch tokens. Give them the address that answers itself, or take \
                    whatever stands in front of authentik out of the way for /application/o/.";
        Tick::red(Id::Detours, host, format!("The request was sent on to {to} (status {}).", answer.status), mend)
    }
}

/// What a certificate says, in a line.
fn shown(seen: Option<&Presented>) -> String {
    let Some(seen) = seen else { return String::new() };
    let mut parts = Vec::new();
    if !seen.alternatives.is_empty() {
        let more = if seen.alternatives.len() > 4 { " and others" } else { "" };
        parts.push(format!("It is for {}{more}", seen.alternatives[..seen.alternatives.len().min(4)].join(", ")));
    } else if !seen.subject.is_empty() {
        parts.push(format!("It is for {}", seen.subject));
    }
    if !seen.issuer.is_empty() {
        parts.push(format!("signed by {}", seen.issuer));
    }
    if let Some(days) = days_left(seen) {
        parts.push(format!("{days} days left"));
    }
    if parts.is_empty() { String::new() } else { format!("{}.", parts.join("; ")) }
}

fn days_left(seen: &Presented) -> Option<i64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs() / 86_400;
    Some(days_of(&seen.not_after)? - i64::try_from(now).ok()?)
}

/// A time span in the largest unit that fits.
fn span(seconds: u64) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7_199 => format!("{} minutes", seconds / 60),
        7_200..=172_799 => format!("{} hours", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
