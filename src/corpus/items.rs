//! The articles of a corpus as pieces of work, and the work: bytes in, [`Document`] out.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::vec;

use encoding_rs::Encoding;
use xxhash_rust::xxh3::xxh3_64;

use super::collection::{self, Line, Lines};
use super::decode::{self, Decoded};
use super::discover::SourceFile;
use super::extract::{self, Extracted, Format, Kind};
use super::fingerprint::{Fingerprint, FingerprintReader};
use super::skipped::{SkipReason, Skipped};
use super::source_map::{SourceMap, SourceMapParts};
use super::{Document, Section, dateline};

/// How large an article may be, unless the caller says otherwise: 64 MiB.
pub const DEFAULT_MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// What is too much to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The size of a file that is one article, and of one line of a collection.
    pub max_file_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_file_bytes: DEFAULT_MAX_FILE_BYTES,
        }
    }
}

/// What there is to do for some files, one after the other.
#[derive(Debug)]
pub enum Piece {
    /// An article is to be read.
    Article(Item),
    /// A collection, or a line of one, cannot be read.
    Skipped(SourceFile, Skipped),
    /// A collection was read to its end: this is what it was.
    End(SourceFile, Fingerprint),
}

/// The articles of some files, in order: one a file, or one a line in a collection.
///
/// Collections are read as the iterator advances, a line at a time; other files are only named,
/// and read by [`Item::load`].
#[derive(Debug)]
pub struct Items {
    files: vec::IntoIter<SourceFile>,
    collection: Option<OpenCollection>,
    limits: Limits,
}

#[derive(Debug)]
struct OpenCollection {
    file: Arc<SourceFile>,
    lines: Lines,
}

impl Items {
    /// Lists the articles of the files that were discovered.
    pub fn new(files: Vec<SourceFile>, limits: Limits) -> Self {
        Self {
            files: files.into_iter(),
            collection: None,
            limits,
        }
    }

    fn max_line_bytes(&self, file: &SourceFile) -> u64 {
        file.max_line_bytes.unwrap_or(self.limits.max_file_bytes)
    }

    /// The next line of the collection that is open, which is closed at its end.
    fn next_record(&mut self) -> Option<Piece> {
        let collection = self.collection.as_mut()?;
        let skipped = |line, reason| {
            let path = collection.file.path.clone();
            let file = SourceFile::clone(&collection.file);
            Piece::Skipped(file, Skipped { path, line, reason })
        };
        let mut next = collection.lines.next_line();
        while let Ok(Some(line)) = &next
            && line.number <= collection.file.read.lines
        {
            next = collection.lines.next_line();
        }
        match next {
            Ok(Some(Line {
                number,
                start,
                bytes: Some(bytes),
            })) => Some(Piece::Article(Item {
                work: Work::Record {
                    file: Arc::clone(&collection.file),
                    number,
                    start,
                    bytes,
                    utf16: collection.lines.utf16(),
                },
            })),
            Ok(Some(Line { number, .. })) => {
                let limit_bytes = collection.lines.max_bytes();
                Some(skipped(Some(number), SkipReason::TooLarge { limit_bytes }))
            }
            Ok(None) => {
                let end = match collection.lines.fingerprint() {
                    Ok(fingerprint) => Piece::End(SourceFile::clone(&collection.file), fingerprint),
                    Err(error) => skipped(None, SkipReason::Unreadable(error)),
                };
                self.collection = None;
                Some(end)
            }
            Err(error) => {
                let skipped = skipped(None, SkipReason::Unreadable(error));
                self.collection = None;
                Some(skipped)
            }
        }
    }
}

impl Iterator for Items {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(record) = self.next_record() {
                return Some(record);
            }
            let file = self.files.next()?;
            match file.kind {
                Kind::Article(format) => {
                    return Some(Piece::Article(Item {
                        work: Work::File { file, format },
                    }));
                }
                Kind::Collection => match Lines::open(&file.path, self.max_line_bytes(&file)) {
                    Ok(lines) => {
                        let file = Arc::new(file);
                        self.collection = Some(OpenCollection { file, lines });
                    }
                    Err(error) => {
                        let skipped = Skipped {
                            path: file.path.clone(),
                            line: None,
                            reason: SkipReason::Unreadable(error),
                        };
                        return Some(Piece::Skipped(file, skipped));
                    }
                },
            }
        }
    }
}

/// One article that has yet to be read; the work can be done on any thread.
#[derive(Debug)]
pub struct Item {
    work: Work,
}

#[derive(Debug)]
enum Work {
    File {
        file: SourceFile,
        format: &'static dyn Format,
    },
    Record {
        file: Arc<SourceFile>,
        number: u64,
        start: u64,
        bytes: Vec<u8>,
        utf16: Option<&'static Encoding>,
    },
}

impl Item {
    /// The file that holds the article.
    pub fn file(&self) -> &SourceFile {
        match &self.work {
            Work::File { file, .. } => file,
            Work::Record { file, .. } => file,
        }
    }

    /// The line of a collection that it is; none of a file that is one article.
    pub fn line(&self) -> Option<u64> {
        match &self.work {
            Work::File { .. } => None,
            Work::Record { number, .. } => Some(*number),
        }
    }

    /// How many bytes of the file there are to read for it.
    pub fn n_bytes(&self) -> u64 {
        match &self.work {
            Work::File { file, .. } => file.bytes,
            Work::Record { bytes, .. } => bytes.len() as u64,
        }
    }

    /// Reads, decodes and extracts the article.
    pub fn load(self, limits: &Limits) -> Loaded {
        match self.work {
            Work::File { file, format } => {
                let skipped = |reason| Skipped {
                    path: file.path.clone(),
                    line: None,
                    reason,
                };
                match read_file(&file.path, limits.max_file_bytes) {
                    Ok((bytes, fingerprint)) => Loaded {
                        document: load_file(&file, format, bytes).map_err(skipped),
                        file_read: Some(fingerprint),
                    },
                    Err(reason) => Loaded {
                        document: Err(skipped(reason)),
                        file_read: None,
                    },
                }
            }
            Work::Record {
                file,
                number,
                start,
                bytes,
                utf16,
            } => {
                let decoded = match utf16 {
                    Some(encoding) => Ok(decode::decode_utf16(&bytes, encoding)),
                    None => decode::decode(bytes, None),
                };
                let document = decoded
                    .and_then(|decoded| load_record(&file, number, start, decoded))
                    .map_err(|reason| Skipped {
                        path: file.path.clone(),
                        line: Some(number),
                        reason,
                    });
                Loaded {
                    document,
                    file_read: None,
                }
            }
        }
    }
}

/// What became of an article that was to be read.
#[derive(Debug)]
pub struct Loaded {
    /// The article, or why there is none; that it has no text ([`SkipReason::Empty`]) is no failure.
    pub document: Result<Document, Skipped>,
    /// What its file was, when the article is all of it.
    pub file_read: Option<Fingerprint>,
}

fn load_file(
    file: &SourceFile,
    format: &dyn Format,
    bytes: Vec<u8>,
) -> Result<Document, SkipReason> {
    let declared = format.declared_encoding(&bytes);
    let decoded = decode::decode(bytes, declared)?;
    let stem = file.path.file_stem().unwrap_or_default().to_string_lossy();
    let extracted = extract::extract(format, &decoded.text, &stem);
    if extracted.text.trim().is_empty() {
        return Err(SkipReason::Empty);
    }
    let Extracted {
        metadata,
        text,
        segments,
        sections,
        body,
    } = extracted;
    let source = SourceMap::new(SourceMapParts {
        text: &text,
        segments,
        decoded: &decoded.text,
        body,
        first_line: 1,
        bytes: decoded.bytes,
    });
    Ok(Document {
        id: file_id(&file.name),
        path: file.path.clone(),
        metadata,
        text,
        sections,
        source,
    })
}

fn load_record(
    file: &SourceFile,
    number: u64,
    start: u64,
    decoded: Decoded,
) -> Result<Document, SkipReason> {
    let mut record = collection::read_record(&decoded.text)?;
    if record.text.trim().is_empty() {
        return Err(SkipReason::Empty);
    }
    record.metadata.date = record
        .metadata
        .date
        .or_else(|| dateline::find(&record.text));
    let source = SourceMap::new(SourceMapParts {
        text: &record.text,
        segments: record.segments,
        decoded: &decoded.text,
        body: record.body,
        first_line: number,
        bytes: decoded.bytes.shifted(start),
    });
    Ok(Document {
        id: record
            .id
            .unwrap_or_else(|| format!("{}:{number}", file.name)),
        path: file.path.clone(),
        metadata: record.metadata,
        text: record.text,
        sections: vec![Section {
            start: 0,
            heading: None,
        }],
        source,
    })
}

/// Reads a file, but never more than the limit, even if it grows meanwhile.
fn read_file(path: &Path, limit_bytes: u64) -> Result<(Vec<u8>, Fingerprint), SkipReason> {
    let read = || -> io::Result<Option<(Vec<u8>, Fingerprint)>> {
        let mut file = FingerprintReader::open(path)?;
        let size_bytes = file.size();
        if size_bytes > limit_bytes {
            return Ok(None);
        }
        // One byte more than expected tells that the file ends there.
        let mut bytes = Vec::with_capacity(usize::try_from(size_bytes).unwrap_or(0) + 1);
        file.by_ref()
            .take(limit_bytes.saturating_add(1))
            .read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit_bytes {
            return Ok(None);
        }
        Ok(Some((bytes, file.fingerprint()?)))
    };
    read()
        .map_err(SkipReason::Unreadable)?
        .ok_or(SkipReason::TooLarge { limit_bytes })
}

/// The id of a file: 60 bits of the hash of its name, in letters and digits that cannot be
/// mistaken for one another.
fn file_id(name: &str) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let hash = xxh3_64(name.as_bytes());
    (0..12)
        .map(|place| char::from(ALPHABET[(hash >> (5 * place) & 31) as usize]))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::{any, proptest};
    use tempfile::TempDir;

    use super::*;
    use crate::corpus::discover;

    const SMALL: Limits = Limits {
        max_file_bytes: 200,
    };

    fn load_all(files: &[(&str, &[u8])], limits: Limits) -> Vec<Result<Document, Skipped>> {
        let temp = TempDir::new().unwrap();
        for (name, bytes) in files {
            fs::write(temp.path().join(name), bytes).unwrap();
        }
        let discovery = discover(&[temp.path().to_owned()], None);
        Items::new(discovery.files, limits)
            .filter_map(|piece| match piece {
                Piece::Article(item) => Some(item.load(&limits).document),
                Piece::Skipped(_, skipped) => Some(Err(skipped)),
                Piece::End(..) => None,
            })
            .collect()
    }

    #[test]
    fn plain_text_is_the_bytes_of_the_file() {
        let file = "Le pont\r\n\r\nIl est fermé.\r\nIl rouvrira.\r\n";
        let documents = load_all(&[("a.txt", file.as_bytes())], Limits::default());
        let document = documents[0].as_ref().unwrap();
        assert_eq!(document.metadata.title, "Le pont");
        let location = document.source.locate(0..document.text.len());
        assert_eq!(location.lines, (3, 4));
        let bytes = location.bytes.start as usize..location.bytes.end as usize;
        assert_eq!(&file[bytes], document.text);
        let second = document.text.find("Il rouvrira").unwrap();
        assert_eq!(document.source.locate(0..second).lines, (3, 3));
        assert_eq!(
            document.source.locate(second..document.text.len()).lines,
            (4, 4)
        );
    }

    #[test]
    fn records_and_their_failures_carry_their_line() {
        let file = b"{\"_id\": \"x\", \"text\": \"Un.\"}\n\nrien\n{\"text\": \"caf\xE9\"}\n{\"text\": \" \"}\n";
        let all = load_all(&[("c.jsonl", file)], Limits::default());
        let first = all[0].as_ref().unwrap();
        assert_eq!(
            (first.id.as_str(), first.source.locate(0..3).lines),
            ("x", (1, 1))
        );
        assert_eq!(first.source.locate(0..3).bytes, 22..25);
        assert!(
            all[1]
                .as_ref()
                .unwrap_err()
                .to_string()
                .contains("c.jsonl:3: not a JSON object")
        );
        let third = all[2].as_ref().unwrap();
        assert!(third.id.ends_with("/c.jsonl:4"));
        assert_eq!(third.text, "café");
        let bytes = third.source.locate(0..5).bytes;
        assert_eq!(&file[bytes.start as usize..bytes.end as usize], b"caf\xE9");
        assert!(!all[3].as_ref().unwrap_err().reason.is_failure());
    }

    #[test]
    fn what_is_too_large_is_skipped() {
        let line = format!(
            "{{\"text\": \"{}\"}}\n{{\"text\": \"b\"}}\n",
            "a".repeat(300)
        );
        let all = load_all(
            &[("a.txt", &[b'a'; 201]), ("b.jsonl", line.as_bytes())],
            SMALL,
        );
        for (index, line) in [(0, None), (1, Some(1))] {
            let skipped = all[index].as_ref().unwrap_err();
            assert!(matches!(
                skipped.reason,
                SkipReason::TooLarge { limit_bytes: 200 }
            ));
            assert_eq!(skipped.line, line);
        }
        assert_eq!(all[2].as_ref().unwrap().text, "b");
    }

    #[test]
    fn id_depends_on_the_name_alone() {
        assert_eq!(file_id("corpus/fr/a.md").len(), 12);
        assert_eq!(file_id("corpus/fr/a.md"), file_id("corpus/fr/a.md"));
        assert_ne!(file_id("corpus/fr/a.md"), file_id("corpus/fr/b.md"));
    }

    #[test]
    fn empty_file_is_no_failure() {
        let all = load_all(
            &[
                ("a.txt", b""),
                ("b.md", b"---\ntitle: x\n---\n"),
                ("c.html", b"<p> "),
            ],
            SMALL,
        );
        assert!(
            all.iter()
                .all(|result| !result.as_ref().unwrap_err().reason.is_failure())
        );
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_format_give_ranges_that_touch(
            bytes in any::<Vec<u8>>(),
            words in "(mot |é|’|\n|<p>|&amp;|\\*\\*|# |---\n|a: b\n){0,20}",
            cut in any::<u16>(),
        ) {
            let bytes = [words.as_bytes(), &bytes].concat();
            for name in ["a.txt", "a.md", "a.html"] {
                let Some(Kind::Article(format)) = extract::kind_of(Path::new(name)) else { panic!() };
                let declared = format.declared_encoding(&bytes);
                let Ok(decoded) = decode::decode(bytes.clone(), declared) else { continue };
                let article = extract::extract(format, &decoded.text, "a");
                let map = SourceMap::new(SourceMapParts {
                    text: &article.text,
                    segments: article.segments,
                    decoded: &decoded.text,
                    body: article.body,
                    first_line: 1,
                    bytes: decoded.bytes,
                });
                let cut = article.text.floor_char_boundary(cut as usize % (article.text.len() + 1));
                let (head, tail) = (map.locate(0..cut), map.locate(cut..article.text.len()));
                assert_eq!(head.bytes.end, tail.bytes.start);
                assert!(tail.bytes.end <= bytes.len() as u64);
                assert!(head.lines.0 <= head.lines.1 && head.lines.1 <= tail.lines.1);
            }
        }
    }
}
