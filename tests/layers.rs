//! The shape of the code, checked on its text: which module may use which, what the pure ones may touch, who may print, where colors
//! are named, how long a file may be.
//!
//! The source is read without a compiler: comments, literals and test code are blanked, then every path is taken apart. That sees `use`
//! trees, `crate::`, `self::` and chains of `super::`; it does not see what a macro of another crate makes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Each top-level module and the modules that it may use. A module may always use itself.
const ARROWS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("ascii", &[]),
    ("catalog", &[]),
    ("setup", &["catalog"]),
    ("demo", &[]),
    ("secrets", &["error"]),
    ("config", &["error", "secrets"]),
    ("clipboard", &["error"]),
    ("logging", &["clipboard", "config", "error", "secrets"]),
    ("receipts", &["config", "error", "setup"]),
    ("authentik", &["catalog", "error", "setup"]),
    ("apply", &["authentik", "catalog", "error", "receipts", "setup"]),
    ("checks", &["authentik", "catalog", "error", "setup"]),
    (
        "ui",
        &[
            "apply",
            "ascii",
            "authentik",
            "catalog",
            "checks",
            "clipboard",
            "config",
            "error",
            "logging",
            "receipts",
            "secrets",
            "setup",
        ],
    ),
    (
        "cli",
        &[
            "apply",
            "ascii",
            "authentik",
            "catalog",
            "checks",
            "clipboard",
            "config",
            "demo",
            "error",
            "logging",
            "receipts",
            "secrets",
            "setup",
        ],
    ),
];

/// Modules that compute and nothing else.
const PURE: &[&str] = &["setup", "catalog"];
/// What no pure module touches.
const IMPURE: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io::stderr",
    "std::io::stdin",
    "std::io::stdout",
    "std::net::TcpListener",
    "std::net::TcpStream",
    "std::net::ToSocketAddrs",
    "std::net::UdpSocket",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "arboard",
    "axum",
    "clap",
    "crossterm",
    "etcetera",
    "keyring",
    "ratatui",
    "reqwest",
    "ring",
    "rustix",
    "rustls",
    "tokio",
    "tracing_subscriber",
    "tui_input",
];
/// Reading a person's own templates is the one thing that the pure modules do outside.
const READS_FILES: &str = "src/catalog/load.rs";

/// Where text goes to standard output and standard error. The terminal is put back, and the panic said, in `ui/terminal`.
const PRINTS: &[&str] = &["src/main.rs", "src/cli/output.rs", "src/ui/terminal.rs", "src/ui/terminal/"];
/// Where colors are named: the theme, and the screen, which turns them into bytes.
const COLORS: &[&str] = &["src/ui/theme.rs", "src/ui/terminal/screen.rs"];

/// The longest that a file may be, in lines.
const LONGEST: usize = 800;
/// What the median of all files stays under, in lines.
const MEDIAN: usize = 200;

/// A file of `src`.
struct Source {
    /// From the root of the repository, with slashes.
    path: String,
    /// Its module: `ui::steps::pick` is three names, `main.rs` and `lib.rs` none.
    module: Vec<String>,
    lines: usize,
    /// All of it, tests too.
    all: Vec<Token>,
    /// Without test code.
    tokens: Vec<Token>,
}

impl Source {
    fn top(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.module.is_empty()) {
        let allowed = ARROWS.iter().find(|(module, _)| *module == source.top()).map_or(&[][..], |(_, allowed)| *allowed);
        for path in paths(&source.tokens, &source.module) {
            let [root, used, ..] = path.as_slice() else { continue };
            if root == "crate" && used != source.top() && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses {}", source.path, path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "against the arrows:\n{}", wrong.join("\n"));
}

#[test]
fn the_arrows_have_no_way_round() {
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    while placed.len() < ARROWS.len() {
        let free: Vec<&str> = ARROWS
            .iter()
            .filter(|(module, uses)| !placed.contains(module) && uses.iter().all(|used| placed.contains(used)))
            .map(|(module, _)| *module)
            .collect();
        assert!(!free.is_empty(), "only these can be put in order: {placed:?}");
        placed.extend(free);
    }
}

#[test]
fn every_top_level_module_is_known() {
    let known: BTreeSet<&str> = ARROWS.iter().map(|(module, _)| *module).collect();
    let found: BTreeSet<&str> = sources().iter().map(Source::top).filter(|top| !top.is_empty()).collect();
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(unknown.is_empty(), "say in ARROWS what these may use: {unknown:?}");
}

#[test]
fn the_domain_and_the_templates_are_pure() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.top())) {
        for path in paths(&source.tokens, &source.module) {
            let path = path.join("::");
            let hit = IMPURE.iter().find(|impure| path == **impure || path.starts_with(&format!("{impure}::")));
            if hit.is_some_and(|hit| *hit != "std::fs" || source.path != READS_FILES) {
                wrong.push(format!("{} uses {path}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "not pure:\n{}", wrong.join("\n"));
}

#[test]
fn one_place_prints() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !within(PRINTS, &source.path)) {
        let tokens = &source.tokens;
        for (at, token) in tokens.iter().enumerate() {
            let next = tokens.get(at + 1).map(|token| token.text.as_str());
            let method = at > 0 && tokens[at - 1].text == ".";
            let macros = ["print", "println", "eprint", "eprintln", "dbg"];
            let prints = next == Some("!") && macros.contains(&token.text.as_str());
            let opens = next == Some("(") && !method && ["stdout", "stderr"].contains(&token.text.as_str());
            if prints || opens {
                wrong.push(format!("{}:{}: {}", source.path, token.line, token.text));
            }
        }
    }
    assert!(wrong.is_empty(), "prints outside {PRINTS:?}:\n{}", wrong.join("\n"));
}

#[test]
fn one_place_names_colors() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.top() == "ui" || source.top() == "cli") {
        if within(COLORS, &source.path) {
            continue;
        }
        for token in source.tokens.iter().filter(|token| ["Color", "Stylize"].contains(&token.text.as_str())) {
            wrong.push(format!("{}:{}: {}", source.path, token.line, token.text));
        }
    }
    assert!(wrong.is_empty(), "colors are roles of the theme:\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_small() {
    let mut lengths: Vec<(usize, &str)> = sources().iter().map(|source| (source.lines, source.path.as_str())).collect();
    lengths.sort_unstable();
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > LONGEST).collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:?}");
    let median = lengths[lengths.len() / 2].0;
    assert!(median < MEDIAN, "the median file has {median} lines");
}

#[test]
fn the_binary_is_thin() {
    let main = sources().iter().find(|source| source.path == "src/main.rs").expect("there is a main.rs");
    assert!(main.lines <= 60, "main.rs has {} lines", main.lines);
}

/// Whether `path` is one of these files or in one of these folders.
fn within(places: &[&str], path: &str) -> bool {
    places.iter().any(|place| path == *place || (place.ends_with('/') && path.starts_with(place)))
}

/// Every file of `src` that is part of the program, in order.
fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(read);
    &SOURCES
}

fn read() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    files.sort();
    let mut sources: Vec<Source> = files
        .into_iter()
        .map(|file| {
            let path = file.strip_prefix(root).expect("it is below the root").to_str().expect("UTF-8").replace('\\', "/");
            let text = fs::read_to_string(&file).expect("a source can be read");
            let all = tokens(&text);
            Source { module: module_of(&path), path, lines: text.lines().count(), tokens: without_tests(&all), all }
        })
        .collect();
    // `#[cfg(test)] mod x;` makes all of x test code.
    let tests: BTreeSet<Vec<String>> = sources
        .iter()
        .flat_map(|source| {
            let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            test_modules(&source.all).into_iter().map(move |(name, file)| match file {
                Some(file) => module_of(&format!("{folder}/{file}")),
                None => [source.module.clone(), vec![name]].concat(),
            })
        })
        .collect();
    sources.retain(|source| !(1..=source.module.len()).any(|depth| tests.contains(&source.module[..depth])));
    sources
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of src can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn module_of(path: &str) -> Vec<String> {
    let inner = path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut names: Vec<String> = inner.split('/').map(String::from).collect();
    if names.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        names.pop();
    }
    names
}

/// A word, a sign or a string; `::` is one sign, and a string begins with its quote.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    text: String,
    line: usize,
}

/// Takes the text apart; comments and all literals but plain strings are left out.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut line, mut found) = (0, 1, Vec::new());
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    while at < chars.len() {
        let rest = &chars[at..];
        let length = match rest {
            ['/', '/', ..] => rest.iter().position(|letter| *letter == '\n').unwrap_or(rest.len()),
            ['/', '*', ..] => comment(rest),
            ['"', ..] => {
                let length = string(rest).min(rest.len());
                found.push(Token { text: rest[..length].iter().collect(), line });
                length
            }
            ['r' | 'b' | 'c', ..] if literal(rest).is_some() => literal(rest).unwrap_or(1),
            ['\'', '\\', ..] => 3 + rest[3..].iter().position(|letter| *letter == '\'').unwrap_or(0),
            ['\'', _, '\'', ..] => 3,
            [':', ':', ..] => {
                found.push(Token { text: "::".into(), line });
                2
            }
            [first, ..] if word(*first) => {
                let length = rest.iter().position(|letter| !word(*letter)).unwrap_or(rest.len());
                found.push(Token { text: rest[..length].iter().collect(), line });
                length
            }
            [first, ..] => {
                if !first.is_whitespace() {
                    found.push(Token { text: first.to_string(), line });
                }
                1
            }
            [] => break,
        };
        let length = length.clamp(1, rest.len());
        line += rest[..length].iter().filter(|letter| **letter == '\n').count();
        at += length;
    }
    found
}

/// The length of a comment that may hold others.
fn comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at + 1 < rest.len() {
        match (rest[at], rest[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The length of a string with escapes.
fn string(rest: &[char]) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != '"' {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

/// The length of a literal with a prefix: `r"…"`, `r#"…"#`, `b"…"`, `br#"…"#`, `c"…"`, `b'…'`. None for a word.
fn literal(rest: &[char]) -> Option<usize> {
    let letters = rest.iter().take_while(|letter| ['r', 'b', 'c'].contains(letter)).count();
    let hashes = rest[letters..].iter().take_while(|letter| **letter == '#').count();
    let raw = rest[..letters].contains(&'r');
    match rest.get(letters + hashes)? {
        '"' if raw => {
            let end: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
            let start = letters + hashes + 1;
            let length = rest[start..].windows(end.len()).position(|window| window == end)?;
            Some(start + length + end.len())
        }
        '"' if hashes == 0 => Some(letters + string(&rest[letters..])),
        '\'' if hashes == 0 && letters == 1 && rest[0] == 'b' => {
            let escape = usize::from(rest.get(2) == Some(&'\\'));
            Some(4 + escape)
        }
        _ => None,
    }
}

/// The length of `#[cfg(test)]` or `#[cfg(all(test, …))]`, if the tokens begin with it.
fn test_attribute(tokens: &[Token]) -> Option<usize> {
    let begins = |signs: &[&str]| tokens.len() > signs.len() && tokens.iter().zip(signs).all(|(token, sign)| token.text == *sign);
    let test = begins(&["#", "[", "cfg", "(", "test", ")"]) || begins(&["#", "[", "cfg", "(", "all", "(", "test", ","]);
    if !test {
        return None;
    }
    tokens.iter().position(|token| token.text == "]").map(|end| end + 1)
}

/// Leaves out every item that only tests have.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let (mut kept, mut at) = (Vec::new(), 0);
    while at < tokens.len() {
        if let Some(length) = test_attribute(&tokens[at..]) {
            at += length + item(&tokens[at + length..]);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// How many tokens the item takes: up to a semicolon, or to the end of its braces.
fn item(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" if depth == 1 => return at + 1,
            ")" | "]" | "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The names of `#[cfg(test)] mod x;`, each with the file that a `#[path = "…"]` after the first attribute names.
fn test_modules(tokens: &[Token]) -> Vec<(String, Option<String>)> {
    let mut names = Vec::new();
    for at in 0..tokens.len() {
        let Some(length) = test_attribute(&tokens[at..]) else { continue };
        let words: Vec<&str> = tokens[at + length..].iter().take(9).map(|token| token.text.as_str()).collect();
        match words.as_slice() {
            ["mod", name, ";", ..] => names.push(((*name).to_string(), None)),
            ["#", "[", "path", "=", file, "]", "mod", name, ";"] => {
                names.push(((*name).to_string(), Some(file.trim_matches('"').to_string())));
            }
            _ => {}
        }
    }
    names
}

/// Every path in the code. Those of this crate begin with `crate`, however they were written; a glob is `*`.
fn paths(tokens: &[Token], module: &[String]) -> Vec<Vec<String>> {
    let (mut found, mut at) = (Vec::new(), 0);
    // The module at this place, with the depth of the braces at which it began.
    let (mut modules, mut depth) = (vec![(module.to_vec(), 0)], 0);
    while at < tokens.len() {
        let after = tokens.get(at + 1).map(|token| token.text.as_str());
        let before = at.checked_sub(1).map(|before| tokens[before].text.as_str());
        match tokens[at].text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                modules.retain(|(_, begin)| *begin <= depth);
            }
            "mod" if tokens.get(at + 2).is_some_and(|token| token.text == "{") => {
                let here = &modules.last().expect("the file's own module stays").0;
                modules.push(([here.as_slice(), &[tokens[at + 1].text.clone()]].concat(), depth + 1));
                at += 1;
            }
            name if name == "use" || (is_name(name) && after == Some("::") && before != Some("::")) => {
                let start = if name == "use" { at + 1 } else { at };
                let mut tree = Vec::new();
                let end = expand(tokens, start, &[], &mut tree);
                let here = &modules.last().expect("the file's own module stays").0;
                found.extend(tree.into_iter().map(|path| absolute(path, here)));
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Reads one path or one `use` tree that begins at `at`; returns the place after it.
fn expand(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    // `use ::name` begins at the root of the crates.
    if tokens.get(at).is_some_and(|token| token.text == "::") {
        at += 1;
    }
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    let next = expand(tokens, at, &path, found);
                    at = next.max(at + 1);
                    if tokens.get(at).is_some_and(|token| token.text == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "*" => {
                path.push("*".into());
                found.push(path);
                return at + 1;
            }
            name if is_name(name) => {
                // `{self}` at the end of a tree means the path itself.
                if name != "self" || path.is_empty() {
                    path.push(name.into());
                }
                at += 1;
            }
            _ => break,
        }
        if tokens.get(at).is_none_or(|token| token.text != "::") {
            break;
        }
        at += 1;
    }
    found.push(path);
    if tokens.get(at).is_some_and(|token| token.text == "as") {
        at += 2;
    }
    at
}

/// Resolves `self` and `super` at the front.
fn absolute(path: Vec<String>, module: &[String]) -> Vec<String> {
    let mut here = module.to_vec();
    let mut rest = path.as_slice();
    match rest.first().map(String::as_str) {
        Some("self") => rest = &rest[1..],
        Some("super") => {}
        _ => return path,
    }
    while rest.first().is_some_and(|name| name == "super") {
        here.pop();
        rest = &rest[1..];
    }
    [vec!["crate".to_string()], here, rest.to_vec()].concat()
}

fn found(module: &str, text: &str) -> BTreeSet<String> {
    let module: Vec<String> = module.split("::").map(String::from).collect();
    paths(&without_tests(&tokens(text)), &module).into_iter().map(|path| path.join("::")).collect()
}

#[test]
fn the_parser_expands_use_trees() {
    let seen = found("ui", "use crate::{cli::{self, output::{Out as O, *}}, setup as s}; use std::io::{self, Write as _};");
    let wanted = ["crate::cli", "crate::cli::output::Out", "crate::cli::output::*", "crate::setup", "std::io", "std::io::Write"];
    assert_eq!(seen, wanted.map(String::from).into());
}

#[test]
fn the_parser_resolves_super() {
    let text = "use super::super::cli::x; fn f() { super::b::c(self::d::e()) } mod inner { fn g() { super::super::h() } }";
    let wanted = ["crate::cli::x", "crate::ui::b::c", "crate::ui::steps::d::e", "crate::ui::h"];
    assert_eq!(found("ui::steps", text), wanted.map(String::from).into());
}

#[test]
fn the_parser_sees_paths_in_code_and_knows_where_a_module_ends() {
    let text =
        "mod a { use super::x::y; } use super::z; fn f(v: &crate::cli::T) -> Vec<crate::ui::U> { crate::setup::w::<u8>() }";
    let wanted = ["crate::apply::x::y", "crate::z", "crate::cli::T", "crate::ui::U", "crate::setup::w"];
    assert_eq!(found("apply", text), wanted.map(String::from).into());
}

#[test]
fn the_parser_reads_no_comments_no_strings_and_no_tests() {
    let text = r##"
        // use crate::cli;
        /* use crate::cli; /* crate::cli::x */ crate::cli::y */
        const A: &str = "crate::cli::a \" crate::cli::b"; const B: &[u8] = br#"crate::cli::"c"#;
        const C: [char; 3] = ['"', '\'', 'c']; const D: u8 = b'"'; fn f<'a>(x: &'a crate::ui::E) {}
        #[cfg(test)] mod tests { use crate::cli; fn f() { "}" } }
        #[cfg(test)] use crate::cli::g;
        #[cfg(all(test, unix))] mod more { use crate::cli; }
        use crate::error::H;
    "##;
    assert_eq!(found("ui", text), ["crate::ui::E", "crate::error::H"].map(String::from).into());
}

#[test]
fn the_parser_counts_lines_and_finds_modules_of_tests() {
    let tokens = tokens("a\n\"b\n\" c\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\n#[path = \"y.rs\"]\nmod x;");
    let lines: BTreeMap<&str, usize> = tokens.iter().map(|token| (token.text.as_str(), token.line)).collect();
    assert_eq!((lines["a"], lines["c"], lines["tests"]), (1, 3, 5));
    assert_eq!(test_modules(&tokens), [("tests".to_string(), None), ("x".to_string(), Some("y.rs".to_string()))]);
}
