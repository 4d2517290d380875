//! What can go wrong, one variant for each thing that a caller or a user can act on.
//!
//! A file of the corpus that cannot be read is not among them: it is reported and the run goes on (see
//! [`Skipped`](crate::corpus::Skipped)). Nor is anything that a person types as a query.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The result of an operation of the engine.
pub type Result<T> = std::result::Result<T, Error>;

/// An operation of the engine failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path to index does not exist.
    #[error("{} does not exist", path.display())]
    PathNotFound {
        /// As it was given.
        path: PathBuf,
    },
    /// Indexing was stopped from outside; what the last commit held is intact.
    #[error("stopped: the index holds what its last commit held")]
    Stopped,
    /// A path that was indexed is not there any more, or is empty: it may be that a disk is missing.
    #[error(
        "{} {}, and the index holds {n_files} {} of it; nothing was changed",
        path.display(),
        state_of(path),
        if *n_files == 1 { "file" } else { "files" }
    )]
    RootGone {
        /// The path, absolute.
        path: PathBuf,
        /// Files of it that the index knows.
        n_files: usize,
    },
    /// There was nothing to index at the paths given; what the index held is untouched.
    #[error("no articles found in {}{}", paths.join(", "), lines(skipped))]
    NothingToIndex {
        /// As they were given.
        paths: Vec<String>,
        /// What should have been read and could not be, with the reason.
        skipped: Vec<String>,
    },
    /// A file or folder could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// What was to be read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// What was to be written.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line of a file with queries, judgments, rankings or measures is not what it should be.
    #[error("{}:{line}: {problem}; expected {expected}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong.
        problem: String,
        /// What should be there.
        expected: &'static str,
    },
    /// A file of queries has none.
    #[error("no queries in {}", path.display())]
    NoQueries {
        /// The file.
        path: PathBuf,
    },
    /// The index has no words that queries could be made of.
    #[error("no words in the index in {} to draw queries from", path.display())]
    NothingToDraw {
        /// The folder.
        path: PathBuf,
    },
    /// There is no index in this folder, or no such folder.
    #[error("no index in {}", path.display())]
    IndexNotFound {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds things that fouine did not write; it touches none of them.
    #[error("{} is not an index of fouine: it holds {found}", path.display())]
    NotAnIndex {
        /// The folder.
        path: PathBuf,
        /// Some of what it holds.
        found: String,
    },
    /// The index was written by a version that stores or analyzes text otherwise.
    #[error(
        "the index in {} has format {found_format}, analyzer {found_analyzer}; this fouine reads format {format}, analyzer {analyzer}",
        path.display()
    )]
    IndexVersion {
        /// The folder.
        path: PathBuf,
        /// Format version of the index.
        found_format: u32,
        /// Analyzer version of the index.
        found_analyzer: u32,
        /// Format version of this program.
        format: u32,
        /// Analyzer version of this program.
        analyzer: u32,
    },
    /// The index was never finished: its first building was interrupted.
    #[error("the index in {} was never completed", path.display())]
    IndexIncomplete {
        /// The folder.
        path: PathBuf,
    },
    /// Files of the index are missing or do not make sense.
    #[error("the index in {} is damaged: {reason}", path.display())]
    IndexDamaged {
        /// The folder.
        path: PathBuf,
        /// What was found.
        reason: String,
    },
    /// Another process is writing to the index.
    #[error(
        "{} is writing to the index in {}",
        holder.as_ref().map_or_else(|| "another process".to_owned(), ToString::to_string),
        path.display()
    )]
    IndexLocked {
        /// The folder.
        path: PathBuf,
        /// Which process, where that is known.
        holder: Option<Holder>,
    },
    /// Writing to the index failed; what the last commit held is intact.
    #[error("cannot write to the index in {}: {reason}", path.display())]
    IndexWrite {
        /// The folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// A process that is writing to an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its number.
    pub process: u32,
    /// When it began: RFC 3339, UTC, whole seconds.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}, since {},", self.process, self.since)
    }
}

/// What became of a path that had articles.
fn state_of(path: &Path) -> String {
    let read = path
        .metadata()
        .and_then(|metadata| match metadata.is_dir() {
            true => path.read_dir().map(drop),
            false => Ok(()),
        });
    match read {
        Ok(()) => "has no articles any more".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => "is not there".to_owned(),
        Err(error) => format!("cannot be read ({error})"),
    }
}

/// Each item on a line of its own, below what comes before.
fn lines(items: &[String]) -> String {
    items.iter().map(|item| format!("\n  {item}")).collect()
}
