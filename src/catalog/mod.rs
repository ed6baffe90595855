//! The templates: one file per application, what they can say, and how their texts are rendered.

pub mod address;
pub mod head;
pub mod lint;
pub mod load;
pub mod render;
#[cfg(test)]
mod schema;
pub mod search;
pub mod template;
mod template_entry;
mod template_provider;
pub mod text;
pub mod value;
