//! Answers that concern an application alone: authentik stays as it is, and what to enter in the application does not.

use std::collections::HashMap;

use super::wishes::Wanting;
use crate::apply::many::{State, Survey};
use crate::cli::session;
use crate::cli::target::is_about;
use crate::error::Result;
use crate::receipts::{ReceiptStore, receipt_id};
use crate::setup::recall::{recorded_answers, recorded_options};
use crate::setup::receipt::Receipt;

/// So many are kept at once.
const AT_ONCE: usize = 128;

/// Receipts to keep for the applications that are as they should be while their last receipt has other answers. What nobody recorded
/// stays so: akwiz did not make it.
///
/// # Errors
/// When the receipts cannot be listed.
pub(super) fn renewed(wanting: &Wanting, survey: &Survey, receipts: &dyn ReceiptStore) -> Result<Vec<Receipt>> {
    let same = wanting.wishes.iter().zip(&survey.states);
    let same = same.filter(|(wish, state)| matches!(state, State::Same) && wish.source().is_none());
    let wishes: HashMap<&str, _> = same.map(|(wish, _)| (wish.slug(), wish)).collect();
    if wishes.is_empty() {
        return Ok(Vec::new());
    }
    // By slug: the newest receipt's id, and the receipt where its answers are others. There can be thousands, so nothing else is held.
    let mut last: HashMap<&str, (Box<str>, Option<Box<Receipt>>)> = HashMap::new();
    receipts.each(&mut |receipt| {
        let Some((slug, wish)) = receipt.slugs().find_map(|slug| wishes.get_key_value(slug)) else { return };
        let is_newer = last.get(slug).is_none_or(|(id, _)| **id < *receipt.id);
        if is_newer && receipt.template == wish.template.id && is_about(&receipt, slug, None, &survey.facts.api_url) {
            let id = receipt.id.as_str().into();
            let differs = receipt.answers != recorded_answers(&wish.answers);
            last.insert(slug, (id, differs.then(|| Box::new(receipt))));
        }
    })?;
    let (now, run) = (session::now(), session::run_id());
    let mut renewed: Vec<Receipt> = last
        .into_iter()
        .filter_map(|(slug, (_, receipt))| {
            let wish = wishes.get(slug)?;
            Some(Receipt {
                started: now,
                answers: recorded_answers(&wish.answers),
                options: recorded_options(&wish.answers.options),
                entries: Vec::new(),
                finished: true,
                ..*receipt?
            })
        })
        .collect();
    renewed.sort_by(|one, other| one.slugs.values().cmp(other.slugs.values()));
    for (number, receipt) in renewed.iter_mut().enumerate() {
        receipt.id = receipt_id(now, &receipt.template, &format!("{run}n{number:03x}"));
    }
    Ok(renewed)
}

/// What a receipt of [`renewed`] is about.
pub(super) fn slug(receipt: &Receipt) -> &str {
    receipt.slugs().next().unwrap_or_default()
}

/// Keeps them.
///
/// # Errors
/// The first of what could not be kept.
pub(super) fn keep(renewed: &[Receipt], receipts: &dyn ReceiptStore) -> Result<()> {
    let renewed: Vec<&Receipt> = renewed.iter().collect();
    renewed.chunks(AT_ONCE).flat_map(|some| receipts.save_all(some)).collect()
}
