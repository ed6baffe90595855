//! Reads a login source for `akwiz export`.

use super::export::exported;
use crate::authentik::Client;
use crate::authentik::extras::endpoint;
use crate::catalog::template::SourceApi;
use crate::error::{Error, Kind, Result};
use crate::setup::export::{Certificate, LoginSource, SourceMapping};
use crate::setup::extra::ExtraKind;

/// A login source with all that belongs to it.
///
/// # Errors
/// When this token may not see it, or the server cannot be asked.
pub(super) async fn read(client: &Client, api: SourceApi, slug: &str) -> Result<LoginSource> {
    let mappings = async {
        match client.listed(endpoint(ExtraKind::SourceMapping(api)), &[("ordering", "name")]).await {
            // What may not be seen is written by its key.
            Err(error) if error.is_missing_right() || error.is_not_found() => Ok(Vec::new()),
            other => other,
        }
    };
    let stages = async {
        match client.identification_stages().await {
            Err(error) if error.is_missing_right() => Ok(Vec::new()),
            other => other,
        }
    };
    let (source, mappings, stages) = futures_util::join!(client.source(api, slug), mappings, stages);
    let Some(source) = source? else {
        return Err(Error::new(Kind::Refused, format!("This token may not see the login source “{slug}”.")));
    };
    let (bindings, certificate) = futures_util::join!(client.bindings(&source.pk), async {
        match source.text("verification_kp") {
            "" => Ok(None),
            pk => client.public_certificate(pk).await,
        }
    });
    let stages = stages?.into_iter().filter(|stage| stage.sources.contains(&source.pk)).map(|stage| stage.name);
    let mappings = mappings?.into_iter().map(|mapping| SourceMapping {
        pk: mapping.pk,
        managed: mapping.managed,
        name: mapping.name,
        expression: mapping.expression,
    });
    Ok(LoginSource {
        api,
        mappings: mappings.collect(),
        certificate: certificate?.map(|(name, data)| Certificate { pk: source.text("verification_kp").to_owned(), name, data }),
        bindings: exported(bindings?),
        shown_on: stages.collect(),
        source: source.raw.0,
    })
}
