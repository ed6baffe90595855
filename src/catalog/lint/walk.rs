//! Every string of a template that is not for the eyes alone, with its place and the moment at which it is rendered.

use crate::catalog::template::{Application, Entry, Format, Key, Object, Provider, Template};
use crate::catalog::text::{Expr, Scalar, Switch, Text};

/// A string in a template.
#[derive(Debug, Clone)]
pub(super) struct Use<'t> {
    /// Where it is.
    pub(super) place: String,
    /// When it is rendered, and so which names it sees.
    pub(super) when: Moment,
    /// The string.
    pub(super) source: Source<'t>,
}

/// The moment at which a string is rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// While this question is asked: it sees the ones before it.
    Question(usize),
    /// While values are derived: this one sees all questions and the ones before it.
    Derive(usize),
    /// While questions are answered: it sees all of them and what is derived.
    Answers,
    /// While the plan is made.
    Plan,
    /// While this list question's members are gone through, one being `item`.
    Each,
    /// The same, before the plan is made.
    EachAnswer,
    /// When everything is there.
    Settings,
}

/// A kind of string.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'t> {
    /// A text, and the format that it is rendered into.
    Text(&'t Text, Format),
    /// A condition.
    Expr(&'t Expr),
    /// Plain text, in which braces are braces.
    Literal(&'t str),
    /// The key of a table, which is taken as it is.
    Key(&'t str),
}

/// Collects strings.
struct Walk<'t> {
    uses: Vec<Use<'t>>,
    when: Moment,
}

impl<'t> Walk<'t> {
    fn add(&mut self, place: String, source: Source<'t>) {
        self.uses.push(Use { place, when: self.when, source });
    }

    fn plain(&mut self, place: &str, text: impl Into<Option<&'t Text>>) {
        if let Some(text) = text.into() {
            self.add(place.to_owned(), Source::Text(text, Format::Plain));
        }
    }

    fn when(&mut self, place: &str, condition: Option<&'t Expr>) {
        if let Some(condition) = condition {
            self.add(format!("{place}, when"), Source::Expr(condition));
        }
    }

    fn switch(&mut self, place: &str, switch: &'t Switch) {
        if let Switch::When(condition) = switch {
            self.add(place.to_owned(), Source::Expr(condition));
        }
    }

    fn literal(&mut self, place: String, text: Option<&'t String>) {
        if let Some(text) = text {
            self.add(place, Source::Literal(text));
        }
    }

    fn scalar(&mut self, place: &str, scalar: &'t Scalar) {
        match scalar {
            Scalar::Bool(_) | Scalar::Int(_) => {}
            Scalar::Text(text) => self.plain(place, text),
            Scalar::List(items) => items.iter().for_each(|item| self.scalar(place, item)),
            Scalar::Table(table) => {
                for (key, item) in table {
                    self.key(place, key);
                    self.scalar(place, item);
                }
            }
        }
    }

    fn key(&mut self, place: &str, key: &'t str) {
        self.add(format!("{place}, key \"{key}\""), Source::Key(key));
    }

    fn keys(&mut self, place: &str, keys: &'t [Key]) {
        for key in keys {
            if let Key::Name(text) = key {
                self.plain(place, text);
            }
        }
    }

    fn questions(&mut self, template: &'t Template) {
        for (number, question) in template.question.iter().enumerate() {
            self.when = Moment::Question(number);
            let place = format!("question \"{}\"", question.id);
            self.when(&place, question.when.as_ref());
            self.switch(&format!("{place}, optional"), &question.optional);
            for choice in &question.options {
                self.when(&format!("{place}, option \"{}\"", choice.value()), choice.when());
                self.add(format!("{place}, option \"{}\"", choice.value()), Source::Literal(choice.label()));
                if let Some(why) = choice.why() {
                    self.add(format!("{place}, option \"{}\"", choice.value()), Source::Literal(why));
                }
            }
            if let Some(default) = &question.default {
                self.scalar(&format!("{place}, default"), default);
            }
            self.add(place.clone(), Source::Literal(&question.label));
            for (key, text) in [
                ("help", &question.help),
                ("example", &question.example),
                ("pattern_help", &question.pattern_help),
                ("read_at", &question.read_at),
            ] {
                self.literal(format!("{place}, {key}"), text.as_ref());
            }
        }
        for (number, (name, text)) in template.derive.iter().enumerate() {
            self.when = Moment::Derive(number);
            self.plain(&format!("derive {name}"), text);
        }
    }

    fn application(&mut self, place: &str, application: &'t Application) {
        self.when = Moment::Answers;
        self.plain(&format!("{place}, name"), application.name.as_ref());
        self.plain(&format!("{place}, slug"), application.slug.as_ref());
        self.when = Moment::Plan;
        self.plain(&format!("{place}, launch_url"), application.launch_url.as_ref());
        self.plain(&format!("{place}, group"), application.group.as_ref());
    }

    fn provider(&mut self, place: &str, provider: &'t Provider) {
        self.when = Moment::Answers;
        self.plain(&format!("{place}, client_id"), provider.client_id.as_ref());
        self.plain(&format!("{place}, client_secret"), provider.client_secret.as_ref());
        for scope in provider.requested.iter().flatten() {
            self.plain(&format!("{place}, requested"), scope);
        }
        for (number, redirect) in provider.redirects.iter().enumerate() {
            let place = format!("{place}, redirect {}", number + 1);
            self.when = Moment::Plan;
            self.when(&place, redirect.when.as_ref());
            self.literal(place.clone(), redirect.why.as_ref());
            self.when = if redirect.each.is_some() { Moment::Each } else { Moment::Plan };
            self.plain(&place, &redirect.uri);
            self.plain(&format!("{place}, until"), redirect.until.as_ref());
        }
        self.when = Moment::Plan;
        for mapping in &provider.mappings {
            let place = format!("{place}, mapping \"{}\"", mapping.id);
            self.when(&place, mapping.when.as_ref());
            self.plain(&format!("{place}, name"), mapping.name.as_ref());
            self.literal(place.clone(), mapping.why.as_ref());
            self.add(format!("{place}, expression"), Source::Text(&mapping.expression, Format::Python));
        }
        self.literal(format!("{place}, sub_mode"), provider.sub_mode.why.as_ref());
        self.switch(&format!("{place}, sub_mode, inert"), &provider.sub_mode.inert);
        if let Some(logout) = &provider.logout {
            self.plain(&format!("{place}, logout"), &logout.uri);
            self.when(&format!("{place}, logout"), logout.when.as_ref());
        }
    }

    fn objects(&mut self, template: &'t Template) {
        self.when = Moment::Answers;
        if let Some(demand) = &template.needs.email_verified {
            self.when("needs, email_verified", demand.when.as_ref());
            self.literal("needs, email_verified".to_owned(), Some(&demand.why));
        }
        self.switch("needs, groups", &template.needs.groups);
        for group in &template.group {
            let place = format!("group \"{}\"", group.id);
            self.when = if group.each.is_some() { Moment::EachAnswer } else { Moment::Answers };
            self.plain(&place, &group.name);
            self.when = Moment::Answers;
            self.when(&place, group.when.as_ref());
            self.add(place, Source::Literal(&group.purpose));
        }
        self.when = Moment::Plan;
        for (number, Object { set, when, .. }) in template.object.iter().enumerate() {
            let place = format!("object {}", number + 1);
            self.when(&place, when.as_ref());
            for (key, scalar) in set {
                self.key(&place, key);
                match scalar {
                    Scalar::Text(text) if key == "expression" => {
                        self.add(format!("{place}, expression"), Source::Text(text, Format::Python));
                    }
                    scalar => self.scalar(&place, scalar),
                }
            }
        }
        if let Some(source) = &template.source {
            self.when = Moment::Answers;
            self.plain("source, slug", &source.slug);
            self.when = Moment::Plan;
            self.plain("source, callback", source.callback.as_ref());
            for (key, scalar) in &source.set {
                self.key("source", key);
                self.scalar(&format!("source, {key}"), scalar);
            }
        }
    }

    fn entry(&mut self, entry: &'t Entry) {
        let place = format!("entry \"{}\"", entry.id);
        self.when(&place, entry.when.as_ref());
        self.plain(&format!("{place}, title"), entry.title.as_ref());
        self.plain(&format!("{place}, where"), &entry.place);
        self.literal(format!("{place}, optional"), entry.optional.as_ref());
        self.plain(&format!("{place}, file"), entry.file.as_ref().map(|file| &file.path));
        if let Some(run) = &entry.run {
            self.plain(&format!("{place}, run"), run.container.as_ref());
            self.add(format!("{place}, run"), Source::Literal(&run.on));
        }
        self.keys(&format!("{place}, under"), &entry.under);
        for field in &entry.fields {
            let place = format!("{place}, field \"{}\"", field.label.as_str());
            self.plain(&place, &field.label);
            self.keys(&format!("{place}, path"), &field.path);
            self.when(&place, field.when.as_ref());
            for scalar in field.value.iter().chain(&field.otherwise) {
                self.scalar(&place, scalar);
            }
            for text in [&field.yours, &field.optional, &field.why] {
                self.literal(place.clone(), text.as_ref());
            }
        }
        for (key, text) in [("text", &entry.text), ("again", &entry.again)] {
            if let Some(text) = text {
                self.add(format!("{place}, {key}"), Source::Text(text, entry.format));
            }
        }
    }

    fn settings(&mut self, template: &'t Template) {
        self.when = Moment::Settings;
        for way in &template.way {
            self.when(&format!("way \"{}\"", way.id), way.when.as_ref());
        }
        template.entry.iter().for_each(|entry| self.entry(entry));
        for (number, step) in template.step.iter().enumerate() {
            let place = format!("step {}", number + 1);
            self.plain(&place, &step.text);
            self.when(&place, step.when.as_ref());
            if let Some(command) = &step.command {
                self.add(format!("{place}, command"), Source::Text(command, Format::Shell));
            }
        }
        for (number, requirement) in template.require.iter().enumerate() {
            let place = format!("require {}", number + 1);
            self.plain(&place, &requirement.text);
            self.when(&place, requirement.when.as_ref());
        }
        if let Some(verify) = &template.verify {
            self.plain("verify", &verify.text);
            for text in verify.page.iter().chain(&verify.shows) {
                self.plain("verify", text);
            }
            for symptom in &verify.symptoms {
                let place = format!("symptom \"{}\"", symptom.says);
                self.plain(&place, &symptom.fix);
                self.add(place.clone(), Source::Literal(&symptom.says));
                self.add(place, Source::Literal(&symptom.means));
            }
        }
        for (number, warning) in template.warning.iter().enumerate() {
            // Beside a question, only answers are known.
            self.when = if warning.question.is_some() { Moment::Answers } else { Moment::Settings };
            let place = format!("warning {}", number + 1);
            self.plain(&place, &warning.text);
            self.when(&place, warning.when.as_ref());
        }
    }
}

/// Every string, in the file's order.
pub(super) fn strings(template: &Template) -> Vec<Use<'_>> {
    let mut walk = Walk { uses: Vec::new(), when: Moment::Answers };
    walk.questions(template);
    if let Some(application) = &template.application {
        walk.application("application", application);
    }
    if let Some(provider) = &template.provider {
        walk.provider("provider", provider);
    }
    for part in &template.part {
        let place = format!("part \"{}\"", part.id);
        walk.when = Moment::Answers;
        walk.when(&place, part.when.as_ref());
        walk.application(&format!("{place}, application"), &part.application);
        walk.provider(&format!("{place}, provider"), &part.provider);
    }
    walk.objects(template);
    walk.settings(template);
    walk.uses
}
