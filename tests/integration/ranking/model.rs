//! What a query finds: every passage looked at, scored and marked, one after the other.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use fouine::language::{Language, fold, normalized};
use fouine::search::{SearchOptions, Sort};

use super::corpus::{Corpus, Passage, bytes};
use super::plan::{Leaf, Logic, Plan, Settings, admits, plan};
use super::query::{Field, Filter, List, Occur};

/// Passages that are scored again.
const N_RESCORED: usize = 20;

/// A passage that matches.
pub(super) struct Found {
    /// Its place among all.
    pub(super) passage: usize,
    /// The scores that it may have: two where it cannot be told whether it is among the best that are scored again.
    pub(super) scores: Vec<f64>,
    /// What is highlighted in title, heading and text: bytes, in order.
    pub(super) marks: [Vec<Range<usize>>; 3],
    /// Whether some of the marks in the text are words, which any extract has room for.
    pub(super) has_word: bool,
}

impl Corpus {
    /// What `query`, which is in the language `home`, finds.
    pub(super) fn answer(
        &self,
        query: &List,
        options: &SearchOptions,
        home: Option<Language>,
    ) -> Vec<Found> {
        let is_searched = |language: &Language| {
            options.language.is_none_or(|only| only == *language) && admits(query, *language)
        };
        let languages: Vec<Language> = Language::ALL.into_iter().filter(is_searched).collect();
        let settings = Settings {
            all: options.all,
            exact: options.exact,
            languages: &languages,
            home,
        };
        let mut scored: Vec<(Found, f64, f64)> = Vec::new();
        for &language in &languages {
            let plan = plan(self, query, settings, language);
            if let Some(root) = &plan.root {
                self.search(&plan, root, &mut scored);
            }
        }
        scored.sort_by(|(_, one, _), (_, other, _)| other.total_cmp(one));
        let worst_rescored = scored
            .get(N_RESCORED - 1)
            .map_or(0.0, |(_, score, _)| *score);
        let best_left = scored.get(N_RESCORED).map_or(-1.0, |(_, score, _)| *score);
        let found = scored.into_iter().map(|(mut found, score, bonus)| {
            let may_be_rescored =
                options.sort == Sort::Score && score >= worst_rescored * (1.0 - 1e-5);
            let may_be_left = options.sort != Sort::Score || score <= best_left * (1.0 + 1e-5);
            found
                .scores
                .extend(may_be_rescored.then_some(score + bonus));
            found.scores.extend(may_be_left.then_some(score));
            found
        });
        found.collect()
    }

    /// Adds the passages that match, with their scores and what they gain by being scored again.
    fn search(&self, plan: &Plan, root: &Logic, scored: &mut Vec<(Found, f64, f64)>) {
        let (_, average) = self.statistics(plan.language);
        let mut frequencies: Vec<Vec<usize>> = Vec::new();
        for passage in &self.passages {
            let leaves = plan.leaves.iter();
            frequencies.push(match passage.record.language == plan.language {
                true => leaves.map(|leaf| frequency(leaf, passage)).collect(),
                false => vec![0; plan.leaves.len()],
            });
        }
        for (at, passage) in self.passages.iter().enumerate() {
            if passage.record.language != plan.language {
                continue;
            }
            let mut matched = HashSet::new();
            if !self.matches(root, passage, &frequencies[at], &mut matched) {
                continue;
            }
            let mut each: Vec<(usize, f64)> = Vec::new();
            for leaf in matched.iter().filter(|leaf| plan.leaves[**leaf].is_wanted) {
                each.push((
                    *leaf,
                    bm25(
                        &plan.leaves[*leaf],
                        frequencies[at][*leaf],
                        passage.length(),
                        average,
                    ),
                ));
            }
            let score = each.iter().map(|(_, score)| score).sum();
            let bonus = 0.2 * self.article_score(plan, passage, &frequencies)
                + pairs_score(plan, passage)
                + lead_score(plan, passage);
            let wanted: Vec<&Leaf> = each.iter().map(|(leaf, _)| &plan.leaves[*leaf]).collect();
            let (marks, has_word) = marks(&wanted, passage);
            let found = Found {
                passage: at,
                scores: Vec::new(),
                marks,
                has_word,
            };
            scored.push((found, score, bonus));
        }
    }

    /// Whether a passage matches; adds the leaves by which it does.
    fn matches(
        &self,
        logic: &Logic,
        passage: &Passage,
        frequencies: &[usize],
        by: &mut HashSet<usize>,
    ) -> bool {
        match logic {
            Logic::Leaf(leaf) => {
                let is_there = frequencies[*leaf] > 0;
                if is_there {
                    by.insert(*leaf);
                }
                is_there
            }
            Logic::Filter(filter) => self.meets(filter, passage),
            Logic::List(clauses) => {
                let mut by_clauses = HashSet::new();
                let (mut n_may, mut n_may_match, mut n_must) = (0, 0, 0);
                for clause in clauses {
                    let mut by_clause = HashSet::new();
                    let matches = self.matches(&clause.logic, passage, frequencies, &mut by_clause);
                    match clause.occur {
                        Occur::Not if matches => return false,
                        Occur::Must if !matches => return false,
                        Occur::Not => continue,
                        Occur::Must => n_must += usize::from(!clause.is_condition),
                        Occur::May => {
                            n_may += 1;
                            n_may_match += usize::from(matches);
                        }
                    }
                    if matches {
                        by_clauses.extend(by_clause);
                    }
                }
                let matches = n_must > 0 || n_may == 0 || n_may_match > 0;
                if matches {
                    by.extend(by_clauses);
                }
                matches
            }
        }
    }

    fn meets(&self, filter: &Filter, passage: &Passage) -> bool {
        let article = &self.articles[passage.article].record;
        match filter {
            Filter::Language(language) => passage.record.language == *language,
            Filter::Date(_, first, last) => article.metadata.date.is_some_and(|date| {
                let number = date.number();
                let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
                let number = |month, day| year * 10_000 + month * 100 + day;
                let (earliest, latest) = match (month, day) {
                    (0, _) => (number(1, 1), number(12, 31)),
                    (month, 0) => (number(month, 1), number(month, 31)),
                    (month, day) => (number(month, day), number(month, day)),
                };
                first.is_none_or(|first| latest >= first)
                    && last.is_none_or(|last| earliest <= last)
            }),
            Filter::Text(field, values) => {
                let text = match field {
                    Field::Author => article.metadata.author.as_deref(),
                    Field::Source => article.metadata.source.as_deref(),
                    Field::Path => Some(article.path.as_str()),
                };
                let text = names(text.unwrap_or_default());
                values.iter().any(|value| {
                    let wanted = names(value);
                    text.windows(wanted.len()).any(|words| {
                        let last = wanted.len() - 1;
                        let is_last = match value.ends_with('*') {
                            true => words[last].starts_with(&wanted[last]),
                            false => words[last] == wanted[last],
                        };
                        is_last && words[..last] == wanted[..last]
                    })
                })
            }
        }
    }

    /// The score of the article around a passage: frequencies and lengths of its passages in the language together.
    fn article_score(&self, plan: &Plan, passage: &Passage, frequencies: &[Vec<usize>]) -> f64 {
        let of_article = self.articles[passage.article].passages.iter();
        let is_same = |at: &&usize| self.passages[**at].record.language == plan.language;
        let passages: Vec<usize> = of_article.filter(is_same).copied().collect();
        let length = passages.iter().map(|at| self.passages[*at].length()).sum();
        let mut score = 0.0;
        for (at, leaf) in plan
            .leaves
            .iter()
            .enumerate()
            .filter(|(_, leaf)| leaf.is_wanted)
        {
            let frequency = passages
                .iter()
                .map(|passage| frequencies[*passage][at])
                .sum();
            score += bm25(leaf, frequency, length, self.average_article(plan.language));
        }
        score
    }
}

/// The words of a name: letters and digits, without accents.
fn names(text: &str) -> Vec<String> {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(|word| fold(&normalized(word))).collect()
}

fn bm25(leaf: &Leaf, frequency: usize, length: f64, average: f64) -> f64 {
    let frequency = frequency as f64;
    let norm = 0.9 * (1.0 - 0.75 + 0.75 * length / average.max(1.0));
    leaf.idf * frequency * 1.9 / (frequency + norm)
}

/// How often a leaf is in a passage; nothing runs from the title into the text.
fn frequency(leaf: &Leaf, passage: &Passage) -> usize {
    let n_parts = if leaf.in_title { 1 } else { 3 };
    let parts = passage.parts[..n_parts].iter();
    parts.map(|part| leaf.shape.spans(part).len()).sum()
}

/// Half of the lesser idf for each two words typed one after the other that stand so, at most six words apart.
fn pairs_score(plan: &Plan, passage: &Passage) -> f64 {
    let places = |leaf: &Leaf| -> Vec<usize> {
        let here = passage
            .placed()
            .filter(|(part, _, _)| !leaf.in_title || *part == 0);
        let here = here.filter(|(_, _, token)| leaf.shape.has(token));
        here.map(|(_, place, _)| place).collect()
    };
    let mut score = 0.0;
    for (one, other) in &plan.pairs {
        let (one, other) = (&plan.leaves[*one], &plan.leaves[*other]);
        let others = places(other);
        let follows = |place: usize| {
            others
                .iter()
                .any(|other| (place + 1..=place + 6).contains(other))
        };
        if places(one).into_iter().any(follows) {
            score += 0.5 * one.idf.min(other.idf);
        }
    }
    score
}

/// For each leaf in the first fifty words of an article, a fifth of its idf at most, falling to nothing.
fn lead_score(plan: &Plan, passage: &Passage) -> f64 {
    if passage.record.ordinal > 1 {
        return 0.0;
    }
    let mut score = 0.0;
    for leaf in plan
        .leaves
        .iter()
        .filter(|leaf| leaf.is_wanted && !leaf.in_title)
    {
        let first = leaf.shape.spans(&passage.parts[2]).into_iter().next();
        let n_before = first.map_or(50, |span| span.0.min(50));
        score += 0.2 * leaf.idf * (1.0 - n_before as f64 / 50.0);
    }
    score
}

/// What leaves by which a passage matches mark in it, and whether some of the marks in the text are single words.
fn marks(leaves: &[&Leaf], passage: &Passage) -> ([Vec<Range<usize>>; 3], bool) {
    let mut has_word = false;
    let marks = [0, 1, 2].map(|part| {
        let tokens = &passage.parts[part];
        let mut found = BTreeSet::new();
        for leaf in leaves.iter().filter(|leaf| part == 0 || !leaf.in_title) {
            for span in leaf.shape.marks(tokens) {
                has_word |= part == 2 && span.0 == span.1;
                let range = bytes(tokens, span);
                found.insert((range.start, range.end));
            }
        }
        found.into_iter().map(|(start, end)| start..end).collect()
    });
    (marks, has_word)
}

/// Ranges that overlap as one.
pub(super) fn joined(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}
