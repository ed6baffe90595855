//! The wizard: a pure update function, pages, widgets, and the loop that drives them.
