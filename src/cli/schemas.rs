//! `docs/json/*.schema.json`: generated from the types of the documents.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::document::{ErrorDocument, VERSION};
use super::{
    adopt, app, apply, apps, audit, check, completions, create, doctor, export, list, login, login_source, logout, man, plan,
    receipts, remove, rotate, settings, show, status, template, undo, update, watch,
};

/// The format after `akwiz.`, its version, its schema.
type Document = (&'static str, u32, fn() -> Value);

/// Every document.
const DOCUMENTS: &[Document] = &[
    ("adopt", VERSION, schema::<adopt::AdoptDocument>),
    ("app", VERSION, schema::<app::AppDocument>),
    ("apply", VERSION, schema::<apply::ApplyDocument>),
    ("apps", VERSION, schema::<apps::AppsDocument>),
    ("audit", VERSION, schema::<audit::AuditDocument>),
    ("check", VERSION, schema::<check::CheckDocument>),
    ("completions", VERSION, schema::<completions::CompletionsDocument>),
    ("create", VERSION, schema::<create::CreateDocument>),
    ("doctor", VERSION, schema::<doctor::DoctorDocument>),
    ("error", VERSION, schema::<ErrorDocument>),
    ("export", VERSION, schema::<export::ExportDocument>),
    ("list", VERSION, schema::<list::ListDocument>),
    ("login", VERSION, schema::<login::LoginDocument>),
    ("logout", VERSION, schema::<logout::LogoutDocument>),
    ("man", VERSION, schema::<man::ManDocument>),
    ("plan", VERSION, schema::<plan::PlanDocument>),
    ("receipts", VERSION, schema::<receipts::ReceiptsDocument>),
    ("remove", VERSION, schema::<remove::RemoveDocument>),
    ("rotate", VERSION, schema::<rotate::RotateDocument>),
    ("settings", VERSION, schema::<settings::SettingsOfDocument>),
    ("show", VERSION, schema::<show::ShowDocument>),
    ("show-source", VERSION, schema::<login_source::ShowSourceDocument>),
    ("status", VERSION, schema::<status::StatusDocument>),
    ("template-lint", VERSION, schema::<template::lint::LintDocument>),
    ("template-new", VERSION, schema::<template::skeleton::NewDocument>),
    ("undo", VERSION, schema::<undo::UndoDocument>),
    ("update", VERSION, schema::<update::UpdateDocument>),
    ("watch", VERSION, schema::<watch::WatchDocument>),
];

fn schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft07().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

/// The schema with the two fields that every document begins with.
fn whole(format: &str, version: u32, mut schema: Value) -> Value {
    let mut properties = json!({
        "format": {"description": "Which document it is.", "const": format!("akwiz.{format}")},
        "version": {
            "description": "The version of this format. It changes when a field goes or means something else, not when one is added.",
            "const": version,
        },
    });
    let own = schema["properties"].as_object().cloned().unwrap_or_default();
    properties.as_object_mut().expect("it is an object").extend(own);
    schema["properties"] = properties;
    let mut required = vec![json!("format"), json!("version")];
    required.extend(schema["required"].as_array().cloned().unwrap_or_default());
    schema["required"] = required.into();
    schema["title"] = format!("akwiz.{format}").into();
    schema
}

/// What was committed is what the types say. `UPDATE_GENERATED=1 cargo test` writes it anew.
#[test]
fn the_schemas_are_current() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json");
    for (format, version, schema) in DOCUMENTS {
        let fresh = serde_json::to_string_pretty(&whole(format, *version, schema())).unwrap() + "\n";
        let path = folder.join(format!("{format}.schema.json"));
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, fresh).unwrap();
            continue;
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == fresh, "{} is stale. Run: UPDATE_GENERATED=1 cargo test --lib cli::schemas", path.display());
    }
    let files = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, DOCUMENTS.len(), "docs/json holds a schema of no document");
}
