//! The picture in the README: a screen of the wizard, drawn by the program itself.
//!
//! `UPDATE_GENERATED=1 cargo test --test picture` writes `docs/picture.svg`; without it the file is compared.

#[path = "wizard/world.rs"]
#[expect(dead_code, reason = "the wizard's tests use the rest")]
mod world;

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use akwiz::ui::App;
use akwiz::ui::effect::Effect;
use akwiz::ui::msg::Msg;
use akwiz::ui::steps::Step;
use akwiz::ui::theme::Theme;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// Columns and rows of the screen.
const SIZE: (u16, u16) = (84, 31);
/// The size of a cell and of the edge around the screen, in the picture's units.
const CELL: (f32, f32) = (8.4, 18.0);
const EDGE: f32 = 14.0;
const FOREGROUND: &str = "#d5d8df";
const BACKGROUND: &str = "#1b1e25";

#[test]
fn the_picture_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/picture.svg");
    let fresh = svg(&review());
    if env::var_os("UPDATE_GENERATED").is_some() {
        fs::write(&path, fresh).expect("the picture can be written");
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(kept == fresh, "docs/picture.svg is not current: run UPDATE_GENERATED=1 cargo test --test picture");
}

/// The review page for Portainer.
fn review() -> Buffer {
    let mut app = App::at(Step::Review, world::wizard("portainer"));
    let mut reader = world::reader(world::facts());
    let mut effects = app.begin(0);
    let mut answers = VecDeque::new();
    loop {
        answers.extend(effects.into_iter().filter_map(|effect| match effect {
            Effect::Read(ticket, read) => reader(&read).map(|answer| Msg::Answer(ticket, answer)),
            _ => None,
        }));
        let Some(answer) = answers.pop_front() else { break };
        effects = app.update(0, answer);
    }
    let mut screen = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a test screen cannot fail");
    screen.draw(|frame| app.draw(frame, &Theme::default())).expect("a test screen cannot fail");
    screen.backend().buffer().clone()
}

fn svg(screen: &Buffer) -> String {
    let width = f32::from(screen.area.width) * CELL.0 + 2.0 * EDGE;
    let height = f32::from(screen.area.height) * CELL.1 + 2.0 * EDGE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <title>akwiz: the review page</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for y in 0..screen.area.height {
        let mut x = 0;
        while x < screen.area.width {
            let first = &screen[(x, y)];
            let mut text = String::new();
            let start = x;
            while x < screen.area.width && looks(&screen[(x, y)]) == looks(first) {
                text.push_str(screen[(x, y)].symbol());
                x += 1;
            }
            run(&mut svg, (start, y), x - start, &text, first);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn looks(cell: &Cell) -> (Color, Color, Modifier) {
    (cell.fg, cell.bg, cell.modifier)
}

/// One run of cells that look alike.
fn run(svg: &mut String, at: (u16, u16), cells: u16, text: &str, like: &Cell) {
    let left = EDGE + f32::from(at.0) * CELL.0;
    let top = EDGE + f32::from(at.1) * CELL.1;
    let (mut ink, mut paper) = (color(like.fg, FOREGROUND), color(like.bg, BACKGROUND));
    if like.modifier.contains(Modifier::REVERSED) {
        (ink, paper) = (paper, ink);
    }
    if paper != BACKGROUND {
        let width = f32::from(cells) * CELL.0;
        writeln!(svg, "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{paper}\"/>", CELL.1)
            .expect("a string takes everything");
    }
    let blank = text.len() - text.trim_start().len();
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let left = left + f32::from(u16::try_from(blank).expect("a line is short")) * CELL.0;
    let baseline = top + CELL.1 * 0.75;
    let length = f32::from(u16::try_from(text.chars().count()).expect("a line is short")) * CELL.0;
    let bold = if like.modifier.contains(Modifier::BOLD) { " font-weight=\"bold\"" } else { "" };
    let dim = if like.modifier.contains(Modifier::DIM) { " opacity=\"0.6\"" } else { "" };
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    writeln!(
        svg,
        "<text x=\"{left:.1}\" y=\"{baseline:.1}\" textLength=\"{length:.1}\" xml:space=\"preserve\" fill=\"{ink}\"{bold}{dim}>{text}</text>"
    )
    .expect("a string takes everything");
}

/// The terminal's own colors, as many terminals have them.
fn color(color: Color, default: &'static str) -> &'static str {
    match color {
        Color::Reset => default,
        Color::Red => "#e06c75",
        Color::Green => "#98c379",
        Color::Yellow => "#e5c07b",
        Color::Cyan => "#56b6c2",
        other => panic!("say how {other} looks in the picture"),
    }
}
