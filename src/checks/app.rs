//! Whether the application itself answers, and shows its login button.

use url::Url;

use super::target::{Surroundings, Target};
use super::tick::{Id, State, Tick};
use crate::authentik::failure::ConnectFailure;
use crate::authentik::http::Answer;
use crate::authentik::{ApiError, Client, Trust};
use crate::error::Error;

const ACCEPT: &str = "text/html, application/json, */*";

/// What came from an address of the application.
enum Came {
    Answer(Answer),
    /// It answers, with a certificate that this machine does not trust.
    Untrusted(Option<Answer>),
    Nothing(ApiError),
}

/// The application's own address.
pub(super) async fn address(client: &Client, target: &Target) -> Tick {
    let Some(address) = target.expectation.address.as_deref() else {
        return Tick::skipped(Id::App, &target.expectation.name, "Its address is not known.");
    };
    if target.surroundings == Surroundings::StandIn {
        return Tick::skipped(Id::App, address, "With the stand-in there is no application.");
    }
    match ask(client, address).await {
        None => Tick::skipped(Id::App, address, "It is not a web address."),
        Some(Came::Answer(answer)) if answer.status < 500 => {
            Tick::green(Id::App, address, format!("It answers (status {}).", answer.status))
        }
        Some(Came::Answer(answer)) => {
            let mend = "Look whether the application is running behind its proxy.";
            Tick::warning(Id::App, address, format!("It answers with status {}.", answer.status), mend)
        }
        Some(Came::Untrusted(_)) => {
            Tick::green(Id::App, address, "It answers, with a certificate that this machine does not trust.")
        }
        Some(Came::Nothing(error)) => {
            let found = format!("{} It may still be reachable from where people are.", Error::from(error).message);
            let mend = "See that the application runs, and that this is the address that people open.";
            Tick::warning(Id::App, address, found, mend)
        }
    }
}

/// The page that shows the login button once the settings are entered.
pub(super) async fn login_button(client: &Client, target: &Target) -> Tick {
    let known = target.expectation.known.as_ref();
    let Some((page, shows)) = known.and_then(|known| known.login.as_ref()) else {
        return Tick::skipped(Id::LoginButton, &target.expectation.name, "No public page of it is known that would tell.");
    };
    if target.surroundings == Surroundings::StandIn {
        return Tick::skipped(Id::LoginButton, page, "With the stand-in there is no application.");
    }
    let Some(Came::Answer(answer) | Came::Untrusted(Some(answer))) = ask(client, page).await else {
        return Tick::skipped(Id::LoginButton, page, "The page could not be read from here.");
    };
    let text = answer.text();
    if answer.is_success() && shows.iter().any(|shown| text.contains(shown)) {
        return Tick::green(Id::LoginButton, page, "It is there.");
    }
    let found = "It is not there yet. It appears once the settings are entered and saved.";
    Tick::new(Id::LoginButton, State::Waiting, page, found)
}

async fn ask(client: &Client, address: &str) -> Option<Came> {
    let url = Url::parse(address).ok()?;
    let came = get(&client.elsewhere(&url).ok()?, &url).await;
    let Err(error) = came else { return came.ok().map(Came::Answer) };
    let ApiError::Connect { failure, .. } = &error else { return Some(Came::Nothing(error)) };
    let (ConnectFailure::NotTrusted(seen) | ConnectFailure::WrongName(seen) | ConnectFailure::OutOfDate(seen)) = failure else {
        return Some(Came::Nothing(error));
    };
    // A public page of the person's own application: nothing is sent there, and its certificate is often its own.
    let pinned = seen.iter().map(|seen| seen.fingerprint).collect();
    let trusting = Client::new(&url, &Trust { ca_pem: None, pinned }, client.timeouts()).ok()?;
    Some(Came::Untrusted(get(&trusting, &url).await.ok()))
}

async fn get(client: &Client, url: &Url) -> Result<Answer, ApiError> {
    // The client's base ends in a slash; pages need not.
    client.page_at(url, ACCEPT).await
}
