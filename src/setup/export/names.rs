//! Names inside the exported text: letters, digits and underscores, each used once.

use std::collections::HashSet;

/// Gives out names that nothing else has.
#[derive(Debug, Default)]
pub(super) struct Labels(HashSet<String>);

impl Labels {
    /// A name like `text` that was not given out.
    pub fn new_for(&mut self, text: &str) -> String {
        let plain = slug_label(text);
        let mut label = plain.clone();
        let mut number = 2;
        while !self.0.insert(label.clone()) {
            label = format!("{plain}_{number}");
            number += 1;
        }
        label
    }
}

/// `text` as a name: lower-case ASCII letters, digits and underscores, a letter first.
pub fn slug_label(text: &str) -> String {
    let mut label = String::new();
    for letter in text.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            label.push(letter);
        } else if !label.is_empty() && !label.ends_with('_') {
            label.push('_');
        }
    }
    let label = label.trim_end_matches('_');
    match label.chars().next() {
        Some(first) if first.is_ascii_alphabetic() => label.to_owned(),
        Some(_) => format!("x_{label}"),
        None => "x".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_used_once() {
        let mut labels = Labels::default();
        let given = ["Family", "family", "2 cats", "", "ä ö", "a--b__c "].map(|text| labels.new_for(text));
        assert_eq!(given, ["family", "family_2", "x_2_cats", "x", "x_2", "a_b_c"]);
    }
}
