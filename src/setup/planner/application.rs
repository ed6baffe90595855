//! The application's fields.

use fnv::FnvBuildHasher;

use super::Builder;
use super::names::launch_url;
use crate::catalog::template::Application;
use crate::setup::setting::{Field, Setting, SettingValue, Settings};

/// How many fields an application has at most, its provider aside.
const FIELDS: usize = 7;

/// The schemes that a launch URL can have: Django's own and authentik's; the last two from 2026.5 on.
const SCHEMES: [&str; 7] = ["http", "https", "ftp", "ftps", "blank", "ssh", "sftp"];

/// What hides a tile on servers without `meta_hide` (authentik's own convention).
const HIDDEN_LAUNCH_URL: &str = "blank://blank";

impl Builder<'_> {
    /// Every field of the application, or nothing when one of them could not be made.
    pub(super) fn application_settings(&mut self, application: &Application, name: &str, slug: &str) -> Option<Settings> {
        let options = &self.answers.options;
        let mut settings = Settings::with_capacity_and_hasher(FIELDS, FnvBuildHasher::default());
        settings.insert(Field::Name, text(name));
        settings.insert(Field::Slug, text(slug));
        let hidden_by_flag = application.hidden && self.facts.capabilities.meta_hide;
        let launch = match &options.launch_url {
            Some(url) if is_taken(url) => url.clone(),
            Some(url) => {
                self.block(format!(
                    "authentik does not take \"{url}\" as a launch URL. One looks like https://app.example.com/path."
                ));
                return None;
            }
            None if application.hidden && !hidden_by_flag => HIDDEN_LAUNCH_URL.to_owned(),
            None => launch_url(self.engine, application, self.template, &self.scope).unwrap_or_default(),
        };
        settings.insert(Field::LaunchUrl, text(&launch));
        if hidden_by_flag {
            settings.insert(Field::Hidden, Setting::because(SettingValue::Bool(true), "people do not open it from authentik"));
        }
        let group = match (&options.group, &application.group) {
            (Some(group), _) => group.clone(),
            (None, Some(group)) => self.text("The group heading", group)?,
            (None, None) => String::new(),
        };
        settings.insert(Field::Group, text(&group));
        settings.insert(Field::Description, text(self.answers.options.description.as_deref().unwrap_or_default()));
        if let Some(icon) = &self.answers.options.icon {
            settings.insert(Field::Icon, text(icon));
        }
        Some(settings)
    }
}

/// Whether authentik takes a launch URL, as far as that is certain: its own rule for the host is finer, and lets `%(username)s` through
/// (`DomainlessFormattedURLValidator`, 2024.12 to 2026.5).
fn is_taken(url: &str) -> bool {
    url.is_empty()
        || url.split_once("://").is_some_and(|(scheme, rest)| {
            let known = SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known));
            known && !rest.starts_with(['/', '?', '#']) && !rest.is_empty() && !url.contains(char::is_whitespace)
        })
}

fn text(value: &str) -> Setting {
    Setting::plain(SettingValue::Text(value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launch_url_that_authentik_would_refuse_is_not_taken() {
        for url in ["", "https://app.example.com", "HTTP://nas:8080/x?y", "blank://blank", "https://%(username)s.example.com/"] {
            assert!(is_taken(url), "{url}");
        }
        for url in ["app.example.com", "https://", "https:///path", "https://a b", "javascript://x", "mailto:a@b"] {
            assert!(!is_taken(url), "{url}");
        }
    }
}
