//! Login sources as entries of a blueprint.

use std::fmt::Write as _;

use super::{LoginSource, SourceMapping};
use crate::catalog::template::SourceApi;
use crate::setup::export::blueprint::{File, entry, find};
use crate::setup::export::fields::{Form, key};
use crate::setup::export::yaml::Node;

const CERTIFICATE: &str = "authentik_crypto.certificatekeypair";

/// The model of a kind.
const fn model(api: SourceApi) -> &'static str {
    match api {
        SourceApi::Oauth => "authentik_sources_oauth.oauthsource",
        SourceApi::Saml => "authentik_sources_saml.samlsource",
        SourceApi::Plex => "authentik_sources_plex.plexsource",
        SourceApi::Telegram => "authentik_sources_telegram.telegramsource",
        SourceApi::Scim => "authentik_sources_scim.scimsource",
    }
}

/// The model of a kind's property mappings.
const fn mapping_model(api: SourceApi) -> &'static str {
    match api {
        SourceApi::Oauth => "authentik_sources_oauth.oauthsourcepropertymapping",
        SourceApi::Saml => "authentik_sources_saml.samlsourcepropertymapping",
        SourceApi::Plex => "authentik_sources_plex.plexsourcepropertymapping",
        SourceApi::Telegram => "authentik_sources_telegram.telegramsourcepropertymapping",
        SourceApi::Scim => "authentik_sources_scim.scimsourcepropertymapping",
    }
}

impl File<'_> {
    pub(in crate::setup::export) fn login_source(&mut self, source: &LoginSource, entries: &mut Vec<Node>) {
        for mapping in source.own_mappings() {
            self.own_mapping(source, mapping, entries);
        }
        let certificate = self.certificate(source, entries);
        let mut attrs = vec![("name".to_owned(), Node::text(source.name()))];
        for (field, form, held) in source.fields() {
            let node = match form {
                Form::Flow => find(held, "authentik_flows.flow", "slug", |pk| self.export.flow(pk)),
                Form::Key => match &certificate {
                    Some((pk, node)) if key(held).as_ref() == Some(pk) => node.clone(),
                    _ => find(held, CERTIFICATE, "name", |pk| self.export.key(pk)),
                },
                Form::Mappings => {
                    let keys = held.as_array().map(Vec::as_slice).unwrap_or_default();
                    Node::List(keys.iter().map(|held| self.source_mapping(source, held)).collect())
                }
                Form::Plain | Form::Redirects => Node::Plain(held.clone()),
            };
            attrs.push((field.to_owned(), node));
        }
        if let Some((field, name)) = source.secret().zip(source.secret_name()) {
            attrs.push((field.to_owned(), self.secret(&name)));
        }
        let id = self.labels.new_for(&format!("source_{}", source.slug()));
        entries.push(entry(model(source.api), None, Some(&id), vec![("slug".into(), Node::text(source.slug()))], attrs));
        for binding in &source.bindings {
            entries.push(self.binding(&id, binding));
        }
    }

    fn own_mapping(&mut self, source: &LoginSource, mapping: &SourceMapping, entries: &mut Vec<Node>) {
        if self.mappings.iter().any(|(known, _)| *known == mapping.pk) {
            return;
        }
        let id = self.labels.new_for(&format!("mapping_{}", mapping.name));
        self.mappings.push((mapping.pk.clone(), id.clone()));
        let expression = Node::Lines(mapping.expression.clone());
        let (name, attrs) = (vec![("name".into(), Node::text(&mapping.name))], vec![("expression".into(), expression)]);
        entries.push(entry(mapping_model(source.api), None, Some(&id), name, attrs));
    }

    fn source_mapping(&self, source: &LoginSource, held: &serde_json::Value) -> Node {
        let pk = key(held).unwrap_or_default();
        if let Some((_, id)) = self.mappings.iter().find(|(known, _)| *known == pk) {
            return Node::KeyOf(id.clone());
        }
        let managed = source.mappings.iter().find(|mapping| mapping.pk == pk).and_then(|mapping| mapping.managed.clone());
        managed.map_or_else(|| Node::Plain(held.clone()), |managed| Node::Find(mapping_model(source.api), "managed", managed))
    }

    /// The service's certificate, which is made where it is missing: nothing in it is secret.
    fn certificate(&mut self, source: &LoginSource, entries: &mut Vec<Node>) -> Option<(String, Node)> {
        let certificate = source.certificate.as_ref()?;
        let Some(data) = &certificate.data else {
            return Some((certificate.pk.clone(), Node::Find(CERTIFICATE, "name", certificate.name.clone())));
        };
        if let Some((_, id)) = self.mappings.iter().find(|(known, _)| *known == certificate.pk) {
            return Some((certificate.pk.clone(), Node::KeyOf(id.clone())));
        }
        let id = self.labels.new_for(&format!("certificate_{}", certificate.name));
        let attrs = vec![("certificate_data".into(), Node::Lines(format!("{}\n", data.trim_end())))];
        entries.push(entry(CERTIFICATE, None, Some(&id), vec![("name".into(), Node::text(&certificate.name))], attrs));
        self.mappings.push((certificate.pk.clone(), id.clone()));
        Some((certificate.pk.clone(), Node::KeyOf(id)))
    }
}

/// How the sources get onto the login page, as comments: an entry of the stage would set its whole list, and set it again each hour.
pub(in crate::setup::export) fn login_page(sources: &[LoginSource]) -> String {
    let mut lines = String::new();
    for source in sources {
        for stage in &source.shown_on {
            let stage = stage.replace(char::is_control, " ");
            let _ = writeln!(lines, "# The identification stage {stage} shows {}.", source.slug());
        }
    }
    if !lines.is_empty() {
        lines.push_str("# Stages are not in here, for a blueprint sets all of a stage's sources: choose them there once, under Flows and Stages > Stages.\n");
    }
    lines
}
