//! The keys: one table that dispatch, the footer, the help page and the README read.
//!
//! A page says in which [`Context`] it is; [`lookup`] turns a key into an [`Action`]. Where text is typed, only keys that type nothing
//! are bound; everything else goes to the field.

use std::fmt::{self, Write as _};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// A list of things of which one is taken with Enter.
    List,
    /// A list with a search line above it: letters go to the search.
    Search,
    /// A form, on a field that takes text.
    Field,
    /// A form, on a field that takes no text: a choice or a toggle.
    Choice,
    /// A form, on a field of which several options can be taken.
    MultiSelect,
    /// Something runs and can be waited for or cancelled.
    Waiting,
    /// Changes are being made.
    Applying,
    /// A code that is to be entered elsewhere.
    Code,
    /// What to fill in at a login source's service.
    Register,
    /// What will be created and changed.
    Review,
    /// Applying stopped half way.
    Failed,
    /// What the doctor says of what was pasted.
    Doctor,
    /// The client settings.
    Done,
    /// The client settings, on the tab that checks them.
    Check,
    /// The client settings, after everything was taken back.
    Undone,
    /// A question with two answers.
    Confirm,
    /// A question whose answer must be typed out.
    TypedConfirm,
    /// The help page, or another text to read.
    Reading,
}

impl Context {
    /// Every context, in the order of the README.
    pub const ALL: [Self; 18] = [
        Self::Search,
        Self::Field,
        Self::Choice,
        Self::MultiSelect,
        Self::List,
        Self::Register,
        Self::Review,
        Self::Waiting,
        Self::Applying,
        Self::Code,
        Self::Failed,
        Self::Doctor,
        Self::Done,
        Self::Check,
        Self::Undone,
        Self::Confirm,
        Self::TypedConfirm,
        Self::Reading,
    ];

    /// Whether letters are text here.
    pub const fn takes_text(self) -> bool {
        matches!(self, Self::Search | Self::Field | Self::Doctor | Self::TypedConfirm)
    }

    /// What the README and the help page call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Search => "Search",
            Self::Field => "Field",
            Self::Choice => "Choice",
            Self::MultiSelect => "Choice of several",
            Self::Waiting => "Waiting",
            Self::Applying => "Applying",
            Self::Code => "Code to enter elsewhere",
            Self::Register => "Registration at a service",
            Self::Review => "Review",
            Self::Failed => "Stopped half way",
            Self::Doctor => "Doctor",
            Self::Done => "Client settings",
            Self::Check => "Check",
            Self::Undone => "Taken back",
            Self::Confirm => "Question",
            Self::TypedConfirm => "Question with a typed answer",
            Self::Reading => "Help",
        }
    }
}

/// What a key does. What it means on a page is the page's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// One row up, or to the field above.
    Up,
    /// One row down, or to the field below.
    Down,
    /// One screen up.
    PageUp,
    /// One screen down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Go on, or take what is selected.
    Accept,
    /// Back, or close.
    Back,
    /// To the next field, and from the last one to the next page that Enter would skip.
    NextField,
    /// To the field before.
    PreviousField,
    /// Switch the option on or off.
    Toggle,
    /// Switch all options on, or off when all are on.
    ToggleAll,
    /// Empty the field.
    Clear,
    /// Set the field back to its default.
    Default,
    /// Show or hide what is typed into a hidden field.
    Reveal,
    /// Say why each line of the review is there.
    Explain,
    /// From review to the page with this number.
    Jump(u8),
    /// Copy the selected value, on review the equivalent command line.
    Copy,
    /// Copy everything.
    CopyAll,
    /// Show or hide secrets.
    Secrets,
    /// Write to a file.
    Write,
    /// The form before (tabs).
    PreviousTab,
    /// The next form (tabs).
    NextTab,
    /// Check that what was created works.
    Check,
    /// Follow authentik's log while somebody signs in.
    Watch,
    /// Do what mends what was found.
    Fix,
    /// Find out why a login fails.
    Doctor,
    /// Choose the person whose sign-in is looked at.
    Person,
    /// Enter what the application shows only after the first pass.
    Answer,
    /// Take back what was created.
    Undo,
    /// Set up another application.
    Another,
    /// Try again.
    Retry,
    /// Yes.
    Yes,
    /// No.
    No,
    /// Show the keys.
    Help,
    /// Draw the screen anew.
    Redraw,
    /// Stop the program until the shell continues it.
    Suspend,
    /// Leave; asks once where something would be lost.
    Quit,
}

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    ctrl: bool,
}

impl Chord {
    const fn key(code: KeyCode) -> Self {
        Self { code, ctrl: false }
    }

    const fn letter(letter: char) -> Self {
        Self::key(KeyCode::Char(letter))
    }

    const fn ctrl(letter: char) -> Self {
        Self { code: KeyCode::Char(letter), ctrl: true }
    }

    /// The chord of a key event. Terminals tell Shift apart only through the letter and through `BackTab`, so it is not looked at.
    /// None for releases and for chords with Alt, which type nothing and are bound to nothing.
    fn of(key: KeyEvent) -> Option<Self> {
        if key.kind == KeyEventKind::Release || key.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::SUPER) {
            return None;
        }
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        let code = match key.code {
            KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            KeyCode::Char(letter) if ctrl => KeyCode::Char(letter.to_ascii_lowercase()),
            code => code,
        };
        Some(Self { code, ctrl })
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(letter) if self.ctrl => write!(f, "{}", letter.to_ascii_uppercase()),
            KeyCode::Char(letter) => write!(f, "{letter}"),
            KeyCode::Enter => f.write_str("Enter"),
            KeyCode::Esc => f.write_str("Esc"),
            KeyCode::Tab => f.write_str("Tab"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            KeyCode::F(number) => write!(f, "F{number}"),
            code => write!(f, "{code:?}"),
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub struct Binding {
    /// What the keys do.
    pub action: Action,
    /// The keys; the first is the one that is shown.
    pub chords: &'static [Chord],
    /// Where they do it.
    pub contexts: &'static [Context],
    /// One or two words for the footer.
    pub label: &'static str,
    /// A sentence without a period for the help page and the README.
    pub help: &'static str,
    /// Place in the footer, 1 first; 0 keeps it out.
    pub footer: u8,
}

impl Binding {
    /// The keys in words: `Up, k`. The ten digits of [`Action::Jump`] are one row on the help page.
    pub fn keys(&self) -> String {
        let mut keys = String::new();
        for chord in self.chords {
            let _ = write!(keys, "{}{chord}", if keys.is_empty() { "" } else { ", " });
        }
        keys
    }
}

use Context as C;

const MOVING: &[Context] =
    &[C::List, C::MultiSelect, C::Choice, C::Register, C::Review, C::Failed, C::Done, C::Check, C::Reading];
const LISTS: &[Context] = &[C::List, C::MultiSelect, C::Register, C::Review, C::Failed, C::Done, C::Check, C::Reading];
/// Where something can be longer than the screen.
const READ: &[Context] =
    &[C::List, C::MultiSelect, C::Register, C::Review, C::Failed, C::Done, C::Check, C::Reading, C::Confirm, C::TypedConfirm];
const FORM: &[Context] = &[C::Field, C::Choice, C::MultiSelect];
const NO_TEXT: &[Context] = &[
    C::List,
    C::Choice,
    C::MultiSelect,
    C::Waiting,
    C::Applying,
    C::Code,
    C::Register,
    C::Review,
    C::Failed,
    C::Done,
    C::Check,
    C::Undone,
    C::Confirm,
];

const fn row(
    action: Action,
    chords: &'static [Chord],
    contexts: &'static [Context],
    label: &'static str,
    help: &'static str,
    footer: u8,
) -> Binding {
    Binding { action, chords, contexts, label, help, footer }
}

const UP: Chord = Chord::key(KeyCode::Up);
const DOWN: Chord = Chord::key(KeyCode::Down);
const LEFT: Chord = Chord::key(KeyCode::Left);
const RIGHT: Chord = Chord::key(KeyCode::Right);
const PAGE_UP: Chord = Chord::key(KeyCode::PageUp);
const PAGE_DOWN: Chord = Chord::key(KeyCode::PageDown);
const HOME: Chord = Chord::key(KeyCode::Home);
const END: Chord = Chord::key(KeyCode::End);
const ENTER: Chord = Chord::key(KeyCode::Enter);
const ESC: Chord = Chord::key(KeyCode::Esc);
const TAB: Chord = Chord::key(KeyCode::Tab);
const BACK_TAB: Chord = Chord::key(KeyCode::BackTab);
const SPACE: Chord = Chord::letter(' ');
const F1: Chord = Chord::key(KeyCode::F(1));

/// The table. Within a context no chord may stand twice; a test proves it.
pub const BINDINGS: &[Binding] = &[
    row(Action::Accept, &[ENTER], &[C::Search], "choose", "Take the selected entry", 1),
    row(Action::Accept, &[ENTER], &[C::List], "choose", "Take the selected entry", 1),
    row(Action::Accept, &[ENTER], FORM, "go on", "Go on with what is filled in", 1),
    row(Action::Accept, &[ENTER], &[C::Register], "go on", "Go on to the questions", 1),
    row(Action::Accept, &[ENTER], &[C::Review], "apply", "Create and change what is listed", 1),
    row(Action::Accept, &[ENTER], &[C::Code], "go on", "Go on, once the code was used", 1),
    row(Action::Accept, &[ENTER], &[C::Failed], "keep", "Keep what was created so far and go on", 3),
    row(Action::Accept, &[ENTER], &[C::Done, C::Check, C::Undone], "finish", "Leave; asks where nothing was copied yet", 3),
    row(Action::Accept, &[ENTER], &[C::Confirm], "take", "Take the marked answer", 1),
    row(Action::Accept, &[ENTER], &[C::TypedConfirm], "confirm", "Confirm, once the word is typed out", 1),
    row(
        Action::Back,
        &[ESC],
        &[C::List, C::Search, C::Field, C::Doctor, C::Choice, C::MultiSelect, C::Code, C::Register, C::Review],
        "back",
        "Go back; nothing is lost",
        2,
    ),
    row(Action::Back, &[ESC], &[C::Waiting], "cancel", "Stop waiting", 1),
    row(Action::Back, &[ESC], &[C::Applying], "stop", "Stop after the write under way", 1),
    row(Action::Back, &[ESC], &[C::Confirm, C::TypedConfirm], "cancel", "Close the question without doing anything", 2),
    row(Action::Back, &[ESC, Chord::letter('q'), Chord::letter('?'), F1, ENTER], &[C::Reading], "close", "Close this page", 1),
    row(Action::Up, &[UP], &[C::Doctor], "up", "One row up in what the doctor says", 0),
    row(Action::Down, &[DOWN], &[C::Doctor], "down", "One row down in what the doctor says", 0),
    row(Action::Up, &[UP], &[C::Search, C::Field], "up", "One row or field up", 0),
    row(Action::Down, &[DOWN], &[C::Search, C::Field], "down", "One row or field down", 0),
    row(Action::Up, &[Chord::ctrl('p')], &[C::Search], "up", "One row up", 0),
    row(Action::Down, &[Chord::ctrl('n')], &[C::Search], "down", "One row down", 0),
    row(Action::Up, &[UP, Chord::letter('k')], MOVING, "up", "One row up", 0),
    row(Action::Down, &[DOWN, Chord::letter('j')], MOVING, "down", "One row down", 0),
    row(Action::Up, &[UP], &[C::Confirm, C::TypedConfirm], "up", "One row up in a long question", 0),
    row(Action::Down, &[DOWN], &[C::Confirm, C::TypedConfirm], "down", "One row down in a long question", 0),
    row(Action::PageUp, &[PAGE_UP], &[C::Search, C::Doctor], "page up", "One screen up", 0),
    row(Action::PageDown, &[PAGE_DOWN], &[C::Search, C::Doctor], "page down", "One screen down", 0),
    row(Action::PageUp, &[PAGE_UP], READ, "page up", "One screen up", 0),
    row(Action::PageDown, &[PAGE_DOWN], READ, "page down", "One screen down", 0),
    row(Action::First, &[HOME, Chord::letter('g')], LISTS, "first", "To the first row", 0),
    row(Action::Last, &[END, Chord::letter('G')], LISTS, "last", "To the last row", 0),
    row(Action::NextField, &[TAB], FORM, "next", "To the next field; after the last one to the options", 3),
    row(Action::PreviousField, &[BACK_TAB], FORM, "previous", "To the field before", 0),
    row(Action::Toggle, &[SPACE], &[C::Choice], "change", "Take the next option, or switch it on and off", 4),
    row(Action::Toggle, &[SPACE], &[C::MultiSelect], "select", "Switch the option on or off", 4),
    row(Action::ToggleAll, &[Chord::letter('a')], &[C::MultiSelect], "all", "Switch all options on, or off when all are on", 6),
    row(Action::Clear, &[Chord::ctrl('u')], &[C::Search, C::Field, C::Doctor, C::TypedConfirm], "clear", "Empty the field", 0),
    row(Action::Default, &[Chord::ctrl('r')], FORM, "default", "Set the field back to its default", 0),
    row(Action::Reveal, &[Chord::ctrl('t')], &[C::Field], "show", "Show or hide what is typed into a hidden field", 0),
    row(Action::Explain, &[Chord::letter('e')], &[C::Review], "explain", "Say why each line is there", 3),
    row(Action::Explain, &[Chord::letter('e')], &[C::Failed], "explain", "Show the whole error", 4),
    row(Action::Jump(1), &[Chord::letter('1')], &[C::Review], "page 1", "Change the answers of page 1", 0),
    row(Action::Jump(2), &[Chord::letter('2')], &[C::Review], "page 2", "Change the answers of page 2", 0),
    row(Action::Jump(3), &[Chord::letter('3')], &[C::Review], "page 3", "Change the answers of page 3", 0),
    row(Action::Jump(4), &[Chord::letter('4')], &[C::Review], "page 4", "Change the answers of page 4", 0),
    row(Action::Jump(5), &[Chord::letter('5')], &[C::Review], "page 5", "Change the answers of page 5", 0),
    row(Action::Jump(6), &[Chord::letter('6')], &[C::Review], "page 6", "Change the answers of page 6", 0),
    row(Action::Jump(7), &[Chord::letter('7')], &[C::Review], "page 7", "Change the answers of page 7", 0),
    row(Action::Jump(8), &[Chord::letter('8')], &[C::Review], "page 8", "Change the answers of page 8", 0),
    row(Action::Jump(9), &[Chord::letter('9')], &[C::Review], "page 9", "Change the answers of page 9", 0),
    row(Action::Copy, &[Chord::letter('c')], &[C::Review], "copy command", "Copy the command line that does the same", 6),
    row(Action::Copy, &[Chord::letter('c')], &[C::Done], "copy", "Copy the selected value", 1),
    row(Action::Copy, &[Chord::letter('c')], &[C::Check], "copy", "Copy the selected command", 0),
    row(Action::Copy, &[Chord::letter('c')], &[C::Register], "copy", "Copy the selected value", 3),
    row(Action::Copy, &[Chord::letter('c')], &[C::Code], "copy address", "Copy the address that needs no typing", 3),
    row(Action::CopyAll, &[Chord::letter('C')], &[C::Done], "all", "Copy all values of this form", 2),
    row(Action::Secrets, &[Chord::letter('s')], &[C::Done], "secrets", "Show or hide secrets", 4),
    row(Action::Write, &[Chord::letter('w')], &[C::Done], "write", "Write this form to a file", 5),
    row(Action::PreviousTab, &[LEFT, Chord::letter('['), BACK_TAB], &[C::Done, C::Check], "tab before", "The tab before", 0),
    row(
        Action::NextTab,
        &[RIGHT, Chord::letter(']'), TAB],
        &[C::Done, C::Check],
        "tab",
        "The next tab: other ways and forms, how to check, what is in authentik",
        6,
    ),
    row(Action::Check, &[Chord::letter('x')], &[C::Done], "check", "Check that it works, without signing in", 7),
    row(Action::Doctor, &[Chord::ctrl('d')], &[C::Search], "doctor", "Find out why a login fails, from what you paste", 3),
    row(Action::Accept, &[ENTER], &[C::Doctor], "find out", "Find out what is wrong, from what is pasted", 1),
    row(Action::Fix, &[Chord::ctrl('f')], &[C::Doctor], "fix", "Do what mends it, as shown; asks first", 3),
    row(Action::Fix, &[Chord::letter('f')], &[C::Check], "fix", "Do what mends the marked finding; asks first", 1),
    row(Action::Explain, &[Chord::letter('e')], &[C::Check], "explain", "Show all of the marked finding", 2),
    row(Action::Retry, &[Chord::letter('r')], &[C::Check], "again", "Check again", 4),
    row(Action::Person, &[Chord::letter('p')], &[C::Check], "person", "Choose the person whose sign-in is looked at", 5),
    // The line below the tabs names it on the other page.
    row(Action::Watch, &[Chord::letter('l')], &[C::Check], "log", "Watch authentik's log for a sign-in; ends by itself", 5),
    row(Action::Watch, &[Chord::letter('l')], &[C::Done], "log", "Watch authentik's log for a sign-in; ends by itself", 0),
    row(
        Action::Answer,
        &[Chord::letter('a')],
        &[C::Done],
        "enter value",
        "Enter what the application shows only now, where a step asks for it",
        0,
    ),
    row(Action::Another, &[Chord::letter('n')], &[C::Done, C::Check, C::Undone], "another", "Set up another application", 8),
    row(
        Action::Undo,
        &[Chord::letter('u')],
        &[C::Done, C::Check],
        "undo",
        "Take back what was created and changed; asks first",
        9,
    ),
    row(Action::Undo, &[Chord::letter('u')], &[C::Failed], "undo", "Take back what was created so far", 2),
    row(Action::Retry, &[Chord::letter('r')], &[C::Failed], "retry", "Try the rest again", 1),
    row(Action::Retry, &[Chord::letter('r')], &[C::Code], "new code", "Ask for another code", 4),
    row(Action::Retry, &[Chord::letter('r')], &[C::Waiting], "retry", "Ask the server again", 2),
    row(Action::PreviousField, &[LEFT, BACK_TAB], &[C::Confirm], "before", "Mark the answer before", 0),
    row(Action::NextField, &[RIGHT, TAB], &[C::Confirm], "next", "Mark the next answer", 0),
    row(Action::Yes, &[Chord::letter('y')], &[C::Confirm], "yes", "Answer yes", 3),
    row(Action::No, &[Chord::letter('n')], &[C::Confirm], "no", "Answer no", 4),
    row(Action::Help, &[Chord::letter('?'), F1], NO_TEXT, "keys", "Show the keys of the page", 10),
    row(Action::Help, &[F1], &[C::Search, C::Field, C::Doctor, C::TypedConfirm], "keys", "Show the keys of the page", 10),
    row(Action::Redraw, &[Chord::ctrl('l')], &C::ALL, "redraw", "Draw the screen anew", 0),
    row(Action::Suspend, &[Chord::ctrl('z')], &C::ALL, "suspend", "Back to the shell; fg continues", 0),
    row(Action::Quit, &[Chord::ctrl('c')], &C::ALL, "quit", "Leave; asks once where something would be lost", 11),
];

/// Keys that every text field knows besides the table; tui-input acts on them.
pub const EDITING: &[(&str, &str)] = &[
    ("Left, Right", "Move in the text; with Ctrl by words"),
    ("Home, End", "To the start or the end of the text"),
    ("Backspace, Delete", "Delete a character"),
    ("Ctrl-W", "Delete the word before the cursor"),
    ("Ctrl-K", "Delete to the end"),
    ("Ctrl-Y", "Put back what was deleted"),
];

/// What `key` does in `context`; none means that it is text, or nothing.
pub fn lookup(context: Context, key: KeyEvent) -> Option<Action> {
    let chord = Chord::of(key)?;
    bindings(context).find(|binding| binding.chords.contains(&chord)).map(|binding| binding.action)
}

/// The rows of a context, in the order of the table.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.contexts.contains(&context))
}

/// The first key for `action` in `context`, in words, for a sentence such as "press s to show it". Empty if there is none.
pub fn key_for(context: Context, action: Action) -> String {
    bindings(context).find(|binding| binding.action == action).map_or_else(String::new, |binding| binding.chords[0].to_string())
}

/// The footer: key and label, most important first. The widget shows as many as fit.
pub fn footer(context: Context) -> Vec<(String, &'static str)> {
    let mut shown: Vec<&Binding> = bindings(context).filter(|binding| binding.footer > 0).collect();
    shown.sort_by_key(|binding| binding.footer);
    shown.iter().map(|binding| (binding.chords[0].to_string(), binding.label)).collect()
}

/// The help page: keys and what they do. The digits of review are one row, and the keys of text fields are added.
pub fn help(context: Context) -> Vec<(String, &'static str)> {
    let mut rows = Vec::new();
    for binding in bindings(context) {
        match binding.action {
            Action::Jump(1) => rows.push(("1 to 9".to_string(), "Change the answers of that page")),
            Action::Jump(_) => {}
            _ => rows.push((binding.keys(), binding.help)),
        }
    }
    if context.takes_text() {
        rows.extend(EDITING.iter().map(|(keys, help)| ((*keys).to_string(), *help)));
    }
    rows
}

/// The keys as the README shows them: one Markdown table, contexts with the same row joined.
pub fn markdown_table() -> String {
    let mut rows: Vec<(String, &'static str, Vec<Context>)> = Vec::new();
    for context in Context::ALL {
        for (keys, help) in help(context) {
            match rows.iter_mut().find(|(known, text, _)| *known == keys && *text == help) {
                Some((_, _, contexts)) => contexts.push(context),
                None => rows.push((keys, help, vec![context])),
            }
        }
    }
    let mut table = String::from("| Keys | What they do | Where |\n| --- | --- | --- |\n");
    for (keys, help, contexts) in rows {
        let place = if contexts.len() == Context::ALL.len() {
            "Everywhere".to_string()
        } else {
            contexts.iter().map(|context| context.name()).collect::<Vec<_>>().join(", ")
        };
        let keys: Vec<String> = keys.split(", ").map(|key| format!("`{key}`")).collect();
        let _ = writeln!(table, "| {} | {help} | {place} |", keys.join(", "));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn no_context_has_two_actions_on_one_chord() {
        for context in Context::ALL {
            let mut seen: Vec<Chord> = Vec::new();
            for chord in bindings(context).flat_map(|binding| binding.chords) {
                assert!(!seen.contains(chord), "{chord} stands twice in {}", context.name());
                seen.push(*chord);
            }
        }
    }

    #[test]
    fn where_text_is_typed_no_letter_is_bound() {
        for context in Context::ALL.into_iter().filter(|context| context.takes_text()) {
            for chord in bindings(context).flat_map(|binding| binding.chords) {
                assert!(chord.ctrl || !matches!(chord.code, KeyCode::Char(_)), "{chord} in {}", context.name());
            }
        }
    }

    #[test]
    fn every_page_can_be_left_and_explained() {
        for context in Context::ALL {
            let ctrl_c = press(KeyCode::Char('c'), KeyModifiers::CONTROL);
            assert_eq!(lookup(context, ctrl_c), Some(Action::Quit));
            let f1 = lookup(context, press(KeyCode::F(1), KeyModifiers::NONE));
            assert_eq!(f1, Some(if context == Context::Reading { Action::Back } else { Action::Help }));
            let footer = footer(context);
            assert!(footer.iter().any(|(key, _)| key == "Ctrl-C"), "{}", context.name());
        }
    }

    #[test]
    fn terminals_send_the_same_chord_in_several_ways() {
        let back = Some(Action::PreviousField);
        assert_eq!(lookup(Context::Field, press(KeyCode::BackTab, KeyModifiers::SHIFT)), back);
        assert_eq!(lookup(Context::Field, press(KeyCode::BackTab, KeyModifiers::NONE)), back);
        assert_eq!(lookup(Context::Field, press(KeyCode::Tab, KeyModifiers::SHIFT)), back);
        assert_eq!(lookup(Context::Done, press(KeyCode::Char('C'), KeyModifiers::SHIFT)), Some(Action::CopyAll));
        assert_eq!(lookup(Context::Done, press(KeyCode::Char('c'), KeyModifiers::ALT)), None);
        assert_eq!(lookup(Context::Review, press(KeyCode::Char('4'), KeyModifiers::NONE)), Some(Action::Jump(4)));
    }

    #[test]
    fn a_release_is_no_key() {
        let mut key = press(KeyCode::Enter, KeyModifiers::NONE);
        key.kind = KeyEventKind::Release;
        assert_eq!(lookup(Context::List, key), None);
    }

    #[test]
    fn letters_are_text_in_fields() {
        for letter in ['?', 'j', 'c', ' '] {
            assert_eq!(lookup(Context::Field, press(KeyCode::Char(letter), KeyModifiers::NONE)), None);
        }
    }

    #[test]
    fn sentences_can_name_keys() {
        assert_eq!(key_for(Context::Done, Action::Secrets), "s");
        assert_eq!(key_for(Context::Search, Action::Help), "F1");
        assert_eq!(key_for(Context::Search, Action::Undo), "");
        // `clipboard::OTHER_WAYS` names these two in its text.
        assert!(crate::clipboard::OTHER_WAYS.contains("press s to show"));
        assert_eq!(key_for(Context::Done, Action::Write), "w");
    }

    #[test]
    fn the_readme_table_names_every_key_once_a_row() {
        let table = markdown_table();
        assert!(table.contains("| `Ctrl-C` | Leave; asks once where something would be lost | Everywhere |"), "{table}");
        assert!(table.contains("| `1 to 9` | Change the answers of that page | Review |"), "{table}");
        assert!(table.lines().all(|line| line.matches('|').count() == 4), "{table}");
    }
}
