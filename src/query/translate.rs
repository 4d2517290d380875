//! What the words of a query are in the other language.
//!
//! Each word is replaced by all that the glossary says it may be, as one word: the frequencies of its equivalents add up,
//! and its rarity is that of all of them together, so that a word with many translations counts no more than one with
//! few. Where several words together are a term (`mise en examen`), what the term is in the other language is looked for
//! beside what each word is, which then counts half. Words that the glossary lacks are matched as names, as they are, and
//! where the other language does not have them, as cognates: words that begin alike and are a letter apart.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::known::Widening;
use super::plan::{PlanOptions, Shape};
use super::widen::Widener;
use super::words::TypedWord;
use crate::glossary::Glossary;
use crate::language::{Language, is_stop_word};

/// Most equivalents of a word that a notice names.
const MAX_NAMED: usize = 4;

/// What a word of a term is worth by itself, where the other language has the term: *mise* and *examen* mean something
/// else than *mise en examen* does.
const OF_PART: f32 = 0.5;

/// Translates words into the language of a plan.
pub(super) struct Translator {
    glossary: Arc<Glossary>,
    from: Language,
    to: Language,
    is_exact: bool,
}

/// What words of a query are in the other language.
pub(super) struct Translated {
    /// The words, by their places: one, or those of a term.
    pub(super) words: Range<usize>,
    pub(super) shape: Shape,
}

/// What stands for words of a query, and how it is written.
struct Equivalents {
    shape: Shape,
    written: Vec<String>,
}

/// The language of words that could be in either: the one in which the glossary has more of them.
pub(super) fn likelier_language(glossary: &Glossary, words: &[&TypedWord]) -> Option<Language> {
    let forms: Vec<&str> = words.iter().map(|word| word.form()).collect();
    let n_known = |language| {
        let translations = glossary.translations(&forms, language).into_iter();
        let known: BTreeSet<usize> = translations.flat_map(|found| found.words).collect();
        known.len()
    };
    let (in_french, in_english) = (n_known(Language::French), n_known(Language::English));
    match in_french.cmp(&in_english) {
        Ordering::Greater => Some(Language::French),
        Ordering::Less => Some(Language::English),
        Ordering::Equal => None,
    }
}

impl Translator {
    /// A translator into `to` of a query in `home`; `None` where nothing is to be translated.
    ///
    /// A query that could be in either language is taken to be in the other one, as one that is only to be answered in a
    /// language is not in it.
    pub(super) fn new(
        options: &PlanOptions,
        home: Option<Language>,
        to: Language,
    ) -> Option<Translator> {
        let glossary = options.glossary.clone()?;
        let other = match to {
            Language::French => Language::English,
            Language::English => Language::French,
            Language::Other => return None,
        };
        let is_only = options.languages.len() == 1;
        (is_only || home.is_none_or(|home| home == other)).then_some(Translator {
            glossary,
            from: other,
            to,
            is_exact: options.exact,
        })
    }

    /// What stands for `words`, in their order; words that are not needed by themselves (stop words) may be part of a
    /// term.
    pub(super) fn words(
        &self,
        words: &[TypedWord],
        is_needed: &[bool],
        widener: &mut Widener<'_>,
        notices: &mut BTreeMap<Language, Vec<String>>,
    ) -> tantivy::Result<Vec<Translated>> {
        let forms: Vec<&str> = words.iter().map(|word| word.form()).collect();
        let mut candidates: BTreeMap<(usize, usize), Vec<Vec<String>>> = BTreeMap::new();
        for translation in self.glossary.translations(&forms, self.from) {
            let Range { start, end } = translation.words;
            if is_needed[start..end].contains(&true) {
                let equivalents = candidates.entry((start, end)).or_default();
                equivalents.extend(translation.equivalents);
            }
        }
        let mut translated: Vec<Translated> = Vec::new();
        let mut has_own = vec![false; words.len()];
        let mut is_in_term = vec![false; words.len()];
        for ((start, end), candidates) in candidates {
            let typed = forms[start..end].join(" ");
            if let Some(Equivalents { shape, written }) =
                self.equivalents(&typed, &candidates, widener)?
            {
                note(self.to, &typed, &written, notices);
                match end - start {
                    1 => has_own[start] = true,
                    _ => is_in_term[start..end].fill(true),
                }
                let words = start..end;
                translated.push(Translated { words, shape });
            }
        }
        for (at, word) in words.iter().enumerate() {
            if is_needed[at] && !has_own[at] {
                let Equivalents { shape, written } = self.name(word, widener)?;
                note(self.to, word.form(), &written, notices);
                let words = at..at + 1;
                translated.push(Translated { words, shape });
            }
        }
        for Translated { words, shape } in &mut translated {
            if words.len() == 1 && is_in_term[words.start] {
                shape.weigh(OF_PART);
            }
        }
        translated.sort_by_key(|translated| (translated.words.start, translated.words.end));
        Ok(translated)
    }

    /// What stands for a phrase, where it is a term as a whole; `None` where it is looked for word by word.
    pub(super) fn whole(
        &self,
        words: &[TypedWord],
        widener: &mut Widener<'_>,
        notices: &mut BTreeMap<Language, Vec<String>>,
    ) -> tantivy::Result<Option<Shape>> {
        let forms: Vec<&str> = words.iter().map(|word| word.form()).collect();
        let translations = self.glossary.translations(&forms, self.from).into_iter();
        let candidates = translations
            .filter(|translation| translation.words == (0..forms.len()))
            .flat_map(|translation| translation.equivalents);
        let candidates: Vec<Vec<String>> = candidates.collect();
        let typed = forms.join(" ");
        let found = self.equivalents(&typed, &candidates, widener)?;
        Ok(found.map(|found| {
            note(self.to, &typed, &found.written, notices);
            found.shape
        }))
    }

    /// The language of the query.
    pub(super) fn from(&self) -> Language {
        self.from
    }

    /// Those of `candidates` that the index has; `None` if it has none.
    fn equivalents(
        &self,
        typed: &str,
        candidates: &[Vec<String>],
        widener: &mut Widener<'_>,
    ) -> tantivy::Result<Option<Equivalents>> {
        let mut keys: Vec<String> = Vec::new();
        let mut phrases: Vec<Shape> = Vec::new();
        let mut written: Vec<String> = Vec::new();
        for words in candidates {
            if words.iter().all(|word| is_stop_word(self.to, word)) {
                continue;
            }
            let known = words.iter().map(|word| widener.known_key(word));
            let Some(of_words) = known.collect::<tantivy::Result<Option<Vec<String>>>>()? else {
                continue;
            };
            written.push(words.join(" "));
            match of_words.as_slice() {
                [key] => keys.push(key.clone()),
                _ => {
                    let words = of_words.into_iter();
                    let words =
                        words.map(|key| widener.word_of_keys(typed, vec![key]).map(Arc::new));
                    phrases.push(Shape::Phrase {
                        words: words.collect::<tantivy::Result<_>>()?,
                        slop: 0,
                    });
                }
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let mut shapes = phrases;
        if !keys.is_empty() {
            let word = widener.word_of_keys(typed, keys)?;
            shapes.insert(0, Shape::Word(Arc::new(word)));
        }
        let shape = match shapes.len() {
            0 | 1 => shapes.pop(),
            _ => Some(Shape::Any(shapes)),
        };
        Ok(shape.map(|shape| Equivalents { shape, written }))
    }

    /// A word without an equivalent: a name, or a cognate.
    fn name(&self, word: &TypedWord, widener: &mut Widener<'_>) -> tantivy::Result<Equivalents> {
        let widening = match self.is_exact {
            true => Widening::None,
            false => Widening::Spellings,
        };
        let as_typed = Arc::clone(&widener.word(word, widening)?[0]);
        if as_typed.lookup.n_passages() > 0 || self.is_exact {
            return Ok(Equivalents {
                shape: Shape::Word(as_typed),
                written: Vec::new(),
            });
        }
        let (keys, written) = widener.cognates(word.form())?;
        let word = match keys.is_empty() {
            true => as_typed,
            false => Arc::new(widener.word_of_keys(word.form(), keys)?),
        };
        Ok(Equivalents {
            shape: Shape::Word(word),
            written,
        })
    }
}

/// Notes what was looked for in passages in `to`.
fn note(
    to: Language,
    typed: &str,
    written: &[String],
    notices: &mut BTreeMap<Language, Vec<String>>,
) {
    if written.is_empty() {
        return;
    }
    let mut named: Vec<&str> = Vec::new();
    for word in written {
        if !named.contains(&word.as_str()) {
            named.push(word);
        }
    }
    let more = if named.len() > MAX_NAMED { " …" } else { "" };
    named.truncate(MAX_NAMED);
    let notice = format!("{typed} → {}{more}", named.join(", "));
    let of_language = notices.entry(to).or_default();
    if !of_language.contains(&notice) {
        of_language.push(notice);
    }
}
