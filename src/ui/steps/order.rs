//! In which order the pages come. Pure: the next page follows from the template alone.

use super::Step;
use crate::catalog::template::{Acquire, Kind, Phase, QuestionKind, Template};

/// The pages on the line from the first to the last, without those that are only reached on purpose.
pub fn line(template: Option<&Template>) -> Vec<Step> {
    let mut line = vec![Step::Connect, Step::SignIn, Step::Pick];
    if template.is_some_and(|template| template.entry.iter().any(|entry| entry.register)) {
        line.push(Step::Register);
    }
    if template.is_none_or(asks) {
        line.push(Step::Questions);
    }
    if let Some(source) = template.and_then(|template| template.source.as_ref()) {
        let acquires = [(Acquire::PlexPin, Step::PlexSignIn), (Acquire::PlexServers, Step::PlexServers)];
        line.extend(acquires.into_iter().filter(|(part, _)| source.acquire.contains(part)).map(|(_, step)| step));
        if source.login_page {
            line.push(Step::LoginPage);
        }
    }
    line.extend([Step::Review, Step::Apply, Step::Done]);
    line
}

/// The page that Enter leads to from `step`.
pub fn next(step: Step, template: Option<&Template>) -> Step {
    let line = line(template);
    let place = place(step, &line);
    line.get(place + 1).copied().unwrap_or(Step::Done)
}

/// The page that Tab behind the last field leads to, where it is another than [`next()`].
pub fn aside(step: Step, template: Option<&Template>) -> Option<Step> {
    let source = template.is_some_and(|template| template.kind == Kind::Source);
    match step {
        Step::Questions => Some(Step::Options),
        Step::Options if !source => Some(Step::Access),
        _ => None,
    }
}

/// The pages that review offers to change, in order; the first is number 1.
pub fn from_review(template: Option<&Template>) -> Vec<Step> {
    let mut pages: Vec<Step> = line(template).into_iter().take_while(|step| *step != Step::Review).collect();
    let place = pages.iter().position(|step| *step == Step::Questions).map_or(3, |place| place + 1);
    pages.insert(place, Step::Options);
    if template.is_none_or(|template| template.kind == Kind::Application) {
        pages.insert(place + 1, Step::Access);
    }
    pages
}

/// Where one is: the page's place on the line, from 1, and how many there are. Options and access count as the page that they are
/// reached from.
pub fn position(step: Step, template: Option<&Template>) -> (usize, usize) {
    let line = line(template);
    (place(step, &line) + 1, line.len())
}

/// The index on the line of `step`, or of the page before it.
fn place(step: Step, line: &[Step]) -> usize {
    line.iter().rposition(|other| *other <= step).unwrap_or(0)
}

/// Whether there is anything to ask before the objects are made.
fn asks(template: &Template) -> bool {
    template.question.iter().any(|question| question.kind != QuestionKind::Constant && question.phase != Phase::Late)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::load::parse;

    fn template(rest: &str) -> Template {
        let source =
            format!("schema = 1\nid = \"x\"\nname = \"X\"\ncategory = \"media\"\nhomepage = \"\"\nsummary = \"\"\n{rest}");
        parse("x.toml", &source).unwrap()
    }

    const ASKING: &str = "[[question]]\nid = \"app\"\nkind = \"address\"\nlabel = \"Address\"\n";
    const PLEX: &str = "kind = \"source\"\nsource = { api = \"plex\", slug = \"x\", acquire = [\"plex-pin\", \"plex-servers\"], login_page = true }\n";
    const SILENT: &str = "[[question]]\nid = \"app\"\nkind = \"constant\"\nlabel = \"Address\"\ndefault = \"x\"\n";

    #[test]
    fn an_application_takes_the_short_way() {
        let template = template(ASKING);
        let template = Some(&template);
        assert_eq!(next(Step::Pick, template), Step::Questions);
        assert_eq!(next(Step::Questions, template), Step::Review);
        assert_eq!(aside(Step::Questions, template), Some(Step::Options));
        assert_eq!(aside(Step::Options, template), Some(Step::Access));
        assert_eq!(next(Step::Options, template), Step::Review);
        assert_eq!(next(Step::Access, template), Step::Review);
        assert_eq!(position(Step::Access, template), (4, 7));
        assert_eq!(next(Step::Done, template), Step::Done);
    }

    #[test]
    fn a_source_signs_in_to_its_service_first() {
        let template = template(&format!("{PLEX}{ASKING}"));
        let template = Some(&template);
        let way: Vec<Step> =
            std::iter::successors(Some(Step::Pick), |step| (*step != Step::Done).then(|| next(*step, template))).collect();
        assert_eq!(
            way,
            [
                Step::Pick,
                Step::Questions,
                Step::PlexSignIn,
                Step::PlexServers,
                Step::LoginPage,
                Step::Review,
                Step::Apply,
                Step::Done
            ]
        );
        assert_eq!(aside(Step::Options, template), None);
        assert!(!from_review(template).contains(&Step::Access));
    }

    #[test]
    fn an_oauth_source_is_registered_first_and_scim_has_no_login_page() {
        let register = "[[entry]]\nid = \"app\"\nkind = \"form\"\nwhere = \"there\"\nregister = true\n";
        let oauth = "kind = \"source\"\nsource = { api = \"oauth\", slug = \"x\", login_page = true }\n";
        let template = template(&format!("{oauth}{ASKING}{register}"));
        let template = Some(&template);
        assert_eq!(next(Step::Pick, template), Step::Register);
        assert_eq!(next(Step::Register, template), Step::Questions);
        assert_eq!(next(Step::Questions, template), Step::LoginPage);
        assert_eq!(position(Step::Questions, template), (5, 9));
        let scim = self::template("kind = \"source\"\nsource = { api = \"scim\", slug = \"x\" }\n");
        assert_eq!(next(Step::Pick, Some(&scim)), Step::Review);
    }

    #[test]
    fn nothing_to_ask_is_no_page() {
        let template = template(SILENT);
        assert_eq!(next(Step::Pick, Some(&template)), Step::Review);
        assert_eq!(position(Step::Options, Some(&template)), (3, 6));
        assert_eq!(from_review(Some(&template)), [Step::Connect, Step::SignIn, Step::Pick, Step::Options, Step::Access]);
    }

    #[test]
    fn every_page_that_review_leads_to_has_a_digit() {
        let source = template(&format!("{PLEX}{ASKING}"));
        for template in [None, Some(&template(ASKING)), Some(&source)] {
            assert!(from_review(template).len() <= 9);
        }
    }
}
