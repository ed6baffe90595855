//! One thing that happened, in words.

use serde_json::Value;

use super::Watched;
use crate::authentik::events::Event;
use crate::authentik::text::clean;
use crate::checks::tick::Mend;
use crate::setup::fix::Fix;
use crate::setup::plan::Bind;
use crate::setup::setting::Ref;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// What it was.
    pub what: What,
    /// Who it was about; empty where authentik does not say.
    pub who: String,
    /// What happened: a sentence or two.
    pub text: String,
    /// Somebody is in, as far as can be seen: nothing more will be told about this sign-in.
    pub done: bool,
    /// What mends it.
    pub mend: Option<Mend>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Somebody signed in, and the application fetched its token.
    SignedIn,
    /// authentik let somebody through to the application.
    LetThrough,
    /// authentik let somebody through, and the application did not fetch its token.
    NoToken,
    /// Somebody may not open the application.
    Refused,
    /// The application fetched its token with a redirect URI that is not allowed.
    WrongRedirect,
    /// Somebody did not get past the sign-in page.
    LoginFailed,
    /// Something in authentik failed, such as a mapping or a policy.
    Failed,
}

impl What {
    /// The name for scripts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::LetThrough => "let_through",
            Self::NoToken => "no_token",
            Self::Refused => "refused",
            Self::WrongRedirect => "wrong_redirect",
            Self::LoginFailed => "login_failed",
            Self::Failed => "failed",
        }
    }

    /// Whether it is something to mend.
    pub const fn is_trouble(self) -> bool {
        !matches!(self, Self::SignedIn | Self::LetThrough)
    }
}

impl News {
    fn trouble(what: What, who: &str, text: String, mend: impl Into<Mend>) -> Self {
        Self { what, who: who.to_owned(), text, done: false, mend: Some(mend.into()) }
    }

    /// Somebody passed. `last` where nothing will tell more: the token came, or cannot be seen.
    pub(super) fn passed(what: What, who: &str, application: &str, (since, now): (i64, i64), last: bool) -> Self {
        let ago = ago(now - since);
        let text = match what {
            What::SignedIn => format!("{who} signed in to {application} {ago}."),
            _ => format!("authentik let {who} through to {application} {ago}."),
        };
        Self { what, who: who.to_owned(), text, done: last, mend: None }
    }

    pub(super) fn no_token(who: &str, watched: &Watched) -> Self {
        let name = &watched.name;
        let text = format!("authentik let {who} through, but {name} has not fetched its token.");
        let mend = format!(
            "Either the client secret that was entered in {name} is wrong, or {name} cannot reach authentik's token endpoint or does not \
             trust its certificate. Enter the secret again, and look at {name}'s own log."
        );
        Self::trouble(What::NoToken, who, text, mend)
    }

    pub(super) fn wrong_redirect(uri: &str, expected: &Value, watched: &Watched) -> Self {
        let allowed: Vec<String> =
            expected.as_array().into_iter().flatten().filter_map(|entry| entry["url"].as_str()).map(clean).collect();
        let text = format!(
            "{} fetched its token with the redirect URI {}, and allowed is {}. The application sees this as a wrong client.",
            watched.name,
            clean(uri),
            if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") },
        );
        let mend = Mend {
            text: format!("Set {}'s own address so that it sends an allowed one, or allow this one too.", watched.name),
            fix: Some(Fix::AddRedirect(uri.to_owned())),
        };
        Self::trouble(What::WrongRedirect, "", text, mend)
    }

    pub(super) fn kept_out(
        who: &str,
        (pk, username): (&str, &str),
        watched: &Watched,
        said: &[String],
        let_in: &[String],
    ) -> Self {
        let why = if let_in.is_empty() {
            "no binding of the application lets them in".to_owned()
        } else {
            format!("it is for {} only", let_in.join(", "))
        };
        let said: Vec<String> = said.iter().map(|said| clean(said)).filter(|said| !said.is_empty()).collect();
        let said = if said.is_empty() { String::new() } else { format!(" authentik says: {}", said.join("; ")) };
        let text = format!("{who} signed in, but may not open {}: {why}.{said}", watched.name);
        let mend = Mend {
            text: if let_in.is_empty() {
                format!("Let {who} open it.")
            } else {
                format!("Add {who} to one of these groups in authentik, or let {who} open it.")
            },
            fix: Some(Fix::LetIn(vec![Bind::Person(Ref::existing(pk, username))])),
        };
        Self::trouble(What::Refused, who, text, mend)
    }

    pub(super) fn refused_by_policy(event: &Event, watched: &Watched) -> Self {
        let who = person(event);
        let messages: Vec<String> =
            event.context["result"]["messages"].as_array().into_iter().flatten().filter_map(Value::as_str).map(clean).collect();
        let said = if messages.is_empty() { String::new() } else { format!(" It says: {}", messages.join("; ")) };
        let text = format!("{who} was kept out of {} by the policy “{}”.{said}", watched.name, policy(event));
        Self::trouble(What::Refused, &who, text, "Look at the policy in authentik, under Customization > Policies.")
    }

    pub(super) fn policy_failed(event: &Event, watched: &Watched) -> Self {
        let who = person(event);
        let text = format!("The policy “{}” of {} failed for {who}, who is kept out then.", policy(event), watched.name);
        Self::trouble(What::Failed, &who, text, "Correct the policy in authentik; its log has the exception.")
    }

    pub(super) fn login_failed(username: &str) -> Self {
        let who = clean(username);
        let text = format!("{who} did not get past authentik's sign-in page: user name or password is wrong.");
        Self::trouble(What::LoginFailed, &who, text, "Set a new password for the person in authentik, if it is forgotten.")
    }

    pub(super) fn failed(message: &str, watched: &Watched) -> Self {
        let message = clean(message);
        let text = format!("authentik reports about {}: {message}", watched.name);
        let mend = if message.contains("property-mapping") {
            "Correct the expression of the scope mapping in authentik, under Customization > Property Mappings."
        } else {
            "Look at the provider in authentik."
        };
        Self::trouble(What::Failed, "", text, mend)
    }
}

/// Whom a policy was asked about.
fn person(event: &Event) -> String {
    let asked = event.context["request"]["user"]["username"].as_str().or_else(|| event.user["username"].as_str());
    clean(asked.unwrap_or("somebody"))
}

fn policy(event: &Event) -> String {
    let binding = &event.context["binding"];
    let named = binding["policy"]["name"].as_str().or_else(|| binding["name"].as_str());
    clean(named.or_else(|| event.context["policy_uuid"].as_str()).unwrap_or("unknown"))
}

/// How long ago something was.
fn ago(seconds: i64) -> String {
    match seconds {
        ..=0 => "just now".to_owned(),
        1..=119 => format!("{seconds} s ago"),
        120..=7_199 => format!("{} minutes ago", seconds / 60),
        _ => format!("{} hours ago", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_is_a_sentence_with_its_time() {
        let news = News::passed(What::SignedIn, "Alice", "Portainer", (100, 103), true);
        assert_eq!(news.text, "Alice signed in to Portainer 3 s ago.");
        assert_eq!((ago(0), ago(600)), ("just now".to_owned(), "10 minutes ago".to_owned()));
        assert!(!news.what.is_trouble() && What::NoToken.is_trouble());
    }
}
