//! The facts as they lie in their files; only what is compared.

use std::path::Path;

use regex::Regex;
use serde::Deserialize;

/// An application with its OpenID Connect methods.
#[derive(Debug, Deserialize)]
pub struct Fact {
    pub id: String,
    pub methods: Vec<Method>,
}

#[derive(Debug, Deserialize)]
pub struct Method {
    #[serde(default)]
    pub variables: Vec<Variable>,
    #[serde(default)]
    pub redirect_uris: Vec<RedirectUri>,
    pub client_type: Option<String>,
    pub signing_key: Option<String>,
    pub encryption_key: Option<String>,
    pub sub_mode: Option<String>,
    pub issuer_mode: Option<String>,
    pub include_claims_in_id_token: Option<bool>,
    #[serde(default)]
    pub extra_scope_mappings: Vec<ExtraMapping>,
    #[serde(default)]
    pub app_scopes: Vec<String>,
    pub launch_url: Option<String>,
    pub slug: Option<String>,
    pub logout: Option<Logout>,
    pub token_validity: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Variable {
    pub name: String,
    pub default: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct RedirectUri {
    pub matching_mode: String,
    pub url: String,
    #[serde(default)]
    pub optional: bool,
    /// Only under this condition.
    pub when: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct ExtraMapping {
    pub scope: String,
    pub managed: Option<String>,
    pub replaces: Option<String>,
    #[serde(default)]
    pub optional: bool,
}

#[derive(Debug, Deserialize)]
pub struct Logout {
    pub uri: String,
    pub method: String,
}

impl Fact {
    /// Every application with OpenID Connect, by id.
    pub fn all(folder: &Path) -> Vec<Self> {
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let mut facts = Vec::new();
        for file in files {
            let source = std::fs::read_to_string(&file).unwrap();
            let value: serde_json::Value = serde_json::from_str(&source).unwrap();
            let mut value = value.as_object().unwrap().clone();
            let methods = value["methods"].as_array_mut().unwrap();
            methods.retain(|method| method["protocol"] == "oidc");
            if !methods.is_empty() {
                let parsed = serde_json::from_value(value.into()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                facts.push(parsed);
            }
        }
        facts
    }
}

/// What the facts' variables stand for in one plan.
#[derive(Debug, Default)]
pub struct Variables {
    /// Regular expressions by name.
    known: Vec<(String, String)>,
}

impl Variables {
    /// A variable has one of these values.
    pub fn set(&mut self, name: &str, values: &[String]) {
        let values: Vec<String> = values.iter().map(|value| regex::escape(value)).collect();
        self.known.push((name.to_owned(), format!("(?:{})", values.join("|"))));
    }

    /// Whether a value is what the facts say, whatever stands for variables that no question asks for.
    pub fn fit(&self, fact: &str, value: &str) -> bool {
        let variable = Regex::new(r"\{(\w+)\}").unwrap();
        // The facts write https:// for wherever the application is.
        let fact = fact.replace("https://{app_host}", "{app_base}");
        let mut pattern = String::from("^");
        let mut at = 0;
        for found in variable.captures_iter(&fact) {
            let whole = found.get(0).unwrap();
            pattern += &regex::escape(&fact[at..whole.start()]);
            let known = self.known.iter().find(|(name, _)| *name == found[1]);
            pattern += known.map_or("[^/?#]+", |(_, known)| known.as_str());
            at = whole.end();
        }
        pattern += &regex::escape(&fact[at..]);
        Regex::new(&(pattern + "$")).unwrap().is_match(value)
    }
}
