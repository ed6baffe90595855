//! What texts can do with values. Everything is listed here: the engine starts empty.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, State, filters, tests};
use serde::Deserialize as _;
use url::Url;

use super::quote::Refused;
use super::vault::{self, Vault};
use super::{literal, quote_code};
use crate::catalog::address::Address;
use crate::catalog::template::{Format, PathRule};

/// Calls `f` with the vault of this rendering.
pub(super) fn with_vault<T>(state: &State<'_, '_>, f: impl FnOnce(&Vault) -> Result<T, Refused>) -> Result<T, Error> {
    let vault: Option<Arc<Vault>> = state.lookup(vault::NAME).and_then(|value| value.downcast_object());
    let vault = vault.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "Values cannot be written here."))?;
    f(&vault).map_err(|refused| Error::new(ErrorKind::InvalidOperation, refused.0))
}

/// Adds the filters and tests.
pub(super) fn add(environment: &mut Environment<'static>) {
    // minijinja's own, as far as they do not take texts apart.
    environment.add_filter("default", filters::default);
    environment.add_filter("join", filters::join);
    environment.add_filter("first", filters::first);
    environment.add_filter("last", filters::last);
    environment.add_filter("sort", filters::sort);
    environment.add_filter("unique", filters::unique);
    environment.add_filter("map", filters::map);
    environment.add_filter("select", filters::select);
    environment.add_filter("reject", filters::reject);
    environment.add_filter("items", filters::items);
    environment.add_filter("list", filters::list);
    environment.add_filter("length", filters::length);
    environment.add_filter("int", filters::int);
    environment.add_filter("split", filters::split);
    environment.add_filter("lines", filters::lines);
    environment.add_test("none", tests::is_none);
    environment.add_test("startingwith", tests::is_startingwith);
    environment.add_test("endingwith", tests::is_endingwith);
    environment.add_test("string", tests::is_string);
    environment.add_test("sequence", tests::is_sequence);
    environment.add_test("eq", tests::is_eq);
    environment.add_test("ne", tests::is_ne);
    environment.add_test("in", tests::is_in);

    text(environment, "lower", |text| Ok(text.to_lowercase()));
    text(environment, "upper", |text| Ok(text.to_uppercase()));
    text(environment, "trim", |text| Ok(text.trim().to_owned()));
    text(environment, "slugify", |text| Ok(slugify(text)));
    text(environment, "with_slash", |text| Ok(format!("{}/", text.trim_end_matches('/'))));
    text(environment, "without_slash", |text| Ok(text.trim_end_matches('/').to_owned()));
    text(environment, "host", |text| Ok(address(text)?.host().to_owned()));
    text(environment, "origin", |text| Ok(address(text)?.origin()));
    text(environment, "hostport", |text| Ok(address(text)?.hostport()));
    text(environment, "path", path);
    text(environment, "email_domain", email_domain);
    text(environment, "base64", |text| Ok(BASE64_STANDARD.encode(text)));
    text(environment, "percent", |text| Ok(percent(text)));
    text(environment, "regex_escape", |text| Ok(regex_escape(text)));
    text(environment, "jmespath", |text| Ok(quote_code::jmespath(text)));
    text(environment, "pem_oneline", |text| Ok(text.trim().replace('\n', "\\n")));
    text(environment, "pem_body", |text| Ok(pem_body(text)));
    for (name, format) in [("json", Format::Json), ("python", Format::Python), ("yaml", Format::Yaml), ("html", Format::Html)] {
        environment.add_filter(name, move |state: &State<'_, '_>, value: Value| {
            with_vault(state, |vault| literal::write(format, &value, vault))
        });
    }
    environment.add_filter("quote", |state: &State<'_, '_>, value: Value, format: &str| {
        let format = format_named(format)?;
        with_vault(state, |vault| literal::write(format, &value, vault))
    });
    environment.add_filter("port", |state: &State<'_, '_>, value: Value| {
        with_vault(state, |_| Ok(address(&as_text(&value)?)?.effective_port()))
    });
    environment.add_filter("with_port", |state: &State<'_, '_>, value: Value, port: u16| {
        with_vault(state, |vault| vault.apply(&as_text(&value)?, |text| with_port(text, port)))
    });
    environment.add_filter("replace", |state: &State<'_, '_>, value: Value, from: &str, to: &str| {
        with_vault(state, |vault| vault.apply(&as_text(&value)?, |text| Ok(text.replace(from, to))))
    });
}

/// Adds a filter that makes a text of a text.
fn text(environment: &mut Environment<'static>, name: &'static str, change: fn(&str) -> Result<String, Refused>) {
    environment.add_filter(name, move |state: &State<'_, '_>, value: Value| {
        with_vault(state, |vault| vault.apply(&as_text(&value)?, change))
    });
}

fn as_text(value: &Value) -> Result<String, Refused> {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => Ok(value.to_string()),
        ValueKind::None | ValueKind::Undefined => Err(Refused::new("It uses an answer that was not given.")),
        kind => Err(Refused::new(format!("A {kind} stands where a text is needed."))),
    }
}

fn format_named(name: &str) -> Result<Format, Error> {
    let name = serde::de::value::StrDeserializer::<serde::de::value::Error>::new(name);
    Format::deserialize(name)
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("The format is not known: {error}.")))
}

/// Lower-case ASCII letters and digits with single hyphens between them, as authentik makes slugs.
pub fn slugify(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' | '_' => slug.push(c),
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => slug.push('a'),
            'ç' => slug.push('c'),
            'è' | 'é' | 'ê' | 'ë' => slug.push('e'),
            'ì' | 'í' | 'î' | 'ï' => slug.push('i'),
            'ñ' => slug.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => slug.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => slug.push('u'),
            'ß' => slug.push_str("ss"),
            _ if slug.is_empty() || slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    slug.trim_end_matches('-').to_owned()
}

fn address(text: &str) -> Result<Address, Refused> {
    Address::parse(text, PathRule::Keep, None).map_err(Refused::new)
}

/// The path of an address, byte for byte, without query.
fn path(text: &str) -> Result<String, Refused> {
    let url = Url::parse(text).map_err(|error| Refused::new(format!("An address cannot be read: {error}.")))?;
    Ok(url.path().to_owned())
}

/// The address with this port written out, even where it is the scheme's own; the rest stays as it is.
fn with_port(text: &str, port: u16) -> Result<String, Refused> {
    let address = address(text)?;
    let (scheme, rest) = text.split_once("://").ok_or_else(|| Refused::new("An address cannot be read: it has no scheme."))?;
    let tail = rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]);
    Ok(format!("{scheme}://{}:{port}{tail}", address.host()))
}

fn email_domain(text: &str) -> Result<String, Refused> {
    match text.rsplit_once('@') {
        Some((name, domain)) if !name.is_empty() && !domain.is_empty() => Ok(domain.to_lowercase()),
        _ => Err(Refused::new("An e-mail address has no domain.")),
    }
}

/// Percent-encoding of everything but RFC 3986's unreserved characters.
fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex(byte >> 4), hex(byte & 0xf)]);
        }
    }
    out
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or_default().to_ascii_uppercase()
}

/// Escapes what is special in both Rust's and Python's regular expressions.
fn regex_escape(text: &str) -> String {
    super::quote::escape(text, "\\.+*?()|[]{}^$")
}

/// The base64 text of a PEM block on one line, without its first and last line.
fn pem_body(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect()
}
