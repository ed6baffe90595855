//! `akwiz template new`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::catalog::load::is_id;
use crate::cli::document::VERSION;
use crate::cli::output::Output;
use crate::error::{Error, Kind, Result};

/// What a new template looks like. It is sound as it stands; what has to be replaced is in capital letters or marked by a comment.
const SKELETON: &str = include_str!("skeleton.toml");

/// A template to fill in.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "template-new"))]
pub(in crate::cli) struct NewDocument {
    /// The name of its file.
    file: String,
    /// What belongs into it.
    text: String,
}

/// Prints a template to fill in. Nothing is asked, and nothing is written.
///
/// # Errors
/// When the id is not usable.
pub(super) fn run(id: &str, output: &Output) -> Result<()> {
    let text = made(id)?;
    if output.is_json() {
        return output.document("template-new", VERSION, &NewDocument { file: format!("{id}.toml"), text });
    }
    output.result(text.trim_end())
}

fn made(id: &str) -> Result<String> {
    if !is_id(id) {
        return Err(Error::new(Kind::Usage, format!("“{id}” cannot be the id of a template."))
            .hint("An id has lower-case letters, digits, hyphens and dots, such as my-app."));
    }
    let mut name = String::new();
    for word in id.split(['-', '.']).filter(|word| !word.is_empty()) {
        let (first, rest) = word.split_at(1);
        let _ = write!(name, "{}{}{rest}", if name.is_empty() { "" } else { " " }, first.to_ascii_uppercase());
    }
    Ok(SKELETON.replace("{id}", id).replace("{name}", &name))
}

#[cfg(test)]
mod tests {
    use super::made;
    use crate::catalog::load::parse;
    use crate::catalog::render::Engine;
    use crate::setup::sample::check;

    #[test]
    fn a_new_template_is_sound() {
        for id in ["my-app", "x", "a.b-2"] {
            let template = parse(&format!("{id}.toml"), &made(id).unwrap()).unwrap();
            assert_eq!(check(&Engine::new(), &template), [], "{id}");
        }
        assert!(made("my-app").unwrap().contains("name = \"My App\""));
        for id in ["", "My App", "../x", "é"] {
            assert!(made(id).is_err(), "{id}");
        }
    }
}
