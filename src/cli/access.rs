//! `--access`.

use std::str::FromStr;

use super::similar;
use crate::authentik::Client;
use crate::error::{Error, Kind, Result};
use crate::setup::answers::{Access, GroupChoice};
use crate::setup::facts::{Facts, Person};

/// One `--access`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessOption {
    /// Everyone who can sign in.
    Everyone,
    /// The person whom the token belongs to.
    Me,
    /// A person, by user name.
    User(String),
    /// The members of a group that exists.
    Group(String),
    /// The members of a group that is made if it does not exist.
    NewGroup(String),
}

impl FromStr for AccessOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "everyone" => Ok(Self::Everyone),
            None if text == "me" => Ok(Self::Me),
            Some(("user", name)) if !name.is_empty() => Ok(Self::User(name.to_owned())),
            Some(("group", name)) if !name.is_empty() => Ok(Self::Group(name.to_owned())),
            Some(("new-group", name)) if !name.is_empty() => Ok(Self::NewGroup(name.to_owned())),
            _ => Err("use everyone, me, user:NAME, group:NAME or new-group:NAME".to_owned()),
        }
    }
}

/// What the options mean on this server. A person is looked up with `client`.
///
/// # Errors
/// When a group or a person does not exist, or the options contradict each other.
pub(super) async fn resolve(options: &[AccessOption], facts: &Facts, client: &Client) -> Result<Access> {
    match options {
        [] | [AccessOption::Everyone] => Ok(Access::Everyone),
        [AccessOption::Me] => me(&facts.me),
        [AccessOption::User(name)] => person(name, client).await,
        several => several.iter().map(|option| group(option, facts)).collect::<Result<_>>().map(Access::Groups),
    }
}

fn me(person: &Person) -> Result<Access> {
    if person.is_surely_me() {
        return Ok(Access::Person { pk: person.pk.clone(), username: person.username.clone() });
    }
    let text = format!("The token belongs to “{}”, which may not be the account that you sign in with.", person.username);
    Err(Error::new(Kind::Usage, text).hint("Name the person who will test: --access=user:NAME"))
}

fn group(option: &AccessOption, facts: &Facts) -> Result<GroupChoice> {
    let found = |name: &str| {
        let same = facts.groups.iter().find(|group| group.name.to_lowercase() == name.to_lowercase());
        same.map(|group| GroupChoice::Existing { pk: group.pk.clone(), name: group.name.clone() })
    };
    match option {
        AccessOption::NewGroup(name) => Ok(found(name).unwrap_or_else(|| GroupChoice::New { name: name.clone() })),
        AccessOption::Group(name) => found(name).ok_or_else(|| {
            let error =
                Error::new(Kind::Usage, format!("There is no group “{name}” in authentik, or this token may not see it."));
            let names = facts.groups.iter().map(|group| group.name.as_str());
            similar::suggest(error, name, names, "There are").hint(format!("Make it: --access='new-group:{name}'"))
        }),
        _ => Err(Error::new(Kind::Usage, "Several --access options can only be groups.")
            .hint("Use --access=group:NAME for each, or one of everyone, me and user:NAME alone.")),
    }
}

async fn person(name: &str, client: &Client) -> Result<Access> {
    let found = client.users(name).await?.into_iter().find(|user| user.username.to_lowercase() == name.to_lowercase());
    let Some(user) = found else {
        return Err(Error::new(
            Kind::Usage,
            format!("There is no active user “{name}” in authentik, or this token may not see it."),
        )
        .hint("Use the user name, not the full name."));
    };
    if !user.is_a_person() {
        return Err(Error::new(Kind::Usage, format!("“{name}” is a service account, and nobody signs in with it."))
            .hint("Name the person who will use the application."));
    }
    Ok(Access::Person { pk: user.pk, username: user.username })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_administrator_is_not_meant_by_me() {
        let person = |username: &str| Person { username: username.into(), ..Person::default() };
        let refused = me(&person("akadmin")).unwrap_err();
        assert!(refused.hints[0].contains("--access=user:NAME"), "{refused:?}");
        assert!(matches!(me(&person("ann")), Ok(Access::Person { .. })));
    }
}
