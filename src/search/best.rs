//! Keeps the best of the passages that are found.

use std::collections::BinaryHeap;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId};

use super::bits::Bits;
use super::segments::Columns;
use crate::index::article_doc;

/// A passage that may be among the best.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'s> {
    /// By what it is sorted before its score, lowest first.
    pub(super) order: u32,
    pub(super) score: f32,
    /// What of the score is for words near each other.
    pub(super) of_pairs: f32,
    /// What of it is for words that the article begins with.
    pub(super) of_lead: f32,
    /// What of it is for the article as a whole.
    pub(super) of_article: f32,
    /// Its language, by its place among those searched.
    pub(super) language: usize,
    pub(super) address: DocAddress,
    /// Its article, in the same segment.
    pub(super) article: DocId,
    columns: &'s Columns,
}

impl Candidate<'_> {
    /// First: by what is sorted by, and by score.
    fn rank(&self) -> Rank {
        Rank::of(self.order, self.score)
    }

    /// Its place in the article, from 1.
    pub(super) fn ordinal(&self) -> u64 {
        u64::from(self.address.doc_id - self.article)
    }

    /// Where its article is: no other article's passages have the same.
    pub(super) fn article_address(&self) -> DocAddress {
        DocAddress::new(self.address.segment_ord, self.article)
    }

    /// The number of its article.
    #[cfg(test)]
    pub(super) fn article_key(&self) -> Option<u64> {
        self.place().0
    }

    /// Of passages that rank alike: by article and place in it, which no rebuilding changes.
    fn place(&self) -> Place {
        (self.columns.article_key(self.article), self.ordinal())
    }
}

/// The number of an article, and a place in it.
type Place = (Option<u64>, u64);

/// Puts candidates in order, the best first.
pub(super) fn sort(candidates: &mut [Candidate<'_>]) {
    candidates.sort_unstable_by_key(Candidate::rank);
    // Places are looked up for ties only.
    for ties in candidates.chunk_by_mut(|one, other| one.rank() == other.rank()) {
        if ties.len() > 1 {
            ties.sort_by_cached_key(Candidate::place);
        }
    }
}

/// What the passages of a segment are put in order by before their scores, lowest first.
pub(super) enum Order {
    None,
    Date(Column<u64>),
    /// The file of each passage, and the place of each file in the order of paths.
    Path(Column<u64>, Rc<FxHashMap<u64, u32>>),
}

impl Order {
    fn of(&self, doc: DocId) -> u32 {
        match self {
            Order::None => 0,
            // From a number of 32 bits (`Date::number`).
            Order::Date(dates) => u32::MAX - dates.first(doc).unwrap_or_default() as u32,
            Order::Path(origins, places) => {
                let place = origins.first(doc).and_then(|origin| places.get(&origin));
                place.copied().unwrap_or(u32::MAX)
            }
        }
    }
}

/// The passages of a language in a segment.
#[derive(Clone, Copy)]
pub(super) struct Passages<'s> {
    pub(super) language: usize,
    pub(super) segment_ord: u32,
    pub(super) columns: &'s Columns,
    /// The last passages of articles.
    pub(super) article_ends: &'s Bits,
}

impl Passages<'_> {
    /// The article of a passage.
    pub(super) fn article(self, doc: DocId) -> DocId {
        // Columns take longer, where articles do not have hundreds of passages.
        const NEAR: usize = 4;
        let ends = self.article_ends;
        ends.start_of_group(doc, NEAR)
            .or_else(|| article_doc(doc, self.columns.ordinal(doc)))
            .unwrap_or_else(|| ends.group_of(doc).start)
    }

    fn place(self, doc: DocId) -> Place {
        let article = self.article(doc);
        let key = self.columns.article_key(article);
        (key, u64::from(doc - article))
    }
}

/// A passage that was found.
struct Found<'s> {
    rank: Rank,
    passages: Passages<'s>,
    doc: DocId,
}

/// What comes first: by what it is sorted, then the score. One number, since thousands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(u64);

impl Rank {
    fn of(order: u32, score: f32) -> Rank {
        // The bits of positive floats are ordered as the floats are.
        Rank(u64::from(order) << u32::BITS | u64::from(!score.to_bits()))
    }

    fn order(self) -> u32 {
        (self.0 >> u32::BITS) as u32
    }

    fn score(self) -> f32 {
        f32::from_bits(!(self.0 as u32))
    }
}

impl<'s> Found<'s> {
    fn candidate(&self) -> Candidate<'s> {
        let Passages {
            language,
            segment_ord,
            columns,
            ..
        } = self.passages;
        Candidate {
            order: self.rank.order(),
            score: self.rank.score(),
            of_pairs: 0.0,
            of_lead: 0.0,
            of_article: 0.0,
            language,
            address: DocAddress::new(segment_ord, self.doc),
            article: self.passages.article(self.doc),
            columns,
        }
    }
}

/// The best passages so far.
///
/// Scores are equal more often than not: passages of about the same length have a word as often. So all that may be
/// among the best wait, and ties are not broken before there are many.
pub(super) struct Best<'s, 'o> {
    /// The ranks of the best so far, the worst of them on top.
    ranks: BinaryHeap<Rank>,
    /// Those with these ranks, and others that were among the best when they came.
    found: Vec<Found<'s>>,
    limit: usize,
    /// Of ties that were left out, their rank and a place: what ties with them and comes later is not among the best either.
    left_out: Option<(Rank, Place)>,
    /// What the passages of each segment are put in order by.
    orders: &'o [Order],
    except: Option<u64>,
}

impl<'s, 'o> Best<'s, 'o> {
    /// Times the limit that are waiting, at 48 bytes each, before those are left out that are not among the best.
    const CROWD: usize = 8;

    /// Most passages that are expected: there is room for them, and for as many ties as mostly come, from the beginning.
    const EXPECTED: usize = 64;

    /// The best `limit` passages of what is to come, but for those of the article with the key `except`.
    pub(super) fn new(limit: usize, orders: &'o [Order], except: Option<u64>) -> Best<'s, 'o> {
        Best {
            ranks: BinaryHeap::with_capacity(limit.min(Best::EXPECTED)),
            found: Vec::with_capacity(limit.min(Best::EXPECTED) * Best::CROWD / 2),
            limit,
            left_out: None,
            orders,
            except,
        }
    }

    /// The rank that a passage must have at least, once there are enough.
    fn worst_rank(&self) -> Option<Rank> {
        let worst = self.ranks.peek().copied();
        worst.filter(|_| self.ranks.len() == self.limit)
    }

    /// The score that a passage must have at least to be among the best, where nothing else counts.
    pub(super) fn worst(&self) -> f32 {
        let worst = self.worst_rank();
        worst.map_or(0.0, Rank::score)
    }

    /// Takes a passage that was found.
    pub(super) fn push(&mut self, passages: Passages<'s>, doc: DocId, score: f32) {
        let order = self.orders[passages.segment_ord as usize].of(doc);
        let rank = Rank::of(order, score);
        let worst = self.worst_rank();
        if self.limit == 0 || worst.is_some_and(|worst| rank > worst) {
            return;
        }
        if let Some((tie, last)) = self.left_out
            && rank == tie
            && passages.place(doc) > last
        {
            return;
        }
        if self.except.is_some() && passages.place(doc).0 == self.except {
            return;
        }
        if worst.is_none() {
            self.ranks.push(rank);
        } else if let Some(mut worst) = self.ranks.peek_mut()
            && rank < *worst
        {
            *worst = rank;
        }
        self.found.push(Found {
            rank,
            passages,
            doc,
        });
        if self.found.len() >= self.limit.saturating_mul(Best::CROWD) {
            self.leave_out(Best::CROWD / 2);
        }
    }

    /// Leaves out what is not among the best; ties with the worst of them stay as long as there are no more passages than so
    /// many times the limit.
    fn leave_out(&mut self, crowd: usize) {
        let Some(worst) = self.worst_rank() else {
            return;
        };
        self.found.retain(|found| found.rank <= worst);
        if self.found.len() <= self.limit.saturating_mul(crowd) {
            return;
        }
        let is_tie = |found: &mut Found<'_>| found.rank == worst;
        let mut ties: Vec<Found<'_>> = self.found.extract_if(.., is_tie).collect();
        ties.sort_by_cached_key(|found| found.passages.place(found.doc));
        ties.truncate(self.limit - self.found.len());
        let last = ties.last();
        self.left_out = last.map(|found| (worst, found.passages.place(found.doc)));
        self.found.append(&mut ties);
    }

    /// The best, in no order.
    pub(super) fn into_candidates(mut self) -> Vec<Candidate<'s>> {
        self.leave_out(1);
        self.found.iter().map(Found::candidate).collect()
    }
}
