//! Events: authentik's log of sign-ins and changes.

use serde::Deserialize;
use serde_json::Value;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, nullable, words};

words! {
    /// What happened.
    Action {
        /// A user was let through to an application (written at authorize: it does not prove that the application finished).
        AuthorizeApplication = "authorize_application",
        /// A client asked wrongly, such as a wrong redirect URI at the token endpoint.
        ConfigurationError = "configuration_error",
        /// A sign-in succeeded.
        Login = "login",
        /// A sign-in failed.
        LoginFailed = "login_failed",
        /// A policy or a mapping failed to run.
        PropertyMappingException = "property_mapping_exception",
    }
}

/// An event.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// What happened.
    #[serde(default)]
    pub action: Action,
    /// When, in RFC 3339.
    #[serde(default, deserialize_with = "nullable")]
    pub created: String,
    /// Who, with `username` and `pk`.
    #[serde(default)]
    pub user: Value,
    /// What about; its form depends on the action.
    #[serde(default)]
    pub context: Value,
}

impl Client {
    /// The latest events, newest first, up to but not including the one with the key `until`. At most 100. Needs
    /// `authentik_events.view_event`.
    ///
    /// Filters are left to the caller: 2024.12 ignores `actions`, and no version heeds `created__gt`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn latest_events(&self, until: Option<&str>) -> Result<Vec<Event>> {
        let query = [("ordering", "-created"), ("page_size", if until.is_some() { "100" } else { "1" })];
        let events: Vec<Event> = self.first_page(&["events", "events"], &query).await?;
        Ok(events.into_iter().take_while(|event| Some(event.pk.as_str()) != until).collect())
    }
}
