//! Collections: files with one article a line, each a JSON object.
//!
//! The lines are read one at a time and only cut off from one another here; [`read_record`] does
//! the rest of the work later, on another thread if the caller wants.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader};
use std::ops::Range;
use std::path::Path;

use encoding_rs::{Encoding, UTF_16LE};
use serde_json::value::RawValue;

use super::decode;
use super::fingerprint::{Fingerprint, FingerprintReader};
use super::metadata::{Fields, MAX_VALUE_BYTES, Metadata, is_known_key};
use super::skipped::SkipReason;
use super::source_map::Segment;

/// The fields that may hold the text, the preferred first.
pub(super) const TEXT_KEYS: &[&str] = &["text", "body", "content", "contents"];

const ID_KEYS: &[&str] = &["_id", "id"];

const BUFFER_BYTES: usize = 256 * 1024;

/// One line of a collection that is not blank.
#[derive(Debug)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    /// Where in the file it begins.
    pub(super) start: u64,
    /// The line with its end; none when it is over the limit.
    pub(super) bytes: Option<Vec<u8>>,
}

/// Reads the lines of a collection, never more than one at a time.
#[derive(Debug)]
pub(super) struct Lines<R = BufReader<FingerprintReader>> {
    reader: R,
    /// The encoding when it is UTF-16, whose line ends are two bytes long.
    utf16: Option<&'static Encoding>,
    number: u64,
    at: u64,
    max_bytes: u64,
}

impl Lines {
    pub(super) fn open(path: &Path, max_bytes: u64) -> io::Result<Self> {
        let file = FingerprintReader::open(path)?;
        Self::new(BufReader::with_capacity(BUFFER_BYTES, file), max_bytes)
    }

    /// What the file was, once it is read to its end.
    pub(super) fn fingerprint(&self) -> io::Result<Fingerprint> {
        self.reader.get_ref().fingerprint()
    }
}

impl<R: BufRead> Lines<R> {
    fn new(mut reader: R, max_bytes: u64) -> io::Result<Self> {
        let head = reader.fill_buf()?;
        let utf16 = decode::utf16(head);
        let mark_bytes = match head {
            [0xEF, 0xBB, 0xBF, ..] => 3,
            [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => 2,
            _ => 0,
        };
        reader.consume(mark_bytes);
        Ok(Self {
            reader,
            utf16,
            number: 0,
            at: mark_bytes as u64,
            max_bytes,
        })
    }

    /// The length of a line that is too much.
    pub(super) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    pub(super) fn utf16(&self) -> Option<&'static Encoding> {
        self.utf16
    }

    /// The next line that is not blank; none at the end of the file.
    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        loop {
            let start = self.at;
            let mut kept = Vec::new();
            let mut n_bytes = 0;
            while !self.read_to_newline(&mut kept, &mut n_bytes)? {}
            if n_bytes == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.at += n_bytes;
            let too_large = n_bytes > self.max_bytes;
            let is_blank = |&b: &u8| b.is_ascii_whitespace() || b == 0 && self.utf16.is_some();
            if too_large || !kept.iter().all(is_blank) {
                return Ok(Some(Line {
                    number: self.number,
                    start,
                    bytes: (!too_large).then_some(kept),
                }));
            }
        }
    }

    /// Reads up to the next byte that may end the line; whether it did, or the file ended.
    ///
    /// A line over the limit is counted on but no longer kept.
    fn read_to_newline(&mut self, kept: &mut Vec<u8>, n_bytes: &mut u64) -> io::Result<bool> {
        let buffer = match self.reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(false),
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            return Ok(true);
        }
        let newline = buffer.iter().position(|&b| b == b'\n');
        let taken = newline.map_or(buffer.len(), |at| at + 1);
        let before_newline = taken
            .checked_sub(2)
            .and_then(|at| buffer.get(at))
            .or(kept.last())
            .copied();
        *n_bytes += taken as u64;
        if *n_bytes <= self.max_bytes {
            kept.extend_from_slice(&buffer[..taken]);
        } else {
            // The last byte is needed to recognize the end of a line in UTF-16.
            *kept = buffer[taken - 1..taken].to_vec();
        }
        self.reader.consume(taken);
        if newline.is_none() {
            return Ok(false);
        }
        match self.utf16 {
            None => Ok(true),
            Some(encoding) if encoding == UTF_16LE => {
                let aligned = !n_bytes.is_multiple_of(2);
                let next = self.reader.fill_buf()?.first().copied();
                let ends = aligned && next == Some(0);
                if ends {
                    self.reader.consume(1);
                    *n_bytes += 1;
                    kept.push(0);
                }
                Ok(ends)
            }
            Some(_) => Ok(n_bytes.is_multiple_of(2) && before_newline == Some(0)),
        }
    }
}

/// One article of a collection.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) id: Option<String>,
    pub(super) metadata: Metadata,
    pub(super) text: String,
    /// From the text to the line.
    pub(super) segments: Vec<Segment>,
    /// Where in the line the text stands, between its quotes.
    pub(super) body: Range<usize>,
}

/// Reads a line as a JSON object.
pub(super) fn read_record(line: &str) -> Result<Record, SkipReason> {
    let object: BTreeMap<String, &RawValue> =
        serde_json::from_str(line).map_err(SkipReason::InvalidJson)?;
    let raw_text = TEXT_KEYS
        .iter()
        .filter_map(|&key| object.get(key))
        .find(|raw| raw.get().starts_with('"'))
        .ok_or(SkipReason::MissingText)?;
    let text: String = serde_json::from_str(raw_text.get()).map_err(SkipReason::InvalidJson)?;
    let start = raw_text.get().as_ptr() as usize - line.as_ptr() as usize + 1;
    let body = start..start + raw_text.get().len().saturating_sub(2);

    let mut fields = Fields::default();
    for (key, raw) in &object {
        if is_known_key(&key.to_lowercase())
            && raw.get().len() <= MAX_VALUE_BYTES
            && let Ok(value) = serde_json::from_str::<serde_json::Value>(raw.get())
        {
            fields.push(key, value.into());
        }
    }
    Ok(Record {
        id: ID_KEYS
            .iter()
            .filter_map(|&key| object.get(key))
            .find_map(|raw| id_of(raw)),
        metadata: fields.metadata(),
        segments: segments(&line[body.clone()], start),
        text,
        body,
    })
}

/// The longest id that is taken for one, in bytes: longer ones cannot be looked up in an index.
const MAX_ID_BYTES: usize = 512;

/// An id is a string or a number; it is kept as it is.
fn id_of(raw: &RawValue) -> Option<String> {
    match serde_json::from_str(raw.get()).ok()? {
        serde_json::Value::String(id) => {
            Some(id).filter(|id| !id.is_empty() && id.len() <= MAX_ID_BYTES)
        }
        serde_json::Value::Number(_) => {
            Some(raw.get().to_owned()).filter(|id| id.len() <= MAX_ID_BYTES)
        }
        _ => None,
    }
}

/// Maps the value of a JSON string to its spelling, which stands at `start`.
fn segments(raw: &str, start: usize) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut text = 0;
    let mut at = 0;
    while at < raw.len() {
        let len = raw[at..].find('\\').unwrap_or(raw.len() - at);
        if len > 0 {
            segments.push(Segment {
                text,
                source: start + at,
                len,
            });
            text += len;
            at += len;
        }
        if at < raw.len() {
            segments.push(Segment {
                text,
                source: start + at,
                len: 0,
            });
            let (spelled, decoded) = escape(&raw[at..]);
            text += decoded;
            at += spelled;
        }
    }
    segments
}

/// Lengths of the escape with which `raw` begins and of the character it stands for.
fn escape(raw: &str) -> (usize, usize) {
    let code = |at: usize| {
        let digits = raw.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    match code(0) {
        None => (2.min(raw.len()), 1),
        Some(0xD800..=0xDFFF) => (12.min(raw.len()), 4),
        Some(code) => (6, char::from_u32(code).map_or(3, char::len_utf8)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::*;

    fn lines(bytes: &[u8], max_bytes: u64) -> Vec<(u64, u64, Option<Vec<u8>>)> {
        // A small buffer, so that lines and line ends lie across its edges.
        let reader = BufReader::with_capacity(5, bytes);
        let mut lines = Lines::new(reader, max_bytes).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            all.push((line.number, line.start, line.bytes));
        }
        all
    }

    #[test]
    fn blank_lines_are_counted_and_passed_over() {
        let found = lines(b"\xEF\xBB\xBF{}\r\n\n  \n{1}", 100);
        assert_eq!(
            found,
            [
                (1, 3, Some(b"{}\r\n".to_vec())),
                (4, 11, Some(b"{1}".to_vec()))
            ]
        );
    }

    #[test]
    fn line_over_the_limit_is_not_kept() {
        let found = lines(b"{aaaaaaaaaaaaaaaaa}\n{}\n", 10);
        assert_eq!(found, [(1, 0, None), (2, 20, Some(b"{}\n".to_vec()))]);
    }

    #[test]
    fn utf16_lines_end_with_a_whole_newline() {
        // U+0A0A and U+0A00 hold the byte of a line end, and are none.
        for encode in [u16::to_le_bytes, u16::to_be_bytes] {
            let bytes: Vec<u8> = "\u{feff}{a\u{0a0a}\u{0a00}\u{100a}b}\n{c}\n"
                .encode_utf16()
                .flat_map(encode)
                .collect();
            let found = lines(&bytes, 100);
            let starts: Vec<u64> = found.iter().map(|&(_, start, _)| start).collect();
            assert_eq!(starts, [2, 18], "{found:?}");
        }
    }

    #[test]
    fn record_is_read_with_its_metadata() {
        let record = read_record(
            r#"{"_id": 7, "Title": "T", "contents": "a\né\"", "text": null, "lang": "fr"}"#,
        )
        .unwrap();
        assert_eq!(record.id.as_deref(), Some("7"));
        assert_eq!(record.metadata.title, "T");
        assert_eq!(record.text, "a\né\"");
    }

    #[test]
    fn values_that_are_far_too_long_are_not_read() {
        let endless = "0,".repeat(MAX_VALUE_BYTES);
        let record = format!(r#"{{"author": [{endless}0], "title": "T", "text": "a"}}"#);
        let metadata = read_record(&record).unwrap().metadata;
        assert_eq!((metadata.author, metadata.title.as_str()), (None, "T"));
    }

    #[test]
    fn line_without_record_says_why() {
        assert!(matches!(read_record("{"), Err(SkipReason::InvalidJson(_))));
        assert!(matches!(
            read_record("[1]"),
            Err(SkipReason::InvalidJson(_))
        ));
        assert!(matches!(
            read_record(r#"{"text": 3}"#),
            Err(SkipReason::MissingText)
        ));
        assert!(matches!(
            read_record(r#"{"text": "\ud800"}"#),
            Err(SkipReason::InvalidJson(_))
        ));
    }

    /// The spelling that the segments give each character of the text.
    fn spelled(line: &str, record: &Record) -> Vec<String> {
        let map =
            crate::corpus::source_map::SourceMap::new(crate::corpus::source_map::SourceMapParts {
                text: &record.text,
                segments: record.segments.clone(),
                decoded: line,
                body: record.body.clone(),
                first_line: 1,
                bytes: crate::corpus::source_map::ByteMap::utf8(0),
            });
        let bytes = |range| {
            let bytes = map.locate(range).bytes;
            line[bytes.start as usize..bytes.end as usize].to_owned()
        };
        record
            .text
            .char_indices()
            .map(|(at, c)| bytes(at..at + c.len_utf8()))
            .collect()
    }

    #[test]
    fn escapes_are_counted() {
        let line = r#" {"text" : "aé\n\u00e9\ud83d\udeb2/\"z"}"#;
        let record = read_record(line).unwrap();
        assert_eq!(record.text, "aé\né🚲/\"z");
        assert_eq!(
            spelled(line, &record),
            [
                "a",
                "é",
                "\\n",
                "\\u00e9",
                "\\ud83d\\udeb2",
                "/",
                "\\\"",
                "z"
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_spelled_as_it_was_written(text in any::<String>()) {
            let line = serde_json::json!({"text": text}).to_string();
            let record = read_record(&line).unwrap();
            assert_eq!(record.text, text);
            for (c, spelling) in text.chars().zip(spelled(&line, &record)) {
                let read: String = serde_json::from_str(&format!("\"{spelling}\"")).unwrap();
                assert_eq!(read, c.to_string());
            }
        }

        #[test]
        fn any_bytes_are_lines(bytes in any::<Vec<u8>>(), mark in any::<bool>()) {
            let bytes = if mark { [&[0xFF, 0xFE], &bytes[..]].concat() } else { bytes };
            for (_, start, line) in lines(&bytes, 50) {
                if let Some(line) = line {
                    let start = start as usize;
                    assert_eq!(&bytes[start..start + line.len()], line);
                    let _ = read_record(&String::from_utf8_lossy(&line));
                }
            }
        }
    }
}
