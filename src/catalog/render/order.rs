//! What to do on the application's side, in order: warnings, steps and entries in one list.

use super::{Engine, RenderError, Rendered, RenderedEntry, render_entry};
use crate::catalog::template::{Format, Level, Place, Step, Template, Way};
use crate::catalog::value::Scope;

/// One thing in the order.
#[derive(Debug, Clone)]
pub enum Item {
    /// Something to know.
    Warning(RenderedWarning),
    /// Something to do.
    Step(RenderedStep),
    /// Something to enter.
    Entry(Box<RenderedEntry>),
}

/// A warning, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedWarning {
    /// One or two sentences.
    pub text: String,
    /// How bad it is.
    pub level: Level,
    /// Also shown beside this question.
    pub question: Option<String>,
}

/// A step, ready to be shown.
#[derive(Debug, Clone)]
pub struct RenderedStep {
    /// A sentence.
    pub text: String,
    /// Its place in the order.
    pub at: Place,
    /// A shell command that does it.
    pub command: Option<Rendered>,
    /// The late question whose answer it brings.
    pub asks: Option<String>,
}

/// The ways of deploying the application that these answers leave, in the template's order.
///
/// # Errors
/// When a condition is broken.
pub fn ways<'t>(engine: &Engine, template: &'t Template, scope: &Scope) -> Result<Vec<&'t Way>, RenderError> {
    let mut ways = Vec::new();
    for way in &template.way {
        if engine.wanted(way.when.as_ref(), scope).map_err(|error| error.at(format!("way \"{}\"", way.id)))? {
            ways.push(way);
        }
    }
    Ok(ways)
}

/// Everything to know, do and enter on the application's side for one way of deploying it, in order.
///
/// What may lock people out comes first, then warnings, the steps before everything, each entry between the steps that name it, the
/// second pass, the first login, the end, and what is merely good to know. Steps of an entry that is not shown are left out with it.
///
/// # Errors
/// The first text that cannot be rendered, with its place.
pub fn in_order(engine: &Engine, template: &Template, scope: &Scope, way: Option<&str>) -> Result<Vec<Item>, RenderError> {
    let mut items = Vec::new();
    let mut infos = Vec::new();
    let mut warnings = warnings(engine, template, scope, way)?;
    warnings.sort_by_key(|warning| std::cmp::Reverse(warning.level));
    for warning in warnings {
        if warning.level == Level::Info { &mut infos } else { &mut items }.push(Item::Warning(warning));
    }
    let steps = |at: Place, items: &mut Vec<Item>| steps(engine, template, scope, &at, items);
    steps(Place::Start, &mut items)?;
    for entry in template.entry.iter().filter(|entry| !entry.register) {
        if !belongs(&entry.ways, way) {
            continue;
        }
        let place = |error: RenderError| error.at(format!("entry \"{}\"", entry.id)).at(&template.id);
        if let Some(rendered) = render_entry(engine, entry, scope).map_err(place)? {
            steps(Place::Before(entry.id.clone()), &mut items)?;
            items.push(Item::Entry(Box::new(rendered)));
            steps(Place::After(entry.id.clone()), &mut items)?;
        }
    }
    for at in [Place::SecondPass, Place::FirstLogin, Place::End] {
        steps(at, &mut items)?;
    }
    items.append(&mut infos);
    Ok(items)
}

/// What to fill in at a login source's service before anything is made, each entry between its steps. It brings the answers.
///
/// # Errors
/// The first text that cannot be rendered, with its place.
pub fn to_register(engine: &Engine, template: &Template, scope: &Scope) -> Result<Vec<Item>, RenderError> {
    let mut items = Vec::new();
    let steps = |at: Place, items: &mut Vec<Item>| steps(engine, template, scope, &at, items);
    for entry in template.entry.iter().filter(|entry| entry.register) {
        let place = |error: RenderError| error.at(format!("entry \"{}\"", entry.id)).at(&template.id);
        if let Some(rendered) = render_entry(engine, entry, scope).map_err(place)? {
            steps(Place::Before(entry.id.clone()), &mut items)?;
            items.push(Item::Entry(Box::new(rendered)));
            steps(Place::After(entry.id.clone()), &mut items)?;
        }
    }
    Ok(items)
}

/// Whether what is for the ways `own`, or for all where there are none, is for `way`; without a way, everything is.
fn belongs(own: &[String], way: Option<&str>) -> bool {
    own.is_empty() || way.is_none_or(|way| own.iter().any(|own| own == way))
}

/// The warnings that hold for one way of deploying it, in the template's order.
fn warnings(engine: &Engine, template: &Template, scope: &Scope, way: Option<&str>) -> Result<Vec<RenderedWarning>, RenderError> {
    let mut warnings = Vec::new();
    for (number, warning) in template.warning.iter().enumerate().filter(|(_, warning)| belongs(&warning.ways, way)) {
        let place = |error: RenderError| error.at(format!("warning {}", number + 1)).at(&template.id);
        if engine.wanted(warning.when.as_ref(), scope).map_err(place)? {
            let text = engine.plain(&warning.text, scope).map_err(place)?;
            warnings.push(RenderedWarning { text, level: warning.level, question: warning.question.clone() });
        }
    }
    Ok(warnings)
}

/// Adds the steps that stand at `at`.
fn steps(engine: &Engine, template: &Template, scope: &Scope, at: &Place, items: &mut Vec<Item>) -> Result<(), RenderError> {
    for (number, step) in template.step.iter().enumerate().filter(|(_, step)| step.at == *at) {
        let place = |error: RenderError| error.at(format!("step {}", number + 1)).at(&template.id);
        items.extend(render_step(engine, step, scope).map_err(place)?.map(Item::Step));
    }
    Ok(())
}

fn render_step(engine: &Engine, step: &Step, scope: &Scope) -> Result<Option<RenderedStep>, RenderError> {
    if !engine.wanted(step.when.as_ref(), scope)? {
        return Ok(None);
    }
    Ok(Some(RenderedStep {
        text: engine.plain(&step.text, scope)?,
        at: step.at.clone(),
        command: match &step.command {
            Some(command) => Some(engine.text(command, scope, Format::Shell).map_err(|error| error.at("command"))?),
            None => None,
        },
        asks: step.asks.clone(),
    }))
}
