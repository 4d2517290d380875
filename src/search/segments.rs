//! What searches need of each segment again and again: read when it is first needed, and kept as long as the index is open.

use std::sync::OnceLock;

use tantivy::columnar::Column;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, Searcher, SegmentReader, Term};

use super::bits::Bits;
use crate::index::Fields;
use crate::language::Language;

/// What is known of the passages of a segment without reading them.
pub(super) struct Columns {
    /// A number for the article of each passage.
    pub(super) article_keys: Column<u64>,
    /// The place of each passage in its article, from 1.
    pub(super) ordinals: Column<u64>,
    /// The positions of the first words of heading and text.
    heading_starts: Column<u64>,
    text_starts: Column<u64>,
}

impl Columns {
    /// The positions of the first words of the heading and of the text of a passage.
    pub(super) fn zones(&self, doc: DocId) -> [u32; 2] {
        [&self.heading_starts, &self.text_starts]
            .map(|column| column.first(doc).unwrap_or_default() as u32)
    }

    /// The article of a passage, by its number.
    pub(super) fn article(&self, doc: DocId) -> Option<u64> {
        self.article_keys.first(doc)
    }
}

/// The segments of an index.
pub(super) struct Segments(Vec<Segment>);

#[derive(Default)]
struct Segment {
    columns: OnceLock<Columns>,
    article_ends: OnceLock<Bits>,
}

impl Segments {
    pub(super) fn new(searcher: &Searcher) -> Segments {
        let segments = searcher.segment_readers().iter();
        Segments(segments.map(|_| Segment::default()).collect())
    }

    /// The columns of a segment, by its place.
    pub(super) fn columns(
        &self,
        segment_ord: usize,
        segment: &SegmentReader,
    ) -> tantivy::Result<&Columns> {
        let known = &self.0[segment_ord].columns;
        if let Some(columns) = known.get() {
            return Ok(columns);
        }
        let fast_fields = segment.fast_fields();
        let columns = Columns {
            article_keys: fast_fields.u64("article_key")?,
            ordinals: fast_fields.u64("ordinal")?,
            heading_starts: fast_fields.u64("heading_start")?,
            text_starts: fast_fields.u64("text_start")?,
        };
        Ok(known.get_or_init(|| columns))
    }

    /// The last passage of each article of a segment: an article comes before its passages, and these are neighbours.
    pub(super) fn article_ends(
        &self,
        segment_ord: usize,
        segment: &SegmentReader,
        fields: &Fields,
    ) -> tantivy::Result<&Bits> {
        let known = &self.0[segment_ord].article_ends;
        if let Some(ends) = known.get() {
            return Ok(ends);
        }
        let mut starts: Vec<DocId> = Vec::new();
        let inverted_index = segment.inverted_index(fields.article_language)?;
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
        let ends = Bits::ends(starts, segment.max_doc());
        Ok(known.get_or_init(|| ends))
    }
}
