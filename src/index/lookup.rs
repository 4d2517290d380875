//! Finds articles and passages: by their ids, their files, and where they are stored.

use tantivy::{DocAddress, DocId, Term};

use super::addresses::addresses;
use super::files::moved_to;
use super::prepare::Prepared;
use super::snapshot::Snapshot;
use super::stored::{Stored, StoredPassage, read};
use super::{ArticleRecord, PassageRecord};

/// The article of this id.
pub(super) fn find_article(
    snapshot: &Snapshot,
    id: &str,
) -> tantivy::Result<Option<ArticleRecord>> {
    let term = Term::from_field_text(snapshot.fields.id, id);
    match addresses(&snapshot.searcher, &term)?.first() {
        Some(address) => moved_article_at(snapshot, *address),
        None => Ok(None),
    }
}

/// The article of the passage stored at `address`, which is at `ordinal` of it.
pub(crate) fn article_of(
    snapshot: &Snapshot,
    address: DocAddress,
    ordinal: u64,
) -> tantivy::Result<Option<ArticleRecord>> {
    match article_doc(address.doc_id, ordinal) {
        Some(doc) => moved_article_at(snapshot, DocAddress::new(address.segment_ord, doc)),
        None => Ok(None),
    }
}

/// Where in its segment the article of passage `doc` is, which is at `ordinal` of it: directly before its passages. `None` when
/// that makes no sense.
pub(crate) fn article_doc(doc: DocId, ordinal: u64) -> Option<DocId> {
    doc.checked_sub(u32::try_from(ordinal).ok()?)
}

/// The article stored at `address`, with the path that its file has now.
fn moved_article_at(
    snapshot: &Snapshot,
    address: DocAddress,
) -> tantivy::Result<Option<ArticleRecord>> {
    let Stored::Article(mut article) = read(snapshot, address)? else {
        return Ok(None);
    };
    move_to_file(snapshot, &mut article)?;
    Ok(Some(article))
}

/// The article of this id, and its passages, in order.
pub(crate) fn find_article_with_passages(
    snapshot: &Snapshot,
    id: &str,
) -> tantivy::Result<Option<(ArticleRecord, Vec<PassageRecord>)>> {
    let term = Term::from_field_text(snapshot.fields.id, id);
    let Some(&address) = addresses(&snapshot.searcher, &term)?.first() else {
        return Ok(None);
    };
    let Some(Prepared {
        mut article,
        passages,
    }) = article_at(snapshot, address)?
    else {
        return Ok(None);
    };
    move_to_file(snapshot, &mut article)?;
    Ok(Some((article, passages)))
}

/// Gives an article the path that its file has now.
fn move_to_file(snapshot: &Snapshot, article: &mut ArticleRecord) -> tantivy::Result<()> {
    if snapshot.has_moved()?
        && let Some(path) = moved_to(&snapshot.searcher, &snapshot.fields, article.origin)?
    {
        article.path = path;
    }
    Ok(())
}

/// The first article of a file, by the file's number, as it was when it was indexed.
pub(super) fn first_article(
    snapshot: &Snapshot,
    origin: u64,
) -> tantivy::Result<Option<ArticleRecord>> {
    let term = Term::from_field_u64(snapshot.fields.origin, origin);
    for address in addresses(&snapshot.searcher, &term)? {
        if let Stored::Article(article) = read(snapshot, address)? {
            return Ok(Some(article));
        }
    }
    Ok(None)
}

/// Gives `visit` the articles of a file, each with its passages and where it is stored, by the file's number.
pub(super) fn articles_of_file(
    snapshot: &Snapshot,
    origin: u64,
    visit: &mut dyn FnMut(DocAddress, Prepared),
) -> tantivy::Result<()> {
    let term = Term::from_field_u64(snapshot.fields.origin, origin);
    let addresses = addresses(&snapshot.searcher, &term)?;
    visit_articles(snapshot, addresses, visit)
}

/// Gives `visit` all articles, each with its passages and where it is stored.
pub(super) fn all_articles(
    snapshot: &Snapshot,
    visit: &mut dyn FnMut(DocAddress, Prepared),
) -> tantivy::Result<()> {
    let segments = (0..).zip(snapshot.searcher.segment_readers());
    let addresses = segments.flat_map(|(segment_ord, segment)| {
        let docs = segment.doc_ids_alive();
        docs.map(move |doc| DocAddress::new(segment_ord, doc))
    });
    visit_articles(snapshot, addresses, visit)
}

/// The article stored at `address`, with its passages.
pub(super) fn article_at(
    snapshot: &Snapshot,
    address: DocAddress,
) -> tantivy::Result<Option<Prepared>> {
    let Stored::Article(article) = read(snapshot, address)? else {
        return Ok(None);
    };
    let first = address.doc_id + 1;
    let last = snapshot
        .searcher
        .segment_reader(address.segment_ord)
        .max_doc();
    let of_article = first..last.min(first.saturating_add(article.n_passages as u32));
    let addresses = of_article.map(|doc| DocAddress::new(address.segment_ord, doc));
    let mut found = None;
    let addresses = std::iter::once(address).chain(addresses);
    visit_articles(snapshot, addresses, &mut |_, prepared| {
        found.get_or_insert(prepared);
    })?;
    Ok(found)
}

/// Puts together the articles at `addresses`: each is directly followed by its passages.
fn visit_articles(
    snapshot: &Snapshot,
    addresses: impl IntoIterator<Item = DocAddress>,
    visit: &mut dyn FnMut(DocAddress, Prepared),
) -> tantivy::Result<()> {
    let mut current: Option<(DocAddress, Prepared)> = None;
    for address in addresses {
        match read(snapshot, address)? {
            Stored::Article(article) => {
                let started = Prepared {
                    article,
                    passages: Vec::new(),
                };
                if let Some((address, prepared)) = current.replace((address, started)) {
                    visit(address, prepared);
                }
            }
            Stored::Passage(passage) => {
                if let Some((_, prepared)) = &mut current {
                    let ordinal = ordinal_at(snapshot, address)?;
                    let passage = passage.of(&prepared.article, ordinal);
                    prepared.passages.push(passage);
                }
            }
            Stored::Other => {}
        }
    }
    if let Some((address, prepared)) = current {
        visit(address, prepared);
    }
    Ok(())
}

/// The place in its article of the passage stored at `address`.
fn ordinal_at(snapshot: &Snapshot, address: DocAddress) -> tantivy::Result<u64> {
    let segment = snapshot.searcher.segment_reader(address.segment_ord);
    let ordinals = segment.fast_fields().u64("ordinal")?;
    Ok(ordinals.first(address.doc_id).unwrap_or_default())
}

/// The passage stored at `address`, which is at `ordinal` of its article; `None` when it makes no sense.
pub(crate) fn passage_at(
    snapshot: &Snapshot,
    address: DocAddress,
    ordinal: u64,
) -> tantivy::Result<Option<PassageRecord>> {
    let article = article_of(snapshot, address, ordinal)?;
    let passage = stored_passage_at(snapshot, address)?;
    let both = passage.zip(article);
    Ok(both.map(|(passage, article)| passage.of(&article, ordinal)))
}

/// What is stored at `address` of a passage; `None` when it makes no sense.
pub(crate) fn stored_passage_at(
    snapshot: &Snapshot,
    address: DocAddress,
) -> tantivy::Result<Option<StoredPassage>> {
    match read(snapshot, address)? {
        Stored::Passage(passage) => Ok(Some(passage)),
        Stored::Article(_) | Stored::Other => Ok(None),
    }
}
