//! Who may open the application.

use crossterm::event::KeyEvent;
use ratatui::layout::Rect;

use super::{Cx, Flow, Page, View};
use crate::error::Error;
use crate::setup::answers::{Access as Chosen, GroupChoice};
use crate::setup::facts::Person;
use crate::ui::effect::Read;
use crate::ui::form::{Choice, Control, Entered, Form, Item, Moved};
use crate::ui::keymap::{Action, Context};
use crate::ui::msg::{Answer, Millis};
use crate::ui::theme::Role;
use crate::ui::widgets::multiselect::MultiState;
use crate::ui::widgets::text;
use crate::ui::wizard::{Load, Wizard};

const EVERYONE: &str = "everyone";
const GROUPS: &str = "groups";
const PERSON: &str = "person";

/// Above so many groups or people a search line narrows the list.
const MANY: usize = 8;

/// The page.
#[derive(Debug, Default)]
pub struct Access {
    template: String,
    form: Form,
    /// The chosen groups by primary key, also those that the search hides now.
    groups: Vec<String>,
    people: Load<Vec<Person>>,
}

impl Access {
    fn refresh(&mut self, wizard: &Wizard) {
        let who = self.who(wizard);
        let mut items = vec![Self::who_item(wizard, who != EVERYONE)];
        match who.as_str() {
            GROUPS => items.extend(self.group_items(wizard)),
            PERSON => items.extend(self.person_items(wizard)),
            _ => {}
        }
        self.form.arrange(items);
        self.fill(wizard);
    }

    fn who_item(wizard: &Wizard, limited: bool) -> Item {
        let name = wizard.template.as_ref().map_or("the application", |template| &template.name);
        let me = wizard.signed_in.as_ref().filter(|signed_in| signed_in.person.is_surely_me());
        let person = match me {
            Some(signed_in) => format!("only {}, for a first test", signed_in.person.username),
            None => "one person, for a first test".to_owned(),
        };
        Item::choice(
            "who",
            "Who may open it",
            vec![
                Choice::new(EVERYONE, "everyone", "everyone who can sign in to authentik; authentik's own default"),
                Choice::new(GROUPS, "members of groups", "existing groups, or a new one"),
                Choice::new(PERSON, person, "superusers are refused too when they are not the one"),
            ],
        )
        .help(if limited {
            format!("authentik refuses everybody else before they reach {name}.")
        } else {
            String::new()
        })
    }

    /// The choice as it stands in the form, or as it was answered before.
    fn who(&self, wizard: &Wizard) -> String {
        match self.form.get("who") {
            Some(item) if item.touched => item.value().text().to_owned(),
            _ => match wizard.answers.access {
                Chosen::Everyone => EVERYONE,
                Chosen::Groups(_) => GROUPS,
                Chosen::Person { .. } => PERSON,
            }
            .to_owned(),
        }
    }

    fn search(&self, id: &str) -> String {
        self.form.value(id).map(|value| value.text().trim().to_lowercase()).unwrap_or_default()
    }

    fn group_items(&self, wizard: &Wizard) -> Vec<Item> {
        let mut items = Vec::new();
        let groups = wizard.facts.ready().map(|facts| facts.groups.as_slice()).unwrap_or_default();
        if groups.len() > MANY {
            items.push(Item::text("find_group", "Find a group").placeholder("type a part of its name"));
        }
        let search = self.search("find_group");
        let options: Vec<Choice> = groups
            .iter()
            .filter(|group| group.name.to_lowercase().contains(&search) || self.groups.contains(&group.pk))
            .map(|group| {
                let members = group.members.map(|count| if count == 1 { "1 member".into() } else { format!("{count} members") });
                Choice::new(&group.pk, &group.name, members.unwrap_or_default())
            })
            .collect();
        if !groups.is_empty() {
            let state = MultiState::new(options.len());
            items.push(Item::new("groups", "Groups", Control::Several { options, state }).help("Space chooses a group."));
        }
        let help = if groups.is_empty() {
            "No groups can be seen with this token. A new one is made and bound; add people to it in authentik."
        } else {
            "Made and bound to the application; add people to it in authentik afterwards."
        };
        items.push(Item::text("new_group", "New group").placeholder("none").help(help));
        items
    }

    fn person_items(&self, wizard: &Wizard) -> Vec<Item> {
        let mut items = Vec::new();
        let people = self.people(wizard);
        if people.len() > MANY {
            items.push(Item::text("find_person", "Find a person").placeholder("type a part of the name"));
        }
        let search = self.search("find_person");
        let options: Vec<Choice> = people
            .iter()
            .filter(|person| person.username.to_lowercase().contains(&search) || person.name.to_lowercase().contains(&search))
            .map(|person| Choice::new(&person.pk, &person.username, &person.name))
            .collect();
        if options.is_empty() {
            items.push(
                Item::text("username", "User name")
                    .help("The people cannot be listed with this token, so only yourself can be chosen."),
            );
        } else {
            items.push(Item::choice("person", "Person", options));
        }
        items
    }

    /// Who can be chosen: oneself first, unless nobody signs in with that account.
    fn people(&self, wizard: &Wizard) -> Vec<Person> {
        let me = wizard.signed_in.as_ref().map(|signed_in| signed_in.person.clone()).filter(Person::is_surely_me);
        let others = self.people.ready().map(Vec::as_slice).unwrap_or_default();
        let others = others.iter().filter(|person| me.as_ref().is_none_or(|me| me.pk != person.pk)).cloned();
        me.clone().into_iter().chain(others).collect()
    }

    /// Inputs that were not touched show what was answered before.
    fn fill(&mut self, wizard: &Wizard) {
        let who = self.who(wizard);
        if let Some(item) = self.form.get_mut("who") {
            item.follow(&Entered::Text(who));
        }
        let groups = self.groups.clone();
        if let Some(item) = self.form.get_mut("groups") {
            item.set(&Entered::Several(groups));
        }
        match &wizard.answers.access {
            Chosen::Groups(groups) => {
                let new = groups.iter().find_map(|group| match group {
                    GroupChoice::New { name } => Some(name.clone()),
                    GroupChoice::Existing { .. } => None,
                });
                if let (Some(item), Some(name)) = (self.form.get_mut("new_group"), new) {
                    item.follow(&Entered::Text(name));
                }
            }
            Chosen::Person { pk, .. } => {
                if let Some(item) = self.form.get_mut("person") {
                    item.follow(&Entered::Text(pk.clone()));
                }
            }
            Chosen::Everyone => {}
        }
    }

    fn take(&mut self, cx: &mut Cx<'_>) {
        self.take_groups();
        self.refresh(cx.wizard);
        match self.who(cx.wizard).as_str() {
            GROUPS => {
                let facts = cx.wizard.facts.ready();
                let known = |pk: &String| {
                    facts
                        .and_then(|facts| facts.groups.iter().find(|group| group.pk == *pk))
                        .map(|group| GroupChoice::Existing { pk: group.pk.clone(), name: group.name.clone() })
                };
                let mut groups: Vec<GroupChoice> = self.groups.iter().filter_map(known).collect();
                let new =
                    self.form.value("new_group").map(|value| value.text().trim().to_owned()).filter(|name| !name.is_empty());
                groups.extend(new.map(|name| GroupChoice::New { name }));
                cx.wizard.answers.access = Chosen::Groups(groups);
            }
            PERSON => {
                self.ask_for_people(cx);
                let chosen = self.form.value("person").map(|value| value.text().to_owned());
                let people = self.people(cx.wizard);
                let person = people.iter().find(|person| Some(&person.pk) == chosen.as_ref()).or_else(|| people.first());
                cx.wizard.answers.access = match person {
                    Some(person) => Chosen::Person { pk: person.pk.clone(), username: person.username.clone() },
                    None => Chosen::Person { pk: String::new(), username: String::new() },
                };
            }
            _ => cx.wizard.answers.access = Chosen::Everyone,
        }
        self.check(cx.wizard);
    }

    /// What is marked in the list, with what the search hides.
    fn take_groups(&mut self) {
        let Some(item) = self.form.get("groups") else { return };
        let (Entered::Several(marked), Control::Several { options, .. }) = (item.value(), &item.control) else { return };
        self.groups.retain(|pk| !options.iter().any(|option| option.value == *pk));
        self.groups.extend(marked);
    }

    fn check(&mut self, wizard: &Wizard) {
        let empty_groups = matches!(&wizard.answers.access, Chosen::Groups(groups) if groups.is_empty());
        let nobody = matches!(&wizard.answers.access, Chosen::Person { pk, .. } if pk.is_empty());
        let taken = match (&wizard.answers.access, wizard.facts.ready()) {
            (Chosen::Groups(groups), Some(facts)) => groups.iter().any(|group| {
                matches!(group, GroupChoice::New { name } if facts.groups.iter().any(|known| known.name.to_lowercase() == name.to_lowercase()))
            }),
            _ => false,
        };
        if let Some(item) = self.form.get_mut("new_group") {
            item.error = match (empty_groups, taken) {
                (true, _) => "Choose a group, or name a new one.".into(),
                (_, true) => "There is a group with this name: choose it in the list.".into(),
                _ => String::new(),
            };
        }
        if let Some(item) = self.form.get_mut("username") {
            item.error = if nobody {
                "Nobody can be chosen. Let everyone in, choose groups, or use a person's own token.".into()
            } else {
                String::new()
            };
        }
    }

    /// The list of people is asked for when it is wanted, not before.
    fn ask_for_people(&mut self, cx: &mut Cx<'_>) {
        if matches!(self.people, Load::Not) {
            self.people = Load::Loading(cx.now);
            cx.effects.read(Read::People);
        }
    }

    fn people_error(&self) -> Option<&Error> {
        self.people.error()
    }
}

impl Page for Access {
    fn enter(&mut self, cx: &mut Cx<'_>) {
        let id = cx.wizard.template.as_ref().map(|template| template.id.clone()).unwrap_or_default();
        if id != self.template {
            *self = Self { template: id, ..Self::default() };
        }
        // A request that was under way when the page was left was dropped.
        if matches!(self.people, Load::Loading(_)) {
            self.people = Load::Not;
        }
        if let Chosen::Groups(groups) = &cx.wizard.answers.access {
            self.groups = groups
                .iter()
                .filter_map(|group| match group {
                    GroupChoice::Existing { pk, .. } => Some(pk.clone()),
                    GroupChoice::New { .. } => None,
                })
                .collect();
        }
        self.refresh(cx.wizard);
        if self.who(cx.wizard) == PERSON {
            self.ask_for_people(cx);
        }
    }

    fn context(&self, _wizard: &Wizard) -> Context {
        self.form.context()
    }

    fn action(&mut self, action: Action, cx: &mut Cx<'_>) -> Flow {
        match action {
            Action::Back => return Flow::Back,
            Action::Accept => {
                self.take(cx);
                return if self.form.focus_error() { Flow::Stay } else { Flow::Goto(super::Step::Review) };
            }
            _ => {}
        }
        if self.form.action(action) == Moved::Value {
            self.take(cx);
            // While one still chooses, nothing is wrong yet.
            for id in ["new_group", "username"] {
                if let Some(item) = self.form.get_mut(id) {
                    item.error.clear();
                }
            }
        }
        Flow::Stay
    }

    fn text(&mut self, key: KeyEvent, cx: &mut Cx<'_>) -> Flow {
        if self.form.text(key) {
            self.take(cx);
        }
        Flow::Stay
    }

    fn paste(&mut self, pasted: &str, cx: &mut Cx<'_>) -> Flow {
        if self.form.paste(pasted) {
            self.take(cx);
        }
        Flow::Stay
    }

    fn answer(&mut self, answer: Answer, cx: &mut Cx<'_>) -> Flow {
        if let Answer::People(result) = answer {
            self.people = result.into();
            self.take(cx);
        }
        Flow::Stay
    }

    fn loaded(&mut self, cx: &mut Cx<'_>) -> Flow {
        self.refresh(cx.wizard);
        Flow::Stay
    }

    fn busy(&self, _wizard: &Wizard) -> Option<Millis> {
        self.people.since()
    }

    fn draw(&self, view: &mut View<'_>, area: Rect, wizard: &Wizard) {
        let used = self.form.draw(view, area);
        let rest = text::indent(text::below(area, used + 1), 2);
        if self.people.since().is_some() {
            view.waiting(rest, "Asking who is in authentik");
        } else if let Some(error) = self.people_error() {
            text::put_wrapped(view.buf, rest, &error.to_string(), view.theme.style(Role::Muted), view.theme);
        } else if wizard.facts.since().is_some() {
            view.waiting(rest, "Asking which groups there are");
        }
    }

    fn help(&self, _wizard: &Wizard) -> &'static str {
        "By default everyone who can sign in to authentik may open the application. Choose groups to limit it, or one person for a first \
         test; you can widen it later. Enter goes to the review."
    }
}
