//! Makes articles ready to be written: loads them, splits them into passages, recognizes their languages, on all cores.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::SyncSender;

use rayon::prelude::*;

use super::{ArticleRecord, PassageRecord, Place};
use crate::corpus::{Document, Item, Items, Limits, SkipReason, Skipped};
use crate::language::detect;
use crate::passage::split;

/// Articles prepared together: enough to keep all cores busy, few enough to hold in memory.
const BATCH_ARTICLES: usize = 256;
/// Bytes of source after which a batch is closed earlier.
const BATCH_BYTES: u64 = 4 << 20;
/// Characters of a title, a heading or a name that are kept: they are indexed with every passage.
const MAX_LABEL_CHARS: usize = 300;

/// An article ready to be written.
pub(super) struct Prepared {
    pub(super) article: ArticleRecord,
    pub(super) passages: Vec<PassageRecord>,
}

/// What became of one piece of work.
pub(super) struct Outcome {
    pub(super) path: PathBuf,
    pub(super) n_bytes: u64,
    pub(super) prepared: Result<Prepared, Skipped>,
}

/// Reads `items` in batches, prepares each batch on all cores, and sends it on, in order, until nobody listens.
pub(super) fn prepare(items: Items, limits: &Limits, batches: &SyncSender<Vec<Outcome>>) {
    let mut items = items.peekable();
    while items.peek().is_some() {
        let mut batch: Vec<Result<Item, Skipped>> = Vec::new();
        let mut n_bytes = 0;
        while batch.len() < BATCH_ARTICLES && n_bytes < BATCH_BYTES {
            let Some(item) = items.next() else { break };
            n_bytes += item.as_ref().map_or(0, Item::n_bytes);
            batch.push(item);
        }
        let outcomes = batch
            .into_par_iter()
            .map(|item| match item {
                Ok(item) => Outcome {
                    path: item.path().to_owned(),
                    n_bytes: item.n_bytes(),
                    prepared: prepare_item(item, limits),
                },
                Err(skipped) => Outcome {
                    path: skipped.path.clone(),
                    n_bytes: 0,
                    prepared: Err(skipped),
                },
            })
            .collect();
        if batches.send(outcomes).is_err() {
            return;
        }
    }
}

/// Loads and prepares one article. A defect that one article brings to light must not stop the others.
fn prepare_item(item: Item, limits: &Limits) -> Result<Prepared, Skipped> {
    let path = item.path().to_owned();
    let prepare = || item.load(limits).map(prepare_article);
    catch_unwind(AssertUnwindSafe(prepare)).unwrap_or(Err(Skipped {
        path,
        line: None,
        reason: SkipReason::Defect,
    }))
}

/// Splits an article into passages and recognizes their languages.
fn prepare_article(mut document: Document) -> Prepared {
    let metadata = &mut document.metadata;
    shorten(&mut metadata.title);
    for label in [&mut metadata.author, &mut metadata.source] {
        label.iter_mut().for_each(shorten);
    }
    for section in &mut document.sections {
        section.heading.iter_mut().for_each(shorten);
    }
    let declared = document.metadata.language;
    let language = detect(&document.text, declared);
    let starts: Vec<usize> = document
        .sections
        .iter()
        .map(|section| section.start)
        .collect();
    let passages: Vec<PassageRecord> = split(&document.text, &starts)
        .into_iter()
        .enumerate()
        .map(|(n_before, range)| {
            let text = &document.text[range.clone()];
            let location = document.source.locate(range.clone());
            let n_sections = starts.partition_point(|&start| start < range.end);
            let section = document.sections[..n_sections]
                .iter()
                .rfind(|section| section.start <= range.start);
            PassageRecord {
                article: document.id.clone(),
                ordinal: n_before as u64 + 1,
                language: detect(text, Some(language)),
                text: text.to_owned(),
                place: Place {
                    bytes: [location.bytes.start, location.bytes.end],
                    lines: [location.lines.0, location.lines.1],
                    heading: section.and_then(|section| section.heading.clone()),
                },
            }
        })
        .collect();
    Prepared {
        article: ArticleRecord {
            id: document.id,
            path: document.path.to_string_lossy().into_owned(),
            metadata: document.metadata,
            language,
            n_passages: passages.len() as u64,
        },
        passages,
    }
}

/// Cuts a label that is longer than any should be.
fn shorten(label: &mut String) {
    if let Some((end, _)) = label.char_indices().nth(MAX_LABEL_CHARS) {
        label.truncate(end);
        label.push('…');
    }
}
