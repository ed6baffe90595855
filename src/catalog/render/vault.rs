//! Keeps secrets out of the template engine. Texts see a marker in place of each secret; what a filter makes of it becomes a secret of
//! its own.

use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use minijinja::value::{Object, Value as Engine};
use secrecy::{ExposeSecret, SecretString};

use super::quote::Refused;
use super::rendered::Rendered;
use crate::catalog::template::Format;
use crate::catalog::value::Value;

/// A marker is OPEN, the secret's number in characters from DIGIT on, CLOSE. All of them are Unicode noncharacters, which text may not
/// hold, so that a marker which was cut, sliced or iterated over is noticed.
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';
const DIGIT: u32 = 0xfdd2;
const BASE: usize = 16;

/// The context variable that holds the vault. No text can name it.
pub(super) const NAME: &str = "\u{fdd0}";

/// The secrets of one rendering, and the format that it renders into.
#[derive(Debug)]
pub(super) struct Vault {
    pub(super) format: Format,
    secrets: Mutex<Vec<SecretString>>,
}

impl Object for Vault {}

fn is_marker(c: char) -> bool {
    ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

impl Vault {
    pub(super) fn new(format: Format) -> Self {
        Self { format, secrets: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SecretString>> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a secret in and gives the marker for it.
    fn keep(&self, secret: SecretString) -> String {
        let mut secrets = self.lock();
        let mut number = secrets.len();
        secrets.push(secret);
        let mut marker = String::from(OPEN);
        loop {
            let digit = DIGIT + u32::try_from(number % BASE).unwrap_or_default();
            marker.extend(char::from_u32(digit));
            number /= BASE;
            if number == 0 {
                break;
            }
        }
        marker.push(CLOSE);
        marker
    }

    /// A value as the engine sees it.
    pub(super) fn lend(&self, value: &Value) -> Result<Engine, Refused> {
        Ok(match value {
            Value::None => Engine::from(()),
            Value::Bool(on) => Engine::from(*on),
            Value::Int(number) => Engine::from(*number),
            Value::Text(text) if text.contains(is_marker) => {
                return Err(Refused::new("A value has a character in it that is no text."));
            }
            Value::Text(text) => Engine::from(text.as_str()),
            Value::Secret(secret) if secret.expose_secret().is_empty() => Engine::from(""),
            Value::Secret(secret) => Engine::from(self.keep(secret.clone())),
            Value::List(items) => Engine::from(items.iter().map(|item| self.lend(item)).collect::<Result<Vec<_>, _>>()?),
            Value::Table(table) => {
                let pairs = table.iter().map(|(key, item)| Ok((key.as_str(), self.lend(item)?)));
                Engine::from_pairs(pairs.collect::<Result<Vec<_>, Refused>>()?)
            }
        })
    }

    /// Splits a text at its markers.
    pub(super) fn split(&self, text: &str) -> Result<Rendered, Refused> {
        let secrets = self.lock();
        let broken = || Refused::new("A secret cannot be taken apart: use it whole.");
        let mut rendered = Rendered::default();
        let mut rest = text;
        while let Some(at) = rest.find(is_marker) {
            rendered.push_text(&rest[..at]);
            let marker = rest[at..].strip_prefix(OPEN).ok_or_else(broken)?;
            let (digits, after) = marker.split_once(CLOSE).ok_or_else(broken)?;
            let number = digits.chars().rev().try_fold(0_usize, |number, digit| {
                let digit = u32::from(digit).checked_sub(DIGIT).and_then(|digit| usize::try_from(digit).ok());
                let digit = digit.filter(|digit| *digit < BASE)?;
                number.checked_mul(BASE)?.checked_add(digit)
            });
            let secret = number.filter(|_| !digits.is_empty()).and_then(|number| secrets.get(number)).ok_or_else(broken)?;
            rendered.push_secret(secret.clone());
            rest = after;
        }
        rendered.push_text(rest);
        Ok(rendered)
    }

    /// A value of the engine as ours: text with a secret in it is a secret.
    pub(super) fn take(&self, value: &Engine) -> Result<Value, Refused> {
        use minijinja::value::ValueKind;
        Ok(match value.kind() {
            ValueKind::Undefined | ValueKind::None => Value::None,
            ValueKind::Bool => Value::Bool(value.is_true()),
            ValueKind::Number => match value.as_i64() {
                Some(number) => Value::Int(number),
                None => Value::Text(value.to_string()),
            },
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.try_iter().map_err(|error| Refused::new(error.to_string()))?;
                Value::List(items.map(|item| self.take(&item)).collect::<Result<_, _>>()?)
            }
            ValueKind::Map => {
                let keys = value.try_iter().map_err(|error| Refused::new(error.to_string()))?;
                let pairs = keys.map(|key| {
                    let item = value.get_item(&key).map_err(|error| Refused::new(error.to_string()))?;
                    Ok((key.to_string(), self.take(&item)?))
                });
                Value::Table(pairs.collect::<Result<_, Refused>>()?)
            }
            _ => {
                let rendered = self.split(&value.to_string())?;
                match rendered.plain() {
                    Some(text) => Value::Text(text.to_owned()),
                    None => Value::Secret(rendered.reveal()),
                }
            }
        })
    }

    /// Applies `change` to a text that may have secrets in it, and hides in the result what must be hidden.
    ///
    /// Where the secret stands unchanged in the result, only it is hidden, so that quotes around it stay visible. Where it does not (base64,
    /// an escaped character), the whole result is a secret.
    pub(super) fn apply(&self, text: &str, change: impl Fn(&str) -> Result<String, Refused>) -> Result<String, Refused> {
        if !text.contains(is_marker) {
            return change(text);
        }
        let parts = self.split(text)?;
        let changed = change(parts.reveal().expose_secret())?;
        Ok(match self.around(text, &parts, &changed, &change) {
            Some(marked) => marked,
            None => self.keep(SecretString::from(changed)),
        })
    }

    /// The result with markers in it, where the secrets stand in it unchanged.
    fn around(
        &self,
        text: &str,
        parts: &Rendered,
        changed: &str,
        change: &impl Fn(&str) -> Result<String, Refused>,
    ) -> Option<String> {
        use super::rendered::Part;
        if let [Part::Secret(secret)] = parts.parts()
            && let Some((before, after)) = changed.split_once(secret.expose_secret())
            && before == after
            && before.chars().all(|c| "'\"`".contains(c))
        {
            // The secret in quotes, unchanged. Anything else around it, such as a backslash, would say something about it.
            return Some(format!("{before}{text}{after}"));
        }
        // With letters in place of each secret the change must give the same text around them.
        let mut stand_ins = Vec::new();
        let mut probe = String::new();
        for part in parts.parts() {
            match part {
                Part::Text(piece) => probe.push_str(piece),
                Part::Secret(secret) => {
                    let mut stand_in = String::from("zQ");
                    // Not in the text, so that its place is certain.
                    while changed.contains(&stand_in) || parts.masked_with("").contains(&stand_in) {
                        stand_in.push('Q');
                    }
                    write!(stand_in, "x{}x", stand_ins.len()).ok()?;
                    probe.push_str(&stand_in);
                    stand_ins.push((stand_in, secret));
                }
            }
        }
        let mut marked = change(&probe).ok()?;
        let mut whole = marked.clone();
        for (stand_in, secret) in stand_ins {
            if marked.matches(&stand_in).count() != 1 {
                return None;
            }
            whole = whole.replacen(&stand_in, secret.expose_secret(), 1);
            marked = marked.replacen(&stand_in, &self.keep(secret.clone()), 1);
        }
        (whole == changed).then_some(marked)
    }
}
