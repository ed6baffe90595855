//! Where authentik is, and what is trusted there.

use std::fs;
use std::path::Path;

use url::Url;

use super::global::GlobalOptions;
use super::similar;
use crate::authentik::address::Address;
use crate::authentik::connect::{Found, probe};
use crate::authentik::{Fingerprint, Trust};
use crate::config::{Config, Files, Paths};
use crate::error::{Error, Kind, Result};
use crate::secrets;

/// authentik, found but not signed in to.
pub(super) struct Reached {
    pub files: Files,
    pub found: Found,
    /// The address that browsers and applications use; nothing where it has to be asked for.
    pub public: Option<Url>,
    pub trust: Trust,
}

impl Reached {
    /// Finds authentik. Needs no token, and nothing is written.
    ///
    /// # Errors
    /// When it is not known where it is, or it cannot be reached.
    pub(super) async fn new(global: &GlobalOptions) -> Result<Self> {
        let files = Files::on_disk(Paths::of_this_machine()?);
        let config = files.config()?;
        let address = address(&address_of(global, &files, &config)?)?;
        let (trust, known) = known_server(global, &config, &address)?;
        let found = probe(&address, &trust, global.timeouts()).await?;
        let public = match known {
            Some(typed) => Some(public_address(&typed)?),
            None if found.reach.needs_public_address() => None,
            None => Some(found.base.clone()),
        };
        Ok(Self { files, found, public, trust })
    }
}

/// What was decided for the server at this address before, unless it is said otherwise now: whom to trust, and its public address.
///
/// # Errors
/// When the file with certificates cannot be read.
pub(super) fn known_server(global: &GlobalOptions, config: &Config, address: &Address) -> Result<(Trust, Option<String>)> {
    let origin = address.candidates().first().map(secrets::origin).unwrap_or_default();
    let named = global.profile.as_ref().and_then(|name| config.profiles.get(name));
    let profile = named.or(config.profile_of(&origin).map(|(_, profile)| profile)).cloned().unwrap_or_default();
    let mut trust = Trust { ca_pem: None, pinned: global.fingerprint.clone() };
    if let Some(path) = global.ca_file.as_ref().or(profile.ca_file.as_ref()) {
        trust.ca_pem = Some(read_ca(path)?);
    }
    trust.pinned.extend(profile.fingerprint.as_deref().and_then(|text| text.parse::<Fingerprint>().ok()));
    Ok((trust, global.public_url.clone().or(profile.public)))
}

/// The address that the options, the profile or the last run name, if any does.
///
/// # Errors
/// When there is no such profile, or what was kept cannot be read.
pub(super) fn known_address(global: &GlobalOptions, files: &Files, config: &Config) -> Result<Option<String>> {
    if global.url.is_none() && global.profile.is_none() {
        return Ok(files.state()?.last_api);
    }
    address_of(global, files, config).map(Some)
}

/// The origins that the address can mean, the likeliest first. Nothing is asked for.
///
/// # Errors
/// When it is not known where authentik is.
pub(super) fn origins(global: &GlobalOptions) -> Result<Vec<String>> {
    let files = Files::on_disk(Paths::of_this_machine()?);
    let address = address(&address_of(global, &files, &files.config()?)?)?;
    Ok(address.candidates().iter().map(secrets::origin).collect())
}

/// Where authentik is: `--profile`, else `--url`, else what was used last.
fn address_of(global: &GlobalOptions, files: &Files, config: &Config) -> Result<String> {
    if let Some(name) = &global.profile {
        if let (None, Some(url)) = (config.profiles.get(name), &global.url) {
            // `akwiz login` makes the profile.
            return Ok(url.clone());
        }
        return config.profiles.get(name).map(|profile| profile.api.clone()).ok_or_else(|| {
            let error = Error::new(Kind::Usage, format!("There is no profile “{name}” in config.toml."));
            similar::suggest(error, name, config.profiles.keys().map(String::as_str), "Its profiles are")
        });
    }
    let known = match &global.url {
        Some(url) => Some(url.clone()),
        None => files.state()?.last_api,
    };
    known.ok_or_else(|| {
        Error::new(Kind::Usage, "It is not known where authentik is.").hint("Use --url=ADDRESS, or --demo to try it out.")
    })
}

fn address(typed: &str) -> Result<Address> {
    Address::parse(typed).map_err(|error| Error::new(Kind::Usage, error.to_string()))
}

/// The likeliest reading of an address.
///
/// # Errors
/// When it is none.
pub(super) fn public_address(typed: &str) -> Result<Url> {
    let address = address(typed)?;
    let url = address.candidates().first().cloned();
    url.ok_or_else(|| Error::new(Kind::Usage, format!("“{typed}” is not a web address.")))
}

fn read_ca(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::unreadable(format_args!("The certificate file {}", path.display()), error))
}
