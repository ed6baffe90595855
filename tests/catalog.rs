//! Every built-in template: nothing to find for lint, every sample answers all questions, and every rendered text can be parsed.

use akwiz::catalog::lint::{PLAN, SampleText, texts};
use akwiz::catalog::load::Catalog;
use akwiz::catalog::render::Engine;
use akwiz::catalog::template::{Evidence, Format, IssuerMode, Kind, Template};
use akwiz::catalog::value::Scope;
use akwiz::cli::template::interpreters;
use akwiz::setup::endpoints::Endpoints;
use akwiz::setup::facts::Version;
use akwiz::setup::sample::{check, new_server, plan_on, scope};
use clap::Parser as _;
use saphyr::{LoadableYamlNode as _, Yaml};
use secrecy::ExposeSecret as _;

/// Calls `f` with the texts of each sample of each template, and the client secrets in them.
fn each_sample(mut f: impl FnMut(&Template, &str, &[String], Vec<SampleText>)) {
    let engine = Engine::new();
    let facts = new_server(Version::new(2026, 5, 0));
    for template in Catalog::built_in().iter() {
        for (number, sample) in template.sample.iter().enumerate() {
            let place = format!("{}, sample {}", template.id, number + 1);
            let plan = plan_on(&engine, template, sample, &facts).unwrap_or_else(|error| panic!("{place}: {error}"));
            let secrets = plan.parts.iter().filter_map(|part| part.client_secret.as_ref());
            let secrets: Vec<String> = secrets.map(|secret| secret.expose_secret().to_owned()).collect();
            let texts = texts(&engine, template, &scope(&plan)).unwrap_or_else(|error| panic!("{place}: {error}"));
            f(template, &place, &secrets, texts);
        }
    }
}

#[test]
fn every_template_is_sound() {
    let engine = Engine::new();
    let catalog = Catalog::built_in();
    assert_eq!(catalog.broken(), []);
    let mut wrong = Vec::new();
    for template in catalog.iter() {
        wrong.extend(check(&engine, template).iter().map(|finding| format!("{}: {finding}", template.id)));
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}

/// What authentik documents says so in `checked`; further templates may stand beside them.
#[test]
fn all_that_authentik_documents_is_there() {
    let catalog = Catalog::built_in();
    let documented = |kind: Kind| {
        let guide = |template: &&Template| template.checked.iter().any(|checked| checked.against == Evidence::Guide);
        catalog.iter().filter(move |template| template.kind == kind).filter(guide)
    };
    assert_eq!(documented(Kind::Application).count(), 112, "applications");
    let methods: usize = documented(Kind::Application).map(|template| template.parts().len()).sum();
    assert_eq!(methods, 115, "OpenID Connect methods");
    assert_eq!(documented(Kind::Source).count(), 18, "login sources");
}

#[test]
fn no_secret_shows_unasked() {
    each_sample(|template, place, secrets, texts| {
        // What is a public constant anyway is no secret.
        let constants = template.part.iter().map(|part| &part.provider).chain(&template.provider);
        if constants.into_iter().any(|provider| provider.client_secret.is_some()) {
            return;
        }
        for text in texts {
            for secret in secrets {
                let hidden = !text.text.masked().contains(secret) && !format!("{text:?}").contains(secret);
                assert!(hidden, "{place}, {}", text.place);
            }
        }
    });
}

#[test]
fn every_text_is_read_by_the_languages_own_program_where_it_is_installed() {
    let mut samples = Vec::new();
    each_sample(|_, place, _, texts| {
        samples.extend(texts.into_iter().map(|text| interpreters::Sample {
            place: format!("{place}, {}", text.place),
            format: text.format,
            text: text.text.reveal().expose_secret().to_owned(),
        }));
    });
    let verdict = interpreters::check(&samples);
    for sentence in &verdict.skipped {
        println!("skipped: {sentence}");
    }
    let refused: Vec<String> =
        verdict.refused.iter().map(|(number, message)| format!("{}: {message}", samples[*number].place)).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    let of = |format: Format| samples.iter().filter(|sample| sample.format == format).count();
    assert!(of(Format::Yaml) > 100 && of(Format::Shell) > 100, "{} YAML, {} shell", of(Format::Yaml), of(Format::Shell));
}

/// akwiz itself has no YAML parser. What a template gives is YAML without keys that come twice.
#[test]
fn every_yaml_text_is_read_by_a_real_parser() {
    each_sample(|_, place, _, texts| {
        for text in texts.iter().filter(|text| text.format == Format::Yaml) {
            let whole = text.text.reveal().expose_secret().to_owned();
            let documents =
                Yaml::load_from_str(&whole).unwrap_or_else(|error| panic!("{place}, {}: {error}\n{whole}", text.place));
            assert!(!documents.is_empty(), "{place}, {}", text.place);
        }
    });
}

/// The example of `docs/templates.md` is the template that it says it is, and its commands are there.
#[test]
fn the_manual_is_true() {
    let page = std::fs::read_to_string("docs/templates.md").unwrap();
    let example = page.split("```toml\n").find(|block| block.starts_with("schema")).unwrap();
    let example = example.split("```").next().unwrap();
    let template = akwiz::catalog::load::parse("miniflux.toml", example).unwrap();
    assert_eq!(check(&Engine::new(), &template), []);
    assert_eq!(example, include_str!("../assets/templates/miniflux.toml"));
    let commands: Vec<&str> = page.lines().filter(|line| line.starts_with("akwiz ")).collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let words = command.split(['#', '&', '>']).next().unwrap().split_whitespace();
        assert!(akwiz::cli::Cli::try_parse_from(words).is_ok(), "{command}");
    }
}

#[test]
fn lint_knows_the_names_of_all_addresses() {
    let mut scope = Scope::default();
    Endpoints::new("https://auth.example.com", "x", IssuerMode::PerProvider).add_to(&mut scope);
    for name in scope.keys() {
        assert!(PLAN.contains(&name.as_str()), "{name}");
    }
}
