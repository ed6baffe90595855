//! The part of plex.tv that signing in by PIN needs, on the stand-in's own listener.
//!
//! Body shapes follow Plex's public API: a PIN holds `authToken: null` until somebody has typed its code, `resources` lists servers and
//! players.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::clock;
use super::http::{Reply, Request};
use super::state::State;

/// How long a PIN lives, in seconds.
const LIFETIME: i64 = 1800;
/// The token that an authorised PIN gives.
const TOKEN: &str = "stand-in-plex-token";

/// PINs by number.
#[derive(Debug, Default)]
pub(super) struct Plex {
    pins: HashMap<i64, Pin>,
}

#[derive(Debug)]
struct Pin {
    code: String,
    client: String,
    product: String,
    created: i64,
    polls: u32,
}

/// Answers a request below `/api/v2/`; `path` is the rest.
pub(super) fn handle(state: &mut State, request: &Request, path: &str) -> Reply {
    let client = request.header("x-plex-client-identifier");
    if client.is_empty() {
        return error(400, 1000, "X-Plex-Client-Identifier is missing");
    }
    if !request.header("accept").contains("application/json") {
        // Without the header Plex answers in XML.
        let xml = Reply::html(200, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<pin/>\n");
        return Reply { headers: vec![("content-type", "application/xml; charset=utf-8".to_owned())], ..xml };
    }
    match (request.method.as_str(), path) {
        ("POST", "pins") => create(state, request),
        ("GET", "resources") => resources(request),
        ("GET", _) => match path.strip_prefix("pins/").and_then(|id| id.parse().ok()) {
            Some(id) => poll(state, request, id),
            None => error(404, 1010, "Not found"),
        },
        _ => error(404, 1010, "Not found"),
    }
}

fn error(status: u16, code: u32, message: &str) -> Reply {
    Reply::json(status, &json!({ "errors": [{ "code": code, "message": message, "status": status }] }))
}

fn create(state: &mut State, request: &Request) -> Reply {
    let product = request.header("x-plex-product").to_owned();
    if product.is_empty() {
        return error(400, 1000, "X-Plex-Product is missing");
    }
    // A strong PIN is for the browser address; the short code is for plex.tv/link.
    let strong = request.param("strong") == Some("true") || request.form().contains(&("strong".to_owned(), "true".to_owned()));
    let code = if strong { state.letters(25).to_lowercase() } else { state.letters(4).to_uppercase() };
    let id = 1000 + i64::try_from(state.plex.pins.len()).unwrap_or_default();
    let pin =
        Pin { code, client: request.header("x-plex-client-identifier").to_owned(), product, created: clock::now(), polls: 0 };
    let body = show(id, &pin, false);
    state.plex.pins.insert(id, pin);
    Reply::json(201, &body)
}

fn poll(state: &mut State, request: &Request, id: i64) -> Reply {
    let options = state.options.plex;
    let client = request.header("x-plex-client-identifier");
    // A PIN is visible to the client that made it only.
    let Some(pin) = state.plex.pins.get_mut(&id).filter(|pin| pin.client == client) else {
        return error(404, 1020, "Code not found or expired");
    };
    pin.polls += 1;
    let reached = pin.polls >= options.polls;
    if reached && options.expires {
        state.plex.pins.remove(&id);
        return error(404, 1020, "Code not found or expired");
    }
    Reply::json(200, &show(id, pin, reached))
}

fn show(id: i64, pin: &Pin, authorised: bool) -> Value {
    let left = pin.created + LIFETIME - clock::now();
    json!({
        "id": id,
        "code": pin.code,
        "product": pin.product,
        "trusted": false,
        "qr": format!("https://plex.tv/api/v2/pins/qr/{}", pin.code),
        "clientIdentifier": pin.client,
        "location": { "code": "", "country": "", "city": "", "time_zone": "" },
        "expiresIn": left,
        "createdAt": clock::iso(pin.created),
        "expiresAt": clock::iso(pin.created + LIFETIME),
        "authToken": if authorised { json!(TOKEN) } else { Value::Null },
        "newRegistration": null,
    })
}

fn resources(request: &Request) -> Reply {
    let token = request.header("x-plex-token");
    if token != TOKEN {
        return error(401, 1001, "User could not be authenticated");
    }
    let resource = |name: &str, id: &str, provides: &str, owned: bool| {
        let server = provides == "server";
        json!({
            "name": name,
            "product": if server { "Plex Media Server" } else { "Plex for Android (TV)" },
            "productVersion": "1.41.3.9314",
            "platform": if server { "Linux" } else { "Android" },
            "device": if server { "PC" } else { "TV" },
            "clientIdentifier": id,
            "createdAt": "2024-03-01T10:00:00Z",
            "lastSeenAt": "2026-11-01T10:00:00Z",
            "provides": provides,
            "ownerId": if owned { Value::Null } else { json!(4711) },
            "sourceTitle": if owned { Value::Null } else { json!("a friend") },
            "publicAddress": "203.0.113.7",
            "owned": owned,
            "home": false,
            "synced": false,
            "relay": true,
            "presence": true,
            "connections": [],
        })
    };
    Reply::json(
        200,
        &json!([
            resource("Living room", "8f1c0f3b5a0d4f0f9f4f5a1f2f3e4d5c6b7a8990", "server", true),
            resource("Attic", "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", "server", true),
            resource("Cinema of a friend", "ffeeddccbbaa99887766554433221100ffeeddcc", "server", false),
            resource("Television", "tv-0123456789abcdef", "client,player", true),
        ]),
    )
}
