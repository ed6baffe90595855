//! Measures `akwiz apply` with many applications: `cargo run --release --example many -- target/release/akwiz`.
//!
//! For 500 applications from one file, against the stand-in with a delay of 20 ms for each request and with none: requests for each
//! application, and the time from start to end of the program. The lower bound is the time that the same requests take when they are only
//! sent again, as many at once, to a stand-in that has seen nothing yet. The two take turns, five times; medians are compared. For 5,000
//! applications: the most memory that the program had (Linux).
//!
//! The stand-in finds objects by an index, so that neither side waits longer the more there are. A machine that does other work besides
//! makes the ratio worse than it is: the bound begins with its first request, the program with reading templates and the file and with
//! planning, and that share is all processor time.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use akwiz::demo::{Logged, Options, Seed, StandIn};
use futures_util::StreamExt as _;
use secrecy::ExposeSecret as _;
use tokio::runtime::Runtime;
use tokio::sync::oneshot::{Sender, channel};

const RUNS: usize = 5;
const CONCURRENCY: usize = 16;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A stand-in on a thread of its own, so that the two sides run beside each other, as they do on two machines.
struct Server {
    stand_in: StandIn,
    /// Dropping it ends the thread.
    _stop: Sender<()>,
}

impl Server {
    fn start(delay: Duration) -> Outcome<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let options = Options { seed: Seed::Fresh, delay, ..Options::default() };
        let stand_in = runtime.block_on(StandIn::start(options))?;
        let (stop, stopped) = channel();
        std::thread::spawn(move || runtime.block_on(stopped));
        Ok(Self { stand_in, _stop: stop })
    }
}

/// One run of the program.
struct Ran {
    took: Duration,
    requests: usize,
    highest: Option<u64>,
}

struct Bench {
    program: PathBuf,
    home: PathBuf,
    client: Runtime,
}

fn main() -> Outcome<()> {
    let program = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("target/release/akwiz"), PathBuf::from);
    let home = std::env::temp_dir().join(format!("akwiz-many-{}", std::process::id()));
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // The requests that are sent again go over plain HTTP, but the client wants to know how it would speak TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bench = Bench { program: fs::canonicalize(program)?, home, client };
    println!("| What | Measured | Wanted | Held | Note |\n| --- | ---: | ---: | --- | --- |");
    bench.time(500, Duration::from_millis(20))?;
    bench.time(500, Duration::ZERO)?;
    bench.memory(5000)?;
    fs::remove_dir_all(&bench.home)?;
    Ok(())
}

impl Bench {
    fn time(&self, count: usize, delay: Duration) -> Outcome<()> {
        let (mut ours, mut bounds, mut requests) = (Vec::new(), Vec::new(), 0);
        for _ in 0..RUNS {
            let Server { stand_in, _stop } = Server::start(delay)?;
            let ran = self.apply(&stand_in, count, false)?;
            requests = ran.requests;
            ours.push(ran.took);
            let log = stand_in.log();
            drop(stand_in);
            bounds.push(self.send_again(&log, delay)?);
        }
        let (ours, bound) = (median(ours), median(bounds));
        let ratio = ours.as_secs_f64() / bound.as_secs_f64();
        let each = to_float(requests) / to_float(count);
        let what = format!("{count} applications, {} ms for a request", delay.as_millis());
        row(&format!("{what}: requests for each"), &format!("{each:.2}"), "≤ 3", each <= 3.0, &format!("{requests} in all"));
        let more = ours.saturating_sub(bound).as_secs_f64() * 1000.0 / to_float(count);
        let (ours, bound) = (ours.as_secs_f64(), bound.as_secs_f64());
        let note = format!("{ours:.2} s; the same requests alone {bound:.2} s; {more:.2} ms more for each");
        row(&format!("{what}: time over the lower bound"), &format!("{ratio:.2} ×"), "≤ 1.2 ×", ratio <= 1.2, &note);
        Ok(())
    }

    fn memory(&self, count: usize) -> Outcome<()> {
        let Server { stand_in, _stop } = Server::start(Duration::ZERO)?;
        for what in ["made", "as they should be already"] {
            let ran = self.apply(&stand_in, count, true)?;
            let Some(highest) = ran.highest else {
                println!("| {count} applications {what}: memory |  |  |  | only on Linux |");
                continue;
            };
            let (mebibytes, what) =
                (to_float(usize::try_from(highest)?) / 1024.0, format!("{count} applications {what}: memory at most"));
            let note = format!("{:.1} s", ran.took.as_secs_f64());
            row(&what, &format!("{mebibytes:.1} MiB"), "≤ 40 MiB", mebibytes <= 40.0, &note);
        }
        Ok(())
    }

    /// Runs the program with a home of its own, over a file that is the same each time. Its memory is watched if wanted.
    fn apply(&self, stand_in: &StandIn, count: usize, watch: bool) -> Outcome<Ran> {
        fs::create_dir_all(&self.home)?;
        let file = self.home.join("apps.toml");
        fs::write(&file, applications(count))?;
        let before = stand_in.log().len();
        let started = Instant::now();
        let mut child = Command::new(&self.program)
            .args([
                "apply",
                "--yes",
                "--quiet",
                "--public-url=https://auth.example.com",
                &format!("--concurrency={CONCURRENCY}"),
                "-f",
            ])
            .arg(&file)
            .env("HOME", &self.home)
            .env("AUTHENTIK_URL", stand_in.base_url())
            .env("AUTHENTIK_TOKEN", stand_in.token().expose_secret())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()?;
        // Looking at the memory takes time from both.
        let (mut highest, mut ended) = (None, None);
        while watch && ended.is_none() {
            std::thread::sleep(Duration::from_millis(5));
            highest = resident(child.id()).or(highest);
            ended = child.try_wait()?;
        }
        let status = child.wait()?;
        let took = started.elapsed();
        if !status.success() {
            return Err(format!("the program ended with {status}").into());
        }
        Ok(Ran { took, requests: stand_in.log().len() - before, highest })
    }

    /// Sends the requests of a log again, as many at once, and does nothing else.
    fn send_again(&self, log: &[Logged], delay: Duration) -> Outcome<Duration> {
        let Server { stand_in, _stop } = Server::start(delay)?;
        let (base, token) = (stand_in.base_url().to_owned(), stand_in.token());
        let http = reqwest::Client::builder().no_proxy().build()?;
        let send = |entry: &Logged| {
            let query = if entry.query.is_empty() { String::new() } else { format!("?{}", entry.query) };
            let method = entry.method.parse().unwrap_or(reqwest::Method::GET);
            let mut request = http.request(method, format!("{base}{}{query}", entry.path)).bearer_auth(token.expose_secret());
            if !entry.body.is_null() {
                request = request.json(&entry.body);
            }
            async move { request.send().await?.bytes().await }
        };
        let started = Instant::now();
        let all = futures_util::stream::iter(log).map(send).buffer_unordered(CONCURRENCY).collect::<Vec<_>>();
        for answer in self.client.block_on(all) {
            answer?;
        }
        Ok(started.elapsed())
    }
}

/// The most memory that a process had so far, in KiB.
fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
}

fn applications(count: usize) -> String {
    let mut file = String::from("name = \"many\"\n");
    for number in 0..count {
        let _ = write!(
            file,
            "\n[[application]]\ntemplate = \"grafana\"\nanswers = {{ app = \"https://grafana-{number}.example.com\" }}\n\
             options = {{ slug = \"grafana-{number}\", name = \"Grafana {number}\" }}\n"
        );
    }
    file
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn to_float(count: usize) -> f64 {
    count as f64
}

fn row(what: &str, measured: &str, wanted: &str, held: bool, note: &str) {
    println!("| {what} | {measured} | {wanted} | {} | {note} |", if held { "yes" } else { "**no**" });
}
