//! Turns refusals into sentences that say what to do.

use super::error::ApiError;
use super::error_body::{ErrorBody, FieldError, Shape};
use super::needed::needed;
use crate::error::{Error, Kind};

/// What people call the fields that authentik names in a refusal.
const FIELD_NAMES: &[(&str, &str)] = &[
    ("app.slug", "the slug"),
    ("slug", "the slug"),
    ("app.name", "the application's name"),
    ("app.group", "the group"),
    ("app.meta_launch_url", "the launch URL"),
    ("meta_launch_url", "the launch URL"),
    ("provider.name", "the provider's name"),
    ("name", "the name"),
    ("provider.client_id", "the client ID"),
    ("client_id", "the client ID"),
    ("provider.redirect_uris", "the redirect URIs"),
    ("redirect_uris", "the redirect URIs"),
    ("provider.authorization_flow", "the authorization flow"),
    ("provider.invalidation_flow", "the invalidation flow"),
    ("provider.property_mappings", "the scope mappings"),
    ("provider.signing_key", "the signing key"),
    ("provider.sub_mode", "the subject mode"),
    ("provider.grant_types", "the grant types"),
    ("policy_bindings", "the access bindings"),
    ("common_name", "the certificate's name"),
    ("plex_token", "the Plex token"),
];

/// What a refusal of a write means, where it is one that akwiz can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// An application with this slug exists.
    SlugTaken,
    /// A provider with this name exists.
    ProviderNameTaken,
    /// A provider with this client ID exists.
    ClientIdTaken,
    /// A certificate or a source with this name or slug exists.
    NameTaken,
    /// Something referred to has been deleted meanwhile.
    Gone,
}

impl ApiError {
    /// What the refusal means, if it is one of the known ones.
    pub fn problem(&self) -> Option<Problem> {
        let body = self.body().filter(|_| self.status() == Some(400))?;
        body.fields.iter().find_map(problem_of)
    }
}

fn problem_of(field: &FieldError) -> Option<Problem> {
    let message = field.message.to_lowercase();
    let taken =
        ["already exists", "object exists already", "must be unique", "must_created"].iter().any(|words| message.contains(words));
    match field.path.as_str() {
        "app.slug" if taken => Some(Problem::SlugTaken),
        "slug" if taken && message.starts_with("application") => Some(Problem::SlugTaken),
        // Newer servers (2026.x) report a taken provider name under the application's `provider`.
        "provider.name" | "app.provider" if taken => Some(Problem::ProviderNameTaken),
        "name" if taken && message.starts_with("provider") => Some(Problem::ProviderNameTaken),
        "provider.client_id" | "client_id" if taken => Some(Problem::ClientIdTaken),
        "name" | "slug" | "common_name" if taken => Some(Problem::NameTaken),
        _ if message.contains("object does not exist") => Some(Problem::Gone),
        _ => None,
    }
}

/// The sentences for an answer with a status that is no success.
pub(super) fn explain(error: &ApiError) -> Error {
    let ApiError::Status { call, status, body } = error else {
        return Error::new(Kind::Internal, error.to_string());
    };
    let refused = |message: String| Error::new(Kind::Refused, message);
    if error.is_bad_token() {
        return refused("authentik does not accept the token: it is wrong, expired, or not meant for the API.".into())
            .hint("Make one under Directory > Tokens and App passwords, with the intent API Token and without expiry.");
    }
    if error.outcome_unknown() {
        return Error::new(
            Kind::Partial,
            format!("authentik failed while it handled a change (status {status}), so it is not known whether it was made."),
        )
        .hint("Look in authentik before you try again, and in its log for the cause.");
    }
    match status {
        403 => refused(match said(body) {
            Some(said) => format!("The token lacks a right that {call} needs: {said}"),
            None => format!("The token lacks a right that {call} needs."),
        })
        .hint(match needed(call) {
            Some((codename, title)) => {
                format!("Ask an administrator for the right “{title}” ({codename}), or use a token that has it.")
            }
            None => "Ask an administrator for the missing right, or use a token that has it.".to_owned(),
        }),
        404 => refused("authentik does not have what was asked for: it was deleted, or this token may not see it.".into())
            .hint("Load the lists again."),
        405 => refused(format!("{} does not take this kind of request at {}.", call.host, call.path))
            .hint("Check that nothing in front of authentik filters requests or removes the last slash of an address."),
        429 => refused("authentik asks for fewer requests.".into()).hint("Wait a minute and try again."),
        400 => bad_request(error, body),
        300..=399 => Error::new(
            Kind::Unreachable,
            format!("{} sends {call} elsewhere instead of answering it (status {status}).", call.host),
        )
        .hint("A sign-in gateway in front of authentik must let /api/ pass, or use an address that goes around it."),
        502..=504 => Error::new(
            Kind::Unreachable,
            format!("{} answered with status {status}: authentik is starting or not reachable from there.", call.host),
        )
        .hint("Wait a moment and try again."),
        500..=599 => Error::new(Kind::Unreachable, format!("authentik failed with status {status}."))
            .hint("Look in authentik's log for the cause."),
        _ => refused(match said(body) {
            Some(said) => format!("{} refused {call} with status {status}: {said}", call.host),
            None => format!("{} refused {call} with status {status}.", call.host),
        }),
    }
}

fn bad_request(error: &ApiError, body: &ErrorBody) -> Error {
    let (kind, message, hint) = match error.problem() {
        Some(Problem::SlugTaken) => (
            Kind::Conflict,
            "An application with this slug exists already.",
            "Choose another slug, or update the existing application.",
        ),
        Some(Problem::ProviderNameTaken) => (
            Kind::Conflict,
            "A provider with this name exists already.",
            "Choose another provider name, or update the existing provider.",
        ),
        Some(Problem::ClientIdTaken) => {
            (Kind::Conflict, "A provider with this client ID exists already.", "Choose another client ID.")
        }
        Some(Problem::NameTaken) => (Kind::Conflict, "Something with this name exists already.", "Choose another name."),
        Some(Problem::Gone) => (
            Kind::Conflict,
            "Something that the request refers to has been deleted in the meantime.",
            "Load the lists again and check the answers.",
        ),
        None => {
            let message = match said(body) {
                Some(said) => format!("authentik does not accept the request: {said}"),
                None => "authentik does not accept the request and does not say why.".to_owned(),
            };
            return Error::new(Kind::Refused, message).hint("Correct the value and try again.");
        }
    };
    let conflict = Error::new(kind, message).hint(hint);
    match said(body) {
        Some(said) => conflict.hint(format!("authentik said: {said}")),
        None => conflict,
    }
}

/// What the body says, as one line that ends with a full stop.
fn said(body: &ErrorBody) -> Option<String> {
    let parts: Vec<String> = match &body.detail {
        Some(detail) if body.shape != Shape::Html => vec![detail.clone()],
        Some(title) => vec![format!("a page titled “{title}”")],
        None => body
            .fields
            .iter()
            .map(|field| match label(&field.path) {
                Some(label) => format!("{label}: {}", field.message),
                None => field.message.clone(),
            })
            .collect(),
    };
    let line = parts.join(" ");
    match line.chars().last()? {
        '.' | '!' | '?' => Some(line),
        _ => Some(line + "."),
    }
}

/// A field's name in words: the longest known prefix of its path, else the path itself.
fn label(path: &str) -> Option<&str> {
    if path.is_empty() {
        return None;
    }
    let mut prefix = path;
    loop {
        if let Some((_, name)) = FIELD_NAMES.iter().find(|(known, _)| *known == prefix) {
            return Some(name);
        }
        match prefix.rsplit_once('.') {
            Some((shorter, _)) => prefix = shorter,
            None => return Some(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_by_their_names() {
        assert_eq!(label("provider.redirect_uris.0.matching_mode"), Some("the redirect URIs"));
        assert_eq!(label("provider.new_field"), Some("provider.new_field"));
        assert_eq!(label(""), None);
    }
}
