//! The token endpoint and the start of the device flow.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::demo::http::{Object, Reply, Request};
use crate::demo::options::Version;
use crate::demo::state::{Kind, State, list, number, sha256, text};
use crate::demo::{clock, crypto, events};

use super::client::Credentials;
use super::{Grant, allows, authorize, claims, provider_of, refusal};

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// `POST /application/o/token/`.
pub(super) fn token(state: &mut State, request: &Request) -> Reply {
    match exchange(state, request) {
        Ok(body) => Reply::json(200, &body),
        Err(error) => refusal(state, 400, error),
    }
}

fn exchange(state: &mut State, request: &Request) -> Result<Value, &'static str> {
    let form = request.form();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let credentials = Credentials::of(request);
    let grant_type = field("grant_type");
    // The grant is checked before the secret, so that a wrong secret does not show where no grant is allowed.
    let named = provider_of(state, &credentials.id).ok_or("invalid_client")?;
    if !allows(state, named, grant_type) {
        return Err("invalid_grant");
    }
    let provider = credentials.provider(state).ok_or("invalid_client")?.clone();
    let pk = number(&provider, "pk").unwrap_or_default();
    let origin = request.origin();
    match grant_type {
        "authorization_code" => {
            let code = field("code");
            if code.is_empty() {
                return Err("invalid_grant");
            }
            let redirect_uri = field("redirect_uri");
            if !list(&provider, "redirect_uris").iter().any(|entry| authorize::matches(entry, redirect_uri)) {
                events::wrong_redirect(state, request, &provider, redirect_uri);
                return Err("invalid_client");
            }
            let grant = state.grants.codes.get(code).filter(|grant| grant.provider == pk && grant.redirect_uri == redirect_uri);
            let grant = grant.cloned().ok_or("invalid_grant")?;
            if !proves(&grant, field("code_verifier")) {
                return Err("invalid_grant");
            }
            state.grants.codes.remove(code);
            Ok(issue(state, &provider, grant, &origin))
        }
        "refresh_token" => {
            let grant = state.grants.refresh.get(field("refresh_token")).filter(|grant| grant.provider == pk).cloned();
            let grant = grant.ok_or("invalid_grant")?;
            state.grants.refresh.remove(field("refresh_token"));
            Ok(issue(state, &provider, grant, &origin))
        }
        "client_credentials" => {
            let user = client_user(state, &provider);
            let scopes = field("scope").split_whitespace().map(str::to_owned).collect();
            let grant = Grant {
                provider: pk,
                user,
                scopes,
                nonce: String::new(),
                redirect_uri: String::new(),
                challenge: None,
                number: 0,
            };
            let mut answer = issue(state, &provider, grant, &origin);
            // No person, nothing to refresh.
            if let Some(answer) = answer.as_object_mut() {
                answer.remove("refresh_token");
            }
            Ok(answer)
        }
        DEVICE_CODE if state.grants.devices.contains(field("device_code")) => Err("authorization_pending"),
        "password" | DEVICE_CODE => Err("invalid_grant"),
        _ => Err("unsupported_grant_type"),
    }
}

/// PKCE: the verifier fits the challenge.
fn proves(grant: &Grant, verifier: &str) -> bool {
    match &grant.challenge {
        None => true,
        Some((challenge, method)) if method == "S256" => *challenge == URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())),
        Some((challenge, _)) => challenge == verifier,
    }
}

/// The account that authentik makes for a client that signs in by itself.
fn client_user(state: &mut State, provider: &Object) -> i64 {
    let username = format!("ak-{}-client_credentials", text(provider, "name"));
    if let Some(user) = state.find(Kind::User, "username", &json!(username)) {
        return number(user, "pk").unwrap_or_default();
    }
    let caller = crate::demo::rights::Caller::of(state, 0);
    let fields = crate::demo::state::object(json!({ "username": username, "name": username, "type": "service_account" }));
    match crate::demo::objects::create(state, Kind::User, fields, &caller) {
        Ok(user) => {
            let pk = number(&user, "pk").unwrap_or_default();
            state.insert(Kind::User, user);
            pk
        }
        Err(_) => 0,
    }
}

fn issue(state: &mut State, provider: &Object, mut grant: Grant, origin: &str) -> Value {
    state.grants.issued += 1;
    grant.number = state.grants.issued;
    let mut claims = claims::id_token(state, provider, grant.user, &grant.scopes, origin);
    claims.insert("amr".to_owned(), json!(["pwd"]));
    if !grant.nonce.is_empty() {
        claims.insert("nonce".to_owned(), json!(grant.nonce));
    }
    claims.insert("sid".to_owned(), json!(state.hex()));
    if state.version() >= Version::V2026_5Rc1 {
        claims.insert("jti".to_owned(), json!(state.letters(40)));
    }
    let id_token = crypto::sign(state, provider, &claims);
    let scope = grant.scopes.join(" ");
    claims.insert("azp".to_owned(), provider["client_id"].clone());
    claims.insert("uid".to_owned(), json!(state.letters(40)));
    claims.insert("scope".to_owned(), json!(scope));
    let access_token = crypto::sign(state, provider, &claims);
    let lifetime = clock::duration(text(provider, "access_token_validity")).unwrap_or(3600);
    let mut answer =
        json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": lifetime, "id_token": id_token });
    if state.version() >= Version::V2025_12 {
        answer["scope"] = json!(scope);
    }
    if grant.scopes.iter().any(|scope| scope == "offline_access") {
        let refresh_token = state.letters(128);
        answer["refresh_token"] = json!(refresh_token);
        state.grants.refresh.insert(refresh_token, grant.clone());
    }
    state.grants.access.insert(access_token, grant);
    answer
}

/// `POST /application/o/device/`. The flow starts; nobody can finish it here.
pub(super) fn device(state: &mut State, request: &Request) -> Reply {
    let client = Credentials::of(request).id;
    let Some(provider) = provider_of(state, &client).filter(|provider| allows(state, provider, DEVICE_CODE)) else {
        return refusal(state, 400, "invalid_client");
    };
    let lifetime = clock::duration(text(provider, "access_code_validity")).unwrap_or(60);
    let user_code: u64 = state.uuid().bytes().fold(0, |code, byte| (code * 31 + u64::from(byte)) % 1_000_000_000);
    let address = format!("{}/device", request.origin());
    let device_code = state.letters(128);
    state.grants.devices.insert(device_code.clone());
    Reply::json(
        200,
        &json!({
            "device_code": device_code, "verification_uri": address,
            "verification_uri_complete": format!("{address}?code={user_code:09}"), "user_code": format!("{user_code:09}"),
            "expires_in": lifetime, "interval": 5,
        }),
    )
}
