//! Strict readers for formats that no crate at hand reads as the applications do. Each gives back the value of a literal, or none where
//! the application's own reader would see something else.

/// Names and values of a file with one assignment a line. A value that is not whole at the end of its line goes on in the next.
///
/// # Errors
/// The line that is no assignment, or whose value the format's reader does not take.
pub(crate) fn assignments(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<Vec<(&str, String)>, &str> {
    let mut found = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        if line.trim().is_empty() || line.trim_start().starts_with(['#', ';', '!']) {
            rest = after;
            continue;
        }
        let (name, _) = line.split_once('=').ok_or(line)?;
        let literal = &rest[name.len() + 1..];
        let ends = literal.match_indices('\n').map(|(at, _)| at).chain([literal.len()]);
        let whole = ends.into_iter().find_map(|end| Some((end, value(&literal[..end])?)));
        let (end, whole) = whole.ok_or(line)?;
        found.push((name.trim(), whole));
        rest = literal.get(end + 1..).unwrap_or_default();
    }
    Ok(found)
}

/// A value in an `.env` file as Docker Compose reads it: compose-go, `dotenv/parser.go` (`extractVarValue`, `expandEscapes`), and `$` as
/// in `template/template.go`.
pub(crate) fn compose(text: &str) -> Option<String> {
    let Some(mark @ ('"' | '\'')) = text.chars().next() else {
        let value = text.split('\n').next()?.split(" #").next()?.trim_end();
        return (!value.contains('$')).then(|| value.to_owned());
    };
    let mut value = String::new();
    let mut escaped = false;
    let mut rest = text[1..].chars();
    loop {
        match rest.next()? {
            c if c == mark && escaped => {
                value.push(c);
                escaped = false;
            }
            c if c == mark => break,
            '\\' if !escaped => escaped = true,
            c => {
                if std::mem::take(&mut escaped) {
                    value.push('\\');
                }
                value.push(c);
            }
        }
    }
    if rest.next().is_some() {
        return None;
    }
    if mark == '\'' {
        return Some(value);
    }
    let mut out = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some(next @ ('\\' | '"' | '$'))) => out.push(*next),
            ('$', _) => return None,
            (c, _) => {
                out.push(c);
                continue;
            }
        }
        chars.next();
    }
    Some(out)
}

/// A value in a file for `docker run --env-file`: everything up to the end of the line.
pub(crate) fn docker(text: &str) -> Option<String> {
    (!text.contains('\n')).then(|| text.to_owned())
}

/// A value in a systemd `EnvironmentFile=`: systemd, `src/basic/env-file.c`.
pub(crate) fn systemd(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else {
        return (!text.contains(['\\', '\'', '"', '\n', ' '])).then(|| text.to_owned());
    };
    let mut out = String::new();
    let mut chars = inner.chars();
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(out),
            '\\' => match chars.next()? {
                c if "\"\\`$".contains(c) => out.push(c),
                c => out.extend(['\\', c]),
            },
            c => out.push(c),
        }
    }
}

/// A value in an INI file: go-ini, `parser.go` (`readValue`).
pub(crate) fn ini(text: &str) -> Option<String> {
    if text.contains('\n') {
        return None;
    }
    let line = text.trim_start();
    for mark in ["\"\"\"", "`"] {
        if let Some(rest) = line.strip_prefix(mark) {
            return Some(rest[..rest.rfind(mark)?].to_owned());
        }
    }
    let line = line.trim();
    let line = line.split(['#', ';']).next()?.trim();
    (!line.ends_with('\\') && !line.starts_with(['"', '\''])).then(|| line.to_owned())
}

/// A value in Java properties: `java.util.Properties.load`. Editors take spaces at the end away.
pub(crate) fn properties(text: &str) -> Option<String> {
    let mut units = Vec::new();
    let mut chars = text.trim().chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => match chars.next()? {
                'u' => {
                    let hex: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&hex, 16).ok()?);
                    continue;
                }
                'n' => '\n',
                't' => '\t',
                c => c,
            },
            '\n' => return None,
            c => c,
        };
        units.extend(c.encode_utf16(&mut [0; 2]).iter());
    }
    String::from_utf16(&units).ok()
}
