//! What to run from inside the application's own network: that it cannot reach authentik is invisible from anywhere else.

use super::target::Target;
use crate::catalog::template::IssuerMode;
use crate::setup::command::quoted;
use crate::setup::endpoints::Endpoints;

/// A command with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Where it runs.
    pub title: String,
    /// The command.
    pub command: String,
}

/// The commands. Each prints the discovery document, or why it cannot be reached.
pub fn from_inside(target: &Target) -> Vec<Line> {
    let url = Endpoints::new(target.public_url(), &target.slug, IssuerMode::PerProvider).discovery;
    let known = target.expectation.known.as_ref();
    let container = known.and_then(|known| known.container.clone()).unwrap_or_else(|| target.slug.clone());
    let command = |words: &[&str]| quoted(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    vec![
        Line {
            title: format!("In the container (here named {container})"),
            command: command(&["docker", "exec", &container, "wget", "-qO-", &url]),
        },
        Line {
            title: "In the container, where it has curl".to_owned(),
            command: command(&["docker", "exec", &container, "curl", "-fsS", &url]),
        },
        Line { title: "On the application's own machine".to_owned(), command: command(&["curl", "-fsS", &url]) },
    ]
}
