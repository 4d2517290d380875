//! What each word and phrase of a query is worth in the passages of each language.
//!
//! By the statistics of that language, with one exception: where several languages are searched, a word is worth less in
//! another language than in the one the query is in. *Pont* is rare in English passages because it is not English, not
//! because it tells much; without this, English articles that quote French come before French ones on the subject.

use std::rc::Rc;

use smallvec::SmallVec;

use super::bm25::{self, Statistics};
use super::gathered::{Gathered, Numbers};
use crate::index::Vocabulary;
use crate::language::Language;
use crate::query::{LanguagePlan, Lookup, Plan, PlannedWord, Sense, Shape};

/// What a word is worth in other languages than the query's, beside what it is worth there: of two passages that match
/// as well, the one that the searcher reads as easily as they wrote comes first. On news in both languages, nDCG@10 by
/// judgments of passages in the query's language, and of both:
///
/// | | 1 | 0.8 | 0.6 | 0.5 |
/// |---|---|---|---|---|
/// | same | 0.669 | 0.681 | 0.684 | 0.684 |
/// | both | 0.631 | 0.643 | 0.646 | 0.646 |
const ABROAD: f32 = 0.6;

/// What is known of each leaf of a plan, or of some: mostly they are few.
pub(super) type ByLeaf<T> = SmallVec<[T; 4]>;

/// What is known of each language that is searched.
pub(super) type BySearched<T> = SmallVec<[T; Language::ALL.len()]>;

/// A language to search, with the weights of its leaves.
pub(super) struct Weighted<'p> {
    pub(super) plan: &'p LanguagePlan,
    pub(super) statistics: Statistics,
    /// Of each leaf its idf; of a phrase, the sum of its words'; 0 for what is not wanted.
    pub(super) idfs: ByLeaf<f32>,
    /// Of each leaf whether it is a word that no passage has: it need not be looked up. There are many, since words are looked
    /// for in all languages.
    pub(super) lacks: ByLeaf<bool>,
    /// Of each leaf the number by which it is gathered.
    pub(super) numbers: ByLeaf<usize>,
    /// What this search has found so far, in whatever language.
    pub(super) gathered: Rc<Gathered>,
}

impl Weighted<'_> {
    /// What [`bm25::score`] needs of an article of `n_words`.
    pub(super) fn article_norm(&self, n_words: u32) -> f32 {
        bm25::norm(n_words as f32, self.statistics.average_article_words)
    }
}

/// Weighs the leaves of `plan`, for each language.
pub(super) fn weigh<'p>(
    plan: &'p Plan,
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Vec<Weighted<'p>>> {
    let mut all = Statistics {
        n_passages: 0,
        average_words: 1.0,
        average_article_words: 1.0,
    };
    for language in Language::ALL {
        all.n_passages += vocabulary.size(language)?.n_passages;
    }
    let mut languages: BySearched<Weighed<'_>> = SmallVec::new();
    for plan in &plan.languages {
        let statistics = Statistics::of(vocabulary.size(plan.language)?);
        languages.push(Weighed { plan, statistics });
    }
    let home = languages
        .iter()
        .find(|language| plan.reads_as == Some(language.plan.language))
        .copied();
    let scale = Scale { all, home };
    let (mut numbers, gathered) = (Numbers::default(), Rc::default());
    let mut weighted = Vec::with_capacity(languages.len());
    for language in &languages {
        let (mut idfs, mut lacks) = (ByLeaf::new(), ByLeaf::new());
        for leaf in &language.plan.leaves {
            lacks.push(match &leaf.shape {
                Shape::Word(word) => word.lookup.n_passages() == 0,
                _ => false,
            });
            idfs.push(if leaf.is_wanted {
                scale.idf(&leaf.shape, language)
            } else {
                0.0
            });
        }
        let leaves = language.plan.leaves.iter();
        weighted.push(Weighted {
            plan: language.plan,
            statistics: language.statistics,
            idfs,
            lacks,
            numbers: leaves.map(|leaf| numbers.of(leaf)).collect(),
            gathered: Rc::clone(&gathered),
        });
    }
    Ok(weighted)
}

/// A language whose leaves are being weighed.
#[derive(Clone, Copy)]
struct Weighed<'p> {
    plan: &'p LanguagePlan,
    statistics: Statistics,
}

impl<'p> Weighed<'p> {
    /// The word of the query that `other` is, in the same sense, as planned in this language. What is a phrase in this
    /// language may have been translated by a word.
    fn word(&self, other: &PlannedWord) -> Option<&'p PlannedWord> {
        let (form, sense) = other.senses.first()?;
        let is_it = |known: &(String, Sense)| known.0 == *form && known.1 == *sense;
        let mut words = self.plan.wanted_words();
        words.find(|word| word.senses.iter().any(is_it))
    }
}

/// By what words are weighed.
struct Scale<'p> {
    /// Of the passages of all languages: forms are looked up without regard to it.
    all: Statistics,
    /// The language that the query is in.
    home: Option<Weighed<'p>>,
}

impl Scale<'_> {
    fn idf(&self, shape: &Shape, language: &Weighed<'_>) -> f32 {
        match shape {
            Shape::Word(word) => self.word_idf(word, language),
            Shape::Phrase { words, .. } => {
                let idfs = words.iter().map(|word| self.word_idf(word, language));
                idfs.sum()
            }
            Shape::Near { left, right, .. } => self.idf(left, language) + self.idf(right, language),
            // Any of several is as common as the most common of them.
            Shape::Any(shapes) => {
                let idfs = shapes.iter().map(|shape| self.idf(shape, language));
                idfs.fold(f32::MAX, f32::min)
            }
        }
    }

    fn word_idf(&self, word: &PlannedWord, language: &Weighed<'_>) -> f32 {
        word.weight * self.rarity(word, language)
    }

    fn rarity(&self, word: &PlannedWord, language: &Weighed<'_>) -> f32 {
        let n_passages = word.lookup.n_passages();
        if matches!(word.lookup, Lookup::Forms { .. }) {
            return self.all.idf(n_passages);
        }
        let idf = language.statistics.idf(n_passages);
        let Some(home) = self.home else {
            return idf;
        };
        if home.plan.language == language.plan.language {
            return idf;
        }
        let at_home = match home.word(word).map(|word| &word.lookup) {
            Some(Lookup::Keys { n_passages, .. }) => *n_passages,
            Some(Lookup::Forms { .. }) | None => 0,
        };
        ABROAD
            * match at_home {
                0 => idf,
                n_at_home => idf.min(home.statistics.idf(n_at_home)),
            }
    }
}
