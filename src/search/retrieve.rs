//! Finds the best passages, and counts all that match.
//!
//! Goes through the passages of a segment window by window: each word in turn adds its scores to the window's array,
//! then the window is read off once. Scores are summed in the order of the query's words, so a passage has the same
//! score, to the last bit, in whichever segment it is; and every match is seen, so the counts are exact.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rustc_hash::FxHashSet;
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, Searcher, SegmentReader, TERMINATED};

use super::bm25;
use super::matcher::Matcher;
use super::weights::Weighted;
use crate::index::Fields;

/// Passages of a window: its scores (16 KiB) stay in the first-level cache.
const WINDOW: usize = 4096;

/// A passage that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub(super) score: f32,
    pub(super) article_key: u64,
    pub(super) ordinal: u64,
    pub(super) address: DocAddress,
}

impl Candidate {
    /// Best first: by score, then by article and place in it, which no rebuilding changes.
    fn rank(&self) -> (Reverse<u32>, u64, u64) {
        // The bits of positive floats are ordered as the floats are.
        (
            Reverse(self.score.to_bits()),
            self.article_key,
            self.ordinal,
        )
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Candidate) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Candidate) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Candidate) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

/// What was found.
#[derive(Debug)]
pub(super) struct Retrieved {
    /// The best, best first.
    pub(super) best: Vec<Candidate>,
    /// Passages that match.
    pub(super) n_passages: u64,
    /// Articles with a passage that matches.
    pub(super) n_articles: u64,
}

/// Retrieves the best `limit` passages.
pub(super) fn retrieve(
    searcher: &Searcher,
    fields: &Fields,
    languages: &[Weighted<'_>],
    limit: usize,
) -> tantivy::Result<Retrieved> {
    let mut found = Found {
        // The worst of the best is on top, to be replaced first.
        best: BinaryHeap::new(),
        limit,
        n_passages: 0,
        articles: FxHashSet::default(),
    };
    for weighted in languages
        .iter()
        .filter(|weighted| !weighted.plan.wanted.is_empty())
    {
        let norms = weighted.statistics.norms();
        for (segment_ord, segment) in searcher.segment_readers().iter().enumerate() {
            search_segment(
                segment,
                segment_ord as u32,
                fields,
                weighted,
                &norms,
                &mut found,
            )?;
        }
    }
    Ok(Retrieved {
        best: found.best.into_sorted_vec(),
        n_passages: found.n_passages,
        n_articles: found.articles.len() as u64,
    })
}

fn search_segment(
    segment: &SegmentReader,
    segment_ord: u32,
    fields: &Fields,
    weighted: &Weighted<'_>,
    norms: &[f32; 256],
    found: &mut Found,
) -> tantivy::Result<()> {
    let plan = weighted.plan;
    let field = fields.terms(plan.language);
    let mut wanted = Vec::new();
    for (clause, &idf) in plan.wanted.iter().zip(&weighted.idfs) {
        if let Some(matcher) = Matcher::open(segment, field, clause)? {
            wanted.push((matcher, idf));
        }
    }
    let mut excluded = Vec::new();
    for clause in &plan.excluded {
        excluded.extend(Matcher::open(segment, field, clause)?);
    }
    let fieldnorms = segment.get_fieldnorms_reader(field)?;
    let passages = Passages {
        segment_ord,
        article_keys: segment.fast_fields().u64("article_key")?,
        ordinals: segment.fast_fields().u64("ordinal")?,
    };

    let mut scores = vec![0.0_f32; WINDOW];
    let mut matched = vec![false; WINDOW];
    loop {
        let first = wanted.iter().map(|(matcher, _)| matcher.doc()).min();
        let Some(first) = first.filter(|&doc| doc != TERMINATED) else {
            return Ok(());
        };
        let start = first - first % WINDOW as DocId;
        let end = start + WINDOW as DocId;
        for (matcher, idf) in &mut wanted {
            while matcher.doc() < end {
                let at = (matcher.doc() - start) as usize;
                let norm = norms[usize::from(fieldnorms.fieldnorm_id(matcher.doc()))];
                scores[at] += bm25::score(*idf, matcher.frequency(), norm);
                matched[at] = true;
                matcher.advance();
            }
        }
        for matcher in &mut excluded {
            while matcher.doc() < end {
                if matcher.doc() >= start {
                    matched[(matcher.doc() - start) as usize] = false;
                }
                matcher.advance();
            }
        }
        for at in 0..WINDOW {
            let doc = start + at as DocId;
            if matched[at] && !segment.is_deleted(doc) {
                found.push(&passages, doc, scores[at]);
            }
        }
        scores.fill(0.0);
        matched.fill(false);
    }
}

/// What is known of each passage of a segment without reading it.
struct Passages {
    segment_ord: u32,
    article_keys: Column<u64>,
    ordinals: Column<u64>,
}

struct Found {
    best: BinaryHeap<Candidate>,
    limit: usize,
    n_passages: u64,
    articles: FxHashSet<u64>,
}

impl Found {
    fn push(&mut self, passages: &Passages, doc: DocId, score: f32) {
        let article_key = passages.article_keys.first(doc).unwrap_or_default();
        self.n_passages += 1;
        self.articles.insert(article_key);
        let worst = self.best.peek().map(|candidate| candidate.score);
        if self.best.len() == self.limit && worst.is_none_or(|worst| score < worst) {
            return;
        }
        self.best.push(Candidate {
            score,
            article_key,
            ordinal: passages.ordinals.first(doc).unwrap_or_default(),
            address: DocAddress::new(passages.segment_ord, doc),
        });
        if self.best.len() > self.limit {
            self.best.pop();
        }
    }
}
