//! Terraform's language: strings, values, blocks.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// A string literal. `${` and `%{` would be evaluated, so they are doubled.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if letters.peek() == Some(&'{') => {
                out.push(letter);
                out.push(letter);
            }
            letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// Text of several lines, one line a line. Joined rather than a heredoc, which would add a line break at its end.
pub(super) fn lines(text: &str) -> String {
    if !text.contains('\n') {
        return quoted(text);
    }
    let lines: Vec<String> = text.split('\n').map(|line| format!("    {},\n", quoted(line))).collect();
    format!("join(\"\\n\", [\n{}  ])", lines.concat())
}

/// A value.
pub(super) fn value(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(on) => on.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("[{}]", items.iter().map(self::value).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{} = {}", quoted(name), self::value(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
    }
}

/// A block with its arguments, the values already written.
pub(super) struct Block {
    head: String,
    arguments: Vec<(String, String)>,
}

impl Block {
    /// `kind "label" "label" { … }`.
    pub fn new(kind: &str, labels: &[&str]) -> Self {
        let labels: Vec<String> = labels.iter().map(|label| quoted(label)).collect();
        Self { head: std::iter::once(kind.to_owned()).chain(labels).collect::<Vec<_>>().join(" "), arguments: Vec::new() }
    }

    /// An argument whose value is written already.
    pub fn raw(mut self, name: &str, value: impl Into<String>) -> Self {
        self.arguments.push((name.to_owned(), value.into()));
        self
    }

    /// An argument that is text.
    pub fn text(self, name: &str, text: &str) -> Self {
        self.raw(name, quoted(text))
    }

    /// Adds it to `out`, with the equals signs below each other as `terraform fmt` puts them.
    pub fn write(&self, out: &mut String) {
        let _ = writeln!(out, "{} {{", self.head);
        // A value of several lines ends a group.
        let mut at = 0;
        while at < self.arguments.len() {
            let end = self.arguments[at..]
                .iter()
                .position(|(_, value)| value.contains('\n'))
                .map_or(self.arguments.len(), |next| at + next);
            let group = if end == at { at..at + 1 } else { at..end };
            let width = self.arguments[group.clone()].iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            for (name, value) in &self.arguments[group.clone()] {
                let _ = writeln!(out, "  {name:width$} = {value}");
            }
            at = group.end;
        }
        out.push_str("}\n\n");
    }
}
