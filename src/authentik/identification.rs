//! The identification stage: the first page of a sign-in, and the sources whose buttons it shows.

use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::error::Result;
use super::flows::Flow;
use super::http::Client;
use super::wire::{Id, id, ids, nullable};

const PATH: [&str; 2] = ["stages", "identification"];

/// An identification stage.
#[derive(Debug, Clone, Deserialize)]
pub struct IdentificationStage {
    /// The UUID.
    #[serde(deserialize_with = "id")]
    pub pk: Id,
    /// The name in the admin interface.
    #[serde(default, deserialize_with = "nullable")]
    pub name: String,
    /// The flows that it stands in.
    #[serde(default, deserialize_with = "nullable")]
    pub flow_set: Vec<Flow>,
    /// What people can type to say who they are.
    #[serde(default, deserialize_with = "nullable")]
    pub user_fields: Vec<String>,
    /// The sources whose buttons it shows.
    #[serde(default, deserialize_with = "ids")]
    pub sources: Vec<Id>,
}

impl Client {
    /// All identification stages. Needs `authentik_stages_identification.view_identificationstage`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn identification_stages(&self) -> Result<Vec<IdentificationStage>> {
        self.list(&PATH, &[("ordering", "name")]).await
    }

    /// Adds a source to a stage, keeping those that are there now. Needs
    /// `authentik_stages_identification.change_identificationstage`.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn add_source_to_stage(&self, stage: &str, source: &str) -> Result<IdentificationStage> {
        self.change_sources(stage, |sources| {
            if !sources.iter().any(|known| known == source) {
                sources.push(source.to_owned());
            }
        })
        .await
    }

    /// Takes a source from a stage, keeping the others.
    ///
    /// # Errors
    /// See [`super::ApiError`].
    pub async fn remove_source_from_stage(&self, stage: &str, source: &str) -> Result<IdentificationStage> {
        self.change_sources(stage, |sources| sources.retain(|known| known != source)).await
    }

    /// Reads the stage anew and sends `sources` alone: the other fields stay. Only an empty list needs `user_fields` beside it.
    async fn change_sources(&self, pk: &str, change: impl FnOnce(&mut Vec<Id>)) -> Result<IdentificationStage> {
        let path = [PATH[0], PATH[1], pk];
        let stage: IdentificationStage = self.get(&path, &[]).await?;
        let mut sources = stage.sources.clone();
        change(&mut sources);
        if sources == stage.sources {
            return Ok(stage);
        }
        let mut body = json!({"sources": sources});
        if sources.is_empty() {
            body["user_fields"] = json!(stage.user_fields);
        }
        self.write(Method::PATCH, &path, &body).await
    }
}
