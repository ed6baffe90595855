//! Each format gives back the value that was written, or refuses it. Real parsers where they are at hand, else small ones that follow
//! the reader's own source or manual.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use saphyr::{LoadableYamlNode as _, Yaml};

use super::quote;
use crate::catalog::lint::read::{compose, docker, ini, properties, systemd};
use crate::catalog::template::Format;

/// What breaks quoting.
const HOSTILE: [&str; 40] = [
    "",
    "plain",
    "two words",
    " leading",
    "trailing ",
    "\ttab\t",
    "it's",
    "say \"hi\"",
    "'",
    "\"",
    "''",
    "\"\"\"",
    "`",
    "``",
    "$HOME",
    "${HOME}",
    "$(id)",
    "a$",
    "\\",
    "back\\slash",
    "ends in \\",
    "\\'",
    "\\\"",
    "\\n",
    "\\$",
    "#",
    "a#b",
    "a #b",
    ";",
    "a;b",
    "%",
    "%s %(x)s %%",
    "{{ x }}",
    "#{1}",
    "<&>",
    "line\nbreak",
    "\n",
    "Zoë ☃ 𝄞",
    "\u{2028}\u{feff}",
    "‘quoted’ !x ~ *",
];

fn written(format: Format) -> Vec<(&'static str, String)> {
    HOSTILE.iter().filter_map(|value| Some((*value, quote(format, value).ok()?))).collect()
}

/// The values that a reference parser gives back.
fn check(format: Format, parse: impl Fn(&str) -> Option<String>) {
    for (value, literal) in written(format) {
        assert_eq!(parse(&literal).as_deref(), Some(value), "{format:?}: {literal}");
    }
}

/// Pipes a script into an interpreter and compares the values that it prints, each followed by NUL. Says when the interpreter is missing.
fn run(interpreter: &[&str], format: Format, script: impl Fn(&[String]) -> String) {
    let (values, literals): (Vec<&str>, Vec<String>) = written(format).into_iter().unzip();
    let child = Command::new(interpreter[0])
        .args(&interpreter[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("skipped: {} is not installed", interpreter[0]);
        return;
    };
    child.stdin.take().unwrap().write_all(script(&literals).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    if error.contains("No module named") || error.contains("command not found") {
        println!("skipped: {error}");
        return;
    }
    let text = String::from_utf8(output.stdout).unwrap();
    let read: Vec<&str> = text.split('\0').collect();
    assert_eq!(read[..read.len() - 1], values, "{format:?}: {error}");
}

fn json(text: &str) -> Option<String> {
    serde_json::from_str(text).ok()
}

fn yaml(text: &str) -> Option<String> {
    let document = format!("a: {text}\n");
    let [document] = Yaml::load_from_str(&document).ok()?.try_into().ok()?;
    document.as_mapping_get("a")?.as_str().map(str::to_owned)
}

fn toml(text: &str) -> Option<String> {
    Some(toml::from_str::<toml::Table>(&format!("a = {text}")).ok()?.get("a")?.as_str()?.to_owned())
}

/// Apache's `ap_getword_conf`, nginx's and Dovecot's quotes: a backslash escapes the quote and itself.
fn quoted_word(text: &str) -> Option<String> {
    let Some(inner) = text.strip_prefix('"') else {
        return (!text.contains([' ', '"', '\'', '\\', '#', ';', '{', '}', '\t', '\n']) && !text.is_empty())
            .then(|| text.to_owned());
    };
    let mut out = String::new();
    let mut chars = inner.chars();
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(out),
            '\\' => match chars.next()? {
                c @ ('"' | '\\') => out.push(c),
                // nginx alone.
                'n' => out.push('\n'),
                't' => out.push('\t'),
                _ => return None,
            },
            '\n' => return None,
            c => out.push(c),
        }
    }
}

/// Quotes in which any of `marks` twice means itself.
fn doubled(text: &str, marks: &str) -> Option<String> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if marks.contains(c) && chars.next()? != c {
            return None;
        }
        out.push(c);
    }
    Some(out)
}

fn markup(text: &str) -> Option<String> {
    if text.contains(['<', '>', '"', '\'', '\n', '\t']) {
        return None;
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    Some(text.replace("&#10;", "\n").replace("&#9;", "\t").replace("&amp;", "&"))
}

/// PHP's and Ruby's single quotes.
fn single(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('\'')?.chars();
    loop {
        match chars.next()? {
            '\'' => return chars.next().is_none().then_some(out),
            '\\' => match chars.next()? {
                c @ ('\'' | '\\') => out.push(c),
                c => out.extend(['\\', c]),
            },
            c => out.push(c),
        }
    }
}

/// Python's string literals, as far as they are used: `str_literal` in its reference, section 2.4.
fn python(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('\'')?.chars();
    loop {
        match chars.next()? {
            '\'' => return chars.next().is_none().then_some(out),
            '\\' => out.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                c @ ('\'' | '\\') => c,
                _ => return None,
            }),
            '\n' => return None,
            c => out.push(c),
        }
    }
}

fn elixir(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.chars().peekable();
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(out),
            '#' if chars.peek() == Some(&'{') => return None,
            '\\' => out.push(match chars.next()? {
                'n' => '\n',
                't' => '\t',
                c => c,
            }),
            c => out.push(c),
        }
    }
}

fn shell(text: &str) -> Option<String> {
    match shlex::split(text)?.as_slice() {
        [word] => Some(word.clone()),
        // KEY= in a file.
        [] => Some(String::new()),
        _ => None,
    }
}

/// Each format with its parser.
type Parser = fn(&str) -> Option<String>;
const PARSERS: [(Format, Parser); 22] = [
    (Format::Json, json),
    (Format::Yaml, yaml),
    (Format::Javascript, json),
    (Format::Toml, toml),
    (Format::EnvCompose, compose),
    (Format::EnvDocker, docker),
    (Format::EnvSystemd, systemd),
    (Format::EnvShell, shell),
    (Format::Shell, shell),
    (Format::Ini, ini),
    (Format::Properties, properties),
    (Format::Apache, quoted_word),
    (Format::Nginx, quoted_word),
    (Format::Dovecot, quoted_word),
    (Format::Sql, |text| doubled(text, "'")),
    (Format::Powershell, |text| doubled(text, "'‘’‚‛")),
    (Format::Xml, markup),
    (Format::Html, markup),
    (Format::Ruby, single),
    (Format::Php, single),
    (Format::Python, python),
    (Format::Elixir, elixir),
];

#[test]
fn hostile_values_come_back() {
    for (format, parse) in PARSERS {
        check(format, parse);
    }
}

/// Every format is checked by a parser of its own.
#[test]
fn no_format_is_left_out() {
    let all: Vec<Format> = (0..).map_while(nth).collect();
    assert!(all.len() > PARSERS.len());
    let left: Vec<&Format> = all.iter().filter(|format| !PARSERS.iter().any(|(other, _)| other == *format)).collect();
    assert_eq!(left, [&Format::Plain]);
}

fn nth(number: usize) -> Option<Format> {
    let names = serde_json::from_str::<Format>("\"none\"").unwrap_err().to_string();
    let name = names.split('`').skip(3).step_by(2).nth(number)?.to_owned();
    serde_json::from_value(name.into()).ok()
}

#[test]
fn what_a_format_cannot_hold_is_refused_with_a_sentence() {
    for (format, value) in [
        (Format::EnvDocker, "a\nb"),
        (Format::Ini, "a\nb"),
        (Format::Ini, "\"`"),
        (Format::Ini, "%(x)s"),
        (Format::Apache, "${x}"),
        (Format::Nginx, "$x"),
        (Format::Dovecot, "50%"),
        (Format::Sql, "\\"),
    ] {
        let refused = quote(format, value).unwrap_err();
        assert!(refused.0.ends_with('.') && refused.0.contains(' '), "{refused}");
    }
    for (format, _) in PARSERS {
        assert!(quote(format, "nul\0").is_err() && quote(format, "\u{1b}[2J").is_err() && quote(format, "a\r\nb").is_err());
    }
}

#[test]
fn few_values_are_refused() {
    for (format, most) in [
        (Format::EnvCompose, 0),
        (Format::EnvShell, 0),
        (Format::EnvSystemd, 0),
        (Format::EnvDocker, 2),
        (Format::Json, 0),
        (Format::Ini, 5),
        (Format::Shell, 0),
    ] {
        assert!(HOSTILE.len() - written(format).len() <= most, "{format:?}");
    }
}

#[test]
fn safe_values_stay_bare() {
    for value in ["abcXYZ019", "https://auth.example.com/application/o/x/", "openid,profile"] {
        for format in [
            Format::EnvCompose,
            Format::EnvShell,
            Format::EnvSystemd,
            Format::EnvDocker,
            Format::Shell,
            Format::Ini,
            Format::Apache,
        ] {
            assert_eq!(quote(format, value).unwrap(), value, "{format:?}");
        }
    }
}

#[test]
fn real_shells_agree() {
    let words = |literals: &[String]| format!("printf '%s\\0' {}", literals.join(" "));
    run(&["sh"], Format::Shell, words);
    run(&["bash"], Format::Shell, words);
    let variables = |literals: &[String]| {
        literals.iter().map(|literal| format!("V={literal}\nprintf '%s\\0' \"$V\"\n")).collect::<Vec<_>>().concat()
    };
    run(&["sh"], Format::EnvShell, variables);
}

#[test]
fn real_interpreters_agree() {
    let python = |literals: &[String]| {
        format!("import sys\nfor v in [{}]: sys.stdout.buffer.write(v.encode() + b'\\0')", literals.join(",\n"))
    };
    run(&["python3", "-"], Format::Python, python);
    run(&["node", "-"], Format::Javascript, |literals| {
        format!("for (const v of [{}]) process.stdout.write(v + '\\0')", literals.join(","))
    });
    run(&["php"], Format::Php, |literals| format!("<?php foreach ([{}] as $v) echo $v, \"\\0\";", literals.join(",")));
    run(&["ruby", "-"], Format::Ruby, |literals| {
        format!("# encoding: utf-8\n[{}].each {{ |v| STDOUT.write(v, \"\\0\") }}", literals.join(","))
    });
    run(&["pwsh", "-NoProfile", "-Command", "-"], Format::Powershell, |literals| {
        literals.iter().map(|literal| format!("[Console]::Write({literal} + \"`0\")\n")).collect::<Vec<_>>().concat()
    });
}

#[test]
fn a_real_yaml_parser_agrees() {
    run(
        &[
            "python3",
            "-c",
            "import sys, yaml\nfor v in yaml.safe_load(sys.stdin.read()): sys.stdout.buffer.write(v.encode() + b'\\0')",
        ],
        Format::Yaml,
        |literals| literals.iter().map(|literal| format!("- {literal}\n")).collect::<Vec<_>>().concat(),
    );
}

proptest! {
    #[test]
    fn any_value_comes_back(value in "[ -~\\n\\t\u{a0}-\u{2030}\u{10000}-\u{10010}]{0,12}") {
        for (format, parse) in PARSERS {
            if let Ok(literal) = quote(format, &value) {
                prop_assert_eq!(parse(&literal), Some(value.clone()), "{:?}: {}", format, literal);
            }
        }
    }

    #[test]
    fn values_of_quoting_characters_come_back(value in "[\\\\\"'`$#;%{}! a\n]{0,6}") {
        for (format, parse) in PARSERS {
            if let Ok(literal) = quote(format, &value) {
                prop_assert_eq!(parse(&literal), Some(value.clone()), "{:?}: {}", format, literal);
            }
        }
    }
}
