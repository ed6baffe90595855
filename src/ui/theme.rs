//! Styles and symbols as roles. No other module names a color or a symbol.
//!
//! Only the terminal's own named colors are used: they are what its owner chose for a light or a dark background. Everything reads
//! without them, by markers, words, bold and reverse.

use ratatui::style::{Color, Modifier, Style};

/// What a piece of text is, from which follows how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Running text. Has no style, so that typing costs the letter alone.
    Text,
    /// The name of the program and of the page.
    Title,
    /// A heading inside a page.
    Heading,
    /// The name of a field.
    Label,
    /// The name of the field that has the keyboard.
    Focused,
    /// Help, notes, what is not in the foreground.
    Muted,
    /// A placeholder in an empty field.
    Placeholder,
    /// The marker beside the selected row.
    Marker,
    /// A value or option that is switched on.
    Chosen,
    /// What the person must put right.
    Error,
    /// What the person should know before going on.
    Warning,
    /// What worked.
    Ok,
    /// A key in the footer and in the help.
    Key,
    /// A secret that is hidden.
    Secret,
    /// A line of a diff that is added.
    Added,
    /// A line of a diff that goes away.
    Removed,
    /// A line of a diff that changes.
    Changed,
    /// Frames and rules.
    Border,
    /// The button that Enter presses.
    Button,
}

impl Role {
    /// Every role, for tests and the style page.
    pub const ALL: [Self; 19] = [
        Self::Text,
        Self::Title,
        Self::Heading,
        Self::Label,
        Self::Focused,
        Self::Muted,
        Self::Placeholder,
        Self::Marker,
        Self::Chosen,
        Self::Error,
        Self::Warning,
        Self::Ok,
        Self::Key,
        Self::Secret,
        Self::Added,
        Self::Removed,
        Self::Changed,
        Self::Border,
        Self::Button,
    ];

    /// The role's style: its attributes, and its color where one is used.
    const fn parts(self) -> (Modifier, Option<Color>) {
        match self {
            Self::Text | Self::Label => (Modifier::empty(), None),
            Self::Title | Self::Heading | Self::Key => (Modifier::BOLD, None),
            Self::Focused | Self::Marker => (Modifier::BOLD, Some(Color::Cyan)),
            Self::Muted | Self::Placeholder | Self::Secret | Self::Border => (Modifier::DIM, None),
            Self::Chosen => (Modifier::empty(), Some(Color::Cyan)),
            Self::Error => (Modifier::BOLD, Some(Color::Red)),
            Self::Warning | Self::Changed => (Modifier::empty(), Some(Color::Yellow)),
            Self::Ok | Self::Added => (Modifier::empty(), Some(Color::Green)),
            Self::Removed => (Modifier::empty(), Some(Color::Red)),
            Self::Button => (Modifier::REVERSED, None),
        }
    }
}

/// The symbols that are not letters. Each is one cell wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbols {
    /// Beside the selected row. The same in both sets: one byte a move.
    pub marker: &'static str,
    /// Something is done or switched on.
    pub check: &'static str,
    /// Something failed.
    pub cross: &'static str,
    /// An item of a list that is no choice.
    pub bullet: &'static str,
    /// A hidden character. ASCII in both sets: a letter in a hidden field then costs no more than in a plain one.
    pub mask: &'static str,
    /// Text was cut here.
    pub ellipsis: &'static str,
    /// From one value to another.
    pub arrow: &'static str,
    /// There is more above.
    pub up: &'static str,
    /// There is more below.
    pub down: &'static str,
    /// A step that was not begun.
    pub pending: &'static str,
    /// A step that was left out.
    pub skipped: &'static str,
    /// The corners of a frame: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// A horizontal rule.
    pub horizontal: &'static str,
    /// A vertical rule.
    pub vertical: &'static str,
    /// The frames of the spinner.
    pub spinner: &'static [&'static str],
}

/// For terminals that show Unicode.
const UNICODE: Symbols = Symbols {
    marker: ">",
    check: "✓",
    cross: "✗",
    bullet: "•",
    mask: "*",
    ellipsis: "…",
    arrow: "→",
    up: "↑",
    down: "↓",
    pending: "·",
    skipped: "–",
    corners: ["┌", "┐", "└", "┘"],
    horizontal: "─",
    vertical: "│",
    spinner: &["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"],
};

/// For those that do not.
const ASCII: Symbols = Symbols {
    marker: ">",
    check: "+",
    cross: "x",
    bullet: "*",
    mask: "*",
    ellipsis: "~",
    arrow: ">",
    up: "^",
    down: "v",
    pending: ".",
    skipped: "-",
    corners: ["+", "+", "+", "+"],
    horizontal: "-",
    vertical: "|",
    spinner: &["|", "/", "-", "\\"],
};

/// How roles look on this terminal. Small and `Copy`: it is passed to everything that draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    color: bool,
    attributes: bool,
    /// The symbols to draw with.
    pub symbols: &'static Symbols,
}

impl Default for Theme {
    /// Colors and Unicode.
    fn default() -> Self {
        Self { color: true, attributes: true, symbols: &UNICODE }
    }
}

impl Theme {
    /// Without colors, attributes and Unicode: what the poorest terminal shows.
    pub const PLAIN: Self = Self { color: false, attributes: false, symbols: &ASCII };

    /// What the environment asks for. `ascii` is the command line's `--ascii`.
    ///
    /// Looks at `NO_COLOR` (any value but the empty one, see no-color.org), `TERM` (`dumb`; a name that ends in `-m` or `mono`),
    /// `AKWIZ_ASCII`, and the locale in `LC_ALL`, `LC_CTYPE`, `LANG`, of which the first that is set counts.
    pub fn from_env(env: impl Fn(&str) -> Option<String>, ascii: bool) -> Self {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let dumb = term == "dumb";
        let monochrome = dumb || term.ends_with("-m") || term.ends_with("mono") || term == "vt100";
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        let unicode = cfg!(windows) || locale.is_some_and(|locale| is_utf8(&locale));
        let ascii = ascii || dumb || !unicode || set("AKWIZ_ASCII").is_some_and(|value| value != "0");
        Self {
            color: !monochrome && set("NO_COLOR").is_none(),
            attributes: !dumb,
            symbols: if ascii { &ASCII } else { &UNICODE },
        }
    }

    /// How text of this role looks.
    pub fn style(&self, role: Role) -> Style {
        let (modifier, color) = role.parts();
        let mut style = Style::new();
        if self.attributes {
            style = style.add_modifier(modifier);
        }
        match color {
            Some(color) if self.color => style.fg(color),
            _ => style,
        }
    }

    /// Whether the symbols are limited to ASCII.
    pub fn is_ascii(&self) -> bool {
        self.symbols.ellipsis == ASCII.ellipsis
    }
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    fn theme(env: &[(&str, &str)]) -> Theme {
        let env: Vec<(String, String)> = env.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Theme::from_env(|name| env.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()), false)
    }

    #[test]
    fn no_color_takes_colors_but_not_attributes() {
        let theme = theme(&[("NO_COLOR", "1"), ("TERM", "xterm-256color"), ("LANG", "C.UTF-8")]);
        for role in Role::ALL {
            assert_eq!(theme.style(role).fg, None);
        }
        assert!(theme.style(Role::Error).add_modifier.contains(Modifier::BOLD));
        assert!(!theme.is_ascii());
    }

    #[test]
    fn a_dumb_terminal_gets_plain_text() {
        let theme = theme(&[("TERM", "dumb"), ("LANG", "en_US.UTF-8")]);
        assert_eq!(theme, Theme::PLAIN);
        assert!(Role::ALL.into_iter().all(|role| theme.style(role) == Style::new()));
    }

    #[test]
    fn the_locale_decides_about_unicode() {
        assert!(theme(&[("TERM", "xterm"), ("LANG", "C")]).is_ascii());
        assert!(theme(&[("TERM", "xterm")]).is_ascii() || cfg!(windows));
        assert!(theme(&[("LANG", "de_DE.UTF-8"), ("LC_ALL", "POSIX")]).is_ascii() || cfg!(windows));
        assert!(!theme(&[("LANG", "de_DE.utf8")]).is_ascii());
        assert!(theme(&[("LANG", "de_DE.utf8"), ("AKWIZ_ASCII", "1")]).is_ascii());
    }

    #[test]
    fn empty_variables_count_as_unset() {
        assert_eq!(theme(&[("NO_COLOR", ""), ("LANG", "C.UTF-8"), ("LC_ALL", "")]), Theme::default());
    }

    #[test]
    fn symbols_are_one_cell_and_ascii_is_ascii() {
        for symbols in [&UNICODE, &ASCII] {
            let all = [
                symbols.marker,
                symbols.check,
                symbols.cross,
                symbols.bullet,
                symbols.mask,
                symbols.ellipsis,
                symbols.arrow,
                symbols.up,
                symbols.down,
                symbols.pending,
                symbols.skipped,
                symbols.horizontal,
                symbols.vertical,
            ];
            for symbol in all.into_iter().chain(symbols.corners).chain(symbols.spinner.iter().copied()) {
                assert_eq!(symbol.width(), 1, "{symbol}");
                assert!(symbols != &ASCII || symbol.is_ascii(), "{symbol}");
            }
        }
    }

    #[test]
    fn running_text_has_no_style() {
        assert_eq!(Theme::default().style(Role::Text), Style::new());
    }
}
