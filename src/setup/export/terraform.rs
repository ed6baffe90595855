//! Terraform: resources of the provider `goauthentik/authentik`, with import blocks, so that a plan changes nothing on this server.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::fields::{APPLICATION, Form, PROVIDER, is_nothing, key, list, text};
use super::hcl::{Block, lines, quoted, value};
use super::names::Labels;
use super::source::flows_comment;
use super::{Binding, Export, Pair, Subject};

/// The text of a `.tf` file.
pub(super) fn render(export: &Export<'_>) -> String {
    let mut file = File { export, out: String::new(), data: String::new(), labels: HashMap::new(), known: HashMap::new() };
    let mut resources = String::new();
    for mapping in export.own_mappings() {
        let label = file.label("authentik_property_mapping_provider_scope", &mapping.name);
        let address = format!("authentik_property_mapping_provider_scope.{label}");
        file.known.insert(format!("mapping {}", mapping.pk), format!("{address}.id"));
        import(&mut resources, &address, &mapping.pk);
        let mut block = Block::new("resource", &["authentik_property_mapping_provider_scope", &label])
            .text("name", &mapping.name)
            .text("scope_name", &mapping.scope);
        if !mapping.description.is_empty() {
            block = block.text("description", &mapping.description);
        }
        block.raw("expression", lines(&mapping.expression)).write(&mut resources);
    }
    for pair in export.pairs {
        file.pair(pair, &mut resources);
    }
    for source in export.sources {
        file.login_source(source, &mut resources);
    }
    let version = export.version();
    let mut out = String::from("# Written by akwiz. What is below \"data\" has to exist before; the rest is made.\n");
    out.push_str("# Import blocks take over what is on the server that this was read from: on another one, leave them out.\n");
    out.push_str(&flows_comment(export));
    out.push('\n');
    let _ = write!(
        out,
        "terraform {{\n  required_providers {{\n    authentik = {{\n      source  = \"goauthentik/authentik\"\n      version = \"~> {}.{}.0\"\n    }}\n  }}\n}}\n\n",
        version.year, version.release
    );
    out.push_str(&file.out);
    out.push_str(&file.data);
    out.push_str(&resources);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

pub(super) struct File<'a> {
    pub export: &'a Export<'a>,
    /// Variables.
    pub out: String,
    /// Data sources.
    data: String,
    /// By type.
    labels: HashMap<String, Labels>,
    /// How to refer to what was written already.
    pub known: HashMap<String, String>,
}

impl File<'_> {
    pub fn label(&mut self, kind: &str, text: &str) -> String {
        self.labels.entry(kind.to_owned()).or_default().new_for(text)
    }

    /// A reference to something that exists, found by a name of it. Its data source is written once.
    pub fn found(&mut self, kind: &str, attribute: &str, name: &str, more: &[(&str, &str)]) -> String {
        let known = format!("{kind} {name}");
        if let Some(reference) = self.known.get(&known) {
            return reference.clone();
        }
        let label = self.label(kind, name.rsplit('/').next().unwrap_or(name));
        let mut block = Block::new("data", &[kind, &label]).text(attribute, name);
        for (name, value) in more {
            block = block.raw(name, *value);
        }
        block.write(&mut self.data);
        let reference = format!("data.{kind}.{label}.id");
        self.known.insert(known, reference.clone());
        reference
    }

    fn pair(&mut self, pair: &Pair, out: &mut String) {
        let provider = pair.provider.as_ref().map(|provider| self.provider(pair, provider, out));
        let label = self.label("authentik_application", pair.slug());
        let address = format!("authentik_application.{label}");
        import(out, &address, pair.slug());
        let mut block = Block::new("resource", &["authentik_application", &label]).text("slug", pair.slug());
        for field in APPLICATION {
            if let Some(held) = pair.application.get(*field).filter(|held| !is_nothing(held)) {
                block = block.raw(field, value(held));
            }
        }
        match provider {
            Some(provider) => block = block.raw("protocol_provider", provider),
            // Another kind of provider is not exported; the application keeps it.
            None => {
                if let Some(held) = pair.application.get("provider").filter(|held| !held.is_null()) {
                    block = block.raw("protocol_provider", value(held));
                }
            }
        }
        block.write(out);
        for binding in &pair.bindings {
            self.binding(pair.slug(), &format!("{address}.uuid"), binding, out);
        }
    }

    /// Writes the provider, and gives how to refer to it.
    fn provider(&mut self, pair: &Pair, provider: &Map<String, Json>, out: &mut String) -> String {
        let label = self.label("authentik_provider_oauth2", pair.slug());
        let address = format!("authentik_provider_oauth2.{label}");
        import(out, &address, &provider.get("pk").and_then(key).unwrap_or_default());
        let mut block = Block::new("resource", &["authentik_provider_oauth2", &label]).text("name", text(provider, "name"));
        for (field, form) in PROVIDER {
            let Some(held) = provider.get(*field).filter(|held| !is_nothing(held)) else { continue };
            let written = match form {
                Form::Plain => value(held),
                Form::Flow => self.flow(held),
                Form::Key => self.key(held),
                Form::Mappings => {
                    let mappings: Vec<String> =
                        list(provider, field).iter().map(|mapping| format!("    {},\n", self.mapping(mapping))).collect();
                    format!("[\n{}  ]", mappings.concat())
                }
                Form::Redirects => {
                    let entries: Vec<String> =
                        list(provider, field).iter().map(|entry| format!("    {},\n", value(entry))).collect();
                    format!("[\n{}  ]", entries.concat())
                }
            };
            let name = if *form == Form::Redirects { "allowed_redirect_uris" } else { field };
            block = block.raw(name, written);
        }
        if pair.has_secret {
            let variable = self.label("variable", &format!("{}_client_secret", pair.slug()));
            Block::new("variable", &[&variable])
                .text("description", &format!("The client secret of {}: akwiz settings {} --reveal", pair.slug(), pair.slug()))
                .raw("type", "string")
                .raw("sensitive", "true")
                .write(&mut self.out);
            block = block.raw("client_secret", format!("var.{variable}"));
        }
        block.write(out);
        format!("{address}.id")
    }

    pub fn flow(&mut self, held: &Json) -> String {
        let slug = key(held).and_then(|pk| self.export.flow(&pk).map(str::to_owned));
        slug.map_or_else(|| value(held), |slug| self.found("authentik_flow", "slug", &slug, &[]))
    }

    pub fn key(&mut self, held: &Json) -> String {
        let name = key(held).and_then(|pk| self.export.key(&pk).map(str::to_owned));
        // Left to itself the data source reads the private key too, and keeps it in the state.
        let more = [("fetch_certificate", "false"), ("fetch_key", "false")];
        name.map_or_else(|| value(held), |name| self.found("authentik_certificate_key_pair", "name", &name, &more))
    }

    fn mapping(&mut self, held: &Json) -> String {
        let pk = key(held).unwrap_or_default();
        if let Some(reference) = self.known.get(&format!("mapping {pk}")) {
            return reference.clone();
        }
        match self.export.mapping(&pk).and_then(|mapping| mapping.managed.clone()) {
            Some(managed) => self.found("authentik_property_mapping_provider_scope", "managed", &managed, &[]),
            None => value(held),
        }
    }

    pub fn binding(&mut self, slug: &str, target: &str, binding: &Binding, out: &mut String) {
        let label = self.label("authentik_policy_binding", &format!("{slug}_{}", binding.order));
        import(out, &format!("authentik_policy_binding.{label}"), &binding.pk);
        let (field, subject) = match &binding.subject {
            Subject::Group(pk) => ("group", self.group(pk)),
            Subject::User(pk) => ("user", self.user(pk)),
            // Policies are not exported: it is referred to as it is on this server.
            Subject::Policy(pk) => ("policy", quoted(pk)),
        };
        Block::new("resource", &["authentik_policy_binding", &label])
            .raw("target", target)
            .raw(field, subject)
            .raw("order", binding.order.to_string())
            .raw("enabled", binding.enabled.to_string())
            .raw("negate", binding.negate.to_string())
            .raw("timeout", binding.timeout.to_string())
            .raw("failure_result", binding.failure_result.to_string())
            .write(out);
    }

    fn group(&mut self, pk: &str) -> String {
        let name = self.export.group(pk).map(str::to_owned);
        // Members would only make the state larger.
        name.map_or_else(|| quoted(pk), |name| self.found("authentik_group", "name", &name, &[("include_users", "false")]))
    }

    fn user(&mut self, pk: &str) -> String {
        let name = self.export.user(pk).map(str::to_owned);
        name.map_or_else(|| pk.to_owned(), |name| self.found("authentik_user", "username", &name, &[]))
    }
}

pub(super) fn import(out: &mut String, address: &str, id: &str) {
    Block::new("import", &[]).raw("to", address).text("id", id).write(out);
}
