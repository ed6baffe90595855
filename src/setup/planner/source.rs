//! Login sources: the object, its flows, and its place on the login page.

use super::Builder;
use super::flows::designation;
use crate::catalog::template::{Acquire, Level, Source, SourceApi};
use crate::catalog::text::Scalar;
use crate::catalog::value::Value;
use crate::setup::answers::LoginPage;
use crate::setup::facts::{Found, IdentificationStage};
use crate::setup::plan::{Action, Decision};
use crate::setup::setting::{Change, Field, Ref, Setting, SettingValue, Settings};

/// The handle of the source that a plan makes.
const HANDLE: &str = "source";

/// The fields that a template's `set` may give, by authentik's own names (`/api/v3/sources/plex/`). Flows are given by slug.
const FIELDS: [(&str, Field); 9] = [
    ("name", Field::Name),
    ("enabled", Field::Enabled),
    ("allow_friends", Field::AllowFriends),
    ("user_matching_mode", Field::UserMatching),
    ("group_matching_mode", Field::GroupMatching),
    ("policy_engine_mode", Field::PolicyEngine),
    ("user_path_template", Field::UserPath),
    ("authentication_flow", Field::AuthenticationFlow),
    ("enrollment_flow", Field::EnrollmentFlow),
];

impl Builder<'_> {
    pub(super) fn plan_source(&mut self, source: &Source) {
        if source.api != SourceApi::Plex {
            self.block(format!("{} is a kind of login source that this version of akwiz cannot make yet.", self.template.name));
            return;
        }
        let Some(slug) = self.source_slug(source) else { return };
        let Some(name) = self.source_name(source) else { return };
        self.scope.insert("slug".into(), Value::from(slug.as_str()));
        self.scope.insert("app_name".into(), Value::from(name.as_str()));
        self.scope.insert("authentik_url".into(), Value::from(self.facts.public_url.as_str()));
        if let Some(callback) = &source.callback
            && let Some(callback) = self.text("The callback address", callback)
        {
            self.scope.insert("callback".into(), Value::from(callback));
        }
        let Some(settings) = self.source_settings(source, &name, &slug) else { return };
        let enrolls = settings.get(&Field::EnrollmentFlow).is_some_and(|setting| setting.value != SettingValue::Null);
        let reference = match self.facts.existing_source.clone() {
            None => {
                self.actions.push(Action::CreateSource { handle: HANDLE.into(), api: "plex".into(), settings });
                Self::new_ref(HANDLE, &name)
            }
            Some(found) => self.update_source(&found, settings, &name),
        };
        if source.login_page {
            self.show_on_login_page(reference);
        }
        self.note_enrollment(&name, enrolls);
    }

    fn source_slug(&mut self, source: &Source) -> Option<String> {
        match &self.answers.options.slug {
            Some(slug) => Some(slug.clone()),
            None => self.text("The slug of the source", &source.slug),
        }
    }

    fn source_name(&mut self, source: &Source) -> Option<String> {
        match (&self.answers.options.name, source.set.get("name")) {
            (Some(name), _) => Some(name.clone()),
            (None, Some(Scalar::Text(text))) => self.text("The name of the source", text),
            (None, _) => Some(self.template.name.clone()),
        }
    }

    fn source_settings(&mut self, source: &Source, name: &str, slug: &str) -> Option<Settings> {
        let text = |value: &str| Setting::plain(SettingValue::Text(value.to_owned()));
        let mut settings = Settings::new();
        settings.insert(Field::Name, text(name));
        settings.insert(Field::Slug, text(slug));
        for (key, scalar) in &source.set {
            let Some((_, field)) = FIELDS.iter().find(|(known, _)| known == key) else {
                self.block(format!("The template sets \"{key}\", which this version of akwiz does not know."));
                continue;
            };
            if *field == Field::Name {
                continue;
            }
            let value = match self.engine.value(scalar, &self.scope) {
                Ok(Value::None) => SettingValue::Null,
                Ok(Value::Text(slug)) if designation(*field).is_some() => self.flow_named(*field, &slug),
                Ok(Value::Bool(on)) => SettingValue::Bool(on),
                Ok(Value::Text(text)) => SettingValue::Text(text),
                Ok(_) | Err(_) => {
                    self.block(format!("\"{key}\" of the source could not be made from the answers."));
                    continue;
                }
            };
            settings.insert(*field, Setting::plain(value));
        }
        if source.acquire.contains(&Acquire::PlexPin) {
            self.add_plex_account(&mut settings)?;
        }
        for field in [Field::AuthenticationFlow, Field::EnrollmentFlow] {
            if !settings.contains_key(&field) {
                let flow = self.flow(field);
                settings.insert(field, Setting::plain(flow));
            }
        }
        Some(settings)
    }

    fn add_plex_account(&mut self, settings: &mut Settings) -> Option<()> {
        let Some(account) = &self.answers.source.plex else {
            self.block("Nobody has signed in to Plex yet. Do so on the Plex page.");
            return None;
        };
        let friends = settings.get(&Field::AllowFriends).is_some_and(|setting| setting.value == SettingValue::Bool(true));
        if account.allowed.is_empty() && !friends {
            // authentik would then let nobody in.
            self.block("No Plex server is chosen, so nobody could sign in. Choose at least one on the servers page.");
            return None;
        }
        settings.insert(Field::ClientId, Setting::plain(SettingValue::Text(account.client_identifier.clone())));
        settings.insert(
            Field::PlexToken,
            Setting::because(SettingValue::Secret(account.token.clone()), "access to the whole Plex account; authentik keeps it"),
        );
        settings.insert(Field::AllowedServers, Setting::plain(SettingValue::Words(account.allowed.clone())));
        let names: Vec<&str> = account
            .servers
            .iter()
            .filter(|server| account.allowed.contains(&server.id))
            .map(|server| server.name.as_str())
            .collect();
        self.scope.insert("servers".into(), Value::List(names.into_iter().map(Value::from).collect()));
        Some(())
    }

    fn update_source(&mut self, found: &Found, wanted: Settings, name: &str) -> Ref {
        let mut changes = Vec::new();
        for (field, Setting { value, why }) in wanted {
            let Some(current) = found.settings.get(&field) else { continue };
            let keep = matches!(field, Field::Slug)
                || (field == Field::Name && self.answers.options.name.is_none())
                || (field == Field::AuthenticationFlow && self.answers.options.authentication_flow.is_none())
                || (field == Field::EnrollmentFlow && self.answers.options.enrollment_flow.is_none());
            if !keep && value != *current {
                changes.push(Change { field, from: current.clone(), to: value, why });
            }
        }
        let slug = found.text(Field::Slug).unwrap_or_default().to_owned();
        let name = found.text(Field::Name).unwrap_or(name).to_owned();
        let reference = Ref::existing(&found.pk, &name);
        if !changes.is_empty() {
            self.actions.push(Action::UpdateSource { api: "plex".into(), slug, name, changes });
        }
        reference
    }

    fn show_on_login_page(&mut self, source: Ref) {
        let stages = &self.facts.identification_stages;
        let stage: &IdentificationStage = match &self.answers.source.login_page {
            LoginPage::Hidden => {
                self.notice(Level::Info, "The source is not shown on the login page. Add it to an identification stage later.");
                return;
            }
            LoginPage::Stage(pk) => {
                if let Some(stage) = stages.iter().find(|stage| stage.pk == *pk) {
                    stage
                } else {
                    self.block(
                        "The chosen identification stage is not on the server any more. Choose again on the login page's page.",
                    );
                    return;
                }
            }
            LoginPage::Default => {
                let mut in_flow = stages.iter().filter(|stage| stage.in_login_flow);
                if let (Some(stage), None) = (in_flow.next(), in_flow.next()) {
                    stage
                } else {
                    self.decisions.push(Decision::Blocked {
                        text: "It is not clear which identification stage shows the login page. Choose one, or none, on the login page's page."
                            .into(),
                    });
                    return;
                }
            }
        };
        if let Ref::Existing { pk, .. } = &source
            && stage.sources.contains(pk)
        {
            return;
        }
        self.actions.push(Action::ShowSource {
            stage: stage.pk.clone(),
            stage_name: stage.name.clone(),
            source,
            keeps: stage.sources.clone(),
        });
    }

    /// Everyone whom Plex lets in gets an account here, and with it every application that nothing limits.
    fn note_enrollment(&mut self, name: &str, enrolls: bool) {
        if !enrolls {
            self.notice(
                Level::Info,
                format!("Only people whose account is linked with {name} can sign in with it: nobody new gets an account."),
            );
            return;
        }
        let open = self.facts.applications.iter().filter(|application| application.bound == Some(false)).count();
        let unknown = self.facts.applications.iter().any(|application| application.bound.is_none());
        let count = match (open, unknown) {
            (0, true) => "every application without bindings".to_owned(),
            (open, true) => format!("at least {open} of the applications, those without bindings"),
            (1, false) => "the one application without bindings".to_owned(),
            (open, false) => format!("the {open} applications without bindings"),
        };
        self.notice(
            Level::Danger,
            format!("Everyone whom {name} lets in becomes a user of authentik at the first sign-in, and may then open {count}."),
        );
    }
}
