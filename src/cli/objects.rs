//! What the objects in authentik are to be like, from options.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::access::AccessOption;
use crate::catalog::template::{BuiltinScope, ClientType, IssuerMode, MatchingMode, SubjectMode};
use crate::setup::answers::{KeyChoice, Options, RedirectUri};
use crate::setup::command::REGEX_PREFIX;

/// What stands above these options in the help.
pub(super) const HEADING: &str = "Objects in authentik, where they differ from the template";

/// What differs from the template's choice, and who may open the application.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = HEADING)]
pub struct ObjectOptions {
    /// The application's name
    #[arg(long)]
    pub name: Option<String>,
    /// The provider's name
    #[arg(long, value_name = "NAME")]
    pub provider_name: Option<String>,
    /// The heading under which the application stands
    #[arg(long, value_name = "HEADING")]
    pub group: Option<String>,
    /// Where the application's tile leads
    #[arg(long, value_name = "URL")]
    pub launch_url: Option<String>,
    /// The icon's address
    #[arg(long, value_name = "URL")]
    pub icon: Option<String>,
    /// The description on the tile
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Who may open the application: everyone, me, user:NAME, group:NAME or new-group:NAME; more than once for groups
    #[arg(long, value_name = "WHO")]
    pub access: Vec<AccessOption>,
    /// The subject mode: what `sub` is, by which the application knows a person
    #[arg(long, value_name = "MODE", value_parser = one_of(SubjectMode::ALL, SubjectMode::as_str))]
    pub subject_mode: Option<SubjectMode>,
    /// The issuer mode
    #[arg(long, value_name = "MODE", value_parser = one_of([IssuerMode::PerProvider, IssuerMode::Global], IssuerMode::as_str))]
    pub issuer_mode: Option<IssuerMode>,
    /// The client type
    #[arg(long, value_name = "TYPE", value_parser = one_of([ClientType::Confidential, ClientType::Public], ClientType::as_str))]
    pub client_type: Option<ClientType>,
    /// The key that signs tokens, by name or primary key; `new` makes one
    #[arg(long, value_name = "KEY")]
    pub signing_key: Option<String>,
    /// The built-in scopes, separated by commas
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', value_parser = one_of(BuiltinScope::ALL, BuiltinScope::scope))]
    pub scopes: Option<Vec<BuiltinScope>>,
    /// A redirect URI in place of the template's, once for each; `regex:` before it for a regular expression
    #[arg(long, value_name = "URI")]
    pub redirect_uri: Vec<String>,
    /// The authorization flow, by slug
    #[arg(long, value_name = "SLUG")]
    pub authorization_flow: Option<String>,
    /// The invalidation flow, by slug
    #[arg(long, value_name = "SLUG")]
    pub invalidation_flow: Option<String>,
    /// The enrollment flow of a login source, by slug
    #[arg(long, value_name = "SLUG")]
    pub enrollment_flow: Option<String>,
    /// The authentication flow of a login source, by slug
    #[arg(long, value_name = "SLUG")]
    pub authentication_flow: Option<String>,
    /// How long a code lives, such as minutes=1
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub code_lifetime: Option<String>,
    /// How long an access token lives
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub access_lifetime: Option<String>,
    /// How long a refresh token lives
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    pub refresh_lifetime: Option<String>,
    /// Send the secrets of a login source again where it exists: authentik does not show those it holds
    #[arg(long)]
    pub renew_secrets: bool,
}

impl ObjectOptions {
    /// What differs from the template's choice, but for the slug.
    pub(super) fn options(&self) -> Options {
        let key = |text: &String| if text == "new" { KeyChoice::New } else { KeyChoice::Existing(text.clone()) };
        Options {
            name: self.name.clone(),
            slug: None,
            provider_name: self.provider_name.clone(),
            group: self.group.clone(),
            launch_url: self.launch_url.clone(),
            icon: self.icon.clone(),
            description: self.description.clone(),
            sub_mode: self.subject_mode,
            signing_key: self.signing_key.as_ref().map(key),
            authorization_flow: self.authorization_flow.clone(),
            invalidation_flow: self.invalidation_flow.clone(),
            enrollment_flow: self.enrollment_flow.clone(),
            authentication_flow: self.authentication_flow.clone(),
            scopes: self.scopes.clone(),
            issuer_mode: self.issuer_mode,
            client_type: self.client_type,
            code_lifetime: self.code_lifetime.clone(),
            access_lifetime: self.access_lifetime.clone(),
            refresh_lifetime: self.refresh_lifetime.clone(),
            redirects: (!self.redirect_uri.is_empty()).then(|| self.redirect_uri.iter().map(|uri| redirect(uri)).collect()),
        }
    }
}

fn redirect(text: &str) -> RedirectUri {
    match text.strip_prefix(REGEX_PREFIX) {
        Some(pattern) => RedirectUri { uri: pattern.to_owned(), mode: MatchingMode::Regex },
        None => RedirectUri { uri: text.to_owned(), mode: MatchingMode::Strict },
    }
}

/// Reads one of `all` by its word. The help lists the words, shells complete them, and a slip gets the likest.
pub(super) fn one_of<T: Copy + Send + Sync + 'static, const N: usize>(
    all: [T; N],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.map(word))
        .map(move |typed| all.into_iter().find(|one| word(*one) == typed).expect("the parser lets nothing else through"))
}

/// Reads a lifetime.
fn lifetime(text: &str) -> Result<String, String> {
    crate::setup::lifetime::check(text).map(|()| text.to_owned())
}
