//! Where akwiz keeps its files, and what a person has set there.
