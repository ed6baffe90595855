//! Which cells of the screen are empty, so that the rest of a line can be erased at once.

use ratatui::buffer::Cell;
use ratatui::layout::Size;

/// Where the terminal shows something. ratatui hands a backend only the cells that change.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    size: Size,
    /// Whether a cell shows something, row after row.
    filled: Vec<bool>,
}

impl Mirror {
    /// The screen is empty now, and of this size.
    pub(super) fn clear(&mut self, size: Size) {
        self.size = size;
        self.filled.clear();
        self.filled.resize(usize::from(size.width) * usize::from(size.height), false);
    }

    /// Takes in a cell. A screen of another size counts as empty: ratatui clears it before it draws on it.
    pub(super) fn put(&mut self, size: Size, x: u16, y: u16, cell: &Cell) {
        if self.size != size {
            self.clear(size);
        }
        let at = usize::from(y) * usize::from(size.width) + usize::from(x);
        if let Some(filled) = self.filled.get_mut(at) {
            *filled = !is_empty(cell);
        }
    }

    /// The column behind the last cell of a row that shows something.
    pub(super) fn end(&self, y: u16) -> u16 {
        let width = usize::from(self.size.width);
        let row = self.filled.chunks_exact(width.max(1)).nth(usize::from(y)).unwrap_or_default();
        let end = row.iter().rposition(|filled| *filled).map_or(0, |last| last + 1);
        u16::try_from(end).unwrap_or(u16::MAX)
    }
}

/// Whether a cell looks as an erased one does: a space without color and attributes.
fn is_empty(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.style() == Cell::EMPTY.style()
}
