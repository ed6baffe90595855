//! What tokens say about a user.
//!
//! The default scope mappings are known by their `managed` identifier. Of a mapping that somebody wrote, the claims are found by reading
//! the keys of the dictionary that its expression returns; Python does not run here.

use serde_json::{Value, json};

use crate::demo::clock;
use crate::demo::http::Object;
use crate::demo::options::Version;
use crate::demo::rights::groups_of;
use crate::demo::state::{Kind, State, hex, list, sha256, text};

use super::urls::Urls;

/// The claims of an ID token for these scopes.
pub(in crate::demo) fn id_token(state: &State, provider: &Object, user: i64, scopes: &[String], origin: &str) -> Object {
    let application = state.find(Kind::Application, "provider", &provider["pk"]);
    let issuer = Urls::new(origin, provider, application.map_or("", |application| text(application, "slug"))).issuer;
    let now = clock::now();
    let mut claims = Object::new();
    let fixed = [
        ("iss", json!(issuer)),
        ("sub", json!(subject(state, provider, user))),
        ("aud", provider["client_id"].clone()),
        ("exp", json!(now + clock::duration(text(provider, "access_token_validity")).unwrap_or(3600))),
        ("iat", json!(now)),
        ("auth_time", json!(now)),
        ("acr", json!("goauthentik.io/providers/oauth2/default")),
    ];
    claims.extend(fixed.map(|(name, value)| (name.to_owned(), value)));
    if provider.get("include_claims_in_id_token") != Some(&json!(false)) {
        claims.extend(of_scopes(state, provider, user, scopes));
    }
    claims
}

/// The claims that the provider's mappings add for the granted scopes.
pub(super) fn of_scopes(state: &State, provider: &Object, user: i64, scopes: &[String]) -> Object {
    let mut claims = Object::new();
    for mapping in list(provider, "property_mappings").iter().filter_map(|pk| state.by_key(Kind::ScopeMapping, pk)) {
        if scopes.iter().any(|scope| scope == text(mapping, "scope_name")) {
            claims.extend(of_mapping(state, mapping, user));
        }
    }
    claims
}

/// The names of the claims that a mapping can add, for the discovery document.
pub(super) fn names(state: &State, mapping: &Object) -> Vec<String> {
    of_mapping(state, mapping, 0).into_iter().map(|(name, _)| name).collect()
}

fn of_mapping(state: &State, mapping: &Object, user: i64) -> Object {
    let empty = Object::new();
    let person = state.by_key(Kind::User, &json!(user)).unwrap_or(&empty);
    let groups: Vec<Value> = groups_of(state, user).iter().map(|group| group["name"].clone()).collect();
    let known = |claim: &str| match claim {
        "email" => json!(text(person, "email")),
        "email_verified" => json!(state.version() < Version::V2025_12),
        "name" | "given_name" => json!(text(person, "name")),
        "preferred_username" | "nickname" => json!(text(person, "username")),
        "groups" => json!(groups),
        "entitlements" | "roles" => json!([]),
        "ak_proxy" => json!({ "user_attributes": {}, "is_superuser": false }),
        _ => json!(""),
    };
    let claimed = claimed(text(mapping, "expression"));
    claimed
        .into_iter()
        .map(|(claim, literal)| {
            let value = literal.unwrap_or_else(|| known(&claim));
            (claim, value)
        })
        .collect()
}

/// The quoted keys on the first level of the returned dictionary, with the value where it is one of Python's two truths.
fn claimed(expression: &str) -> Vec<(String, Option<Value>)> {
    let Some((_, returned)) = expression.split_once("return {") else { return Vec::new() };
    let mut depth = 0;
    let mut keys = Vec::new();
    let mut letters = returned.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        match letter {
            '#' => while letters.next().is_some_and(|(_, letter)| letter != '\n') {},
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth -= 1,
            '"' | '\'' => {
                let end = letters.by_ref().find(|(_, other)| *other == letter).map_or(returned.len(), |(end, _)| end);
                let value = returned.get(end + 1..).unwrap_or_default().trim_start().strip_prefix(':').map(str::trim_start);
                if let Some(value) = value.filter(|_| depth == 0) {
                    let word: String = value.chars().take_while(char::is_ascii_alphanumeric).collect();
                    let literal = match word.as_str() {
                        "True" => Some(json!(true)),
                        "False" => Some(json!(false)),
                        _ => None,
                    };
                    keys.push((returned[start + 1..end].to_owned(), literal));
                }
            }
            _ => {}
        }
    }
    keys
}

/// The subject in the provider's mode. The hash is not authentik's own, only as long and as stable.
fn subject(state: &State, provider: &Object, user: i64) -> String {
    let empty = Object::new();
    let person = state.by_key(Kind::User, &json!(user)).unwrap_or(&empty);
    match text(provider, "sub_mode") {
        "user_id" => user.to_string(),
        "user_uuid" => text(person, "uuid").to_owned(),
        "user_username" => text(person, "username").to_owned(),
        "user_email" => text(person, "email").to_owned(),
        "user_upn" => person["attributes"]["upn"].as_str().unwrap_or_default().to_owned(),
        _ => hex(&sha256(text(person, "uid").as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::claimed;

    #[test]
    fn claims_are_the_keys_of_the_returned_dictionary() {
        let profile = "return {\n    # not a \"comment\": key\n    \"name\": request.user.name,\n    'groups': [group[\"x\"] for group in y],\n}";
        let names = |expression: &str| claimed(expression).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(names(profile), ["name", "groups"]);
        assert_eq!(names("return {\n \"ak_proxy\": {\n \"is_superuser\": True }}"), ["ak_proxy"]);
        let verified = "return {\"email\": request.user.email, \"email_verified\": True}";
        assert_eq!(claimed(verified), [("email".to_owned(), None), ("email_verified".to_owned(), Some(serde_json::json!(true)))]);
        assert!(claimed("# nothing\nreturn {}").is_empty());
    }
}
