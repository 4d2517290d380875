//! Finds the best passages, and counts all that match.
//!
//! Words side by side, of which any may be there, take the short way ([`Disjunction`]): only what may be among the best
//! is scored. Everything else goes through the passages of a segment window by window ([`Tree`]). Either way all that
//! matches is counted, if wanted, in a set of bits.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tantivy::columnar::Column;
use tantivy::{DocAddress, DocId, Searcher};

use super::bits::Bits;
use super::disjunction::{Disjunction, List};
use super::segments::{Columns, Segment, Segments};
use super::tree::{Tree, WINDOW};
use super::weights::Weighted;
use super::windows::Room;
use crate::index::{Snapshot, files_in_order};

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

/// What was found.
#[derive(Debug)]
pub(super) struct Retrieved {
    /// The best, best first.
    pub(super) best: Vec<Candidate>,
    /// Passages that match, if they were counted; else 0.
    pub(super) n_passages: u64,
    /// Articles with a passage that matches, likewise.
    pub(super) n_articles: u64,
}

/// By what hits are put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The best first.
    #[default]
    Score,
    /// The latest first, those without a date last.
    Date,
    /// By the path of the file.
    Path,
}

/// Which passages are retrieved, in what order, and whether all that match are counted.
pub(super) struct Scope {
    pub(super) sort: Sort,
    pub(super) counts: bool,
    /// The key of an article whose passages are left out.
    pub(super) except: Option<u64>,
}

/// Retrieves the first `limit` passages.
pub(super) fn retrieve(
    snapshot: &Snapshot,
    segments: &Segments,
    languages: &[Weighted<'_>],
    scope: &Scope,
    limit: usize,
) -> tantivy::Result<Retrieved> {
    let mut found = Best::new(limit, scope.except);
    let orders = orders(&snapshot.searcher, scope.sort)?;
    let lists: Vec<Option<List<'_>>> = languages
        .iter()
        .map(|weighted| List::of(weighted.plan).filter(|_| scope.sort == Sort::Score))
        .collect();
    // The language that the query is in first, or where its words are worth most: what scores less in others is not
    // looked at then.
    let mut by_worth: Vec<(usize, &Weighted<'_>)> = languages.iter().enumerate().collect();
    let worth = |weighted: &Weighted<'_>| weighted.idfs.iter().sum::<f32>();
    by_worth.sort_by(|(_, one), (_, other)| worth(other).total_cmp(&worth(one)));
    let (mut n_passages, mut n_articles) = (0, 0);
    let mut room = Room::take();
    for (segment_ord, order) in (0..).zip(&orders) {
        let segment = segments.open(snapshot, segment_ord)?;
        let Segment {
            reader, columns, ..
        } = segment;
        let n_counted = if scope.counts { reader.max_doc() } else { 0 };
        let mut matched = Bits::none(n_counted);
        for &(language, weighted) in &by_worth {
            let passages = Passages {
                language,
                segment_ord,
                columns,
                order,
            };
            if let Some(list) = &lists[language] {
                let disjunction = Disjunction::new(segment, weighted, list);
                if scope.counts {
                    disjunction.add_all(&mut matched)?;
                }
                if limit > 0 {
                    disjunction.best(&mut room, found.worst(), |doc, score| {
                        found.push(passages, doc, score);
                        found.worst()
                    })?;
                }
            } else if let Some(mut tree) = Tree::open(segment, weighted)? {
                let mut from = 0;
                while let Some((window, filled)) = tree.fill(from, reader.max_doc()) {
                    for at in 0..WINDOW {
                        let doc = window + at as DocId;
                        if filled.matched[at] && !reader.is_deleted(doc) {
                            if scope.counts {
                                matched.insert(doc);
                            }
                            found.push(passages, doc, filled.scores[at] as f32);
                        }
                    }
                    from = window + WINDOW as DocId;
                }
            }
        }
        if !scope.counts {
            continue;
        }
        if let Some(alive) = segments.alive(segment) {
            matched.intersect(alive);
        }
        if let Some(except) = scope.except {
            matched.retain(|doc| columns.article(doc) != Some(except));
        }
        n_passages += matched.len();
        n_articles += matched.n_groups(segments.article_ends(segment)?);
    }
    room.give_back();
    Ok(Retrieved {
        best: found.into_candidates(),
        n_passages,
        n_articles,
    })
}

/// What the passages of a segment are put in order by before their scores, lowest first.
enum Order {
    None,
    Date(Column<u64>),
    /// The file of each passage, and the place of each file in the order of paths.
    Path(Column<u64>, Rc<FxHashMap<u64, u32>>),
}

impl Order {
    fn of(&self, doc: DocId) -> u32 {
        match self {
            Order::None => 0,
            // Eight digits.
            Order::Date(dates) => u32::MAX - dates.first(doc).unwrap_or_default() as u32,
            Order::Path(origins, places) => {
                let place = origins.first(doc).and_then(|origin| places.get(&origin));
                place.copied().unwrap_or(u32::MAX)
            }
        }
    }
}

/// The order of each segment.
fn orders(searcher: &Searcher, sort: Sort) -> tantivy::Result<Vec<Order>> {
    let segments = searcher.segment_readers().iter();
    match sort {
        Sort::Score => Ok(segments.map(|_| Order::None).collect()),
        Sort::Date => segments
            .map(|segment| Ok(Order::Date(segment.fast_fields().u64("date")?)))
            .collect(),
        Sort::Path => {
            let places: FxHashMap<u64, u32> =
                files_in_order(searcher)?.into_iter().zip(0..).collect();
            let places = Rc::new(places);
            segments
                .map(|segment| {
                    let origins = segment.fast_fields().u64("origin")?;
                    Ok(Order::Path(origins, Rc::clone(&places)))
                })
                .collect()
        }
    }
}

/// What is known of each passage of a segment without reading it.
#[derive(Clone, Copy)]
struct Passages<'p> {
    language: usize,
    segment_ord: u32,
    columns: &'p Columns,
    order: &'p Order,
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
struct Best<'p> {
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

    fn new(limit: usize, except: Option<u64>) -> Best<'p> {
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
    fn worst(&self) -> f32 {
        let worst = self.worst_rank();
        worst.map_or(0.0, Rank::score)
    }

    fn push(&mut self, passages: Passages<'p>, doc: DocId, score: f32) {
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
    fn into_candidates(mut self) -> Vec<Candidate> {
        self.leave_out();
        let mut best: Vec<Candidate> = self.found.iter().map(Found::candidate).collect();
        best.sort_unstable();
        best.truncate(self.limit);
        best
    }
}
