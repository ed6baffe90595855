//! The providers that a server has, and the names that they take.

use std::collections::HashMap;
use std::ops::Deref;

use super::facts::ProviderFact;

/// Providers, and whether a name is taken among them: a file of thousands asks that thousands of times.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    all: Vec<ProviderFact>,
    /// How many have each name, in lower case.
    names: HashMap<String, usize>,
}

impl Providers {
    /// Adds one.
    pub fn push(&mut self, provider: ProviderFact) {
        *self.names.entry(provider.name.to_lowercase()).or_default() += 1;
        self.all.push(provider);
    }

    /// Keeps the first `count`.
    pub fn truncate(&mut self, count: usize) {
        for provider in self.all.drain(count.min(self.all.len())..) {
            let name = provider.name.to_lowercase();
            match self.names.get_mut(&name) {
                Some(count @ 2..) => *count -= 1,
                _ => drop(self.names.remove(&name)),
            }
        }
    }

    /// Whether one has this name to a person: authentik compares names byte by byte, people do not.
    pub fn have_name(&self, name: &str) -> bool {
        self.names.contains_key(&name.to_lowercase())
    }
}

impl Deref for Providers {
    type Target = [ProviderFact];

    fn deref(&self) -> &[ProviderFact] {
        &self.all
    }
}

impl FromIterator<ProviderFact> for Providers {
    fn from_iter<I: IntoIterator<Item = ProviderFact>>(all: I) -> Self {
        let mut providers = Self::default();
        all.into_iter().for_each(|provider| providers.push(provider));
        providers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_until_its_last_provider_has_gone() {
        let named = |name: &str| ProviderFact { name: name.to_owned(), ..ProviderFact::default() };
        let mut providers: Providers = ["Wiki", "wiki", "\u{c9}tude"].map(named).into_iter().collect();
        assert!(providers.have_name("WIKI") && providers.have_name("\u{e9}tude") && !providers.have_name("Wik"));
        providers.truncate(1);
        assert!(providers.len() == 1 && providers.have_name("wiki") && !providers.have_name("\u{c9}tude"));
        providers.truncate(0);
        assert!(!providers.have_name("wiki"));
    }
}
