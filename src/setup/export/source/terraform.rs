//! Login sources as Terraform's resources.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::{LoginSource, terraform_name};
use crate::catalog::template::SourceApi;
use crate::setup::export::fields::{Form, is_nothing, key};
use crate::setup::export::hcl::{Block, lines, value};
use crate::setup::export::terraform::{File, import};

/// The resource of a kind.
const fn resource(api: SourceApi) -> &'static str {
    match api {
        SourceApi::Oauth => "authentik_source_oauth",
        SourceApi::Saml => "authentik_source_saml",
        SourceApi::Plex => "authentik_source_plex",
        SourceApi::Telegram => "authentik_source_telegram",
        SourceApi::Scim => "authentik_source_scim",
    }
}

/// The resource of a kind's property mappings.
const fn mapping_resource(api: SourceApi) -> Option<&'static str> {
    match api {
        SourceApi::Oauth => Some("authentik_property_mapping_source_oauth"),
        SourceApi::Saml => Some("authentik_property_mapping_source_saml"),
        SourceApi::Scim => Some("authentik_property_mapping_source_scim"),
        SourceApi::Plex | SourceApi::Telegram => None,
    }
}

impl File<'_> {
    pub(in crate::setup::export) fn login_source(&mut self, source: &LoginSource, out: &mut String) {
        self.own_mappings(source, out);
        let kind = resource(source.api);
        let label = self.label(kind, source.slug());
        let address = format!("{kind}.{label}");
        let mut block = Block::new("resource", &[kind, &label]).text("name", source.name()).text("slug", source.slug());
        let mut unsaid = Vec::new();
        for (field, form, held) in
            source.fields().filter(|(_, _, held)| !is_nothing(held) && **held != Json::Object([].into_iter().collect()))
        {
            let Some(name) = terraform_name(source.api, field, self.export.version()) else {
                // What is off or empty is what the server does without being told.
                if *held != Json::Bool(false) {
                    unsaid.push(field);
                }
                continue;
            };
            let written = match form {
                Form::Flow => self.flow(held),
                Form::Key => self.source_key(source, held, out),
                Form::Mappings => {
                    let keys = held.as_array().map(Vec::as_slice).unwrap_or_default();
                    let keys: Vec<String> = keys.iter().map(|held| format!("    {},\n", self.source_mapping(held))).collect();
                    format!("[\n{}  ]", keys.concat())
                }
                // What it takes as JSON is one string.
                Form::Plain if held.is_object() => value(&Json::String(held.to_string())),
                Form::Plain | Form::Redirects => value(held),
            };
            block = block.raw(name, written);
        }
        if let Some((field, name)) = source.secret().zip(source.secret_name()) {
            let variable = self.label("variable", &name);
            let description = format!("The {} of {}: {}", field.replace('_', " "), source.slug(), source.origin_of_secret());
            Block::new("variable", &[&variable])
                .text("description", &description)
                .raw("type", "string")
                .raw("sensitive", "true")
                .write(&mut self.out);
            block = block.raw(field, format!("var.{variable}"));
        }
        import(out, &address, source.slug());
        if !unsaid.is_empty() {
            let _ = writeln!(out, "# The provider has no argument for {}: set by hand on another server.", unsaid.join(", "));
        }
        for stage in &source.shown_on {
            // A resource of the stage would be all of it, with what others set there.
            let stage = stage.replace(char::is_control, " ");
            let _ = writeln!(
                out,
                "# Shown by the identification stage {stage}. Where that is managed, add {address}.uuid to its sources."
            );
        }
        block.write(out);
        for binding in &source.bindings {
            self.binding(source.slug(), &format!("{address}.uuid"), binding, out);
        }
    }

    fn own_mappings(&mut self, source: &LoginSource, out: &mut String) {
        let Some(kind) = mapping_resource(source.api) else { return };
        for mapping in source.own_mappings() {
            let known = format!("mapping {}", mapping.pk);
            if self.known.contains_key(&known) {
                continue;
            }
            let label = self.label(kind, &mapping.name);
            let address = format!("{kind}.{label}");
            self.known.insert(known, format!("{address}.id"));
            import(out, &address, &mapping.pk);
            Block::new("resource", &[kind, &label])
                .text("name", &mapping.name)
                .raw("expression", lines(&mapping.expression))
                .write(out);
        }
    }

    fn source_mapping(&self, held: &Json) -> String {
        let known = key(held).and_then(|pk| self.known.get(&format!("mapping {pk}")).cloned());
        // There is no data source for those of authentik's own.
        known.unwrap_or_else(|| value(held))
    }

    /// A key by its name; the service's certificate is made, for nothing in it is secret.
    fn source_key(&mut self, source: &LoginSource, held: &Json, out: &mut String) -> String {
        let pk = key(held).unwrap_or_default();
        let Some(certificate) = source.certificate.as_ref().filter(|certificate| certificate.pk == pk) else {
            return self.key(held);
        };
        let Some(data) = &certificate.data else {
            let more = [("fetch_certificate", "false"), ("fetch_key", "false")];
            return self.found("authentik_certificate_key_pair", "name", &certificate.name, &more);
        };
        let known = format!("certificate {pk}");
        if let Some(reference) = self.known.get(&known) {
            return reference.clone();
        }
        let label = self.label("authentik_certificate_key_pair", &certificate.name);
        let address = format!("authentik_certificate_key_pair.{label}");
        import(out, &address, &pk);
        // The provider reads it back with a line break at its end.
        let data = format!("{}\n", data.trim_end());
        Block::new("resource", &["authentik_certificate_key_pair", &label])
            .text("name", &certificate.name)
            .raw("certificate_data", lines(&data))
            .write(out);
        let reference = format!("{address}.id");
        self.known.insert(known, reference.clone());
        reference
    }
}
