//! authentik's version, and the page and the endpoint that tell it.

use serde::Deserialize;

pub use crate::setup::facts::Version;

use super::error::Result;
use super::http::Client;

/// Finds the version in one of authentik's pages.
///
/// The names of its static files carry the whole version (`/static/dist/poly-2024.12.5.js`, `…/styles/static-2025.12.4.css`), error
/// pages included; the inline script has the first two numbers (`versionFamily: "2025.12"`), empty on error pages.
pub fn in_page(html: &str) -> Option<Version> {
    let from_files = html.match_indices("/static/dist/").find_map(|(at, found)| {
        let rest = &html[at + found.len()..];
        let name = &rest[..rest.find(['"', '\'', ')', '>', '?'])?];
        let stem = name.strip_suffix(".js").or_else(|| name.strip_suffix(".css"))?;
        Version::parse(&stem[stem.find("-20")? + 1..])
    });
    from_files.or_else(|| {
        let rest = html.split_once("versionFamily: \"")?.1;
        Version::parse(rest.split_once('"')?.0)
    })
}

#[derive(Deserialize)]
struct AdminVersion {
    #[serde(default)]
    version_current: String,
}

impl Client {
    /// The server's version. Needs a token, but no right. Nothing when the server says something that is no version.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn version(&self) -> Result<Option<Version>> {
        let answer: AdminVersion = self.get(&["admin", "version"], &[]).await?;
        Ok(Version::parse(&answer.version_current))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_all_versions_tell_it() {
        for (page, wanted) in [
            (r#"<script src="/static/dist/poly-2024.12.5.js" type="module">"#, Some(Version::new(2024, 12, 5))),
            (
                r#"<link href="/static/dist/assets/icons/icon.png"><link href="/static/dist/styles/interface-2025.12.4.css" />"#,
                Some(Version::new(2025, 12, 4)),
            ),
            (r#"<script src="/sso/static/dist/standalone/loading/index-2026.5.0-rc1.js">"#, Some(Version::new(2026, 5, 0))),
            (r#"versionFamily: "2025.8", versionSubdomain"#, Some(Version::new(2025, 8, 0))),
            (r#"versionFamily: "","#, None),
            ("<title>nginx</title>", None),
            ("/static/dist/poly-20", None),
        ] {
            assert_eq!(in_page(page), wanted, "{page}");
        }
    }
}
