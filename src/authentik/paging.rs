//! Lists: all their pages, in as few requests as the server allows.

use serde::de::DeserializeOwned;

use super::error::Result;
use super::http::Client;
use super::wire::Page;

/// The most that authentik puts on one page.
const PAGE_SIZE: &str = "100";

/// A server with more pages than these is not answering the filter; 5,000 objects are more than any list here needs.
const MOST_PAGES: u32 = 50;

impl Client {
    /// Everything in the list at `path` that `query` asks for.
    ///
    /// Unknown filters are ignored by authentik without a word: callers filter again.
    pub(super) async fn list<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<T>> {
        let mut all = Vec::new();
        for page in 1..=MOST_PAGES {
            let number = page.to_string();
            let mut query = query.to_vec();
            query.push(("page_size", PAGE_SIZE));
            if page > 1 {
                query.push(("page", &number));
            }
            let answer: Page<T> = match self.get(path, &query).await {
                // The list became shorter while it was read: a page past the end is a 404.
                Err(error) if page > 1 && error.is_not_found() => break,
                other => other?,
            };
            all.extend(answer.results);
            if answer.pagination.next <= f64::from(page) {
                break;
            }
        }
        Ok(all)
    }

    /// The first page of the list at `path` as the server cuts it.
    pub(super) async fn first_page<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<T>> {
        let answer: Page<T> = self.get(path, query).await?;
        Ok(answer.results)
    }
}
