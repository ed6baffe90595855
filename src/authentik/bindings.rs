//! Bindings: who may open an application.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, id_value, nullable, optional_id};

const PATH: [&str; 2] = ["policies", "bindings"];

/// Whom a binding lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The members of a group.
    Group(Id),
    /// One user.
    User(Id),
}

/// A binding.
#[derive(Debug, Clone, Deserialize)]
pub struct Binding {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// What it guards: an application's UUID.
    #[serde(default, deserialize_with = "id")]
    pub target: Id,
    /// The group, if it is about one.
    #[serde(default, deserialize_with = "optional_id")]
    pub group: Option<Id>,
    /// The user, if it is about one.
    #[serde(default, deserialize_with = "optional_id")]
    pub user: Option<Id>,
    /// The policy, if it is about one.
    #[serde(default, deserialize_with = "optional_id")]
    pub policy: Option<Id>,
    /// Whether it counts.
    #[serde(default, deserialize_with = "nullable")]
    pub enabled: bool,
    /// Whether it is turned around: those named are kept out.
    #[serde(default, deserialize_with = "nullable")]
    pub negate: bool,
    /// Its place among the bindings.
    #[serde(default, deserialize_with = "nullable")]
    pub order: i64,
    /// How long a policy may take, in seconds.
    #[serde(default, deserialize_with = "nullable")]
    pub timeout: i64,
    /// Whether a policy that fails to run lets people pass.
    #[serde(default, deserialize_with = "nullable")]
    pub failure_result: bool,
}

impl Client {
    /// The bindings of an application. Needs `authentik_policies.view_policybinding`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn bindings(&self, application: &str) -> Result<Vec<Binding>> {
        let all: Vec<Binding> = self.list(&PATH, &[("target", application), ("ordering", "order")]).await?;
        Ok(all.into_iter().filter(|binding| binding.target == application).collect())
    }

    /// The bindings of everything: which applications have any. Needs `authentik_policies.view_policybinding`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn all_bindings(&self) -> Result<Vec<Binding>> {
        self.list(&PATH, &[("ordering", "order")]).await
    }

    /// Whether any binding is about this group. The server does not filter by group, so the list is read until one is found. Needs
    /// `authentik_policies.view_policybinding`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn is_bound(&self, group: &str) -> Result<bool> {
        let mut pages = self.pages::<Binding>(&PATH, &[]).await?;
        let mut bound = false;
        let take = |page: Vec<Binding>| {
            bound = page.iter().any(|binding| binding.group.as_deref() == Some(group));
            !bound
        };
        pages.rest(self, take).await?;
        Ok(bound)
    }

    /// Lets a group or a user open an application. Needs `authentik_policies.add_policybinding`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn bind(&self, application: &str, subject: &Subject, order: i64) -> Result<Binding> {
        let mut body = json!({"target": application, "order": order, "enabled": true, "negate": false});
        match subject {
            Subject::Group(group) => body["group"] = id_value(group),
            Subject::User(user) => body["user"] = id_value(user),
        }
        self.write(Method::POST, &PATH, &body).await
    }

    /// Removes a binding that was made here.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn delete_binding(&self, pk: &str) -> Result<()> {
        self.delete(&[PATH[0], PATH[1], pk]).await
    }
}
