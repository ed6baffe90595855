//! Lists: all their pages, in as few requests as the server allows.

use futures_util::stream::{self, StreamExt as _};
use serde::de::DeserializeOwned;

use super::error::Result;
use super::http::Client;
use super::wire::Page;

/// The most that authentik puts on one page.
const PAGE_SIZE: &str = "100";

/// A server with more pages than these is not answering the filter; 5,000 objects are more than any list here needs.
const MOST_PAGES: u32 = 50;

/// The same where whoever asks counts on many: 100,000 objects.
const MOST_PAGES_OF_MANY: u32 = 1000;

/// How many pages are asked for at once. What they hold is in memory until its turn comes.
const AHEAD: usize = 4;

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

    /// Hands the list at `path` to `take` page by page, in order, so that no more than a few pages are ever held. `take` says whether it
    /// wants more.
    pub(super) async fn each_page<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        mut take: impl FnMut(Vec<T>) -> bool,
    ) -> Result<()> {
        let page = |number: u32| {
            let text = number.to_string();
            async move {
                let mut query = query.to_vec();
                query.extend([("page_size", PAGE_SIZE), ("page", &text)]);
                self.get::<Page<T>>(path, &query).await
            }
        };
        let first = page(1).await?;
        let pages = (1..=MOST_PAGES_OF_MANY).take_while(|number| f64::from(*number) <= first.pagination.total_pages).count();
        let last = u32::try_from(pages).unwrap_or(MOST_PAGES_OF_MANY);
        if !take(first.results) {
            return Ok(());
        }
        let mut rest = stream::iter(2..=last).map(page).buffered(AHEAD);
        while let Some(answer) = rest.next().await {
            match answer {
                // The list became shorter while it was read: a page past the end is a 404.
                Err(error) if error.is_not_found() => break,
                Err(error) => return Err(error),
                Ok(answer) => {
                    if !take(answer.results) {
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// The first page of the list at `path` as the server cuts it.
    pub(super) async fn first_page<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<T>> {
        let answer: Page<T> = self.get(path, query).await?;
        Ok(answer.results)
    }
}
