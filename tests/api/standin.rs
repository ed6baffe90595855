//! The client against the stand-in, as every version that it knows: what one call leaves, the next one finds.

use akwiz::authentik::address::Address;
use akwiz::authentik::bodies::{self, Made, Object};
use akwiz::authentik::connect::probe;
use akwiz::authentik::facts::Wanted;
use akwiz::authentik::plex_tv::{Code, PlexError, PlexTv, client_identifier};
use akwiz::authentik::problem::Problem;
use akwiz::authentik::rights::{Right, Target};
use akwiz::authentik::transaction::Transaction;
use akwiz::authentik::{ApiError, Client, Trust};
use akwiz::catalog::template::SourceApi;
use akwiz::demo::{DuplicateName, Fault, Matcher, Options, PlexOptions, Seed, StandIn, Version};
use akwiz::setup::facts::{Facts, OAUTH2_COMPONENT};
use akwiz::setup::setting::{Change, Field, Ref, Setting, SettingValue, Settings};
use serde_json::{Map, Value, json};
use std::time::Duration;
use url::Url;

use crate::server::quick;

async fn start(version: Version) -> StandIn {
    StandIn::start(Options { version, ..Options::default() }).await.unwrap()
}

async fn client(stand_in: &StandIn) -> Client {
    let found = probe(&Address::parse(stand_in.base_url()).unwrap(), &Trust::default(), quick()).await.unwrap();
    found.client.signed_in(stand_in.token()).unwrap()
}

async fn facts(client: &Client, slugs: &[&str], source: bool) -> Facts {
    let public = Url::parse("https://auth.example.com/").unwrap();
    let source = source.then_some(SourceApi::Plex);
    client.facts(&Wanted { slugs, source, public: &public, version: None }).await.unwrap()
}

fn flow(facts: &Facts, slug: &str) -> SettingValue {
    let flow = facts.flows.iter().find(|flow| flow.slug == slug).unwrap();
    SettingValue::Ref(Ref::existing(&flow.pk, &flow.slug))
}

fn plain(fields: Vec<(Field, SettingValue)>) -> Settings {
    fields.into_iter().map(|(field, value)| (field, Setting::plain(value))).collect()
}

/// A transaction as a plan would make it for this server.
fn transaction(facts: &Facts, slug: &str, client_id: &str) -> Transaction {
    let text = |text: &str| SettingValue::Text(text.to_owned());
    let provider = plain(vec![
        (Field::Name, text(slug)),
        (Field::ClientType, text("confidential")),
        (Field::ClientId, text(client_id)),
        (Field::ClientSecret, SettingValue::Secret("s3cret".to_owned().into())),
        (Field::RedirectUris, SettingValue::Redirects(vec![redirect("https://app.example.com/callback")])),
        (Field::SubjectMode, text("hashed_user_id")),
        (Field::GrantTypes, SettingValue::Words(vec!["authorization_code".into(), "refresh_token".into()])),
        (Field::AuthorizationFlow, flow(facts, "default-provider-authorization-implicit-consent")),
        (Field::InvalidationFlow, flow(facts, "default-provider-invalidation-flow")),
        (Field::RefreshThreshold, text("hours=1")),
        (Field::AuthenticationFlow, SettingValue::Null),
    ]);
    let application = plain(vec![(Field::Name, text("An application")), (Field::Slug, text(slug))]);
    let body = |object, settings| bodies::create(object, settings, &facts.capabilities, &Made::new()).unwrap();
    Transaction {
        app: body(Object::Application, &application),
        provider: body(Object::Provider, &provider),
        bindings: Vec::new(),
    }
}

fn redirect(uri: &str) -> akwiz::setup::setting::RedirectEntry {
    let redirect =
        akwiz::setup::answers::RedirectUri { uri: uri.to_owned(), mode: akwiz::catalog::template::MatchingMode::Strict };
    akwiz::setup::setting::RedirectEntry { redirect, raw: None }
}

#[tokio::test]
async fn the_probe_finds_each_version_before_any_token() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let found = probe(&Address::parse(stand_in.base_url()).unwrap(), &Trust::default(), quick()).await.unwrap();
        let wanted = akwiz::setup::facts::Version::parse(version.number());
        assert_eq!(found.version, wanted, "{version:?}");
        let client = found.client.signed_in(stand_in.token()).unwrap();
        assert_eq!(client.version().await.unwrap(), wanted, "{version:?}");
        assert_eq!(client.me().await.unwrap().username, "akadmin", "{version:?}");
    }
}

#[tokio::test]
async fn facts_are_those_of_the_version() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let client = client(&stand_in).await;
        let facts = facts(&client, &["portainer-new"], false).await;
        assert!(facts.gaps.is_empty(), "{version:?}: {:?}", facts.gaps);
        assert!(facts.existing.is_empty() && !facts.applications.is_empty() && !facts.flows.is_empty(), "{version:?}");
        let grants = version >= Version::V2026_5;
        assert_eq!(facts.capabilities.grant_types, grants, "{version:?}");
        assert_eq!(facts.capabilities.icon_in_body, version >= Version::V2025_12, "{version:?}");
    }
}

#[tokio::test]
async fn what_was_made_is_found_by_client_id_and_slug() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let client = client(&stand_in).await;
        let before = facts(&client, &["made"], false).await;
        client.create(transaction(&before, "made", "client-made")).await.unwrap();
        let (provider, application) = (
            client.provider_by_client_id("client-made").await.unwrap().unwrap(),
            client.application("made").await.unwrap().unwrap(),
        );
        assert_eq!(application.fields.provider.as_deref(), Some(provider.fields.pk.as_str()), "{version:?}");
        assert_eq!(provider.fields.grant_types.is_some(), version >= Version::V2026_5, "{version:?}");
        let urls = client.setup_urls(&provider.fields.pk).await.unwrap();
        assert!(urls.issuer.ends_with("/application/o/made/"), "{version:?}");
        let after = facts(&client, &["Made"], false).await;
        let existing = &after.existing[0];
        assert_eq!(existing.provider.as_ref().unwrap().text(Field::ClientId), Some("client-made"), "{version:?}");
    }
}

#[tokio::test]
async fn a_taken_slug_name_or_client_id_is_told() {
    for version in Version::ALL {
        for duplicate_name in [DuplicateName::Provider, DuplicateName::Application] {
            let stand_in = StandIn::start(Options { version, duplicate_name, ..Options::default() }).await.unwrap();
            let client = client(&stand_in).await;
            let facts = facts(&client, &[], false).await;
            client.create(transaction(&facts, "taken", "client-taken")).await.unwrap();
            let mut again = transaction(&facts, "taken", "client-2");
            again.provider.insert("name".into(), "another".into());
            assert_eq!(client.create(again).await.unwrap_err().problem(), Some(Problem::SlugTaken), "{version:?}");
            let mut again = transaction(&facts, "taken", "client-3");
            again.app.insert("slug".into(), "another".into());
            assert_eq!(client.create(again).await.unwrap_err().problem(), Some(Problem::ProviderNameTaken), "{version:?}");
            let again = transaction(&facts, "another", "client-taken");
            assert_eq!(client.create(again).await.unwrap_err().problem(), Some(Problem::ClientIdTaken), "{version:?}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_found() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let client = client(&stand_in).await;
        let facts = facts(&client, &[], false).await;
        for (fault, made) in [(Fault::DropAfter, true), (Fault::DropBefore, false)] {
            stand_in.fail_next(Matcher::new("PUT", "transactional"), fault);
            let id = format!("client-{made}");
            let error = client.create(transaction(&facts, &format!("lost-{made}"), &id)).await.unwrap_err();
            assert!(matches!(error, ApiError::WriteUnknown { .. }), "{version:?}: {error:?}");
            assert_eq!(client.provider_by_client_id(&id).await.unwrap().is_some(), made, "{version:?}");
        }
        let writes = stand_in.log().iter().filter(|logged| logged.is_write()).count();
        assert_eq!(writes, 2, "{version:?}: a write is never repeated");
        stand_in.fail_next(Matcher::new("PUT", "transactional"), Fault::NotApplied);
        let refused = client.create(transaction(&facts, "never", "client-never")).await.unwrap_err();
        assert!(!refused.outcome_unknown() && refused.status() == Some(400), "{version:?}");
    }
}

#[tokio::test]
async fn a_change_keeps_everything_that_it_does_not_name() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let client = client(&stand_in).await;
        let before = facts(&client, &[], false).await;
        client.create(transaction(&before, "changed", "client-changed")).await.unwrap();
        let found = facts(&client, &["changed"], false).await.existing.remove(0).provider.unwrap();
        let from = found.settings[&Field::RedirectUris].clone();
        let SettingValue::Redirects(mut entries) = from.clone() else { panic!("{from:?}") };
        entries.push(redirect("https://app.example.com/second"));
        let change = Change { field: Field::RedirectUris, from, to: SettingValue::Redirects(entries), why: None };
        let body = bodies::change(Object::Provider, &[change], &before.capabilities, &Made::new()).unwrap();
        assert_eq!(body.keys().collect::<Vec<_>>(), ["redirect_uris"]);
        let old = client.provider(&found.pk).await.unwrap().unwrap();
        let new = client.change_provider(&old.fields, &body).await.unwrap();
        assert_eq!(new.fields.redirect_uris.len(), 2, "{version:?}");
        let rest = |raw: &akwiz::authentik::wire::Raw| -> Map<String, Value> {
            raw.0.iter().filter(|(key, _)| *key != "redirect_uris").map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        assert_eq!(rest(&new.raw), rest(&old.raw), "{version:?}");
    }
}

#[tokio::test]
async fn a_proxy_provider_is_seen_and_left_alone() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let client = client(&stand_in).await;
        let lists = facts(&client, &[], false).await;
        let proxy = lists.providers.iter().find(|provider| provider.component != OAUTH2_COMPONENT).unwrap();
        let slug = proxy.application.clone().unwrap();
        let existing = facts(&client, &[&slug], false).await.existing.remove(0);
        assert!(existing.provider.is_none() && existing.untouchable.is_some(), "{version:?}");
        if let Some(looks_alike) = client.provider(&proxy.pk).await.unwrap() {
            let refused =
                client.change_provider(&looks_alike.fields, &Map::from_iter([("sub_mode".into(), json!("user_email"))])).await;
            assert!(matches!(refused, Err(ApiError::Unusable(_))), "{version:?}");
        }
        assert!(stand_in.log().iter().all(|logged| !logged.is_write()), "{version:?}");
    }
}

#[tokio::test]
async fn each_right_that_is_dropped_is_named() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let anonymous = client(&stand_in).await;
        let all: Vec<Right> =
            Right::FOR_APPLICATIONS.into_iter().chain([Right::AddCertificate, Right::AddSource(SourceApi::Plex)]).collect();
        for dropped in &all {
            let rights: Vec<&str> = all.iter().filter(|right| *right != dropped).map(|right| right.codename()).collect();
            let client = anonymous.signed_in(stand_in.token_with(&rights)).unwrap();
            let me = client.me().await.unwrap();
            assert!(!me.is_superuser && !me.is_a_person());
            let found = client.rights(&me, &all).await.unwrap();
            assert_eq!((found.missing, found.unknown), (vec![*dropped], Vec::new()), "{version:?}");
        }
    }
}

#[tokio::test]
async fn asking_for_rights_writes_nothing() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let admin = client(&stand_in).await;
        let before = facts(&admin, &[], false).await;
        admin.create(transaction(&before, "there", "client-there")).await.unwrap();
        let all = [
            Right::AddApplication,
            Right::AddProvider,
            Right::AddBinding,
            Right::AddCertificate,
            Right::AddGroup,
            Right::AddScopeMapping,
            Right::AddSource(SourceApi::Plex),
        ];
        let mut held: Vec<&str> = all.iter().map(|right| right.codename()).collect();
        held.extend(["authentik_core.view_application", "authentik_core.change_application"]);
        let client = admin.signed_in(stand_in.token_with(&held)).unwrap();
        let state = stand_in.state();
        let rights = client.rights(&client.me().await.unwrap(), &all).await.unwrap();
        assert_eq!(rights.held, all, "{version:?}");
        assert_eq!(client.may_change(Target::Application("there")).await.unwrap(), Some(true), "{version:?}");
        assert_eq!(client.may_change(Target::Provider("1")).await.unwrap(), Some(false), "{version:?}");
        let provider = ("authentik_providers_oauth2.change_oauth2provider", "Can change OAuth2/OpenID Provider");
        assert_eq!(client.refused_changes(false).await.unwrap(), [provider], "{version:?}");
        assert_eq!(client.refused_changes(true).await.unwrap(), [], "{version:?}: a superuser has every right");
        assert_eq!(stand_in.state(), state, "{version:?}");
    }
}

#[tokio::test]
async fn a_key_is_made_and_its_name_is_unique() {
    for version in Version::ALL {
        let stand_in = start(version).await;
        let client = client(&stand_in).await;
        let key = client.generate_rsa_key("auth.example.com", &["auth.example.com".into()], 3650).await.unwrap();
        assert!(client.signing_keys().await.unwrap().iter().any(|known| known.pk == key.pk), "{version:?}");
        let again = client.generate_rsa_key("auth.example.com", &[], 3650).await.unwrap_err();
        assert_eq!(again.problem(), Some(Problem::NameTaken), "{version:?}");
        client.delete_certificate(&key.pk).await.unwrap();
        client.delete_certificate(&key.pk).await.unwrap();
    }
}

#[tokio::test]
async fn a_plex_source_from_the_pin_to_the_login_page() {
    for version in Version::ALL {
        let stand_in = StandIn::start(Options { version, seed: Seed::Fresh, ..Options::default() }).await.unwrap();
        let plex = PlexTv::with_timeouts(&Url::parse(stand_in.plex_url()).unwrap(), client_identifier(), quick()).unwrap();
        let pin = plex.create_pin(Code::Short).await.unwrap();
        assert!(plex.poll(&pin).await.unwrap().is_none(), "{version:?}");
        let token = plex.wait(&pin, Duration::from_millis(1)).await.unwrap();
        let servers = plex.servers(&token).await.unwrap();
        assert!(!servers.is_empty(), "{version:?}");

        let client = client(&stand_in).await;
        let before = facts(&client, &["plex"], true).await;
        assert!(before.existing_source.is_none(), "{version:?}");
        let stage = before.identification_stages.iter().find(|stage| stage.in_login_flow).unwrap();
        let settings = plain(vec![
            (Field::Name, SettingValue::Text("Plex".into())),
            (Field::Slug, SettingValue::Text("plex".into())),
            (Field::ClientId, SettingValue::Text(plex.client_identifier().into())),
            (Field::AllowedServers, SettingValue::Words(vec![servers[0].id.clone()])),
            (Field::AllowFriends, SettingValue::Bool(false)),
            (Field::AuthenticationFlow, flow(&before, "default-source-authentication")),
            (Field::EnrollmentFlow, flow(&before, "default-source-enrollment")),
            (Field::UserMatching, SettingValue::Text("identifier".into())),
            (Field::PlexToken, SettingValue::Secret(token)),
        ]);
        let body = bodies::create(Object::Source(SourceApi::Plex), &settings, &before.capabilities, &Made::new()).unwrap();
        let source = client.create_source(SourceApi::Plex, &body).await.unwrap();
        let shown = client.add_source_to_stage(&stage.pk, &source.pk).await.unwrap();
        assert!(shown.sources.contains(&source.pk), "{version:?}");
        let found = facts(&client, &["PLEX"], true).await.existing_source.unwrap();
        assert_eq!(found.pk, source.pk, "{version:?}");
        client.remove_source_from_stage(&stage.pk, &source.pk).await.unwrap();
        client.delete_source(SourceApi::Plex, "plex", &source.pk).await.unwrap();
        assert!(client.source(SourceApi::Plex, "plex").await.unwrap().is_none(), "{version:?}");
    }
}

#[tokio::test]
async fn a_plex_pin_that_runs_out_is_said_so() {
    let plex = PlexOptions { polls: 1, expires: true };
    let stand_in = StandIn::start(Options { plex, ..Options::default() }).await.unwrap();
    let plex = PlexTv::with_timeouts(&Url::parse(stand_in.plex_url()).unwrap(), client_identifier(), quick()).unwrap();
    let pin = plex.create_pin(Code::Short).await.unwrap();
    assert!(matches!(plex.wait(&pin, Duration::from_millis(1)).await, Err(PlexError::Expired)));
}
