//! The application's fields.

use std::hash::BuildHasherDefault;

use super::Builder;
use super::names::launch_url;
use crate::catalog::template::Application;
use crate::setup::setting::{Field, Setting, SettingValue, Settings};

/// How many fields an application has at most, its provider aside.
const FIELDS: usize = 7;

/// What hides a tile on servers without `meta_hide` (authentik's own convention).
const HIDDEN_LAUNCH_URL: &str = "blank://blank";

impl Builder<'_> {
    /// Every field of the application, or nothing when one of them could not be made.
    pub(super) fn application_settings(&mut self, application: &Application, name: &str, slug: &str) -> Option<Settings> {
        let options = &self.answers.options;
        let mut settings = Settings::with_capacity_and_hasher(FIELDS, BuildHasherDefault::default());
        settings.insert(Field::Name, text(name));
        settings.insert(Field::Slug, text(slug));
        let hidden_by_flag = application.hidden && self.facts.capabilities.meta_hide;
        let launch = match &options.launch_url {
            Some(url) => url.clone(),
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

fn text(value: &str) -> Setting {
    Setting::plain(SettingValue::Text(value.to_owned()))
}
