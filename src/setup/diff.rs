//! A plan as people read it: one item an object, one row a field, with what it was, what it becomes, and why.

use super::extra::{self, Extra, Rewrite};
use super::plan::{Action, Bind, Plan};
use super::setting::{Change, Field, SettingValue, Settings};

/// What happens to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// It is made.
    Create,
    /// Some of it changes.
    Change,
}

impl Verb {
    /// The sign at the start of the line, readable without color.
    pub const fn sign(self) -> char {
        match self {
            Self::Create => '+',
            Self::Change => '~',
        }
    }

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
        }
    }
}

/// One object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What happens to it.
    pub verb: Verb,
    /// What it is: `OAuth2/OpenID provider`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Its fields.
    pub rows: Vec<Row>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The field's label.
    pub label: String,
    /// What it is now; none where the object is made.
    pub from: Option<Vec<String>>,
    /// What it becomes, one line a member.
    pub to: Vec<String>,
    /// Why it is not authentik's default.
    pub why: Option<String>,
    /// What the field does.
    pub meaning: Option<&'static str>,
}

/// The plan as items, in the order in which they are done.
pub fn diff(plan: &Plan) -> Vec<Item> {
    of(&plan.actions)
}

/// Actions as items.
pub fn of(actions: &[Action]) -> Vec<Item> {
    actions.iter().flat_map(items).collect()
}

/// How many objects are created and how many changed.
pub fn counts(items: &[Item]) -> (usize, usize) {
    let created = items.iter().filter(|item| item.verb == Verb::Create).count();
    (created, items.len() - created)
}

fn items(action: &Action) -> Vec<Item> {
    match action {
        Action::MakeKey { common_name, subject_alt_names, days, why, .. } => vec![Item {
            verb: Verb::Create,
            kind: "Certificate with RSA key",
            name: common_name.clone(),
            rows: vec![
                row("Common name", vec![common_name.clone()], Some(why.clone())),
                row("Alternative names", none_if_empty(subject_alt_names), None),
                row("Valid for", vec![format!("{days} days")], None),
            ],
        }],
        Action::MakeMapping { name, scope, expression, why, .. } => vec![Item {
            verb: Verb::Create,
            kind: "Scope mapping",
            name: name.clone(),
            rows: vec![
                row("Scope", vec![scope.clone()], Some(why.clone())),
                row("Python, runs in authentik", expression.lines().map(str::to_owned).collect(), None),
            ],
        }],
        Action::MakeGroup { name, why, .. } => vec![Item {
            verb: Verb::Create,
            kind: "Group",
            name: name.clone(),
            rows: vec![row("Members", vec!["none yet".into()], Some(why.clone()))],
        }],
        Action::Create { provider, application, bindings, .. } => {
            let mut application_item = created("Application", application);
            application_item.rows.push(bindings_row(bindings));
            vec![application_item, created("OAuth2/OpenID provider", provider)]
        }
        Action::CreateProvider { provider, .. } => vec![created("OAuth2/OpenID provider", provider)],
        Action::UpdateProvider { name, changes, .. } => vec![changed("OAuth2/OpenID provider", name, changes)],
        Action::UpdateApplication { name, changes, .. } => vec![changed("Application", name, changes)],
        Action::AddBindings { name, bindings, .. } => vec![Item {
            verb: Verb::Change,
            kind: "Application",
            name: name.clone(),
            rows: vec![Row { label: "Access, added".into(), ..bindings_row(bindings) }],
        }],
        Action::MakeExtra(extra) => vec![made(extra)],
        Action::Rewrite(rewrite) => vec![rewritten(rewrite)],
        Action::CreateSource { settings, .. } => vec![created("Login source", settings)],
        Action::UpdateSource { name, changes, .. } => vec![changed("Login source", name, changes)],
        Action::ShowSource { stage_name, source, keeps, .. } => vec![Item {
            verb: Verb::Change,
            kind: "Login page",
            name: stage_name.clone(),
            rows: vec![Row {
                label: "Sources".into(),
                from: Some(vec![format!("{} shown", keeps.len())]),
                to: vec![format!("{} shown, {} added at the end", keeps.len() + 1, source.name())],
                why: Some("the sources that are there stay".into()),
                meaning: None,
            }],
        }],
    }
}

fn created(kind: &'static str, settings: &Settings) -> Item {
    let name = match settings.get(&Field::Name).map(|setting| &setting.value) {
        Some(SettingValue::Text(name)) => name.clone(),
        _ => String::new(),
    };
    let rows = settings
        .iter()
        .map(|(field, setting)| Row {
            meaning: Some(field.meaning()),
            ..row(field.label(), setting.value.lines(), setting.why.clone())
        })
        .collect();
    Item { verb: Verb::Create, kind, name, rows }
}

fn changed(kind: &'static str, name: &str, changes: &[Change]) -> Item {
    let rows = changes
        .iter()
        .map(|change| Row {
            label: change.field.label().to_owned(),
            from: Some(change.from.lines()),
            to: change.to.lines(),
            why: change.why.clone(),
            meaning: Some(change.field.meaning()),
        })
        .collect();
    Item { verb: Verb::Change, kind, name: name.to_owned(), rows }
}

fn made(extra: &Extra) -> Item {
    let mut rows: Vec<Row> =
        extra.fields.iter().map(|(field, value)| row(extra::label(field), shown(field, value), None)).collect();
    if let Some(first) = rows.first_mut() {
        first.why = Some(extra.why.clone());
    }
    Item { verb: Verb::Create, kind: extra.kind.title(), name: extra.name.clone(), rows }
}

/// A certificate's lines tell nobody anything.
fn shown(field: &str, value: &SettingValue) -> Vec<String> {
    if field == "certificate_data" { vec!["as it was given, without a private key".into()] } else { value.lines() }
}

fn rewritten(rewrite: &Rewrite) -> Item {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let code = Row {
        from: Some(lines(&rewrite.from)),
        ..row(extra::label("expression"), lines(&rewrite.to), Some(rewrite.why.clone()))
    };
    Item { verb: Verb::Change, kind: rewrite.kind.title(), name: rewrite.name.clone(), rows: vec![code] }
}

fn bindings_row(bindings: &[Bind]) -> Row {
    let to = if bindings.is_empty() {
        vec!["everyone who can sign in".into()]
    } else {
        bindings
            .iter()
            .map(|bind| match bind {
                Bind::Group(group) => format!("members of {}", group.name()),
                Bind::Person(person) => format!("only {}", person.name()),
            })
            .collect()
    };
    Row {
        label: "Access".into(),
        from: None,
        to,
        why: None,
        meaning: Some("Who may open the application. Administrators are bound by it too."),
    }
}

fn row(label: &str, to: Vec<String>, why: Option<String>) -> Row {
    Row { label: label.to_owned(), from: None, to, why, meaning: None }
}

fn none_if_empty(items: &[String]) -> Vec<String> {
    if items.is_empty() { vec!["none".into()] } else { items.to_vec() }
}
