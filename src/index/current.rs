//! The file that articles are being written of, and what has become of it so far.

use super::files::{FileRecord, KnownFile};
use crate::corpus::{Fingerprint, ReadSoFar, Skipped, SourceFile, settled_stamp};

/// Lines of a collection that are named as having no article; the others are only counted.
const MAX_NAMED_LINES: u64 = 100;

/// The file that articles are being written of.
pub(super) struct CurrentFile {
    pub(super) file: SourceFile,
    /// Its number.
    pub(super) origin: u64,
    /// Whether the index held nothing of it when this run began, or the beginning only, to which the rest comes or which is
    /// gone already.
    pub(super) is_new: bool,
    /// What the index held of it has been deleted.
    pub(super) is_replaced: bool,
    /// What is to be known of it has been written.
    pub(super) is_recorded: bool,
    /// There is a record of how far it was read.
    pub(super) has_mark: bool,
    pub(super) n_articles: u64,
    pub(super) n_failures: u64,
    read: ReadSoFar,
    /// Lines that were named as having no article.
    n_named: u64,
    /// Failures beyond these.
    pub(super) n_unnamed: u64,
}

impl CurrentFile {
    /// A file of which nothing was read yet, but what the index knows of it if it goes on from there.
    pub(super) fn new(file: SourceFile, origin: u64, known: Option<&KnownFile>) -> CurrentFile {
        let resumed = known.filter(|_| file.read.lines > 0);
        CurrentFile {
            origin,
            is_new: known.is_none_or(KnownFile::is_partial),
            is_replaced: known.is_some_and(KnownFile::is_partial),
            is_recorded: false,
            has_mark: resumed.is_some(),
            n_articles: resumed.map_or(0, |known| known.n_articles),
            n_failures: resumed.map_or(0, |known| known.n_failures),
            read: file.read,
            n_named: 0,
            n_unnamed: 0,
            file,
        }
    }

    /// Counts a line, or a file, that was read.
    pub(super) fn advance(&mut self, line: Option<u64>, n_bytes: u64) {
        self.read.lines = line.unwrap_or(self.read.lines);
        self.read.bytes += n_bytes;
    }

    /// Counts what has no article; whether it is to be named.
    pub(super) fn skip(&mut self, skipped: &Skipped) -> bool {
        let is_failure = u64::from(skipped.reason.is_failure());
        self.n_failures += is_failure;
        let is_named = skipped.line.is_none() || self.n_named < MAX_NAMED_LINES;
        match is_named {
            true => self.n_named += 1,
            false => self.n_unnamed += is_failure,
        }
        is_named
    }

    /// Whether a commit may hold what was read of it so far, for a later run to go on from: nothing has been taken away for it.
    pub(super) fn may_be_resumed(&self) -> bool {
        self.is_new
            && !self.file.is_article()
            && self.file.stamp != 0
            && settled_stamp(&self.file.path).is_ok_and(|stamp| stamp == self.file.stamp)
    }

    /// What is to be known of it, which was read to its end.
    pub(super) fn record(&self, fingerprint: Fingerprint, max_bytes: u64) -> FileRecord {
        FileRecord {
            n_articles: self.n_articles,
            n_failures: self.n_failures,
            ..FileRecord::new(&self.file, self.origin, fingerprint, max_bytes)
        }
    }

    /// What is to be known of it in the middle.
    pub(super) fn record_so_far(&self, max_bytes: u64) -> FileRecord {
        let fingerprint = Fingerprint {
            bytes: self.file.bytes,
            stamp: self.file.stamp,
            hash: 0,
        };
        let mut record = self.record(fingerprint, max_bytes);
        record.details.read = Some(self.read);
        record
    }
}
