//! The whole chain from text to terms, for one language.

use std::borrow::Cow;
use std::ops::Range;

use super::stem::Stemmer;
use super::{Forms, Language, inflection};

/// Raised whenever the same text would give other terms: an index built by another version must be rebuilt.
pub const ANALYZER_VERSION: u32 = 1;

/// A word of a text, as the analyzer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Bytes of the text that carry the word, without an elided article or a possessive.
    pub range: Range<usize>,
    /// The word as written, normalized (see the module documentation).
    pub form: String,
    /// What is looked up in the index.
    pub key: String,
}

/// Analyzes text of one language; keeps a cache of stems, so it is worth keeping too.
///
/// ```
/// use fouine::language::{Analyzer, Language};
///
/// let mut french = Analyzer::new(Language::French);
/// let keys = |tokens: Vec<fouine::language::Token>| -> Vec<String> {
///     tokens.into_iter().map(|token| token.key).collect()
/// };
/// assert_eq!(keys(french.tokens("L’élection des députées")), keys(french.tokens("élections des député")));
/// ```
pub struct Analyzer {
    language: Language,
    stemmer: Stemmer,
}

impl Analyzer {
    /// An analyzer of `language` with an empty cache.
    pub fn new(language: Language) -> Analyzer {
        Analyzer {
            language,
            stemmer: Stemmer::new(language),
        }
    }

    /// The language it analyzes.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Replaces `key` by the key of `form`: the form itself for a stop word, else its stem.
    pub fn key(&mut self, form: &str, key: &mut String) {
        key.clear();
        self.stemmer.stem(form, key);
    }

    /// The key of `form`, without a look into the cache: for what asks about each form once.
    pub fn key_once<'f>(&self, form: &'f str) -> Cow<'f, str> {
        self.stemmer.stem_once(form)
    }

    /// All words of `text`, in order; the position of a word is its place in the list.
    pub fn tokens(&mut self, text: &str) -> Vec<Token> {
        let mut forms = Forms::new(text);
        let mut tokens = Vec::new();
        while let Some(range) = forms.advance() {
            let mut key = String::new();
            self.key(forms.form(), &mut key);
            tokens.push(Token {
                range,
                form: forms.form().to_owned(),
                key,
            });
        }
        tokens
    }
}

/// The bytes that a form with this key may begin with: nearly always that which the key begins with.
pub fn beginnings(key: &str) -> impl Iterator<Item = u8> {
    let first = key.bytes().next();
    let others = first.into_iter().flat_map(inflection::other_beginnings);
    first.into_iter().chain(others)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(language: Language, text: &str) -> Vec<String> {
        let tokens = Analyzer::new(language).tokens(text);
        tokens.into_iter().map(|token| token.key).collect()
    }

    #[test]
    fn tea_is_not_an_article() {
        assert_ne!(keys(Language::French, "thé"), keys(Language::French, "the"));
        assert_ne!(
            keys(Language::English, "thé"),
            keys(Language::English, "the")
        );
    }

    proptest! {
        #[test]
        fn forms_begin_as_their_keys_say(
            beginning in "[a-zéèêàâîôûçœ'0-9]{1,6}",
            ending in prop::sample::select(vec![
                "", "s", "x", "aux", "eux", "ées", "ement", "ing", "ed", "ies", "ly", "ational", "ité", "ira", "yant",
            ]),
        ) {
            let text = format!("{beginning}{ending}");
            for language in Language::ALL {
                for token in Analyzer::new(language).tokens(&text) {
                    let first = token.form.bytes().next().unwrap();
                    prop_assert!(beginnings(&token.key).any(|byte| byte == first), "{token:?}");
                }
            }
        }
    }

    #[test]
    fn the_beginnings_of_irregular_words_are_known() {
        let text = "yeux œil aïeul aieux cieux travaux jeux euros français dying skies news idly early oxen ils elles";
        for language in Language::ALL {
            for token in Analyzer::new(language).tokens(text) {
                let first = token.form.bytes().next().unwrap();
                assert!(
                    beginnings(&token.key).any(|byte| byte == first),
                    "{token:?}"
                );
            }
        }
    }

    #[test]
    fn stop_words_are_terms_like_others() {
        assert_eq!(keys(Language::English, "to be or not to be").len(), 6);
        assert_eq!(keys(Language::French, "être ou ne pas être").len(), 6 - 1);
    }

    #[test]
    fn the_same_name_has_one_key_in_every_language() {
        for language in Language::ALL {
            assert_eq!(keys(language, "L'Oréal"), keys(language, "Oréal’s"));
            assert_eq!(keys(language, "63 500"), ["63500"]);
        }
    }
}
