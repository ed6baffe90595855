//! The wizard: a pure update function, pages, widgets, and the loop that drives them.
//!
//! [`App::update`] takes a [`msg::Msg`] and returns [`effect::Effect`]s; `executor` carries them out and sends messages back; `run` is
//! the loop. A page is a file in [`steps`].

mod app;
mod draw;
pub mod effect;
mod executor;
pub mod form;
mod front;
pub mod keymap;
pub mod msg;
mod pages;
mod run;
pub mod steps;
pub mod terminal;
pub mod theme;
pub mod widgets;
mod wizard;

pub use app::App;
pub use run::{Demo, Launch, run};
pub use wizard::{FactsFor, Load, Server, Start, Wizard};
