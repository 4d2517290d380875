//! The words of an index: how they were written, how often, and which keys exist.
//!
//! Reads term dictionaries only, never postings, so that planning a query costs microseconds.

use std::collections::BTreeMap;

use tantivy::{Searcher, Term};

use super::schema::Fields;
use super::tokenizer::FORM_SEPARATOR;
use crate::language::Language;

/// A word as written somewhere in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    /// The form, accents included.
    pub(crate) form: String,
    /// Passages it is in.
    pub(crate) n_passages: u64,
}

/// Look-ups in the term dictionaries of one state of the index.
pub(crate) struct Vocabulary<'s> {
    searcher: &'s Searcher,
    fields: &'s Fields,
}

impl<'s> Vocabulary<'s> {
    pub(crate) fn new(searcher: &'s Searcher, fields: &'s Fields) -> Vocabulary<'s> {
        Vocabulary { searcher, fields }
    }

    /// Passages of `language` that have `key`.
    pub(crate) fn n_passages(&self, language: Language, key: &str) -> tantivy::Result<u64> {
        let term = Term::from_field_text(self.fields.terms(language), key);
        self.searcher.doc_freq(&term)
    }

    /// The share of the passages of `language` that have `key`; 0 where there are none.
    pub(crate) fn share(&self, language: Language, key: &str) -> tantivy::Result<f64> {
        let of_language = Term::from_field_text(self.fields.language, language.code());
        let n_of_language = self.searcher.doc_freq(&of_language)?.max(1);
        Ok(self.n_passages(language, key)? as f64 / n_of_language as f64)
    }

    /// All forms that are `folded` when folded, in alphabetical order.
    pub(crate) fn spellings(&self, folded: &str) -> tantivy::Result<Vec<Form>> {
        let range = format!("{folded}{FORM_SEPARATOR}");
        self.forms_starting(&range, usize::MAX)
    }

    /// The first `limit` forms of each segment whose folded word begins with `prefix`, in order of the folded word.
    pub(crate) fn forms_starting(&self, prefix: &str, limit: usize) -> tantivy::Result<Vec<Form>> {
        let mut forms: BTreeMap<String, u64> = BTreeMap::new();
        for segment in self.searcher.segment_readers() {
            let inverted_index = segment.inverted_index(self.fields.forms)?;
            let mut terms = inverted_index.terms().range().ge(prefix).into_stream()?;
            let mut n_read = 0;
            while n_read < limit && terms.advance() {
                let Ok(term) = std::str::from_utf8(terms.key()) else {
                    break;
                };
                if !term.starts_with(prefix) {
                    break;
                }
                if let Some((_, form)) = term.split_once(FORM_SEPARATOR) {
                    *forms.entry(form.to_owned()).or_default() += u64::from(terms.value().doc_freq);
                }
                n_read += 1;
            }
        }
        let forms = forms.into_iter();
        Ok(forms
            .map(|(form, n_passages)| Form { form, n_passages })
            .collect())
    }
}
