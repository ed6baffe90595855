//! String literals of programming and data languages.

use super::quote::{Refused, escape};

/// A JSON string, which is also a YAML double-quoted scalar, a TOML basic string and a JavaScript string. Line separators that some of
/// these take for line breaks are escaped.
pub(super) fn json(value: &str) -> String {
    serde_json::Value::from(value)
        .to_string()
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
        .replace('\u{feff}', "\\ufeff")
}

/// PHP's and Ruby's single quotes: only the backslash and the quote are special.
pub(super) fn single_quoted(value: &str) -> String {
    format!("'{}'", escape(value, "\\'"))
}

/// A Python string literal on one line.
pub(super) fn python(value: &str) -> String {
    single_quoted(value).replace('\n', "\\n").replace('\t', "\\t")
}

/// An Elixir string; `#{` would interpolate.
pub(super) fn elixir(value: &str) -> String {
    format!("\"{}\"", escape(value, "\\\"#").replace('\n', "\\n").replace('\t', "\\t"))
}

/// PowerShell's single quotes. It takes typographic single quotes for quotes too; each is doubled.
pub(super) fn powershell(value: &str) -> String {
    let mut out = String::from("'");
    for c in value.chars() {
        if matches!(c, '\'' | '\u{2018}'..='\u{201b}') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
    out
}

/// Text or attribute value of XML and HTML. Line breaks and tabs become references, since attributes turn them into spaces.
pub(super) fn markup(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            c => out.push(c),
        }
    }
    out
}

/// A string of standard SQL. `MySQL` reads backslashes as escapes and others do not, so they are refused.
pub(super) fn sql(value: &str) -> Result<String, Refused> {
    if value.contains('\\') {
        return Err(Refused::new(
            "An SQL command cannot hold a value with a backslash in it: databases read it in different ways.",
        ));
    }
    Ok(format!("'{}'", value.replace('\'', "''")))
}

/// A `JMESPath` literal: a raw string, or JSON in backticks where a backslash would be read in different ways.
pub(super) fn jmespath(value: &str) -> String {
    if value.contains('\\') {
        format!("`{}`", json(value).replace('`', "\\`"))
    } else {
        format!("'{}'", value.replace('\'', "\\'"))
    }
}
