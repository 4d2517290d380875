//! Which words of a text a query was found through.
//!
//! The text is analyzed again, by the analyzer that indexed it, and compared with the very keys and forms that were
//! looked up: what is highlighted is what matched. Excluded words are no part of the comparison.

use std::cell::RefCell;
use std::ops::Range;

use rustc_hash::FxHashMap;

use super::spans::marks;
use crate::language::{Analyzer, Forms, Language, beginnings};
use crate::query::{LanguagePlan, Leaf, Lookup, PlannedWord};

/// A place in a text where a word or phrase of the query matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// Bytes of the text, of the whole phrase where it is one.
    pub(super) range: Range<usize>,
    /// Which leaf of the plan.
    pub(super) leaf: usize,
}

/// A part of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Title,
    /// Heading or text.
    Passage,
}

/// Finds matches in texts of one language.
pub(super) struct Highlighter<'p> {
    language: Language,
    leaves: &'p [Leaf],
    /// The words of each leaf, in order, as places among all words.
    words_of: Vec<Range<usize>>,
    n_words: usize,
    /// The words that are looked up by a key.
    by_key: FxHashMap<&'p str, Vec<usize>>,
    /// The words that are looked up by a form.
    by_form: FxHashMap<&'p str, Vec<usize>>,
    /// The bytes that any of both begins with.
    may_begin: [bool; 256],
}

impl<'p> Highlighter<'p> {
    pub(super) fn new(plan: &'p LanguagePlan) -> Highlighter<'p> {
        let mut highlighter = Highlighter {
            language: plan.language,
            leaves: &plan.leaves,
            words_of: Vec::new(),
            n_words: 0,
            by_key: FxHashMap::default(),
            by_form: FxHashMap::default(),
            may_begin: [false; 256],
        };
        for leaf in &plan.leaves {
            let first = highlighter.n_words;
            for word in leaf.shape.words() {
                highlighter.add(word);
            }
            highlighter.words_of.push(first..highlighter.n_words);
        }
        highlighter
    }

    fn add(&mut self, word: &'p PlannedWord) {
        let (by, terms) = match &word.lookup {
            Lookup::Keys { keys, .. } => (&mut self.by_key, keys),
            Lookup::Forms { forms, .. } => (&mut self.by_form, forms),
        };
        for term in terms {
            by.entry(term).or_default().push(self.n_words);
            for first in beginnings(term) {
                self.may_begin[usize::from(first)] = true;
            }
        }
        self.n_words += 1;
    }

    /// Finds the places of `text` where a leaf for which `counts` holds matches, leaf by leaf; they may overlap.
    pub(super) fn matches(
        &mut self,
        text: &str,
        zone: Zone,
        counts: impl Fn(usize) -> bool,
    ) -> Vec<Match> {
        let (words, positions) = self.positions(text);
        let mut matches = Vec::new();
        for (at, leaf) in self.leaves.iter().enumerate() {
            let is_there = leaf.is_wanted && (zone == Zone::Title || !leaf.in_title) && counts(at);
            if !is_there {
                continue;
            }
            for span in marks(&leaf.shape, &positions[self.words_of[at].clone()]) {
                let (first, last) = (&words[span.start as usize], &words[span.end as usize]);
                matches.push(Match {
                    range: first.start..last.end,
                    leaf: at,
                });
            }
        }
        matches
    }

    /// The words of a text, as ranges of bytes, and where each word of the leaves is among them.
    fn positions(&self, text: &str) -> (Vec<Range<usize>>, Vec<Vec<u32>>) {
        let mut words: Vec<Range<usize>> = Vec::new();
        let mut positions = vec![Vec::new(); self.n_words];
        with_analyzer(self.language, |analyzer| {
            let mut forms = Forms::new(text);
            let mut key = String::new();
            while let Some(range) = forms.advance() {
                let form = forms.form();
                // Most words need not be stemmed to be told apart.
                if form
                    .bytes()
                    .next()
                    .is_some_and(|byte| self.may_begin[usize::from(byte)])
                {
                    analyzer.key(form, &mut key);
                    let by_key = self.by_key.get(key.as_str());
                    let by_form = self.by_form.get(form);
                    for &word in by_key.into_iter().chain(by_form).flatten() {
                        positions[word].push(words.len() as u32);
                    }
                }
                words.push(range);
            }
        });
        (words, positions)
    }
}

/// Calls `work` with an analyzer of a language. The analyzers are kept, by thread, with the stems that they know: half of
/// the time that it takes to show a hit would go into finding them again.
pub(super) fn with_analyzer(language: Language, work: impl FnMut(&mut Analyzer)) {
    thread_local! {
        static ANALYZERS: RefCell<[Analyzer; Language::ALL.len()]> =
            RefCell::new(Language::ALL.map(Analyzer::new));
    }
    ANALYZERS.with_borrow_mut(|analyzers| {
        let mut analyzers = analyzers.iter_mut();
        let analyzer = analyzers.find(|analyzer| analyzer.language() == language);
        analyzer.into_iter().for_each(work);
    });
}

/// Joins overlapping ranges; the result is ascending and disjoint.
pub(super) fn merge(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut sorted: Vec<Range<usize>> = ranges.into_iter().collect();
    sorted.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in sorted {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_ranges_are_joined_touching_ones_are_not() {
        assert_eq!(merge([5..8, 0..3, 2..4, 4..5]), [0..4, 4..5, 5..8]);
    }
}
