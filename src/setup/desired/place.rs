//! Places in a file, and what is wrong there.

use std::fmt;

/// A place in a text. Lines and columns count from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Place {
    /// The place that follows `text`.
    pub fn after(text: &str) -> Self {
        let (before, last) = text.rsplit_once('\n').map_or((None, text), |(before, last)| (Some(before), last));
        Self { line: before.map_or(1, |before| before.matches('\n').count() + 2), column: last.chars().count() + 1 }
    }
}

/// Something that is wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What: a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem at `place`.
    pub fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), hint: None }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place.line, self.place.column, self.message)
    }
}

/// Finds places in one text.
pub(super) struct Places<'a> {
    text: &'a str,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, lines: std::iter::once(0).chain(starts).collect() }
    }

    /// The place of a byte position.
    pub(super) fn of(&self, at: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.text.get(start..at).map_or(1, |before| before.chars().count() + 1);
        Place { line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_from_one() {
        let places = Places::new("ä b\n\nx");
        let at = |position| (places.of(position).line, places.of(position).column);
        assert_eq!([at(0), at(3), at(5), at(6), at(7)], [(1, 1), (1, 3), (2, 1), (3, 1), (3, 2)]);
        assert_eq!(Places::new("").of(0), Place { line: 1, column: 1 });
        for text in ["", "ä b", "ä b\n", "ä b\n\nx"] {
            assert_eq!(Place::after(text), Places::new(text).of(text.len()), "{text:?}");
        }
    }
}
