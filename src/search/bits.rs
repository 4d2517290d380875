//! Sets of passages of a segment, a bit a passage, and how many articles they are of.

use std::iter;
use std::ops::Range;

use tantivy::{DocId, SegmentReader};
use tantivy_common::BitSet;

const BITS: usize = u64::BITS as usize;

/// A set of the documents of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// No document of `max_doc`.
    pub(super) fn none(max_doc: DocId) -> Bits {
        Bits(vec![0; (max_doc as usize).div_ceil(BITS)])
    }

    pub(super) fn insert(&mut self, doc: DocId) {
        self.0[doc as usize / BITS] |= 1 << (doc as usize % BITS);
    }

    pub(super) fn contains(&self, doc: DocId) -> bool {
        self.0[doc as usize / BITS] & (1 << (doc as usize % BITS)) != 0
    }

    /// Inserts documents.
    ///
    /// Each waits for the one before it where both are in the same word, as neighbours in a list mostly are: so those of
    /// eight parts of it take turns.
    pub(super) fn insert_all(&mut self, docs: &[DocId]) {
        let (parts, rest) = docs.as_chunks::<128>();
        for part in parts {
            for at in 0..16 {
                for k in 0..8 {
                    self.insert(part[at + 16 * k]);
                }
            }
        }
        rest.iter().for_each(|doc| self.insert(*doc));
    }

    pub(super) fn union(&mut self, other: &Bits) {
        let pairs = self.0.iter_mut().zip(&other.0);
        pairs.for_each(|(word, other)| *word |= other);
    }

    /// Leaves the documents for which `keeps` holds; asks in ascending order.
    pub(super) fn retain(&mut self, mut keeps: impl FnMut(DocId) -> bool) {
        for (at, word) in self.0.iter_mut().enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                if !keeps((at * BITS + bit) as DocId) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    /// The documents of `segment` that are not deleted; `None` where none is.
    pub(super) fn alive(segment: &SegmentReader) -> Option<Bits> {
        let alive = segment.alive_bitset()?;
        let max_doc = segment.max_doc();
        let mut all = BitSet::with_max_value_and_full(max_doc);
        all.intersect_update(alive.bitset());
        let words = (0..max_doc.div_ceil(u64::BITS)).map(|at| all.tinyset(at).into_bytes());
        Some(Bits(words.map(u64::from_le_bytes).collect()))
    }

    /// Leaves the documents that are in `other` too.
    pub(super) fn intersect(&mut self, other: &Bits) {
        let pairs = self.0.iter_mut().zip(&other.0);
        pairs.for_each(|(word, other)| *word &= other);
    }

    /// How many documents there are.
    pub(super) fn len(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// How many groups have a document in the set, where `ends` are the last documents of the groups.
    ///
    /// Adding to the set all documents but the ends, as one long number, carries any bit of a group up to its end, and
    /// never beyond. So 64 documents take a few instructions, whatever the set has of them.
    pub(super) fn n_groups(&self, ends: &Bits) -> u64 {
        let mut carry = 0;
        let mut n_groups = 0;
        for (&word, &ends) in self.0.iter().zip(&ends.0) {
            let (sum, overflows) = (word & !ends).overflowing_add(!ends);
            let (sum, overflows_too) = sum.overflowing_add(carry);
            carry = u64::from(overflows || overflows_too);
            n_groups += u64::from(((sum | word) & ends).count_ones());
        }
        n_groups
    }

    /// The group that `doc` is of, where these are the last documents of groups.
    pub(super) fn group_of(&self, doc: DocId) -> Range<DocId> {
        let start = self.start_of_group(doc, usize::MAX);
        start.unwrap_or(0)..self.end_of_group(doc)
    }

    /// What comes after the last document of the group of `doc`, likewise.
    pub(super) fn end_of_group(&self, doc: DocId) -> DocId {
        let (at, bit) = (doc as usize / BITS, doc as usize % BITS);
        let from_here = (at, self.0[at] & (u64::MAX << bit));
        let later = (at + 1..self.0.len()).map(|at| (at, self.0[at]));
        let end = iter::once(from_here)
            .chain(later)
            .find(|(_, word)| *word != 0);
        end.map_or(doc + 1, |(at, word)| {
            (at * BITS) as DocId + word.trailing_zeros() + 1
        })
    }

    /// Where the group of `doc` begins, likewise, as far as is seen from so many words (of 64 documents) before it.
    pub(super) fn start_of_group(&self, doc: DocId, n_words: usize) -> Option<DocId> {
        let (at, bit) = (doc as usize / BITS, doc as usize % BITS);
        let first = at.saturating_sub(n_words);
        let before = (at, self.0[at] & ((1 << bit) - 1));
        let earlier = (first..at).rev().map(|at| (at, self.0[at]));
        let end_before = iter::once(before)
            .chain(earlier)
            .find(|(_, word)| *word != 0);
        match end_before {
            Some((at, word)) => Some(((at + 1) * BITS) as DocId - word.leading_zeros()),
            None => (first == 0).then_some(0),
        }
    }

    /// The last documents of groups that begin at `starts`, of `max_doc` documents.
    pub(super) fn ends(starts: impl IntoIterator<Item = DocId>, max_doc: DocId) -> Bits {
        let mut ends = Bits::none(max_doc);
        let before = starts.into_iter().filter_map(|start| start.checked_sub(1));
        before.for_each(|end| ends.insert(end));
        if let Some(last) = max_doc.checked_sub(1) {
            ends.insert(last);
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use tantivy::indexer::NoMergePolicy;
    use tantivy::schema::{INDEXED, Schema};
    use tantivy::{Index, IndexWriter, Term, doc};

    use super::*;

    proptest! {
        #[test]
        fn groups_are_counted_as_one_by_one(
            lengths in prop::collection::vec(1_u32..150, 1..12),
            docs in prop::collection::btree_set(0_u32..1_500, 0..40),
        ) {
            let mut starts = vec![0];
            for length in &lengths {
                starts.push(starts[starts.len() - 1] + length);
            }
            let max_doc = starts.pop().unwrap();
            let docs: BTreeSet<u32> = docs.into_iter().filter(|doc| *doc < max_doc).collect();
            let mut bits = Bits::none(max_doc);
            docs.iter().for_each(|doc| bits.insert(*doc));
            let groups: BTreeSet<usize> =
                docs.iter().map(|doc| starts.partition_point(|start| start <= doc)).collect();
            let ends = Bits::ends(starts.iter().copied(), max_doc);
            prop_assert_eq!(bits.n_groups(&ends), groups.len() as u64);
            for (at, &start) in starts.iter().enumerate() {
                let end = starts.get(at + 1).copied().unwrap_or(max_doc);
                for doc in start..end {
                    prop_assert_eq!(ends.group_of(doc), start..end);
                    let seen = ends.start_of_group(doc, 1);
                    let is_near = start.saturating_sub(1) / 64 + 1 >= doc / 64;
                    prop_assert!(seen == Some(start) || (seen.is_none() && !is_near), "{}", doc);
                }
            }
            prop_assert_eq!(bits.len(), docs.len() as u64);
            let mut listed = Vec::new();
            bits.retain(|doc| {
                listed.push(doc);
                true
            });
            prop_assert_eq!(listed, docs.into_iter().collect::<Vec<_>>());
        }
    }

    proptest! {
        #[test]
        fn documents_inserted_at_once_are_those_inserted_one_by_one(
            docs in prop::collection::btree_set(0_u32..1_500, 0..600),
        ) {
            let (mut at_once, mut one_by_one) = (Bits::none(1_500), Bits::none(1_500));
            at_once.insert_all(&docs.iter().copied().collect::<Vec<_>>());
            docs.into_iter().for_each(|doc| one_by_one.insert(doc));
            prop_assert_eq!(at_once, one_by_one);
        }
    }

    #[test]
    fn what_is_alive_is_what_is_not_deleted() {
        let mut schema = Schema::builder();
        let number = schema.add_u64_field("number", INDEXED);
        let index = Index::create_in_ram(schema.build());
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 15_000_000).unwrap();
        writer.set_merge_policy(Box::new(NoMergePolicy));
        for n in 0..150_u64 {
            writer.add_document(doc!(number => n % 10)).unwrap();
        }
        writer.commit().unwrap();
        let alive = || {
            let searcher = index.reader().unwrap().searcher();
            Bits::alive(searcher.segment_reader(0))
        };
        assert_eq!(alive(), None);
        writer.delete_term(Term::from_field_u64(number, 3));
        writer.commit().unwrap();
        let mut found = Bits::none(150);
        (0..150).for_each(|doc| found.insert(doc));
        found.intersect(&alive().unwrap());
        let mut left = Bits::none(150);
        let others = (0..150).filter(|doc| doc % 10 != 3);
        others.for_each(|doc| left.insert(doc));
        assert_eq!(found, left);
        assert_eq!(found.len(), 135);
    }

    #[test]
    fn a_full_set_has_every_group() {
        let mut bits = Bits::none(200);
        (0..200).for_each(|doc| bits.insert(doc));
        assert_eq!(bits.n_groups(&Bits::ends([0, 64, 128, 199], 200)), 4);
        bits.retain(|doc| doc % 2 == 0);
        assert_eq!(
            (
                bits.len(),
                bits.n_groups(&Bits::ends([0, 64, 128, 199], 200))
            ),
            (100, 3)
        );
    }
}
