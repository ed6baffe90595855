//! What the server holds.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest;
use serde_json::{Value, json};

use super::http::Object;
use super::oidc::Grants;
use super::options::{Options, Version};
use super::plex::Plex;
use super::table::Table;

/// The kinds of object. Providers and sources of every type share one table each, as they do in authentik.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Application,
    Binding,
    Brand,
    Certificate,
    Event,
    Flow,
    Group,
    IdentificationStage,
    Policy,
    Provider,
    Role,
    ScopeMapping,
    Source,
    SourceMapping,
    Stage,
    StageBinding,
    Token,
    User,
}

impl Kind {
    /// The field that identifies an object of this kind where another one refers to it.
    pub fn key(self) -> &'static str {
        if self == Self::Brand { "brand_uuid" } else { "pk" }
    }

    /// The table's name in a snapshot.
    fn table(self) -> &'static str {
        match self {
            Self::Application => "applications",
            Self::Binding => "bindings",
            Self::Brand => "brands",
            Self::Certificate => "certificates",
            Self::Event => "events",
            Self::Flow => "flows",
            Self::Group => "groups",
            Self::IdentificationStage => "identification_stages",
            Self::Policy => "policies",
            Self::Provider => "providers",
            Self::Role => "roles",
            Self::ScopeMapping => "scope_mappings",
            Self::Source => "sources",
            Self::SourceMapping => "source_mappings",
            Self::Stage => "stages",
            Self::StageBinding => "stage_bindings",
            Self::Token => "tokens",
            Self::User => "users",
        }
    }
}

/// Everything that the server remembers.
pub(super) struct State {
    pub options: Options,
    pub grants: Grants,
    pub plex: Plex,
    /// The applications that a user's list held, by user and page number.
    pub listed: HashMap<(i64, String), Vec<Value>>,
    tables: BTreeMap<Kind, Table>,
    made: u64,
    last_provider: i64,
    last_user: i64,
}

impl State {
    /// A server without any object.
    pub fn empty(options: Options) -> Self {
        Self {
            options,
            grants: Grants::default(),
            plex: Plex::default(),
            listed: HashMap::new(),
            tables: BTreeMap::new(),
            made: 0,
            last_provider: 0,
            last_user: 0,
        }
    }

    /// The version that is imitated.
    pub fn version(&self) -> Version {
        self.options.version
    }

    /// Every object of a kind, oldest first.
    pub fn all(&self, kind: Kind) -> &[Object] {
        self.tables.get(&kind).map_or(&[], Table::all)
    }

    /// The first object whose field has this value.
    pub fn find(&self, kind: Kind, field: &'static str, value: &Value) -> Option<&Object> {
        self.tables.get(&kind)?.find(field, value)
    }

    /// The object that others refer to by this value.
    pub fn by_key(&self, kind: Kind, value: &Value) -> Option<&Object> {
        self.find(kind, kind.key(), value)
    }

    /// The same, to change it.
    pub fn by_key_mut(&mut self, kind: Kind, value: &Value) -> Option<&mut Object> {
        self.forget_lists(kind);
        self.tables.get_mut(&kind)?.find_mut(kind.key(), value)
    }

    /// Every object of a kind, to change them.
    pub fn all_mut(&mut self, kind: Kind) -> &mut [Object] {
        self.tables.entry(kind).or_default().all_mut()
    }

    /// Stores a new object.
    pub fn insert(&mut self, kind: Kind, object: Object) {
        self.forget_lists(kind);
        self.tables.entry(kind).or_default().insert(object);
    }

    /// Removes the objects for which `gone` holds.
    pub fn remove(&mut self, kind: Kind, gone: impl Fn(&Object) -> bool) {
        self.forget_lists(kind);
        self.tables.entry(kind).or_default().remove(gone);
    }

    fn forget_lists(&mut self, kind: Kind) {
        if kind == Kind::Application {
            self.listed.clear();
        }
    }

    /// A UUID. The sequence is the same in every run, so that screens drawn from it can be compared.
    pub fn uuid(&mut self) -> String {
        let mut hex = hex(&self.random()[..16]);
        hex.replace_range(12..13, "4");
        hex.replace_range(16..17, "8");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// `count` letters and digits.
    pub fn letters(&mut self, count: usize) -> String {
        let mut text = String::new();
        while text.len() < count {
            let random = URL_SAFE_NO_PAD.encode(self.random());
            text.extend(random.chars().filter(char::is_ascii_alphanumeric));
        }
        text.truncate(count);
        text
    }

    /// 64 hexadecimal digits.
    pub fn hex(&mut self) -> String {
        hex(&self.random())
    }

    fn random(&mut self) -> [u8; 32] {
        self.made += 1;
        sha256(format!("stand-in {}", self.made).as_bytes())
    }

    /// The next primary key of a provider.
    pub fn next_provider(&mut self) -> i64 {
        self.last_provider += 1;
        self.last_provider
    }

    /// The next primary key of a user.
    pub fn next_user(&mut self) -> i64 {
        self.last_user += 1;
        self.last_user
    }

    /// Every table, for assertions. Keys of tokens and passwords are in it.
    pub fn snapshot(&self) -> Value {
        self.tables.iter().map(|(kind, table)| (kind.table().to_owned(), json!(table.all()))).collect::<Object>().into()
    }
}

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

/// Two hexadecimal digits a byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A field as text, empty when it is absent or no text.
pub(super) fn text<'a>(object: &'a Object, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// A field as a list, empty when it is absent or no list.
pub(super) fn list<'a>(object: &'a Object, field: &str) -> &'a [Value] {
    object.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A field as a number.
pub(super) fn number(object: &Object, field: &str) -> Option<i64> {
    object.get(field).and_then(Value::as_i64)
}

/// Makes an [`Object`] of a `json!({…})`.
pub(super) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}
