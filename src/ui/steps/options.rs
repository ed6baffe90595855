//! What can be different: all of it filled in, none of it needed.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::{Cx, Flow, Page, View, order};
use crate::catalog::render::Engine;
use crate::catalog::template::{
    BuiltinScope, ClientType, IssuerMode, Kind, Lifetimes, MatchingMode, Provider, SourceApi, SubjectMode,
};
use crate::setup::answers::{KeyChoice, Options as Chosen, RedirectUri};
use crate::setup::facts::{Facts, KeyKind};
use crate::setup::lifetime;
use crate::setup::mint::Minted;
use crate::setup::planner::{Preview, designation, preview};
use crate::setup::question::resolve;
use crate::setup::setting::Field as Setting;
use crate::ui::form::{Choice, Control, Entered, Form, Item, Moved};
use crate::ui::keymap::{Action, Context};
use crate::ui::theme::Role;
use crate::ui::widgets::multiselect::MultiState;
use crate::ui::widgets::text;
use crate::ui::wizard::Wizard;

/// The value of "the usual one" in choices.
const USUAL: &str = "";
/// The value of "a new key".
const NEW_KEY: &str = "new";
/// Begins a redirect URI that is a regular expression.
const REGEX: &str = "regex:";

/// The page.
#[derive(Debug, Default)]
pub struct Options {
    engine: Engine,
    template: String,
    form: Form,
}

/// What holds without a decision: the template's choice for these answers.
#[derive(Debug, Default)]
struct Defaults {
    preview: Preview,
    provider: Provider,
}

impl Options {
    fn defaults(&self, wizard: &Wizard) -> Option<Defaults> {
        let template = wizard.template.as_ref()?;
        let mut answers = wizard.answers.clone();
        answers.options = Chosen::default();
        let resolved = resolve(&self.engine, template, &answers, &Minted::default());
        let preview = preview(&self.engine, template, &answers, &resolved);
        let provider = template.parts().first().map(|part| part.provider.clone()).unwrap_or_default();
        Some(Defaults { preview, provider })
    }

    fn refresh(&mut self, wizard: &Wizard) {
        let Some(defaults) = self.defaults(wizard) else { return };
        let facts = wizard.facts.ready().map(AsRef::as_ref);
        let items = match wizard.kind() {
            Kind::Application => self.application_items(&defaults, facts, &wizard.answers.options),
            Kind::Source => source_items(&defaults, facts, keeps_secret(wizard)),
        };
        let (items, values): (Vec<Item>, Vec<Entered>) = items.into_iter().unzip();
        let ids: Vec<String> = items.iter().map(|item| item.id.clone()).collect();
        self.form.arrange(items);
        for (id, value) in ids.iter().zip(values) {
            if let Some(shown) = self.form.get_mut(id) {
                shown.follow(&value);
            }
        }
        self.check();
    }

    /// Every input with the value that holds unless the person changes it.
    fn application_items(&self, defaults: &Defaults, facts: Option<&Facts>, chosen: &Chosen) -> Vec<(Item, Entered)> {
        let provider = &defaults.provider;
        let text = |value: &str| Entered::Text(value.to_owned());
        let mut items = vec![
            (Item::text("name", "Name").help("What people see in authentik."), text(&defaults.preview.name)),
            (Item::text("slug", "Slug").help("Part of every address; letters, digits, - and _."), text(&defaults.preview.slug)),
            (Item::text("group", "Group heading").help("The heading under which the tile stands. May stay empty."), text("")),
            (Item::text("launch_url", "Launch URL").help("Where the tile leads."), text(&defaults.preview.launch_url)),
            (Item::text("description", "Description").help("The line below the tile's name. May stay empty."), text("")),
            (Item::text("icon", "Icon").help("The icon's address. May stay empty: authentik shows the first letters."), text("")),
        ];
        items.extend(self.redirect_items(&defaults.preview.redirects, chosen));
        items.extend([
            (subject_mode_item(provider), text(provider.sub_mode.value.as_str())),
            (key_item(facts), text(USUAL)),
            (scope_item(), Entered::Several(provider.scopes.iter().map(|scope| scope.scope().to_owned()).collect())),
            (client_type_item(), text(provider.client_type.as_str())),
            (issuer_item(), text(provider.issuer_mode.as_str())),
            (flow_item(Setting::AuthorizationFlow, "Authorization flow", facts), text(USUAL)),
            (flow_item(Setting::InvalidationFlow, "Invalidation flow", facts), text(USUAL)),
        ]);
        items.extend(lifetime_items(&provider.lifetimes));
        items
    }

    /// One line for each redirect URI and an empty one to add another.
    fn redirect_items(&self, defaults: &[RedirectUri], chosen: &Chosen) -> Vec<(Item, Entered)> {
        let known = chosen.redirects.as_ref().map_or(defaults.len(), Vec::len);
        let typed =
            (0..).take_while(|index| self.form.get(&redirect_id(*index)).is_some_and(|item| !item.value().text().is_empty()));
        let count = known.max(typed.count());
        (0..=count)
            .map(|index| {
                let label = if index == 0 { "Redirect URIs" } else { "" };
                let item = Item::text(redirect_id(index), label).placeholder("add another one").help(format!(
                    "Compared byte by byte. Begin with {REGEX} for a regular expression. Empty the line to leave one out."
                ));
                let default = defaults.get(index).map(show_redirect).unwrap_or_default();
                (item, Entered::Text(default))
            })
            .collect()
    }

    /// Points out what cannot be.
    fn check(&mut self) {
        let ids: Vec<String> = self.form.items().iter().map(|item| item.id.clone()).collect();
        for id in ids {
            let Some(item) = self.form.get_mut(&id) else { continue };
            let value = item.value();
            item.error = match id.as_str() {
                "slug" if !value.text().chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter)) => {
                    "A slug has letters, digits, - and _ only.".into()
                }
                "code_lifetime" | "access_lifetime" | "refresh_lifetime" => lifetime_error(value.text()),
                "launch_url" | "icon"
                    if !value.text().is_empty() && !value.text().contains("://") && !value.text().starts_with("fa://") =>
                {
                    "An address begins with https:// or http://.".into()
                }
                id if id.starts_with("redirect:") => redirect_error(value.text()),
                _ => String::new(),
            };
        }
    }

    /// Takes every value that differs from its default into the answers.
    fn take(&mut self, wizard: &mut Wizard) {
        self.refresh(wizard);
        let touched = |id: &str| self.form.get(id).filter(|item| item.touched).map(Item::value);
        let line = |id: &str| touched(id).map(|value| value.text().trim().to_owned());
        let filled = |id: &str| line(id).filter(|text| !text.is_empty());
        let redirects = self.redirects();
        let renew_secrets = matches!(touched("renew_secrets"), Some(Entered::Toggle(true)));
        let options = &mut wizard.answers.options;
        options.name = filled("name");
        options.slug = filled("slug");
        options.group = line("group");
        options.launch_url = line("launch_url");
        options.description = line("description");
        options.icon = filled("icon");
        options.sub_mode = filled("sub_mode").and_then(|mode| SubjectMode::from_wire(&mode));
        options.signing_key =
            filled("signing_key").map(|key| if key == NEW_KEY { KeyChoice::New } else { KeyChoice::Existing(key) });
        options.scopes = touched("scopes").map(|value| match value {
            Entered::Several(names) => {
                BuiltinScope::ALL.into_iter().filter(|scope| names.iter().any(|name| name == scope.scope())).collect()
            }
            _ => Vec::new(),
        });
        options.client_type = filled("client_type")
            .map(|kind| if kind == ClientType::Public.as_str() { ClientType::Public } else { ClientType::Confidential });
        options.issuer_mode = filled("issuer_mode")
            .map(|mode| if mode == IssuerMode::Global.as_str() { IssuerMode::Global } else { IssuerMode::PerProvider });
        options.authorization_flow = filled("authorization_flow");
        options.invalidation_flow = filled("invalidation_flow");
        options.authentication_flow = filled("authentication_flow");
        options.enrollment_flow = filled("enrollment_flow");
        options.code_lifetime = filled("code_lifetime");
        options.access_lifetime = filled("access_lifetime");
        options.refresh_lifetime = filled("refresh_lifetime");
        options.redirects = redirects;
        wizard.answers.source.renew_secrets = renew_secrets;
    }

    /// The redirect URIs, if one of them was changed.
    fn redirects(&self) -> Option<Vec<RedirectUri>> {
        let items: Vec<&Item> = self.form.items().iter().filter(|item| item.id.starts_with("redirect:")).collect();
        items.iter().any(|item| item.touched).then(|| {
            items
                .iter()
                .map(|item| item.value().text().trim().to_owned())
                .filter(|text| !text.is_empty())
                .map(|text| read_redirect(&text))
                .collect()
        })
    }
}

impl Page for Options {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        let id = cx.wizard.template.as_ref().map(|template| template.id.clone()).unwrap_or_default();
        if id != self.template {
            *self = Self { template: id, ..Self::default() };
        }
        self.refresh(cx.wizard);
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        self.form.context()
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match action {
            Action::Back => return Flow::Back,
            Action::Accept => {
                self.take(cx.wizard);
                return if self.form.focus_error() { Flow::Stay } else { Flow::Goto(super::Step::Review) };
            }
            _ => {}
        }
        match self.form.action(action) {
            Moved::PastEnd => order::aside(super::Step::Options, cx.wizard.template.as_deref()).map_or(Flow::Stay, Flow::Goto),
            Moved::Value => {
                self.take(cx.wizard);
                Flow::Stay
            }
            Moved::Focus | Moved::No => Flow::Stay,
        }
    }

    fn text(&mut self, key: KeyEvent, cx: &mut Cx<'_>) -> Flow {
        if self.form.text(key) {
            self.take(cx.wizard);
        }
        Flow::Stay
    }

    fn paste(&mut self, pasted: &str, cx: &mut Cx<'_>) -> Flow {
        if self.form.paste(pasted) {
            self.take(cx.wizard);
        }
        Flow::Stay
    }

    fn loaded(&mut self, cx: &mut Cx<'_>) -> Flow {
        self.refresh(cx.wizard);
        Flow::Stay
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, _wizard: &Wizard) {
        let intro = "Everything is filled in; change only what you need. Ctrl-R sets a field back.";
        let row = text::put_wrapped(view.buf, area, intro, view.theme.style(Role::Muted), view.theme) + 1;
        self.form.draw(view, text::below(area, row));
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "All of this is filled in from the template and the server, and none of it has to be changed. Enter goes to the review. \
         Tab after the last field opens the access page. Ctrl-R sets a field back to what the template says."
    }
}

/// Whether authentik takes a secret for such a source that it never shows again.
fn keeps_secret(wizard: &Wizard) -> bool {
    let source = wizard.template.as_ref().and_then(|template| template.source.as_ref());
    source.is_some_and(|source| matches!(source.api, SourceApi::Oauth | SourceApi::Telegram))
}

fn source_items(defaults: &Defaults, facts: Option<&Facts>, keeps_secret: bool) -> Vec<(Item, Entered)> {
    let text = |value: &str| Entered::Text(value.to_owned());
    let mut items = vec![
        (Item::text("name", "Name").help("What people see on the login page."), text(&defaults.preview.name)),
        (Item::text("slug", "Slug").help("Part of the source's address."), text(&defaults.preview.slug)),
        (flow_item(Setting::AuthenticationFlow, "Authentication flow", facts), text(USUAL)),
        (flow_item(Setting::EnrollmentFlow, "Enrollment flow", facts), text(USUAL)),
    ];
    if keeps_secret {
        items.push((
            Item::new("renew_secrets", "Replace the secrets of a source that exists", Control::Toggle(false))
                .help("authentik does not show those it holds, so it is not known whether they differ."),
            Entered::Toggle(false),
        ));
    }
    items
}

fn subject_mode_item(provider: &Provider) -> Item {
    let options = SubjectMode::ALL.map(|mode| Choice::new(mode.as_str(), mode.as_str(), mode.meaning())).to_vec();
    let why = provider.sub_mode.why.clone().map(|why| format!(" The template's choice, because {why}.")).unwrap_or_default();
    Item::choice("sub_mode", "Subject mode", options).help(format!("What the application takes for the user's ID (sub).{why}"))
}

fn key_item(facts: Option<&Facts>) -> Item {
    let mut options = vec![Choice::new(USUAL, "RSA key, chosen for you", "made where the server has none")];
    for key in facts.iter().flat_map(|facts| &facts.keys).filter(|key| key.has_private_key) {
        let kind = match &key.kind {
            KeyKind::Rsa => "RSA".to_owned(),
            KeyKind::Ec => "EC: many applications do not accept it".to_owned(),
            KeyKind::Other(name) => name.clone(),
        };
        let expiry = key.days_left.map(|days| if days < 0 { ", expired".to_owned() } else { format!(", {days} days left") });
        options.push(Choice::new(&key.pk, &key.name, format!("{kind}{}", expiry.unwrap_or_default())));
    }
    options.push(Choice::new(NEW_KEY, "A new RSA key", "generated by authentik"));
    Item::choice("signing_key", "Signing key", options).help("Signs the tokens. Applications expect RS256, which is RSA.")
}

fn scope_item() -> Item {
    let meaning = |scope| match scope {
        BuiltinScope::Openid => "needed for OpenID Connect",
        BuiltinScope::Email => "e-mail address",
        BuiltinScope::Profile => "name, user name, groups",
        BuiltinScope::OfflineAccess => "refresh tokens",
        BuiltinScope::Entitlements => "entitlements and roles",
        BuiltinScope::Api => "access to authentik's API",
    };
    let options: Vec<Choice> =
        BuiltinScope::ALL.iter().map(|scope| Choice::new(scope.scope(), scope.scope(), meaning(*scope))).collect();
    let state = MultiState::new(options.len());
    Item::new("scopes", "Scopes", Control::Several { options, state })
        .help("What the application may ask for. Space switches one on or off.")
}

fn client_type_item() -> Item {
    let options = vec![
        Choice::new("confidential", "confidential", "has a client secret"),
        Choice::new("public", "public", "cannot keep a secret: runs in a browser or on a phone"),
    ];
    Item::choice("client_type", "Client type", options)
}

fn issuer_item() -> Item {
    let options = vec![
        Choice::new("per_provider", "per provider", "each application has an issuer of its own"),
        Choice::new("global", "global", "all applications share one issuer"),
    ];
    Item::choice("issuer_mode", "Issuer mode", options)
}

fn flow_item(field: Setting, label: &str, facts: Option<&Facts>) -> Item {
    let id = match field {
        Setting::AuthorizationFlow => "authorization_flow",
        Setting::InvalidationFlow => "invalidation_flow",
        Setting::AuthenticationFlow => "authentication_flow",
        _ => "enrollment_flow",
    };
    let wanted = designation(field).unwrap_or_default();
    let mut options = vec![Choice::new(USUAL, "the usual one", "authentik's default flow for it")];
    for flow in facts.iter().flat_map(|facts| &facts.flows).filter(|flow| flow.designation == wanted) {
        options.push(Choice::new(&flow.slug, &flow.slug, &flow.name));
    }
    Item::choice(id, label, options)
}

fn lifetime_items(lifetimes: &Lifetimes) -> Vec<(Item, Entered)> {
    [
        ("code_lifetime", "Code lifetime", &lifetimes.code, "minutes=1"),
        ("access_lifetime", "Access token lifetime", &lifetimes.access, "minutes=5"),
        ("refresh_lifetime", "Refresh token lifetime", &lifetimes.refresh, "days=30"),
    ]
    .into_iter()
    .map(|(id, label, lifetime, usual)| {
        let bounds = lifetime.as_ref().map(|lifetime| match (&lifetime.min, &lifetime.max) {
            (Some(min), Some(max)) => format!(" At least {min}, at most {max}."),
            (Some(min), None) => format!(" At least {min}."),
            (None, Some(max)) => format!(" At most {max}."),
            (None, None) => String::new(),
        });
        let help = format!("In authentik's notation, such as minutes=10 or days=30.{}", bounds.unwrap_or_default());
        let default = lifetime.as_ref().map_or(usual, |lifetime| &lifetime.set);
        (Item::text(id, label).help(help), Entered::Text(default.to_owned()))
    })
    .collect()
}

fn lifetime_error(text: &str) -> String {
    // Empty means the template's own.
    if text.trim().is_empty() { String::new() } else { lifetime::check(text).err().unwrap_or_default() }
}

fn redirect_id(index: usize) -> String {
    format!("redirect:{index}")
}

fn show_redirect(redirect: &RedirectUri) -> String {
    match redirect.mode {
        MatchingMode::Strict => redirect.uri.clone(),
        MatchingMode::Regex => format!("{REGEX}{}", redirect.uri),
    }
}

fn read_redirect(text: &str) -> RedirectUri {
    match text.strip_prefix(REGEX) {
        Some(expression) => RedirectUri { uri: expression.trim().to_owned(), mode: MatchingMode::Regex },
        None => RedirectUri { uri: text.to_owned(), mode: MatchingMode::Strict },
    }
}

fn redirect_error(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let redirect = read_redirect(text);
    match redirect.mode {
        MatchingMode::Regex if regex::Regex::new(&redirect.uri).is_err() => "This is not a regular expression.".into(),
        MatchingMode::Strict if !text.contains(':') => "A redirect URI begins with its scheme, such as https://.".into(),
        MatchingMode::Strict if text.contains(char::is_whitespace) => "There is a space in it.".into(),
        MatchingMode::Strict if text.contains('#') => {
            "A redirect URI has no fragment (RFC 6749, 3.1.2): leave out the # and what follows.".into()
        }
        MatchingMode::Regex | MatchingMode::Strict => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_lines_read_back_as_they_are_shown() {
        for redirect in [
            RedirectUri { uri: "app.immich:///oauth-callback".into(), mode: MatchingMode::Strict },
            RedirectUri { uri: r"^https://x\.example\.com/.*$".into(), mode: MatchingMode::Regex },
        ] {
            assert_eq!(read_redirect(&show_redirect(&redirect)), redirect);
            assert_eq!(redirect_error(&show_redirect(&redirect)), "");
        }
        assert_ne!(redirect_error("portainer.example.com"), "");
        assert_ne!(redirect_error("https://x/#/login"), "");
        assert_ne!(redirect_error("regex:("), "");
    }

    #[test]
    fn lifetimes_are_checked_in_authentiks_notation() {
        assert_eq!((lifetime_error("hours=1;minutes=30").as_str(), lifetime_error(" ").as_str()), ("", ""));
        assert_ne!(lifetime_error("10 minutes"), "");
        assert_ne!(lifetime_error("months=1"), "");
    }
}
