//! Deletes from the segments that are committed, and from no others: tantivy's own deletions by a term may reach into a
//! segment that is added after them. A merge gives segments other names, so none may be made while deletions wait for their
//! commit.
//!
//! Whatever a commit deletes is one query: of queries that wait for it each takes more than 1 KB, which was 1.2 GB for
//! 784 thousand files whose times had changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::{
    EmptyScorer, EnableScoring, Explanation, Query, Scorer, TermSetQuery, Weight,
};
use tantivy::{DocId, Score, SegmentReader, Term};

/// Matches the documents with any of some terms in some of the segments.
#[derive(Clone, Debug)]
pub(super) struct TermsIn {
    query: TermSetQuery,
    segments: Arc<BTreeSet<SegmentId>>,
}

struct TermsInWeight {
    weight: Box<dyn Weight>,
    segments: Arc<BTreeSet<SegmentId>>,
}

impl TermsIn {
    pub(super) fn new(terms: Vec<Term>, segments: &Arc<BTreeSet<SegmentId>>) -> TermsIn {
        TermsIn {
            query: TermSetQuery::new(terms),
            segments: Arc::clone(segments),
        }
    }
}

impl Query for TermsIn {
    fn weight(&self, enable_scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(TermsInWeight {
            weight: self.query.weight(enable_scoring)?,
            segments: Arc::clone(&self.segments),
        }))
    }
}

impl Weight for TermsInWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        match self.segments.contains(&reader.segment_id()) {
            true => self.weight.scorer(reader, boost),
            false => Ok(Box::new(EmptyScorer)),
        }
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.weight.explain(reader, doc)
    }
}
