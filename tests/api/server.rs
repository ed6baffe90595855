//! A tiny HTTP/1.1 server on loopback whose answers, and faults, are given by a function.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use akwiz::authentik::{Client, Timeouts, Trust};
use secrecy::SecretString;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Barrier;
use url::Url;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// Path without the query.
    pub path: String,
    /// Query as sent.
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

/// What the server does with a request.
pub enum Reply {
    /// Answers with JSON.
    Json(u16, Value),
    /// Answers with headers and a body.
    Text(u16, Vec<(&'static str, String)>, String),
    /// Closes the connection without an answer.
    Drop,
    /// Announces a longer body than it sends.
    CutOff,
    /// Does not answer for so long.
    Slow(Duration),
    /// Answers with this JSON once as many requests as the barrier counts have come.
    Together(Arc<Barrier>, Value),
    /// Sends these bytes and closes.
    Bytes(&'static [u8]),
}

/// A running server. It ends with the test's runtime.
pub struct Server {
    pub base: Url,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&log), Arc::clone(&answer)));
            }
        });
        Self { base, seen }
    }

    /// Always the same JSON.
    pub async fn json(status: u16, body: Value) -> Self {
        Self::start(move |_| Reply::Json(status, body.clone())).await
    }

    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// A client that is not signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base, &Trust::default(), quick()).unwrap()
    }

    /// A client with a token.
    pub fn client(&self) -> Client {
        self.anonymous().signed_in(SecretString::from("test-token")).unwrap()
    }
}

/// Limits that a test can wait for.
pub fn quick() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        read: Duration::from_secs(5),
        write: Duration::from_secs(5),
        retry_pause: Duration::from_millis(1),
        longest_pause: Duration::from_millis(50),
    }
}

async fn serve(mut stream: TcpStream, log: Arc<Mutex<Vec<Request>>>, answer: Arc<impl Fn(&Request) -> Reply>) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut stream, &mut buffer).await {
        log.lock().unwrap().push(request.clone());
        let bytes = match answer(&request) {
            Reply::Json(status, body) => {
                response(status, &[("Content-Type", "application/json".to_owned())], &body.to_string(), None)
            }
            Reply::Text(status, headers, body) => response(status, &headers, &body, None),
            Reply::Drop => return,
            Reply::CutOff => {
                let _ = stream.write_all(&response(200, &[], "{\"results\":", Some(4096))).await;
                return;
            }
            Reply::Slow(pause) => {
                tokio::time::sleep(pause).await;
                response(200, &[], "{}", None)
            }
            Reply::Together(barrier, body) => {
                barrier.wait().await;
                response(200, &[], &body.to_string(), None)
            }
            Reply::Bytes(bytes) => {
                let _ = stream.write_all(bytes).await;
                return;
            }
        };
        if stream.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

fn response(status: u16, headers: &[(&str, String)], body: &str, length: Option<usize>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status} Because\r\nContent-Length: {}\r\n", length.unwrap_or(body.len()));
    for (name, value) in headers {
        head.extend([*name, ": ", value, "\r\n"]);
    }
    format!("{head}\r\n{body}").into_bytes()
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Request> {
    let head_end = loop {
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
        // A TLS greeting: servers that speak plain HTTP answer it as they answer any nonsense.
        if buffer[0] == 0x16 {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
            return None;
        }
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).ok()?;
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let length = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().unwrap());
    buffer.drain(..head_end + 4);
    while buffer.len() < length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(buffer.drain(..length).collect()).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Request { method, path: path.to_owned(), query: query.to_owned(), headers, body })
}
