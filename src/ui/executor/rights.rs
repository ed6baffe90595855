//! What does not work without a right, in words.

use crate::authentik::rights::Right;
use crate::ui::msg::MissingRight;

/// A missing right with what does not work without it.
pub(super) fn missing(right: Right) -> MissingRight {
    let (needed, without) = match right {
        Right::AddApplication | Right::AddProvider => (true, "Nothing can be created."),
        Right::ChangeApplication | Right::ChangeProvider => (false, "What was created cannot be changed later."),
        Right::ViewApplication => (false, "Applications that exist cannot be seen: a taken slug shows only when it is refused."),
        Right::ViewProvider => (true, "The client secret cannot be read back, nor what exists."),
        Right::ViewAnyProvider | Right::ViewSource | Right::ViewPlexSource => (false, "What exists cannot be seen."),
        Right::ViewScopeMapping => (true, "Scopes cannot be given, so applications learn nothing about people."),
        Right::AddScopeMapping => (false, "Applications that need a scope of their own cannot be set up."),
        Right::ViewFlow => (true, "The flow that a provider needs cannot be found."),
        Right::ViewCertificate => (true, "The key that signs tokens cannot be found."),
        Right::AddCertificate => (false, "A signing key cannot be made where one is missing."),
        Right::ViewGroup => (false, "Groups cannot be offered for access."),
        Right::AddGroup => (false, "Groups cannot be made."),
        Right::ViewUser => (false, "People cannot be offered for access."),
        Right::ViewBinding => (false, "Who may open an existing application cannot be seen."),
        Right::AddBinding => (false, "Access cannot be limited: everyone may open the application."),
        Right::ViewBrand | Right::ViewIdentificationStage => (false, "A login source cannot be put on the login page."),
        Right::ViewEvent => (false, "authentik's log cannot be read when something fails."),
        Right::AddSource(_) => (false, "A login source of this kind cannot be created."),
    };
    MissingRight { right: right.title().to_owned(), without: without.to_owned(), needed }
}
