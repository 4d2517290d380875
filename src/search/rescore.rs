//! Scores the best passages again, by what is too dear to look at for all: the article around them, whether words typed
//! one after the other stand near each other, and whether an article begins with them.
//!
//! To the BM25 score of the passage is added
//!
//! - for each two words typed one after the other, where they stand in this order at most [`MAX_GAP`] words apart, half
//!   the lesser of their idfs, once. Phrases mean more than their words; the bonus is bounded, so that no repetition wins;
//! - in the first passage of an article, for each word that is among its first [`LEAD_WORDS`], [`OF_LEAD`] × its idf, less
//!   the later it comes, down to nothing. What an article is about, it says early on;
//! - [`OF_ARTICLE`] × the BM25 score of the article as a whole, as far as it is in the language of the passage: frequencies
//!   and lengths summed over its passages, the idfs of passages. A passage of an article on the subject is worth more than
//!   one that mentions it.
//!
//! What was tried, nDCG@10 (piaf-fr: questions on encyclopedia text, French; squad-en: the same, English, every fourth
//! query of each; faq-fr: questions and answers of offices; same: news, judged in the language of the query):
//!
//! | | piaf-fr | squad-en | faq-fr | same |
//! |---|---|---|---|---|
//! | BM25 of the passage alone | 0.804 | 0.8885 | 0.603 | 0.678 |
//! | + 0.2 × the article | 0.804 | 0.888 | 0.615 | 0.679 |
//! | + pairs within 4 words, 0.3 × the lesser idf | 0.809 | 0.892 | 0.614 | 0.681 |
//! | + pairs within 6 words, 0.5 × the lesser idf | 0.811 | 0.8935 | 0.6155 | 0.683 |
//! | … (after other changes) | 0.8128 | 0.8957 | 0.6150 | 0.6861 |
//! | + words among the first 50, 0.2 × their idf, falling | 0.8122 | 0.8976 | 0.6242 | 0.6914 |
//! | … 0.3 ×, falling | 0.8108 | 0.8966 | 0.6252 | 0.6922 |
//! | … among the first 20, 30, 0.2 ×, falling | 0.8112, 0.8113 | 0.8949, 0.8959 | 0.6190, 0.6232 | 0.6891, 0.6914 |
//! | … among the first 12, 0.2 ×, not falling | 0.8132 | 0.8954 | 0.6195 | 0.6883 |
//! | … the same, in the beginning of any passage | 0.8132 | 0.8957 | 0.6144 | 0.6882 |
//!
//! No better: 0.8 × or gaps of 8 and more; pairs of any two words; the share of the words that a passage has; the best
//! passage's score as the article's (faq-fr 0.6075); less regard to the article's length (0.5 or 0.3 for 0.75: faq-fr
//! 0.611, 0.608); rescoring 200 passages instead of 30 (for fewer see [`N_RESCORED`]); idf to the power of 1.2 (news 0.685
//! → 0.686, faq-fr 0.615 → 0.607). Worse: fifteen words of the first five passages as a further query at 0.2 (piaf-fr 0.812
//! → 0.806, faq-fr 0.615 → 0.600, news 0.686 → 0.688).
//!
//! It costs a look at the postings of each word in the articles of 20 passages, and at their positions in those of these
//! passages that have words typed beside it too, or that an article begins with.

use std::ops::Range;

use smallvec::{SmallVec, smallvec};
use tantivy::DocId;
use tantivy::schema::IndexRecordOption;

use super::best::{Candidate, sort};
use super::bm25::{self, Lengths};
use super::matcher::{Matcher, cheap_word};
use super::occurrences::Occurrences;
use super::segments::{Columns, Segment, Segments};
use super::spans::{Span, singles, spans};
use super::terms::Terms;
use super::union::Union;
use super::weights::{ByLeaf, Weighted};
use crate::index::Snapshot;
use crate::query::{LanguagePlan, Leaf, Lookup};

/// Passages that are scored again: the same for every limit, so that the first hits do not depend on how many are shown.
///
/// nDCG@10, also for two words of each question (some that are next to each other, some that are not), and the time that
/// ranking takes for two words and for questions over 218,863 passages (p50, in parts of that with 30):
///
/// | | piaf-fr | squad-en | faq-fr | news | two of piaf-fr | two of squad-en | two words | questions |
/// |---|---|---|---|---|---|---|---|---|
/// | 40 | 0.8125 | 0.9006 | 0.6234 | 0.6914 | 0.3744 | 0.6047 | | |
/// | 30 | 0.8125 | 0.9006 | 0.6234 | 0.6914 | 0.3744 | 0.6047 | 1 | 1 |
/// | 25 | 0.8125 | 0.9006 | 0.6234 | 0.6914 | 0.3744 | 0.6047 | 0.94 | 0.96 |
/// | 20 | 0.8125 | 0.9005 | 0.6234 | 0.6912 | 0.3744 | 0.6047 | 0.85 | 0.95 |
/// | 15 | 0.8125 | 0.9005 | 0.6224 | 0.6903 | 0.3744 | 0.6057 | | |
///
/// Between 20 and 30 some 4 of 100 passages among the first ten are others, which are judged as good.
pub(super) const N_RESCORED: usize = 20;

/// Most words from the end of one to the beginning of the next.
const MAX_GAP: u32 = 6;

/// What a pair is worth, of the lesser idf.
const OF_PAIR: f32 = 0.5;

/// Words from the beginning of an article in which its subject is expected.
const LEAD_WORDS: u32 = 50;

/// What a word at the very beginning of an article is worth, of its idf.
const OF_LEAD: f32 = 0.2;

/// What the score of the article is worth.
const OF_ARTICLE: f32 = 0.2;

/// Scores candidates again, and puts them in order.
pub(super) fn rescore(
    snapshot: &Snapshot,
    segments: &Segments,
    languages: &[Weighted<'_>],
    candidates: &mut [Candidate<'_>],
) -> tantivy::Result<()> {
    // Cursors only go forward.
    candidates.sort_unstable_by_key(|candidate| (candidate.language, candidate.address));
    let place = |one: &Candidate| (one.language, one.address.segment_ord);
    for here in candidates.chunk_by_mut(|one, other| place(one) == place(other)) {
        let (language, segment_ord) = place(&here[0]);
        let segment = segments.open(snapshot, segment_ord)?;
        let article_ends = segments.article_ends(segment)?;
        let mut rescorer = Rescorer::new(segment, &languages[language])?;
        for of_article in here.chunk_by_mut(|one, other| one.article == other.article) {
            let first = of_article[0];
            let end = article_ends.end_of_group(first.address.doc_id);
            rescorer.score(first.article..end, of_article);
        }
    }
    for candidate in candidates.iter_mut() {
        candidate.score += candidate.of_pairs + candidate.of_lead + candidate.of_article;
    }
    sort(candidates);
    Ok(())
}

/// Scores candidates of one language in one segment, article by article, in ascending order.
struct Rescorer<'s> {
    segment: Segment<'s>,
    weighted: &'s Weighted<'s>,
    lengths: Lengths<'s>,
    /// The least rare first: where one is not, it does not matter where its neighbours are, and the best mostly have the
    /// rare ones.
    leaves: Vec<WantedLeaf<'s>>,
    /// How often the article that is looked at has each leaf of the plan.
    frequencies: ByLeaf<u32>,
    found: Found,
}

/// Where the candidates of an article have each leaf of a plan, as far as that matters.
struct Found {
    n_leaves: usize,
    /// All of them.
    spans: Vec<Span>,
    /// Which of them are of a leaf in a candidate: by candidate, and by leaf.
    places: Vec<Range<usize>>,
}

impl Found {
    /// Forgets what was found of the article before.
    fn clear(&mut self, n_candidates: usize) {
        self.spans.clear();
        self.places.clear();
        self.places.resize(n_candidates * self.n_leaves, 0..0);
    }

    fn of(&self, candidate: usize, leaf: usize) -> &[Span] {
        let place = &self.places[candidate * self.n_leaves + leaf];
        &self.spans[place.clone()]
    }

    fn put(&mut self, candidate: usize, leaf: usize, spans: impl IntoIterator<Item = Span>) {
        let start = self.spans.len();
        self.spans.extend(spans);
        self.places[candidate * self.n_leaves + leaf] = start..self.spans.len();
    }
}

/// A leaf that is wanted, and that some passage has.
struct WantedLeaf<'s> {
    /// Its place in the plan.
    place: usize,
    /// Those typed before or after it that are walked before it.
    walked_neighbours: SmallVec<[usize; 2]>,
    /// Whether it is walked before one of them, or typed beside itself.
    is_awaited: bool,
    cursor: LeafCursor<'s>,
}

/// What goes through the passages that have a leaf.
enum LeafCursor<'s> {
    /// A word that is looked up by its keys: how often it is there is how many places it has. With room for these.
    Word(Union, Vec<u32>),
    /// What is gone through once for how often it is there, if it is anywhere, and once for where its words are.
    Other(Option<Box<Matcher<'s>>>, Vec<Occurrences<'s>>),
}

impl<'s> LeafCursor<'s> {
    fn open(
        segment: Segment<'s>,
        weighted: &'s Weighted<'s>,
        place: usize,
    ) -> tantivy::Result<LeafCursor<'s>> {
        let LanguagePlan {
            language, leaves, ..
        } = weighted.plan;
        let leaf = &leaves[place];
        if let Some(word) = cheap_word(leaf)
            && matches!(word.lookup, Lookup::Keys { .. })
        {
            let terms = Terms::of(segment.fields, *language, word);
            let option = IndexRecordOption::WithFreqsAndPositions;
            let union = Union::of(segment, &terms, option)?;
            return Ok(LeafCursor::Word(union, Vec::new()));
        }
        let matcher = Matcher::open(segment, weighted, place)?;
        let words = leaf.shape.words().into_iter();
        let words = words.map(|word| Occurrences::open(segment, *language, word));
        Ok(LeafCursor::Other(
            matcher.map(Box::new),
            words.collect::<tantivy::Result<_>>()?,
        ))
    }
}

impl<'s> Rescorer<'s> {
    fn new(segment: Segment<'s>, weighted: &'s Weighted<'s>) -> tantivy::Result<Rescorer<'s>> {
        let plan = weighted.plan;
        let n_leaves = plan.leaves.len();
        let is_somewhere = |place: &usize| plan.leaves[*place].is_wanted && !weighted.lacks[*place];
        let mut places: ByLeaf<usize> = (0..n_leaves).filter(is_somewhere).collect();
        let idf = |place: usize| weighted.idfs[place];
        places.sort_by(|one, other| idf(*one).total_cmp(&idf(*other)));
        let mut leaves = Vec::with_capacity(places.len());
        for (at, &place) in places.iter().enumerate() {
            let neighbours = plan.neighbours.iter().filter_map(|pair| match *pair {
                [one, other] if one == place => Some(other),
                [one, other] if other == place => Some(one),
                _ => None,
            });
            let (walked, not_walked) = places.split_at(at);
            leaves.push(WantedLeaf {
                place,
                walked_neighbours: neighbours
                    .clone()
                    .filter(|one| walked.contains(one))
                    .collect(),
                is_awaited: neighbours.clone().any(|one| not_walked.contains(&one)),
                cursor: LeafCursor::open(segment, weighted, place)?,
            });
        }
        Ok(Rescorer {
            segment,
            weighted,
            lengths: segment.lengths(plan.language, &weighted.statistics)?,
            leaves,
            frequencies: smallvec![0; n_leaves],
            found: Found {
                n_leaves,
                spans: Vec::new(),
                places: Vec::new(),
            },
        })
    }

    /// Scores the candidates of the article that is at `docs`, in ascending order.
    fn score(&mut self, docs: Range<DocId>, candidates: &mut [Candidate<'_>]) {
        let plan = self.weighted.plan;
        let n_words = self.lengths.n_words_in(docs.clone());
        let norm = self.weighted.article_norm(n_words);
        let article = Article {
            docs,
            candidates,
            lengths: self.lengths,
            columns: self.segment.columns,
        };
        self.found.clear(article.candidates.len());
        for leaf in &mut self.leaves {
            let place = leaf.place;
            self.frequencies[place] = leaf.walk(&plan.leaves[place], &article, &mut self.found);
        }
        let mut of_article = 0.0;
        for (&frequency, &idf) in self.frequencies.iter().zip(&self.weighted.idfs) {
            if frequency > 0 {
                of_article += bm25::score(idf, frequency, norm);
            }
        }
        let first = article.first();
        for (at, candidate) in candidates.iter_mut().enumerate() {
            candidate.of_article = OF_ARTICLE * of_article;
            if candidate.address.doc_id == first {
                candidate.of_lead = self.of_lead(first, at);
            }
            candidate.of_pairs = self.of_pairs(at);
        }
    }

    /// What the leaves found in a candidate that is the first passage of an article, `doc`, are worth for being early in it.
    fn of_lead(&self, doc: DocId, candidate: usize) -> f32 {
        let [_, text_start] = self.segment.columns.zones(doc);
        let leaves = self.weighted.idfs.iter().enumerate();
        leaves.fold(0.0, |sum, (leaf, idf)| {
            let spans = self.found.of(candidate, leaf);
            sum + OF_LEAD * idf * earliness(spans, text_start)
        })
    }

    /// What the leaves found in a candidate are worth for being near each other.
    fn of_pairs(&self, candidate: usize) -> f32 {
        let idfs = &self.weighted.idfs;
        let neighbours = self.weighted.plan.neighbours.iter();
        let spans = |leaf: &usize| self.found.of(candidate, *leaf);
        let pairs = neighbours.filter(|[one, other]| follow(spans(one), spans(other)));
        pairs.fold(0.0, |sum, [one, other]| {
            sum + OF_PAIR * idfs[*one].min(idfs[*other])
        })
    }
}

/// An article, and the candidates among its passages, in ascending order.
struct Article<'a> {
    docs: Range<DocId>,
    candidates: &'a [Candidate<'a>],
    lengths: Lengths<'a>,
    columns: &'a Columns,
}

impl Article<'_> {
    /// Its first passage: the article itself comes before it.
    fn first(&self) -> DocId {
        self.docs.start + 1
    }

    /// Whether a passage is in the language that is searched: forms are looked up in passages of others too, whose lengths are
    /// not counted either.
    fn counts(&self, doc: DocId) -> bool {
        self.lengths.n_words(doc) > 0
    }
}

impl WantedLeaf<'_> {
    /// How often it is in the passages of `article` that count. Where it is in those of its candidates in which that matters
    /// is put to what was found.
    fn walk(&mut self, leaf: &Leaf, article: &Article<'_>, found: &mut Found) -> u32 {
        let WantedLeaf {
            place,
            walked_neighbours,
            is_awaited,
            cursor,
        } = self;
        // In pairs, and at the beginning of an article.
        let matters = |candidate: usize, doc: DocId, found: &Found| {
            let mut walked = walked_neighbours.iter();
            *is_awaited
                || doc == article.first()
                || walked.any(|one| !found.of(candidate, *one).is_empty())
        };
        let mut frequency = 0;
        match cursor {
            LeafCursor::Word(union, positions) => {
                let mut next = 0;
                if union.doc() < article.docs.start {
                    union.seek(article.docs.start);
                }
                while union.doc() < article.docs.end {
                    let doc = union.doc();
                    if article.counts(doc) {
                        frequency += union.frequency();
                    }
                    let candidates = &article.candidates[next..];
                    next += candidates.partition_point(|one| one.address.doc_id < doc);
                    let candidate = article.candidates.get(next);
                    if candidate.is_some_and(|one| one.address.doc_id == doc)
                        && matters(next, doc, found)
                    {
                        union.positions(doc, positions);
                        found.put(next, *place, singles(positions));
                    }
                    union.advance();
                }
            }
            LeafCursor::Other(matcher, words) => {
                if let Some(matcher) = matcher {
                    matcher.seek(article.docs.start);
                    while matcher.doc() < article.docs.end {
                        if article.counts(matcher.doc()) {
                            frequency += matcher.frequency();
                        }
                        matcher.advance();
                    }
                }
                let docs = article.candidates.iter().map(|one| one.address.doc_id);
                for (at, doc) in docs.enumerate() {
                    if !matters(at, doc, found) {
                        continue;
                    }
                    let [heading_start, _] = article.columns.zones(doc);
                    let positions = words.iter_mut().map(|word| {
                        word.seek(doc);
                        let mut positions = word.positions(doc);
                        if leaf.in_title {
                            positions.retain(|at| *at < heading_start);
                        }
                        positions
                    });
                    let positions: Vec<Vec<u32>> = positions.collect();
                    found.put(at, *place, spans(&leaf.shape, &positions));
                }
            }
        }
        frequency
    }
}

/// How early the first of `spans` in a text comes: 1 for its first word, 0 after [`LEAD_WORDS`].
fn earliness(spans: &[Span], text_start: u32) -> f32 {
    let in_text = spans.partition_point(|span| span.start < text_start);
    let n_before = spans.get(in_text).map(|span| span.start - text_start);
    let n_before = n_before.unwrap_or(LEAD_WORDS).min(LEAD_WORDS);
    1.0 - n_before as f32 / LEAD_WORDS as f32
}

/// Whether one of `others` begins at most [`MAX_GAP`] words after one of `ones` ends.
fn follow(ones: &[Span], others: &[Span]) -> bool {
    ones.iter().any(|one| {
        let next = others.partition_point(|other| other.start <= one.end);
        let next = others.get(next);
        next.is_some_and(|other| other.start - one.end <= MAX_GAP)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::spans::singles;

    #[test]
    fn pairs_stand_in_order_and_close() {
        let spans = |positions: &[u32]| singles(positions).collect::<Vec<Span>>();
        let follows = |ones: &[u32], others: &[u32]| follow(&spans(ones), &spans(others));
        assert!(follows(&[3], &[4]));
        assert!(follows(&[1, 20], &[9, 26]));
        assert!(!follows(&[3], &[10]));
        assert!(!follows(&[4], &[3]));
        assert!(!follows(&[4], &[4]));
        assert!(!follows(&[], &[4]));
    }
}
