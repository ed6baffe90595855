//! Every refusal that was recorded is understood, and becomes a sentence.

use akwiz::authentik::error_body::{ErrorBody, Shape};
use akwiz::authentik::problem::Problem;
use akwiz::authentik::transaction::Transaction;
use akwiz::error::{Error, Kind};

use crate::recorded::{VERSIONS, all, serve};

#[test]
fn every_recorded_refusal_is_read() {
    for version in VERSIONS {
        let refusals: Vec<_> = all(version).into_iter().filter(|recorded| recorded.status >= 400).collect();
        assert!(refusals.len() > 60, "{version}: {}", refusals.len());
        for recorded in refusals {
            let body = ErrorBody::parse(&recorded.bytes());
            let told =
                body.detail.is_some() || body.fields.iter().all(|field| !field.message.is_empty()) && !body.fields.is_empty();
            assert!(told || body.shape == Shape::Empty, "{version} {}: {body:?}", recorded.name);
            assert_ne!(body.shape, Shape::Text, "{version} {}", recorded.name);
            if recorded.status == 400 && !recorded.name.contains("json") {
                assert!(body.fields.iter().all(|field| !field.path.is_empty()), "{version} {}: {body:?}", recorded.name);
            }
        }
    }
}

async fn refusal(version: &str, name: &str) -> akwiz::authentik::ApiError {
    serve(version, name).await.client().create(<Transaction>::default()).await.unwrap_err()
}

#[tokio::test]
async fn known_problems_of_a_transaction() {
    for version in VERSIONS {
        for (name, wanted) in [
            ("err-tx-dup-slug", Some(Problem::SlugTaken)),
            ("err-tx-dup-provider-name", Some(Problem::ProviderNameTaken)),
            ("err-tx-dup-client-id", Some(Problem::ClientIdTaken)),
            ("err-tx-bad-flow", Some(Problem::Gone)),
            ("err-tx-bad-mapping", Some(Problem::Gone)),
            ("err-tx-binding-bad-group", Some(Problem::Gone)),
            ("err-app-dup-slug", Some(Problem::SlugTaken)),
            ("err-provider-dup-name", Some(Problem::ProviderNameTaken)),
            ("err-tx-redirect-bad-regex", None),
            ("err-tx-app-bad-slug", None),
        ] {
            assert_eq!(refusal(version, name).await.problem(), wanted, "{version} {name}");
        }
    }
}

#[tokio::test]
async fn a_wrong_token_and_a_missing_right_are_told_apart() {
    for version in VERSIONS {
        for name in ["err-no-token", "err-bad-token", "err-basic-auth", "err-empty-bearer", "err-bad-token-put"] {
            let error = refusal(version, name).await;
            assert!(error.is_bad_token() && !error.is_missing_right(), "{version} {name}");
            assert!(Error::from(error).message.contains("token"), "{version} {name}");
        }
        let error = refusal(version, "perm-tx").await;
        assert!(error.is_missing_right() && !error.is_bad_token(), "{version}");
        let error = Error::from(error);
        assert!(error.message.contains("authentik_providers_oauth2.oauth2provider"), "{}", error.message);
        assert_eq!(error.kind, Kind::Refused);
    }
}

#[tokio::test]
async fn an_empty_405_on_a_write_is_not_called_a_failure() {
    for version in VERSIONS {
        let error = refusal(version, "err-tx-missing-provider-name").await;
        assert!(error.outcome_unknown(), "{version}");
        assert_eq!(Error::from(error).kind, Kind::Partial);
        assert!(!refusal(version, "err-method").await.outcome_unknown(), "{version}");
    }
}

#[tokio::test]
async fn sentences_name_the_field_and_quote_the_server() {
    for (name, words) in [
        ("err-tx-redirect-bad-regex", "the redirect URIs: Invalid Regex Pattern"),
        ("err-tx-redirect-bad-mode", "the redirect URIs: \"nope\" is not a valid choice"),
        ("err-tx-bad-duration", "access_token_validity: soon is not in the correct format"),
        ("err-tx-app-empty-name", "the application's name: This field may not be blank"),
        ("err-tx-binding-empty", "the access bindings: One of 'group'"),
    ] {
        for version in VERSIONS {
            let error = Error::from(refusal(version, name).await);
            assert!(error.message.contains(words), "{version} {name}: {}", error.message);
            assert!(error.message.ends_with('.') && !error.hints.is_empty(), "{version} {name}");
        }
    }
}

#[tokio::test]
async fn a_taken_name_under_the_application_s_provider_is_understood() {
    let body = serde_json::json!({"app": {"provider": ["State is set to must_created and object exists already"]}});
    let error = crate::server::Server::json(400, body).await.client().create(<Transaction>::default()).await.unwrap_err();
    assert_eq!(error.problem(), Some(Problem::ProviderNameTaken));
}

#[tokio::test]
async fn control_characters_of_a_server_never_reach_a_sentence() {
    let body = serde_json::json!({"app": {"na\u{1b}[2Jme": ["bad\u{1b}]0;title\u{7} \u{202e}value"]}});
    let error = crate::server::Server::json(400, body).await.client().create(<Transaction>::default()).await.unwrap_err();
    let error = Error::from(error);
    assert!(!error.message.chars().any(char::is_control) && !error.message.contains('\u{202e}'), "{:?}", error.message);
}
