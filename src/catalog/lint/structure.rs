//! References between the parts of a template, questions, and fields.

use super::Findings;
use super::regexes;
use crate::catalog::render::Engine;
use crate::catalog::template::{
    Application, Entry, EntryKind, Field, FieldKind, Format, Kind, ObjectKind, ObjectLevel, Phase, Place, Provider, Question,
    QuestionKind, Template,
};
use crate::catalog::text::{Scalar, Text};

pub(super) fn check(engine: &Engine, template: &Template, findings: &mut Findings) {
    head(template, findings);
    unique("question", template.question.iter().map(|question| &question.id), findings);
    unique("way", template.way.iter().map(|way| &way.id), findings);
    unique("entry", template.entry.iter().map(|entry| &entry.id), findings);
    unique("group", template.group.iter().map(|group| &group.id), findings);
    unique("part", template.part.iter().map(|part| &part.id), findings);
    unique("object", template.object.iter().filter_map(|object| object.id.as_ref()), findings);
    for item in &template.question {
        question(template, item, findings);
    }
    for item in &template.entry {
        entry(engine, template, item, findings);
    }
    source_parts(template, findings);
    in_the_open(engine, template, findings);
    references(template, findings);
    samples(template, findings);
}

fn head(template: &Template, findings: &mut Findings) {
    match template.kind {
        Kind::Source if template.source.is_none() => findings.error("source", "A template of kind source needs it."),
        Kind::Source if template.provider.is_some() || !template.part.is_empty() => {
            findings.error("provider", "A login source has no provider.");
        }
        Kind::Application if template.source.is_some() => findings.error("source", "Only a template of kind source has it."),
        Kind::Application if template.provider.is_some() != template.part.is_empty() => {
            findings.error("provider", "An application needs either a provider or parts.");
        }
        Kind::Application if template.application.is_some() && !template.part.is_empty() => {
            findings.error("application", "Each part has an application of its own.");
        }
        _ => {}
    }
    if url::Url::parse(&template.homepage).is_err() {
        findings.error("homepage", "It is no address.");
    }
    for (place, text) in [("name", &template.name), ("category", &template.category), ("summary", &template.summary)] {
        if text.trim().is_empty() || text.contains('\n') {
            findings.error(place, "It needs one line of text.");
        }
    }
    if template.checked.is_empty() {
        findings.warning("checked", "Say what the template was compared with.");
    }
    if template.verify.is_none() {
        findings.warning("verify", "Say how to see that it works.");
    }
}

/// What only a login source has.
fn source_parts(template: &Template, findings: &mut Findings) {
    let is_source = template.kind == Kind::Source;
    if !is_source && template.entry.iter().any(|entry| entry.register) {
        findings.error("register", "Only a login source is registered first.");
    }
    for object in template.object.iter().filter(|object| object.level == ObjectLevel::Do) {
        let makes = matches!(
            object.kind,
            ObjectKind::Certificate
                | ObjectKind::Policy
                | ObjectKind::Binding
                | ObjectKind::StageBinding
                | ObjectKind::SourceMapping
                | ObjectKind::Flow
        );
        let needed: &[&str] = match object.kind {
            ObjectKind::Certificate => &["name", "certificate"],
            ObjectKind::Policy | ObjectKind::SourceMapping => &["name", "expression", "why"],
            ObjectKind::Flow => &["name", "slug", "title", "designation", "authentication", "why"],
            ObjectKind::StageBinding => &["target", "stage"],
            _ => &["target", "policy"],
        };
        if !is_source || !makes {
            findings.error("object", "akwiz makes such an object for no template; level guide says how a person does.");
        } else if let Some(missing) = needed.iter().find(|key| !object.set.contains_key(**key)) {
            findings.error("object", format!("It needs \"{missing}\" in its set."));
        }
    }
}

fn unique<'t>(what: &str, ids: impl Iterator<Item = &'t String>, findings: &mut Findings) {
    let mut seen = Vec::new();
    for id in ids {
        if seen.contains(&id) {
            findings.error(format!("{what} \"{id}\""), "The id is there twice.");
        }
        seen.push(id);
    }
}

fn question(template: &Template, question: &Question, findings: &mut Findings) {
    let place = format!("question \"{}\"", question.id);
    let mut error = |sentence: &str| findings.error(&place, sentence);
    match question.kind {
        QuestionKind::Choice if question.options.len() < 2 => error("A choice needs at least two options."),
        QuestionKind::List if question.options.is_empty() == question.item.is_none() => {
            error("A list needs either options or the kind of its members.");
        }
        QuestionKind::Constant if question.default.is_none() => error("A constant needs a default."),
        QuestionKind::Choice | QuestionKind::List | QuestionKind::Constant => {}
        _ if !question.options.is_empty() => error("Only a choice or a list has options."),
        _ => {}
    }
    if question.make.is_some() != (question.kind == QuestionKind::Secret && question.make.is_some()) {
        error("Only a secret can be made.");
    }
    if let Some(make) = &question.make {
        let alphabet = make.alphabet.as_deref().unwrap_or("ab");
        if make.len == 0 || make.len > 255 || alphabet.chars().count() < 2 || !alphabet.is_ascii() {
            error("A made secret has 1 to 255 characters out of at least two ASCII ones.");
        }
    }
    if question.port.is_some() && question.kind != QuestionKind::Address && question.item.is_none() {
        error("Only an address has a port.");
    }
    if let Some(pattern) = &question.pattern {
        if let Some(problem) = regexes::problem(pattern) {
            error(&problem);
        }
        if question.pattern_help.is_none() {
            error("Say in `pattern_help` what the pattern demands.");
        }
    }
    if question.phase != Phase::First && question.read_at.is_none() {
        error("Say in `read_at` where the application shows the value.");
    }
    if question.phase == Phase::Late && !template.step.iter().any(|step| step.asks.as_deref() == Some(&question.id)) {
        error("A late question needs a step that asks it.");
    }
    if let (QuestionKind::Choice, Some(Scalar::Text(default))) = (question.kind, &question.default) {
        let known = default.as_str().contains("{{") || question.options.iter().any(|option| option.value() == default.as_str());
        if !known {
            error("The default is not among the options.");
        }
    }
}

fn references(template: &Template, findings: &mut Findings) {
    let question = |id: &str| template.question.iter().find(|question| question.id == id);
    for (number, step) in template.step.iter().enumerate() {
        let place = format!("step {}", number + 1);
        if let Place::Before(entry) | Place::After(entry) = &step.at
            && !template.entry.iter().any(|own| own.id == *entry)
        {
            findings.error(&place, format!("There is no entry \"{entry}\"."));
        }
        if let Some(asks) = &step.asks
            && question(asks).is_none_or(|question| question.phase != Phase::Late)
        {
            findings.error(&place, format!("There is no late question \"{asks}\"."));
        }
    }
    for (number, warning) in template.warning.iter().enumerate() {
        let place = format!("warning {}", number + 1);
        if let Some(id) = &warning.question
            && question(id).is_none()
        {
            findings.error(&place, format!("There is no question \"{id}\"."));
        }
        ways(template, &warning.ways, &place, findings);
    }
    for group in &template.group {
        if let Some(list) = &group.each
            && question(list).is_none_or(|question| question.kind != QuestionKind::List)
        {
            findings.error(format!("group \"{}\"", group.id), format!("There is no list question \"{list}\"."));
        }
        if let Some(parent) = &group.within
            && !template.group.iter().any(|other| other.id == *parent && other.id != group.id)
        {
            findings.error(format!("group \"{}\"", group.id), format!("There is no other group \"{parent}\"."));
        }
    }
    for (number, object) in template.object.iter().enumerate() {
        for id in &object.after {
            if !template.object[..number].iter().any(|other| other.id.as_ref() == Some(id)) {
                findings.error(format!("object {}", number + 1), format!("There is no object \"{id}\" before it."));
            }
        }
    }
    for way in &template.way {
        if !template.entry.iter().any(|entry| entry.ways.contains(&way.id)) {
            findings.error(format!("way \"{}\"", way.id), "No entry belongs to it.");
        }
    }
}

/// Whether a text has a secret in it: the client's, or one that was asked for or made.
fn has_secret(engine: &Engine, template: &Template, text: &Text) -> bool {
    let secret = |path: &str| {
        let name = path.split('.').next().unwrap_or_default();
        path.rsplit('.').next() == Some("client_secret")
            || template.question.iter().any(|question| question.id == name && question.kind == QuestionKind::Secret)
            // Derived values see only those before them, so that this ends.
            || template.derive.get_index_of(name).is_some_and(|at| {
                let earlier = template.derive.get_index(at).map(|(_, text)| text);
                earlier.is_some_and(|earlier| earlier != text && has_secret(engine, template, earlier))
            })
    };
    engine.paths(text).is_ok_and(|paths| paths.iter().any(|path| secret(path)))
}

/// Names and addresses are shown to everybody who uses authentik, and kept in its log.
fn in_the_open(engine: &Engine, template: &Template, findings: &mut Findings) {
    let application = |place: &str, own: &Application| {
        let texts = [("name", &own.name), ("slug", &own.slug), ("launch_url", &own.launch_url), ("group", &own.group)];
        let texts = texts.into_iter().filter_map(|(key, text)| Some((format!("{place}, {key}"), text.clone()?)));
        texts.collect::<Vec<_>>()
    };
    let provider = |place: &str, own: &Provider| {
        let redirects = own.redirects.iter().enumerate();
        let redirects = redirects.map(|(number, own)| (format!("{place}, redirect {}", number + 1), own.uri.clone()));
        redirects.chain(own.logout.iter().map(|own| (format!("{place}, logout"), own.uri.clone()))).collect::<Vec<_>>()
    };
    let mut texts: Vec<(String, Text)> =
        template.group.iter().map(|own| (format!("group \"{}\"", own.id), own.name.clone())).collect();
    texts.extend(template.application.iter().flat_map(|own| application("application", own)));
    texts.extend(template.provider.iter().flat_map(|own| provider("provider", own)));
    for part in &template.part {
        let place = format!("part \"{}\"", part.id);
        texts.extend(application(&format!("{place}, application"), &part.application));
        texts.extend(provider(&format!("{place}, provider"), &part.provider));
    }
    for (place, _) in texts.iter().filter(|(_, text)| has_secret(engine, template, text)) {
        findings.error(place, "A secret in it would be shown to everybody.");
    }
}

fn ways(template: &Template, ways: &[String], place: &str, findings: &mut Findings) {
    for way in ways.iter().filter(|way| !template.way.iter().any(|own| own.id == **way)) {
        findings.error(place, format!("There is no way \"{way}\"."));
    }
}

fn entry(engine: &Engine, template: &Template, entry: &Entry, findings: &mut Findings) {
    let place = format!("entry \"{}\"", entry.id);
    ways(template, &entry.ways, &place, findings);
    let mut error = |sentence: &str| findings.error(&place, sentence);
    if entry.fields.is_empty() == entry.text.is_none() {
        error("An entry has either fields or a text.");
    }
    match entry.kind {
        EntryKind::Env if !env(entry.format) => error("Environment variables need the format of the file that holds them."),
        EntryKind::File if entry.file.is_none() => error("An entry for a file says which."),
        EntryKind::Command | EntryKind::Api if entry.format == Format::Plain => error("It needs a format."),
        EntryKind::Command | EntryKind::Api if entry.run.is_none() => error("A command says where it runs."),
        EntryKind::Form if entry.format != Format::Plain && entry.text.is_none() => error("A form's fields have no format."),
        EntryKind::File if entry.format == Format::Plain && !as_it_is(entry) => error("A file needs a format."),
        _ => {}
    }
    if entry.again.is_some() && !matches!(entry.kind, EntryKind::Command | EntryKind::Api) {
        error("Only a command has `again`.");
    }
    if let Some(mode) = entry.file.as_ref().and_then(|file| file.mode.as_ref()) {
        let octal = (3..=4).contains(&mode.len()) && mode.chars().all(|c| c.is_digit(8));
        if !octal {
            error("The file's mode is no octal number such as 0600.");
        }
    }
    let texts = [entry.text.as_ref(), entry.again.as_ref()];
    if entry.kind == EntryKind::Command && texts.into_iter().flatten().any(|text| has_secret(engine, template, text)) {
        let sentence = "The secret would stay in the shell's history. Read it with `read -rs`, from a file or standard input.";
        findings.error(&place, sentence);
    }
    let mut labels = Vec::new();
    for item in &entry.fields {
        field(engine, template, entry, item, &place, findings);
        if labels.contains(&&item.label) && item.when.is_none() {
            findings.error(&place, format!("The label \"{}\" is there twice.", item.label.as_str()));
        }
        labels.push(&item.label);
    }
}

/// A file needs no quotes where each of its lines is a value and nothing else, or has none.
fn as_it_is(entry: &Entry) -> bool {
    entry.text.as_ref().is_some_and(|text| {
        text.as_str()
            .lines()
            .map(str::trim)
            .filter(|line| line.contains("{{"))
            .all(|line| line.starts_with("{{") && line.ends_with("}}") && line.matches("{{").count() == 1)
    })
}

fn env(format: Format) -> bool {
    matches!(format, Format::EnvCompose | Format::EnvDocker | Format::EnvShell | Format::EnvSystemd)
}

fn field(engine: &Engine, template: &Template, entry: &Entry, field: &Field, place: &str, findings: &mut Findings) {
    let place = format!("{place}, field \"{}\"", field.label.as_str());
    let said = [field.value.is_some(), field.literal.is_some(), field.blank, field.keep, field.yours.is_some()];
    if said.into_iter().filter(|said| *said).count() != 1 {
        findings.error(&place, "Exactly one of value, literal, blank, keep and yours says what goes in.");
    }
    if field.otherwise.is_some() && field.when.is_none() {
        findings.error(&place, "Without `when` there is no `else`.");
    }
    if field.inner.is_some() && field.value.is_none() {
        findings.error(&place, "Only a value can be a text of another format.");
    }
    let value = field.value.as_ref();
    if field.kind == FieldKind::Switch {
        let fits = |value: &Scalar| match value {
            Scalar::Bool(_) => true,
            Scalar::Text(text) => text.as_str().starts_with("{{") && text.as_str().ends_with("}}"),
            _ => false,
        };
        if !field.keep && field.yours.is_none() && !value.is_some_and(fits) {
            findings.error(&place, "A switch is true, false or one single {{ expression }}.");
        }
    }
    let secret = matches!(value, Some(Scalar::Text(text)) if has_secret(engine, template, text));
    if secret && entry.kind == EntryKind::Form && field.kind != FieldKind::Secret {
        findings.error(&place, "A field that takes the secret has the type secret.");
    }
    if !field.path.is_empty() && matches!(entry.kind, EntryKind::Form) {
        findings.error(&place, "A form's field has no path.");
    }
}

fn samples(template: &Template, findings: &mut Findings) {
    if template.sample.is_empty() {
        findings.error("sample", "At least one set of sample answers is needed.");
    }
    for (number, sample) in template.sample.iter().enumerate() {
        for id in sample.answers.keys() {
            if !template.question.iter().any(|question| question.id == *id) {
                findings.error(format!("sample {}", number + 1), format!("There is no question \"{id}\"."));
            }
        }
    }
}
