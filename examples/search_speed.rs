//! How long the search takes for one key, at the built-in templates and at 10,000 made ones.
//!
//! `cargo run --release --example search_speed` prints a line for each catalog: the median and the longest time of a key, and which query
//! it was. A key has 2 ms.

use std::time::{Duration, Instant};

use akwiz::catalog::head::Head;
use akwiz::catalog::load::{Catalog, parse};
use akwiz::catalog::search::Search;

/// What people type, key by key: names, other names, parts of them, typing errors, words of the description.
const QUERIES: [&str; 12] = [
    "portainer",
    "portianer",
    "proxmox ve",
    "home assistant",
    "er",
    "a",
    "ticket system",
    "containers",
    "qqqqqqqq",
    "pve",
    "open source",
    "management server 42",
];
/// Pieces that made names and descriptions are put together from.
const WORDS: [&str; 24] = [
    "open",
    "server",
    "manager",
    "home",
    "cloud",
    "ticket",
    "media",
    "container",
    "monitor",
    "wiki",
    "notes",
    "photo",
    "budget",
    "mail",
    "chat",
    "forge",
    "storage",
    "proxy",
    "network",
    "library",
    "reader",
    "board",
    "vault",
    "assistant",
];
/// How often each key is timed; the best counts, for what disturbs a machine only adds.
const TIMES: usize = 5;

fn main() {
    let built_in = Catalog::built_in();
    report("built-in", &built_in.heads().cloned().collect::<Vec<_>>());
    report("made", &(0..10_000).map(made).collect::<Vec<_>>());
}

/// The head of a template with a name of three words, two other names, and a sentence.
fn made(number: usize) -> Head {
    let word = |step: usize| WORDS[(number / step.max(1) + number * step) % WORDS.len()];
    let (one, two, three) = (word(1), word(24), word(576));
    let source = format!(
        "schema = 1\nid = \"{one}-{two}-{number}\"\nname = \"{one} {two} {number}\"\naliases = [\"{three}{number}\", \"{two} {three}\"]\n\
         category = \"infrastructure\"\nhomepage = \"https://example.com/\"\nsummary = \"A {three} for {one} and {two}, with {}\"\n",
        word(7)
    );
    Head::of(&parse(&format!("{one}-{two}-{number}.toml"), &source).expect("the made template is right"))
}

fn report(what: &str, heads: &[Head]) {
    let begun = Instant::now();
    let mut search = Search::new(heads);
    let indexed = begun.elapsed();
    let mut keys: Vec<(Duration, String, usize)> = Vec::new();
    for query in QUERIES {
        for (end, letter) in query.char_indices() {
            let typed = &query[..end + letter.len_utf8()];
            let mut best = (Duration::MAX, 0);
            for _ in 0..TIMES {
                let begun = Instant::now();
                let found = search.find(typed, &[]).len();
                best = best.min((begun.elapsed(), found));
            }
            keys.push((best.0, typed.to_owned(), best.1));
        }
    }
    keys.sort();
    let median = keys[keys.len() / 2].0;
    let (longest, query, found) = keys.last().expect("there are queries");
    println!(
        "{what}: {} templates, indexed in {indexed:.1?}; a key takes {median:.1?}, at most {longest:.1?} (\"{query}\", {found} found)",
        heads.len()
    );
}
