//! Reads files made of lines, and says which line is wrong.

use std::fs;
use std::path::Path;

use crate::error::{Error, Result};

/// A line that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// From 1.
    pub(super) line: usize,
    pub(super) problem: String,
    /// What should be there.
    pub(super) expected: &'static str,
}

/// What a parser gives.
pub(super) type Parsed<T> = std::result::Result<T, Malformed>;

/// Reads the file at `path`, in UTF-8 with or without a byte order mark, by `parse`.
pub(super) fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Parsed<T>) -> Result<T> {
    let bytes = fs::read(path).map_err(|source| Error::Read {
        path: path.into(),
        source,
    })?;
    text(&bytes)
        .and_then(parse)
        .map_err(|malformed| Error::Malformed {
            path: path.into(),
            line: malformed.line,
            problem: malformed.problem,
            expected: malformed.expected,
        })
}

/// The lines that are not blank, without line ends, with their numbers from 1.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(n, line)| (n + 1, line));
    numbered.filter(|(_, line)| !line.trim().is_empty())
}

fn text(bytes: &[u8]) -> Parsed<&str> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        Malformed {
            line: 1 + before.iter().filter(|&&byte| byte == b'\n').count(),
            problem: "bytes that are no text".to_owned(),
            expected: "text in UTF-8",
        }
    })?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_skipped_and_counted() {
        let found: Vec<_> = lines("a\r\n \t\r\n\nb c\n").collect();
        assert_eq!(found, [(1, "a"), (4, "b c")]);
    }

    #[test]
    fn a_byte_order_mark_is_no_text_and_other_encodings_are_told_by_their_line() {
        assert_eq!(text(b"\xEF\xBB\xBFa\n"), Ok("a\n"));
        assert_eq!(text(b"a\nb\n\xE9t\xE9\n").unwrap_err().line, 3);
    }
}
