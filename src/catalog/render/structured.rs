//! Writes values at paths as JSON, YAML, TOML, INI, properties or an environment file.

use std::fmt::Write as _;

use indexmap::IndexMap;

use super::Rendered;
use super::quote::{Refused, is_bare, quote};
use crate::catalog::template::Format;

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A key.
    Name(String),
    /// An item's position; -1 appends.
    Index(i64),
}

/// Values by path. Leaves are literals of the format that is written.
#[derive(Debug, Clone, Default)]
pub(super) enum Tree {
    /// Nothing yet.
    #[default]
    Empty,
    /// A literal.
    Leaf(String),
    /// Keys.
    Table(IndexMap<String, Tree>),
    /// Items.
    List(Vec<Tree>),
}

impl Tree {
    /// Puts a literal at a path.
    pub(super) fn insert(&mut self, path: &[Step], literal: String) -> Result<(), Refused> {
        let clash = || Refused::new("Its path is already taken by another field.");
        let Some((step, rest)) = path.split_first() else {
            if !matches!(self, Self::Empty) {
                return Err(clash());
            }
            *self = Self::Leaf(literal);
            return Ok(());
        };
        if matches!(self, Self::Empty) {
            *self = match step {
                Step::Name(_) => Self::Table(IndexMap::default()),
                Step::Index(_) => Self::List(Vec::new()),
            };
        }
        match (self, step) {
            (Self::Table(table), Step::Name(name)) => table.entry(name.clone()).or_default().insert(rest, literal),
            (Self::List(items), Step::Index(at)) => {
                // What is appended by one entry is one item: all its fields go there.
                let at = usize::try_from(*at).unwrap_or(0).min(items.len());
                if at == items.len() {
                    items.push(Self::Empty);
                }
                items[at].insert(rest, literal)
            }
            _ => Err(clash()),
        }
    }

    /// The whole as text, with a final line feed.
    pub(super) fn write(&self, format: Format) -> Result<String, Refused> {
        let mut out = String::new();
        match format {
            Format::Json | Format::Javascript => {
                self.json(&mut out, 0)?;
                out.push('\n');
            }
            Format::Yaml => self.yaml(&mut out, 0)?,
            Format::Toml => self.toml(&mut out, &mut Vec::new())?,
            Format::Ini => self.ini(&mut out)?,
            Format::Properties => self.properties(&mut out, "")?,
            Format::EnvCompose | Format::EnvDocker | Format::EnvShell | Format::EnvSystemd => self.env(&mut out, format)?,
            Format::Python => self.python(&mut out)?,
            _ => return Err(Refused::new("Fields cannot be written in this format: the entry needs a text.")),
        }
        Ok(out)
    }

    /// Keys and values of a table without anything below.
    fn flat(&self) -> Result<Vec<(&String, &String)>, Refused> {
        let deep = || Refused::new("The format has no nested values.");
        let Self::Table(table) = self else { return Err(deep()) };
        table.iter().map(|(key, item)| if let Self::Leaf(leaf) = item { Ok((key, leaf)) } else { Err(deep()) }).collect()
    }

    fn json(&self, out: &mut String, depth: usize) -> Result<(), Refused> {
        let (open, close, items): (_, _, Vec<(Option<&String>, &Self)>) = match self {
            Self::Empty => ('{', '}', Vec::new()),
            Self::Leaf(leaf) => {
                out.push_str(leaf);
                return Ok(());
            }
            Self::Table(table) => ('{', '}', table.iter().map(|(key, item)| (Some(key), item)).collect()),
            Self::List(items) => ('[', ']', items.iter().map(|item| (None, item)).collect()),
        };
        out.push(open);
        for (at, (key, item)) in items.iter().enumerate() {
            out.push_str(if at == 0 { "\n" } else { ",\n" });
            out.push_str(&"  ".repeat(depth + 1));
            if let Some(key) = key {
                out.push_str(&quote(Format::Json, key)?);
                out.push_str(": ");
            }
            item.json(out, depth + 1)?;
        }
        if !items.is_empty() {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        }
        out.push(close);
        Ok(())
    }

    fn yaml(&self, out: &mut String, depth: usize) -> Result<(), Refused> {
        let indent = "  ".repeat(depth);
        match self {
            Self::Empty | Self::Leaf(_) => {}
            Self::Table(table) => {
                for (key, item) in table {
                    write!(out, "{indent}{}:", yaml_key(key)?)?;
                    item.yaml_below(out, depth)?;
                }
            }
            Self::List(items) => {
                for item in items {
                    // The first line of a table stands behind the dash.
                    let mut below = String::new();
                    match item {
                        Self::Leaf(leaf) => writeln!(below, "{leaf}")?,
                        item => item.yaml(&mut below, depth + 1)?,
                    }
                    write!(out, "{indent}- {}", below.trim_start())?;
                }
            }
        }
        Ok(())
    }

    fn yaml_below(&self, out: &mut String, depth: usize) -> Result<(), Refused> {
        match self {
            Self::Empty => out.push_str(" {}\n"),
            Self::Leaf(leaf) => {
                out.push(' ');
                out.push_str(leaf);
                out.push('\n');
            }
            nested => {
                out.push('\n');
                nested.yaml(out, depth + 1)?;
            }
        }
        Ok(())
    }

    fn toml(&self, out: &mut String, path: &mut Vec<String>) -> Result<(), Refused> {
        let Self::Table(table) = self else { return Err(Refused::new("A TOML file is a table.")) };
        for (key, item) in table {
            if let Self::Leaf(leaf) = item {
                writeln!(out, "{} = {leaf}", toml_key(key)?)?;
            }
        }
        for (key, item) in table {
            path.push(toml_key(key)?);
            let name = path.join(".");
            match item {
                Self::Empty | Self::Leaf(_) => {}
                Self::Table(below) => {
                    if below.values().any(|item| matches!(item, Self::Leaf(_))) {
                        writeln!(out, "{}[{name}]", if out.is_empty() { "" } else { "\n" })?;
                    }
                    item.toml(out, path)?;
                }
                Self::List(items) => {
                    for item in items {
                        writeln!(out, "{}[[{name}]]", if out.is_empty() { "" } else { "\n" })?;
                        item.toml(out, path)?;
                    }
                }
            }
            path.pop();
        }
        Ok(())
    }

    /// Keys with one step stand first, those with two in their section; a section's name may have dots in it.
    fn ini(&self, out: &mut String) -> Result<(), Refused> {
        let Self::Table(table) = self else { return Err(Refused::new("An INI file has no lists.")) };
        for (key, item) in table {
            if let Self::Leaf(leaf) = item {
                writeln!(out, "{} = {leaf}", ini_key(key)?)?;
            }
        }
        for (section, item) in table {
            if matches!(item, Self::Leaf(_)) {
                continue;
            }
            writeln!(out, "{}[{}]", if out.is_empty() { "" } else { "\n" }, ini_key(section)?)?;
            for (key, leaf) in item.flat()? {
                writeln!(out, "{} = {leaf}", ini_key(key)?)?;
            }
        }
        Ok(())
    }

    fn properties(&self, out: &mut String, prefix: &str) -> Result<(), Refused> {
        let Self::Table(table) = self else { return Err(Refused::new("A properties file has no lists.")) };
        for (key, item) in table {
            let key = format!("{prefix}{key}");
            match item {
                Self::Leaf(leaf) => writeln!(out, "{}={leaf}", super::quote::escape(&key, "\\ :=#!"))?,
                below => below.properties(out, &format!("{key}."))?,
            }
        }
        Ok(())
    }

    fn env(&self, out: &mut String, format: Format) -> Result<(), Refused> {
        for (key, leaf) in self.flat()? {
            let more = if format == Format::EnvShell { "_" } else { "_.-" };
            if !is_bare(key, more) || key.starts_with(|c: char| c.is_ascii_digit()) {
                return Err(Refused::new(format!("\"{key}\" is no name of a variable.")));
            }
            writeln!(out, "{key}={leaf}")?;
        }
        Ok(())
    }

    fn python(&self, out: &mut String) -> Result<(), Refused> {
        for (key, leaf) in self.flat()? {
            if !is_bare(key, "_") || key.starts_with(|c: char| c.is_ascii_digit()) {
                return Err(Refused::new(format!("\"{key}\" is no name of a variable.")));
            }
            writeln!(out, "{key} = {leaf}")?;
        }
        Ok(())
    }
}

/// Words that YAML 1.1 takes for something else than text.
const YAML_WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];

fn yaml_key(key: &str) -> Result<String, Refused> {
    let word = is_bare(key, "_-.") && key.starts_with(|c: char| c.is_ascii_alphabetic());
    if word && !YAML_WORDS.contains(&key.to_ascii_lowercase().as_str()) { Ok(key.to_owned()) } else { quote(Format::Yaml, key) }
}

fn toml_key(key: &str) -> Result<String, Refused> {
    if is_bare(key, "_-") { Ok(key.to_owned()) } else { quote(Format::Toml, key) }
}

fn ini_key(key: &str) -> Result<&str, Refused> {
    if key.is_empty() || key.contains(['[', ']', '=', '\n', '#', ';', '"', '`', ':']) {
        return Err(Refused::new(format!("\"{key}\" is no name of a key in an INI file.")));
    }
    Ok(key)
}

/// Puts a text into its parents, so that a fragment can be parsed and its place be seen.
pub(super) fn wrap(format: Format, under: &[Step], text: Rendered) -> Result<Rendered, Refused> {
    let mut names = Vec::new();
    for step in under {
        match step {
            Step::Name(name) => names.push(name),
            Step::Index(_) => return Err(Refused::new("A text cannot stand below an item of a list: use fields.")),
        }
    }
    if names.is_empty() {
        return Ok(text);
    }
    let mut out = Rendered::default();
    match format {
        Format::Yaml => {
            for (depth, name) in names.iter().enumerate() {
                out.push_text(&format!("{}{}:\n", "  ".repeat(depth), yaml_key(name)?));
            }
            let indent = "  ".repeat(names.len());
            out.push_text(&indent);
            out.append(&text.without_final_newline().map_text(|text| text.replace('\n', &format!("\n{indent}"))));
            out.push_text("\n");
        }
        Format::Json => {
            for name in &names {
                out.push_text(&format!("{{{}: ", quote(Format::Json, name)?));
            }
            out.append(&text);
            out.push_text(&"}".repeat(names.len()));
        }
        Format::Toml => {
            let names = names.iter().map(|name| toml_key(name)).collect::<Result<Vec<_>, _>>()?;
            out.push_text(&format!("[{}]\n", names.join(".")));
            out.append(&text);
        }
        Format::Ini => {
            let names = names.iter().map(|name| ini_key(name)).collect::<Result<Vec<_>, _>>()?;
            out.push_text(&format!("[{}]\n", names.join(".")));
            out.append(&text);
        }
        // Elsewhere the parents are words for the person: a block to look for.
        _ => out.append(&text),
    }
    Ok(out)
}
