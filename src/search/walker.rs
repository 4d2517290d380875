//! Goes through the passages that have a word or phrase, range by range.

use std::ops::Range;

use tantivy::{DocId, TERMINATED};

use super::blocks::Blocks;
use super::matcher::Matcher;
use super::sums::Sums;

/// A word or phrase on its way through the passages of a segment.
pub(super) struct Cursor<'s> {
    pub(super) walker: Walker<'s>,
    pub(super) idf: f32,
}

/// What goes through the passages that have a word or phrase.
pub(super) enum Walker<'s> {
    /// The postings of each key of a word.
    Word(Vec<Blocks>),
    Other(Box<Matcher<'s>>),
}

impl Walker<'_> {
    /// Where it is; [`TERMINATED`] past the last.
    pub(super) fn doc(&self) -> DocId {
        match self {
            Walker::Word(keys) => keys.iter().map(Blocks::doc).min().unwrap_or(TERMINATED),
            Walker::Other(matcher) => matcher.doc(),
        }
    }

    /// Goes to passage `doc`, or the first after it, but never back.
    pub(super) fn seek(&mut self, doc: DocId) {
        match self {
            Walker::Word(keys) => keys.iter_mut().for_each(|key| key.seek(doc)),
            Walker::Other(matcher) => matcher.seek(doc),
        }
    }

    /// How often passage `doc` has what is looked for. It may stay before `doc` then, so that no range can be taken any more;
    /// passages are asked for in ascending order.
    pub(super) fn frequency_in(&mut self, doc: DocId) -> u32 {
        match self {
            Walker::Word(keys) => keys.iter_mut().map(|key| key.frequency_in(doc)).sum(),
            Walker::Other(matcher) => {
                matcher.seek(doc);
                if matcher.doc() == doc {
                    matcher.frequency()
                } else {
                    0
                }
            }
        }
    }

    /// The postings, where there are those of one key only.
    pub(super) fn only_key(&self) -> Option<&Blocks> {
        match self {
            Walker::Word(keys) if keys.len() == 1 => keys.first(),
            _ => None,
        }
    }

    /// Whether what it takes is summed up first, in a window at most.
    pub(super) fn needs_sums(&self) -> bool {
        matches!(self, Walker::Word(keys) if keys.len() != 1)
    }

    /// Goes to the first passage from `range.end` on, and gives `take` those on the way, many at once, with how often each has
    /// what is looked for; in ascending order. It is not before `range.start`. `frequencies` is empty before and after; where
    /// sums are needed, the range is a window at most.
    pub(super) fn take_range(
        &mut self,
        range: Range<DocId>,
        frequencies: &mut Sums<u32>,
        mut take: impl FnMut(&[DocId], &[u32]),
    ) {
        let Range { start, end } = range;
        debug_assert!(
            self.doc() >= start,
            "it may have been looked for in passages"
        );
        match self {
            Walker::Word(keys) => {
                if let [key] = keys.as_mut_slice() {
                    key.take_until(end, take);
                    return;
                }
                for key in keys {
                    key.take_until(end, |docs, of_docs| {
                        let places = docs.iter().map(|doc| doc - start);
                        frequencies.add(places.zip(of_docs.iter().copied()));
                    });
                }
                frequencies.drain(|at, frequency| take(&[start + at], &[frequency]));
            }
            Walker::Other(matcher) => {
                while matcher.doc() < end {
                    take(&[matcher.doc()], &[matcher.frequency()]);
                    matcher.advance();
                }
            }
        }
    }
}
