//! Configuration files with rules of their own: INI, properties, Apache, nginx, Dovecot.

use super::quote::{Refused, escape, is_bare};

/// Characters that mean nothing in any of these files.
const SAFE: &str = "_-./:@+,=?&~";

fn one_line(value: &str, what: &str) -> Result<(), Refused> {
    if value.contains('\n') {
        return Err(Refused::new(format!("{what} cannot hold a value with a line break.")));
    }
    Ok(())
}

/// INI as Go's `ini` package reads it (Grafana, Gitea, Forgejo): `#` and `;` start a comment even inside a value, unless the value stands
/// in triple quotes or backticks, which end at their last occurrence in the line.
pub(super) fn ini(value: &str) -> Result<String, Refused> {
    one_line(value, "An INI file")?;
    for expanded in ["%(", "${", "$__"] {
        if value.contains(expanded) {
            return Err(Refused::new(format!(
                "An INI file cannot hold a value with \"{expanded}\": it stands for another setting there."
            )));
        }
    }
    let bare = value.trim() == value && !value.contains(['#', ';', '\'', '"', '`', '\\']);
    if bare {
        Ok(value.to_owned())
    } else if !value.contains("\"\"\"") && !value.starts_with('"') && !value.ends_with('"') {
        Ok(format!("\"\"\"{value}\"\"\""))
    } else if !value.contains('`') {
        Ok(format!("`{value}`"))
    } else {
        Err(Refused::new("An INI file cannot hold a value with both double quotes and backticks in it."))
    }
}

/// A value in Java properties (`java.util.Properties`): ASCII, leading spaces and backslashes escaped.
pub(super) fn properties(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // A space at the end would be kept by Java and lost by editors.
            ' ' if at == last => out.push_str("\\u0020"),
            ' ' if at == 0 => out.push_str("\\ "),
            c if c.is_ascii() => out.push(c),
            c => {
                let mut units = [0; 2];
                out.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
            }
        }
    }
    out
}

/// An argument of an Apache directive. `${…}` is replaced by Apache and cannot be escaped.
pub(super) fn apache(value: &str) -> Result<String, Refused> {
    one_line(value, "Apache's configuration")?;
    if value.contains("${") {
        return Err(Refused::new("Apache's configuration cannot hold a value with \"${\" in it."));
    }
    if is_bare(value, SAFE) { Ok(value.to_owned()) } else { Ok(format!("\"{}\"", escape(value, "\\\""))) }
}

/// A parameter of an nginx directive. `$` starts a variable and cannot be escaped.
pub(super) fn nginx(value: &str) -> Result<String, Refused> {
    if value.contains('$') {
        return Err(Refused::new("nginx's configuration cannot hold a value with a dollar sign in it."));
    }
    if is_bare(value, SAFE) {
        return Ok(value.to_owned());
    }
    Ok(format!("\"{}\"", escape(value, "\\\"").replace('\n', "\\n").replace('\t', "\\t")))
}

/// A setting of Dovecot. `$` and `%` start variables, which its versions escape in different ways.
pub(super) fn dovecot(value: &str) -> Result<String, Refused> {
    one_line(value, "Dovecot's configuration")?;
    if value.contains(['$', '%']) {
        return Err(Refused::new("Dovecot's configuration cannot hold a value with \"$\" or \"%\" in it."));
    }
    if is_bare(value, SAFE) { Ok(value.to_owned()) } else { Ok(format!("\"{}\"", escape(value, "\\\""))) }
}
