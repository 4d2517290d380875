//! What was left out of a corpus, and why.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::extract;

/// A file, or one line of a collection, that gives no article.
#[derive(Debug)]
pub struct Skipped {
    /// The file, as it was reached.
    pub path: PathBuf,
    /// The line of a collection, from 1; none when the whole file is meant.
    pub line: Option<u64>,
    /// Why it was left out.
    pub reason: SkipReason,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.reason)
    }
}

/// Why a file or a line was left out.
///
/// A cause is part of the message, because these are printed one a line.
#[derive(Debug, thiserror::Error)]
pub enum SkipReason {
    /// The system refused the file or the folder.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// A file was asked for by name, and no format reads it.
    #[error("not a kind of file that is read ({})", extract::extensions().join(", "))]
    UnknownFormat,
    /// Something that is neither a file nor a folder was asked for by name.
    #[error("neither a file nor a folder")]
    NotAFile,
    /// The file or the line is over the limit.
    #[error("larger than {} MB (--max-file-size)", limit_bytes >> 20)]
    TooLarge {
        /// The limit that was exceeded.
        limit_bytes: u64,
    },
    /// The bytes are not text.
    #[error("binary data, not text")]
    Binary,
    /// Reading it made the program fail.
    #[error("cannot be understood, by a defect of fouine: please report it")]
    Defect,
    /// Lines of a collection that has not changed since they could not be read.
    #[error(
        "has {} that could not be read when it was indexed (--rebuild tells why)",
        lines(*n_lines)
    )]
    Before {
        /// How many.
        n_lines: u64,
    },
    /// More lines of a collection could not be read than are named.
    #[error("{} more that cannot be read", lines(*n_lines))]
    More {
        /// How many.
        n_lines: u64,
    },
    /// There is no text: nothing to index, and nothing wrong either.
    #[error("holds no text")]
    Empty,
    /// The line of a collection is not a JSON object.
    #[error("not a JSON object: {}", in_line(.0))]
    InvalidJson(serde_json::Error),
    /// The record of a collection has no text field, or one that is not a string.
    #[error("has no string field named {}", super::collection::TEXT_KEYS.join(", "))]
    MissingText,
}

impl SkipReason {
    /// Whether something went wrong; an article without text is only empty.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::Empty)
    }
}

fn lines(n_lines: u64) -> String {
    match n_lines {
        1 => "1 line".to_owned(),
        _ => format!("{n_lines} lines"),
    }
}

/// The message of `error` without its line, which counts within the one record.
fn in_line(error: &serde_json::Error) -> String {
    if error.is_data() {
        return "it is JSON of another kind".to_owned();
    }
    error
        .to_string()
        .replace(" at line 1 column ", " at column ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_named_between_path_and_reason() {
        let mut skipped = Skipped {
            path: PathBuf::from("a/b.jsonl"),
            line: Some(7),
            reason: SkipReason::Binary,
        };
        assert_eq!(skipped.to_string(), "a/b.jsonl:7: binary data, not text");
        skipped.line = None;
        assert_eq!(skipped.to_string(), "a/b.jsonl: binary data, not text");
    }

    #[test]
    fn unknown_format_names_those_that_are_read() {
        let message = SkipReason::UnknownFormat.to_string();
        for extension in [".txt", ".md", ".html", ".jsonl"] {
            assert!(message.contains(extension), "{message}");
        }
    }
}
