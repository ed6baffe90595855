//! Writes values of any type as literals of a format.

use minijinja::value::{Value, ValueKind};

use super::quote::{Refused, quote};
use super::vault::Vault;
use crate::catalog::template::Format;

/// Writes `value` as a literal of `format`. Secrets in it stay markers of `vault`, or become new ones.
pub(super) fn write(format: Format, value: &Value, vault: &Vault) -> Result<String, Refused> {
    match value.kind() {
        // `a if b` without an else: nothing.
        ValueKind::Undefined => Ok(String::new()),
        ValueKind::None => nothing(format),
        ValueKind::Bool => Ok(switch(format, value.is_true()).to_owned()),
        ValueKind::Number => Ok(value.to_string()),
        ValueKind::Seq | ValueKind::Iterable => list(format, value, vault),
        ValueKind::Map => table(format, value, vault),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            vault.apply(text, |text| quote(format, text))
        }
        kind => Err(Refused::new(format!("A {kind} cannot be written."))),
    }
}

fn nothing(format: Format) -> Result<String, Refused> {
    match format {
        Format::Json | Format::Yaml | Format::Javascript | Format::Php => Ok("null".into()),
        Format::Python => Ok("None".into()),
        Format::Ruby | Format::Elixir => Ok("nil".into()),
        Format::Powershell => Ok("$null".into()),
        Format::Sql => Ok("NULL".into()),
        _ => Err(Refused::new("It uses an answer that was not given.")),
    }
}

fn switch(format: Format, on: bool) -> &'static str {
    match (format, on) {
        (Format::Python, true) => "True",
        (Format::Python, false) => "False",
        (Format::Powershell, true) => "$true",
        (Format::Powershell, false) => "$false",
        (_, true) => "true",
        (_, false) => "false",
    }
}

fn list(format: Format, value: &Value, vault: &Vault) -> Result<String, Refused> {
    let (open, separator, close) = match format {
        Format::Json
        | Format::Yaml
        | Format::Toml
        | Format::Javascript
        | Format::Python
        | Format::Ruby
        | Format::Php
        | Format::Elixir => ("[", ", ", "]"),
        Format::Powershell => ("@(", ", ", ")"),
        Format::Shell => ("", " ", ""),
        _ => return Err(Refused::new("A list cannot be written here: join it first.")),
    };
    let items = value.try_iter().map_err(|error| Refused::new(error.to_string()))?;
    let items = items.map(|item| write(format, &item, vault)).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("{open}{}{close}", items.join(separator)))
}

fn table(format: Format, value: &Value, vault: &Vault) -> Result<String, Refused> {
    let (open, is, close) = match format {
        Format::Json | Format::Yaml | Format::Javascript | Format::Python => ("{", ": ", "}"),
        Format::Toml => ("{ ", " = ", " }"),
        Format::Ruby => ("{ ", " => ", " }"),
        Format::Php => ("[", " => ", "]"),
        Format::Elixir => ("%{", " => ", "}"),
        _ => return Err(Refused::new("A table cannot be written here.")),
    };
    let keys = value.try_iter().map_err(|error| Refused::new(error.to_string()))?;
    let mut pairs = Vec::new();
    for key in keys {
        let item = value.get_item(&key).map_err(|error| Refused::new(error.to_string()))?;
        pairs.push(format!("{}{is}{}", write(format, &key, vault)?, write(format, &item, vault)?));
    }
    if pairs.is_empty() {
        return Ok(format!("{open}{close}").replace(' ', ""));
    }
    Ok(format!("{open}{}{close}", pairs.join(", ")))
}
