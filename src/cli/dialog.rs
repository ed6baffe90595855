//! Asking and telling, one line at a time.

use secrecy::SecretString;
use unicode_width::UnicodeWidthStr as _;

use super::output::Output;
use crate::error::Result;

/// No line is longer, so that every terminal shows it as it is.
const WIDTH: usize = 79;

/// Somebody who can be asked.
pub(super) trait Dialog {
    /// Tells something.
    fn say(&mut self, text: &str);

    /// Asks for a line.
    ///
    /// # Errors
    /// When the person leaves, or nothing can be asked.
    fn ask(&mut self, prompt: &str) -> Result<String>;

    /// Asks for a line that is not shown while it is typed.
    ///
    /// # Errors
    /// As [`Dialog::ask`].
    fn ask_hidden(&mut self, prompt: &str) -> Result<SecretString>;
}

/// The person at the terminal.
impl Dialog for &Output {
    fn say(&mut self, text: &str) {
        self.before_question(&wrapped(text));
    }

    fn ask(&mut self, prompt: &str) -> Result<String> {
        Output::ask(self, prompt)
    }

    fn ask_hidden(&mut self, prompt: &str) -> Result<SecretString> {
        Output::ask_secret(self, prompt)
    }
}

/// Breaks lines between words, for terminals that break them anywhere. A word that is too long, such as an address, stays whole.
pub(super) fn wrapped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            result.push('\n');
        }
        let indent = &line[..line.len() - line.trim_start().len()];
        let mut width = 0;
        for word in line.split_inclusive(' ') {
            let length = word.trim_end().width();
            if width > indent.len() && width + length > WIDTH {
                result.truncate(result.trim_end_matches(' ').len());
                result.push('\n');
                result.push_str(indent);
                width = indent.len();
            }
            result.push_str(word);
            width += word.width();
        }
    }
    result
}

/// Answers that were written down before.
#[cfg(test)]
pub(super) struct Script {
    lines: std::vec::IntoIter<String>,
    /// All that was said and asked.
    pub said: String,
}

#[cfg(test)]
impl Script {
    pub(super) fn new(lines: &[&str]) -> Self {
        let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        Self { lines: lines.into_iter(), said: String::new() }
    }
}

#[cfg(test)]
impl Dialog for Script {
    fn say(&mut self, text: &str) {
        self.said.push_str(text);
        self.said.push('\n');
    }

    fn ask(&mut self, prompt: &str) -> Result<String> {
        self.say(prompt);
        let end = || crate::error::Error::new(crate::error::Kind::Cancelled, "Nothing was changed.");
        self.lines.next().ok_or_else(end)
    }

    fn ask_hidden(&mut self, prompt: &str) -> Result<SecretString> {
        self.ask(prompt).map(SecretString::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        let address = format!("https://{}.example", "a".repeat(90));
        let text = format!("short\n  {} {address}\n\nend", ["word"; 20].join(" "));
        let wrapped = wrapped(&text);
        assert!(wrapped.lines().all(|line| line.width() <= WIDTH || line.trim() == address), "{wrapped}");
        assert!(wrapped.lines().skip(1).take(2).all(|line| line.starts_with("  word")), "{wrapped}");
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(words(&wrapped), words(&text));
    }
}
