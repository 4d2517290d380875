//! Makes articles ready to be written: loads them, splits them into passages, recognizes their languages, on all cores.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::SyncSender;

use rayon::prelude::*;

use super::files::path_key;
use super::{ArticleRecord, PassageRecord, Place};
use crate::corpus::{
    Document, Fingerprint, Item, Items, Limits, Piece, SkipReason, Skipped, SourceFile,
};
use crate::language::Evidence;
use crate::passage::{Passage, split};

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
    pub(super) file: SourceFile,
    /// The line of a collection that it is.
    pub(super) line: Option<u64>,
    pub(super) n_bytes: u64,
    /// The article, if the piece was one.
    pub(super) prepared: Option<Result<Prepared, Skipped>>,
    /// What the file was, if this is the last of it and all could be read.
    pub(super) file_read: Option<Fingerprint>,
}

/// Reads `items` in batches, prepares each batch on all cores, and sends it on, in order, until nobody listens.
pub(super) fn prepare(items: Items, limits: &Limits, batches: &SyncSender<Vec<Outcome>>) {
    let mut items = items.peekable();
    while items.peek().is_some() {
        let mut batch: Vec<Piece> = Vec::new();
        let mut n_bytes = 0;
        while batch.len() < BATCH_ARTICLES && n_bytes < BATCH_BYTES {
            let Some(piece) = items.next() else { break };
            if let Piece::Article(item) = &piece {
                n_bytes += item.n_bytes();
            }
            batch.push(piece);
        }
        let outcomes = batch
            .into_par_iter()
            .map(|piece| match piece {
                Piece::Article(item) => prepare_item(item, limits),
                Piece::Skipped(file, skipped) => Outcome {
                    file,
                    line: skipped.line,
                    n_bytes: 0,
                    prepared: Some(Err(skipped)),
                    file_read: None,
                },
                Piece::End(file, fingerprint) => Outcome {
                    file,
                    line: None,
                    n_bytes: 0,
                    prepared: None,
                    file_read: Some(fingerprint),
                },
            })
            .collect();
        if batches.send(outcomes).is_err() {
            return;
        }
    }
}

/// Loads and prepares one article. A defect that one article brings to light must not stop the others.
fn prepare_item(item: Item, limits: &Limits) -> Outcome {
    let file = item.file().clone();
    let line = item.line();
    let n_bytes = item.n_bytes();
    let prepare = || {
        let loaded = item.load(limits);
        (loaded.document.map(prepare_article), loaded.file_read)
    };
    let (prepared, file_read) = catch_unwind(AssertUnwindSafe(prepare)).unwrap_or_else(|_| {
        let defect = Skipped {
            path: file.path.clone(),
            line: None,
            reason: SkipReason::Defect,
        };
        (Err(defect), None)
    });
    Outcome {
        file,
        line,
        n_bytes,
        prepared: Some(prepared),
        file_read,
    }
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
    let starts: Vec<usize> = document
        .sections
        .iter()
        .map(|section| section.start)
        .collect();
    let passages = split(&document.text, &starts);
    let evidence: Evidence = passages.iter().map(|passage| passage.evidence).sum();
    let language = evidence.language(&document.text, declared);
    let passages: Vec<PassageRecord> = passages
        .into_iter()
        .enumerate()
        .map(|(n_before, Passage { range, evidence })| {
            let text = &document.text[range.clone()];
            let location = document.source.locate(range.clone());
            let n_sections = starts.partition_point(|&start| start < range.end);
            let section = document.sections[..n_sections]
                .iter()
                .rfind(|section| section.start <= range.start);
            PassageRecord {
                article: document.id.clone(),
                ordinal: n_before as u64 + 1,
                language: evidence.language(text, Some(language)),
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
            path: path_key(&document.path),
            origin: 0, // it gets its number when it is written
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
