//! What a stand-in is started with.

use std::time::Duration;

/// The authentik server that the stand-in answers like.
///
/// The first three columns and [`Version::V2026_5`] follow recordings of real servers. [`Version::V2026_8`] is in no recording: it
/// follows the schema and the public source of 2026.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Version {
    /// 2024.12.5.
    V2024_12,
    /// 2025.12.4.
    V2025_12,
    /// 2026.5.0-rc1 as released: no `grant_types` yet.
    V2026_5Rc1,
    /// 2026.5 with `grant_types` on the provider.
    #[default]
    V2026_5,
    /// 2026.8, from its schema and source only.
    V2026_8,
}

impl Version {
    /// Every version, oldest first.
    pub const ALL: [Self; 5] = [Self::V2024_12, Self::V2025_12, Self::V2026_5Rc1, Self::V2026_5, Self::V2026_8];

    /// The number that the server gives for itself, such as `2025.12.4`.
    pub const fn number(self) -> &'static str {
        match self {
            Self::V2024_12 => "2024.12.5",
            Self::V2025_12 => "2025.12.4",
            Self::V2026_5Rc1 => "2026.5.0-rc1",
            Self::V2026_5 => "2026.5.6",
            Self::V2026_8 => "2026.8.0-rc6",
        }
    }

    /// Year and month, as the page of a flow carries them.
    pub const fn family(self) -> &'static str {
        match self {
            Self::V2024_12 => "2024.12",
            Self::V2025_12 => "2025.12",
            Self::V2026_5Rc1 | Self::V2026_5 => "2026.5",
            Self::V2026_8 => "2026.8",
        }
    }

    /// The column of `schema.json`.
    pub(super) const fn column(self) -> &'static str {
        match self {
            Self::V2026_5Rc1 => "2026.5-rc1",
            other => other.family(),
        }
    }

    /// Whether the provider has `grant_types`.
    pub(super) fn has_grant_types(self) -> bool {
        self >= Self::V2026_5
    }
}

/// What the server holds when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Seed {
    /// A homelab: people, groups, four applications (one behind a proxy provider, one OAuth), and an EC key as the only key.
    #[default]
    Demo,
    /// A new server as the recordings found it: default blueprints, `akadmin`, and the self-signed RSA certificate.
    Fresh,
}

/// Under which field a transaction reports that the provider's name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DuplicateName {
    /// `provider.name`, as every recorded server does.
    #[default]
    Provider,
    /// `app.provider`, as authentik's own web code expects of newer servers; in no recording.
    Application,
}

/// How the Plex stand-in behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlexOptions {
    /// After how many polls a PIN is authorised.
    pub polls: u32,
    /// Whether a PIN expires at that poll instead of being authorised.
    pub expires: bool,
}

impl Default for PlexOptions {
    fn default() -> Self {
        Self { polls: 2, expires: false }
    }
}

/// What [`StandIn::start`](super::StandIn::start) needs to know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The server to answer like.
    pub version: Version,
    /// What the server holds when it starts.
    pub seed: Seed,
    /// Added to each request, so that loading states can be seen.
    pub delay: Duration,
    /// Where a taken provider name shows in a transaction.
    pub duplicate_name: DuplicateName,
    /// The Plex stand-in.
    pub plex: PlexOptions,
    /// What lies in front of the server.
    pub surroundings: Surroundings,
}

/// What lies in front of the server, and goes wrong in the field.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings {
    /// A proxy that loses `X-Forwarded-Proto`, or that the server does not trust (2026.8): addresses become `http`.
    pub loses_scheme: bool,
    /// How far the server's clock is ahead, in seconds.
    pub clock_ahead: i64,
}
