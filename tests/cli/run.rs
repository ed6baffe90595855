//! Runs the binary in a home of its own, and writes down what it said.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A home folder that nothing else uses.
pub struct Home(TempDir);

/// What came of one run.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.run_with(arguments, "", &[])
    }

    /// Runs with `input` on standard input and these environment variables, and no others.
    pub fn run_with(&self, arguments: &[&str], input: &str, env: &[(&str, &str)]) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_akwiz"))
            .args(arguments)
            .env_clear()
            .env("HOME", self.path())
            .env("COLUMNS", "100")
            .env("LANG", "C.UTF-8")
            .envs(env.iter().copied())
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // The program may end without reading.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Every file below the home, with its content.
    pub fn files(&self) -> Vec<(String, String)> {
        let mut folders = vec![self.path().to_path_buf()];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(self.path()).unwrap().display().to_string();
                    files.push((name, std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        files
    }
}

impl Said {
    /// Standard output as the one document `akwiz.<format>`, which has to fit its schema.
    pub fn document(&self, format: &str) -> serde_json::Value {
        let document = serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.page()));
        assert_eq!(crate::schema::problems(format, &document), Vec::<String>::new(), "{}", self.page());
        document
    }

    /// Exit code and both outputs, with what differs from run to run left out.
    pub fn page(&self) -> String {
        let mut page = format!("exit code {}\n", self.code);
        for (name, text) in [("standard output", &self.out), ("standard error", &self.err)] {
            if !text.is_empty() {
                let _ = write!(page, "--- {name}\n{}", steady(text));
            }
        }
        page
    }
}

/// Client ids, receipts and ports are new each time.
fn steady(text: &str) -> String {
    let patterns = [
        (r"\b[A-Za-z0-9]{40}\b", "CLIENT-ID"),
        (r"\d{8}T\d{6}Z-([a-z-]+)-[0-9a-f]{4}", "TIME-$1-RUN"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
    ];
    let mut text = text.to_owned();
    for (pattern, stand_in) in patterns {
        text = regex::Regex::new(pattern).unwrap().replace_all(&text, stand_in).into_owned();
    }
    text
}
