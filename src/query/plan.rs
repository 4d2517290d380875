//! From a query to the keys that are looked up for it, language by language.
//!
//! Each language is searched on its own, with its own stop words, stems and statistics. Which words are dropped is decided
//! here; what a word stands for in the index, in [`widen`](super::widen).

use std::cmp::Ordering;
use std::ops::Range;

use rustc_hash::FxHashSet;

use super::Query;
use super::widen::Widener;
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
    /// As typed, normalized; several where the query has the word in several spellings.
    pub(crate) forms: Vec<String>,
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
        let typed = read_words(query, &mut notices);
        let reads_as = reading(&typed, vocabulary)?;
        let mut plan = Plan {
            reads_as,
            notices,
            ..Plan::default()
        };
        let mut is_kept = vec![false; typed.len()];
        for &language in languages {
            let kept = keep(&typed, language, reads_as, languages.len() == 1);
            let mut widener = Widener::new(language, vocabulary);
            let mut planned = LanguagePlan {
                language,
                wanted: Vec::new(),
                excluded: Vec::new(),
            };
            for at in kept {
                is_kept[at] = true;
                let words = typed[at].words.iter().map(|word| widener.word(&word.form));
                let words: Vec<PlannedWord> = words.collect::<tantivy::Result<_>>()?;
                let clauses = if typed[at].is_excluded {
                    &mut planned.excluded
                } else {
                    &mut planned.wanted
                };
                push_clause(words, clauses);
            }
            plan.languages.push(planned);
        }
        for (clause, is_kept) in typed.iter().zip(is_kept) {
            let forms = clause.words.iter().map(|word| &word.form);
            plan.dropped.extend(forms.filter(|_| !is_kept).cloned());
        }
        plan.dropped.dedup();
        plan.note_unknown_words(vocabulary)?;
        Ok(plan)
    }

    /// Notes the words that no passage has, unless they are stop words.
    fn note_unknown_words(&mut self, vocabulary: &Vocabulary<'_>) -> tantivy::Result<()> {
        let mut unknown: Vec<&String> = Vec::new();
        let mut known = FxHashSet::default();
        for plan in &self.languages {
            for word in plan.wanted.iter().flat_map(|clause| &clause.words) {
                // Keys that the index does not have stand alone.
                let is_known = vocabulary.n_passages(plan.language, &word.keys[0])? > 0;
                if is_known {
                    known.extend(&word.forms);
                } else {
                    unknown.extend(&word.forms);
                }
            }
        }
        let mut noted = FxHashSet::default();
        for form in unknown {
            if !known.contains(form) && !is_any_typed_stop_word(form) && noted.insert(form) {
                self.notices.push(format!("no passage has “{form}”"));
            }
        }
        Ok(())
    }
}

/// Adds a clause, unless the same keys are looked up already: then its words are known to be the same.
fn push_clause(words: Vec<PlannedWord>, clauses: &mut Vec<PlannedClause>) {
    let same = clauses.iter_mut().find(|known| {
        let keys = known.words.iter().map(|word| &word.keys);
        keys.eq(words.iter().map(|word| &word.keys))
    });
    let Some(known) = same else {
        clauses.push(PlannedClause { words });
        return;
    };
    for (known, word) in known.words.iter_mut().zip(words) {
        known.forms.extend(word.forms);
    }
}

fn is_any_typed_stop_word(form: &str) -> bool {
    let mut languages = Language::ALL.into_iter();
    languages.any(|language| is_typed_stop_word(language, form))
}

/// A word or a phrase of the query.
struct TypedClause {
    words: Vec<TypedWord>,
    is_phrase: bool,
    is_excluded: bool,
}

/// A word of the query.
struct TypedWord {
    form: String,
    /// The language it speaks for, if it is a function word.
    suggests: Option<Language>,
    /// Whether it may be left out as a stop word.
    is_droppable: bool,
}

/// Reads the clauses of a query as words; those of `l'école` or `Pottier-Dumas` become clauses of their own.
fn read_words(query: &Query, notices: &mut Vec<String>) -> Vec<TypedClause> {
    let shouts = is_all_capitals(&query.text) && query.text.split_whitespace().count() > 2;
    let mut typed = Vec::new();
    let mut n_left = [MAX_WORDS; 2];
    for clause in &query.clauses {
        let n_left = &mut n_left[usize::from(clause.is_excluded)];
        let mut words = Vec::new();
        let mut forms = Forms::new(&clause.text);
        while let Some(range) = forms.advance() {
            if *n_left == 0 {
                let notice = format!("only the first {MAX_WORDS} words were looked up");
                if !notices.contains(&notice) {
                    notices.push(notice);
                }
                break;
            }
            *n_left -= 1;
            words.push(read_word(&clause.text, range, forms.form(), shouts));
        }
        let is_excluded = clause.is_excluded;
        let mut push = |words: Vec<TypedWord>, is_phrase| {
            if !words.is_empty() {
                typed.push(TypedClause {
                    words,
                    is_phrase,
                    is_excluded,
                });
            }
        };
        if clause.is_phrase {
            push(words, true);
        } else {
            words.into_iter().for_each(|word| push(vec![word], false));
        }
    }
    typed
}

/// Judges the word at `range` of `text`. `UN` and `AI` are no function words, unless all is in capitals; a letter alone is
/// none either, and what an article is elided before is a noun (`l'Est`), in French.
fn read_word(text: &str, range: Range<usize>, form: &str, shouts: bool) -> TypedWord {
    let surface = &text[range.clone()];
    let is_acronym = !shouts && surface.chars().count() > 1 && is_all_capitals(surface);
    let is_letter = form.chars().count() == 1;
    let before = text[..range.start].trim_end_matches(['\'', '’']);
    let is_elided = before.len() < range.start && before.ends_with(char::is_alphabetic);
    let is_noun = is_elided
        && before.ends_with(['l', 'L'])
        && !matches!(form, "a" | "on" | "un" | "une" | "y" | "ont");
    TypedWord {
        form: form.to_owned(),
        suggests: if is_elided {
            Some(Language::French)
        } else {
            suggests(form).filter(|_| !is_acronym && !is_letter)
        },
        is_droppable: !is_acronym && !is_noun,
    }
}

fn is_all_capitals(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// The language that the query seems to be in: each function word speaks for its language, each other word for the one in
/// whose passages it is more at home.
fn reading(
    typed: &[TypedClause],
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Option<Language>> {
    let mut french = Analyzer::new(Language::French);
    let mut english = Analyzer::new(Language::English);
    let mut votes = Vec::new();
    for word in typed.iter().flat_map(|clause| &clause.words) {
        if word.suggests.is_some() {
            votes.push(word.suggests);
        }
        if word.is_droppable && is_any_stop_word(&word.form) {
            continue;
        }
        let share = |analyzer: &mut Analyzer| {
            let mut key = String::new();
            analyzer.key(&word.form, &mut key);
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
    Ok(majority(&votes))
}

fn majority(votes: &[Option<Language>]) -> Option<Language> {
    let count = |language| votes.iter().filter(|vote| **vote == Some(language)).count();
    match count(Language::French).cmp(&count(Language::English)) {
        Ordering::Greater => Some(Language::French),
        Ordering::Less => Some(Language::English),
        Ordering::Equal => None,
    }
}

/// The clauses to look up in passages of `language`, by their places: without stop words, as long as others remain.
///
/// Stop words of the language that the query reads as are dropped everywhere: *quel* is rare in English passages, and
/// would weigh more than any word that matters. A query of nothing but stop words is looked for in the language that it is
/// in, or in the `only` one that is searched.
fn keep(
    typed: &[TypedClause],
    language: Language,
    reads_as: Option<Language>,
    only: bool,
) -> Vec<usize> {
    let is_stop = |clause: &TypedClause, language| {
        let word = &clause.words[0];
        !clause.is_phrase && word.is_droppable && is_typed_stop_word(language, &word.form)
    };
    let is_kept = |clause: &TypedClause| {
        let is_stop_at_home = reads_as.is_some_and(|home| is_stop(clause, home));
        clause.is_excluded || !(is_stop(clause, language) || is_stop_at_home)
    };
    let kept: Vec<usize> = (0..typed.len()).filter(|&at| is_kept(&typed[at])).collect();
    let wants_something = kept.iter().any(|&at| !typed[at].is_excluded);
    let is_foreign = reads_as.is_some_and(|home| home != language);
    if wants_something || (is_foreign && !only) {
        kept
    } else {
        (0..typed.len()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept of a query, for passages of `language`, as far as function words tell.
    fn kept(text: &str, language: Language) -> Vec<String> {
        let typed = read_words(&Query::parse(text), &mut Vec::new());
        let words = typed.iter().flat_map(|clause| &clause.words);
        let votes: Vec<_> = words.map(|word| word.suggests).collect();
        let kept = keep(&typed, language, majority(&votes), false);
        let text = |words: &[TypedWord]| -> Vec<String> {
            words.iter().map(|word| word.form.clone()).collect()
        };
        kept.into_iter()
            .map(|at| text(&typed[at].words).join(" "))
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
        assert_eq!(kept("son visit", Language::English), ["son", "visit"]);
        assert_eq!(kept("son visit", Language::French), ["visit"]);
    }

    #[test]
    fn acronyms_letters_and_nouns_are_no_function_words() {
        for (text, language, expected) in [
            (
                "UN resolution",
                Language::English,
                &["un", "resolution"][..],
            ),
            ("EU budget", Language::French, &["eu", "budget"]),
            ("AI", Language::English, &["ai"]),
            (
                "vitamin C deficiency",
                Language::English,
                &["vitamin", "c", "deficiency"],
            ),
            ("gare de l'Est", Language::French, &["gare", "est"]),
            ("prix de l'or", Language::French, &["prix", "or"]),
            (
                "LE MAIRE DE LA VILLE",
                Language::French,
                &["maire", "ville"],
            ),
        ] {
            assert_eq!(kept(text, language), expected, "{text}");
        }
    }

    #[test]
    fn phrases_keep_their_stop_words() {
        assert_eq!(
            kept("\"de la ville\" dette", Language::French),
            ["de la ville", "dette"]
        );
    }
}
