//! Typographic signs on terminals that show ASCII only. Letters beyond ASCII are data, such as the name of a group: they stay.

/// The ASCII character that takes the place of a sign and is as wide.
pub(crate) fn sign(c: char) -> Option<char> {
    Some(match c {
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '…' => '~',
        '–' | '—' => '-',
        '→' | '»' => '>',
        '←' | '«' => '<',
        '•' | '·' => '*',
        '×' => 'x',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthChar as _;

    use super::*;

    #[test]
    fn signs_stay_one_cell_wide_and_letters_what_they_are() {
        for c in '\u{80}'..'\u{3000}' {
            assert!(sign(c).is_none_or(|sign| sign.is_ascii_graphic() && c.width() == Some(1)), "{c}");
            assert!(!c.is_alphanumeric() || sign(c).is_none(), "{c}");
        }
    }
}
