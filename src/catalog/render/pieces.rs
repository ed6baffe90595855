//! A text in pieces: most texts are words with a few values in between, which need no template engine, or only for one of the pieces.

use crate::catalog::value::{Scope, Value};

/// A text with more expressions is left to the engine as a whole, which bounds the steps of each text.
const MOST: usize = 16;

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// It stands for itself.
    Text(&'a str),
    /// A name, or what is below one: `app.host`.
    Name(&'a str),
    /// Any other expression.
    Expression(&'a str),
}

/// The pieces of a text that has only values in it. Nothing where the engine might see it otherwise: with statements, comments, signs for
/// white space, or braces inside an expression.
pub(super) fn pieces(source: &str) -> Option<Vec<Piece<'_>>> {
    // Looking for one letter is much faster than for two.
    let (mut pieces, mut rest, mut from) = (Vec::with_capacity(4), source, 0);
    while let Some(at) = rest[from..].find('{').map(|at| from + at) {
        let after = match rest.as_bytes().get(at + 1) {
            Some(b'{') => &rest[at + 2..],
            Some(b'%' | b'#') => return None,
            _ => {
                from = at + 1;
                continue;
            }
        };
        let (inside, behind) = after.split_at(after.find('}')?);
        let behind = behind.strip_prefix("}}")?;
        // A third brace belongs to what stands inside or behind, and the engine knows which.
        let unclear = inside.contains('{') || behind.starts_with('}');
        if unclear || inside.starts_with(['-', '+']) || inside.ends_with(['-', '+']) || pieces.len() > 2 * MOST {
            return None;
        }
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let inside = inside.trim();
        pieces.push(if is_name(inside) { Piece::Name(inside) } else { Piece::Expression(inside) });
        (rest, from) = (behind, 0);
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Some(pieces)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// What a name or a path such as `app.host` stands for.
pub(super) fn lookup<'a>(scope: &'a Scope, path: &str) -> Option<&'a Value> {
    let mut steps = path.split('.');
    let first = scope.get(steps.next()?)?;
    steps.try_fold(first, |value, step| match value {
        Value::Table(table) => table.get(step),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_only_where_that_is_safe() {
        use Piece::{Expression, Name, Text};
        assert_eq!(pieces("{{ app.host }}"), Some(vec![Name("app.host")]));
        assert_eq!(
            pieces("https://{{host}}/{{ path | lower }}?a"),
            Some(vec![Text("https://"), Name("host"), Text("/"), Expression("path | lower"), Text("?a")])
        );
        assert_eq!(pieces("{a} {{ b }} {"), Some(vec![Text("{a} "), Name("b"), Text(" {")]));
        for whole in [
            "{% if a %}b{% endif %}",
            "{# a #}b",
            "a {{- b }}",
            "a {{ b -}}",
            "{{ {'a': 1}['a'] }}",
            "{{ '{{' }}",
            "{{{ a }}",
            "{{ a",
            "{{ a }}}",
        ] {
            assert_eq!(pieces(whole), None, "{whole}");
        }
        assert_eq!(pieces(&"{{ a }} ".repeat(100)), None);
    }

    #[test]
    fn paths_lead_into_tables() {
        let app = Value::Table([("host".to_owned(), Value::from("x"))].into_iter().collect());
        let scope = Scope::from_iter([("app".to_owned(), app)]);
        assert_eq!(lookup(&scope, "app.host").and_then(Value::as_text), Some("x"));
        for missing in ["app.port", "app.host.x", "other", ""] {
            assert!(lookup(&scope, missing).is_none(), "{missing}");
        }
    }
}
