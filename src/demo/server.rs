//! The listener, the log and the faults.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, State as Shared};
use axum::http::{Request as HttpRequest, Response};
use axum::serve::{IncomingStream, Listener};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::clock;
use super::faults::{Fault, Matcher};
use super::http::{Reply, Request, parse_query};
use super::journal::Logged;
use super::options::Options;
use super::state::State;

/// No request of akwiz is near this; it only bounds what is read.
const BODY_LIMIT: usize = 1 << 20;

/// What the handlers share.
pub(super) struct Server {
    pub state: Mutex<State>,
    pub log: Mutex<Vec<Logged>>,
    pub faults: Mutex<Vec<(Matcher, Fault)>>,
}

/// A lock whose data stays usable when a test panicked while holding it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves on the runtime of the caller until the task is aborted.
pub(super) fn serve(listener: TcpListener, server: Arc<Server>) -> JoinHandle<io::Result<()>> {
    let router: Router = Router::new().fallback(handle).with_state(server);
    let listener = Cutting { listener, accepted: AtomicU64::new(0) };
    tokio::spawn(async move { axum::serve(listener, router.into_make_service_with_connect_info::<Line>()).await })
}

async fn handle(
    Shared(server): Shared<Arc<Server>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: HttpRequest<Body>,
) -> Response<Body> {
    let started = Instant::now();
    let (mut parts, body) = request.into_parts();
    let Options { delay, surroundings, .. } = lock(&server.state).options;
    if surroundings.loses_scheme {
        parts.headers.remove("x-forwarded-proto");
    }
    let raw_query = parts.uri.query().unwrap_or_default().to_owned();
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parse_query(&raw_query),
        raw_query,
        headers: parts.headers,
        body: to_bytes(body, BODY_LIMIT).await.unwrap_or_default().to_vec(),
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let fault = take_fault(&server, &request);
    if let Some(Fault::Delay(more)) = &fault {
        tokio::time::sleep(*more).await;
    }
    let mut reply = match &fault {
        Some(Fault::Reply { status, body: Value::String(page) }) => Reply::html(*status, page),
        Some(Fault::Reply { status, body }) => Reply::json(*status, body),
        Some(Fault::Starting) => Reply::json(503, &json!({ "error": "authentik starting" })).with_header("retry-after", "5"),
        Some(Fault::NotApplied) => Reply::json(200, &json!({ "applied": false, "logs": [] })),
        Some(Fault::DropBefore) => Reply::no_content(),
        Some(Fault::DropAfter | Fault::Delay(_)) | None => super::route(&mut lock(&server.state), &request),
    };
    if matches!(fault, Some(Fault::DropBefore | Fault::DropAfter)) {
        line.cut.store(true, Ordering::Relaxed);
        reply.status = 0;
    }
    if surroundings.clock_ahead != 0 {
        reply = reply.with_header("date", &clock::http_date(clock::now() + surroundings.clock_ahead));
    }
    lock(&server.log).push(Logged {
        body: logged_body(&request.body),
        method: request.method,
        path: request.path,
        query: request.raw_query,
        status: reply.status,
        connection: line.number,
        started,
        ended: Instant::now(),
    });
    // Every answer of authentik names its request; clients know the server by it.
    let number = lock(&server.log).len();
    response(reply, &format!("{number:032x}"))
}

fn take_fault(server: &Server, request: &Request) -> Option<Fault> {
    let mut faults = lock(&server.faults);
    let index = faults.iter().position(|(matcher, _)| matcher.matches(&request.method, &request.path))?;
    Some(faults.remove(index).1)
}

fn logged_body(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

fn response(reply: Reply, id: &str) -> Response<Body> {
    let status = if reply.status == 0 { 500 } else { reply.status };
    let mut builder = Response::builder().status(status).header("x-authentik-id", id).header("vary", "Accept-Language, Cookie");
    for (name, value) in reply.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(reply.body)).unwrap_or_default()
}

/// One TCP connection, as the handler sees it.
#[derive(Debug, Clone)]
struct Line {
    number: u64,
    cut: Arc<AtomicBool>,
}

impl Connected<IncomingStream<'_, Cutting>> for Line {
    fn connect_info(stream: IncomingStream<'_, Cutting>) -> Self {
        stream.io().line.clone()
    }
}

/// A listener whose connections can be cut before an answer is written.
struct Cutting {
    listener: TcpListener,
    accepted: AtomicU64,
}

impl Listener for Cutting {
    type Io = Stream;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Small answers would wait for the client's delayed acknowledgement otherwise.
        let _ = stream.set_nodelay(true);
        let number = self.accepted.fetch_add(1, Ordering::Relaxed) + 1;
        (Stream { stream, line: Line { number, cut: Arc::default() } }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

struct Stream {
    stream: TcpStream,
    line: Line,
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.line.cut.load(Ordering::Relaxed) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
