//! Whether a person gets in, and as what: authentik's own answers for that person.

use std::future::Future;

use futures_util::future::join;
use serde_json::{Map, Value};

use super::expectation::Claim;
use super::target::{Person, Target};
use super::tick::{Detail, Id, Mark, Mend, Tick};
use crate::authentik::providers::Provider;
use crate::authentik::text::clean;
use crate::authentik::users::User;
use crate::authentik::{ApiError, Client};
use crate::catalog::template::BuiltinScope;
use crate::error::Error;
use crate::setup::fix::Fix;
use crate::setup::plan::Bind;
use crate::setup::setting::Ref;

/// What the claims are read from.
const AT: &str = "authentik's preview of the claims";

/// Claims that say nothing about the person.
const TECHNICAL: [&str; 11] = ["iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid", "jti", "azp"];

/// Whose claims are shown.
#[derive(Debug, Clone)]
pub(super) struct Who {
    user: User,
    /// It is the token's own user.
    is_me: bool,
    /// The token's own user may ask about anybody.
    may_ask: bool,
    /// Somebody named the person.
    chosen: bool,
}

impl Who {
    fn name(&self) -> String {
        clean(if self.user.name.is_empty() { &self.user.username } else { &self.user.name })
    }

    /// The key for requests about somebody else than the token's own user.
    fn key(&self) -> Option<&str> {
        (!self.is_me).then_some(self.user.pk.as_str())
    }
}

/// Why there is nobody to look at.
#[derive(Debug, Clone)]
pub(super) struct Nobody {
    why: String,
    /// Somebody was named who is certainly not there.
    is_wrong: bool,
}

/// Finds the person, or says why there is none.
pub(super) async fn who(client: &Client, person: &Person) -> Result<Who, Nobody> {
    let nobody = |why: String| Nobody { why, is_wrong: false };
    let plain = |error: ApiError| nobody(Error::from(error).message);
    let Person::Named(name) = person else {
        let me = client.me().await.map_err(plain)?;
        if !me.is_a_person() {
            let why = "The token belongs to a service account. Choose a person to see what the application sees of them.";
            return Err(nobody(why.to_owned()));
        }
        return Ok(Who { may_ask: me.is_superuser, user: me, is_me: true, chosen: false });
    };
    let (me, found) = futures_util::join!(client.me(), client.user_named(name));
    let me = me.map_err(plain)?;
    if me.username == *name {
        return Ok(Who { may_ask: me.is_superuser, user: me, is_me: true, chosen: true });
    }
    match found {
        Ok(Some(user)) => Ok(Who { user, is_me: false, may_ask: me.is_superuser, chosen: true }),
        Ok(None) if me.is_superuser => {
            Err(Nobody { why: format!("There is no user “{}” in authentik.", clean(name)), is_wrong: true })
        }
        Ok(None) => Err(nobody(format!("There is no user “{}” in authentik, or this token may not see them.", clean(name)))),
        Err(error) => Err(plain(error)),
    }
}

/// Whether the person may open the application.
pub(super) async fn access(client: &Client, target: &Target, who: &Result<Who, Nobody>) -> Tick {
    let at = "authentik's check of access";
    let who = match who {
        Ok(who) => who,
        Err(Nobody { why, is_wrong: true }) => {
            return Tick::warning(Id::Access, at, why.as_str(), "Choose somebody by the user name that authentik has.");
        }
        Err(Nobody { why, .. }) => return Tick::skipped(Id::Access, at, why),
    };
    let name = who.name();
    if !who.user.is_active {
        let mend = "Set the account to active in authentik.";
        return Tick::warning(Id::Access, at, format!("{name}'s account is deactivated, so nobody can sign in with it."), mend);
    }
    if !who.is_me && !who.may_ask {
        return Tick::skipped(Id::Access, at, "Only a superuser's token may ask for somebody else.");
    }
    match client.check_access(&target.slug, who.key()).await {
        Ok(result) if result.passing => Tick::green(Id::Access, at, format!("{name} may open it.")),
        Ok(result) => {
            let said: Vec<String> =
                result.messages.iter().map(|message| clean(message)).filter(|said| !said.is_empty()).collect();
            let said = if said.is_empty() { String::new() } else { format!(" authentik says: {}", said.join("; ")) };
            let found = format!("{name} may not open it: no binding of the application lets them in.{said}");
            if who.chosen {
                let fix = Fix::LetIn(vec![Bind::Person(Ref::existing(&who.user.pk, &who.user.username))]);
                Tick::red(Id::Access, at, found, fix)
            } else {
                Tick::skipped(Id::Access, at, format!("{found} Choose somebody who is meant to."))
            }
        }
        Err(error) => Tick::skipped(Id::Access, at, Error::from(error).message),
    }
}

/// What the application will see of the person.
pub(super) async fn claims(
    client: &Client,
    target: &Target,
    who: &Result<Who, Nobody>,
    provider: &Provider,
    document: impl Future<Output = Option<Vec<String>>>,
) -> Tick {
    let who = match who {
        Ok(who) => who,
        Err(Nobody { why, .. }) => return Tick::skipped(Id::Claims, AT, why),
    };
    let (preview, scopes) = join(client.preview_claims(&provider.fields.pk, who.key()), document).await;
    let (name, chosen, in_token) = (who.name(), who.chosen, provider.fields.include_claims_in_id_token);
    match preview {
        Ok(Value::Object(claims)) => Judge { target, name, chosen, claims: &claims, in_token, scopes }.tick(),
        Ok(_) => Tick::skipped(Id::Claims, AT, "authentik gave no preview."),
        Err(error) if error.is_missing_right() || error.status() == Some(400) => {
            Tick::skipped(Id::Claims, AT, "This token may not preview what others look like (authentik_core.preview_user).")
        }
        Err(error) => Tick::skipped(Id::Claims, AT, Error::from(error).message),
    }
}

/// What is known of a person's claims.
struct Judge<'a> {
    target: &'a Target,
    /// The person.
    name: String,
    /// Somebody named the person.
    chosen: bool,
    claims: &'a Map<String, Value>,
    /// Claims are in the ID token too: the preview shows that one.
    in_token: bool,
    /// The scopes that the provider has mappings for, where they could be read.
    scopes: Option<Vec<String>>,
}

impl Judge<'_> {
    fn tick(&self) -> Tick {
        let known = self.target.expectation.known.as_ref();
        let relied = known.map(|known| known.claims.as_slice()).unwrap_or_default();
        let needs_verified = known.is_some_and(|known| known.needs.email_verified);
        let verified = self.claims.get("email_verified").and_then(Value::as_bool);
        let mut details: Vec<Detail> = relied.iter().map(|claim| self.detail(claim)).collect();
        let others = self.claims.iter().filter(|(claim, _)| !TECHNICAL.contains(&claim.as_str()));
        let others = others.filter(|(claim, _)| relied.iter().all(|relied| relied.name != **claim));
        details.extend(others.map(|(claim, value)| Detail {
            name: clean(claim),
            value: in_words(claim, value),
            mark: Mark::Plain,
        }));
        if let Some(detail) = details.iter_mut().find(|detail| detail.name == "email_verified") {
            detail.mark = match (needs_verified, verified) {
                (true, Some(true)) => Mark::Present,
                (true, _) => Mark::Missing,
                (false, _) => Mark::Plain,
            };
        }
        let missing = relied.iter().find(|claim| self.mark(claim) == Mark::Missing);
        let (application, name) = (&self.target.expectation.name, &self.name);
        let tick = if needs_verified && verified == Some(false) {
            let found = format!(
                "{application} turns away people whose e-mail address is not verified, and authentik says that {name}'s is not."
            );
            Tick::red(Id::Claims, AT, found, Fix::VerifyEmail)
        } else if let Some(claim) = missing {
            self.missing(claim)
        } else if self.text("sub").is_empty() {
            let found =
                format!("The subject of {name} is empty: what the subject mode takes it from is not set for this person.");
            Tick::warning(Id::Claims, AT, found, "Fill it in on the user's page in authentik, or use another subject mode.")
        } else if relied.iter().any(|claim| claim.name == "email")
            && self.claims.contains_key("email")
            && self.text("email").is_empty()
        {
            let found = format!("{name} has no e-mail address in authentik.");
            Tick::warning(Id::Claims, AT, found, "Add one on the user's page in authentik, or choose somebody who has one.")
        } else {
            Tick::green(Id::Claims, AT, sentence(name, self.claims))
        };
        tick.with(details)
    }

    fn text(&self, claim: &str) -> &str {
        self.claims.get(claim).and_then(Value::as_str).unwrap_or_default()
    }

    fn has(&self, claim: &Claim) -> bool {
        self.claims.get(&claim.name).is_some_and(|value| !value.is_null())
    }

    /// Whether the provider gives the claim to some people at least.
    fn is_mapped(&self, claim: &Claim) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&claim.scope))
    }

    fn mark(&self, claim: &Claim) -> Mark {
        if self.has(claim) {
            Mark::Present
        } else if !self.in_token && claim.name != "sub" || claim.conditional && !self.chosen && self.is_mapped(claim) {
            Mark::Plain
        } else {
            Mark::Missing
        }
    }

    fn detail(&self, claim: &Claim) -> Detail {
        let value = match self.claims.get(&claim.name).filter(|value| !value.is_null()) {
            Some(value) => in_words(&claim.name, value),
            None if !self.in_token => "comes with the userinfo endpoint".to_owned(),
            None if claim.conditional && self.is_mapped(claim) => "not for this person".to_owned(),
            None => "missing".to_owned(),
        };
        Detail { name: claim.name.clone(), value, mark: self.mark(claim) }
    }

    fn missing(&self, claim: &Claim) -> Tick {
        let found =
            format!("{} relies on the claim {}, which {} does not get.", self.target.expectation.name, claim.name, self.name);
        if claim.conditional && self.is_mapped(claim) {
            let mend = "The mapping gives it to some people only: add the person to one of its groups in authentik.";
            return Tick::warning(Id::Claims, AT, found, mend);
        }
        let builtin = BuiltinScope::ALL.into_iter().find(|builtin| builtin.scope() == claim.scope);
        let mend = builtin.map_or_else(
            || format!("Give the provider a mapping for the scope {}, or set the application up again.", claim.scope).into(),
            |scope| Mend::from(Fix::AddScope(scope)),
        );
        Tick::red(Id::Claims, AT, found, mend)
    }
}

/// As what somebody gets in, in plain words.
fn sentence(name: &str, claims: &Map<String, Value>) -> String {
    let mut parts = Vec::new();
    for claim in ["preferred_username", "email", "email_verified", "groups"] {
        if let Some(value) = claims.get(claim) {
            let words = in_words(claim, value);
            parts.push(match claim {
                "preferred_username" => format!("user name {words}"),
                "email" => format!("e-mail {words}"),
                "email_verified" => words,
                _ => format!("groups: {words}"),
            });
        }
    }
    if parts.is_empty() {
        return format!("{name} is known by the subject alone.");
    }
    format!("{name} comes as {}.", parts.join(", "))
}

/// A claim's value as people say it.
fn in_words(claim: &str, value: &Value) -> String {
    match (claim, value) {
        ("email_verified", Value::Bool(true)) => "verified".to_owned(),
        ("email_verified", Value::Bool(false)) => "not verified".to_owned(),
        (_, Value::Bool(true)) => "yes".to_owned(),
        (_, Value::Bool(false)) => "no".to_owned(),
        (_, Value::Array(items)) if items.is_empty() => "none".to_owned(),
        (_, Value::Array(items)) => {
            let mut names: Vec<String> = Vec::new();
            for item in items {
                let name = item.as_str().map_or_else(|| clean(&item.to_string()), clean);
                // authentik lists a group twice where two mappings give it (2024.12 to 2026.5).
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            names.join(", ")
        }
        (_, Value::String(text)) if text.is_empty() => "(empty)".to_owned(),
        (_, Value::String(text)) => clean(text),
        (_, other) => clean(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn claims_are_said_in_plain_words() {
        let claims =
            json!({"preferred_username": "alice", "email": "a@x.example", "email_verified": false, "groups": ["b", "a", "b"]});
        let said = sentence("Alice", claims.as_object().unwrap());
        assert_eq!(said, "Alice comes as user name alice, e-mail a@x.example, not verified, groups: b, a.");
        assert_eq!(in_words("groups", &json!([])), "none");
        assert_eq!(in_words("quota", &json!(5)), "5");
    }
}
