//! Finds the best passages, and counts all that match.
//!
//! Words side by side, of which any may be there, take the short way ([`Disjunction`]): only what may be among the best
//! is scored. Everything else goes through the passages of a segment window by window ([`Tree`]). Either way all that
//! matches is counted, in a set of bits.

use std::cmp::{Ordering, Reverse};
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
use crate::index::{Fields, files_in_order};

/// A passage that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// By what it is sorted before its score, lowest first.
    pub(super) order: u64,
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
    fn rank(&self) -> (u64, Reverse<u32>, u64, u64) {
        // The bits of positive floats are ordered as the floats are.
        (
            self.order,
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

/// Which passages are retrieved, and in what order.
pub(super) struct Scope {
    pub(super) sort: Sort,
    /// The key of an article whose passages are left out.
    pub(super) except: Option<u64>,
}

/// Retrieves the first `limit` passages.
pub(super) fn retrieve(
    searcher: &Searcher,
    fields: &Fields,
    segments: &Segments,
    languages: &[Weighted<'_>],
    scope: &Scope,
    limit: usize,
) -> tantivy::Result<Retrieved> {
    let mut found = Found {
        // The worst of the best is on top, to be replaced first.
        best: BinaryHeap::new(),
        limit,
        except: scope.except,
    };
    let orders = orders(searcher, scope.sort)?;
    let lists: Vec<Option<List<'_>>> = languages
        .iter()
        .map(|weighted| List::of(weighted.plan).filter(|_| scope.sort == Sort::Score))
        .collect();
    let (mut n_passages, mut n_articles) = (0, 0);
    for (segment_ord, order) in (0..).zip(&orders) {
        let segment = segments.open(searcher, fields, segment_ord)?;
        let Segment {
            reader, columns, ..
        } = segment;
        let mut matched = Bits::none(reader.max_doc());
        for (language, weighted) in languages.iter().enumerate() {
            let passages = Passages {
                language,
                segment_ord,
                columns,
                order,
            };
            if let Some(list) = &lists[language] {
                let disjunction = Disjunction::new(segment, weighted, list);
                disjunction.add_all(&mut matched)?;
                if limit > 0 {
                    disjunction.best(found.worst(), |doc, score| {
                        found.push(&passages, doc, score);
                        found.worst()
                    })?;
                }
            } else if let Some(mut tree) = Tree::open(segment, weighted)? {
                let mut from = 0;
                while let Some((window, filled)) = tree.fill(from, reader.max_doc()) {
                    for at in 0..WINDOW {
                        let doc = window + at as DocId;
                        if filled.matched[at] && !reader.is_deleted(doc) {
                            matched.insert(doc);
                            found.push(&passages, doc, filled.scores[at] as f32);
                        }
                    }
                    from = window + WINDOW as DocId;
                }
            }
        }
        matched.retain_alive(reader);
        if let Some(except) = scope.except {
            matched.retain(|doc| columns.article(doc) != Some(except));
        }
        n_passages += matched.len();
        n_articles += matched.n_groups(segments.article_ends(segment)?);
    }
    Ok(Retrieved {
        best: found.best.into_sorted_vec(),
        n_passages,
        n_articles,
    })
}

/// What the passages of a segment are put in order by before their scores, lowest first.
enum Order {
    None,
    Date(Column<u64>),
    /// The file of each passage, and the place of each file in the order of paths.
    Path(Column<u64>, Rc<FxHashMap<u64, u64>>),
}

impl Order {
    fn of(&self, doc: DocId) -> u64 {
        match self {
            Order::None => 0,
            Order::Date(dates) => u64::MAX - dates.first(doc).unwrap_or_default(),
            Order::Path(origins, places) => {
                let place = origins.first(doc).and_then(|origin| places.get(&origin));
                place.copied().unwrap_or(u64::MAX)
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
            let places: FxHashMap<u64, u64> =
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
struct Passages<'p> {
    language: usize,
    segment_ord: u32,
    columns: &'p Columns,
    order: &'p Order,
}

struct Found {
    best: BinaryHeap<Candidate>,
    limit: usize,
    except: Option<u64>,
}

impl Found {
    /// The score that a passage must have at least to be among the best.
    fn worst(&self) -> f32 {
        let worst = self.best.peek().filter(|_| self.best.len() == self.limit);
        worst.map_or(0.0, |worst| worst.score)
    }

    fn push(&mut self, passages: &Passages<'_>, doc: DocId, score: f32) {
        let order = passages.order.of(doc);
        if self.best.len() == self.limit {
            let is_worse = |worst: &Candidate| {
                (order, Reverse(score.to_bits())) > (worst.order, Reverse(worst.score.to_bits()))
            };
            if self.best.peek().is_none_or(is_worse) {
                return;
            }
        }
        let article_key = passages.columns.article(doc).unwrap_or_default();
        if self.except == Some(article_key) {
            return;
        }
        self.best.push(Candidate {
            order,
            score,
            of_pairs: 0.0,
            of_lead: 0.0,
            of_article: 0.0,
            language: passages.language,
            article_key,
            ordinal: passages.columns.ordinal(doc),
            address: DocAddress::new(passages.segment_ord, doc),
        });
        if self.best.len() > self.limit {
            self.best.pop();
        }
    }
}
