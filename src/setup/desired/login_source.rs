//! What a file says of login sources alone, and what of applications alone.

use toml::{Spanned, Value};

use super::WantedPlex;
use super::check::{Check, ELSEWHERE, elsewhere};
use super::file::Plex;
use super::place::{Place, Problem};
use crate::catalog::template::{Acquire, Template};
use crate::setup::answers::{LoginPage, Options, PlexServer};

/// Where a login source is shown, in the words of `--login-page`.
pub(super) fn login_page(word: &str) -> LoginPage {
    match word {
        "default" => LoginPage::Default,
        "hidden" => LoginPage::Hidden,
        stage => LoginPage::Stage(stage.to_owned()),
    }
}

/// A Plex server in the words of `--plex-server`: its id, and its name after `=`.
fn server(text: &str) -> PlexServer {
    let (id, name) = text.split_once('=').unwrap_or((text, text));
    PlexServer { id: id.to_owned(), name: name.to_owned() }
}

/// The options that say something of applications alone.
fn of_applications(options: &Options) -> Vec<&'static str> {
    let all = [
        ("provider_name", options.provider_name.is_some()),
        ("group", options.group.is_some()),
        ("launch_url", options.launch_url.is_some()),
        ("icon", options.icon.is_some()),
        ("description", options.description.is_some()),
        ("subject_mode", options.sub_mode.is_some()),
        ("issuer_mode", options.issuer_mode.is_some()),
        ("client_type", options.client_type.is_some()),
        ("scopes", options.scopes.is_some()),
        ("redirect_uris", options.redirects.is_some()),
        ("authorization_flow", options.authorization_flow.is_some()),
        ("invalidation_flow", options.invalidation_flow.is_some()),
        ("code_lifetime", options.code_lifetime.is_some()),
        ("access_lifetime", options.access_lifetime.is_some()),
        ("refresh_lifetime", options.refresh_lifetime.is_some()),
    ];
    all.into_iter().filter(|(_, said)| *said).map(|(name, _)| name).collect()
}

/// The options that say something of login sources alone.
fn of_sources(options: &Options) -> Vec<&'static str> {
    let all =
        [("enrollment_flow", options.enrollment_flow.is_some()), ("authentication_flow", options.authentication_flow.is_some())];
    all.into_iter().filter(|(_, said)| *said).map(|(name, _)| name).collect()
}

impl Check<'_, '_> {
    /// What would be passed over in silence, because the template makes something else.
    pub(super) fn words_of_others(
        &mut self,
        template: &Template,
        place: Place,
        options: &Options,
        access: Option<&Spanned<Value>>,
        login_page: Option<&Spanned<String>>,
        plex: Option<&Spanned<Plex>>,
    ) {
        let name = &template.name;
        let Some(source) = &template.source else {
            for option in of_sources(options) {
                let message = format!("The option “{option}” is one of login sources, and {name} is an application.");
                self.problems.push(Problem::new(place, message));
            }
            if let Some(login_page) = login_page {
                self.problem(login_page, format!("The login page shows login sources, and {name} is an application."), "");
            }
            if let Some(plex) = plex {
                self.problem(plex, format!("{name} has no Plex account."), "");
            }
            return;
        };
        for option in of_applications(options) {
            let message = format!("The option “{option}” is one of applications, and {name} is a login source.");
            self.problems.push(Problem::new(place, message));
        }
        if let Some(access) = access {
            let hint = "Whoever it lets in is said in its answers and at the service.";
            self.problem(access, format!("Access is to applications, and {name} is a login source."), hint);
        }
        if let Some(plex) = plex.filter(|_| !source.acquire.contains(&Acquire::PlexPin)) {
            self.problem(plex, format!("{name} has no Plex account."), "");
        }
    }

    /// A Plex account. Its token opens everything that its owner has at Plex, so it stands elsewhere.
    pub(super) fn plex(&mut self, plex: Plex) -> Option<WantedPlex> {
        let token = match plex.token.get_ref() {
            Value::Table(table) => elsewhere(table),
            _ => None,
        };
        let Some(token) = token else {
            self.problem(
                &plex.token,
                "The token of a Plex account opens all of it, so it does not stand in the file.",
                ELSEWHERE,
            );
            return None;
        };
        let place = self.place(&plex.token);
        Some(WantedPlex {
            client_id: plex.client_id,
            token,
            place,
            servers: plex.servers.iter().map(|text| server(text)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret as _, SecretString};

    use crate::catalog::load::Catalog;
    use crate::setup::answers::LoginPage;
    use crate::setup::desired::{Desired, parse};

    fn read(source: &str) -> Result<Desired, Vec<String>> {
        let catalog = Catalog::built_in();
        parse(source, &|id| catalog.get(id), &Vec::new).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_login_source_has_a_page_and_plex_an_account() {
        let desired = read(
            "[defaults]\naccess = \"group:family\"\noptions = { group = \"Home\" }\n\
             [[application]]\ntemplate = \"github\"\nlogin_page = \"hidden\"\n\
             [[application]]\ntemplate = \"plex\"\nlogin_page = \"my-stage\"\n\
             plex = { client_id = \"c\", token = { env = \"T\" }, servers = [\"a=Attic\", \"b\"] }\n",
        )
        .unwrap();
        let [github, plex] = desired.applications.as_slice() else { panic!() };
        assert!(github.access.is_empty() && github.login_page == LoginPage::Hidden, "defaults are for applications");
        let template = Catalog::built_in().get("plex").unwrap().clone();
        let answers = plex.answers(&template, &mut |_| Ok(SecretString::from("canary"))).unwrap();
        assert_eq!(answers.source.login_page, LoginPage::Stage("my-stage".into()));
        let account = answers.source.plex.unwrap();
        assert_eq!(
            (account.token.expose_secret(), account.allowed.as_slice()),
            ("canary", &["a".to_owned(), "b".to_owned()][..])
        );
        assert_eq!(account.servers[0].name, "Attic");
    }

    #[test]
    fn what_would_say_nothing_is_refused_where_it_stands() {
        let said = read(
            "[[application]]\ntemplate = \"github\"\naccess = \"me\"\noptions = { group = \"x\" }\n\
             [[application]]\ntemplate = \"portainer\"\nlogin_page = \"hidden\"\noptions = { enrollment_flow = \"x\" }\n\
             [[application]]\ntemplate = \"plex\"\nplex = { client_id = \"c\", token = \"canary\", servers = [] }\n",
        )
        .unwrap_err();
        let places: Vec<&str> = said.iter().map(|problem| problem.split(": ").next().unwrap()).collect();
        assert_eq!(places, ["1:1", "3:10", "5:1", "7:14", "11:35"], "{said:#?}");
        assert!(!said.concat().contains("canary"));
    }
}
