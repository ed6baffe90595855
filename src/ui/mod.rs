//! The wizard: a pure update function, pages, widgets, and the loop that drives them.

pub mod keymap;
pub mod terminal;
pub mod theme;
pub mod widgets;
