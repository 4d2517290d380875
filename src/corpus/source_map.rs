//! From places in an article's text to places in its source file.
//!
//! Two steps, each a sorted table: [`Segment`]s lead from the text to the decoded source, which
//! still has its markup, and a [`ByteMap`] from there to the bytes of the file, whose encoding
//! may not be UTF-8.

use std::ops::Range;

/// A stretch of text that stands in the decoded source as it is.
///
/// Text past `len` and before the next segment (a separator, a decoded entity) has no place of
/// its own; it counts as standing at the stretch's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) text: usize,
    pub(crate) source: usize,
    pub(crate) len: usize,
}

/// From offsets of a decoded text to bytes of the file it came from.
///
/// Between two anchors every character is ASCII (or, in UTF-8, stands as it is), so that offsets
/// grow together, `unit_bytes` of the file for each byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ByteMap {
    pub(crate) unit_bytes: usize,
    pub(crate) anchors: Vec<ByteAnchor>,
}

/// A place known on both sides of a [`ByteMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ByteAnchor {
    pub(crate) decoded: usize,
    pub(crate) byte: u64,
}

impl ByteMap {
    /// The map of UTF-8 text whose first byte is the file's byte `start`.
    pub(crate) fn utf8(start: u64) -> Self {
        Self {
            unit_bytes: 1,
            anchors: vec![ByteAnchor {
                decoded: 0,
                byte: start,
            }],
        }
    }

    /// The same map for a file in which everything comes `by` bytes later.
    pub(crate) fn shifted(mut self, by: u64) -> Self {
        for anchor in &mut self.anchors {
            anchor.byte += by;
        }
        self
    }

    /// The byte of the file at which the character at `decoded` begins.
    pub(crate) fn byte(&self, decoded: usize) -> u64 {
        let after = self.anchors.partition_point(|a| a.decoded <= decoded);
        let Some(anchor) = after.checked_sub(1).and_then(|i| self.anchors.get(i)) else {
            return 0;
        };
        let byte = anchor.byte + ((decoded - anchor.decoded) * self.unit_bytes) as u64;
        match self.anchors.get(after) {
            Some(next) => byte.min(next.byte),
            None => byte,
        }
    }
}

/// A stretch of text on one line of the source, from its first to its last non-white character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LineRun {
    start: usize,
    end: usize,
    line: u64,
}

/// Lines whose places are all kept; beyond that many, lines shorter than [`SPARSE_BYTES`] count as part of the one
/// before. Kept for every line of a character, they would take twelve times the memory of the text.
const MAX_EXACT_RUNS: usize = 4 << 20;
const SPARSE_BYTES: usize = 64;

/// Where a range of text stands in the source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// Bytes of the file. Ranges of text that touch have ranges of bytes that touch.
    pub bytes: Range<u64>,
    /// First and last line of the file, from 1, both included, white space at the ends left out.
    pub lines: (u64, u64),
}

/// Maps the offsets of a document's text to bytes and lines of its source file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceMap {
    segments: Vec<Segment>,
    text_len: usize,
    /// The article's body in the decoded source.
    body: Range<usize>,
    bytes: ByteMap,
    runs: Vec<LineRun>,
    first_line: u64,
}

/// What a [`SourceMap`] is made from.
pub(crate) struct SourceMapParts<'a> {
    /// The document's text.
    pub(crate) text: &'a str,
    /// Ascending in both text and source.
    pub(crate) segments: Vec<Segment>,
    /// The decoded source: a file, or one line of a collection.
    pub(crate) decoded: &'a str,
    /// The article's body in `decoded`.
    pub(crate) body: Range<usize>,
    /// The line of the file on which `decoded` begins.
    pub(crate) first_line: u64,
    /// From `decoded` to the file.
    pub(crate) bytes: ByteMap,
}

impl SourceMap {
    pub(crate) fn new(parts: SourceMapParts<'_>) -> Self {
        Self {
            runs: line_runs(&parts),
            text_len: parts.text.len(),
            segments: parts.segments,
            body: parts.body,
            bytes: parts.bytes,
            first_line: parts.first_line,
        }
    }

    /// Finds the bytes and lines of the source file that hold a range of the text.
    ///
    /// What stands between two ranges that touch (a heading, the end of a tag) belongs to the
    /// second; the first range begins where the body begins and the last ends where it ends.
    /// In a plain UTF-8 file the bytes are those of the text itself.
    pub fn locate(&self, text: Range<usize>) -> Location {
        let start = self.bytes.byte(self.source_offset(text.start));
        let end = self.bytes.byte(self.source_offset(text.end)).max(start);
        Location {
            bytes: start..end,
            lines: self.lines(text),
        }
    }

    fn source_offset(&self, text: usize) -> usize {
        if text == 0 {
            return self.body.start;
        }
        if text >= self.text_len {
            return self.body.end;
        }
        let here = self.segments.partition_point(|s| s.text < text);
        if let Some(segment) = self.segments.get(here)
            && segment.text == text
        {
            return segment.source;
        }
        match here.checked_sub(1).and_then(|i| self.segments.get(i)) {
            Some(segment) => segment.source + (text - segment.text).min(segment.len),
            None => self.body.start,
        }
    }

    fn lines(&self, text: Range<usize>) -> (u64, u64) {
        let first = self.runs.partition_point(|run| run.end <= text.start);
        let past = self.runs.partition_point(|run| run.start < text.end);
        let line = |index: Option<usize>| {
            index
                .and_then(|i| self.runs.get(i))
                .map_or(self.first_line, |run| run.line)
        };
        if first < past {
            (line(Some(first)), line(past.checked_sub(1)))
        } else {
            // Only white space: the line of what comes before.
            let before = line(past.checked_sub(1));
            (before, before)
        }
    }
}

fn line_runs(parts: &SourceMapParts<'_>) -> Vec<LineRun> {
    let mut runs: Vec<LineRun> = Vec::new();
    let mut line = parts.first_line;
    let mut counted = 0;
    let mut push = |start: usize, end: usize, line: u64| {
        let piece = &parts.text[start..end];
        let trimmed = piece.trim_start();
        if trimmed.is_empty() {
            return;
        }
        let start = end - trimmed.len();
        let end = start + trimmed.trim_end().len();
        let is_full = runs.len() >= MAX_EXACT_RUNS;
        match runs.last_mut() {
            Some(last) if last.line == line => last.end = end,
            Some(last) if is_full && start < last.start + SPARSE_BYTES => last.end = end,
            _ => runs.push(LineRun { start, end, line }),
        }
    };
    for (index, segment) in parts.segments.iter().enumerate() {
        let text_end = match parts.segments.get(index + 1) {
            Some(next) => next.text,
            None => parts.text.len(),
        };
        line += count_newlines(&parts.decoded[counted..segment.source]);
        counted = segment.source;
        let mut start = segment.text;
        let verbatim = &parts.decoded[segment.source..segment.source + segment.len];
        for (newline, _) in verbatim.match_indices('\n') {
            let next = segment.text + newline + 1;
            push(start, next, line);
            start = next;
            line += 1;
        }
        counted += segment.len;
        push(start, text_end, line);
    }
    runs
}

fn count_newlines(text: &str) -> u64 {
    text.bytes().filter(|&b| b == b'\n').count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown_like() -> SourceMap {
        // Two paragraphs, the second under a heading and beginning with bold text.
        let decoded = "Un mot.\n\n## Titre\n\n**Deux** mots.\n";
        let text = "Un mot.\n\nDeux mots.";
        let segments = vec![
            Segment {
                text: 0,
                source: 0,
                len: 7,
            },
            Segment {
                text: 9,
                source: 9,
                len: 0,
            },
            Segment {
                text: 9,
                source: 21,
                len: 4,
            },
            Segment {
                text: 13,
                source: 25,
                len: 0,
            },
            Segment {
                text: 13,
                source: 27,
                len: 6,
            },
        ];
        SourceMap::new(SourceMapParts {
            text,
            segments,
            decoded,
            body: 0..decoded.len(),
            first_line: 1,
            bytes: ByteMap::utf8(0),
        })
    }

    #[test]
    fn heading_belongs_to_the_range_that_follows_it() {
        let map = markdown_like();
        let first = map.locate(0..9);
        let second = map.locate(9..19);
        assert_eq!(
            first,
            Location {
                bytes: 0..9,
                lines: (1, 1)
            }
        );
        assert_eq!(
            second,
            Location {
                bytes: 9..34,
                lines: (5, 5)
            }
        );
    }

    #[test]
    fn closing_markup_belongs_to_the_range_that_follows_it() {
        let map = markdown_like();
        assert_eq!(map.locate(0..13).bytes.end, 25);
        assert_eq!(map.locate(13..19).bytes.start, 25);
    }

    #[test]
    fn separator_stands_at_the_end_of_what_precedes_it() {
        let map = markdown_like();
        assert_eq!(map.locate(7..8).bytes, 7..7);
        assert_eq!(map.locate(7..8).lines, (1, 1));
    }

    #[test]
    fn lines_beyond_count_are_counted_roughly() {
        let n_lines = MAX_EXACT_RUNS + 1_000;
        let text = "a\n".repeat(n_lines);
        let map = SourceMap::new(SourceMapParts {
            text: &text,
            segments: vec![Segment {
                text: 0,
                source: 0,
                len: text.len(),
            }],
            decoded: &text,
            body: 0..text.len(),
            first_line: 1,
            bytes: ByteMap::utf8(0),
        });
        assert!(map.runs.len() < MAX_EXACT_RUNS + 100);
        let (first, last) = map.locate(0..text.len()).lines;
        assert_eq!(first, 1);
        assert!(last <= n_lines as u64 && last + SPARSE_BYTES as u64 > n_lines as u64);
    }

    #[test]
    fn byte_map_follows_characters_of_other_widths() {
        // "aéb" in windows-1252 at byte 10: one byte each.
        let map = ByteMap {
            unit_bytes: 1,
            anchors: vec![
                ByteAnchor {
                    decoded: 0,
                    byte: 0,
                },
                ByteAnchor {
                    decoded: 3,
                    byte: 2,
                },
            ],
        }
        .shifted(10);
        assert_eq!(
            [0, 1, 3, 4].map(|offset| map.byte(offset)),
            [10, 11, 12, 13]
        );
    }
}
