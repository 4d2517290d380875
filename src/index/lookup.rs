//! Finds articles and passages by their ids.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, TantivyDocument, Term};

use super::prepare::Prepared;
use super::record::{read_article, read_passage};
use super::schema::Fields;
use super::{ArticleRecord, PassageRecord};

/// The article of this id.
pub(crate) fn find_article(
    searcher: &Searcher,
    fields: &Fields,
    id: &str,
) -> tantivy::Result<Option<ArticleRecord>> {
    let term = Term::from_field_text(fields.id, id);
    let Some(&address) = addresses(searcher, &term)?.first() else {
        return Ok(None);
    };
    let document: TantivyDocument = searcher.doc(address)?;
    Ok(read_article(fields, &document))
}

/// The passages of an article, in order.
pub(crate) fn passages_of(
    searcher: &Searcher,
    fields: &Fields,
    article: &str,
) -> tantivy::Result<Vec<PassageRecord>> {
    let term = Term::from_field_text(fields.article, article);
    let mut passages = Vec::new();
    for address in addresses(searcher, &term)? {
        let segment = searcher.segment_reader(address.segment_ord);
        let ordinal = segment.fast_fields().u64("ordinal")?.first(address.doc_id);
        if let Some(ordinal) = ordinal {
            passages.extend(read_passage_at(searcher, fields, address, ordinal)?);
        }
    }
    passages.sort_by_key(|passage| passage.ordinal);
    Ok(passages)
}

/// The articles of a file, each with its passages, by the key of its path.
pub(super) fn articles_of_file(
    searcher: &Searcher,
    fields: &Fields,
    path: &str,
) -> tantivy::Result<Vec<Prepared>> {
    let term = Term::from_field_text(fields.path, path);
    let mut articles: Vec<Prepared> = Vec::new();
    // An article is directly followed by its passages.
    for address in addresses(searcher, &term)? {
        let document: TantivyDocument = searcher.doc(address)?;
        if let Some(article) = read_article(fields, &document) {
            articles.push(Prepared {
                article,
                passages: Vec::new(),
            });
            continue;
        }
        let segment = searcher.segment_reader(address.segment_ord);
        let ordinal = segment.fast_fields().u64("ordinal")?.first(address.doc_id);
        let passage = read_passage(fields, ordinal.unwrap_or_default(), &document);
        if let (Some(last), Some(passage)) = (articles.last_mut(), passage) {
            last.passages.push(passage);
        }
    }
    Ok(articles)
}

/// The passage stored at `address`, of which the place in its article is known; `None` when it makes no sense.
pub(crate) fn read_passage_at(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
    ordinal: u64,
) -> tantivy::Result<Option<PassageRecord>> {
    let document: TantivyDocument = searcher.doc(address)?;
    Ok(read_passage(fields, ordinal, &document))
}

/// The tantivy documents with `term` that are not deleted.
fn addresses(searcher: &Searcher, term: &Term) -> tantivy::Result<Vec<DocAddress>> {
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
