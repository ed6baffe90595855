//! Widgets: small states and pure functions that draw them.
//!
//! Every `draw` takes the area, the buffer and the [`Theme`](crate::ui::theme::Theme), stays inside the area however small it is, and
//! changes nothing. Those that hold the cursor return where it belongs, for `Frame::set_cursor_position`. All text is cleaned of
//! control characters and cut on its way to the buffer ([`text::put`]), so text from a server may be passed as it came.
//!
//! Bytes are part of the design: moving in a list changes the marker and nothing else, lists turn pages instead of scrolling row by
//! row, and a field that is too narrow shifts by half its width at a time.

pub mod choice;
pub mod field;
pub mod footer;
pub mod header;
pub mod list;
pub mod multiselect;
pub mod popup;
pub mod progress;
pub mod sanitize;
pub mod spinner;
pub mod tabs;
pub mod text;
pub mod textview;
pub mod toggle;

#[cfg(test)]
mod tests;
