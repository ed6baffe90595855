//! Which right a request needs, so that a refusal can name it: authentik does not.

use super::error::Call;

/// The endpoints below `/api/v3/` with the model behind each: its app label, its name there, and its name in the admin interface (in
/// English, as on 2025.12). What a request does to it gives the right: `authentik_core.delete_application`.
const MODELS: [(&str, &str, &str, &str); 18] = [
    ("core/applications", "authentik_core", "application", "Application"),
    ("core/groups", "authentik_core", "group", "Group"),
    ("core/users", "authentik_core", "user", "User"),
    ("core/brands", "authentik_brands", "brand", "Brand"),
    ("providers/oauth2", "authentik_providers_oauth2", "oauth2provider", "OAuth2/OpenID Provider"),
    ("providers/all", "authentik_core", "provider", "provider"),
    ("propertymappings/provider/scope", "authentik_providers_oauth2", "scopemapping", "Scope Mapping"),
    ("crypto/certificatekeypairs", "authentik_crypto", "certificatekeypair", "Certificate-Key Pair"),
    ("policies/bindings", "authentik_policies", "policybinding", "Policy Binding"),
    ("flows/instances", "authentik_flows", "flow", "Flow"),
    ("sources/plex", "authentik_sources_plex", "plexsource", "Plex Source"),
    ("sources/oauth", "authentik_sources_oauth", "oauthsource", "OAuth Source"),
    ("sources/saml", "authentik_sources_saml", "samlsource", "SAML Source"),
    ("sources/scim", "authentik_sources_scim", "scimsource", "SCIM Source"),
    ("sources/telegram", "authentik_sources_telegram", "telegramsource", "Telegram Source"),
    ("sources/all", "authentik_core", "source", "source"),
    ("stages/identification", "authentik_stages_identification", "identificationstage", "Identification Stage"),
    ("events/events", "authentik_events", "event", "Event"),
];

/// The right that a request needs, as roles are given it and as the admin interface names it; nothing where that is not known.
pub(super) fn needed(call: &Call) -> Option<(String, String)> {
    let (_, path) = call.path.split_once("/api/v3/")?;
    let (area, app, model, title) = MODELS.into_iter().find(|(area, ..)| path.starts_with(&format!("{area}/")))?;
    let below = path[area.len()..].trim_matches('/');
    let action = match call.method.as_str() {
        "GET" => "view",
        "POST" if below.is_empty() || below == "generate" => "add",
        "POST" | "PUT" | "PATCH" => "change",
        "DELETE" => "delete",
        _ => return None,
    };
    Some((format!("{app}.{action}_{model}"), format!("Can {action} {title}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authentik::rights::Right;

    fn right(method: &str, path: &str) -> Option<String> {
        let call = Call { method: method.into(), host: "auth.example.com".into(), path: path.into() };
        needed(&call).map(|(codename, title)| format!("{codename} {title}"))
    }

    #[test]
    fn the_method_tells_the_right() {
        let own = |right: Right| Some(format!("{} {}", right.codename(), right.title()));
        assert_eq!(right("POST", "/api/v3/core/applications/"), own(Right::AddApplication));
        assert_eq!(right("GET", "/sub/api/v3/providers/oauth2/7/"), own(Right::ViewProvider));
        assert_eq!(right("POST", "/api/v3/crypto/certificatekeypairs/generate/"), own(Right::AddCertificate));
        assert_eq!(
            right("DELETE", "/api/v3/core/applications/x/").as_deref(),
            Some("authentik_core.delete_application Can delete Application")
        );
        assert_eq!(
            right("POST", "/api/v3/core/applications/x/set_icon_url/").as_deref(),
            Some("authentik_core.change_application Can change Application")
        );
    }

    #[test]
    fn nothing_is_said_of_what_is_not_known() {
        assert_eq!(right("PUT", "/api/v3/core/transactional/applications/"), None);
        assert_eq!(right("GET", "/if/flow/x/"), None);
    }
}
