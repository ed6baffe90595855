//! What an engine remembers of the texts that it has rendered.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::Value as EngineValue;

use super::pieces::lookup;
use crate::catalog::template::Format;
use crate::catalog::value::{Scope, Value};

/// A text whose values were others so many times in a row is different for each application: what comes of it is not kept any more.
const MISSES: u8 = 4;

/// By text: the names that it uses, and what came of it the last time. What depends on a secret is not kept.
#[derive(Default)]
pub(super) struct Memory {
    texts: Mutex<HashMap<String, Known>>,
    /// Whether something in braces is one expression.
    whole: Mutex<HashMap<String, bool>>,
}

struct Known {
    names: Arc<[String]>,
    /// The names with what is used of them: `app.host`.
    paths: Vec<String>,
    last: Option<Last>,
    misses: u8,
}

/// What came of a text.
struct Last {
    format: Format,
    /// By path.
    values: Vec<Value>,
    result: EngineValue,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether `source` is one expression, found out once.
    pub(super) fn is_whole(&self, source: &str, find: impl FnOnce() -> bool) -> bool {
        let mut whole = self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = whole.get(source) {
            return *known;
        }
        let found = find();
        whole.insert(source.to_owned(), found);
        found
    }

    /// The names that `source` uses, found once. `find` gives them, or with `true` the paths.
    pub(super) fn names(&self, source: &str, find: impl Fn(bool) -> HashSet<String>) -> Arc<[String]> {
        let mut known = self.lock();
        if let Some(known) = known.get(source) {
            return Arc::clone(&known.names);
        }
        let mut found: Vec<String> = find(false).into_iter().collect();
        // So that of several names that are not known the same one is said each time.
        found.sort_unstable();
        let names: Arc<[String]> = found.into();
        let paths = find(true).into_iter().collect();
        known.insert(source.to_owned(), Known { names: Arc::clone(&names), paths, last: None, misses: 0 });
        names
    }

    /// What came of `source` the last time, if the values that it uses are the same.
    pub(super) fn recall(&self, source: &str, format: Format, scope: &Scope) -> Option<EngineValue> {
        let mut known = self.lock();
        let known = known.get_mut(source)?;
        let last = known.last.as_ref()?;
        let same = last.format == format
            && known
                .paths
                .iter()
                .zip(&last.values)
                .all(|(path, value)| lookup(scope, path).is_some_and(|now| is_same(now, value)));
        if same {
            known.misses = 0;
            return Some(last.result.clone());
        }
        known.misses += 1;
        if known.misses >= MISSES {
            known.last = None;
        }
        None
    }

    /// Keeps what came of `source`.
    pub(super) fn keep(&self, source: &str, format: Format, scope: &Scope, result: impl FnOnce() -> EngineValue) {
        let mut known = self.lock();
        let Some(known) = known.get_mut(source).filter(|known| known.misses < MISSES) else { return };
        let values: Option<Vec<Value>> =
            known.paths.iter().map(|path| lookup(scope, path).filter(|value| !has_secret(value)).cloned()).collect();
        known.last = values.map(|values| Last { format, values, result: result() });
    }
}

/// Whether two values are the same. Secrets are not compared: they are the same as nothing.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::None, Value::None) => true,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        (Value::Int(one), Value::Int(other)) => one == other,
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Table(one), Value::Table(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((key, one), (name, other))| key == name && is_same(one, other))
        }
        _ => false,
    }
}

fn has_secret(value: &Value) -> bool {
    match value {
        Value::Secret(_) => true,
        Value::List(items) => items.iter().any(has_secret),
        Value::Table(table) => table.values().any(has_secret),
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Text(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: &str, value: impl Into<Value>) -> Scope {
        Scope::from_iter([(name.to_owned(), value.into()), ("other".to_owned(), Value::from("x"))])
    }

    fn memory() -> Memory {
        let memory = Memory::default();
        memory.names("text", |_| HashSet::from(["name".to_owned()]));
        memory
    }

    #[test]
    fn only_the_same_values_and_format_give_the_same_again() {
        let memory = memory();
        memory.keep("text", Format::Plain, &scope("name", "a"), || EngineValue::from("A"));
        let recall = |format, scope: &Scope| memory.recall("text", format, scope).map(|value| value.to_string());
        assert_eq!(recall(Format::Plain, &scope("name", "a")).as_deref(), Some("A"));
        assert_eq!(recall(Format::Json, &scope("name", "a")), None);
        assert_eq!(recall(Format::Plain, &scope("name", "b")), None);
        assert_eq!(recall(Format::Plain, &scope("name", true)), None);
        assert_eq!(recall(Format::Plain, &Scope::default()), None);
    }

    #[test]
    fn what_a_secret_made_is_not_kept() {
        let memory = memory();
        let deep = Value::Table([("in".to_owned(), Value::List(vec![Value::Secret("s".into())]))].into_iter().collect());
        for secret in [Value::Secret("s".into()), deep] {
            let scope = scope("name", secret);
            memory.keep("text", Format::Plain, &scope, || EngineValue::from("s"));
            assert!(memory.recall("text", Format::Plain, &scope).is_none());
        }
    }

    #[test]
    fn a_text_that_always_differs_is_kept_no_more() {
        let memory = memory();
        for number in 0..10 {
            let scope = scope("name", number.to_string());
            assert!(memory.recall("text", Format::Plain, &scope).is_none());
            memory.keep("text", Format::Plain, &scope, || EngineValue::from(number));
        }
        assert!(memory.recall("text", Format::Plain, &scope("name", "9")).is_none());
    }
}
