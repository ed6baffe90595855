//! A blueprint: what authentik's own worker makes so, and keeps so.

use serde_json::{Map, Value as Json};

use super::fields::{APPLICATION, Form, PROVIDER, key, list, text};
use super::names::{Labels, slug_label};
use super::source::blueprint::login_page;
use super::source::flows_comment;
use super::yaml::Node;
use super::{Binding, Export, LoginSource, Pair, Subject};

/// The text of a `.yaml` file.
pub(super) fn render(export: &Export<'_>) -> String {
    let mut file = File { export, labels: Labels::default(), groups: Vec::new(), mappings: Vec::new() };
    let mut entries = Vec::new();
    for mapping in export.own_mappings() {
        let id = file.labels.new_for(&format!("mapping_{}", mapping.name));
        file.mappings.push((mapping.pk.clone(), id.clone()));
        entries.push(entry(
            "authentik_providers_oauth2.scopemapping",
            None,
            Some(&id),
            vec![("name".into(), Node::text(&mapping.name))],
            vec![
                ("scope_name".into(), Node::text(&mapping.scope)),
                ("description".into(), Node::text(&mapping.description)),
                ("expression".into(), Node::Lines(mapping.expression.clone())),
            ],
        ));
    }
    for pair in export.pairs {
        file.groups_of(&pair.bindings, &mut entries);
    }
    for source in export.sources {
        file.groups_of(&source.bindings, &mut entries);
    }
    for pair in export.pairs {
        file.pair(pair, &mut entries);
    }
    for source in export.sources {
        file.login_source(source, &mut entries);
    }
    let slugs: Vec<&str> = export.pairs.iter().map(Pair::slug).chain(export.sources.iter().map(LoginSource::slug)).collect();
    let whole = Node::Table(vec![
        ("version".into(), Node::Plain(1.into())),
        ("metadata".into(), Node::Table(vec![("name".into(), Node::text(format!("akwiz: {}", slugs.join(", "))))])),
        ("entries".into(), Node::List(entries)),
    ]);
    let mut out = String::new();
    whole.write(&mut out, 0);
    let head =
        "# Written by akwiz. Put it where authentik's worker finds blueprints, or paste it under Customization > Blueprints.\n";
    let secrets = "# Secrets come from the worker's environment or files: see !Env and !File below.\n";
    let (flows, page) = (flows_comment(export), login_page(export.sources));
    format!("{head}{secrets}{flows}{page}{}", out.trim_start_matches('\n'))
}

pub(super) fn entry(
    model: &str,
    state: Option<&str>,
    id: Option<&str>,
    identifiers: Vec<(String, Node)>,
    attrs: Vec<(String, Node)>,
) -> Node {
    let mut fields = vec![("model".to_owned(), Node::text(model))];
    fields.extend(state.map(|state| ("state".to_owned(), Node::text(state))));
    fields.extend(id.map(|id| ("id".to_owned(), Node::text(id))));
    fields.push(("identifiers".to_owned(), Node::Table(identifiers)));
    if !attrs.is_empty() {
        fields.push(("attrs".to_owned(), Node::Table(attrs)));
    }
    Node::Table(fields)
}

pub(super) struct File<'a> {
    pub export: &'a Export<'a>,
    pub labels: Labels,
    /// Ids by key.
    groups: Vec<(String, String)>,
    pub mappings: Vec<(String, String)>,
}

impl File<'_> {
    /// Groups that are bound. They are made where they are missing, and left as they are elsewhere: their members are not ours.
    fn groups_of(&mut self, bindings: &[Binding], entries: &mut Vec<Node>) {
        for binding in bindings {
            let Subject::Group(pk) = &binding.subject else { continue };
            let Some(name) = self.export.group(pk).filter(|_| self.groups.iter().all(|(known, _)| known != pk)) else { continue };
            let id = self.labels.new_for(&format!("group_{name}"));
            entries.push(entry(
                "authentik_core.group",
                Some("created"),
                Some(&id),
                vec![("name".into(), Node::text(name))],
                Vec::new(),
            ));
            self.groups.push((pk.clone(), id));
        }
    }

    fn pair(&mut self, pair: &Pair, entries: &mut Vec<Node>) {
        let mut provider_id = None;
        if let Some(provider) = &pair.provider {
            let id = self.labels.new_for(&format!("provider_{}", pair.slug()));
            let identifiers = vec![("name".into(), Node::text(text(provider, "name")))];
            let attrs = self.provider(pair, provider);
            entries.push(entry("authentik_providers_oauth2.oauth2provider", None, Some(&id), identifiers, attrs));
            provider_id = Some(id);
        }
        let id = self.labels.new_for(&format!("application_{}", pair.slug()));
        let mut attrs: Vec<(String, Node)> = Vec::new();
        for field in APPLICATION {
            // Before 2025.12 the icon is an upload of its own, and no field that can be written.
            let writable = *field != "meta_icon" || self.export.facts.capabilities.icon_in_body;
            if let Some(held) = pair.application.get(*field).filter(|_| writable) {
                attrs.push(((*field).to_owned(), Node::Plain(held.clone())));
            }
        }
        match (provider_id, pair.application.get("provider")) {
            (Some(id), _) => attrs.push(("provider".into(), Node::KeyOf(id))),
            // A provider of another kind is not exported; it is found by its name, which no other has.
            (None, Some(held)) => {
                let name =
                    pair.application.get("provider_obj").and_then(Json::as_object).map(|kind| text(kind, "name").to_owned());
                let node = match name.filter(|name| !name.is_empty() && !held.is_null()) {
                    Some(name) => Node::Find("authentik_core.provider", "name", name),
                    None => Node::Plain(held.clone()),
                };
                attrs.push(("provider".into(), node));
            }
            (None, None) => {}
        }
        let identifiers = vec![("slug".into(), Node::text(pair.slug()))];
        entries.push(entry("authentik_core.application", None, Some(&id), identifiers, attrs));
        for binding in &pair.bindings {
            entries.push(self.binding(&id, binding));
        }
    }

    fn provider(&self, pair: &Pair, provider: &Map<String, Json>) -> Vec<(String, Node)> {
        let mut attrs: Vec<(String, Node)> = Vec::new();
        for (field, form) in PROVIDER {
            let Some(held) = provider.get(*field) else { continue };
            let node = match form {
                Form::Plain => Node::Plain(held.clone()),
                Form::Flow => find(held, "authentik_flows.flow", "slug", |pk| self.export.flow(pk)),
                Form::Key => find(held, "authentik_crypto.certificatekeypair", "name", |pk| self.export.key(pk)),
                Form::Mappings => Node::List(list(provider, field).iter().map(|mapping| self.mapping(mapping)).collect()),
                Form::Redirects => Node::List(list(provider, field).iter().map(redirect).collect()),
            };
            attrs.push(((*field).to_owned(), node));
            if *field == "client_id" && pair.has_secret {
                let secret = format!("{}_client_secret", slug_label(pair.slug()));
                attrs.push(("client_secret".into(), self.secret(&secret)));
            }
        }
        attrs
    }

    /// Where the worker finds a secret of this name.
    pub fn secret(&self, name: &str) -> Node {
        match self.export.secret_folder {
            Some(folder) => Node::File(format!("{}/{name}", folder.trim_end_matches('/'))),
            None => Node::Env(name.to_uppercase()),
        }
    }

    fn mapping(&self, held: &Json) -> Node {
        let pk = key(held).unwrap_or_default();
        if let Some((_, id)) = self.mappings.iter().find(|(known, _)| *known == pk) {
            return Node::KeyOf(id.clone());
        }
        match self.export.mapping(&pk).and_then(|mapping| mapping.managed.clone()) {
            Some(managed) => Node::Find("authentik_providers_oauth2.scopemapping", "managed", managed),
            None => Node::Plain(held.clone()),
        }
    }

    pub fn binding(&self, application: &str, binding: &Binding) -> Node {
        let (field, subject) = match &binding.subject {
            Subject::Group(pk) => (
                "group",
                match self.groups.iter().find(|(known, _)| known == pk) {
                    Some((_, id)) => Node::KeyOf(id.clone()),
                    None => Node::text(pk),
                },
            ),
            Subject::User(pk) => {
                let name = self.export.user(pk).map(str::to_owned);
                ("user", name.map_or_else(|| Node::text(pk), |name| Node::Find("authentik_core.user", "username", name)))
            }
            Subject::Policy(pk) => ("policy", Node::text(pk)),
        };
        let identifiers = vec![
            ("target".into(), Node::KeyOf(application.to_owned())),
            (field.to_owned(), subject),
            ("order".into(), Node::Plain(binding.order.into())),
        ];
        let attrs = vec![
            ("enabled".into(), Node::Plain(binding.enabled.into())),
            ("negate".into(), Node::Plain(binding.negate.into())),
            ("timeout".into(), Node::Plain(binding.timeout.into())),
            ("failure_result".into(), Node::Plain(binding.failure_result.into())),
        ];
        entry("authentik_policies.policybinding", None, None, identifiers, attrs)
    }
}

/// What a key stands for, by a name of it; the key itself where it cannot be seen.
pub(super) fn find<'n>(held: &Json, model: &'static str, field: &'static str, name: impl Fn(&str) -> Option<&'n str>) -> Node {
    match key(held).and_then(|pk| name(&pk).map(str::to_owned)) {
        Some(name) => Node::Find(model, field, name),
        None => Node::Plain(held.clone()),
    }
}

fn redirect(entry: &Json) -> Node {
    match entry {
        Json::Object(fields) => {
            Node::Table(fields.iter().map(|(name, value)| (name.clone(), Node::Plain(value.clone()))).collect())
        }
        other => Node::Plain(other.clone()),
    }
}
