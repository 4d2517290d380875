//! What each clause of a query is worth in the passages of each language.
//!
//! By the statistics of that language, with one exception: where several languages are searched, a word is worth no more
//! in another language than in the one the query is in. *Pont* is rare in English passages because it is not English,
//! not because it tells much; without this, English articles that quote French come before French ones on the subject.

use tantivy::Searcher;

use super::bm25::Statistics;
use crate::index::{Fields, Vocabulary};
use crate::query::{LanguagePlan, Plan, PlannedWord};

/// A language to search, with the weights of the clauses.
pub(super) struct Weighted<'p> {
    pub(super) plan: &'p LanguagePlan,
    pub(super) statistics: Statistics,
    /// Of each wanted clause: its idf; of a phrase, the sum of its words'.
    pub(super) idfs: Vec<f32>,
}

/// Weighs the clauses of `plan`, for each language with any.
pub(super) fn weigh<'p>(
    plan: &'p Plan,
    searcher: &Searcher,
    fields: &Fields,
) -> tantivy::Result<Vec<Weighted<'p>>> {
    let vocabulary = Vocabulary::new(searcher, fields);
    let mut languages = Vec::new();
    for plan in &plan.languages {
        let statistics = Statistics::read(searcher, fields, plan.language)?;
        languages.push(Unweighted { plan, statistics });
    }
    let home = languages
        .iter()
        .find(|language| plan.reads_as == Some(language.plan.language))
        .copied();
    let mut weighted = Vec::new();
    for Unweighted { plan, statistics } in languages {
        let mut idfs = Vec::new();
        for clause in &plan.wanted {
            let mut idf = 0.0;
            for word in &clause.words {
                idf += word_idf(word, &Unweighted { plan, statistics }, home, &vocabulary)?;
            }
            idfs.push(idf);
        }
        weighted.push(Weighted {
            plan,
            statistics,
            idfs,
        });
    }
    Ok(weighted)
}

/// A language to search, before its clauses are weighed.
#[derive(Clone, Copy)]
struct Unweighted<'p> {
    plan: &'p LanguagePlan,
    statistics: Statistics,
}

impl<'p> Unweighted<'p> {
    /// The word that was typed as `form`, as planned in this language.
    fn word(&self, form: &str) -> Option<&'p PlannedWord> {
        let mut words = self.plan.wanted.iter().flat_map(|clause| &clause.words);
        words.find(|word| word.forms.iter().any(|known| known == form))
    }

    /// Passages with any key of `word`: of several keys, the sum, which counts a passage with two of them twice.
    fn n_passages(&self, word: &PlannedWord, vocabulary: &Vocabulary<'_>) -> tantivy::Result<u64> {
        let counts = word
            .keys
            .iter()
            .map(|key| vocabulary.n_passages(self.plan.language, key));
        counts.sum()
    }
}

/// The weight of a word in a language; `home` is the language that the query is in.
fn word_idf(
    word: &PlannedWord,
    language: &Unweighted<'_>,
    home: Option<Unweighted<'_>>,
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<f32> {
    let idf = language
        .statistics
        .idf(language.n_passages(word, vocabulary)?);
    let Some(home) = home else { return Ok(idf) };
    let Some(word) = home.word(&word.forms[0]) else {
        return Ok(idf);
    };
    match home.n_passages(word, vocabulary)? {
        0 => Ok(idf),
        n_at_home => Ok(idf.min(home.statistics.idf(n_at_home))),
    }
}
