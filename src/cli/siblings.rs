//! What belongs to an application besides itself: the other applications of a product that has several, and providers of other kinds.

use futures_util::future::try_join_all;
use serde_json::Value as Json;

use super::target::is_about;
use crate::catalog::load::Catalog;
use crate::catalog::render::Engine;
use crate::catalog::template::Template;
use crate::catalog::value::Scope;
use crate::error::Result;
use crate::receipts::Listing;
use crate::setup::export::Pair;
use crate::setup::facts::OAUTH2_COMPONENT;
use crate::setup::receipt::Receipt;

/// The slugs that receipts name together with the application of `pair`, which still is the one that they are about.
pub(super) fn recorded(listing: &Listing, server: &str, pair: &Pair) -> Vec<String> {
    let about = listing.receipts.iter().filter(|receipt| is_about(receipt, pair.slug(), client_id(pair), server));
    let mut slugs: Vec<String> = Vec::new();
    for slug in about.flat_map(Receipt::slugs) {
        if slug != pair.slug() && !slugs.iter().any(|known| known == slug) {
            slugs.push(slug.to_owned());
        }
    }
    slugs
}

/// Adds to `pairs` those that receipts name together with one of them, and gives a sentence for each. `read` gives an application by its
/// slug, if it is there.
///
/// # Errors
/// When one cannot be read.
pub(super) async fn add<F: Future<Output = Result<Option<Pair>>>>(
    pairs: &mut Vec<Pair>,
    listing: &Listing,
    server: &str,
    read: impl Fn(String) -> F,
) -> Result<Vec<String>> {
    let mut wanted: Vec<(String, String)> = Vec::new();
    for pair in pairs.iter() {
        for slug in recorded(listing, server, pair) {
            if !pairs.iter().any(|known| known.slug() == slug) && !wanted.iter().any(|(known, _)| *known == slug) {
                wanted.push((slug, pair.slug().to_owned()));
            }
        }
    }
    let found = try_join_all(wanted.iter().map(|(slug, _)| read(slug.clone()))).await?;
    let mut sentences = Vec::new();
    for (sibling, (slug, of)) in found.into_iter().zip(wanted) {
        // Another application can have taken the slug since.
        let Some(sibling) = sibling.filter(|sibling| recorded(listing, server, sibling).contains(&of)) else { continue };
        sentences.push(format!("“{slug}” is in it, too: it was made together with “{of}”. Leave it out with --only."));
        pairs.push(sibling);
    }
    Ok(sentences)
}

/// What belongs to the exported applications, and is not in the text: one sentence each. `all` are the slugs of the server.
pub(super) fn left_out(pairs: &[Pair], catalog: &Catalog, all: &[String]) -> Vec<String> {
    let mut sentences: Vec<String> = pairs.iter().flat_map(of_pair).collect();
    let engine = Engine::new();
    for template in catalog.iter().filter(|template| template.part.len() > 1) {
        let own = slugs(&engine, template);
        if !pairs.iter().any(|pair| own.iter().any(|slug| slug == pair.slug())) {
            continue;
        }
        let missing = own.iter().filter(|slug| all.contains(slug) && !pairs.iter().any(|pair| pair.slug() == *slug));
        sentences.extend(missing.map(|slug| {
            format!("“{slug}” is not in it, and looks as if it were of the same {}. If so, name it as well.", template.name)
        }));
    }
    sentences
}

/// The slugs that a template's applications have where nobody gave them others.
fn slugs(engine: &Engine, template: &Template) -> Vec<String> {
    let slug = |text| engine.plain(text, &Scope::default()).ok();
    template.parts().iter().filter_map(|part| part.application.slug.as_ref().and_then(slug)).collect()
}

fn of_pair(pair: &Pair) -> Vec<String> {
    let (application, slug) = (&pair.application, pair.slug());
    let mut sentences = Vec::new();
    let kind = &application.get("provider_obj").unwrap_or(&Json::Null);
    if kind["component"].as_str().is_some_and(|component| !component.is_empty() && component != OAUTH2_COMPONENT) {
        let kind = kind["verbose_name"].as_str().unwrap_or("other");
        sentences.push(format!("The provider of “{slug}” is not in it: it is no OAuth2/OpenID provider but a {kind}."));
    }
    match application.get("backchannel_providers").and_then(Json::as_array).map_or(0, Vec::len) {
        0 => {}
        1 => sentences.push(format!("The backchannel provider of “{slug}” is not in it, only that there is one.")),
        count => {
            sentences.push(format!("The {count} backchannel providers of “{slug}” are not in it, only that there are some."));
        }
    }
    let redirects = pair.provider.as_ref().and_then(|provider| provider.get("redirect_uris")?.as_array());
    let stands_in =
        |uri: &&str| url::Url::parse(uri).is_ok_and(|uri| uri.host_str().is_some_and(|host| host.ends_with(".invalid")));
    if let Some(uri) = redirects.into_iter().flatten().filter_map(|entry| entry["url"].as_str()).find(stands_in) {
        sentences.push(format!(
            "“{slug}” waits for its second pass: {uri} stands in for a redirect URI that is not known yet. To add it: akwiz update {slug}"
        ));
    }
    sentences
}

fn client_id(pair: &Pair) -> Option<&str> {
    pair.provider.as_ref()?.get("client_id")?.as_str()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pair(application: &Json, provider: &Json) -> Pair {
        Pair { application: application.as_object().unwrap().clone(), provider: provider.as_object().cloned(), ..Pair::default() }
    }

    #[test]
    fn what_is_left_out_is_said() {
        let catalog = Catalog::built_in();
        let all = ["owncloud", "owncloud-ios", "wiki"].map(str::to_owned);
        let plain = pair(&json!({"slug": "wiki"}), &Json::Null);
        assert_eq!(left_out(&[plain], &catalog, &all), [""; 0]);
        let one = pair(&json!({"slug": "owncloud"}), &json!({"redirect_uris": [{"url": "https://x.example/cb"}]}));
        assert_eq!(
            left_out(&[one], &catalog, &all),
            ["“owncloud-ios” is not in it, and looks as if it were of the same ownCloud. If so, name it as well."]
        );
        let other = json!({
            "slug": "wiki", "backchannel_providers": [9],
            "provider_obj": {"component": "ak-provider-proxy-form", "verbose_name": "Proxy Provider"},
        });
        assert_eq!(
            left_out(&[pair(&other, &Json::Null)], &catalog, &all),
            [
                "The provider of “wiki” is not in it: it is no OAuth2/OpenID provider but a Proxy Provider.",
                "The backchannel provider of “wiki” is not in it, only that there is one.",
            ]
        );
        let late = pair(&json!({"slug": "wiki"}), &json!({"redirect_uris": [{"url": "https://late.invalid/cb"}]}));
        assert!(left_out(&[late], &catalog, &all)[0].contains("https://late.invalid/cb stands in"));
    }
}
