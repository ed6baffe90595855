//! What was decided, as a receipt records it, and back: later commands need not ask again. Secrets are left out.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::answers::{Answers, Input, KeyChoice, Options, RedirectUri};
use super::facts::Existing;
use super::pem;
use super::receipt::Receipt;
use super::setting::Field;
use crate::catalog::template::{BuiltinScope, ClientType, IssuerMode, MatchingMode, SubjectMode};

/// Options that are texts, with the names under which they are recorded.
const TEXTS: [(&str, TextOf); 14] = [
    ("name", |options| &mut options.name),
    ("slug", |options| &mut options.slug),
    ("provider_name", |options| &mut options.provider_name),
    ("group", |options| &mut options.group),
    ("launch_url", |options| &mut options.launch_url),
    ("icon", |options| &mut options.icon),
    ("description", |options| &mut options.description),
    ("authorization_flow", |options| &mut options.authorization_flow),
    ("invalidation_flow", |options| &mut options.invalidation_flow),
    ("enrollment_flow", |options| &mut options.enrollment_flow),
    ("authentication_flow", |options| &mut options.authentication_flow),
    ("code_lifetime", |options| &mut options.code_lifetime),
    ("access_lifetime", |options| &mut options.access_lifetime),
    ("refresh_lifetime", |options| &mut options.refresh_lifetime),
];

type TextOf = fn(&mut Options) -> &mut Option<String>;

/// The answers that can be shown, by question.
pub fn recorded_answers(answers: &Answers) -> IndexMap<String, Json> {
    let json = |input: &Input| match input {
        Input::Text(text) => (text != pem::HELD).then(|| Json::from(text.as_str())),
        Input::Toggle(on) => Some(Json::from(*on)),
        Input::List(items) => Some(Json::from(items.clone())),
        Input::Secret(_) => None,
    };
    answers.given.iter().filter_map(|(question, given)| Some((question.clone(), json(&given.input)?))).collect()
}

/// What differs from the template's choice, by option.
pub fn recorded_options(options: &Options) -> IndexMap<String, Json> {
    let mut options = options.clone();
    let mut recorded = IndexMap::new();
    for (name, text) in TEXTS {
        if let Some(text) = text(&mut options).take() {
            recorded.insert(name.to_owned(), Json::from(text));
        }
    }
    let mut add = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            recorded.insert(name.to_owned(), value);
        }
    };
    add("sub_mode", options.sub_mode.map(|mode| mode.as_str().into()));
    add("issuer_mode", options.issuer_mode.map(|mode| mode.as_str().into()));
    add("client_type", options.client_type.map(|kind| kind.as_str().into()));
    // A new key is an existing one the next time, and the plan finds it.
    add(
        "signing_key",
        options.signing_key.and_then(|key| match key {
            KeyChoice::Existing(pk) => Some(pk.into()),
            KeyChoice::New => None,
        }),
    );
    add("scopes", options.scopes.map(|scopes| scopes.into_iter().map(BuiltinScope::scope).collect()));
    let redirect = |uri: RedirectUri| json!({"uri": uri.uri, "mode": uri.mode.as_str()});
    add("redirects", options.redirects.map(|uris| uris.into_iter().map(redirect).collect()));
    recorded
}

/// The options that were recorded. What this build does not know is left out.
pub fn recalled_options(recorded: &IndexMap<String, Json>) -> Options {
    let word = |name: &str| recorded.get(name).and_then(Json::as_str);
    let list = |name: &str| recorded.get(name).and_then(Json::as_array);
    let mut options = Options::default();
    for (name, text) in TEXTS {
        *text(&mut options) = word(name).map(str::to_owned);
    }
    options.sub_mode = word("sub_mode").and_then(SubjectMode::from_wire);
    options.issuer_mode = word("issuer_mode").and_then(issuer_mode);
    options.client_type = word("client_type").and_then(client_type);
    options.signing_key = word("signing_key").map(|pk| KeyChoice::Existing(pk.to_owned()));
    let scope = |name: &Json| BuiltinScope::ALL.into_iter().find(|scope| Some(scope.scope()) == name.as_str());
    options.scopes = list("scopes").map(|scopes| scopes.iter().filter_map(scope).collect());
    options.redirects = list("redirects").map(|uris| uris.iter().filter_map(redirect).collect());
    options
}

/// `newer`, and what it leaves open from `older`.
pub fn overlaid(older: &Options, newer: &Options) -> Options {
    let mut recorded = recorded_options(older);
    recorded.extend(recorded_options(newer));
    let mut options = recalled_options(&recorded);
    if newer.signing_key.is_some() {
        options.signing_key.clone_from(&newer.signing_key);
    }
    options
}

/// The answers of a receipt's run.
pub fn recalled(receipt: &Receipt) -> Answers {
    let mut answers = Answers::new(receipt.template.clone());
    let text = |value: &Json| value.as_str().map(str::to_owned);
    for (question, value) in &receipt.answers {
        let input = match value {
            Json::String(text) => Input::Text(text.clone()),
            Json::Bool(on) => Input::Toggle(*on),
            Json::Array(items) => Input::List(items.iter().filter_map(text).collect()),
            _ => continue,
        };
        answers.give(question, input);
    }
    answers.options = recalled_options(&receipt.options);
    answers
}

/// What the application's side has to know of what exists, whatever was decided: which issuer, and whether there is a secret.
pub fn observe(existing: &Existing, options: &mut Options) {
    let Some(provider) = &existing.provider else { return };
    options.issuer_mode = provider.text(Field::IssuerMode).and_then(issuer_mode).or(options.issuer_mode);
    options.client_type = provider.text(Field::ClientType).and_then(client_type).or(options.client_type);
}

/// The issuer mode that authentik calls so.
pub fn issuer_mode(word: &str) -> Option<IssuerMode> {
    [IssuerMode::PerProvider, IssuerMode::Global].into_iter().find(|mode| mode.as_str() == word)
}

fn client_type(word: &str) -> Option<ClientType> {
    [ClientType::Confidential, ClientType::Public].into_iter().find(|kind| kind.as_str() == word)
}

fn redirect(value: &Json) -> Option<RedirectUri> {
    let mode = match value["mode"].as_str()? {
        "strict" => MatchingMode::Strict,
        "regex" => MatchingMode::Regex,
        _ => return None,
    };
    Some(RedirectUri { uri: value["uri"].as_str()?.to_owned(), mode })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Options {
        let text = |text: &str| Some(text.to_owned());
        Options {
            name: text("X"),
            slug: text("x"),
            provider_name: text("P"),
            group: text(""),
            launch_url: text("blank://blank"),
            icon: text("fa://fa-cube"),
            description: text("d"),
            sub_mode: Some(SubjectMode::UserEmail),
            signing_key: Some(KeyChoice::Existing("k".into())),
            authorization_flow: text("a"),
            invalidation_flow: text("i"),
            enrollment_flow: text("e"),
            authentication_flow: text("u"),
            scopes: Some(vec![BuiltinScope::Openid, BuiltinScope::Api]),
            issuer_mode: Some(IssuerMode::Global),
            client_type: Some(ClientType::Public),
            code_lifetime: text("minutes=1"),
            access_lifetime: text("minutes=2"),
            refresh_lifetime: text("days=3"),
            redirects: Some(vec![
                RedirectUri { uri: "https://x/".into(), mode: MatchingMode::Strict },
                RedirectUri { uri: ".*".into(), mode: MatchingMode::Regex },
            ]),
        }
    }

    #[test]
    fn every_option_comes_back() {
        assert_eq!(recalled_options(&recorded_options(&all())), all());
        assert_eq!(recalled_options(&recorded_options(&Options::default())), Options::default());
    }

    #[test]
    fn the_newer_option_wins() {
        let newer = Options { slug: Some("y".into()), signing_key: Some(KeyChoice::New), ..Options::default() };
        let expected = Options { slug: Some("y".into()), signing_key: Some(KeyChoice::New), ..all() };
        assert_eq!(overlaid(&all(), &newer), expected);
    }

    #[test]
    fn secrets_are_not_recorded() {
        let mut answers = Answers::new("x");
        answers.give("key", Input::Secret("canary".into()));
        answers.give("on", Input::Toggle(true));
        assert_eq!(recorded_answers(&answers).keys().collect::<Vec<_>>(), ["on"]);
    }
}
