//! `assets/template.schema.json`, for editors: generated from the types.

use schemars::generate::SchemaSettings;

use super::template::Template;

/// What was committed is what the types say. `UPDATE_GENERATED=1 cargo test` writes it anew.
#[test]
fn the_schema_is_current() {
    let schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<Template>();
    let fresh = serde_json::to_string_pretty(&schema).unwrap() + "\n";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/template.schema.json");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&path, fresh).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == fresh, "assets/template.schema.json is stale. Run: UPDATE_GENERATED=1 cargo test --lib catalog::schema");
}
