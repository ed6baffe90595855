//! Whether a rendered text can be parsed in its format.

use crate::catalog::template::Format;

/// What is wrong with `text` as `format`, as a sentence; none if it is fine, or if no parser for the format is built in.
pub fn problem(format: Format, text: &str) -> Option<String> {
    let broken = |what: &str, error: &dyn std::fmt::Display| Some(format!("It is no {what}: {error}."));
    match format {
        Format::Json => serde_json::from_str::<serde_json::Value>(text).err().and_then(|error| broken("JSON", &error)),
        Format::Toml => toml::from_str::<toml::Table>(text).err().and_then(|error| broken("TOML", &error.message())),
        Format::Yaml => yaml(text),
        Format::EnvCompose | Format::EnvDocker | Format::EnvShell | Format::EnvSystemd => env(text),
        Format::Ini => lines(text, |line| line.starts_with('[') && line.ends_with(']') || line.contains('='), "INI"),
        Format::Properties => lines(text, |line| line.contains(['=', ':']), "properties"),
        Format::Shell => shlex::split(text).is_none().then(|| "Its quotes do not match.".into()),
        _ => None,
    }
}

fn lines(text: &str, fits: impl Fn(&str) -> bool, what: &str) -> Option<String> {
    let wrong = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with(['#', ';', '!']) && !fits(line))?;
    Some(format!("It is no {what}: the line \"{}\" has no value.", head(wrong)))
}

fn env(text: &str) -> Option<String> {
    lines(
        text,
        |line| {
            let line = line.strip_prefix("export ").unwrap_or(line);
            line.split_once('=')
                .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)))
        },
        "environment file",
    )
}

/// What breaks YAML most often. A whole parser is used in the tests, where one is installed.
fn yaml(text: &str) -> Option<String> {
    let tab = text.lines().find(|line| line.trim_start_matches(' ').starts_with('\t'));
    tab.map(|line| format!("It is no YAML: the line \"{}\" begins with a tab.", head(line.trim())))
}

fn head(line: &str) -> String {
    // The name is enough: what follows may be secret.
    line.split(['=', ':', ' ']).next().unwrap_or_default().to_owned()
}
