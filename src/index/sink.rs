//! Where articles and records of files go: into segments that are built here, which the writer of tantivy commits. What is
//! deleted goes with the same commit, and only from what was there before it.

use std::collections::BTreeSet;
use std::mem;
use std::path::Path;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::indexer::NoMergePolicy;
use tantivy::{IndexWriter, Term};

use super::codec::{Kind, Learner, PASSAGE_BYTES, RECORD_BYTES};
use super::compact::to_merge;
use super::deletion::TermsIn;
use super::files::{FileRecord, file_entry};
use super::holder::Note;
use super::sample::sample;
use super::segment::Pool;
use super::snapshot::dictionary_entry;
use super::stored::{FILE, store_text, to_json};
use super::{
    ArticleRecord, Fields, Index, Manifest, PassageRecord, count_articles, count_passages, guarded,
    time_now, write_error,
};
use crate::corpus::{Limits, SourceFile};
use crate::error::Result;

/// An index that is written to; it stays locked.
pub(super) struct Sink<'i> {
    index: &'i Index,
    fields: Fields,
    /// Before the writer, so that it goes before the lock does.
    note: Note,
    writer: IndexWriter,
    segments: Pool,
    /// What texts are written in.
    learner: Arc<Learner>,
    /// Dictionaries to be deleted before there are others.
    unused: Vec<u64>,
    /// What the documents have that the next commit deletes.
    deleted: Vec<Term>,
    /// What can be deleted from.
    committed: Arc<BTreeSet<SegmentId>>,
    /// Whether anything is different from the index as it was.
    has_written: bool,
}

impl<'i> Sink<'i> {
    /// Takes the lock. With `rebuild`, what is there is not read: it will be cleared.
    pub(super) fn open(index: &'i Index, rebuild: bool) -> Result<Sink<'i>> {
        let writer = index.writer()?;
        let note = Note::leave(&index.path, time_now());
        let (learner, unused) = learner(index, rebuild)?;
        let learner = Arc::new(learner);
        // Merging in the background would race with the merge after the commit.
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let mut sink = Sink {
            index,
            fields: index.fields(),
            note,
            writer,
            segments: Pool::new(&index.tantivy, &index.path, index.fields(), &learner),
            learner,
            unused,
            deleted: Vec::new(),
            committed: Arc::default(),
            has_written: false,
        };
        // What a run that was killed has left goes first: a list of deletions has the number of its commit in its name, so this
        // run would come upon a file that it is about to write.
        let collected = sink.collect_garbage();
        let noted = collected.and_then(|()| sink.note_committed());
        noted.map_err(|error| write_error(&index.path, &error))?;
        Ok(sink)
    }

    /// Whether anything was written or deleted since it was opened.
    pub(super) fn has_written(&self) -> bool {
        self.has_written
    }

    /// Deletes everything.
    pub(super) fn clear(&mut self) -> Result<()> {
        self.has_written = true;
        self.deleted.clear();
        let cleared = self.writer.delete_all_documents();
        cleared
            .map(drop)
            .map_err(|error| write_error(&self.index.path, &error))
    }

    /// Learns how to write texts from some of `files`, which are going to be read, where they are more than there were before.
    pub(super) fn learn(&mut self, files: &[SourceFile], limits: &Limits) -> Result<()> {
        let n_bytes = files.iter().map(|file| file.bytes).sum();
        if !self.learner.is_start(n_bytes) {
            return Ok(());
        }
        for number in mem::take(&mut self.unused) {
            self.delete(Term::from_field_u64(self.fields.dictionary, number));
        }
        for (number, dictionary) in self.learner.start(sample(files, limits), n_bytes) {
            let added = self
                .segments
                .add(dictionary_entry(&self.fields, number, &dictionary));
            added.map_err(|error| write_error(&self.index.path, &error))?;
        }
        Ok(())
    }

    /// Deletes the articles of a file, by its number, with their passages.
    pub(super) fn forget_articles(&mut self, origin: u64) {
        self.delete(Term::from_field_u64(self.fields.origin, origin));
    }

    /// Deletes the record of a file, by the key of its path.
    pub(super) fn forget_file(&mut self, path: &str) {
        self.delete(Term::from_field_text(self.fields.file, path));
    }

    fn delete(&mut self, term: Term) {
        self.has_written = true;
        self.deleted.push(term);
    }

    /// Writes the record of a file that was found under `root`.
    pub(super) fn write_file(&mut self, record: &FileRecord, root: &Path) -> Result<()> {
        self.has_written = true;
        let details = to_json(&record.details);
        self.learner.note(Kind::Records, &details);
        let details = store_text(FILE, &self.learner.codes(Kind::Records), &details);
        let entry = file_entry(&self.fields, record, root, details);
        let added = self.segments.add(entry);
        added.map_err(|error| write_error(&self.index.path, &error))
    }

    /// Writes an article and its passages, once there is room for them.
    pub(super) fn write_article(
        &mut self,
        article: ArticleRecord,
        passages: Vec<PassageRecord>,
    ) -> Result<()> {
        self.has_written = true;
        let added = self.segments.add_article(article, passages);
        added.map_err(|error| write_error(&self.index.path, &error))
    }

    /// Commits what was written, in one step. Where that fails, the rest of what was to be done is lost with the sink.
    pub(super) fn commit(&mut self, manifest: &Manifest) -> Result<()> {
        let mut commit = || -> tantivy::Result<()> {
            if !self.deleted.is_empty() {
                let deleted = TermsIn::new(mem::take(&mut self.deleted), &self.committed);
                self.writer.delete_query(Box::new(deleted))?;
            }
            if let Some(segment) = self.segments.finish()? {
                self.writer.add_segment(segment)?;
            }
            let manifest = to_json(&Manifest {
                dictionaries: self.learner.last_number(),
                ..manifest.clone()
            });
            let mut prepared = self.writer.prepare_commit()?;
            prepared.set_payload(&manifest);
            prepared.commit()?;
            self.note_committed()
        };
        commit().map_err(|error| write_error(&self.index.path, &error))
    }

    fn note_committed(&mut self) -> tantivy::Result<()> {
        let segments = self.index.tantivy.searchable_segment_ids()?;
        self.committed = Arc::new(segments.into_iter().collect());
        Ok(())
    }

    /// Merges segments that are small, those of a first build to one.
    pub(super) fn merge(&mut self, is_first: bool) -> tantivy::Result<()> {
        let segments = self.index.tantivy.searchable_segment_metas()?;
        let merged = to_merge(segments, is_first);
        match merged.is_empty() {
            true => Ok(()),
            false => {
                self.writer.merge(&merged).wait()?;
                self.note_committed()
            }
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

/// What is known of the texts of an index, and the dictionaries that no text is written in any more; with `rebuild`, as if
/// there were none.
fn learner(index: &Index, rebuild: bool) -> Result<(Learner, Vec<u64>)> {
    let manifest = index.manifest()?;
    let last_number = manifest.map_or(0, |manifest| manifest.dictionaries);
    let begin = |last_number: u64| Learner::new(Vec::new(), last_number, &[0; Kind::ALL.len()]);
    if rebuild {
        return Ok((begin(last_number), Vec::new()));
    }
    let snapshot = index.snapshot()?;
    guarded(&index.path, || {
        let (searcher, fields) = (&snapshot.searcher, &snapshot.fields);
        let dictionaries = snapshot.dictionaries()?;
        if searcher.num_docs() == dictionaries.len() as u64 {
            let unused: Vec<u64> = dictionaries.iter().map(|learned| learned.number).collect();
            let last_number = unused.iter().copied().fold(last_number, u64::max);
            return Ok((begin(last_number), unused));
        }
        let mut n_bytes = Vec::new();
        for kind in Kind::ALL {
            n_bytes.push(match kind {
                Kind::Passages(language) => {
                    count_passages(searcher, fields, language)? * PASSAGE_BYTES
                }
                Kind::Records => count_articles(searcher, fields)? * RECORD_BYTES,
            });
        }
        let learner = Learner::new(dictionaries, last_number, &n_bytes);
        Ok((learner, Vec::new()))
    })
}
