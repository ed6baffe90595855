//! Finds templates by what people type: name, aliases, category, summary; ignoring case and accents.

use nucleo_matcher::{Config, Matcher, Utf32String, chars};

use super::head::Head;

/// From this length on, letters may stand apart in a name. Two letters apart are in almost any.
const SCATTERED: usize = 3;

/// From this length on, two letters may have changed places. In shorter words that would be another word.
const SWAPPED: usize = 4;

/// An index over the templates of a catalog, in its order.
pub struct Search {
    rows: Vec<Row>,
    /// Which letters and pairs each row has, side by side: most rows are ruled out without being looked at.
    masks: Vec<Mask>,
    matcher: Matcher,
}

/// What a row has in all its texts.
struct Mask {
    letters: u64,
    /// Pairs of letters anywhere in the names, or at the beginning of a word: a word of two letters that matches has its pair here.
    pairs: u128,
}

/// One template.
struct Row {
    id: String,
    /// Name, id and aliases.
    names: Vec<Field>,
    /// Category and summary.
    about: Vec<Field>,
}

/// A text, folded.
struct Field {
    text: String,
    letters: Utf32String,
    /// Which letters it has, to rule most texts out at once.
    mask: u64,
    /// Where its words begin.
    words: Vec<usize>,
    /// Which pairs of neighboring letters it has, and with which its words begin: what is not here needs no look at the text.
    pairs: u128,
    beginnings: u128,
    /// With which letters its words begin.
    initials: u64,
}

/// How well a row matches: its own name or id, another name of it, a beginning, letters of its name, a beginning with two letters swapped, and last a
/// word of its description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Itself,
    Exact,
    Beginning,
    Letters,
    Swapped,
    About,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Search").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

impl Search {
    /// Indexes templates. The positions that [`Search::find`] gives count in this order.
    pub fn new<'t>(heads: impl IntoIterator<Item = &'t Head>) -> Self {
        let rows = heads.into_iter().map(|head| Row {
            id: head.id.clone(),
            names: names(head),
            about: [&head.category, &head.summary].into_iter().chain(&head.label).map(|text| Field::new(text)).collect(),
        });
        let rows: Vec<Row> = rows.collect();
        let of = |row: &Row| {
            let fields = || row.names.iter().chain(&row.about);
            Mask {
                letters: fields().fold(0, |mask, field| mask | field.mask),
                pairs: fields().fold(0, |mask, field| mask | field.beginnings)
                    | row.names.iter().fold(0, |mask, name| mask | name.pairs),
            }
        };
        Self { masks: rows.iter().map(of).collect(), rows, matcher: Matcher::new(Config::DEFAULT) }
    }

    /// Positions of the templates that match, best first. `recent` are ids, the latest first; they lead where nothing is typed, and
    /// among equal matches. What is equal in all keeps the catalog's order.
    pub fn find(&mut self, query: &str, recent: &[String]) -> Vec<usize> {
        let query = fold(query.trim());
        let words: Vec<Field> = query.split_whitespace().map(Field::folded).collect();
        let mut found: Vec<(u64, usize)> = Vec::new();
        let letters = words.iter().fold(0, |mask, word| mask | word.mask);
        let short = words.iter().filter(|word| word.text.len() < SCATTERED);
        let pairs = short.fold(0, |mask, word| mask | pair(word.text.as_bytes()));
        let has_all = |mask: &Mask| mask.letters & letters == letters && mask.pairs & pairs == pairs;
        for (at, (mask, row)) in self.masks.iter().zip(&self.rows).enumerate() {
            if !has_all(mask) {
                continue;
            }
            if let Some((tier, score)) = row.matches(&query, &words, &mut self.matcher) {
                let age = recent.iter().position(|id| *id == row.id).unwrap_or(recent.len());
                found.push((rank(tier, score, age), at));
            }
        }
        found.sort_unstable();
        found.into_iter().map(|(_, at)| at).collect()
    }
}

/// One number for a match, less is better: its tier, then its score, then how long ago it was used. Sorted by thousands at a key.
fn rank(tier: Tier, score: u32, age: usize) -> u64 {
    let age = u64::from(u16::try_from(age).unwrap_or(u16::MAX));
    (tier as u64) << 48 | u64::from(u32::MAX - score) << 16 | age
}

/// Name, aliases, and the id where it differs from the name.
fn names(head: &Head) -> Vec<Field> {
    let name = Field::new(&head.name);
    let id = (name.text != head.id).then(|| Field::new(&head.id));
    std::iter::once(name).chain(id).chain(head.aliases.iter().map(|alias| Field::new(alias))).collect()
}

impl Row {
    fn matches(&self, query: &str, words: &[Field], matcher: &mut Matcher) -> Option<(Tier, u32)> {
        if words.is_empty() {
            return Some((Tier::Itself, 0));
        }
        if self.id == query || self.names.first().is_some_and(|name| name.text == query) {
            return Some((Tier::Itself, 0));
        }
        if self.names.iter().any(|name| name.text == query) {
            return Some((Tier::Exact, 0));
        }
        let mut whole = (Tier::Exact, 0);
        for word in words {
            let (tier, score) = self.word(word, matcher)?;
            whole = (whole.0.max(tier), whole.1 + score);
        }
        Some(whole)
    }

    fn word(&self, word: &Field, matcher: &mut Matcher) -> Option<(Tier, u32)> {
        let names = || self.names.iter().filter(|name| name.mask & word.mask == word.mask);
        let own = self.names.first();
        // The name before aliases. Equal otherwise, so that the list stands still while one types on.
        let rank = |name: &Field| {
            let at = name.begins(word)?;
            Some(u32::from(at == 0) + u32::from(at == 0 && own.is_some_and(|own| std::ptr::eq(own, name))))
        };
        let begins = names().filter_map(rank).max();
        let mut best = begins.map(|score| (Tier::Beginning, score));
        if best.is_none() && word.text.len() >= SCATTERED {
            let scores = names().filter_map(|name| matcher.fuzzy_match_greedy(name.letters.slice(..), word.letters.slice(..)));
            best = scores.max().map(|score| (Tier::Letters, score.into()));
        } else if best.is_none() && word.text.len() > 1 {
            best = names().any(|name| name.holds(word)).then_some((Tier::Letters, 0));
        }
        if best.is_none() && word.text.len() >= SWAPPED {
            best = names().any(|name| name.begins_swapped(word)).then_some((Tier::Swapped, 0));
        }
        // In a sentence, scattered letters match everything: a word must begin so.
        best.or_else(|| {
            let mut about = self.about.iter().filter(|about| about.mask & word.mask == word.mask);
            about.any(|about| about.has_beginning(word)).then_some((Tier::About, 0))
        })
    }
}

impl Field {
    fn new(text: &str) -> Self {
        Self::folded(&fold(text))
    }

    fn folded(text: &str) -> Self {
        let mut words = Vec::new();
        let mut inside = false;
        for (at, c) in text.char_indices() {
            if c.is_alphanumeric() && !inside {
                words.push(at);
            }
            inside = c.is_alphanumeric();
        }
        let mask = text.bytes().fold(0, |mask, byte| mask | 1 << bit(byte));
        let bytes = text.as_bytes();
        let pairs = (0..bytes.len()).fold(0, |mask, at| mask | pair(&bytes[at..]));
        let beginnings = words.iter().fold(0, |mask, at| mask | pair(&bytes[*at..]) | pair(&bytes[*at..=*at]));
        let initials = words.iter().fold(0, |mask, at| mask | 1 << bit(bytes[*at]));
        Self { text: text.to_owned(), letters: Utf32String::from(text), mask, words, pairs, beginnings, initials }
    }

    /// Whether a word begins with `word` but for two neighbors that changed places: `portianer`.
    fn begins_swapped(&self, word: &Self) -> bool {
        let word = word.text.as_bytes();
        self.words.iter().any(|at| {
            let Some(own) = self.text.as_bytes().get(*at..*at + word.len()) else { return false };
            let same = own.iter().zip(word).take_while(|(own, typed)| own == typed).count();
            matches!((own.get(same..), word.get(same..)), (Some([a, b, own @ ..]), Some([c, d, typed @ ..])) if a == d && b == c && own == typed)
        })
    }

    /// Whether `word`, of two letters or more, stands anywhere in it.
    fn holds(&self, word: &Self) -> bool {
        self.pairs & pair(word.text.as_bytes()) != 0 && self.text.contains(&word.text)
    }

    /// Whether a word begins with `word`. Of one letter the mask is the whole truth.
    fn has_beginning(&self, word: &Self) -> bool {
        match word.text.as_bytes() {
            [one] if one.is_ascii_alphanumeric() => self.initials & 1 << bit(*one) != 0,
            _ => self.begins(word).is_some(),
        }
    }

    /// Where a word begins with `word`.
    fn begins(&self, word: &Self) -> Option<usize> {
        if self.beginnings & pair(word.text.as_bytes()) == 0 {
            return None;
        }
        self.words.iter().copied().find(|at| self.text.as_bytes()[*at..].starts_with(word.text.as_bytes()))
    }
}

/// The bit of a letter in a mask. Letters and digits have their own.
fn bit(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => byte - b'0' + 26,
        _ => byte % 28 + 36,
    }
}

/// The bit of a text's first two letters, or of its only one, in a mask.
fn pair(text: &[u8]) -> u128 {
    match text {
        [] => 0,
        [one] => 1 << bit(*one),
        [one, two, ..] => 1 << ((u32::from(bit(*one)) * 37 + u32::from(bit(*two))) % 128),
    }
}

/// Lower case, without accents.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).map(chars::normalize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(id: &str, name: &str, aliases: &[&str], category: &str, summary: &str) -> Head {
        let source = format!(
            "schema = 1\nid = {id:?}\nname = {name:?}\naliases = {aliases:?}\ncategory = {category:?}\nhomepage = \"https://x.example\"\nsummary = {summary:?}\n"
        );
        Head::of(&crate::catalog::load::parse(&format!("{id}.toml"), &source).unwrap())
    }

    fn find(query: &str, recent: &[&str]) -> Vec<String> {
        let heads = [
            head("grafana", "Grafana", &["graphs"], "monitoring", "Dashboards"),
            head("osticket", "osTicket", &["helpdesk"], "infrastructure", "Ticket system"),
            head("pgadmin", "pgAdmin", &[], "infrastructure", "Manages PostgreSQL; privileges everywhere"),
            head("plex", "Plex", &["plex.tv"], "media", "Media server"),
            head("portainer", "Portainer", &["docker", "k8s"], "hypervisors-orchestrators", "Manages containers"),
            head("proxmox-ve", "Proxmox VE", &["pve"], "hypervisors-orchestrators", "Runs virtual machines"),
            head("cafe", "Café Ünïversal", &[], "other", "Coffee"),
        ];
        let recent: Vec<String> = recent.iter().map(ToString::to_string).collect();
        let mut search = Search::new(&heads);
        search.find(query, &recent).into_iter().map(|at| heads[at].id.clone()).collect()
    }

    #[test]
    fn exact_names_come_first() {
        assert_eq!(find("pve", &[])[0], "proxmox-ve");
        assert_eq!(find("PVE ", &["pgadmin"])[0], "proxmox-ve");
        assert_eq!(find("plex", &["portainer"])[0], "plex");
        assert_eq!(find("k8s", &[]), ["portainer"]);
        assert_eq!(find("p", &[])[..4], ["pgadmin", "plex", "portainer", "proxmox-ve"]);
    }

    #[test]
    fn every_template_is_first_by_its_own_name_and_id() {
        let catalog = crate::catalog::load::Catalog::built_in();
        let mut search = Search::new(catalog.heads());
        for (at, template) in catalog.heads().enumerate() {
            for query in [&template.name, &template.id] {
                let first = search.find(query, &[])[0];
                // An application and a login source can have one name, which can be the id of a third.
                let other = catalog.at(first).expect("what is found is there");
                assert!(first == at || other.name.eq_ignore_ascii_case(query), "{query}: {}", other.id);
            }
        }
    }

    #[test]
    fn case_accents_and_gaps_do_not_matter() {
        assert_eq!(find("CAFE UNI", &[]), ["cafe"]);
        assert_eq!(find("grfn", &[]), ["grafana"]);
        assert_eq!(find("ve prox", &[]), ["proxmox-ve"]);
        assert_eq!(find("ticket sys", &[]), ["osticket"]);
        assert_eq!(find("nothing at all", &[]), [""; 0]);
    }

    #[test]
    fn two_letters_may_change_places() {
        assert_eq!(find("portianer", &[]), ["portainer"]);
        assert_eq!(find("oprt", &[]), ["portainer"]);
        assert_eq!(find("graafna", &[]), ["grafana"]);
        assert_eq!(find("prxoomx", &[]), [""; 0], "once only");
        assert_eq!(find("elpx", &[]), [""; 0]);
        assert_eq!(find("pelx", &[]), ["plex"]);
        assert_eq!(find("evp", &[]), [""; 0], "too short");
    }

    #[test]
    fn description_counts_by_words_and_last() {
        assert_eq!(find("infra", &[]), ["osticket", "pgadmin"]);
        assert_eq!(find("container", &[]), ["portainer"]);
    }

    #[test]
    fn recent_ones_lead_when_nothing_is_typed() {
        assert_eq!(find("", &["plex", "cafe"])[..3], ["plex", "cafe", "grafana"]);
        assert_eq!(find("infra", &["pgadmin"]), ["pgadmin", "osticket"]);
    }
}
