//! What was found out about words in one state of the index: planning a question takes half the time when its words come
//! again. Queries of twenty words and more remember for themselves only (see `Plan::new`).

use std::array;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use super::plan::PlannedWord;
use crate::index::{Memo, known_or};
use crate::language::{Language, is_any_stop_word, is_typed_stop_word, suggests};

/// Most words that are remembered: some megabytes, or forty where all are mistyped.
const MAX_REMEMBERED: usize = 1 << 13;

/// Words that were asked about, with what was found out about each.
pub(crate) struct KnownWords(Memo<String, Arc<KnownWord>>);

impl KnownWords {
    pub(crate) fn new() -> KnownWords {
        KnownWords(Memo::new(MAX_REMEMBERED))
    }

    /// What is known of the word `form`, which is what the same word will be asked for again.
    pub(super) fn word(&self, form: &str) -> Arc<KnownWord> {
        let Ok(word) = self.0.get(form, |form| {
            Ok::<_, Infallible>(Arc::new(KnownWord::new(form)))
        });
        word
    }
}

/// What was found out about a word: at once what it is in any index, the rest when it was first asked for.
#[derive(Debug)]
pub(super) struct KnownWord {
    /// The word, normalized.
    pub(super) form: Box<str>,
    /// The language that a text with it is likely to be in, if it is a function word.
    pub(super) suggests: Option<Language>,
    /// Whether it is a function word of any language, written as it should be.
    pub(super) is_any_stop_word: bool,
    /// Of which languages it is a function word, as it may be typed.
    is_typed_stop_word: [bool; Language::ALL.len()],
    /// The language that it is at home in, if any.
    home: OnceLock<Option<Language>>,
    /// By language. A pasted page has thousands of words, few of which are looked up.
    in_languages: [OnceLock<Box<KnownIn>>; Language::ALL.len()],
}

/// What a word stands for: mostly one.
pub(super) type PlannedWords = SmallVec<[Arc<PlannedWord>; 1]>;

/// What was found out about a word in one language.
#[derive(Debug, Default)]
struct KnownIn {
    /// What it stands for, by how far it is widened.
    words: [OnceLock<PlannedWords>; Widening::N],
    /// The words that it may be, written together; `None` where the index has it.
    apart: OnceLock<Option<Vec<Arc<PlannedWord>>>>,
}

/// How far a word is widened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Widening {
    /// To its inflections only.
    None,
    /// To its other spellings: accents.
    Spellings,
    /// To these, and where the index lacks the word, to the words that it may be a slip of.
    Slips,
    /// To these, and also where the index hardly knows the word.
    Doubts,
}

impl Widening {
    const N: usize = Widening::Doubts as usize + 1;
}

impl KnownWord {
    fn new(form: &str) -> KnownWord {
        KnownWord {
            form: form.into(),
            suggests: suggests(form),
            is_any_stop_word: is_any_stop_word(form),
            is_typed_stop_word: Language::ALL.map(|language| is_typed_stop_word(language, form)),
            home: OnceLock::new(),
            in_languages: array::from_fn(|_| OnceLock::new()),
        }
    }

    /// Whether it is a function word of `language`, as it may be typed.
    pub(super) fn is_typed_stop_word(&self, language: Language) -> bool {
        self.is_typed_stop_word[language as usize]
    }

    /// Whether it is a function word of any language, as it may be typed.
    pub(super) fn is_any_typed_stop_word(&self) -> bool {
        self.is_typed_stop_word.contains(&true)
    }

    /// The language that it is at home in, if any: what is known, or what `find` finds.
    pub(super) fn home<E>(
        &self,
        find: impl FnOnce() -> Result<Option<Language>, E>,
    ) -> Result<Option<Language>, E> {
        known_or(&self.home, find).copied()
    }

    /// What it stands for in `language`, likewise.
    pub(super) fn words<E>(
        &self,
        language: Language,
        widening: Widening,
        find: impl FnOnce() -> Result<PlannedWords, E>,
    ) -> Result<&[Arc<PlannedWord>], E> {
        let words = known_or(&self.in_language(language).words[widening as usize], find);
        words.map(PlannedWords::as_slice)
    }

    /// The words of `language` that it may be, written together, likewise; `None` where the index has it.
    pub(super) fn apart<E>(
        &self,
        language: Language,
        find: impl FnOnce() -> Result<Option<Vec<Arc<PlannedWord>>>, E>,
    ) -> Result<Option<&[Arc<PlannedWord>]>, E> {
        let words = known_or(&self.in_language(language).apart, find);
        words.map(Option::as_deref)
    }

    fn in_language(&self, language: Language) -> &KnownIn {
        self.in_languages[language as usize].get_or_init(Box::default)
    }
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use super::*;

    #[test]
    fn what_was_found_out_is_asked_for_once_by_word_language_and_widening() {
        let known = KnownWords::new();
        let mut n_asked = 0;
        let mut ask = |form: &str, language: Language, widening: Widening| {
            let word = known.word(form);
            let words = word.words(language, widening, || {
                n_asked += 1;
                let word = PlannedWord::of_keys(form, Vec::new(), n_asked);
                Ok::<_, ()>(smallvec![Arc::new(word)])
            });
            words.map(|words| words[0].lookup.n_passages())
        };
        assert_eq!(ask("a", Language::French, Widening::Slips), Ok(1));
        assert_eq!(ask("b", Language::French, Widening::Slips), Ok(2));
        assert_eq!(ask("a", Language::English, Widening::Slips), Ok(3));
        assert_eq!(ask("a", Language::French, Widening::Doubts), Ok(4));
        assert_eq!(ask("a", Language::French, Widening::Slips), Ok(1));
    }

    #[test]
    fn failures_are_not_known() {
        let word = KnownWords::new().word("a");
        assert_eq!(word.home(|| Err("no")), Err("no"));
        let french = Some(Language::French);
        assert_eq!(word.home(|| Ok::<_, ()>(french)), Ok(french));
        assert_eq!(word.home(|| Err("no")), Ok(french));
    }
}
