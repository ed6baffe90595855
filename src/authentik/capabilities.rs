//! What this server's version has, seen from its objects. The only place that knows which version brought what.

pub use crate::setup::facts::Capabilities;

use super::wire::Raw;

/// Corrects what the version promises by what a provider of the server has: release candidates lack fields, back-ports add them.
pub fn seen_in_provider(capabilities: &mut Capabilities, provider: &Raw) {
    capabilities.grant_types = provider.has("grant_types");
    capabilities.logout_method = provider.has("logout_method");
    capabilities.refresh_token_threshold = provider.has("refresh_token_threshold");
}

/// Likewise by what an application has.
pub fn seen_in_application(capabilities: &mut Capabilities, application: &Raw) {
    // The resolved address of the icon came with the writable path to it; before that `meta_icon` is read-only.
    capabilities.icon_in_body = application.has("meta_icon_url");
    capabilities.meta_hide = application.has("meta_hide");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::setup::facts::Version;

    fn raw(value: serde_json::Value) -> Raw {
        serde_json::from_value(value).map(Raw).unwrap()
    }

    #[test]
    fn objects_win_over_the_version() {
        // 2026.5.0-rc1 has neither field yet, its final release has both.
        let mut capabilities = Capabilities::expected(Version::new(2026, 5, 0));
        seen_in_provider(
            &mut capabilities,
            &raw(json!({"logout_method": "backchannel", "refresh_token_threshold": "seconds=0"})),
        );
        seen_in_application(&mut capabilities, &raw(json!({"meta_icon": "", "meta_icon_url": null})));
        assert!(!capabilities.grant_types && !capabilities.meta_hide);
        assert!(capabilities.logout_method && capabilities.icon_in_body && capabilities.refresh_token_threshold);
    }
}
