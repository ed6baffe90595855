//! A plain HTTP client for one stand-in.

use akwiz::demo::{Options, Seed, StandIn, Version};
use secrecy::ExposeSecret as _;
use serde_json::Value;

/// A stand-in and a client that talks to it.
pub struct Client {
    pub server: StandIn,
    http: reqwest::Client,
    pub token: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub location: String,
    pub text: String,
    /// The body when it is JSON, `Null` otherwise.
    pub body: Value,
}

impl Client {
    pub async fn start(version: Version, seed: Seed) -> Self {
        Self::with(Options { version, seed, ..Options::default() }).await
    }

    pub async fn with(options: Options) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = StandIn::start(options).await.expect("a port on loopback");
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().expect("a client");
        let token = server.token().expose_secret().to_owned();
        Self { server, http, token }
    }

    /// Sends headers and body exactly as given.
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Option<String>,
    ) -> reqwest::Result<Answer> {
        let method = method.parse().expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.server.base_url()));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let location = response.headers().get("location").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok(Answer { status, location, text, body })
    }

    /// Sends JSON with the client's token.
    pub async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {}", self.token))];
        if body.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        self.raw(method, path, &headers, body.map(|body| body.to_string())).await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }
}
