//! Text in cells: measuring, cutting, wrapping, and the one way into the buffer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::sanitize;
use crate::ui::theme::Theme;

/// The width of a text in cells. A grapheme is as wide as it is as a whole, not as the sum of its parts.
pub fn width(text: &str) -> usize {
    graphemes(text).map(UnicodeWidthStr::width).sum()
}

/// What a person sees as characters, in order.
pub fn graphemes(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true)
}

/// Cells as the `u16` that rectangles are made of.
pub fn cells(width: usize) -> u16 {
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// The beginning of `text` that fits in `max` cells, with `ellipsis` as its last cell if something is missing.
pub fn cut(text: &str, max: usize, ellipsis: &str) -> String {
    let text = sanitize::clean(text);
    if width(&text) <= max {
        return text.into_owned();
    }
    let room = max.saturating_sub(ellipsis.width());
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in graphemes(&text) {
        used += grapheme.width();
        if used > room {
            break;
        }
        kept.push_str(grapheme);
    }
    if ellipsis.width() <= max {
        kept.push_str(ellipsis);
    }
    kept
}

/// `text` in at most `max` cells, cut in its middle: names of settings begin alike and differ at their ends.
pub fn cut_middle(text: &str, max: usize, ellipsis: &str) -> String {
    let text = sanitize::clean(text);
    if width(&text) <= max {
        return text.into_owned();
    }
    let begins = cut(&text, max.div_ceil(2), ellipsis);
    let mut room = max.saturating_sub(width(&begins));
    let parts: Vec<&str> = graphemes(&text).collect();
    let ends = parts.iter().rev().take_while(|part| {
        let fits = part.width() <= room;
        room = room.saturating_sub(part.width());
        fits
    });
    let from = parts.len() - ends.count();
    begins + &parts[from..].concat()
}

/// Writes `text` at a place in at most `max` cells and returns how many it took. Nothing outside of `area` is touched.
pub fn put(buf: &mut Buffer, area: Rect, x: u16, y: u16, max: u16, text: &str, style: Style) -> u16 {
    let area = area.intersection(buf.area);
    if x < area.left() || x >= area.right() || y < area.top() || y >= area.bottom() {
        return 0;
    }
    let max = max.min(area.right() - x);
    let (end, _) = buf.set_stringn(x, y, sanitize::clean(text), usize::from(max), style);
    end - x
}

/// As [`put`], with an ellipsis where the text is cut.
pub fn put_cut(buf: &mut Buffer, area: Rect, (x, y): (u16, u16), max: u16, text: &str, style: Style, theme: &Theme) -> u16 {
    let max = max.min(area.right().saturating_sub(x));
    put(buf, area, x, y, max, &cut(text, usize::from(max), theme.symbols.ellipsis), style)
}

/// Breaks `text` at spaces into lines of at most `width` cells; a word that is longer is cut where it must be. Line breaks in the text
/// stay. There is at least one line, and none when `width` is 0.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    if width == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    for paragraph in sanitize::clean_lines(text).split('\n') {
        // Spaces at the start of a line are layout (code, nested items) and stay.
        let indent: String = paragraph.chars().take_while(|c| *c == ' ').collect();
        let mut line = if indent.len() < width { indent } else { String::new() };
        let mut used = line.len();
        let mut fresh = true;
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let needed = self::width(word);
            let gap = usize::from(!fresh);
            if used + gap + needed <= width {
                if !fresh {
                    line.push(' ');
                }
                line.push_str(word);
                used += gap + needed;
            } else {
                // A sign before a word that has to be split anyway, such as the plus of a new address, does not stand alone.
                if !fresh && needed > width && line.trim().len() == 1 && used + 2 < width {
                    line.push(' ');
                    used += 1;
                } else if !fresh {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                for grapheme in graphemes(word) {
                    let cell = grapheme.width();
                    if used + cell > width && used > 0 {
                        lines.push(std::mem::take(&mut line));
                        used = 0;
                    }
                    // A wide character does not fit into a single column at all.
                    if cell <= width {
                        line.push_str(grapheme);
                        used += cell;
                    }
                }
            }
            fresh = false;
        }
        lines.push(line);
    }
    lines
}

/// Breaks text at `width` columns and nowhere else, so that its blanks stay.
pub fn chunks(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut used) = (vec![String::new()], 0);
    let clean = sanitize::clean_lines(text);
    for grapheme in graphemes(&clean).filter(|_| width > 0) {
        let cell = grapheme.width();
        if grapheme == "\n" || used + cell > width {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut().filter(|_| grapheme != "\n" && cell <= width) {
            line.push_str(grapheme);
            used += cell;
        }
    }
    lines
}

/// Writes `text` wrapped, from the top of `area`, and returns how many rows it took. Text that does not fit ends with an ellipsis.
pub fn put_wrapped(buf: &mut Buffer, area: Rect, text: &str, style: Style, theme: &Theme) -> u16 {
    let lines = wrap(text, usize::from(area.width));
    let mut rows = 0;
    for (index, line) in lines.iter().enumerate().take(usize::from(area.height)) {
        let last = index + 1 == usize::from(area.height) && index + 1 < lines.len();
        let y = area.y.saturating_add(rows);
        if last {
            let marked = format!("{line}{}", theme.symbols.ellipsis);
            put_cut(buf, area, (area.x, y), area.width, &marked, style, theme);
        } else {
            put(buf, area, area.x, y, area.width, line, style);
        }
        rows += 1;
    }
    rows
}

/// The part of `area` from its row `from` on.
pub fn below(area: Rect, from: u16) -> Rect {
    let from = from.min(area.height);
    Rect { y: area.y + from, height: area.height - from, ..area }
}

/// The row `row` of `area`, or an empty rectangle where there is none.
pub fn line(area: Rect, row: u16) -> Rect {
    let rest = below(area, row);
    Rect { height: rest.height.min(1), ..rest }
}

/// The part of `area` from its column `from` on.
pub fn indent(area: Rect, from: u16) -> Rect {
    let from = from.min(area.width);
    Rect { x: area.x + from, width: area.width - from, ..area }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cutting_leaves_an_ellipsis() {
        assert_eq!(cut("Portainer", 9, "…"), "Portainer");
        assert_eq!(cut("Portainer", 5, "…"), "Port…");
        assert_eq!(cut("日本語", 4, "…"), "日…");
        assert_eq!(cut("Portainer", 0, "…"), "");
    }

    #[test]
    fn cutting_in_the_middle_keeps_both_ends() {
        assert_eq!(cut_middle("short", 5, "…"), "short");
        assert_eq!(cut_middle("AUTH_CLIENT_ID", 9, "…"), "AUTH…T_ID");
        assert_eq!(cut_middle("AUTH_CLIENT_SECRET", 9, "..."), "AU...CRET");
        assert_eq!(cut_middle("日本語の設定", 6, "…"), "日…定");
        assert_eq!(cut_middle("anything", 0, "…"), "");
    }

    #[test]
    fn wrapping_breaks_at_words() {
        assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("https://a.very.long/address here", 10), ["https://a.", "very.long/", "address", "here"]);
        assert_eq!(wrap("+ https://a.very.long/address here", 10), ["+ https://", "a.very.lon", "g/address", "here"]);
        assert_eq!(wrap("one\n\n  two", 10), ["one", "", "  two"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("x", 0), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_asked(text in any::<String>(), max in 0usize..40) {
            prop_assert!(width(&cut_middle(&text, max, "…")) <= max);
            for line in wrap(&text, max) {
                prop_assert!(width(&line) <= max, "{line:?}");
            }
            prop_assert!(width(&cut(&text, max, "…")) <= max);
        }

        #[test]
        fn wrapping_loses_no_word(words in proptest::collection::vec("[a-z]{1,12}", 1..20), max in 12usize..60) {
            let text = words.join(" ");
            prop_assert_eq!(wrap(&text, max).join(" "), text);
        }
    }
}
