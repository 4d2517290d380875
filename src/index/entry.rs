//! A document on its way into a segment: values of fields, and what is stored.

use std::sync::Arc;

use tantivy::schema::document::{ReferenceValue, ReferenceValueLeaf};
use tantivy::schema::{Document, Field, Value};

/// Values that are added to a document, at most, or nearly.
const N_VALUES: usize = 12;

/// A document of the index.
pub(super) struct Entry {
    values: Vec<(Field, Content)>,
    stored: Vec<u8>,
}

/// What a field holds.
pub(super) enum Content {
    /// Shared between the passages of an article where it is the same for all.
    Text(Arc<str>),
    Number(u64),
}

impl Entry {
    /// A document that holds nothing yet.
    pub(super) fn new() -> Entry {
        Entry {
            values: Vec::with_capacity(N_VALUES),
            stored: Vec::new(),
        }
    }

    pub(super) fn add_text(&mut self, field: Field, text: impl Into<Arc<str>>) {
        self.values.push((field, Content::Text(text.into())));
    }

    pub(super) fn add_number(&mut self, field: Field, number: u64) {
        self.values.push((field, Content::Number(number)));
    }

    /// Sets what is stored of it: bytes that tantivy gives back as they are.
    pub(super) fn store(&mut self, bytes: Vec<u8>) {
        self.stored = bytes;
    }

    /// What is stored of it.
    pub(super) fn stored(&self) -> &[u8] {
        &self.stored
    }

    /// What it holds, in the order in which it was added.
    pub(super) fn values(&self) -> &[(Field, Content)] {
        &self.values
    }
}

impl Document for Entry {
    type Value<'a> = EntryValue<'a>;
    type FieldsValuesIter<'a> = EntryValues<'a>;

    fn iter_fields_and_values(&self) -> EntryValues<'_> {
        EntryValues(self.values.iter())
    }
}

/// The values of an entry, one after the other.
pub(super) struct EntryValues<'a>(std::slice::Iter<'a, (Field, Content)>);

impl<'a> Iterator for EntryValues<'a> {
    type Item = (Field, EntryValue<'a>);

    fn next(&mut self) -> Option<(Field, EntryValue<'a>)> {
        let (field, content) = self.0.next()?;
        Some((
            *field,
            match content {
                Content::Text(text) => EntryValue::Text(text),
                Content::Number(number) => EntryValue::Number(*number),
            },
        ))
    }
}

/// A value of an entry.
#[derive(Clone, Copy, Debug)]
pub(super) enum EntryValue<'a> {
    Text(&'a str),
    Number(u64),
}

impl<'a> Value<'a> for EntryValue<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = std::iter::Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match *self {
            EntryValue::Text(text) => ReferenceValueLeaf::Str(text),
            EntryValue::Number(number) => ReferenceValueLeaf::U64(number),
        })
    }
}
