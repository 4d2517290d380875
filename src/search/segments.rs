//! What searches need of each segment again and again: read when it is first needed, and kept as long as the index is open.

use std::io;
use std::sync::OnceLock;

use tantivy::columnar::Column;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, InvertedIndexReader, Searcher, SegmentReader, TantivyError, Term};

use super::bits::Bits;
use super::bm25::{KeptLengths, Lengths, Statistics};
use super::conditions::Runs;
use super::frequent::Frequent;
use super::terms::{TermDictionary, Terms};
use crate::index::{Fields, Snapshot, known_or};
use crate::language::Language;

/// What is known of the passages of a segment without reading them.
pub(super) struct Columns {
    /// A number for each article.
    article_keys: Column<u64>,
    /// The place of each passage in its article, from 1.
    ordinals: Column<u64>,
    /// The positions of the first words of heading and text.
    heading_starts: Column<u64>,
    text_starts: Column<u64>,
    /// Once they were needed: the dates of articles, and the numbers of their files.
    dates: OnceLock<Runs>,
    origins: OnceLock<Runs>,
}

impl Columns {
    /// The positions of the first words of the heading and of the text of a passage.
    pub(super) fn zones(&self, doc: DocId) -> [u32; 2] {
        [&self.heading_starts, &self.text_starts]
            .map(|column| column.first(doc).unwrap_or_default() as u32)
    }

    /// The place of a passage in its article, from 1.
    pub(super) fn ordinal(&self, doc: DocId) -> u64 {
        self.ordinals.first(doc).unwrap_or_default()
    }

    /// The dates of the articles of `segment`, which these columns are of.
    pub(super) fn dates(&self, segment: Segment<'_>) -> tantivy::Result<&Runs> {
        runs(&self.dates, segment, "date")
    }

    /// The numbers of the files of the articles, likewise.
    pub(super) fn origins(&self, segment: Segment<'_>) -> tantivy::Result<&Runs> {
        runs(&self.origins, segment, "origin")
    }

    /// The number of an article.
    pub(super) fn article_key(&self, article: DocId) -> Option<u64> {
        self.article_keys.first(article)
    }
}

/// A segment that is searched, and the index that it is of.
#[derive(Clone, Copy)]
pub(super) struct Segment<'s> {
    pub(super) snapshot: &'s Snapshot,
    pub(super) fields: &'s Fields,
    /// Its place among the segments of the index.
    pub(super) ord: u32,
    pub(super) reader: &'s SegmentReader,
    pub(super) columns: &'s Columns,
    pub(super) frequent: &'s Frequent,
    dictionaries: &'s [TermDictionary],
    lengths: &'s ByLanguage<KeptLengths>,
}

/// What is known of each language, once it was needed.
type ByLanguage<T> = [OnceLock<T>; Language::ALL.len()];

impl<'s> Segment<'s> {
    /// How long the passages of `language` are, whose statistics are those of the index: they are looked at once.
    pub(super) fn lengths(
        &self,
        language: Language,
        statistics: &Statistics,
    ) -> tantivy::Result<Lengths<'s>> {
        let kept = known_or(
            &self.lengths[language as usize],
            || -> tantivy::Result<_> {
                let field = self.fields.terms(language);
                let all = self.reader.fieldnorms_readers().get_inner_file();
                let codes = all.open_read(field).ok_or_else(|| {
                    TantivyError::InternalError(format!("the lengths in {field:?} are not there"))
                })?;
                Ok(KeptLengths::new(codes.read_bytes()?, statistics))
            },
        )?;
        Ok(kept.lengths())
    }

    /// What `read` reads of the postings of each of `terms`; nothing of those that the segment lacks.
    pub(super) fn read_each<T>(
        &self,
        terms: &Terms<'_>,
        read: impl FnMut(&InvertedIndexReader, &TermInfo) -> io::Result<T>,
    ) -> tantivy::Result<Vec<T>> {
        let dictionary = &self.dictionaries[terms.field.field_id() as usize];
        dictionary.read_each(self.reader, terms, read)
    }
}

/// The segments of an index.
pub(super) struct Segments(Vec<Kept>);

/// What is kept of a segment.
struct Kept {
    columns: OnceLock<Columns>,
    article_ends: OnceLock<Bits>,
    alive: OnceLock<Option<Bits>>,
    /// By the numbers of their fields.
    dictionaries: Box<[TermDictionary]>,
    frequent: Frequent,
    lengths: ByLanguage<KeptLengths>,
}

impl Kept {
    fn new(segment: &SegmentReader, n_docs: u64) -> Kept {
        let fields = segment.schema().fields();
        Kept {
            columns: OnceLock::new(),
            article_ends: OnceLock::new(),
            alive: OnceLock::new(),
            dictionaries: fields
                .map(|(field, _)| TermDictionary::new(field))
                .collect(),
            frequent: Frequent::new(segment.max_doc(), n_docs),
            lengths: [const { OnceLock::new() }; Language::ALL.len()],
        }
    }
}

impl Segments {
    pub(super) fn new(searcher: &Searcher) -> Segments {
        let segments = || searcher.segment_readers().iter();
        let n_docs = segments().map(|segment| u64::from(segment.max_doc())).sum();
        let kept = segments().map(|segment| Kept::new(segment, n_docs));
        Segments(kept.collect())
    }

    /// The segment at a place among those of the index.
    pub(super) fn open<'s>(
        &'s self,
        snapshot: &'s Snapshot,
        ord: u32,
    ) -> tantivy::Result<Segment<'s>> {
        let reader = snapshot.searcher.segment_reader(ord);
        Ok(Segment {
            snapshot,
            fields: &snapshot.fields,
            ord,
            reader,
            columns: self.columns(ord, reader)?,
            frequent: &self.0[ord as usize].frequent,
            dictionaries: &self.0[ord as usize].dictionaries,
            lengths: &self.0[ord as usize].lengths,
        })
    }

    fn columns(&self, ord: u32, reader: &SegmentReader) -> tantivy::Result<&Columns> {
        known_or(&self.0[ord as usize].columns, || {
            let fast_fields = reader.fast_fields();
            Ok(Columns {
                article_keys: fast_fields.u64("article_key")?,
                ordinals: fast_fields.u64("ordinal")?,
                heading_starts: fast_fields.u64("heading_start")?,
                text_starts: fast_fields.u64("text_start")?,
                dates: OnceLock::new(),
                origins: OnceLock::new(),
            })
        })
    }

    /// The documents of a segment that are not deleted; `None` where none is.
    pub(super) fn alive(&self, segment: Segment<'_>) -> Option<&Bits> {
        let known = &self.0[segment.ord as usize].alive;
        known.get_or_init(|| Bits::alive(segment.reader)).as_ref()
    }

    /// The last passage of each article of a segment: an article comes before its passages, and these are neighbours.
    pub(super) fn article_ends(&self, segment: Segment<'_>) -> tantivy::Result<&Bits> {
        known_or(&self.0[segment.ord as usize].article_ends, || {
            let starts = article_starts(segment)?;
            Ok(Bits::ends(starts, segment.reader.max_doc()))
        })
    }
}

/// The articles of a segment, not in order.
fn article_starts(segment: Segment<'_>) -> tantivy::Result<Vec<DocId>> {
    let Segment { reader, fields, .. } = segment;
    let mut starts: Vec<DocId> = Vec::new();
    let inverted_index = reader.inverted_index(fields.article_language)?;
    for language in Language::ALL {
        let term = Term::from_field_text(fields.article_language, language.code());
        let postings = inverted_index.read_block_postings(&term, IndexRecordOption::Basic)?;
        if let Some(mut postings) = postings {
            while !postings.docs().is_empty() {
                starts.extend(postings.docs());
                postings.advance();
            }
        }
    }
    Ok(starts)
}

/// What the articles of a segment have in a column.
fn runs<'k>(
    known: &'k OnceLock<Runs>,
    segment: Segment<'_>,
    column: &str,
) -> tantivy::Result<&'k Runs> {
    known_or(known, || {
        let mut starts = article_starts(segment)?;
        starts.sort_unstable();
        let column = segment.reader.fast_fields().u64(column)?;
        Ok(Runs::of(&column, &starts, segment.reader.max_doc()))
    })
}
