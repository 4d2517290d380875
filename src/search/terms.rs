//! The terms that stand for a word, and where a segment has their postings.

use std::borrow::Cow;
use std::io;
use std::sync::{Arc, OnceLock};

use tantivy::postings::TermInfo;
use tantivy::schema::Field;
use tantivy::{InvertedIndexReader, SegmentReader, Term};

use crate::index::{Fields, Memo, form_term, known_or};
use crate::language::Language;
use crate::query::{Lookup, PlannedWord};

/// Terms of one field.
pub(super) struct Terms<'w> {
    pub(super) field: Field,
    pub(super) texts: Cow<'w, [String]>,
}

impl<'w> Terms<'w> {
    /// The terms that stand for a word in the passages of a language.
    pub(super) fn of(fields: &Fields, language: Language, word: &'w PlannedWord) -> Terms<'w> {
        match &word.lookup {
            Lookup::Keys { keys, .. } => Terms {
                field: fields.terms(language),
                texts: keys.into(),
            },
            Lookup::Forms { forms, .. } => Terms {
                field: fields.forms,
                texts: forms.iter().map(|form| form_term(form)).collect(),
            },
        }
    }
}

/// Most terms of a field whose place is remembered, in each segment: about a megabyte, and four fields have that many.
const MAX_REMEMBERED: usize = 1 << 13;

/// The places of more terms than this are not remembered: those of a pattern are a thousand.
const MAX_AT_ONCE: usize = 16;

/// The terms of a field of a segment: opened when they are first needed, and those that were looked up remembered.
pub(super) struct TermDictionary {
    field: Field,
    inverted_index: OnceLock<Arc<InvertedIndexReader>>,
    /// Where the postings of terms are; `None` of those that the segment lacks.
    infos: Memo<String, Option<TermInfo>>,
}

impl TermDictionary {
    pub(super) fn new(field: Field) -> TermDictionary {
        TermDictionary {
            field,
            inverted_index: OnceLock::new(),
            infos: Memo::new(MAX_REMEMBERED),
        }
    }

    /// What `read` reads of the postings of each of `terms`, which are of this field of the segment that `reader` reads;
    /// nothing of those that the segment lacks.
    pub(super) fn read_each<T>(
        &self,
        reader: &SegmentReader,
        terms: &Terms<'_>,
        mut read: impl FnMut(&InvertedIndexReader, &TermInfo) -> io::Result<T>,
    ) -> tantivy::Result<Vec<T>> {
        let Terms { field, texts } = terms;
        debug_assert_eq!(*field, self.field);
        let inverted_index = known_or(&self.inverted_index, || reader.inverted_index(*field))?;
        let look_up = |text: &str| {
            let term = Term::from_field_text(*field, text);
            inverted_index.get_term_info(&term)
        };
        let mut all = Vec::with_capacity(texts.len());
        for text in texts.iter() {
            let info = match texts.len() > MAX_AT_ONCE {
                true => look_up(text)?,
                false => self.infos.get(text.as_str(), look_up)?,
            };
            if let Some(info) = info {
                all.push(read(inverted_index, &info)?);
            }
        }
        Ok(all)
    }
}
