//! What is stored of each document: bytes that tantivy gives back as they are, with texts in codes (see `codec`).
//!
//! | first byte | document | what follows |
//! |---|---|---|
//! | [`PASSAGE`] | a passage | the number of the dictionary; the language; where it begins and how long it is, in bytes and in lines; one more than the length of the heading's codes, or 0, and these; the codes of the text |
//! | [`ARTICLE`] | an article | the number of the dictionary, and the codes of the record as JSON |
//! | [`FILE`] | a file | the same of its details |
//! | [`DICTIONARY`](super::snapshot::DICTIONARY) | a dictionary | what was learned |
//!
//! As documents of tantivy, with the names of fields and types of values, they would take eight bytes more each, 1.5 % of an
//! index.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tantivy::DocAddress;

use super::codec::{Codes, read_number, write_number};
use super::record::{ArticleRecord, PassageRecord, Place};
use super::snapshot::Snapshot;
use crate::language::Language;

pub(super) const PASSAGE: u8 = 0;
pub(super) const ARTICLE: u8 = 1;
pub(super) const FILE: u8 = 2;

/// What is written of an article, and of the details of a file.
pub(super) fn to_json(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("strings and numbers are always JSON")
}

/// What is stored of a document, of this kind, that is a text.
pub(super) fn store_text(kind: u8, codes: &Codes, text: &str) -> Vec<u8> {
    let mut bytes = vec![kind];
    codes.write_dictionary(&mut bytes);
    codes.write(text, &mut bytes);
    bytes
}

/// What is stored of a passage.
pub(super) fn store_passage(passage: &PassageRecord, codes: &Codes) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(passage.text.len() / 2);
    bytes.push(PASSAGE);
    codes.write_dictionary(&mut bytes);
    bytes.push(passage.language as u8);
    for [first, last] in [passage.place.bytes, passage.place.lines] {
        write_number(first, &mut bytes);
        write_number(last.saturating_sub(first), &mut bytes);
    }
    match &passage.place.heading {
        Some(heading) => {
            let mut written = Vec::new();
            codes.write(heading, &mut written);
            write_number(written.len() as u64 + 1, &mut bytes);
            bytes.extend(written);
        }
        None => write_number(0, &mut bytes),
    }
    codes.write(&passage.text, &mut bytes);
    bytes
}

/// A passage, but for what only its article knows.
pub(crate) struct StoredPassage {
    /// The language it was analyzed in.
    pub(crate) language: Language,
    pub(crate) place: Place,
    pub(crate) text: String,
}

impl StoredPassage {
    /// The passage, as the one at `ordinal` of `article`.
    pub(crate) fn of(self, article: &ArticleRecord, ordinal: u64) -> PassageRecord {
        PassageRecord {
            article: article.id.clone(),
            ordinal,
            language: self.language,
            text: self.text,
            place: self.place,
        }
    }
}

/// A document that is read back.
pub(super) enum Stored {
    Passage(StoredPassage),
    /// With the path that its file had when it was indexed.
    Article(ArticleRecord),
    /// One of another kind, or one that makes no sense, or whose dictionary is lost.
    Other,
}

/// Reads the article or passage at `address`.
pub(super) fn read(snapshot: &Snapshot, address: DocAddress) -> tantivy::Result<Stored> {
    let stored = snapshot.stored(address)?;
    Ok(match stored.split_first() {
        Some((&PASSAGE, rest)) => {
            read_passage(snapshot, rest)?.map_or(Stored::Other, Stored::Passage)
        }
        Some((&ARTICLE, rest)) => {
            read_record(snapshot, rest)?.map_or(Stored::Other, Stored::Article)
        }
        _ => Stored::Other,
    })
}

/// Reads what is stored at `address` of a document of this kind that is JSON; `None` as [`Stored::Other`].
pub(super) fn read_json<T: DeserializeOwned>(
    snapshot: &Snapshot,
    address: DocAddress,
    kind: u8,
) -> tantivy::Result<Option<T>> {
    let stored = snapshot.stored(address)?;
    match stored.split_first() {
        Some((found, rest)) if *found == kind => read_record(snapshot, rest),
        _ => Ok(None),
    }
}

fn read_record<T: DeserializeOwned>(
    snapshot: &Snapshot,
    mut bytes: &[u8],
) -> tantivy::Result<Option<T>> {
    let dictionary = read_number(&mut bytes)?;
    let json = snapshot.decode(dictionary, bytes)?;
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
}

fn read_passage(snapshot: &Snapshot, mut bytes: &[u8]) -> tantivy::Result<Option<StoredPassage>> {
    let dictionary = read_number(&mut bytes)?;
    let language = bytes.split_off_first().copied().map(usize::from);
    let Some(&language) = language.and_then(|language| Language::ALL.get(language)) else {
        return Ok(None);
    };
    let mut range = || -> tantivy::Result<[u64; 2]> {
        let first = read_number(&mut bytes)?;
        Ok([first, first.saturating_add(read_number(&mut bytes)?)])
    };
    let (in_bytes, lines) = (range()?, range()?);
    let heading = match read_number(&mut bytes)? {
        0 => None,
        after => {
            let n_bytes = usize::try_from(after - 1).unwrap_or(usize::MAX);
            let Some((heading, rest)) = bytes.split_at_checked(n_bytes) else {
                return Ok(None);
            };
            bytes = rest;
            match snapshot.decode(dictionary, heading)? {
                None => return Ok(None),
                heading => heading,
            }
        }
    };
    let text = snapshot.decode(dictionary, bytes)?;
    Ok(text.map(|text| StoredPassage {
        language,
        place: Place {
            bytes: in_bytes,
            lines,
            heading,
        },
        text,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_stored_by_numbers_that_stay() {
        let numbers = Language::ALL.map(|language| (language.code(), language as u8));
        assert_eq!(numbers, [("fr", 0), ("en", 1), ("other", 2)]);
    }
}
