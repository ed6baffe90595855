//! Lists: all their pages, in as few requests as the server allows.

use std::collections::VecDeque;

use futures_util::future::join_all;
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
const AHEAD: u32 = 4;

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

    /// The first page of a long list. The others are read by [`Pages::rest`].
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        path: &'static [&'static str],
        query: &'static [(&'static str, &'static str)],
    ) -> Result<Pages<T>> {
        let mut pages = Pages { path, query, ready: VecDeque::new(), next: 2, last: 1 };
        let first = pages.page(self, 1).await?;
        let more = (2..=MOST_PAGES_OF_MANY).take_while(|number| f64::from(*number) <= first.pagination.total_pages);
        pages.last = more.last().unwrap_or(1);
        pages.ready.push_back(first.results);
        Ok(pages)
    }

    /// The first page of the list at `path` as the server cuts it.
    pub(super) async fn first_page<T: DeserializeOwned>(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Vec<T>> {
        let answer: Page<T> = self.get(path, query).await?;
        Ok(answer.results)
    }
}

/// A long list, read page by page so that only a few of them are ever held.
#[derive(Debug)]
pub(super) struct Pages<T> {
    path: &'static [&'static str],
    query: &'static [(&'static str, &'static str)],
    /// Pages that were read and not yet taken.
    ready: VecDeque<Vec<T>>,
    /// The page after them.
    next: u32,
    last: u32,
}

impl<T> Default for Pages<T> {
    /// A list without anything.
    fn default() -> Self {
        Self { path: &[], query: &[], ready: VecDeque::new(), next: 1, last: 0 }
    }
}

impl<T: DeserializeOwned> Pages<T> {
    fn page(&self, client: &Client, number: u32) -> impl Future<Output = Result<Page<T>>> + use<'_, T> {
        let (client, path, query) = (client.clone(), self.path, self.query);
        async move {
            let text = number.to_string();
            let mut query = query.to_vec();
            query.extend([("page_size", PAGE_SIZE), ("page", &text)]);
            client.get(path, &query).await
        }
    }

    /// What has been read already.
    pub(super) fn ready(&self) -> impl Iterator<Item = &T> {
        self.ready.iter().flatten()
    }

    /// Reads some pages more, to have them at hand.
    pub(super) async fn read_ahead(&mut self, client: &Client) -> Result<()> {
        let until = self.last.min(self.next + AHEAD - 1);
        let read = (self.next..=until).map(|number| self.page(client, number));
        for answer in join_all(read).await {
            match answer {
                // The list became shorter while it was read: a page past the end is a 404.
                Err(error) if error.is_not_found() => self.last = self.next,
                Err(error) => return Err(error),
                Ok(answer) => self.ready.push_back(answer.results),
            }
            self.next += 1;
        }
        Ok(())
    }

    /// Hands over page after page, in order. `take` says whether it wants more.
    pub(super) async fn rest(&mut self, client: &Client, mut take: impl FnMut(Vec<T>) -> bool) -> Result<()> {
        loop {
            while let Some(page) = self.ready.pop_front() {
                if !take(page) {
                    return Ok(());
                }
            }
            if self.next > self.last {
                return Ok(());
            }
            self.read_ahead(client).await?;
        }
    }
}
