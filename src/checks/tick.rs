//! One thing that was checked, and what came of it.

use crate::setup::fix::Fix;

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Which one it is.
    pub id: Id,
    /// What came of it.
    pub state: State,
    /// What was looked at: an address, a field.
    pub looked_at: String,
    /// What was found: a sentence or two.
    pub found: String,
    /// What belongs to it one by one, such as the redirect URIs or the claims.
    pub details: Vec<Detail>,
    /// What mends it.
    pub mend: Option<Mend>,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Not known yet; or it cannot be there yet.
    Waiting,
    /// As it should be.
    Green,
    /// It works, or may work, and somebody should know.
    Warning,
    /// It does not work like this.
    Red,
    /// There is nothing to check, or it cannot be checked from here.
    Skipped,
}

impl State {
    /// The name for scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Green => "green",
            Self::Warning => "warning",
            Self::Red => "red",
            Self::Skipped => "skipped",
        }
    }
}

impl Mark {
    /// The name for scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::Plain => "plain",
        }
    }
}

/// One of several things that a check is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// Its name.
    pub name: String,
    /// What it is.
    pub value: String,
    /// What that means.
    pub mark: Mark,
}

/// What the signs before claims mean.
pub const LEGEND: &str = "+ the application relies on it, and it is there; ! it relies on it, and it is missing";

impl Detail {
    /// A line: a sign, the name and the value.
    pub fn line(&self) -> String {
        let sign = match self.mark {
            Mark::Present => '+',
            Mark::Missing => '!',
            Mark::Plain => ' ',
        };
        format!("{sign} {}: {}", self.name, self.value)
    }
}

/// What a [`Detail`] means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// As it should be: the application relies on it, and it is there.
    Present,
    /// The application relies on it, and it is not there or not right.
    Missing,
    /// It is there; nobody relies on it.
    Plain,
}

/// What mends it.
#[derive(Debug, Clone, PartialEq)]
pub struct Mend {
    /// What to do: a sentence or two.
    pub text: String,
    /// What akwiz can do about it itself, once it is confirmed.
    pub fix: Option<Fix>,
}

impl From<String> for Mend {
    fn from(text: String) -> Self {
        Self { text, fix: None }
    }
}

impl From<&str> for Mend {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<Fix> for Mend {
    fn from(fix: Fix) -> Self {
        let mut title = fix.title();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self { text: format!("{title}."), fix: Some(fix) }
    }
}

/// Which check it is, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`title` says what each is")]
pub enum Id {
    Name,
    Connection,
    Certificate,
    Clock,
    Detours,
    Discovery,
    Issuer,
    Endpoints,
    Algorithm,
    Keys,
    Encryption,
    Redirects,
    Client,
    Grants,
    Lifetimes,
    Refresh,
    Access,
    Claims,
    App,
    LoginButton,
}

/// What a check belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`title` says what each is")]
pub enum Group {
    Connection,
    Discovery,
    Keys,
    Redirect,
    Client,
    Grants,
    Claims,
    Application,
}

impl Group {
    /// One or two words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Connection => "Connection",
            Self::Discovery => "Discovery",
            Self::Keys => "Keys",
            Self::Redirect => "Redirect",
            Self::Client => "Client",
            Self::Grants => "Grants",
            Self::Claims => "People",
            Self::Application => "Application",
        }
    }
}

impl Id {
    /// Every check, in order.
    pub const ALL: [Self; 20] = [
        Self::Name,
        Self::Connection,
        Self::Certificate,
        Self::Clock,
        Self::Detours,
        Self::Discovery,
        Self::Issuer,
        Self::Endpoints,
        Self::Algorithm,
        Self::Keys,
        Self::Encryption,
        Self::Redirects,
        Self::Client,
        Self::Grants,
        Self::Lifetimes,
        Self::Refresh,
        Self::Access,
        Self::Claims,
        Self::App,
        Self::LoginButton,
    ];

    /// The name for scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Connection => "connection",
            Self::Certificate => "certificate",
            Self::Clock => "clock",
            Self::Detours => "detours",
            Self::Discovery => "discovery",
            Self::Issuer => "issuer",
            Self::Endpoints => "endpoints",
            Self::Algorithm => "algorithm",
            Self::Keys => "keys",
            Self::Encryption => "encryption",
            Self::Redirects => "redirects",
            Self::Client => "client",
            Self::Grants => "grants",
            Self::Lifetimes => "lifetimes",
            Self::Refresh => "refresh",
            Self::Access => "access",
            Self::Claims => "claims",
            Self::App => "application",
            Self::LoginButton => "login_button",
        }
    }

    /// A few words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Connection => "Connection",
            Self::Certificate => "Certificate",
            Self::Clock => "Clock",
            Self::Detours => "No detours",
            Self::Discovery => "Discovery",
            Self::Issuer => "Issuer",
            Self::Endpoints => "Endpoints",
            Self::Algorithm => "Signature",
            Self::Keys => "Keys",
            Self::Encryption => "No encryption",
            Self::Redirects => "Redirect URIs",
            Self::Client => "Client secret",
            Self::Grants => "Grant types",
            Self::Lifetimes => "Lifetimes",
            Self::Refresh => "Refresh",
            Self::Access => "Access",
            Self::Claims => "Claims",
            Self::App => "Application",
            Self::LoginButton => "Login button",
        }
    }

    /// What it belongs to.
    pub const fn group(self) -> Group {
        match self {
            Self::Name | Self::Connection | Self::Certificate | Self::Clock | Self::Detours => Group::Connection,
            Self::Discovery | Self::Issuer | Self::Endpoints => Group::Discovery,
            Self::Algorithm | Self::Keys | Self::Encryption => Group::Keys,
            Self::Redirects => Group::Redirect,
            Self::Client => Group::Client,
            Self::Grants | Self::Lifetimes | Self::Refresh => Group::Grants,
            Self::Access | Self::Claims => Group::Claims,
            Self::App | Self::LoginButton => Group::Application,
        }
    }
}

impl Tick {
    /// What came of the check `id`, which looked at `looked_at`.
    pub(super) fn new(id: Id, state: State, looked_at: impl Into<String>, found: impl Into<String>) -> Self {
        Self { id, state, looked_at: looked_at.into(), found: found.into(), details: Vec::new(), mend: None }
    }

    pub(super) fn green(id: Id, looked_at: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(id, State::Green, looked_at, found)
    }

    pub(super) fn warning(id: Id, looked_at: impl Into<String>, found: impl Into<String>, mend: impl Into<Mend>) -> Self {
        Self { mend: Some(mend.into()), ..Self::new(id, State::Warning, looked_at, found) }
    }

    pub(super) fn red(id: Id, looked_at: impl Into<String>, found: impl Into<String>, mend: impl Into<Mend>) -> Self {
        Self { mend: Some(mend.into()), ..Self::new(id, State::Red, looked_at, found) }
    }

    pub(super) fn skipped(id: Id, looked_at: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(id, State::Skipped, looked_at, why)
    }

    /// Adds what belongs to it one by one.
    pub(super) fn with(mut self, details: Vec<Detail>) -> Self {
        self.details = details;
        self
    }

    /// Whether somebody should look at it.
    pub fn is_alarm(&self) -> bool {
        matches!(self.state, State::Warning | State::Red)
    }
}

/// Every check, none of them answered.
pub fn waiting() -> Vec<Tick> {
    Id::ALL.into_iter().map(|id| Tick::new(id, State::Waiting, "", "")).collect()
}

/// How many checks came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states, counted")]
pub struct Summary {
    pub waiting: usize,
    pub green: usize,
    pub warning: usize,
    pub red: usize,
    pub skipped: usize,
}

impl Summary {
    /// Counts.
    pub fn of(ticks: &[Tick]) -> Self {
        let mut summary = Self::default();
        for tick in ticks {
            *match tick.state {
                State::Waiting => &mut summary.waiting,
                State::Green => &mut summary.green,
                State::Warning => &mut summary.warning,
                State::Red => &mut summary.red,
                State::Skipped => &mut summary.skipped,
            } += 1;
        }
        summary
    }

    /// Whether nothing is left to wait for or to mend.
    pub fn is_settled(self) -> bool {
        self.waiting + self.warning + self.red == 0
    }

    /// A line for people: `1 wrong, 2 to look at, 1 waiting, 14 right, 2 not checked`.
    pub fn sentence(self) -> String {
        let parts = [
            (self.red, "wrong"),
            (self.warning, "to look at"),
            (self.waiting, "waiting"),
            (self.green, "right"),
            (self.skipped, "not checked"),
        ];
        let told: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
        told.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_stand_in_the_order_of_their_groups() {
        let groups: Vec<Group> = Id::ALL.iter().map(|id| id.group()).collect();
        assert!(groups.is_sorted());
        assert!(Id::ALL.is_sorted());
    }

    #[test]
    fn a_summary_counts_every_state() {
        let mut ticks = waiting();
        ticks[0].state = State::Green;
        ticks[1].state = State::Red;
        ticks[2].state = State::Skipped;
        let summary = Summary::of(&ticks);
        assert_eq!(summary.sentence(), "1 wrong, 17 waiting, 1 right, 1 not checked");
        assert!(!summary.is_settled());
    }
}
