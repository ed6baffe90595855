//! Names, slugs and credentials; and the live preview of what is derived from the answers.

use secrecy::SecretString;

use super::{Builder, same_name};
use crate::catalog::render::Engine;
use crate::catalog::template::{Application, Part, Provider, Template};
use crate::catalog::text::{Scalar, Text};
use crate::catalog::value::{Scope, Value};
use crate::setup::answers::{Answers, RedirectUri, Taken};
use crate::setup::facts::{Existing, Version};
use crate::setup::plan::Decision;
use crate::setup::question::Resolved;
use crate::setup::setting::{Field, SettingValue};

/// Slugs that authentik refuses since 2025.8 and that break its addresses before (`core/models.py`).
const RESERVED: [&str; 6] = ["authorize", "token", "device", "userinfo", "introspect", "revoke"];

/// The longest slug of 2024.12, a `SlugField`. Somewhere between it and 2025.12 the limit went (`core/models.py`): where that is not
/// certain, the server decides.
const OLD_SLUG: usize = 50;
const NO_SLUG_LIMIT: Version = Version::new(2025, 2, 0);

/// What is derived from the answers, shown live while one types.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    /// The application's name.
    pub name: String,
    /// The application's slug.
    pub slug: String,
    /// Where the tile leads.
    pub launch_url: String,
    /// There is no tile: people do not open it from authentik.
    pub hidden: bool,
    /// The redirect URIs of the first part.
    pub redirects: Vec<RedirectUri>,
}

/// What is derived from the answers so far. What cannot be derived yet is empty.
pub fn preview(engine: &Engine, template: &Template, answers: &Answers, resolved: &Resolved) -> Preview {
    let Some(part) = template.parts().first() else {
        let slug = template.source.as_ref().and_then(|source| engine.plain(&source.slug, &resolved.scope).ok());
        return Preview { name: template.name.clone(), slug: slug.unwrap_or_default(), ..Preview::default() };
    };
    let (name, slug) = default_names(engine, template, &part.application, &resolved.scope);
    let slug = answers.options.slug.clone().unwrap_or(slug);
    let mut scope = resolved.scope.clone();
    scope.insert("slug".into(), Value::from(slug.as_str()));
    Preview {
        name: answers.options.name.clone().unwrap_or(name),
        launch_url: answers
            .options
            .launch_url
            .clone()
            .unwrap_or_else(|| launch_url(engine, &part.application, template, &scope).unwrap_or_default()),
        redirects: answers
            .options
            .redirects
            .clone()
            .unwrap_or_else(|| redirects(engine, &part.provider, &scope).unwrap_or_default()),
        hidden: part.application.hidden && answers.options.launch_url.is_none(),
        slug,
    }
}

/// The slugs of everything that will be made, as far as the answers tell: what the server has under them has to be known for a plan.
pub fn slugs(engine: &Engine, template: &Template, answers: &Answers, resolved: &Resolved) -> Vec<String> {
    if let Some(source) = &template.source {
        let slug = answers.options.slug.clone().or_else(|| engine.plain(&source.slug, &resolved.scope).ok());
        return slug.into_iter().collect();
    }
    let wanted = |part: &Part| part.when.as_ref().is_none_or(|when| engine.holds(when, &resolved.scope).unwrap_or(false));
    let decided = match &answers.taken {
        Some(Taken::Rename { slug, .. }) => Some(slug.clone()),
        _ => answers.options.slug.clone(),
    };
    let own = template
        .parts()
        .iter()
        .filter(|part| wanted(part))
        .map(|part| default_names(engine, template, &part.application, &resolved.scope).1);
    own.enumerate().map(|(index, slug)| if index == 0 { decided.clone().unwrap_or(slug) } else { slug }).collect()
}

/// The redirect URIs that the template gives for these answers, or a sentence that names the one that could not be made.
///
/// # Errors
/// That sentence.
pub fn redirects(engine: &Engine, provider: &Provider, scope: &Scope) -> Result<Vec<RedirectUri>, String> {
    let mut uris = Vec::new();
    for redirect in &provider.redirects {
        if redirect.when.as_ref().is_some_and(|when| !engine.holds(when, scope).unwrap_or(false)) {
            continue;
        }
        let mut add = |scope: &Scope| -> Result<(), String> {
            let made = engine.plain(&redirect.uri, scope).or_else(|error| match &redirect.until {
                Some(until) => engine.plain(until, scope),
                None => Err(error),
            });
            let uri = made.map_err(|error| format!("A redirect URI could not be made from the answers: {error}"))?;
            let uri = RedirectUri { uri, mode: redirect.mode };
            if !uris.contains(&uri) {
                uris.push(uri);
            }
            Ok(())
        };
        match &redirect.each {
            None => add(scope)?,
            Some(list) => {
                let Some(Value::List(items)) = scope.get(list) else { continue };
                for item in items {
                    let mut scope = scope.clone();
                    scope.insert("item".into(), item.clone());
                    add(&scope)?;
                }
            }
        }
    }
    Ok(uris)
}

/// The launch URL: the template's, else the origin of the first address that was asked for.
pub(super) fn launch_url(engine: &Engine, application: &Application, template: &Template, scope: &Scope) -> Option<String> {
    if let Some(text) = &application.launch_url {
        return engine.plain(text, scope).ok();
    }
    first_address(template, scope)
}

/// The first address that was asked for.
pub fn first_address(template: &Template, scope: &Scope) -> Option<String> {
    template.question.iter().find_map(|question| {
        let address = match scope.get(&question.id)? {
            Value::List(items) => items.first()?,
            value => value,
        };
        match address {
            Value::Table(table) => table.get("base").and_then(Value::as_text).map(str::to_owned),
            _ => None,
        }
    })
}

fn default_names(engine: &Engine, template: &Template, application: &Application, scope: &Scope) -> (String, String) {
    let render = |text: &Option<Text>| text.as_ref().and_then(|text| engine.plain(text, scope).ok());
    let name = render(&application.name).unwrap_or_else(|| template.name.clone());
    let slug = render(&application.slug).unwrap_or_else(|| slugify(&name));
    (name, slug)
}

/// A slug for a name, at most 50 characters (authentik's own limit).
pub fn slugify(name: &str) -> String {
    let slug = crate::catalog::render::slugify(name);
    slug.chars().take(50).collect::<String>().trim_end_matches('-').to_owned()
}

/// The first name with a number from 2 on that is not taken.
pub(super) fn numbered(name: impl Fn(u32) -> String, taken: impl Fn(&str) -> bool) -> String {
    let mut number = 2;
    loop {
        let candidate = name(number);
        if !taken(&candidate) {
            return candidate;
        }
        number += 1;
    }
}

impl Builder<'_> {
    /// The application's name and slug after options, with a decision where the slug is taken.
    pub(super) fn name_and_slug(&mut self, first: bool, application: &Application) -> Option<(String, String)> {
        let (default_name, default_slug) = default_names(self.engine, self.template, application, &self.scope);
        let options = &self.answers.options;
        let (mut name, mut slug) = (default_name, default_slug);
        if first {
            name = options.name.clone().unwrap_or(name);
            slug = options.slug.clone().unwrap_or(slug);
            if let Some(Taken::Rename { slug: new_slug, name: new_name }) = &self.answers.taken {
                slug.clone_from(new_slug);
                name.clone_from(new_name);
            }
        }
        if slug.is_empty() || !slug.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)) {
            self.block(format!(
                "\"{slug}\" cannot be a slug. A slug has letters, digits, - and _ only. Change it on the options page."
            ));
            return None;
        }
        if slug.len() > OLD_SLUG && self.facts.capabilities.version < NO_SLUG_LIMIT {
            self.block(format!(
                "\"{slug}\" is too long for a slug: this authentik takes {OLD_SLUG} characters. Change it on the options page."
            ));
            return None;
        }
        if RESERVED.contains(&slug.to_lowercase().as_str()) {
            self.block(format!("\"{slug}\" cannot be a slug: authentik uses it itself. Change it on the options page."));
            return None;
        }
        if name.trim().is_empty() {
            self.block("The application has no name. Give it one on the options page.");
            return None;
        }
        self.decide_taken(&name, &slug);
        Some((name, slug))
    }

    fn decide_taken(&mut self, name: &str, slug: &str) {
        let Some(existing) = self.existing(slug) else { return };
        if self.answers.taken == Some(Taken::Update) && existing.untouchable.is_none() {
            return;
        }
        let existing_name = existing.application.text(Field::Name).unwrap_or(slug);
        self.decisions.push(Decision::Taken {
            text: format!("The slug \"{slug}\" belongs to the application \"{existing_name}\" already."),
            update_refused: existing.untouchable.clone(),
            free_slug: numbered(|number| format!("{slug}-{number}"), |slug| self.slug_is_taken(slug)),
            free_name: numbered(|number| format!("{name} {number}"), |name| self.provider_is_taken(name)),
        });
    }

    fn slug_is_taken(&self, slug: &str) -> bool {
        self.existing(slug).is_some() || self.facts.applications.iter().any(|application| same_name(&application.slug, slug))
    }

    fn provider_is_taken(&self, name: &str) -> bool {
        self.facts.providers.have_name(name)
    }

    /// A name for the provider that no other one has. Ours is renamed, never theirs.
    pub(super) fn provider_name(&mut self, name: &str, existing: Option<&Existing>) -> String {
        if let Some(own) = existing.and_then(|existing| existing.provider.as_ref()).and_then(|found| found.text(Field::Name)) {
            return own.to_owned();
        }
        let wanted = self.answers.options.provider_name.clone().unwrap_or_else(|| name.to_owned());
        if !self.provider_is_taken(&wanted) {
            return wanted;
        }
        let free = numbered(|number| format!("{wanted} {number}"), |name| self.provider_is_taken(name));
        self.notice(
            crate::catalog::template::Level::Info,
            format!("There is a provider named \"{wanted}\" already. The new one is named \"{free}\"."),
        );
        free
    }

    /// The client id and secret of a part: those of the existing provider, else constants of the template, else the made ones.
    pub(super) fn credentials(&mut self, part: &Part, slug: &str) -> (String, Option<SecretString>) {
        let existing = self.existing(slug).filter(|_| self.answers.taken == Some(Taken::Update));
        let public = self.client_type(&part.provider) == crate::catalog::template::ClientType::Public;
        if let Some(found) = existing.and_then(|existing| existing.provider.as_ref())
            && let Some(client_id) = found.text(Field::ClientId)
        {
            let secret = match found.settings.get(&Field::ClientSecret) {
                Some(SettingValue::Secret(secret)) if !public => Some(secret.clone()),
                _ => None,
            };
            return (client_id.to_owned(), secret);
        }
        let Some(made) = self.minted.credentials.get(&part.id) else {
            self.block("No client ID was made. This is a fault of akwiz: please report it.");
            return (String::new(), None);
        };
        let client_id = match &part.provider.client_id {
            Some(text) => self.text("The client ID", text).unwrap_or_default(),
            None => made.client_id.clone(),
        };
        let client_secret = match &part.provider.client_secret {
            Some(text) => match self.engine.value(&Scalar::Text(text.clone()), &self.scope) {
                Ok(Value::Secret(secret)) => secret,
                Ok(Value::Text(text)) => text.into(),
                _ => {
                    self.block("The client secret could not be made from the answers.");
                    return (client_id, None);
                }
            },
            None => made.client_secret.clone(),
        };
        (client_id, (!public).then_some(client_secret))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_what_authentik_takes() {
        assert_eq!(slugify("Proxmox VE"), "proxmox-ve");
        assert_eq!(slugify("  Café & Bar! "), "cafe-bar");
        assert_eq!(slugify("what's_up"), "what-s_up");
        assert_eq!(slugify("!!!"), "");
        assert!(slugify(&"long name ".repeat(20)).len() <= 50);
    }
}
