//! The templates of this build, and the user's own.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use indexmap::IndexMap;

use super::head::Head;
use super::template::{FORMAT, Template};

/// The templates of `assets/templates` in blocks, packed by `build.rs`: for each block its packed length (four bytes, little-endian) and
/// its bytes. Unpacked, a block is file name and source of each template, each closed by a NUL. In blocks, so that one template can be read
/// without unpacking all.
const BUILT_IN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/templates.packed"));
/// Their ids, by name of the template: a line for each block.
const IDS: &str = include_str!(concat!(env!("OUT_DIR"), "/templates.ids"));
/// The longest file that is read. The longest built-in one has some 15 KiB.
const SIZE: u64 = 256 * 1024;

/// The blocks of the built-in templates, still packed.
fn blocks() -> impl Iterator<Item = &'static [u8]> {
    let mut rest = BUILT_IN;
    std::iter::from_fn(move || {
        let (length, packed) = rest.split_first_chunk::<4>()?;
        let (block, others) = packed.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        rest = others;
        Some(block)
    })
}

/// A block, unpacked.
fn unpacked(block: &[u8]) -> String {
    let bytes = miniz_oxide::inflate::decompress_to_vec_zlib(block).expect("this build packed them");
    String::from_utf8(bytes).expect("templates are UTF-8")
}

/// File names and sources of an unpacked block.
fn sources(block: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut pieces = block.split_terminator('\0');
    std::iter::from_fn(move || Some((pieces.next()?, pieces.next()?)))
}

/// All templates that can be picked, by name. Of the built-in ones only the ids are known until a list or the search asks for their
/// [`Head`]s; the rest of one is read when it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    templates: IndexMap<String, Loaded>,
    /// Set when all heads are read.
    heads: OnceLock<()>,
    broken: Vec<LoadError>,
}

/// A template, and where it is from.
#[derive(Debug, Clone)]
struct Loaded {
    head: OnceLock<Head>,
    origin: Origin,
    /// Which block of the built-in ones it is in.
    block: usize,
    /// All of it, once it was asked for; from the start if it is not built in.
    whole: OnceLock<Box<Template>>,
}

impl Loaded {
    fn head(&self) -> &Head {
        self.head.get().expect("the heads of all are read before one is asked for")
    }

    fn template(&self, id: &str) -> &Template {
        self.whole.get_or_init(|| {
            let block = blocks().nth(self.block).expect("each line of ids has its block");
            let (block, file) = (unpacked(block), format!("{id}.toml"));
            let (_, source) = sources(&block).find(|(name, _)| *name == file).expect("its line says that it is in this block");
            Box::new(parse(&file, source).expect("the tests read all of them"))
        })
    }
}

/// Where a template is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// This build.
    BuiltIn,
    /// The user's folder. Its mapping expressions run inside authentik, so that they want a typed yes.
    User(PathBuf),
}

/// Why a template was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// The file.
    pub file: String,
    /// Line and column in it, from 1, where the error has a place.
    pub at: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "{}:{line}:{column}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for LoadError {}

impl LoadError {
    fn of(file: &Path, message: String) -> Self {
        Self { file: file.display().to_string(), at: None, message }
    }
}

impl Catalog {
    /// The templates of this build.
    pub fn built_in() -> Self {
        let mut catalog = Self::default();
        for (block, line) in IDS.lines().enumerate() {
            for id in line.split(' ') {
                let loaded = Loaded { head: OnceLock::new(), origin: Origin::BuiltIn, block, whole: OnceLock::new() };
                catalog.templates.insert(id.to_owned(), loaded);
            }
        }
        catalog
    }

    /// The templates, once the heads of all are read. That takes some milliseconds.
    fn with_heads(&self) -> &IndexMap<String, Loaded> {
        self.heads.get_or_init(|| {
            for (at, block) in blocks().enumerate() {
                for (file, source) in sources(&unpacked(block)) {
                    let loaded = file.strip_suffix(".toml").and_then(|id| self.templates.get(id));
                    // One of the user's may stand in its place.
                    let Some(loaded) = loaded.filter(|loaded| loaded.origin == Origin::BuiltIn && loaded.block == at) else {
                        continue;
                    };
                    let read = || {
                        Head::read(source).unwrap_or_else(|| Head::of(&parse(file, source).expect("the tests read all of them")))
                    };
                    loaded.head.get_or_init(read);
                }
            }
        });
        &self.templates
    }

    /// The templates of this build and those in `folder`, which add to them or replace them by id. A folder that does not exist is empty;
    /// a broken file is reported and leaves the rest working. With templates in the folder it takes some milliseconds: call it after the
    /// first frame.
    pub fn load(folder: &Path) -> Self {
        let mut catalog = Self::built_in();
        let mut files = Vec::new();
        match std::fs::read_dir(folder) {
            Ok(entries) => files.extend(entries.filter_map(|entry| entry.ok().map(|entry| entry.path()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => catalog.broken.push(LoadError::of(folder, format!("The folder cannot be read: {error}."))),
        }
        files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
        files.sort();
        let own = files.len();
        for file in files {
            match read(&file) {
                Ok((template, _)) => catalog.add(template, Origin::User(file)),
                Err(error) => catalog.broken.push(error),
            }
        }
        // The built-in ones are in order.
        if own > 0 {
            catalog.sort();
        }
        catalog
    }

    /// Takes in a whole template.
    fn add(&mut self, mut template: Template, origin: Origin) {
        template.own = matches!(origin, Origin::User(_));
        let (id, head) = (template.id.clone(), OnceLock::from(Head::of(&template)));
        self.templates.insert(id, Loaded { head, origin, block: 0, whole: OnceLock::from(Box::new(template)) });
    }

    fn sort(&mut self) {
        self.with_heads();
        self.templates.sort_by_cached_key(|id, loaded| (loaded.head().name.to_lowercase(), id.clone()));
    }

    /// The template with this id.
    pub fn get(&self, id: &str) -> Option<&Template> {
        self.templates.get_key_value(id).map(|(id, loaded)| loaded.template(id))
    }

    /// The head of the template at this position of [`Catalog::heads`].
    pub fn at(&self, position: usize) -> Option<&Head> {
        self.with_heads().get_index(position).map(|(_, loaded)| loaded.head())
    }

    /// Where the template with this id is from.
    pub fn origin(&self, id: &str) -> Option<&Origin> {
        self.templates.get(id).map(|loaded| &loaded.origin)
    }

    /// What all templates are about, by name. The first time it takes some milliseconds: call it after the first frame.
    pub fn heads(&self) -> impl ExactSizeIterator<Item = &Head> {
        self.with_heads().values().map(Loaded::head)
    }

    /// All templates, whole, by name. Reads and keeps each: a list needs only [`Catalog::heads`].
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Template> {
        self.templates.iter().map(|(id, loaded)| loaded.template(id))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.templates.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.templates.is_empty()
    }

    /// The files that could not be read, with the reasons.
    pub fn broken(&self) -> &[LoadError] {
        &self.broken
    }
}

impl FromIterator<Template> for Catalog {
    /// These templates and no others, as if they were built in.
    fn from_iter<I: IntoIterator<Item = Template>>(templates: I) -> Self {
        let mut catalog = Self::default();
        for template in templates {
            catalog.add(template, Origin::BuiltIn);
        }
        catalog.heads = OnceLock::from(());
        catalog.sort();
        catalog
    }
}

/// Reads a template from a file, and gives its source too.
///
/// # Errors
/// As [`parse`], and when the file cannot be read or is too long.
pub fn read(file: &Path) -> Result<(Template, String), LoadError> {
    let unread = |error: std::io::Error| LoadError::of(file, format!("The file cannot be read: {error}."));
    if std::fs::metadata(file).map_err(unread)?.len() > SIZE {
        return Err(LoadError::of(file, "The file is too long for a template.".into()));
    }
    let source = std::fs::read_to_string(file).map_err(unread)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match parse(&name, &source) {
        Ok(template) => Ok((template, source)),
        Err(error) => Err(LoadError { file: file.display().to_string(), ..error }),
    }
}

/// Reads a template. `file` is its name, which must be the id with `.toml`.
///
/// # Errors
/// With line and column, when it is no TOML, has an unknown key or a value of the wrong type, is of another version of the format, or
/// is named differently.
pub fn parse(file: &str, source: &str) -> Result<Template, LoadError> {
    let fail = |at: Option<usize>, message: String| LoadError {
        file: file.to_owned(),
        at: at.map(|at| line_column(source, at)),
        message,
    };
    let unread = |error: toml::de::Error| fail(error.span().map(|span| span.start), error.message().to_owned());
    let template = match toml::from_str::<Template>(source) {
        Ok(template) if template.schema == FORMAT => template,
        // The version first: the other errors of a newer format would mislead.
        read => {
            let table: toml::Table = toml::from_str(source).map_err(unread)?;
            match table.get("schema").and_then(toml::Value::as_integer) {
                Some(version) if version == i64::from(FORMAT) => read.map_err(unread)?,
                Some(version) => {
                    let message = format!(
                        "It has version {version} of the format; this akwiz reads version {FORMAT}. Get the akwiz that it was written for."
                    );
                    return Err(fail(source.find("schema"), message));
                }
                None => return Err(fail(None, format!("It does not say schema = {FORMAT} at its start."))),
            }
        }
    };
    let place = source.find("\nid").map(|at| at + 1);
    if !is_id(&template.id) {
        return Err(fail(place, "The id may have lower-case letters, digits, hyphens and dots.".into()));
    }
    if file.strip_suffix(".toml") != Some(template.id.as_str()) {
        return Err(fail(place, format!("The id is \"{}\", so the file must be named {}.toml.", template.id, template.id)));
    }
    Ok(template)
}

/// Whether a text can be the id of a template: lower-case letters, digits, hyphens and dots.
pub fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
}

/// Line and column, from 1, of a byte position.
fn line_column(source: &str, at: usize) -> (usize, usize) {
    let before = source.get(..at).unwrap_or(source);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// The least that a template must say.
#[cfg(test)]
const SMALL: &str =
    "schema = 1\nid = \"x\"\nname = \"X\"\ncategory = \"test\"\nhomepage = \"https://x.example\"\nsummary = \"A test\"\n";

/// The least template with more in it, for tests that need one.
#[cfg(test)]
pub(crate) fn small(more: &str) -> Template {
    parse("x.toml", &format!("{SMALL}{more}")).expect("the test's template is right")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_a_place() {
        let at = |source: &str| parse("x.toml", source).unwrap_err().to_string();
        assert!(parse("x.toml", SMALL).is_ok());
        assert!(
            at(&format!("{SMALL}typo = 1\n")).starts_with("x.toml:7:1: unknown field `typo`"),
            "{}",
            at(&format!("{SMALL}typo = 1\n"))
        );
        assert!(at(&SMALL.replace("\"X\"", "\"X")).starts_with("x.toml:3:"));
        assert!(at(&SMALL.replace("schema = 1", "schema = 2")).starts_with("x.toml:1:1: It has version 2"));
        assert!(at(&SMALL.replace("\"x\"", "\"y\"")).starts_with("x.toml:2:1: The id is \"y\""));
        assert!(at(&SMALL.replace("schema = 1\n", "")).starts_with("x.toml: It does not say schema"));
    }

    #[test]
    fn a_users_folder_adds_and_replaces_and_may_be_broken() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, source: &str| std::fs::write(folder.path().join(name), source).unwrap();
        write("x.toml", SMALL);
        write("broken.toml", "schema = ");
        write("notes.txt", "not a template");
        write("portainer.toml", &SMALL.replace("\"x\"", "\"portainer\""));
        let catalog = Catalog::load(folder.path());
        assert_eq!(catalog.get("x").unwrap().name, "X");
        assert_eq!(catalog.len(), Catalog::built_in().len() + 1);
        assert_eq!(catalog.broken().len(), 1);
        assert!(catalog.broken()[0].to_string().contains("broken.toml:1:"), "{}", catalog.broken()[0]);
        assert!(matches!(catalog.origin("x"), Some(Origin::User(_))));
        let own: Vec<&str> = catalog.iter().filter(|template| template.own).map(|template| template.id.as_str()).collect();
        assert_eq!(own, ["portainer", "x"], "what they run in authentik wants a typed yes");
        assert!(catalog.iter().map(|template| template.name.to_lowercase()).is_sorted());
        assert!(Catalog::load(&folder.path().join("missing")).broken().is_empty());
    }

    #[test]
    fn every_built_in_template_can_be_read() {
        let catalog = Catalog::built_in();
        assert_eq!(catalog.len(), std::fs::read_dir("assets/templates").unwrap().count());
        assert!(catalog.iter().all(|template| !template.own));
        assert!(catalog.iter().map(|template| (template.name.to_lowercase(), &template.id)).is_sorted());
    }

    #[test]
    fn a_template_is_read_when_it_is_asked_for_and_once() {
        let catalog = Catalog::built_in();
        assert!(catalog.templates.values().all(|loaded| loaded.whole.get().is_none()));
        let heads: Vec<Head> = catalog.heads().cloned().collect();
        assert_eq!(catalog.iter().map(Head::of).collect::<Vec<_>>(), heads, "each is found in its block");
        assert!(std::ptr::eq(catalog.get("portainer").unwrap(), catalog.get("portainer").unwrap()));
    }
}
