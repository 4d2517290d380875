//! Deletes from the segments that are committed, and from no others: tantivy's own deletions by a term may reach into a
//! segment that is added after them. A merge gives segments other names, so none may be made while deletions wait for their
//! commit.

use std::collections::BTreeSet;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, TermQuery, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Score, SegmentReader, Term};

/// Matches the documents with a term in some of the segments.
#[derive(Clone, Debug)]
pub(super) struct TermIn {
    query: TermQuery,
    segments: Arc<BTreeSet<SegmentId>>,
}

struct TermInWeight {
    weight: Box<dyn Weight>,
    segments: Arc<BTreeSet<SegmentId>>,
}

impl TermIn {
    pub(super) fn new(term: Term, segments: &Arc<BTreeSet<SegmentId>>) -> TermIn {
        TermIn {
            query: TermQuery::new(term, IndexRecordOption::Basic),
            segments: Arc::clone(segments),
        }
    }
}

impl Query for TermIn {
    fn weight(&self, enable_scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(TermInWeight {
            weight: self.query.weight(enable_scoring)?,
            segments: Arc::clone(&self.segments),
        }))
    }
}

impl Weight for TermInWeight {
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
