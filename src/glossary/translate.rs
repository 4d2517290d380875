//! From the words of a query to the terms of a glossary that they are.

use crate::language::{Forms, Language};

use super::matching::{Match, Matcher};
use super::terms::{Terms, term_at};
use super::{Glossary, Translation};

/// Most entries that are looked at for the same words: nobody has a term that often, but a file that repeats itself may.
const MAX_ENTRIES: usize = 100;

/// A match with where its term begins in the text.
struct Found {
    at: usize,
    matched: Match,
}

/// See [`Glossary::translations`].
pub(super) fn translations(
    glossary: &Glossary,
    words: &[&str],
    from: Language,
) -> Vec<Translation> {
    let Some(terms) = glossary.terms(from) else {
        return Vec::new();
    };
    let mut matcher = Matcher::new(words, from);
    let mut translations = Vec::new();
    let mut covered_until = 0;
    for start in 0..words.len() {
        let found = find(&glossary.text, terms, &mut matcher, start);
        let longest = found.iter().map(|found| found.matched.end).max();
        if let Some(end) = longest
            && start >= covered_until
            && end > start + 1
        {
            push(&glossary.text, &found, start, end, &mut translations);
            covered_until = end;
        }
        push(&glossary.text, &found, start, start + 1, &mut translations);
    }
    translations
}

/// All terms that begin at the word `start`.
fn find(text: &str, terms: &Terms, matcher: &mut Matcher, start: usize) -> Vec<Found> {
    let mut found = Vec::new();
    for beginning in matcher.beginnings(start) {
        for at in terms.starting(&beginning) {
            if let Some(matched) = matcher.compare(start, &beginning, term_at(text, at)) {
                found.push(Found { at, matched });
            }
        }
    }
    found
}

/// Adds the closest of the terms that cover the words from `start` to `end`.
fn push(
    text: &str,
    found: &[Found],
    start: usize,
    end: usize,
    translations: &mut Vec<Translation>,
) {
    let of_length = found.iter().filter(|found| found.matched.end == end);
    let Some(closest) = of_length.clone().map(|found| found.matched.closeness).min() else {
        return;
    };
    let near = of_length.filter(|found| found.matched.closeness.is_near(closest));
    let mut entries: Vec<Entry<'_>> = near.map(|found| entry(text, found.at)).collect();
    // The French words that mean little else than the English term come before those that may mean it.
    entries.sort_by_key(|entry| (entry.rank, entry.n_meanings));
    entries.truncate(MAX_ENTRIES);
    let n_before = translations.len();
    for Entry {
        term, equivalents, ..
    } in entries
    {
        let same = |translation: &&mut Translation| forms(&translation.term) == forms(term);
        let translation = match translations[n_before..].iter_mut().find(same) {
            Some(translation) => translation,
            None => {
                translations.push(Translation {
                    words: start..end,
                    term: term.to_owned(),
                    equivalents: Vec::new(),
                });
                let last = translations.len() - 1;
                &mut translations[last]
            }
        };
        for equivalent in equivalents {
            let words = forms(equivalent);
            if !words.is_empty() && !translation.equivalents.contains(&words) {
                translation.equivalents.push(words);
            }
        }
    }
}

/// A term with its equivalents, as the text has them.
struct Entry<'t> {
    term: &'t str,
    /// The place of an English term among the equivalents of its headword.
    rank: usize,
    /// How many equivalents the headword of an English term has.
    n_meanings: usize,
    equivalents: Vec<&'t str>,
}

/// The entry of the term that begins at byte `at` of `text`.
fn entry(text: &str, at: usize) -> Entry<'_> {
    let line_start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let term = term_at(text, at);
    let headword = term_at(text, line_start);
    if at > line_start {
        let line = text[line_start..].lines().next().unwrap_or_default();
        return Entry {
            term,
            rank: text[line_start..at].matches(';').count(),
            n_meanings: line.split(';').count(),
            equivalents: vec![headword],
        };
    }
    let rest = text[at..].lines().next().unwrap_or_default();
    let (_, english) = rest.split_once('\t').unwrap_or_default();
    Entry {
        term,
        rank: 0,
        n_meanings: 0,
        equivalents: english.split(';').collect(),
    }
}

/// The words of `term`.
fn forms(term: &str) -> Vec<String> {
    let mut forms = Forms::new(term);
    let mut words = Vec::new();
    while forms.advance().is_some() {
        words.push(forms.form().to_owned());
    }
    words
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;

    /// The terms found in `query` with the places they cover.
    fn found(glossary: &Glossary, query: &str, from: Language) -> Vec<(usize, usize, String)> {
        let words = forms(query);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let found = glossary.translations(&words, from).into_iter();
        found
            .map(|translation| {
                let Translation { words, term, .. } = translation;
                (words.start, words.end, term)
            })
            .collect()
    }

    fn bundled(query: &str, from: Language) -> Vec<(usize, usize, String)> {
        found(&Glossary::bundled(), query, from)
    }

    /// The equivalents of the longest term that `query` begins with.
    #[track_caller]
    fn equivalents(query: &str, from: Language) -> Vec<String> {
        let words = forms(query);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let found = Glossary::bundled().translations(&words, from);
        assert_eq!(found[0].words, 0..words.len(), "{query}");
        let equivalents = found[0].equivalents.iter();
        equivalents.map(|words| words.join(" ")).collect()
    }

    fn own(text: &str) -> Glossary {
        Glossary::new(Cow::Owned(text.to_owned()))
    }

    #[test]
    fn the_vocabulary_of_news_is_there_in_both_directions() {
        for (french, english) in [
            ("maire adjoint", "deputy mayor"),
            ("conseil municipal", "town council"),
            ("conseil municipal", "city council"),
            ("mise en examen", "indictment"),
            ("garde à vue", "police custody"),
            ("fraude fiscale", "tax evasion"),
            ("élection", "election"),
            ("maire", "mayor"),
            ("enquête", "investigation"),
            ("chômage", "unemployment"),
            ("guerre", "war"),
            ("londres", "london"),
            ("onu", "un"),
        ] {
            let to_english = equivalents(french, Language::French);
            assert!(
                to_english.iter().any(|term| term == english),
                "{french}: {to_english:?}"
            );
            let to_french = equivalents(english, Language::English);
            assert!(
                to_french.iter().any(|term| term == french),
                "{english}: {to_french:?}"
            );
        }
    }

    #[test]
    fn inflections_and_missing_accents_find_the_term() {
        assert_eq!(equivalents("elections", Language::French)[0], "election");
        assert_eq!(
            equivalents("élections", Language::French),
            equivalents("election", Language::French)
        );
        assert_eq!(
            equivalents("mises en examen", Language::French),
            equivalents("mise en examen", Language::French)
        );
        assert_eq!(
            equivalents("mayors", Language::English),
            equivalents("mayor", Language::English)
        );
    }

    #[test]
    fn a_glossary_that_repeats_itself_says_nothing_more() {
        let lines = (0..20_000).map(|n| format!("maire\tmayor; m{n}\n"));
        let found = own(&lines.collect::<String>()).translations(&["maire"], Language::French);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].equivalents.len(), 1 + MAX_ENTRIES);
    }

    #[test]
    fn the_longest_term_comes_before_its_words() {
        let glossary = own(
            "maire\tmayor\nmaire adjoint\tdeputy mayor\nadjoint\tdeputy\nadjoint au maire\tdeputy mayor\n",
        );
        let term = |start, end, term: &str| (start, end, term.to_owned());
        assert_eq!(
            found(&glossary, "le maire adjoint au maire", Language::French),
            [
                term(1, 3, "maire adjoint"),
                term(1, 2, "maire"),
                term(2, 3, "adjoint"),
                term(4, 5, "maire"),
            ]
        );
    }

    #[test]
    fn the_french_terms_that_mean_nothing_else_come_first() {
        let glossary = own("bourgmestre\thead; mayor\nmaire\tmayor\nmairesse\tMayor\n");
        let found = glossary.translations(&["mayors"], Language::English);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].equivalents,
            [["maire"], ["mairesse"], ["bourgmestre"]]
        );
    }

    #[test]
    fn words_are_found_by_accents_if_they_have_them() {
        let glossary = own("cote\trating\ncôté\tside\n");
        let terms = |query| -> Vec<String> {
            let found = found(&glossary, query, Language::French);
            found.into_iter().map(|(_, _, term)| term).collect()
        };
        assert_eq!(terms("côté"), ["côté"]);
        assert_eq!(terms("côtés"), ["côté"]);
        assert_eq!(terms("cote"), ["cote", "côté"]);
        assert_eq!(terms("coté"), ["cote", "côté"]);
    }

    #[test]
    fn there_is_nothing_for_unknown_words_stop_words_and_other_languages() {
        assert!(bundled("le de qxzv 2024 the", Language::French).is_empty());
        assert!(bundled("the of qxzv", Language::English).is_empty());
        assert!(bundled("maire", Language::Other).is_empty());
        assert!(bundled("", Language::French).is_empty());
    }

    proptest! {
        #[test]
        fn any_words_have_translations_in_order(
            words in prop::collection::vec("[a-zéèœ']{1,8}|mise|en|examen|police|custody|\\PC*", 0..8),
            is_french: bool,
        ) {
            let from = if is_french { Language::French } else { Language::English };
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let found = Glossary::bundled().translations(&words, from);
            for translation in &found {
                prop_assert!(translation.words.start < translation.words.end);
                prop_assert!(translation.words.end <= words.len());
                prop_assert!(!translation.equivalents.is_empty());
                prop_assert!(translation.equivalents.iter().all(|words| !words.is_empty()));
            }
            let order = |found: &Translation| (found.words.start, usize::MAX - found.words.end);
            prop_assert!(found.is_sorted_by_key(order));
        }
    }
}
