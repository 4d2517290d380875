//! Finds the documents of a term.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, Term};

/// The tantivy documents with `term` that are not deleted.
pub(super) fn addresses(searcher: &Searcher, term: &Term) -> tantivy::Result<Vec<DocAddress>> {
    let mut addresses = Vec::new();
    for (segment_ord, segment) in searcher.segment_readers().iter().enumerate() {
        let inverted_index = segment.inverted_index(term.field())?;
        let Some(mut postings) = inverted_index.read_postings(term, IndexRecordOption::Basic)?
        else {
            continue;
        };
        while postings.doc() != TERMINATED {
            if !segment.is_deleted(postings.doc()) {
                addresses.push(DocAddress::new(segment_ord as u32, postings.doc()));
            }
            postings.advance();
        }
    }
    Ok(addresses)
}
