//! Whether words of a query are a term of the glossary, and how closely.
//!
//! A word meets a term by what is typed, else by its stem; a word typed with accents rather with them than without.
//! Stems join more than inflections (`jugements` has the stem of *juge*): only the terms with about the fewest
//! letters to take off and put on count.
//!
//! Stop words inside a term need not agree (`blanchiment de l'argent` is *blanchiment d'argent*), but where they do, the
//! others do not count: *mise à jour* and *mise au jour* differ by nothing else. At either end they must be there, or
//! every shelter (*abri*) were without one (*sans-abri*).

use crate::language::{
    Analyzer, Forms, Language, fold, is_any_stop_word, is_folded, is_stop_word, is_typed_stop_word,
};

use super::terms::Beginning;

/// Letters by which a term may differ more than the closest one and still count, where both are met by stems: `votera`
/// is as near to *vote* as to *voter*.
const MAX_LETTERS_MORE: usize = 1;

/// What a stop word left out counts for, in letters: more than may be overlooked.
const STOP_WORD_LETTERS: usize = MAX_LETTERS_MORE + 1;

/// By what a word meets one of a term, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kinship {
    /// The same form, or the same without accents where none were typed.
    Form,
    /// The same form but for accents.
    FoldedForm,
    /// The same key, or the same without accents where none were typed.
    Key,
    /// The same key but for accents.
    FoldedKey,
}

/// How closely words meet a term; less is closer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Closeness {
    /// That of the word which is farthest.
    kinship: Kinship,
    /// Letters to take off and put on.
    n_letters: usize,
}

impl Closeness {
    /// Tells whether a term that is this close counts beside the closest one.
    pub(super) fn is_near(self, closest: Closeness) -> bool {
        let n_more = match closest.kinship {
            Kinship::Form | Kinship::FoldedForm => 0,
            Kinship::Key | Kinship::FoldedKey => MAX_LETTERS_MORE,
        };
        self.kinship == closest.kinship && self.n_letters <= closest.n_letters + n_more
    }
}

/// A term that words of the query are.
#[derive(Debug)]
pub(super) struct Match {
    /// The place after the last word it covers.
    pub(super) end: usize,
    pub(super) closeness: Closeness,
}

/// A word of the query, with all that it is compared by.
struct Word {
    form: String,
    folded: String,
    key: String,
    folded_key: String,
    is_stop_word: bool,
}

/// Compares the words of a query with terms.
pub(super) struct Matcher {
    analyzer: Analyzer,
    words: Vec<Word>,
}

impl Matcher {
    /// Prepares `words`, the forms of a query in `language`.
    pub(super) fn new(words: &[&str], language: Language) -> Matcher {
        let mut analyzer = Analyzer::new(language);
        let words = words.iter().map(|form| word(form, &mut analyzer)).collect();
        Matcher { analyzer, words }
    }

    /// How the first word of a term begins, if the word at `place` may meet it. Mostly there is one answer.
    pub(super) fn beginnings(&self, place: usize) -> Vec<Beginning> {
        let word = &self.words[place];
        let (folded, folded_key) = (&word.folded, &word.folded_key);
        if word.is_stop_word {
            return vec![Beginning::Word(folded.clone())];
        }
        if folded.is_empty() || folded_key.is_empty() {
            return Vec::new();
        }
        let n_common = common_bytes(folded, folded_key);
        if n_common == 0 {
            // `yeux`, whose stem is that of *œil*.
            let both = [folded, folded_key].into_iter();
            return both.cloned().map(Beginning::Prefix).collect();
        }
        // The last letter of a stem may not be that of the word: `citi` stands for *city*.
        let n_stable = folded_key.floor_char_boundary(folded_key.len() - 1);
        let n_bytes = if n_stable == 0 {
            n_common
        } else {
            n_common.min(n_stable)
        };
        vec![Beginning::Prefix(folded[..n_bytes].to_owned())]
    }

    /// Compares the words from `start` on with `term`, which is to begin with `beginning`.
    pub(super) fn compare(
        &mut self,
        start: usize,
        beginning: &Beginning,
        term: &str,
    ) -> Option<Match> {
        let mut forms = Forms::new(term);
        forms.advance()?;
        if !beginning.has(&fold(forms.form())) {
            return None;
        }
        let mut closeness = self.closeness(start, forms.form())?;
        let mut end = start + 1;
        let mut has_content = !self.words[start].is_stop_word;
        let mut n_pending = 0;
        while forms.advance().is_some() {
            let is_stop_word = is_stop_word(self.analyzer.language(), forms.form());
            let here = (end < self.words.len()).then(|| self.closeness(end, forms.form()));
            if let Some(Some(next)) = here {
                closeness = joined(closeness, next);
                end += 1;
            } else if is_stop_word {
                n_pending += 1;
                closeness.n_letters += STOP_WORD_LETTERS;
                continue;
            } else {
                let n_skipped = self.n_stop_words(end);
                end += n_skipped;
                closeness.n_letters += n_skipped * STOP_WORD_LETTERS;
                if end >= self.words.len() {
                    return None;
                }
                closeness = joined(closeness, self.closeness(end, forms.form())?);
                end += 1;
            }
            n_pending = 0;
            has_content |= !is_stop_word;
        }
        let is_match = n_pending == 0 && has_content;
        is_match.then_some(Match { end, closeness })
    }

    /// How many stop words there are from `place` on.
    fn n_stop_words(&self, place: usize) -> usize {
        let words = self.words[place..].iter();
        words.take_while(|word| word.is_stop_word).count()
    }

    fn closeness(&mut self, place: usize, form: &str) -> Option<Closeness> {
        let kinship = self.kinship(place, form)?;
        let word = &self.words[place];
        let folded = fold(form);
        let n_common = common_bytes(&word.folded, &folded);
        Some(Closeness {
            kinship,
            n_letters: word.folded.len() + folded.len() - 2 * n_common,
        })
    }

    fn kinship(&mut self, place: usize, form: &str) -> Option<Kinship> {
        let language = self.analyzer.language();
        let word = &self.words[place];
        if word.form == form {
            return Some(Kinship::Form);
        }
        let is_without_accents = is_folded(&word.form);
        // `the` in a French query is hardly *thé*.
        let may_lack_accents = !is_any_stop_word(&word.form);
        if word.folded == fold(form) && may_lack_accents {
            return Some(if is_without_accents {
                Kinship::Form
            } else {
                Kinship::FoldedForm
            });
        }
        if word.is_stop_word || is_stop_word(language, form) {
            return None;
        }
        let mut key = String::new();
        self.analyzer.key(form, &mut key);
        let is_same_folded = fold(&key) == word.folded_key && may_lack_accents;
        if key == word.key || (is_same_folded && is_without_accents) {
            Some(Kinship::Key)
        } else if is_same_folded {
            Some(Kinship::FoldedKey)
        } else {
            None
        }
    }
}

fn word(form: &str, analyzer: &mut Analyzer) -> Word {
    let mut key = String::new();
    analyzer.key(form, &mut key);
    let is_french = analyzer.language() == Language::French;
    let mut folded_key = fold(&key);
    // Snowball takes *-ées* off, but not *-ees*.
    if is_french && let Some(base) = form.strip_suffix("ees").or(form.strip_suffix("ee")) {
        let mut restored = String::new();
        analyzer.key(&format!("{base}ées"), &mut restored);
        folded_key = fold(&restored);
    }
    Word {
        form: form.to_owned(),
        folded: fold(form),
        key,
        folded_key,
        is_stop_word: is_typed_stop_word(analyzer.language(), form),
    }
}

/// How close two neighbors are, from how close each is.
fn joined(one: Closeness, other: Closeness) -> Closeness {
    Closeness {
        kinship: one.kinship.max(other.kinship),
        n_letters: one.n_letters + other.n_letters,
    }
}

/// How many bytes both begin with, on a character boundary of either.
fn common_bytes(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    let common = pairs.take_while(|(one, other)| one == other);
    common.map(|(c, _)| c.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place after the last word that `term` covers, and how closely, of `query` from its first word on.
    #[track_caller]
    fn compare(language: Language, query: &str, term: &str) -> Option<(usize, Closeness)> {
        let mut forms = Forms::new(query);
        let mut words = Vec::new();
        while forms.advance().is_some() {
            words.push(forms.form().to_owned());
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut matcher = Matcher::new(&words, language);
        let beginnings = matcher.beginnings(0);
        let mut found = beginnings
            .iter()
            .filter_map(|beginning| matcher.compare(0, beginning, term));
        found.next().map(|found| (found.end, found.closeness))
    }

    #[track_caller]
    fn french(query: &str, term: &str) -> Closeness {
        compare(Language::French, query, term).unwrap().1
    }

    #[test]
    fn inflections_meet_in_both_languages() {
        for (query, term) in [
            ("élections", "élection"),
            ("elections", "élection"),
            ("députées", "député"),
            ("deputees", "député"),
            ("chevaux", "cheval"),
            ("yeux", "œil"),
            ("travaux", "travail"),
            ("mises en examen", "mise en examen"),
            ("maires adjoints", "maire adjoint"),
        ] {
            assert!(compare(Language::French, query, term).is_some(), "{query}");
        }
        for (query, term) in [
            ("elected", "elect"),
            ("cities", "city"),
            ("city", "cities"),
            ("dying", "die"),
            ("deputy mayors", "deputy mayor"),
        ] {
            assert!(compare(Language::English, query, term).is_some(), "{query}");
        }
    }

    #[test]
    fn other_words_do_not_meet() {
        for (query, term) in [
            ("maire", "marié"),
            ("maire", "maire adjoint"),
            ("mise examen", "mise en demeure"),
            ("abri", "sans-abri"),
            ("été", "être"),
        ] {
            assert_eq!(compare(Language::French, query, term), None, "{query}");
        }
    }

    #[test]
    fn what_is_typed_is_closer_than_its_stem() {
        assert!(french("voté", "voté") < french("vote", "voter"));
        assert!(!french("élève", "élevé").is_near(french("élève", "élève")));
        assert!(french("eleve", "élevé").is_near(french("eleve", "élève")));
        assert!(!french("jugements", "juge").is_near(french("jugements", "jugement")));
        assert!(!french("côtés", "cote").is_near(french("côtés", "côté")));
        assert!(french("cotes", "côté").is_near(french("cotes", "cote")));
        assert!(french("votera", "vote").is_near(french("votera", "voter")));
    }

    #[test]
    fn stop_words_inside_a_term_may_differ_but_count() {
        let argent = compare(
            Language::French,
            "blanchiment de l'argent sale",
            "blanchiment d'argent",
        );
        assert_eq!(argent.unwrap().0, 3);
        assert_eq!(
            compare(Language::French, "mise examen", "mise en examen")
                .unwrap()
                .0,
            2
        );
        assert!(
            !french("mise à jour", "mise au jour").is_near(french("mise à jour", "mise à jour"))
        );
        assert!(french("mise jour", "mise au jour").is_near(french("mise jour", "mise à jour")));
    }

    #[test]
    fn stop_words_alone_are_no_term() {
        assert_eq!(compare(Language::French, "à la", "à la"), None);
        assert_eq!(compare(Language::French, "le", "le"), None);
        assert_eq!(compare(Language::French, "mise", "mise en"), None);
        assert_eq!(
            compare(Language::French, "mise en", "mise en").unwrap().0,
            2
        );
    }
}
