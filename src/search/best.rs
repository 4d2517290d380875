//! Keeps the best of the passages that are found.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId};

use super::segments::Columns;

/// A passage that may be among the best.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
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
    pub(super) article_key: u64,
    pub(super) ordinal: u64,
    pub(super) address: DocAddress,
}

impl Candidate {
    /// First: by what is sorted by, by score, then by article and place in it, which no rebuilding changes.
    fn rank(&self) -> (Rank, u64, u64) {
        let rank = Rank::of(self.order, self.score);
        (rank, self.article_key, self.ordinal)
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

/// What is known of each passage of a segment without reading it.
#[derive(Clone, Copy)]
pub(super) struct Passages<'p> {
    pub(super) language: usize,
    pub(super) segment_ord: u32,
    pub(super) columns: &'p Columns,
    pub(super) order: &'p Order,
}

/// A passage that was found. Which article it is of, is a look at a column, that only ties ask for, and the best.
struct Found<'p> {
    /// By what it is sorted before its score, lowest first.
    order: u32,
    score: f32,
    passages: Passages<'p>,
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

    fn score(self) -> f32 {
        f32::from_bits(!(self.0 as u32))
    }
}

impl Found<'_> {
    fn rank(&self) -> Rank {
        Rank::of(self.order, self.score)
    }

    fn candidate(&self) -> Candidate {
        let Passages {
            language,
            segment_ord,
            columns,
            ..
        } = self.passages;
        Candidate {
            order: self.order,
            score: self.score,
            of_pairs: 0.0,
            of_lead: 0.0,
            of_article: 0.0,
            language,
            article_key: columns.article(self.doc).unwrap_or_default(),
            ordinal: columns.ordinal(self.doc),
            address: DocAddress::new(segment_ord, self.doc),
        }
    }
}

/// The best passages so far.
///
/// Scores are equal more often than not: passages of about the same length have a word as often. So all that may be
/// among the best wait, and ties are not broken before there are many.
pub(super) struct Best<'p> {
    /// The ranks of the best so far, the worst of them on top.
    ranks: BinaryHeap<Rank>,
    /// Those with these ranks, and others that were among the best when they came.
    found: Vec<Found<'p>>,
    limit: usize,
    except: Option<u64>,
}

impl<'p> Best<'p> {
    /// Times the limit that are waiting, at 48 bytes each, before those are left out that are not among the best.
    const CROWD: usize = 8;

    /// The best `limit` passages of what is to come, but for those of the article with the key `except`.
    pub(super) fn new(limit: usize, except: Option<u64>) -> Best<'p> {
        Best {
            ranks: BinaryHeap::new(),
            found: Vec::new(),
            limit,
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
    pub(super) fn push(&mut self, passages: Passages<'p>, doc: DocId, score: f32) {
        let order = passages.order.of(doc);
        let rank = Rank::of(order, score);
        let worst = self.worst_rank();
        if self.limit == 0 || worst.is_some_and(|worst| rank > worst) {
            return;
        }
        if self.except.is_some() && passages.columns.article(doc) == self.except {
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
            order,
            score,
            passages,
            doc,
        });
        if self.found.len() >= self.limit.saturating_mul(Best::CROWD) {
            self.leave_out();
        }
    }

    /// Leaves out what is not among the best, but ties as long as they are few.
    fn leave_out(&mut self) {
        if let Some(worst) = self.worst_rank() {
            self.found.retain(|found| found.rank() <= worst);
        }
        if self.found.len() >= self.limit.saturating_mul(Best::CROWD / 2) {
            self.found.sort_by_cached_key(Found::candidate);
            self.found.truncate(self.limit);
        }
    }

    /// The best, best first.
    pub(super) fn into_candidates(mut self) -> Vec<Candidate> {
        self.leave_out();
        let mut best: Vec<Candidate> = self.found.iter().map(Found::candidate).collect();
        best.sort_unstable();
        best.truncate(self.limit);
        best
    }
}
