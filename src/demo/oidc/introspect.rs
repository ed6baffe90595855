//! What a token says: userinfo, introspection, revocation.

use serde_json::{Value, json};

use crate::demo::http::{Reply, Request};
use crate::demo::options::Version;
use crate::demo::state::{Kind, State};

use super::client::Credentials;
use super::{Grant, claims, refusal};

/// `GET` or `POST /application/o/userinfo/`.
pub(super) fn userinfo(state: &State, request: &Request) -> Reply {
    let token = request.header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    let found = state.grants.access(token).and_then(|grant| Some((grant, state.by_key(Kind::Provider, &json!(grant.provider))?)));
    let Some((grant, provider)) = found else {
        let reason = "error=\"invalid_token\", error_description=\"The access token provided is expired, revoked, malformed, or invalid for other reasons\"";
        return Reply::html(401, "").with_header("www-authenticate", reason);
    };
    let subject = claims::id_token(state, provider, grant.user, &[], "")["sub"].clone();
    let mut answer = claims::of_scopes(state, provider, grant.user, &grant.scopes);
    answer.insert("sub".to_owned(), subject);
    if !grant.nonce.is_empty() {
        answer.insert("nonce".to_owned(), json!(grant.nonce));
    }
    Reply::json(200, &Value::Object(answer))
}

/// `POST /application/o/introspect/`: a wrong secret looks like an inactive token.
pub(super) fn introspect(state: &State, request: &Request) -> Reply {
    let inactive = || Reply::json(200, &json!({ "active": false }));
    let Some(provider) = Credentials::of(request).provider(state) else { return inactive() };
    let token = token_field(request);
    let grants = &state.grants;
    let own = |grant: &&Grant| provider.get("pk") == Some(&json!(grant.provider));
    let Some(grant) = grants.access.get(&token).or_else(|| grants.refresh.get(&token)).filter(own) else { return inactive() };
    let mut answer = claims::id_token(state, provider, grant.user, &grant.scopes, &request.origin());
    answer.insert("amr".to_owned(), json!(["pwd"]));
    answer.insert("sid".to_owned(), json!("session"));
    if !grant.nonce.is_empty() {
        answer.insert("nonce".to_owned(), json!(grant.nonce));
    }
    if state.version() >= Version::V2026_5Rc1 {
        answer.insert("jti".to_owned(), json!("token"));
    }
    answer.insert("active".to_owned(), json!(true));
    answer.insert("scope".to_owned(), json!(grant.scopes.join(" ")));
    answer.insert("client_id".to_owned(), provider["client_id"].clone());
    Reply::json(200, &Value::Object(answer))
}

/// `POST /application/o/revoke/`: 200 whatever the token is, 401 when the secret is wrong.
pub(super) fn revoke(state: &mut State, request: &Request) -> Reply {
    if Credentials::of(request).provider(state).is_none() {
        return refusal(state, 401, "invalid_client");
    }
    let token = token_field(request);
    state.grants.access.remove(&token);
    state.grants.refresh.remove(&token);
    Reply::json(200, &json!({}))
}

fn token_field(request: &Request) -> String {
    request.form().into_iter().find(|(key, _)| key == "token").map(|(_, value)| value).unwrap_or_default()
}
