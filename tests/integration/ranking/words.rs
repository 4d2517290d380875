//! What a word of a query stands for, by reading all words there are.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use fouine::language::{
    Language, fold, is_any_stop_word, is_folded, is_typed_stop_word, normalized,
};
use regex::Regex;

use super::corpus::{Corpus, Form, key};
use super::places::{Terms, Word};
use super::query::Pattern;

/// How far a word is widened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Widening {
    Nothing,
    /// To what it is with other accents.
    Spellings,
    /// To these, and to what it may be a slip of where the index lacks it.
    Slips,
    /// To these, also where the index hardly knows it.
    Doubts,
}

/// The keys that stand for a word in a language.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys {
    /// For the word as typed.
    pub(super) typed: BTreeSet<u32>,
    /// For words that it may be a slip of.
    pub(super) slips: BTreeSet<u32>,
    /// What the latter are worth.
    pub(super) weight: f64,
}

impl Corpus {
    pub(super) fn keys(&self, typed: &str, language: Language, widening: Widening) -> Keys {
        let folded = fold(typed);
        let mut keys = BTreeSet::from([key(language, typed)]);
        if widening != Widening::Nothing {
            let spellings = self.forms.iter().filter(|form| form.folded == folded);
            let meant = spellings.filter(|form| is_meant(typed, &folded, &form.form));
            keys.extend(meant.map(|form| form.keys[&language][0].clone()));
            if !is_any_stop_word(&folded) && !folded.starts_with(|c: char| c.is_ascii_digit()) {
                self.add_inflections(typed, &folded, language, &mut keys);
            }
        }
        let known = |keys: BTreeSet<String>| -> BTreeSet<u32> {
            let known = keys
                .into_iter()
                .filter(|key| self.n_with_key(language, key) > 0);
            known.filter_map(|key| self.number(&key)).collect()
        };
        let (near, weight) = match widening {
            Widening::Slips | Widening::Doubts => self.slips(typed, &folded, widening),
            _ => (Vec::new(), 1.0),
        };
        let typed = known(keys);
        let mut slips = known(near.iter().map(|form| key(language, form)).collect());
        slips.retain(|key| !typed.contains(key));
        Keys {
            typed,
            slips,
            weight,
        }
    }

    /// Adds the keys of inflections that have other accents.
    fn add_inflections(
        &self,
        typed: &str,
        folded: &str,
        language: Language,
        keys: &mut BTreeSet<String>,
    ) {
        let mut stems = vec![key(language, folded)];
        if typed == folded && language == Language::French {
            // *-ées* typed *-ees*.
            for ending in ["ees", "ee", "es", "e"] {
                if let Some(base) = typed.strip_suffix(ending) {
                    stems.push(fold(&key(language, &format!("{base}é{}", &ending[1..]))));
                    break;
                }
            }
        }
        let prefix = stems.iter().min_by_key(|stem| stem.len()).unwrap();
        if prefix.len() < 3 {
            return;
        }
        let as_typed = self.forms.iter().find(|form| form.form == typed);
        let n_as_typed = as_typed.map_or(0, |form| form.n_passages);
        for Form {
            form,
            folded: plain,
            keys: of_language,
            n_passages,
        } in &self.forms
        {
            let n_longer = form.chars().count().abs_diff(folded.chars().count());
            if n_longer > 3 || !plain.starts_with(prefix.as_str()) {
                continue;
            }
            let [of_form, of_folded] = &of_language[&language];
            let is_inflection = if typed == folded {
                let is_same = stems.contains(&fold(of_form)) || stems.contains(of_folded);
                !is_folded(form) && *n_passages > n_as_typed && is_same
            } else {
                is_folded(form) && stems.contains(of_form)
            };
            if is_inflection {
                keys.insert(of_form.clone());
            }
        }
    }

    /// The words that one may be a slip of, and what they are worth.
    fn slips(&self, typed: &str, folded: &str, widening: Widening) -> (Vec<&str>, f64) {
        let n_letters = folded.chars().count();
        if is_any_stop_word(typed) || n_letters < 4 || folded.contains(|c: char| c.is_ascii_digit())
        {
            return (Vec::new(), 1.0);
        }
        let spellings = self.forms.iter().filter(|form| form.folded == folded);
        let n_spellings = spellings.clone().map(|form| form.n_passages).sum();
        let of_language = |language| -> usize {
            let meant = spellings
                .clone()
                .filter(|form| is_meant(typed, folded, &form.form));
            let meant = meant.map(|form| form.keys[&language][0].clone());
            let keys: BTreeSet<String> = meant.chain([key(language, typed)]).collect();
            keys.iter().map(|key| self.n_with_key(language, key)).sum()
        };
        let n_known = Language::ALL
            .into_iter()
            .map(of_language)
            .fold(n_spellings, usize::max);
        let most = match (n_known, n_letters) {
            (0, 8..) => 2,
            _ => 1,
        };
        let near = self
            .forms
            .iter()
            .map(|form| (edits(folded, &form.folded), form));
        let is_function_word = |form: &str| {
            let mut languages = Language::ALL.into_iter();
            languages.any(|language| is_typed_stop_word(language, form))
        };
        let near = near.filter(|(_, form)| !is_function_word(&form.form));
        let mut near: Vec<(usize, &Form)> = near.filter(|(edits, _)| *edits <= most).collect();
        match n_known {
            0 => {
                let least = near.iter().map(|(edits, _)| *edits).min();
                let first = folded.chars().next();
                near.retain(|(edits, form)| {
                    let begins_alike = form.folded.chars().next() == first;
                    Some(*edits) == least && (*edits == 1 || begins_alike)
                });
            }
            1..=3 if widening == Widening::Doubts && n_letters >= 6 => {
                let first = folded.chars().next();
                near.retain(|(edits, form)| {
                    let begins_alike = form.folded.chars().next() == first;
                    *edits == 1 && begins_alike && form.n_passages >= 10 * n_known
                });
            }
            _ => near.clear(),
        }
        near.sort_by_key(|(_, form)| Reverse(form.n_passages));
        let words = near.iter().take(16).map(|(_, form)| form.form.as_str());
        (words.collect(), if n_known == 0 { 1.0 } else { 0.5 })
    }

    /// The forms that a pattern stands for.
    pub(super) fn expand(&self, pattern: Pattern) -> BTreeSet<u32> {
        let matches: Box<dyn Fn(&Form) -> bool> = match pattern {
            Pattern::Fuzzy(word, most) => {
                let folded = fold(&normalized(word));
                Box::new(move |form| edits(&folded, &form.folded) <= most)
            }
            Pattern::Wildcard(text) => {
                let text = normalized(text);
                let regex = format!("^{}$", text.replace('*', ".*").replace('?', "."));
                let regex = Regex::new(&regex).unwrap();
                let has_accents = fold(&text) != text;
                Box::new(move |form| {
                    regex.is_match(if has_accents {
                        &form.form
                    } else {
                        &form.folded
                    })
                })
            }
            Pattern::Regex(expression) => {
                let regex = Regex::new(&format!("^(?:{expression})$")).unwrap();
                Box::new(move |form| regex.is_match(&form.form) || regex.is_match(&form.folded))
            }
        };
        let forms = self.forms.iter().filter(|form| matches(form));
        forms.filter_map(|form| self.number(&form.form)).collect()
    }
}

/// Looks words up in the passages of a language.
pub(super) struct Lookup<'c> {
    corpus: &'c Corpus,
    language: Language,
    /// The language that the query is in, if it is among those searched and another.
    home: Option<Language>,
}

impl<'c> Lookup<'c> {
    pub(super) fn new(
        corpus: &'c Corpus,
        language: Language,
        home: Option<Language>,
    ) -> Lookup<'c> {
        Lookup {
            corpus,
            language,
            home: home.filter(|home| *home != language),
        }
    }

    /// The word as typed, and what it may be a slip of, as far as there is any of them.
    pub(super) fn meanings(&self, form: &str, widening: Widening) -> Vec<Word> {
        let [here, home] = self.keys(form, widening);
        let mut meanings = Vec::new();
        if !here.typed.is_empty() || here.slips.is_empty() {
            meanings.push(self.word(&here.typed, &home.typed, 1.0));
        }
        if !here.slips.is_empty() {
            meanings.push(self.word(&here.slips, &home.slips, here.weight));
        }
        meanings
    }

    /// The very form, in whatever language.
    pub(super) fn written(&self, form: &str) -> Word {
        let form = self.corpus.number(form).into_iter();
        self.forms(
            form.filter(|form| self.corpus.n_with_form(*form) > 0)
                .collect(),
        )
    }

    pub(super) fn pattern(&self, pattern: Pattern) -> Word {
        self.forms(self.corpus.expand(pattern))
    }

    fn forms(&self, forms: BTreeSet<u32>) -> Word {
        let n_with = forms
            .iter()
            .map(|form| self.corpus.n_with_form(*form))
            .sum();
        Word {
            terms: Terms::Forms(forms),
            idf: idf(self.corpus.passages.len(), n_with),
            weight: 1.0,
        }
    }

    /// The keys here, and where the query is at home.
    fn keys(&self, form: &str, widening: Widening) -> [Keys; 2] {
        let home = self.home.map(|home| self.corpus.keys(form, home, widening));
        [
            self.corpus.keys(form, self.language, widening),
            home.unwrap_or_default(),
        ]
    }

    /// A word with its rarity: abroad, not more than at home, and less.
    fn word(&self, keys: &BTreeSet<u32>, at_home: &BTreeSet<u32>, weight: f64) -> Word {
        let rarity = |language, keys: &BTreeSet<u32>| {
            let counts = keys
                .iter()
                .map(|key| self.corpus.n_with_number(language, *key));
            let (n_passages, _) = self.corpus.statistics(language);
            idf(n_passages, counts.sum())
        };
        let here = rarity(self.language, keys);
        let idf = match self.home {
            Some(_) if at_home.is_empty() => 0.6 * here,
            Some(home) => 0.6 * here.min(rarity(home, at_home)),
            None => here,
        };
        Word {
            terms: Terms::Keys(keys.clone()),
            idf,
            weight,
        }
    }
}

/// The rarity of a word that `n_with` of `n_passages` have.
fn idf(n_passages: usize, n_with: usize) -> f64 {
    let n_with = n_with.min(n_passages);
    let n_without = n_passages - n_with;
    (1.0 + (n_without as f64 + 0.5) / (n_with as f64 + 0.5)).ln()
}

/// Whether who types `typed` means `spelling`, which is the same but for accents.
fn is_meant(typed: &str, folded: &str, spelling: &str) -> bool {
    if typed == folded {
        return true;
    }
    if is_any_stop_word(spelling) && !is_any_stop_word(typed) {
        return false;
    }
    let plain = |c: char| fold(&c.to_string());
    let agrees = |(at, (one, other)): (usize, (char, char))| {
        let are_alike = plain(one) == plain(other);
        let are_accented = plain(one) != one.to_string() && plain(other) != other.to_string();
        one == other || (are_alike && (at == 0 || (plain(one) == "e" && are_accented)))
    };
    let have_same_length = typed.chars().count() == spelling.chars().count();
    spelling == folded
        || (have_same_length && typed.chars().zip(spelling.chars()).enumerate().all(agrees))
}

/// Insertions, deletions, substitutions and exchanges of neighbours from one word to another, no letter edited twice.
fn edits(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > 2 {
        return usize::MAX;
    }
    let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
    for i in 0..=one.len() {
        for j in 0..=other.len() {
            table[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let substituted = table[i - 1][j - 1] + usize::from(one[i - 1] != other[j - 1]);
                let mut least = substituted
                    .min(table[i - 1][j] + 1)
                    .min(table[i][j - 1] + 1);
                if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                    least = least.min(table[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    table[one.len()][other.len()]
}
