//! Whether client ID and secret are right. Revoking a token that nobody has tells: 200 with the right secret, 401 with a wrong one. The
//! token endpoint cannot tell, for it answers a wrong code and a wrong secret alike.

use super::target::Target;
use super::tick::{Id, Tick};
use crate::authentik::Client;
use crate::authentik::providers::Provider;
use crate::error::Error;

/// No token of authentik's looks like this.
const NOBODYS: &str = "akwiz-checks-the-client-secret";

/// The tick.
pub(super) async fn tick(client: &Client, target: &Target, provider: &Provider) -> Tick {
    let at = format!("{}/application/o/revoke/", target.public_url());
    let public = provider.fields.client_type == "public";
    let secret = target.secret.as_ref().or(provider.client_secret.as_ref());
    let Some(secret) = secret.or(None).filter(|_| !public) else {
        return if public {
            Tick::skipped(Id::Client, at, "It is a public client, which has no secret.")
        } else {
            Tick::skipped(Id::Client, at, "This token may not see the client secret.")
        };
    };
    let basic = Some((provider.fields.client_id.as_str(), secret));
    match client.post_form("application/o/revoke/", &[("token", NOBODYS)], basic).await {
        Ok(answer) if answer.is_success() => Tick::green(Id::Client, at, "Client ID and secret belong together."),
        Ok(answer) if answer.status == 401 => {
            let found = if target.secret.is_some() {
                "The client secret that was shown here is not the one that authentik has now."
            } else {
                "authentik refuses its own client ID and secret."
            };
            let mend = "Copy the secret again from the provider's page in authentik, and enter it in the application.";
            Tick::red(Id::Client, at, found, mend)
        }
        Ok(answer) => {
            Tick::skipped(Id::Client, at, format!("The server answered with status {}, which says nothing.", answer.status))
        }
        Err(error) => {
            let error = Error::from(error);
            Tick::red(Id::Client, at, error.message, error.hints.join(" "))
        }
    }
}
