//! The discovery document.

use serde_json::json;

use crate::demo::crypto;
use crate::demo::http::{Object, Reply, Request};
use crate::demo::options::Version;
use crate::demo::state::{Kind, State, list, text};

use super::claims;
use super::urls::Urls;

/// `GET …/.well-known/openid-configuration`. It always names every grant type, whatever the provider allows.
pub(super) fn document(state: &State, request: &Request, provider: &Object, slug: &str) -> Reply {
    let addresses = Urls::new(&request.origin(), provider, slug);
    let mappings: Vec<&Object> =
        list(provider, "property_mappings").iter().filter_map(|pk| state.by_key(Kind::ScopeMapping, pk)).collect();
    let mut scopes = vec!["openid".to_owned()];
    let mut named: Vec<String> =
        ["sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce"].map(str::to_owned).to_vec();
    for mapping in mappings {
        let scope = text(mapping, "scope_name");
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
        for claim in claims::names(state, mapping) {
            if !named.contains(&claim) {
                named.push(claim);
            }
        }
    }
    let mut document = json!({
        "issuer": addresses.issuer,
        "authorization_endpoint": addresses.at("authorize/"),
        "token_endpoint": addresses.at("token/"),
        "userinfo_endpoint": addresses.at("userinfo/"),
        "end_session_endpoint": addresses.of("end-session/"),
        "introspection_endpoint": addresses.at("introspect/"),
        "revocation_endpoint": addresses.at("revoke/"),
        "device_authorization_endpoint": addresses.at("device/"),
        "response_types_supported": ["code", "id_token", "id_token token", "code token", "code id_token", "code id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "jwks_uri": addresses.of("jwks/"),
        "grant_types_supported": [
            "authorization_code", "refresh_token", "implicit", "client_credentials", "password",
            "urn:ietf:params:oauth:grant-type:device_code",
        ],
        "id_token_signing_alg_values_supported": [crypto::algorithm(state, provider)],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "acr_values_supported": ["goauthentik.io/providers/oauth2/default"],
        "scopes_supported": scopes,
        "request_parameter_supported": false,
        "claims_supported": named,
        "claims_parameter_supported": false,
        "code_challenge_methods_supported": ["plain", "S256"],
    });
    let mut logout = Vec::new();
    if state.version() >= Version::V2025_12 {
        logout.push("backchannel");
    }
    if state.version() >= Version::V2026_5Rc1 {
        logout.push("frontchannel");
    }
    for channel in logout {
        document[format!("{channel}_logout_supported")] = json!(true);
        document[format!("{channel}_logout_session_supported")] = json!(true);
    }
    if provider.get("encryption_key").is_some_and(|key| !key.is_null()) {
        document["id_token_encryption_alg_values_supported"] = json!(["RSA-OAEP-256"]);
        document["id_token_encryption_enc_values_supported"] = json!(["A256CBC-HS512"]);
    }
    Reply::json(200, &document)
}
