//! Who calls, and what that caller may do.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::clock;
use super::http::{Reply, Request};
use super::options::Version;
use super::state::{Kind, State, list, number, text};

/// The user behind a request.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The user's primary key.
    pub user: i64,
    /// Whether a group makes the user a superuser.
    pub superuser: bool,
    rights: BTreeSet<String>,
    objects: BTreeSet<(String, String)>,
}

impl Caller {
    /// The user with this primary key and the rights of the user's roles.
    pub fn of(state: &State, user: i64) -> Self {
        let mut caller = Self { user, superuser: is_superuser(state, user), rights: BTreeSet::new(), objects: BTreeSet::new() };
        for role in roles_of(state, user) {
            let Some(role) = state.by_key(Kind::Role, &role) else { continue };
            caller.rights.extend(list(role, "rights").iter().filter_map(Value::as_str).map(str::to_owned));
            for grant in list(role, "object_rights") {
                let part = |index: usize| grant[index].as_str().unwrap_or_default().to_owned();
                caller.objects.insert((part(0), part(1)));
            }
        }
        caller
    }

    /// Whether the caller holds a right such as `authentik_core.add_application`.
    pub fn may(&self, right: &str) -> bool {
        self.superuser || self.rights.contains(right)
    }

    /// Whether the caller holds the right, for everything or for this object.
    pub fn may_on(&self, right: &str, pk: &Value) -> bool {
        self.may(right) || self.objects.contains(&(right.to_owned(), key_text(pk)))
    }

    /// Whether the caller holds the right for at least one object.
    pub fn may_some(&self, right: &str) -> bool {
        self.may(right) || self.objects.iter().any(|(held, _)| held == right)
    }
}

/// A primary key as text, whichever type it has.
pub(super) fn key_text(pk: &Value) -> String {
    pk.as_str().map_or_else(|| pk.to_string(), str::to_owned)
}

/// The groups of a user, as objects' keys.
pub(super) fn groups_of(state: &State, user: i64) -> Vec<&super::http::Object> {
    let member = |group: &&super::http::Object| list(group, "users").contains(&json!(user));
    state.all(Kind::Group).iter().filter(member).collect()
}

/// The roles that a user holds directly or through a group.
pub(super) fn roles_of(state: &State, user: i64) -> Vec<Value> {
    let direct = state.by_key(Kind::User, &json!(user)).map_or(&[][..], |user| list(user, "roles"));
    let mut roles: Vec<Value> = direct.to_vec();
    for group in groups_of(state, user) {
        roles.extend(list(group, "roles").iter().filter(|role| !roles.contains(role)).cloned().collect::<Vec<_>>());
    }
    roles
}

/// Whether one of the user's groups makes superusers.
pub(super) fn is_superuser(state: &State, user: i64) -> bool {
    groups_of(state, user).iter().any(|group| group.get("is_superuser") == Some(&json!(true)))
}

/// Finds the caller, or answers as authentik does: always with 403, never with 401.
pub(super) fn authenticate(state: &State, request: &Request) -> Result<Caller, Reply> {
    let missing = || Reply::detail(403, "Authentication credentials were not provided.");
    let header = request.header("authorization");
    if let Some((scheme, key)) = header.split_once(' ')
        && !key.is_empty()
    {
        if !scheme.eq_ignore_ascii_case("bearer") {
            let old = state.version() < Version::V2025_12;
            return Err(if old { Reply::detail(403, "Unsupported authentication type") } else { missing() });
        }
        let user = user_of_key(state, key).ok_or_else(|| Reply::detail(403, "Token invalid/expired"))?;
        return Ok(Caller::of(state, user));
    }
    let user = session_user(state, request).ok_or_else(missing)?;
    let reads = matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS");
    if !reads && request.header("x-authentik-csrf").is_empty() {
        return Err(Reply::detail(403, "CSRF Failed: CSRF token missing."));
    }
    Ok(Caller::of(state, user))
}

fn user_of_key(state: &State, key: &str) -> Option<i64> {
    let token = state.all(Kind::Token).iter().find(|token| {
        let current =
            token.get("expiring") != Some(&json!(true)) || number(token, "expires_at").is_none_or(|end| end > clock::now());
        text(token, "key") == key && text(token, "intent") == "api" && current
    });
    match token {
        Some(token) => number(token, "user"),
        // An access token with this scope stands for its user.
        None => state
            .grants
            .access(key)
            .filter(|grant| grant.scopes.iter().any(|scope| scope == "goauthentik.io/api"))
            .map(|grant| grant.user),
    }
}

/// The user signed in with the session cookie.
pub(super) fn session_user(state: &State, request: &Request) -> Option<i64> {
    let cookies = request.header("cookie");
    let session = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("authentik_session="))?;
    state.grants.session(session)
}
