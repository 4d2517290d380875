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
            // As `YYYYMMDD`, with years of four digits (see `schema`).
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

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::fs;

    use super::*;
    use crate::index::{BuildOptions, build};
    use crate::language::Language;
    use crate::query::{Plan, PlanOptions, Query};
    use crate::search::weights::weigh;
    use crate::search::{N_RESCORED, Searcher};

    /// More documents than several windows have, where many score the same.
    const N_ARTICLES: usize = 12_000;
    const N_FILES: usize = 120;

    /// Numbers at random, the same everywhere (Knuth's constants).
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
            self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % bound
        }

        /// A word, the first of sixty more often than the last.
        fn word(&mut self) -> String {
            let highest = 1 + self.below(60);
            let place = self.below(highest);
            let syllables = ["ba", "ke", "lo", "mi", "nu", "ra", "so", "ti"];
            format!("{}{}vo", syllables[place % 8], syllables[place / 8])
        }

        fn query(&mut self) -> String {
            let mut query = String::new();
            for _ in 0..=self.below(5) {
                let _ = write!(query, "{} ", self.word());
            }
            match self.below(6) {
                0 => query += "lang:fr",
                1 => query += "date:2001",
                2 => query += &format!("-{}", self.word()),
                3 => query += &format!("\"{} {}\"", self.word(), self.word()),
                _ => {}
            }
            query
        }
    }

    fn searcher(folder: &tempfile::TempDir, random: &mut Random) -> Searcher {
        let corpus = folder.path().join("corpus");
        fs::create_dir(&corpus).unwrap();
        let file = |file: usize| corpus.join(format!("{file}.jsonl"));
        for at in 0..N_FILES {
            let mut lines = String::new();
            for _ in 0..N_ARTICLES / N_FILES {
                let words: Vec<String> = (0..4 + random.below(20)).map(|_| random.word()).collect();
                let (language, year) =
                    (["fr", "fr", "en"][random.below(3)], 2000 + random.below(3));
                let text = words.join(" ");
                let _ = writeln!(
                    lines,
                    "{{\"text\": \"{text}\", \"lang\": \"{language}\", \"date\": \"{year}\"}}"
                );
            }
            fs::write(file(at), lines).unwrap();
        }
        let index = folder.path().join("index");
        let roots = [corpus.clone()];
        build(&index, &roots, &BuildOptions::default(), &mut |_| {}).unwrap();
        // So that there are deletions.
        fs::remove_file(file(2)).unwrap();
        build(&index, &roots, &BuildOptions::default(), &mut |_| {}).unwrap();
        Searcher::open(&index).unwrap()
    }

    /// All passages that match, by the tree of each language, best first.
    fn by_trees(searcher: &Searcher, languages: &[Weighted<'_>]) -> Vec<Candidate> {
        let Searcher {
            snapshot, segments, ..
        } = searcher;
        let mut all = Vec::new();
        for ord in 0..snapshot.searcher.segment_readers().len() as u32 {
            let segment = segments.open(snapshot, ord).unwrap();
            for (language, weighted) in languages.iter().enumerate() {
                let Some(mut tree) = Tree::open(segment, weighted).unwrap() else {
                    continue;
                };
                let mut from = 0;
                while let Some((window, filled)) = tree.fill(from, segment.reader.max_doc()) {
                    let here = (window..).zip(filled.matched.iter().zip(&filled.scores));
                    for (doc, (_, score)) in here
                        .filter(|(doc, (matched, _))| **matched && !segment.reader.is_deleted(*doc))
                    {
                        let found = Found {
                            order: 0,
                            score: *score as f32,
                            passages: Passages {
                                language,
                                segment_ord: ord,
                                columns: segment.columns,
                                order: &Order::None,
                            },
                            doc,
                        };
                        all.push(found.candidate());
                    }
                    from = window + WINDOW as DocId;
                }
            }
        }
        all.sort();
        all
    }

    #[test]
    fn the_best_are_those_of_the_trees_of_all_windows() {
        let mut random = Random(7);
        let folder = tempfile::tempdir().unwrap();
        let searcher = searcher(&folder, &mut random);
        let Searcher {
            snapshot,
            segments,
            known_words,
            ..
        } = &searcher;
        let readers = snapshot.searcher.segment_readers();
        assert!(readers.iter().any(|reader| reader.max_doc() > 16_384));
        assert!(readers.iter().any(tantivy::SegmentReader::has_deletes));
        let mut n_found = 0;
        for _ in 0..60 {
            let query = random.query();
            let options = PlanOptions {
                languages: Language::ALL.to_vec(),
                all: false,
                exact: random.below(4) == 0,
                glossary: None,
            };
            let vocabulary = searcher.vocabulary();
            let plan =
                Plan::new(&Query::parse(&query), &options, &vocabulary, known_words).unwrap();
            let weighted = weigh(&plan, &vocabulary).unwrap();
            let expected = by_trees(&searcher, &weighted);
            n_found += expected.len();
            let limit = [1, 3, N_RESCORED, 2_000][random.below(4)];
            // With counts second, so that what is frequent is known for some.
            for counts in [false, true, false] {
                let scope = Scope {
                    sort: Sort::Score,
                    counts,
                    except: None,
                };
                let found = retrieve(snapshot, segments, &weighted, &scope, limit).unwrap();
                let of = |one: &Candidate| (one.score.to_bits(), one.language, one.address);
                let found_best: Vec<_> = found.best.iter().map(of).collect();
                let best: Vec<_> = expected.iter().take(limit).map(of).collect();
                assert_eq!(found_best, best, "{query}, limit {limit}, counts {counts}");
                if counts {
                    assert_eq!(found.n_passages, expected.len() as u64, "{query}");
                }
            }
        }
        assert!(n_found > 100_000, "{n_found}");
    }
}
