//! Who may open an application.

use serde::Serialize;

use crate::setup::facts::Binding;

/// Who may open an application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "open_to"))]
pub(super) struct OpenToDocument {
    /// Nothing limits it: everyone who can sign in.
    everyone: bool,
    /// The groups whose members may open it, by name; by primary key where the name cannot be seen.
    groups: Vec<String>,
    /// How many people may open it by themselves.
    people: usize,
    /// How many policies decide besides.
    policies: usize,
}

impl OpenToDocument {
    /// What these bindings say. `group` knows the names of groups.
    pub(super) fn new<'b>(bindings: impl IntoIterator<Item = &'b Binding>, group: impl Fn(&str) -> Option<String>) -> Self {
        let mut open = Self { everyone: true, ..Self::default() };
        for binding in bindings {
            open.everyone = false;
            if let Some(pk) = &binding.group {
                open.groups.push(group(pk).unwrap_or_else(|| pk.clone()));
            }
            open.people += usize::from(binding.user.is_some());
            open.policies += usize::from(binding.policy.is_some());
        }
        open
    }

    /// In a few words.
    pub(super) fn words(&self) -> String {
        if self.everyone {
            return "everyone".to_owned();
        }
        let counted = |count: usize, one: &str, several: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {several}")),
        };
        let mut words = self.groups.clone();
        words.extend(counted(self.people, "person", "people"));
        words.extend(counted(self.policies, "policy", "policies"));
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_few() {
        let binding = |group: Option<&str>, user: Option<&str>| Binding {
            group: group.map(str::to_owned),
            user: user.map(str::to_owned),
            ..Binding::default()
        };
        let name = |pk: &str| (pk == "g1").then(|| "family".to_owned());
        assert_eq!(OpenToDocument::new(&[], name).words(), "everyone");
        let bindings = [binding(Some("g1"), None), binding(Some("g2"), None), binding(None, Some("7"))];
        assert_eq!(OpenToDocument::new(&bindings, name).words(), "family, g2, 1 person");
    }
}
