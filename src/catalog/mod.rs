//! The templates: one file per application, what they can say, and how their texts are rendered.
