//! The search pipeline: plan → weigh → retrieve → rescore → render.
//!
//! Everything that answers a query goes through [`Searcher::search`]: the command line, evaluation, benchmarks.
//!
//! # What a search costs
//!
//! 800 questions of ten words over 10,487 articles (218,866 passages, 125 MB, both languages), one thread, without
//! snippets, in ms; each line with what the lines above it changed:
//!
//! | | p50 | p90 | p99 |
//! |---|---|---|---|
//! | every match scored, counted in a hash set | 1.96 | 5.12 | 8.99 |
//! | only what may be among the best is scored, counts by sets of bits | 1.07 | 4.25 | 7.28 |
//! | slips and inflections by automata that look at fewer words | 0.83 | 1.75 | 3.41 |
//! | … once for all languages | 0.67 | 1.56 | 2.66 |
//! | one segment instead of four | 0.30 | 0.66 | 1.20 |
//! | what words stand for is remembered (0.68 of the time, rescoring included, when the questions come again) | | | |
//!
//! (These without rescoring, which added 0.1 to 0.2 ms.) With ten snippets: 3.2, 6.6, 11.3 at first; 2.4 by the second line;
//! 1.0, 1.6, 2.3 in the end, where columns are opened once for all searches, hits are read without them, stems are kept by
//! thread, and words that begin as no key does are not stemmed; 0.1 to 0.2 less since each text is read by itself
//! (`index::codec`) instead of in a block that zstd compressed.
//!
//! Then, with rescoring, ranking alone, in ms on another day (medians of rounds in turn; the same questions, and two words
//! of each); below, each line in parts of what the one above it took:
//!
//! | | questions: p50 | p90 | p99 | two words: p50 | p90 | p99 |
//! |---|---|---|---|---|---|---|
//! | as above | 0.43 | 0.73 | 1.14 | 0.19 | 0.32 | 0.47 |
//! | nothing counted where only the best are asked for; postings taken by the block (`blocks`); what article a passage is of looked at for the best only; what words stand for remembered | 0.29 | 0.53 | 0.87 | 0.12 | 0.19 | 0.32 |
//! | × one pass to rescore instead of two, for places and for articles; the languages of words remembered | 0.81 | 0.84 | 0.90 | 0.83 | 0.87 | 0.97 |
//! | × the language first where the words are worth most | 0.98 | | | 0.94 | | |
//! | × windows with few passages drained by what is filled of them | 0.95 | | | 0.89 | | |
//! | × words that no passage has not looked up | 0.97 | | | | | |
//! | × 30 passages rescored instead of 40 | 0.92 | 0.91 | 0.89 | 0.96 | | |
//! | × what a window needs allocated once, the words of a query read once for all languages | 0.94 | 0.95 | 0.96 | | | |
//!
//! Later, over the same articles with 1,500 questions of both languages, and two words of each (six rounds in turn): × memory
//! from an allocator by thread (see `main.rs`) 0.91, 0.94, 0.93 and 0.92, 0.93, 0.98; × what is known of a word found by one
//! look-up for all languages, and how many passages have it kept with it, 0.98 and 0.96 at p50. With ten snippets and counts
//! the whole of it made 0.89 of the questions, where snippets count characters once (0.95); of questions on a million
//! passages 0.90, where documents are counted in eight parts of a block by turns (0.87 of the time).
//!
//! Then, in parts of what it was (four rounds in turn; the million is generated), where words that are walked alone or two
//! by two need no sums (`windows`), where the postings of words are is remembered, what comes first is one number to compare,
//! and the passages of frequent words are sets (`frequent`):
//!
//! | | ranking alone: p50 | p90 | p99 | with ten snippets and counts: p50 | p90 | p99 |
//! |---|---|---|---|---|---|---|
//! | two words | 0.78 | 0.68 | 0.89 | 0.88 | 0.90 | 0.92 |
//! | questions | 0.84 | 0.83 | 0.84 | 0.87 | 0.88 | 0.86 |
//! | two words, a million passages | 0.68 | 0.64 | 0.73 | 0.77 | 0.67 | 0.67 |
//! | questions, a million passages | 0.89 | 0.84 | 0.82 | 0.77 | 0.77 | 0.72 |
//!
//! Told beforehand what the worst of the best will be, walking would take 0.6 of the time for two words, 0.75 for questions
//! and 0.7 for both on the million. So there is a first guess of it; ranking alone, each line in parts of the one above
//! (five rounds in turn or more):
//!
//! | | two words: p50 | p90 | p99 | questions: p50 | two words, a million: p50 | p90 | questions, a million: p50 |
//! |---|---|---|---|---|---|---|---|
//! | where a passage is in its article looked up for ties only (`best`), positions read only beside others (`rescore`) | 0.88 | 0.95 | 0.96 | 0.98 | 0.98 | 1.13 | 0.98 |
//! | a first guess from one block of postings (`disjunction`) | 0.98 | 0.98 | 0.76 | 0.99 | 0.82 | 1.00 | 0.92 |
//! | lengths as bytes, kept, and scorers that stay in registers (`bm25`, `windows`) | 0.94 | 0.93 | 0.97 | 0.99 | 0.95 | 0.82 | 1.02 |
//! | whether words are function words found out once, and first whether a query has small letters | 0.94 | 0.97 | 0.98 | 0.97 | 0.99 | 0.97 | 0.98 |
//!
//! (1.13: the compiler laid out a loop of `windows` otherwise; the third line mends it.) All of it made 0.78, 0.81, 0.85 of
//! two words by `fouine bench` (0.95, 0.94, 0.93 with ten snippets and counts), 0.90, 0.93, 0.99 of questions, and on the
//! million 0.68, 0.76, 0.95 of two words and 0.90, 0.99, 1.00 of questions.
//!
//! Then, likewise (seven rounds in turn; all but the state before without telling how the query was read, which takes 0.01 of
//! two words):
//!
//! | | two words: p50 | p90 | p99 | questions: p50 | two words, a million: p50 | p90 | p99 | questions, a million: p50 |
//! |---|---|---|---|---|---|---|---|---|
//! | memory asked for far less often (168 times in a search for two words before; most of it in `query`), terms remembered by field (`terms`) | 0.92 | 0.95 | 0.97 | 0.96 | 0.97 | 0.99 | 1.02 | 1.00 |
//! | 20 passages rescored instead of 30 (`rescore`), and as many retrieved | 0.85 | 0.90 | 0.85 | 0.94 | 1.07 | 1.02 | 0.94 | 0.91 |
//! | not pushed what lacks the common words that it hoped for; the first guess chosen among whole numbers (`disjunction`) | 0.98 | 0.96 | 1.00 | 0.95 | 0.98 | 0.95 | 0.92 | 1.00 |
//! | where the first passages are of few articles, four times as many retrieved, not sixteen | 1.03 | 1.02 | 0.98 | 0.99 | 0.94 | 0.93 | 0.99 | 0.99 |
//! | ties not kept that come after those that were left out (`best`): 0.8 where thousands tie | 0.98 | 0.99 | 0.99 | 1.01 | 0.97 | 0.97 | 1.00 | 1.00 |
//!
//! All of it made 0.85, 0.87, 0.87 of two words by `fouine bench` (1.00, 0.97, 0.94 with ten snippets and counts), 0.85, 0.88,
//! 0.93 of questions (0.95, 0.93, 0.94), and on the million 0.88, 0.88, 0.83 (0.97, 0.92, 0.88) and 0.86, 0.90, 0.94 (0.89,
//! 0.91, 0.90).
//!
//! Then, likewise (five rounds in turn):
//!
//! | | two words: p50 | p90 | p99 | questions: p50 | two words, a million: p50 | p90 | p99 | questions, a million: p50 |
//! |---|---|---|---|---|---|---|---|---|
//! | memory asked for 56 times instead of 86 in a search for two words: what there are few of kept in place, spans in one list (`rescore`), notices without hashing | 0.93 | 0.96 | 1.02 | 0.95 | 0.97 | 0.99 | 0.96 | 0.98 |
//! | windows of two words twice as large, with half the memory for each passage (`windows`) | 0.99 | 1.01 | 0.97 | 1.00 | 0.98 | 1.05 | 1.03 | 0.99 |
//! | places of ties told by where articles end, not by columns, unless that is far (`best`) | 0.97 | 0.98 | 1.02 | 1.01 | 0.95 | 0.97 | 0.99 | 1.00 |
//! | one multiplication less for each posting (`bm25`) | 0.98 | 0.99 | 0.97 | 0.99 | 0.98 | 0.97 | 0.96 | 0.99 |
//!
//! All of it made 0.88, 0.95, 0.98 of two words, 0.95, 0.96, 0.99 of questions, and on the million 0.89, 0.97, 0.94 and 0.97,
//! 0.99, 1.00; and half the time of words of an article of 75,000 passages, which are all looked at.
//!
//! No gain on real articles: bounds for each block of postings instead of one for each word (1.00 and more, though they were
//! exact and cost nothing to find; on the generated million 0.94 and 0.7 for two words at p90 and p99), frequent words with
//! a second set of the passages that have them more than once (0.95 to 0.98, but 1.01 for questions, for twice the memory), blocks
//! of the more frequent of two words as windows, the rarer looked for in them (1.00 where it is 16 times rarer, 1.03 for all).
//! Cursors apart from their blocks of postings, so that less is copied: 1.01. Files on huge pages would be worth 0.94.
//!
//! No gain either: the worst of the best chosen among half as many again instead of kept on a heap (questions 1.1); passages of
//! words with several keys given on in batches; frequent from one document in 256 on; the innermost loops as functions of
//! their own (1.01); postings scored in four parts of a block by turns, or all of a block at once so that the processor
//! divides several numbers by one instruction (1.00 both).
//!
//! # What it reaches
//!
//! nDCG@10 with default options and no language told, beside what was aimed at, on four judged collections: piaf-fr and
//! squad-en (questions on encyclopedia text), faq-fr (questions and answers of offices), news (in both languages, judged
//! in that of the query):
//!
//! | | clean | without accents | one typo |
//! |---|---|---|---|
//! | piaf-fr | 0.8125 (0.815) | 0.8137 (0.810) | 0.8080 (0.805) |
//! | faq-fr | 0.6234 (0.630) | 0.6242 (0.625) | 0.6217 (0.622) |
//! | squad-en | 0.9005 (0.890) | | 0.8970 (0.880) |
//! | news | 0.6912 (0.690) | 0.6911 (0.687) | 0.6866 (0.682) |
//!
//! Translated, French questions on English news 0.817 (0.78) and English ones on French 0.802 (0.77); with both languages
//! asked for at once 0.648 (0.75): of its 765 queries 91 have a judged passage in the other language, and with all of
//! these first it would be 0.705. What was tried is in the modules `rescore`, `bm25`
//! and `weights`, and in those of [`crate::query`].

mod best;
mod bits;
mod blocks;
mod bm25;
mod conditions;
mod disjunction;
mod frequent;
mod gathered;
mod highlight;
mod matcher;
mod occurrences;
mod rank;
mod reading;
mod render;
mod rescore;
mod retrieve;
mod sample;
mod segments;
mod similar;
mod snippet;
mod spans;
mod sums;
mod terms;
mod tree;
mod union;
mod walker;
mod weights;
mod windows;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::glossary::Glossary;
use crate::index::{
    ArticleRecord, Index, LookedUp, PassageRecord, Snapshot, Vocabulary,
    find_article_with_passages, guarded, parse_passage_id,
};
use crate::language::Language;
use crate::query::{KnownWords, Plan, PlanOptions, Query};

pub use reading::{Lookup, Reading};
pub use retrieve::Sort;
pub use snippet::{SNIPPET_CHARS, Snippet};

use rank::rank;
use render::Renderer;
use sample::sample;
use segments::Segments;
use similar::telling_words;
use weights::weigh;

/// Hits returned unless asked otherwise.
pub const DEFAULT_LIMIT: usize = 10;

/// Passages of one article returned unless asked otherwise.
pub const DEFAULT_PER_ARTICLE: usize = 3;

/// How a search is made.
#[derive(Clone, Debug)]
pub struct SearchOptions {
    /// Most hits.
    pub limit: usize,
    /// Most hits of one article.
    pub per_article: usize,
    /// Only passages in this language.
    pub language: Option<Language>,
    /// Only passages that have every word.
    pub all: bool,
    /// Words stand for themselves and their inflections only: no other spelling, no slip of the finger.
    pub exact: bool,
    /// What comes first.
    pub sort: Sort,
    /// By what words are looked for in the language that the query is not in, if they are.
    pub glossary: Option<Arc<Glossary>>,
    /// Whether hits say what their scores are made of.
    pub explain: bool,
    /// The id of an article whose passages are left out.
    pub except: Option<String>,
    /// The best passages are found and put in order, but nothing is read or counted: [`Answer::hits`] stays empty, the
    /// numbers of passages and articles are 0. What is left of the time is that of counts, texts and snippets.
    pub rank_only: bool,
}

impl Default for SearchOptions {
    fn default() -> SearchOptions {
        SearchOptions {
            limit: DEFAULT_LIMIT,
            per_article: DEFAULT_PER_ARTICLE,
            language: None,
            all: false,
            exact: false,
            sort: Sort::Score,
            glossary: None,
            explain: false,
            except: None,
            rank_only: false,
        }
    }
}

/// The answer to a query.
#[derive(Clone, Debug)]
pub struct Answer {
    /// How the query was read.
    pub reading: Reading,
    /// The best passages, best first; equal scores by article and place in it, the same in every rebuild.
    pub hits: Vec<Hit>,
    /// Passages that match, all of them; 0 with [`SearchOptions::rank_only`].
    pub n_passages: u64,
    /// Articles with a passage that matches, all of them, likewise.
    pub n_articles: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// A passage that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// From 1.
    pub rank: usize,
    /// Comparable within one answer only.
    pub score: f32,
    /// What the score is made of, where that was asked for; the sum is the score, but for rounding.
    pub explanation: Vec<ScorePart>,
    /// The words and phrases of the query that it was found through, in order.
    pub found: Vec<Found>,
    /// Whether it was found through translations of the query's words.
    pub is_translated: bool,
    /// Its article.
    pub article: ArticleRecord,
    /// Words of the article's title that match: bytes of it, ascending, disjoint.
    pub title_highlights: Vec<Range<usize>>,
    /// The passage.
    pub passage: PassageRecord,
    /// Words of the passage's heading that match, likewise.
    pub heading_highlights: Vec<Range<usize>>,
    /// What to show of it.
    pub snippet: Snippet,
}

/// A word or phrase of the query, and how a hit has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// As typed, normalized.
    pub typed: String,
    /// As written in title, heading or text, in lower case, each spelling once.
    pub written: Vec<String>,
}

/// A part of a score.
#[derive(Clone, Debug, PartialEq)]
pub struct ScorePart {
    /// What it is for.
    pub reason: Reason,
    /// How much it is.
    pub score: f32,
}

/// What a part of a score is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A word or phrase.
    Words {
        /// As typed, normalized.
        typed: String,
        /// What was looked up for it, as in [`Lookup::wanted`].
        looked_up: String,
        /// How often the passage has it.
        frequency: u32,
    },
    /// Words typed one after the other that stand near each other.
    Nearness,
    /// Words that the article begins with.
    Lead,
    /// The article as a whole.
    Article,
}

/// Searches one state of an index.
///
/// ```no_run
/// use std::path::Path;
/// use fouine::query::Query;
/// use fouine::search::{SearchOptions, Searcher};
///
/// let searcher = Searcher::open(Path::new("index"))?;
/// let answer = searcher.search(&Query::parse("l'élection du maire"), &SearchOptions::default())?;
/// for hit in &answer.hits {
///     println!("{} {}: {}", hit.rank, hit.article.metadata.title, hit.snippet.text);
/// }
/// # Ok::<(), fouine::error::Error>(())
/// ```
pub struct Searcher {
    path: PathBuf,
    snapshot: Snapshot,
    segments: Segments,
    looked_up: LookedUp,
    known_words: KnownWords,
}

impl Searcher {
    /// Opens the last commit of the index in the folder `path`.
    ///
    /// # Errors
    ///
    /// As [`Index::open`].
    pub fn open(path: &Path) -> Result<Searcher> {
        let index = Index::open(path)?;
        if index.manifest()?.is_none() {
            return Err(Error::IndexIncomplete { path: path.into() });
        }
        let snapshot = index.snapshot()?;
        Ok(Searcher {
            path: path.into(),
            segments: Segments::new(&snapshot.searcher),
            looked_up: LookedUp::new(),
            known_words: KnownWords::new(),
            snapshot,
        })
    }

    /// Finds the passages that answer `query` best.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`]; never because of the query.
    pub fn search(&self, query: &Query, options: &SearchOptions) -> Result<Answer> {
        let started = Instant::now();
        guarded(&self.path, || {
            let asked = |language: &Language| {
                options.language.is_none_or(|only| only == *language) && query.admits(*language)
            };
            let plan_options = PlanOptions {
                languages: Language::ALL.into_iter().filter(asked).collect(),
                all: options.all,
                exact: options.exact,
                glossary: options.glossary.clone(),
            };
            let vocabulary = self.vocabulary();
            let plan = Plan::new(query, &plan_options, &vocabulary, &self.known_words)?;
            let weighted = weigh(&plan, &vocabulary)?;
            let mut ranked = rank(&self.snapshot, &self.segments, &weighted, options)?;
            if options.rank_only {
                ranked.hits.clear();
            }
            let mut hits = Vec::with_capacity(ranked.hits.len());
            // What words are highlighted is found out for hits only.
            if !ranked.hits.is_empty() {
                let mut renderer = Renderer::new(self, &weighted, plan.reads_as, options.explain);
                for candidate in &ranked.hits {
                    hits.push(renderer.hit(hits.len() + 1, candidate)?);
                }
            }
            Ok(Answer {
                reading: Reading::new(query, plan),
                hits,
                n_passages: ranked.n_passages,
                n_articles: ranked.n_articles,
                elapsed: started.elapsed(),
            })
        })
    }

    /// A query for what is like a passage, or like an article as a whole: the words that tell it from others, by frequency
    /// and rarity, in the order of the text; with the article. `None` when there is no such passage or article.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`].
    pub fn similar(&self, id: &str) -> Result<Option<(Query, ArticleRecord)>> {
        let Some((article, mut passages)) = self.article(id)? else {
            return Ok(None);
        };
        if article.id != id {
            passages.retain(|passage| passage.id() == id);
        }
        if passages.is_empty() {
            return Ok(None);
        }
        guarded(&self.path, || {
            let vocabulary = self.vocabulary();
            let words = telling_words(&passages, &vocabulary)?;
            Ok(Some((Query::of_words(&words), article)))
        })
    }

    /// The article with this id, or that the passage with this id is of, with its passages in order.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`].
    pub fn article(&self, id: &str) -> Result<Option<(ArticleRecord, Vec<PassageRecord>)>> {
        let mut candidates = vec![id];
        candidates.extend(parse_passage_id(id).map(|(article, _)| article));
        for id in candidates {
            let found = guarded(&self.path, || {
                find_article_with_passages(&self.snapshot, id)
            })?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The folder of the index.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Draws `n` passages at random, or all where there are not as many; each is as likely as any other. The same articles
    /// and the same seed give the same passages in the same order, however the index was built.
    ///
    /// # Errors
    ///
    /// [`Error::IndexDamaged`].
    pub fn sample(&self, n: usize, seed: u64) -> Result<Vec<PassageRecord>> {
        guarded(&self.path, || sample(&self.snapshot, n, seed))
    }

    fn vocabulary(&self) -> Vocabulary<'_> {
        let Snapshot {
            searcher, fields, ..
        } = &self.snapshot;
        Vocabulary::new(searcher, fields, &self.looked_up)
    }
}
