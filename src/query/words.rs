//! The words of a query: which of them are function words, and the language they tell.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use tantivy::TantivyError;

use super::known::{KnownWord, KnownWords};
use super::syntax::{Group, Node, Occur, Part};
use crate::index::Vocabulary;
use crate::language::{Analyzer, Forms, Language};

/// How much larger the share of one language's passages that have a word must be for the word to be at home there.
const HOME_RATIO: f64 = 2.0;

/// A word of a query.
#[derive(Debug)]
pub(super) struct TypedWord {
    /// What was found out about it.
    pub(super) known: Arc<KnownWord>,
    /// The language it speaks for, if it is a function word.
    suggests: Option<Language>,
    /// Whether it may be left out as a stop word.
    is_droppable: bool,
}

impl TypedWord {
    /// The word, normalized.
    pub(super) fn form(&self) -> &str {
        &self.known.form
    }

    /// Whether it is a function word of `language`.
    pub(super) fn is_stop_word(&self, language: Language) -> bool {
        self.is_droppable && self.known.is_typed_stop_word(language)
    }
}

/// The words of a text, in order.
pub(super) type TypedWords = SmallVec<[TypedWord; 4]>;

/// The words of the texts of a query, each of which is read once for all languages.
pub(super) struct ReadTexts<'k> {
    /// Whether the whole query is in capitals.
    shouts: bool,
    known: &'k KnownWords,
    read: RefCell<FxHashMap<&'k str, Rc<TypedWords>>>,
}

impl<'k> ReadTexts<'k> {
    pub(super) fn new(shouts: bool, known: &'k KnownWords) -> ReadTexts<'k> {
        ReadTexts {
            shouts,
            known,
            read: RefCell::default(),
        }
    }

    /// The words of `text`.
    pub(super) fn words(&self, text: &'k str) -> Rc<TypedWords> {
        let mut read = self.read.borrow_mut();
        if let Some(words) = read.get(text) {
            return Rc::clone(words);
        }
        let words = Rc::new(read_words(text, self.shouts, self.known));
        read.insert(text, Rc::clone(&words));
        words
    }
}

/// Whether texts have fewer than `n` words.
pub(super) fn has_fewer_words(texts: &[&str], n: usize) -> bool {
    let mut n_left = n;
    for text in texts {
        let mut forms = Forms::new(text);
        while n_left > 0 && forms.advance().is_some() {
            n_left -= 1;
        }
    }
    n_left > 0
}

/// Reads the words of a text, each with what is known of it; `shouts` tells that the whole query is in capitals.
fn read_words(text: &str, shouts: bool, known: &KnownWords) -> TypedWords {
    let mut words = TypedWords::new();
    let mut forms = Forms::new(text);
    while let Some(range) = forms.advance() {
        words.push(read_word(text, range, forms.form(), shouts, known));
    }
    words
}

/// Judges the word at `range` of `text`. `UN` and `AI` are no function words, unless all is in capitals; a letter alone is
/// none either, and what an article is elided before is a noun (`l'Est`), in French.
fn read_word(
    text: &str,
    range: Range<usize>,
    form: &str,
    shouts: bool,
    known: &KnownWords,
) -> TypedWord {
    let surface = &text[range.clone()];
    let is_acronym = !shouts && surface.chars().count() > 1 && is_all_capitals(surface);
    let is_letter = form.chars().count() == 1;
    let before = text[..range.start].trim_end_matches(['\'', '’']);
    let is_elided = before.len() < range.start && before.ends_with(char::is_alphabetic);
    let is_noun = is_elided
        && before.ends_with(['l', 'L'])
        && !matches!(form, "a" | "on" | "un" | "une" | "y" | "ont");
    let known = known.word(form);
    TypedWord {
        suggests: if is_elided {
            Some(Language::French)
        } else {
            known.suggests.filter(|_| !is_acronym && !is_letter)
        },
        known,
        is_droppable: !is_acronym && !is_noun,
    }
}

fn is_all_capitals(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// The texts of a query's words and phrases, in order; what is excluded tells nothing of the query's language.
pub(super) fn texts(group: &Group) -> Vec<&str> {
    let mut texts = Vec::new();
    push_group(group, &mut texts);
    texts
}

fn push_group<'q>(group: &'q Group, texts: &mut Vec<&'q str>) {
    let clauses = group.clauses.iter();
    for clause in clauses.filter(|clause| clause.occur != Occur::MustNot) {
        push_texts(&clause.node, texts);
    }
}

fn push_texts<'q>(node: &'q Node, texts: &mut Vec<&'q str>) {
    match node {
        Node::Words(text) => texts.push(text),
        Node::Phrase(phrase) => {
            for part in &phrase.parts {
                if let Part::Text(text) | Part::Exact(text) = part {
                    texts.push(text);
                }
            }
        }
        Node::Near { left, right, .. } => {
            push_texts(left, texts);
            push_texts(right, texts);
        }
        Node::Any(nodes) => nodes.iter().for_each(|node| push_texts(node, texts)),
        Node::Group(group) => push_group(group, texts),
        Node::Title(node) => push_texts(node, texts),
        Node::Filter(_) => {}
    }
}

/// The language that the words seem to be in: each function word speaks for its language, each other word for the one in
/// whose passages it is more at home.
pub(super) fn reading(
    words: &[&TypedWord],
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Option<Language>> {
    let mut french = Analyzer::new(Language::French);
    let mut english = Analyzer::new(Language::English);
    let mut votes = Vec::new();
    for word in words {
        if word.suggests.is_some() {
            votes.push(word.suggests);
        }
        if word.is_droppable && word.known.is_any_stop_word {
            continue;
        }
        let home = word.known.home(|| {
            let share = |analyzer: &mut Analyzer| {
                let mut key = String::new();
                analyzer.key(word.form(), &mut key);
                vocabulary.share(analyzer.language(), &key)
            };
            let (in_french, in_english) = (share(&mut french)?, share(&mut english)?);
            Ok::<_, TantivyError>(if in_french > HOME_RATIO * in_english {
                Some(Language::French)
            } else if in_english > HOME_RATIO * in_french {
                Some(Language::English)
            } else {
                None
            })
        });
        votes.push(home?);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::syntax::shouts;

    fn stop_words(text: &str, language: Language) -> Vec<String> {
        let words = read_words(text, shouts(text), &KnownWords::new()).into_iter();
        words
            .filter(|word| word.is_stop_word(language))
            .map(|word| word.form().to_owned())
            .collect()
    }

    #[test]
    fn acronyms_letters_and_nouns_are_no_function_words() {
        for (text, language, expected) in [
            (
                "la dette de la ville",
                Language::French,
                &["la", "de", "la"][..],
            ),
            (
                "the debt of the town",
                Language::English,
                &["the", "of", "the"],
            ),
            ("UN resolution", Language::French, &[]),
            ("EU budget", Language::French, &[]),
            ("UN REFORM", Language::English, &[]),
            ("LE MAIRE", Language::French, &["le"]),
            ("THE MAYOR", Language::English, &["the"]),
            ("gare de l'Est", Language::French, &["de"]),
            ("prix de l'or", Language::French, &["de"]),
            (
                "LE MAIRE DE LA VILLE",
                Language::French,
                &["le", "de", "la"],
            ),
            (
                "que dois-je faire",
                Language::French,
                &["que", "dois", "je", "faire"],
            ),
        ] {
            assert_eq!(stop_words(text, language), expected, "{text}");
        }
    }

    #[test]
    fn function_words_tell_the_language() {
        let language = |text| {
            let words = read_words(text, false, &KnownWords::new());
            majority(&words.iter().map(|word| word.suggests).collect::<Vec<_>>())
        };
        assert_eq!(language("le maire de la ville"), Some(Language::French));
        assert_eq!(language("the mayor of Paris"), Some(Language::English));
        assert_eq!(language("Levallois"), None);
    }
}
