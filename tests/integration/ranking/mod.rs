//! Every kind of query against a model that looks at every passage: what is found, in which order, with which scores and
//! highlights.
//!
//! | file | what it is |
//! |---|---|
//! | `random` | random articles |
//! | `query` | random queries, as trees and as typed |
//! | `corpus` | what is in an index, read back |
//! | `words` | what a word stands for |
//! | `plan` | how a query is read |
//! | `places` | where phrases stand |
//! | `model` | what is found, and what it scores |
//!
//! The model knows the library's analyzer, the passages that articles were split into, and the language that a query
//! was taken to be in; all else it works out from what is documented.

mod corpus;
mod model;
mod places;
mod plan;
mod query;
mod random;
mod words;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fs, slice};

use fouine::index::{BuildOptions, BuildReport, build};
use fouine::language::Language;
use fouine::query::Query;
use fouine::search::{Answer, Hit, SearchOptions, Searcher, Sort};

use corpus::Corpus;
use model::{Found, joined};
use query::List;
use random::Random;

use super::support::seeds;

/// Options by which everything that matches is returned.
fn everything() -> SearchOptions {
    SearchOptions {
        limit: 10_000,
        per_article: 10_000,
        ..SearchOptions::default()
    }
}

fn random_options(random: &mut Random) -> SearchOptions {
    SearchOptions {
        all: random.one_in(6),
        exact: random.one_in(6),
        language: random.one_in(6).then(|| random.pick(&Language::ALL)),
        sort: random.pick(&[
            Sort::Score,
            Sort::Score,
            Sort::Score,
            Sort::Date,
            Sort::Path,
        ]),
        ..everything()
    }
}

/// A query that is not all in capitals, which would be read otherwise.
fn random_query(random: &mut Random) -> List {
    loop {
        let list = random.list(2);
        if list.to_string().contains(char::is_lowercase) {
            return list;
        }
    }
}

/// An index of a random corpus.
struct Indexed {
    folder: tempfile::TempDir,
    paths: Vec<PathBuf>,
    report: BuildReport,
    searcher: Searcher,
}

impl Indexed {
    fn new(articles: &random::Corpus) -> Indexed {
        let folder = tempfile::tempdir().unwrap();
        let paths = articles.write(&folder.path().join("corpus"));
        let dir = folder.path().join("index");
        let report = build_index(&dir, &paths);
        let searcher = Searcher::open(&dir).unwrap();
        Indexed {
            folder,
            paths,
            report,
            searcher,
        }
    }
}

fn build_index(dir: &Path, paths: &[PathBuf]) -> BuildReport {
    build(dir, paths, &BuildOptions::default(), &mut |_| {}).unwrap()
}

#[test]
fn answers_are_those_of_a_model_that_looks_at_everything() {
    for seed in seeds(1..=5) {
        let mut random = Random(seed);
        // More passages than are scored again, and fewer.
        let n_articles = match seed % 3 {
            0 => 3 + random.below(12),
            _ => 30 + random.below(50),
        };
        let articles = random::Corpus::random(&mut random, n_articles);
        let indexed = Indexed::new(&articles);
        let corpus = Corpus::read(&indexed.searcher);
        assert_eq!(corpus.articles.len(), n_articles, "seed {seed}");
        let n_passages = corpus.passages.len() as u64;
        assert_eq!(n_passages, indexed.report.passages, "seed {seed}");
        for query in query::remembered() {
            let options = everything();
            compare(
                &indexed.searcher,
                &corpus,
                &query,
                &options,
                &mut random,
                seed,
            );
        }
        for _ in 0..40 {
            let query = random_query(&mut random);
            let options = random_options(&mut random);
            compare(
                &indexed.searcher,
                &corpus,
                &query,
                &options,
                &mut random,
                seed,
            );
        }
    }
}

/// Compares the answer to a query with the model's, and with what is answered when less is asked for.
fn compare(
    searcher: &Searcher,
    corpus: &Corpus,
    query: &List,
    options: &SearchOptions,
    random: &mut Random,
    seed: u64,
) {
    let parsed = Query::parse(&query.to_string());
    let context = format!("seed {seed}, query {}, {options:?}", parsed.text);
    for notice in &parsed.notices {
        assert!(
            notice.contains("only says what to leave out") || notice.contains("excluded beside OR"),
            "{context}: {notice}"
        );
    }
    let answer = searcher.search(&parsed, options).unwrap();
    let expected = corpus.answer(query, options, answer.reading.language);
    let case = Case {
        corpus,
        answer: &answer,
        expected: &expected,
        context: &context,
    };
    case.compare_sets();
    case.compare_scores();
    case.compare_order(options.sort);
    case.compare_highlights();
    let few = SearchOptions {
        limit: random.below(12),
        per_article: random.pick(&[1, 2, 10_000]),
        ..options.clone()
    };
    let first = searcher.search(&parsed, &few).unwrap();
    case.compare_first(&first, &few);
}

#[test]
fn the_first_of_many_as_good_are_the_same_however_many_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("articles.jsonl");
    for seed in seeds(1..=1) {
        let mut random = Random(seed);
        // Far more with each of few scores than wait to be told apart.
        let articles: Vec<String> = (0..1_500)
            .map(|id| {
                let text = random.pick(&["gare", "gare gare", "la gare du port", "le port"]);
                format!("{{\"id\": \"{id}\", \"text\": \"{text}\"}}\n")
            })
            .collect();
        fs::write(&path, articles.concat()).unwrap();
        let dir = folder.path().join(format!("index {seed}"));
        build_index(&dir, slice::from_ref(&path));
        let searcher = Searcher::open(&dir).unwrap();
        let ranked = |query: &str, sort: Sort, limit: usize| {
            let options = SearchOptions {
                limit,
                sort,
                ..everything()
            };
            let answer = searcher.search(&Query::parse(query), &options).unwrap();
            let hits = answer.hits.iter();
            hits.map(|hit| (hit.passage.id(), hit.score.to_bits()))
                .collect::<Vec<_>>()
        };
        for query in ["gare", "gare port", "+gare port"] {
            for sort in [Sort::Score, Sort::Date, Sort::Path] {
                let all = ranked(query, sort, 10_000);
                assert!(all.len() > 800, "seed {seed}, {query}");
                for limit in [0, 1, 10, 30, 100] {
                    let first = ranked(query, sort, limit);
                    assert_eq!(first, all[..limit], "seed {seed}, {query}, {sort:?}");
                }
            }
        }
    }
}

#[test]
fn scores_do_not_depend_on_how_the_index_came_to_be() {
    for seed in seeds(1001..=1002) {
        let mut random = Random(seed);
        let mut articles = random::Corpus::random(&mut random, 40);
        let indexed = Indexed::new(&articles);
        let of_name = |name: &str| indexed.folder.path().join(name);
        // File by file, in another order; the same again, which replaces all; articles in another order.
        let mut others = Vec::new();
        for path in indexed.paths.iter().rev() {
            build_index(&of_name("by file"), slice::from_ref(path));
        }
        others.push(Searcher::open(&of_name("by file")).unwrap());
        build_index(&of_name("by file"), &indexed.paths[..1]);
        build_index(&of_name("by file"), &indexed.paths);
        others.push(Searcher::open(&of_name("by file")).unwrap());
        for collection in &mut articles.collections {
            collection.articles.reverse();
        }
        articles.write(&of_name("corpus"));
        build_index(&of_name("reversed"), &indexed.paths);
        others.push(Searcher::open(&of_name("reversed")).unwrap());
        for _ in 0..25 {
            let query = Query::parse(&random_query(&mut random).to_string());
            let options = random_options(&mut random);
            let hits = |searcher: &Searcher| -> Vec<(String, u32)> {
                let answer = searcher.search(&query, &options).unwrap();
                let hits = answer.hits.iter();
                hits.map(|hit| (hit.passage.id(), hit.score.to_bits()))
                    .collect()
            };
            let expected = hits(&indexed.searcher);
            for (at, other) in others.iter().enumerate() {
                assert_eq!(
                    hits(other),
                    expected,
                    "seed {seed}, query {}, {options:?}, index {at}",
                    query.text
                );
            }
        }
    }
}

/// An answer, and what the model expects.
struct Case<'c> {
    corpus: &'c Corpus,
    answer: &'c Answer,
    expected: &'c [Found],
    context: &'c str,
}

impl Case<'_> {
    fn id(&self, found: &Found) -> String {
        self.corpus.passages[found.passage].record.id()
    }

    fn compare_sets(&self) {
        let context = self.context;
        let mut found: Vec<String> = self
            .answer
            .hits
            .iter()
            .map(|hit| hit.passage.id())
            .collect();
        let mut expected: Vec<String> = self.expected.iter().map(|found| self.id(found)).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "found, expected: {context}");
        assert_eq!(self.answer.n_passages, expected.len() as u64, "{context}");
        let articles = self
            .expected
            .iter()
            .map(|found| self.corpus.passages[found.passage].article);
        let articles: HashSet<usize> = articles.collect();
        assert_eq!(self.answer.n_articles, articles.len() as u64, "{context}");
    }

    fn compare_scores(&self) {
        let scores = self
            .expected
            .iter()
            .map(|found| (self.id(found), &found.scores));
        let scores: HashMap<String, &Vec<f64>> = scores.collect();
        for hit in &self.answer.hits {
            let (score, id) = (f64::from(hit.score), hit.passage.id());
            let is_close = |expected: &f64| (score - expected).abs() <= 1e-4 * expected.max(0.01);
            assert!(
                scores[&id].iter().any(is_close),
                "{}: {id} {score} {:?}",
                self.context,
                scores[&id]
            );
        }
    }

    fn compare_order(&self, sort: Sort) {
        let before = |one: &Hit, other: &Hit| {
            let date = |hit: &Hit| hit.article.metadata.date.map_or(0, |date| date.number());
            let order = match sort {
                Sort::Score => std::cmp::Ordering::Equal,
                Sort::Date => date(other).cmp(&date(one)),
                Sort::Path => one.article.path.cmp(&other.article.path),
            };
            order.is_lt() || (order.is_eq() && one.score >= other.score)
        };
        for pair in self.answer.hits.windows(2) {
            let ids = pair.iter().map(|hit| hit.passage.id());
            assert!(
                before(&pair[0], &pair[1]),
                "{}: {:?}",
                self.context,
                ids.collect::<Vec<_>>()
            );
        }
        let ranks = self.answer.hits.iter().map(|hit| hit.rank);
        assert!(ranks.eq(1..=self.answer.hits.len()), "{}", self.context);
    }

    /// The first hits are the same however many are asked for.
    fn compare_first(&self, first: &Answer, few: &SearchOptions) {
        let mut n_of_article: HashMap<&str, usize> = HashMap::new();
        let allowed = self.answer.hits.iter().filter(|hit| {
            let n_hits = n_of_article.entry(&hit.passage.article).or_default();
            *n_hits += 1;
            *n_hits <= few.per_article
        });
        let expected: Vec<(String, u32)> = allowed
            .take(few.limit)
            .map(|hit| (hit.passage.id(), hit.score.to_bits()))
            .collect();
        let found = first
            .hits
            .iter()
            .map(|hit| (hit.passage.id(), hit.score.to_bits()));
        assert_eq!(
            found.collect::<Vec<_>>(),
            expected,
            "{} {few:?}",
            self.context
        );
        assert_eq!(first.n_passages, self.answer.n_passages, "{}", self.context);
        assert_eq!(first.n_articles, self.answer.n_articles, "{}", self.context);
    }

    fn compare_highlights(&self) {
        let expected = self.expected.iter().map(|found| (self.id(found), found));
        let expected: HashMap<String, &Found> = expected.collect();
        for hit in &self.answer.hits {
            let id = hit.passage.id();
            let [title, heading, text] = &expected[&id].marks;
            let context = format!("{}: {id}", self.context);
            assert_eq!(
                hit.title_highlights,
                joined(title.clone()),
                "title, {context}"
            );
            assert_eq!(
                hit.heading_highlights,
                joined(heading.clone()),
                "heading, {context}"
            );
            compare_snippet(hit, text, &context);
            let has_highlight = !hit.snippet.highlights.is_empty();
            assert!(has_highlight || !expected[&id].has_word, "{context}");
        }
    }
}

/// Compares the highlights of a snippet with the matches of its passage that lie in it.
fn compare_snippet(hit: &Hit, matches: &[Range<usize>], context: &str) {
    let (passage, snippet) = (
        Squeezed::new(&hit.passage.text),
        Squeezed::new(&hit.snippet.text),
    );
    let mut places = passage.text.match_indices(&snippet.text);
    let (start, _) = places
        .next()
        .unwrap_or_else(|| panic!("{context}: {}", hit.snippet.text));
    assert!(
        places.next().is_none() || start == 0,
        "{context}: where is {}?",
        hit.snippet.text
    );
    let shown = start..start + snippet.text.len();
    let inside = matches.iter().map(|range| passage.range(range));
    let inside = inside.filter(|range| shown.start <= range.start && range.end <= shown.end);
    let expected: Vec<&str> =
        Vec::from_iter(joined(inside).into_iter().map(|range| &passage.text[range]));
    let highlights = hit
        .snippet
        .highlights
        .iter()
        .map(|range| snippet.range(range));
    let found: Vec<&str> = highlights.map(|range| &snippet.text[range]).collect();
    assert_eq!(found, expected, "{context}: {}", hit.snippet.text);
}

/// A text without its white space and what snippets put for it.
struct Squeezed {
    text: String,
    /// Of each byte of the text as it was, where it is now.
    places: Vec<usize>,
}

impl Squeezed {
    fn new(text: &str) -> Squeezed {
        let mut squeezed = Squeezed {
            text: String::new(),
            places: Vec::new(),
        };
        for c in text.chars() {
            squeezed
                .places
                .extend([squeezed.text.len()].repeat(c.len_utf8()));
            if !c.is_whitespace() && c != '·' && c != '…' {
                squeezed.text.push(c);
            }
        }
        squeezed.places.push(squeezed.text.len());
        squeezed
    }

    fn range(&self, range: &Range<usize>) -> Range<usize> {
        self.places[range.start]..self.places[range.end]
    }
}
