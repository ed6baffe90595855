//! Who may open the application, and the groups that mean something to it.

use super::{Builder, same_name};
use crate::catalog::template::{Group, GroupMode, Level};
use crate::catalog::value::{Scope, Value};
use crate::setup::answers::{Access, GroupChoice};
use crate::setup::facts::GroupFact;
use crate::setup::plan::{Action, Bind, Decision};
use crate::setup::setting::Ref;

impl<'a> Builder<'a> {
    /// The template's own groups: names for texts, and what has to be made.
    pub(super) fn plan_groups(&mut self) {
        let mut names = Scope::default();
        for group in &self.template.group {
            if group.when.as_ref().is_some_and(|when| !self.engine.holds(when, &self.scope).unwrap_or(false)) {
                names.insert(group.id.clone(), Value::None);
                continue;
            }
            let Some(own) = self.names_of(group) else { continue };
            for name in &own {
                match (self.group_named(name), group.mode) {
                    (Some(_), _) => {}
                    (None, GroupMode::Existing) => self.notice(
                        Level::Warning,
                        format!(
                            "There is no group \"{name}\" in authentik, and {} expects it: {}.",
                            self.template.name,
                            group.purpose.trim_end_matches('.')
                        ),
                    ),
                    (None, GroupMode::Create) => {
                        self.new_group(name, &group.purpose);
                    }
                }
            }
            let mut own = own.into_iter().map(Value::from);
            let value = if group.each.is_some() { Value::List(own.collect()) } else { own.next().unwrap_or(Value::None) };
            names.insert(group.id.clone(), value);
        }
        self.scope.insert("groups".into(), Value::Table(names));
    }

    /// The bindings of the application that is made.
    pub(super) fn bindings(&mut self) -> Vec<Bind> {
        match self.answers.access.clone() {
            Access::Everyone => self.template_bindings(),
            Access::Groups(groups) => groups.iter().map(|group| Bind::Group(self.group_ref(group))).collect(),
            Access::Person { pk, username } => {
                if pk == self.facts.me.pk && self.facts.me.machine {
                    self.decisions.push(Decision::Person {
                        text: format!(
                            "The token belongs to \"{username}\", and nobody signs in with that account. Choose the person who will test."
                        ),
                    });
                }
                vec![Bind::Person(Ref::existing(pk, username))]
            }
        }
    }

    /// Groups that the template binds by itself, such as roles that are the only way in.
    fn template_bindings(&mut self) -> Vec<Bind> {
        let mut bindings = Vec::new();
        for group in self.template.group.iter().filter(|group| group.bind) {
            if group.when.as_ref().is_some_and(|when| !self.engine.holds(when, &self.scope).unwrap_or(false)) {
                continue;
            }
            for name in self.names_of(group).into_iter().flatten() {
                bindings.push(Bind::Group(self.group_ref(&GroupChoice::New { name })));
            }
        }
        bindings
    }

    /// The group's name, or one for each member of its list.
    fn names_of(&mut self, group: &Group) -> Option<Vec<String>> {
        let what = "The name of a group";
        let Some(list) = &group.each else { return Some(vec![self.text(what, &group.name)?]) };
        let Some(Value::List(items)) = self.scope.get(list).cloned() else { return Some(Vec::new()) };
        let names = items.into_iter().map(|item| {
            self.scope.insert("item".into(), item);
            self.text(what, &group.name)
        });
        let names = names.collect();
        self.scope.shift_remove("item");
        names
    }

    /// Says who will be able to open the application.
    pub(super) fn note_access(&mut self) {
        let name = self.template.name.clone();
        match self.answers.access.clone() {
            Access::Everyone => {
                let groups: Vec<String> = self
                    .template_bindings()
                    .iter()
                    .map(|bind| match bind {
                        Bind::Group(reference) | Bind::Person(reference) => reference.name().to_owned(),
                    })
                    .collect();
                if groups.is_empty() && self.limited_already() {
                    // Bindings are never removed, so those of the existing application decide.
                } else if groups.is_empty() {
                    self.notice(Level::Info, format!("Everyone who can sign in to authentik may open {name}."));
                } else {
                    self.note_groups(&name, &groups);
                }
            }
            Access::Groups(groups) if groups.is_empty() => {
                self.block("No group is chosen on the access page. Choose one, or let everyone in.");
            }
            Access::Groups(groups) => {
                let names: Vec<String> = groups.iter().map(|group| group.name().to_owned()).collect();
                self.note_groups(&name, &names);
            }
            Access::Person { username, .. } => {
                let text = if self.limited_already() {
                    format!("\"{username}\" may open {name} as well.")
                } else {
                    format!("Only \"{username}\" may open {name}; other administrators are refused too.")
                };
                self.notice(Level::Info, text);
            }
        }
    }

    fn note_groups(&mut self, name: &str, groups: &[String]) {
        let groups = groups.join(", ");
        let text = if self.limited_already() {
            format!("Members of {groups} may open {name} as well.")
        } else {
            format!("Only members of {groups} may open {name}.")
        };
        self.notice(Level::Info, text);
    }

    /// Whether an application that is changed has bindings: they stay, and they decide besides.
    fn limited_already(&self) -> bool {
        self.planned.iter().any(|part| self.existing(&part.slug).is_some_and(|existing| !existing.bindings.is_empty()))
    }

    fn group_ref(&mut self, group: &GroupChoice) -> Ref {
        match group {
            GroupChoice::Existing { pk, name } => Ref::existing(pk, name),
            GroupChoice::New { name } => match self.group_named(name) {
                Some(found) => Ref::existing(&found.pk, &found.name),
                None => self.new_group(name, "Its members may open the application."),
            },
        }
    }

    /// Group names are compared without case: two that differ only by it are a trap.
    fn group_named(&self, name: &str) -> Option<&'a GroupFact> {
        self.facts.groups.iter().find(|group| same_name(&group.name, name))
    }

    fn new_group(&mut self, name: &str, why: &str) -> Ref {
        let handle = format!("group:{name}");
        let made = self.makes.iter().any(|action| matches!(action, Action::MakeGroup { handle: other, .. } if *other == handle));
        if !made {
            self.make(Action::MakeGroup { handle: handle.clone(), name: name.to_owned(), why: why.to_owned() });
        }
        Self::new_ref(&handle, name)
    }
}
