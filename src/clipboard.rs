//! Copying text to the clipboard of the person at the keyboard, wherever they sit.
