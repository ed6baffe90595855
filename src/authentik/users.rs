//! Users, and who the token belongs to.

use serde::Deserialize;

use super::error::Result;
use super::http::Client;
use super::wire::{Id, id, ids, nullable, words};

const PATH: [&str; 2] = ["core", "users"];

words! {
    /// What kind of account it is.
    UserKind {
        /// A person.
        Internal = "internal",
        /// A person from outside, such as a customer.
        External = "external",
        /// A machine.
        ServiceAccount = "service_account",
        /// A machine of authentik's own.
        InternalServiceAccount = "internal_service_account",
    }
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
pub struct User {
    /// The number.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The user name.
    #[serde(default, deserialize_with = "nullable")]
    pub username: String,
    /// The full name.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The e-mail address; often empty.
    #[serde(default, deserialize_with = "nullable")]
    pub email: String,
    /// Whether the account may sign in.
    #[serde(default, deserialize_with = "nullable")]
    pub is_active: bool,
    /// Whether it has every right. A superuser is refused by an application's bindings all the same.
    #[serde(default, deserialize_with = "nullable")]
    pub is_superuser: bool,
    /// What kind of account it is.
    #[serde(default, rename = "type")]
    pub kind: UserKind,
    /// The groups that it is a direct member of, by key, where they were asked for.
    #[serde(default, deserialize_with = "ids")]
    pub groups: Vec<Id>,
}

impl User {
    /// Whether somebody signs in with it, so that it can open an application.
    pub fn is_a_person(&self) -> bool {
        matches!(self.kind, UserKind::Internal | UserKind::External)
    }
}

#[derive(Deserialize)]
struct Session {
    user: User,
}

impl Client {
    /// Whom the token belongs to. Needs a token, but no right.
    ///
    /// # Errors
    /// See [`super::ApiError`]; a refused token is [`super::ApiError::is_bad_token`].
    pub async fn me(&self) -> Result<User> {
        Ok(self.get::<Session>(&[PATH[0], PATH[1], "me"], &[]).await?.user)
    }

    /// The user with exactly this user name, active or not. Needs `authentik_core.view_user`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn user_named(&self, username: &str) -> Result<Option<User>> {
        let query = [("username", username), ("include_groups", "false")];
        let found: Vec<User> = self.list(&PATH, &query).await?;
        Ok(found.into_iter().find(|user| user.username == username))
    }

    /// Active users whose user name, name or e-mail address contains `search`, at most 100. Needs `authentik_core.view_user`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn users(&self, search: &str) -> Result<Vec<User>> {
        let query = [("include_groups", "false"), ("ordering", "username"), ("page_size", "100"), ("search", search)];
        let found: Vec<User> = self.first_page(&PATH, &query).await?;
        Ok(found.into_iter().filter(|user| user.is_active).collect())
    }
}
