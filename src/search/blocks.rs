//! Walks the passages of a segment that have a word, a block of postings at a time.
//!
//! As [`Union`](super::union::Union), but what is in a block is gone through in one loop, without asking after each
//! passage which posting comes next. What that and the rest of it gained is in the table of [`crate::search`].

use std::sync::Arc;

use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, TERMINATED};

use super::bits::Bits;
use super::segments::Segment;
use super::terms::Terms;

/// Most postings that a block has.
pub(super) const BLOCK: usize = 128;

/// A cursor over the postings of one term.
pub(super) struct Blocks {
    postings: BlockSegmentPostings,
    /// The place in the block.
    at: usize,
    /// All passages with the term, where that is known.
    set: Option<Arc<Bits>>,
}

impl Blocks {
    /// A cursor at the first passage of each of `terms` that the segment has.
    pub(super) fn of(segment: Segment<'_>, terms: &Terms<'_>) -> tantivy::Result<Vec<Blocks>> {
        segment.read_each(terms, |inverted_index, info| {
            let option = IndexRecordOption::WithFreqs;
            let postings = inverted_index.read_block_postings_from_terminfo(info, option)?;
            Ok(Blocks {
                set: segment.frequent.set(terms.field, info),
                ..Blocks::over(postings)
            })
        })
    }

    /// A cursor at the first of `postings`.
    pub(super) fn over(postings: BlockSegmentPostings) -> Blocks {
        Blocks {
            postings,
            at: 0,
            set: None,
        }
    }

    /// Where it is; [`TERMINATED`] past the last.
    pub(super) fn doc(&self) -> DocId {
        self.postings.doc(self.at)
    }

    /// What comes after the last passage of the block it is in.
    pub(super) fn block_end(&self) -> DocId {
        let last = self.postings.docs().last();
        last.map_or(TERMINATED, |last| last + 1)
    }

    /// The postings of the block it is in: the passages, and how often each has the term.
    pub(super) fn here(&self) -> (&[DocId], &[u32]) {
        (self.postings.docs(), self.postings.freqs())
    }

    /// Goes to passage `doc`, or the first after it, but never back.
    pub(super) fn seek(&mut self, doc: DocId) {
        if self.doc() < doc {
            self.at = self.postings.seek(doc);
        }
    }

    /// How often passage `doc` has the term. It goes to `doc`, or the first passage after it, or stays where it is, but never
    /// goes back.
    pub(super) fn frequency_in(&mut self, doc: DocId) -> u32 {
        if self.set.as_ref().is_some_and(|set| !set.contains(doc)) {
            return 0;
        }
        self.seek(doc);
        if self.doc() == doc {
            self.postings.freq(self.at)
        } else {
            0
        }
    }

    /// Goes to `end`, or the first passage after it, and gives `take` those on the way, many at once, with how often each has
    /// the term.
    pub(super) fn take_until(&mut self, end: DocId, mut take: impl FnMut(&[DocId], &[u32])) {
        loop {
            let docs = &self.postings.docs()[self.at..];
            let n_here = match docs.last() {
                Some(last) if *last < end => docs.len(),
                _ => docs.partition_point(|doc| *doc < end),
            };
            take(&docs[..n_here], &self.postings.freqs()[self.at..][..n_here]);
            let is_through = n_here > 0 && n_here == docs.len();
            self.at += n_here;
            if !is_through {
                return;
            }
            self.postings.advance();
            self.at = 0;
        }
    }
}
