//! The index as of a commit: its documents, and the dictionaries that the texts in them are written in.

use std::io;
use std::sync::OnceLock;

use tantivy::directory::OwnedBytes;
use tantivy::schema::IndexRecordOption;
use tantivy::store::StoreReader;
use tantivy::{DocAddress, DocSet, Searcher, TERMINATED, TantivyError};

use super::codec::{Dictionary, Learned};
use super::entry::Entry;
use super::memo::known_or;
use super::record::add_no_place;
use super::schema::Fields;

/// The first byte of what is stored of a dictionary (see `stored`).
pub(super) const DICTIONARY: u8 = 3;

/// Blocks of each segment's store that are kept.
const N_CACHED_BLOCKS: usize = 100;

/// The index as of a commit.
pub(crate) struct Snapshot {
    pub(crate) searcher: Searcher,
    pub(crate) fields: Fields,
    /// By segment, once it was needed.
    stores: Vec<OnceLock<StoreReader>>,
    dictionaries: OnceLock<Vec<Known>>,
    has_moved: OnceLock<bool>,
}

/// A dictionary that is stored.
struct Known {
    number: u64,
    address: DocAddress,
    /// Once it was needed.
    read: OnceLock<Dictionary>,
}

impl Snapshot {
    pub(super) fn new(searcher: Searcher, fields: Fields) -> Snapshot {
        Snapshot {
            stores: searcher
                .segment_readers()
                .iter()
                .map(|_| OnceLock::new())
                .collect(),
            searcher,
            fields,
            dictionaries: OnceLock::new(),
            has_moved: OnceLock::new(),
        }
    }

    /// Whether any file has moved since it was indexed. Mostly none has, and that need not be asked for each hit: a field that
    /// a segment lacks is opened anew each time.
    pub(super) fn has_moved(&self) -> tantivy::Result<bool> {
        let has_moved = known_or(&self.has_moved, || {
            let mut has_moved = false;
            for segment in self.searcher.segment_readers() {
                let inverted_index = segment.inverted_index(self.fields.moved_origin)?;
                has_moved |= inverted_index.terms().num_terms() > 0;
            }
            Ok::<_, TantivyError>(has_moved)
        });
        has_moved.copied()
    }

    /// What is stored of the document at `address`.
    pub(super) fn stored(&self, address: DocAddress) -> tantivy::Result<OwnedBytes> {
        let store = &self.stores[address.segment_ord as usize];
        let store = known_or(store, || {
            let segment = self.searcher.segment_reader(address.segment_ord);
            segment.get_store_reader(N_CACHED_BLOCKS)
        })?;
        store.get_document_bytes(address.doc_id)
    }

    /// Reads a text that is written in the dictionary of this number, or in none where it is 0; `None` when that dictionary is
    /// lost.
    pub(super) fn decode(&self, number: u64, codes: &[u8]) -> tantivy::Result<Option<String>> {
        if number == 0 {
            let text = str::from_utf8(codes).map_err(io::Error::other)?;
            return Ok(Some(text.to_owned()));
        }
        let mut known = self.known()?.iter();
        let Some(known) = known.find(|known| known.number == number) else {
            return Ok(None);
        };
        let dictionary = known_or(&known.read, || {
            let learned = self.learned(known)?;
            Ok::<_, TantivyError>(learned.dictionary)
        })?;
        Ok(Some(dictionary.decode(codes)?))
    }

    /// All dictionaries, to write with.
    pub(super) fn dictionaries(&self) -> tantivy::Result<Vec<Learned>> {
        let mut all = Vec::new();
        for known in self.known()? {
            let learned = self.learned(known)?;
            if !learned.dictionary.has_texts() {
                return Err(unreadable());
            }
            all.push(learned);
        }
        Ok(all)
    }

    fn learned(&self, known: &Known) -> tantivy::Result<Learned> {
        let stored = self.stored(known.address)?;
        let learned = match stored.first() {
            Some(&DICTIONARY) => Learned::read(known.number, &stored.slice(1..stored.len())),
            _ => None,
        };
        learned.ok_or_else(unreadable)
    }

    fn known(&self) -> tantivy::Result<&[Known]> {
        if let Some(known) = self.dictionaries.get() {
            return Ok(known);
        }
        let mut found = Vec::new();
        for (segment_ord, segment) in (0..).zip(self.searcher.segment_readers()) {
            let inverted_index = segment.inverted_index(self.fields.dictionary)?;
            let mut terms = inverted_index.terms().stream()?;
            while let Some((term, info)) = terms.next() {
                let Ok(number) = term.try_into().map(u64::from_be_bytes) else {
                    continue;
                };
                let option = IndexRecordOption::Basic;
                let mut postings = inverted_index.read_postings_from_terminfo(info, option)?;
                while postings.doc() != TERMINATED {
                    if !segment.is_deleted(postings.doc()) {
                        found.push(Known {
                            number,
                            address: DocAddress::new(segment_ord, postings.doc()),
                            read: OnceLock::new(),
                        });
                    }
                    postings.advance();
                }
            }
        }
        Ok(self.dictionaries.get_or_init(|| found))
    }
}

fn unreadable() -> TantivyError {
    let reason = "what its texts are written in cannot be read";
    TantivyError::InternalError(reason.to_owned())
}

/// The document of a dictionary: its number, and what was learned.
pub(super) fn dictionary_entry(fields: &Fields, number: u64, bytes: &[u8]) -> Entry {
    let mut entry = Entry::new();
    add_no_place(fields, &mut entry);
    entry.add_number(fields.origin, 0);
    entry.add_number(fields.dictionary, number);
    entry.store([&[DICTIONARY], bytes].concat());
    entry
}
