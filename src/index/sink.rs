//! Where articles and records of files go: the writer of tantivy, with a bound on what waits for it, and commits.

use std::path::Path;
use std::sync::Arc;
use std::thread;

use tantivy::indexer::{NoMergePolicy, UserOperation};
use tantivy::{IndexWriter, TantivyError, Term};

use super::compact::to_merge;
use super::entry::{Entry, Queue};
use super::files::{FileRecord, file_entry};
use super::holder::Note;
use super::record::entries;
use super::{ArticleRecord, Fields, Index, Manifest, PassageRecord, time_now, write_error};
use crate::error::{Error, Result};

/// Bytes of text that may wait for tantivy's threads.
const WAITING_BYTES: u64 = 16 << 20;

/// An index that is written to; it stays locked.
pub(super) struct Sink<'i> {
    index: &'i Index,
    fields: Fields,
    /// Before the writer, so that it goes before the lock does.
    note: Note,
    writer: IndexWriter<Entry>,
    queue: Arc<Queue>,
    /// Whether anything is different from the index as it was.
    has_written: bool,
}

impl<'i> Sink<'i> {
    /// Takes the lock.
    pub(super) fn open(index: &'i Index) -> Result<Sink<'i>> {
        let n_threads = thread::available_parallelism().map_or(1, |n| n.get().min(8));
        let writer = index.writer(n_threads)?;
        let note = Note::leave(&index.path, time_now());
        // Merging in the background would race with the merge after the commit.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let sink = Sink {
            index,
            fields: index.fields(),
            note,
            writer,
            queue: Queue::new(WAITING_BYTES),
            has_written: false,
        };
        // What a run that was killed has left goes first: a list of deletions has the number of its commit in its name, so this
        // run would come upon a file that it is about to write.
        let collected = sink.collect_garbage();
        collected.map_err(|error| write_error(&index.path, &error))?;
        Ok(sink)
    }

    /// Whether anything was written or deleted since it was opened.
    pub(super) fn has_written(&self) -> bool {
        self.has_written
    }

    /// Deletes everything.
    pub(super) fn clear(&mut self) -> Result<()> {
        self.has_written = true;
        let cleared = self.writer.delete_all_documents();
        cleared
            .map(drop)
            .map_err(|error| write_error(&self.index.path, &error))
    }

    /// Deletes the articles of a file, by its number, with their passages.
    pub(super) fn forget_articles(&mut self, origin: u64) {
        self.has_written = true;
        self.writer
            .delete_term(Term::from_field_u64(self.fields.origin, origin));
    }

    /// Deletes the record of a file, by the key of its path.
    pub(super) fn forget_file(&mut self, path: &str) {
        self.has_written = true;
        self.writer
            .delete_term(Term::from_field_text(self.fields.file, path));
    }

    /// Writes the record of a file that was found under `root`.
    pub(super) fn write_file(&mut self, record: &FileRecord, root: &Path) -> Result<()> {
        self.has_written = true;
        self.writer
            .add_document(file_entry(&self.fields, record, root))
            .map(drop)
            .map_err(|error| self.failed(error))
    }

    /// Writes an article and its passages, once there is room for them.
    pub(super) fn write_article(
        &mut self,
        article: &ArticleRecord,
        passages: Vec<PassageRecord>,
    ) -> Result<()> {
        self.has_written = true;
        let n_bytes = passages.iter().map(|passage| passage.text.len() as u64);
        let room = self.queue.enter(n_bytes.sum());
        let entries = entries(&self.fields, article, passages).into_iter();
        // Together, so that they become neighbours in one segment.
        self.writer
            .run(entries.map(|entry| UserOperation::Add(entry.within(&room))))
            .map(drop)
            .map_err(|error| self.failed(error))
    }

    /// Says why the writer takes nothing more: a thread of it that fails gives its reason to those who wait for its end.
    fn failed(&mut self, error: TantivyError) -> Error {
        let reason = match &error {
            TantivyError::ErrorInThread(_) => self.writer.prepare_commit().err(),
            _ => None,
        };
        write_error(&self.index.path, &reason.unwrap_or(error))
    }

    /// Commits what was written, in one step.
    pub(super) fn commit(&mut self, manifest: &Manifest) -> Result<()> {
        let manifest =
            serde_json::to_string(manifest).expect("strings and numbers are always JSON");
        let mut commit = || -> tantivy::Result<()> {
            let mut prepared = self.writer.prepare_commit()?;
            prepared.set_payload(&manifest);
            prepared.commit().map(drop)
        };
        commit().map_err(|error| write_error(&self.index.path, &error))
    }

    /// Merges segments that are small, those of a first build to one.
    pub(super) fn merge(&mut self, is_first: bool) -> tantivy::Result<()> {
        let segments = self.index.tantivy.searchable_segment_metas()?;
        let merged = to_merge(segments, is_first);
        match merged.is_empty() {
            true => Ok(()),
            false => self.writer.merge(&merged).wait().map(drop),
        }
    }

    /// Removes the files that nothing refers to.
    pub(super) fn collect_garbage(&self) -> tantivy::Result<()> {
        self.writer.garbage_collect_files().wait().map(drop)
    }

    /// Ends writing and gives the lock back.
    pub(super) fn close(self) {
        let Sink { note, writer, .. } = self;
        drop(note);
        // It has nothing left to do that could fail and be of any consequence.
        let _ = writer.wait_merging_threads();
    }
}
