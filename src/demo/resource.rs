//! The collections of the API that behave alike: list, read, create, change and delete.

use serde_json::{Value, json};

use super::check::check;
use super::http::{Object, Reply, Request};
use super::options::Version;
use super::rights::{Caller, key_text};
use super::state::{Kind, State, text};
use super::{events, objects, present, sources};

/// One collection.
#[derive(Debug)]
pub(super) struct Resource {
    /// The path below `/api/v3/`.
    pub path: &'static str,
    pub kind: Kind,
    /// The field in an object's address.
    pub lookup: &'static str,
    /// The class that errors name.
    pub class: &'static str,
    /// Application label and model of its rights.
    pub label: &'static str,
    pub model: &'static str,
    /// The schema's components; an empty request means read-only.
    pub request: &'static str,
    pub response: &'static str,
    /// Query parameters that compare a field of the same name.
    pub filters: &'static [&'static str],
    /// Fields that `search` looks into.
    pub search: &'static [&'static str],
    pub ordering: &'static str,
    /// Which objects of the kind belong to it.
    pub holds: fn(&Object) -> bool,
}

/// For collections that hold every object of their kind.
pub(super) fn any_object(_: &Object) -> bool {
    true
}

/// For collections that akwiz reads and never fills.
fn no_object(_: &Object) -> bool {
    false
}

/// Proxy providers are OAuth2 providers underneath and show up among them.
fn speaks_oauth2(provider: &Object) -> bool {
    matches!(text(provider, "component"), "ak-provider-oauth2-form" | "ak-provider-proxy-form")
}

macro_rules! resource {
    ($path:literal, $kind:ident by $lookup:literal, $class:literal, $label:literal.$model:literal, $request:literal => $response:literal,
     filters $filters:expr, search $search:expr, order $ordering:literal, $holds:expr) => {
        Resource {
            path: $path,
            kind: Kind::$kind,
            lookup: $lookup,
            class: $class,
            label: $label,
            model: $model,
            request: $request,
            response: $response,
            filters: &$filters,
            search: &$search,
            ordering: $ordering,
            holds: $holds,
        }
    };
}

/// Every collection that the stand-in has.
pub(super) static RESOURCES: [Resource; 27] = [
    resource!("core/applications", Application by "slug", "Application", "authentik_core"."application", "ApplicationRequest" => "Application",
        filters ["name", "slug", "group", "meta_launch_url", "meta_description", "meta_publisher"],
        search ["name", "slug", "meta_launch_url", "meta_description", "meta_publisher", "group"], order "name", any_object),
    resource!("core/groups", Group by "pk", "Group", "authentik_core"."group", "GroupRequest" => "Group",
        filters ["name", "is_superuser"], search ["name"], order "name", any_object),
    resource!("core/users", User by "pk", "User", "authentik_core"."user", "UserRequest" => "User",
        filters ["username", "name", "email", "uuid", "type", "path", "is_active"],
        search ["username", "name", "email", "uuid"], order "username", any_object),
    resource!("core/brands", Brand by "brand_uuid", "Brand", "authentik_brands"."brand", "BrandRequest" => "Brand",
        filters ["domain", "default"], search ["domain", "branding_title"], order "domain", any_object),
    resource!("core/tokens", Token by "identifier", "Token", "authentik_core"."token", "TokenRequest" => "Token",
        filters ["identifier", "intent", "description"], search ["identifier", "intent", "description"], order "identifier", any_object),
    resource!("flows/instances", Flow by "slug", "Flow", "authentik_flows"."flow", "FlowRequest" => "Flow",
        filters ["slug", "name", "designation"], search ["name", "slug", "designation", "title"], order "slug", any_object),
    resource!("propertymappings/provider/scope", ScopeMapping by "pk", "ScopeMapping", "authentik_providers_oauth2"."scopemapping",
        "ScopeMappingRequest" => "ScopeMapping", filters ["scope_name", "name", "managed"], search ["name", "scope_name"], order "scope_name", any_object),
    resource!("crypto/certificatekeypairs", Certificate by "pk", "CertificateKeyPair", "authentik_crypto"."certificatekeypair",
        "CertificateKeyPairRequest" => "CertificateKeyPair", filters ["name", "managed"], search ["name"], order "name", any_object),
    resource!("providers/all", Provider by "pk", "Provider", "authentik_core"."provider", "" => "Provider",
        filters [], search ["name"], order "name", any_object),
    resource!("providers/oauth2", Provider by "pk", "OAuth2Provider", "authentik_providers_oauth2"."oauth2provider",
        "OAuth2ProviderRequest" => "OAuth2Provider",
        filters ["name", "client_id", "client_type", "authorization_flow", "sub_mode", "issuer_mode", "signing_key"],
        search ["name"], order "name", speaks_oauth2),
    resource!("policies/bindings", Binding by "pk", "PolicyBinding", "authentik_policies"."policybinding",
        "PolicyBindingRequest" => "PolicyBinding", filters ["target", "policy", "order", "enabled"], search [], order "order", any_object),
    resource!("sources/all", Source by "slug", "Source", "authentik_core"."source", "" => "Source",
        filters ["name", "slug", "managed"], search ["name", "slug"], order "name", any_object),
    resource!("sources/plex", Source by "slug", "PlexSource", "authentik_sources_plex"."plexsource",
        "PlexSourceRequest" => "PlexSource", filters ["name", "slug", "enabled", "client_id", "allow_friends"],
        search ["name", "slug"], order "name", sources::is_plex),
    resource!("sources/oauth", Source by "slug", "OAuthSource", "authentik_sources_oauth"."oauthsource",
        "OAuthSourceRequest" => "OAuthSource", filters ["name", "slug", "enabled", "provider_type", "consumer_key"],
        search ["name", "slug"], order "name", sources::is_oauth),
    resource!("sources/saml", Source by "slug", "SAMLSource", "authentik_sources_saml"."samlsource",
        "SAMLSourceRequest" => "SAMLSource", filters ["name", "slug", "enabled", "sso_url"],
        search ["name", "slug"], order "name", sources::is_saml),
    resource!("sources/scim", Source by "slug", "SCIMSource", "authentik_sources_scim"."scimsource",
        "SCIMSourceRequest" => "SCIMSource", filters ["name", "slug"], search ["name", "slug"], order "name", sources::is_scim),
    resource!("sources/telegram", Source by "slug", "TelegramSource", "authentik_sources_telegram"."telegramsource",
        "TelegramSourceRequest" => "TelegramSource", filters ["name", "slug", "enabled", "bot_username"],
        search ["name", "slug"], order "name", sources::is_telegram),
    resource!("propertymappings/source/oauth", SourceMapping by "pk", "OAuthSourcePropertyMapping",
        "authentik_sources_oauth"."oauthsourcepropertymapping", "OAuthSourcePropertyMappingRequest" => "OAuthSourcePropertyMapping",
        filters ["name"], search ["name"], order "name", any_object),
    resource!("propertymappings/source/plex", SourceMapping by "pk", "PlexSourcePropertyMapping",
        "authentik_sources_plex"."plexsourcepropertymapping", "" => "OAuthSourcePropertyMapping",
        filters ["name"], search ["name"], order "name", no_object),
    resource!("propertymappings/source/saml", SourceMapping by "pk", "SAMLSourcePropertyMapping",
        "authentik_sources_saml"."samlsourcepropertymapping", "" => "OAuthSourcePropertyMapping",
        filters ["name"], search ["name"], order "name", no_object),
    resource!("propertymappings/source/scim", SourceMapping by "pk", "SCIMSourcePropertyMapping",
        "authentik_sources_scim"."scimsourcepropertymapping", "" => "OAuthSourcePropertyMapping",
        filters ["name"], search ["name"], order "name", no_object),
    resource!("propertymappings/source/telegram", SourceMapping by "pk", "TelegramSourcePropertyMapping",
        "authentik_sources_telegram"."telegramsourcepropertymapping", "" => "OAuthSourcePropertyMapping",
        filters ["name"], search ["name"], order "name", no_object),
    resource!("policies/expression", Policy by "pk", "ExpressionPolicy", "authentik_policies_expression"."expressionpolicy",
        "ExpressionPolicyRequest" => "ExpressionPolicy", filters ["name"], search ["name"], order "name", any_object),
    resource!("stages/all", Stage by "pk", "Stage", "authentik_flows"."stage", "" => "Stage",
        filters ["name"], search ["name"], order "name", any_object),
    resource!("flows/bindings", StageBinding by "pk", "FlowStageBinding", "authentik_flows"."flowstagebinding",
        "FlowStageBindingRequest" => "FlowStageBinding", filters ["target", "stage", "order"], search [], order "order", any_object),
    resource!("stages/identification", IdentificationStage by "pk", "IdentificationStage",
        "authentik_stages_identification"."identificationstage", "IdentificationStageRequest" => "IdentificationStage",
        filters ["name"], search ["name"], order "name", any_object),
    resource!("rbac/roles", Role by "pk", "Role", "authentik_rbac"."role", "" => "Role", filters ["name"], search ["name"], order "name", any_object),
];

impl Resource {
    /// The collection at the start of a path, and the rest of that path.
    pub fn find(path: &str) -> Option<(&'static Self, Vec<&str>)> {
        RESOURCES.iter().find_map(|resource| {
            let rest = path.strip_prefix(resource.path)?.strip_prefix('/')?;
            Some((resource, rest.split('/').filter(|part| !part.is_empty()).collect()))
        })
    }

    /// The full name of a right on the collection's model.
    pub fn right(&self, action: &str) -> String {
        format!("{}.{action}_{}", self.label, self.model)
    }

    /// The 404 for an address without an object.
    pub fn not_found(&self, version: Version) -> Reply {
        if version < Version::V2025_12 {
            return Reply::detail(404, "Not found.");
        }
        Reply::detail(404, &format!("No {} matches the given query.", self.class))
    }

    /// The object at an address, if the caller may see it.
    pub fn get(&self, state: &State, caller: &Caller, id: &str) -> Result<Object, Reply> {
        let view = self.right("view");
        if self.kind != Kind::Token && !caller.may_some(&view) {
            return Err(Reply::forbidden());
        }
        let by_number = matches!(self.kind, Kind::Provider | Kind::User) && self.lookup == "pk";
        let key = match id.parse::<i64>() {
            Ok(number) if by_number => json!(number),
            Err(_) if by_number => return Err(Reply::detail(404, "Not found.")),
            _ => json!(id),
        };
        let found = state.find(self.kind, self.lookup, &key).filter(|object| (self.holds)(object));
        let visible = |object: &&Object| match self.kind {
            Kind::Token => caller.may(&view) || object.get("user") == Some(&json!(caller.user)),
            kind => caller.may_on(&view, &object[kind.key()]),
        };
        found.filter(visible).cloned().ok_or_else(|| self.not_found(state.version()))
    }

    /// `GET` on the collection.
    pub fn list(&self, state: &mut State, caller: &Caller, request: &Request) -> Reply {
        let view = self.right("view");
        let open = matches!(self.kind, Kind::Application | Kind::Token);
        if !open && !caller.may_some(&view) {
            return Reply::forbidden();
        }
        if let Err(reply) = objects::check_filters(self, request) {
            return reply;
        }
        let mut found: Vec<&Object> = state.all(self.kind).iter().filter(|object| (self.holds)(object)).collect();
        found.retain(|object| self.matches(object, request) && objects::matches(self, state, object, request));
        let full = caller.superuser && request.param("superuser_full_list") == Some("true");
        match self.kind {
            Kind::Token => found.retain(|token| caller.may(&view) || token.get("user") == Some(&json!(caller.user))),
            Kind::Application => {}
            kind => found.retain(|object| caller.may_on(&view, &object[kind.key()])),
        }
        self.sort(&mut found, request);
        let (page, pagination) = match paginate(&found, request) {
            Ok(page) => page,
            Err(reply) => return reply,
        };
        let results: Vec<Value> = if self.kind == Kind::Application && !full {
            let page = page.iter().map(|object| (*object).clone()).collect();
            openable(state, caller, request, page)
                .iter()
                .map(|object| present::show(state, self, object, Some(request)))
                .collect()
        } else {
            page.iter().map(|object| present::show(state, self, object, Some(request))).collect()
        };
        let mut body = json!({ "pagination": pagination, "results": results });
        if state.version() >= Version::V2025_12 {
            body["autocomplete"] = json!({});
        }
        Reply::json(200, &body)
    }

    fn matches(&self, object: &Object, request: &Request) -> bool {
        let filtered = self.filters.iter().all(|field| {
            let mut wanted = request.params(field).filter(|value| !value.is_empty()).peekable();
            if wanted.peek().is_none() {
                return true;
            }
            let held = object.get(*field).map(key_text).unwrap_or_default();
            wanted.any(|value| held == value || held.eq_ignore_ascii_case(value) && is_flag(value))
        });
        let needle = request.param("search").unwrap_or_default().to_lowercase();
        filtered && (needle.is_empty() || self.search.iter().any(|field| text(object, field).to_lowercase().contains(&needle)))
    }

    fn sort(&self, objects: &mut [&Object], request: &Request) {
        let asked = request.param("ordering").filter(|field| !field.is_empty()).unwrap_or(self.ordering);
        let field = asked.trim_start_matches('-');
        objects.sort_by_cached_key(|object| {
            let value = object.get(field).cloned().unwrap_or_default();
            (value.as_i64().unwrap_or_default(), key_text(&value).to_lowercase())
        });
        if asked.starts_with('-') {
            objects.reverse();
        }
    }

    /// `POST` on the collection.
    pub fn create(&self, state: &mut State, caller: &Caller, request: &Request) -> Reply {
        if self.kind != Kind::Token && !caller.may(&self.right("add")) {
            return Reply::forbidden();
        }
        let made = request.json().and_then(|body| {
            let clean = check(state, self.request, &body, false).map_err(invalid)?;
            self.refuse(state, &clean, false)?;
            let own = if self.kind == Kind::Source { sources::defaults(self, &state.letters(40)) } else { Object::new() };
            let own: Object = own.into_iter().chain(clean).collect();
            objects::create(state, self.kind, own, caller).map_err(invalid)
        });
        match made {
            Ok(object) => {
                state.insert(self.kind, object.clone());
                if self.kind == Kind::Source {
                    sources::accompany(state, &object);
                }
                events::changed(state, request, caller.user, "model_created", self, &object);
                Reply::json(201, &echo(present::show(state, self, &object, None), request))
            }
            Err(reply) => reply,
        }
    }

    /// What is refused beyond the schema.
    fn refuse(&self, state: &State, clean: &Object, partial: bool) -> Result<(), Reply> {
        match sources::refused(self, state, clean, partial) {
            Ok(errors) if errors.is_empty() => Ok(()),
            Ok(errors) => Err(invalid(errors)),
            Err(()) => Err(Reply::html(500, "<h1>Server Error (500)</h1>\n")),
        }
    }

    /// `PUT` and `PATCH` on an object.
    pub fn update(&self, state: &mut State, caller: &Caller, request: &Request, id: &str) -> Reply {
        let changed = self.get(state, caller, id).and_then(|object| {
            let key = object[self.kind.key()].clone();
            let own = self.kind == Kind::Token && object.get("user") == Some(&json!(caller.user));
            if !own && !caller.may_on(&self.right("change"), &key) {
                return Err(Reply::forbidden());
            }
            let clean = check(state, self.request, &request.json()?, request.method == "PATCH").map_err(invalid)?;
            self.refuse(state, &clean, request.method == "PATCH")?;
            objects::update(state, self.kind, &object, clean).map_err(invalid)?;
            Ok(key)
        });
        match changed {
            Ok(key) => match state.by_key(self.kind, &key).cloned() {
                Some(object) => {
                    events::changed(state, request, caller.user, "model_updated", self, &object);
                    Reply::json(200, &echo(present::show(state, self, &object, None), request))
                }
                None => self.not_found(state.version()),
            },
            Err(reply) => reply,
        }
    }

    /// `DELETE` on an object.
    pub fn delete(&self, state: &mut State, caller: &Caller, request: &Request, id: &str) -> Reply {
        match self.get(state, caller, id) {
            Ok(object) => {
                let key = object[self.kind.key()].clone();
                let own = self.kind == Kind::Token && object.get("user") == Some(&json!(caller.user));
                if !own && !caller.may_on(&self.right("delete"), &key) {
                    return Reply::forbidden();
                }
                objects::delete(state, self.kind, &key);
                events::changed(state, request, caller.user, "model_deleted", self, &object);
                Reply::no_content()
            }
            Err(reply) => reply,
        }
    }
}

/// The applications of a page that the caller may open. The counts stay those of the whole list.
///
/// authentik keeps the result by user and page number, whatever the filters were: until an application changes, another filter gets the
/// same answer. Only a search is always fresh.
fn openable(state: &mut State, caller: &Caller, request: &Request, page: Vec<Object>) -> Vec<Object> {
    let viewer = present::viewed_user(state, caller, request);
    let kept = request.param("search").is_none_or(str::is_empty) && request.param("for_user").is_none();
    let key = (caller.user, request.param("page").unwrap_or("1").to_owned());
    if let Some(keys) = state.listed.get(&key).filter(|_| kept) {
        return keys.iter().filter_map(|pk| state.by_key(Kind::Application, pk)).cloned().collect();
    }
    let allowed: Vec<Object> = page.into_iter().filter(|object| present::may_open(state, object, viewer)).collect();
    // An empty result is computed anew each time.
    if kept && !allowed.is_empty() {
        state.listed.insert(key, allowed.iter().map(|object| object["pk"].clone()).collect());
    }
    allowed
}

/// The answer to a PATCH shows redirect URIs as they were sent; only a later read shows what the server has filled in.
fn echo(mut shown: Value, request: &Request) -> Value {
    if request.method == "PATCH"
        && let Ok(Some(sent)) = request.json().map(|body| body.get("redirect_uris").cloned())
        && let Some(field) = shown.get_mut("redirect_uris")
    {
        *field = sent;
    }
    shown
}

fn is_flag(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "true" | "false")
}

/// 400 with errors by field.
pub(super) fn invalid(errors: Object) -> Reply {
    Reply::json(400, &Value::Object(errors))
}

/// One page and its numbers. A page has 20 objects unless asked otherwise, and never more than 100.
fn paginate<'a, 'b>(found: &'a [&'b Object], request: &Request) -> Result<(&'a [&'b Object], Value), Reply> {
    let size = request.param("page_size").and_then(|size| size.parse().ok()).filter(|size| *size > 0).unwrap_or(20).min(100);
    let pages = found.len().div_ceil(size).max(1);
    let current: usize = match request.param("page").unwrap_or("1").parse() {
        Ok(page) if (1..=pages).contains(&page) => page,
        _ => return Err(Reply::detail(404, "Invalid page.")),
    };
    let start = (current - 1) * size;
    let end = (start + size).min(found.len());
    let numbers = json!({
        "next": if current < pages { current + 1 } else { 0 },
        "previous": current - 1,
        "count": found.len(),
        "current": current,
        "total_pages": pages,
        "start_index": if found.is_empty() { 0 } else { start + 1 },
        "end_index": end,
    });
    Ok((&found[start..end], numbers))
}
