//! Which rights the token has, found before anything is written.
//!
//! A token cannot list its own role. But authentik checks rights before it looks at a body: an empty one is refused with 403 without the
//! right and with 400 with it, and writes nothing (seen on 2024.12, 2025.12 and 2026.5 for applications, providers, certificates and
//! Plex sources; groups, bindings and scope mappings have required fields as well and go through the same check,
//! `rbac/permissions.py`). A list that is refused shows that the right to view is missing. A list cannot be changed: PATCH is answered with
//! 405, and before that with 403 where the right to change what is in it is missing (seen on 2025.12 and 2026.5).

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::error::{ApiError, Result};
use super::http::{Answer, Client};
use super::users::User;
use crate::catalog::template::SourceApi;

/// A slug that no application has: the answer is 404 with the right to view and 403 without.
const NO_SLUG: &str = "akwiz-looks-for-its-rights";

/// A right that the wizard needs for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named by its codename")]
pub enum Right {
    AddApplication,
    ChangeApplication,
    ViewApplication,
    AddProvider,
    ChangeProvider,
    ViewProvider,
    ViewAnyProvider,
    ViewScopeMapping,
    AddScopeMapping,
    ViewFlow,
    ViewCertificate,
    AddCertificate,
    ViewGroup,
    AddGroup,
    ViewUser,
    ViewBinding,
    AddBinding,
    ViewBrand,
    ViewEvent,
    ViewSource,
    AddSource(SourceApi),
    ViewPlexSource,
    ViewIdentificationStage,
}

/// How a right is found out.
enum Question {
    /// Post nothing to this endpoint.
    PostNothing(&'static [&'static str]),
    /// Read the shortest page of this list.
    List(&'static [&'static str]),
    /// Read this object, which need not exist.
    Object(&'static [&'static str]),
    /// Change this list as a whole, which nobody can.
    ChangeList(&'static [&'static str]),
}

impl Right {
    /// What every OAuth2/OpenID application needs.
    pub const FOR_APPLICATIONS: [Self; 9] = [
        Self::AddApplication,
        Self::ViewApplication,
        Self::AddProvider,
        Self::ViewProvider,
        Self::ViewScopeMapping,
        Self::ViewFlow,
        Self::ViewCertificate,
        Self::AddBinding,
        Self::ViewGroup,
    ];

    /// What a Plex source needs.
    pub const FOR_PLEX: [Self; 5] =
        [Self::AddSource(SourceApi::Plex), Self::ViewPlexSource, Self::ViewFlow, Self::ViewBrand, Self::ViewIdentificationStage];

    /// The name that roles are given it by, `app_label.codename`.
    pub const fn codename(self) -> &'static str {
        self.row().0
    }

    /// The name that the admin interface shows (in English, as on 2025.12).
    pub const fn title(self) -> &'static str {
        self.row().1
    }

    const fn row(self) -> (&'static str, &'static str, Question) {
        use Question::{ChangeList, List, Object, PostNothing};
        match self {
            Self::AddApplication => {
                ("authentik_core.add_application", "Can add Application", PostNothing(&["core", "applications"]))
            }
            Self::ChangeApplication => {
                ("authentik_core.change_application", "Can change Application", ChangeList(&["core", "applications"]))
            }
            // The list shows everybody what they may open, without an error.
            Self::ViewApplication => {
                ("authentik_core.view_application", "Can view Application", Object(&["core", "applications", NO_SLUG]))
            }
            Self::AddProvider => (
                "authentik_providers_oauth2.add_oauth2provider",
                "Can add OAuth2/OpenID Provider",
                PostNothing(&["providers", "oauth2"]),
            ),
            Self::ChangeProvider => (
                "authentik_providers_oauth2.change_oauth2provider",
                "Can change OAuth2/OpenID Provider",
                ChangeList(&["providers", "oauth2"]),
            ),
            Self::ViewProvider => (
                "authentik_providers_oauth2.view_oauth2provider",
                "Can view OAuth2/OpenID Provider",
                List(&["providers", "oauth2"]),
            ),
            Self::ViewAnyProvider => ("authentik_core.view_provider", "Can view provider", List(&["providers", "all"])),
            Self::ViewScopeMapping => (
                "authentik_providers_oauth2.view_scopemapping",
                "Can view Scope Mapping",
                List(&["propertymappings", "provider", "scope"]),
            ),
            Self::AddScopeMapping => (
                "authentik_providers_oauth2.add_scopemapping",
                "Can add Scope Mapping",
                PostNothing(&["propertymappings", "provider", "scope"]),
            ),
            Self::ViewFlow => ("authentik_flows.view_flow", "Can view Flow", List(&["flows", "instances"])),
            Self::ViewCertificate => (
                "authentik_crypto.view_certificatekeypair",
                "Can view Certificate-Key Pair",
                List(&["crypto", "certificatekeypairs"]),
            ),
            Self::AddCertificate => (
                "authentik_crypto.add_certificatekeypair",
                "Can add Certificate-Key Pair",
                PostNothing(&["crypto", "certificatekeypairs", "generate"]),
            ),
            Self::ViewGroup => ("authentik_core.view_group", "Can view Group", List(&["core", "groups"])),
            Self::AddGroup => ("authentik_core.add_group", "Can add Group", PostNothing(&["core", "groups"])),
            Self::ViewUser => ("authentik_core.view_user", "Can view User", List(&["core", "users"])),
            Self::ViewBinding => {
                ("authentik_policies.view_policybinding", "Can view Policy Binding", List(&["policies", "bindings"]))
            }
            Self::AddBinding => {
                ("authentik_policies.add_policybinding", "Can add Policy Binding", PostNothing(&["policies", "bindings"]))
            }
            Self::ViewBrand => ("authentik_brands.view_brand", "Can view Brand", List(&["core", "brands"])),
            Self::ViewEvent => ("authentik_events.view_event", "Can view Event", List(&["events", "events"])),
            Self::ViewSource => ("authentik_core.view_source", "Can view source", List(&["sources", "all"])),
            Self::AddSource(api) => match api {
                SourceApi::Oauth => {
                    ("authentik_sources_oauth.add_oauthsource", "Can add OAuth Source", PostNothing(&["sources", "oauth"]))
                }
                SourceApi::Plex => {
                    ("authentik_sources_plex.add_plexsource", "Can add Plex Source", PostNothing(&["sources", "plex"]))
                }
                SourceApi::Saml => {
                    ("authentik_sources_saml.add_samlsource", "Can add SAML Source", PostNothing(&["sources", "saml"]))
                }
                SourceApi::Scim => {
                    ("authentik_sources_scim.add_scimsource", "Can add SCIM Source", PostNothing(&["sources", "scim"]))
                }
                SourceApi::Telegram => (
                    "authentik_sources_telegram.add_telegramsource",
                    "Can add Telegram Source",
                    PostNothing(&["sources", "telegram"]),
                ),
            },
            Self::ViewPlexSource => {
                ("authentik_sources_plex.view_plexsource", "Can view Plex Source", Object(&["sources", "plex", NO_SLUG]))
            }
            Self::ViewIdentificationStage => (
                "authentik_stages_identification.view_identificationstage",
                "Can view Identification Stage",
                List(&["stages", "identification"]),
            ),
        }
    }
}

/// What was found out about the rights asked for.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    /// Those that the token has.
    pub held: Vec<Right>,
    /// Those that it lacks.
    pub missing: Vec<Right>,
    /// Those that could not be found out, such as behind a proxy that refuses empty bodies itself.
    pub unknown: Vec<Right>,
}

impl Rights {
    /// Whether `right` is known to be missing.
    pub fn lacks(&self, right: Right) -> bool {
        self.missing.contains(&right)
    }
}

/// An object that is to be changed, for [`Client::may_change`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// An application, by slug.
    Application(&'a str),
    /// An OAuth2/OpenID provider, by key.
    Provider(&'a str),
    /// A login source of this kind, by slug.
    Source(SourceApi, &'a str),
    /// An identification stage, by key.
    IdentificationStage(&'a str),
}

impl Target<'_> {
    /// The right that a change of it needs, and its name in the admin interface.
    pub const fn right(&self) -> (&'static str, &'static str) {
        match self {
            Self::Application(_) => ("authentik_core.change_application", "Can change Application"),
            Self::Provider(_) => ("authentik_providers_oauth2.change_oauth2provider", "Can change OAuth2/OpenID Provider"),
            Self::Source(api, _) => match api {
                SourceApi::Oauth => ("authentik_sources_oauth.change_oauthsource", "Can change OAuth Source"),
                SourceApi::Plex => ("authentik_sources_plex.change_plexsource", "Can change Plex Source"),
                SourceApi::Saml => ("authentik_sources_saml.change_samlsource", "Can change SAML Source"),
                SourceApi::Scim => ("authentik_sources_scim.change_scimsource", "Can change SCIM Source"),
                SourceApi::Telegram => ("authentik_sources_telegram.change_telegramsource", "Can change Telegram Source"),
            },
            Self::IdentificationStage(_) => {
                ("authentik_stages_identification.change_identificationstage", "Can change Identification Stage")
            }
        }
    }
}

impl Client {
    /// Finds out which of `wanted` the token has, all at once, writing nothing. A superuser (`me`) has them all.
    ///
    /// # Errors
    /// When the token is refused, or the server cannot be reached.
    pub async fn rights(&self, me: &User, wanted: &[Right]) -> Result<Rights> {
        if me.is_superuser {
            return Ok(Rights { held: wanted.to_vec(), ..Rights::default() });
        }
        self.ask_all(wanted).await
    }

    /// Those of `wanted` that the token surely lacks, whoever it belongs to. Likewise all at once, writing nothing.
    ///
    /// # Errors
    /// As [`Client::rights`].
    pub async fn missing_rights(&self, wanted: &[Right]) -> Result<Vec<Right>> {
        Ok(self.ask_all(wanted).await?.missing)
    }

    async fn ask_all(&self, wanted: &[Right]) -> Result<Rights> {
        let answers = join_all(wanted.iter().map(|right| self.ask(*right))).await;
        let mut rights = Rights::default();
        for (right, answer) in wanted.iter().zip(answers) {
            match answer? {
                Some(true) => rights.held.push(*right),
                Some(false) => rights.missing.push(*right),
                None => rights.unknown.push(*right),
            }
        }
        Ok(rights)
    }

    async fn ask(&self, right: Right) -> Result<Option<bool>> {
        let (_, _, question) = right.row();
        match question {
            Question::PostNothing(path) => verdict(self.send_write(Method::POST, path, Some(&json!({}))).await),
            Question::List(path) => verdict(self.answer(path, &[("page_size", "1")]).await),
            Question::Object(path) => verdict(self.answer(path, &[]).await),
            Question::ChangeList(path) => match self.send_write(Method::PATCH, path, Some(&json!({}))).await {
                Ok(answer) if answer.status == 405 => Ok(Some(true)),
                answer => verdict(answer),
            },
        }
    }

    /// The rights to change applications and OAuth2/OpenID providers that the token surely lacks, by code name and by title. None for a
    /// superuser. A role's initial permissions could still give them for what it makes itself.
    ///
    /// # Errors
    /// As [`Client::rights`].
    pub async fn refused_changes(&self, superuser: bool) -> Result<Vec<(&'static str, &'static str)>> {
        if superuser {
            return Ok(Vec::new());
        }
        let missing = self.missing_rights(&[Right::ChangeProvider, Right::ChangeApplication]).await?;
        Ok(missing.into_iter().map(|right| (right.codename(), right.title())).collect())
    }

    /// Whether the token may change an object, found out by asking for a name that authentik refuses. Nothing when it does not tell.
    ///
    /// # Errors
    /// When the token is refused, or the server cannot be reached.
    pub async fn may_change(&self, target: Target<'_>) -> Result<Option<bool>> {
        let path: &[&str] = match &target {
            Target::Application(slug) => &["core", "applications", slug],
            Target::Provider(pk) => &["providers", "oauth2", pk],
            Target::Source(api, slug) => &["sources", api.as_str(), slug],
            Target::IdentificationStage(pk) => &["stages", "identification", pk],
        };
        // Rights are checked when the object is fetched; then a name that is no text is invalid on every version.
        verdict(self.send_write(Method::PATCH, path, Some(&json!({"name": []}))).await)
    }
}

/// 403: no; 400, 404 and success: yes; anything else does not tell.
fn verdict(answer: Result<Answer>) -> Result<Option<bool>> {
    let Err(error) = answer.and_then(Answer::accepted) else { return Ok(Some(true)) };
    match &error {
        ApiError::Status { .. } if error.is_bad_token() => Err(error),
        ApiError::Status { status: 403, .. } => Ok(Some(false)),
        ApiError::Status { status: 400 | 404, .. } => Ok(Some(true)),
        ApiError::Status { .. } | ApiError::WriteUnknown { .. } => Ok(None),
        _ => Err(error),
    }
}
