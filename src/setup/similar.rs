//! Which names resemble one that is not known.

/// How alike two names have to be, from 0 to 1, to be taken for a slip: two letters in a short word.
const ALIKE: f64 = 0.78;
/// More than this many names are not listed.
const MOST: usize = 12;

/// What to say of a name that is not known: the names that resemble `typed`, or all of them after `all` where none does and they are few.
pub fn hint<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>, all: &str) -> Option<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let alike = similar(typed, &names);
    match (alike.as_slice(), names.len()) {
        ([], 1..=MOST) => Some(format!("{all}: {}.", names.join(", "))),
        ([], _) => None,
        ([one], _) => Some(format!("Did you mean “{one}”?")),
        (several, _) => Some(format!("Did you mean one of these: {}?", several.join(", "))),
    }
}

/// The names that resemble `typed`, the likest first, at most three.
fn similar<'n>(typed: &str, names: &[&'n str]) -> Vec<&'n str> {
    let typed = typed.to_lowercase();
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let begins = !typed.is_empty() && name.starts_with(&typed);
        if begins { 1.0 } else { strsim::jaro_winkler(&typed, &name) }
    };
    let mut alike: Vec<(f64, &str)> =
        names.iter().map(|name| (likeness(name), *name)).filter(|(like, _)| *like > ALIKE).collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alike.dedup_by_key(|(_, name)| *name);
    alike.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognized_and_strangers_are_not() {
        let names = ["portainer", "proxmox-ve", "plesk", "grafana"];
        assert_eq!(similar("portianer", &names), ["portainer"]);
        assert_eq!(similar("Proxmox", &names), ["proxmox-ve"]);
        assert!(similar("wiki", &names).is_empty());
    }

    #[test]
    fn few_names_are_listed_and_many_are_not() {
        assert_eq!(hint("zzz", ["a", "b"], "There are").as_deref(), Some("There are: a, b."));
        assert_eq!(hint("hoem", ["home", "work"], "There are").as_deref(), Some("Did you mean “home”?"));
        assert_eq!(hint("zzz", std::iter::repeat_n("a", MOST + 1), "There are"), None);
    }
}
