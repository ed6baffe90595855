//! Packs the templates in `assets/templates`, so that adding one touches nothing else and costs the program a quarter of its bytes; and
//! the stand-in's table.

use std::path::Path;
use std::{env, fs};

fn main() {
    let folder = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("assets/templates");
    println!("cargo::rerun-if-changed=assets/templates");
    let mut files: Vec<String> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut sources = Vec::new();
    for file in files {
        let source = fs::read(folder.join(&file)).expect("the template can be read");
        assert!(!source.contains(&0), "{file} holds a NUL character, which separates the templates in the program");
        sources.extend_from_slice(file.as_bytes());
        sources.push(0);
        sources.extend_from_slice(&source);
        sources.push(0);
    }
    pack("templates.zlib", &sources);
    println!("cargo::rerun-if-changed=src/demo/schema.json");
    pack("schema.zlib", &fs::read("src/demo/schema.json").expect("the stand-in's table can be read"));
}

/// Writes `bytes`, packed, to cargo's output folder.
fn pack(name: &str, bytes: &[u8]) {
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join(name);
    fs::write(out, miniz_oxide::deflate::compress_to_vec_zlib(bytes, 10)).expect("cargo's output folder can be written to");
}
