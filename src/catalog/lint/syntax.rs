//! Whether a rendered text can be parsed in its format, by what is built in.

use super::read;
use crate::catalog::template::Format;

/// What is wrong with `text` as `format`, as a sentence without values; none if it is fine, or if no parser for the format is built in.
pub fn problem(format: Format, text: &str) -> Option<String> {
    let broken = |what: &str, error: &dyn std::fmt::Display| Some(format!("It is no {what}: {error}."));
    match format {
        Format::Json => serde_json::from_str::<serde_json::Value>(text).err().and_then(|error| broken("JSON", &error)),
        Format::Toml => toml::from_str::<toml::Table>(text).err().and_then(|error| broken("TOML", &error.message())),
        Format::Yaml => yaml(text),
        Format::EnvCompose => env(text, "_.-", read::compose),
        Format::EnvDocker => env(text, "_.-", read::docker),
        Format::EnvShell => env_shell(text),
        Format::EnvSystemd => env(text, "_", read::systemd),
        Format::Ini => ini(text),
        Format::Properties => lines(text, "properties file", |line| read::properties(line.split_once(['=', ':'])?.1)),
        Format::Shell => shlex::split(text).is_none().then(|| "Its quotes do not match.".into()),
        _ => None,
    }
}

/// The formats that [`problem`] reads with a whole parser, so that no other one is needed.
pub const fn is_built_in(format: Format) -> bool {
    matches!(
        format,
        Format::Json
            | Format::Toml
            | Format::EnvCompose
            | Format::EnvDocker
            | Format::EnvSystemd
            | Format::Ini
            | Format::Properties
    )
}

/// Checks every line that is neither empty nor a comment.
fn lines(text: &str, what: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut kept = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';', '!']));
    let wrong = kept.find(|line| value(line).is_none())?;
    Some(format!("It is no {what}: the line \"{}\" has no value, or one that would be read as another.", head(wrong)))
}

fn env(text: &str, more: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let broken = |line: &str| {
        Some(format!(
            "It is no environment file: the line \"{}\" has no value, or one that would be read as another.",
            head(line.trim())
        ))
    };
    match read::assignments(text, value) {
        Ok(found) => found.iter().find(|(name, _)| !is_name(name, more)).and_then(|(name, _)| broken(name)),
        Err(line) => broken(line),
    }
}

fn is_name(name: &str, more: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() && name.chars().all(legal)
}

/// Assignments to variables, as a shell sources them. A value in quotes may go over several lines.
fn env_shell(text: &str) -> Option<String> {
    let Some(words) = shlex::split(text) else { return Some("It is no environment file: its quotes do not match.".into()) };
    let assigns = |word: &&String| word.split_once('=').is_none_or(|(name, _)| !is_name(name, "_"));
    let wrong = words.iter().filter(|word| *word != "export").find(assigns)?;
    Some(format!("It is no environment file: \"{}\" is not NAME=value.", head(wrong)))
}

fn ini(text: &str) -> Option<String> {
    lines(text, "INI", |line| match line.strip_prefix('[') {
        Some(section) => section.strip_suffix(']').filter(|name| !name.is_empty()).map(str::to_owned),
        None => read::ini(line.split_once('=')?.1),
    })
}

/// What breaks YAML most often: tabs. A whole parser is part of the tests, and of Python and Ruby where they are installed.
fn yaml(text: &str) -> Option<String> {
    let tab = text.lines().find(|line| line.trim_start_matches(' ').starts_with('\t'));
    tab.map(|line| format!("It is no YAML: the line \"{}\" begins with a tab.", head(line.trim())))
}

fn head(line: &str) -> String {
    // The name is enough: what follows may be secret.
    line.split(['=', ':', ' ']).next().unwrap_or_default().to_owned()
}
