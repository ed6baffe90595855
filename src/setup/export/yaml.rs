//! YAML with the tags of authentik's blueprints.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// A value in a blueprint.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A scalar or a list of them.
    Plain(Json),
    /// Text of several lines.
    Lines(String),
    /// `!Find [model, [field, value]]`.
    Find(&'static str, &'static str, String),
    /// `!KeyOf id`.
    KeyOf(String),
    /// `!Env NAME`.
    Env(String),
    /// `!File path`.
    File(String),
    /// Members.
    List(Vec<Self>),
    /// Fields, in order.
    Table(Vec<(String, Self)>),
}

impl Node {
    /// Text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Plain(Json::String(text.into()))
    }

    /// Writes it after a key or a dash, `depth` steps in.
    pub fn write(&self, out: &mut String, depth: usize) {
        match self {
            Self::Plain(value) => {
                let _ = writeln!(out, " {}", flow(value));
            }
            Self::Lines(text) => write_lines(out, text, depth),
            Self::Find(model, field, value) => {
                let _ = writeln!(out, " !Find [{model}, [{field}, {}]]", quoted(value));
            }
            Self::KeyOf(id) => {
                let _ = writeln!(out, " !KeyOf {}", quoted(id));
            }
            Self::Env(name) => {
                let _ = writeln!(out, " !Env {}", quoted(name));
            }
            Self::File(path) => {
                let _ = writeln!(out, " !File {}", quoted(path));
            }
            Self::List(items) if items.is_empty() => out.push_str(" []\n"),
            Self::List(items) => {
                out.push('\n');
                for item in items {
                    indent(out, depth);
                    out.push('-');
                    match item {
                        // The first field stands beside the dash.
                        Self::Table(fields) => write_fields(out, fields, depth + 1, true),
                        item => item.write(out, depth + 1),
                    }
                }
            }
            Self::Table(fields) if fields.is_empty() => out.push_str(" {}\n"),
            Self::Table(fields) => {
                out.push('\n');
                write_fields(out, fields, depth, false);
            }
        }
    }
}

fn write_fields(out: &mut String, fields: &[(String, Node)], depth: usize, beside_dash: bool) {
    for (index, (name, value)) in fields.iter().enumerate() {
        if index == 0 && beside_dash {
            out.push(' ');
        } else {
            indent(out, depth);
        }
        let _ = write!(out, "{name}:");
        value.write(out, depth + 1);
    }
}

fn indent(out: &mut String, depth: usize) {
    for _ in 0..depth {
        out.push_str("  ");
    }
}

/// A literal block where that holds the text byte by byte, a quoted string elsewhere.
fn write_lines(out: &mut String, text: &str, depth: usize) {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let literal = body.contains('\n')
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
        && body.chars().all(|letter| letter == '\n' || is_printable(letter));
    if !literal {
        let _ = writeln!(out, " {}", quoted(text));
        return;
    }
    out.push_str(if text.len() == body.len() { " |-\n" } else { " |\n" });
    for line in body.split('\n') {
        if !line.is_empty() {
            indent(out, depth);
            out.push_str(line);
        }
        out.push('\n');
    }
}

/// A value on one line.
fn flow(value: &Json) -> String {
    match value {
        Json::Null => "null".to_owned(),
        Json::Bool(on) => on.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{}: {}", quoted(name), flow(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

/// A string in double quotes: in no other form can every text stand.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            letter if is_printable(letter) => out.push(letter),
            letter if u32::from(letter) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => {
                let _ = write!(out, "\\U{:08x}", u32::from(letter));
            }
        }
    }
    out.push('"');
    out
}

/// What YAML lets stand as it is, and every reader reads alike: no control characters, no line breaks of Unicode's, no byte order mark.
fn is_printable(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}
