//! How far applying is, for the page that shows it.

/// One step: a write, or the look at what came of all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it does: `Create the group "family"`.
    pub label: String,
    /// How far it is.
    pub state: StepState,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Sent, and no answer yet.
    Running,
    /// The server said yes.
    Done,
    /// The server said no, or could not be reached.
    Failed,
    /// The answer was lost, and what it should have done was not found.
    Unknown,
}

/// News of a run.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Every step, in order, from the first news on.
    pub steps: &'a [Step],
    /// Which one changed; none the first time.
    pub changed: Option<usize>,
}
