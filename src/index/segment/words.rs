//! The words that were met while a segment is built: each is folded and stemmed once.

use super::log::GAP;
use super::strings::Strings;
use crate::index::form::form_term;
use crate::language::{Analyzer, Forms, Language};

/// Bytes of the longest term that tantivy's dictionary takes.
pub(super) const MAX_TERM_BYTES: usize = u16::MAX as usize - 5;

/// The words met so far, by language.
pub(super) struct Words {
    languages: Vec<OfLanguage>,
    /// The terms of the forms, whatever their language.
    forms: Strings,
    key: String,
}

/// The words of a language.
pub(super) struct OfLanguage {
    analyzer: Analyzer,
    /// As written, but normalized.
    surfaces: Strings,
    /// The key and the form of each of them, by their numbers; those of a word that is too long are gaps.
    key_of: Vec<u32>,
    form_of: Vec<u32>,
    keys: Strings,
}

impl Words {
    pub(super) fn new() -> Words {
        let languages = Language::ALL.map(|language| OfLanguage {
            analyzer: Analyzer::new(language),
            surfaces: Strings::default(),
            key_of: Vec::new(),
            form_of: Vec::new(),
            keys: Strings::default(),
        });
        Words {
            languages: languages.into(),
            forms: Strings::default(),
            key: String::new(),
        }
    }

    /// Cuts `text` into words and puts their numbers in `into`.
    pub(super) fn read(&mut self, language: Language, text: &str, into: &mut Vec<u32>) {
        into.clear();
        let of_language = &mut self.languages[language as usize];
        let mut forms = Forms::new(text);
        while forms.advance().is_some() {
            let form = forms.form();
            let (number, is_new) = of_language.surfaces.number(form.as_bytes());
            if is_new {
                of_language.analyzer.key(form, &mut self.key);
                let form = form_term(form);
                let fits = form.len().max(self.key.len()) <= MAX_TERM_BYTES;
                let (key, form) = match fits {
                    true => (
                        of_language.keys.number(self.key.as_bytes()).0,
                        self.forms.number(form.as_bytes()).0,
                    ),
                    false => (GAP, GAP),
                };
                of_language.key_of.push(key);
                of_language.form_of.push(form);
            }
            into.push(match of_language.key_of[number as usize] {
                GAP => GAP,
                _ => number,
            });
        }
    }

    /// The keys of a language.
    pub(super) fn keys(&self, language: Language) -> &Strings {
        &self.languages[language as usize].keys
    }

    /// The numbers of the keys of the words of a language.
    pub(super) fn key_of(&self, language: Language) -> &[u32] {
        &self.languages[language as usize].key_of
    }

    /// The terms of the forms.
    pub(super) fn forms(&self) -> &Strings {
        &self.forms
    }

    /// The numbers of the forms of the words of a language.
    pub(super) fn form_of(&self, language: Language) -> &[u32] {
        &self.languages[language as usize].form_of
    }

    /// The bytes of memory they take.
    pub(super) fn n_bytes(&self) -> usize {
        let of_language = |words: &OfLanguage| {
            let numbers = words.key_of.capacity() + words.form_of.capacity();
            words.surfaces.n_bytes() + words.keys.n_bytes() + 4 * numbers
        };
        self.forms.n_bytes() + self.languages.iter().map(of_language).sum::<usize>()
    }
}
