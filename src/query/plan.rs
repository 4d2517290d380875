//! From a query to the keys that are looked up for it, language by language.
//!
//! Each language is searched on its own, with its own stop words, stems and statistics. Which words are dropped is decided
//! here; what a word stands for in the index, in [`widen`](super::widen).

use std::cmp::Ordering;

use rustc_hash::FxHashSet;

use super::widen::Widener;
use super::{Clause, Query};
use crate::index::Vocabulary;
use crate::language::{Analyzer, Forms, Language, is_any_stop_word, is_typed_stop_word, suggests};

/// How much larger the share of one language's passages that have a word must be for the word to be at home there.
const HOME_RATIO: f64 = 2.0;

/// Most words of a query that are looked up; a pasted page is cut here, and a notice says so.
const MAX_WORDS: usize = 1_000;

/// What is looked up for a query.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// For each language that is searched.
    pub(crate) languages: Vec<LanguagePlan>,
    /// The language that the query itself seems to be in.
    pub(crate) reads_as: Option<Language>,
    /// Stop words that were left out in every language searched, as typed.
    pub(crate) dropped: Vec<String>,
    /// What a person should know.
    pub(crate) notices: Vec<String>,
}

/// What is looked up in the passages of one language.
#[derive(Clone, Debug)]
pub(crate) struct LanguagePlan {
    pub(crate) language: Language,
    /// A passage with any of them is found.
    pub(crate) wanted: Vec<PlannedClause>,
    /// A passage with any of them is left out.
    pub(crate) excluded: Vec<PlannedClause>,
}

/// A word, or a phrase: words that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedClause {
    pub(crate) words: Vec<PlannedWord>,
}

/// A word and all keys that stand for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PlannedWord {
    /// As typed, normalized.
    pub(crate) form: String,
    /// Keys that the index has, sorted; the word's own, which it has not, when there is none. Never empty.
    pub(crate) keys: Vec<String>,
}

impl Plan {
    /// Plans `query` for the passages of `languages`.
    pub(crate) fn new(
        query: &Query,
        languages: &[Language],
        vocabulary: &Vocabulary<'_>,
    ) -> tantivy::Result<Plan> {
        let mut notices = Vec::new();
        let typed = read_forms(query, &mut notices);
        let reads_as = reading(&typed, vocabulary)?;
        let mut plan = Plan {
            reads_as,
            notices,
            ..Plan::default()
        };
        for &language in languages {
            let mut widener = Widener::new(language, vocabulary);
            let kept = keep(&typed, language, reads_as);
            let mut planned = LanguagePlan {
                language,
                wanted: Vec::new(),
                excluded: Vec::new(),
            };
            for clause in kept {
                let words = clause.forms.iter().map(|form| widener.word(form));
                let words: Vec<PlannedWord> = words.collect::<tantivy::Result<_>>()?;
                let clauses = if clause.is_excluded {
                    &mut planned.excluded
                } else {
                    &mut planned.wanted
                };
                let is_new = |known: &PlannedClause| {
                    let keys = known.words.iter().map(|word| &word.keys);
                    !keys.eq(words.iter().map(|word| &word.keys))
                };
                if clauses.iter().all(is_new) {
                    clauses.push(PlannedClause { words });
                }
            }
            plan.languages.push(planned);
        }
        plan.note_words(&typed, vocabulary)?;
        Ok(plan)
    }

    /// Notes which words were dropped everywhere, and which no passage has.
    fn note_words(
        &mut self,
        typed: &[TypedClause],
        vocabulary: &Vocabulary<'_>,
    ) -> tantivy::Result<()> {
        let wanted = typed.iter().filter(|clause| !clause.is_excluded);
        let mut noted = FxHashSet::default();
        for form in wanted.flat_map(|clause| &clause.forms) {
            if !noted.insert(form) {
                continue;
            }
            let is_stop = Language::ALL
                .into_iter()
                .any(|language| is_typed_stop_word(language, form));
            let mut is_planned = false;
            let mut is_known = false;
            for plan in &self.languages {
                let mut words = plan.wanted.iter().flat_map(|clause| &clause.words);
                if let Some(word) = words.find(|word| word.form == *form) {
                    is_planned = true;
                    // Keys that the index does not have stand alone.
                    is_known |= vocabulary.n_passages(plan.language, &word.keys[0])? > 0;
                }
            }
            if !is_planned {
                self.dropped.push(form.clone());
            } else if !is_known && !is_stop {
                self.notices.push(format!("no passage has “{form}”"));
            }
        }
        Ok(())
    }
}

/// A word or a phrase of the query, as forms.
struct TypedClause {
    forms: Vec<String>,
    is_phrase: bool,
    is_excluded: bool,
}

/// Reads the clauses of a query as forms; the words of `l'école` or `Pottier-Dumas` become clauses of their own.
fn read_forms(query: &Query, notices: &mut Vec<String>) -> Vec<TypedClause> {
    let mut typed = Vec::new();
    let mut n_words = 0;
    for clause in &query.clauses {
        let mut forms = Vec::new();
        let mut words = Forms::new(&clause.text);
        while n_words < MAX_WORDS && words.advance().is_some() {
            forms.push(words.form().to_owned());
            n_words += 1;
        }
        push_clauses(clause, forms, &mut typed);
        if n_words == MAX_WORDS {
            notices.push(format!("only the first {MAX_WORDS} words were looked up"));
            break;
        }
    }
    typed
}

fn push_clauses(clause: &Clause, forms: Vec<String>, typed: &mut Vec<TypedClause>) {
    let is_excluded = clause.is_excluded;
    let mut push = |forms: Vec<String>, is_phrase| {
        if !forms.is_empty() {
            typed.push(TypedClause {
                forms,
                is_phrase,
                is_excluded,
            });
        }
    };
    if clause.is_phrase {
        push(forms, true);
    } else {
        forms.into_iter().for_each(|form| push(vec![form], false));
    }
}

/// The language that the query seems to be in: that of most of its function words, or else the one in whose passages
/// most of its words are more at home.
fn reading(
    typed: &[TypedClause],
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Option<Language>> {
    let by_function_words = majority(forms(typed).map(suggests));
    if by_function_words.is_some() {
        return Ok(by_function_words);
    }
    let mut french = Analyzer::new(Language::French);
    let mut english = Analyzer::new(Language::English);
    let mut votes = Vec::new();
    for form in forms(typed).filter(|form| !is_any_stop_word(form)) {
        let share = |analyzer: &mut Analyzer| {
            let mut key = String::new();
            analyzer.key(form, &mut key);
            vocabulary.share(analyzer.language(), &key)
        };
        let (in_french, in_english) = (share(&mut french)?, share(&mut english)?);
        votes.push(if in_french > HOME_RATIO * in_english {
            Some(Language::French)
        } else if in_english > HOME_RATIO * in_french {
            Some(Language::English)
        } else {
            None
        });
    }
    Ok(majority(votes.into_iter()))
}

fn forms(typed: &[TypedClause]) -> impl Iterator<Item = &str> {
    typed
        .iter()
        .flat_map(|clause| clause.forms.iter().map(String::as_str))
}

fn majority(votes: impl Iterator<Item = Option<Language>>) -> Option<Language> {
    let (mut n_french, mut n_english) = (0, 0);
    for vote in votes {
        n_french += usize::from(vote == Some(Language::French));
        n_english += usize::from(vote == Some(Language::English));
    }
    match n_french.cmp(&n_english) {
        Ordering::Greater => Some(Language::French),
        Ordering::Less => Some(Language::English),
        Ordering::Equal => None,
    }
}

/// The clauses to look up in passages of `language`: without stop words, as long as others remain.
///
/// Stop words of the language that the query reads as are dropped everywhere: *quel* is rare in English passages, and
/// would weigh more than any word that matters.
fn keep(
    typed: &[TypedClause],
    language: Language,
    reads_as: Option<Language>,
) -> Vec<&TypedClause> {
    let is_stop = |clause: &TypedClause, language| {
        !clause.is_phrase && is_typed_stop_word(language, &clause.forms[0])
    };
    let without = |language| -> Vec<&TypedClause> {
        let kept = typed.iter().filter(|clause| {
            clause.is_excluded
                || !(is_stop(clause, language)
                    || reads_as.is_some_and(|reads_as| is_stop(clause, reads_as)))
        });
        kept.collect()
    };
    let wants = |clauses: &[&TypedClause]| clauses.iter().any(|clause| !clause.is_excluded);
    let kept = without(language);
    match reads_as {
        _ if wants(&kept) => kept,
        // All words are stop words: they are looked for in the language they are of.
        Some(reads_as) if reads_as != language => kept,
        _ => typed.iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Vec<TypedClause> {
        read_forms(&Query::parse(text), &mut Vec::new())
    }

    fn kept(text: &str, language: Language) -> Vec<String> {
        let typed = typed(text);
        let reads_as = majority(forms(&typed).map(suggests));
        keep(&typed, language, reads_as)
            .into_iter()
            .map(|clause| clause.forms.join(" "))
            .collect()
    }

    #[test]
    fn stop_words_go_while_others_remain() {
        assert_eq!(
            kept("la dette de la ville", Language::French),
            ["dette", "ville"]
        );
        assert_eq!(
            kept("the debt of the town", Language::English),
            ["debt", "town"]
        );
        assert_eq!(kept("être ou ne pas être", Language::French).len(), 5);
        assert_eq!(kept("to be or not to be", Language::English).len(), 6);
    }

    #[test]
    fn stop_words_of_the_query_go_in_the_other_language_too() {
        assert_eq!(
            kept("quel montant en 2003", Language::English),
            ["montant", "2003"]
        );
        assert_eq!(kept("to be or not to be", Language::French), [""; 0]);
    }

    #[test]
    fn a_word_that_only_one_language_stops_at_is_kept_in_the_other() {
        assert_eq!(kept("car accident", Language::English), ["car", "accident"]);
        assert_eq!(kept("car accident", Language::French), ["accident"]);
    }

    #[test]
    fn phrases_keep_their_stop_words() {
        assert_eq!(
            kept("\"de la ville\" dette", Language::French),
            ["de la ville", "dette"]
        );
    }
}
