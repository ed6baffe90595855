//! Applications. The slug is the key in addresses.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::error::Result;
use super::http::Client;
use super::text::same;
use super::wire::{Id, Raw, id, nullable, optional_id};

const PATH: [&str; 2] = ["core", "applications"];

/// An application.
#[derive(Debug, Clone)]
pub struct Application {
    /// The fields that akwiz reads.
    pub fields: ApplicationFields,
    /// The whole object, for what must be shown or kept.
    pub raw: Raw,
}

/// The fields of an [`Application`] that akwiz reads.
#[derive(Debug, Clone, Deserialize)]
pub struct ApplicationFields {
    /// The UUID: what bindings refer to.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The name; not unique.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The slug; unique, but `Portainer` and `portainer` can both exist.
    #[serde(default, deserialize_with = "nullable")]
    pub slug: String,
    /// Its provider.
    #[serde(default, deserialize_with = "optional_id")]
    pub provider: Option<Id>,
    /// What kind of provider that is, if it has one.
    #[serde(default, deserialize_with = "nullable")]
    pub provider_obj: ProviderKind,
    /// The launch URL that was set; authentik guesses one otherwise.
    #[serde(default, deserialize_with = "nullable")]
    pub meta_launch_url: String,
    /// The launch URL in use.
    #[serde(default, deserialize_with = "nullable")]
    pub launch_url: String,
    /// The icon's path or address.
    #[serde(default, deserialize_with = "nullable")]
    pub meta_icon: String,
    /// The description.
    #[serde(default, deserialize_with = "nullable")]
    pub meta_description: String,
    /// The publisher.
    #[serde(default, deserialize_with = "nullable")]
    pub meta_publisher: String,
    /// The heading that it stands under in the user's library.
    #[serde(default, deserialize_with = "nullable")]
    pub group: String,
    /// Whether it opens in a new tab.
    #[serde(default, deserialize_with = "nullable")]
    pub open_in_new_tab: bool,
    /// `any` or `all` of the bindings must pass.
    #[serde(default, deserialize_with = "nullable")]
    pub policy_engine_mode: String,
}

/// What an application or `/providers/all/` says about a provider.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ProviderKind {
    /// The number.
    #[serde(default, deserialize_with = "id")]
    pub pk: Id,
    /// Its unique name.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The admin interface's form for it, which tells the kind: [`crate::setup::facts::OAUTH2_COMPONENT`] or another.
    #[serde(default, deserialize_with = "nullable")]
    pub component: String,
    /// The application that uses it.
    #[serde(default)]
    pub assigned_application_slug: Option<String>,
}

impl<'de> Deserialize<'de> for Application {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = Map::deserialize(deserializer)?;
        let fields = ApplicationFields::deserialize(&map).map_err(serde::de::Error::custom)?;
        Ok(Self { fields, raw: Raw(map) })
    }
}

/// Whether somebody may open an application.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AccessResult {
    /// They may.
    #[serde(default, deserialize_with = "nullable")]
    pub passing: bool,
    /// What the policies say; empty for others than superusers.
    #[serde(default, deserialize_with = "nullable")]
    pub messages: Vec<String>,
}

impl Client {
    /// Whether `user`, else the token's own user, may open the application. Needs no right; but for another user than the token's own
    /// it needs a superuser: authentik ignores `user` otherwise, without an error, and answers for the token's own (2024.12 to 2026.5).
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn check_access(&self, slug: &str, user: Option<&str>) -> Result<AccessResult> {
        let query: Vec<(&str, &str)> = user.map(|user| ("for_user", user)).into_iter().collect();
        self.get(&[PATH[0], PATH[1], slug, "check_access"], &query).await
    }

    /// The application with this slug, if there is one. Needs `authentik_core.view_application`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn application(&self, slug: &str) -> Result<Option<Application>> {
        self.find(&[PATH[0], PATH[1], slug]).await
    }

    /// All applications that the token may see. The full list is for superusers: others get those that they may open, without an error.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn applications(&self) -> Result<Vec<Application>> {
        self.list(&PATH, &[("superuser_full_list", "true"), ("ordering", "name")]).await
    }

    /// Changes the fields in `changes` and no other. Needs `authentik_core.change_application`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn change_application(&self, slug: &str, changes: &Map<String, Value>) -> Result<Application> {
        self.write(Method::PATCH, &[PATH[0], PATH[1], slug], &Value::Object(changes.clone())).await
    }

    /// Removes the application with this slug if it still has the key `pk`: someone may have made another one by that name.
    ///
    /// Its provider stays.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_application(&self, slug: &str, pk: &str) -> Result<()> {
        match self.application(slug).await? {
            Some(application) if application.fields.pk == pk => self.delete(&[PATH[0], PATH[1], slug]).await,
            _ => Ok(()),
        }
    }

    /// Sets the icon by its address, on servers that do not take it in the body (before 2025.12).
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn set_icon_url(&self, slug: &str, url: &str) -> Result<()> {
        let body = serde_json::json!({"url": url});
        self.send_write(Method::POST, &[PATH[0], PATH[1], slug, "set_icon_url"], Some(&body)).await?.accepted().map(drop)
    }
}

/// The application among `all` whose slug is `slug` to a person.
pub fn with_slug<'a>(all: &'a [Application], slug: &str) -> Option<&'a Application> {
    all.iter()
        .find(|application| application.fields.slug == slug)
        .or_else(|| all.iter().find(|application| same(&application.fields.slug, slug)))
}
