//! Renders the texts of a template: strict about unknown names, quoting by format, secrets kept apart.

mod entry;
mod error;
mod filters;
mod literal;
mod memory;
mod order;
mod pieces;
mod quote;
mod quote_code;
mod quote_conf;
mod quote_env;
mod rendered;
mod structured;
mod vault;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value as EngineValue;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

pub use self::entry::{Content, RenderedEntry, RenderedField, RenderedFile, RenderedRun, View, ViewKind, render_entry};
pub use self::error::RenderError;
pub use self::filters::slugify;
use self::memory::Memory;
pub use self::order::{Item, RenderedStep, RenderedWarning, in_order, to_register, ways};
use self::pieces::{Piece, lookup, pieces};
pub use self::quote::{Refused, quote};
pub use self::rendered::{Part, Rendered};
use self::vault::Vault;
use super::template::Format;
use super::text::{Expr, Scalar, Switch, Text};
use super::value::{Scope, Value};

/// Steps that one text may take. The longest built-in one takes some hundreds.
const FUEL: u64 = 50_000;
/// Bytes that one text may have, before and after rendering.
const SIZE: usize = 256 * 1024;
/// The statements that texts may use. Others define names or call for other texts.
const STATEMENTS: [&str; 8] = ["if", "elif", "else", "endif", "for", "endfor", "raw", "endraw"];

/// Renders texts. Made once, used from everywhere. It remembers each text that it has read: a file of thousands of applications renders
/// the same few for each, and most of them with the same values.
pub struct Engine {
    environment: Environment<'static>,
    texts: Memory,
    expressions: Memory,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engine")
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine that cannot read files, load other texts, or run for long.
    pub fn new() -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(50);
        let mut syntax = SyntaxConfig::builder();
        syntax.keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true);
        environment.set_syntax(syntax.build().expect("the default delimiters are valid"));
        environment.set_formatter(|out, state, value| {
            let text = filters::with_vault(state, |vault| literal::write(vault.format, value, vault))?;
            out.write_str(&text).map_err(|_| Error::new(ErrorKind::WriteFailure, "the text grew too long"))
        });
        // A text is its own name: what was read under it is kept. No statement names another one.
        environment.set_loader(|text| Ok(Some(text.to_owned())));
        environment.set_auto_reload(false);
        filters::add(&mut environment);
        Self { environment, texts: Memory::default(), expressions: Memory::default() }
    }

    /// Renders `text` as `format`: each `{{ … }}` becomes a literal of it.
    ///
    /// # Errors
    /// When the text is broken, uses a name that `scope` lacks, or the format cannot hold a value.
    pub fn text(&self, text: &Text, scope: &Scope, format: Format) -> Result<Rendered, RenderError> {
        let vault = Arc::new(Vault::new(format));
        let marked = self.marked(text.as_str(), scope, &vault)?;
        Ok(vault.split(&marked)?)
    }

    /// Renders a text to one with markers of `vault` in it.
    fn marked(&self, source: &str, scope: &Scope, vault: &Arc<Vault>) -> Result<String, RenderError> {
        // Many texts are nothing but text.
        if is_literal(source) {
            return Ok(source.to_owned());
        }
        if let Some(text) = self.in_pieces(source, scope, vault) {
            return Ok(text);
        }
        if let Some(text) = self.texts.recall(source, vault.format, scope) {
            return Ok(text.to_string());
        }
        check(source)?;
        let template = self.environment.get_template(source)?;
        let names = self.texts.names(source, |nested| template.undeclared_variables(nested));
        let context = context(vault, scope, &names)?;
        let mut out = Limited(Vec::new());
        template.render_captured_to(context, &mut out)?;
        let text = String::from_utf8(out.0).map_err(|_| RenderError::new("The text is not valid UTF-8."))?;
        self.texts.keep(source, vault.format, scope, || EngineValue::from(text.as_str()));
        Ok(text)
    }

    /// Renders a text piece by piece. Nothing where that goes wrong: the engine then says what, about the text as a whole.
    fn in_pieces(&self, source: &str, scope: &Scope, vault: &Arc<Vault>) -> Option<String> {
        let mut out = String::with_capacity(source.len());
        for piece in pieces(source).filter(|_| source.len() <= SIZE)? {
            let value = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Name(path) => {
                    let value = lookup(scope, path)?;
                    if let Some(text) = as_words(value).filter(|_| vault.format == Format::Plain) {
                        out.push_str(text);
                        continue;
                    }
                    vault.lend(value).ok()?
                }
                Piece::Expression(expression) => {
                    self.eval(expression, scope, vault).ok().filter(|value| !value.is_undefined())?
                }
            };
            out.push_str(&literal::write(vault.format, &value, vault).ok()?);
        }
        (out.len() <= SIZE).then_some(out)
    }

    /// Renders `text` for a place where no secret may stand: an address, a name, a sentence.
    ///
    /// # Errors
    /// As [`Engine::text`], and when a secret is used.
    pub fn plain(&self, text: &Text, scope: &Scope) -> Result<String, RenderError> {
        if is_literal(text.as_str()) {
            return Ok(text.as_str().to_owned());
        }
        if let Some(text) = plain_words(text.as_str(), scope) {
            return Ok(text);
        }
        let rendered = self.text(text, scope, Format::Plain)?;
        let plain = rendered.plain().map(ToOwned::to_owned);
        plain.ok_or_else(|| RenderError::new("A secret is used in a place that is shown to everybody."))
    }

    /// The value of a default, field or property, its texts rendered. A text that is one single `{{ … }}` keeps the type of its value;
    /// any other is a secret as a whole if there is one in it.
    ///
    /// # Errors
    /// As [`Engine::text`].
    pub fn value(&self, scalar: &Scalar, scope: &Scope) -> Result<Value, RenderError> {
        match scalar {
            Scalar::Bool(on) => return Ok(Value::Bool(*on)),
            Scalar::Text(text) if is_literal(text.as_str()) => return Ok(Value::from(text.as_str())),
            _ => {}
        }
        let vault = Arc::new(Vault::new(Format::Plain));
        let value = self.lend(scalar, scope, &vault)?;
        Ok(vault.take(&value)?)
    }

    /// The value of a text, as [`Engine::value`].
    ///
    /// # Errors
    /// As [`Engine::text`].
    pub fn evaluate(&self, text: &Text, scope: &Scope) -> Result<Value, RenderError> {
        self.value(&Scalar::Text(text.clone()), scope)
    }

    /// A default, field or property as the engine sees it, secrets being markers of `vault`, which renders plain text.
    fn lend(&self, scalar: &Scalar, scope: &Scope, vault: &Arc<Vault>) -> Result<EngineValue, RenderError> {
        Ok(match scalar {
            Scalar::Bool(on) => EngineValue::from(*on),
            Scalar::Int(number) => EngineValue::from(*number),
            Scalar::Text(text) => match self.single(text) {
                Some(expression) => self.eval(expression, scope, vault)?,
                None => EngineValue::from(self.marked(text.as_str(), scope, vault)?),
            },
            Scalar::List(items) => {
                EngineValue::from(items.iter().map(|item| self.lend(item, scope, vault)).collect::<Result<Vec<_>, _>>()?)
            }
            Scalar::Table(table) => {
                let pairs = table.iter().map(|(key, item)| Ok((key.as_str(), self.lend(item, scope, vault)?)));
                EngineValue::from_pairs(pairs.collect::<Result<Vec<_>, RenderError>>()?)
            }
        })
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    /// When it is broken or uses a name that `scope` lacks; minijinja alone would take that for false.
    pub fn holds(&self, condition: &Expr, scope: &Scope) -> Result<bool, RenderError> {
        Ok(self.expression(condition.as_str(), scope)?.is_true())
    }

    /// Whether something with an optional condition is wanted.
    ///
    /// # Errors
    /// As [`Engine::holds`].
    pub fn wanted(&self, condition: Option<&Expr>, scope: &Scope) -> Result<bool, RenderError> {
        condition.map_or(Ok(true), |condition| self.holds(condition, scope))
    }

    /// The state of a switch that may be a condition.
    ///
    /// # Errors
    /// As [`Engine::holds`].
    pub fn switch(&self, switch: &Switch, scope: &Scope) -> Result<bool, RenderError> {
        match switch {
            Switch::Fixed(on) => Ok(*on),
            Switch::When(condition) => self.holds(condition, scope),
        }
    }

    /// The value of an expression.
    ///
    /// # Errors
    /// As [`Engine::text`].
    pub fn expression(&self, source: &str, scope: &Scope) -> Result<Value, RenderError> {
        let vault = Arc::new(Vault::new(Format::Plain));
        let value = self.eval(source, scope, &vault)?;
        Ok(vault.take(&value)?)
    }

    fn eval(&self, source: &str, scope: &Scope, vault: &Arc<Vault>) -> Result<EngineValue, RenderError> {
        if let Some(value) = self.expressions.recall(source, vault.format, scope) {
            return Ok(value);
        }
        let expression = self.environment.compile_expression(source)?;
        let names = self.expressions.names(source, |nested| expression.undeclared_variables(nested));
        let value = expression.eval(context(vault, scope, &names)?)?;
        // `a if b` without an else is undefined, and so is an unknown member of a table.
        if value.is_undefined() && !source.contains(" if ") {
            return Err(RenderError::new(format!("`{}` has no value.", source.trim())));
        }
        self.expressions.keep(source, vault.format, scope, || value.clone());
        Ok(value)
    }

    /// A value as a literal of `format`.
    ///
    /// # Errors
    /// When the format cannot hold it.
    pub fn literal(&self, value: &Value, format: Format) -> Result<Rendered, Refused> {
        let vault = Vault::new(format);
        let text = literal::write(format, &vault.lend(value)?, &vault)?;
        vault.split(&text)
    }

    /// The names that a text takes from its scope.
    ///
    /// # Errors
    /// When the text is broken.
    pub fn names(&self, text: &Text) -> Result<BTreeSet<String>, RenderError> {
        check(text.as_str())?;
        Ok(self.environment.template_from_str(text.as_str())?.undeclared_variables(false).into_iter().collect())
    }

    /// The names that a text takes from its scope, with what it takes of them: `parts.web.client_secret`.
    ///
    /// # Errors
    /// When the text is broken.
    pub fn paths(&self, text: &Text) -> Result<BTreeSet<String>, RenderError> {
        check(text.as_str())?;
        Ok(self.environment.template_from_str(text.as_str())?.undeclared_variables(true).into_iter().collect())
    }

    /// The names that an expression takes from its scope.
    ///
    /// # Errors
    /// When the expression is broken.
    pub fn names_in(&self, expression: &Expr) -> Result<BTreeSet<String>, RenderError> {
        Ok(self.environment.compile_expression(expression.as_str())?.undeclared_variables(false).into_iter().collect())
    }

    /// The expression of a text that is one single `{{ … }}`.
    fn single<'a>(&self, text: &'a Text) -> Option<&'a str> {
        let inner = text.as_str().strip_prefix("{{")?.strip_suffix("}}")?;
        // `{{ a }}-{{ b }}` has the braces too, but what is between them is no expression.
        self.expressions.is_whole(inner, || self.environment.compile_expression(inner).is_ok()).then_some(inner)
    }
}

/// Text as a value: a secret where it holds one.
impl From<&Rendered> for Value {
    fn from(rendered: &Rendered) -> Self {
        match rendered.plain() {
            Some(plain) => Self::Text(plain.to_owned()),
            None => Self::Secret(rendered.reveal()),
        }
    }
}

/// A text of words and values that are words too, for which neither engine nor vault is needed. Nothing for any other.
fn plain_words(source: &str, scope: &Scope) -> Option<String> {
    let mut out = String::with_capacity(source.len());
    for piece in pieces(source).filter(|_| source.len() <= SIZE)? {
        out.push_str(match piece {
            Piece::Text(text) => text,
            Piece::Name(path) => as_words(lookup(scope, path)?)?,
            Piece::Expression(_) => return None,
        });
    }
    (out.len() <= SIZE).then_some(out)
}

/// A value that is plain text and wants no closer look.
fn as_words(value: &Value) -> Option<&str> {
    value.as_text().filter(|text| text.bytes().all(|byte| (b' '..=b'~').contains(&byte)))
}

/// Whether a text is nothing but text.
fn is_literal(source: &str) -> bool {
    !source.contains('{') && source.len() <= SIZE
}

/// Refuses what makes a text run away: its size, and statements that define names.
fn check(source: &str) -> Result<(), RenderError> {
    if source.len() > SIZE {
        return Err(RenderError::new("The text is too long."));
    }
    for rest in source.split("{%").skip(1) {
        let rest = rest.trim_start_matches(['-', '+']).trim_start();
        let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if !STATEMENTS.contains(&word) {
            return Err(RenderError::new(format!(
                "Texts cannot use the statement `{word}`; computed values belong into `derive`."
            )));
        }
    }
    Ok(())
}

/// The values that a text uses, and the vault.
fn context(vault: &Arc<Vault>, scope: &Scope, names: &[String]) -> Result<EngineValue, RenderError> {
    let mut pairs = Vec::with_capacity(names.len() + 1);
    pairs.push((vault::NAME, EngineValue::from_dyn_object(vault.clone())));
    for name in names {
        match scope.get(name) {
            Some(value) => pairs.push((name.as_str(), vault.lend(value)?)),
            None => return Err(RenderError::new(format!("It uses `{name}`, which is not known here."))),
        }
    }
    Ok(EngineValue::from_pairs(pairs))
}

/// Output of bounded size.
struct Limited(Vec<u8>);

impl std::io::Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > SIZE {
            return Err(std::io::Error::other("the text grew too long"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
