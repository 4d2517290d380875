//! Walks the passages of a segment that have any of several terms.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, TERMINATED};

use super::segments::Segment;
use super::terms::Terms;

/// The passages with any key or form of a word.
pub(super) struct Union {
    postings: Vec<SegmentPostings>,
    doc: DocId,
}

impl Union {
    /// The passages with any of `terms`.
    pub(super) fn of(
        segment: Segment<'_>,
        terms: &Terms<'_>,
        option: IndexRecordOption,
    ) -> tantivy::Result<Union> {
        let postings = segment.read_each(terms, |inverted_index, info| {
            inverted_index.read_postings_from_terminfo(info, option)
        })?;
        Ok(Union::of_postings(postings))
    }

    /// The passages of any of `postings`.
    pub(super) fn of_postings(postings: Vec<SegmentPostings>) -> Union {
        let mut union = Union { postings, doc: 0 };
        union.settle();
        union
    }

    /// What it walks through, in the order in which it was given; what no passage has is left out.
    pub(super) fn postings(&self) -> &[SegmentPostings] {
        &self.postings
    }

    /// The same, to go through one after the other.
    pub(super) fn into_postings(self) -> Vec<SegmentPostings> {
        self.postings
    }

    pub(super) fn doc(&self) -> DocId {
        self.doc
    }

    /// Takes the lowest place of all postings.
    fn settle(&mut self) {
        let docs = self.postings.iter().map(DocSet::doc);
        self.doc = docs.min().unwrap_or(TERMINATED);
    }

    pub(super) fn advance(&mut self) {
        if let [postings] = self.postings.as_mut_slice() {
            self.doc = postings.advance();
            return;
        }
        for postings in &mut self.postings {
            if postings.doc() == self.doc {
                postings.advance();
            }
        }
        self.settle();
    }

    /// Goes to `target`, or the first passage after it; never back.
    pub(super) fn seek(&mut self, target: DocId) {
        if let ([postings], true) = (self.postings.as_mut_slice(), self.doc < target) {
            self.doc = postings.seek(target);
            return;
        }
        for postings in &mut self.postings {
            if postings.doc() < target {
                postings.seek(target);
            }
        }
        self.settle();
    }

    pub(super) fn frequency(&self) -> u32 {
        if let [postings] = self.postings.as_slice() {
            return postings.term_freq();
        }
        let here = self
            .postings
            .iter()
            .filter(|postings| postings.doc() == self.doc);
        here.map(Postings::term_freq).sum()
    }

    /// Puts the positions of the word in passage `doc`, ascending, in the place of what is in `positions`; none when it is
    /// not there.
    pub(super) fn positions(&mut self, doc: DocId, positions: &mut Vec<u32>) {
        if let ([postings], true) = (self.postings.as_mut_slice(), self.doc == doc) {
            postings.positions(positions);
            return;
        }
        positions.clear();
        let mut of_term = Vec::new();
        for postings in &mut self.postings {
            if postings.doc() == doc {
                postings.positions(&mut of_term);
                positions.append(&mut of_term);
            }
        }
        positions.sort_unstable();
        positions.dedup();
    }
}
