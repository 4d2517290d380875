//! What the index keeps of an article and of a passage, and how both become tantivy documents (and come back: `stored`).

use serde::{Deserialize, Serialize};
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64;

use super::entry::Entry;
use super::schema::Fields;
use crate::corpus::Metadata;
use crate::language::Language;

/// An article, as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleRecord {
    /// Unique in the index.
    pub id: String,
    /// The file it was read from, absolute.
    pub path: String,
    /// The number of that file in the index.
    pub origin: u64,
    /// Title, date, author, source, address.
    pub metadata: Metadata,
    /// The language of the article as a whole.
    pub language: Language,
    /// Passages it was split into.
    pub n_passages: u64,
}

/// A passage, as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassageRecord {
    /// The id of its article.
    pub article: String,
    /// Its place in the article, from 1.
    pub ordinal: u64,
    /// The language it was analyzed in.
    pub language: Language,
    /// Its text; the texts of an article's passages put together are the article's text.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// Where a passage stands in its source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Bytes of the source file, first and one past the last.
    pub bytes: [u64; 2],
    /// Lines of the source file, first and last, from 1.
    pub lines: [u64; 2],
    /// The headings it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
}

impl PassageRecord {
    /// The passage's id: the article's, `#`, the ordinal.
    pub fn id(&self) -> String {
        format!("{}#{}", self.article, self.ordinal)
    }
}

/// Splits a passage's id into the article's and the ordinal; `None` when `id` is not of that form.
pub fn parse_passage_id(id: &str) -> Option<(&str, u64)> {
    let (article, ordinal) = id.rsplit_once('#')?;
    Some((article, ordinal.parse().ok()?))
}

/// The number that stands for an article's id in fast fields. Equal numbers for different ids are one in 10^7 for a
/// million articles, and would only make two articles count as one.
pub(crate) fn article_key(id: &str) -> u64 {
    xxh3_64(id.as_bytes())
}

/// The document of an article; `card` is what is stored of it.
pub(super) fn article_entry(fields: &Fields, article: &ArticleRecord, card: Vec<u8>) -> Entry {
    let mut entry = Entry::new();
    entry.add_text(fields.id, article.id.as_str());
    entry.add_number(fields.article_key, article_key(&article.id));
    entry.add_number(fields.origin, article.origin);
    add_no_place(fields, &mut entry);
    entry.store(card);
    entry.add_text(fields.article_language, article.language.code());
    entry
}

/// Says of a document that it is no passage. A column in which every document has a number is read in half the time of one
/// that some lack.
pub(super) fn add_no_place(fields: &Fields, entry: &mut Entry) {
    for field in [fields.ordinal, fields.heading_start, fields.text_start] {
        entry.add_number(field, 0);
    }
}

/// What goes with each passage of an article.
pub(super) struct Shared {
    origin: u64,
    author: Option<Arc<str>>,
    source: Option<Arc<str>>,
    date: Option<u64>,
}

impl Shared {
    pub(super) fn new(article: &ArticleRecord) -> Shared {
        let metadata = &article.metadata;
        let shared = |name: &Option<String>| name.as_deref().map(Arc::from);
        Shared {
            origin: article.origin,
            author: shared(&metadata.author),
            source: shared(&metadata.source),
            date: metadata.date.map(|date| u64::from(date.number())),
        }
    }
}

/// The document of a passage, but for its words; of these, where those of the heading and of the text begin. `stored` is what
/// is stored of it.
pub(super) fn passage_entry(
    fields: &Fields,
    article: &Shared,
    passage: &PassageRecord,
    [heading_start, text_start]: [u64; 2],
    stored: Vec<u8>,
) -> Entry {
    let mut entry = Entry::new();
    entry.add_number(fields.origin, article.origin);
    entry.add_number(fields.ordinal, passage.ordinal);
    entry.add_text(fields.language, passage.language.code());
    entry.add_number(fields.heading_start, heading_start);
    entry.add_number(fields.text_start, text_start);
    for (field, name) in [
        (fields.author, &article.author),
        (fields.source, &article.source),
    ] {
        if let Some(name) = name {
            entry.add_text(field, Arc::clone(name));
        }
    }
    if let Some(date) = article.date {
        entry.add_number(fields.date, date);
    }
    entry.store(stored);
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passage_ids_are_read_back() {
        assert_eq!(parse_passage_id("a#b#12"), Some(("a#b", 12)));
        assert_eq!(parse_passage_id("piaf-p00000"), None);
    }
}
