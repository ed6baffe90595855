//! The HTML that authentik answers with, reduced to what a client can learn from it.

use super::http::Reply;
use super::options::Version;

fn page(version: Version, status: u16, title: &str, heading: &str, body: &str) -> Reply {
    let number = version.number();
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"UTF-8\">\n<title>\n{title}\n</title>\n\
         <link rel=\"stylesheet\" type=\"text/css\" href=\"/static/dist/styles/static-{number}.css\" />\n</head>\n<body>\n\
         <h1 class=\"pf-c-title pf-m-3xl\" data-test-id=\"card-title\">\n{heading}\n</h1>\n{body}\n\
         <span>Powered by authentik</span>\n</body>\n</html>\n"
    );
    Reply::html(status, &html)
}

/// No such page.
pub(super) fn not_found(version: Version) -> Reply {
    page(version, 404, "authentik", "Not Found", "")
}

/// The page of a flow, which carries the version for anybody to read.
pub(super) fn flow(version: Version) -> Reply {
    let (number, family) = (version.number(), version.family());
    let subdomain = family.replace('.', "-");
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>authentik</title>\n<script data-id=\"authentik-config\">\n\
         window.authentik = {{\n    locale: \"en\",\n    versionFamily: \"{family}\",\n    versionSubdomain: \"version-{subdomain}\",\n    \
         build: \"\",\n}};\n</script>\n<link rel=\"stylesheet\" type=\"text/css\" href=\"/static/dist/styles/static-{number}.css\" />\n\
         <script src=\"/static/dist/poly-{number}.js\" type=\"module\"></script>\n</head>\n<body>\n<ak-flow-executor></ak-flow-executor>\n</body>\n</html>\n"
    );
    Reply::html(200, &html)
}

/// The authorize page for a redirect URI that is missing or not registered.
pub(super) fn redirect_uri_error(version: Version) -> Reply {
    let body = "<p>The request fails due to a missing, invalid, or mismatching redirection URI (redirect_uri).</p>";
    page(version, 400, "authentik", "Redirect URI Error", body)
}

/// The authorize page for an unknown client.
pub(super) fn client_id_error(version: Version) -> Reply {
    page(version, 400, "authentik", "Client ID Error", "<p>The client identifier (client_id) is missing or invalid.</p>")
}

/// The authorize page for a user whom no binding lets in; its status is 200.
pub(super) fn denied(version: Version) -> Reply {
    page(version, 200, "Permission denied - authentik", "Permission denied", "<p>Request has been denied.</p>")
}
