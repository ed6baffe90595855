//! Line and column of a finding: lint names places by what they are called, editors want numbers.

/// Line and column, from 1, of a place such as `entry "oauth", field "Client ID"`: each piece of it is looked for behind the one before.
pub(super) fn find(source: &str, place: &str) -> Option<(usize, usize)> {
    // What comes of a sample stands elsewhere, but for what it expects.
    match place.split_once(", ") {
        Some((sample, inner)) if sample.starts_with("sample ") => below(source, inner).or_else(|| below(source, sample)),
        _ => below(source, place),
    }
}

fn below(source: &str, place: &str) -> Option<(usize, usize)> {
    let mut at = 0;
    let mut found = None;
    for piece in place.split(", ") {
        let Some(next) = position(&source[at..], piece) else { continue };
        at += next;
        found = Some(at);
    }
    found.map(|at| {
        let line = source[..at].rfind('\n').map_or(0, |end| end + 1);
        (source[..at].matches('\n').count() + 1, source[line..at].chars().count() + 1)
    })
}

fn position(source: &str, piece: &str) -> Option<usize> {
    let (table, name) = piece.split_once(' ').unwrap_or((piece, ""));
    if let Some(name) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        // The key of a table, in TOML's quotes.
        if table == "key" {
            let quoted = ['"', '\''].map(|quote| format!("{quote}{name}{quote}"));
            return quoted.iter().filter_map(|key| source.find(key)).min();
        }
        // Below its table, so that an entry is not taken for a question of the same name.
        let start = source.find(&format!("[[{table}]]")).unwrap_or(0);
        let keys = ["id", "label", "says"].map(|key| format!("{key} = \"{name}\""));
        return keys.iter().filter_map(|key| source[start..].find(key)).min().map(|at| start + at);
    }
    if let Ok(number) = name.parse::<usize>() {
        let tables = source.match_indices(&format!("[[{table}]]")).map(|(at, _)| at).nth(number.checked_sub(1)?);
        return tables.or_else(|| source.find(&format!("{table}s = [")));
    }
    let name = if name.is_empty() { table } else { name };
    let heading = [format!("\n[{name}]"), format!("\n{name} = "), format!("\n[[{name}]]")];
    heading.iter().filter_map(|heading| source.find(heading)).min().map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::find;

    const SOURCE: &str = "schema = 1\nhomepage = \"x\"\n[[question]]\nid = \"app\"\n[derive]\nx = \"1\"\n[provider]\nredirects = []\n\
        [[entry]]\nid = \"app\"\nfields = [\n  { label = \"Client ID\", value = { a = 1, '{{ b }}' = 2 } },\n]\n[[step]]\n[[step]]\n[[sample]]\n";

    #[test]
    fn places_have_lines_and_columns() {
        for (place, wanted) in [
            ("homepage", (2, 1)),
            ("question \"app\", default", (4, 1)),
            ("derive x", (6, 1)),
            ("provider, redirect 2", (8, 1)),
            ("entry \"app\"", (10, 1)),
            ("entry \"app\", field \"Client ID\"", (12, 5)),
            ("entry \"app\", field \"Client ID\", key \"{{ b }}\"", (12, 43)),
            ("sample 1, entry \"app\", docker run", (10, 1)),
            ("sample 1, expect \"redirects.0\"", (16, 1)),
            ("step 2, when", (15, 1)),
        ] {
            assert_eq!(find(SOURCE, place), Some(wanted), "{place}");
        }
        assert_eq!(find(SOURCE, "verify"), None);
    }
}
