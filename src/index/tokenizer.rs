//! Hands the words of [`crate::language`] to tantivy, as terms and as forms.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};
use unicode_normalization::char::is_combining_mark;

use super::schema::{FORMS, NAMES, analyzer_name};
use crate::language::{Analyzer, Forms, Language, fold, normalized};

/// Ends the term of a form that is its own folded word.
pub(super) const PLAIN: char = '\0';

/// Separates the folded word from a form that differs from it.
pub(super) const ACCENTED: char = '\u{1}';

/// Registers every tokenizer that the schema names: whenever an index is created or opened, since tantivy keeps
/// the names only.
pub(super) fn register(tokenizers: &TokenizerManager) {
    for language in Language::ALL {
        tokenizers.register(&analyzer_name(language), WordTokenizer(Some(language)));
    }
    tokenizers.register(FORMS, WordTokenizer(None));
    tokenizers.register(NAMES, NameTokenizer);
}

/// The words of a name or a path, as they are indexed and looked up: runs of letters and digits, folded.
pub(crate) fn name_words(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
    runs.map(|run| fold(&normalized(run)))
        .filter(|word| !word.is_empty())
        .collect()
}

/// Yields the words of names and paths.
#[derive(Clone)]
struct NameTokenizer;

impl Tokenizer for NameTokenizer {
    type TokenStream<'a> = NameStream;

    fn token_stream(&mut self, text: &str) -> NameStream {
        NameStream {
            words: name_words(text).into_iter(),
            token: Token::default(),
        }
    }
}

/// The words of a name as tantivy's tokens.
struct NameStream {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl TokenStream for NameStream {
    fn advance(&mut self) -> bool {
        let Some(word) = self.words.next() else {
            return false;
        };
        self.token.text = word;
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The term of a form: what it is folded, and itself, if that is something else. So what looks for a folded word meets all
/// its spellings, and what looks for accents passes by the many words that have none.
pub(crate) fn form_term(form: &str) -> String {
    let mut term = fold(form);
    if term == form {
        term.push(PLAIN);
    } else {
        term.push(ACCENTED);
        term.push_str(form);
    }
    term
}

/// The folded word and the form of a term; `None` when it is none.
pub(super) fn parse_form_term(term: &str) -> Option<(&str, &str)> {
    let (folded, form) = term.split_at(term.find([PLAIN, ACCENTED])?);
    Some((folded, form.strip_prefix(ACCENTED).unwrap_or(folded)))
}

/// Terms that a thread remembers of a language. By Zipf's law a few thousand cover nearly every word of a text.
const MAX_KNOWN: usize = 1 << 16;

/// Texts whose words a thread remembers: title, heading and text of a passage come twice, in the field of its language and
/// in that of forms, and the title comes again with the next passage.
const MAX_RECENT: usize = 6;

/// The terms of a word.
struct Word {
    key: Box<str>,
    form: Box<str>,
}

/// The words of a language that a thread has met.
struct Known {
    analyzer: Analyzer,
    words: Vec<Word>,
    by_form: FxHashMap<Box<str>, u32>,
}

/// The words of a text, by their places among those known of its language.
struct Recent {
    language: Language,
    text: String,
    words: Rc<[u32]>,
}

/// What a writing thread knows: a text is cut into words once, and a word is stemmed and folded once.
struct Words {
    known: [Known; Language::ALL.len()],
    recent: VecDeque<Recent>,
}

thread_local! {
    static WORDS: RefCell<Words> = RefCell::new(Words::new());
}

impl Words {
    fn new() -> Words {
        let known = Language::ALL.map(|language| Known {
            analyzer: Analyzer::new(language),
            words: Vec::new(),
            by_form: FxHashMap::default(),
        });
        Words {
            known,
            recent: VecDeque::new(),
        }
    }

    /// The words of `text` in `language`; without one, in that in which the text was met before.
    fn of(&mut self, language: Option<Language>, text: &str) -> (Language, Rc<[u32]>) {
        let is_it = |recent: &&Recent| {
            language.is_none_or(|language| language == recent.language) && recent.text == text
        };
        if let Some(recent) = self.recent.iter().find(is_it) {
            return (recent.language, Rc::clone(&recent.words));
        }
        let language = language.unwrap_or(Language::Other);
        if self.of_language(language).words.len() > MAX_KNOWN {
            self.recent.clear();
            let known = self.of_language(language);
            known.words.clear();
            known.by_form.clear();
        }
        let words = self.of_language(language).read(text);
        let mut recent = match self.recent.len() {
            MAX_RECENT => self.recent.pop_front(),
            _ => None,
        }
        .unwrap_or_else(|| Recent {
            language,
            text: String::new(),
            words: Rc::default(),
        });
        recent.language = language;
        recent.text.clear();
        recent.text.push_str(text);
        recent.words = Rc::clone(&words);
        self.recent.push_back(recent);
        (language, words)
    }

    fn of_language(&mut self, language: Language) -> &mut Known {
        &mut self.known[language as usize]
    }
}

impl Known {
    fn read(&mut self, text: &str) -> Rc<[u32]> {
        let mut read = Vec::with_capacity(text.len() / 5);
        let mut forms = Forms::new(text);
        let mut key = String::new();
        while forms.advance().is_some() {
            let form = forms.form();
            let place = match self.by_form.get(form) {
                Some(place) => *place,
                None => {
                    let place = self.words.len() as u32;
                    self.analyzer.key(form, &mut key);
                    self.words.push(Word {
                        key: key.as_str().into(),
                        form: form_term(form).into(),
                    });
                    self.by_form.insert(form.into(), place);
                    place
                }
            };
            read.push(place);
        }
        read.into()
    }
}

/// Yields the words of a text: the keys of a language, or without one, the words as written.
#[derive(Clone)]
struct WordTokenizer(Option<Language>);

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = WordStream;

    fn token_stream(&mut self, text: &str) -> WordStream {
        let (language, words) = WORDS.with_borrow_mut(|words| words.of(self.0, text));
        WordStream {
            language,
            words,
            has_keys: self.0.is_some(),
            n_taken: 0,
            token: Token::default(),
        }
    }
}

/// The words of a text as tantivy's tokens; the first is at position 0.
struct WordStream {
    language: Language,
    words: Rc<[u32]>,
    has_keys: bool,
    n_taken: usize,
    token: Token,
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        let Some(&place) = self.words.get(self.n_taken) else {
            return false;
        };
        self.n_taken += 1;
        let text = &mut self.token.text;
        text.clear();
        WORDS.with_borrow_mut(|words| {
            let word = &words.of_language(self.language).words[place as usize];
            text.push_str(if self.has_keys { &word.key } else { &word.form });
        });
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
