//! Login sources: the object, its flows, what surrounds it, and its place on the login page.

use url::Url;

use super::Builder;
use super::flows::designation;
use crate::catalog::head::Head;
use crate::catalog::render::Engine;
use crate::catalog::template::{Acquire, Level, Signing, Source, SourceApi, Template};
use crate::catalog::text::Scalar;
use crate::catalog::value::{Scope, Value};
use crate::setup::answers::{Answers, LoginPage};
use crate::setup::facts::{Found, IdentificationStage, Version};
use crate::setup::plan::{Action, Decision};
use crate::setup::question::Resolved;
use crate::setup::setting::{Change, Field, Ref, Setting, SettingValue, Settings};

/// The handle of the source that a plan makes.
const HANDLE: &str = "source";

/// In a template, stands for the key that authentik signs with.
const OWN_KEY: &str = "rsa";

/// The fields that a template's `set` may give, by authentik's own names (`/api/v3/sources/<kind>/`). Flows are given by slug, other
/// objects by their id in the template.
const FIELDS: [(&str, Field); 37] = [
    ("name", Field::Name),
    ("enabled", Field::Enabled),
    ("allow_friends", Field::AllowFriends),
    ("user_matching_mode", Field::UserMatching),
    ("group_matching_mode", Field::GroupMatching),
    ("policy_engine_mode", Field::PolicyEngine),
    ("user_path_template", Field::UserPath),
    ("authentication_flow", Field::AuthenticationFlow),
    ("enrollment_flow", Field::EnrollmentFlow),
    ("pre_authentication_flow", Field::PreAuthenticationFlow),
    ("user_property_mappings", Field::UserMappings),
    ("consumer_key", Field::ConsumerKey),
    ("consumer_secret", Field::ConsumerSecret),
    ("additional_scopes", Field::AdditionalScopes),
    ("authorization_url", Field::AuthorizationUrl),
    ("access_token_url", Field::AccessTokenUrl),
    ("profile_url", Field::ProfileUrl),
    ("oidc_well_known_url", Field::WellKnownUrl),
    ("oidc_jwks_url", Field::JwksUrl),
    ("pkce", Field::Pkce),
    ("sso_url", Field::SsoUrl),
    ("slo_url", Field::SloUrl),
    ("issuer", Field::EntityId),
    ("binding_type", Field::SamlBinding),
    ("name_id_policy", Field::NameIdPolicy),
    ("allow_idp_initiated", Field::AllowIdpInitiated),
    ("verification_kp", Field::VerificationKey),
    ("signing_kp", Field::SigningKey),
    ("encryption_kp", Field::EncryptionKey),
    ("signed_assertion", Field::SignedAssertion),
    ("signed_response", Field::SignedResponse),
    ("bot_username", Field::BotUsername),
    ("bot_token", Field::BotToken),
    ("request_message_access", Field::MessageAccess),
    ("client_id", Field::ClientId),
    ("icon", Field::Icon),
    ("slug", Field::Slug),
];

/// The field that a template's `set` calls so.
pub(in crate::setup) fn field_named(key: &str) -> Option<Field> {
    FIELDS.iter().find(|(known, _)| *known == key).map(|(_, field)| *field)
}

/// Why a server of `version` cannot have the source: a sentence; nothing where it can.
pub fn lacking(template: &Template, version: Version) -> Option<String> {
    let types = &template.source.as_ref()?.types;
    let first = types.first()?.since.as_deref()?;
    let known = types.iter().any(|one| since(one.since.as_deref()) <= version);
    (!known).then(|| {
        format!(
            "authentik {version} has no login source for {}: it came with {first}. Update authentik, then do this again.",
            template.name
        )
    })
}

/// Whether a server of `version` cannot have the source: what [`lacking`] says, for a list that has only the heads.
pub fn comes_later(head: &Head, version: Version) -> bool {
    head.since.is_some() && since(head.since.as_deref()) > version
}

fn since(text: Option<&str>) -> Version {
    text.and_then(Version::parse).unwrap_or(Version::OLDEST)
}

/// What texts see before anything exists: the answers so far, the slug, and with them the addresses to register at the service. The slug
/// is ours, so they are known from the start.
pub fn registration(engine: &Engine, template: &Template, answers: &Answers, resolved: &Resolved, public_url: &str) -> Scope {
    let mut scope = resolved.scope.clone();
    let Some(source) = &template.source else { return scope };
    let slug = answers.options.slug.clone().or_else(|| engine.plain(&source.slug, &scope).ok()).unwrap_or_default();
    let name = answers.options.name.clone().or_else(|| match source.set.get("name") {
        Some(Scalar::Text(text)) => engine.plain(text, &scope).ok(),
        _ => None,
    });
    let name = name.unwrap_or_else(|| template.name.clone());
    let host = Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    scope.insert("slug".into(), Value::from(slug));
    scope.insert("app_name".into(), Value::from(name));
    scope.insert("authentik_url".into(), Value::from(public_url));
    scope.insert("authentik_host".into(), Value::from(host));
    if source.api == SourceApi::Scim {
        let slug = scope.get("slug").and_then(Value::as_text).unwrap_or_default();
        let url = format!("{public_url}/source/scim/{slug}/v2");
        scope.insert("scim_url".into(), Value::from(url));
    }
    if let Some(callback) = source.callback.as_ref().and_then(|callback| engine.plain(callback, &scope).ok()) {
        scope.insert("callback".into(), Value::from(callback));
    }
    scope
}

impl Builder<'_> {
    pub(super) fn plan_source(&mut self, source: &Source, resolved: &Resolved) {
        if let Some(sentence) = lacking(self.template, self.facts.capabilities.version) {
            self.block(sentence);
            return;
        }
        self.scope = registration(self.engine, self.template, self.answers, resolved, &self.facts.public_url);
        let text = |scope: &Scope, name: &str| scope.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let (slug, name) = (text(&self.scope, "slug"), text(&self.scope, "app_name"));
        if slug.is_empty() || !slug.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)) {
            self.block(format!(
                "\"{slug}\" cannot be a slug. A slug has letters, digits, - and _ only. Change it on the options page."
            ));
            return;
        }
        if let Some((kind, other)) = self.facts.around_source.other_kind.clone() {
            self.block(format!(
                "The slug \"{slug}\" belongs to the {kind} \"{other}\". Choose another slug on the options page."
            ));
            return;
        }
        self.plan_objects(source.api);
        let Some(settings) = self.source_settings(source, &name, &slug) else { return };
        let enrolls = settings.get(&Field::EnrollmentFlow).is_some_and(|setting| setting.value != SettingValue::Null);
        let reference = match self.facts.existing_source.clone() {
            None => {
                self.actions.push(Action::CreateSource { handle: HANDLE.into(), api: source.api, settings });
                Self::new_ref(HANDLE, &name)
            }
            Some(found) => match self.update_source(source, &found, settings, &name) {
                Some(reference) => reference,
                None => return,
            },
        };
        if source.login_page {
            self.show_on_login_page(reference);
        }
        if source.api != SourceApi::Scim {
            self.note_enrollment(&name, enrolls);
        }
        self.note_expressions();
    }

    /// The provider type that this server knows, for kinds that have types.
    fn provider_type(&self, source: &Source) -> Option<String> {
        let version = self.facts.capabilities.version;
        let known = source.types.iter().rfind(|one| since(one.since.as_deref()) <= version)?;
        (source.api == SourceApi::Oauth).then(|| known.value.clone())
    }

    fn source_settings(&mut self, source: &Source, name: &str, slug: &str) -> Option<Settings> {
        let text = |value: &str| Setting::plain(SettingValue::Text(value.to_owned()));
        let mut settings = Settings::default();
        settings.insert(Field::Name, text(name));
        settings.insert(Field::Slug, text(slug));
        if let Some(kind) = self.provider_type(source) {
            settings.insert(Field::ProviderType, text(&kind));
        }
        for (key, scalar) in &source.set {
            let Some(field) = field_named(key) else {
                self.block(format!("The template sets \"{key}\", which this version of akwiz does not know."));
                continue;
            };
            if field == Field::Name {
                continue;
            }
            match self.engine.value(scalar, &self.scope) {
                Ok(value) => {
                    if let Some(setting) = self.source_setting(field, value) {
                        settings.insert(field, setting);
                    }
                }
                Err(_) => self.block(format!("\"{key}\" of the source could not be made from the answers.")),
            }
        }
        if source.acquire.contains(&Acquire::PlexPin) {
            self.add_plex_account(&mut settings)?;
        }
        let flows: &[Field] = match source.api {
            SourceApi::Scim => &[],
            SourceApi::Saml | SourceApi::Telegram => {
                &[Field::PreAuthenticationFlow, Field::AuthenticationFlow, Field::EnrollmentFlow]
            }
            SourceApi::Oauth | SourceApi::Plex => &[Field::AuthenticationFlow, Field::EnrollmentFlow],
        };
        for field in flows {
            if !settings.contains_key(field) {
                let flow = self.flow(*field);
                settings.insert(*field, Setting::plain(flow));
            }
        }
        self.check_signatures(&mut settings);
        Some(settings)
    }

    fn source_setting(&mut self, field: Field, value: Value) -> Option<Setting> {
        Some(Setting::plain(match (field, value) {
            (Field::UserMappings, Value::None) => SettingValue::Refs(Vec::new()),
            (Field::UserMappings, Value::Text(id)) => SettingValue::Refs(vec![self.object(&id)?]),
            (Field::SigningKey | Field::EncryptionKey, Value::Text(key)) if key == OWN_KEY => {
                return Some(self.signing_key(Signing::Rsa));
            }
            (Field::VerificationKey, Value::Text(id)) => SettingValue::Ref(self.object(&id)?),
            (_, Value::Text(slug)) if designation(field).is_some() => {
                let own = self.objects.values().find(|own| own.name() == slug).cloned();
                match own {
                    Some(own) => SettingValue::Ref(own),
                    None => self.flow_named(field, &slug),
                }
            }
            (_, Value::None) => SettingValue::Null,
            (_, Value::Bool(on)) => SettingValue::Bool(on),
            (Field::ConsumerSecret | Field::BotToken, Value::Text(text)) => SettingValue::Secret(text.into()),
            (_, Value::Text(text)) => SettingValue::Text(text),
            (_, Value::Secret(secret)) => SettingValue::Secret(secret),
            _ => {
                self.block(format!("\"{}\" of the source could not be made from the answers.", field.label()));
                return None;
            }
        }))
    }

    /// What a server of 2024.12 cannot be told: it asks for the assertion's signature as soon as it has a certificate, and for no other.
    fn check_signatures(&mut self, settings: &mut Settings) {
        let on = |field| settings.get(&field).is_some_and(|setting| setting.value == SettingValue::Bool(true));
        let has_certificate = settings.get(&Field::VerificationKey).is_some_and(|setting| setting.value != SettingValue::Null);
        let (assertion, response) = (on(Field::SignedAssertion), on(Field::SignedResponse));
        if self.facts.capabilities.source_protection {
            return;
        }
        for field in [Field::SignedAssertion, Field::SignedResponse, Field::Pkce] {
            settings.shift_remove(&field);
        }
        if has_certificate && !assertion {
            self.block(format!(
                "authentik {} always asks for a signed assertion. Let {} sign assertions and say so in the questions, or update authentik.",
                self.facts.capabilities.version, self.template.name
            ));
        } else if has_certificate && response {
            self.notice(
                Level::Info,
                format!("authentik {} checks the signature of the assertion alone.", self.facts.capabilities.version),
            );
        }
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

    fn update_source(&mut self, source: &Source, found: &Found, wanted: Settings, name: &str) -> Option<Ref> {
        let (slug, name) =
            (found.text(Field::Slug).unwrap_or_default().to_owned(), found.text(Field::Name).unwrap_or(name).to_owned());
        if let Some(kind) = found.text(Field::ProviderType)
            && source.types.iter().all(|known| known.value != kind)
        {
            self.block(format!(
                "The slug \"{slug}\" belongs to the OAuth source \"{name}\" of the type {kind}. Choose another slug on the options page."
            ));
            return None;
        }
        let options = &self.answers.options;
        let mut changes = Vec::new();
        let mut kept_secret = None;
        for (field, Setting { value, why }) in wanted {
            if field.is_write_only() {
                if self.answers.source.renew_secrets {
                    let from = SettingValue::Text("not shown by authentik".into());
                    changes.push(Change { field, from, to: value, why });
                } else {
                    kept_secret = Some(field.label());
                }
                continue;
            }
            let Some(current) = found.settings.get(&field) else { continue };
            // Flows of its own are part of the check that was asked for.
            let own = matches!(&value, SettingValue::Ref(own) if self.objects.values().any(|object| object == own));
            let keep = matches!(field, Field::Slug | Field::ProviderType)
                || (field == Field::Name && options.name.is_none())
                || (field == Field::AuthenticationFlow && options.authentication_flow.is_none() && !own)
                || (field == Field::EnrollmentFlow
                    && options.enrollment_flow.is_none()
                    && !own
                    && (value == SettingValue::Null) == (*current == SettingValue::Null))
                || (field == Field::PreAuthenticationFlow)
                || (matches!(field, Field::SigningKey | Field::EncryptionKey)
                    && value != SettingValue::Null
                    && *current != SettingValue::Null);
            let to = match (current, value) {
                (SettingValue::Refs(old), SettingValue::Refs(new)) => SettingValue::Refs(super::update::union(old, new)),
                // Some fields are null on one version and empty on another.
                (SettingValue::Text(old), SettingValue::Null) if old.is_empty() => continue,
                (SettingValue::Null, SettingValue::Text(new)) if new.is_empty() => continue,
                (_, value) => value,
            };
            if !keep && to != *current {
                changes.push(Change { field, from: current.clone(), to, why });
            }
        }
        if let Some(label) = kept_secret {
            self.notice(
                Level::Info,
                format!(
                    "authentik does not show the {} that it holds, so it stays. To replace it, say so on the options page (--renew-secrets).",
                    label.to_lowercase()
                ),
            );
        }
        // Plex's is akwiz's own name at Plex, and new with each sign-in there.
        if source.api != SourceApi::Plex {
            self.confirm_sensitive(&slug, &name, &changes);
        }
        let reference = Ref::existing(&found.pk, &name);
        if !changes.is_empty() {
            self.actions.push(Action::UpdateSource { api: source.api, slug, name, changes });
        }
        Some(reference)
    }

    fn show_on_login_page(&mut self, source: Ref) {
        let stages = &self.facts.identification_stages;
        let stage: &IdentificationStage = match &self.answers.source.login_page {
            LoginPage::Hidden => {
                self.notice(Level::Info, "The source is not shown on the login page. Add it to an identification stage later.");
                return;
            }
            LoginPage::Stage(pk) => {
                if let Some(stage) = stages.iter().find(|stage| stage.pk == *pk || stage.name == *pk) {
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
            (0, _) => "every application without bindings".to_owned(),
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
