//! What the index keeps of an article and of a passage, and how both become tantivy documents and come back.

use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;
use tantivy::schema::Value;
use xxhash_rust::xxh3::xxh3_64;

use super::schema::Fields;
use crate::corpus::Metadata;
use crate::language::{Forms, Language};

/// An article, as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArticleRecord {
    /// Unique in the index.
    pub id: String,
    /// The file it was read from, absolute.
    pub path: String,
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

fn article_document(fields: &Fields, article: &ArticleRecord) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    document.add_text(fields.id, &article.id);
    document.add_text(fields.path, &article.path);
    let card = serde_json::to_string(article).expect("strings and numbers are always JSON");
    document.add_text(fields.card, card);
    document.add_text(fields.article_language, article.language.code());
    document
}

/// The documents of an article: itself, then its passages.
pub(super) fn documents(
    fields: &Fields,
    article: &ArticleRecord,
    passages: &[PassageRecord],
) -> Vec<TantivyDocument> {
    let mut documents = vec![article_document(fields, article)];
    let heading_start = words_and_gap(&article.metadata.title);
    for of_section in passages.chunk_by(|one, next| one.place.heading == next.place.heading) {
        let heading = of_section[0].place.heading.as_deref().unwrap_or_default();
        let starts = [heading_start, heading_start + words_and_gap(heading)];
        let of_section = of_section.iter();
        documents
            .extend(of_section.map(|passage| passage_document(fields, article, passage, starts)));
    }
    documents
}

/// The document of a passage, of which heading and text start at these positions.
fn passage_document(
    fields: &Fields,
    article: &ArticleRecord,
    passage: &PassageRecord,
    [heading_start, text_start]: [u64; 2],
) -> TantivyDocument {
    let mut document = TantivyDocument::new();
    document.add_text(fields.path, &article.path);
    document.add_text(fields.article, &passage.article);
    document.add_u64(fields.article_key, article_key(&passage.article));
    document.add_u64(fields.ordinal, passage.ordinal);
    document.add_text(fields.language, passage.language.code());
    let heading = passage.place.heading.as_deref().unwrap_or_default();
    document.add_u64(fields.heading_start, heading_start);
    document.add_u64(fields.text_start, text_start);
    for text in [article.metadata.title.as_str(), heading, &passage.text] {
        if !text.is_empty() {
            document.add_text(fields.terms(passage.language), text);
            document.add_text(fields.forms, text);
        }
    }
    for (field, name) in [
        (fields.author, &article.metadata.author),
        (fields.source, &article.metadata.source),
    ] {
        if let Some(name) = name {
            document.add_text(field, name);
        }
    }
    document.add_text(fields.path_words, &article.path);
    if let Some(date) = article.metadata.date {
        document.add_u64(fields.date, u64::from(date.number()));
    }
    document.add_text(fields.body, &passage.text);
    let place = serde_json::to_string(&passage.place).expect("strings and numbers are always JSON");
    document.add_text(fields.place, place);
    document
}

/// How many positions a value takes in a field before the next one: tantivy keeps the values of a field one position
/// apart, so that no phrase runs from the title into the text.
fn words_and_gap(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    let mut forms = Forms::new(text);
    let mut n_words = 0;
    while forms.advance().is_some() {
        n_words += 1;
    }
    n_words + 1
}

/// Reads an article back; `None` when the document is not one, or makes no sense.
pub(crate) fn read_article(fields: &Fields, document: &TantivyDocument) -> Option<ArticleRecord> {
    serde_json::from_str(document.get_first(fields.card)?.as_str()?).ok()
}

/// Reads a passage back; `None` when the document is not one, or makes no sense.
pub(crate) fn read_passage(
    fields: &Fields,
    ordinal: u64,
    document: &TantivyDocument,
) -> Option<PassageRecord> {
    let text = |field| document.get_first(field)?.as_str();
    Some(PassageRecord {
        article: text(fields.article)?.to_owned(),
        ordinal,
        language: language_from_code(text(fields.language)?)?,
        text: text(fields.body)?.to_owned(),
        place: serde_json::from_str(text(fields.place)?).ok()?,
    })
}

fn language_from_code(code: &str) -> Option<Language> {
    Language::ALL
        .into_iter()
        .find(|language| language.code() == code)
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
