//! Groups.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, nullable};

const PATH: [&str; 2] = ["core", "groups"];

/// A group.
#[derive(Debug, Clone, Deserialize)]
pub struct Group {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The name.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// Whether its members are superusers.
    #[serde(default, deserialize_with = "nullable")]
    pub is_superuser: bool,
    /// How many members it has.
    #[serde(default, rename = "users", deserialize_with = "count")]
    pub members: Option<usize>,
}

/// Reads a list as its length.
fn count<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<usize>, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)?.as_array().map(Vec::len))
}

impl Client {
    /// All groups, by name. Needs `authentik_core.view_group`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn groups(&self) -> Result<Vec<Group>> {
        self.list(&PATH, &[("include_users", "false"), ("ordering", "name")]).await
    }

    /// Makes a group without members. Needs `authentik_core.add_group`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn create_group(&self, name: &str) -> Result<Group> {
        self.write(Method::POST, &PATH, &json!({"name": name})).await
    }

    /// Puts a user into a group. Needs `authentik_core.add_user_to_group`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn add_to_group(&self, group: &str, user: &str) -> Result<()> {
        let body = json!({"pk": super::wire::id_value(user)});
        self.send_write(Method::POST, &[PATH[0], PATH[1], group, "add_user"], Some(&body)).await?.accepted().map(drop)
    }

    /// Removes a group that was made here.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_group(&self, pk: &str) -> Result<()> {
        self.delete(&[PATH[0], PATH[1], pk]).await
    }
}
