//! What the index knows of each file: enough to tell whether it is still the same.
//!
//! A file has a document of its own, in the same commit as its articles, so that the two cannot disagree. Whatever
//! is compared for every file of a folder stands in columns; the rest is stored.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use tantivy::query::{EnableScoring, PhrasePrefixQuery, PhraseQuery, Query, TermQuery};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocAddress, Searcher, TantivyError, Term};

use super::Fields;
use super::addresses::addresses;
use super::entry::Entry;
use super::record::add_no_place;
use super::snapshot::Snapshot;
use super::stored::{FILE, read_json};
use crate::corpus::{Fingerprint, ReadSoFar, SourceFile};

/// A file, as the index knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FileRecord {
    /// Its path, by [`path_key`].
    pub(super) path: String,
    /// Its number, which its articles and passages have too.
    pub(super) origin: u64,
    /// Whether its articles were indexed while it was elsewhere, and say so.
    pub(super) has_moved: bool,
    /// What it was when it was read.
    pub(super) fingerprint: Fingerprint,
    /// Articles in it.
    pub(super) n_articles: u64,
    /// Lines of it that could not be read.
    pub(super) n_failures: u64,
    pub(super) details: FileDetails,
}

/// What is wanted of few files only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileDetails {
    /// What people call it; ids are made of it, and stay the same when it is moved. Empty when that is lost.
    pub(super) name: String,
    /// The limit on the size of a line with which it was read.
    pub(super) max_bytes: u64,
    /// How much of a collection was read, if that is not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) read: Option<ReadSoFar>,
}

/// A file of the table: what the columns say.
#[derive(Clone, Debug)]
pub(super) struct KnownFile {
    /// The path given under which it was found, by [`path_key`]. Shared by those of a segment: there may be a million.
    pub(super) root: Arc<str>,
    pub(super) origin: u64,
    pub(super) has_moved: bool,
    pub(super) fingerprint: Fingerprint,
    pub(super) n_articles: u64,
    pub(super) n_failures: u64,
    address: DocAddress,
}

/// The files that an index knows, by their paths.
pub(super) type KnownFiles = BTreeMap<String, KnownFile>;

/// The path of a file as the index keeps it: itself where it is UTF-8, otherwise with each byte that is none as `U+FFFD` and
/// two hexadecimal digits. A `U+FFFD` of the path itself that would be taken for one of these is written as its bytes, so
/// that different files have different keys.
pub(super) fn path_key(path: &Path) -> String {
    let mut key = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        let mut parts = chunk.valid().split(char::REPLACEMENT_CHARACTER);
        key.push_str(parts.next().unwrap_or_default());
        for part in parts {
            match escaped_byte(part) {
                Some(_) => push_escaped(&mut key, "\u{FFFD}".as_bytes()),
                None => key.push(char::REPLACEMENT_CHARACTER),
            }
            key.push_str(part);
        }
        push_escaped(&mut key, chunk.invalid());
    }
    key
}

fn push_escaped(key: &mut String, bytes: &[u8]) {
    for byte in bytes {
        key.push_str(&format!("{}{byte:02X}", char::REPLACEMENT_CHARACTER));
    }
}

/// The byte that the two digits after a `U+FFFD` stand for.
fn escaped_byte(after: &str) -> Option<u8> {
    let digits = after.get(..2)?;
    u8::from_str_radix(digits, 16).ok()
}

/// The path that has this key.
pub(super) fn path_of_key(key: &str) -> PathBuf {
    let mut parts = key.split(char::REPLACEMENT_CHARACTER);
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match escaped_byte(part) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.extend_from_slice("\u{FFFD}".as_bytes());
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        PathBuf::from(std::ffi::OsString::from_vec(bytes))
    }
    #[cfg(not(unix))]
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

/// The document of a file; `details` are what is stored of it.
pub(super) fn file_entry(
    fields: &Fields,
    record: &FileRecord,
    root: &Path,
    details: Vec<u8>,
) -> Entry {
    let mut entry = Entry::new();
    entry.add_text(fields.file, record.path.as_str());
    add_no_place(fields, &mut entry);
    entry.add_number(fields.origin, 0);
    entry.add_text(fields.file_words, record.path.as_str());
    entry.add_text(fields.file_root, path_key(root));
    if record.has_moved {
        entry.add_number(fields.moved_origin, record.origin);
    }
    for (field, number) in [
        (fields.file_origin, record.origin),
        (fields.file_bytes, record.fingerprint.bytes),
        (fields.file_stamp, record.fingerprint.stamp),
        (fields.file_hash, record.fingerprint.hash),
        (fields.file_articles, record.n_articles),
        (fields.file_failures, record.n_failures),
    ] {
        entry.add_number(field, number);
    }
    entry.store(details);
    entry
}

/// All files that the index knows.
pub(super) fn known_files(searcher: &Searcher) -> tantivy::Result<KnownFiles> {
    let mut known = KnownFiles::new();
    for (segment_ord, segment) in searcher.segment_readers().iter().enumerate() {
        let columns = segment.fast_fields();
        let (Some(paths), Some(roots)) = (columns.str("file")?, columns.str("file_root")?) else {
            continue; // no file has its document in this segment
        };
        let origins = columns.u64("file_origin")?;
        let moved = columns.u64("moved_origin")?;
        let bytes = columns.u64("file_bytes")?;
        let stamps = columns.u64("file_stamp")?;
        let hashes = columns.u64("file_hash")?;
        let articles = columns.u64("file_articles")?;
        let failures = columns.u64("file_failures")?;
        let mut root_names: Vec<Arc<str>> = Vec::with_capacity(roots.num_terms());
        for ord in 0..roots.num_terms() as u64 {
            let mut root = String::new();
            roots.ord_to_str(ord, &mut root)?;
            root_names.push(root.into());
        }
        for doc in segment.doc_ids_alive() {
            let Some(path) = paths.ords().first(doc) else {
                continue; // an article or a passage
            };
            let number = |column: &tantivy::columnar::Column<u64>| {
                let missing = || TantivyError::InternalError("a file without its state".to_owned());
                column.first(doc).ok_or_else(missing)
            };
            let fingerprint = Fingerprint {
                bytes: number(&bytes)?,
                stamp: number(&stamps)?,
                hash: number(&hashes)?,
            };
            let mut key = String::new();
            paths.ord_to_str(path, &mut key)?;
            let root = roots.ords().first(doc);
            let root = root.map_or_else(
                || Arc::from(""),
                |ord| Arc::clone(&root_names[ord as usize]),
            );
            let file = KnownFile {
                root,
                origin: number(&origins)?,
                has_moved: moved.first(doc).is_some(),
                fingerprint,
                n_articles: number(&articles)?,
                n_failures: number(&failures)?,
                address: DocAddress::new(segment_ord as u32, doc),
            };
            known.insert(key, file);
        }
    }
    Ok(known)
}

/// A number that is that of no file of the index: neither of those it knows, nor of any that it has lost.
pub(super) fn next_origin(searcher: &Searcher) -> tantivy::Result<u64> {
    let mut next = 1;
    for segment in searcher.segment_readers() {
        for name in ["origin", "file_origin"] {
            let column = segment.fast_fields().u64(name)?;
            if column.values.num_vals() > 0 {
                next = next.max(column.max_value() + 1);
            }
        }
    }
    Ok(next)
}

/// The files of which the path has `words` one after the other, the last as a beginning if it `is_prefix`, by their numbers.
pub(super) fn files_with(
    searcher: &Searcher,
    fields: &Fields,
    words: &[String],
    is_prefix: bool,
) -> tantivy::Result<FxHashSet<u64>> {
    let terms: Vec<Term> = words
        .iter()
        .map(|word| Term::from_field_text(fields.file_words, word))
        .collect();
    let query: Box<dyn Query> = match terms.as_slice() {
        [] => return Ok(FxHashSet::default()),
        _ if is_prefix => {
            let mut query = PhrasePrefixQuery::new(terms);
            query.set_max_expansions(n_beginning_with(searcher, fields, words)?);
            Box::new(query)
        }
        [term] => Box::new(TermQuery::new(term.clone(), IndexRecordOption::Basic)),
        _ => Box::new(PhraseQuery::new(terms)),
    };
    let weight = query.weight(EnableScoring::disabled_from_searcher(searcher))?;
    let mut found = FxHashSet::default();
    for segment in searcher.segment_readers() {
        let origins = segment.fast_fields().u64("file_origin")?;
        weight.for_each_no_score(segment, &mut |docs| {
            let alive = docs.iter().filter(|doc| !segment.is_deleted(**doc));
            found.extend(alive.filter_map(|doc| origins.first(*doc)));
        })?;
    }
    Ok(found)
}

/// Words of paths that begin with the last of `words`, at most, in any segment.
fn n_beginning_with(
    searcher: &Searcher,
    fields: &Fields,
    words: &[String],
) -> tantivy::Result<u32> {
    let beginning = words.last().map_or("", String::as_str);
    let mut most = 1;
    for segment in searcher.segment_readers() {
        let inverted_index = segment.inverted_index(fields.file_words)?;
        let mut words = inverted_index.terms().range().ge(beginning).into_stream()?;
        let mut n_words = 0;
        while words.advance() && words.key().starts_with(beginning.as_bytes()) {
            n_words += 1;
        }
        most = most.max(n_words);
    }
    Ok(most)
}

/// All files, by their numbers, in the order of their paths.
pub(crate) fn files_in_order(searcher: &Searcher) -> tantivy::Result<Vec<u64>> {
    let known = known_files(searcher)?;
    Ok(known.values().map(|file| file.origin).collect())
}

/// Where the file of an article is now, if that is not where it was when the article was indexed.
pub(super) fn moved_to(
    searcher: &Searcher,
    fields: &Fields,
    origin: u64,
) -> tantivy::Result<Option<String>> {
    let term = Term::from_field_u64(fields.moved_origin, origin);
    let Some(&address) = addresses(searcher, &term)?.first() else {
        return Ok(None);
    };
    let segment = searcher.segment_reader(address.segment_ord);
    let Some(paths) = segment.fast_fields().str("file")? else {
        return Ok(None);
    };
    let mut path = String::new();
    let found = match paths.ords().first(address.doc_id) {
        Some(ord) => paths.ord_to_str(ord, &mut path)?,
        None => false,
    };
    Ok(found.then_some(path))
}

impl KnownFile {
    /// Whether it is a collection that was not read to its end yet: its content has no hash then, but its times are known,
    /// unlike those of a file that is in doubt, of which what is held stays until it can be read again.
    pub(super) fn is_partial(&self) -> bool {
        self.fingerprint.hash == 0 && self.fingerprint.is_settled()
    }

    /// What is stored of the file; `None` when that is lost with the dictionary it was written in.
    pub(super) fn details(&self, snapshot: &Snapshot) -> tantivy::Result<Option<FileDetails>> {
        read_json(snapshot, self.address, FILE)
    }
}

impl FileDetails {
    /// Those of a file of which they are lost.
    pub(super) fn lost() -> FileDetails {
        FileDetails {
            name: String::new(),
            max_bytes: 0,
            read: None,
        }
    }
}

impl FileRecord {
    /// What is to be known of `file`, of which nothing was read yet.
    pub(super) fn new(
        file: &SourceFile,
        origin: u64,
        fingerprint: Fingerprint,
        max_bytes: u64,
    ) -> FileRecord {
        FileRecord {
            path: path_key(&file.path),
            origin,
            has_moved: false,
            fingerprint,
            n_articles: 0,
            n_failures: 0,
            details: FileDetails {
                name: file.name.clone(),
                max_bytes,
                read: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_doubt_is_not_taken_for_the_beginning_of_a_collection() {
        let is_partial = |bytes, stamp, hash| {
            let file = KnownFile {
                root: "".into(),
                origin: 1,
                has_moved: false,
                fingerprint: Fingerprint { bytes, stamp, hash },
                n_articles: 1,
                n_failures: 0,
                address: DocAddress::new(0, 0),
            };
            file.is_partial()
        };
        assert!(is_partial(10, 7, 0));
        assert!(!is_partial(10, 7, 5));
        assert!(!is_partial(u64::MAX, 0, 0), "found wrong by a check");
        assert!(!is_partial(10, 0, 0), "could not be read to its end");
    }

    #[test]
    fn paths_in_utf_8_are_their_own_keys() {
        assert_eq!(path_key(Path::new("/a/été.txt")), "/a/été.txt");
    }

    #[cfg(unix)]
    #[test]
    fn paths_in_other_encodings_have_keys_of_their_own() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let [one, other] = [b"/a/\xE9.txt", b"/a/\xE8.txt"]
            .map(|bytes| path_key(Path::new(OsStr::from_bytes(bytes))));
        assert_ne!(one, other);
        assert_eq!(one, "/a/\u{FFFD}E9.txt");
        let path = Path::new(OsStr::from_bytes(b"/\xE9\xE8/\xC3\xA9"));
        assert_eq!(path_of_key(&path_key(path)), path);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_hold_the_sign_for_other_encodings_are_their_own() {
        let mut keys = std::collections::BTreeSet::new();
        for name in [
            "a\u{FFFD}E9.txt",
            "a\u{FFFD}.txt",
            "\u{FFFD}\u{FFFD}E9",
            "\u{FFFD}",
            "\u{FFFD}+f",
        ] {
            let key = path_key(Path::new(name));
            assert_eq!(path_of_key(&key), Path::new(name), "{key}");
            assert!(keys.insert(key));
        }
        assert_eq!(path_key(Path::new("a\u{FFFD}.txt")), "a\u{FFFD}.txt");
    }
}
