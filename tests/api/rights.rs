//! What the token may do, found out without writing.

use akwiz::authentik::rights::{Right, Target};
use akwiz::authentik::users::User;
use akwiz::catalog::template::SourceApi;
use serde_json::json;

use crate::recorded::{VERSIONS, all, one};
use crate::server::{Reply, Server};

fn account(superuser: bool) -> User {
    serde_json::from_value(json!({"pk": 7, "username": "akwiz", "is_superuser": superuser, "type": "service_account"})).unwrap()
}

/// A server that refuses everything as a real one does an account without rights.
async fn without_rights(version: &str) -> Server {
    let refusals: Vec<_> =
        all(&format!("rights-{version}")).into_iter().filter(|recorded| recorded.name.starts_with("noperm-")).collect();
    assert!(refusals.len() > 30);
    Server::start(move |request| {
        let path = |recorded: &&crate::recorded::Recorded| recorded.path.split('?').next() == Some(&request.path);
        refusals.iter().filter(|recorded| recorded.method == request.method).find(path).map_or_else(
            || Reply::Json(403, json!({"detail": "You do not have permission to perform this action."})),
            crate::recorded::Recorded::reply,
        )
    })
    .await
}

#[tokio::test]
async fn every_missing_right_is_named() {
    for version in VERSIONS {
        let server = without_rights(version).await;
        let rights = server.client().rights(&account(false), &Right::FOR_APPLICATIONS).await.unwrap();
        assert_eq!(rights.missing, Right::FOR_APPLICATIONS, "{version}");
        assert_eq!(rights.missing[0].codename(), "authentik_core.add_application");
        assert_eq!(rights.missing[0].title(), "Can add Application");
        let rights = server.client().rights(&account(false), &Right::FOR_PLEX).await.unwrap();
        assert_eq!(rights.missing, Right::FOR_PLEX, "{version}");
    }
}

#[tokio::test]
async fn refused_values_show_that_the_right_is_there() {
    for version in VERSIONS {
        // What each endpoint answers to `{}` when the right is there.
        let answers: Vec<_> = ["err-app-missing", "err-provider-missing", "cert-generate-missing-fields", "plex-missing-fields"]
            .iter()
            .map(|name| one(version, name))
            .collect();
        let server = Server::start(move |request| {
            match answers.iter().find(|recorded| recorded.path == request.path && request.method == "POST") {
                Some(recorded) => recorded.reply(),
                None if request.method == "POST" => Reply::Json(400, json!({"name": ["This field is required."]})),
                None if request.path.contains("akwiz-looks-for") => Reply::Json(404, json!({"detail": "Not found."})),
                None => Reply::Json(200, json!({"pagination": {"next": 0}, "results": []})),
            }
        })
        .await;
        let wanted: Vec<Right> =
            Right::FOR_APPLICATIONS.into_iter().chain(Right::FOR_PLEX).chain([Right::AddCertificate, Right::AddGroup]).collect();
        let rights = server.client().rights(&account(false), &wanted).await.unwrap();
        assert_eq!((rights.held.len(), rights.missing.len(), rights.unknown.len()), (wanted.len(), 0, 0), "{version}");
        // Nothing but empty bodies was posted.
        assert!(server.requests().iter().all(|request| request.method == "GET" || request.json() == json!({})));
    }
}

#[tokio::test]
async fn a_superuser_is_not_asked() {
    let server = Server::json(500, json!({})).await;
    let rights = server.client().rights(&account(true), &Right::FOR_APPLICATIONS).await.unwrap();
    assert_eq!(rights.held, Right::FOR_APPLICATIONS);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn what_does_not_tell_is_unknown_and_a_bad_token_is_an_error() {
    let server = Server::start(|_| Reply::Text(405, Vec::new(), String::new())).await;
    let rights = server.client().rights(&account(false), &[Right::AddApplication]).await.unwrap();
    assert_eq!(rights.unknown, [Right::AddApplication]);
    let server = Server::json(403, json!({"detail": "Token invalid/expired"})).await;
    assert!(server.client().rights(&account(false), &[Right::AddApplication]).await.unwrap_err().is_bad_token());
}

#[tokio::test]
async fn the_right_to_change_is_asked_with_a_name_that_is_none() {
    for version in VERSIONS {
        let server = without_rights(version).await;
        for target in [
            Target::Application("wiz"),
            Target::Provider("3"),
            Target::Source(SourceApi::Plex, "wizplex"),
            Target::IdentificationStage("s"),
        ] {
            assert_eq!(server.client().may_change(target).await.unwrap(), Some(false), "{version} {target:?}");
        }
    }
    let server = Server::json(400, json!({"name": ["Not a valid string."]})).await;
    assert_eq!(server.client().may_change(Target::Application("wiz")).await.unwrap(), Some(true));
    assert_eq!(server.requests()[0].json(), json!({"name": []}));
}
