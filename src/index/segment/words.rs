//! The words that were met while a segment is built: each is folded and stemmed once.

use std::ops::Range;

use super::log::GAP;
use crate::index::form::form_term;
use crate::index::strings::{Digest, Strings, Surfaces};
use crate::language::{Analyzer, Forms, Language};

/// The words met so far, by language.
pub(super) struct Words {
    languages: Vec<OfLanguage>,
    /// The terms of the forms, whatever their language.
    forms: Strings,
    /// The words of the text that is being read.
    read: Vec<Read>,
    /// Those of them that are not as they are written in the text, one behind the other.
    others: String,
}

/// The words of a language.
pub(super) struct OfLanguage {
    analyzer: Analyzer,
    /// As written, but normalized.
    surfaces: Surfaces,
    /// What they are looked up by, by their numbers.
    words: Vec<Word>,
    /// How often each of them stands in passages.
    n_met: Vec<u32>,
    keys: Strings,
}

/// A word of a text.
struct Read {
    digest: Digest,
    is_as_written: bool,
    /// Its bytes in the text, or among those that are not as they are written.
    range: Range<usize>,
}

/// A word as written.
pub(super) struct Word {
    /// The numbers of its key and of the term of its form.
    pub(super) key: u32,
    pub(super) form: u32,
}

impl Words {
    pub(super) fn new() -> Words {
        let languages = Language::ALL.map(|language| OfLanguage {
            analyzer: Analyzer::new(language),
            surfaces: Surfaces::default(),
            words: Vec::new(),
            n_met: Vec::new(),
            keys: Strings::default(),
        });
        Words {
            languages: languages.into(),
            forms: Strings::default(),
            read: Vec::new(),
            others: String::new(),
        }
    }

    /// Cuts `text` into words and puts their numbers in `into`.
    pub(super) fn read(&mut self, language: Language, text: &str, into: &mut Vec<u32>) {
        self.read.clear();
        self.others.clear();
        let mut forms = Forms::new(text);
        while let Some(range) = forms.advance() {
            let is_as_written = forms.is_as_written();
            self.read.push(if is_as_written {
                Read {
                    digest: Digest::at(text.as_bytes(), range.start, range.len()),
                    is_as_written,
                    range,
                }
            } else {
                let start = self.others.len();
                self.others.push_str(forms.form());
                Read {
                    digest: Digest::of(forms.form().as_bytes()),
                    is_as_written,
                    range: start..self.others.len(),
                }
            });
        }
        // Looked up all together, so that the processor waits for several of them at a time.
        into.clear();
        let of_language = &mut self.languages[language as usize];
        for word in &self.read {
            let text = if word.is_as_written {
                text
            } else {
                &self.others
            };
            let bytes = &text.as_bytes()[word.range.clone()];
            let (number, is_new) = of_language.surfaces.number(bytes, word.digest);
            if is_new {
                let form = &text[word.range.clone()];
                let key = of_language.analyzer.key_once(form);
                of_language.words.push(Word {
                    key: of_language.keys.number(key.as_bytes()).0,
                    form: self.forms.number(form_term(form).as_bytes()).0,
                });
                of_language.n_met.push(0);
            }
            into.push(number);
        }
    }

    /// Counts words of a language that stand in a passage, and returns how many there are, gaps aside.
    pub(super) fn count(&mut self, language: Language, words: impl Iterator<Item = u32>) -> usize {
        let n_met = &mut self.languages[language as usize].n_met;
        let mut n_words = 0;
        for word in words.filter(|word| *word != GAP) {
            n_met[word as usize] += 1;
            n_words += 1;
        }
        n_words
    }

    /// Gives back what is needed only while texts are read.
    pub(super) fn close(&mut self) {
        self.forms.close();
        for of_language in &mut self.languages {
            of_language.surfaces.close();
            of_language.keys.close();
        }
    }

    /// The keys of a language.
    pub(super) fn keys(&self, language: Language) -> &Strings {
        &self.languages[language as usize].keys
    }

    /// The words of a language, in the order of their numbers, and how often each stands in passages.
    pub(super) fn words(&self, language: Language) -> impl Iterator<Item = (&Word, u32)> {
        let of_language = &self.languages[language as usize];
        of_language
            .words
            .iter()
            .zip(of_language.n_met.iter().copied())
    }

    /// The terms of the forms.
    pub(super) fn forms(&self) -> &Strings {
        &self.forms
    }

    /// The bytes of memory they take.
    pub(super) fn n_bytes(&self) -> usize {
        let of_language = |words: &OfLanguage| {
            let numbers = (size_of::<Word>() + size_of::<u32>()) * words.words.len();
            words.surfaces.n_bytes() + words.keys.n_bytes() + numbers
        };
        self.forms.n_bytes() + self.languages.iter().map(of_language).sum::<usize>()
    }
}
