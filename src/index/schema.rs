//! The fields of the index.
//!
//! One tantivy document a passage, one an article, one a file, and one a dictionary of the texts that are stored (see `codec`),
//! told apart by the fields they have; an article comes directly before its passages. What is not looked up, compared or
//! counted is no field: it is stored (`stored`). All words of a passage are
//! in the field of its language, so the statistics of each language are its own; the title of the article and the
//! heading of the section come first in the same field, because judged questions gain more from words counted
//! together than from fields scored apart (+2.3 % nDCG@10 on encyclopedia text, +0.7 % on English).
//!
//! Words as written are in a field of their own, without positions: each stands where its key does, and where other forms
//! of the key stand as well, the text tells which is where (see `search::occurrences`). Their positions were 22 of 198 MB of
//! the index of 125 MB of articles, and half of all positions.

use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use crate::language::Language;

/// Handles of the fields. `terms` are found by [`Fields::terms`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// The article's id. On articles only: how an article is found.
    pub(crate) id: Field,
    /// The number of the file that the article was read from. On articles and passages: how both are deleted, put in the
    /// order of their files, and filtered by them; a file that is moved keeps it, so that they stay as they are.
    pub(crate) origin: Field,
    /// The language of the article as a whole, by its code. On articles only: how many each language has.
    pub(crate) article_language: Field,
    /// A number for the article's id, to count articles and order passages by. On articles only: they are directly before their
    /// passages.
    pub(crate) article_key: Field,
    /// On passages only, like all below. Words of the article's author and source, folded: how passages are filtered by them.
    pub(crate) author: Field,
    pub(crate) source: Field,
    /// The article's date as `YYYYMMDD`, zeros for what is not known.
    pub(crate) date: Field,
    /// The position of the first word of the heading, after those of the title, in `terms`.
    pub(crate) heading_start: Field,
    /// The position of the first word of the text, after those of the heading.
    pub(crate) text_start: Field,
    /// The passage's place in its article, from 1; like the two numbers above, 0 on all else.
    pub(crate) ordinal: Field,
    /// The passage's language, by its code.
    pub(crate) language: Field,
    /// The words as written, each behind its folded word (see `form_term`), so that all spellings of one stand side by side;
    /// how often, but not where: they stand where their keys do in `terms`.
    pub(crate) forms: Field,
    /// A file: its path. On files only, like all below (see `files`).
    pub(super) file: Field,
    /// Its number, and the same where it has moved: its articles say then where it was.
    pub(super) file_origin: Field,
    pub(super) moved_origin: Field,
    /// The words of its path, folded.
    pub(super) file_words: Field,
    pub(super) file_root: Field,
    pub(super) file_bytes: Field,
    pub(super) file_stamp: Field,
    pub(super) file_hash: Field,
    pub(super) file_articles: Field,
    pub(super) file_failures: Field,
    /// The number of a dictionary of texts. On dictionaries only.
    pub(super) dictionary: Field,
    terms: [Field; Language::ALL.len()],
}

impl Fields {
    /// The field with the terms of the passages in `language`.
    pub(crate) fn terms(&self, language: Language) -> Field {
        match language {
            Language::French => self.terms[0],
            Language::English => self.terms[1],
            Language::Other => self.terms[2],
        }
    }
}

/// Name under which the analyzer of a language is registered.
pub(super) fn analyzer_name(language: Language) -> String {
    format!("terms_{language}")
}

/// Name under which the tokenizer of forms is registered.
pub(super) const FORMS: &str = "forms";

/// Name under which the tokenizer of names and paths is registered.
pub(super) const NAMES: &str = "names";

/// Builds the schema and the handles of its fields.
pub(super) fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexed_by = |tokenizer: &str, option: IndexRecordOption, fieldnorms: bool| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(option)
                .set_fieldnorms(fieldnorms),
        )
    };
    let terms = Language::ALL.map(|language| {
        let name = analyzer_name(language);
        let options = indexed_by(&name, IndexRecordOption::WithFreqsAndPositions, true);
        schema.add_text_field(&name, options)
    });
    let names = || indexed_by(NAMES, IndexRecordOption::WithFreqsAndPositions, false);
    // Ids, codes and paths: found, never weighed.
    let exact = || indexed_by("raw", IndexRecordOption::Basic, false);
    let number = || NumericOptions::default() | FAST;
    let found_number = || number().set_indexed();
    let fields = Fields {
        id: schema.add_text_field("id", exact()),
        origin: schema.add_u64_field("origin", found_number()),
        article_language: schema.add_text_field("article_language", exact()),
        author: schema.add_text_field("author", names()),
        source: schema.add_text_field("source", names()),
        date: schema.add_u64_field("date", number()),
        heading_start: schema.add_u64_field("heading_start", number()),
        text_start: schema.add_u64_field("text_start", number()),
        article_key: schema.add_u64_field("article_key", number()),
        ordinal: schema.add_u64_field("ordinal", number()),
        language: schema.add_text_field("language", exact()),
        forms: schema.add_text_field(
            "forms",
            indexed_by(FORMS, IndexRecordOption::WithFreqs, false),
        ),
        file: schema.add_text_field("file", exact() | FAST),
        file_origin: schema.add_u64_field("file_origin", number()),
        moved_origin: schema.add_u64_field("moved_origin", found_number()),
        file_words: schema.add_text_field("file_words", names()),
        file_root: schema.add_text_field("file_root", TextOptions::from(FAST)),
        file_bytes: schema.add_u64_field("file_bytes", number()),
        file_stamp: schema.add_u64_field("file_stamp", number()),
        file_hash: schema.add_u64_field("file_hash", number()),
        file_articles: schema.add_u64_field("file_articles", number()),
        file_failures: schema.add_u64_field("file_failures", number()),
        dictionary: schema.add_u64_field("dictionary", NumericOptions::default().set_indexed()),
        terms,
    };
    (schema.build(), fields)
}
