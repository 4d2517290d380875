//! Finds articles and passages by their ids.

use tantivy::{DocAddress, Searcher, TantivyDocument, Term};

use super::addresses::addresses;
use super::files::moved_to;
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
    let Some(mut article) = read_article(fields, &document) else {
        return Ok(None);
    };
    if let Some(path) = moved_to(searcher, fields, article.origin)? {
        article.path = path;
    }
    Ok(Some(article))
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

/// The first article of a file, by the file's number, as it was when it was indexed.
pub(super) fn first_article(
    searcher: &Searcher,
    fields: &Fields,
    origin: u64,
) -> tantivy::Result<Option<ArticleRecord>> {
    let term = Term::from_field_u64(fields.origin, origin);
    for address in addresses(searcher, &term)? {
        let document: TantivyDocument = searcher.doc(address)?;
        if let Some(article) = read_article(fields, &document) {
            return Ok(Some(article));
        }
    }
    Ok(None)
}

/// Gives `visit` the articles of a file, each with its passages and where it is stored, by the file's number.
pub(super) fn articles_of_file(
    searcher: &Searcher,
    fields: &Fields,
    origin: u64,
    visit: &mut dyn FnMut(DocAddress, Prepared),
) -> tantivy::Result<()> {
    let term = Term::from_field_u64(fields.origin, origin);
    let addresses = addresses(searcher, &term)?;
    visit_articles(searcher, fields, addresses, visit)
}

/// Gives `visit` all articles, each with its passages and where it is stored.
pub(super) fn all_articles(
    searcher: &Searcher,
    fields: &Fields,
    visit: &mut dyn FnMut(DocAddress, Prepared),
) -> tantivy::Result<()> {
    let segments = (0..).zip(searcher.segment_readers());
    let addresses = segments.flat_map(|(segment_ord, segment)| {
        let docs = segment.doc_ids_alive();
        docs.map(move |doc| DocAddress::new(segment_ord, doc))
    });
    visit_articles(searcher, fields, addresses, visit)
}

/// The article stored at `address`, with its passages.
pub(super) fn article_at(
    searcher: &Searcher,
    fields: &Fields,
    address: DocAddress,
) -> tantivy::Result<Option<Prepared>> {
    let document: TantivyDocument = searcher.doc(address)?;
    let Some(article) = read_article(fields, &document) else {
        return Ok(None);
    };
    let first = address.doc_id + 1;
    let last = searcher.segment_reader(address.segment_ord).max_doc();
    let of_article = first..last.min(first.saturating_add(article.n_passages as u32));
    let addresses = of_article.map(|doc| DocAddress::new(address.segment_ord, doc));
    let mut found = None;
    let addresses = std::iter::once(address).chain(addresses);
    visit_articles(searcher, fields, addresses, &mut |_, prepared| {
        found.get_or_insert(prepared);
    })?;
    Ok(found)
}

/// Puts together the articles at `addresses`: each is directly followed by its passages.
fn visit_articles(
    searcher: &Searcher,
    fields: &Fields,
    addresses: impl IntoIterator<Item = DocAddress>,
    visit: &mut dyn FnMut(DocAddress, Prepared),
) -> tantivy::Result<()> {
    let mut current: Option<(DocAddress, Prepared)> = None;
    for address in addresses {
        let document: TantivyDocument = searcher.doc(address)?;
        if let Some(article) = read_article(fields, &document) {
            let started = Prepared {
                article,
                passages: Vec::new(),
            };
            if let Some((address, prepared)) = current.replace((address, started)) {
                visit(address, prepared);
            }
            continue;
        }
        let segment = searcher.segment_reader(address.segment_ord);
        let ordinal = segment.fast_fields().u64("ordinal")?.first(address.doc_id);
        let passage = read_passage(fields, ordinal.unwrap_or_default(), &document);
        if let (Some((_, prepared)), Some(passage)) = (&mut current, passage) {
            prepared.passages.push(passage);
        }
    }
    if let Some((address, prepared)) = current {
        visit(address, prepared);
    }
    Ok(())
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
