//! Packs the templates in `assets/templates`, so that adding one touches nothing else and costs the program a quarter of its bytes; and
//! the stand-in's table. Says what a release is linked without.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// How many templates are packed together: more cost fewer bytes, and more time for the one that is wanted.
const BLOCK: usize = 8;

fn main() {
    let folder = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("assets/templates");
    println!("cargo::rerun-if-changed=assets/templates");
    let mut files: Vec<String> = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort_by_cached_key(|file| (name(&folder, file).to_lowercase(), id(file).to_owned()));
    let (mut blocks, mut ids) = (Vec::new(), String::new());
    for block in files.chunks(BLOCK) {
        ids.extend([block.iter().map(|file| id(file)).collect::<Vec<_>>().join(" "), "\n".to_owned()]);
        let packed = packed(&sources(&folder, block));
        let length = u32::try_from(packed.len()).expect("a block has some KiB");
        blocks.extend_from_slice(&length.to_le_bytes());
        blocks.extend_from_slice(&packed);
    }
    write("templates.packed", &blocks);
    write("templates.ids", ids.as_bytes());
    println!("cargo::rerun-if-changed=src/demo/schema.json");
    write("schema.zlib", &packed(&fs::read("src/demo/schema.json").expect("the stand-in's table can be read")));
    drop_unwind_tables();
}

/// The id of the template in a file.
fn id(file: &str) -> &str {
    file.trim_end_matches(".toml")
}

/// The name of the template in a file: its line `name = "…"`. The order of the list is by name, and is known without reading any.
fn name(folder: &Path, file: &str) -> String {
    let source = fs::read_to_string(folder.join(file)).expect("the template can be read");
    let named = source.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
    named.unwrap_or_else(|| panic!("{file} has no line that begins with name = \" and ends with a quotation mark")).to_owned()
}

/// Name and source of each of these files, each closed by a NUL.
fn sources(folder: &Path, files: &[String]) -> Vec<u8> {
    let mut sources = Vec::new();
    for file in files {
        let source = fs::read(folder.join(file)).expect("the template can be read");
        assert!(!source.contains(&0), "{file} holds a NUL character, which separates the templates in the program");
        sources.extend_from_slice(file.as_bytes());
        sources.push(0);
        sources.extend_from_slice(&source);
        sources.push(0);
    }
    sources
}

/// Leaves out of a release what only unwinding reads: 1 MB. A release ends at a panic (`panic = "abort"`), after its hook has put the
/// terminal back, so nothing is ever unwound. The compiler writes these tables anyway, and cargo cannot tell it otherwise for one profile.
fn drop_unwind_tables() {
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|set| set == value);
    if !(is("CARGO_CFG_TARGET_OS", "linux") && is("PROFILE", "release")) {
        return;
    }
    let script =
        write("no-unwind-tables.ld", b"SECTIONS { /DISCARD/ : { *(.eh_frame) *(.eh_frame_hdr) } } INSERT AFTER .text;\n");
    println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr,-T,{}", script.display());
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(bytes, 10)
}

/// Writes `bytes` to cargo's output folder.
fn write(name: &str, bytes: &[u8]) -> PathBuf {
    let file = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join(name);
    fs::write(&file, bytes).expect("cargo's output folder can be written to");
    file
}
