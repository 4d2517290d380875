//! What a passage is about, as the words of a query.

use std::mem;

use rustc_hash::FxHashMap;

use crate::index::{PassageRecord, Vocabulary};
use crate::language::{Analyzer, is_any_stop_word};

/// Most words of the query: more make it slower and hardly better.
const MAX_WORDS: usize = 25;

/// Shortest word, in characters: shorter ones are mostly parts of something else.
const MIN_CHARS: usize = 2;

/// The words that tell `passages` from others: those with the highest frequency × rarity, in the order of the text.
///
/// Words that no other passage has find nothing, and are left out.
pub(super) fn telling_words(
    passages: &[PassageRecord],
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Vec<String>> {
    struct Word {
        form: String,
        frequency: u32,
        worth: f64,
    }
    let mut words: Vec<Word> = Vec::new();
    for of_language in passages.chunk_by(|one, other| one.language == other.language) {
        let language = of_language[0].language;
        let mut analyzer = Analyzer::new(language);
        let mut known: FxHashMap<String, usize> = FxHashMap::default();
        let first = words.len();
        let mut keys = Vec::new();
        for token in of_language
            .iter()
            .flat_map(|passage| analyzer.tokens(&passage.text))
        {
            if is_any_stop_word(&token.form) || token.form.chars().count() < MIN_CHARS {
                continue;
            }
            let at = *known.entry(token.key.clone()).or_insert_with(|| {
                keys.push(token.key);
                words.push(Word {
                    form: token.form,
                    frequency: 0,
                    worth: 0.0,
                });
                words.len() - 1
            });
            words[at].frequency += 1;
        }
        for (word, key) in words[first..].iter_mut().zip(&keys) {
            let share = vocabulary.share(language, key)?;
            let is_alone = vocabulary.n_passages(language, key)? < 2;
            word.worth = match is_alone {
                true => 0.0,
                false => f64::from(word.frequency) * (1.0 / share).ln(),
            };
        }
    }
    let mut best: Vec<usize> = (0..words.len())
        .filter(|at| words[*at].worth > 0.0)
        .collect();
    // Of words that tell as much, the earlier ones.
    best.sort_by(|a, b| words[*b].worth.total_cmp(&words[*a].worth));
    best.truncate(MAX_WORDS);
    best.sort_unstable();
    let telling = best.into_iter().map(|at| mem::take(&mut words[at].form));
    Ok(telling.collect())
}
