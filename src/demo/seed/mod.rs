//! What a server holds when it starts.

mod blueprints;
mod homelab;

use serde_json::{Value, json};

use super::clock;
use super::crypto;
use super::http::Object;
use super::objects;
use super::options::{Options, Seed};
use super::rights::Caller;
use super::state::{Kind, State, object};

/// The key of the administrator's API token.
pub(super) const ADMIN_TOKEN: &str = "stand-in-administrator-token-0123456789abcdefghijklmnopqrs";

/// A new server.
pub(super) fn seeded(options: Options) -> State {
    let mut state = State::empty(options);
    blueprints::apply(&mut state);
    match options.seed {
        Seed::Demo => homelab::apply(&mut state),
        Seed::Fresh => {
            let made =
                crypto::certificate(&mut state, "authentik Self-signed Certificate", "rsa", clock::now() + clock::days(365));
            state.insert(Kind::Certificate, made);
        }
    }
    state
}

/// Adds an object as an administrator would; the seeds are valid.
pub(super) fn add(state: &mut State, kind: Kind, fields: Value) -> Value {
    let administrator = Caller::of(state, administrator(state));
    let fields: Object = object(fields);
    match objects::create(state, kind, fields, &administrator) {
        Ok(made) => {
            let key = made[kind.key()].clone();
            state.insert(kind, made);
            key
        }
        Err(errors) => unreachable!("a seed is refused: {}", Value::Object(errors)),
    }
}

/// The primary key of `akadmin`.
pub(super) fn administrator(state: &State) -> i64 {
    state.find(Kind::User, "username", &json!("akadmin")).and_then(|user| user["pk"].as_i64()).unwrap_or_default()
}
